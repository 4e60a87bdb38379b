//! Reasons in words for people, with the numbers for machines beside them.

use crate::catalog::CatalogSnapshot;
use crate::id::{Ordinal, ProductId};
use crate::recommend::{Evidence, Reason, Tied};
use serde::Serialize;
use std::cell::RefCell;

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
    #[serde(skip_serializing_if = "Option::is_none")]
    similarity: Option<f32>,
    /// Standard deviations above what was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    deviations: Option<f32>,
    text: String,
}

/// Titles and names of products, the last one remembered: most reasons of a page are about the same product.
pub(super) struct Titles<'a> {
    catalog: &'a CatalogSnapshot,
    last: RefCell<Option<(Ordinal, Option<ProductId>, String)>>,
}

impl<'a> Titles<'a> {
    pub(super) fn of(catalog: &'a CatalogSnapshot) -> Self {
        Self { catalog, last: RefCell::new(None) }
    }

    fn with<T>(&self, product: Ordinal, use_it: impl FnOnce(Option<&ProductId>, &str) -> T) -> T {
        let mut last = self.last.borrow_mut();
        if last.as_ref().is_none_or(|(known, ..)| *known != product) {
            *last = Some((product, self.catalog.id_of(product), self.catalog.title(product).unwrap_or_default()));
        }
        match &*last {
            Some((_, id, title)) => use_it(id.as_ref(), title),
            None => use_it(None, ""),
        }
    }
}

/// How a tie is named, what it counts, and which way it goes.
struct Words {
    because: &'static str,
    direction: &'static str,
    /// "12 of 40 {who}", with the title in place of `{}`.
    of_many: [&'static str; 2],
    /// "12 {who}" when the whole is not counted.
    some: [&'static str; 2],
}

fn words_of(tied: Tied) -> Words {
    match tied {
        Tied::Viewed => Words {
            because: "viewed_with",
            direction: "either",
            of_many: ["shoppers who viewed", "viewed this too"],
            some: ["shoppers viewed both this and", ""],
        },
        Tied::ViewedThenBought => Words {
            because: "viewed_then_bought_with",
            direction: "after",
            of_many: ["shoppers who viewed", "bought this"],
            some: ["shoppers bought this after they viewed", ""],
        },
        Tied::Bought => Words {
            because: "bought_with",
            direction: "either",
            of_many: ["shoppers who bought", "bought this too"],
            some: ["shoppers bought both this and", ""],
        },
        Tied::Together => Words {
            because: "bought_together_with",
            direction: "same_order",
            of_many: ["orders with", "hold this too"],
            some: ["orders hold both this and", ""],
        },
    }
}

impl Words {
    fn sentence(&self, evidence: &Evidence, title: &str) -> String {
        let Evidence { support, reach, .. } = evidence;
        let (count, [before, after]) = match *reach >= *support && *reach > 0 {
            true => (format!("{support} of {reach}"), self.of_many),
            false => (support.to_string(), self.some),
        };
        let space = if after.is_empty() { "" } else { " " };
        format!("{count} {before} {title}{space}{after}")
    }
}

impl ReasonAnswer {
    fn plain(because: &'static str, text: &str) -> Self {
        Self { because, text: text.to_owned(), ..Self::default() }
    }

    fn about(titles: &Titles<'_>, because: &'static str, product: Ordinal, text: impl FnOnce(&str) -> String) -> Self {
        titles.with(product, |id, title| Self { because, product_id: id.cloned(), text: text(title), ..Self::default() })
    }

    fn with(self, evidence: &Evidence) -> Self {
        Self {
            count: Some(evidence.support),
            of: Some(evidence.reach).filter(|reach| *reach > 0),
            lift: Some(evidence.lift).filter(|lift| *lift > 0.0),
            z: Some(evidence.z).filter(|z| *z != 0.0),
            ..self
        }
    }
}

/// A reason as clients see it.
pub(super) fn reason_of(titles: &Titles<'_>, reason: &Reason) -> ReasonAnswer {
    match *reason {
        Reason::SimilarTo { product, similarity } => {
            let answer = ReasonAnswer::about(titles, "similar_to", product, |title| format!("Similar to {title}"));
            ReasonAnswer { similarity: Some(similarity), ..answer }
        }
        Reason::TiedTo { tied, product, evidence } => {
            let words = words_of(tied);
            let answer = ReasonAnswer::about(titles, words.because, product, |title| words.sentence(&evidence, title));
            ReasonAnswer { direction: Some(words.direction), ..answer.with(&evidence) }
        }
        Reason::Complements { product, evidence } => {
            let sentence = |title: &str| format!("Goes with it: {}", words_of(Tied::Together).sentence(&evidence, title));
            ReasonAnswer { direction: Some("same_order"), ..ReasonAnswer::about(titles, "complements", product, sentence).with(&evidence) }
        }
        Reason::Substitutes { product, evidence } => {
            let sentence = |title: &str| format!("Instead of it: {}", words_of(Tied::Viewed).sentence(&evidence, title));
            ReasonAnswer { direction: Some("either"), ..ReasonAnswer::about(titles, "substitutes", product, sentence).with(&evidence) }
        }
        Reason::CategoryGoesWith { product, lift } => {
            let answer = ReasonAnswer::about(titles, "category_goes_with", product, |title| format!("Its category goes with {title}"));
            ReasonAnswer { lift: Some(lift), ..answer }
        }
        Reason::Inherits { tied, product, like, similarity, evidence } => inherits(titles, tied, (product, like, similarity), &evidence),
        Reason::ShoppersAlike { product, evidence } => {
            let sentence =
                |title: &str| format!("Shoppers who bought {title} like you: {}", words_of(Tied::Bought).sentence(&evidence, title));
            ReasonAnswer::about(titles, "shoppers_alike", product, sentence).with(&evidence)
        }
        Reason::BoughtBefore => ReasonAnswer::plain("bought_before", "You bought this before"),
        Reason::Trending { deviations } => ReasonAnswer { deviations: Some(deviations), ..ReasonAnswer::plain("trending", "Trending now") },
        Reason::PopularNear { product } => {
            ReasonAnswer::about(titles, "popular_near", product, |title| format!("Popular in the category of {title}"))
        }
        Reason::Popular => ReasonAnswer::plain("popular", "Popular"),
        Reason::Pinned => ReasonAnswer::plain("pinned", "Chosen by the shop"),
        Reason::Explore => ReasonAnswer::plain("explore", "Something else"),
    }
}

fn inherits(titles: &Titles<'_>, tied: Tied, (product, like, similarity): (Ordinal, Ordinal, f32), evidence: &Evidence) -> ReasonAnswer {
    let words = words_of(tied);
    let (like_product_id, like_title) = titles.with(like, |id, title| (id.cloned(), title.to_owned()));
    let sentence = |title: &str| match like == product {
        true => format!("Like {title}"),
        false => format!("Like {like_title}, of which: {}", words.sentence(evidence, title)),
    };
    let answer = ReasonAnswer::about(titles, "inherits", product, sentence);
    ReasonAnswer { like_product_id, similarity: Some(similarity), direction: Some(words.direction), ..answer.with(evidence) }
}
