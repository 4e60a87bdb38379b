//! Who has ever done something, read from the journal: tables know shoppers by digests only, so a job for all of them asks the journal.

use super::behaviour::{BehaviourBounds, read};
use super::feed::{Feed, FeedError};
use crate::event::activity::ShopperDigest;
use crate::event::{ActivityEvent, Events, Origin, Stream, codec};
use crate::id::ShopperId;
use crate::stdx::clock::Timestamp;
use std::collections::{BTreeSet, VecDeque};
use std::ops::ControlFlow;

/// What one shopper did, as the activity stream has it, the newest last; not what was forgotten since.
#[derive(Debug, Default)]
pub struct Behaviour {
    /// When, and what.
    pub events: Vec<(Timestamp, ActivityEvent)>,
    /// Whether there was more than [`BEHAVIOUR_LISTED_MAX`]; the oldest are then left out.
    pub is_cut: bool,
}

/// Events of one shopper that are listed at most.
pub const BEHAVIOUR_LISTED_MAX: usize = 100_000;

/// Everything that the journal holds of what a shopper did. It reads the whole stream.
///
/// # Errors
/// When the journal cannot be read.
pub fn behaviour_of(feed: &Feed, shopper: &ShopperId) -> Result<Behaviour, FeedError> {
    let (digest, mut events, mut is_cut) = (ShopperDigest::of(shopper), VecDeque::new(), false);
    let Some(reader) = feed.activity() else { return Ok(Behaviour::default()) };
    let failed = |reason: String| FeedError::Journal { stream: Stream::Activity.name(), reason };
    let read = reader.read(reader.start(), &mut |offset, bytes| {
        // A record that cannot be read stops the process when it starts; here it is only passed over.
        let Ok(recorded) = codec::decode(Stream::Activity, offset, bytes) else { return ControlFlow::Continue(()) };
        let Events::Activity(told) = recorded.events else { return ControlFlow::Continue(()) };
        for event in told {
            if matches!(&event, ActivityEvent::ShopperErased { shopper } if *shopper == digest) {
                events.clear();
            } else if origin_of(&event).is_some_and(|origin| origin.shopper.as_ref() == Some(shopper)) {
                events.push_back((recorded.at, event));
            }
            if events.len() > BEHAVIOUR_LISTED_MAX {
                events.pop_front();
                is_cut = true;
            }
        }
        ControlFlow::Continue(())
    });
    read.map_err(|error| failed(error.to_string()))?;
    Ok(Behaviour { events: events.into(), is_cut })
}

/// The next shoppers by name whom the activity stream names between the bounds, without those who were forgotten since: at most `count_max` of
/// those after `after`. The stream is read once for each call, so that no more names than these are held, however many there are.
///
/// # Errors
/// When the journal cannot be read.
pub fn shoppers_after(
    feed: &Feed,
    bounds: &BehaviourBounds,
    after: Option<&ShopperId>,
    count_max: usize,
) -> Result<Vec<ShopperId>, FeedError> {
    let mut next: BTreeSet<ShopperId> = BTreeSet::new();
    read(feed, bounds.start, bounds.end, &mut |offset, _, events| {
        let named = events.iter().filter_map(|event| origin_of(event)?.shopper.as_ref());
        for shopper in named.filter(|shopper| after.is_none_or(|after| *shopper > after)) {
            let is_beyond = next.len() >= count_max && next.last().is_none_or(|last| shopper > last);
            if !is_beyond && !next.contains(shopper) && bounds.may_name(shopper, offset) {
                next.insert(shopper.clone());
            }
        }
        while next.len() > count_max {
            next.pop_last();
        }
        ControlFlow::Continue(())
    })?;
    Ok(next.into_iter().collect())
}

fn origin_of(event: &ActivityEvent) -> Option<&Origin> {
    match event {
        ActivityEvent::Behaved { origin, .. }
        | ActivityEvent::OrderImported { origin, .. }
        | ActivityEvent::Searched { origin, .. }
        | ActivityEvent::Recommended { origin, .. }
        | ActivityEvent::Exposed { origin, .. }
        | ActivityEvent::OrderNoted { origin, .. } => Some(origin),
        ActivityEvent::ImportProgressed { .. }
        | ActivityEvent::CancellationNoted { .. }
        | ActivityEvent::KeyUsed { .. }
        | ActivityEvent::ShopperErased { .. } => None,
    }
}
