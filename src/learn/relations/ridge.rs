//! Each product explained by its neighbourhood: a ridge regression of who had it on who had the products nearest to it.
//!
//! This is EASE (Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019) with each product's regression cut down to its
//! nearest products, as in SLIM with neighbourhoods (Ning & Karypis, ICDM 2011, fsSLIM) and Steck's "Markov random fields for
//! collaborative filtering" (NeurIPS 2019): a catalogue's size then costs memory and time in proportion, not squared and cubed, and each
//! regression has fewer numbers to learn than shoppers to learn them from.

use super::{Ridge, Shared, Support, distinct};
use crate::id::Ordinal;
use crate::learn::algebra::solve::Solver;
use crate::learn::algebra::sparse::Sparse;
use crate::learn::formats::History;
use crate::stdx::prefetch::call_for;
use rayon::prelude::*;

/// Products whose overlaps are counted before they are put together: bounds what is held twice.
const CHUNK_PRODUCTS: u32 = 4_096;
/// Overlaps that are kept, 8 bytes each: 1 GB at the very worst, a third of it on real data, where most pairs meet again. Where there would be
/// more, the longest rows keep their nearest products only.
const OVERLAPS_MAX: u64 = 1 << 27;
/// Meetings of two products in a history that are counted: half a minute on two cores. Where there would be more, what is oldest in the longest
/// histories is left out.
const MEETINGS_MAX: u64 = 1 << 34;

/// One row a product; the regression of `b` on its neighbourhood `S` gives `s(a→b) = c(a)^-p · w(a)` with
/// `w = (G_SS + strength · mean G_ii · I)⁻¹ · G_Sb`, `G = XᵀX`, `X(u, a) = n(u)^(-γ/2) · c(a)^-p`.
pub(super) fn rows(histories: &[History], shared: &Shared, products_count: u32, ridge: Ridge) -> Vec<Vec<(Ordinal, f32)>> {
    let weighted = Weighted::of(histories, products_count, ridge);
    let own = weighted.own();
    let mean = own.iter().sum::<f32>() / own.len().max(1) as f32;
    let penalty = ridge.strength as f32 * mean;
    let nearness = Nearness { own: &own, penalty };
    let overlaps = weighted.overlaps(&nearness, row_max(&weighted.row_bounds(), OVERLAPS_MAX));
    let room = || (Room::of(products_count), shared.support());
    let regress = |(room, support): &mut (Room, Support<'_>), product: u32| {
        support.turn_to(product);
        let is_other = |other: u32| other != product && support.has(other);
        let near = overlaps.row(product as usize).filter(|cell| is_other(cell.0)).collect();
        regression(&overlaps, &nearness, near, ridge.neighbourhood, room)
    };
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
        let newest_max = newest_max(&sets, MEETINGS_MAX);
        let mut matrix = Sparse::new(products_count as usize);
        for (history, set) in histories.iter().zip(&sets) {
            let newest = &history.products[history.products.len().saturating_sub(newest_max)..];
            let kept = if set.len() > newest_max { distinct(newest) } else { set.clone() };
            let weight = (kept.len().max(1) as f64).powf(-ridge.shopper_power / 2.0) as f32;
            matrix.push_row(kept.into_iter().map(|product| (product, weight * by_product[product as usize])));
        }
        Self { matrix, by_product }
    }

    /// The diagonal of `XᵀX`.
    fn own(&self) -> Vec<f32> {
        let mut own = vec![0.0; self.by_product.len()];
        for shopper in 0..self.matrix.rows_count() {
            self.matrix.row(shopper).for_each(|(product, weight)| own[product as usize] += weight * weight);
        }
        own
    }

    /// The most products that a row of `XᵀX` can have, row by row.
    fn row_bounds(&self) -> Vec<u64> {
        let mut bounds = vec![0_u64; self.by_product.len()];
        for shopper in 0..self.matrix.rows_count() {
            let products = self.matrix.parts(shopper).0;
            products.iter().for_each(|&product| bounds[product as usize] += products.len() as u64);
        }
        let all = bounds.len() as u64;
        bounds.into_iter().map(|bound| bound.min(all)).collect()
    }

    /// `XᵀX`, rows sorted by product; of each the nearest `row_max`, and the product itself.
    fn overlaps(&self, nearness: &Nearness<'_>, row_max: usize) -> Sparse {
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
                if touched.len() > row_max {
                    let near = |other: u32| if other == product { f32::INFINITY } else { nearness.of(other, sums[other as usize]) };
                    touched.select_nth_unstable_by(row_max, |&a, &b| near(b).total_cmp(&near(a)).then(a.cmp(&b)));
                    touched.drain(row_max..).for_each(|other| sums[other as usize] = 0.0);
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

/// The most products of one shopper that keep the meetings within `meetings_max`.
fn newest_max(sets: &[Vec<u32>], meetings_max: u64) -> usize {
    let meetings = |newest_max: usize| sets.iter().map(|set| (set.len().min(newest_max) as u64).pow(2)).sum::<u64>();
    let longest = sets.iter().map(Vec::len).max().unwrap_or(0);
    let halvings = std::iter::successors(Some(longest), |newest| Some(newest / 2));
    halvings.take_while(|&newest| newest > 1).find(|&newest| meetings(newest) <= meetings_max).unwrap_or(1)
}

/// The most products of one row that keep all rows within `overlaps_max`: short rows are kept whole, long ones are cut to the same length.
fn row_max(bounds: &[u64], overlaps_max: u64) -> usize {
    let kept = |row_max: u64| bounds.iter().map(|&bound| bound.min(row_max)).sum::<u64>();
    let longest = bounds.iter().copied().max().unwrap_or(0);
    let (mut fits, mut too_many) = (0, longest + 1);
    while too_many - fits > 1 {
        let middle = fits.midpoint(too_many);
        if kept(middle) <= overlaps_max { fits = middle } else { too_many = middle }
    }
    fits.max(1) as usize
}

/// How near a product stands to another: what they have in common, relative to how much there is of it.
struct Nearness<'a> {
    /// The diagonal of `XᵀX`.
    own: &'a [f32],
    penalty: f32,
}

impl Nearness<'_> {
    fn of(&self, other: u32, overlap: f32) -> f32 {
        overlap / (self.own[other as usize] + self.penalty).sqrt()
    }
}

