//! Fields chosen by what they cover and how they split it, for a request that does not know the catalogue.
//!
//! A sample of the match set is looked at. A field is worth its *coverage*, the share of products that have it, times its *split*, the
//! entropy of its values against that of [`VALUES_USEFUL`] equal parts. Values of one product split nothing that a shopper wants split, and
//! neither do values that all products have, so fields that name products and fields that are always the same score nothing. Of an attribute only its
//! most frequent values count, those that a page shows: a hundred days on which products came out, or as many lists of what they fit, choose nothing.
//!
//! A data sheet has fifty such fields and a page room for eight. What sellers find worth saying in titles (colours, capacities, how something is
//! connected) is what people choose by, so an attribute that titles say counts up to twice as much as one that none does. A field that says of
//! each product what a better one says already is left out.

use super::Counted;
use crate::id::Ordinal;
use crate::search::books::keeps_books;
use crate::search::columns::{Dictionary, FieldId, TermId};
use crate::search::fields::FieldRef;
use crate::text;
use std::collections::HashMap;

/// Products looked at.
const SAMPLE_MAX: u64 = 512;
/// Every so manieth of them is asked whether its title says its values: that reads texts.
const TITLES_STEP: u64 = 8;
/// Least share of the products that must have the field.
const COVERAGE_MIN: f64 = 0.2;
/// More equal parts than this are not better, and of an attribute so many are shown before a shopper unfolds the others.
const VALUES_USEFUL: usize = 12;
/// A value that so many of the products have splits nothing.
const CONSTANT_SHARE: f64 = 0.97;
/// What a split by ranges of an attribute's numbers is worth beside one by words, which shoppers read at once.
const NUMBERS_WORTH: f64 = 0.5;
/// Least worth of a field that is shown: two values of which one has nine products in ten have a little more.
const WORTH_MIN: f64 = 0.1;
/// An attribute is no choice whose most frequent values are had by a smaller share of the products that have it.
const SHOWN_SHARE_MIN: f64 = 1.0 / 3.0;
/// What is left of an attribute that no title says.
const UNSAID: f64 = 0.5;
/// An attribute that the titles of so many of its products say is said.
const SAID_SHARE: f64 = 0.25;
/// Fewer products with a value that another has too do not tell whether a field says what another does.
const ALIKE_MIN: usize = 16;
/// The share of the products for which it holds, when it does.
const ALIKE_SHARE: f64 = 0.95;

/// What the sample has in one field.
#[derive(Default)]
struct Sampled {
    products_count: u32,
    terms: HashMap<TermId, u32>,
    numbers: Vec<f64>,
    /// Products with their first value, rising, to tell what says the same.
    values: Vec<(u32, u64)>,
    /// Products whose titles were asked, and those of them that say a value.
    asked_count: u32,
    said_count: u32,
}

/// At most `count` fields, best first, without those in `named`.
pub(super) fn choose(count: usize, named: &[FieldRef], counted: Counted<'_>) -> Vec<(FieldRef, String)> {
    let sample_count = counted.matches.len().min(SAMPLE_MAX);
    let columns = counted.scope.columns;
    let price = FieldRef::Price(counted.scope.market);
    let mut fields: HashMap<FieldId, Sampled> = HashMap::new();
    let mut prices = Sampled::default();
    let mut folded = Folded::default();
    for place in 0..sample_count {
        let at = (place * counted.matches.len() / sample_count) as u32;
        let Some(ordinal) = counted.matches.select(at).map(Ordinal) else { continue };
        look(ordinal, counted, (place % TITLES_STEP == 0).then_some(&mut folded), &mut fields);
        let span = columns.price_span(ordinal, counted.scope.market);
        if !span.is_empty() {
            prices.products_count += 1;
            prices.numbers.push(span.min as f64);
        }
    }
    let name = |field: FieldId| columns.dictionary().field(field).name.to_string();
    let is_named = |field: &FieldId| named.contains(&FieldRef::Column(*field));
    let own = |field: FieldId, sampled: Sampled| {
        let name = name(field);
        let is_no_choice = folded.are_days(&sampled, columns.dictionary()) || keeps_books(&name);
        let worth = if is_no_choice { 0.0 } else { worth(field, &sampled, sample_count) };
        Candidate { field: FieldRef::Column(field), name, sampled, worth }
    };
    let mut known: Vec<Sampled> = Vec::new();
    let mut found = vec![Candidate { field: price, name: "price".to_owned(), worth: price_worth(&prices, sample_count), sampled: prices }];
    for (field, sampled) in fields {
        if is_named(&field) { known.push(sampled) } else { found.push(own(field, sampled)) }
    }
    found.retain(|found| found.worth >= WORTH_MIN && !named.contains(&found.field));
    found.sort_by(|a, b| b.worth.total_cmp(&a.worth).then_with(|| a.name.cmp(&b.name)));
    let mut chosen = Vec::new();
    for Candidate { field, name, sampled, .. } in found {
        if chosen.len() == count {
            break;
        }
        if !known.iter().any(|known| says_the_same(known, &sampled)) {
            chosen.push((field, name));
            known.push(sampled);
        }
    }
    chosen
}

