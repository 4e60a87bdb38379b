//! Whether what was asked for of a product can be bought: of a shoe in size 42, that size.
//!
//! A product of which some variants are sold out stands where one that can be bought stands, and its card shows the variant that was asked for: `size 42 boots`
//! began with a boot that was gone in 42. Of the window, where people look, such products stand where those stand that are sold out altogether.

use super::{Ranked, Ranking, SCORE_BITS};
use crate::id::Ordinal;
use crate::search::columns::Row;
use crate::search::filter::{Filter, Scope};
use crate::search::matched::Class;
use std::cmp::Reverse;

/// What of a product was asked for.
pub(super) struct AskedVariant<'a> {
    scope: Scope<'a>,
    /// What the shown variant has to meet.
    filter: &'a Filter,
    /// What it had better meet: what the words name, each for itself, since not every product has a variant that is all of it.
    hints: Vec<Filter>,
}

impl<'a> AskedVariant<'a> {
    /// None where nothing tells variants apart.
    pub(super) fn of(ranking: &Ranking<'a>) -> Option<Self> {
        let scope = ranking.scope;
        let hints = ranking.scorer.intents.variant_hints().filter_map(|hint| Filter::parse(hint, scope.columns, scope.market).ok());
        let hints: Vec<Filter> = hints.filter(Filter::is_variant_level).collect();
        let tells_apart = ranking.filter.is_variant_level() && !ranking.filter.is_by_stock();
        (tells_apart || !hints.is_empty()).then_some(Self { scope, filter: ranking.filter, hints })
    }

    /// Sets back, in a window that is in order, products of which nothing of what was asked for can be bought, though something else can.
    pub(super) fn set_back(&self, window: &mut [Ranked]) {
        let mut is_in_order = true;
        for ranked in window.iter_mut().filter(|ranked| ranked.found.class != Class::NAMED && self.is_sold_out(ranked.found.ordinal)) {
            ranked.key.relevance &= !(1 << SCORE_BITS);
            is_in_order = false;
        }
        if !is_in_order {
            window.sort_by_key(|ranked| Reverse(ranked.key));
        }
    }

    fn is_sold_out(&self, product: Ordinal) -> bool {
        if self.scope.live.sold_out_variants(product) == 0 {
            return false;
        }
        self.scope
            .columns
            .row(product)
            .is_some_and(|row| !self.variants(product, row).iter().any(|one| self.scope.live.sells(product, *one)))
    }

    /// The variants that are asked for, of which there is at least one in a match.
    fn variants(&self, product: Ordinal, row: Row<'_>) -> Vec<usize> {
        let passing: Vec<usize> = self.filter.variants(self.scope, product, row).collect();
        self.hints.iter().fold(passing, |asked, hint| {
            let hinted: Vec<usize> = hint.variants(self.scope, product, row).filter(|one| asked.contains(one)).collect();
            if hinted.is_empty() { asked } else { hinted }
        })
    }
}
