//! What a product says, as terms with an *impact*: how much of a query word's weight the product earns by holding it.
//!
//! The text score is BM25F (H. Zaragoza et al., "Microsoft Cambridge at TREC-13", 2004): the frequencies of a term are added up over the
//! fields, each weighted and normalised by the field's length, and only the sum saturates:
//!
//! ```text
//! tf(t, d)    = Σ over fields f:  weight(f) · tf(t, d, f) / (1 − b(f) + b(f) · length(d, f) / average length(f))
//! score(q, d) = Σ over words t:   idf(t) · tf(t, d) / (k1 + tf(t, d))
//! ```
//!
//! Everything behind `idf` depends on the product alone, so it is computed once, when the product is indexed, and kept as a small whole
//! number of steps (an *impact*, as in V. N. Anh and A. Moffat, "Pruned query evaluation using pre-computed impacts", SIGIR 2006). A query
//! reads one posting list for each word instead of one for each word and field, and one multiplication scores a posting. The price is that
//! other field weights need a rebuild.

use super::things::Title;
use crate::catalog::{AttributeValue, Attributes, Product};
use crate::search::books::keeps_books;
use crate::stdx::quick::QuickMap;
use crate::text::{self, Language, Token};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};

/// Steps in which the saturated frequency is kept. 31 fit five bits of a posting; more steps did not find better products.
pub(super) const IMPACT_STEPS: u32 = 31;
/// Where the frequency saturates. Values from 0.9 to 1.2 are customary; on Icecat the lower one finds better products (nDCG@10 0.836 and
/// 0.827 before rounding), on Home Depot both find the same.
const K1: f32 = 0.9;
/// Lengths that are assumed while there is no generation to measure them on, in the order of [`Field`].
const AVERAGE_LENGTHS_ASSUMED: [f32; FIELDS_COUNT] = [8.0, 1.0, 4.0, 20.0, 4.0, 6.0, 60.0];

/// A number that takes more is a time or was reckoned, and nobody types it.
const NUMBER_BYTES_MAX: usize = 8;

/// A part of a product that is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Title,
    Brand,
    Category,
    /// Texts and numbers of attributes.
    Attributes,
    /// Names of attributes that are true.
    Flags,
    Variants,
    Description,
}

const FIELDS_COUNT: usize = 7;

impl Field {
    /// How much one occurrence counts.
    fn weight(self) -> f32 {
        match self {
            Self::Title => 3.0,
            Self::Brand => 2.0,
            Self::Category => 1.5,
            Self::Attributes | Self::Variants | Self::Description => 1.0,
            Self::Flags => 0.5,
        }
    }

    /// How much a long field is held against it, from 0 to 1.
    fn length_penalty(self) -> f32 {
        match self {
            Self::Title => 0.6,
            Self::Brand | Self::Category => 0.3,
            Self::Attributes | Self::Flags | Self::Variants | Self::Description => 0.75,
        }
    }
}

/// The average number of terms in each field, against which a product's own lengths are measured. A generation keeps those it was built
/// with, so that products put later are scored on the same scale.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AverageLengths([f32; FIELDS_COUNT]);

impl Default for AverageLengths {
    fn default() -> Self {
        Self(AVERAGE_LENGTHS_ASSUMED)
    }
}

impl AverageLengths {
    /// Measured on these products; a field that is empty in all of them keeps the assumed length.
    #[must_use]
    pub fn of<'a>(products: impl Iterator<Item = &'a Product>) -> Self {
        let mut sums = [0.0_f32; FIELDS_COUNT];
        let mut count = 0.0_f32;
        for product in products {
            let counted = Counted::of(product, &[]);
            sums.iter_mut().zip(counted.lengths).for_each(|(sum, length)| *sum += length);
            count += 1.0;
        }
        let mut averages = AVERAGE_LENGTHS_ASSUMED;
        averages.iter_mut().zip(sums).filter(|(_, sum)| *sum > 0.0).for_each(|(average, sum)| *average = sum / count);
        Self(averages)
    }
}

/// A term and what a product earns by holding it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TermImpact {
    /// The term, as [`text::tokens`] cuts it or [`text::compounds`] puts it together.
    pub(super) term: String,
    /// From 1 to [`IMPACT_STEPS`].
    pub(super) impact: u32,
    /// Whether it stands in the title.
    pub(super) in_title: bool,
}