/// A field that may be chosen.
struct Candidate {
    field: FieldRef,
    name: String,
    sampled: Sampled,
    worth: f64,
}

/// Texts of values as titles are searched for them.
#[derive(Default)]
struct Folded(HashMap<TermId, String>);

impl Folded {
    /// Whether a folded title says one of the values.
    fn says(&mut self, title: &str, terms: &[TermId], dictionary: &Dictionary) -> bool {
        terms.iter().any(|term| {
            let value = self.0.entry(*term).or_insert_with(|| text::fold(dictionary.text(*term)));
            has_word(title, value)
        })
    }

    /// Whether all values are days: nobody chooses by the day on which something came out.
    fn are_days(&self, sampled: &Sampled, dictionary: &Dictionary) -> bool {
        !sampled.terms.is_empty() && sampled.terms.keys().all(|term| is_day(dictionary.text(*term)))
    }
}

/// Whether a text begins as `2020-01-31` does.
fn is_day(text: &str) -> bool {
    let is_digit_or_dash = |(at, byte): (usize, u8)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() };
    text.len() >= 10 && text.bytes().take(10).enumerate().all(is_digit_or_dash)
}

/// Whether a folded text holds another in whole words.
fn has_word(text: &str, word: &str) -> bool {
    let is_edge = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric());
    let is_whole = |at: usize| is_edge(text[..at].chars().next_back()) && is_edge(text[at + word.len()..].chars().next());
    !word.is_empty() && text.match_indices(word).any(|(at, _)| is_whole(at))
}

fn look(ordinal: Ordinal, counted: Counted<'_>, folded: Option<&mut Folded>, fields: &mut HashMap<FieldId, Sampled>) {
    let columns = counted.scope.columns;
    let Some(row) = columns.row(ordinal) else { return };
    let mut own: Vec<FieldId> = row.all().fields().filter(|field| !field.is_naming()).collect();
    own.sort_unstable();
    own.dedup();
    let mut asked = folded.and_then(|folded| {
        let title = row.shared().keywords_of(FieldId::TITLE).next()?;
        Some((text::fold(columns.dictionary().text(title)), folded))
    });
    let mut terms: Vec<TermId> = Vec::new();
    for field in own {
        let sampled = fields.entry(field).or_default();
        sampled.products_count += 1;
        terms.clear();
        terms.extend(row.all().keywords_of(field));
        let number = Some(row.number_span(field).min).filter(|number| number.is_finite());
        let first = terms.first().map(|term| u64::from(term.0)).or_else(|| number.map(f64::to_bits));
        sampled.values.extend(first.map(|first| (ordinal.0, first)));
        terms.sort_unstable();
        terms.dedup();
        terms.iter().for_each(|term| *sampled.terms.entry(*term).or_default() += 1);
        sampled.numbers.extend(number);
        if let Some((title, folded)) = &mut asked {
            sampled.asked_count += 1;
            let is_said = folded.says(title, &terms, columns.dictionary()) || number.is_some_and(|number| says_number(title, number));
            sampled.said_count += u32::from(is_said);
        }
    }
}

/// Whether a title says a number of two digits or more: one digit stands in many for another reason.
fn says_number(title: &str, number: f64) -> bool {
    let written = number.to_string();
    written.len() > 1
        && title.match_indices(&written).any(|(at, _)| {
            let is_digit = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_digit() || letter == '.');
            !is_digit(title[..at].chars().next_back()) && !title[at + written.len()..].starts_with(|letter: char| letter.is_ascii_digit())
        })
}

