//! What a search costs on a generated catalogue of 50,000 products: whole pages with three facets and a filter, and each phase by itself;
//! and what the columns cost in memory, to fill, to save and to load.

use criterion::{Criterion, criterion_group, criterion_main};
use roaring::RoaringBitmap;
use serde_json::json;
use shopkeeper::catalog::{CatalogSnapshot, CatalogStore, Change, Product};
use shopkeeper::event::{Events, Projection, Recorded};
use shopkeeper::id::{Offset, Ordinal, SettingId};
use shopkeeper::learn::embeddings::{self, train};
use shopkeeper::model::embedding::Embeddings;
use shopkeeper::search::facet::{self, Counted};
use shopkeeper::search::filter::{Filter, Scope};
use shopkeeper::search::index::{Indexer, Options, build_generation, embedding_terms, promote};
use shopkeeper::search::intent::Intents;
use shopkeeper::search::leaning::Leaning;
use shopkeeper::search::matching::{Hunt, matched};
use shopkeeper::search::merchandising::{Adjustments, Rule, Settings};
use shopkeeper::search::place::Place;
use shopkeeper::search::ranking::closeness::Wanted;
use shopkeeper::search::ranking::{Looks, Ranking, Scorer, page};
use shopkeeper::search::sort::Order;
use shopkeeper::search::taste::Taste;
use shopkeeper::search::things::Things;
use shopkeeper::search::understand::{Manner, understand_at};
use shopkeeper::search::{Columns, Mode, Moment, Request, search};
use shopkeeper::signal::demand::QueryDemand;
use shopkeeper::signal::{self, SignalFold};
use shopkeeper::stdx::clock::{Deadline, Timestamp};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

const PRODUCTS: u64 = 50_000;
const NOUNS: u64 = 160;
const BRANDS: u64 = 900;
const QUERIES: u64 = 500;
const FILTER: &str = "price 20..400 AND rating >= 3";

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

fn title(number: u64) -> String {
    let noun = spread(number) % NOUNS;
    let adjective = |place: u64| word(1_000 + skewed(number * 3 + place, 400));
    format!("{} {} {} {}", word(10_000 + brand(number)), adjective(0), adjective(1), word(noun))
}

fn brand(number: u64) -> u64 {
    (spread(number) % NOUNS * 7 + skewed(number ^ 0x55, BRANDS)) % BRANDS
}

fn product(number: u64) -> Product {
    let noun = spread(number) % NOUNS;
    let (department, shelf) = (noun % 15, noun % 60);
    let colours = ["red", "blue", "green", "black", "white", "grey", "brown", "yellow", "pink", "orange"];
    let price = 500 + skewed(number ^ 0x77, 120_000);
    let variants: Vec<_> = (0..1 + skewed(number ^ 0x33, 5))
        .map(|variant| {
            json!({"sku": format!("SKU-{number}-{variant}"),
                "attributes": {"colour": colours[((number + variant * 3) % 10) as usize], "size": 36 + (number + variant) % 12},
                "offers": [{"price": {"amount_minor": price + variant * 100, "currency": "EUR"}}]})
        })
        .collect();
    let description: String = (0..40).map(|place| word(2_000 + skewed(number * 64 + place, 5_000)) + " ").collect();
    let value = json!({"id": format!("p{number}"), "title": title(number), "brand": word(10_000 + brand(number)), "description": description,
        "categories": [[format!("Department {department}"), format!("Shelf {shelf}"), format!("Group {noun}")]],
        "rating": {"average": 2.0 + (spread(number) % 30) as f64 / 10.0, "count": 12},
        "attributes": {"material": word(30_000 + number % 25), "weight_g": 100 + spread(number) % 9_000, "warranty": number.is_multiple_of(2),
            "season": (["summer", "winter"][(number % 2) as usize]), "style": word(31_000 + number % 40), "origin": word(32_000 + number % 60),
            "width_mm": spread(number) % 900, "series": word(33_000 + number % 3_000)},
        "variants": variants});
    serde_json::from_value(value).expect("a product")
}

struct Shop {
    moment: Moment,
    _folder: tempfile::TempDir,
}

