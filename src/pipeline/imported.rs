//! What became of the rows of imported files: which were read, and which of them were refused, so that importing a file again takes those and no other.

use super::receipts::FileDigest;
use crate::event::activity::Refusals;
use crate::stdx::ranges::Ranges;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Files remembered, of 60 bytes and their refused rows each. Beyond that those go first that were heard of longest ago; importing one of them again counts
/// its behaviour twice, while products and orders are known by their own names.
const FILES_MAX: usize = 100_000;
/// Runs of refused rows remembered of one file, and of all: some 4 MB and 40 MB. Rows beyond that stay refused, and are counted.
const RUNS_MAX: usize = 100_000;
const RUNS_OF_ALL_MAX: usize = 1_000_000;

/// What became of the rows of one file. Rows are counted from 1; an order is one row however many lines it has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReceipt {
    /// Rows read.
    pub rows_done: u64,
    /// Of the first so many rows nobody noted which were refused: releases that did not tell read them.
    pub unnoted: u64,
    /// Rows that were refused.
    pub refused: Ranges,
    /// Refused rows beyond those that are remembered.
    pub forgotten_count: u64,
    /// Orders that were taken without some of their lines.
    pub incomplete_count: u64,
}

impl FileReceipt {
    /// Whether a row is still to be taken.
    #[must_use]
    pub fn wants(&self, row: u64) -> bool {
        row > self.rows_done || self.refused.contains(row)
    }

    /// Takes in what became of some more rows, remembering at most so many runs of refused ones.
    fn note(&mut self, rows_done: u64, refusals: Option<&Refusals>, runs_max: usize) {
        match refusals {
            None => self.unnoted = self.unnoted.max(rows_done),
            Some(Refusals { from, to, rows, incomplete_count }) => {
                self.refused.remove(*from, *to);
                for (first, last) in rows.iter().filter(|(first, last)| first <= last) {
                    if self.refused.ranges_count() < runs_max {
                        self.refused.insert(*first, *last);
                    } else {
                        self.forgotten_count += last - first + 1;
                    }
                }
                self.incomplete_count += incomplete_count;
            }
        }
        self.rows_done = self.rows_done.max(rows_done);
    }
}

/// What is known of a file, and when it was heard of last among all.
#[derive(Debug, Clone, Default)]
struct Known {
    heard: u64,
    receipt: FileReceipt,
}

/// All files.
#[derive(Debug, Clone, Default)]
pub(super) struct ImportedFiles {
    files: BTreeMap<FileDigest, Known>,
    /// The same by when they were heard of last.
    by_age: BTreeMap<u64, FileDigest>,
    heard_count: u64,
    /// Runs of refused rows of all of them.
    runs_count: usize,
}

impl ImportedFiles {
    /// From what was saved: rows read of every file, and what is known beyond that, the file heard of last at the end.
    pub(super) fn of(rows_done: BTreeMap<FileDigest, u64>, receipts: Vec<(FileDigest, FileReceipt)>) -> Self {
        let mut all = Self::default();
        let unnoted = |rows_done: u64| FileReceipt { rows_done, unnoted: rows_done, ..FileReceipt::default() };
        let saved = rows_done.into_iter().map(|(file, rows)| (file, unnoted(rows)));
        for (file, receipt) in saved.chain(receipts) {
            all.heard_of(file).receipt = receipt;
        }
        all.runs_count = all.files.values().map(|known| known.receipt.refused.ranges_count()).sum();
        all
    }

    pub(super) fn get(&self, file: &FileDigest) -> FileReceipt {
        self.files.get(file).map(|known| known.receipt.clone()).unwrap_or_default()
    }

