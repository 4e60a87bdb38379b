//! Which categories hold what belongs to a thing rather than the thing: `Ear pads and cables` among headphones, `Cases` among phones.
//!
//! Whoever asks for headphones is shown headphones first. A shop often keeps what goes with a thing in a category below it, so being in
//! `Headphones` does not say that a product is one, and neither does a name: `In-ear` are headphones, `Ear pads` are not. The titles do. What
//! belongs to a thing says its name before its own (`headphone cable`, `camera bag`) or behind a word such as `for`; kinds of it say its name
//! for themselves (`in-ear headphones`). So a few titles of each category below are read. Where they never say the thing, the category's name
//! decides, if others say it: parts, covers, cables and the like are no things by themselves. What fills all of a category is what it is about.

use super::lexicon::Below;
use crate::id::Ordinal;
use crate::search::columns::TermId;
use crate::search::index::{SearchSnapshot, companions_begin, word_number};
use crate::search::ranking::closeness::COMPANIONS;
use crate::text::Language;
use std::sync::LazyLock;

/// Titles of one category that are read.
const TITLES_MAX: u64 = 6;
/// At least one product of so many in a category has to be left for the thing that it is named after.
const THINGS_SHARE: u64 = 8;
/// Categories below those that are asked for that are looked at, some fifty microseconds' worth.
const BELOW_MAX: usize = 32;
/// Words for what belongs to something else, as terms; where a language puts the thing first the first word counts, else the last.
const BELONGINGS: [&str; 95] = [
    "accessory",
    "part",
    "spare",
    "component",
    "replacement",
    "attachment",
    "refill",
    "consumable",
    "cable",
    "cord",
    "lead",
    "case",
    "cover",
    "sleeve",
    "skin",
    "pouch",
    "pad",
    "strap",
    "lace",
    "insole",
    "holder",
    "mount",
    "bracket",
    "charger",
    "adapter",
    "adaptor",
    "battery",
    "filter",
    "cartridge",
    "ink",
    "toner",
    "protector",
    "protection",
    "lid",
    "handle",
    "blade",
    "tip",
    "liner",
    "peg",
    "cleaner",
    "care",
    "bag",
    "stand",
    "hose",
    "pedestal",
    "seat",
    "spool",
    "gasket",
    "seal",
    "knob",
    "valve",
    "remote",
    "tray",
    "rack",
    "hook",
    "brush",
    "shade",
    "wheel",
    "cooler",
    "dock",
    "manual",
    "warranty",
    "base",
    "hardware",
    "connector",
    "fitting",
    "clip",
    "cap",
    "hinge",
    "screw",
    "tank",
    "flapper",
    "auger",
    "caddy",
    "head",
    "line", // English
    "zubehor",
    "ersatzteil",
    "ersatzteile",
    "hulle",
    "hullen",
    "kabel",
    "ladegerat", // German
    "accessoire",
    "piece",
    "housse",
    "etui",
    "chargeur", // French
    "accesorio",
    "repuesto",
    "recambio",
    "funda", // Spanish
    "accessori",
    "ricambi",    // Italian
    "onderdelen", // Dutch
];

/// More of them behind a thing in a title: `laptop backpack`, `phone signal booster`. As names of categories they are things by themselves.
const BEHIND_A_THING: [&str; 21] = [
    "briefcase",
    "backpack",
    "sling",
    "holster",
    "riser",
    "booster",
    "harness",
    "grille",
    "enclosure",
    "extension",
    "organizer",
    "wire",
    "bulb",
    "antenna",
    "tuner",
    "converter",
    "selector",
    "ringer",
    "remover",
    "sticker",
    "decal",
];

/// The same, by number and rising, for titles.
static NUMBERS: LazyLock<Vec<u32>> = LazyLock::new(|| {
    let mut numbers: Vec<u32> = BELONGINGS.iter().chain(&BEHIND_A_THING).map(|term| word_number(term)).collect();
    numbers.sort_unstable();
    numbers
});

/// Words after which a title says what the product goes with, by number.
static COMPANION_NUMBERS: LazyLock<Vec<u32>> = LazyLock::new(|| COMPANIONS.iter().map(|term| word_number(term)).collect());

/// Whether the word of a title is one for what belongs to something else.
#[must_use]
pub fn is_belonging(number: u32) -> bool {
    NUMBERS.binary_search(&number).is_ok()
}

/// Whether the word of a category's name is.
fn is_belonging_by_name(number: u32) -> bool {
    BELONGINGS.iter().any(|term| word_number(term) == number)
}

/// Words that say no more than that something belongs to another thing, as terms.
const WHATEVER_BELONGS: [&str; 12] = [
    "accessory",
    "part",
    "spare",
    "component",
    "attachment",
    "zubehor",
    "ersatzteil",
    "ersatzteile",
    "accessoire",
    "accesorio",
    "accessori",
    "onderdelen",
];

/// Whether a term says no more than that something belongs to another thing, which the query names too: `phone accessories`.
pub(super) fn is_whatever_belongs(term: &str) -> bool {
    WHATEVER_BELONGS.contains(&term)
}

