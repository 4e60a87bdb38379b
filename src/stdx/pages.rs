//! A growing array of words that many read while one writer changes it: pages that never move, those of large arrays in large pieces
//! ([`super::piece`]).
//!
//! Every look at a table goes through here, some hundred times for one event, so finding a word must be next to nothing: one list of where the
//! pieces begin, eight bytes each, stays at hand of the processor even for a gigabyte of words. Who owns the pieces is kept apart from it.
//!
//! The contract of the `unsafe` below: a number in the list of beginnings is that of a piece that is owned beside it until the list is dropped,
//! and that has as many words as every piece of its number.
#![expect(unsafe_code, reason = "words by where their piece begins; the contract is above")]

use super::piece::{LARGE_WORDS, Piece};
use super::prefetch::call_for;
use std::fmt;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

const PAGE_BITS: u32 = 16;
/// Words of one page.
pub const PAGE_WORDS: usize = 1 << PAGE_BITS;
/// Most pages of an array, so that a word's place has 30 bits: 4 GB of words.
pub const PAGES_MAX: usize = 1 << 14;

/// Pages in a large piece, and pages that an array has of its own before it is worth large ones.
const PIECE_PAGES: usize = LARGE_WORDS / PAGE_WORDS;
const PIECES_MAX: usize = PIECE_PAGES + PAGES_MAX / PIECE_PAGES - 1;

/// A growing array of words. Clones are the same array.
#[derive(Clone)]
pub struct Pages(Arc<Pieces>);

/// Where the pieces begin, null for those that were not needed yet, and what owns them.
struct Pieces {
    starts: [AtomicPtr<AtomicU32>; PIECES_MAX],
    owned: Mutex<Vec<Piece>>,
}

impl Default for Pages {
    fn default() -> Self {
        let starts = [const { AtomicPtr::new(std::ptr::null_mut()) }; PIECES_MAX];
        Self(Arc::new(Pieces { starts, owned: Mutex::new(Vec::new()) }))
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pieces = self.0.starts.iter().filter(|start| !start.load(Ordering::Relaxed).is_null()).count();
        write!(out, "Pages({pieces} pieces)")
    }
}

/// Which piece a word lies in, and where in it.
#[inline]
fn within(place: u32) -> (usize, usize) {
    let (page, place) = ((place >> PAGE_BITS) as usize, place as usize);
    if page < PIECE_PAGES { (page, place % PAGE_WORDS) } else { (PIECE_PAGES + page / PIECE_PAGES - 1, place % LARGE_WORDS) }
}

/// Words of the piece of that number.
#[inline]
fn len_of(piece: usize) -> usize {
    if piece < PIECE_PAGES { PAGE_WORDS } else { LARGE_WORDS }
}

impl Pages {
    /// The word at `place`, if the array has grown so far.
    #[inline]
    #[must_use]
    pub fn get(&self, place: u32) -> Option<&AtomicU32> {
        self.from(place).first()
    }

    /// The words from `place` to the end of its page or beyond; none beyond the array.
    #[inline]
    #[must_use]
    pub fn from(&self, place: u32) -> &[AtomicU32] {
        let (piece, at) = within(place);
        let start = self.0.starts.get(piece).map_or(std::ptr::null_mut(), |start| start.load(Ordering::Acquire));
        if start.is_null() {
            return &[];
        }
        // SAFETY: see the contract above; a place within a piece is smaller than its length.
        unsafe { std::slice::from_raw_parts(start.add(at), len_of(piece) - at) }
    }

    /// The word at `place`; the array grows to hold it. None when it would be too large.
    pub fn grown(&self, place: u32) -> Option<&AtomicU32> {
        if self.from(place).is_empty() {
            self.grow(within(place).0);
        }
        self.get(place)
    }

    #[cold]
    fn grow(&self, piece: usize) {
        let Some(start) = self.0.starts.get(piece) else { return };
        let mut owned = self.0.owned.lock().unwrap_or_else(PoisonError::into_inner);
        if start.load(Ordering::Acquire).is_null() {
            let made = if piece < PIECE_PAGES { Piece::small(PAGE_WORDS) } else { Piece::large() };
            assert_eq!(made.words().len(), len_of(piece), "pieces are as long as their number says");
            start.store(made.words().as_ptr().cast_mut(), Ordering::Release);
            owned.push(made);
        }
    }

    /// Asks the processor to have the words around `place` at hand soon: several that are asked for together arrive together.
    #[inline]
    pub fn prefetch(&self, place: u32) {
        call_for(self.from(place).get(..1).unwrap_or_default());
    }

    /// A copy of the first `count` words; words of pages that were never grown are 0.
    #[must_use]
    pub fn copied(&self, count: usize) -> Vec<u32> {
        let mut words = Vec::with_capacity(count);
        while words.len() < count {
            let page = self.from(words.len() as u32);
            let wanted = (count - words.len()).min(PAGE_WORDS);
            if page.is_empty() {
                words.resize(words.len() + wanted, 0);
            } else {
                words.extend(page[..wanted].iter().map(|word| word.load(Ordering::Relaxed)));
            }
        }
        words
    }

    /// Writes words to the start of the array. False when there are too many.
    pub fn restore(&self, words: &[u32]) -> bool {
        words.chunks(PAGE_WORDS).zip(0_u32..).all(|(chunk, number)| {
            let start = number << PAGE_BITS;
            let is_there = self.grown(start).is_some();
            self.from(start).iter().zip(chunk).for_each(|(word, value)| word.store(*value, Ordering::Relaxed));
            is_there
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_where_they_were_put_however_far_the_array_has_grown() {
        let pages = Pages::default();
        let ends = [0, 1, 65_535, 65_536, 524_287, 524_288, 1_048_575, 1_048_576, (1 << 30) - 1];
        assert!(ends.iter().all(|place| pages.get(*place).is_none()), "nothing has grown");
        let before = pages.clone();
        for place in ends {
            pages.grown(place).expect("room").store(place ^ 77, Ordering::Relaxed);
        }
        for place in ends {
            assert_eq!(before.get(place).map(|word| word.load(Ordering::Relaxed)), Some(place ^ 77), "{place}");
            assert!(!before.from(place).is_empty() && before.from(place).len() <= LARGE_WORDS);
        }
        assert!(pages.get(2_000_000).is_none(), "between pieces that have grown");
        assert!(pages.grown(1 << 30).is_none() && pages.get(u32::MAX).is_none(), "beyond the largest array");
    }

    #[test]
    fn readers_beside_a_writer_see_what_was_put_where_the_array_has_grown() {
        let pages = Pages::default();
        let places = |number: u32| number * 30_000;
        std::thread::scope(|scope| {
            scope.spawn(|| (1..400).for_each(|number| pages.grown(places(number)).expect("room").store(number, Ordering::Release)));
            let mut seen = 0;
            while seen < 399 {
                let next = pages.get(places(seen + 1)).map_or(0, |word| word.load(Ordering::Acquire));
                assert!(next == 0 || next == seen + 1);
                seen = if next == 0 { seen } else { next };
            }
        });
    }
}
