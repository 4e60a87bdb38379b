//! Truncated singular value decomposition of a sparse matrix by random projection (Halko, Martinsson & Tropp, "Finding structure with
//! randomness", SIAM Review 53(2), 2011, algorithms 4.4 and 5.1).
//!
//! Only the singular values and the right factor are wanted. Orthonormalisation is by Cholesky factor of the small Gram matrix, applied
//! twice where it counts. So nothing but matrix products is needed, and the eigenvalues of a matrix as small as the rank.

use super::eigen::eigen;
use super::sparse::Sparse;
use ndarray::{Array2, ArrayView2, Axis, s};
use rayon::prelude::*;

/// Columns beyond the wanted rank; Halko et al. advise 5 to 10, and sixteen keep the last wanted components sharp.
const OVERSAMPLING: usize = 16;
/// Numbers of the wider side that are held at once, twice for a moment: 1 GB. A million shoppers get 268 factors, not 384.
const NUMBERS_MAX: usize = 1 << 28;
/// Rows summed at a time; fixed, so that sums do not depend on the number of threads.
const BLOCK_ROWS: usize = 4_096;
/// A direction this much shorter than the longest one is rounding, not data.
const RANK_TOLERANCE: f64 = 1e-9;

/// `A ≈ U · diag(values) · rightᵀ` with U left out.
#[derive(Debug)]
pub(in crate::learn) struct Factors {
    /// Singular values, largest first.
    pub values: Vec<f32>,
    /// One row a column of A, one column a singular value.
    pub right: Array2<f32>,
}

/// The `rank` largest singular values, or as many as there are, and fewer where more would not fit into [`NUMBERS_MAX`].
///
/// The iteration runs on the narrower side, shoppers or products, whichever are fewer: `Q ← orth(B · Bᵀ · Q)`. The wider side is multiplied
/// through and never made orthonormal, which is most of the work where it is ten times as long. What is left is an eigenproblem as small as
/// the rank, of `(BᵀQ)ᵀ(BᵀQ)`.
pub(in crate::learn) fn randomised(matrix: &Sparse, rank: usize, iterations: usize, seed: u64) -> Factors {
    let (rows, columns) = (matrix.rows_count(), matrix.columns_count());
    let rank = rank.min(NUMBERS_MAX / rows.max(columns).max(1)).max(1);
    let (narrow_is_right, narrow) = (columns < rows, rows.min(columns));
    let transposed = matrix.transposed();
    let (onto_narrow, onto_wide) = if narrow_is_right { (&transposed, matrix) } else { (matrix, &transposed) };
    let mut basis = gaussian(narrow, (rank + OVERSAMPLING).min(narrow), seed);
    for _ in 0..=iterations {
        basis = orthonormal(onto_narrow.times(&onto_wide.times(&basis)));
    }
    let basis = orthonormal(basis);
    let wide = onto_wide.times(&basis);
    let (squares, rotation) = eigen(gram(wide.view()));
    let strongest = squares.first().copied().unwrap_or(0.0);
    let kept = squares.iter().take(rank).take_while(|&&square| square > strongest * RANK_TOLERANCE && square > 0.0).count();
    let values: Vec<f64> = squares[..kept].iter().map(|square| square.sqrt()).collect();
    let mut turn = rotation.slice(s![.., ..kept]).to_owned();
    let right = if narrow_is_right {
        times_small(&basis, &turn)
    } else {
        turn.axis_iter_mut(Axis(1)).zip(&values).for_each(|(mut column, value)| column /= *value);
        times_small(&wide, &turn)
    };
    Factors { right, values: values.into_iter().map(|value| value as f32).collect() }
}

/// Independent normal numbers, by Box and Muller.
fn gaussian(rows: usize, columns: usize, seed: u64) -> Array2<f32> {
    let mut random = fastrand::Rng::with_seed(seed);
    Array2::from_shape_simple_fn((rows, columns), || {
        let (radius, angle) = (1.0 - random.f64(), random.f64() * std::f64::consts::TAU);
        ((-2.0 * radius.ln()).sqrt() * angle.cos()) as f32
    })
}

/// An orthonormal basis of the columns; columns that depend on earlier ones become zero.
fn orthonormal(columns: Array2<f32>) -> Array2<f32> {
    let to_basis = inverse_of_cholesky(gram(columns.view()));
    times_small(&columns, &to_basis)
}

/// `AᵀA` in double precision, block by block.
fn gram(tall: ArrayView2<'_, f32>) -> Array2<f64> {
    let blocks: Vec<Array2<f64>> = (0..tall.nrows().div_ceil(BLOCK_ROWS))
        .into_par_iter()
        .map(|block| {
            let rows = tall.slice(s![block * BLOCK_ROWS..((block + 1) * BLOCK_ROWS).min(tall.nrows()), ..]).mapv(f64::from);
            rows.t().dot(&rows)
        })
        .collect();
    blocks.into_iter().fold(Array2::zeros((tall.ncols(), tall.ncols())), |sum, block| sum + block)
}

