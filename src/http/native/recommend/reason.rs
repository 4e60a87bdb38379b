//! Reasons in words for people, with the numbers for machines beside them.

use crate::catalog::CatalogSnapshot;
use crate::http::access::Caller;
use crate::id::{MarketplaceId, Ordinal, ProductId};
use crate::recommend::{Evidence, Reason, Relationship};
use crate::search::{self, Moment, Onlooker};
use crate::stdx::clock::Timestamp;
use serde::Serialize;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;

/// Why a product is there.
#[derive(Debug, Serialize, Default)]
pub(super) struct ReasonAnswer {
    because: &'static str,
    /// The product it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<ProductId>,
    /// The product whose ties are borrowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    like_product_id: Option<ProductId>,
    /// Shoppers, or orders, with both products.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u32>,
    /// Shoppers, or orders, with the product it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lift: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    z: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<&'static str>,
    /// The share of `count` in which it came after the product it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    similarity: Option<f32>,
    /// After how long it is usually bought again.
    #[serde(skip_serializing_if = "Option::is_none")]
    usual_days: Option<f32>,
    /// Standard deviations above what was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    deviations: Option<f32>,
    text: String,
}

/// Names and titles that are remembered: those that the reasons of a page are about.
const TITLES_MAX: usize = 16;

/// Names and titles of products, the last few remembered: most reasons of a page are about the same ones.
pub(super) struct Titles<'a> {
    catalog: &'a CatalogSnapshot,
    known: RefCell<VecDeque<(Ordinal, Option<ProductId>, String)>>,
    /// What is shown to whom, when that is not everything.
    shown: Option<(Arc<Caller>, &'a Moment, Onlooker<'a>)>,
}

/// What a product is called that the caller is not shown.
const UNTOLD: &str = "another product";

impl<'a> Titles<'a> {
    pub(super) fn of(catalog: &'a CatalogSnapshot) -> Self {
        Self { catalog, known: RefCell::default(), shown: None }
    }

    /// The same for a caller who is shown a part of the products: the others stay unnamed.
    pub(super) fn shown_to(self, caller: Arc<Caller>, moment: &'a Moment, marketplace: Option<&'a MarketplaceId>) -> Self {
        let onlooker = Onlooker { marketplace, now: Timestamp::default() };
        let shown = caller.filter().is_some().then_some((caller, moment, onlooker));
        Self { shown, ..self }
    }

    fn is_told(&self, product: Ordinal) -> bool {
        let Some((caller, moment, onlooker)) = &self.shown else { return true };
        search::passes(moment, caller.filter().unwrap_or_default(), *onlooker, product).unwrap_or(false)
    }

    fn with<T>(&self, product: Ordinal, use_it: impl FnOnce(Option<&ProductId>, &str) -> T) -> T {
        let mut known = self.known.borrow_mut();
        if let Some((_, id, title)) = known.iter().find(|(known, ..)| *known == product) {
            return use_it(id.as_ref(), title);
        }
        let (id, title) = match self.is_told(product) {
            true => (self.catalog.id_of(product), self.catalog.title(product).unwrap_or_default()),
            false => (None, UNTOLD.to_owned()),
        };
        let answer = use_it(id.as_ref(), &title);
        if known.len() >= TITLES_MAX {
            known.pop_front();
        }
        known.push_back((product, id, title));
        answer
    }
}

