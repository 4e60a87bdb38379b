//! From counts to what ranking reads: one bounded factor for each known pair, and a lift for each category that a query leads to.
//!
//! ```text
//! gained    clicks + 3 · carts + 10 · orders, and what is yet to come of the last clicks: (g - 1) · 2^(-age / 6 hours) of each
//! expected  clicks that an average product would have got at the ranks where this one stood; when the shop tells no impressions,
//!           searches that found something × rate(mean rank of its clicks)
//! g         what a click is worth in this shop: gained / clicks over everything
//! own       (gained + 5·g) / (e·g + 5·g) of the product over all other queries, within [0.5, 2]; e expected clicks, else clicks
//! ratio     (gained + 30·own·g) / (expected·g + 30·g) / own, for each window
//! factor    √(ratio short · ratio long), within [0.4, 2.5]
//! lift      1 + 0.25 · share of the category in what the query gained · gained / (gained + 10)
//! ```
//!
//! The ratio is a Gamma-Poisson mean (Efron and Morris 1977): thirty expected clicks of the product doing as usual. It is divided by the
//! product's own rate because the prior has that already: a factor says how much more, or less, the product is wanted for *this* query. So
//! it is 1 when nothing is known.

use super::DemandFold;
use super::counts::{COUNTS_LEN, Counts, foreseen};
use super::fold::State;
use super::queries::{PairCounts, QueryState, worth};
use super::snapshot::QueryRow;
use crate::event::Document;
use crate::id::Ordinal;
use crate::stdx::digest::crc32c;
use serde::Deserialize;
use std::borrow::Cow;
use std::ops::Bound;
use std::sync::Arc;

/// The smallest factor of a pair.
pub const FACTOR_MIN: f32 = 0.4;
/// The largest factor of a pair.
pub const FACTOR_MAX: f32 = 2.5;
/// The largest lift of a category.
pub const LIFT_MAX: f32 = 1.25;

/// Expected clicks that a pair's prior is worth: the first order that a query leads to lifts its product by about a quarter, not by half.
const PAIR_PRIOR: f64 = 30.0;
/// Expected clicks that a product's prior is worth.
const PRODUCT_PRIOR: f64 = 5.0;
/// Clicks that the usual worth of a click is worth, and that worth: one click in thirty ending in a cart and one in fifty in an order.
const CLICK_PRIOR: f64 = 20.0;
const CLICK_WORTH: f64 = 1.3;
/// What a query must have gained for half of a category's lift.
const LIFT_PRIOR: f64 = 10.0;
/// Most categories kept for one query.
const CATEGORIES_MAX: usize = 8;

/// A number for a product's first category; 0 when it has none.
pub(super) fn category_of(document: &Document) -> u32 {
    #[derive(Deserialize)]
    struct CategoryPart<'a> {
        #[serde(default, borrow)]
        categories: Vec<Vec<Cow<'a, str>>>,
    }
    let part = serde_json::from_slice::<CategoryPart<'_>>(&document.0).ok();
    let path = part.and_then(|part| part.categories.into_iter().next()).unwrap_or_default();
    if path.is_empty() { 0 } else { crc32c(path.join("\u{1f}").as_bytes()).max(1) }
}

/// What a click is worth in this shop.
fn click_worth(totals: &Counts) -> f64 {
    (totals.gained() + CLICK_PRIOR * CLICK_WORTH) / (totals.clicks + CLICK_PRIOR)
}

impl State {
    /// How well the product does over all queries but this one; 1 for an average one. Without this one, because a product that one query
    /// alone leads to would otherwise be measured against itself.
    fn own_rate(&self, product: Ordinal, here: &PairCounts, worth: f64) -> f64 {
        let totals = self.products.at(product.index());
        let [_, left, left_open] = self.windows.left(totals.at, self.watermark);
        let elsewhere = |sum: f64, here: f64| (sum * left - here).max(0.0);
        let open = (totals.open * left_open - here.open).max(0.0);
        let gained = foreseen(elsewhere(totals.gained, here.gained()), open, worth);
        let expected = match elsewhere(totals.expected, here.expected) {
            told if told > 0.0 => told,
            _ => elsewhere(totals.clicks, here.clicks),
        };
        ((gained + PRODUCT_PRIOR * worth) / ((expected + PRODUCT_PRIOR) * worth)).clamp(0.5, 2.0)
    }

