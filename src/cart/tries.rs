//! How often each name of a buyer has lately tried to pay, and how often the provider said no: what card testers cannot hide.

use crate::event::trade::BuyerKey;
use crate::stdx::clock::Timestamp;
use imbl::{OrdMap, OrdSet};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How long a try counts, in event time.
pub const TRIES_KEPT_MS: i64 = 24 * 60 * 60 * 1_000;
/// Most tries that are kept for one name: nobody needs to count further to know.
const PER_NAME_MAX: usize = 32;
/// Most names that are kept; beyond it those that were silent longest go early, so that a flood of made-up names cannot fill the memory.
const NAMES_MAX: usize = 1 << 17;

/// The tries of one name, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Track {
    tried_at: Vec<Timestamp>,
    declined_at: Vec<Timestamp>,
}

/// Tries by name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tries {
    tracks: OrdMap<BuyerKey, Arc<Track>>,
    /// Names by when they were last heard of.
    heard: OrdSet<(Timestamp, BuyerKey)>,
}

fn push(times: &mut Vec<Timestamp>, now: Timestamp) {
    if times.len() >= PER_NAME_MAX {
        times.remove(0);
    }
    times.push(now);
}

impl Track {
    fn last(&self) -> Timestamp {
        self.tried_at.last().max(self.declined_at.last()).copied().unwrap_or_default()
    }
}

impl Tries {
    /// A payment is asked for.
    pub fn note_try(&mut self, buyer: &[BuyerKey], now: Timestamp) {
        buyer.iter().for_each(|key| self.change(*key, |track| push(&mut track.tried_at, now)));
    }

    /// The provider said no.
    pub fn note_decline(&mut self, buyer: &[BuyerKey], now: Timestamp) {
        buyer.iter().for_each(|key| self.change(*key, |track| push(&mut track.declined_at, now)));
    }

    fn change(&mut self, key: BuyerKey, change: impl FnOnce(&mut Track)) {
        let mut track = self.tracks.get(&key).map(|track| Track::clone(track)).unwrap_or_default();
        self.heard.remove(&(track.last(), key));
        change(&mut track);
        self.heard.insert((track.last(), key));
        self.tracks.insert(key, Arc::new(track));
    }

    /// Payments that the busiest of these names asked for since then, up to 32.
    #[must_use]
    pub fn tried_count(&self, buyer: &[BuyerKey], since: Timestamp) -> usize {
        self.most(buyer, |track| &track.tried_at, since)
    }

    /// Declined payments of the unluckiest of these names since then, up to 32.
    #[must_use]
    pub fn declined_count(&self, buyer: &[BuyerKey], since: Timestamp) -> usize {
        self.most(buyer, |track| &track.declined_at, since)
    }

    fn most(&self, buyer: &[BuyerKey], times: impl Fn(&Track) -> &Vec<Timestamp>, since: Timestamp) -> usize {
        let tracks = buyer.iter().filter_map(|key| self.tracks.get(key));
        tracks.map(|track| times(track).iter().filter(|at| **at >= since).count()).max().unwrap_or(0)
    }

    /// Forgets the name that was silent longest, if that is long enough; whether it did.
    pub(super) fn forget_one(&mut self, now: Timestamp) -> bool {
        let oldest = self.heard.get_min().copied();
        let over = oldest.filter(|(at, _)| at.plus_ms(TRIES_KEPT_MS) <= now || self.heard.len() > NAMES_MAX);
        if let Some((at, key)) = over {
            self.heard.remove(&(at, key));
            self.tracks.remove(&key);
        }
        over.is_some()
    }

    pub(super) fn verify(&self) -> Vec<String> {
        let is_listed = self.tracks.iter().all(|(key, track)| self.heard.contains(&(track.last(), *key)));
        let fits = is_listed && self.tracks.len() == self.heard.len();
        if fits { Vec::new() } else { vec!["tries are not those that will be forgotten".to_owned()] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::trade::Buyer;

    #[test]
    fn tries_are_counted_by_every_name_and_forgotten_after_a_day() {
        let buyer = |email: &str| BuyerKey::of_household(&Buyer { email: Some(email.to_owned()), ..Buyer::default() }, None);
        let (ada, bea) = (buyer("ada@example.org"), buyer("bea@example.org"));
        let mut tries = Tries::default();
        for minute in 0..3 {
            tries.note_try(&ada, Timestamp(minute * 60_000));
        }
        tries.note_decline(&ada, Timestamp(120_000));
        assert_eq!((tries.tried_count(&ada, Timestamp(0)), tries.tried_count(&ada, Timestamp(60_000))), (3, 2));
        assert_eq!((tries.declined_count(&ada, Timestamp(0)), tries.tried_count(&bea, Timestamp(0))), (1, 0));
        assert!(!tries.forget_one(Timestamp(120_000 + TRIES_KEPT_MS - 1)));
        assert!(tries.forget_one(Timestamp(120_000 + TRIES_KEPT_MS)));
        assert_eq!((tries.tried_count(&ada, Timestamp(0)), tries.verify()), (0, Vec::new()));
    }

    #[test]
    fn no_name_keeps_more_than_is_counted() {
        let ada = BuyerKey::of_household(&Buyer { email: Some("ada@example.org".to_owned()), ..Buyer::default() }, None);
        let mut tries = Tries::default();
        (0..100).for_each(|at| tries.note_try(&ada, Timestamp(at)));
        assert_eq!(tries.tried_count(&ada, Timestamp(0)), PER_NAME_MAX);
    }
}
