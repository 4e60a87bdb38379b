//! Which visits came to a product last: a bounded ring of their places for each product, changed in place while it is read.
//!
//! A ring is a record of four words (counter, product, visits, shape) and then as many places as it has room for, of which those from its
//! start on are taken, around the end if need be. A product that no remembered visit came to has none.

use super::RECENT_MAX;
use crate::id::Ordinal;
use crate::stdx::prefetch::call_for;
use crate::stdx::slab::{self, Pages, Slab};
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{Relaxed, Release};

/// Places that a ring has room for, by class.
const ROOMS: [u16; CLASSES] = [12, 28, 60, 124, 252, RECENT_MAX as u16];
const CLASSES: usize = 6;
const SIZES: [u16; CLASSES] = sizes();

const PRODUCT: usize = 1;
const COUNT: usize = 2;
const SHAPE: usize = 3;
const SLOTS: usize = 4;

const fn sizes() -> [u16; CLASSES] {
    let mut sizes = [0; CLASSES];
    let mut class = 0;
    while class < CLASSES {
        sizes[class] = SLOTS as u16 + ROOMS[class];
        class += 1;
    }
    sizes
}

/// One ring's words and its shape, read from them.
#[derive(Clone, Copy)]
struct Ring<'a> {
    words: &'a [AtomicU32],
    class: usize,
    start: usize,
    len: usize,
}

/// Class, start and length share a word.
const START_BITS: u32 = 12;

impl<'a> Ring<'a> {
    /// None when the words are no ring, which a reader may meet for a moment.
    #[inline]
    fn of(words: &'a [AtomicU32]) -> Option<Self> {
        let shape = words.get(SHAPE)?.load(Relaxed);
        let mask = (1 << START_BITS) - 1;
        let (class, start, len) = ((shape >> (2 * START_BITS)) as usize, (shape >> START_BITS & mask) as usize, (shape & mask) as usize);
        let room = usize::from(*ROOMS.get(class)?);
        let words = words.get(..usize::from(SIZES[class]))?;
        (start < room && len <= room).then_some(Self { words, class, start, len })
    }

    #[inline]
    fn room(self) -> usize {
        usize::from(ROOMS[self.class])
    }

    fn count(self) -> u32 {
        self.words[COUNT].load(Relaxed)
    }

    fn set_count(self, count: u32) {
        self.words[COUNT].store(count, Relaxed);
    }

    fn is_of(self, product: Ordinal) -> bool {
        self.words[PRODUCT].load(Relaxed) == product.0
    }

    #[inline]
    fn word(self, place: usize) -> &'a AtomicU32 {
        let at = self.start + place;
        let room = self.room();
        &self.words[SLOTS + if at < room { at } else { at - room }]
    }

    fn slots(self) -> impl Iterator<Item = u32> {
        (0..self.len).map(move |place| self.word(place).load(Relaxed))
    }

    fn reshape(&mut self, start: usize, len: usize) {
        (self.start, self.len) = (start, len);
        self.words[SHAPE].store((self.class as u32) << (2 * START_BITS) | (start as u32) << START_BITS | len as u32, Relaxed);
    }

    /// Adds the newest; a full ring loses its oldest.
    fn push(mut self, slot: u32) {
        if self.len == self.room() {
            self.drop_oldest();
        }
        self.reshape(self.start, self.len + 1);
        self.word(self.len - 1).store(slot, Relaxed);
    }

    fn drop_oldest(&mut self) {
        self.reshape((self.start + 1) % self.room(), self.len - 1);
    }

    /// Takes one out and closes the gap; it is mostly the oldest that goes.
    fn remove(mut self, slot: u32) {
        let Some(place) = self.slots().position(|held| held == slot) else { return };
        if place == 0 {
            return self.drop_oldest();
        }
        (place + 1..self.len).for_each(|later| self.word(later - 1).store(self.word(later).load(Relaxed), Relaxed));
        self.reshape(self.start, self.len - 1);
    }
}

/// Where readers find the rings.
#[derive(Debug, Clone)]
pub(super) struct RecentsReader {
    places: Pages,
    pages: Pages,
}

impl RecentsReader {
    /// How many remembered visits came to the product.
    #[inline]
    pub(super) fn count(&self, product: Ordinal) -> u32 {
        self.read(product, |ring| ring.count()).unwrap_or(0)
    }

    /// The places of those that came to it last, newest last.
    pub(super) fn slots(&self, product: Ordinal) -> Vec<u32> {
        self.read(product, |ring| ring.slots().collect()).unwrap_or_default()
    }

    fn read<T>(&self, product: Ordinal, take: impl Fn(Ring<'_>) -> T) -> Option<T> {
        slab::read_placed(&self.places, &self.pages, product.0, |words| Ring::of(words).filter(|ring| ring.is_of(product)).map(&take))
    }
}

/// The writer's side.
#[derive(Debug)]
pub(super) struct Recents {
    places: Pages,
    slab: Slab,
    /// One beyond the largest product that ever had a ring.
    products_end: u32,
}

impl Recents {
    pub(super) fn new() -> Self {
        Self { places: Pages::default(), slab: Slab::new(&SIZES), products_end: 0 }
    }

    pub(super) fn reader(&self) -> RecentsReader {
        RecentsReader { places: self.places.clone(), pages: self.slab.pages().clone() }
    }

