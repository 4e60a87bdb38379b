//! What became of the rows of imported files: which were read, and which of them were refused, so that importing a file again takes those and no other.

use super::receipts::FileDigest;
use crate::event::activity::Refusals;
use crate::stdx::ranges::Ranges;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Files remembered; the oldest digests in byte order go first beyond that, which costs a repeated import its shortcut only.
const FILES_MAX: usize = 10_000;
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

/// All files, by digest.
#[derive(Debug, Clone, Default)]
pub(super) struct ImportedFiles {
    files: BTreeMap<FileDigest, FileReceipt>,
    /// Runs of refused rows of all of them.
    runs_count: usize,
}

impl ImportedFiles {
    /// From what was saved: rows read of every file, and what is known beyond that.
    pub(super) fn of(rows_done: BTreeMap<FileDigest, u64>, receipts: Vec<(FileDigest, FileReceipt)>) -> Self {
        let unnoted = |rows_done: u64| FileReceipt { rows_done, unnoted: rows_done, ..FileReceipt::default() };
        let mut files: BTreeMap<FileDigest, FileReceipt> = rows_done.into_iter().map(|(file, rows)| (file, unnoted(rows))).collect();
        files.extend(receipts);
        let runs_count = files.values().map(|receipt| receipt.refused.ranges_count()).sum();
        Self { files, runs_count }
    }

    pub(super) fn get(&self, file: &FileDigest) -> FileReceipt {
        self.files.get(file).cloned().unwrap_or_default()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&FileDigest, &FileReceipt)> {
        self.files.iter()
    }

    pub(super) fn note(&mut self, file: FileDigest, rows_done: u64, refusals: Option<&Refusals>) {
        let receipt = self.files.entry(file).or_default();
        let of_others = self.runs_count.saturating_sub(receipt.refused.ranges_count());
        receipt.note(rows_done, refusals, RUNS_MAX.min(RUNS_OF_ALL_MAX.saturating_sub(of_others)));
        self.runs_count = of_others + receipt.refused.ranges_count();
        if self.files.len() > FILES_MAX
            && let Some((_, dropped)) = self.files.pop_first()
        {
            self.runs_count -= dropped.refused.ranges_count();
        }
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
    fn of_refused_rows_that_are_scattered_widely_so_many_runs_are_remembered_and_the_others_counted() {
        let mut receipt = FileReceipt::default();
        receipt.note(20, Some(&refusals(1, 20, &[(1, 1), (3, 3), (5, 6), (8, 8)])), 2);
        assert_eq!((receipt.refused.ranges_count(), receipt.forgotten_count, receipt.wants(3), receipt.wants(5)), (2, 3, true, false));
    }
}
