//! What it costs to suggest and to read misspelled queries: `cargo bench --bench suggest`, one thread, 50,000 and 200,000 generated products.
//!
//! Suggestions are asked for after every letter of queries as people type them, right and with a slip; the table shows each length apart.
//! With `SHOP=<directory>` the same is measured on that shop, with words of its titles for queries.

use shopkeeper::app::{OpenOptions, Shop as Opened};
use shopkeeper::catalog::{CatalogStore, Change, Product};
use shopkeeper::config::Config;
use shopkeeper::demo;
use shopkeeper::event::{Events, Projection, Recorded};
use shopkeeper::id::{Offset, Ordinal};
use shopkeeper::search::index::{Indexer, Options, build_generation, promote};
use shopkeeper::search::understand::{Manner, understand_at};
use shopkeeper::search::{Moment, Onlooker, Request, search, suggest};
use shopkeeper::signal::{self, SignalFold};
use shopkeeper::stdx::clock::Timestamp;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

const QUERIES: usize = 400;
const LETTERS_MAX: usize = 16;
/// Times that each input is measured; the least counts, so that a busy machine says less.
const TIMES: usize = 3;

/// A spread number, the same in every run (splitmix64).
fn spread(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

fn generated(products_count: usize) -> (Moment, Vec<String>, tempfile::TempDir) {
    let mut store = CatalogStore::new();
    let mut fold = SignalFold::new(None, signal::Options::default()).expect("memory");
    let size = demo::Size { products_count, ..demo::Size::FULL };
    let products: Vec<Product> = demo::Shop::sized(1, Timestamp(1_700_000_000_000), size).products().collect();
    for (number, product) in products.into_iter().enumerate() {
        let Ok(Change::Event(event)) = store.decide_put(product) else { panic!("new products only") };
        let recorded = Recorded { offset: Offset(number as u64), at: Timestamp(0), events: Events::Catalog(vec![event]) };
        store.apply(&recorded);
        fold.apply(&recorded);
    }
    fold.publish();
    let catalog = store.working().clone();
    let folder = tempfile::tempdir().expect("a folder");
    let manifest = build_generation(folder.path(), &catalog, catalog.progress(), None, &[], Timestamp(0), &|_, _| {}).expect("builds");
    promote(folder.path(), manifest.id).expect("is whole");
    let (_, index) = Indexer::open(folder.path(), &catalog, catalog.progress(), Options::default()).expect("opens");
    let moment = Moment {
        index: index.snapshot(),
        signals: fold.table(),
        catalog: Arc::new(catalog),
        settings: Arc::default(),
        demand: Arc::default(),
    };
    (moment, demo::queries(QUERIES), folder)
}

/// One to three words from the titles of a shop.
fn of_titles(moment: &Moment) -> Vec<String> {
    let live: Vec<Ordinal> = moment.catalog.live().collect();
    let query = |number: u64| {
        let product = moment.catalog.product(live[spread(number) as usize % live.len()])?;
        let words: Vec<String> = product.title.split_whitespace().map(str::to_lowercase).collect();
        let first = spread(number + 1) as usize % words.len().max(1);
        Some(words.into_iter().skip(first).take(1 + spread(number + 2) as usize % 3).collect::<Vec<_>>().join(" "))
    };
    (0..).step_by(3).filter_map(query).filter(|query| !query.is_empty()).take(QUERIES).collect()
}

/// A query with one slip in a word of four letters or more: a letter left out, doubled, swapped with the next or replaced.
fn misspelled(query: &str, number: u64) -> String {
    let mut words: Vec<Vec<char>> = query.split(' ').map(|word| word.chars().collect()).collect();
    let long: Vec<usize> = (0..words.len()).filter(|&at| words[at].len() >= 4).collect();
    let Some(&word) = long.get(spread(number) as usize % long.len().max(1)) else { return query.to_owned() };
    let word = &mut words[word];
    let at = 1 + spread(number + 1) as usize % (word.len() - 2);
    match spread(number + 2) % 4 {
        0 => drop(word.remove(at)),
        1 => word.insert(at, word[at]),
        2 => word.swap(at, at + 1),
        _ => word[at] = char::from(b'a' + (spread(number + 3) % 26) as u8),
    }
    words.into_iter().map(String::from_iter).collect::<Vec<_>>().join(" ")
}

fn measured<T>(name: &str, inputs: &[String], run: impl Fn(&str) -> T) {
    if inputs.is_empty() {
        return;
    }
    let time = |input: &String| {
        let once = || {
            let begun = Instant::now();
            black_box(run(input));
            begun.elapsed().as_nanos() / 1_000
        };
        (0..TIMES).map(|_| once()).min().unwrap_or(0)
    };
    let mut taken: Vec<(u128, &String)> = inputs.iter().map(|input| (time(input), input)).collect();
    taken.sort_unstable();
    let at = |share: usize| taken[(taken.len() * share / 1_000).min(taken.len() - 1)].0;
    let (most, slowest) = taken[taken.len() - 1];
    println!(
        "{name:<34} p50 {:>5} µs  p99 {:>5} µs  max {most:>5} µs  ({} inputs, slowest `{slowest:.40}`)",
        at(500),
        at(990),
        taken.len()
    );
}

fn beginnings(queries: &[String], letters_count: usize) -> Vec<String> {
    let long = queries.iter().filter(|query| query.chars().count() >= letters_count);
    let mut beginnings: Vec<String> = long.map(|query| query.chars().take(letters_count).collect()).collect();
    beginnings.sort_unstable();
    beginnings.dedup();
    beginnings
}

fn all(moment: &Moment, queries: &[String]) {
    let slipped: Vec<String> = (0..).step_by(4).zip(queries).map(|(number, query)| misspelled(query, number)).collect();
    for (name, queries) in [("right", queries), ("misspelled", &slipped)] {
        let every: Vec<String> = (1..=LETTERS_MAX).flat_map(|count| beginnings(queries, count)).collect();
        for count in 1..=LETTERS_MAX {
            let run = |typed: &str| suggest(moment, typed, 8, Onlooker::default()).expect("answers");
            measured(&format!("suggest, {count} letters, {name}"), &beginnings(queries, count), run);
        }
        measured(&format!("suggest, every beginning, {name}"), &every, |typed| {
            suggest(moment, typed, 8, Onlooker::default()).expect("answers")
        });
        let request = |q: &str| Request { q: q.to_owned(), prefix: true, limit: 20, ..Request::default() };
        measured(&format!("search as you type, {name}"), &every, |typed| search(moment, &request(typed)).expect("answers"));
    }
    let read = |typed: &str| understand_at(moment, None, typed, Manner::default());
    measured("understand, right", queries, read);
    measured("understand, misspelled", &slipped, read);
    let right = slipped.iter().zip(queries).filter(|(slipped, query)| read(slipped).read == **query).count();
    println!("{right} of {} misspelled queries were read as they were meant", slipped.len());
    let nonsense = |number: u64| {
        let letter = |place: u64| char::from(b'a' + (spread(number * 1_000 + place) % 26) as u8);
        let words = (0..32).map(|word| (0..14).map(|place| letter(word * 14 + place)).collect::<String>());
        words.collect::<Vec<_>>().join(" ")
    };
    measured("understand, 32 words of nonsense", &(0..20).map(nonsense).collect::<Vec<_>>(), read);
    let long_slips: Vec<String> = slipped.chunks(12).map(|queries| queries.join(" ")).collect();
    measured("understand, 32 misspelled words", &long_slips, read);
}

fn main() {
    if let Ok(folder) = std::env::var("SHOP") {
        let config = Config::of_shop(Path::new(&folder)).expect("a shop's settings");
        let shop = Opened::open(Path::new(&folder), OpenOptions::serving(config)).expect("a shop");
        let moment = shop.readers().moment().expect("an index");
        println!("{folder}: {} products", moment.index.text.products_count());
        all(&moment, &of_titles(&moment));
        shop.stop();
        return;
    }
    for products_count in [50_000, 200_000] {
        let (moment, queries, _folder) = generated(products_count);
        println!("{} generated products", moment.index.text.products_count());
        all(&moment, &queries);
    }
}
