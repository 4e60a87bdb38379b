//! Each product explained by its neighbourhood: a ridge regression of who had it on who had the products nearest to it.
//!
//! This is EASE (Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019) with each product's regression cut down to its
//! nearest products, as in SLIM with neighbourhoods (Ning & Karypis, ICDM 2011, fsSLIM) and Steck's "Markov random fields for
//! collaborative filtering" (NeurIPS 2019): a catalogue's size then costs memory and time in proportion, not squared and cubed, and each
//! regression has fewer numbers to learn than shoppers to learn them from.

use super::{Ridge, distinct};
use crate::id::Ordinal;
use crate::learn::algebra::solve::solve;
use crate::learn::algebra::sparse::Sparse;
use crate::learn::formats::History;
use rayon::prelude::*;

/// Products whose overlaps are counted before they are put together: bounds what is held twice.
const CHUNK_PRODUCTS: u32 = 4_096;
/// Overlaps are counted from the newest products of each shopper, as many as keep the pairs to be counted, and with them memory (8 bytes
/// a pair of products that met), below this: 1 GB at the very worst, a third of it on real data, where most pairs meet again.
const PAIRS_MAX: u64 = 1 << 27;

/// One row a product; the regression of `b` on its neighbourhood `S` gives `s(a→b) = c(a)^-p · w(a)` with
/// `w = (G_SS + strength · mean G_ii · I)⁻¹ · G_Sb`, `G = XᵀX`, `X(u, a) = n(u)^(-γ/2) · c(a)^-p`.
pub(super) fn rows(histories: &[History], products_count: u32, ridge: Ridge) -> Vec<Vec<(Ordinal, f32)>> {
    let weighted = Weighted::of(histories, products_count, ridge);
    let overlaps = weighted.overlaps();
    let own: Vec<f32> = (0..products_count).map(|product| value_at(&overlaps, product, product)).collect();
    let mean = own.iter().sum::<f32>() / own.len().max(1) as f32;
    let penalty = ridge.strength as f32 * mean;
    let room = || Room { places: vec![u32::MAX; products_count as usize], matrix: Vec::new() };
    let regress = |room: &mut Room, product: u32| regression(&overlaps, &own, product, penalty, ridge.neighbourhood, room);
    let columns: Vec<Vec<(u32, f32)>> = (0..products_count).into_par_iter().with_min_len(16).map_init(room, regress).collect();

    let mut rows = vec![Vec::new(); products_count as usize];
    for (product, column) in (0..).zip(columns) {
        for (from, weight) in column {
            let weight = weight * weighted.by_product[from as usize];
            if weight != 0.0 && weight.is_finite() {
                rows[from as usize].push((Ordinal(product), weight));
            }
        }
    }
    rows
}

/// Shoppers × products, with the weights of both.
struct Weighted {
    matrix: Sparse,
    by_product: Vec<f32>,
}

impl Weighted {
    fn of(histories: &[History], products_count: u32, ridge: Ridge) -> Self {
        let sets: Vec<Vec<u32>> = histories.iter().map(|history| distinct(&history.products)).collect();
        let mut shoppers = vec![0_u32; products_count as usize];
        sets.iter().flatten().for_each(|&product| shoppers[product as usize] += 1);
        let by_product: Vec<f32> = shoppers.iter().map(|&count| f64::from(count.max(1)).powf(-ridge.product_power) as f32).collect();
        let newest_max = newest_max(&sets);
        let mut matrix = Sparse::new(products_count as usize);
        for (history, set) in histories.iter().zip(&sets) {
            let newest = &history.products[history.products.len().saturating_sub(newest_max)..];
            let kept = if set.len() > newest_max { distinct(newest) } else { set.clone() };
            let weight = (kept.len().max(1) as f64).powf(-ridge.shopper_power / 2.0) as f32;
            matrix.push_row(kept.into_iter().map(|product| (product, weight * by_product[product as usize])));
        }
        Self { matrix, by_product }
    }

    /// `XᵀX`, rows sorted by product.
    fn overlaps(&self) -> Sparse {
        let by_products = self.matrix.transposed();
        let products_count = by_products.rows_count() as u32;
        let mut overlaps = Sparse::new(products_count as usize);
        for start in (0..products_count).step_by(CHUNK_PRODUCTS as usize) {
            let end = (start + CHUNK_PRODUCTS).min(products_count);
            let sums = || (vec![0.0_f32; products_count as usize], Vec::new());
            let row = |(sums, touched): &mut (Vec<f32>, Vec<u32>), product: u32| {
                for (shopper, weight) in by_products.row(product as usize) {
                    let (others, weights) = self.matrix.parts(shopper as usize);
                    for (other, other_weight) in others.iter().zip(weights) {
                        let sum = &mut sums[*other as usize];
                        // Weights are positive, so zero means that the product was not met yet.
                        if *sum == 0.0 {
                            touched.push(*other);
                        }
                        *sum += weight * other_weight;
                    }
                }
                touched.sort_unstable();
                touched.drain(..).map(|other| (other, std::mem::take(&mut sums[other as usize]))).collect::<Vec<_>>()
            };
            let rows: Vec<Vec<(u32, f32)>> = (start..end).into_par_iter().with_min_len(64).map_init(sums, row).collect();
            rows.into_iter().for_each(|row| overlaps.push_row(row.into_iter()));
        }
        overlaps
    }
}

