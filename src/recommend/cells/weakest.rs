//! The two partners of a full row that have the least weight, remembered as long as they are known.
//!
//! The weakest gives way to newcomers, and whoever comes is mostly the weakest then: what stood next to it says so without another look at all
//! weights, which are six lines of memory. Of equal ones the first counts as weaker, whatever their signs.

use super::{Cells, WEAKEST, weights_at};
use crate::recommend::row::Partner;
use crate::stdx::slab;

/// A word holds the two places, each one more, the weaker one in its low byte; 0 is not known.
const PLACE_BITS: u32 = 8;
const PLACE_MASK: u32 = (1 << PLACE_BITS) - 1;

/// What a word says.
#[inline]
fn known(word: u32) -> [Option<usize>; 2] {
    [word & PLACE_MASK, word >> PLACE_BITS & PLACE_MASK].map(|place| (place as usize).checked_sub(1))
}

#[inline]
fn word_of([first, second]: [Option<usize>; 2]) -> u32 {
    let number = |place: Option<usize>| place.map_or(0, |place| place as u32 + 1);
    number(first) | number(second) << PLACE_BITS
}

/// Whether a word can be one of a row with so much room: what was read from a file.
pub(super) fn is_sound(word: u32, room: usize) -> bool {
    word >> (2 * PLACE_BITS) == 0 && known(word).into_iter().flatten().all(|place| place < room)
}

impl Cells<'_> {
    /// The weakest partners, as far as they are known.
    #[inline]
    pub(super) fn known_weakest(self) -> [Option<usize>; 2] {
        known(self.get(WEAKEST)).map(|place| place.filter(|place| *place < self.room))
    }

    /// Gives a partner another weight.
    #[inline]
    pub(super) fn change_weight(self, place: usize, weight: f32) {
        let has_grown = weight.abs() > self.weight(place).abs();
        self.set_weight(place, weight);
        if let [Some(first), second] = self.known_weakest() {
            self.set(WEAKEST, word_of(self.weakest_after(place, has_grown, first, second)));
        }
    }

    /// Which are the weakest after the weight of a partner has changed.
    #[inline]
    fn weakest_after(self, place: usize, has_grown: bool, first: usize, second: Option<usize>) -> [Option<usize>; 2] {
        let is_weaker = |one: usize, than: usize| {
            let (weight, other) = (self.weight(one).abs(), self.weight(than).abs());
            weight < other || (weight == other && one < than)
        };
        match second {
            _ if place == first && !has_grown => [Some(first), second],
            Some(second) if place == first && is_weaker(first, second) => [Some(first), Some(second)],
            // It has passed the next one; who comes after that nobody knows.
            _ if place == first => [second, None],
            Some(second) if place == second && has_grown => [Some(first), None],
            _ if has_grown => [Some(first), second],
            _ if is_weaker(place, first) => [Some(place), Some(first)],
            Some(second) if place != second && is_weaker(place, second) => [Some(first), Some(place)],
            _ => [Some(first), second],
        }
    }

    /// The place of the weakest partner of a full row.
    #[inline]
    fn weakest(self) -> usize {
        if let [Some(first), _] = self.known_weakest() {
            return first;
        }
        let weights = weights_at(self.room);
        let [first, second] = slab::places_of_two_least(&self.words[weights..weights + self.room]);
        self.set(WEAKEST, word_of([Some(first), Some(second).filter(|second| *second != first)]));
        first
    }

    /// Puts a newcomer in the place of the weakest partner, or takes its weight from that.
    #[inline]
    pub(super) fn erode(self, newcomer: Partner) {
        let weakest = self.weakest();
        let there = self.weight(weakest);
        if there.abs() <= newcomer.weight.abs() {
            self.set_product(weakest, newcomer.product);
            self.change_weight(weakest, newcomer.weight);
            self.set_counts(weakest, newcomer.support, newcomer.after);
        } else {
            self.set_weight(weakest, there - there.signum() * newcomer.weight.abs());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ROOMS, SIZES};
    use super::*;
    use crate::id::Ordinal;
    use crate::recommend::row::PARTNERS_MAX;
    use proptest::prelude::*;
    use std::sync::atomic::AtomicU32;

    /// The place of the least, found by looking at all.
    fn looked_for(cells: Cells<'_>) -> usize {
        let weights: Vec<f32> = (0..cells.room).map(|place| cells.weight(place).abs()).collect();
        (0..cells.room).fold(0, |least, place| if weights[place] < weights[least] { place } else { least })
    }

    proptest! {
        #[test]
        fn what_is_remembered_is_what_is_found_by_looking(acts in prop::collection::vec((0_usize..PARTNERS_MAX, -6_i8..7, any::<bool>()), 1..400)) {
            let class = ROOMS.iter().position(|room| usize::from(*room) == PARTNERS_MAX).expect("there is a full row");
            let words: Vec<AtomicU32> = (0..SIZES[class]).map(|_| AtomicU32::new(0)).collect();
            let cells = Cells::made(&words, class);
            (0..PARTNERS_MAX).for_each(|place| cells.set_weight(place, (place * 7 % 11) as f32 / 2.0 - 2.0));
            cells.set_len(PARTNERS_MAX);
            for (place, change, is_newcomer) in acts {
                let change = f32::from(change) / 2.0;
                if is_newcomer {
                    let product = Ordinal(1_000 + place as u32);
                    cells.erode(Partner { product, support: 1, after: 0, weight: change });
                } else {
                    cells.change_weight(place, cells.weight(place) + change);
                }
                if let [Some(first), second] = cells.known_weakest() {
                    prop_assert_eq!(first, looked_for(cells));
                    if let Some(second) = second {
                        let others = (0..PARTNERS_MAX).filter(|other| *other != first && *other != second);
                        let mut others = others.map(|other| (cells.weight(other).abs(), other));
                        prop_assert!(others.all(|other| (cells.weight(second).abs(), second) < other));
                    }
                }
                prop_assert!(is_sound(words[WEAKEST].load(std::sync::atomic::Ordering::Relaxed), PARTNERS_MAX));
                prop_assert_eq!(cells.weakest(), looked_for(cells));
            }
        }
    }
}
