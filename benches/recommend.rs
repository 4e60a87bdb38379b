//! What the recommendation tables cost: a whole history of 300,000 events and 30,000 orders, one event, one publish, one answer, and memory.
//!
//! `cargo bench --bench recommend -- stream` runs the large case alone: ten million events of 1.25 million shoppers over a million products,
//! one after another on one thread, published every so many as come within 50 ms at the goal of 500,000 a second.

#[path = "clocks/processor.rs"]
mod processor;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use processor::processor_ns;
use shopkeeper::event::activity::HistoryLine;
use shopkeeper::event::{ActivityEvent, Behaviour, Events, Origin, Projection, Recorded};
use shopkeeper::id::{Offset, Ordinal, ShopperId};
use shopkeeper::recommend::{Assortment, Base, Gate, Kind, Options, RecommendFold, Relationship, Request, recommend};
use shopkeeper::signal::{self, SignalFold};
use shopkeeper::stdx::clock::Timestamp;
use std::time::{Duration, Instant};

/// As in the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PRODUCTS: u64 = 50_000;
const GROUPS: u64 = 500;
const SHOPPERS: u64 = 20_000;
const EVENTS: u64 = 300_000;
const ORDERS: u64 = 30_000;

/// A spread number, the same in every run (splitmix64).
fn spread(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// A product of the shopper's taste: groups of 100, the first of a group far more often than the last.
fn liked(shopper: u64, number: u64) -> Ordinal {
    let group = (spread(shopper) + spread(number) % 3) % GROUPS;
    let uniform = (spread(number ^ 0xABCD) % 1_000_000) as f64 / 1_000_000.0;
    Ordinal((group * (PRODUCTS / GROUPS) + (uniform * uniform * 100.0) as u64) as u32)
}

fn shopper(number: u64) -> Origin {
    Origin { shopper: ShopperId::new(&format!("shopper-{number}")).ok(), ..Origin::default() }
}

fn step(number: u64) -> Recorded {
    let who = spread(number / 8) % SHOPPERS;
    let at = Timestamp(1_700_000_000_000 + number.cast_signed() * 20_000);
    let behaviour = [Behaviour::View, Behaviour::View, Behaviour::Click, Behaviour::AddToCart][(number % 4) as usize];
    let event = ActivityEvent::Behaved { behaviour, product: liked(who, number), quantity: 1, origin: shopper(who), happened_at: at };
    Recorded { offset: Offset(number), at, events: Events::Activity(vec![event]) }
}

fn order(number: u64) -> Recorded {
    let who = spread(number) % SHOPPERS;
    let at = Timestamp(1_700_000_000_000 + number.cast_signed() * 200_000);
    let line = |place: u64| HistoryLine { product: liked(who, number * 7 + place), sku: None, quantity: 1, unit_price: None };
    let lines = (0..1 + spread(number + 1) % 5).map(line).collect();
    let event = ActivityEvent::OrderImported { reference: format!("order-{number}"), origin: shopper(who), lines, happened_at: at };
    Recorded { offset: Offset(EVENTS + number), at, events: Events::Activity(vec![event]) }
}

/// Tables over a catalogue that is all in stock.
fn empty() -> RecommendFold {
    let mut signals = SignalFold::new(None, signal::Options::default()).expect("a fold");
    (0..PRODUCTS as u32).for_each(|product| signals.set_available(Ordinal(product), 10));
    RecommendFold::new(Options::default(), signals.table())
}

/// Products without content, of which one in ten may not be shown.
struct NineInTen;

impl Assortment for NineInTen {
    fn is_eligible(&self, product: Ordinal) -> bool {
        !product.0.is_multiple_of(10)
    }
    fn exists(&self, product: Ordinal) -> bool {
        u64::from(product.0) < PRODUCTS
    }
    fn each_passing(&self, visit: &mut dyn FnMut(Ordinal)) {
        (0..PRODUCTS as u32).for_each(|product| visit(Ordinal(product)));
    }
}

fn resident_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    pages.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4_096
}

