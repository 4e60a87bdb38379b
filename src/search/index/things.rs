//! Which words of a title say what the product is, by the grammar of titles.
//!
//! In languages that put the thing last, a phrase of a title ends with it: `Leather laptop briefcase - Black` says the briefcase for itself,
//! `Laptop / Core i5 / 8 GB` the laptop. Phrases end at punctuation, at measures, and at words such as `for`, behind which a title says
//! what the product goes with. Where the thing comes first, a phrase begins with it. Colours, packs and the like stand anywhere and are no things.
//!
//! The index holds each such term once more under a mark, so that the products that say a thing for itself are one posting list.

use super::word_number;
use crate::text::{Compound, Language, Role, Token, is_unit};
use std::sync::LazyLock;

/// Words behind which a title says what the product goes with, has or is made of; as terms.
const LINKS: [&str; 42] = [
    "for",
    "with",
    "w",
    "without",
    "in",
    "from",
    "by",
    "to",
    "on",
    "of",
    "at",
    "fit",
    "compatible",
    "featuring",
    "that",
    "plus",
    "per",
    "fur",
    "mit",
    "ohne",
    "aus",
    "von",
    "zum",
    "zur",
    "auf",
    "voor",
    "met",
    "zonder",
    "van",
    "uit",
    "med",
    "utan",
    "uden",
    "till",
    "pour",
    "avec",
    "sans",
    "para",
    "con",
    "sin",
    "senza",
    "sem",
];
/// Behind these `fit` says how a garment is cut and joins nothing; as terms.
const FITS: [&str; 26] = [
    "slim",
    "skinny",
    "regular",
    "relaxed",
    "loose",
    "straight",
    "tapered",
    "comfort",
    "custom",
    "tailored",
    "athletic",
    "classic",
    "boxy",
    "oversized",
    "oversize",
    "muscle",
    "modern",
    "easy",
    "standard",
    "contemporary",
    "baggy",
    "bootcut",
    "flared",
    "fitted",
    "perfect",
    "wide",
];

/// The same by number, rising.
static FIT_NUMBERS: LazyLock<Vec<u32>> = LazyLock::new(|| {
    let mut numbers: Vec<u32> = FITS.iter().map(|term| word_number(term)).collect();
    numbers.sort_unstable();
    numbers
});
static FIT: LazyLock<u32> = LazyLock::new(|| word_number("fit"));

static PLUS: LazyLock<u32> = LazyLock::new(|| word_number("plus"));
static SIZE: LazyLock<u32> = LazyLock::new(|| word_number("size"));

/// Where a title begins to say what the product goes with: at the first of these words, by number, but for the `fit` of `slim fit jeans` and the `plus`
/// of `plus size jeans`.
pub(in crate::search) fn companions_begin(title: &[u32], companions: &[u32]) -> Option<usize> {
    let is_cut = |at: usize| {
        at > 0 && title[at] == *FIT && FIT_NUMBERS.binary_search(&title[at - 1]).is_ok()
            || title[at] == *PLUS && title.get(at + 1) == Some(&*SIZE)
    };
    (0..title.len()).find(|&at| companions.contains(&title[at]) && !is_cut(at))
}

/// Colours and sizes that no thing is called by. As terms.
const NEVER_THINGS: [&str; 22] = [
    "black",
    "white",
    "gray",
    "grey",
    "red",
    "blue",
    "green",
    "brown",
    "pink",
    "purple",
    "yellow",
    "beige",
    "navy",
    "teal",
    "turquoise",
    "burgundy",
    "violet",
    "small",
    "medium",
    "large",
    "schwarz",
    "weiss",
];

/// Other words that end phrases and are no things, though some are called so: finishes, sizes and what things come in.
const NO_THINGS: [&str; 63] = [
    "silver",
    "orange",
    "gold",
    "ivory",
    "cream",
    "bronze",
    "chrome",
    "nickel",
    "copper",
    "brass",
    "clear",
    "tan",
    "charcoal",
    "olive",
    "titanium",
    "platinum",
    "graphite",
    "walnut",
    "cherry",
    "oak",
    "maple",
    "espresso",
    "almond",
    "steel",
    "multicolor",
    "stainless",
    "plated",
    "coated",
    "galvanized",
    "galvanised",
    "anodized",
    "anodised",
    "zinc",
    "oxide",
    "edition",
    "multipack",
    "new",
    "pack",
    "piece",
    "pc",
    "count",
    "each",
    "silber",
    "grau",
    "rot",
    "blau",
    "grun",
    "braun",
    "rosa",
    "gelb",
    "zwart",
    "wit",
    "grijs",
    "svart",
    "vit",
    "sort",
    "hvid",
    "hvit",
    "gra",
    "bla",
    "gron",
    "noir",
    "blanc",
];

/// Whom things are for, as terms: titles of clothes say it of everything.
const WHOM: [&str; 34] = [
    "men", "man", "women", "woman", "lady", "gent", "boy", "girl", "kid", "child", "baby", "toddler", "unisex", "adult", "herren", "damen",
    "kinder", "jungen", "madchen", "homme", "femme", "enfant", "garcon", "fille", "hombre", "mujer", "nino", "nina", "uomo", "donna",
    "bambino", "heren", "dame", "barn",
];

/// Whether a word says how a thing looks, how large it is or whom it is for, in any shop; as a term.
pub(in crate::search) fn is_a_quality(term: &str) -> bool {
    ends_without_a_thing(term) || is_whom(term)
}

