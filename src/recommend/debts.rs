//! Returns that were told before what they return: shops export their orders the newest first.
//!
//! What a return could not take back is owed until a purchase of the same product by the same person comes in that was made before it. Of most
//! such purchases nobody ever tells, as they were made before the file begins; so the number is bounded, and what was told first is forgotten
//! first. Nothing stands here of those who are forgotten.

use super::rings::RingKey;
use crate::id::Ordinal;
use crate::stdx::clock::Timestamp;
use crate::stdx::words::{WordReader, WordWriter};
use std::collections::{BTreeMap, BTreeSet};

/// Returns that are remembered, about 150 bytes each.
const DEBTS_MAX: usize = 65_536;

/// Units of a product that came back at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Debt {
    pub(super) product: Ordinal,
    pub(super) units: i64,
    pub(super) at: Timestamp,
}

/// The returns that wait, each by the number it came in with.
#[derive(Debug, Clone, Default)]
pub(super) struct Debts {
    by_number: BTreeMap<u64, (RingKey, Debt)>,
    by_owner: BTreeSet<(RingKey, Ordinal, u64)>,
    told: u64,
}

impl Debts {
    /// Of a return, `debt` could not be taken back.
    pub(super) fn owe(&mut self, owner: RingKey, debt: Debt) {
        if self.by_number.len() >= DEBTS_MAX
            && let Some(oldest) = self.by_number.keys().next().copied()
        {
            self.remove(oldest);
        }
        self.by_number.insert(self.told, (owner, debt));
        self.by_owner.insert((owner, debt.product, self.told));
        self.told += 1;
    }

    /// What is left of so many units, 0 when that is not known, that were bought at a moment, when what came back later is taken off; none when
    /// nothing is. The return next after the purchase first.
    pub(super) fn settle(&mut self, owner: RingKey, product: Ordinal, units: i64, at: Timestamp) -> Option<i64> {
        let mut left = units;
        while let Some((number, debt)) = self.next_after(owner, product, at) {
            if units == 0 || debt.units <= left {
                self.remove(number);
            } else if let Some((_, debt)) = self.by_number.get_mut(&number) {
                debt.units -= left;
            }
            left -= debt.units;
            if left <= 0 {
                return None;
            }
        }
        Some(left)
    }

    fn next_after(&self, owner: RingKey, product: Ordinal, at: Timestamp) -> Option<(u64, Debt)> {
        let numbers = self.by_owner.range((owner, product, 0)..=(owner, product, u64::MAX)).map(|(.., number)| *number);
        let later = numbers.filter_map(|number| Some((number, self.by_number.get(&number)?.1))).filter(|(_, debt)| debt.at >= at);
        later.min_by_key(|(_, debt)| debt.at)
    }

    /// Whether anything came back of what was bought at a moment.
    pub(super) fn owes(&self, owner: RingKey, product: Ordinal, at: Timestamp) -> bool {
        !self.by_owner.is_empty() && self.next_after(owner, product, at).is_some()
    }

    /// Whether anything came back from them that waits.
    pub(super) fn has(&self, owner: RingKey) -> bool {
        !self.by_owner.is_empty() && self.numbers_of(owner).next().is_some()
    }

    /// Takes out what somebody owes, and gives it as it came in.
    pub(super) fn take(&mut self, owner: RingKey) -> Vec<Debt> {
        let numbers: BTreeSet<u64> = self.numbers_of(owner).collect();
        numbers.into_iter().filter_map(|number| self.remove(number)).collect()
    }

    fn numbers_of(&self, owner: RingKey) -> impl Iterator<Item = u64> {
        self.by_owner.range((owner, Ordinal(0), 0)..=(owner, Ordinal(u32::MAX), u64::MAX)).map(|(.., number)| *number)
    }

    fn remove(&mut self, number: u64) -> Option<Debt> {
        let (owner, debt) = self.by_number.remove(&number)?;
        self.by_owner.remove(&(owner, debt.product, number));
        Some(debt)
    }

    /// Appends everything: four words a return, in the order in which they were told.
    pub(super) fn write(&self, out: &mut WordWriter) {
        for (owner, debt) in self.by_number.values() {
            out.unsigned(owner.0);
            out.unsigned(u64::from(debt.product.0));
            out.signed(debt.units);
            out.time(debt.at);
        }
    }

    /// Reads what [`Debts::write`] wrote, up to the end of `words`.
    pub(super) fn read(words: &[u64]) -> Option<Self> {
        let mut debts = Self::default();
        let mut reader = WordReader::new(words);
        while reader.left() > 0 {
            let (owner, product) = (RingKey(reader.unsigned()?), Ordinal(u32::try_from(reader.unsigned()?).ok()?));
            debts.owe(owner, Debt { product, units: reader.signed().filter(|units| *units > 0)?, at: reader.time()? });
        }
        Some(debts)
    }
}

#[cfg(test)]
#[path = "debts_tests.rs"]
mod tests;
