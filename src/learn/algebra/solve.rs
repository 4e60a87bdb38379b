//! Small dense systems, solved by Cholesky factors in memory that is used again for the next one.

use crate::stdx::simd::{LANES, dot, eliminate};

/// The memory. `A = Uᵀ · U`, rows of U one after the other, each as long as whole lanes and with one more column: the right side goes through the
/// same steps as any other, and what they leave of it is `Uᵀ⁻¹ · b`. Rows above are taken from a row, so nothing is added up along one: sums along
/// rows of fifty elements were most of the time.
#[derive(Debug, Default)]
pub(in crate::learn) struct Solver(Vec<f32>);

impl Solver {
    /// Solves `A · x = b` in place: `matrix` holds the rows of a symmetric, positive definite A, of which only the lower half is read;
    /// `vector` holds b and becomes x. Directions that rounding has left without a pivot are damped, not blown up.
    pub(in crate::learn) fn solve(&mut self, matrix: &[f32], vector: &mut [f32]) {
        let size = vector.len();
        assert_eq!(matrix.len(), size * size, "the matrix is square and fits the vector");
        let stride = (size + 1).next_multiple_of(LANES);
        let rows = &mut self.0;
        rows.clear();
        rows.resize(size * stride, 0.0);
        for row in 0..size {
            let lower = &matrix[row * size..][..=row];
            lower.iter().zip(rows[row..].iter_mut().step_by(stride)).for_each(|(element, place)| *place = *element);
            rows[row * stride + size] = vector[row];
        }
        for row in 0..size {
            factor(rows, stride, row, size);
        }
        for row in (0..size).rev() {
            let factors = &rows[row * stride..][..=size];
            vector[row] = (factors[size] - dot(&factors[row + 1..size], &vector[row + 1..])) / factors[row];
        }
    }
}

/// One row of U from those above it. It begins with whole lanes; what stands left of the diagonal means nothing.
fn factor(rows: &mut [f32], stride: usize, row: usize, size: usize) {
    let (above, own) = rows.split_at_mut(row * stride);
    let before = own[row];
    let from = row / LANES * LANES;
    eliminate(&mut own[from..stride], from, above, stride, row);
    let pivot = own[row].max(before.abs() * f32::EPSILON).max(f32::MIN_POSITIVE).sqrt();
    own[row + 1..=size].iter_mut().for_each(|element| *element /= pivot);
    own[row] = pivot;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_solution_is_found() {
        let mut random = fastrand::Rng::with_seed(8);
        let mut solver = Solver::default();
        for size in [1, 33, 2, 7, 150, 15, 16, 8] {
            let tall: Vec<f32> = (0..size * (size + 4)).map(|_| random.f32() - 0.5).collect();
            let column = |index: usize| (0..size + 4).map(move |row| row * size + index);
            let gram = |i: usize, j: usize| column(i).zip(column(j)).map(|(a, b)| tall[a] * tall[b]).sum::<f32>();
            let mut matrix: Vec<f32> =
                (0..size * size).map(|at| gram(at / size, at % size) + f32::from(u8::from(at / size == at % size))).collect();
            let known: Vec<f32> = (0..size).map(|index| (index % 9) as f32 - 2.0).collect();
            let mut vector: Vec<f32> = (0..size).map(|row| dot(&matrix[row * size..][..size], &known)).collect();
            // Only the lower half is read.
            (0..size).for_each(|row| matrix[row * size + row + 1..(row + 1) * size].fill(f32::NAN));
            solver.solve(&matrix, &mut vector);
            vector.iter().zip(&known).for_each(|(found, expected)| assert!((found - expected).abs() < 2e-3, "{found} for {expected}"));
        }
    }

    #[test]
    fn a_matrix_without_rank_gives_finite_numbers() {
        let mut vector = [1.0, 1.0, 0.0];
        Solver::default().solve(&[1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0], &mut vector);
        assert!(vector.iter().all(|element| element.is_finite()), "{vector:?}");
    }
}
