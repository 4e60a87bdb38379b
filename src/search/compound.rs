//! What a query writes in several terms and documents may write in one, looked for as one: measures, dimensions, fractions, and words with a
//! hyphen (`text::compounds`).
//!
//! "16 gb" asks for the one word "16gb", so that a 16 here and a GB there are no match; every product with "16 GB" holds that word. Other
//! writings of a word ("wi-fi" as "wifi") are looked for beside it, and so is the same measure in other units ("1500 ml" as "1.5l"). Of a measure
//! that no product holds the nearest ones will do, and the answer says so: `6ft hdmi` finds 2 m where a shop counts in metres, `15 inch laptop`
//! one of 15.6. Any other compound that no product holds in any of its writings is left as it was typed.

use super::asked::{Piece, pieces};
use super::request::QUERY_TERMS_MAX;
use super::thesaurus::Alternative;
use super::understand::{Query, Word, Words};
use crate::text::{self, Compound, Role, Token};
use std::collections::BTreeSet;

/// What the number alone counts, against the measure: a shop may keep the unit elsewhere.
const NUMBER_WEIGHT: f32 = 0.4;
/// What a measure counts at most that is nearly the one that was asked for, against it; one that differs by a tenth half of that.
const NEAR_WEIGHT: f32 = 0.5;
/// So many of the nearest will do: which of them is a measure of the thing (cables are not 180 cm long but 2 m) the other words of a product say.
const NEAR_COUNT: usize = 12;
/// Compounds of a query that are looked at: a number with each of many units and a unit with each of many numbers are more than anybody means.
const COMPOUNDS_MAX: usize = 2 * QUERY_TERMS_MAX;

/// Puts the compounds of a query, as far as it is looked at, in place of the words that they are made of.
pub(super) fn look_for_compounds(query: &mut Query, looked_at: usize, vocabulary: &impl Words) {
    let text = plain_text(&query.typed, looked_at);
    let tokens = text::tokens(&text);
    let mut compounds = text::compounds(&text, &tokens);
    compounds.truncate(COMPOUNDS_MAX);
    let is_held = |term: &str| vocabulary.products_count(term) > 0;
    let others = |term: &str| other_writings(term, is_held);
    offer_sizes(query, &compounds, &tokens, is_held);
    let otherwise = take_otherwise(&mut compounds, is_held);
    compounds.retain(|compound| compound.role != Role::Beside && (is_held(&compound.term) || !others(&compound.term).is_empty()));
    compounds.dedup_by(|second, first| second.term == first.term);
    for word in query.words.iter_mut().filter(|word| !word.is_quoted && word.typed.starts_with(|letter: char| letter.is_ascii_digit())) {
        // A measure that is typed without a blank is one word already: `1500ml`.
        word.writings.extend(others(&word.typed));
    }
    if compounds.is_empty() {
        tell_near(query, is_held);
        return;
    }
    let (whole, joined): (Vec<Compound>, Vec<Compound>) = compounds.into_iter().partition(|compound| compound.role == Role::Whole);
    put_whole(query, whole, &tokens, &others);
    for (term, other) in otherwise {
        let words = query.words.iter_mut().filter(|word| word.typed == term);
        words.for_each(|word| word.writings.push((other.clone(), 1.0)));
    }
    for compound in joined {
        let parts = &tokens[compound.parts];
        for word in query.words.iter_mut().filter(|word| !word.is_quoted && parts.iter().any(|part| part.term == word.typed)) {
            word.writings.push((compound.term.clone(), 1.0));
        }
    }
    tell_near(query, is_held);
}

/// Takes out the other readings of measures that products hold, each with the reading it stands beside. Where products hold the other alone, that is how it
/// was meant.
fn take_otherwise(compounds: &mut Vec<Compound>, is_held: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let (others, mut kept): (Vec<Compound>, Vec<Compound>) =
        std::mem::take(compounds).into_iter().partition(|compound| compound.role == Role::Otherwise);
    let mut beside = Vec::new();
    for other in others.into_iter().filter(|other| is_held(&other.term)) {
        match kept.iter_mut().find(|whole| whole.role == Role::Whole && whole.parts == other.parts) {
            Some(whole) if is_held(&whole.term) => beside.push((whole.term.clone(), other.term)),
            Some(whole) => whole.term = other.term,
            None => kept.push(Compound { role: Role::Whole, ..other }),
        }
    }
    *compounds = kept;
    beside
}

/// Lets the value stand for the word `size` before it: of a product whose size is a value of its own nothing says the word.
fn offer_sizes(query: &mut Query, compounds: &[Compound], tokens: &[Token], is_held: impl Fn(&str) -> bool) {
    for compound in compounds.iter().filter(|compound| compound.parts.len() == 2 && compound.term.starts_with("size")) {
        let (said, value) = (&tokens[compound.parts.start].term, &tokens[compound.parts.end - 1].term);
        if is_held(value) {
            let words = query.words.iter_mut().filter(|word| !word.is_quoted && word.typed == *said);
            words.for_each(|word| word.writings.push((value.clone(), NUMBER_WEIGHT)));
        }
    }
}

