//! What shoppers did: one row each. Searches are among them only where people may be told: their words can be anybody's own.
//!
//! What was drawn for explored places of recommendations is among them too, with the probability of each draw: together with the behaviour that
//! names the same recommendation it says what another way of choosing would have come to.

use super::{ExportError, ExportQuery, Report, number_after};
use crate::catalog::CatalogSnapshot;
use crate::catalog::tables::{Cell, Column, FlatRecord, Layout, TableWriter};
use crate::event::activity::{Behaviour, Explored};
use crate::event::{ActivityEvent, Origin};
use crate::id::{Offset, Ordinal, QueryId, RecommendationId};
use crate::pipeline::{BehaviourBounds, Feed, Readers, read_behaviour};
use crate::stdx::clock::Timestamp;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Entries between two reports.
const REPORT_EVERY: u64 = 10_000;

const COLUMNS: [Column; 10] = [
    Column::whole("offset"),
    Column::text("type"),
    Column::text("product_id"),
    Column::whole("quantity"),
    Column::moment("happened_at"),
    Column::text("query_id"),
    Column::text("recommendation_id"),
    Column::whole("rank"),
    Column::text("recommendation_kind"),
    Column::float("propensity"),
];

/// Columns that say who somebody is, or what they wrote.
const PERSONAL_COLUMNS: [Column; 4] =
    [Column::text("shopper_id"), Column::text("session_id"), Column::text("query"), Column::whole("matches_count")];

/// One row before it is written.
struct Told<'a> {
    kind: &'static str,
    product: Option<Ordinal>,
    quantity: Option<i64>,
    origin: &'a Origin,
    at: Timestamp,
    /// Name, words and number of matches.
    search: Option<(&'a QueryId, &'a String, u64)>,
    /// The recommendation, its kind, and what was drawn.
    drawn: Option<(&'a RecommendationId, &'a String, &'a Explored)>,
}

impl<'a> Told<'a> {
    fn of(kind: &'static str, origin: &'a Origin, at: Timestamp) -> Self {
        Self { kind, product: None, quantity: None, origin, at, search: None, drawn: None }
    }
}

/// The behaviour of one moment.
pub(super) struct BehaviourExport {
    feed: Arc<Feed>,
    catalog: Arc<CatalogSnapshot>,
    bounds: BehaviourBounds,
    from: Offset,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    is_personal: bool,
}

impl BehaviourExport {
    pub(super) fn prepare(readers: &Readers, query: &ExportQuery) -> Result<Self, ExportError> {
        let after: Option<u64> = number_after(query, "offset")?;
        let feed = Arc::clone(readers.feed());
        let bounds = BehaviourBounds::of(&feed, query.is_personal)?;
        let from = after.map_or(bounds.start, |after| Offset(after.saturating_add(1)));
        if from > bounds.end {
            return Err(ExportError::query("after", "lies beyond the end of the journal"));
        }
        if from < bounds.start {
            return Err(ExportError::query("after", format!("is no longer kept; the journal starts at {}", bounds.start.0)));
        }
        let (since, until, is_personal) = (query.since, query.until, query.is_personal);
        Ok(Self { feed, catalog: readers.catalog(), bounds, from, since, until, is_personal })
    }