/// What a column's field is worth.
fn worth(field: FieldId, sampled: &Sampled, sample_count: u64) -> f64 {
    match field {
        FieldId::BRAND | FieldId::CATEGORY => by_words(sampled, sample_count, usize::MAX),
        FieldId::RATING => by_numbers(sampled, sample_count),
        _ => {
            let by_numbers = NUMBERS_WORTH * by_numbers(sampled, sample_count);
            by_words(sampled, sample_count, VALUES_USEFUL).max(by_numbers) * said(sampled)
        }
    }
}

fn price_worth(prices: &Sampled, sample_count: u64) -> f64 {
    by_numbers(prices, sample_count)
}

/// What titles say of a field, from [`UNSAID`] to 1.
fn said(sampled: &Sampled) -> f64 {
    let share = f64::from(sampled.said_count) / f64::from(sampled.asked_count.max(1));
    UNSAID + (1.0 - UNSAID) * (share / SAID_SHARE).min(1.0)
}

/// The share of the products that have it; 0 where they are few.
fn coverage(sampled: &Sampled, sample_count: u64) -> f64 {
    let coverage = f64::from(sampled.products_count) / sample_count.max(1) as f64;
    if coverage < COVERAGE_MIN { 0.0 } else { coverage }
}

/// Coverage by the `most` most frequent values times their split, 0 to 1.
fn by_words(sampled: &Sampled, sample_count: u64, most: usize) -> f64 {
    let constant = CONSTANT_SHARE * sample_count as f64;
    let splitting = sampled.terms.values().map(|count| f64::from(*count)).filter(|count| *count >= 2.0 && *count < constant);
    let mut counts: Vec<f64> = splitting.collect();
    // Sums of numbers depend on their order in the last digit, and fields that are worth the same on nothing else.
    counts.sort_unstable_by(|a, b| b.total_cmp(a));
    counts.truncate(most);
    let all: f64 = counts.iter().sum();
    if all < SHOWN_SHARE_MIN * f64::from(sampled.products_count) && most < usize::MAX {
        return 0.0;
    }
    (all / sample_count.max(1) as f64).min(coverage(sampled, sample_count)) * split(entropy(&counts) + remainder(&counts, sampled, all))
}

/// Coverage times the split by ranges.
fn by_numbers(sampled: &Sampled, sample_count: u64) -> f64 {
    coverage(sampled, sample_count) * split(numbers_entropy(&sampled.numbers))
}

/// One value that half of the products have splits them from the others.
fn remainder(counts: &[f64], sampled: &Sampled, all: f64) -> f64 {
    let rest = f64::from(sampled.products_count) - all;
    if counts.len() == 1 && rest > 0.0 { entropy(&[all, rest]) } else { 0.0 }
}

fn split(entropy: f64) -> f64 {
    (entropy / (VALUES_USEFUL as f64).ln()).clamp(0.0, 1.0)
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
    entropy(&same).min((VALUES_USEFUL as f64).ln())
}

