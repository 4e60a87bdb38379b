//! Visits in the recommendation checkpoint: one section of words, read back bit for bit. Drawn in `docs/FORMATS.md`.

use super::returns::Cell;
use super::{RECENT_MAX, STEPS_MAX, Visit, Visits};
use crate::id::Ordinal;
use crate::recommend::RecommendError;
use crate::recommend::rings::RingKey;
use crate::signal::PRODUCTS_MAX;
use crate::stdx::words::{WordReader, WordWriter};

/// Bit of a visit's first word that says whether its shopper is known.
const HAS_SHOPPER: u64 = 1 << 63;
const DAMAGED: RecommendError = RecommendError::Damaged("visits");

impl Visits {
    /// Writes everything.
    pub(in crate::recommend) fn save(&self) -> WordWriter {
        let mut out = WordWriter::default();
        out.unsigned(u64::from(self.visits_max));
        out.unsigned(self.begun);
        self.returns.cells.iter().flatten().flatten().for_each(|cell| out.unsigned(pair(cell.tries, cell.hits)));
        out.unsigned(u64::from(self.held_count));
        for slot in self.slots_by_age() {
            self.visit(slot).into_iter().for_each(|visit| write_visit(&mut out, slot, &visit));
        }
        self.by_product.for_each(|product, count, slots| {
            out.unsigned(pair(product.0, slots.len() as u32));
            out.unsigned(u64::from(count));
            write_numbers(&mut out, slots.iter().copied());
        });
        out
    }

    /// Reads what [`Visits::save`] wrote.
    ///
    /// # Errors
    /// When it is damaged or was made for another number of visits.
    pub(in crate::recommend) fn load(words: &[u64], visits_max: usize) -> Result<Self, RecommendError> {
        let mut from = WordReader::new(words);
        let mut visits = Self::new(visits_max);
        if from.unsigned().ok_or(DAMAGED)? != u64::from(visits.visits_max) {
            return Err(RecommendError::OtherOptions);
        }
        visits.read(&mut from).map(|()| visits).ok_or(DAMAGED)
    }

    fn read(&mut self, from: &mut WordReader<'_>) -> Option<()> {
        self.begun = from.unsigned()?;
        for cell in self.returns.cells.iter_mut().flatten().flatten() {
            let (tries, hits) = unpair(from.unsigned()?);
            *cell = Some(Cell { tries, hits }).filter(|cell| cell.hits <= cell.tries)?;
        }
        for _ in 0..from.unsigned()? {
            let (slot, visit) = read_visit(from)?;
            let number =
                Some(slot).filter(|slot| *slot < self.slots_end() && self.held.key(*slot).is_none()).map(|slot| self.number_of(slot))?;
            self.put(number, &visit).then_some(())?;
        }
        while from.left() > 0 {
            let (product, count, slots) = read_recent(from)?;
            let is_theirs = |slot: &u32| self.held.steps(*slot).any(|step| step == product);
            if count == 0 || count > self.held_count || !slots.iter().all(is_theirs) {
                return None;
            }
            self.by_product.restore(product, count, &slots)?;
        }
        Some(())
    }

    /// All places, that of the oldest visit first, so that a session's newest visit is read last.
    fn slots_by_age(&self) -> impl Iterator<Item = u32> {
        let first = self.begun.saturating_sub(u64::from(self.visits_max));
        (first..self.begun).map(|number| self.slot_of(number))
    }

    /// How many visits had begun before the one whose place it is.
    fn number_of(&self, slot: u32) -> u64 {
        let (places, slot) = (u64::from(self.visits_max), u64::from(slot));
        let round = self.begun % places;
        if slot < round { self.begun - round + slot } else { self.begun - round - (places - slot) }
    }
}

fn pair(low: u32, high: u32) -> u64 {
    u64::from(low) | (u64::from(high) << 32)
}

fn unpair(word: u64) -> (u32, u32) {
    (word as u32, (word >> 32) as u32)
}

/// Two numbers a word; of an odd number of them the last word holds one.
fn write_numbers(out: &mut WordWriter, numbers: impl Iterator<Item = u32>) {
    let numbers: Vec<u32> = numbers.collect();
    numbers.chunks(2).for_each(|two| out.unsigned(pair(two[0], two.get(1).copied().unwrap_or(0))));
}

fn read_numbers(from: &mut WordReader<'_>, count: usize) -> Option<Vec<u32>> {
    let mut numbers = Vec::with_capacity(count + 1);
    for _ in 0..count.div_ceil(2) {
        let (first, second) = unpair(from.unsigned()?);
        numbers.extend([first, second]);
    }
    numbers.truncate(count);
    Some(numbers)
}

fn write_visit(out: &mut WordWriter, slot: u32, visit: &Visit) {
    let has_shopper = if visit.shopper.is_some() { HAS_SHOPPER } else { 0 };
    out.unsigned(pair(slot, visit.steps.len() as u32) | has_shopper);
    out.unsigned(visit.key.0);
    visit.shopper.iter().for_each(|shopper| out.unsigned(shopper.0));
    out.time(visit.at);
    write_numbers(out, visit.steps.iter().map(|step| step.0));
}

fn read_visit(from: &mut WordReader<'_>) -> Option<(u32, Visit)> {
    let first = from.unsigned()?;
    let (slot, len) = unpair(first & !HAS_SHOPPER);
    let len = Some(len as usize).filter(|len| *len <= STEPS_MAX)?;
    let key = RingKey(from.unsigned()?);
    let shopper = if first & HAS_SHOPPER == 0 { None } else { Some(RingKey(from.unsigned()?)) };
    let at = from.time()?;
    let steps: Vec<Ordinal> = read_numbers(from, len)?.into_iter().map(Ordinal).collect();
    let are_products = steps.iter().all(|step| step.index() < PRODUCTS_MAX);
    are_products.then_some((slot, Visit { key, shopper, at, steps }))
}

fn read_recent(from: &mut WordReader<'_>) -> Option<(Ordinal, u32, Vec<u32>)> {
    let (product, len) = unpair(from.unsigned()?);
    let product = Some(Ordinal(product)).filter(|product| product.index() < PRODUCTS_MAX)?;
    let len = Some(len as usize).filter(|len| *len <= RECENT_MAX)?;
    let count = u32::try_from(from.unsigned()?).ok().filter(|count| *count as usize >= len)?;
    Some((product, count, read_numbers(from, len)?))
}