fn folding(criterion: &mut Criterion, history: &[Recorded]) -> RecommendFold {
    let before = resident_bytes();
    let mut fold = empty();
    history.iter().for_each(|entry| fold.apply(entry));
    fold.publish();
    println!("memory of the tables: {} MB", (resident_bytes() - before) / 1_000_000);
    let mut group = criterion.benchmark_group("recommend");
    group.sample_size(10);
    group.bench_function("fold_300000_events_and_30000_orders", |bencher| {
        bencher.iter_batched(empty, |mut fold| history.iter().for_each(|entry| fold.apply(entry)), BatchSize::PerIteration);
    });
    group.finish();
    fold
}

fn answering(criterion: &mut Criterion, fold: &RecommendFold) {
    let snapshot = fold.reader().take();
    for (kind, name) in [(Kind::BoughtTogether, "bought_together"), (Kind::AlsoViewed, "also_viewed"), (Kind::ForYou, "for_you")] {
        let mut number = 0;
        criterion.bench_function(&format!("recommend/{name}"), |bencher| {
            bencher.iter(|| {
                number += 1;
                let who = spread(number) % SHOPPERS;
                let products = if kind == Kind::ForYou { Vec::new() } else { vec![liked(who, number)] };
                let request = Request { products, shopper: shopper(who).shopper, ..Request::of(kind, 10) };
                recommend(&snapshot, fold.signals(), &request, &NineInTen)
            });
        });
    }
}

fn live(criterion: &mut Criterion, mut fold: RecommendFold) {
    let mut next = EVENTS + ORDERS;
    let mut follow = |fold: &mut RecommendFold| {
        next += 1;
        fold.apply(&Recorded { offset: Offset(next), ..step(next) });
    };
    criterion.bench_function("recommend/fold_one_event", |bencher| bencher.iter(|| follow(&mut fold)));
    let _readers = fold.reader();
    criterion.bench_function("recommend/fold_one_event_and_publish", |bencher| {
        bencher.iter(|| {
            follow(&mut fold);
            fold.publish();
        });
    });
    let path = std::env::temp_dir().join(format!("shopkeeper-bench-{}", std::process::id()));
    let mut group = criterion.benchmark_group("recommend");
    group.sample_size(10);
    group.bench_function("save", |bencher| bencher.iter(|| fold.save(&path).expect("saves")));
    let signals = SignalFold::new(None, signal::Options::default()).expect("a fold").table();
    group.bench_function("load", |bencher| {
        bencher.iter(|| RecommendFold::load(&path, Options::default(), std::sync::Arc::clone(&signals)).expect("loads"));
    });
    group.finish();
    println!("checkpoint: {} MB", std::fs::metadata(&path).map_or(0, |file| file.len() / 1_000_000));
    // The folder is the system's temporary one; a file left behind would be harmless.
    let _ = std::fs::remove_file(&path);
}

fn recommendations(criterion: &mut Criterion) {
    if std::env::args().any(|argument| argument == "stream") {
        return;
    }
    let history: Vec<Recorded> = (0..EVENTS).map(step).chain((0..ORDERS).map(order)).collect();
    let fold = folding(criterion, &history);
    answering(criterion, &fold);
    live(criterion, fold);
}

const STREAM_EVENTS: u64 = 10_000_000;
const STREAM_PRODUCTS: u64 = 1_000_000;
const STREAM_SHOPPERS: u64 = 1_250_000;
/// Products of one cluster; a shopper looks around in three of them.
const CLUSTER: u64 = 200;
/// Events between two publishes, and made at once: making them is not timed.
const PUBLISH_EVERY: u64 = 25_000;

