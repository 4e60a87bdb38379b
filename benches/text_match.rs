//! What finding words costs: 200,000 products of 30 words with frequencies as in real texts, one segment, one thread.
//!
//! `cargo bench --bench text_match`. The queries are built so that about 18,000 products match, and every match is visited.

use criterion::{Criterion, criterion_group, criterion_main};
use shopkeeper::catalog::{CatalogStore, Change, Product};
use shopkeeper::event::{Events, Projection, Recorded};
use shopkeeper::id::Offset;
use shopkeeper::search::index::{Indexer, Options, SearchIndex, TermGroup, TextIndex, TextMatch, TextQuery, build_generation, promote};
use shopkeeper::stdx::clock::Timestamp;
use std::hint::black_box;
use std::sync::Arc;

const PRODUCTS: u64 = 200_000;
const WORDS: f64 = 30_000.0;

/// A spread number, the same in every run (splitmix64).
fn spread(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Word number `rank` stands in about `1 / rank` of the texts (Zipf's law).
fn word(number: u64) -> String {
    let uniform = (spread(number) >> 11) as f64 / (1_u64 << 53) as f64;
    format!("w{}", WORDS.powf(uniform) as u64)
}

fn text(product: u64, words: std::ops::Range<u64>) -> String {
    words.map(|place| word(product * 64 + place)).collect::<Vec<_>>().join(" ")
}

fn product(number: u64) -> Product {
    let json = serde_json::json!({
        "id": format!("p{number}"), "title": text(number, 0..8), "brand": text(number, 8..9), "description": text(number, 9..30),
        "variants": [{"sku": format!("s{number}")}],
    });
    Product::from_document(json.to_string().as_bytes()).expect("a product")
}

struct Shop {
    catalog: CatalogStore,
    indexer: Indexer,
    index: Arc<SearchIndex>,
    _folder: tempfile::TempDir,
}

fn put(catalog: &mut CatalogStore, offset: u64, product: Product) -> Recorded {
    let Ok(Change::Event(event)) = catalog.decide_put(product) else { panic!("is new") };
    let recorded = Recorded { offset: Offset(offset), at: Timestamp(0), events: Events::Catalog(vec![event]) };
    catalog.apply(&recorded);
    recorded
}

fn shop() -> Shop {
    let mut catalog = CatalogStore::new();
    (0..PRODUCTS).for_each(|number| drop(put(&mut catalog, number, product(number))));
    let folder = tempfile::tempdir().expect("a folder");
    let documents = catalog.working().clone();
    let manifest = build_generation(folder.path(), &documents, documents.progress(), None, &[], Timestamp(0), &|_, _| {}).expect("builds");
    promote(folder.path(), manifest.id).expect("is whole");
    let (indexer, index) = Indexer::open(folder.path(), &documents, documents.progress(), Options::default()).expect("opens");
    Shop { catalog, indexer, index, _folder: folder }
}

fn query(words: &[&str], required: usize) -> TextQuery {
    TextQuery { groups: words.iter().map(|word| TermGroup::exactly(*word)).collect(), required }
}

fn run(text: &TextIndex, query: &TextQuery) -> (u64, f32) {
    let (mut count, mut best) = (0, 0.0_f32);
    let visit = &mut |found: TextMatch| {
        count += u64::from(black_box(found.ordinal).0 < u32::MAX);
        best = best.max(found.score);
    };
    text.matches(query, visit).expect("reads");
    (count, best)
}

fn benches(criterion: &mut Criterion) {
    let mut shop = shop();
    let text = shop.index.snapshot().text.clone();
    let long: Vec<String> = (20..52).map(|rank| format!("w{rank}")).collect();
    let long: Vec<&str> = long.iter().map(String::as_str).collect();
    let prefix =
        TextQuery { groups: vec![TermGroup { terms: vec![("w29".to_owned(), 1.0)], prefix: true, ..TermGroup::default() }], required: 1 };
    let queries = [
        ("two frequent words, both", query(&["w3", "w5"], 2)),
        ("three words, all", query(&["w2", "w3", "w5"], 3)),
        ("a rare and a frequent word, both", query(&["w900", "w3"], 2)),
        ("three words, any", query(&["w29", "w41", "w53"], 1)),
        ("32 words, at least 3", query(&long, 3)),
        ("an unfinished word", prefix),
    ];
    for (name, query) in queries {
        let (count, _) = run(&text, &query);
        criterion.bench_function(&format!("{name}: {count} matches"), |bench| bench.iter(|| run(&text, black_box(&query))));
    }
    criterion.bench_function("an identifier", |bench| bench.iter(|| text.identifiers(black_box("S-19 9999")).expect("reads")));
    let vocabulary = shop.index.snapshot().vocabulary.clone();
    criterion.bench_function("the 10 best of 1,111 completions", |bench| bench.iter(|| vocabulary.complete(black_box("w1"), 10)));
    let mut offset = PRODUCTS;
    criterion.bench_function("a product put and committed", |bench| {
        bench.iter(|| {
            let recorded = put(&mut shop.catalog, offset, product(offset));
            offset += 1;
            shop.indexer.apply(&recorded);
            shop.indexer.commit();
        });
    });
}

criterion_group!(all, benches);
criterion_main!(all);
