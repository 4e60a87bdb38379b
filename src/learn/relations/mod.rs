//! Which products go with which, from what shoppers had to do with: the batch side of recommendations.
//!
//! Several ways to count ([`Kind`]) all write rows of one table: what followed what (order), where a walk over shoppers ends (walk),
//! what explains whom (ridge, EASE). Beside the table stand low-rank factors. [`Recipe`] says which of them have a voice
//! and how loud, and trains them into one [`Taste`](crate::model::taste::Taste); [`tune()`] finds the recipe on a part of the histories
//! that is held back.

mod blend;
mod ease;
mod kinds;
mod knobs;
mod low_rank;
mod order;
mod pool;
mod recipe;
mod ridge;
mod shared;
mod tune;
mod walk;

pub use ease::PRODUCTS_MAX as EASE_PRODUCTS_MAX;
pub use kinds::{Ease, Kind, LowRank, Order, Ridge};
pub use recipe::{Learnt, Part, Recipe, Tilted, Voice};
pub use tune::{Trial, Tuned, Tuning, tune};

use super::LearnError;
use super::formats::History;
use crate::id::Ordinal;
use crate::model::relations::Relations;
use crate::stdx::topk::{Score, TopK};
use rayon::prelude::*;
use shared::{Shared, Support};
use std::cmp::Reverse;

/// What is counted, and how much of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// How pairs are counted.
    pub kind: Kind,
    /// Most related products a product keeps.
    pub neighbours: usize,
    /// Of longer histories only the newest products are looked at: nobody's taste has more sides, and pairs grow with the square.
    pub history_max: usize,
    /// Histories that must hold two products before one is named for the other; 1 for data of nobody who could mind.
    pub support_min: u32,
}

impl Options {
    /// The given way of counting with the usual bounds.
    #[must_use]
    pub fn of(kind: Kind) -> Self {
        Self { kind, neighbours: 300, history_max: 1_000, support_min: 1 }
    }
}

/// Counts the histories; product numbers are ordinals below `products_count`, others are ignored.
///
/// # Errors
/// When there is no history of two products.
pub fn train(histories: &[History], products_count: u32, options: Options) -> Result<Relations, LearnError> {
    let kept: Vec<History> = histories.iter().map(|history| newest(history, products_count, options.history_max)).collect();
    if kept.iter().all(|history| history.products.len() < 2) {
        return Err(LearnError::TooLittle("no history has two products".to_owned()));
    }
    let shared = Shared::of(&kept, products_count, options.support_min);
    let rows = match options.kind {
        Kind::Walk { alpha, beta } => walk::rows(&kept, &shared, [alpha, beta], products_count, options.neighbours),
        Kind::Order(order) => order::rows(&kept, &shared, products_count, order, options.neighbours),
        Kind::Ridge(ridge) => ridge::rows(&kept, &shared, products_count, ridge),
        Kind::Ease(ease) => ease::rows(&kept, &shared, products_count, ease, options.neighbours),
    };
    Ok(Relations::from_rows(rows.into_iter().map(best_first))?)
}

fn best_first(mut row: Vec<(Ordinal, f32)>) -> Vec<(Ordinal, f32)> {
    row.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    row
}

/// Products once each, sorted: how often a shopper turned to one does not count, only that they did.
fn distinct(products: &[u32]) -> Vec<u32> {
    let mut set = products.to_vec();
    set.sort_unstable();
    set.dedup();
    set
}

fn newest(history: &History, products_count: u32, history_max: usize) -> History {
    let timed = history.times.len() == history.products.len();
    let known: Vec<usize> = (0..history.products.len()).filter(|&index| history.products[index] < products_count).collect();
    let kept = &known[known.len().saturating_sub(history_max)..];
    History {
        shopper: String::new(),
        products: kept.iter().map(|&index| history.products[index]).collect(),
        times: kept.iter().filter(|_| timed).map(|&index| history.times[index]).collect(),
    }
}

/// Every place where each product stands: (history, position), in order.
struct Places {
    starts: Vec<usize>,
    places: Vec<(u32, u32)>,
}

impl Places {
    fn of<'a>(histories: impl Iterator<Item = &'a [u32]> + Clone, products_count: u32) -> Self {
        let mut starts = vec![0_usize; products_count as usize + 1];
        histories.clone().flatten().for_each(|&product| starts[product as usize + 1] += 1);
        (0..products_count as usize).for_each(|product| starts[product + 1] += starts[product]);
        let mut next = starts.clone();
        let mut places = vec![(0, 0); starts[products_count as usize]];
        for (index, history) in histories.enumerate() {
            for (position, &product) in history.iter().enumerate() {
                places[next[product as usize]] = (index as u32, position as u32);
                next[product as usize] += 1;
            }
        }
        Self { starts, places }
    }

    fn of_product(&self, product: u32) -> &[(u32, u32)] {
        &self.places[self.starts[product as usize]..self.starts[product as usize + 1]]
    }
}

