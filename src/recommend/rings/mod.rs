//! The logs of shoppers and visits, for a bounded number of them.
//!
//! Shoppers and visits are kept by 64 bits of a digest of their name, so no name stands in memory or in a checkpoint. When there are too
//! many, the one idle for longest goes: the queue holds each once, and one that was active since it was queued is queued again. What the one
//! who goes has added to the tables stays: with the log goes the last that ties it to somebody.
//!
//! What a known shopper did in a visit stands in the shopper's log alone; the visit only says whose it is.
//!
//! A log is a record of eight words (counter, key in two, shape, the visit's shopper in two, numbers of the last touch and of the last when it was
//! queued) and then three
//! for each step. Readers take copies of them as they are now, as they do of rows.

mod saved;

use super::keys::{Keys, KeysReader};
use super::owners::Owners;
pub(super) use super::ring_key::RingKey;
use super::steps::{Step, Steps};
use crate::id::Ordinal;
use crate::stdx::clock::Timestamp;
use crate::stdx::slab::{self, Pages, Slab, load_long, store_long};
use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

/// Steps that a log has room for, by class: those that fill cache lines. The last is more than a log ever holds.
const ROOMS: [u16; 15] = [2, 8, 13, 18, 24, 34, 45, 66, 88, 130, 194, 258, 386, 642, 1_282];
const SIZES: [u16; 15] = sizes();

const KEY: usize = 1;
const SHAPE: usize = 3;
const SHOPPER: usize = 4;
const TOUCHED: usize = 6;
const QUEUED: usize = 7;
const HEADER: usize = 8;
const STEP_WORDS: usize = 3;

const fn sizes() -> [u16; 15] {
    let mut sizes = [0; 15];
    let mut class = 0;
    while class < 15 {
        sizes[class] = HEADER as u16 + ROOMS[class] * STEP_WORDS as u16;
        class += 1;
    }
    sizes
}

fn class_for(steps: usize) -> usize {
    ROOMS.iter().position(|room| usize::from(*room) >= steps).unwrap_or(ROOMS.len() - 1)
}

/// A product that somebody did something with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) product: Ordinal,
    /// When last.
    pub(super) at: Timestamp,
}

/// One shopper or visit, as a copy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ring {
    pub(super) steps: Steps,
    /// Of a visit, whose it turned out to be.
    pub(super) shopper: Option<RingKey>,
}

fn load(words: &[AtomicU32], at: usize) -> u32 {
    words[at].load(Relaxed)
}

/// Its class and number of steps; none when the words are no log, which a reader may meet for a moment.
fn shape(words: &[AtomicU32]) -> Option<(usize, usize)> {
    let shape = words.get(SHAPE)?.load(Relaxed);
    let (class, len) = ((shape >> 16) as usize, shape as usize & 0xffff);
    let is_sound = len <= usize::from(*ROOMS.get(class)?) && words.len() >= usize::from(SIZES[class]);
    is_sound.then_some((class, len))
}

fn has_key(words: &[AtomicU32], key: RingKey) -> bool {
    words.len() > SHAPE && load_long(words, KEY) == key.0
}

/// The key of the ring that has this handle.
fn key_at(places: &Pages, slab: &Slab, handle: u32) -> RingKey {
    let place = places.get(handle).map_or(0, |place| place.load(Relaxed));
    RingKey(load_long(slab.record(place), KEY))
}

fn set_shape(words: &[AtomicU32], class: usize, len: usize) {
    words[SHAPE].store((class as u32) << 16 | len as u32, Relaxed);
}

#[inline]
fn steps_of(words: &[AtomicU32], len: usize) -> impl DoubleEndedIterator<Item = Step> {
    let (steps, _) = words.get(HEADER..HEADER + len * STEP_WORDS).unwrap_or_default().as_chunks::<STEP_WORDS>();
    steps.iter().map(|step| Step { packed: load(step, 0), at_s: load(step, 1), more: load(step, 2) })
}

fn set_step(words: &[AtomicU32], place: usize, step: Step) {
    let at = HEADER + place * STEP_WORDS;
    words[at].store(step.packed, Relaxed);
    words[at + 1].store(step.at_s, Relaxed);
    words[at + 2].store(step.more, Relaxed);
}

/// The logs as readers find them: who there is as of a publish, what they did as of now.
#[derive(Clone)]
pub(super) struct RingsReader {
    keys: KeysReader,
    places: Pages,
    pages: Pages,
}

impl RingsReader {
    /// A copy of what is known of a shopper or visit.
    pub(super) fn get(&self, key: RingKey) -> Option<Ring> {
        let handle = self.keys.find(key, |handle| {
            let place = self.places.get(handle).map_or(0, |place| place.load(Acquire));
            has_key(self.pages.from(place), key)
        })?;
        self.copied(handle, key)
    }