fn shop() -> Shop {
    let mut store = CatalogStore::new();
    let mut fold = SignalFold::new(None, signal::Options::default()).expect("memory");
    for number in 0..PRODUCTS {
        let Change::Event(event) = store.decide_put(product(number)).expect("is taken") else { panic!("new products only") };
        let recorded = Recorded { offset: Offset(number), at: Timestamp(0), events: Events::Catalog(vec![event]) };
        store.apply(&recorded);
        fold.apply(&recorded);
        fold.set_available(Ordinal(number as u32), (number % 8) as i64);
    }
    fold.publish();
    let catalog = store.working().clone();
    let embeddings = Arc::new(trained(&catalog));
    let folder = tempfile::tempdir().expect("a folder");
    let begun = Instant::now();
    let manifest =
        build_generation(folder.path(), &catalog, catalog.progress(), Some(&embeddings), &[], Timestamp(0), &|_, _| {}).expect("builds");
    promote(folder.path(), manifest.id).expect("is whole");
    println!("generation built in {} ms", begun.elapsed().as_millis());
    let begun = Instant::now();
    let options = Options { embeddings: Some(embeddings), ..Options::default() };
    let (_, index) = Indexer::open(folder.path(), &catalog, catalog.progress(), options).expect("opens");
    println!("index opened in {} ms", begun.elapsed().as_millis());
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

fn trained(catalog: &CatalogSnapshot) -> Embeddings {
    let begun = Instant::now();
    let documents = catalog.live().step_by(5).filter_map(|ordinal| catalog.product(ordinal)).map(|product| embedding_terms(&product));
    let trained = train(documents, &embeddings::Options::default(), &|_, _| {}).expect("trains");
    println!("embeddings trained in {} ms", begun.elapsed().as_millis());
    trained
}

/// One to three words of some product's title.
fn query(number: u64) -> String {
    let title = title(spread(number ^ 0xFEED) % PRODUCTS);
    let words: Vec<&str> = title.split(' ').rev().take(1 + (number % 3) as usize).collect();
    words.join(" ")
}

fn request(number: u64, mode: Mode) -> Request {
    let facets = ["brand", "category", "price"].map(str::to_owned).to_vec();
    Request { q: query(number), filter: Some(FILTER.to_owned()), facets, limit: 10, mode, ..Request::default() }
}

fn rule(document: serde_json::Value) -> Rule {
    Rule::of(serde_json::from_value(document).expect("a document")).expect("a rule")
}

fn waiting() -> Settings {
    let mut settings = Settings::default();
    for number in 0..10_000 {
        let phrase = format!("{} {}", word(50_000 + number), word(60_000 + number));
        let document = json!({"when": {"query": {"contains": [phrase]}}, "then": {"redirect": "/sale"}});
        settings.put_rule(&SettingId::new(&format!("r{number}")).expect("an id"), rule(document));
    }
    settings
}

fn in_force() -> Settings {
    let mut settings = Settings::default();
    let then = json!({"pin": ["p7"], "boost": [{"filter": FILTER, "factor": 2}], "hide": [{"filter": "price > 1000"}]});
    settings.put_rule(&SettingId::new("r").expect("an id"), rule(json!({"then": then})));
    settings
}

/// Prints percentiles over many different requests; criterion gives means.
fn percentiles(moment: &Moment, name: &str, request: impl Fn(u64) -> Request) {
    let requests: Vec<Request> = (0..QUERIES).map(request).collect();
    let run = |request: &Request| search(moment, request).expect("answers");
    let totals: u64 = requests.iter().map(|request| run(request).total).sum();
    let mut taken: Vec<u128> = Vec::new();
    for request in requests.iter().cycle().take(4 * requests.len()) {
        let begun = Instant::now();
        black_box(run(request));
        taken.push(begun.elapsed().as_nanos() / 1_000);
    }
    taken.sort_unstable();
    let at = |share: usize| taken[taken.len() * share / 1_000];
    println!("{name}: p50 {} µs, p90 {} µs, p99 {} µs; {} matches on average", at(500), at(900), at(990), totals / QUERIES);
}

fn whole(criterion: &mut Criterion, shop: &Shop) {
    for (name, mode) in [("hybrid", Mode::Hybrid), ("text", Mode::Text), ("vector", Mode::Vector)] {
        percentiles(&shop.moment, &format!("{name}, 3 facets, filter, 10 hits"), |number| request(number, mode));
    }
    percentiles(&shop.moment, "everything, 3 facets, filter, 10 hits", |number| Request {
        q: String::new(),
        ..request(number, Mode::Hybrid)
    });
    percentiles(&shop.moment, "everything, 3 facets, available only", |number| Request {
        q: String::new(),
        filter: Some("available = true".to_owned()),
        ..request(number, Mode::Hybrid)
    });
    percentiles(&shop.moment, "hybrid, nothing else", |number| Request {
        filter: None,
        facets: Vec::new(),
        ..request(number, Mode::Hybrid)
    });
    for (name, settings) in [("10,000 rules that wait for other queries", waiting()), ("a boost, a hide and a pin", in_force())] {
        let moment = Moment { settings: Arc::new(settings), ..shop.moment.clone() };
        percentiles(&moment, &format!("hybrid, 3 facets, filter, 10 hits, {name}"), |number| request(number, Mode::Hybrid));
    }
    let mut number = 0;
    criterion.bench_function("search/hybrid", |bencher| {
        bencher.iter(|| {
            number = (number + 1) % QUERIES;
            search(&shop.moment, &request(number, Mode::Hybrid)).expect("answers")
        });
    });
}

fn phases(criterion: &mut Criterion, shop: &Shop) {
    let columns = &shop.moment.index.columns;
    let scope = Scope { columns, live: &*shop.moment.signals, market: columns.market(None) };
    let filter = Filter::parse(FILTER, columns, scope.market).expect("a filter");
    let order = Order::of(&[], scope).expect("an order");
    let query = understand_at(&shop.moment, None, &query(4), Manner::default());
    let deadline = Deadline::default();
    let language = shop.moment.index.languages.of(None);
    let hunt = |mode: Mode| Hunt { mode, market: scope.market, deadline: &deadline, language };
    let found = matched(&query, hunt(Mode::Hybrid), &shop.moment.index, &shop.moment.catalog).expect("matches");
    let within = filter.products(scope, &found.products);
    println!("phases: {} words, {} matches, {} pass", query.words.len(), found.products.len(), within.len());
    criterion
        .bench_function("search/understand", |bencher| bencher.iter(|| understand_at(&shop.moment, None, &query.typed, Manner::default())));
    for mode in [Mode::Text, Mode::Hybrid] {
        criterion.bench_function(&format!("search/match_{mode:?}").to_lowercase(), |bencher| {
            bencher.iter(|| matched(&query, hunt(mode), &shop.moment.index, &shop.moment.catalog).expect("matches"));
        });
    }
    criterion.bench_function("search/filter", |bencher| bencher.iter(|| filter.products(scope, &found.products)));
    criterion.bench_function("search/filter_all_products", |bencher| bencher.iter(|| filter.products(scope, columns.live())));
    let wanted = Wanted::of(&query, &found.worth);
    let Moment { index, signals, .. } = &shop.moment;
    let (intents, adjustments) = (Intents::default(), Adjustments::default());
    let (titles, weights) = (&index.titles, &index.weights);
    let leaning = Leaning { demand: QueryDemand::default(), taste: Taste::default(), scope };
    let things = Things::default();
    let looks = Looks::default();
    let scorer = Scorer {
        scope,
        signals,
        titles,
        wanted: &wanted,
        intents: &intents,
        things: &things,
        leaning,
        weights,
        adjustments: &adjustments,
        looks: None,
    };
    let ranking = Ranking { matched: &found, within: &within, filter: &filter, order: &order, scope, scorer: &scorer, leaders: None };
    criterion.bench_function("search/rank", |bencher| bencher.iter(|| page(ranking, &Place::default(), 10)));
    let again = Scorer { looks: Some(&looks), ..scorer.clone() };
    let ranking_again = Ranking { scorer: &again, ..ranking };
    criterion.bench_function("search/rank_again", |bencher| bencher.iter(|| page(ranking_again, &Place::default(), 10)));
    let many: RoaringBitmap = (0..PRODUCTS as u32).filter(|number| spread(u64::from(*number)) % 100 < 36).collect();
    for (name, matches) in [("of_page", &within), ("of_18000", &many)] {
        for facets in [&["brand"][..], &["category"], &["price"], &["colour"], &["weight_g"], &["brand", "category", "price"]] {
            let names: Vec<String> = facets.iter().map(|name| (*name).to_owned()).collect();
            let counted = Counted { scope, candidates: matches, matches, filter: &Filter::default() };
            criterion
                .bench_function(&format!("facets/{name}/{}", names.join("+")), |bencher| bencher.iter(|| facet::count(&names, counted)));
        }
    }
}

fn resident_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    pages.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4_096
}

