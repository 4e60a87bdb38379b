//! What followed what, near more than far.

use super::{Order, Places, Shared, Sums, each_row};
use crate::id::Ordinal;
use crate::learn::formats::History;

/// One row a product, by the formula at [`Order`].
pub(super) fn rows(
    histories: &[History],
    shared: &Shared,
    products_count: u32,
    order: Order,
    neighbours: usize,
) -> Vec<Vec<(Ordinal, f32)>> {
    let Order { window, decay, backward, alpha, beta, gamma, shrink, half_life } = order;
    let places = Places::of(histories.iter().map(|history| history.products.as_slice()), products_count);
    let occurrences: Vec<f64> = (0..products_count).map(|product| places.of_product(product).len() as f64).collect();
    let by_distance: Vec<f64> = (0..=window).map(|distance| (distance.max(1) as f64).powf(-decay)).collect();
    let by_length: Vec<f64> = histories.iter().map(|history| (history.products.len().max(1) as f64).powf(-gamma)).collect();
    let newest = histories.iter().flat_map(|history| &history.times).copied().fold(f64::NEG_INFINITY, f64::max);
    let by_age = |history: &History, position: usize| match (half_life, history.times.get(position)) {
        (Some(half_life), Some(time)) => (-(newest - time) / half_life).exp2(),
        _ => 1.0,
    };
    let count_around = |product: u32, place: (u32, u32), sums: &mut Sums<'_>| {
        let (history, position) = (&histories[place.0 as usize], place.1 as usize);
        let end = (position + window + 1).min(history.products.len());
        for other_position in position.saturating_sub(window)..end {
            let other = history.products[other_position];
            if other == product {
                continue;
            }
            let direction = if other_position > position { 1.0 } else { backward };
            let age = by_age(history, position.max(other_position));
            sums.add(other, direction * by_distance[position.abs_diff(other_position)] * age * by_length[place.0 as usize]);
        }
    };
    each_row(products_count, shared, |product, sums| {
        places.of_product(product).iter().for_each(|&place| count_around(product, place, sums));
        let own = occurrences[product as usize].powf(alpha);
        sums.take_best(neighbours, |other, sum| sum / (own * occurrences[other as usize].powf(beta) + shrink))
    })
}
