//! Dense numbers: smallest and largest per product, and prices per marketplace.
//!
//! Prices are kept in thousandths of the currency's major unit. Every ISO 4217 minor unit in use is a whole number of them, so amounts of
//! different currencies compare exactly and no price is ever a floating-point number.

use super::codes::Ascending;
use super::packing::{self, Written};
use super::price_classes::PriceClasses;
use super::row::Row;
use crate::id::{MarketplaceId, Ordinal};
use crate::money::Money;
use crate::stdx::chunked::{CHUNK_LEN, Chunked};
use crate::stdx::memo::Memo;
use crate::stdx::packed::{PackedReader, PackedWriter};
use roaring::RoaringBitmap;
use std::sync::Arc;

/// Marketplaces that may have offers of their own; further ones see the general offers. Each costs up to 20 bytes a product.
pub const MARKETPLACES_MAX: usize = 1_024;
/// Marketplaces of which it is remembered what they do not sell, until an offer changes.
const MARKETS_REMEMBERED_MAX: usize = 64;

/// Smallest and largest of several numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span<T> {
    /// The smallest.
    pub min: T,
    /// The largest; below `min` when there are no numbers.
    pub max: T,
}

impl Span<i64> {
    /// No numbers.
    pub const EMPTY: Self = Self { min: i64::MAX, max: i64::MIN };
}

impl Span<f64> {
    /// No numbers.
    pub const EMPTY: Self = Self { min: f64::INFINITY, max: f64::NEG_INFINITY };
}

impl<T: PartialOrd + Copy> Span<T> {
    /// Whether there are no numbers.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.min > self.max
    }

    /// Takes one more number in.
    pub fn include(&mut self, number: T) {
        if number < self.min {
            self.min = number;
        }
        if number > self.max {
            self.max = number;
        }
    }

    /// Whether the span and `low..=high` have numbers in common.
    #[inline]
    pub fn touches(&self, low: T, high: T) -> bool {
        !self.is_empty() && self.min <= high && self.max >= low
    }

    /// Whether there is one number only, so that the span says everything.
    #[inline]
    pub fn is_point(&self) -> bool {
        self.min == self.max
    }
}

/// Number of a marketplace within these columns; 0 stands for the general offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct MarketId(pub u32);

impl MarketId {
    /// The offers that hold where there are no others.
    pub const GENERAL: Self = Self(0);
}

/// A price in thousandths of the major unit.
#[must_use]
pub fn thousandths(price: Money) -> i64 {
    let scale = 10_i64.pow(3_u32.saturating_sub(price.currency.minor_digits()));
    price.amount_minor.saturating_mul(scale)
}

/// Price spans of all products: the general ones, and one sparse column for each marketplace with offers of its own.
#[derive(Debug, Clone)]
pub struct Prices {
    names: Arc<Vec<MarketplaceId>>,
    /// One for the general offers, then one for each name.
    spans: Vec<Chunked<Span<i64>>>,
    /// Beside each, the classes of the same prices.
    classes: Vec<PriceClasses>,
    /// Products with a variant that has no general offer.
    partly: Arc<RoaringBitmap>,
    /// For marketplaces that were asked for, the products that are offered elsewhere only.
    elsewhere: Arc<Memo<MarketId, Arc<RoaringBitmap>, MARKETS_REMEMBERED_MAX>>,
}

impl Default for Prices {
    fn default() -> Self {
        Self::new()
    }
}

impl Prices {
    /// No prices.
    #[must_use]
    pub fn new() -> Self {
        Self {
            names: Arc::default(),
            spans: vec![Chunked::new(Span::<i64>::EMPTY)],
            classes: vec![PriceClasses::new()],
            partly: Arc::default(),
            elsewhere: Arc::default(),
        }
    }

    /// The number of a marketplace, or the general one when it has no offers of its own.
    #[must_use]
    pub fn market(&self, marketplace: Option<&MarketplaceId>) -> MarketId {
        let place = marketplace.and_then(|wanted| self.names.iter().position(|name| name == wanted));
        MarketId(place.map_or(0, |place| place as u32 + 1))
    }

    /// The number of a marketplace that has an offer; none beyond [`MARKETPLACES_MAX`].
    pub fn market_or_new(&mut self, marketplace: Option<&MarketplaceId>) -> Option<MarketId> {
        let known = self.market(marketplace);
        let Some(name) = marketplace.filter(|_| known == MarketId::GENERAL) else { return Some(known) };
        if self.names.len() == MARKETPLACES_MAX {
            return None;
        }
        Arc::make_mut(&mut self.names).push(name.clone());
        self.spans.push(Chunked::new(Span::<i64>::EMPTY));
        self.classes.push(PriceClasses::new());
        Some(MarketId(self.names.len() as u32))
    }

    /// Names in the order of their numbers, from 1.
    #[must_use]
    pub fn names(&self) -> &[MarketplaceId] {
        &self.names
    }

    /// Lowest and highest price of the product in `market`.
    #[must_use]
    #[inline]
    pub fn span(&self, ordinal: Ordinal, market: MarketId) -> Span<i64> {
        let own = self.spans.get(market.0 as usize).map_or(Span::<i64>::EMPTY, |column| *column.at(ordinal.index()));
        if own.is_empty() { *self.spans[0].at(ordinal.index()) } else { own }
    }

