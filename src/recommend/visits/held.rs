//! The remembered visits, by place: records of one size, changed in place while they are read.
//!
//! A record is eight words (counter, key in two, shopper in two, time of the last step in two, steps and one more) and then the steps, oldest
//! first. Places are taken one after the other, so what comes next is known early and can be asked for ahead.

use super::{STEPS_MAX, Visit};
use crate::id::Ordinal;
use crate::recommend::rings::RingKey;
use crate::stdx::clock::Timestamp;
use crate::stdx::slab::{self, PAGE_WORDS, Pages, load_long, store_long};
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

const KEY: usize = 1;
const SHOPPER: usize = 3;
const AT: usize = 5;
/// Steps and one more; 0 where no visit is.
const SHAPE: usize = 7;
const STEPS: usize = 8;
/// Whole cache lines, so that the header and the first steps of a visit are one.
const RECORD_WORDS: usize = (STEPS + STEPS_MAX).next_multiple_of(slab::ALIGN_WORDS);
const PAGE_RECORDS: usize = PAGE_WORDS / RECORD_WORDS;

/// Visits by place. Clones are the same visits.
#[derive(Debug, Clone, Default)]
pub(super) struct Held(Pages);

/// Where the record of a place begins.
fn start(slot: u32) -> u32 {
    let (page, within) = (slot as usize / PAGE_RECORDS, slot as usize % PAGE_RECORDS);
    (page * PAGE_WORDS + within * RECORD_WORDS) as u32
}

impl Held {
    /// Whether this build can address so many places, beyond which none is ever used.
    pub(super) fn places_max() -> u32 {
        (slab::PAGES_MAX * PAGE_RECORDS) as u32
    }

    fn record(&self, slot: u32) -> Option<&[AtomicU32]> {
        self.0.from(start(slot)).get(..RECORD_WORDS)
    }

    /// Whose visit stands at a place.
    #[inline]
    pub(super) fn key(&self, slot: u32) -> Option<RingKey> {
        let record = self.record(slot).filter(|record| record[SHAPE].load(Relaxed) != 0)?;
        Some(RingKey(load_long(record, KEY)))
    }

    /// Whose session it is, if that is known.
    pub(super) fn shopper(&self, slot: u32) -> Option<RingKey> {
        let record = self.record(slot).filter(|record| record[SHAPE].load(Relaxed) != 0)?;
        Some(RingKey(load_long(record, SHOPPER))).filter(|shopper| shopper.0 != 0)
    }

    /// Copies the visit at a place. False when none is there.
    pub(super) fn read(&self, slot: u32, visit: &mut Visit) -> bool {
        let Some(record) = self.record(slot) else { return false };
        let copied = slab::read(record, |record| {
            let len = (record[SHAPE].load(Relaxed) as usize).checked_sub(1)?.min(STEPS_MAX);
            visit.key = RingKey(load_long(record, KEY));
            visit.shopper = Some(RingKey(load_long(record, SHOPPER))).filter(|shopper| shopper.0 != 0);
            visit.at = Timestamp(load_long(record, AT).cast_signed());
            visit.steps.clear();
            visit.steps.extend(record[STEPS..STEPS + len].iter().map(|step| Ordinal(step.load(Relaxed))));
            Some(())
        });
        copied.flatten().is_some()
    }

    /// Puts a visit at a place; its steps before `changed_from` are there already. False when there is no memory for it.
    pub(super) fn put(&self, slot: u32, visit: &Visit, changed_from: usize) -> bool {
        let Some(record) = self.0.grown(start(slot)).and_then(|_| self.record(slot)) else { return false };
        slab::write(record, |record| {
            store_long(record, KEY, visit.key.0);
            store_long(record, SHOPPER, visit.shopper.map_or(0, |shopper| shopper.0));
            store_long(record, AT, visit.at.0.cast_unsigned());
            let steps = record[STEPS..].iter().zip(&visit.steps);
            steps.skip(changed_from).for_each(|(word, step)| word.store(step.0, Relaxed));
            record[SHAPE].store(visit.steps.len().min(STEPS_MAX) as u32 + 1, Relaxed);
        });
        true
    }

    /// Takes the visit from a place; what is free does not remember whose it was.
    pub(super) fn clear(&self, slot: u32) {
        self.record(slot).into_iter().for_each(|record| {
            let end = STEPS + (record[SHAPE].load(Relaxed) as usize).min(STEPS_MAX);
            slab::write(record, |record| record[KEY..end].iter().for_each(|word| word.store(0, Relaxed)));
        });
    }

    /// The steps of the visit at a place, as the writer sees them; none where no visit is.
    #[inline]
    pub(super) fn steps(&self, slot: u32) -> impl Iterator<Item = Ordinal> {
        let record = self.record(slot).unwrap_or_default();
        let len = record.get(SHAPE).map_or(0, |shape| (shape.load(Relaxed) as usize).saturating_sub(1).min(STEPS_MAX));
        record.iter().skip(STEPS).take(len).map(|step| Ordinal(step.load(Relaxed)))
    }

    /// The visit at a place will be needed soon.
    #[inline]
    pub(super) fn prefetch(&self, slot: u32) {
        self.0.prefetch(start(slot));
    }
}
