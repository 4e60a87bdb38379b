//! What is measured: the things that shoppers do, the requests that the longer ones are made of, and what goes on behind them.

use serde::Deserialize;

/// What a shopper does at one arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Search,
    /// A page of a shop: a search with all that is shown around its hits.
    Page,
    Suggest,
    Product,
    Recommend,
    /// Tells the shop that a product was looked at.
    View,
    /// Opens a cart and adds a line.
    Cart,
    /// Cart, line, checkout session, payment: until the order is placed.
    Order,
    /// A whole visit: search, click, look, be recommended something, perhaps buy.
    Session,
}

/// A row of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    /// A whole action, counted from its intended arrival.
    Action(Kind),
    /// One request of a longer action, counted from when it was sent.
    Step(Step),
    /// One request of what goes on behind the shoppers.
    Behind(Behind),
}

/// What goes on behind the shoppers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Behind {
    /// Views of products, told in batches.
    Events,
    /// Whole product documents, changed and written again.
    Upserts,
    /// Levels of stock.
    Stock,
    /// A change of stock, from its answer until a search shows it.
    Seen,
    /// A generation of the index, built and promoted.
    Rebuild,
}

/// The requests of a cart, an order or a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Find,
    Look,
    Related,
    CreateCart,
    AddLine,
    OpenCheckout,
    Complete,
}

impl Measure {
    /// All of them, in the order of the report.
    pub(crate) const ALL: [Self; 21] = [
        Self::Action(Kind::Search),
        Self::Action(Kind::Page),
        Self::Action(Kind::Suggest),
        Self::Action(Kind::Product),
        Self::Action(Kind::Recommend),
        Self::Action(Kind::View),
        Self::Action(Kind::Cart),
        Self::Action(Kind::Order),
        Self::Action(Kind::Session),
        Self::Step(Step::Find),
        Self::Step(Step::Look),
        Self::Step(Step::Related),
        Self::Step(Step::CreateCart),
        Self::Step(Step::AddLine),
        Self::Step(Step::OpenCheckout),
        Self::Step(Step::Complete),
        Self::Behind(Behind::Events),
        Self::Behind(Behind::Upserts),
        Self::Behind(Behind::Stock),
        Self::Behind(Behind::Seen),
        Self::Behind(Behind::Rebuild),
    ];

    /// Its place in [`Measure::ALL`].
    pub(crate) fn index(self) -> usize {
        Self::ALL.iter().position(|other| *other == self).unwrap_or_default()
    }

    /// Its name in reports and objectives.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Action(Kind::Search) => "search",
            Self::Action(Kind::Page) => "page",
            Self::Action(Kind::Suggest) => "suggest",
            Self::Action(Kind::Product) => "product",
            Self::Action(Kind::Recommend) => "recommend",
            Self::Action(Kind::View) => "view",
            Self::Action(Kind::Cart) => "cart",
            Self::Action(Kind::Order) => "order",
            Self::Action(Kind::Session) => "session",
            Self::Step(Step::Find) => "· find",
            Self::Step(Step::Look) => "· look",
            Self::Step(Step::Related) => "· related",
            Self::Step(Step::CreateCart) => "· create cart",
            Self::Step(Step::AddLine) => "· add line",
            Self::Step(Step::OpenCheckout) => "· open checkout",
            Self::Step(Step::Complete) => "· complete",
            Self::Behind(Behind::Events) => "+ events",
            Self::Behind(Behind::Upserts) => "+ upserts",
            Self::Behind(Behind::Stock) => "+ stock",
            Self::Behind(Behind::Seen) => "+ seen",
            Self::Behind(Behind::Rebuild) => "+ rebuild",
        }
    }

    /// Whether it counts in sums over all actions.
    pub(crate) fn is_action(self) -> bool {
        matches!(self, Self::Action(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_has_its_own_place_and_name() {
        let mut names: Vec<&str> = Measure::ALL.iter().map(|measure| measure.name()).collect();
        assert!(Measure::ALL.iter().enumerate().all(|(index, measure)| measure.index() == index));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Measure::ALL.len());
    }
}
