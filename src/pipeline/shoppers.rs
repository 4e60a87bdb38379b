//! Who has ever done something, read from the journal: tables know shoppers by digests only, so a job for all of them asks the journal.

use super::PipelineError;
use super::feed::{Feed, FeedError};
use super::folders::Folders;
use super::replay::replay;
use crate::event::activity::ShopperDigest;
use crate::event::{ActivityEvent, Events, Origin, Stream, codec};
use crate::id::{Offset, ShopperId};
use crate::journal::disk::RealDisk;
use crate::journal::{DataLock, SegmentJournal};
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::Digest;
use std::collections::{BTreeMap, VecDeque};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Shoppers that are listed at most: about 1.5 GB of names.
pub const SHOPPERS_LISTED_MAX: usize = 10_000_000;

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

/// All shoppers whom the activity stream names, by name, without those who were forgotten since. No process may have the shop open.
///
/// # Errors
/// When the shop is open, the journal cannot be read, or it names more than [`SHOPPERS_LISTED_MAX`].
pub fn shoppers_of(folders: &Folders) -> Result<Vec<ShopperId>, PipelineError> {
    let lock = DataLock::take(&folders.journal(), Arc::new(RealDisk))?;
    let failed = |reason: String| PipelineError::Journal { stream: Stream::Activity.name(), reason };
    let journal =
        SegmentJournal::open(Stream::Activity, crate::journal::Options::default(), &lock).map_err(|error| failed(error.to_string()))?;
    let from = journal.start();
    let mut known: BTreeMap<Digest, ShopperId> = BTreeMap::new();
    replay(&journal, Stream::Activity, from.max(Offset(0)), &mut |recorded, _| {
        if let Events::Activity(events) = &recorded.events {
            events.iter().for_each(|event| note(event, &mut known));
        }
    })?;
    if known.len() > SHOPPERS_LISTED_MAX {
        return Err(failed(format!("names more than {SHOPPERS_LISTED_MAX} shoppers")));
    }
    let mut shoppers: Vec<ShopperId> = known.into_values().collect();
    shoppers.sort_unstable();
    Ok(shoppers)
}

fn note(event: &ActivityEvent, known: &mut BTreeMap<Digest, ShopperId>) {
    if let ActivityEvent::ShopperErased { shopper } = event {
        known.remove(&shopper.0);
    }
    let shopper = origin_of(event).and_then(|origin| origin.shopper.as_ref());
    // One more than may be listed is enough to refuse.
    if let Some(shopper) = shopper.filter(|_| known.len() <= SHOPPERS_LISTED_MAX) {
        known.entry(ShopperDigest::of(shopper).0).or_insert_with(|| shopper.clone());
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> (ShopperId, Origin) {
        let shopper = ShopperId::new(name).expect("an id");
        (shopper.clone(), Origin { shopper: Some(shopper), ..Origin::default() })
    }

    #[test]
    fn shoppers_are_listed_once_and_the_forgotten_not_at_all() {
        let mut known = BTreeMap::new();
        let recommendation = crate::id::RecommendationId::new("r").expect("an id");
        let told = |origin: Origin| ActivityEvent::Recommended {
            recommendation: recommendation.clone(),
            kind: "popular".to_owned(),
            explored: Vec::new(),
            origin,
        };
        let ((ann, of_ann), (ben, of_ben)) = (named("ann"), named("ben"));
        [of_ann.clone(), of_ben, of_ann.clone(), Origin::default()].into_iter().for_each(|origin| note(&told(origin), &mut known));
        assert_eq!(known.len(), 2);
        note(&ActivityEvent::ShopperErased { shopper: ShopperDigest::of(&ann) }, &mut known);
        assert_eq!(known.values().collect::<Vec<_>>(), [&ben]);
        note(&told(of_ann), &mut known);
        assert_eq!(known.len(), 2, "who comes back is known again");
    }
}
