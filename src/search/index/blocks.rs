//! Postings in small blocks, so that the borders of blocks are crossed by small tests.

use super::matching::{Doc, Postings};
use std::collections::BTreeMap;

/// Postings in memory, read `LEN` at a time.
pub(super) struct Blocks<const LEN: usize> {
    docs: Vec<Doc>,
    impacts: Vec<u32>,
    start: usize,
}

impl<const LEN: usize> Blocks<LEN> {
    pub(super) fn of(postings: &BTreeMap<Doc, u32>) -> Self {
        Self { docs: postings.keys().copied().collect(), impacts: postings.values().copied().collect(), start: 0 }
    }
}

impl<const LEN: usize> Postings for Blocks<LEN> {
    fn block(&self) -> (&[Doc], &[u32]) {
        let range = self.start.min(self.docs.len())..(self.start + LEN).min(self.docs.len());
        (&self.docs[range.clone()], &self.impacts[range])
    }

    fn next_block(&mut self) {
        self.start = (self.start + LEN).min(self.docs.len());
    }

    fn seek_block(&mut self, target: Doc) {
        while self.block().0.last().is_some_and(|&last| last < target) {
            self.next_block();
        }
    }

    fn len(&self) -> u64 {
        self.docs.len() as u64
    }
}
