//! One category's products as shoppers meet them: how popular each is, what it costs, and which are rising.

use super::grammar::Grammar;
use super::{Draw, assortment, draw};
use std::ops::Range;

/// Flattens Zipf's law at its head, so that the best seller does not take everything.
const ZIPF_OFFSET: f64 = 5.0;
/// Of products, that many rise in the last days and that many fade.
const TREND_SHARE: f64 = 0.03;
const RISE_DAYS: f64 = 9.0;
const RISE_MAX: f64 = 7.0;

/// How demand for a product moves.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Trend {
    Steady,
    Rising,
    Fading,
}

/// What shoppers know of a product before they look at it closely.
#[derive(Debug, Clone, Copy)]
pub(super) struct Card {
    pub(super) brand: usize,
    pub(super) price_minor: i64,
    /// Where its price lies among those of its category, 0 to 1.
    pub(super) price_place: f64,
    trend: Trend,
}

/// The products of one category.
#[derive(Debug)]
pub(super) struct Shelf {
    /// Numbers of its products.
    pub(super) products: Range<usize>,
    cards: Vec<Card>,
    /// Numbers of its products, the most popular first, and the running sum of their weights.
    ranked: Vec<usize>,
    weights_sum: Vec<f64>,
}

/// Fills the shelves of a shop of about `products_count` products.
pub(super) fn all(grammar: &Grammar, seed: u64, products_count: usize) -> Vec<Shelf> {
    let shares: f64 = grammar.categories.iter().map(|category| category.share).sum();
    let mut shelves: Vec<Shelf> = Vec::new();
    for (category, kind) in grammar.categories.iter().enumerate() {
        let start = shelves.last().map_or(0, |shelf| shelf.products.end);
        let count = (products_count as f64 * kind.share / shares).round() as usize;
        shelves.push(Shelf::new(grammar, seed, category, start..start + count.max(1)));
    }
    shelves
}

impl Shelf {
    fn new(grammar: &Grammar, seed: u64, category: usize, products: Range<usize>) -> Self {
        let mut draw = draw(seed, "shelf", category as u64);
        let prices =
            products.clone().map(|index| assortment::core(grammar, seed, category, index)).map(|core| (core.brand, core.price_minor));
        let prices: Vec<(usize, i64)> = prices.collect();
        let mut sorted: Vec<i64> = prices.iter().map(|(_, price)| *price).collect();
        sorted.sort_unstable();
        let cards = prices.iter().map(|&(brand, price_minor)| {
            let below = sorted.partition_point(|price| *price < price_minor);
            let luck = draw.f64();
            let trend = match luck {
                _ if luck < TREND_SHARE => Trend::Rising,
                _ if luck < 2.0 * TREND_SHARE => Trend::Fading,
                _ => Trend::Steady,
            };
            Card { brand, price_minor, price_place: below as f64 / sorted.len() as f64, trend }
        });
        let cards = cards.collect();
        let mut ranked: Vec<usize> = products.clone().collect();
        draw.shuffle(&mut ranked);
        let mut sum = 0.0;
        let weights_sum = (0..ranked.len()).map(|rank| {
            sum += 1.0 / (rank as f64 + ZIPF_OFFSET);
            sum
        });
        let weights_sum = weights_sum.collect();
        Self { products, cards, ranked, weights_sum }
    }

    pub(super) fn card(&self, index: usize) -> Card {
        self.cards[index - self.products.start]
    }

    /// A product by popularity alone.
    pub(super) fn popular(&self, draw: &mut Draw) -> usize {
        let whole = self.weights_sum.last().copied().unwrap_or_default();
        let point = draw.f64() * whole;
        let rank = self.weights_sum.partition_point(|sum| *sum <= point);
        self.ranked[rank.min(self.ranked.len() - 1)]
    }

    /// Where a product stands among the popular ones, 0 being the best seller, 1 the last.
    pub(super) fn popularity_place(&self, index: usize) -> f64 {
        let rank = self.ranked.iter().position(|known| *known == index).unwrap_or(self.ranked.len());
        rank as f64 / self.ranked.len() as f64
    }

    /// How much more than usual a product is wanted, so many days before now.
    pub(super) fn trend(&self, index: usize, days_before: f64) -> f64 {
        let nearness = ((RISE_DAYS - days_before) / RISE_DAYS).clamp(0.0, 1.0);
        match self.card(index).trend {
            Trend::Steady => 1.0,
            Trend::Rising => 1.0 + (RISE_MAX - 1.0) * nearness,
            Trend::Fading => 1.0 - 0.8 * nearness,
        }
    }
}