    /// Copies of the logs of all, in the order of their handles, which does not tell whose they are.
    pub(super) fn logs(&self) -> impl Iterator<Item = Steps> {
        let places = (0..).map_while(|handle| Some((handle, self.places.get(handle)?.load(Acquire))));
        let rings = places.filter(|(_, place)| *place != 0).filter_map(|(handle, place)| {
            let words = self.pages.from(place);
            let key = (words.len() > SHAPE).then(|| RingKey(load_long(words, KEY)))?;
            self.copied(handle, key)
        });
        rings.map(|ring| ring.steps)
    }

    fn copied(&self, handle: u32, key: RingKey) -> Option<Ring> {
        let mut steps = Vec::new();
        loop {
            let place = self.places.get(handle)?.load(Acquire);
            if place == 0 {
                return None;
            }
            let own = |words: &[AtomicU32]| {
                let (_, len) = shape(words).filter(|_| load_long(words, KEY) == key.0)?;
                steps.clear();
                steps.extend(steps_of(words, len));
                Some(load_long(words, SHOPPER))
            };
            if let Some(shopper) = slab::read(self.pages.from(place), own).flatten() {
                let shopper = Some(RingKey(shopper)).filter(|shopper| shopper.0 != 0);
                return Some(Ring { steps: Steps::marked(steps), shopper });
            }
            // The log has moved; or its owner was forgotten and somebody else has the handle now.
            if self.places.get(handle)?.load(Acquire) == place {
                return None;
            }
        }
    }

    pub(super) fn count(&self) -> usize {
        self.keys.len()
    }
}

/// The writer's side.
#[derive(Clone)]
pub(super) struct Rings {
    keys: Keys,
    places: Pages,
    slab: Slab,
    handles_end: u32,
    free_handles: Vec<u32>,
    /// Each ring once, with its last touch when it was queued, and some that are there no more.
    queue: VecDeque<(u32, u32)>,
    touches: u32,
    /// Whose each visit is, by handle.
    shoppers: Owners,
}

impl Rings {
    pub(super) fn new() -> Self {
        Self {
            keys: Keys::new(),
            places: Pages::default(),
            slab: Slab::new(&SIZES),
            handles_end: 0,
            free_handles: Vec::new(),
            queue: VecDeque::new(),
            touches: 0,
            shoppers: Owners::default(),
        }
    }

    pub(super) fn reader(&self) -> RingsReader {
        RingsReader { keys: self.keys.reader(), places: self.places.clone(), pages: self.slab.pages().clone() }
    }

    fn place(&self, handle: u32) -> u32 {
        self.places.get(handle).map_or(0, |place| place.load(Relaxed))
    }

    fn words(&self, handle: u32) -> &[AtomicU32] {
        self.slab.record(self.place(handle))
    }

    /// The ring of `key`, if there is one.
    pub(super) fn find(&self, key: RingKey) -> Option<u32> {
        self.keys.find(key, |handle| has_key(self.words(handle), key))
    }

    /// The handle that the key has, or one whose key looks like it.
    #[inline]
    pub(super) fn probably(&self, key: RingKey) -> Option<u32> {
        self.keys.find(key, |_| true)
    }

    /// The key will be looked for soon.
    #[inline]
    pub(super) fn expect_key(&self, key: RingKey) {
        self.keys.prefetch(key);
    }

    /// The ring will be worked on soon; asks for where it is, or if that is at hand, for its header and first thirteen steps.
    #[inline]
    pub(super) fn expect(&self, handle: u32, is_place_known: bool) {
        match is_place_known {
            false => self.places.prefetch(handle),
            true => [0, 16, 32].into_iter().for_each(|line| self.slab.pages().prefetch(self.place(handle) + line)),
        }
    }

    /// The steps of a ring as they lie there.
    #[inline]
    pub(super) fn newest_first(&self, handle: u32) -> impl Iterator<Item = Step> {
        let words = self.words(handle);
        let len = shape(words).map_or(0, |(_, len)| len);
        steps_of(words, len).rev()
    }

    /// The ring of `key`, made if need be at the price of the one idle for longest, and known to be active now. None when memory for rings
    /// is used up.
    pub(super) fn touch(&mut self, key: RingKey, rings_max: usize) -> Option<u32> {
        self.touches = self.touches.wrapping_add(1);
        let handle = match self.find(key) {
            Some(handle) => handle,
            None => {
                while self.keys.len() >= rings_max.max(1) && self.forget_one() {}
                self.made(key)?
            }
        };
        self.words(handle)[TOUCHED].store(self.touches, Relaxed);
        Some(handle)
    }

    fn made(&mut self, key: RingKey) -> Option<u32> {
        let place = self.slab.take(0)?;
        let words = self.slab.record(place);
        slab::write(words, |words| {
            store_long(words, KEY, key.0);
            store_long(words, SHOPPER, 0);
            set_shape(words, 0, 0);
        });
        let handle = self.free_handles.pop().unwrap_or_else(|| {
            self.handles_end += 1;
            self.handles_end - 1
        });
        self.places.grown(handle)?.store(place, Release);
        let (places, slab) = (&self.places, &self.slab);
        if !self.keys.insert(key, handle, |handle| key_at(places, slab, handle)) {
            return None;
        }
        self.queue_up(handle, self.touches);
        Some(handle)
    }

