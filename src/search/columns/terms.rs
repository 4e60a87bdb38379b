//! The values of all keyword fields, each with a number: those of the generation where they lie in its file, those added since in memory.
//!
//! Values are found through open-addressing tables: one that was written beside the values and one of those added since, which lives in shared
//! chunks like everything else, so that a clone costs pointers and a new value copies one chunk.

use super::dictionary::{FieldId, TermId};
use super::file::{TERM_ENDS, TERM_FIELDS, TERM_HASHES, TERM_PLACES, TERM_SLOTS, TERM_TEXTS};
use super::packing;
use crate::stdx::chunked::Chunked;
use crate::stdx::mapped::{MappedError, MappedFile};
use crate::stdx::probe;
use crate::stdx::section::Section;
use std::sync::Arc;

/// First size of the table of added values; a power of two.
const SLOTS_MIN: usize = 1_024;

/// Values by number. Clones share memory.
#[derive(Debug, Clone)]
pub(super) struct Terms {
    saved: Saved,
    added: Chunked<Term>,
    /// Number among the added + 1, or 0 where free; the length is a power of two.
    slots: Chunked<u32>,
}

/// The values of a file, by number.
#[derive(Debug, Clone, Default)]
struct Saved {
    fields: Section<u32>,
    hashes: Section<u32>,
    places: Section<u32>,
    texts: Section<u8>,
    ends: Section<u64>,
    slots: Section<u32>,
}

impl Saved {
    fn text(&self, number: usize) -> Option<&str> {
        std::str::from_utf8(self.texts.get(packing::run(&self.ends, number)?)?).ok()
    }
}

#[derive(Debug, Clone)]
struct Term {
    field: FieldId,
    hash: u32,
    place: u32,
    text: Arc<str>,
}

impl Terms {
    pub(super) fn new() -> Self {
        let blank = Term { field: FieldId::BRAND, hash: 0, place: 0, text: Arc::from("") };
        Self { saved: Saved::default(), added: Chunked::new(blank), slots: blank_slots(SLOTS_MIN) }
    }

    /// The values of a file of columns.
    ///
    /// # Errors
    /// When the file has none.
    pub(super) fn of_file(file: &Arc<MappedFile>) -> Result<Self, MappedError> {
        let saved = Saved {
            fields: Section::of(file, TERM_FIELDS)?,
            hashes: Section::of(file, TERM_HASHES)?,
            places: Section::of(file, TERM_PLACES)?,
            texts: Section::of(file, TERM_TEXTS)?,
            ends: Section::of(file, TERM_ENDS)?,
            slots: Section::of(file, TERM_SLOTS)?,
        };
        Ok(Self { saved, ..Self::new() })
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.saved.fields.len() + self.added.len()
    }

    #[inline]
    fn number(&self, term: TermId, saved: &[u32], added: impl Fn(&Term) -> u32) -> u32 {
        saved.get(term.0 as usize).copied().unwrap_or_else(|| added(self.added(term)))
    }

    /// Of a value that is not among the saved.
    fn added(&self, term: TermId) -> &Term {
        self.added.at((term.0 as usize).saturating_sub(self.saved.fields.len()))
    }

    /// The field that the value belongs to.
    pub(super) fn field(&self, term: TermId) -> FieldId {
        FieldId(self.number(term, &self.saved.fields, |term| term.field.0))
    }

    /// What it is found by.
    pub(super) fn hash(&self, term: TermId) -> u32 {
        self.number(term, &self.saved.hashes, |term| term.hash)
    }

    /// In the field's list of values.
    pub(super) fn place(&self, term: TermId) -> u32 {
        self.number(term, &self.saved.places, |term| term.place)
    }

    /// The value as first written.
    pub(super) fn text(&self, term: TermId) -> &str {
        if (term.0 as usize) < self.saved.fields.len() {
            return self.saved.text(term.0 as usize).unwrap_or_default();
        }
        &self.added(term).text
    }

    /// The value of this hash that `is_it` knows; none when there is none.
    pub(super) fn find(&self, hash: u32, is_it: impl Fn(TermId) -> bool) -> Option<TermId> {
        let is_same = |term: &TermId| self.hash(*term) == hash && is_it(*term);
        let slots = &self.saved.slots;
        let saved = probe::numbers(slots.len(), hash, |slot| slots[slot]).map(TermId).find(is_same);
        saved.or_else(|| {
            let numbers = probe::numbers(self.slots.len(), hash, |slot| *self.slots.at(slot));
            numbers.map(|number| TermId(number + self.saved.fields.len() as u32)).find(is_same)
        })
    }

    /// Adds a value that is not there.
    pub(super) fn add(&mut self, field: FieldId, hash: u32, place: u32, text: &str) -> TermId {
        let number = self.added.len();
        *self.added.at_mut(number) = Term { field, hash, place, text: Arc::from(text) };
        enter(&mut self.slots, hash, number as u32);
        if self.added.len() * 4 >= self.slots.len() * 3 {
            let mut slots = blank_slots(self.slots.len() * 2);
            self.added.iter().zip(0..).for_each(|(term, number)| enter(&mut slots, term.hash, number));
            self.slots = slots;
        }
        TermId((self.saved.fields.len() + number) as u32)
    }

    /// The table of all values as a file has it.
    pub(super) fn slots_of_all(&self) -> Vec<u32> {
        probe::table((0..self.len() as u32).map(|number| self.hash(TermId(number))))
    }
}

fn enter(slots: &mut Chunked<u32>, hash: u32, number: u32) {
    let free = probe::chain(slots.len(), hash).find(|slot| *slots.at(*slot) == 0);
    free.into_iter().for_each(|slot| *slots.at_mut(slot) = number + 1);
}

fn blank_slots(count: usize) -> Chunked<u32> {
    let mut slots = Chunked::new(0);
    slots.grow_to(count);
    slots
}
