//! What happened, as others are told of it: one [`Change`] for each event, in the order of the journal, from any place, any number of times.
//!
//! The feed is read from the journal and from nowhere else, so what it tells today it tells again tomorrow, under the same names.

mod cursor;
mod shape;
mod vocabulary;

pub use cursor::{ChangeId, Cursor, CursorError, Place};
pub use shape::{Audience, KIND_BYTES_MAX};
pub use vocabulary::{FieldDoc, ShapeDoc, Vocabulary, vocabulary_of};

use crate::catalog::CatalogSnapshot;
use crate::event::{Events, Recorded, Stream, TradeEvent};
use crate::id::Offset;
use crate::pipeline::{Feed, FeedError};
use crate::stdx::clock::Timestamp;
use serde_json::Value;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// Streams that others are told of, in the order in which they are named.
pub const STREAMS: [Stream; 2] = [Stream::Trade, Stream::Catalog];
/// Changes on one page.
pub const PAGE_CHANGES_MAX: usize = 1_000;
/// Entries looked at for one page of one stream: a page that nothing passes on to still ends, and says from where to go on.
const PAGE_ENTRIES_MAX: usize = 20_000;
/// Journal bytes of the entries on one page, after which no further entry is begun: product documents may have a megabyte each.
const PAGE_BYTES_MAX: usize = 4 << 20;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Its name, the same whenever it is told.
    pub id: ChangeId,
    /// When it was decided.
    pub at: Timestamp,
    /// What kind of thing, e.g. `order_placed`.
    pub kind: String,
    /// The event's fields.
    pub data: Value,
}

/// What somebody wants to be told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Of which streams; each at most once.
    pub streams: Vec<Stream>,
    /// Kinds, or whole areas of kinds (`pricing` for all `pricing.…`); empty for all.
    pub kinds: BTreeSet<String>,
}

impl Wanted {
    fn is(&self, kind: &str) -> bool {
        let area = kind.split_once('.').map(|(area, _)| area);
        self.kinds.is_empty() || self.kinds.contains(kind) || area.is_some_and(|area| self.kinds.contains(area))
    }
}

/// Some changes, and where to go on.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// In the order of each stream; between streams by time.
    pub changes: Vec<Change>,
    /// From where the next page begins.
    pub next: Cursor,
    /// Whether there is more already.
    pub has_more: bool,
}

/// Changes of one stream, each with the place after it, and the place up to which the stream was looked at.
struct Run {
    changes: std::iter::Peekable<std::vec::IntoIter<Change>>,
    taken_to: Place,
    looked_to: Place,
}

/// At most `limit` changes from `from` on.
///
/// # Errors
/// When a place lies outside its stream, or the journal cannot be read.
pub fn page(
    feed: &Feed,
    catalog: &CatalogSnapshot,
    wanted: &Wanted,
    from: Cursor,
    limit: usize,
    audience: &Audience<'_>,
) -> Result<Page, FeedError> {
    let look = |stream: &Stream| run(feed, catalog, wanted, *stream, from.of(*stream), limit, audience);
    let mut runs: Vec<(Stream, Run)> =
        wanted.streams.iter().map(|stream| look(stream).map(|run| (*stream, run))).collect::<Result<_, _>>()?;
    let mut changes = Vec::new();
    while changes.len() < limit
        && let Some(change) = next_of(&mut runs)
    {
        changes.push(change);
    }
    let (mut next, mut has_more) = (from, false);
    for (stream, run) in &mut runs {
        let place = if run.changes.peek().is_none() { run.looked_to } else { run.taken_to };
        next.advance(*stream, place);
        has_more |= place < Place::start_of(feed.bounds(*stream)?.1);
    }
    Ok(Page { changes, next, has_more })
}

/// The earliest change that no stream has given yet.
fn next_of(runs: &mut [(Stream, Run)]) -> Option<Change> {
    let at = |run: &mut Run| run.changes.peek().map(|change| change.at);
    let earliest = runs.iter_mut().filter_map(|(_, run)| at(run).map(|at| (at, run))).min_by_key(|(at, _)| *at)?.1;
    let change = earliest.changes.next()?;
    earliest.taken_to = change.id.after();
    Some(change)
}

fn run(
    feed: &Feed,
    catalog: &CatalogSnapshot,
    wanted: &Wanted,
    stream: Stream,
    from: Place,
    limit: usize,
    audience: &Audience<'_>,
) -> Result<Run, FeedError> {
    let (mut changes, mut looked_to) = (Vec::new(), from);
    let (mut entries_count, mut bytes_count) = (0_usize, 0_usize);
    let end = feed.bounds(stream)?.1;
    if from.index > 0 && from.offset >= end {
        return Err(FeedError::Beyond { from: from.offset.plus(1), end });
    }
    feed.read(stream, from.offset, &mut |recorded, entry_bytes| {
        let after = Place::start_of(recorded.offset.plus(1));
        changes.extend(changes_of(&recorded, catalog, wanted, audience).filter(|change| change.id.place() >= from));
        looked_to = after;
        entries_count += 1;
        bytes_count += entry_bytes;
        let is_full = changes.len() >= limit || entries_count >= PAGE_ENTRIES_MAX || bytes_count >= PAGE_BYTES_MAX;
        if is_full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok(Run { changes: changes.into_iter().peekable(), taken_to: from, looked_to })
}

/// What one entry tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// When it was decided.
    pub at: Timestamp,
    /// Whether somebody asked for it under a key.
    pub is_keyed: bool,
    /// All that is told of it.
    pub changes: Vec<Change>,
}

/// What the entry of a stream at an offset tells; none when there is no such entry.
///
/// # Errors
/// When the offset lies outside the stream, or the journal cannot be read.
pub fn entry(
    feed: &Feed,
    catalog: &CatalogSnapshot,
    (stream, offset): (Stream, Offset),
    audience: &Audience<'_>,
) -> Result<Option<Told>, FeedError> {
    let (mut told, all) = (None, Wanted::default());
    feed.read(stream, offset, &mut |recorded, _| {
        let is_keyed =
            matches!(&recorded.events, Events::Trade(events) if events.iter().any(|event| matches!(event, TradeEvent::KeyUsed { .. })));
        let changes = changes_of(&recorded, catalog, &all, audience).collect();
        told = (recorded.offset == offset).then_some(Told { at: recorded.at, is_keyed, changes });
        ControlFlow::Break(())
    })?;
    Ok(told)
}

/// What an entry is told as: the events that are wanted, in order.
pub fn changes_of<'a>(
    recorded: &'a Recorded,
    catalog: &'a CatalogSnapshot,
    wanted: &'a Wanted,
    audience: &'a Audience<'a>,
) -> impl Iterator<Item = Change> + 'a {
    let (stream, at) = (recorded.stream(), recorded.at);
    let told = shape::events_of(recorded, catalog, audience);
    told.filter(|(_, kind, _)| wanted.is(kind)).map(move |(index, kind, data)| {
        let place = Place { offset: recorded.offset, index };
        Change { id: ChangeId::new(stream, place), at, kind, data }
    })
}

#[cfg(test)]
mod tests;
