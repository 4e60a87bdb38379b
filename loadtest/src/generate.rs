//! `loadtest generate`: a catalogue of any size, as JSON lines for `shopkeeper import`.
//!
//! What makes a catalogue hard for a search engine is kept: words follow Zipf's law over a vocabulary that grows with the catalogue
//! (Heaps' law), so that common words have long lists of products and most words have short ones; brands and categories are as uneven;
//! products have one to three variants that differ in colour and size, a price in a long-tailed distribution, and attributes to facet by.
//! The same seed and count give the same bytes.

use crate::shop::query_of;
use crate::zipf::Zipf;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Distinct words of `n` products: `WORDS_FACTOR × n^WORDS_POWER`, as in English product texts (Heaps 1978: a power of 0.4 to 0.6).
const WORDS_FACTOR: f64 = 60.0;
const WORDS_POWER: f64 = 0.5;
/// How uneven words, brands and categories are.
const WORDS_EXPONENT: f64 = 1.0;
const BRANDS_EXPONENT: f64 = 0.7;
const CATEGORIES_EXPONENT: f64 = 0.6;
/// Departments, shelves in each, groups on each.
const TREE: [usize; 3] = [12, 8, 5];
const COLOURS: [&str; 12] = ["black", "white", "grey", "blue", "red", "green", "brown", "beige", "pink", "yellow", "orange", "violet"];
const MATERIALS_COUNT: usize = 25;
const SIZES: std::ops::Range<u32> = 34..48;
/// Words of a description.
const DESCRIPTION_WORDS: std::ops::RangeInclusive<usize> = 15..=40;
const CONSONANTS: &[u8] = b"bcdfghklmnprstvz";
const VOWELS: &[u8] = b"aeiou";

/// Queries that are made of titles; fewer when the catalogue has no more.
const QUERIES_COUNT: usize = 2_000;

/// What to make.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Arguments {
    /// Products.
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(1..=5_000_000))]
    products: u32,
    /// The same seed gives the same catalogue.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Also write queries made of its titles into this file, as `id<TAB>text`.
    #[arg(long, value_name = "FILE")]
    queries: Option<PathBuf>,
}

/// Words of which catalogues are made.
struct Lexicon {
    words: Vec<String>,
    by_word: Zipf,
    brands: Vec<String>,
    by_brand: Zipf,
    categories: Vec<[String; 3]>,
    by_category: Zipf,
    materials: Vec<String>,
}

impl Lexicon {
    fn new(products: u32, random: &mut fastrand::Rng) -> Self {
        let count = (WORDS_FACTOR * f64::from(products).powf(WORDS_POWER)) as usize;
        let words: Vec<String> = (0..count).map(|number| word(number, random)).collect();
        let brands: Vec<String> = (0..(count / 10).max(20)).map(|number| titled(&word(count + number, random))).collect();
        let categories = categories(random);
        Self {
            by_word: Zipf::new(words.len(), WORDS_EXPONENT),
            by_brand: Zipf::new(brands.len(), BRANDS_EXPONENT),
            by_category: Zipf::new(categories.len(), CATEGORIES_EXPONENT),
            materials: (0..MATERIALS_COUNT).map(|number| word(number, random)).collect(),
            words,
            brands,
            categories,
        }
    }

    fn text(&self, count: usize, random: &mut fastrand::Rng) -> String {
        let words: Vec<&str> = (0..count).map(|_| self.words[self.by_word.draw(random)].as_str()).collect();
        words.join(" ")
    }
}

/// Two to four syllables, and the number's last digit as a letter, so that neighbours differ.
fn word(number: usize, random: &mut fastrand::Rng) -> String {
    let mut word = String::new();
    for _ in 0..random.usize(2..=4) {
        word.push(char::from(CONSONANTS[random.usize(..CONSONANTS.len())]));
        word.push(char::from(VOWELS[random.usize(..VOWELS.len())]));
    }
    word.push(char::from(CONSONANTS[number % CONSONANTS.len()]));
    word
}

