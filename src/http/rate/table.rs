//! Standings of many askers in a table that never grows.
//!
//! An asker whose allowance is whole has no standing: forgetting one changes nothing. So each asker has a few places that its name, hashed
//! under a secret of this process, leads to; a newcomer takes one whose owner's allowance is whole again, and if there is none, the place of
//! whoever owes least. Only when more than [`PLACES`] askers owe something at once somebody is forgiven, and what is forgiven is the least there
//! is. Memory is [`PLACES`] × 16 bytes, whatever anybody sends.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::sync::{Mutex, PoisonError};

/// All places.
const PLACES: usize = SHARDS * SETS * WAYS;
/// Parts with a lock each, so that askers rarely wait for each other.
const SHARDS: usize = 64;
const SETS: usize = 256;
/// Places that one asker may have.
const WAYS: usize = 8;
const _: () = assert!(PLACES == 131_072, "2 MiB");

/// Whose it is (0: nobody's), and when the allowance is whole again, in nanoseconds of the caller's clock.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    asker: u64,
    whole_at: u64,
}

/// The table.
#[derive(Debug)]
pub(super) struct Table {
    secret: RandomState,
    shards: Vec<Mutex<Vec<Place>>>,
}

impl Table {
    pub(super) fn new() -> Self {
        let shards = std::iter::repeat_with(|| Mutex::new(vec![Place::default(); SETS * WAYS])).take(SHARDS);
        Self { secret: RandomState::new(), shards: shards.collect() }
    }

    /// Changes when an asker's allowance is whole again: `change` is given that moment, or `now` if it is whole.
    pub(super) fn update<T>(&self, asker: &impl Hash, now: u64, change: impl FnOnce(&mut u64) -> T) -> T {
        let hash = self.secret.hash_one(asker);
        let name = hash.max(1);
        let (shard, set) = (hash as usize % SHARDS, (hash as usize / SHARDS) % SETS);
        let mut places = self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner);
        let places = &mut places[set * WAYS..(set + 1) * WAYS];
        let own = places.iter().position(|place| place.asker == name);
        let mut whole_at = own.map_or(now, |own| places[own].whole_at.max(now));
        let outcome = change(&mut whole_at);
        if whole_at > now {
            let cheapest = || (0..WAYS).min_by_key(|place| places[*place].whole_at).unwrap_or_default();
            let place = own.unwrap_or_else(cheapest);
            places[place] = Place { asker: name, whole_at };
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_asker_has_a_standing_of_its_own_until_it_is_whole() {
        let table = Table::new();
        for asker in 0..1_000_u64 {
            table.update(&asker, 10, |whole_at| *whole_at += asker + 1);
        }
        let kept = (0..1_000_u64).filter(|asker| table.update(asker, 10, |whole_at| *whole_at) == 11 + asker).count();
        assert_eq!(kept, 1_000);
        assert_eq!(table.update(&5_u64, 1_000_000, |whole_at| *whole_at), 1_000_000, "what is long whole is whole now");
    }

    #[test]
    fn a_flood_of_askers_takes_no_more_room_and_does_not_wash_away_who_owes_most() {
        let table = Table::new();
        table.update(&"debtor", 1, |whole_at| *whole_at = 1_000_000);
        for asker in 0..4 * PLACES as u64 {
            table.update(&asker, 1, |whole_at| *whole_at += 10);
        }
        assert_eq!(table.update(&"debtor", 1, |whole_at| *whole_at), 1_000_000);
        assert!(table.shards.iter().all(|shard| shard.lock().expect("is whole").len() == SETS * WAYS));
    }
}