    fn factors(&self, query: &QueryState, counts: &[Counts; 2], worth: f64) -> Box<[(Ordinal, f32)]> {
        let found = self.totals.sums[1].found();
        let factor = |pair: &super::queries::Pair| {
            let rate = self.curve.rate(pair.mean_rank(), found);
            let sums = pair.aged_to(self.watermark, self.windows);
            let own = self.own_rate(pair.product, &sums[1], worth);
            let ratio = |window: usize| ratio(&sums[window], counts[window].found() * rate, own, worth);
            let factor = (ratio(0) * ratio(1)).sqrt() as f32;
            (pair.product, if factor.is_finite() { factor.clamp(FACTOR_MIN, FACTOR_MAX) } else { 1.0 })
        };
        let mut factors: Vec<(Ordinal, f32)> = query.pairs.iter().map(factor).collect();
        factors.sort_unstable_by_key(|(product, _)| *product);
        factors.into_boxed_slice()
    }

    /// The categories of what the query gained.
    fn lifts(&self, query: &QueryState) -> Box<[(u32, f32)]> {
        let mut gained: Vec<(u32, f64)> = Vec::new();
        let mut whole = 0.0;
        for pair in &query.pairs {
            let [_, long] = pair.aged_to(self.watermark, self.windows);
            whole += long.gained();
            match *self.categories.at(pair.product.index()) {
                0 => {}
                category => match gained.iter_mut().find(|(known, _)| *known == category) {
                    Some((_, sum)) => *sum += long.gained(),
                    None => gained.push((category, long.gained())),
                },
            }
        }
        gained.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let lift = |sum: f64| 1.0 + f64::from(LIFT_MAX - 1.0) * (sum / whole) * (whole / (whole + LIFT_PRIOR));
        gained.into_iter().filter(|(_, sum)| *sum > 0.0).take(CATEGORIES_MAX).map(|(category, sum)| (category, lift(sum) as f32)).collect()
    }

    fn row(&self, query: &QueryState) -> QueryRow {
        let counts = query.counts.aged_to(self.watermark, self.windows);
        debug_assert!(counts.iter().all(|counts| counts.numbers().len() == COUNTS_LEN));
        QueryRow {
            written: Arc::clone(&query.written),
            factors: self.factors(query, &counts, click_worth(&self.totals.sums[1])),
            lifts: self.lifts(query),
            counts,
            is_shared: query.is_shared(),
            matches_count: query.matches_count,
            worth: worth(&counts) as f32,
        }
    }
}

fn ratio(sums: &PairCounts, implied: f64, own: f64, worth: f64) -> f64 {
    let expected = if sums.expected > 0.0 { sums.expected } else { implied };
    (sums.foreseen(worth) + PAIR_PRIOR * own * worth) / ((expected + PAIR_PRIOR) * worth) / own
}

impl DemandFold {
    /// Derives the row of one query, if it is still kept.
    pub(super) fn derive(&mut self, key: u64) {
        if let Some(query) = self.state.queries.get(key) {
            let row = self.state.row(query);
            self.shown.put(&query.text, row);
        }
    }

    /// Derives the rows of the next `budget` queries in the order of their texts.
    pub(super) fn refresh(&mut self, budget: usize) {
        let after = (Bound::Excluded(Arc::clone(&self.refreshed_up_to)), Bound::Unbounded);
        let next: Vec<Arc<str>> = self.shown.rows.range(after).take(budget).map(|(text, _)| Arc::clone(text)).collect();
        for text in &next {
            self.derive(crate::signal::keys::key_of("query/", text));
        }
        self.refreshed_up_to = next.last().cloned().unwrap_or_else(|| Arc::from(""));
    }

    /// Derives every row, after loading.
    pub(super) fn derive_all(&mut self) {
        let keys: Vec<u64> = self.state.queries.table.sorted().iter().map(|(key, _)| **key).collect();
        keys.into_iter().for_each(|key| self.derive(key));
    }
}
