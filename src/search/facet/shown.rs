//! Which of the counted keyword values are shown, and in which order.

use super::keywords::Counts;
use super::spec::{Arrangement, Spec};
use crate::search::columns::{Dictionary, TermId};
use crate::text;
use std::cmp::Ordering;

/// A value that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shown {
    /// The value.
    pub(super) term: TermId,
    /// Its products.
    pub(super) count: u64,
    /// Whether the filter has chosen it.
    pub(super) is_selected: bool,
    /// How well it fits the text searched for; 0 is best.
    fit: u8,
}

/// The values to show of those counted. Selected ones are there whatever their count and place.
pub(super) fn shown(counts: &Counts, spec: &Spec, selected: &[TermId], dictionary: &Dictionary) -> Vec<Shown> {
    let is_in_depth = |term: TermId| spec.levels.is_none_or(|levels| level(dictionary.text(term)) <= levels);
    let needle = spec.search.as_deref().map(|wanted| text::fold(wanted.trim()));
    let make = |(term, count): (TermId, u64)| {
        let is_selected = selected.contains(&term);
        let fit = needle.as_deref().map_or(Some(0), |needle| fit(needle, dictionary.text(term)));
        let fit = if is_selected { Some(fit.unwrap_or(u8::MAX)) } else { fit.filter(|_| is_in_depth(term)) };
        fit.map(|fit| Shown { term, count, is_selected, fit })
    };
    let uncounted = selected.iter().filter(|term| counts.iter().all(|(known, _)| known != *term)).map(|term| (*term, 0));
    let mut values: Vec<Shown> = counts.iter().copied().chain(uncounted).filter_map(make).collect();
    let order = |a: &Shown, b: &Shown| compare(a, b, spec.arrangement, dictionary);
    if values.len() > spec.limit {
        values.select_nth_unstable_by(spec.limit, order);
        let forced: Vec<Shown> = values[spec.limit..].iter().filter(|value| value.is_selected).take(spec.limit).copied().collect();
        values.truncate(spec.limit);
        if !forced.is_empty() {
            values.sort_unstable_by(|a, b| b.is_selected.cmp(&a.is_selected).then_with(|| order(a, b)));
            values.truncate(spec.limit - forced.len());
            values.extend(forced);
        }
    }
    values.sort_unstable_by(order);
    values
}

fn compare(a: &Shown, b: &Shown, arrangement: Arrangement, dictionary: &Dictionary) -> Ordering {
    // Texts lie all over the dictionary, so they are fetched for ties only.
    let texts = || (dictionary.text(a.term), dictionary.text(b.term));
    let by_order = || match arrangement {
        Arrangement::Count => b.count.cmp(&a.count),
        Arrangement::Alphabetical => {
            let (first, second) = texts();
            text::fold(first).cmp(&text::fold(second))
        }
    };
    let by_text = || {
        let (first, second) = texts();
        first.cmp(second)
    };
    a.fit.cmp(&b.fit).then_with(by_order).then_with(by_text)
}

/// Levels of a category's path.
fn level(path: &str) -> usize {
    path.split(" > ").count()
}

/// 0 when a word of the value begins with the folded text, 1 when the value has it anywhere.
fn fit(needle: &str, value: &str) -> Option<u8> {
    let folded = text::fold(value);
    let begins_word = |at: usize| folded[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric());
    let mut places = folded.match_indices(needle).map(|(at, _)| at).peekable();
    places.peek()?;
    Some(u8::from(!places.any(begins_word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_begin_with_the_text_fit_best() {
        let check = |needle: &str, value: &str, expected: Option<u8>| assert_eq!(fit(needle, value), expected, "{needle} in {value}");
        check("son", "Sony", Some(0));
        check("son", "JVC-Sony", Some(0));
        check("son", "Samsonite", Some(1));
        check("son", "Samsonite Sons", Some(0));
        check("eclair", "Éclair", Some(0));
        check("son", "Acme", None);
    }
}
