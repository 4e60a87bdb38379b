//! Which of the counted keyword values are shown, and in which order.

use super::keywords::Counts;
use super::spec::{Arrangement, Spec};
use crate::search::columns::{Dictionary, FieldId, TermId, compare_texts};
use crate::text;
use std::cmp::Ordering;

/// So many times more values than are shown, and those too rare to be shown are left out before any is looked at.
const SIFTED_SHARE: usize = 4;

/// A value that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shown {
    /// The value.
    pub(super) term: TermId,
    /// Its products.
    pub(super) count: u32,
    /// Whether the filter has chosen it.
    pub(super) is_selected: bool,
    /// How well it fits the text searched for; 0 is best.
    fit: u8,
    /// Where it stands in the order of texts; none when it is too young to have a place there.
    rank: Option<u32>,
}

/// The values of `field` to show of those counted. Selected ones are there whatever their count and place.
pub(super) fn shown(field: FieldId, counts: &Counts, spec: &Spec, selected: &[TermId], dictionary: &Dictionary) -> Vec<Shown> {
    let (terms, ranks) = (&dictionary.field(field).terms, dictionary.settled_ranks(field));
    let is_in_depth = |term: TermId| spec.levels.is_none_or(|levels| dictionary.path_up(term).count() <= levels);
    let needle = needle_of(spec);
    let make = |(place, count): (u32, u32)| {
        let term = *terms.get(place as usize)?;
        let is_selected = selected.contains(&term);
        let fit = needle.as_deref().map_or(Some(0), |needle| fit(needle, dictionary.text(term)));
        let fit = if is_selected { Some(fit.unwrap_or(u8::MAX)) } else { fit.filter(|_| is_in_depth(term)) };
        fit.map(|fit| Shown { term, count, is_selected, fit, rank: ranks.get(place as usize).copied() })
    };
    let chosen: Vec<u32> = selected.iter().map(|term| dictionary.place(*term)).collect();
    let uncounted =
        chosen.iter().filter(|place| counts.binary_search_by_key(*place, |(known, _)| *known).is_err()).map(|place| (*place, 0));
    let least = if needle.is_none() && spec.levels.is_none() { least_shown(counts, spec) } else { 0 };
    let frequent = counts.iter().copied().filter(|(place, count)| *count >= least || chosen.contains(place));
    let mut values: Vec<Shown> = frequent.chain(uncounted).filter_map(make).collect();
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
    if spec.arrangement == Arrangement::Usual && needle.is_none() {
        by_size(&mut values, dictionary);
    }
    values
}

/// Puts values in the order of their sizes where all of them are sizes: nobody looks for 37 behind 44, or for S behind M.
fn by_size(values: &mut [Shown], dictionary: &Dictionary) {
    let sizes: Option<Vec<f64>> = values.iter().map(|value| size(dictionary.text(value.term))).collect();
    let Some(sizes) = sizes else { return };
    let mut sized: Vec<(f64, Shown)> = sizes.into_iter().zip(values.iter().copied()).collect();
    sized.sort_by(|a, b| a.0.total_cmp(&b.0));
    values.iter_mut().zip(sized).for_each(|(value, (_, in_order))| *value = in_order);
}

/// A size of clothes as a number, from XXXS on, or the number that a text is; none for other texts.
fn size(text: &str) -> Option<f64> {
    let text = text::fold(text.trim());
    let letters = |large: char| text.strip_suffix(large).filter(|before| before.bytes().all(|letter| letter == b'x')).map(str::len);
    match text.as_str() {
        "m" => Some(0.0),
        text if text.starts_with(|letter: char| letter.is_ascii_digit())
            && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') =>
        {
            text.parse().ok()
        }
        _ => letters('s').map(|count| -1.0 - count as f64).or_else(|| letters('l').map(|count| 1.0 + count as f64)),
    }
}

/// A count below which no value is shown that is not selected; 0 where it does not pay to find it.
fn least_shown(counts: &Counts, spec: &Spec) -> u32 {
    if spec.arrangement == Arrangement::Alphabetical || counts.len() <= spec.limit.saturating_mul(SIFTED_SHARE) {
        return 0;
    }
    let mut sizes: Vec<u32> = counts.iter().map(|(_, count)| *count).collect();
    let (_, least, _) = sizes.select_nth_unstable_by(spec.limit - 1, |a, b| b.cmp(a));
    *least
}

fn compare(a: &Shown, b: &Shown, arrangement: Arrangement, dictionary: &Dictionary) -> Ordering {
    // Fit and count as one number: several comparisons would be guessed wrongly one after another.
    let merit = |value: &Shown| {
        let count = if arrangement == Arrangement::Alphabetical { 0 } else { u32::MAX - value.count };
        u64::from(value.fit) << 32 | u64::from(count)
    };
    merit(a).cmp(&merit(b)).then_with(|| match (a.rank, b.rank) {
        (Some(first), Some(second)) => first.cmp(&second),
        _ => compare_texts(dictionary.text(a.term), dictionary.text(b.term)),
    })
}

/// The folded text that values are searched for by.
pub(super) fn needle_of(spec: &Spec) -> Option<String> {
    spec.search.as_deref().map(|wanted| text::fold(wanted.trim()))
}

/// 0 when a word of the value begins with the folded text, 1 when the value has it anywhere.
pub(super) fn fit(needle: &str, value: &str) -> Option<u8> {
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
    fn sizes_are_numbers_and_letters() {
        let check = |texts: &[&str]| {
            let sizes: Vec<f64> = texts.iter().map(|text| size(text).unwrap_or_else(|| panic!("{text} is a size"))).collect();
            assert!(sizes.is_sorted(), "{texts:?}: {sizes:?}");
        };
        check(&["XXS", "xs", "S", "M", "L", "XL", "XXL", "XXXL"]);
        check(&["36", "36.5", "37", "104"]);
        assert!(["Small", "slim", "xm", "10 - 35", "", "1.2.3", "all", "NaN", "inf"].into_iter().all(|text| size(text).is_none()));
    }

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
