//! What words find in the generation, remembered: its segment never changes, so neither does what a query finds there, however much is put
//! beside it. Products that changed since are masked and those of the overlay are found anew each time.
//!
//! A query is known by the posting lists that it reads and by what it makes of them, so two that are remembered as one cannot differ.

use super::alternatives::{Alternatives, lists};
use super::matching::{Candidate, match_groups};
use super::segment::Segment;
use crate::search::SearchError;
use crate::stdx::before::Before;
use crate::stdx::clock::Deadline;
use crate::stdx::remembered::Remembered;

/// Candidates of all queries that are remembered, 12 bytes each.
const ROOM: usize = 2 << 20;
/// Longer lists would drive out those of many queries, and are as dear to read as to find.
const LIST_LEN_MAX: usize = 16_384;

/// What queries found, by [`key`], from the second time on that they are asked: most are asked once.
#[derive(Debug)]
pub(super) struct Found {
    lists: Remembered<Box<[u64]>, [Candidate]>,
    before: Before,
}

impl Default for Found {
    fn default() -> Self {
        Self { lists: Remembered::with_room(ROOM), before: Before::default() }
    }
}

/// Gives every document of the segment that matches to `visit`, as [`match_groups`] does.
///
/// # Errors
/// When the segment cannot be read.
pub(super) fn match_standing(
    segment: &Segment,
    groups: &[Alternatives],
    required: usize,
    deadline: &Deadline,
    mut visit: impl FnMut(Candidate),
) -> Result<bool, SearchError> {
    let (key, Found { lists: known, before }) = (key(groups, required), segment.found());
    if let Some(known) = known.get(&key) {
        known.iter().for_each(|candidate| visit(*candidate));
        return Ok(true);
    }
    let lists = lists(groups, |term| term.found.as_ref().map(|found| segment.postings(found)).transpose())?;
    if !before.asked(&key) {
        return Ok(match_groups(lists, required, deadline, &mut visit));
    }
    let mut candidates = Vec::new();
    let is_whole = match_groups(lists, required, deadline, &mut |candidate| {
        if candidates.len() <= LIST_LEN_MAX {
            candidates.push(candidate);
        }
        visit(candidate);
    });
    if is_whole && candidates.len() <= LIST_LEN_MAX {
        known.put(key, candidates.into());
    }
    Ok(is_whole)
}

/// All that the outcome depends on: where each posting list begins, what its steps are worth, and how lists are put together.
fn key(groups: &[Alternatives], required: usize) -> Box<[u64]> {
    let mut key = vec![required as u64];
    for group in groups {
        key.extend([u64::from(group.mass), group.alternatives.len() as u64]);
        for alternative in &group.alternatives {
            key.extend([u64::from(alternative.step_score.to_bits()), alternative.terms.len() as u64]);
            // No posting list begins at the end of all.
            key.extend(
                alternative.terms.iter().map(|term| term.found.as_ref().map_or(u64::MAX, |found| found.postings_range.start as u64)),
            );
        }
    }
    key.into()
}
