//! Eigenvalues and vectors of a small symmetric matrix: reflections make it tridiagonal, rotations make that diagonal (Golub & Van Loan, "Matrix
//! Computations", sections 8.3.1 and 8.3.3; the implicit QL algorithm). Both go along rows, which lie side by side: for a few hundred rows a tenth
//! of a second, where rotating each pair of rows and columns to zero took two.

use ndarray::{Array1, Array2, Axis, s};

/// Rotations through the matrix for one eigenvalue; two are usual.
const ROUNDS_MAX: usize = 60;

/// Eigenvalues, largest first, and their vectors as columns.
pub(super) fn eigen(matrix: Array2<f64>) -> (Vec<f64>, Array2<f64>) {
    let size = matrix.nrows();
    let mut bands = tridiagonal(matrix);
    (0..size).for_each(|first| bands.settle(first));
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by(|&a, &b| bands.diagonal[b].total_cmp(&bands.diagonal[a]));
    let vectors = Array2::from_shape_vec((size, size), bands.vectors).unwrap_or_default();
    (order.iter().map(|&index| bands.diagonal[index]).collect(), vectors.select(Axis(0), &order).reversed_axes())
}

/// A tridiagonal matrix, and the directions in which the first one is that.
struct Bands {
    diagonal: Vec<f64>,
    /// What stands beside each element of the diagonal; after the last one nothing.
    beside: Vec<f64>,
    /// One row a direction.
    vectors: Vec<f64>,
    /// What is no larger than this is rounding.
    rounding: f64,
}

fn tridiagonal(mut matrix: Array2<f64>) -> Bands {
    let size = matrix.nrows();
    let mut beside = vec![0.0; size];
    let mut reflections: Vec<(Array1<f64>, f64)> = Vec::new();
    for (place, beside) in beside.iter_mut().enumerate().take(size.saturating_sub(1)) {
        let mut axis = matrix.slice(s![place, place + 1..]).to_owned();
        let length = axis.dot(&axis).sqrt();
        *beside = -length.copysign(axis[0]);
        axis[0] -= *beside;
        let squared = axis.dot(&axis);
        let scale = if squared > 0.0 { 2.0 / squared } else { 0.0 };
        let mut rest = matrix.slice_mut(s![place + 1.., place + 1..]);
        let image = rest.dot(&axis) * scale;
        let shift = &image - &(&axis * (scale / 2.0 * image.dot(&axis)));
        for (mut row, (along, by)) in rest.outer_iter_mut().zip(axis.iter().zip(&shift)) {
            row.iter_mut().zip(axis.iter().zip(&shift)).for_each(|(element, (axis, shift))| *element -= along * shift + by * axis);
        }
        reflections.push((axis, scale));
    }
    let mut vectors = Array2::<f64>::eye(size);
    for (place, (axis, scale)) in reflections.iter().enumerate().rev() {
        for mut row in vectors.slice_mut(s![place + 1.., place + 1..]).outer_iter_mut() {
            let along = scale * row.dot(axis);
            row.scaled_add(-along, axis);
        }
    }
    let diagonal = matrix.diag().to_vec();
    let largest = diagonal.iter().zip(&beside).map(|(own, beside)| own.abs() + beside.abs()).fold(0.0, f64::max);
    Bands { diagonal, beside, vectors: vectors.into_raw_vec_and_offset().0, rounding: largest * f64::EPSILON }
}

impl Bands {
    /// Makes what stands beside the element at `first` zero; all before it are settled.
    fn settle(&mut self, first: usize) {
        for _ in 0..ROUNDS_MAX {
            let last = self.end_of_block(first);
            if last == first {
                return;
            }
            self.chase(first, last);
        }
    }

    /// The last element that is tied to the one at `first`.
    fn end_of_block(&self, first: usize) -> usize {
        let is_apart = |place: &usize| self.beside[*place].abs() <= self.rounding;
        (first..self.diagonal.len() - 1).find(is_apart).unwrap_or(self.diagonal.len() - 1)
    }

    /// One rotation after the other, from the last two elements up to the first two, after a shift by what the first will come to.
    fn chase(&mut self, first: usize, last: usize) {
        let Self { diagonal, beside, .. } = self;
        let slope = (diagonal[first + 1] - diagonal[first]) / (2.0 * beside[first]);
        let mut ahead = diagonal[last] - diagonal[first] + beside[first] / (slope + slope.hypot(1.0).copysign(slope));
        let (mut sine, mut cosine, mut moved) = (1.0, 1.0, 0.0);
        for place in (first..last).rev() {
            let (across, along) = (sine * self.beside[place], cosine * self.beside[place]);
            let length = across.hypot(ahead);
            self.beside[place + 1] = length;
            if length == 0.0 {
                // The block falls apart here; the rest is done in another round.
                self.diagonal[place + 1] -= moved;
                self.beside[last] = 0.0;
                return;
            }
            (sine, cosine) = (across / length, ahead / length);
            let shifted = self.diagonal[place + 1] - moved;
            let turned = (self.diagonal[place] - shifted) * sine + 2.0 * cosine * along;
            moved = sine * turned;
            self.diagonal[place + 1] = shifted + moved;
            ahead = cosine * turned - along;
            self.rotate(place, sine, cosine);
        }
        self.diagonal[first] -= moved;
        self.beside[first] = ahead;
        self.beside[last] = 0.0;
    }

    /// Turns the directions at `place` and after it.
    fn rotate(&mut self, place: usize, sine: f64, cosine: f64) {
        let size = self.diagonal.len();
        let (one, other) = self.vectors[place * size..(place + 2) * size].split_at_mut(size);
        for (one, other) in one.iter_mut().zip(other) {
            (*one, *other) = (cosine * *one - sine * *other, sine * *one + cosine * *other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(matrix: &Array2<f64>) {
        let size = matrix.nrows();
        let (values, vectors) = eigen(matrix.clone());
        let near = |found: &Array2<f64>, expected: &Array2<f64>| {
            let worst = found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(worst < 1e-9 * size.max(1) as f64, "{worst} in a matrix of {size}");
        };
        assert!(values.windows(2).all(|pair| pair[0] >= pair[1]), "{values:?}");
        near(&vectors.t().dot(&vectors), &Array2::eye(size));
        near(&vectors.dot(&Array2::from_diag(&Array1::from(values))).dot(&vectors.t()), matrix);
    }

    #[test]
    fn a_matrix_is_put_together_again_from_its_values_and_vectors() {
        let mut random = fastrand::Rng::with_seed(9);
        for size in [0, 1, 2, 3, 7, 60] {
            let half = Array2::from_shape_simple_fn((size, size), || random.f64() - 0.5);
            check(&half.t().dot(&half));
            check(&(&half + &half.t()));
            check(&Array2::zeros((size, size)));
            check(&Array2::eye(size));
        }
        // Of rank two, and in two parts that have nothing to do with each other.
        let thin = Array2::from_shape_simple_fn((2, 40), || random.f64());
        check(&thin.t().dot(&thin));
        let mut parts = Array2::<f64>::zeros((9, 9));
        parts.slice_mut(s![..4, ..4]).fill(2.0);
        parts.slice_mut(s![4.., 4..]).fill(-1.0);
        check(&parts);
    }
}
