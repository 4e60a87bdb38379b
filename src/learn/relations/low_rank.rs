//! A low-rank model of who had what: the smooth part of taste, as vectors with fold-in.
//!
//! GF-CF (Shen et al., "How powerful is graph convolution for recommendation?", CIKM 2021): with `R̃ = D_u^-½ R D_p^-½` and its right singular
//! vectors V, `score = r · D_p^-½ V Vᵀ D_p^½`, an ideal low-pass filter over the graph of products. Needs no training beyond the SVD.

use super::{LowRank, distinct};
use crate::learn::LearnError;
use crate::learn::algebra::sparse::Sparse;
use crate::learn::algebra::svd;
use crate::learn::formats::History;
use crate::model::factors::Factors;

/// Power iterations of the SVD: two sharpen the last components enough that more change nothing in the third digit of any measure.
const ITERATIONS: usize = 2;

/// Factors for histories whose products all count the same; see [`Factors::beside`].
pub(super) fn factors(histories: &[History], products_count: u32, options: LowRank, seed: u64) -> Result<Factors, LearnError> {
    let sets: Vec<Vec<u32>> = histories.iter().map(|history| distinct(&history.products)).collect();
    let mut shoppers = vec![0_u32; products_count as usize];
    sets.iter().flatten().for_each(|&product| shoppers[product as usize] += 1);
    let root: Vec<f32> = shoppers.iter().map(|&count| (count.max(1) as f32).sqrt()).collect();
    let mut matrix = Sparse::new(products_count as usize);
    for set in &sets {
        let own = (set.len().max(1) as f32).sqrt();
        matrix.push_row(set.iter().map(|&product| (product, 1.0 / (own * root[product as usize]))));
    }
    if sets.is_empty() {
        // Nothing is known of anybody's taste.
        let (nothing, ones) = (vec![0.0; products_count as usize], vec![1.0; products_count as usize]);
        return Ok(Factors::from_parts(1, nothing, ones.clone(), ones)?);
    }
    let found = svd::randomised(&matrix, options.dims, ITERATIONS, seed);
    let dims = found.values.len();
    let vectors = found.right.as_standard_layout().to_owned().into_raw_vec_and_offset().0;
    Ok(Factors::from_parts(dims, vectors, root.iter().map(|root| 1.0 / root).collect(), root)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Ordinal;

    #[test]
    fn products_of_the_same_taste_are_near_though_nobody_had_both() {
        let mut random = fastrand::Rng::with_seed(3);
        // Two tastes of ten products each; 0 and 1 are never had together.
        let mut taste = |first: u32| -> Vec<u32> {
            let without = random.u32(0..2);
            (first..first + 10).filter(|&product| product != without && random.f32() < 0.5).collect()
        };
        let histories: Vec<History> = (0..300).map(|shopper| History { products: taste(shopper % 2 * 10), ..History::default() }).collect();
        let found = factors(&histories, 20, LowRank { dims: 2 }, 1).expect("trains");
        let near = found.score(&[Ordinal(0)], Ordinal(1));
        assert!((10..20).all(|other| found.score(&[Ordinal(0)], Ordinal(other)) < near / 4.0), "{near}");
    }
}
