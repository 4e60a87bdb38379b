//! Embeddings: every term of the shop's vocabulary as a vector, and so every text as a direction.
//!
//! A text becomes the weighted sum of the vectors of its terms, scaled to length one; queries and products go through the same function,
//! so they meet in the same space. The weight of a term is `ln(1 + w) × idf`, where `w` is the sum of the weights it was given with (its
//! field weights, or one for each time it was typed). The stored vectors carry the singular values and the idf already, so embedding costs
//! one look into a table of the vocabulary and one scaled addition a term.
//!
//! The file (`models/embeddings.bin`) is drawn in `docs/FORMATS.md`.

use super::ModelError;
use super::vector::normalise;
use crate::stdx::digest::{Digest, blake3, crc32c};
use crate::stdx::mapped::{MappedFile, as_bytes, write_sections};
use crate::stdx::probe;
use std::path::Path;

/// Elements in a vector.
pub const DIMS: usize = 128;

const KIND: [u8; 4] = *b"embd";
const SECTION_HEADER: usize = 0;
const SECTION_OFFSETS: usize = 1;
const SECTION_TERMS: usize = 2;
const SECTION_VECTORS: usize = 3;
const SECTION_IDF: usize = 4;
const SECTION_DIGEST: usize = 5;
const SECTIONS: usize = 6;

/// Terms and their vectors, in memory or mapped from a file.
#[derive(Debug)]
pub struct Embeddings {
    storage: Storage,
    /// Finds a term by its checksum, see [`probe`].
    slots: Vec<u32>,
    dims: usize,
    cut: f32,
    digest: Digest,
}

#[derive(Debug)]
enum Storage {
    Owned { offsets: Vec<u32>, terms: Vec<u8>, vectors: Vec<f32>, idf: Vec<f32> },
    Mapped(MappedFile),
}

/// The four arrays behind [`Embeddings`], wherever they live.
struct Arrays<'a> {
    offsets: &'a [u32],
    terms: &'a [u8],
    vectors: &'a [f32],
    idf: &'a [f32],
}

impl Embeddings {
    /// Puts trained vectors together: terms in strictly ascending byte order, one idf and `dims` elements each. `cut` is the similarity
    /// below which neighbours are noise.
    ///
    /// # Errors
    /// When the numbers of terms, idf and vectors differ, the terms are not sorted, or a number is not finite.
    pub fn from_parts(terms: &[String], idf: Vec<f32>, vectors: Vec<f32>, dims: usize, cut: f32) -> Result<Self, ModelError> {
        let mut offsets = Vec::with_capacity(terms.len() + 1);
        let mut blob = Vec::new();
        offsets.push(0);
        for term in terms {
            blob.extend_from_slice(term.as_bytes());
            offsets.push(u32::try_from(blob.len()).map_err(|_| ModelError::Input("the vocabulary exceeds 4 GiB".to_owned()))?);
        }
        let arrays = Arrays { offsets: &offsets, terms: &blob, vectors: &vectors, idf: &idf };
        arrays.check(dims).map_err(ModelError::Input)?;
        let digest = arrays.digest(cut);
        let slots = arrays.slots();
        Ok(Self { storage: Storage::Owned { offsets, terms: blob, vectors, idf }, slots, dims, cut, digest })
    }

    /// The same vectors with another cut.
    #[must_use]
    pub fn with_cut(self, cut: f32) -> Self {
        let digest = self.arrays().digest(cut);
        Self { cut, digest, ..self }
    }

