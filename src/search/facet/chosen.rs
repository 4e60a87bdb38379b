//! Fields chosen by what they cover and how they split it, for a request that does not know the catalogue.
//!
//! A sample of the match set is looked at. A field is worth its *coverage*, the share of products that have it, times its *split*, the
//! entropy of its values against that of [`VALUES_USEFUL`] equal parts. Values of one product split nothing that a shopper wants split, and
//! neither do values that all products have, so fields that name products and fields that are always the same score nothing.

use super::Counted;
use crate::id::Ordinal;
use crate::search::columns::{FieldId, TermId};
use crate::search::fields::FieldRef;
use std::collections::HashMap;

/// Products looked at.
const SAMPLE_MAX: u64 = 512;
/// Least share of the products that must have the field.
const COVERAGE_MIN: f64 = 0.2;
/// More equal parts than this are not better.
const VALUES_USEFUL: f64 = 12.0;
/// A value that so many of the products have splits nothing.
const CONSTANT_SHARE: f64 = 0.97;
/// What a split by ranges of an attribute's numbers is worth beside one by words, which shoppers read at once.
const NUMBERS_WORTH: f64 = 0.5;
/// Least worth of a field that is shown: two values of which one has nine products in ten have a little more.
const WORTH_MIN: f64 = 0.1;

/// What the sample has in one field.
#[derive(Default)]
struct Sampled {
    products_count: u32,
    terms: HashMap<TermId, u32>,
    numbers: Vec<f64>,
}

/// At most `count` fields, best first, without those in `named`.
pub(super) fn choose(count: usize, named: &[FieldRef], counted: Counted<'_>) -> Vec<(FieldRef, String)> {
    let sample_count = counted.matches.len().min(SAMPLE_MAX);
    let columns = counted.scope.columns;
    let price = FieldRef::Price(counted.scope.market);
    let mut fields: HashMap<FieldId, Sampled> = HashMap::new();
    let mut prices = Sampled::default();
    for place in 0..sample_count {
        let at = (place * counted.matches.len() / sample_count) as u32;
        let Some(ordinal) = counted.matches.select(at).map(Ordinal) else { continue };
        look(ordinal, counted, &mut fields);
        let span = columns.price_span(ordinal, counted.scope.market);
        if !span.is_empty() {
            prices.products_count += 1;
            prices.numbers.push(span.min as f64);
        }
    }
    let named_of = |field: FieldId| (FieldRef::Column(field), columns.dictionary().field(field).name.to_string());
    let attributes = fields.into_iter().map(|(field, sampled)| {
        let numbers_worth = if field == FieldId::RATING { 1.0 } else { NUMBERS_WORTH };
        (named_of(field), worth(&sampled, sample_count, numbers_worth))
    });
    let price_worth = worth(&prices, sample_count, 1.0);
    let mut found: Vec<((FieldRef, String), f64)> = attributes.chain([((price, "price".to_owned()), price_worth)]).collect();
    found.retain(|((field, _), worth)| *worth >= WORTH_MIN && !named.contains(field));
    found.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.1.cmp(&b.0.1)));
    found.truncate(count);
    found.into_iter().map(|(field, _)| field).collect()
}

fn look(ordinal: Ordinal, counted: Counted<'_>, fields: &mut HashMap<FieldId, Sampled>) {
    let Some(row) = counted.scope.columns.row(ordinal) else { return };
    let mut own: Vec<FieldId> = row.all().fields().filter(|field| !field.is_naming()).collect();
    own.sort_unstable();
    own.dedup();
    let mut terms: Vec<TermId> = Vec::new();
    for field in own {
        let sampled = fields.entry(field).or_default();
        sampled.products_count += 1;
        terms.clear();
        terms.extend(row.all().keywords_of(field));
        terms.sort_unstable();
        terms.dedup();
        terms.iter().for_each(|term| *sampled.terms.entry(*term).or_default() += 1);
        sampled.numbers.extend(row.number_span(field).min.is_finite().then(|| row.number_span(field).min));
    }
}

/// Coverage times split, 0 to 1.
fn worth(sampled: &Sampled, sample_count: u64, numbers_worth: f64) -> f64 {
    let coverage = f64::from(sampled.products_count) / sample_count.max(1) as f64;
    if coverage < COVERAGE_MIN {
        return 0.0;
    }
    let most = CONSTANT_SHARE * sample_count as f64;
    let splitting = sampled.terms.values().map(|count| f64::from(*count)).filter(|count| *count >= 2.0 && *count < most);
    let mut counts: Vec<f64> = splitting.collect();
    // Sums of numbers depend on their order in the last digit, and fields that are worth the same on nothing else.
    counts.sort_unstable_by(f64::total_cmp);
    let all: f64 = counts.iter().sum();
    let by_words = (all / sample_count as f64).min(coverage) * split(entropy(&counts) + remainder(&counts, sampled, all));
    by_words.max(coverage * numbers_worth * split(numbers_entropy(&sampled.numbers)))
}

/// One value that half of the products have splits them from the others.
fn remainder(counts: &[f64], sampled: &Sampled, all: f64) -> f64 {
    let rest = f64::from(sampled.products_count) - all;
    if counts.len() == 1 && rest > 0.0 { entropy(&[all, rest]) } else { 0.0 }
}

fn split(entropy: f64) -> f64 {
    (entropy / VALUES_USEFUL.ln()).clamp(0.0, 1.0)
}

fn entropy(counts: &[f64]) -> f64 {
    let all: f64 = counts.iter().sum();
    counts.iter().map(|count| -(count / all) * (count / all).ln()).sum()
}

/// Entropy of the numbers in ranges of about as many products each, which single frequent numbers upset.
fn numbers_entropy(numbers: &[f64]) -> f64 {
    let mut numbers = numbers.to_vec();
    numbers.sort_unstable_by(f64::total_cmp);
    let same: Vec<f64> = numbers.chunk_by(|a, b| a == b).map(|same| same.len() as f64).collect();
    entropy(&same).min(VALUES_USEFUL.ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampled(products_count: u32, counts: &[u32], numbers: &[f64]) -> Sampled {
        let terms = counts.iter().enumerate().map(|(term, count)| (TermId(term as u32), *count)).collect();
        Sampled { products_count, terms, numbers: numbers.to_vec() }
    }

    #[test]
    fn fields_that_name_products_or_never_differ_are_worth_nothing() {
        let check = |sampled: Sampled, is_shown: bool| assert_eq!(worth(&sampled, 100, 1.0) >= WORTH_MIN, is_shown);
        check(sampled(100, &[1; 100], &[]), false);
        check(sampled(100, &[100], &[]), false);
        check(sampled(10, &[5, 5], &[]), false);
        check(sampled(100, &[50, 50], &[]), true);
        check(sampled(100, &[], &[7.0; 100]), false);
        check(sampled(100, &[], &[1.0, 2.0, 3.0]), true);
    }

    #[test]
    fn more_coverage_and_evener_parts_are_worth_more() {
        let of = |sampled: Sampled| worth(&sampled, 100, 1.0);
        assert!(of(sampled(100, &[25; 4], &[])) > of(sampled(60, &[15; 4], &[])));
        assert!(of(sampled(100, &[25; 4], &[])) > of(sampled(100, &[85, 5, 5, 5], &[])));
    }
}