/// Memory of one thread, used again for the next product.
struct Room {
    /// One bit a product: whether it is in the neighbourhood at hand. Eight thousand products fit into a kilobyte, so that rows of thousands are
    /// looked through at the speed at which they are read.
    is_near: Vec<u64>,
    /// Where each product of the neighbourhood stands in it.
    places: Vec<u32>,
    matrix: Vec<f32>,
    solver: Solver,
}

/// Rows this many times longer than what is looked for in them are searched; shorter ones are looked through, which needs no guesses.
const SEARCHED_FROM: usize = 32;

/// Rows that are called for before they are needed.
const ROWS_AHEAD: usize = 4;
/// Products of a row that are called for: the rest is read in order.
const CALLED_AHEAD: usize = 64;

impl Room {
    fn of(products_count: u32) -> Self {
        Self {
            is_near: vec![0; products_count.div_ceil(u64::BITS) as usize],
            places: vec![0; products_count as usize],
            matrix: Vec::new(),
            solver: Solver::default(),
        }
    }

    /// The products, in order, become the neighbourhood at hand.
    fn enter(&mut self, near: &[(u32, f32)]) {
        for (place, &(product, _)) in near.iter().enumerate() {
            self.is_near[(product / u64::BITS) as usize] |= 1 << (product % u64::BITS);
            self.places[product as usize] = place as u32;
        }
    }

    fn leave(&mut self, near: &[(u32, f32)]) {
        near.iter().for_each(|&(product, _)| self.is_near[(product / u64::BITS) as usize] = 0);
    }

    /// Puts the overlaps with the products of the neighbourhood before `row`, and its own, into that row of the matrix.
    fn fill(&mut self, overlaps: &Sparse, near: &[(u32, f32)], row: usize) {
        if let Some(&(ahead, _)) = near.get(row + ROWS_AHEAD) {
            call_for(overlaps.parts(ahead as usize).0.get(..CALLED_AHEAD).unwrap_or_default());
        }
        let (others, values) = overlaps.parts(near[row].0 as usize);
        let own = &mut self.matrix[row * near.len()..=row * near.len() + row];
        // Where rows are looked through they are read from their beginning, which the processor foresees, and no further than needed.
        if others.len() < SEARCHED_FROM * near.len() {
            for (at, &other) in others.iter().enumerate().take_while(|(_, other)| **other <= near[row].0) {
                if self.is_near[(other / u64::BITS) as usize] >> (other % u64::BITS) & 1 == 1 {
                    own[self.places[other as usize] as usize] = values[at];
                }
            }
            return;
        }
        let mut from = 0;
        for (element, &(product, _)) in own.iter_mut().zip(near) {
            from = first_from(others, from, product);
            if others.get(from) == Some(&product) {
                *element = values[from];
            }
        }
    }
}

