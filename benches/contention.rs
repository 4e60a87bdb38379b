//! Whether readers wait: `cargo bench --bench contention`. One thread searches, recommends and reads signals, alone, beside a second reader, and beside a
//! writer that folds behaviour, puts products and publishes after each, without pause.
//!
//! Told for each: reads a second of the reader's own processor time, against those alone, and how often the reader gave its processor up of its
//! own accord (`voluntary_ctxt_switches`). Whoever waits for a lock that another thread holds does the latter: without a lock it is never.

#[path = "clocks/processor.rs"]
mod processor;

use processor::processor_ns;
use serde_json::json;
use shopkeeper::catalog::{CatalogStore, Change, Product};
use shopkeeper::event::{ActivityEvent, Behaviour, Events, Origin, Projection, Recorded};
use shopkeeper::id::{Offset, Ordinal, ShopperId};
use shopkeeper::recommend::{Gate, RecommendFold, Relationship};
use shopkeeper::search::index::{Indexer, Options, SearchIndex, build_generation, promote};
use shopkeeper::search::{Moment, Request, search};
use shopkeeper::signal::{self, SignalFold};
use shopkeeper::stdx::clock::Timestamp;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// As in the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PRODUCTS: u64 = 20_000;
const SHOPPERS: u64 = 2_000;
const TIMED: Duration = Duration::from_secs(4);

/// A spread number, the same in every run (splitmix64).
fn spread(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

fn product(number: u64) -> Product {
    let word = |at: u64| format!("w{}", spread(number * 8 + at) % 500);
    let title = [word(0), word(1), word(2)].join(" ");
    let json = json!({"id": format!("p{number}"), "title": title, "variants": [{"sku": format!("s{number}")}]});
    Product::from_document(json.to_string().as_bytes()).expect("a product")
}

/// What readers read.
struct Shop {
    index: Arc<SearchIndex>,
    moment: Moment,
    recommend: RecommendFold,
}

/// What only the writer touches.
struct Writer {
    store: CatalogStore,
    indexer: Indexer,
    signals: SignalFold,
    offset: u64,
}

fn shop(folder: &std::path::Path) -> (Shop, Writer) {
    let mut store = CatalogStore::new();
    let mut signals = SignalFold::new(None, signal::Options::default()).expect("memory");
    for number in 0..PRODUCTS {
        let Ok(Change::Event(event)) = store.decide_put(product(number)) else { panic!("is new") };
        let recorded = Recorded { offset: Offset(number), at: Timestamp(0), events: Events::Catalog(vec![event]) };
        store.apply(&recorded);
        signals.apply(&recorded);
        signals.set_available(Ordinal(number as u32), 5);
    }
    let catalog = store.working().clone();
    let manifest = build_generation(folder, &catalog, catalog.progress(), None, &[], Timestamp(0), &|_, _| {}).expect("builds");
    promote(folder, manifest.id).expect("is whole");
    let (indexer, index) = Indexer::open(folder, &catalog, catalog.progress(), Options::default()).expect("opens");
    let recommend = RecommendFold::new(shopkeeper::recommend::Options::default(), signals.table());
    let (settings, demand) = Default::default();
    let moment = Moment { index: index.snapshot(), signals: signals.table(), catalog: Arc::new(catalog), settings, demand };
    (Shop { index, moment, recommend }, Writer { store, indexer, signals, offset: PRODUCTS })
}

fn looked(number: u64) -> Recorded {
    let origin = Origin { shopper: ShopperId::new(&format!("shopper-{}", spread(number) % SHOPPERS)).ok(), ..Origin::default() };
    let product = Ordinal((spread(number ^ 0x5EED) % PRODUCTS) as u32);
    let at = Timestamp(number.cast_signed() * 10);
    let event = ActivityEvent::Behaved { behaviour: Behaviour::View, product, quantity: 1, origin, happened_at: at };
    Recorded { offset: Offset(number), at, events: Events::Activity(vec![event]) }
}

/// One of everything that readers do.
fn read(
    number: u64,
    moment: &Moment,
    index: &SearchIndex,
    tables: &shopkeeper::stdx::published::Published<shopkeeper::recommend::RecommendSnapshot>,
) {
    let q = format!("w{} w{}", spread(number) % 500, spread(number ^ 7) % 500);
    let moment = Moment { index: index.snapshot(), ..moment.clone() };
    black_box(search(&moment, &Request { q, limit: 10, ..Request::default() }).expect("answers"));
    let ordinal = Ordinal((spread(number) % PRODUCTS) as u32);
    black_box(tables.take().ties(Relationship::AlsoViewed, ordinal, Gate::OPEN));
    black_box(moment.signals.prior(ordinal));
}

/// Reads a second of processor time, and times that the thread gave its processor up.
fn reading(until: &AtomicBool, mut one: impl FnMut(u64)) -> (f64, u64) {
    let (begun, switches, mut number) = (processor_ns(), given_up(), 0);
    while !until.load(Ordering::Relaxed) {
        one(number);
        number += 1;
    }
    (number as f64 * 1e9 / (processor_ns() - begun) as f64, given_up() - switches)
}

fn given_up() -> u64 {
    let status = std::fs::read_to_string("/proc/thread-self/status").expect("Linux tells");
    let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")).expect("is told");
    line.trim().parse().expect("a number")
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let (shop, mut writer) = shop(folder.path());
    let Shop { index, moment, mut recommend } = shop;
    let tables = recommend.reader();
    (0..200_000).for_each(|number| recommend.apply(&looked(number)));
    recommend.publish();
    let mut alone = None;
    for company in ["alone", "beside a reader", "beside the writer"] {
        let stop = AtomicBool::new(false);
        let mut written = 0_u64;
        let (rate, given_up) = std::thread::scope(|scope| {
            let reader = scope.spawn(|| reading(&stop, |number| read(number, &moment, &index, &tables)));
            let second = (company == "beside a reader")
                .then(|| scope.spawn(|| reading(&stop, |number| read(number ^ 0xFFFF, &moment, &index, &tables))));
            let until = Instant::now() + TIMED;
            while company == "beside the writer" && Instant::now() < until {
                write(&mut writer, &mut recommend, written);
                written += 1;
            }
            std::thread::sleep(until.saturating_duration_since(Instant::now()));
            stop.store(true, Ordering::Relaxed);
            second.map(|second| second.join().expect("reads"));
            reader.join().expect("reads")
        });
        let share = rate / *alone.get_or_insert(rate);
        println!(
            "{company:18} {rate:9.0} reads a second of processor time ({share:.2} × alone), gave its processor up {given_up} times; {written} writes"
        );
    }
}

/// One product put, and twenty looks, each published.
fn write(writer: &mut Writer, recommend: &mut RecommendFold, number: u64) {
    let changed = product(number % PRODUCTS);
    if let Ok(Change::Event(event)) = writer.store.decide_put(Product { brand: Some(format!("brand {number}")), ..changed }) {
        let recorded = Recorded { offset: Offset(writer.offset), at: Timestamp(0), events: Events::Catalog(vec![event]) };
        writer.offset += 1;
        writer.store.apply(&recorded);
        writer.indexer.apply(&recorded);
        writer.indexer.commit();
    }
    for look in 0..20 {
        let recorded = looked(200_000 + number * 20 + look);
        writer.signals.apply(&recorded);
        recommend.apply(&recorded);
        recommend.publish();
    }
    writer.signals.publish();
}
