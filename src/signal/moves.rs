//! Which products' live numbers moved lately, for readers who keep what they made of them and would rather put it right than make it anew.
//!
//! ```text
//!  one writer:   cell of the product, then its place in the ring and the stamp of the product, then the count
//!  a reader:     count, then the cells          … later …   what came since that count, then the cells of those
//! ```
//!
//! A reader that took the count before it looked at cells misses nothing: a cell that it saw too early is among what came since. Few moves are read from
//! the ring. Where there were many, whoever knows which products matter asks for the stamps of those.

use super::table::{BLOCK_LEN, BLOCKS_MAX};
use crate::id::Ordinal;
use std::sync::OnceLock;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicU32, AtomicU64, fence};

/// Moves that are remembered. Whoever looks less often than that begins anew.
const LEN: usize = 1 << 15;
/// Of the oldest of them, so many may be written over while they are read.
const MARGIN: usize = LEN / 8;

/// The latest moves, in order, and each product's last. One thread writes; any number read and wait for nothing.
#[derive(Debug)]
pub struct Moves {
    ring: Box<[AtomicU32]>,
    count: AtomicU64,
    /// How many moves there were after the last of each product, by blocks of the table; 0 of one that never moved.
    stamps: Box<[OnceLock<Box<[AtomicU64]>>]>,
}

impl Default for Moves {
    fn default() -> Self {
        Self {
            ring: (0..LEN).map(|_| AtomicU32::new(0)).collect(),
            count: AtomicU64::new(0),
            stamps: (0..BLOCKS_MAX).map(|_| OnceLock::new()).collect(),
        }
    }
}

