//! How often people searched for what: a bounded table of counts, for completions.

use imbl::OrdMap;
use std::sync::Arc;

/// Different queries that are counted.
const QUERIES_MAX: usize = 50_000;
/// Longer queries are not worth completing.
const QUERY_BYTES_MAX: usize = 64;
/// A query counts as popular once it was asked so often.
const POPULAR_MIN: u32 = 2;
/// Queries that are looked at for one completion.
const SCANNED_MAX: usize = 4_096;

/// Counts of queries that found something. When it is full all counts are halved, so what is no longer asked goes first. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct QueryLog {
    counts: OrdMap<Arc<str>, u32>,
    words: OrdMap<Arc<str>, u32>,
}

impl QueryLog {
    /// Counts a query, already in lower case with single blanks.
    pub(super) fn note(&mut self, query: &str, matches_count: u64) {
        if query.is_empty() || query.len() > QUERY_BYTES_MAX || matches_count == 0 {
            return;
        }
        let count = self.counts.entry(Arc::from(query)).or_default();
        *count = count.saturating_add(1);
        for word in query.split(' ') {
            let count = self.words.entry(Arc::from(word)).or_default();
            *count = count.saturating_add(1);
        }
        if self.counts.len() > QUERIES_MAX {
            self.halve();
        }
    }

    fn halve(&mut self) {
        self.counts = self.counts.iter().map(|(query, count)| (Arc::clone(query), count / 2)).filter(|(_, count)| *count > 0).collect();
        self.words = self.words.iter().map(|(word, count)| (Arc::clone(word), count / 2)).filter(|(_, count)| *count > 0).collect();
        if self.counts.len() > QUERIES_MAX {
            self.counts.clear();
        }
    }

    /// How many of the queries asked for a word as it is written.
    pub(super) fn asked_count(&self, written: &str) -> u32 {
        self.words.get(written).copied().unwrap_or_default()
    }

    /// The most popular queries that begin with `prefix`.
    pub(super) fn complete(&self, prefix: &str, count: usize) -> Vec<String> {
        let begins = self.counts.range(Arc::<str>::from(prefix)..).take_while(|(query, _)| query.starts_with(prefix));
        let mut popular: Vec<_> = begins.take(SCANNED_MAX).filter(|(_, count)| **count >= POPULAR_MIN).collect();
        popular.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
        popular.into_iter().take(count).map(|(query, _)| query.to_string()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn popular_queries_come_first_and_those_without_matches_never() {
        let mut log = QueryLog::default();
        for (query, times, matches) in [("desk lamp", 3, 5), ("desk", 5, 9), ("desk chair", 1, 2), ("desk qqq", 9, 0), ("dark", 4, 1)] {
            (0..times).for_each(|_| log.note(query, matches));
        }
        assert_eq!(log.complete("desk", 5), ["desk", "desk lamp"]);
        assert_eq!(log.complete("d", 2), ["desk", "dark"]);
    }

    #[test]
    fn the_table_never_grows_beyond_its_bound() {
        let mut log = QueryLog::default();
        (0..10).for_each(|_| log.note("kept", 1));
        (0..QUERIES_MAX).for_each(|number| log.note(&format!("query {number}"), 1));
        assert!(log.counts.len() <= QUERIES_MAX);
        assert_eq!(log.complete("k", 1), ["kept"]);
        log.note(&"x".repeat(QUERY_BYTES_MAX + 1), 1);
        assert!(log.complete("xx", 1).is_empty());
    }
}
