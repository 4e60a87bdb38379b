//! What filters, facets and sorts know about every product: keywords, numbers and prices, by ordinal and by value.
//!
//! Two views of the same facts are kept. *By product*: one [`Row`] with the product's and each variant's facts, for verifying that several
//! conditions hold on one and the same variant, and for counting few matches. *By value*: the set of products of each keyword, for
//! filtering and for counting many matches. Numbers that most products have (price, rating, common attributes) have a dense column too.
//! Everything is shared between clones: a clone is a snapshot, and a later write copies only the chunk, set or field that it touches.
//! Rows and values of the generation stay in its mapped file; what was put since stands beside it.

pub mod codes;
mod dense;
pub mod derived;
pub mod dictionary;
pub mod field;
pub mod file;
pub mod lineups;
mod lists;
pub mod numbers;
mod packing;
pub mod postings;
pub mod price_classes;
pub mod profiles;
pub mod row;
mod rows;
mod terms;

pub use codes::{Ascending, Code, Codes, Decoded};
pub use derived::{TextRanks, compare_texts};
pub use dictionary::{Dictionary, FieldId, PATH_JOINT, TermId, last_part};
pub use field::Field;
pub use lineups::{Lined, Lineup, Lineups};
pub use numbers::{MarketId, Prices, Span};
pub use postings::Postings;
pub use price_classes::PriceClasses;
pub use profiles::{Profile, Profiles};
pub use row::{Facts, Row, VariantRow};

use crate::catalog::product::Product;
use crate::id::{MarketplaceId, Ordinal};
use roaring::RoaringBitmap;
use rows::Rows;
use std::sync::Arc;

/// The columns of all products. Cloning is cheap; one writer changes, readers keep clones.
#[derive(Debug, Clone)]
pub struct Columns {
    rows: Rows,
    dictionary: Dictionary,
    prices: Prices,
    live: Arc<RoaringBitmap>,
    /// Products with two or more variants: the only ones whose conditions may hold on different variants.
    multi: Arc<RoaringBitmap>,
}

/// What of a product's numbers changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Renumbered {
    /// What it costs somewhere.
    pub prices: bool,
    /// What shoppers thought of it before, if they think otherwise now.
    pub rating: Option<Span<f64>>,
    /// What it is: of a text that was one value it is known by now that it puts others side by side.
    pub values: bool,
}

impl Default for Columns {
    fn default() -> Self {
        Self::new()
    }
}

impl Columns {
    /// No products.
    #[must_use]
    pub fn new() -> Self {
        Self { rows: Rows::new(), dictionary: Dictionary::new(), prices: Prices::new(), live: Arc::default(), multi: Arc::default() }
    }

