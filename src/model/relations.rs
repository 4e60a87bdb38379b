//! Item-to-item relations made by a batch job: for each product the products that go with it, and how much.
//!
//! A history is answered by adding up the rows of its products, newer ones with more weight. The file (`models/relations.bin`) is drawn in
//! `docs/FORMATS.md`.

use super::ModelError;
use crate::id::Ordinal;
use crate::stdx::mapped::{MappedFile, as_bytes, write_sections};
use crate::stdx::topk::{Score, TopK};
use std::cmp::Reverse;
use std::path::Path;

const KIND: [u8; 4] = *b"relt";
const STARTS: usize = 0;
const PRODUCTS: usize = 1;
const WEIGHTS: usize = 2;
const SECTIONS: usize = 3;

/// Rows of related products, in memory or mapped from a file.
#[derive(Debug)]
pub struct Relations(Storage);

#[derive(Debug)]
enum Storage {
    Owned { starts: Vec<u32>, products: Vec<u32>, weights: Vec<f32> },
    Mapped(MappedFile),
}

#[derive(Debug, Clone, Copy)]
struct Arrays<'a> {
    starts: &'a [u32],
    products: &'a [u32],
    weights: &'a [f32],
}

/// Working memory for [`Relations::next`], used again for the next history.
#[derive(Debug, Default)]
pub struct Scores {
    values: Vec<f32>,
    touched: Vec<u32>,
}

impl Relations {
    /// One row a product, in the order of ordinals: related products with positive weights, best first.
    ///
    /// # Errors
    /// When a weight is not a positive number or there are more than 2³² pairs.
    pub fn from_rows(rows: impl IntoIterator<Item = Vec<(Ordinal, f32)>>) -> Result<Self, ModelError> {
        let (mut starts, mut products, mut weights) = (vec![0], Vec::new(), Vec::new());
        for row in rows {
            for (product, weight) in row {
                products.push(product.0);
                weights.push(weight);
            }
            starts.push(u32::try_from(products.len()).map_err(|_| ModelError::Input("more than 2^32 pairs".to_owned()))?);
        }
        Arrays { starts: &starts, products: &products, weights: &weights }.check().map_err(ModelError::Input)?;
        Ok(Self(Storage::Owned { starts, products, weights }))
    }

    /// Maps a file that [`Relations::save`] wrote, after checking all of it.
    ///
    /// # Errors
    /// When the file is missing, damaged, or its numbers contradict each other.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        let file = MappedFile::open(path, KIND)?;
        file.verify()?;
        if file.sections_count() != SECTIONS {
            return Err(ModelError::inconsistent(path, "sections"));
        }
        mapped_arrays(&file)?.check().map_err(|what| ModelError::inconsistent(path, what))?;
        Ok(Self(Storage::Mapped(file)))
    }

    /// Writes the file, under a temporary name first.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), ModelError> {
        let arrays = self.arrays();
        Ok(write_sections(path, KIND, &[as_bytes(arrays.starts), as_bytes(arrays.products), as_bytes(arrays.weights)])?)
    }

    /// Number of products that have a row.
    #[must_use]
    pub fn products_count(&self) -> usize {
        self.arrays().starts.len().saturating_sub(1)
    }

    /// Number of related pairs in all rows.
    #[must_use]
    pub fn pairs_count(&self) -> usize {
        self.arrays().products.len()
    }

    /// What goes with a product, best first.
    pub fn related(&self, product: Ordinal) -> impl Iterator<Item = (Ordinal, f32)> + '_ {
        let (products, weights) = self.arrays().row(product);
        products.iter().copied().map(Ordinal).zip(weights.iter().copied())
    }

    /// The `limit` products that go best with a history (oldest first) among those that `accept` says yes to: the rows of its products added
    /// up, the n-th newest with weight `n^-recency`. Best first, equal ones by ordinal.
    pub fn next(
        &self,
        history: &[Ordinal],
        recency: f32,
        limit: usize,
        scores: &mut Scores,
        accept: impl Fn(Ordinal) -> bool,
    ) -> Vec<(Ordinal, f32)> {
        let arrays = self.arrays();
        for (&product, age) in history.iter().rev().zip(1_u32..) {
            let weight = (age as f32).powf(-recency);
            let (products, weights) = arrays.row(product);
            products.iter().zip(weights).for_each(|(&related, strength)| scores.add(related, weight * strength));
        }
        let mut top = TopK::new(limit);
        for &product in &scores.touched {
            let score = std::mem::take(&mut scores.values[product as usize]);
            let near = (Score(score), Reverse(product));
            if top.floor().is_none_or(|floor| near > *floor) && accept(Ordinal(product)) {
                top.push(near);
            }
        }
        scores.touched.clear();
        top.into_descending().into_iter().map(|(Score(score), Reverse(product))| (Ordinal(product), score)).collect()
    }

    fn arrays(&self) -> Arrays<'_> {
        match &self.0 {
            Storage::Owned { starts, products, weights } => Arrays { starts, products, weights },
            Storage::Mapped(file) => {
                mapped_arrays(file).unwrap_or_else(|error| unreachable!("sections were read when the file was opened: {error}"))
            }
        }
    }
}