/// The categories below those of a thing that hold what belongs to it; none of the kinds themselves, and none when the thing belongs to others
/// itself: `phone cases` are cases. `names` are what the thing may be called.
pub(super) fn apart(names: &[Vec<String>], kinds: &[TermId], language: Language, index: &SearchSnapshot) -> Vec<TermId> {
    let dictionary = index.columns.dictionary();
    let head = |name: &Vec<String>| if language.has_the_thing_first() { name.first() } else { name.last() }.map(|head| word_number(head));
    let heads: Vec<u32> = names.iter().filter_map(head).collect();
    if heads.first().is_none_or(|head| is_belonging_by_name(*head)) {
        return Vec::new();
    }
    let (mut apart, mut room) = (Vec::new(), BELOW_MAX);
    for kind in kinds {
        let below = index.lexicon.below(*kind, dictionary).iter().filter(|below| !kinds.contains(&below.term)).take(room);
        let told: Vec<(TermId, Holds)> = below.map(|below| (below.term, holds(below, &heads, language, index))).collect();
        room -= told.len();
        let is_said = told.iter().any(|(_, holds)| *holds == Holds::Things);
        let belongs = |holds: Holds| holds == Holds::Belongings || is_said && holds == Holds::NamedBelongings;
        let found: Vec<TermId> = told.into_iter().filter(|(_, holds)| belongs(*holds)).map(|(category, _)| category).collect();
        let (held, all): (u64, u64) =
            (found.iter().map(|category| dictionary.postings(*category).len()).sum(), dictionary.postings(*kind).len());
        if held + all / THINGS_SHARE < all {
            apart.extend(found);
        }
    }
    apart
}

/// What a category below that of a thing holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// Kinds of the thing, by their titles.
    Things,
    /// What belongs to it, by their titles.
    Belongings,
    /// What belongs to something, by the category's name; titles do not say the thing.
    NamedBelongings,
    /// Nobody knows.
    Others,
}

fn holds(below: &Below, heads: &[u32], language: Language, index: &SearchSnapshot) -> Holds {
    let own = if language.has_the_thing_first() { &below.firsts } else { &below.lasts };
    let products = index.columns.dictionary().postings(below.term).bitmap();
    let count = products.len().min(TITLES_MAX);
    let sample = (0..count).filter_map(|number| products.select((number * products.len() / count) as u32)).map(Ordinal);
    let (mut itself, mut beside) = (0, 0);
    for title in sample.map(|ordinal| index.titles.words(ordinal)) {
        match says(title, heads, own, language) {
            Some(true) => itself += 1,
            Some(false) => beside += 1,
            None => {}
        }
    }
    match (itself, beside) {
        (0, 0) if are_belongings(below) => Holds::NamedBelongings,
        (0, 0) => Holds::Others,
        _ if beside > itself => Holds::Belongings,
        _ => Holds::Things,
    }
}

/// Whether a title says the thing of what it is, or only of what that goes with; none when it does not say it.
fn says(title: &[u32], heads: &[u32], own: &[u32], language: Language) -> Option<bool> {
    let end = companions_begin(title, &COMPANION_NUMBERS).unwrap_or(title.len());
    let places = title.iter().enumerate().filter(|(_, number)| heads.contains(number)).map(|(at, _)| at);
    let says_itself = |at: usize| match language.has_the_thing_first() {
        true => !title[..at].iter().any(|number| own.contains(number)),
        false => !title.get(at + 1).is_some_and(|next| own.contains(next) || is_belonging(*next)),
    };
    places.map(|at| at < end && says_itself(at)).reduce(|one, other| one || other)
}

/// Whether all things of a category's name are words for what belongs to something.
fn are_belongings(below: &Below) -> bool {
    let mut things = below.firsts.iter().zip(below.lasts.iter());
    !below.lasts.is_empty() && things.all(|(first, last)| is_belonging_by_name(*last) || is_belonging_by_name(*first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;

    #[test]
    fn names_of_belongings_are_known() {
        let check = |things: &[&str], expected: bool| {
            let things: Vec<Vec<String>> = things.iter().map(|thing| text::terms(thing)).collect();
            let firsts = things.iter().map(|words| word_number(&words[0])).collect();
            let lasts = things.iter().map(|words| word_number(&words[words.len() - 1])).collect();
            assert_eq!(are_belongings(&Below { term: TermId(0), firsts, lasts }), expected, "{things:?}");
        };
        check(&["Ear pads", "cables"], true);
        check(&["Phone cases"], true);
        check(&["Spare parts"], true);
        check(&["Accessoires de casque"], true);
        check(&["Over-ear headphones"], false);
        check(&["Wireless"], false);
        check(&["Cases", "tablets"], false);
        check(&["Backpacks"], false);
        check(&[], false);
    }

    #[test]
    fn titles_say_what_they_are_or_what_that_goes_with() {
        let check = |title: &str, own: &[&str], language: Language, expected: Option<bool>| {
            let title: Vec<u32> = text::terms(title).iter().map(|term| word_number(term)).collect();
            let own: Vec<u32> = own.iter().map(|term| word_number(term)).collect();
            assert_eq!(says(&title, &[word_number("headphone")], &own, language), expected);
        };
        check("In-ear headphones with a cable", &["ear"], Language::English, Some(true));
        check("Headphone cable, braided", &["pad", "cable"], Language::English, Some(false));
        check("Ear pads for headphones", &["pad", "cable"], Language::English, Some(false));
        check("Ear pads", &["pad", "cable"], Language::English, None);
        check("Headphone organizer", &[], Language::English, Some(false));
        check("Cable de headphone", &["cable"], Language::French, Some(false));
        check("Headphone avec cable", &["cable"], Language::French, Some(true));
    }
}
