//! Candidates to the match set, within the time there is.
//!
//! A filter is never skipped, since that would show what was asked not to be shown. So when there is much to do it is done for a slice of
//! products after another, and when time is up the rest of the *candidates* is left out: total, facets and pages are then those of a
//! smaller match set and still agree.

use super::filter::{Filter, Scope};
use crate::stdx::clock::Deadline;
use roaring::RoaringBitmap;
use std::borrow::Cow;

/// Looks at products, times conditions, that a filter may cost before time is asked for: some ten milliseconds.
const LOOKS_MAX: u64 = 1 << 20;
/// Ordinals of one slice.
const SLICE_ORDINALS: u32 = 1 << 16;

/// What was sifted.
pub struct Sifted<'a> {
    /// The products that were looked at.
    pub candidates: Cow<'a, RoaringBitmap>,
    /// Those of them that pass.
    pub within: Cow<'a, RoaringBitmap>,
}

impl Sifted<'_> {
    /// Whether time was up before all were looked at.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        matches!(self.candidates, Cow::Owned(_))
    }
}

/// The candidates that pass the filter, those of the first slice at least.
#[must_use]
pub fn sift<'a>(candidates: &'a RoaringBitmap, filter: &Filter, scope: Scope<'_>, deadline: &Deadline) -> Sifted<'a> {
    if filter.is_empty() {
        return Sifted { candidates: Cow::Borrowed(candidates), within: Cow::Borrowed(candidates) };
    }
    if candidates.len().saturating_mul(filter.conditions_count() as u64) <= LOOKS_MAX {
        return Sifted { candidates: Cow::Borrowed(candidates), within: Cow::Owned(filter.products(scope, candidates)) };
    }
    let mut within = RoaringBitmap::new();
    let end = candidates.max().map_or(0, |last| u64::from(last) + 1);
    for start in (0..end).step_by(SLICE_ORDINALS as usize) {
        let last = u32::try_from(start + u64::from(SLICE_ORDINALS) - 1).unwrap_or(u32::MAX);
        within |= filter.products(scope, &between(candidates, start as u32, last));
        if u64::from(last) + 1 < end && deadline.is_over() {
            return Sifted { candidates: Cow::Owned(between(candidates, 0, last)), within: Cow::Owned(within) };
        }
    }
    Sifted { candidates: Cow::Borrowed(candidates), within: Cow::Owned(within) }
}

fn between(candidates: &RoaringBitmap, first: u32, last: u32) -> RoaringBitmap {
    let mut slice = RoaringBitmap::new();
    slice.insert_range(first..=last);
    slice & candidates
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::columns::{Columns, MarketId};
    use crate::search::testing::scope;

    #[test]
    fn what_is_cut_off_is_no_candidate_either() {
        let columns = Columns::new();
        let candidates: RoaringBitmap = (0..300_000).collect();
        let text = "velocity >= 100000 AND popularity >= 0 AND conversion >= 0 AND EXISTS available";
        let filter = Filter::parse(text, &columns, MarketId::GENERAL).expect("a filter");
        let check = |questions: u32, looked_at: u64, is_cut: bool| {
            let sifted = sift(&candidates, &filter, scope(&columns), &Deadline::after_questions(questions));
            assert_eq!((sifted.candidates.len(), sifted.is_cut()), (looked_at, is_cut), "{questions}");
            assert_eq!(*sifted.within, filter.products(scope(&columns), &sifted.candidates), "{questions}");
        };
        check(0, 65_536, true);
        check(1, 131_072, true);
        check(100, 300_000, false);
        // A cheap filter is not worth asking for.
        let cheap = Filter::parse("velocity >= 100000", &columns, MarketId::GENERAL).expect("a filter");
        assert!(!sift(&candidates, &cheap, scope(&columns), &Deadline::after_questions(0)).is_cut());
    }
}
