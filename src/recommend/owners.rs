//! Whose what stands at each place is, for who is erased: everything of theirs is looked for in all places, and that is to go through four bytes of
//! each that lie one behind the other, rather than through a record of each somewhere in memory.

use super::ring_key::RingKey;

/// Places that are looked at together.
const TOGETHER: usize = 64;

/// A part of the owner's key by place; 0 where nobody is known.
#[derive(Debug, Clone, Default)]
pub(super) struct Owners(Vec<u32>);

fn part_of(owner: RingKey) -> u32 {
    (owner.0 as u32).max(1)
}

impl Owners {
    /// Notes whose a place is.
    pub(super) fn set(&mut self, place: u32, owner: Option<RingKey>) {
        let place = place as usize;
        let part = owner.map_or(0, part_of);
        match self.0.get_mut(place) {
            Some(noted) => *noted = part,
            None if part != 0 => {
                self.0.resize(place + 1, 0);
                self.0[place] = part;
            }
            None => {}
        }
    }

    /// The places that may be theirs, in order: all that are, and of strangers one in four thousand millions.
    pub(super) fn places_of(&self, owner: RingKey) -> impl Iterator<Item = u32> {
        let part = part_of(owner);
        let chunks = (0_u32..).step_by(TOGETHER).zip(self.0.chunks(TOGETHER)).filter(move |(_, parts)| parts.contains(&part));
        chunks.flat_map(move |(first, parts)| (first..).zip(parts).filter(move |(_, noted)| **noted == part).map(|(place, _)| place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_places_of_somebody_are_found_and_those_given_away_are_not() {
        let mut owners = Owners::default();
        let owner = |number: u64| RingKey(number % 7);
        (0..1_000).for_each(|place| owners.set(place, Some(owner(u64::from(place)))));
        owners.set(12, None);
        owners.set(5_000, Some(RingKey(5)));
        owners.set(9_000, None);
        let expected: Vec<u32> = (0..1_000).filter(|place| place % 7 == 5 && *place != 12).chain([5_000]).collect();
        assert_eq!(owners.places_of(RingKey(5)).collect::<Vec<_>>(), expected);
        assert_eq!(owners.places_of(RingKey(99)).count(), 0);
    }
}
