//! Rows of exported recommendations: one line of JSON for each shopper or product, or a table with one row for each recommendation.

use crate::catalog::CatalogSnapshot;
use crate::catalog::tables::{Cell, Column, Record, TakeRow};
use crate::id::ProductId;
use crate::recommend::{Kind, Recommendation};
use serde::Serialize;
use std::io;

/// The columns of a table of recommendations.
pub(super) const COLUMNS: [Column; 6] = [
    Column::text("subject_id"),
    Column::text("kind"),
    Column::whole("rank"),
    Column::text("product_id"),
    Column::float("score"),
    Column::text("because"),
];

/// The recommendations for one shopper or product.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    #[serde(skip_serializing_if = "Option::is_none")]
    shopper_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<String>,
    kind: Kind,
    recommendations: Vec<Entry>,
}

/// One of them, best first.
#[derive(Debug, Clone, Serialize)]
struct Entry {
    product_id: ProductId,
    score: f32,
    because: &'static str,
}

impl Row {
    pub(super) fn of(kind: Kind, subject: String, found: &[Recommendation], catalog: &CatalogSnapshot) -> Self {
        let entry =
            |one: &Recommendation| Some(Entry { product_id: catalog.id_of(one.product)?, score: one.score, because: one.reason.name() });
        let recommendations = found.iter().filter_map(entry).collect();
        let (shopper_id, product_id) = if kind.is_about_shopper() { (Some(subject), None) } else { (None, Some(subject)) };
        Self { shopper_id, product_id, kind, recommendations }
    }

    pub(super) fn len(&self) -> usize {
        self.recommendations.len()
    }
}

impl Record for Row {
    fn json(&self, out: &mut Vec<u8>) -> io::Result<()> {
        serde_json::to_writer(out, self).map_err(io::Error::from)
    }

    fn rows(&self, take: &mut TakeRow<'_>) -> io::Result<()> {
        let subject = self.shopper_id.as_deref().or(self.product_id.as_deref());
        (1..).zip(&self.recommendations).try_for_each(|(rank, entry)| {
            take(vec![
                Cell::text(subject),
                Cell::Text(self.kind.name().to_owned()),
                Cell::Whole(rank),
                Cell::Text(entry.product_id.to_string()),
                Cell::Float(entry.score),
                Cell::Text(entry.because.to_owned()),
            ])
        })
    }
}