/// A product of one of the shopper's clusters, or one event in five of the whole catalogue; both by Zipf's law of exponent 1, the clusters
/// themselves too.
fn streamed(number: u64) -> Recorded {
    let zipf = |uniform: u64, len: u64| ((len as f64 + 1.0).powf((uniform % 1_000_000) as f64 / 1_000_000.0) as u64 - 1).min(len - 1);
    let who = spread(number) % STREAM_SHOPPERS;
    let luck = spread(number ^ 0x5EED);
    let product = if luck.is_multiple_of(5) {
        // Popular products stand everywhere in the catalogue, as their ordinals do.
        spread(zipf(luck >> 8, STREAM_PRODUCTS)) % STREAM_PRODUCTS
    } else {
        let clusters = STREAM_PRODUCTS / CLUSTER;
        let cluster = spread(zipf(spread(who * 3 + (luck >> 4) % 3), clusters) ^ (who % 7)) % clusters;
        cluster * CLUSTER + zipf(luck >> 16, CLUSTER)
    };
    let at = Timestamp(1_700_000_000_000 + number.cast_signed() * 500);
    let behaviour = match luck >> 40 & 15 {
        0 => Behaviour::Purchase,
        1 | 2 => Behaviour::AddToCart,
        3 | 4 => Behaviour::Click,
        _ => Behaviour::View,
    };
    let product = Ordinal(product as u32);
    let event = ActivityEvent::Behaved { behaviour, product, quantity: 1, origin: shopper(who), happened_at: at };
    Recorded { offset: Offset(number), at, events: Events::Activity(vec![event]) }
}

fn stream() {
    let before = resident_bytes();
    let mut signals = SignalFold::new(None, signal::Options::default()).expect("a fold");
    (0..STREAM_PRODUCTS as u32).for_each(|product| signals.set_available(Ordinal(product), 10));
    let signals_bytes = resident_bytes() - before;
    let mut fold = RecommendFold::new(Options::default(), signals.table());
    let reader = fold.reader();
    let (mut folding, mut on_cpu, mut slowest) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    for start in (0..STREAM_EVENTS).step_by(PUBLISH_EVERY as usize) {
        let batch: Vec<Recorded> = (start..start + PUBLISH_EVERY).map(streamed).collect();
        let (started, started_cpu) = (Instant::now(), processor_ns());
        batch.iter().for_each(|entry| fold.apply(entry));
        let folded = started.elapsed();
        fold.publish();
        folding += started.elapsed();
        on_cpu += Duration::from_nanos(processor_ns() - started_cpu);
        slowest = slowest.max(started.elapsed() - folded);
        // A reader holds the newest snapshot, as readers do.
        std::hint::black_box(reader.take());
    }
    let rate = STREAM_EVENTS as f64 / folding.as_secs_f64();
    println!("stream: {:.0} events a second of this thread's processor time", STREAM_EVENTS as f64 / on_cpu.as_secs_f64());
    let resident = (resident_bytes() - before - signals_bytes) / 1_000_000;
    println!("stream: {rate:.0} events/s on one thread, publishing included; slowest publish {slowest:.1?}; tables and logs {resident} MB");
    println!("{:?}", reader.take());
    let started = Instant::now();
    let checkpoint = fold.checkpoint();
    println!("checkpoint: a pause of {:.0?}", started.elapsed());
    drop(checkpoint);
    let snapshot = reader.take();
    let started = Instant::now();
    let ties: usize = (0..100_000)
        .map(|number| snapshot.ties(Relationship::AlsoViewed, Ordinal((spread(number) % STREAM_PRODUCTS) as u32), Gate::OPEN).len())
        .sum();
    println!("ties of one product: {:.1} µs, {:.1} of them", started.elapsed().as_secs_f64() * 10.0, ties as f64 / 1e5);
    rebuild(&mut fold);
}

/// An exact base of everything, counted on all processors.
fn rebuild(fold: &mut RecommendFold) {
    let (before, started) = (resident_bytes(), Instant::now());
    let logs = fold.begin_rebuild();
    let copied = started.elapsed();
    let base = Base::counted(&logs, &Options::default());
    let counted = started.elapsed();
    let resident = (resident_bytes() - before) / 1_000_000;
    assert!(fold.swap_base(base));
    println!("rebuild: copying the logs {copied:.1?}, with counting {counted:.1?}; logs and base {resident} MB");
}

fn large(_: &mut Criterion) {
    if std::env::args().any(|argument| argument == "stream") {
        stream();
    }
}

criterion_group!(benches, large, recommendations);
criterion_main!(benches);
