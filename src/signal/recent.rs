//! A fixed table of recent things: a newcomer takes the place of the oldest of the four it shares its set with.
//!
//! It never grows, never moves and has no order to keep up, so noting something costs one look at four neighbours; the price is that
//! something may be forgotten a little before its turn. Clones share what neither has changed, so a checkpoint copies nothing.

use crate::stdx::chunked::{CHUNK_LEN, Chunked};
use crate::stdx::clock::Timestamp;
use crate::stdx::words::{WordReader, WordWriter};

/// Entries of one set.
const WAYS: usize = 4;

/// A table of entries of `W` words: the key, which is never 0, the moment, and what else there is to know.
#[derive(Debug, Clone)]
pub(in crate::signal) struct Recent<const W: usize> {
    cells: Chunked<[u64; W]>,
    len: usize,
}

impl<const W: usize> Recent<W> {
    /// A table of `len` places, at least one chunk of them.
    pub(in crate::signal) fn new(len: usize) -> Self {
        assert!(W >= 2, "an entry has a key and a moment");
        Self { cells: Chunked::new([0; W]), len: len.next_power_of_two().max(CHUNK_LEN) }
    }

    fn set_of(&self, key: u64) -> usize {
        (key as usize & (self.len / WAYS - 1)) * WAYS
    }

    /// What is known of `key`.
    pub(in crate::signal) fn get(&self, key: u64) -> Option<&[u64; W]> {
        let set = self.set_of(key);
        (set..set + WAYS).map(|place| self.cells.at(place)).find(|entry| entry[0] == key)
    }

    /// When `key` was noted last.
    pub(in crate::signal) fn moment(&self, key: u64) -> Option<Timestamp> {
        self.get(key).map(|entry| Timestamp(entry[1].cast_signed()))
    }

    /// Notes something in place of what was known of its key, else of the oldest of its set.
    pub(in crate::signal) fn put(&mut self, entry: [u64; W]) {
        let set = self.set_of(entry[0]);
        let age = |place: &usize| {
            let there = self.cells.at(*place);
            // The same key first, then an empty place, then the oldest.
            (there[0] != entry[0], there[0] != 0, there[1].cast_signed())
        };
        let place = (set..set + WAYS).min_by_key(age).unwrap_or(set);
        *self.cells.at_mut(place) = entry;
    }

    /// Everything that is noted.
    pub(in crate::signal) fn entries(&self) -> impl Iterator<Item = &[u64; W]> {
        self.cells.iter().filter(|entry| entry[0] != 0)
    }

    /// Empties the places of entries that `is_gone` says yes to.
    pub(in crate::signal) fn forget(&mut self, is_gone: impl Fn(&[u64; W]) -> bool) {
        for place in 0..self.cells.len() {
            if self.cells.at(place)[0] != 0 && is_gone(self.cells.at(place)) {
                *self.cells.at_mut(place) = [0; W];
            }
        }
    }

    /// Appends everything: its place and its words for each entry.
    pub(in crate::signal) fn write(&self, out: &mut WordWriter) {
        for (place, entry) in self.cells.iter().enumerate().filter(|(_, entry)| entry[0] != 0) {
            out.unsigned(place as u64);
            entry.iter().for_each(|word| out.unsigned(*word));
        }
    }

    /// Reads what [`Recent::write`] wrote, up to the end of `words`.
    pub(in crate::signal) fn read(words: &[u64], len: usize) -> Option<Self> {
        let mut table = Self::new(len);
        let mut reader = WordReader::new(words);
        while reader.left() > 0 {
            let place = usize::try_from(reader.unsigned()?).ok().filter(|place| *place < table.len)?;
            let mut entry = [0; W];
            for word in &mut entry {
                *word = reader.unsigned()?;
            }
            *table.cells.at_mut(place) = entry;
        }
        Some(table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_of_a_set_is_forgotten_first_and_tables_survive_saving() {
        let mut table: Recent<3> = Recent::new(CHUNK_LEN);
        let key = |number: u64| (number << 32) | 5;
        for number in 1..=4 {
            table.put([key(number), number, number * 10]);
        }
        table.put([key(1), 9, 11]);
        table.put([key(5), 10, 50]);
        let known = |table: &Recent<3>| [1, 2, 3, 4, 5].map(|number| table.get(key(number)).map_or(0, |entry| entry[2]));
        assert_eq!(known(&table), [11, 0, 30, 40, 50]);
        let mut words = WordWriter::default();
        table.write(&mut words);
        assert_eq!(known(&Recent::read(words.words(), CHUNK_LEN).expect("reads")), [11, 0, 30, 40, 50]);
        assert!(Recent::<3>::read(&[CHUNK_LEN as u64, 1, 1, 1], CHUNK_LEN).is_none(), "a place beyond the end");
    }
}