/// `tall · small`, block by block.
fn times_small(tall: &Array2<f32>, small: &Array2<f64>) -> Array2<f32> {
    let small = small.mapv(|element| element as f32);
    let mut product = Array2::zeros((tall.nrows(), small.ncols()));
    let blocks = product.axis_chunks_iter_mut(Axis(0), BLOCK_ROWS).into_par_iter();
    blocks.zip(tall.axis_chunks_iter(Axis(0), BLOCK_ROWS).into_par_iter()).for_each(|(mut into, from)| into.assign(&from.dot(&small)));
    product
}

/// `R⁻¹` where `G = RᵀR`, with zero columns where the pivot vanishes.
fn inverse_of_cholesky(gram: Array2<f64>) -> Array2<f64> {
    let size = gram.nrows();
    let longest = (0..size).map(|index| gram[[index, index]]).fold(0.0, f64::max);
    let mut upper = Array2::<f64>::zeros((size, size));
    let mut inverse = Array2::<f64>::zeros((size, size));
    for column in 0..size {
        for row in 0..column {
            if upper[[row, row]] > 0.0 {
                let known: f64 = (0..row).map(|k| upper[[k, row]] * upper[[k, column]]).sum();
                upper[[row, column]] = (gram[[row, column]] - known) / upper[[row, row]];
            }
        }
        let pivot = gram[[column, column]] - (0..column).map(|k| upper[[k, column]].powi(2)).sum::<f64>();
        if pivot <= longest * RANK_TOLERANCE {
            continue;
        }
        upper[[column, column]] = pivot.sqrt();
        // Column of the inverse by back substitution of the unit vector.
        inverse[[column, column]] = 1.0 / upper[[column, column]];
        for row in (0..column).rev().filter(|&row| upper[[row, row]] > 0.0).collect::<Vec<_>>() {
            let known: f64 = (row + 1..=column).map(|k| upper[[row, k]] * inverse[[k, column]]).sum();
            inverse[[row, column]] = -known / upper[[row, row]];
        }
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A matrix with known singular values 8, 4, 2, 1 and known directions.
    fn known(rows: usize, columns: usize) -> (Sparse, Array2<f32>) {
        let left = orthonormal(gaussian(rows, 4, 1));
        let right = orthonormal(gaussian(columns, 4, 2));
        let mut scaled = left;
        scaled.axis_iter_mut(Axis(1)).zip([8.0, 4.0, 2.0, 1.0]).for_each(|(mut column, value)| column *= value);
        let dense = scaled.dot(&right.t());
        let mut matrix = Sparse::new(columns);
        dense.outer_iter().for_each(|row| matrix.push_row(row.iter().enumerate().map(|(column, value)| (column as u32, *value))));
        (matrix, right)
    }

    #[test]
    fn known_factors_are_found_again_whichever_side_is_longer() {
        known_factors_are_found_in(300, 120);
        known_factors_are_found_in(120, 300);
    }

    fn known_factors_are_found_in(rows: usize, columns: usize) {
        let (matrix, right) = known(rows, columns);
        let factors = randomised(&matrix, 4, 2, 7);
        for (value, expected) in factors.values.iter().zip([8.0, 4.0, 2.0, 1.0]) {
            assert!((value - expected).abs() < 1e-3, "{value} where {expected} was expected");
        }
        for component in 0..4 {
            let cosine = factors.right.column(component).dot(&right.column(component));
            assert!((cosine.abs() - 1.0).abs() < 1e-3, "component {component}: {cosine}");
        }
    }

    #[test]
    fn a_matrix_of_low_rank_gives_no_more_factors_than_it_has() {
        let (matrix, _) = known(60, 40);
        let factors = randomised(&matrix, 30, 2, 7);
        assert!((4..8).contains(&factors.values.len()), "{:?}", factors.values);
        assert!(factors.right.iter().all(|element| element.is_finite()));
        let mut empty = Sparse::new(3);
        empty.push_row(std::iter::empty());
        assert!(randomised(&empty, 2, 1, 7).values.is_empty());
    }

    #[test]
    fn a_basis_is_orthonormal() {
        let basis = orthonormal(orthonormal(gaussian(10_000, 24, 3)));
        let gram = gram(basis.view());
        let worst =
            gram.indexed_iter().map(|((row, column), element)| (element - f64::from(u8::from(row == column))).abs()).fold(0.0, f64::max);
        assert!(worst < 1e-5, "{worst}");
    }
}