/// The terms of a product, each once, in order; their stems in these languages among them, and what the title says for itself under a mark.
#[must_use]
pub(super) fn term_impacts(product: &Product, averages: &AverageLengths, languages: &[Language]) -> Vec<TermImpact> {
    let Counted { terms, lengths, things, .. } = Counted::of(product, languages);
    let mut scale = [0.0_f32; FIELDS_COUNT];
    for field in [Field::Title, Field::Brand, Field::Category, Field::Attributes, Field::Flags, Field::Variants, Field::Description] {
        let at = field as usize;
        let relative_length = lengths[at] / averages.0[at].max(f32::MIN_POSITIVE);
        let penalty = field.length_penalty();
        scale[at] = field.weight() / (1.0 - penalty + penalty * relative_length);
    }
    let mut impacts: Vec<TermImpact> = terms
        .into_iter()
        .map(|(term, counts)| {
            let frequency: f32 = counts.iter().zip(scale).map(|(&count, scale)| f32::from(count) * scale).sum();
            TermImpact { term, impact: impact_of(frequency), in_title: counts[Field::Title as usize] > 0 }
        })
        .collect();
    impacts.extend(things.into_iter().map(|thing| TermImpact { term: text::marked_thing(&thing), impact: 1, in_title: false }));
    impacts.sort_unstable_by(|a, b| a.term.cmp(&b.term));
    impacts
}

fn impact_of(frequency: f32) -> u32 {
    let steps = (IMPACT_STEPS as f32 * frequency / (K1 + frequency)).round();
    (steps as u32).clamp(1, IMPACT_STEPS)
}

/// How often each term stands in each field, and how long the fields are.
#[derive(Default)]
struct Counted<'a> {
    languages: &'a [Language],
    terms: QuickMap<String, [u16; FIELDS_COUNT]>,
    lengths: [f32; FIELDS_COUNT],
    brand: Vec<String>,
    /// Terms of the title that say what the product is.
    things: HashSet<String>,
}

impl<'a> Counted<'a> {
    fn of(product: &Product, languages: &'a [Language]) -> Self {
        let brand = product.brand.as_deref().map(text::terms).unwrap_or_default();
        let mut counted = Self { languages, brand, ..Self::default() };
        counted.add(Field::Title, &product.title);
        if let Some(brand) = &product.brand {
            counted.add(Field::Brand, brand);
        }
        let categories: BTreeSet<&String> = product.categories.iter().flatten().collect();
        categories.iter().for_each(|part| counted.add(Field::Category, part));
        counted.add_attributes(Field::Attributes, Field::Flags, &product.attributes);
        for variant in &product.variants {
            variant.title.iter().for_each(|title| counted.add(Field::Variants, title));
            counted.add_attributes(Field::Variants, Field::Variants, &variant.attributes);
        }
        if let Some(description) = &product.description {
            counted.add(Field::Description, description);
        }
        counted
    }

    fn add(&mut self, field: Field, text: &str) {
        let tokens = text::tokens(text);
        let compounds = text::compounds(text, &tokens);
        if matches!(field, Field::Title) {
            let title = Title { text, tokens: &tokens, compounds: &compounds, brand: &self.brand };
            title.things(self.languages).into_iter().for_each(|at| self.add_thing(&tokens[at], text));
        }
        compounds.into_iter().for_each(|compound| self.count(field, compound.term));
        // Compounds are other writings of what is there: they make no field longer.
        self.lengths[field as usize] += tokens.len() as f32;
        for token in tokens {
            for language in self.languages {
                // A stem that is the term itself is found as the term.
                let stem = language.stem(&text[token.start..token.end]).filter(|stem| *stem != token.term);
                stem.into_iter().for_each(|stem| self.count(field, language.marked(&stem)));
            }
            self.count(field, token.term);
        }
    }

    fn add_thing(&mut self, token: &Token, text: &str) {
        let stems = self.languages.iter().filter_map(|language| Some(language.marked(&language.stem(&text[token.start..token.end])?)));
        self.things.extend(stems.chain([token.term.clone()]));
    }

    fn count(&mut self, field: Field, term: String) {
        let count = &mut self.terms.entry(term).or_default()[field as usize];
        *count = count.saturating_add(1);
    }

    /// Counts a number as it is written, and with the unit that its name ends with. It makes no field longer: most are on sheets of dozens.
    fn add_number(&mut self, field: Field, name: &str, number: f64) {
        let written = number.abs().to_string();
        if written.len() > NUMBER_BYTES_MAX || keeps_books(name) {
            return;
        }
        text::unit_of_name(name).iter().for_each(|unit| self.count(field, format!("{written}{unit}")));
        self.count(field, written);
    }

