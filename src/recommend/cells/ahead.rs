//! What of a row is asked for before it is needed, as far as what came before has made it known.

use super::{Cells, HEADER, WEAKEST, highs_at, weights_at};
use crate::id::Ordinal;
use crate::recommend::row::PARTNERS_MAX;
use crate::stdx::prefetch::call_for;
use crate::stdx::slab;

/// Words that a row's beginning is: the header, and the whole of a small row; two cache lines.
pub(in crate::recommend) const BEGINNING: usize = 2 * slab::ALIGN_WORDS;

impl Cells<'_> {
    /// Asks for what it is looked through for a partner.
    #[inline]
    pub(in crate::recommend) fn expect_look(self) {
        let end = highs_at(self.room).min(HEADER + self.len().div_ceil(2));
        call_for(&self.words[BEGINNING.min(end)..end]);
    }

    /// Asks for what a tie with `product` will change, once what is looked through is at hand.
    #[inline]
    pub(in crate::recommend) fn expect_tie(self, product: Ordinal) {
        let (len, weights) = (self.len(), weights_at(self.room));
        let known = (self.get(WEAKEST) as usize).checked_sub(1);
        let place = match self.alike(product, 0) {
            Some(place) => place,
            None if len < self.room => len,
            None if self.room < PARTNERS_MAX => return,
            None => match known.filter(|place| *place < self.room) {
                Some(place) => place,
                None => return call_for(&self.words[weights..weights + self.room]),
            },
        };
        for at in [highs_at(self.room) + place / 4, weights + place, weights + self.room + place] {
            call_for(&self.words[at..=at]);
        }
    }

    /// Asks for all weights and counts.
    #[inline]
    pub(in crate::recommend) fn expect_all(self) {
        let (len, highs, weights) = (self.len(), highs_at(self.room), weights_at(self.room));
        call_for(&self.words[highs..weights + len]);
        call_for(&self.words[weights + self.room..weights + self.room + len]);
    }
}
