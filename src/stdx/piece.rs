//! A piece of memory as words that are shared, zero at first: a small one from the allocator, a large one as one entry of the processor's tables.
//!
//! An array of hundreds of megabytes that is touched here and there costs a processor with small pages as much for finding out where a word lies as
//! for fetching it. So large pieces are asked for as large pages; a system that has none gives small ones, and nothing else is different.
//!
//! The contract of the `unsafe` below: `start` points to `len` words that `owner` keeps where they are for as long as the piece lives, that
//! begin as zeros, and that nobody reaches but through the piece.
#![expect(unsafe_code, reason = "words within a mapping; the contract is above")]

use memmap2::MmapMut;
use std::ptr::NonNull;
use std::sync::atomic::AtomicU32;

/// Bytes of a large page on most processors.
const LARGE_BYTES: usize = 1 << 21;
/// Words of one.
pub(super) const LARGE_WORDS: usize = LARGE_BYTES / size_of::<AtomicU32>();

/// What keeps the words where they are.
#[derive(Debug)]
enum Owner {
    Allocated { _words: Box<[AtomicU32]> },
    Mapped { _map: MmapMut },
}

/// Words that any thread may change.
#[derive(Debug)]
pub(super) struct Piece {
    start: NonNull<AtomicU32>,
    len: usize,
    _owner: Owner,
}

// SAFETY: the words are atomic and the owner is only there to be dropped.
unsafe impl Send for Piece {}
// SAFETY: as above.
unsafe impl Sync for Piece {}

impl Piece {
    /// As many words as asked for, from the allocator.
    pub(super) fn small(len: usize) -> Self {
        let mut words: Box<[AtomicU32]> = (0..len).map(|_| AtomicU32::new(0)).collect();
        Self { start: NonNull::from(&mut *words).cast(), len, _owner: Owner::Allocated { _words: words } }
    }

    /// [`LARGE_WORDS`] words, in a large page where the system has one.
    pub(super) fn large() -> Self {
        Self::mapped(LARGE_BYTES).or_else(|| Self::mapped(2 * LARGE_BYTES)).unwrap_or_else(|| Self::small(LARGE_WORDS))
    }

    /// A large page within so many bytes. None when they do not hold a whole one, which most systems see to.
    fn mapped(bytes: usize) -> Option<Self> {
        let mut map = MmapMut::map_anon(bytes).ok()?;
        let before = map.as_ptr().align_offset(LARGE_BYTES);
        let page = map.get_mut(before..before.checked_add(LARGE_BYTES)?)?;
        let start = NonNull::from(page).cast();
        #[cfg(target_os = "linux")]
        // Advice that is not taken leaves small pages.
        let _ = map.advise_range(memmap2::Advice::HugePage, before, LARGE_BYTES);
        Some(Self { start, len: LARGE_WORDS, _owner: Owner::Mapped { _map: map } })
    }

    /// The words.
    #[inline]
    pub(super) fn words(&self) -> &[AtomicU32] {
        // SAFETY: see the contract above; anonymous memory begins as zeros and a page is aligned for any number.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::Ordering::Relaxed;

    #[test]
    fn pieces_begin_as_zeros_and_hold_what_is_put_in() {
        for piece in [Piece::small(100), Piece::large(), Piece::mapped(2 * LARGE_BYTES).expect("memory")] {
            assert!(piece.words().iter().all(|word| word.load(Relaxed) == 0));
            piece.words().iter().zip(0..).for_each(|(word, number)| word.store(number, Relaxed));
            assert!(piece.words().iter().zip(0..).all(|(word, number)| word.load(Relaxed) == number));
            assert!(piece.len == 100 || piece.len == LARGE_WORDS);
        }
        assert!(Piece::mapped(LARGE_BYTES / 2).is_none());
    }
}