/// A measure in other units, as far as products hold it; where they hold it in none, the nearest ones that they hold.
fn other_writings(term: &str, is_held: impl Fn(&str) -> bool) -> Vec<(String, f32)> {
    let same: Vec<(String, f32)> = text::same_measures(term).into_iter().filter(|same| is_held(same)).map(|same| (same, 1.0)).collect();
    if !same.is_empty() || is_held(term) {
        return same;
    }
    let near = text::near_measures(term).into_iter().filter(|(near, _)| is_held(near)).take(NEAR_COUNT);
    near.map(|(near, off)| (near, NEAR_WEIGHT * (1.0 - 5.0 * off as f32))).collect()
}

/// Says which measures will do in place of those that no product holds.
fn tell_near(query: &mut Query, is_held: impl Fn(&str) -> bool) {
    for word in query.words.iter().filter(|word| !is_held(&word.typed) && text::is_measure(&word.typed)) {
        let near = word.writings.iter().filter(|(near, weight)| *weight < 1.0 && text::is_measure(near)).map(|(near, _)| near.clone());
        let added: Vec<String> = near.collect();
        if !added.is_empty() {
            query.apart.push(Alternative { typed: word.typed.clone(), added });
        }
    }
}

/// What is asked for outside quotes in the first `looked_at` bytes; what is quoted or excluded parts it.
fn plain_text(typed: &str, looked_at: usize) -> String {
    let plain = |(at, piece)| match piece {
        Piece::Plain(text) => text.get(..looked_at.saturating_sub(at)).unwrap_or(text),
        Piece::Quoted(_) | Piece::Excluded(_) | Piece::ExcludedQuote(_) => "|",
    };
    pieces(typed).into_iter().map(plain).collect::<Vec<_>>().join(" ")
}

/// Each compound takes the place of the first of its parts; the others go, unless they are asked for elsewhere too.
fn put_whole(query: &mut Query, compounds: Vec<Compound>, tokens: &[Token], others: &impl Fn(&str) -> Vec<(String, f32)>) {
    let is_covered = |at: &usize| compounds.iter().any(|compound| compound.parts.contains(at));
    let alone: BTreeSet<&str> = (0..tokens.len()).filter(|at| !is_covered(at)).map(|at| tokens[at].term.as_str()).collect();
    let mut said = BTreeSet::new();
    let parts_of = |compound: &Compound| tokens[compound.parts.clone()].iter().map(|part| part.term.clone()).collect::<Vec<String>>();
    let mut waiting: Vec<(Vec<String>, String)> = compounds
        .iter()
        .filter(|compound| said.insert(compound.term.as_str()))
        .map(|compound| (parts_of(compound), compound.term.clone()))
        .collect();
    let covered: BTreeSet<String> = compounds.iter().flat_map(parts_of).collect();
    let mut words = Vec::with_capacity(query.words.len());
    for word in std::mem::take(&mut query.words) {
        let (here, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(parts, _)| parts.first() == Some(&word.typed));
        waiting = later;
        words.extend(here.into_iter().map(|(parts, term)| compound_word(parts, term, others)));
        if word.is_quoted || !covered.contains(&word.typed) || alone.contains(word.typed.as_str()) {
            words.push(word);
        }
    }
    words.extend(waiting.into_iter().map(|(parts, term)| compound_word(parts, term, others)));
    query.words = words;
}

/// The word that a compound is looked for by, with its `others`: units that say the same, or nearly.
fn compound_word(parts: Vec<String>, term: String, others: &impl Fn(&str) -> Vec<(String, f32)>) -> Word {
    // Of a measure the first part is the number; fractions and dimensions have more numbers, none of which says enough.
    let numbers_count = parts.iter().filter(|part| part.starts_with(|letter: char| letter.is_ascii_digit())).count();
    let number = parts.first().filter(|first| numbers_count == 1 && **first != term).cloned();
    let writings = others(&term).into_iter().chain(number.map(|number| (number, NUMBER_WEIGHT))).collect();
    Word { writings, parts, ..Word::plain(term) }
}

#[cfg(test)]
mod tests {
    use super::super::spelling::{Reading, Typed};
    use super::super::understand::{Manner, understand};
    use super::*;

    /// A shop that holds every term of some texts.
    struct Shop(BTreeSet<String>);

    impl Shop {
        fn of(texts: &[&str]) -> Self {
            let terms = texts.iter().flat_map(|text| {
                let tokens = text::tokens(text);
                let compounds = text::compounds(text, &tokens).into_iter().map(|compound| compound.term);
                compounds.chain(tokens.into_iter().map(|token| token.term)).collect::<Vec<_>>()
            });
            Self(terms.collect())
        }
    }