/// The most products of one shopper that keep the pairs within [`PAIRS_MAX`].
fn newest_max(sets: &[Vec<u32>]) -> usize {
    let pairs = |newest_max: usize| sets.iter().map(|set| (set.len().min(newest_max) as u64).pow(2)).sum::<u64>();
    let longest = sets.iter().map(Vec::len).max().unwrap_or(0);
    let halvings = std::iter::successors(Some(longest), |newest| Some(newest / 2));
    halvings.take_while(|&newest| newest > 1).find(|&newest| pairs(newest) <= PAIRS_MAX).unwrap_or(1)
}

fn value_at(matrix: &Sparse, row: u32, column: u32) -> f32 {
    matrix.row(row as usize).find(|cell| cell.0 == column).map_or(0.0, |cell| cell.1)
}

/// Memory of one thread, used again for the next product.
struct Room {
    /// Where each product stands in the neighbourhood at hand.
    places: Vec<u32>,
    matrix: Vec<f32>,
}

/// What each product of the neighbourhood of `product` says about it.
fn regression(overlaps: &Sparse, own: &[f32], product: u32, penalty: f32, neighbourhood: usize, room: &mut Room) -> Vec<(u32, f32)> {
    let nearness = |&(other, overlap): &(u32, f32)| overlap / (own[other as usize] + penalty).sqrt();
    let mut near: Vec<(u32, f32)> = overlaps.row(product as usize).filter(|cell| cell.0 != product).collect();
    if near.len() > neighbourhood {
        near.select_nth_unstable_by(neighbourhood, |a, b| nearness(b).total_cmp(&nearness(a)).then(a.0.cmp(&b.0)));
        near.truncate(neighbourhood);
        near.sort_unstable_by_key(|cell| cell.0);
    }
    let size = near.len();
    near.iter().enumerate().for_each(|(place, cell)| room.places[cell.0 as usize] = place as u32);
    room.matrix.clear();
    room.matrix.resize(size * size, 0.0);
    for (row, cell) in near.iter().enumerate() {
        // Only the lower half is read, and rows and neighbourhood are in the order of products.
        let (others, values) = overlaps.parts(cell.0 as usize);
        let end = others.partition_point(|other| *other <= cell.0);
        let own = &mut room.matrix[row * size..=row * size + row];
        for (other, overlap) in others[..end].iter().zip(&values[..end]) {
            if let Some(element) = own.get_mut(room.places[*other as usize] as usize) {
                *element = *overlap;
            }
        }
        room.matrix[row * size + row] += penalty;
    }
    near.iter().for_each(|cell| room.places[cell.0 as usize] = u32::MAX);
    let (others, mut weights): (Vec<u32>, Vec<f32>) = near.into_iter().unzip();
    solve(&mut room.matrix, &mut weights);
    others.into_iter().zip(weights).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, s};

    fn random_histories(shoppers: usize, products: u32) -> Vec<History> {
        let mut random = fastrand::Rng::with_seed(5);
        let mut history = || (0..random.usize(2..6)).map(|_| random.u32(0..products).min(random.u32(0..products))).collect();
        (0..shoppers).map(|_| History { products: history(), ..History::default() }).collect()
    }

    fn dense(rows: Vec<Vec<(Ordinal, f32)>>) -> Array2<f64> {
        let mut dense = Array2::zeros((rows.len(), rows.len()));
        rows.iter().enumerate().for_each(|(from, row)| row.iter().for_each(|(to, weight)| dense[[from, to.index()]] = f64::from(*weight)));
        dense
    }

    #[test]
    fn with_all_products_in_the_neighbourhood_it_is_ease() {
        let histories = random_histories(600, 9);
        let ridge = Ridge { neighbourhood: 8, strength: 0.7, shopper_power: 0.0, product_power: 0.0 };
        let found = dense(rows(&histories, 9, ridge));
        let mut gram = Array2::<f64>::zeros((9, 9));
        for set in histories.iter().map(|history| distinct(&history.products)) {
            set.iter().for_each(|&a| set.iter().for_each(|&b| gram[[a as usize, b as usize]] += 1.0));
        }
        let penalty = 0.7 * gram.diag().mean().expect("has products");
        let inverse = crate::learn::algebra::inverse::invert(gram + Array2::<f64>::eye(9) * penalty).expect("is positive definite");
        for ((from, to), weight) in found.indexed_iter().filter(|((from, to), _)| from != to) {
            let expected = -inverse[[from, to]] / inverse[[to, to]];
            assert!((weight - expected).abs() < 1e-4, "{from} to {to}: {weight} where {expected} was expected");
        }
        assert!(found.diag().iter().all(|weight| *weight == 0.0));
    }

    #[test]
    fn each_product_is_explained_by_its_nearest_ones_only() {
        let ridge = Ridge { neighbourhood: 3, ..Ridge::USUAL };
        let found = dense(rows(&random_histories(80, 20), 20, ridge));
        for product in 0..20 {
            let explaining = found.slice(s![.., product]).iter().filter(|weight| **weight != 0.0).count();
            assert!(explaining <= 3, "{product} is explained by {explaining}");
        }
    }

    #[test]
    fn pairs_are_bounded_by_leaving_out_what_is_oldest() {
        let lengths = |lengths: &[usize]| lengths.iter().map(|&len| (0..len as u32).collect::<Vec<u32>>()).collect::<Vec<_>>();
        assert_eq!(newest_max(&lengths(&[10, 3])), 10);
        assert_eq!(newest_max(&lengths(&[20_000])), 10_000);
        assert_eq!(newest_max(&[]), 1);
    }
}