impl Moves {
    /// Moves there ever were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count.load(Acquire)
    }

    /// The products that moved since there were `since` moves, oldest first and as often as they moved, and how many moves there were by now. None
    /// when more than `max` did, or more than is remembered.
    #[must_use]
    pub fn since(&self, since: u64, max: usize) -> Option<(Vec<Ordinal>, u64)> {
        let now = self.count();
        let moved_count = usize::try_from(now.checked_sub(since)?).ok()?;
        if moved_count > max.min(LEN - MARGIN) {
            return None;
        }
        let moved = (since..now).map(|at| Ordinal(self.ring[at as usize % LEN].load(Relaxed))).collect();
        // Whatever was written over one of them came after a count that is seen from here on.
        fence(Acquire);
        let is_whole = self.count.load(Relaxed) - since <= (LEN - 1) as u64;
        is_whole.then_some((moved, now))
    }

    /// Which of these products moved since there were `since` moves, by their places, and how many moves there were by now. None when more than `max` of
    /// them did.
    #[must_use]
    pub fn among(&self, products: impl Iterator<Item = Ordinal>, since: u64, max: usize) -> Option<(Vec<u32>, u64)> {
        let now = self.count();
        let (mut block, mut stamps): (usize, &[AtomicU64]) = (usize::MAX, &[]);
        let mut moved = Vec::new();
        for (place, product) in (0..).zip(products) {
            if product.index() / BLOCK_LEN != block {
                block = product.index() / BLOCK_LEN;
                stamps = self.stamps.get(block).and_then(OnceLock::get).map_or(&[], |stamps| stamps);
            }
            if stamps.get(product.index() % BLOCK_LEN).is_some_and(|stamp| stamp.load(Relaxed) > since) {
                if moved.len() == max {
                    return None;
                }
                moved.push(place);
            }
        }
        Some((moved, now))
    }

    /// Tells of a move that was made. Only for the one writer.
    pub(super) fn push(&self, product: Ordinal) {
        let at = self.count.load(Relaxed);
        if let Some(stamps) = self.stamps.get(product.index() / BLOCK_LEN) {
            let stamps = stamps.get_or_init(|| (0..BLOCK_LEN).map(|_| AtomicU64::new(0)).collect());
            stamps[product.index() % BLOCK_LEN].store(at + 1, Relaxed);
        }
        // Who sees this in the place of an older one sees a count by which the older one is gone.
        self.ring[at as usize % LEN].store(product.0, Release);
        self.count.store(at + 1, Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(moves: &Moves, since: u64, max: usize) -> Option<Vec<u32>> {
        moves.since(since, max).map(|(moved, now)| {
            assert_eq!(now, moves.count());
            moved.into_iter().map(|one| one.0).collect()
        })
    }

    #[test]
    fn what_moved_since_is_told_in_order_and_nothing_twice() {
        let moves = Moves::default();
        assert_eq!(moved(&moves, 0, 9), Some(Vec::new()));
        [7, 3, 7].into_iter().for_each(|product| moves.push(Ordinal(product)));
        let before = moves.count();
        moves.push(Ordinal(5));
        assert_eq!(moved(&moves, 0, 9), Some(vec![7, 3, 7, 5]));
        assert_eq!((moved(&moves, before, 9), moved(&moves, moves.count(), 0)), (Some(vec![5]), Some(Vec::new())));
        assert_eq!(moved(&moves, 0, 3), None, "more than was asked for");
        assert_eq!(moved(&moves, 9, 3), None, "a count that there never was");
    }

    #[test]
    fn who_looks_too_rarely_is_told_so() {
        let moves = Moves::default();
        let remembered = LEN - MARGIN;
        (0..remembered as u32).for_each(|product| moves.push(Ordinal(product)));
        assert_eq!(moved(&moves, 0, LEN), Some((0..remembered as u32).collect()));
        moves.push(Ordinal(9));
        assert_eq!(moved(&moves, 0, LEN), None);
        (0..3 * LEN as u32).for_each(|product| moves.push(Ordinal(product)));
        assert_eq!(moved(&moves, moves.count() - 2, LEN), Some(vec![3 * LEN as u32 - 2, 3 * LEN as u32 - 1]));
        assert_eq!(moved(&moves, 0, LEN), None);
    }

    #[test]
    fn who_knows_which_products_matter_is_told_of_those_however_many_moved() {
        let moves = Moves::default();
        let among = |products: &[u32], since: u64, max: usize| {
            let told = moves.among(products.iter().copied().map(Ordinal), since, max);
            told.map(|(places, now)| (places, now == moves.count()))
        };
        let far = 3 * BLOCK_LEN as u32 + 5;
        assert_eq!(among(&[1, 7, far], 0, 9), Some((Vec::new(), true)));
        [7, far].into_iter().for_each(|product| moves.push(Ordinal(product)));
        let before = moves.count();
        (0..2 * LEN as u32).for_each(|number| moves.push(Ordinal(100 + number % 50)));
        moves.push(Ordinal(7));
        assert_eq!(among(&[1, 7, 8, far, u32::MAX], 0, 9), Some((vec![1, 3], true)));
        assert_eq!(among(&[1, 7, 8, far], before, 9), Some((vec![1], true)));
        assert_eq!(among(&[7, far], moves.count(), 0), Some((Vec::new(), true)));
        assert_eq!((among(&[7, far], 0, 1), among(&[7, far], 0, 2)), (None, Some((vec![0, 1], true))));
    }

    /// Every number is its own place, so one that was written over shows.
    #[test]
    fn who_reads_beside_the_writer_reads_nothing_that_was_written_over() {
        let moves = Moves::default();
        let until = 40 * LEN as u64;
        std::thread::scope(|scope| {
            scope.spawn(|| (0..until).for_each(|at| moves.push(Ordinal(at as u32))));
            let mut since = 0;
            while since < until {
                match moves.since(since, LEN) {
                    Some((moved, now)) => {
                        assert!(moved.iter().zip(since..).all(|(one, at)| u64::from(one.0) == at));
                        since = now;
                    }
                    None => since = moves.count(),
                }
            }
        });
    }
}