fn titled(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn categories(random: &mut fastrand::Rng) -> Vec<[String; 3]> {
    let mut paths = Vec::new();
    for _ in 0..TREE[0] {
        let department = titled(&word(0, random));
        for _ in 0..TREE[1] {
            let shelf = titled(&word(1, random));
            paths.extend((0..TREE[2]).map(|_| [department.clone(), shelf.clone(), titled(&word(2, random))]));
        }
    }
    random.shuffle(&mut paths);
    paths
}

/// One product as a document.
fn product(number: u32, lexicon: &Lexicon, random: &mut fastrand::Rng) -> Value {
    let brand = &lexicon.brands[lexicon.by_brand.draw(random)];
    let words = random.usize(3..=8);
    // Most things are cheap: the third power of an even chance.
    let price_minor = 300 + (random.f64().powi(3) * 150_000.0) as u32;
    let colour = random.usize(..COLOURS.len());
    let variants: Vec<Value> = (0..[1, 1, 1, 2, 3][random.usize(..5)])
        .map(|place| {
            let size = random.u32(SIZES);
            let attributes = json!({"colour": COLOURS[(colour + place * 3) % COLOURS.len()], "size": size});
            let price = json!({"amount_minor": price_minor + 100 * place as u32, "currency": "EUR"});
            json!({"sku": format!("g{number}-{place}"), "attributes": attributes, "offers": [{"price": price}]})
        })
        .collect();
    json!({
        "id": format!("g{number}"),
        "title": format!("{brand} {}", lexicon.text(words, random)),
        "brand": brand,
        "description": lexicon.text(random.usize(DESCRIPTION_WORDS), random),
        "categories": [lexicon.categories[lexicon.by_category.draw(random)]],
        "attributes": {"material": random.choice(&lexicon.materials), "weight_g": random.u32(50..20_000)},
        "rating": {"average": f64::from(random.u32(20..=50)) / 10.0, "count": random.u32(1..500)},
        "variants": variants,
    })
}

/// Writes the catalogue.
///
/// # Errors
/// When `out` or the file of queries takes no more.
pub(crate) fn run(arguments: &Arguments, out: &mut impl Write) -> io::Result<()> {
    let mut random = fastrand::Rng::with_seed(arguments.seed);
    let lexicon = Lexicon::new(arguments.products, &mut random);
    let every = (arguments.products as usize / QUERIES_COUNT).max(1);
    let (mut queries, mut choices) = (BTreeSet::new(), fastrand::Rng::with_seed(!arguments.seed));
    for number in 0..arguments.products {
        let product = product(number, &lexicon, &mut random);
        if (number as usize).is_multiple_of(every) {
            queries.insert(query_of(product["title"].as_str().unwrap_or_default(), &mut choices));
        }
        writeln!(out, "{product}")?;
    }
    out.flush()?;
    arguments.queries.as_deref().map_or(Ok(()), |path| write_queries(path, queries, &mut choices))
}

/// In an order of chance: a run asks the first ones most often.
fn write_queries(path: &Path, queries: BTreeSet<String>, random: &mut fastrand::Rng) -> io::Result<()> {
    let mut queries: Vec<String> = queries.into_iter().take(QUERIES_COUNT).collect();
    random.shuffle(&mut queries);
    let mut out = BufWriter::new(File::create(path)?);
    for (number, query) in queries.iter().enumerate() {
        writeln!(out, "{number}\t{query}")?;
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn generated(products: u32, seed: u64) -> Vec<Value> {
        let mut bytes = Vec::new();
        run(&Arguments { products, seed, queries: None }, &mut bytes).expect("writes");
        String::from_utf8(bytes).expect("is text").lines().map(|line| serde_json::from_str(line).expect("is JSON")).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_catalogue_and_another_one_another() {
        assert_eq!(generated(50, 3), generated(50, 3));
        assert_ne!(generated(50, 3), generated(50, 4));
    }

    #[test]
    fn words_are_as_uneven_as_in_real_texts_and_grow_with_the_catalogue() {
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        let mut distinct = Vec::new();
        for (number, product) in generated(4_000, 1).iter().enumerate() {
            for word in product["description"].as_str().expect("a text").split(' ') {
                *counts.entry(word.to_owned()).or_default() += 1;
            }
            if number == 1_000 || number == 3_999 {
                distinct.push(counts.len());
            }
        }
        let mut ordered: Vec<u32> = counts.into_values().collect();
        ordered.sort_unstable_by(|left, right| right.cmp(left));
        assert!(ordered[0] > 5 * ordered[9] && ordered[9] > 5 * ordered[99], "{:?}", &ordered[..10]);
        assert!(distinct[1] > distinct[0]);
    }

    #[test]
    fn queries_are_words_of_the_titles() {
        let path = std::env::temp_dir().join(format!("loadtest-{:x}.tsv", fastrand::u64(..)));
        let mut bytes = Vec::new();
        run(&Arguments { products: 100, seed: 1, queries: Some(path.clone()) }, &mut bytes).expect("writes");
        let (queries, catalogue) =
            (std::fs::read_to_string(&path).expect("is there"), String::from_utf8(bytes).expect("is text").to_lowercase());
        assert!(queries.lines().count() > 50);
        assert!(queries.lines().all(|line| line.split_once('\t').is_some_and(|(_, query)| catalogue.contains(query))));
        std::fs::remove_file(path).expect("removes");
    }

    #[test]
    fn every_product_can_be_sold_and_named() {
        let products = generated(300, 2);
        let skus: Vec<&str> = products
            .iter()
            .flat_map(|product| product["variants"].as_array().expect("variants"))
            .filter_map(|variant| variant["sku"].as_str())
            .collect();
        assert_eq!(skus.iter().collect::<BTreeSet<_>>().len(), skus.len());
        assert!(products.iter().all(|product| product["categories"][0].as_array().is_some_and(|path| path.len() == 3)));
    }
}