    /// In the order in which they were heard of last.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&FileDigest, &FileReceipt)> {
        self.by_age.values().filter_map(|file| Some((file, &self.files.get(file)?.receipt)))
    }

    pub(super) fn note(&mut self, file: FileDigest, rows_done: u64, refusals: Option<&Refusals>) {
        let runs_of_all = self.runs_count;
        let receipt = &mut self.heard_of(file).receipt;
        let of_others = runs_of_all.saturating_sub(receipt.refused.ranges_count());
        receipt.note(rows_done, refusals, RUNS_MAX.min(RUNS_OF_ALL_MAX.saturating_sub(of_others)));
        self.runs_count = of_others + receipt.refused.ranges_count();
        if self.files.len() > FILES_MAX
            && let Some((_, oldest)) = self.by_age.pop_first()
            && let Some(dropped) = self.files.remove(&oldest)
        {
            self.runs_count -= dropped.receipt.refused.ranges_count();
        }
    }

    /// What is known of a file, which is now the one heard of last.
    fn heard_of(&mut self, file: FileDigest) -> &mut Known {
        self.heard_count += 1;
        let known = self.files.entry(file).or_default();
        self.by_age.remove(&known.heard);
        known.heard = self.heard_count;
        self.by_age.insert(known.heard, file);
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: FileDigest = [7; 32];

    fn refusals(from: u64, to: u64, rows: &[(u64, u64)]) -> Refusals {
        Refusals { from, to, rows: rows.to_vec(), incomplete_count: 0 }
    }

    #[test]
    fn rows_that_were_refused_are_wanted_until_they_are_taken() {
        let mut files = ImportedFiles::default();
        files.note(FILE, 10, Some(&refusals(1, 10, &[(2, 3), (9, 9)])));
        let wanted = |files: &ImportedFiles| (1..=12).filter(|row| files.get(&FILE).wants(*row)).collect::<Vec<u64>>();
        assert_eq!(wanted(&files), [2, 3, 9, 11, 12]);
        // The second import has come to row 5, and row 3 is still refused.
        files.note(FILE, 10, Some(&refusals(1, 5, &[(3, 3)])));
        assert_eq!(wanted(&files), [3, 9, 11, 12]);
        files.note(FILE, 10, Some(&refusals(6, 10, &[])));
        assert_eq!(wanted(&files), [3, 11, 12]);
    }

    #[test]
    fn what_an_earlier_release_read_is_taken_for_done_and_told_apart() {
        let mut files = ImportedFiles::default();
        files.note(FILE, 10, None);
        assert!(!files.get(&FILE).wants(10) && files.get(&FILE).wants(11));
        // An interrupted import that this release ends.
        files.note(FILE, 20, Some(&refusals(11, 20, &[(15, 15)])));
        let receipt = files.get(&FILE);
        assert_eq!((receipt.unnoted, receipt.rows_done, receipt.wants(15)), (10, 20, true));
        let known = ImportedFiles::of(BTreeMap::from([(FILE, 20), ([8; 32], 4)]), vec![(FILE, receipt.clone())]);
        assert_eq!((known.get(&FILE), known.get(&[8; 32]).unnoted, known.runs_count), (receipt, 4, 1));
    }

    #[test]
    fn of_too_many_files_those_heard_of_longest_ago_are_forgotten_first() {
        let digest = |number: usize| {
            let mut digest = [0; 32];
            // The newest has the smallest digest.
            digest[..8].copy_from_slice(&(usize::MAX - number).to_be_bytes());
            digest
        };
        let mut files = ImportedFiles::default();
        (0..FILES_MAX).for_each(|number| files.note(digest(number), 7, None));
        files.note(digest(0), 9, None);
        files.note(digest(FILES_MAX), 7, None);
        let rows = |files: &ImportedFiles, number: usize| files.get(&digest(number)).rows_done;
        assert_eq!([0, 1, 2, FILES_MAX].map(|number| rows(&files, number)), [9, 0, 7, 7]);
        // Saved and read back they are as old as they were.
        let saved = files.iter().map(|(file, receipt)| (*file, receipt.clone())).collect();
        let mut again = ImportedFiles::of(files.iter().map(|(file, receipt)| (*file, receipt.rows_done)).collect(), saved);
        again.note(digest(FILES_MAX + 1), 7, None);
        assert_eq!([0, 2, FILES_MAX].map(|number| rows(&again, number)), [9, 0, 7]);
    }

    #[test]
    fn of_refused_rows_that_are_scattered_widely_so_many_runs_are_remembered_and_the_others_counted() {
        let mut receipt = FileReceipt::default();
        receipt.note(20, Some(&refusals(1, 20, &[(1, 1), (3, 3), (5, 6), (8, 8)])), 2);
        assert_eq!((receipt.refused.ranges_count(), receipt.forgotten_count, receipt.wants(3), receipt.wants(5)), (2, 3, true, false));
    }
}