    fn place(&self, product: Ordinal) -> Option<u32> {
        self.places.get(product.0).map(|place| place.load(Relaxed)).filter(|place| *place != 0)
    }

    fn ring(&self, place: u32) -> Option<Ring<'_>> {
        Ring::of(self.slab.record(place))
    }

    /// The product's ring will be needed soon: first where it is, a little later the ring itself.
    #[inline]
    pub(super) fn prefetch_place(&self, product: Ordinal) {
        self.places.prefetch(product.0);
    }

    #[inline]
    pub(super) fn prefetch(&self, product: Ordinal) {
        self.place(product).into_iter().for_each(|place| self.slab.pages().prefetch(place));
    }

    /// The product's ring, which is at hand, will be changed soon at its oldest visit and behind its newest one: asks for these.
    #[inline]
    pub(super) fn prefetch_ends(&self, product: Ordinal) {
        let ring = self.place(product).and_then(|place| self.ring(place));
        ring.into_iter().for_each(|ring| [0, ring.len].into_iter().for_each(|place| call_for(std::slice::from_ref(ring.word(place)))));
    }

    /// The visit at `slot` came to the product for the first time. Where there is no memory for more rings, it is not found there.
    pub(super) fn enter(&mut self, product: Ordinal, slot: u32) {
        let Some(place) = self.with_room(product) else { return };
        if let Some(ring) = self.ring(place) {
            slab::write(ring.words, |_| {
                ring.set_count(ring.count() + 1);
                ring.push(slot);
            });
        }
    }

    /// The visit at `slot` is no longer one that came to the product.
    pub(super) fn leave(&mut self, product: Ordinal, slot: u32) {
        let Some(place) = self.place(product) else { return };
        let Some(ring) = self.ring(place) else { return };
        let count = slab::write(ring.words, |_| {
            let count = ring.count().saturating_sub(1);
            ring.set_count(count);
            ring.remove(slot);
            count
        });
        if count == 0 {
            let class = ring.class;
            self.places.get(product.0).into_iter().for_each(|cell| cell.store(0, Release));
            self.slab.give_back(place, class);
        }
    }

    /// The place of the product's ring, made or made larger so that one more visit has room in it, unless it is as large as any.
    fn with_room(&mut self, product: Ordinal) -> Option<u32> {
        let Some(place) = self.place(product) else { return self.made(product, 0, 0, &[]) };
        let ring = self.ring(place)?;
        if ring.len < ring.room() || ring.room() == RECENT_MAX {
            return Some(place);
        }
        let (class, slots): (usize, Vec<u32>) = (ring.class, ring.slots().collect());
        let made = self.made(product, class + 1, ring.count(), &slots)?;
        self.slab.give_back(place, class);
        Some(made)
    }

    fn made(&mut self, product: Ordinal, class: usize, count: u32, slots: &[u32]) -> Option<u32> {
        let place = self.slab.take(class)?;
        let words = self.slab.record(place).get(..usize::from(SIZES[class]))?;
        slab::write(words, |words| {
            words[PRODUCT].store(product.0, Relaxed);
            let mut ring = Ring { words, class, start: 0, len: 0 };
            ring.set_count(count);
            ring.reshape(0, slots.len());
            slots.iter().enumerate().for_each(|(at, slot)| ring.word(at).store(*slot, Relaxed));
        });
        self.places.grown(product.0)?.store(place, Release);
        self.products_end = self.products_end.max(product.0 + 1);
        Some(place)
    }

    /// Each product that has a ring, ascending, its visits and their places, newest last.
    pub(super) fn for_each(&self, mut each: impl FnMut(Ordinal, u32, &[u32])) {
        let mut slots = Vec::new();
        for product in (0..self.products_end).map(Ordinal) {
            if let Some(ring) = self.place(product).and_then(|place| self.ring(place)) {
                slots.clear();
                slots.extend(ring.slots());
                each(product, ring.count(), &slots);
            }
        }
    }

    /// Puts a ring in that was written. None when there is one already, or no room for it.
    pub(super) fn restore(&mut self, product: Ordinal, count: u32, slots: &[u32]) -> Option<()> {
        let class = ROOMS.iter().position(|room| usize::from(*room) >= slots.len())?;
        self.place(product).is_none().then(|| self.made(product, class, count, slots))?.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_ring_holds_what_a_list_would(acts in prop::collection::vec((0_u8..4, 0_usize..700), 1..3_000)) {
            let (mut recents, mut list, mut count) = (Recents::new(), Vec::new(), 0_u32);
            let product = Ordinal(70_000);
            for (slot, (act, at)) in (0_u32..).zip(acts) {
                if act > 0 {
                    recents.enter(product, slot);
                    count += 1;
                    list.push(slot);
                    if list.len() > RECENT_MAX {
                        list.remove(0);
                    }
                } else if !list.is_empty() {
                    let gone = list.remove(at % list.len());
                    recents.leave(product, gone);
                    count -= 1;
                    if count == 0 {
                        list.clear();
                    }
                }
            }
            let reader = recents.reader();
            prop_assert_eq!(reader.slots(product), list);
            prop_assert_eq!(reader.count(product), count);
            prop_assert_eq!((reader.slots(Ordinal(1)), reader.count(Ordinal(1))), (vec![], 0));
        }
    }
}
