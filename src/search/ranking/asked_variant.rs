//! Whether what was asked for of a product can be bought: of a shoe in size 42, that size.
//!
//! A product of which some variants are sold out stands where one that can be bought stands, and its card shows the variant that was asked for: `size 42 boots`
//! began with a boot that was gone in 42. Of the window, where people look, such products stand where those stand that are sold out altogether.

use super::{Ranked, Ranking, SCORE_BITS};
use crate::id::Ordinal;
use crate::search::columns::Row;
use crate::search::filter::Filter;
use crate::search::matched::Class;
use std::cmp::Reverse;

impl Ranking<'_> {
    /// Sets back, in a window that is in order, products of which nothing of what was asked for can be bought, though something else can.
    pub(super) fn set_back_sold_out(&self, window: &mut [Ranked]) {
        let is_partly_sold_out =
            |ranked: &&mut Ranked| ranked.found.class != Class::NAMED && self.scope.live.sold_out_variants(ranked.found.ordinal) != 0;
        let mut partly: Vec<&mut Ranked> = window.iter_mut().filter(is_partly_sold_out).collect();
        if partly.is_empty() {
            return;
        }
        let hints = self.variant_hints();
        if hints.is_empty() && !self.filter.tells_variants_apart() {
            return;
        }
        partly.retain(|ranked| !self.can_be_bought(ranked.found.ordinal, &hints));
        if partly.is_empty() {
            return;
        }
        partly.into_iter().for_each(|ranked| ranked.key.relevance &= !(1 << SCORE_BITS));
        window.sort_by_key(|ranked| Reverse(ranked.key));
    }

    /// What the words name of a variant, each for itself, since not every product has a variant that is all of it.
    fn variant_hints(&self) -> Vec<Filter> {
        let read = |hint| Filter::parse(hint, self.scope.columns, self.scope.market).ok();
        self.scorer.intents.variant_hints().filter_map(read).filter(Filter::is_variant_level).collect()
    }

    fn can_be_bought(&self, product: Ordinal, hints: &[Filter]) -> bool {
        let is_sold = |row| self.asked_variants(product, row, hints).into_iter().any(|variant| self.scope.live.sells(product, variant));
        self.scope.columns.row(product).is_none_or(is_sold)
    }

    /// The variants that are asked for, of which there is at least one in a match: those that pass the filter, and of these, hint by hint, those that
    /// are what it says where there are any.
    fn asked_variants(&self, product: Ordinal, row: Row<'_>, hints: &[Filter]) -> Vec<usize> {
        let passing: Vec<usize> = self.filter.variants(self.scope, product, row).collect();
        hints.iter().fold(passing, |asked, hint| {
            let hinted: Vec<usize> = hint.variants(self.scope, product, row).filter(|one| asked.contains(one)).collect();
            if hinted.is_empty() { asked } else { hinted }
        })
    }
}
