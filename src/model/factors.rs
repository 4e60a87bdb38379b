//! Low-rank factors of who had what: each product a short vector, and a history the sum of its products' vectors, so that a new shopper
//! needs no training (fold-in).
//!
//! `score(h → b) = (Σ_k k^-recency · in(h_k) · v(h_k)) · v(b) · out(b)`, `h_1` the newest. They see taste that no two products share
//! directly. The file (`models/factors.bin`) is drawn in `docs/FORMATS.md`.

use super::ModelError;
use super::vector::dot;
use crate::id::Ordinal;
use crate::stdx::mapped::{MappedFile, as_bytes, write_sections};
use crate::stdx::simd::dots;
use crate::stdx::topk::{Score, TopK};
use ndarray::{Array2, ArrayView2};
use std::cmp::Reverse;
use std::path::Path;

/// Vectors that many histories are multiplied with at once: with a block of these and of histories the second cache is filled, not more.
const VECTORS_AT_ONCE: usize = 512;

const KIND: [u8; 4] = *b"fact";
const FACTS: usize = 0;
const INTO: usize = 1;
const OUT_OF: usize = 2;
const VECTORS: usize = 3;
const SECTIONS: usize = 4;

/// Vectors of products, in memory or mapped from a file.
#[derive(Debug)]
pub struct Factors {
    storage: Storage,
    dims: usize,
    recency: f32,
    beside: u32,
}

#[derive(Debug)]
enum Storage {
    Owned { into: Vec<f32>, out_of: Vec<f32>, vectors: Vec<f32> },
    Mapped(MappedFile),
}

#[derive(Debug, Clone, Copy)]
struct Arrays<'a> {
    into: &'a [f32],
    out_of: &'a [f32],
    vectors: &'a [f32],
}

/// A history folded in: a vector of the same length as the products'.
#[derive(Debug, Clone, PartialEq)]
pub struct Folded(Vec<f32>);

impl Factors {
    /// `vectors` holds `dims` numbers a product, in the order of ordinals; `into` and `out_of` one number a product.
    ///
    /// # Errors
    /// When the lengths contradict each other or a number is not finite.
    pub fn from_parts(dims: usize, vectors: Vec<f32>, into: Vec<f32>, out_of: Vec<f32>) -> Result<Self, ModelError> {
        Arrays { into: &into, out_of: &out_of, vectors: &vectors }.check(dims).map_err(ModelError::Input)?;
        Ok(Self { storage: Storage::Owned { into, out_of, vectors }, dims, recency: 0.0, beside: 0 })
    }

    /// The same factors for histories whose n-th newest product counts `n^-recency`, learnt beside the relations with that checksum.
    #[must_use]
    pub fn beside(self, recency: f32, relations_checksum: u32) -> Self {
        Self { recency, beside: relations_checksum, ..self }
    }

    /// The same factors with every score multiplied by `weight`.
    #[must_use]
    pub fn louder(&self, weight: f32) -> Self {
        self.weighing(|_| weight)
    }

    /// The same factors with the score of each product multiplied by its own weight.
    #[must_use]
    pub fn weighing(&self, weight_of: impl Fn(Ordinal) -> f32) -> Self {
        let Arrays { into, out_of, vectors } = self.arrays();
        let out_of = (0..).zip(out_of).map(|(product, out_of)| out_of * weight_of(Ordinal(product))).collect();
        let storage = Storage::Owned { into: into.to_vec(), out_of, vectors: vectors.to_vec() };
        Self { storage, dims: self.dims, recency: self.recency, beside: self.beside }
    }

    /// The same factors with only the first `dims` numbers of every vector, which of singular vectors are those that say most.
    #[must_use]
    pub fn narrowed(&self, dims: usize) -> Self {
        let Arrays { into, out_of, vectors } = self.arrays();
        let dims = dims.min(self.dims);
        let vectors = vectors.chunks(self.dims.max(1)).flat_map(|vector| &vector[..dims]).copied().collect();
        let storage = Storage::Owned { into: into.to_vec(), out_of: out_of.to_vec(), vectors };
        Self { storage, dims, recency: self.recency, beside: self.beside }
    }

