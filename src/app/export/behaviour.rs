//! What shoppers did: one row each. Searches are among them only where people may be told: their words can be anybody's own.

use super::{ExportError, ExportQuery, Report, number_after};
use crate::catalog::CatalogSnapshot;
use crate::catalog::tables::{Cell, Column, FlatRecord, Layout, TableWriter};
use crate::event::activity::Behaviour;
use crate::event::{ActivityEvent, Origin};
use crate::id::Offset;
use crate::pipeline::{BehaviourBounds, Feed, Readers, read_behaviour};
use crate::stdx::clock::Timestamp;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Entries between two reports.
const REPORT_EVERY: u64 = 10_000;

const COLUMNS: [Column; 8] = [
    Column::whole("offset"),
    Column::text("type"),
    Column::text("product_id"),
    Column::whole("quantity"),
    Column::moment("happened_at"),
    Column::text("query_id"),
    Column::text("recommendation_id"),
    Column::whole("rank"),
];

/// Columns that say who somebody is, or what they wrote.
const PERSONAL_COLUMNS: [Column; 4] =
    [Column::text("shopper_id"), Column::text("session_id"), Column::text("query"), Column::whole("matches_count")];

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
            let told = events.iter().filter_map(|event| self.cells(offset, at, event));
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

    /// The row of an event; none when it is not one that is told.
    fn cells(&self, offset: Offset, at: Timestamp, event: &ActivityEvent) -> Option<Vec<Cell>> {
        let (kind, product, quantity, origin, happened_at, search) = match event {
            ActivityEvent::Behaved { behaviour, product, quantity, origin, happened_at } => {
                (name_of(*behaviour), Some(*product), Some(i64::from(*quantity)), origin, *happened_at, None)
            }
            ActivityEvent::Searched { query, text, written, matches_count, origin, happened_at, is_unfinished: false }
                if self.is_personal =>
            {
                let words = written.as_ref().unwrap_or(text);
                ("search", None, None, origin, happened_at.unwrap_or(at), Some((query, words, *matches_count)))
            }
            ActivityEvent::Searched { .. }
            | ActivityEvent::OrderImported { .. }
            | ActivityEvent::ImportProgressed { .. }
            | ActivityEvent::Recommended { .. }
            | ActivityEvent::Exposed { .. }
            | ActivityEvent::OrderNoted { .. }
            | ActivityEvent::CancellationNoted { .. }
            | ActivityEvent::KeyUsed { .. }
            | ActivityEvent::ShopperErased { .. } => return None,
        };
        let is_wanted = self.since.is_none_or(|since| happened_at >= since) && self.until.is_none_or(|until| happened_at < until);
        if !is_wanted {
            return None;
        }
        let query = search.map(|(query, ..)| query).or(origin.query.as_ref());
        let mut cells = vec![
            Cell::whole(i64::try_from(offset.0).ok()),
            Cell::Text(kind.to_owned()),
            Cell::text(product.and_then(|product| self.catalog.id_of(product)).map(|id| id.to_string())),
            Cell::whole(quantity),
            Cell::Whole(happened_at.0),
            Cell::text(query.map(|id| id.as_str())),
            Cell::text(origin.recommendation.as_ref().map(|id| id.as_str())),
            Cell::whole(origin.rank.map(i64::from)),
        ];
        if self.is_personal {
            cells.extend(self.personal(offset, origin, search.map(|(_, words, count)| (words, count))));
        }
        Some(cells)
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
