//! Products that lend the values of some of their variants only. Equal ones are counted together: those that have the same lineup in a field
//! and the same variants that pass.

use crate::id::Ordinal;
use crate::search::columns::{Columns, Lined, Lineup, Lineups, Row};
use crate::search::filter::passing::{ALL_VARIANTS, Passing, Variants};
use crate::search::filter::{Filter, Scope};
use roaring::RoaringBitmap;
use std::collections::HashMap;

/// Counters for each product up to which a table of lineups by kind pays for itself.
const COUNTERS_A_PRODUCT_MAX: usize = 32;

/// Products of which some variants pass the filter and others do not.
#[derive(Debug, Default)]
pub(super) struct Apart {
    /// Each with its place in `kinds`.
    few: Vec<(Ordinal, u32)>,
    /// Which variants pass, as bits, each once.
    kinds: Vec<u64>,
    /// Those with more variants than there are bits for, each with the passing ones by index.
    many: Vec<(Ordinal, Vec<usize>)>,
}

impl Apart {
    /// Those of `products`, which have all passed the filter.
    pub(super) fn of(products: &RoaringBitmap, filter: &Filter, scope: Scope<'_>) -> Self {
        let (mut passing, mut known) = (Passing::of(filter, scope), HashMap::new());
        let mut apart = Self::default();
        let mut last = (ALL_VARIANTS, 0);
        for ordinal in (products & scope.columns.multi()).iter().map(Ordinal) {
            match passing.variants(ordinal) {
                Variants::Bits(ALL_VARIANTS) => {}
                Variants::Listed(variants) => apart.many.push((ordinal, variants)),
                Variants::Bits(bits) => {
                    if last.0 != bits {
                        let kinds = &mut apart.kinds;
                        let new = || {
                            kinds.push(bits);
                            kinds.len() as u32 - 1
                        };
                        last = (bits, *known.entry(bits).or_insert_with(new));
                    }
                    apart.few.push((ordinal, last.1));
                }
            }
        }
        apart
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.few.is_empty() && self.many.is_empty()
    }

    /// The products.
    pub(super) fn products(&self) -> RoaringBitmap {
        let few = RoaringBitmap::from_sorted_iter(self.few.iter().map(|(ordinal, _)| ordinal.0)).unwrap_or_default();
        self.many.iter().fold(few, |mut products, (ordinal, _)| {
            products.insert(ordinal.0);
            products
        })
    }

    /// Each product with its passing variants as bits, without those that [`Self::many`] has.
    pub(super) fn few(&self) -> impl Iterator<Item = (Ordinal, u64)> {
        self.few.iter().map(|(ordinal, kind)| (*ordinal, self.kinds[*kind as usize]))
    }

    /// Each product with the passing variants by index.
    pub(super) fn each_product(&self, mut each: impl FnMut(Ordinal, &mut dyn Iterator<Item = usize>)) {
        self.few().for_each(|(ordinal, bits)| each(ordinal, &mut (0..64).filter(|index| bits >> index & 1 == 1)));
        self.many.iter().for_each(|(ordinal, variants)| each(*ordinal, &mut variants.iter().copied()));
    }

    /// The products with more variants than there are bits for, as rows and the passing variants by index.
    pub(super) fn many<'b>(&'b self, columns: &'b Columns) -> impl Iterator<Item = (Row<'b>, &'b [usize])> {
        self.many.iter().filter_map(|(ordinal, variants)| columns.row(*ordinal).map(|row| (row, variants.as_slice())))
    }

    /// Calls `count` with lineups, passing variants and how many products have both, and `look` with every other product that may have
    /// something in the field.
    pub(super) fn each(
        &self,
        lineups: Option<&Lineups>,
        columns: &Columns,
        mut count: impl FnMut(&Lineup, u64, u32),
        mut look: impl FnMut(Row<'_>, &[usize]),
    ) {
        let mut indices = Vec::new();
        let mut look_at = |ordinal: Ordinal, bits: u64| {
            indices.clear();
            indices.extend((0..64).filter(|index| bits >> index & 1 == 1));
            columns.row(ordinal).into_iter().for_each(|row| look(row, &indices));
        };
        if let Some(lineups) = lineups {
            let mut tally = Tally::new(lineups.lineups_count(), self.kinds.len(), self.few.len());
            for (ordinal, kind) in &self.few {
                match lineups.at(*ordinal) {
                    Lined::Nothing => {}
                    Lined::Lineup(number) => tally.add(number, *kind),
                    Lined::Look => look_at(*ordinal, self.kinds[*kind as usize]),
                }
            }
            tally.each(|number, kind, products_count| count(lineups.lineup(number), self.kinds[kind], products_count));
        } else {
            self.few().for_each(|(ordinal, bits)| look_at(ordinal, bits));
        }
        self.many(columns).for_each(|(row, variants)| look(row, variants));
    }
}

/// Products by lineup and kind.
struct Tally {
    kinds_count: usize,
    /// A counter for each pair, while that is not too many.
    counters: Vec<u32>,
    /// Otherwise the pairs themselves.
    pairs: Vec<usize>,
}

impl Tally {
    fn new(lineups_count: usize, kinds_count: usize, products_count: usize) -> Self {
        let counters_count = lineups_count * kinds_count;
        let is_table = counters_count <= products_count * COUNTERS_A_PRODUCT_MAX;
        let counters = if is_table { vec![0; counters_count] } else { Vec::new() };
        Self { kinds_count, counters, pairs: Vec::new() }
    }

    #[inline]
    fn add(&mut self, lineup: usize, kind: u32) {
        let pair = lineup * self.kinds_count + kind as usize;
        match self.counters.get_mut(pair) {
            Some(counter) => *counter += 1,
            None => self.pairs.push(pair),
        }
    }

    fn each(mut self, mut each: impl FnMut(usize, usize, u32)) {
        let mut hit = |pair: usize, count: u32| each(pair / self.kinds_count, pair % self.kinds_count, count);
        self.counters.iter().enumerate().filter(|(_, count)| **count > 0).for_each(|(pair, count)| hit(pair, *count));
        self.pairs.sort_unstable();
        self.pairs.chunk_by(|a, b| a == b).for_each(|same| hit(same[0], same.len() as u32));
    }
}
