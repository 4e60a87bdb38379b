//! The rows of all products: those of the generation where they lie in its file, those put since in memory.

use super::file::{ROW_ENDS, ROW_WORDS};
use super::row::Row;
use crate::id::Ordinal;
use crate::stdx::chunked::Chunked;
use crate::stdx::mapped::MappedFile;
use std::ops::Range;
use std::sync::Arc;

/// Rows by ordinal. Clones share memory.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    saved: Option<Arc<MappedFile>>,
    saved_count: usize,
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
    Saved(Arc<MappedFile>, Range<usize>),
    Put(Arc<[u32]>),
}

impl Held {
    pub(super) fn row(&self) -> Option<Row<'_>> {
        Row::of_words(match self {
            Self::Saved(file, range) => words_in(file, range.clone()),
            Self::Put(words) => words,
        })
    }
}

impl Rows {
    pub(super) fn new() -> Self {
        Self { saved: None, saved_count: 0, since: Chunked::new(Slot::AsSaved) }
    }

    /// The rows of a file of columns.
    pub(super) fn of_file(file: &Arc<MappedFile>) -> Self {
        let saved_count = file.slice::<u64>(ROW_ENDS).unwrap_or_default().len();
        Self { saved: Some(Arc::clone(file)), saved_count, since: Chunked::new(Slot::AsSaved) }
    }

    /// One more than the highest ordinal that was ever put.
    pub(super) fn len(&self) -> usize {
        self.saved_count.max(self.since.len())
    }

    pub(super) fn get(&self, ordinal: Ordinal) -> Option<Row<'_>> {
        match self.since.at(ordinal.index()) {
            Slot::AsSaved => self.saved(ordinal).and_then(|(file, range)| Row::of_words(words_in(file, range))),
            Slot::Taken => None,
            Slot::Put(words) => Row::of_words(words),
        }
    }

    /// The words of a row; none of a product that is not in.
    pub(super) fn words(&self, ordinal: Ordinal) -> &[u32] {
        match self.since.at(ordinal.index()) {
            Slot::AsSaved => self.saved(ordinal).map(|(file, range)| words_in(file, range)).unwrap_or_default(),
            Slot::Taken => &[],
            Slot::Put(words) => words,
        }
    }

    fn saved(&self, ordinal: Ordinal) -> Option<(&Arc<MappedFile>, Range<usize>)> {
        let file = self.saved.as_ref()?;
        let ends = file.slice::<u64>(ROW_ENDS).ok()?;
        let end = *ends.get(ordinal.index())? as usize;
        let start = ordinal.index().checked_sub(1).map_or(0, |before| ends[before] as usize);
        (start < end).then_some((file, start..end))
    }

    pub(super) fn put(&mut self, ordinal: Ordinal, words: Arc<[u32]>) {
        *self.since.at_mut(ordinal.index()) = Slot::Put(words);
    }

    /// Takes a row out; none when there is none.
    pub(super) fn take(&mut self, ordinal: Ordinal) -> Option<Held> {
        let held = match self.since.at(ordinal.index()) {
            Slot::AsSaved => self.saved(ordinal).map(|(file, range)| Held::Saved(Arc::clone(file), range)),
            Slot::Taken => None,
            Slot::Put(words) => Some(Held::Put(Arc::clone(words))),
        }?;
        *self.since.at_mut(ordinal.index()) = Slot::Taken;
        Some(held)
    }
}

fn words_in(file: &MappedFile, range: Range<usize>) -> &[u32] {
    file.slice::<u32>(ROW_WORDS).ok().and_then(|words| words.get(range)).unwrap_or_default()
}
