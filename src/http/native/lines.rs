//! Bodies of many lines (NDJSON): read in pieces, handed on in bounded batches, with every refused line named.

use crate::http::body::Pieces;
use crate::http::error::Problem;
use crate::http::keys::{Key, batch_keyed_if_given, keyed_if_given};
use crate::http::limits::{BULK_BATCH_LINES, BULK_BYTES_MAX, LINE_BYTES_MAX, REJECTS_LISTED_MAX};
use crate::stdx::digest::{self, Digest};
use axum::body::Body;
use axum::http::HeaderMap;
use serde::Serialize;
use std::collections::BTreeMap;

/// A refused line.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(in crate::http) struct Reject {
    /// Its number, from 1.
    pub(in crate::http) line: u64,
    /// The field at fault, if one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::http) field: Option<String>,
    /// What is wrong.
    pub(in crate::http) reason: String,
}

/// What became of the lines.
#[derive(Debug, Serialize)]
pub(in crate::http) struct Tally {
    #[serde(flatten)]
    counts: BTreeMap<&'static str, u64>,
    rejected: u64,
    /// The first [`REJECTS_LISTED_MAX`] of them.
    rejects: Vec<Reject>,
}

impl Tally {
    /// A tally of these outcomes, beside refusals.
    pub(in crate::http) fn new(outcomes: &[&'static str]) -> Self {
        Self { counts: outcomes.iter().map(|outcome| (*outcome, 0)).collect(), rejected: 0, rejects: Vec::new() }
    }

    /// One more line with this outcome.
    pub(in crate::http) fn count(&mut self, outcome: &'static str) {
        *self.counts.entry(outcome).or_default() += 1;
    }

    /// One more refused line.
    pub(in crate::http) fn reject(&mut self, reject: Reject) {
        self.rejected += 1;
        if self.rejects.len() < REJECTS_LISTED_MAX {
            self.rejects.push(reject);
        }
    }

    fn reject_for(&mut self, line: u64, problem: &Problem) {
        self.reject(Reject { line, field: problem.field().map(str::to_owned), reason: problem.detail().to_owned() });
    }

    /// A problem in the middle, with how many lines had their effect before it.
    pub(in crate::http) fn after(&self, problem: &Problem) -> Problem {
        let taken: u64 = self.counts.values().sum();
        problem.clone().with_detail(format!("{}; {taken} lines before had their effect", problem.detail()))
    }
}

/// Cuts pieces of a body into lines.
#[derive(Debug, Default)]
struct Splitter {
    held: Vec<u8>,
    /// The line is longer than [`LINE_BYTES_MAX`]; the rest of it is skipped.
    overlong: bool,
    number: u64,
}

impl Splitter {
    /// Gives every line that ends in `piece` to `take`: its number, and its bytes unless it was too long.
    fn feed(&mut self, piece: &[u8], take: &mut impl FnMut(u64, Option<&[u8]>)) {
        let mut parts = piece.split(|byte| *byte == b'\n').peekable();
        while let Some(part) = parts.next() {
            self.overlong |= self.held.len() + part.len() > LINE_BYTES_MAX;
            if self.overlong {
                self.held.clear();
            } else {
                self.held.extend_from_slice(part);
            }
            if parts.peek().is_some() {
                self.end(take);
            }
        }
    }

    /// Ends the line that is held.
    fn end(&mut self, take: &mut impl FnMut(u64, Option<&[u8]>)) {
        self.number += 1;
        let line = self.held.trim_ascii();
        if self.overlong {
            take(self.number, None);
        } else if !line.is_empty() {
            take(self.number, Some(line));
        }
        self.held.clear();
        self.overlong = false;
    }
}

/// Lines that could be read.
pub(in crate::http) struct Batch<T> {
    /// Their numbers.
    pub(in crate::http) numbers: Vec<u64>,
    /// What they are.
    pub(in crate::http) values: Vec<T>,
    /// The key of this batch, bound to its lines, when the body came under one.
    pub(in crate::http) key: Option<Key>,
}

/// What the keys of batches are made of.
struct Naming<'h> {
    headers: &'h HeaderMap,
    operation: &'h str,
    batches_count: u64,
}

/// One line that waits for its batch.
struct Waiting<T> {
    number: u64,
    /// Of its bytes, when its batch will have a key.
    digest: Option<Digest>,
    value: T,
}

/// A body as batches of what `read` makes of its lines, [`BULK_BATCH_LINES`] at a time.
pub(in crate::http) struct Batches<'h, R, T> {
    pieces: Pieces,
    splitter: Splitter,
    read: R,
    waiting: Vec<Waiting<T>>,
    ended: bool,
    naming: Option<Naming<'h>>,
}

