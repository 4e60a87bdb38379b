//! A sparse matrix by rows, and its product with a dense one on all threads.
//!
//! Each row of a product is one sum in one fixed order, so the result does not depend on the number of threads.

use ndarray::Array2;
use rayon::prelude::*;

/// Rows handed to a thread at a time.
const ROWS_PER_JOB: usize = 256;

/// A matrix of mostly zeroes.
#[derive(Debug)]
pub(in crate::learn) struct Sparse {
    columns_count: usize,
    starts: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f32>,
}

impl Sparse {
    /// No rows yet.
    pub(in crate::learn) fn new(columns_count: usize) -> Self {
        Self { columns_count, starts: vec![0], columns: Vec::new(), values: Vec::new() }
    }

    /// Adds a row of (column, value).
    pub(in crate::learn) fn push_row(&mut self, cells: impl Iterator<Item = (u32, f32)>) {
        for (column, value) in cells {
            self.columns.push(column);
            self.values.push(value);
        }
        self.starts.push(self.columns.len());
    }

    pub(in crate::learn) fn rows_count(&self) -> usize {
        self.starts.len() - 1
    }

    pub(in crate::learn) fn columns_count(&self) -> usize {
        self.columns_count
    }

    /// The cells of a row as (column, value).
    #[inline]
    pub(in crate::learn) fn row(&self, row: usize) -> impl Iterator<Item = (u32, f32)> + '_ {
        let cells = self.starts[row]..self.starts[row + 1];
        self.columns[cells.clone()].iter().copied().zip(self.values[cells].iter().copied())
    }

    /// The columns of a row and their values, for loops over many rows.
    #[inline]
    pub(in crate::learn) fn parts(&self, row: usize) -> (&[u32], &[f32]) {
        let cells = self.starts[row]..self.starts[row + 1];
        (&self.columns[cells.clone()], &self.values[cells])
    }

    /// Rows become columns.
    pub(in crate::learn) fn transposed(&self) -> Self {
        let mut starts = vec![0_usize; self.columns_count + 1];
        self.columns.iter().for_each(|&column| starts[column as usize + 1] += 1);
        (0..self.columns_count).for_each(|column| starts[column + 1] += starts[column]);
        let mut next = starts.clone();
        let (mut columns, mut values) = (vec![0; self.columns.len()], vec![0.0; self.values.len()]);
        for row in 0..self.rows_count() {
            for (column, value) in self.row(row) {
                let place = &mut next[column as usize];
                (columns[*place], values[*place]) = (row as u32, value);
                *place += 1;
            }
        }
        Self { columns_count: self.rows_count(), starts, columns, values }
    }

    /// `self · dense`.
    pub(in crate::learn) fn times(&self, dense: &Array2<f32>) -> Array2<f32> {
        let width = dense.ncols();
        let right = dense.as_standard_layout();
        let right = right.as_slice().unwrap_or_default();
        let mut product = vec![0.0_f32; self.rows_count() * width];
        product.par_chunks_mut(width.max(1)).with_min_len(ROWS_PER_JOB).enumerate().for_each(|(row, sum)| {
            for (column, value) in self.row(row) {
                let from = &right[column as usize * width..][..width];
                sum.iter_mut().zip(from).for_each(|(element, other)| *element += value * other);
            }
        });
        Array2::from_shape_vec((self.rows_count(), width), product).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn products_are_those_of_the_dense_matrix() {
        let mut matrix = Sparse::new(3);
        matrix.push_row([(0, 1.0), (2, 2.0)].into_iter());
        matrix.push_row(std::iter::empty());
        matrix.push_row([(1, -1.0)].into_iter());
        let dense = array![[1.0, 0.0, 2.0], [0.0, 0.0, 0.0], [0.0, -1.0, 0.0]];
        let right = array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
        assert_eq!(matrix.times(&right), dense.dot(&right));
        assert_eq!(matrix.transposed().times(&right), dense.t().dot(&right));
        assert_eq!((matrix.transposed().rows_count(), matrix.transposed().columns_count()), (3, 3));
    }
}