    /// The same factors of other products: the n-th of `ordinals`, which ascend, stands where the n-th stood here. Those between have zeroes.
    #[must_use]
    pub fn renumbered(&self, ordinals: &[Ordinal]) -> Self {
        let arrays = self.arrays();
        let end = ordinals.last().map_or(0, |last| last.index() + 1);
        let (mut into, mut out_of, mut vectors) = (vec![0.0; end], vec![0.0; end], vec![0.0; end * self.dims]);
        for (number, ordinal) in (0..).zip(ordinals.iter().map(|ordinal| ordinal.index())) {
            (into[ordinal], out_of[ordinal]) = (arrays.into[number], arrays.out_of[number]);
            vectors[ordinal * self.dims..][..self.dims].copy_from_slice(arrays.vector(Ordinal(number as u32), self.dims));
        }
        let storage = Storage::Owned { into, out_of, vectors };
        Self { storage, dims: self.dims, recency: self.recency, beside: self.beside }
    }

    /// Checksum of the relations that these factors were learnt beside.
    #[must_use]
    pub fn relations_checksum(&self) -> u32 {
        self.beside
    }

    /// Maps a file that [`Factors::save`] wrote, after checking all of it.
    ///
    /// # Errors
    /// When the file is missing, damaged, or its numbers contradict each other.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        let file = MappedFile::open(path, KIND)?;
        file.verify()?;
        if file.sections_count() != SECTIONS {
            return Err(ModelError::inconsistent(path, "sections"));
        }
        let &[dims, recency, beside] = file.slice::<u32>(FACTS)? else { return Err(ModelError::inconsistent(path, "facts")) };
        let (dims, recency) = (dims as usize, f32::from_bits(recency));
        if !recency.is_finite() {
            return Err(ModelError::inconsistent(path, "the power of age is not a number"));
        }
        mapped_arrays(&file)?.check(dims).map_err(|what| ModelError::inconsistent(path, what))?;
        Ok(Self { storage: Storage::Mapped(file), dims, recency, beside })
    }

    /// Writes the file, under a temporary name first.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), ModelError> {
        let Arrays { into, out_of, vectors } = self.arrays();
        let facts = [self.dims as u32, self.recency.to_bits(), self.beside];
        Ok(write_sections(path, KIND, &[as_bytes(&facts), as_bytes(into), as_bytes(out_of), as_bytes(vectors)])?)
    }

    /// Number of products with a vector.
    #[must_use]
    pub fn products_count(&self) -> usize {
        self.arrays().into.len()
    }

    /// Numbers in a vector.
    #[must_use]
    pub fn dims(&self) -> usize {
        self.dims
    }

    /// A history, oldest first, as a vector; products without one are passed over.
    #[must_use]
    pub fn fold(&self, history: &[Ordinal]) -> Folded {
        let arrays = self.arrays();
        let mut folded = vec![0.0; self.dims];
        for (&product, age) in history.iter().rev().zip(1_u32..) {
            let Some(into) = arrays.into.get(product.index()) else { continue };
            let weight = into * (age as f32).powf(-self.recency);
            folded.iter_mut().zip(arrays.vector(product, self.dims)).for_each(|(sum, element)| *sum += weight * element);
        }
        Folded(folded)
    }

    /// How well a product goes with a folded history; 0 without a vector.
    #[must_use]
    pub fn score_folded(&self, folded: &Folded, product: Ordinal) -> f32 {
        let arrays = self.arrays();
        arrays.out_of.get(product.index()).map_or(0.0, |out_of| dot(&folded.0, arrays.vector(product, self.dims)) * out_of)
    }

    /// How well a product goes with a history, oldest first.
    #[must_use]
    pub fn score(&self, history: &[Ordinal], candidate: Ordinal) -> f32 {
        self.score_folded(&self.fold(history), candidate)
    }

    /// The `limit` products that go best with a history, oldest first, among those that `accept` says yes to; best first, equal ones by
    /// ordinal; none whose score is not above zero. Looks at every product: about 10 ms for a million of 64 numbers.
    pub fn best(&self, history: &[Ordinal], limit: usize, accept: impl Fn(Ordinal) -> bool) -> Vec<(Ordinal, f32)> {
        let folded = self.fold(history);
        let arrays = self.arrays();
        let mut top = TopK::new(limit);
        dots(&folded.0, arrays.vectors, |index, similarity| {
            let score = similarity * arrays.out_of[index];
            let near = (Score(score), Reverse(Ordinal(index as u32)));
            if score > 0.0 && top.floor().is_none_or(|floor| near > *floor) && accept(near.1.0) {
                top.push(near);
            }
        });
        top.into_descending().into_iter().map(|(Score(score), Reverse(product))| (product, score)).collect()
    }

    /// The same among these products: what it takes follows from how many they are.
    pub fn best_among(
        &self,
        history: &[Ordinal],
        limit: usize,
        products: impl Iterator<Item = Ordinal>,
        accept: impl Fn(Ordinal) -> bool,
    ) -> Vec<(Ordinal, f32)> {
        let folded = self.fold(history);
        let mut top = TopK::new(limit);
        for product in products {
            let near = (Score(self.score_folded(&folded, product)), Reverse(product));
            if near.0.0 > 0.0 && top.floor().is_none_or(|floor| near > *floor) && accept(product) {
                top.push(near);
            }
        }
        top.into_descending().into_iter().map(|(Score(score), Reverse(product))| (product, score)).collect()
    }

    /// [`Factors::best`] of many histories, in their order; `accept` is told which history asks. Where everybody is answered, products of
    /// matrices read each vector once for all of them, which is several times faster than one history after the other.
    #[must_use]
    pub fn best_of_many(
        &self,
        histories: &[&[Ordinal]],
        limit: usize,
        accept: impl Fn(usize, Ordinal) -> bool,
    ) -> Vec<Vec<(Ordinal, f32)>> {
        let arrays = self.arrays();
        let mut folded = Array2::zeros((histories.len(), self.dims));
        for (mut row, history) in folded.outer_iter_mut().zip(histories) {
            row.iter_mut().zip(self.fold(history).0).for_each(|(element, of_history)| *element = of_history);
        }
        let mut tops: Vec<TopK<(Score, Reverse<Ordinal>)>> = histories.iter().map(|_| TopK::new(limit)).collect();
        for (block, vectors) in arrays.vectors.chunks(VECTORS_AT_ONCE * self.dims.max(1)).enumerate() {
            let first = block * VECTORS_AT_ONCE;
            let Ok(vectors) = ArrayView2::from_shape((vectors.len() / self.dims.max(1), self.dims), vectors) else { continue };
            let similarities = folded.dot(&vectors.t());
            for (asking, (top, similarities)) in tops.iter_mut().zip(similarities.outer_iter()).enumerate() {
                let lowest = |top: &TopK<(Score, Reverse<Ordinal>)>| top.floor().map_or(0.0, |(Score(score), _)| *score);
                let mut floor = lowest(top);
                for (index, similarity) in (first..).zip(similarities) {
                    let score = similarity * arrays.out_of[index];
                    // Nearly all end here.
                    if score <= 0.0 || score < floor {
                        continue;
                    }
                    let near = (Score(score), Reverse(Ordinal(index as u32)));
                    if top.floor().is_none_or(|floor| near > *floor) && accept(asking, near.1.0) {
                        top.push(near);
                        floor = lowest(top);
                    }
                }
            }
        }
        let listed = |top: TopK<(Score, Reverse<Ordinal>)>| {
            top.into_descending().into_iter().map(|(Score(score), Reverse(product))| (product, score)).collect()
        };
        tops.into_iter().map(listed).collect()
    }

    fn arrays(&self) -> Arrays<'_> {
        match &self.storage {
            Storage::Owned { into, out_of, vectors } => Arrays { into, out_of, vectors },
            Storage::Mapped(file) => {
                mapped_arrays(file).unwrap_or_else(|error| unreachable!("sections were read when the file was opened: {error}"))
            }
        }
    }
}

