//! RP3β: where a walk from a product over one of its shoppers ends.

use super::{Places, Shared, distinct, each_row};
use crate::id::Ordinal;
use crate::learn::formats::History;

/// A shopper's number of visits to a product does not count, only that there was one.
pub(super) fn rows(
    histories: &[History],
    shared: &Shared,
    [alpha, beta]: [f64; 2],
    products_count: u32,
    neighbours: usize,
) -> Vec<Vec<(Ordinal, f32)>> {
    let sets: Vec<History> =
        histories.iter().map(|history| History { products: distinct(&history.products), ..History::default() }).collect();
    let places = Places::of(sets.iter().map(|set| set.products.as_slice()), products_count);
    let step: Vec<f64> = sets.iter().map(|set| (set.products.len().max(1) as f64).powf(-alpha)).collect();
    let held_back: Vec<f64> = (0..products_count).map(|product| (places.of_product(product).len().max(1) as f64).powf(-beta)).collect();
    each_row(products_count, shared, |product, sums| {
        let shoppers = places.of_product(product);
        for &(shopper, _) in shoppers {
            let weight = step[shopper as usize];
            sets[shopper as usize].products.iter().filter(|&&other| other != product).for_each(|&other| sums.add(other, weight));
        }
        let first_step = (shoppers.len().max(1) as f64).powf(-alpha);
        let mut row = sums.take_best(neighbours, |other, sum| sum * first_step * held_back[other as usize]);
        let total: f32 = row.iter().map(|(_, weight)| weight).sum();
        row.iter_mut().for_each(|(_, weight)| *weight /= total);
        row.retain(|(_, weight)| *weight > 0.0);
        row
    })
}
