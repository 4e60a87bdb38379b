//! What a recommendation asks.

use crate::id::{Ordinal, SessionId, ShopperId};
use serde::{Deserialize, Serialize};

/// Most products in one answer.
pub const LIMIT_MAX: usize = 100;
/// Products that one request may be about: a full cart, beyond which the last ones change nothing.
pub const PRODUCTS_MAX: usize = 20;
/// Products that one request may shut out: what a page shows already.
pub const EXCLUDED_MAX: usize = 500;

/// Kinds of recommendation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Alike in content: title, brand, category, description.
    Similar,
    /// Looked at by the same shoppers, soon after.
    AlsoViewed,
    /// Bought by those who had looked at it.
    ViewedThenBought,
    /// Bought by the same shoppers.
    AlsoBought,
    /// In the same orders.
    BoughtTogether,
    /// Of another sort, and bought to go with it.
    Complement,
    /// Of the same sort, and bought instead of it.
    Substitute,
    /// Selling or seen more than usual.
    Trending,
    /// Selling best.
    Popular,
    /// For one shopper or session.
    ForYou,
    /// What the shopper bought before and may need again.
    BuyAgain,
    /// What the shopper's next order may hold, bought before or not.
    NextOrder,
    /// What shoppers with the same purchases bought.
    LikeShoppers,
}

impl Kind {
    /// All kinds with their names.
    pub const ALL: [(Self, &'static str); 13] = [
        (Self::Similar, "similar"),
        (Self::AlsoViewed, "also_viewed"),
        (Self::ViewedThenBought, "viewed_then_bought"),
        (Self::AlsoBought, "also_bought"),
        (Self::BoughtTogether, "bought_together"),
        (Self::Complement, "complement"),
        (Self::Substitute, "substitute"),
        (Self::Trending, "trending"),
        (Self::Popular, "popular"),
        (Self::ForYou, "for_you"),
        (Self::BuyAgain, "buy_again"),
        (Self::NextOrder, "next_order"),
        (Self::LikeShoppers, "like_shoppers"),
    ];

    /// The kind of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// Whether it is about products and means nothing without one.
    #[must_use]
    pub fn is_about_products(self) -> bool {
        match self {
            Self::Similar
            | Self::AlsoViewed
            | Self::ViewedThenBought
            | Self::AlsoBought
            | Self::BoughtTogether
            | Self::Complement
            | Self::Substitute => true,
            Self::Trending | Self::Popular | Self::ForYou | Self::BuyAgain | Self::NextOrder | Self::LikeShoppers => false,
        }
    }

    /// Whether it is about somebody. Asked for nobody it is answered as for a new shopper.
    #[must_use]
    pub fn is_about_shopper(self) -> bool {
        matches!(self, Self::ForYou | Self::BuyAgain | Self::NextOrder | Self::LikeShoppers)
    }
}

/// What of a shopper's history is never shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Avoid {
    /// Nothing: what is known already stands last where a list is for somebody, and where it belongs elsewhere.
    #[default]
    Nothing,
    /// What they bought.
    Bought,
    /// What they bought or looked at.
    Seen,
}

/// A product that the caller sets on a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin {
    /// The place, from 1. On a shorter page it stands last.
    pub slot: usize,
    /// Which product.
    pub product: Ordinal,
    /// Whether it stands there even if it is not eligible. It has to exist.
    pub always: bool,
}

/// A request for recommendations.
#[derive(Debug, Clone)]
pub struct Request {
    /// Which kind.
    pub kind: Kind,
    /// The products it is about; see [`Kind::is_about_products`].
    pub products: Vec<Ordinal>,
    /// Who asks, if known.
    pub shopper: Option<ShopperId>,
    /// In which visit.
    pub session: Option<SessionId>,
    /// At most so many, and at most [`LIMIT_MAX`].
    pub limit: usize,
    /// Products that are never answered.
    pub excluded: Vec<Ordinal>,
    /// What of the history is never answered.
    pub avoid: Avoid,
    /// How much variety counts against fit, 0 to 1.
    pub diversity: f32,
    /// Whether the page goes on with what is more general when the kind has too little of its own.
    pub fill: bool,
    /// Products on places of the caller's choice; each product and each place once.
    pub pins: Vec<Pin>,
    /// Places, from 1, that are left to exploration; none of them pinned.
    pub explored: Vec<usize>,
    /// What exploration is drawn from: the same seed on the same tables gives the same page.
    pub seed: u64,
}

impl Request {
    /// A request of one kind and nothing else.
    #[must_use]
    pub fn of(kind: Kind, limit: usize) -> Self {
        Self {
            kind,
            products: Vec::new(),
            shopper: None,
            session: None,
            limit,
            excluded: Vec::new(),
            avoid: Avoid::Nothing,
            diversity: 0.0,
            fill: true,
            pins: Vec::new(),
            explored: Vec::new(),
            seed: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_the_name_that_json_gives_it() {
        for (kind, name) in Kind::ALL {
            assert_eq!((kind.name(), Kind::named(name)), (name, Some(kind)));
            assert_eq!(serde_json::to_string(&kind).expect("writes"), format!("\"{name}\""));
        }
        assert_eq!(Kind::named("similar "), None);
    }
}