fn mapped_arrays(file: &MappedFile) -> Result<Arrays<'_>, ModelError> {
    Ok(Arrays { into: file.slice(INTO)?, out_of: file.slice(OUT_OF)?, vectors: file.slice(VECTORS)? })
}

impl<'a> Arrays<'a> {
    fn vector(&self, product: Ordinal, dims: usize) -> &'a [f32] {
        &self.vectors[product.index() * dims..][..dims]
    }

    fn check(&self, dims: usize) -> Result<(), String> {
        if self.out_of.len() != self.into.len() || self.into.len().checked_mul(dims) != Some(self.vectors.len()) {
            return Err("vectors do not fit the products".to_owned());
        }
        let all = self.vectors.iter().chain(self.into).chain(self.out_of);
        if all.into_iter().any(|number| !number.is_finite()) {
            return Err("a number is not finite".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Factors {
        let vectors = vec![1.0, 0.0, 0.8, 0.6, 0.0, 1.0];
        Factors::from_parts(2, vectors, vec![1.0, 0.5, 2.0], vec![1.0, 1.0, 0.5]).expect("is consistent").beside(1.0, 7)
    }

    fn ordinals(numbers: &[u32]) -> Vec<Ordinal> {
        numbers.iter().copied().map(Ordinal).collect()
    }

    #[test]
    fn a_history_is_folded_in_with_newer_products_first() {
        let factors = small();
        // Newest is 0: 1 · (1, 0); then 2: 2 / 2 · (0, 1).
        let history = ordinals(&[2, 0]);
        assert_eq!(factors.score(&history, Ordinal(0)), 1.0);
        assert_eq!(factors.score(&history, Ordinal(1)), 0.8 + 0.6);
        assert_eq!(factors.score(&history, Ordinal(2)), 0.5);
        assert_eq!(factors.best(&history, 2, |_| true), [(Ordinal(1), 0.8 + 0.6), (Ordinal(0), 1.0)]);
        assert_eq!(factors.best(&history, 9, |product| product != Ordinal(1)), [(Ordinal(0), 1.0), (Ordinal(2), 0.5)]);
        assert_eq!(factors.best(&[], 9, |_| true), []);
        let among = |products: &[u32]| factors.best_among(&history, 2, ordinals(products).into_iter(), |product| product != Ordinal(0));
        assert_eq!(among(&[0, 2, 1, 99]), [(Ordinal(1), 0.8 + 0.6), (Ordinal(2), 0.5)]);
        assert_eq!(among(&[2]), [(Ordinal(2), 0.5)]);
        let narrow = factors.narrowed(1);
        assert_eq!((narrow.dims(), narrow.score(&history, Ordinal(1)), narrow.score(&history, Ordinal(2))), (1, 0.8, 0.0));
        let other = ordinals(&[1]);
        let together = factors.best_of_many(&[&history, &[], &other], 9, |asking, product| asking != 0 || product != Ordinal(1));
        let apart = [factors.best(&history, 9, |product| product != Ordinal(1)), vec![], factors.best(&other, 9, |_| true)];
        for (one, two) in together.iter().zip(&apart) {
            assert_eq!(one.len(), two.len());
            assert!(one.iter().zip(two).all(|(a, b)| a.0 == b.0 && (a.1 - b.1).abs() < 1e-6), "{one:?} where {two:?} was expected");
        }
        assert_eq!(together.len(), apart.len());
        assert_eq!((factors.score(&ordinals(&[99]), Ordinal(0)), factors.score(&history, Ordinal(99))), (0.0, 0.0));
    }

    #[test]
    fn a_saved_file_says_the_same_and_a_damaged_one_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("factors.bin");
        small().save(&path).expect("saves");
        let opened = Factors::open(&path).expect("opens");
        assert_eq!((opened.products_count(), opened.dims(), opened.relations_checksum()), (3, 2, 7));
        assert_eq!(opened.best(&ordinals(&[2, 0]), 9, |_| true), small().best(&ordinals(&[2, 0]), 9, |_| true));
        let mut bytes = std::fs::read(&path).expect("reads");
        *bytes.last_mut().expect("not empty") ^= 1;
        std::fs::write(&path, bytes).expect("writes");
        assert!(Factors::open(&path).is_err());
    }

    #[test]
    fn numbers_are_finite_and_vectors_fit_the_products() {
        assert!(Factors::from_parts(2, vec![0.0; 4], vec![1.0; 2], vec![1.0; 2]).is_ok());
        assert!(Factors::from_parts(2, vec![0.0; 3], vec![1.0; 2], vec![1.0; 2]).is_err());
        assert!(Factors::from_parts(2, vec![0.0; 4], vec![1.0; 2], vec![1.0]).is_err());
        assert!(Factors::from_parts(1, vec![f32::NAN], vec![1.0], vec![1.0]).is_err());
    }
}