fn columns(criterion: &mut Criterion) {
    let products: Vec<Product> = (0..PRODUCTS).map(product).collect();
    let (before, begun) = (resident_bytes(), Instant::now());
    let mut columns = Columns::new();
    for (ordinal, product) in products.iter().enumerate() {
        columns.put(Ordinal(ordinal as u32), product);
    }
    println!("columns: {} MB, filled in {} ms", (resident_bytes() - before) / 1_000_000, begun.elapsed().as_millis());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("columns.bin");
    columns.save(&path).expect("saves");
    println!("columns file: {} MB", std::fs::metadata(&path).map_or(0, |file| file.len() / 1_000_000));
    let mut group = criterion.benchmark_group("columns");
    group.sample_size(10);
    group.bench_function("load_50000", |bencher| bencher.iter(|| Columns::load(&path).expect("loads")));
    group.bench_function("put_one_and_publish", |bencher| {
        let mut next = 0;
        bencher.iter(|| {
            let snapshot = columns.clone();
            next = (next + 1) % products.len();
            columns.put(Ordinal(next as u32), &products[next]);
            snapshot
        });
    });
    group.finish();
}

fn searching(criterion: &mut Criterion) {
    columns(criterion);
    let shop = shop();
    whole(criterion, &shop);
    phases(criterion, &shop);
}

criterion_group!(benches, searching);
criterion_main!(benches);
