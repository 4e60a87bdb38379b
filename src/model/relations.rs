//! Item-to-item relations made by a batch job: for each product the products that go with it, and how much.
//!
//! A history is answered by adding up the rows of its products, newer ones with more weight. Weights below zero are evidence against: who
//! has the one would have had the other by now. The file (`models/relations.bin`) is drawn in `docs/FORMATS.md`.

use super::ModelError;
use crate::id::Ordinal;
use crate::stdx::digest::{crc32c, crc32c_append};
use crate::stdx::mapped::{MappedFile, as_bytes, write_sections};
use crate::stdx::topk::{Score, TopK};
use std::cmp::Reverse;
use std::path::Path;

const KIND: [u8; 4] = *b"rel2";
const STARTS: usize = 0;
const PRODUCTS: usize = 1;
const WEIGHTS: usize = 2;
const RECENCY: usize = 3;
const SECTIONS: usize = 4;

/// Rows of related products, in memory or mapped from a file.
#[derive(Debug)]
pub struct Relations {
    storage: Storage,
    recency: f32,
}

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
    /// [`UNTOUCHED`], or the sum so far.
    values: Vec<f32>,
    touched: Vec<u32>,
}

/// No sum of finite weights is this, so a product is entered once even when its sum passes through zero.
const UNTOUCHED: f32 = f32::NEG_INFINITY;

impl Relations {
    /// One row a product, in the order of ordinals: related products with their weights, best first.
    ///
    /// # Errors
    /// When a weight is zero or not a number, or there are more than 2³² pairs.
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
        Ok(Self { storage: Storage::Owned { starts, products, weights }, recency: 0.0 })
    }

    /// The same rows, told how a history is to be read: see [`Relations::next`].
    #[must_use]
    pub fn with_recency(self, recency: f32) -> Self {
        Self { recency, ..self }
    }

    /// The same among other products: the n-th of `ordinals`, which ascend, stands where the n-th stood here. Those between have nothing.
    ///
    /// # Errors
    /// Those of [`Relations::from_rows`].
    pub fn renumbered(&self, ordinals: &[Ordinal]) -> Result<Self, ModelError> {
        let mut rows: Vec<Vec<(Ordinal, f32)>> = vec![Vec::new(); ordinals.last().map_or(0, |last| last.index() + 1)];
        for (number, ordinal) in (0..).zip(ordinals) {
            rows[ordinal.index()] = self.related(Ordinal(number)).map(|(related, weight)| (ordinals[related.index()], weight)).collect();
        }
        Ok(Self::from_rows(rows)?.with_recency(self.recency))
    }

    /// The power of age that these rows were learnt for.
    #[must_use]
    pub fn recency(&self) -> f32 {
        self.recency
    }

    /// Tells these rows from others: factors that were learnt beside them carry it.
    #[must_use]
    pub fn checksum(&self) -> u32 {
        let arrays = self.arrays();
        let rows = crc32c_append(crc32c(as_bytes(arrays.starts)), as_bytes(arrays.products));
        crc32c_append(rows, as_bytes(arrays.weights))
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
        let recency = match file.slice::<f32>(RECENCY)? {
            [recency] if recency.is_finite() => *recency,
            _ => return Err(ModelError::inconsistent(path, "the power of age is not one number")),
        };
        Ok(Self { storage: Storage::Mapped(file), recency })
    }

    /// Writes the file, under a temporary name first.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), ModelError> {
        let arrays = self.arrays();
        let recency = [self.recency];
        Ok(write_sections(path, KIND, &[as_bytes(arrays.starts), as_bytes(arrays.products), as_bytes(arrays.weights), as_bytes(&recency)])?)
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
    /// up, the n-th newest with weight `n^-recency`. Best first, equal ones by ordinal; none whose sum is not above zero.
    pub fn next(
        &self,
        history: &[Ordinal],
        recency: f32,
        limit: usize,
        scores: &mut Scores,
        accept: impl Fn(Ordinal) -> bool,
    ) -> Vec<(Ordinal, f32)> {
        self.gather(history, recency, scores);
        let best = scores.best(limit, accept);
        scores.clear();
        best
    }

    /// Adds the rows of a history up in `scores`, which is empty before; for those who want more of the sums than the best.
    pub fn gather(&self, history: &[Ordinal], recency: f32, scores: &mut Scores) {
        let arrays = self.arrays();
        for (&product, age) in history.iter().rev().zip(1_u32..) {
            let weight = (age as f32).powf(-recency);
            let (products, weights) = arrays.row(product);
            products.iter().zip(weights).for_each(|(&related, strength)| scores.add(related, weight * strength));
        }
    }

    fn arrays(&self) -> Arrays<'_> {
        match &self.storage {
            Storage::Owned { starts, products, weights } => Arrays { starts, products, weights },
            Storage::Mapped(file) => {
                mapped_arrays(file).unwrap_or_else(|error| unreachable!("sections were read when the file was opened: {error}"))
            }
        }
    }
}