    /// Maps a file that [`Embeddings::save`] wrote, after checking all of it.
    ///
    /// # Errors
    /// When the file is missing, damaged, or its numbers contradict each other.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        let file = MappedFile::open(path, KIND)?;
        file.verify()?;
        let header = file.slice::<u32>(SECTION_HEADER)?;
        let (&[dims, cut_bits], true) = (header, file.sections_count() == SECTIONS) else {
            return Err(ModelError::inconsistent(path, "sections"));
        };
        let dims = dims as usize;
        let digest = Digest::try_from(file.bytes(SECTION_DIGEST)?).map_err(|_| ModelError::inconsistent(path, "digest"))?;
        let arrays = mapped_arrays(&file)?;
        arrays.check(dims).map_err(|what| ModelError::inconsistent(path, what))?;
        Ok(Self { slots: arrays.slots(), storage: Storage::Mapped(file), dims, cut: f32::from_bits(cut_bits), digest })
    }

    /// Writes the file, under a temporary name first.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), ModelError> {
        let arrays = self.arrays();
        let header = [self.dims as u32, self.cut.to_bits()];
        let sections =
            [as_bytes(&header), as_bytes(arrays.offsets), arrays.terms, as_bytes(arrays.vectors), as_bytes(arrays.idf), &self.digest];
        Ok(write_sections(path, KIND, &sections)?)
    }

    /// Elements in a vector.
    #[must_use]
    pub fn dims(&self) -> usize {
        self.dims
    }

    /// Number of known terms.
    #[must_use]
    pub fn terms_count(&self) -> usize {
        self.arrays().idf.len()
    }

    /// The similarity below which a neighbour is noise, calibrated when the embeddings were trained.
    #[must_use]
    pub fn cut(&self) -> f32 {
        self.cut
    }

    /// BLAKE3 of terms, vectors and cut: two embeddings with the same digest give the same vectors.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The inverse document frequency of a term, when it is known.
    #[must_use]
    pub fn idf(&self, term: &str) -> Option<f32> {
        let arrays = self.arrays();
        arrays.find(term, &self.slots).map(|index| arrays.idf[index])
    }

    /// The direction of a text given as terms, each of weight one; none when no term is known.
    #[must_use]
    pub fn embed_terms<'a>(&self, terms: impl Iterator<Item = &'a str>) -> Option<Vec<f32>> {
        self.embed_weighted(terms.map(|term| (term, 1.0)))
    }

    /// The direction of a text given as terms with weights; the weights of a repeated term add up, terms that are not known or whose
    /// weight is not positive are skipped. Unit length; none when nothing remains.
    #[must_use]
    pub fn embed_weighted<'a>(&self, terms: impl Iterator<Item = (&'a str, f32)>) -> Option<Vec<f32>> {
        let arrays = self.arrays();
        let mut known: Vec<(usize, f32)> = terms
            .filter(|(_, weight)| *weight > 0.0)
            .filter_map(|(term, weight)| Some((arrays.find(term, &self.slots)?, weight)))
            .collect();
        // Adding in vocabulary order makes the sum independent of the order of words, to the last bit.
        known.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let mut sum = vec![0.0_f32; self.dims];
        for same in known.chunk_by(|a, b| a.0 == b.0) {
            let scale = same.iter().map(|(_, weight)| weight).sum::<f32>().ln_1p();
            let vector = &arrays.vectors[same[0].0 * self.dims..][..self.dims];
            sum.iter_mut().zip(vector).for_each(|(element, of_term)| *element += scale * of_term);
        }
        normalise(&mut sum).then_some(sum)
    }

    fn arrays(&self) -> Arrays<'_> {
        match &self.storage {
            Storage::Owned { offsets, terms, vectors, idf } => Arrays { offsets, terms, vectors, idf },
            Storage::Mapped(file) => {
                mapped_arrays(file).unwrap_or_else(|error| unreachable!("sections were read when the file was opened: {error}"))
            }
        }
    }
}

fn mapped_arrays(file: &MappedFile) -> Result<Arrays<'_>, ModelError> {
    Ok(Arrays {
        offsets: file.slice(SECTION_OFFSETS)?,
        terms: file.bytes(SECTION_TERMS)?,
        vectors: file.slice(SECTION_VECTORS)?,
        idf: file.slice(SECTION_IDF)?,
    })
}

