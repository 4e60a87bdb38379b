//! What facets add to a search: the same request with eight disjunctive facets and with none, in turns, in one process.
//!
//! `cargo bench --bench facets` makes catalogues of 50,000 and 200,000 products with one to five variants each (other sizes may be given as
//! arguments, and part of the name of the requests that are wanted) and prints, for each kind of request, the median of both and the ratio of their sums, which the machine's other work
//! disturbs alike.

use serde_json::json;
use shopkeeper::catalog::{CatalogStore, Change, Product};
use shopkeeper::event::{Events, Projection, Recorded};
use shopkeeper::id::{Offset, Ordinal};
use shopkeeper::search::index::{Indexer, Options, build_generation, promote};
use shopkeeper::search::{Mode, Moment, Request, search};
use shopkeeper::signal::{self, SignalFold};
use shopkeeper::stdx::clock::Timestamp;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

/// As in the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const NOUNS: u64 = 60;
const BRANDS: u64 = 900;
/// Different requests of one kind, each run so often.
const REQUESTS: u64 = 40;
const TURNS: usize = 12;
const FACETS: [&str; 8] = ["brand", "category", "price", "rating", "colour", "size", "material", "style"];

/// A spread number, the same in every run (splitmix64).
fn spread(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// A number below `end`, small ones far more often.
fn skewed(number: u64, end: u64) -> u64 {
    let uniform = (spread(number) % 1_000_000) as f64 / 1_000_000.0;
    (uniform * uniform * uniform * end as f64) as u64
}

/// A made-up word that can be spoken.
fn word(number: u64) -> String {
    let letters = |at: u64, from: &[u8]| char::from(from[(spread(number * 7 + at) % from.len() as u64) as usize]);
    (0..3).flat_map(|at| [letters(at * 2, b"bcdfglmnprstvz"), letters(at * 2 + 1, b"aeiou")]).collect()
}

fn noun(number: u64) -> u64 {
    spread(number) % NOUNS
}

fn brand(number: u64) -> String {
    word(10_000 + (noun(number) * 7 + skewed(number ^ 0x55, BRANDS)) % BRANDS)
}

const COLOURS: [&str; 10] = ["red", "blue", "green", "black", "white", "grey", "brown", "yellow", "pink", "orange"];

fn product(number: u64) -> Product {
    let noun = noun(number);
    let price = 500 + skewed(number ^ 0x77, 120_000);
    let variants: Vec<_> = (0..1 + skewed(number ^ 0x33, 5))
        .map(|variant| {
            json!({"sku": format!("SKU-{number}-{variant}"),
                "attributes": {"colour": COLOURS[((spread(number) + variant * 3) % 10) as usize], "size": 36 + (number + variant) % 12},
                "offers": [{"price": {"amount_minor": price + variant * 100, "currency": "EUR"}}]})
        })
        .collect();
    let adjective = |place: u64| word(1_000 + skewed(number * 3 + place, 40));
    let value = json!({"id": format!("p{number}"), "brand": brand(number),
        "title": format!("{} {} {} {}", brand(number), adjective(0), adjective(1), word(noun)),
        "categories": [[format!("Department {}", noun % 6), format!("Shelf {}", noun % 20), format!("Group {noun}")]],
        "rating": {"average": 2.0 + (spread(number) % 30) as f64 / 10.0, "count": 12},
        "attributes": {"material": word(30_000 + spread(number ^ 1) % 25), "weight_g": 100 + spread(number) % 9_000,
            "style": word(31_000 + spread(number ^ 2) % 40), "series": word(33_000 + spread(number ^ 3) % 3_000)},
        "variants": variants});
    serde_json::from_value(value).expect("a product")
}

struct Shop {
    moment: Moment,
    _folder: tempfile::TempDir,
}

fn shop(products_count: u64) -> Shop {
    let mut store = CatalogStore::new();
    let mut fold = SignalFold::new(None, signal::Options::default()).expect("memory");
    for number in 0..products_count {
        let Change::Event(event) = store.decide_put(product(number)).expect("is taken") else { panic!("new products only") };
        let recorded = Recorded { offset: Offset(number), at: Timestamp(0), events: Events::Catalog(vec![event]) };
        store.apply(&recorded);
        fold.apply(&recorded);
        fold.set_available(Ordinal(number as u32), (number % 8) as i64);
    }
    fold.publish();
    let catalog = store.working().clone();
    let folder = tempfile::tempdir().expect("a folder");
    let manifest = build_generation(folder.path(), &catalog, catalog.progress(), None, &[], Timestamp(0), &|_, _| {}).expect("builds");
    promote(folder.path(), manifest.id).expect("is whole");
    let begun = Instant::now();
    let (_, index) = Indexer::open(folder.path(), &catalog, catalog.progress(), Options::default()).expect("opens");
    println!("{products_count} products; index opened in {} ms", begun.elapsed().as_millis());
    Shop {
        moment: Moment {
            index: index.snapshot(),
            signals: fold.table(),
            catalog: Arc::new(catalog),
            settings: Arc::default(),
            demand: Arc::default(),
        },
        _folder: folder,
    }
}

/// Words that some or many products have.
fn words(kind: &str, number: u64) -> String {
    match kind {
        "everything" => String::new(),
        // Every sixtieth product has it.
        "noun" => word(number % NOUNS),
        "noun and adjective" => format!("{} {}", word(1_000 + number % 3), word(number % NOUNS)),
        "adjective" => word(1_000 + number % 8),
        other => panic!("{other}"),
    }
}

/// A filter with so many of the facets' groups selected.
fn filter(selections: usize, number: u64) -> Option<String> {
    let (first, second) = (COLOURS[(number % 10) as usize], COLOURS[((number + 4) % 10) as usize]);
    let groups = [format!("colour IN [{first}, {second}]"), "price 20..400".to_owned(), "rating >= 3".to_owned()];
    (selections > 0).then(|| groups[..selections].join(" AND "))
}

fn micros(shop: &Shop, request: &Request) -> f64 {
    let begun = Instant::now();
    black_box(search(&shop.moment, request).expect("answers"));
    begun.elapsed().as_nanos() as f64 / 1_000.0
}

fn median(mut taken: Vec<f64>) -> f64 {
    taken.sort_unstable_by(f64::total_cmp);
    taken[taken.len() / 2]
}

/// Runs every request without and with facets in turns and takes of each the fastest third, so that a neighbour's burst does not count.
fn compare(shop: &Shop, name: &str, request: impl Fn(u64) -> Request) {
    let mut wanted = std::env::args().skip(1).filter(|argument| !argument.starts_with("--") && argument.parse::<u64>().is_err()).peekable();
    if wanted.peek().is_some() && !wanted.any(|part| name.contains(&part)) {
        return;
    }
    let facets: Vec<String> = FACETS.map(str::to_owned).to_vec();
    let (mut plain, mut counted, mut total) = (Vec::new(), Vec::new(), 0);
    for number in 0..REQUESTS {
        let without = request(number);
        let with = Request { facets: facets.clone(), ..without.clone() };
        total += search(&shop.moment, &with).expect("answers").total;
        let mut taken: [Vec<f64>; 2] = [Vec::new(), Vec::new()];
        for _ in 0..TURNS {
            taken[0].push(micros(shop, &without));
            taken[1].push(micros(shop, &with));
        }
        let quiet = |taken: &mut Vec<f64>| {
            taken.sort_unstable_by(f64::total_cmp);
            taken[..TURNS / 3].iter().sum::<f64>() / (TURNS / 3) as f64
        };
        plain.push(quiet(&mut taken[0]));
        counted.push(quiet(&mut taken[1]));
    }
    let ratio = counted.iter().sum::<f64>() / plain.iter().sum::<f64>();
    let (plain, counted, matches) = (median(plain), median(counted), total / REQUESTS);
    println!("{name:<44} {matches:>8} {plain:>10.0} {counted:>10.0} {ratio:>7.2}");
}

fn main() {
    let sizes: Vec<u64> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    for products_count in if sizes.is_empty() { vec![50_000, 200_000] } else { sizes } {
        let shop = shop(products_count);
        println!("{:<44} {:>8} {:>10} {:>10} {:>7}", "request", "matches", "none, µs", "eight, µs", "ratio");
        for kind in ["noun", "noun and adjective", "adjective", "everything"] {
            for selections in [0, 1, 3] {
                compare(&shop, &format!("{kind}, {selections} groups selected"), |number| Request {
                    q: words(kind, number),
                    filter: filter(selections, number),
                    limit: 20,
                    mode: Mode::Text,
                    ..Request::default()
                });
            }
        }
        compare(&shop, "everything, available only", |_| Request {
            filter: Some("available = true".to_owned()),
            limit: 20,
            ..Request::default()
        });
    }
}
