//! EASE for dense catalogues and the head of large ones: every product explained by all others at once.
//!
//! Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019: `B = I − P · diag(P)⁻¹`, `P = (XᵀX + λI)⁻¹`. The inverse of
//! n products takes 2n³ operations in 8n² bytes, so only the [`PRODUCTS_MAX`] most frequent products take part.

use super::{Ease, Shared, Support, distinct};
use crate::id::Ordinal;
use crate::learn::algebra::inverse::invert;
use crate::learn::formats::History;
use ndarray::Array2;
use rayon::prelude::*;
use std::cmp::Reverse;

/// Operations that one inverse may take: a minute of processor time at 33 Gflop a second of one core (`algebra/inverse.rs`), half of that on two.
const WORK_MAX: u64 = 2_000_000_000_000;
/// Bytes that its matrix may take.
const BYTES_MAX: u64 = 1 << 30;
/// Most products that both allow: 10,000, whose inverse takes 0.8 GB.
pub const PRODUCTS_MAX: u32 = products_max();

const fn products_max() -> u32 {
    let mut count = 0_u64;
    while 2 * (count + 1).pow(3) <= WORK_MAX && 8 * (count + 1).pow(2) <= BYTES_MAX {
        count += 1;
    }
    count as u32
}

/// One row a product: the strongest `neighbours` weights of each row of B, negative ones among them. Products outside the head have none.
pub(super) fn rows(histories: &[History], shared: &Shared, products_count: u32, ease: Ease, neighbours: usize) -> Vec<Vec<(Ordinal, f32)>> {
    let sets: Vec<Vec<u32>> = histories.iter().map(|history| distinct(&history.products)).collect();
    let head = head(&sets, products_count);
    let mut place_of = vec![u32::MAX; products_count as usize];
    head.iter().zip(0..).for_each(|(&product, place)| place_of[product as usize] = place);
    let mut gram = Array2::<f64>::zeros((head.len(), head.len()));
    for set in &sets {
        let places: Vec<usize> =
            set.iter().map(|&product| place_of[product as usize] as usize).filter(|&place| place < head.len()).collect();
        let weight = (set.len().max(1) as f64).powf(-ease.shopper_power);
        places.iter().for_each(|&a| places.iter().for_each(|&b| gram[[a, b]] += weight));
    }
    let penalty = ease.strength * gram.diag().mean().unwrap_or(0.0);
    gram.diag_mut().iter_mut().for_each(|own| *own += penalty);
    let mut rows = vec![Vec::new(); products_count as usize];
    let Some(inverse) = invert(gram) else { return rows };
    let strongest = |support: &mut Support<'_>, place: usize| {
        support.turn_to(head[place]);
        let row = inverse.row(place);
        let weight = |other: usize| (-row[other] / inverse[[other, other]]) as f32;
        let others = (0..head.len()).filter(|&other| other != place && support.has(head[other]));
        let mut kept: Vec<(Ordinal, f32)> = others.map(|other| (Ordinal(head[other]), weight(other))).collect();
        kept.retain(|(_, weight)| weight.is_finite() && *weight != 0.0);
        if kept.len() > neighbours {
            kept.select_nth_unstable_by(neighbours, |a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0)));
            kept.truncate(neighbours);
        }
        kept
    };
    let strong: Vec<Vec<(Ordinal, f32)>> = (0..head.len()).into_par_iter().map_init(|| shared.support(), strongest).collect();
    head.iter().zip(strong).for_each(|(&product, row)| rows[product as usize] = row);
    rows
}

/// The products that most shoppers had.
fn head(sets: &[Vec<u32>], products_count: u32) -> Vec<u32> {
    let mut shoppers = vec![0_u32; products_count as usize];
    sets.iter().flatten().for_each(|&product| shoppers[product as usize] += 1);
    let mut head: Vec<u32> = (0..products_count).filter(|&product| shoppers[product as usize] > 0).collect();
    head.sort_by_key(|&product| Reverse(shoppers[product as usize]));
    head.truncate(PRODUCTS_MAX as usize);
    head
}

#[cfg(test)]
mod tests {
    use super::super::{Ridge, ridge};
    use super::*;

    #[test]
    fn it_is_the_regression_on_all_other_products() {
        let mut random = fastrand::Rng::with_seed(6);
        let mut products = || (0..random.usize(2..7)).map(|_| random.u32(0..12)).collect();
        let histories: Vec<History> = (0..90).map(|_| History { products: products(), ..History::default() }).collect();
        let every_pair = Shared::of(&[], 0, 1);
        let found = rows(&histories, &every_pair, 12, Ease { strength: 0.5, shopper_power: 0.5 }, 12);
        let all = Ridge { neighbourhood: 11, strength: 0.5, shopper_power: 0.5, product_power: 0.0 };
        for (product, (row, mut expected)) in found.into_iter().zip(ridge::rows(&histories, &every_pair, 12, all)).enumerate() {
            let mut row = row;
            row.sort_by_key(|(other, _)| *other);
            expected.sort_by_key(|(other, _)| *other);
            assert_eq!(row.len(), expected.len(), "{product}");
            let near = row.iter().zip(&expected).all(|(one, two)| one.0 == two.0 && (one.1 - two.1).abs() < 1e-4);
            assert!(near, "{product}: {row:?} where {expected:?} was expected");
        }
    }

    /// The bound was a bare count, and refused sets that take seconds.
    #[test]
    fn so_many_products_take_part_as_work_and_memory_allow() {
        assert_eq!(PRODUCTS_MAX, 10_000);
    }

    #[test]
    fn rows_keep_the_strongest_and_the_head_is_what_most_had() {
        let lists: [&[u32]; 4] = [&[0, 1, 2], &[0, 1], &[1, 2, 0], &[4, 1]];
        let histories: Vec<History> = lists.iter().map(|list| History { products: list.to_vec(), ..History::default() }).collect();
        let found = rows(&histories, &Shared::of(&[], 0, 1), 5, Ease { strength: 1.0, shopper_power: 0.0 }, 1);
        assert!(found.iter().all(|row| row.len() <= 1) && found[3].is_empty());
        let sets: Vec<Vec<u32>> = histories.iter().map(|history| distinct(&history.products)).collect();
        assert_eq!(head(&sets, 5), [1, 0, 2, 4]);
    }
}