    pub(super) fn write<W: Write + Send>(self, layout: Layout, out: W, report: &mut Report<'_>) -> Result<W, ExportError> {
        let personal = PERSONAL_COLUMNS.iter().filter(|_| self.is_personal);
        let columns: Vec<Column> = COLUMNS.iter().chain(personal).copied().collect();
        let mut table = TableWriter::create(out, layout, &columns)?;
        let total = self.bounds.end.0 - self.from.0;
        let mut failed: Option<io::Error> = None;
        read_behaviour(&self.feed, self.from, self.bounds.end, &mut |offset, at, events| {
            let told = events.iter().flat_map(|event| self.told(at, event)).map(|told| self.cells(offset, told));
            let written = told.map(|cells| FlatRecord { columns: &columns, cells }).try_for_each(|record| table.write(&record));
            let done = offset.0 - self.from.0 + 1;
            if done.is_multiple_of(REPORT_EVERY) {
                report(done, total);
            }
            failed = written.err();
            if failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        match failed {
            Some(error) => Err(error.into()),
            None => Ok(table.finish()?),
        }
    }

    /// What an event says that is told and was asked for.
    fn told<'a>(&self, at: Timestamp, event: &'a ActivityEvent) -> Vec<Told<'a>> {
        let mut told = match event {
            ActivityEvent::Behaved { behaviour, product, quantity, origin, happened_at } => {
                let (product, quantity) = (Some(*product), Some(i64::from(*quantity)));
                vec![Told { product, quantity, ..Told::of(name_of(*behaviour), origin, *happened_at) }]
            }
            ActivityEvent::Searched { query, text, written, matches_count, origin, happened_at, is_unfinished: false }
                if self.is_personal =>
            {
                let words = written.as_ref().unwrap_or(text);
                vec![Told { search: Some((query, words, *matches_count)), ..Told::of("search", origin, happened_at.unwrap_or(at)) }]
            }
            ActivityEvent::Recommended { recommendation, kind, explored, origin } => {
                let drawn = |one: &'a Explored| Told {
                    product: Some(one.product),
                    drawn: Some((recommendation, kind, one)),
                    ..Told::of("explore", origin, at)
                };
                explored.iter().map(drawn).collect()
            }
            ActivityEvent::Searched { .. }
            | ActivityEvent::OrderImported { .. }
            | ActivityEvent::ImportProgressed { .. }
            | ActivityEvent::Exposed { .. }
            | ActivityEvent::OrderNoted { .. }
            | ActivityEvent::CancellationNoted { .. }
            | ActivityEvent::KeyUsed { .. }
            | ActivityEvent::ShopperErased { .. } => Vec::new(),
        };
        told.retain(|told| self.since.is_none_or(|since| told.at >= since) && self.until.is_none_or(|until| told.at < until));
        told
    }

    fn cells(&self, offset: Offset, told: Told<'_>) -> Vec<Cell> {
        let Told { kind, product, quantity, origin, at, search, drawn } = told;
        let query = search.map(|(query, ..)| query).or(origin.query.as_ref());
        let recommendation = drawn.map(|(name, ..)| name).or(origin.recommendation.as_ref());
        let rank = drawn.map(|(.., one)| one.slot).or(origin.rank);
        let mut cells = vec![
            Cell::whole(i64::try_from(offset.0).ok()),
            Cell::Text(kind.to_owned()),
            Cell::text(product.and_then(|product| self.catalog.id_of(product)).map(|id| id.to_string())),
            Cell::whole(quantity),
            Cell::Whole(at.0),
            Cell::text(query.map(|id| id.as_str())),
            Cell::text(recommendation.map(|id| id.as_str())),
            Cell::whole(rank.map(i64::from)),
            Cell::text(drawn.map(|(_, kind, _)| kind.as_str())),
            drawn.map_or(Cell::None, |(.., one)| Cell::Float(one.propensity)),
        ];
        if self.is_personal {
            cells.extend(self.personal(offset, origin, search.map(|(_, words, count)| (words, count))));
        }
        cells
    }

    /// Who did it and what they wrote; nothing of one who was forgotten since.
    fn personal(&self, offset: Offset, origin: &Origin, search: Option<(&String, u64)>) -> [Cell; 4] {
        let may_name = origin.shopper.as_ref().is_none_or(|shopper| self.bounds.may_name(shopper, offset));
        if !may_name {
            return [Cell::None, Cell::None, Cell::None, Cell::None];
        }
        [
            Cell::text(origin.shopper.as_ref().map(|id| id.as_str())),
            Cell::text(origin.session.as_ref().map(|id| id.as_str())),
            Cell::text(search.map(|(words, _)| words.as_str())),
            Cell::whole(search.and_then(|(_, count)| i64::try_from(count).ok())),
        ]
    }
}

/// What a file of behaviour calls it.
fn name_of(behaviour: Behaviour) -> &'static str {
    match behaviour {
        Behaviour::Impression => "impression",
        Behaviour::Click => "click",
        Behaviour::View => "view",
        Behaviour::AddToCart => "add_to_cart",
        Behaviour::Purchase => "purchase",
    }
}
