//! The answer as clients see it.

use super::asked::Page;
use super::reason::{ReasonAnswer, Titles, reason_of};
use crate::app::Shelves;
use crate::http::access::Caller;
use crate::http::native::card::{Shelf, Shown};
use crate::id::{ProductId, RecommendationId};
use crate::recommend::{Kind, Recommendation};
use crate::search::Moment;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct RecommendAnswer {
    /// What later events name it by.
    pub(super) recommendation_id: RecommendationId,
    pub(super) kind: Kind,
    pub(super) products: Vec<Recommended>,
    pub(super) took_us: u64,
}

#[derive(Serialize)]
pub(super) struct Recommended {
    id: ProductId,
    score: f32,
    reason: ReasonAnswer,
    /// Of an explored place.
    #[serde(skip_serializing_if = "Option::is_none")]
    propensity: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<Shown>,
}

/// Shows the products of one answer.
pub(super) struct Show<'a> {
    shelf: Shelf<'a>,
    shelves: &'a Shelves<'a>,
    page: &'a Page,
    titles: Titles<'a>,
}

impl<'a> Show<'a> {
    pub(super) fn new(moment: &'a Moment, shelves: &'a Shelves<'a>, page: &'a Page) -> Self {
        let shelf = Shelf { catalog: &moment.catalog, signals: &moment.signals, marketplace: page.marketplace.as_ref() };
        Self { shelf, shelves, page, titles: Titles::of(&moment.catalog).shown_to(Caller::current(), moment, page.marketplace.as_ref()) }
    }

    /// None when the product has gone meanwhile.
    pub(super) fn recommended(&self, one: &Recommendation) -> Option<Recommended> {
        let (id, product) = match &self.page.fields {
            None => (self.shelf.catalog.id_of(one.product)?, None),
            Some(fields) => {
                let (id, product) = self.shelf.show(one.product, self.shelves.variant(one.product), fields)?;
                (id, Some(product))
            }
        };
        Some(Recommended { id, score: one.score, reason: reason_of(&self.titles, &one.reason), propensity: one.propensity, product })
    }
}