    impl Words for Shop {
        fn products_count(&self, term: &str) -> u64 {
            u64::from(self.0.contains(term))
        }
        fn pair_count(&self, _: &str, _: &str) -> u64 {
            0
        }
        fn readings(&self, _: &[Typed]) -> Vec<Reading> {
            Vec::new()
        }
        fn beginning(&self, _: &str) -> Option<String> {
            None
        }
        fn only_joins(&self, _: &str) -> bool {
            false
        }
        fn is_value(&self, _: &[&str]) -> bool {
            false
        }
        fn denies(&self, term: &str) -> bool {
            term == "without"
        }
        fn is_name(&self, _: &str) -> bool {
            false
        }
    }

    #[test]
    fn compounds_are_looked_for_in_place_of_their_parts() {
        let shop = Shop::of(&["Laptop 15.6\" 16GB 512 GB wi-fi", "Lumber 2 in. x 4 in. x 8 ft.", "Pipe 1/2 in.", "T-shirt size 42"]);
        let check = |typed: &str, expected: &str| {
            let query = understand(typed, Manner::default(), &shop);
            let shown = |word: &Word| word.group().terms.iter().map(|(term, _)| term.clone()).collect::<Vec<_>>().join("|");
            assert_eq!(query.words.iter().map(shown).collect::<Vec<_>>().join(" "), expected, "{typed}");
        };
        check("16 gb laptop 512 gb", "16gb|16 laptop 512gb|512");
        check("laptop 15,6 inch", "laptop 15.6in|15.6");
        check("16gb", "16gb");
        check("2x4x8 lumber", "2x4x8 lumber");
        check("2 by 4 lumber", "2x4 lumber");
        check("2 in. x 4 in. lumber", "2x4 lumber");
        check("1/2 pipe", "0.5 pipe");
        check("1/2 in pipe", "0.5in pipe");
        // The same length in the units that the shop's products have it in.
        check("10000 mm laptop", "10000 mm laptop");
        check("96 inch lumber", "96in|8ft|96 lumber");
        check("0.5 tb laptop", "0.5tb|512gb|0.5 laptop");
        check("0.5tb laptop", "0.5tb|512gb laptop");
        check("wi-fi laptop", "wi|wifi fi|wifi laptop");
        check("t-shirt size 42", "t|tshirt shirt|tshirt size|42|size42 42|size42");
        // No product is 17 inches, so the words stay; what is quoted stays too.
        check("17 inch laptop", "17 inch laptop");
        check("\"16 gb\" laptop", "16 gb laptop");
        // The unit is asked for elsewhere as well.
        check("16 gb laptop gb", "16gb|16 gb laptop");
    }

    #[test]
    fn of_a_measure_that_nothing_has_the_nearest_will_do_and_that_is_told() {
        let shop = Shop::of(&["Cable 2 m", "Cable 3 m", "Laptop 15.6\"", "Laptop 14 inch"]);
        let check = |typed: &str, expected: &str, told: &[(&str, &str)]| {
            let query = understand(typed, Manner::default(), &shop);
            let shown = |word: &Word| {
                word.group()
                    .terms
                    .iter()
                    .map(|(term, weight)| format!("{term} {}", (weight * 100.0).round() / 100.0))
                    .collect::<Vec<_>>()
                    .join("|")
            };
            assert_eq!(query.words.iter().map(shown).collect::<Vec<_>>().join(", "), expected, "{typed}");
            let alternatives: Vec<(String, String)> = query.apart.into_iter().map(|one| (one.typed, one.added.join(" "))).collect();
            assert_eq!(
                alternatives,
                told.iter().map(|(typed, added)| ((*typed).to_owned(), (*added).to_owned())).collect::<Vec<_>>(),
                "{typed}"
            );
        };
        check("6ft cable", "6ft 1|2m 0.27, cable 1", &[("6ft", "2m")]);
        check("6 feet cable", "6ft 1|2m 0.27|6 0.4, cable 1", &[("6ft", "2m")]);
        check("15 inch laptop", "15in 1|15.6in 0.4|15 0.4, laptop 1", &[("15in", "15.6in")]);
        // What is there needs nothing near it, and what is far stays as it was typed.
        check("3 m cable", "3m 1|3 0.4, cable 1", &[]);
        check("9 m cable", "9 1, m 1, cable 1", &[]);
    }

    #[test]
    fn the_parts_are_marked_and_say_what_is_meant() {
        let query = understand("16 gb laptop", Manner::default(), &Shop::of(&["Laptop 16 GB"]));
        assert_eq!(query.words[0].meaning().collect::<Vec<_>>(), ["16", "gb"]);
        assert_eq!(query.words[1].meaning().collect::<Vec<_>>(), ["laptop"]);
        assert!(query.words[0].shown().any(|term| term == "gb"));
    }
}