    /// Looks at the values of some products that will be taken in, to know which values others put side by side.
    pub(super) fn learn<'a>(&mut self, products: impl IntoIterator<Item = &'a Product>) {
        products.into_iter().for_each(|product| lists::learn(product, &mut self.dictionary));
    }

    /// Takes a product in, in place of what its ordinal held before.
    pub fn put(&mut self, ordinal: Ordinal, product: &Product) {
        let words = row::words_of(product, &mut self.dictionary, &mut self.prices);
        self.remove(ordinal);
        self.link(ordinal, words.into());
    }

    /// Takes in the prices and the rating of a product that is in and has the words, variants and offers that it had. Touches nothing else, and says
    /// what changed.
    pub fn renumber(&mut self, ordinal: Ordinal, product: &Product) -> Renumbered {
        let words: Arc<[u32]> = row::words_of(product, &mut self.dictionary, &mut self.prices).into();
        let (Some(before), Some(now)) = (self.rows.get(ordinal), Row::of_words(&words)) else {
            self.link(ordinal, words);
            return Renumbered { prices: true, rating: Some(Span::<f64>::EMPTY), values: true };
        };
        let ratings = [before, now].map(|row| row.number_span(FieldId::RATING));
        if !before.all().keywords().eq(now.all().keywords()) {
            self.remove(ordinal);
            self.link(ordinal, words);
            return Renumbered { prices: true, rating: Some(ratings[0]), values: true };
        }
        let rating = (ratings[0] != ratings[1]).then_some(ratings[0]);
        let renumbered = Renumbered { prices: before.prices() != now.prices(), rating, values: false };
        if renumbered.prices {
            self.prices.clear(ordinal);
            self.prices.set(ordinal, now);
        }
        if rating.is_some() {
            let field = self.dictionary.field_mut(FieldId::RATING);
            field.forget(ordinal);
            if !ratings[1].is_empty() {
                field.exists_number(ordinal, ratings[1]);
            }
        }
        self.rows.put(ordinal, words);
        if rating.is_some() {
            self.enter_dense_field(ordinal, FieldId::RATING);
        }
        renumbered
    }

    /// Forgets a product. Its keywords stay in the dictionary until the next batch rebuild.
    pub fn remove(&mut self, ordinal: Ordinal) {
        let Some(held) = self.rows.take(ordinal) else { return };
        let Some(row) = held.row() else { return };
        for keyword in row.all().keywords() {
            self.dictionary.remove_product(keyword.term, ordinal);
        }
        for field in row.all().fields() {
            self.dictionary.field_mut(field).forget(ordinal);
        }
        self.prices.clear(ordinal);
        Arc::make_mut(&mut self.live).remove(ordinal.0);
        Arc::make_mut(&mut self.multi).remove(ordinal.0);
    }

    /// Enters a row into every by-value view; `ordinal` holds nothing.
    fn link(&mut self, ordinal: Ordinal, words: Arc<[u32]>) {
        let Some(row) = Row::of_words(&words) else { return };
        for keyword in row.all().keywords() {
            self.dictionary.add_product(keyword.term, ordinal);
            self.dictionary.field_mut(keyword.field).exists(ordinal);
        }
        for (field, span) in row.number_spans() {
            self.dictionary.field_mut(field).exists_number(ordinal, span);
        }
        for variant in row.variants() {
            for field in variant.own.fields() {
                self.dictionary.mark_variant_level(field);
            }
        }
        self.prices.set(ordinal, row);
        Arc::make_mut(&mut self.live).insert(ordinal.0);
        if row.variants_count() > 1 {
            Arc::make_mut(&mut self.multi).insert(ordinal.0);
        }
        self.rows.put(ordinal, words);
        self.enter_dense(ordinal);
    }

    /// Products that are in.
    #[must_use]
    pub fn live(&self) -> &RoaringBitmap {
        &self.live
    }

    /// One more than the highest ordinal that was ever put.
    #[must_use]
    pub fn ordinals_end(&self) -> usize {
        self.rows.len()
    }

    /// Products with two or more variants.
    #[must_use]
    pub fn multi(&self) -> &RoaringBitmap {
        &self.multi
    }

    /// The facts of a product; none when it is not in.
    #[must_use]
    pub fn row(&self, ordinal: Ordinal) -> Option<Row<'_>> {
        self.rows.get(ordinal)
    }

    /// Field names, keyword values, and the products of each.
    #[must_use]
    pub fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    /// The marketplace's number; none when no product has an offer of its own there, so that the general offers hold.
    #[must_use]
    pub fn market(&self, marketplace: Option<&MarketplaceId>) -> MarketId {
        self.prices.market(marketplace)
    }

    /// The marketplaces that have offers of their own.
    #[must_use]
    pub fn marketplaces(&self) -> &[MarketplaceId] {
        self.prices.names()
    }

    /// Whether a marketplace is one of them.
    #[must_use]
    pub fn has_offers_in(&self, marketplace: &MarketplaceId) -> bool {
        self.prices.names().contains(marketplace)
    }

    /// The products that are offered, but not in `market`; see [`Prices::only_elsewhere`].
    #[must_use]
    pub fn only_elsewhere(&self, market: MarketId) -> Option<Arc<RoaringBitmap>> {
        self.prices.only_elsewhere(market)
    }

    /// Whether a product lives and is not offered elsewhere only.
    pub fn offered_in(&self, market: MarketId) -> impl Fn(Ordinal) -> bool + '_ {
        let elsewhere = self.only_elsewhere(market);
        move |product| self.live.contains(product.0) && elsewhere.as_ref().is_none_or(|elsewhere| !elsewhere.contains(product.0))
    }

    /// Lowest and highest price among the product's variants in `market`; empty when nothing is offered.
    #[must_use]
    pub fn price_span(&self, ordinal: Ordinal, market: MarketId) -> Span<i64> {
        self.prices.span(ordinal, market)
    }

    /// Gives `take` each of these products with its [`Columns::price_span`], in their order.
    #[inline]
    pub fn price_spans(&self, products: &Ascending, market: MarketId, take: impl FnMut(Ordinal, Span<i64>)) {
        self.prices.spans(products, market, take);
    }

    /// The classes of prices in `market`; see [`Prices::classes`].
    #[must_use]
    pub fn price_classes(&self, market: MarketId) -> Option<&PriceClasses> {
        self.prices.classes(market)
    }

    /// Whether every variant of the product has a price, whatever the marketplace.
    #[must_use]
    #[inline]
    pub fn is_fully_priced(&self, ordinal: Ordinal) -> bool {
        self.prices.is_full(ordinal)
    }

    /// Smallest and largest number that the product or any of its variants has in `field`; empty when there is none.
    #[must_use]
    pub fn number_span(&self, field: FieldId, ordinal: Ordinal) -> Span<f64> {
        match &self.dictionary.field(field).column {
            Some(column) => *column.at(ordinal.index()),
            None => self.row(ordinal).map_or(Span::<f64>::EMPTY, |row| row.number_span(field)),
        }
    }
}

#[cfg(test)]
mod file_tests;
#[cfg(test)]
mod tests;
