//! A section of a mapped file as a slice that keeps the file mapped: what is looked at for every hit should not ask each time where it lies.
//!
//! The contract of the `unsafe` below: the file is mapped read-only and nobody changes it (the contract of [`super::mapped`]), its map does not
//! move while the file is held, and `file` is held for as long as the section lives.
#![expect(unsafe_code, reason = "a slice beside its owner; the contract is above")]

use super::mapped::{MappedError, MappedFile};
use super::packed::Plain;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::Arc;

/// Numbers of a section. Clones share the file.
#[derive(Debug, Clone)]
pub struct Section<T> {
    start: NonNull<T>,
    len: usize,
    /// None for a section of no file, which is empty.
    _file: Option<Arc<MappedFile>>,
}

// SAFETY: it gives out shared references to plain numbers that nobody changes, and nothing else.
unsafe impl<T: Plain + Send + Sync> Send for Section<T> {}
// SAFETY: as above.
unsafe impl<T: Plain + Send + Sync> Sync for Section<T> {}

impl<T: Plain> Section<T> {
    /// Section `index` of a file.
    ///
    /// # Errors
    /// When there is no such section or its length is not a whole number of elements.
    pub fn of(file: &Arc<MappedFile>, index: usize) -> Result<Self, MappedError> {
        let numbers: &[T] = file.slice(index)?;
        Ok(Self { start: NonNull::from(numbers).cast(), len: numbers.len(), _file: Some(Arc::clone(file)) })
    }
}

impl<T: Plain> Default for Section<T> {
    /// Nothing, of no file.
    fn default() -> Self {
        Self { start: NonNull::dangling(), len: 0, _file: None }
    }
}

impl<T: Plain> Deref for Section<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        // SAFETY: `start` and `len` are those of a slice within the map of `_file`, which is held, or `len` is 0 and `start` is aligned.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::mapped::{as_bytes, write_sections};
    use super::*;

    #[test]
    fn a_section_outlives_whoever_opened_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.bin");
        write_sections(&path, *b"test", &[as_bytes(&[1_u64, 2, 3]), b"odd"]).expect("writes");
        let file = Arc::new(MappedFile::open(&path, *b"test").expect("opens"));
        let section: Section<u64> = Section::of(&file, 0).expect("whole numbers");
        assert!(Section::<u64>::of(&file, 1).is_err() && Section::<u64>::of(&file, 2).is_err());
        drop(file);
        let clone = section.clone();
        drop(section);
        assert_eq!(std::thread::spawn(move || clone.iter().sum::<u64>()).join().expect("ends"), 6);
        assert!(Section::<u32>::default().is_empty());
    }
}