/// The first place at or after `from` whose number is not below `wanted`: steps that double, then halves. Each look costs as much as it goes far.
fn first_from(sorted: &[u32], from: usize, wanted: u32) -> usize {
    let (mut low, mut step) = (from, 1);
    while sorted.get(low + step - 1).is_some_and(|number| *number < wanted) {
        low += step;
        step *= 2;
    }
    let high = (low + step - 1).min(sorted.len());
    low + sorted[low..high].partition_point(|number| *number < wanted)
}

/// What each product of a neighbourhood says about one, of those in `near`, which have so much in common with it.
fn regression(
    overlaps: &Sparse,
    nearness: &Nearness<'_>,
    mut near: Vec<(u32, f32)>,
    neighbourhood: usize,
    room: &mut Room,
) -> Vec<(u32, f32)> {
    let near_as = |&(other, overlap): &(u32, f32)| nearness.of(other, overlap);
    if near.len() > neighbourhood {
        near.select_nth_unstable_by(neighbourhood, |a, b| near_as(b).total_cmp(&near_as(a)).then(a.0.cmp(&b.0)));
        near.truncate(neighbourhood);
        near.sort_unstable_by_key(|cell| cell.0);
    }
    let size = near.len();
    room.matrix.clear();
    room.matrix.resize(size * size, 0.0);
    room.enter(&near);
    for row in 0..size {
        room.fill(overlaps, &near, row);
        room.matrix[row * size + row] += nearness.penalty;
    }
    room.leave(&near);
    let (others, mut weights): (Vec<u32>, Vec<f32>) = near.into_iter().unzip();
    room.solver.solve(&room.matrix, &mut weights);
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

    /// No pair is left out.
    fn all() -> Shared {
        Shared::of(&[], 0, 1)
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
        let found = dense(rows(&histories, &all(), 9, ridge));
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
        let found = dense(rows(&random_histories(80, 20), &all(), 20, ridge));
        for product in 0..20 {
            let explaining = found.slice(s![.., product]).iter().filter(|weight| **weight != 0.0).count();
            assert!(explaining <= 3, "{product} is explained by {explaining}");
        }
    }

    #[test]
    fn meetings_are_bounded_by_leaving_out_what_is_oldest() {
        let lengths = |lengths: &[usize]| lengths.iter().map(|&len| (0..len as u32).collect::<Vec<u32>>()).collect::<Vec<_>>();
        assert_eq!(newest_max(&lengths(&[10, 3]), 109), 10);
        assert_eq!(newest_max(&lengths(&[10, 3]), 108), 5);
        assert_eq!(newest_max(&lengths(&[20_000]), 1 << 27), 10_000);
        assert_eq!(newest_max(&[], 9), 1);
    }

    #[test]
    fn long_rows_of_overlaps_keep_what_is_nearest() {
        assert_eq!(row_max(&[5, 3, 9], 17), 9);
        assert_eq!(row_max(&[5, 3, 9], 13), 5);
        assert_eq!(row_max(&[5, 3, 9], 10), 3);
        assert_eq!((row_max(&[5, 3, 9], 0), row_max(&[], 9)), (1, 1));

        let weighted = Weighted::of(&random_histories(300, 20), 20, Ridge::USUAL);
        let own = weighted.own();
        let nearness = Nearness { own: &own, penalty: 1.0 };
        let (whole, cut) = (weighted.overlaps(&nearness, 20), weighted.overlaps(&nearness, 6));
        for (product, own) in own.iter().enumerate() {
            let mut row: Vec<(u32, f32)> = whole.row(product).collect();
            assert!((row.iter().find(|cell| cell.0 == product as u32).expect("meets itself").1 - own).abs() < 1e-4);
            let near = |cell: &(u32, f32)| if cell.0 == product as u32 { f32::INFINITY } else { nearness.of(cell.0, cell.1) };
            row.sort_by(|a, b| near(b).total_cmp(&near(a)));
            row.truncate(6);
            row.sort_by_key(|cell| cell.0);
            assert_eq!(cut.row(product).collect::<Vec<_>>(), row, "{product}");
        }
    }
}