    /// Copies a ring's steps to where they can be worked on.
    pub(super) fn read(&self, handle: u32, steps: &mut Steps) {
        let words = self.words(handle);
        let len = shape(words).map_or(0, |(_, len)| len);
        steps.refill(steps_of(words, len));
    }

    /// Puts a ring's steps back; those before `changed_from` are as they were read.
    pub(super) fn put(&mut self, handle: u32, steps: &Steps, changed_from: usize) {
        let all = steps.all();
        let Some((class, _)) = shape(self.words(handle)) else { return };
        let (mut place, mut changed_from) = (self.place(handle), changed_from);
        let mut wanted = class;
        if usize::from(ROOMS[class]) < all.len() || class_for(all.len()) + 2 < class {
            wanted = class_for(all.len());
            let Some(moved) = self.slab.take(wanted) else { return };
            let (from, to) = (self.slab.record(place), self.slab.record(moved));
            slab::write(to, |to| (KEY..HEADER).for_each(|at| to[at].store(load(from, at), Relaxed)));
            (place, changed_from) = (moved, 0);
        }
        slab::write(self.slab.record(place), |words| {
            all.iter().enumerate().skip(changed_from).for_each(|(at, step)| set_step(words, at, *step));
            set_shape(words, wanted, all.len());
        });
        if wanted != class {
            let former = self.place(handle);
            if let Some(cell) = self.places.get(handle) {
                cell.store(place, Release);
            }
            self.slab.give_back(former, class);
        }
    }

    /// Whose visit it is.
    pub(super) fn shopper(&self, handle: u32) -> Option<RingKey> {
        Some(RingKey(load_long(self.words(handle), SHOPPER))).filter(|shopper| shopper.0 != 0)
    }

    /// Notes whose visit it is.
    pub(super) fn set_shopper(&mut self, handle: u32, shopper: RingKey) {
        self.shoppers.set(handle, Some(shopper));
        slab::write(self.words(handle), |words| store_long(words, SHOPPER, shopper.0));
    }

    /// Visits that turned out to be that shopper's, in the order of their handles.
    pub(super) fn visits_of(&self, shopper: RingKey) -> Vec<RingKey> {
        let handles = self.shoppers.places_of(shopper).filter(|handle| self.place(*handle) != 0 && self.shopper(*handle) == Some(shopper));
        handles.map(|handle| RingKey(load_long(self.words(handle), KEY))).collect()
    }

    /// All rings, in the order of their handles.
    pub(super) fn for_each(&self, each: impl FnMut(u32)) {
        (0..self.handles_end).filter(|handle| self.place(*handle) != 0).for_each(each);
    }

    /// Forgets shoppers and visits.
    pub(super) fn forget(&mut self, keys: &[RingKey]) {
        let gone: BTreeSet<u32> = keys.iter().filter_map(|key| self.find(*key)).collect();
        gone.into_iter().for_each(|handle| self.remove(handle));
        // What is left of them in the queue goes when there is as much of it as of the others, so that each costs little.
        if self.queue.len() > 2 * self.keys.len() {
            self.queue = self.queue.iter().copied().filter(|queued| self.is_queued(*queued)).collect();
        }
    }

    fn queue_up(&mut self, handle: u32, touched: u32) {
        self.words(handle)[QUEUED].store(touched, Relaxed);
        self.queue.push_back((handle, touched));
    }

    /// Whether the ring that was queued is there still.
    fn is_queued(&self, (handle, touched): (u32, u32)) -> bool {
        self.place(handle) != 0 && load(self.words(handle), QUEUED) == touched
    }

    fn remove(&mut self, handle: u32) {
        let place = self.place(handle);
        let words = self.slab.record(place);
        let (key, class) = (RingKey(load_long(words, KEY)), shape(words).map_or(0, |(class, _)| class));
        self.keys.remove(key, handle);
        if let Some(cell) = self.places.get(handle) {
            cell.store(0, Release);
        }
        // What is free must not remember whose it was.
        slab::write(words, |words| words[KEY..usize::from(SIZES[class])].iter().for_each(|word| word.store(0, Relaxed)));
        self.slab.give_back(place, class);
        self.shoppers.set(handle, None);
        self.free_handles.push(handle);
    }

    fn forget_one(&mut self) -> bool {
        while let Some((handle, queued_at)) = self.queue.pop_front() {
            if !self.is_queued((handle, queued_at)) {
                continue;
            }
            let touched = load(self.words(handle), TOUCHED);
            if touched == queued_at {
                self.remove(handle);
                return true;
            }
            self.queue_up(handle, touched);
        }
        false
    }
}

#[cfg(test)]
mod tests;