    /// Gives `take` each of these products with its [`Prices::span`], in their order. Reads that wait for nothing but memory wait together.
    #[inline]
    pub fn spans(&self, products: &Ascending, market: MarketId, mut take: impl FnMut(Ordinal, Span<i64>)) {
        let general = &self.spans[0];
        let own = self.spans.get(market.0 as usize).unwrap_or(general);
        products.each_run(own, |run, chunk| {
            for &ordinal in run {
                let span = chunk[ordinal as usize % CHUNK_LEN];
                let is_elsewhere = span.is_empty() && market != MarketId::GENERAL;
                take(Ordinal(ordinal), if is_elsewhere { *general.at(ordinal as usize) } else { span });
            }
        });
    }

    /// The classes of the prices of products that have offers of their own in `market`; those of the general offers hold for all others.
    #[must_use]
    pub fn classes(&self, market: MarketId) -> Option<&PriceClasses> {
        self.classes.get(market.0 as usize)
    }

    /// Whether every variant of the product has a price in every marketplace.
    #[must_use]
    #[inline]
    pub fn is_full(&self, ordinal: Ordinal) -> bool {
        !self.partly.contains(ordinal.0)
    }

    /// The products that have offers, none of which holds in `market`: nobody can buy them there. None where that is said of no product.
    #[must_use]
    pub fn only_elsewhere(&self, market: MarketId) -> Option<Arc<RoaringBitmap>> {
        if market == MarketId::GENERAL || self.partly.is_empty() {
            return None;
        }
        let made = self.elsewhere.of_all(&[market], |_| vec![Arc::new(self.offered_but_in(market))]);
        made.into_iter().next().filter(|products| !products.is_empty())
    }

    /// The same, from the sets of what has prices in each marketplace: as this is made anew after every change of an offer, no product is looked at.
    fn offered_but_in(&self, market: MarketId) -> RoaringBitmap {
        let mut left = (*self.partly).clone();
        let here = [MarketId::GENERAL, market];
        here.iter().filter_map(|market| self.classes(*market)).for_each(|classes| left -= classes.present());
        let mut found = RoaringBitmap::new();
        for classes in &self.classes {
            if left.is_empty() {
                break;
            }
            let offered = &left & classes.present();
            left -= &offered;
            found |= offered;
        }
        found
    }

    /// Enters the prices of a product.
    pub fn set(&mut self, ordinal: Ordinal, row: Row<'_>) {
        self.elsewhere = Arc::default();
        if row.variants().any(|variant| variant.price(MarketId::GENERAL).is_none()) {
            Arc::make_mut(&mut self.partly).insert(ordinal.0);
        }
        for market in row.markets() {
            let mut span = Span::<i64>::EMPTY;
            row.variants().filter_map(|variant| variant.price(market)).for_each(|price| span.include(price));
            *self.spans[market.0 as usize].at_mut(ordinal.index()) = span;
            self.classes[market.0 as usize].set(ordinal, row, market);
        }
    }

    /// Writes the prices of all marketplaces, but for the marketplaces' names.
    pub(super) fn pack(&self, out: &mut PackedWriter<'_>) -> Written {
        packing::put_products(out, &self.partly)?;
        for (spans, classes) in self.spans.iter().zip(&self.classes) {
            packing::put_column(out, spans, |span| [span.min, span.max])?;
            classes.pack(out)?;
        }
        Ok(())
    }

    /// Reads what [`Prices::pack`] wrote, of these marketplaces.
    pub(super) fn unpack(names: Vec<MarketplaceId>, from: &mut PackedReader<'_>) -> Option<Self> {
        let partly = packing::products(from)?;
        let (mut spans, mut classes) = (Vec::new(), Vec::new());
        for _ in 0..=names.len() {
            spans.push(packing::column(from, Span::<i64>::EMPTY, |[min, max]: [i64; 2]| Span { min, max })?);
            classes.push(PriceClasses::unpack(from)?);
        }
        Some(Self { names: Arc::new(names), spans, classes, partly, elsewhere: Arc::default() })
    }

    /// Forgets the prices of a product.
    pub fn clear(&mut self, ordinal: Ordinal) {
        self.elsewhere = Arc::default();
        if self.partly.contains(ordinal.0) {
            Arc::make_mut(&mut self.partly).remove(ordinal.0);
        }
        for column in self.spans.iter_mut().filter(|column| !column.at(ordinal.index()).is_empty()) {
            *column.at_mut(ordinal.index()) = Span::<i64>::EMPTY;
        }
        self.classes.iter_mut().for_each(|classes| classes.clear(ordinal));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    #[test]
    fn every_currency_becomes_thousandths_exactly() {
        let check = |minor, code, expected| {
            assert_eq!(thousandths(Money::new(minor, Currency::new(code).expect("a code"))), expected, "{minor} {code}");
        };
        check(1_999, "USD", 19_990);
        check(500, "JPY", 500_000);
        check(1_234, "KWD", 1_234);
        check(i64::MAX, "USD", i64::MAX);
    }

    #[test]
    fn an_empty_span_touches_nothing() {
        assert!(!Span::<i64>::EMPTY.touches(i64::MIN, i64::MAX));
        assert!(!Span::<f64>::EMPTY.touches(f64::NEG_INFINITY, f64::INFINITY));
        let mut span = Span::<i64>::EMPTY;
        span.include(5);
        assert!(span.is_point() && span.touches(5, 5) && !span.touches(6, 9));
    }
}
