//! The rows of all products: those of the generation where they lie in its file, those put since in memory.

use super::file::{ROW_ENDS, ROW_WORDS};
use super::packing;
use super::row::Row;
use crate::id::Ordinal;
use crate::stdx::chunked::Chunked;
use crate::stdx::mapped::{MappedError, MappedFile};
use crate::stdx::section::Section;
use std::ops::Range;
use std::sync::Arc;

/// Rows by ordinal. Clones share memory.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    saved: Section<u32>,
    /// Where each of the saved ends.
    ends: Section<u64>,
    since: Chunked<Slot>,
}

/// What happened to a row since the file was written.
#[derive(Debug, Clone)]
enum Slot {
    /// Nothing: it is as saved there, if it is there.
    AsSaved,
    /// It was taken out.
    Taken,
    /// It was put.
    Put(Arc<[u32]>),
}

/// A row that was taken out.
pub(super) enum Held {
    Saved(Section<u32>, Range<usize>),
    Put(Arc<[u32]>),
}

impl Held {
    pub(super) fn row(&self) -> Option<Row<'_>> {
        Row::of_words(match self {
            Self::Saved(words, range) => words.get(range.clone()).unwrap_or_default(),
            Self::Put(words) => words,
        })
    }
}

impl Rows {
    pub(super) fn new() -> Self {
        Self { saved: Section::default(), ends: Section::default(), since: Chunked::new(Slot::AsSaved) }
    }

    /// The rows of a file of columns.
    ///
    /// # Errors
    /// When the file has none.
    pub(super) fn of_file(file: &Arc<MappedFile>) -> Result<Self, MappedError> {
        Ok(Self { saved: Section::of(file, ROW_WORDS)?, ends: Section::of(file, ROW_ENDS)?, ..Self::new() })
    }

    /// One more than the highest ordinal that was ever put.
    pub(super) fn len(&self) -> usize {
        self.ends.len().max(self.since.len())
    }

    #[inline]
    pub(super) fn get(&self, ordinal: Ordinal) -> Option<Row<'_>> {
        Row::of_words(self.words(ordinal))
    }

    /// The words of a row; none of a product that is not in.
    #[inline]
    pub(super) fn words(&self, ordinal: Ordinal) -> &[u32] {
        match self.since.at(ordinal.index()) {
            Slot::AsSaved => self.saved_range(ordinal).and_then(|range| self.saved.get(range)).unwrap_or_default(),
            Slot::Taken => &[],
            Slot::Put(words) => words,
        }
    }

    fn saved_range(&self, ordinal: Ordinal) -> Option<Range<usize>> {
        packing::run(&self.ends, ordinal.index()).filter(|range| !range.is_empty())
    }

    pub(super) fn put(&mut self, ordinal: Ordinal, words: Arc<[u32]>) {
        *self.since.at_mut(ordinal.index()) = Slot::Put(words);
    }

    /// Takes a row out; none when there is none.
    pub(super) fn take(&mut self, ordinal: Ordinal) -> Option<Held> {
        let held = match self.since.at(ordinal.index()) {
            Slot::AsSaved => self.saved_range(ordinal).map(|range| Held::Saved(self.saved.clone(), range)),
            Slot::Taken => None,
            Slot::Put(words) => Some(Held::Put(Arc::clone(words))),
        }?;
        *self.since.at_mut(ordinal.index()) = Slot::Taken;
        Some(held)
    }
}
