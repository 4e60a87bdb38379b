//! The words of one moment of the shop, as a query is read by them.

use super::lexicon::Lexicon;
use super::{Reading, Typed};
use crate::search::index::{SearchSnapshot, TermGroup, TextQuery};
use crate::search::understand::Words;
use crate::signal::SignalTable;

/// The index, for what words there are, and the live numbers, for what sells.
#[derive(Clone, Copy)]
pub struct ShopWords<'a> {
    /// Words.
    pub index: &'a SearchSnapshot,
    /// Live numbers.
    pub signals: &'a SignalTable,
}

impl ShopWords<'_> {
    /// Whether some product that holds the term has sold. Only asked of rare terms.
    fn sells(&self, term: &str) -> bool {
        let query = TextQuery { groups: vec![TermGroup::exactly(term)], required: 1 };
        let mut sells = false;
        let read = self.index.text.matches(&query, &mut |found| {
            sells |= self.signals.row(found.ordinal).velocity_long_per_day > 0.0;
        });
        // What cannot be read is not changed either.
        sells || read.is_err()
    }
}

impl Words for ShopWords<'_> {
    fn readings(&self, typed: &[Typed]) -> Vec<Reading> {
        let sells = |term: &str| self.sells(term);
        let Self { index, .. } = self;
        let products_count = index.text.products_count();
        Lexicon { vocabulary: &index.vocabulary, products_count, queries: &index.queries, sells: &sells }.readings(typed)
    }

    fn beginning(&self, typed: &str) -> Option<String> {
        super::beginning(&self.index.vocabulary, typed)
    }
}
