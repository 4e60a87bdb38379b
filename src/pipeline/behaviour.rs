//! The activity stream as exports read it: what shoppers did, and who of them is forgotten since.

use super::feed::{Feed, FeedError};
use crate::event::activity::ShopperDigest;
use crate::event::{ActivityEvent, Events, Stream, codec};
use crate::id::{Offset, ShopperId};
use crate::journal::JournalError;
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::Digest;
use std::collections::HashMap;
use std::ops::ControlFlow;

/// Forgotten shoppers that one export keeps in mind: about 100 MB of them.
const ERASED_MAX: usize = 1_000_000;

/// Where the stream ends now, and who had been forgotten by then.
#[derive(Debug)]
pub struct BehaviourBounds {
    /// The first offset that is kept.
    pub start: Offset,
    /// The offset after the last durable entry.
    pub end: Offset,
    erased: HashMap<Digest, Offset>,
}

impl BehaviourBounds {
    /// The whole stream; with `knows_people` it is read once to find out who has been forgotten.
    ///
    /// # Errors
    /// When the journal cannot be read, or more than a million shoppers were forgotten.
    pub fn of(feed: &Feed, knows_people: bool) -> Result<Self, FeedError> {
        let Some(reader) = feed.activity() else { return Err(FeedError::Private(Stream::Activity.name())) };
        let (start, end) = (reader.start(), reader.durable_end());
        let mut erased = HashMap::new();
        if knows_people {
            read(feed, start, end, &mut |offset, _, events| {
                erased.extend(events.iter().filter_map(erased_by).map(|digest| (digest, offset)));
                if erased.len() > ERASED_MAX { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
        }
        if erased.len() > ERASED_MAX {
            let reason = format!("more than {ERASED_MAX} shoppers are forgotten; export without what says who somebody is");
            return Err(FeedError::Journal { stream: Stream::Activity.name(), reason });
        }
        Ok(Self { start, end, erased })
    }

    /// Whether what an entry says of a shopper may still be told: they were not forgotten after it.
    #[must_use]
    pub fn may_name(&self, shopper: &ShopperId, offset: Offset) -> bool {
        // A digest takes longer than all else that is done with an entry.
        self.erased.is_empty() || self.erased.get(&ShopperDigest::of(shopper).0).is_none_or(|erased_at| *erased_at < offset)
    }
}

fn erased_by(event: &ActivityEvent) -> Option<Digest> {
    match event {
        ActivityEvent::ShopperErased { shopper } => Some(shopper.0),
        ActivityEvent::Behaved { .. }
        | ActivityEvent::OrderImported { .. }
        | ActivityEvent::ImportProgressed { .. }
        | ActivityEvent::Searched { .. }
        | ActivityEvent::Recommended { .. }
        | ActivityEvent::Exposed { .. }
        | ActivityEvent::OrderNoted { .. }
        | ActivityEvent::CancellationNoted { .. }
        | ActivityEvent::KeyUsed { .. } => None,
    }
}

/// A visitor of entries: where each stands, when it was taken, and what it says. `Break` ends the reading after it.
pub type VisitBehaviour<'a> = dyn FnMut(Offset, Timestamp, Vec<ActivityEvent>) -> ControlFlow<()> + 'a;

/// Visits what stands between two offsets of the activity stream.
///
/// # Errors
/// When `from` is no longer kept, or the journal cannot be read.
pub fn read(feed: &Feed, from: Offset, end: Offset, visit: &mut VisitBehaviour<'_>) -> Result<(), FeedError> {
    let stream = Stream::Activity;
    let Some(reader) = feed.activity() else { return Err(FeedError::Private(stream.name())) };
    let mut damaged = None;
    let read = reader.read(from, &mut |offset, bytes| {
        if offset >= end {
            return ControlFlow::Break(());
        }
        match codec::decode(stream, offset, bytes) {
            Ok(recorded) => match recorded.events {
                Events::Activity(events) => visit(offset, recorded.at, events),
                Events::Trade(_) | Events::Catalog(_) => ControlFlow::Continue(()),
            },
            Err(error) => {
                damaged = Some(format!("record {}: {error}", offset.0));
                ControlFlow::Break(())
            }
        }
    });
    let failed = |reason: String| FeedError::Journal { stream: stream.name(), reason };
    match (read, damaged) {
        (_, Some(reason)) => Err(failed(reason)),
        (Ok(_), None) => Ok(()),
        (Err(JournalError::Discarded { from, start }), None) => Err(FeedError::Discarded { from, start }),
        (Err(error), None) => Err(failed(error.to_string())),
    }
}