/// Whether a word ends phrases and is no thing: a colour, a finish, a size, what things come in.
fn ends_without_a_thing(term: &str) -> bool {
    NEVER_THINGS.contains(&term) || NO_THINGS.contains(&term)
}

/// Whether a word of a query says how a thing looks or whom it is for and never what it is, in any shop; as a term.
pub(in crate::search) fn is_never_the_thing(term: &str) -> bool {
    NEVER_THINGS.contains(&term) || is_whom(term)
}

/// Whether a word says whom a thing is for; as a term.
pub(in crate::search) fn is_whom(term: &str) -> bool {
    WHOM.contains(&term)
}

/// A title, cut.
#[derive(Clone, Copy)]
pub(super) struct Title<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token],
    pub(super) compounds: &'a [Compound],
    /// The terms of the brand: a phrase of nothing else says no thing, as `Pearl Drums - Snare stand`.
    pub(super) brand: &'a [String],
}

impl Title<'_> {
    /// The places of the terms that say what the product is, in shops of these languages; rising. English stands in no list of stems, so where some
    /// language puts the thing first either end of a phrase counts.
    pub(super) fn things(&self, languages: &[Language]) -> Vec<usize> {
        let begins = languages.iter().any(|language| language.has_the_thing_first());
        let (mut found, mut start) = (Vec::new(), 0);
        let is_plus_size = |at: usize| self.term(at) == "plus" && self.tokens.get(at + 1).is_some_and(|next| next.term == "size");
        let is_cut = |at: usize| self.term(at) == "fit" && FITS.contains(&self.term(at - 1)) || is_plus_size(at);
        let end = (1..self.tokens.len()).find(|&at| LINKS.contains(&self.term(at)) && !is_cut(at)).unwrap_or(self.tokens.len());
        while start < end {
            let stop = (start + 1..end).find(|&at| self.begins_a_phrase(at)).unwrap_or(end);
            let is_brand = !self.brand.is_empty() && (start..stop).all(|at| self.brand.iter().any(|term| term == self.term(at)));
            let may_be = |at: &usize| !is_brand && !self.is_number(*at) && !self.is_measure(*at) && !ends_without_a_thing(self.term(*at));
            found.extend((start..stop).find(may_be).filter(|_| begins));
            found.extend((start..stop).rev().find(may_be));
            start = stop;
        }
        found.dedup();
        found
    }

    fn term(&self, at: usize) -> &str {
        &self.tokens[at].term
    }

    /// Whether punctuation or the edge of a measure stands before a term.
    fn begins_a_phrase(&self, at: usize) -> bool {
        let between = &self.text[self.tokens[at - 1].end..self.tokens[at].start];
        !matches!(between, "" | " " | "-" | "/" | "'" | "’") || self.is_measure(at) != self.is_measure(at - 1)
    }

    /// Whether a term begins with a digit: the `4` of `4-light`, the `5` of `iPhone 5 case`.
    fn is_number(&self, at: usize) -> bool {
        self.term(at).starts_with(|letter: char| letter.is_ascii_digit())
    }

    /// Whether a term is part of a measure: `15.6 inch`, `8GB`.
    fn is_measure(&self, at: usize) -> bool {
        let is_whole = |compound: &&Compound| compound.role == Role::Whole && compound.parts.contains(&at);
        // `8gb` has one, the `5s` of a phone none.
        let unit = self.term(at).trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
        let has_a_unit = self.is_number(at) && is_unit(unit);
        has_a_unit || self.compounds.iter().any(|compound| is_whole(&compound))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;

    fn things(title: &str, languages: &[Language]) -> Vec<String> {
        let brand = ["pearl".to_owned(), "drum".to_owned()];
        let tokens = text::tokens(title);
        let compounds = text::compounds(title, &tokens);
        let found = Title { text: title, tokens: &tokens, compounds: &compounds, brand: &brand }.things(languages);
        found.into_iter().map(|at| tokens[at].term.clone()).collect()
    }

    #[test]
    fn phrases_end_with_what_the_product_is() {
        let check = |title: &str, expected: &[&str]| assert_eq!(things(title, &[]), expected, "{title}");
        check("Leather laptop briefcase - Black", &["briefcase"]);
        check("Gaming laptop black", &["laptop"]);
        check("Acme 15.6 inch laptop, 8GB memory", &["acme", "laptop", "memory"]);
        check("Laptop / Core i5 / 8GB", &["laptop", "i5"]);
        check("Laptop 15.6\" 512 GB SSD", &["laptop", "ssd"]);
        check("iPhone 5 case", &["case"]);
        check("iPhone 5s case", &["case"]);
        check("Cable 2m black", &["cable"]);
        check("Washer/dryer pedestal", &["pedestal"]);
        check("4-Light bronze chandelier with shades", &["chandelier"]);
        check("Light bulbs (6-pack)", &["bulb"]);
        check("Light bulbs 6 pack", &["bulb"]);
        check("Case for phones", &["case"]);
        check("Case fits phones", &["case"]);
        check("Halden Men Black Slim Fit Stretchable Jeans", &["jean"]);
        check("Halden Plus Size Women Boy Shorts", &["short"]);
        check("Camera plus lens", &["camera"]);
        check("For phones", &["phone"]);
        check("Pearl Drums - Snare stand", &["stand"]);
        check("12", &[]);
        check("", &[]);
    }

    #[test]
    fn where_the_thing_comes_first_either_end_counts() {
        assert_eq!(things("Sacoche ordinateur portable pour femme", &[Language::French]), ["sacoche", "portable"]);
        assert_eq!(things("Laptop tasche schwarz", &[Language::German]), ["tasche"]);
    }
}