impl<'h, T, R: Fn(&[u8]) -> Result<T, Problem>> Batches<'h, R, T> {
    /// Starts reading.
    ///
    /// # Errors
    /// When the body says that it is longer than [`BULK_BYTES_MAX`].
    pub(in crate::http) fn new(headers: &HeaderMap, body: Body, read: R) -> Result<Self, Problem> {
        let pieces = Pieces::new(headers, body, BULK_BYTES_MAX)?;
        Ok(Self { pieces, splitter: Splitter::default(), read, waiting: Vec::new(), ended: false, naming: None })
    }

    /// The same for an operation that may be named: under the caller's key each batch has one of its own, so that a repetition of the same body
    /// does nothing twice, wherever the first one broke off.
    ///
    /// # Errors
    /// As [`Batches::new`], and when there is a key and it is not one.
    pub(in crate::http) fn keyed(headers: &'h HeaderMap, body: Body, operation: &'h str, read: R) -> Result<Self, Problem> {
        let is_keyed = keyed_if_given(headers, operation, "", b"")?.is_some();
        let naming = is_keyed.then_some(Naming { headers, operation, batches_count: 0 });
        Ok(Self { naming, ..Self::new(headers, body, read)? })
    }

    /// The next lines that could be read. Refused ones go into `tally`. None at the end.
    ///
    /// # Errors
    /// When the body is too long or breaks off; the problem then says how many lines had their effect before.
    pub(in crate::http) async fn next(&mut self, tally: &mut Tally) -> Result<Option<Batch<T>>, Problem> {
        while self.waiting.len() < BULK_BATCH_LINES && !self.ended {
            let piece = self.pieces.next().await.map_err(|problem| tally.after(&problem))?;
            self.take_piece(piece.as_deref(), tally);
        }
        if self.waiting.is_empty() {
            return Ok(None);
        }
        let count = self.waiting.len().min(BULK_BATCH_LINES);
        let (mut numbers, mut digests, mut values) = (Vec::with_capacity(count), Vec::new(), Vec::with_capacity(count));
        for Waiting { number, digest, value } in self.waiting.drain(..count) {
            numbers.push(number);
            digests.extend(digest);
            values.push(value);
        }
        let key = self.naming.as_mut().map(|naming| naming.next(&digests)).transpose()?.flatten();
        Ok(Some(Batch { numbers, values, key }))
    }

    fn take_piece(&mut self, piece: Option<&[u8]>, tally: &mut Tally) {
        let Self { splitter, read, waiting, ended, naming, .. } = self;
        let mut take = |number: u64, line: Option<&[u8]>| match line.map(|line| (line, read(line))) {
            Some((line, Ok(value))) => {
                let digest = naming.is_some().then(|| digest::blake3(&[line]));
                waiting.push(Waiting { number, digest, value });
            }
            Some((_, Err(problem))) => tally.reject_for(number, &problem),
            None => tally.reject(Reject { line: number, field: None, reason: format!("longer than {LINE_BYTES_MAX} bytes") }),
        };
        match piece {
            Some(piece) => splitter.feed(piece, &mut take),
            None => {
                splitter.end(&mut take);
                *ended = true;
            }
        }
    }
}

impl Naming<'_> {
    fn next(&mut self, lines: &[Digest]) -> Result<Option<Key>, Problem> {
        let key = batch_keyed_if_given(self.headers, self.operation, self.batches_count, lines)?;
        self.batches_count += 1;
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_wherever_the_pieces_are_cut() {
        let body = b"one\n\n two \r\nthree";
        for cut in 0..body.len() {
            let mut splitter = Splitter::default();
            let mut found = Vec::new();
            let mut take = |number, line: Option<&[u8]>| found.push((number, line.map(<[u8]>::to_vec)));
            splitter.feed(&body[..cut], &mut take);
            splitter.feed(&body[cut..], &mut take);
            splitter.end(&mut take);
            assert_eq!(found, [(1, Some(b"one".to_vec())), (3, Some(b"two".to_vec())), (4, Some(b"three".to_vec()))]);
        }
    }

    #[test]
    fn an_overlong_line_is_skipped_and_the_next_one_read() {
        let mut splitter = Splitter::default();
        let mut found = Vec::new();
        let mut take = |number, line: Option<&[u8]>| found.push((number, line.map(<[u8]>::len)));
        splitter.feed(&vec![b'x'; LINE_BYTES_MAX + 1], &mut take);
        splitter.feed(b"yy\nok\n", &mut take);
        assert_eq!(found, [(1, None), (2, Some(2))]);
    }

    #[test]
    fn all_rejects_are_counted_and_the_first_ones_listed() {
        let mut tally = Tally::new(&["created"]);
        (1..=REJECTS_LISTED_MAX as u64 + 5).for_each(|line| tally.reject(Reject { line, field: None, reason: String::new() }));
        assert_eq!((tally.rejected, tally.rejects.len()), (REJECTS_LISTED_MAX as u64 + 5, REJECTS_LISTED_MAX));
    }
}