impl Arrays<'_> {
    fn term(&self, index: usize) -> &[u8] {
        &self.terms[self.offsets[index] as usize..self.offsets[index + 1] as usize]
    }

    /// The table that finds terms.
    fn slots(&self) -> Vec<u32> {
        probe::table((0..self.idf.len()).map(|index| crc32c(self.term(index))))
    }

    fn find(&self, term: &str, slots: &[u32]) -> Option<usize> {
        let numbers = probe::numbers(slots.len(), crc32c(term.as_bytes()), |slot| slots[slot]);
        numbers.map(|number| number as usize).find(|index| self.term(*index) == term.as_bytes())
    }

    fn digest(&self, cut: f32) -> Digest {
        blake3(&[self.terms, as_bytes(self.offsets), as_bytes(self.vectors), as_bytes(self.idf), &cut.to_le_bytes()])
    }

    fn check(&self, dims: usize) -> Result<(), String> {
        let count = self.idf.len();
        if dims == 0 || self.offsets.len() != count + 1 || self.vectors.len() != count * dims {
            return Err(format!("{count} terms, {} offsets, {} numbers of {dims} each", self.offsets.len(), self.vectors.len()));
        }
        let ascending = self.offsets.is_sorted() && self.offsets.last().is_some_and(|&end| end as usize == self.terms.len());
        if !ascending || !(1..count).all(|index| self.term(index - 1) < self.term(index)) {
            return Err("terms are not in ascending order".to_owned());
        }
        if !self.vectors.iter().chain(self.idf).all(|number| number.is_finite()) {
            return Err("a number is not finite".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::vector::dot;

    fn small() -> Embeddings {
        let terms = ["cable", "lamp", "shoe"].map(str::to_owned);
        Embeddings::from_parts(&terms, vec![1.0, 1.5, 2.0], vec![1.0, 0.0, 0.0, 2.0, 3.0, 0.0], 2, 0.25).expect("is consistent")
    }

    #[test]
    fn a_text_is_a_direction() {
        let embeddings = small();
        let lamp = embeddings.embed_terms(["lamp", "unheard-of"].into_iter()).expect("one term is known");
        assert_eq!(lamp, [0.0, 1.0]);
        let both = embeddings.embed_terms(["shoe", "lamp", "lamp"].into_iter()).expect("known");
        assert!((dot(&both, &both) - 1.0).abs() < 1e-6);
        assert_eq!(Some(both), embeddings.embed_weighted([("lamp", 2.0), ("shoe", 1.0)].into_iter()));
        assert_eq!(embeddings.embed_terms(["unheard-of"].into_iter()), None);
        assert_eq!(embeddings.embed_weighted([("lamp", -1.0), ("shoe", f32::NAN)].into_iter()), None);
    }

    #[test]
    fn a_saved_file_says_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("embeddings.bin");
        let trained = small();
        trained.save(&path).expect("saves");
        let opened = Embeddings::open(&path).expect("opens");
        assert_eq!((opened.dims(), opened.terms_count(), opened.cut(), opened.digest()), (2, 3, 0.25, trained.digest()));
        assert_eq!(opened.embed_terms(["cable"].into_iter()), trained.embed_terms(["cable"].into_iter()));
        assert_eq!((opened.idf("shoe"), opened.idf("sho")), (Some(2.0), None));
    }

    #[test]
    fn a_damaged_file_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("embeddings.bin");
        small().save(&path).expect("saves");
        let whole = std::fs::read(&path).expect("reads");
        for at in (0..whole.len()).step_by(7) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x40;
            std::fs::write(&path, &damaged).expect("writes");
            if let Ok(opened) = Embeddings::open(&path) {
                assert_eq!(opened.embed_terms(["lamp"].into_iter()), small().embed_terms(["lamp"].into_iter()), "padding at {at}");
            }
        }
        assert!(Embeddings::open(&folder.path().join("missing.bin")).is_err());
    }

    #[test]
    fn parts_that_contradict_each_other_are_refused() {
        let check = |terms: &[&str], idf: &[f32], vectors: &[f32]| {
            let terms: Vec<String> = terms.iter().map(|term| (*term).to_owned()).collect();
            assert!(Embeddings::from_parts(&terms, idf.to_vec(), vectors.to_vec(), 1, 0.0).is_err(), "{terms:?}");
        };
        check(&["b", "a"], &[1.0, 1.0], &[1.0, 1.0]);
        check(&["a", "a"], &[1.0, 1.0], &[1.0, 1.0]);
        check(&["a"], &[1.0], &[1.0, 1.0]);
        check(&["a"], &[f32::NAN], &[1.0]);
    }
}