    fn add_attributes(&mut self, field: Field, flags: Field, attributes: &Attributes) {
        for (name, value) in attributes {
            match value {
                AttributeValue::Flag(true) => self.add(flags, name),
                AttributeValue::Flag(false) => {}
                AttributeValue::Number(number) => self.add_number(field, name, *number),
                AttributeValue::Text(text) => self.add(field, text),
                AttributeValue::Texts(texts) => texts.iter().for_each(|text| self.add(field, text)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(json: &str) -> Product {
        Product::from_document(json.as_bytes()).expect("a product")
    }

    fn impact(product: &Product, term: &str) -> u32 {
        let impacts = term_impacts(product, &AverageLengths::default(), &[Language::German]);
        impacts.iter().find(|found| found.term == term).map_or(0, |found| found.impact)
    }

    #[test]
    fn a_word_in_the_title_earns_more_than_one_in_the_description() {
        let lamp = product(r#"{"id":"a","title":"Desk lamp","description":"Warm light for every room","variants":[{"sku":"a"}]}"#);
        assert!(impact(&lamp, "lamp") > impact(&lamp, "light"));
        assert!(impact(&lamp, "light") >= 1);
        assert_eq!(impact(&lamp, "chair"), 0);
    }

    #[test]
    fn a_word_among_fewer_earns_more_and_a_repeated_one_saturates() {
        let short = product(r#"{"id":"a","title":"Lamp","variants":[{"sku":"a"}]}"#);
        let long = product(r#"{"id":"a","title":"Lamp for desks with many arms and a very long cord","variants":[{"sku":"a"}]}"#);
        let repeated = product(r#"{"id":"a","title":"Lamp lamp lamp lamp lamp","variants":[{"sku":"a"}]}"#);
        assert!(impact(&short, "lamp") > impact(&long, "lamp"));
        assert!(impact(&repeated, "lamp") <= IMPACT_STEPS);
    }

    #[test]
    fn flags_variants_and_every_part_of_a_category_path_are_searched() {
        let shoe = product(
            r#"{"id":"a","title":"Runner","brand":"Acme","categories":[["Shoes","Sport"],["Shoes","Sale"]],
                "attributes":{"Waterproof":true,"Leather":false,"weight_g":300,"sole":["rubber","foam"]},
                "variants":[{"sku":"a","title":"Red, 42","attributes":{"colour":"Red"}}]}"#,
        );
        for term in ["acme", "shoe", "sport", "sale", "waterproof", "rubber", "foam", "red", "42"] {
            assert!(impact(&shoe, term) > 0, "{term}");
        }
        assert_eq!(impact(&shoe, "leather"), 0);
    }

    #[test]
    fn numbers_of_attributes_are_searched_as_they_are_written_and_with_their_unit() {
        let boot = product(
            r#"{"id":"a","title":"Boot","attributes":{"weight_g":300,"heel":4.5,"review_count":17,"seen_at":1732838400000},
                "variants":[{"sku":"a","attributes":{"size":44}}]}"#,
        );
        for term in ["300", "300g", "4.5", "44"] {
            assert!(impact(&boot, term) > 0, "{term}");
        }
        for term in ["17", "1732838400000", "44g"] {
            assert_eq!(impact(&boot, term), 0, "{term}");
        }
        let plain = product(r#"{"id":"a","title":"Boot","variants":[{"sku":"a"}]}"#);
        assert_eq!(impact(&boot, "boot"), impact(&plain, "boot"), "it makes no field longer");
    }

    #[test]
    fn compounds_stand_beside_their_parts_and_make_no_field_longer() {
        let title = |title: &str| product(&serde_json::json!({"id": "a", "title": title, "variants": [{"sku": "a"}]}).to_string());
        let written = title("Laptop 15,6\" 16 GB wi-fi");
        for term in ["laptop", "15.6", "15.6in", "16", "gb", "16gb", "wi", "fi", "wifi"] {
            assert!(impact(&written, term) > 0, "{term}");
        }
        assert_eq!(impact(&written, "laptop"), impact(&title("Laptop 15.6 16 GB wi fi"), "laptop"));
    }

    #[test]
    fn stems_of_other_languages_stand_beside_the_terms() {
        let lamps = product(r#"{"id":"a","title":"Lampen Tisch","variants":[{"sku":"a"}]}"#);
        for (term, expected) in [("lampen", true), ("~delamp", true), ("tisch", true), ("~detisch", false), ("~frlampen", false)] {
            assert_eq!(impact(&lamps, term) > 0, expected, "{term}");
        }
    }

    #[test]
    fn average_lengths_are_measured() {
        let products = [
            product(r#"{"id":"a","title":"one two","variants":[{"sku":"a"}]}"#),
            product(r#"{"id":"b","title":"one two three four","variants":[{"sku":"b"}]}"#),
        ];
        let averages = AverageLengths::of(products.iter());
        assert_eq!((averages.0[0], averages.0[1]), (3.0, AVERAGE_LENGTHS_ASSUMED[1]));
    }
}