impl Scores {
    /// The sum of a product; 0 when no row names it.
    #[must_use]
    pub fn get(&self, product: Ordinal) -> f32 {
        self.values.get(product.index()).copied().filter(|&sum| sum != UNTOUCHED).unwrap_or(0.0)
    }

    /// The `limit` best sums above zero among the products that `accept` says yes to.
    pub fn best(&self, limit: usize, accept: impl Fn(Ordinal) -> bool) -> Vec<(Ordinal, f32)> {
        let mut top = TopK::new(limit);
        for &product in &self.touched {
            let score = self.values[product as usize];
            let near = (Score(score), Reverse(product));
            if score > 0.0 && top.floor().is_none_or(|floor| near > *floor) && accept(Ordinal(product)) {
                top.push(near);
            }
        }
        top.into_descending().into_iter().map(|(Score(score), Reverse(product))| (Ordinal(product), score)).collect()
    }

    /// Forgets all sums.
    pub fn clear(&mut self) {
        self.touched.drain(..).for_each(|product| self.values[product as usize] = UNTOUCHED);
    }

    #[inline]
    fn add(&mut self, product: u32, score: f32) {
        let index = product as usize;
        if index >= self.values.len() {
            self.values.resize(index + 1, UNTOUCHED);
        }
        let sum = &mut self.values[index];
        if *sum == UNTOUCHED {
            self.touched.push(product);
            *sum = 0.0;
        }
        *sum += score;
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
        if !self.weights.iter().all(|weight| weight.is_finite() && *weight != 0.0) {
            return Err("a weight is zero or not a number".to_owned());
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
    fn weights_below_zero_speak_against() {
        let row = |pairs: &[(u32, f32)]| pairs.iter().map(|&(product, weight)| (Ordinal(product), weight)).collect();
        let relations =
            Relations::from_rows([row(&[(2, 1.0), (3, 0.5)]), row(&[(2, -1.0), (3, -0.2)]), vec![], vec![]]).expect("is consistent");
        let mut scores = Scores::default();
        for _ in 0..2 {
            assert_eq!(relations.next(&ordinals(&[0, 1, 0]), 0.0, 9, &mut scores, |_| true), [(Ordinal(2), 1.0), (Ordinal(3), 0.8)]);
            assert_eq!(relations.next(&ordinals(&[0, 1]), 0.0, 9, &mut scores, |_| true), [(Ordinal(3), 0.3)]);
        }
    }

    #[test]
    fn a_saved_file_says_the_same_and_a_damaged_one_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("relations.bin");
        small().with_recency(0.5).save(&path).expect("saves");
        let opened = Relations::open(&path).expect("opens");
        assert_eq!((opened.recency(), opened.checksum()), (0.5, small().checksum()));
        assert_eq!((opened.products_count(), opened.pairs_count()), (4, 4));
        assert_eq!(opened.related(Ordinal(0)).collect::<Vec<_>>(), [(Ordinal(1), 1.0), (Ordinal(2), 0.5)]);
        let mut bytes = std::fs::read(&path).expect("reads");
        *bytes.last_mut().expect("not empty") ^= 1;
        std::fs::write(&path, bytes).expect("writes");
        assert!(Relations::open(&path).is_err());
    }

    #[test]
    fn weights_are_numbers_and_products_have_rows() {
        assert!(Relations::from_rows([vec![(Ordinal(0), 0.0)]]).is_err());
        assert!(Relations::from_rows([vec![(Ordinal(0), f32::NAN)]]).is_err());
        assert!(Relations::from_rows([vec![(Ordinal(1), 1.0)]]).is_err());
    }
}
