//! Small dense systems, solved by Cholesky factors in memory that the caller uses again.

use crate::stdx::simd::dot;

/// Solves `A · x = b` in place: `matrix` holds the rows of a symmetric, positive definite A, of which only the lower half is read, and
/// becomes its factor; `vector` holds b and becomes x. Directions that rounding has left without a pivot are damped, not blown up.
pub(in crate::learn) fn solve(matrix: &mut [f32], vector: &mut [f32]) {
    let size = vector.len();
    assert_eq!(matrix.len(), size * size, "the matrix is square and fits the vector");
    factor(matrix, size);
    for row in 0..size {
        let known = dot(&matrix[row * size..][..row], &vector[..row]);
        vector[row] = (vector[row] - known) / matrix[row * size + row];
    }
    for row in (0..size).rev() {
        let solved = vector[row] / matrix[row * size + row];
        vector[row] = solved;
        vector[..row].iter_mut().zip(&matrix[row * size..][..row]).for_each(|(earlier, element)| *earlier -= element * solved);
    }
}

/// `A = L · Lᵀ`, row by row.
fn factor(matrix: &mut [f32], size: usize) {
    for row in 0..size {
        let (above, from_row) = matrix.split_at_mut(row * size);
        let own = &mut from_row[..size];
        for column in 0..row {
            let known = dot(&own[..column], &above[column * size..][..column]);
            own[column] = (own[column] - known) / above[column * size + column];
        }
        let before = own[row];
        let pivot = before - dot(&own[..row], &own[..row]);
        own[row] = pivot.max(before.abs() * f32::EPSILON).max(f32::MIN_POSITIVE).sqrt();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_solution_is_found() {
        let mut random = fastrand::Rng::with_seed(8);
        for size in [1, 2, 7, 8, 33] {
            let tall: Vec<f32> = (0..size * (size + 4)).map(|_| random.f32() - 0.5).collect();
            let column = |index: usize| (0..size + 4).map(move |row| row * size + index);
            let gram = |i: usize, j: usize| column(i).zip(column(j)).map(|(a, b)| tall[a] * tall[b]).sum::<f32>();
            let mut matrix: Vec<f32> =
                (0..size * size).map(|at| gram(at / size, at % size) + f32::from(u8::from(at / size == at % size))).collect();
            let known: Vec<f32> = (0..size).map(|index| index as f32 - 2.0).collect();
            let mut vector: Vec<f32> = (0..size).map(|row| dot(&matrix[row * size..][..size], &known)).collect();
            solve(&mut matrix, &mut vector);
            vector.iter().zip(&known).for_each(|(found, expected)| assert!((found - expected).abs() < 1e-3, "{found} for {expected}"));
        }
    }

    #[test]
    fn a_matrix_without_rank_gives_finite_numbers() {
        let mut vector = [1.0, 1.0, 0.0];
        solve(&mut [1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0], &mut vector);
        assert!(vector.iter().all(|element| element.is_finite()), "{vector:?}");
    }
}