/// Sums for one product's row, used again for the next product.
struct Sums<'a> {
    values: Vec<f64>,
    touched: Vec<u32>,
    support: Support<'a>,
}

impl Sums<'_> {
    #[inline]
    fn add(&mut self, product: u32, value: f64) {
        let sum = &mut self.values[product as usize];
        if *sum == 0.0 {
            self.touched.push(product);
        }
        *sum += value;
    }

    /// The best `count` by `score(product, sum)` of those that enough histories hold beside the row's own, best first; the sums are zero again
    /// afterwards.
    fn take_best(&mut self, count: usize, score: impl Fn(u32, f64) -> f64) -> Vec<(Ordinal, f32)> {
        let mut top = TopK::new(count);
        for product in self.touched.drain(..) {
            let sum = std::mem::take(&mut self.values[product as usize]);
            if self.support.has(product) {
                top.push((Score(score(product, sum) as f32), Reverse(product)));
            }
        }
        let positive = top.into_descending().into_iter().filter(|(Score(score), _)| score.is_finite() && *score > 0.0);
        positive.map(|(Score(score), Reverse(product))| (Ordinal(product), score)).collect()
    }
}

/// One row a product, on all threads; each row is summed by one thread in one order, so the result is always the same.
fn each_row(
    products_count: u32,
    shared: &Shared,
    row: impl Fn(u32, &mut Sums<'_>) -> Vec<(Ordinal, f32)> + Sync,
) -> Vec<Vec<(Ordinal, f32)>> {
    let sums = || Sums { values: vec![0.0; products_count as usize], touched: Vec::new(), support: shared.support() };
    let row = |sums: &mut Sums<'_>, product: u32| {
        sums.support.turn_to(product);
        row(product, sums)
    };
    (0..products_count).into_par_iter().with_min_len(256).map_init(sums, row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histories(lists: &[&[u32]]) -> Vec<History> {
        lists.iter().map(|products| History { products: products.to_vec(), ..History::default() }).collect()
    }

    fn row(relations: &Relations, product: u32) -> Vec<(u32, f32)> {
        relations.related(Ordinal(product)).map(|(related, weight)| (related.0, weight)).collect()
    }

    #[test]
    fn a_walk_matches_a_computation_by_hand() {
        let lists = histories(&[&[0, 1], &[0, 1, 2, 1], &[3]]);
        let relations = train(&lists, 4, Options::of(Kind::Walk { alpha: 1.0, beta: 0.5 })).expect("trains");
        // From 0, with two shoppers of 2 and 3 products: to 1 by (1/2 + 1/3)/2 / √2, to 2 by (1/3)/2 / √1; then the row sums to one.
        let (one, two) = (5.0 / 12.0 / 2.0_f32.sqrt(), 1.0 / 6.0);
        let expected = [(1, one / (one + two)), (2, two / (one + two))];
        for ((product, weight), (expected_product, expected_weight)) in row(&relations, 0).into_iter().zip(expected) {
            assert_eq!(product, expected_product);
            assert!((weight - expected_weight).abs() < 1e-6, "{weight} where {expected_weight} was expected");
        }
        assert_eq!(row(&relations, 3), []);
    }

    #[test]
    fn order_matches_a_computation_by_hand() {
        let order = Order { window: 2, decay: 1.0, backward: 0.5, alpha: 1.0, beta: 0.0, gamma: 0.0, shrink: 1.0, half_life: Some(10.0) };
        let mut lists = histories(&[&[0, 1, 2, 3], &[1, 0]]);
        lists[0].times = vec![0.0, 10.0, 20.0, 20.0];
        let relations = train(&lists, 4, Options::of(Kind::Order(order))).expect("trains");
        // 0 stands twice. Forward: 1 at distance 1, one half life old; 2 at distance 2, of today. Backward: 1 at distance 1, no time known.
        assert_eq!(row(&relations, 0), [(1, (0.5 + 0.5) / 3.0), (2, 0.5 / 3.0)]);
        // The age of a pair is that of its later product, whichever way it is read.
        assert_eq!(row(&relations, 3), [(2, 0.5 / 2.0), (1, 0.25 / 2.0)]);
    }

    #[test]
    fn rows_keep_the_best_and_odd_input_is_fine() {
        let options = Options { neighbours: 1, history_max: 3, ..Options::of(Kind::WALK) };
        let relations = train(&histories(&[&[9, 2, 1, 0], &[1, 0], &[]]), 3, options).expect("trains");
        assert_eq!(row(&relations, 0).len(), 1);
        assert_eq!((row(&relations, 0)[0].0, relations.products_count()), (1, 3));
        assert!(train(&histories(&[&[0], &[]]), 3, options).is_err());
        assert!(train(&[], 0, options).is_err());
    }
}