/// What a tie counts, and which way it goes.
struct Words {
    direction: &'static str,
    /// "12 of 40 {before} {title} {after}".
    of_many: [&'static str; 2],
    /// The same when the whole is not counted.
    some: [&'static str; 2],
}

fn words_of(tied: Relationship) -> Words {
    match tied {
        Relationship::AlsoViewed => {
            Words { direction: "either", of_many: ["shoppers who viewed", "viewed this too"], some: ["shoppers viewed both this and", ""] }
        }
        Relationship::ViewedThenBought => Words {
            direction: "after",
            of_many: ["shoppers who viewed", "bought this instead"],
            some: ["shoppers bought this after they viewed", ""],
        },
        Relationship::AlsoBought => {
            Words { direction: "either", of_many: ["shoppers who bought", "bought this too"], some: ["shoppers bought both this and", ""] }
        }
        Relationship::BoughtTogether => {
            Words { direction: "same_order", of_many: ["orders with", "hold this too"], some: ["orders hold both this and", ""] }
        }
    }
}

impl Words {
    /// In words; `this` is what the other product is called.
    fn sentence(&self, evidence: &Evidence, title: &str, this: &str) -> String {
        let Evidence { support, reach, .. } = evidence;
        let (count, [before, after]) = match *reach >= *support && *reach > 0 {
            true => (format!("{support} of {reach}"), self.of_many),
            false => (support.to_string(), self.some),
        };
        let space = if after.is_empty() { "" } else { " " };
        let (before, after) = (before.replace("this", this), after.replace("this", this));
        format!("{count} {before} {title}{space}{after}")
    }
}

impl ReasonAnswer {
    fn plain(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }

    fn about(titles: &Titles<'_>, product: Ordinal, text: impl FnOnce(&str) -> String) -> Self {
        titles.with(product, |id, title| Self { product_id: id.cloned(), text: text(title), ..Self::default() })
    }

    /// About ties of this sort, after a few words of its own.
    fn of_ties(titles: &Titles<'_>, tied: Relationship, (product, evidence): (Ordinal, &Evidence), start: &str) -> Self {
        let words = words_of(tied);
        let answer = Self::about(titles, product, |title| format!("{start}{}", words.sentence(evidence, title, "this")));
        Self { direction: Some(words.direction), ..answer.with(evidence) }
    }

    fn with(self, evidence: &Evidence) -> Self {
        Self {
            count: Some(evidence.support),
            of: Some(evidence.reach).filter(|reach| *reach > 0),
            lift: Some(evidence.lift),
            z: Some(evidence.z),
            after: Some(evidence.after),
            ..self
        }
    }
}

fn after_days(days: f32) -> String {
    match days.round() {
        ..1.0 => "within a day".to_owned(),
        ..2.0 => "after a day".to_owned(),
        days => format!("after {days} days"),
    }
}

/// A reason as clients see it.
pub(super) fn reason_of(titles: &Titles<'_>, reason: &Reason) -> ReasonAnswer {
    let answer = match *reason {
        Reason::SimilarTo { product, similarity } => {
            let answer = ReasonAnswer::about(titles, product, |title| format!("Similar to {title}"));
            ReasonAnswer { similarity: Some(similarity), ..answer }
        }
        Reason::TiedTo { tied, product, evidence } => ReasonAnswer::of_ties(titles, tied, (product, &evidence), ""),
        Reason::Complements { product, evidence } => {
            ReasonAnswer::of_ties(titles, Relationship::BoughtTogether, (product, &evidence), "Goes with it: ")
        }
        Reason::Substitutes { tied, product, evidence } => ReasonAnswer::of_ties(titles, tied, (product, &evidence), "Instead of it: "),
        Reason::ShoppersAlike { product, evidence } => {
            ReasonAnswer::of_ties(titles, Relationship::AlsoBought, (product, &evidence), "You bought the same: ")
        }
        Reason::CategoryGoesWith { product, lift } => {
            let answer = ReasonAnswer::about(titles, product, |title| format!("Its category goes with {title}"));
            ReasonAnswer { lift: Some(lift), ..answer }
        }
        Reason::Inherits { tied, product, like, for_asked, similarity, evidence } => {
            let (like_product_id, like_title) = titles.with(like, |id, title| (id.cloned(), title.to_owned()));
            let words = words_of(tied);
            let answer = ReasonAnswer::about(titles, product, |title| match for_asked {
                true => format!("{}, and {title} is like it", words.sentence(&evidence, &like_title, "this")),
                false => format!("{}, and this is like it", words.sentence(&evidence, title, &like_title)),
            });
            ReasonAnswer { like_product_id, similarity: Some(similarity), direction: Some(words.direction), ..answer.with(&evidence) }
        }
        Reason::BoughtBefore { times, usual_days } => {
            let often = if times == 1 { "You bought this before".to_owned() } else { format!("You bought this {times} times") };
            let usually = usual_days.map_or_else(String::new, |days| format!("; it is usually bought again {}", after_days(days)));
            ReasonAnswer { count: Some(times), usual_days, ..ReasonAnswer::plain(&format!("{often}{usually}")) }
        }
        Reason::VisitsAlike { visits, of } => {
            let text = format!("{visits} of {of} visits like yours came to this");
            ReasonAnswer { count: Some(visits), of: Some(of), ..ReasonAnswer::plain(&text) }
        }
        Reason::SuitsTaste => ReasonAnswer::plain("Suits what you looked at and bought"),
        Reason::Trending { deviations } => ReasonAnswer { deviations: Some(deviations), ..ReasonAnswer::plain("Trending now") },
        Reason::PopularNear { product } => ReasonAnswer::about(titles, product, |title| format!("Popular in the category of {title}")),
        Reason::Popular => ReasonAnswer::plain("Popular"),
        Reason::Pinned => ReasonAnswer::plain("Chosen by the shop"),
        Reason::Explore => ReasonAnswer::plain("Something else"),
    };
    ReasonAnswer { because: reason.name(), ..answer }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tie_is_told_with_its_numbers() {
        let titles = CatalogSnapshot::default();
        let titles = Titles::of(&titles);
        let evidence = Evidence { support: 12, reach: 40, lift: 3.0, z: 4.5, after: 0.75 };
        let check = |tied, evidence: Evidence, because: &str, text: &str| {
            let told = reason_of(&titles, &Reason::TiedTo { tied, product: Ordinal(7), evidence });
            assert_eq!((told.because, told.text.replace("  ", " ").trim()), (because, text));
            assert_eq!((told.count, told.lift, told.z, told.after), (Some(12), Some(3.0), Some(4.5), Some(0.75)));
        };
        check(Relationship::AlsoBought, evidence, "bought_with", "12 of 40 shoppers who bought bought this too");
        check(Relationship::AlsoViewed, evidence, "viewed_with", "12 of 40 shoppers who viewed viewed this too");
        check(Relationship::ViewedThenBought, evidence, "viewed_then_bought_with", "12 of 40 shoppers who viewed bought this instead");
        let uncounted = Evidence { reach: 0, ..evidence };
        check(Relationship::BoughtTogether, uncounted, "bought_together_with", "12 orders hold both this and");
        let days = |days| reason_of(&titles, &Reason::BoughtBefore { times: 2, usual_days: Some(days) }).text;
        assert!(
            days(0.1).ends_with("bought again within a day") && days(1.2).ends_with("after a day") && days(27.6).ends_with("after 28 days")
        );
        let instead = |tied| reason_of(&titles, &Reason::Substitutes { tied, product: Ordinal(7), evidence });
        let told = [Relationship::AlsoViewed, Relationship::ViewedThenBought]
            .map(|tied| (instead(tied).direction, instead(tied).text.replace("  ", " ")));
        let [viewed, bought] =
            ["viewed this too", "bought this instead"].map(|end| format!("Instead of it: 12 of 40 shoppers who viewed {end}"));
        assert_eq!(told, [(Some("either"), viewed), (Some("after"), bought)], "nobody is told that they viewed what they bought unseen");
        let inherited = |tied, for_asked| {
            let reason = Reason::Inherits { tied, product: Ordinal(7), like: Ordinal(8), for_asked, similarity: 0.9, evidence };
            reason_of(&titles, &reason).text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        // The numbers are of the product that is alike, and the words do not give them to another.
        let told = inherited(Relationship::AlsoBought, false);
        assert_eq!(told, "12 of 40 shoppers who bought bought too, and this is like it");
        let told = inherited(Relationship::AlsoBought, true);
        assert_eq!(told, "12 of 40 shoppers who bought bought this too, and is like it");
    }
}