impl Scores {
    #[inline]
    fn add(&mut self, product: u32, score: f32) {
        let index = product as usize;
        if index >= self.values.len() {
            self.values.resize(index + 1, 0.0);
        }
        // Weights are positive, so zero means that the product was not met yet.
        if self.values[index] == 0.0 {
            self.touched.push(product);
        }
        self.values[index] += score;
    }
}

fn mapped_arrays(file: &MappedFile) -> Result<Arrays<'_>, ModelError> {
    Ok(Arrays { starts: file.slice(STARTS)?, products: file.slice(PRODUCTS)?, weights: file.slice(WEIGHTS)? })
}

impl<'a> Arrays<'a> {
    fn row(&self, product: Ordinal) -> (&'a [u32], &'a [f32]) {
        match self.starts.get(product.index()..).unwrap_or_default() {
            [start, end, ..] => (&self.products[*start as usize..*end as usize], &self.weights[*start as usize..*end as usize]),
            _ => (&[], &[]),
        }
    }

    fn check(&self) -> Result<(), String> {
        let pairs_count = self.products.len();
        let partition = self.starts.first() == Some(&0)
            && self.starts.is_sorted()
            && self.starts.last().is_some_and(|&end| end as usize == pairs_count);
        if !partition || self.weights.len() != pairs_count {
            return Err("rows do not cover the pairs".to_owned());
        }
        if !self.weights.iter().all(|weight| weight.is_finite() && *weight > 0.0) {
            return Err("a weight is not a positive number".to_owned());
        }
        // A product beyond all rows would make working memory as large as its number says.
        if self.products.iter().any(|&product| product as usize >= self.starts.len() - 1) {
            return Err("a related product has no row".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordinals(numbers: &[u32]) -> Vec<Ordinal> {
        numbers.iter().copied().map(Ordinal).collect()
    }

    fn small() -> Relations {
        let row = |pairs: &[(u32, f32)]| pairs.iter().map(|&(product, weight)| (Ordinal(product), weight)).collect();
        Relations::from_rows([row(&[(1, 1.0), (2, 0.5)]), row(&[(2, 0.6)]), row(&[]), row(&[(1, 0.2)])]).expect("is consistent")
    }

    #[test]
    fn the_rows_of_a_history_add_up_and_newer_products_count_more() {
        let relations = small();
        let mut scores = Scores::default();
        let all = |_| true;
        assert_eq!(relations.next(&ordinals(&[0, 1]), 0.0, 9, &mut scores, all), [(Ordinal(2), 1.1), (Ordinal(1), 1.0)]);
        assert_eq!(relations.next(&ordinals(&[0, 1]), 1.0, 9, &mut scores, all), [(Ordinal(2), 0.85), (Ordinal(1), 0.5)]);
        assert_eq!(relations.next(&ordinals(&[0, 1]), 0.0, 9, &mut scores, |product| product != Ordinal(2)), [(Ordinal(1), 1.0)]);
        assert_eq!(relations.next(&ordinals(&[0, 1]), 0.0, 1, &mut scores, all), [(Ordinal(2), 1.1)]);
        assert_eq!(relations.next(&ordinals(&[2, 77]), 0.0, 9, &mut scores, all), []);
    }

    #[test]
    fn a_saved_file_says_the_same_and_a_damaged_one_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("relations.bin");
        small().save(&path).expect("saves");
        let opened = Relations::open(&path).expect("opens");
        assert_eq!((opened.products_count(), opened.pairs_count()), (4, 4));
        assert_eq!(opened.related(Ordinal(0)).collect::<Vec<_>>(), [(Ordinal(1), 1.0), (Ordinal(2), 0.5)]);
        let mut bytes = std::fs::read(&path).expect("reads");
        *bytes.last_mut().expect("not empty") ^= 1;
        std::fs::write(&path, bytes).expect("writes");
        assert!(Relations::open(&path).is_err());
    }

    #[test]
    fn weights_are_positive_and_products_have_rows() {
        assert!(Relations::from_rows([vec![(Ordinal(0), 0.0)]]).is_err());
        assert!(Relations::from_rows([vec![(Ordinal(0), f32::NAN)]]).is_err());
        assert!(Relations::from_rows([vec![(Ordinal(1), 1.0)]]).is_err());
    }
}