/// Whether two fields of the same products tell them apart in the same way, by whatever names: a colour in two languages, a maker beside a brand.
/// Values of one product each say nothing of that.
fn says_the_same(one: &Sampled, other: &Sampled) -> bool {
    let most = one.values.len().max(other.values.len());
    let exceptions_max = most - (ALIKE_SHARE * most as f64).ceil() as usize;
    if one.values.len().min(other.values.len()) + exceptions_max < most {
        return false;
    }
    let (mut there, mut back) = (HashMap::new(), HashMap::new());
    let (mut exceptions_count, mut repeated_count) = (0, 0);
    for (product, value) in &one.values {
        let Ok(at) = other.values.binary_search_by_key(product, |(known, _)| *known) else { continue };
        let also = other.values[at].1;
        let known = (there.insert(*value, also), back.insert(also, *value));
        match known {
            (None, None) => {}
            (Some(before), Some(again)) if before == also && again == *value => repeated_count += 1,
            _ => exceptions_count += 1,
        }
        if exceptions_count > exceptions_max {
            return false;
        }
    }
    repeated_count >= ALIKE_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLOUR: FieldId = FieldId(77);

    fn sampled(products_count: u32, counts: &[u32], numbers: &[f64]) -> Sampled {
        let terms = counts.iter().enumerate().map(|(term, count)| (TermId(term as u32), *count)).collect();
        Sampled { products_count, terms, numbers: numbers.to_vec(), asked_count: 4, said_count: 1, ..Sampled::default() }
    }

    #[test]
    fn fields_that_name_products_or_never_differ_are_worth_nothing() {
        let check = |field: FieldId, sampled: Sampled, is_shown: bool| assert_eq!(worth(field, &sampled, 100) >= WORTH_MIN, is_shown);
        check(COLOUR, sampled(100, &[1; 100], &[]), false);
        check(COLOUR, sampled(100, &[100], &[]), false);
        check(COLOUR, sampled(10, &[5, 5], &[]), false);
        check(COLOUR, sampled(100, &[50, 50], &[]), true);
        check(FieldId::RATING, sampled(100, &[], &[7.0; 100]), false);
        check(FieldId::RATING, sampled(100, &[], &[1.0, 2.0, 3.0]), true);
    }

    #[test]
    fn more_coverage_and_evener_parts_are_worth_more() {
        let of = |sampled: Sampled| worth(COLOUR, &sampled, 100);
        assert!(of(sampled(100, &[25; 4], &[])) > of(sampled(60, &[15; 4], &[])));
        assert!(of(sampled(100, &[25; 4], &[])) > of(sampled(100, &[85, 5, 5, 5], &[])));
    }

    #[test]
    fn an_attribute_of_fifty_rare_values_chooses_less_than_one_of_four_and_a_brand_as_much() {
        let of = |field: FieldId, counts: &[u32]| worth(field, &sampled(100, counts, &[]), 100);
        assert!(of(COLOUR, &[3; 33]) < of(COLOUR, &[25; 4]));
        assert_eq!(of(COLOUR, &[2; 50]), 0.0);
        assert!(of(FieldId::BRAND, &[2; 50]) > of(FieldId::BRAND, &[25; 4]));
    }

    #[test]
    fn what_titles_say_is_worth_twice_what_they_never_say() {
        let unsaid = Sampled { said_count: 0, ..sampled(100, &[25; 4], &[]) };
        let (said, unsaid) = (worth(COLOUR, &sampled(100, &[25; 4], &[]), 100), worth(COLOUR, &unsaid, 100));
        assert!((said - 2.0 * unsaid).abs() < 1e-9, "{said} {unsaid}");
        assert!(has_word("usb cable, dark red", "dark red") && !has_word("infrared", "red") && !has_word("red", ""));
        assert!(
            says_number("tv 15.6 inch", 15.6) && says_number("512gb", 512.0) && !says_number("1512gb", 512.0) && !says_number("7 up", 7.0)
        );
    }

    #[test]
    fn what_keeps_the_books_is_nothing_to_choose_by() {
        let check = |name: &str, expected: bool| assert_eq!(keeps_books(name), expected, "{name}");
        for name in ["attributes.source_id", "Num_Images", "number_of_answered_questions", "crawl_timestamp", "variant count", "In stock?"]
        {
            check(name, true);
        }
        for name in ["Number of drawers", "Piece count", "attributes.colour", "Width", "Rating of the switch"] {
            check(name, false);
        }
    }

    #[test]
    fn days_are_nothing_to_choose_by() {
        assert!(is_day("2009-05-27T00:00:00Z") && is_day("2020-01-31"));
        assert!(!is_day("2009") && !is_day("10 - 35") && !is_day("1920 x 1080"));
    }

    #[test]
    fn a_field_says_what_another_does_when_values_go_one_to_one() {
        let of =
            |value: fn(u32) -> u64| Sampled { values: (0..100).map(|product| (product, value(product))).collect(), ..Sampled::default() };
        let check = |one: fn(u32) -> u64, other: fn(u32) -> u64, expected: bool| assert_eq!(says_the_same(&of(one), &of(other)), expected);
        check(|product| u64::from(product % 5), |product| u64::from(product % 5) + 40, true);
        // A model tells more than its family.
        check(|product| u64::from(product % 5), |product| u64::from(product % 10), false);
        // What is different of every product is not the same as anything else that is.
        check(u64::from, |product| u64::from(product) + 1_000, false);
        let few = Sampled { values: (0..8).map(|product| (product, u64::from(product % 2))).collect(), ..Sampled::default() };
        assert!(!says_the_same(&few, &few));
    }
}
