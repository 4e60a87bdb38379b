//! What an order costs the engine itself: decide and fold, without journal and network.
//!
//! `cargo bench --bench trade`

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use serde::de::DeserializeOwned;
use serde_json::json;
use shopkeeper::event::trade::pricing::{ListPrice, PriceList, Promotion, Tier};
use shopkeeper::event::trade::{Address, Buyer, Line, StockReason};
use shopkeeper::event::{Entry, Events, Stream, codec};
use shopkeeper::id::{IdempotencyKey, LineId, Offset, Ordinal, Sku};
use shopkeeper::money::{Currency, Money};
use shopkeeper::pricing::{Basket, totals};
use shopkeeper::stdx::clock::Timestamp;
use shopkeeper::trade::{Action, Command, Options, PaymentOutcome, PricingAction, State, StockChange, Terms, decide, fold};
use std::fmt::Debug;
use std::hint::black_box;
use std::str::FromStr;

const SKUS: usize = 1_000;
const ORDERS_BEFORE: usize = 20_000;
/// Orders whose entries are replayed.
const REPLAYED_ORDERS: usize = 10_000;
/// Lines of the largest order that there can be.
const SOURCED_LINES_MAX: usize = 500;
const PRICE_LISTS: usize = 8;
const PROMOTIONS: usize = 50;
/// How often readers get a new snapshot, which makes the writer copy what it touches next: the size of a group commit.
const BATCH: usize = 64;

fn id<T: FromStr<Err: Debug>>(name: impl AsRef<str>) -> T {
    name.as_ref().parse().expect("an id")
}

fn ask(state: &mut State, key: Option<&str>, action: Action, now: Timestamp) {
    let command = Command { key: key.map(|key| (id::<IdempotencyKey>(key), [7; 32])), action };
    let events = decide(state, &command, now).expect("is accepted");
    events.iter().for_each(|event| fold(state, event, now));
}

fn stocked() -> State {
    let mut state = State::new(Options::default());
    for number in 0..SKUS {
        for location in ["east", "north", "west"] {
            let (sku, product, location) = (id(format!("sku-{number}")), Ordinal(number as u32), id(location));
            let (change, reason) = (StockChange::By(1_000_000), StockReason::Received);
            ask(&mut state, None, Action::MoveStock { sku, product, location, change, reason }, Timestamp(0));
        }
    }
    state
}

fn line(place: usize, number: usize) -> Line {
    let sku: Sku = id(format!("sku-{}", (number * 7 + place * 31) % SKUS));
    let unit_price = Money::new(1_999, Currency::EUR);
    Line {
        id: id::<LineId>(place.to_string()),
        sku,
        product: Ordinal(0),
        title: "A fine thing".to_owned(),
        quantity: 1,
        unit_price,
        components: Vec::new(),
    }
}

/// The three commands of an order of two lines; names are as long as those that a server gives.
fn order_commands(number: usize) -> [(Option<String>, Action); 3] {
    let name = format!("01934d3e-7f6b-7c3a-9c1e-{number:012}");
    let buyer = Buyer { email: Some("ada@example.org".to_owned()), ..Buyer::default() };
    let country = "DE".to_owned();
    let address = Address { name: "Ada".to_owned(), street: "Weg 1".to_owned(), city: "Ulm".to_owned(), country, ..Address::default() };
    let lines = vec![line(0, number), line(1, number)];
    let open = Action::OpenCheckout {
        checkout: id(&name),
        cart: None,
        buyer,
        address: Some(address),
        currency: Currency::EUR,
        lines,
        terms: Terms::default(),
    };
    let (provider, token) = ("test".to_owned(), "tok_success".to_owned());
    let complete = Action::CompleteCheckout {
        checkout: id(&name),
        payment: id(&name),
        reservation: id(&name),
        provider,
        token,
        parts: Vec::new(),
        terms: Terms::default(),
    };
    let outcome = PaymentOutcome::Authorized { provider_reference: format!("test/{name}") };
    let resolve = Action::ResolvePayment { payment: id(&name), order: id(&name), outcome };
    [(Some(format!("open-{name}")), open), (Some(format!("complete-{name}")), complete), (None, resolve)]
}

fn place(state: &mut State, number: usize, commands: [(Option<String>, Action); 3]) {
    for (key, action) in commands {
        ask(state, key.as_deref(), action, Timestamp(number as i64));
    }
}

fn orders(criterion: &mut Criterion) {
    let mut state = stocked();
    (0..ORDERS_BEFORE).for_each(|number| place(&mut state, number, order_commands(number)));
    let mut group = criterion.benchmark_group("trade");
    group.throughput(Throughput::Elements(1));
    let mut number = ORDERS_BEFORE;
    let mut published = state.clone();
    group.bench_function("open, complete and place an order", |bencher| {
        bencher.iter_batched(
            || {
                number += 1;
                (number, order_commands(number))
            },
            |(number, commands)| {
                place(&mut state, number, commands);
                if number % BATCH == 0 {
                    published = state.clone();
                }
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
    black_box(&published);
    checkpoints(criterion, &state);
}

fn checkpoints(criterion: &mut Criterion, state: &State) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("trade.bin");
    let mut group = criterion.benchmark_group(format!("trade checkpoint of {} orders", state.orders_count()));
    group.sample_size(10);
    group.bench_function("save", |bencher| bencher.iter(|| state.save(&path, Default::default()).expect("saves")));
    group.bench_function("load", |bencher| bencher.iter(|| State::load(&path, Options::default()).expect("loads")));
    group.bench_function("hash", |bencher| bencher.iter(|| state.hash()));
    group.finish();
}

/// What a start folds again: the entries of orders as the journal keeps them. Its rate is what `pipeline::REPLAY_MS_MAX` reckons with.
fn replays(criterion: &mut Criterion) {
    let mut state = stocked();
    let before = state.clone();
    let mut entries: Vec<Vec<u8>> = Vec::new();
    for number in 0..REPLAYED_ORDERS {
        for (key, action) in order_commands(number) {
            let (now, key) = (Timestamp(number as i64), key.map(|key| (id::<IdempotencyKey>(key), [7; 32])));
            let events = decide(&state, &Command { key, action }, now).expect("is accepted");
            events.iter().for_each(|event| fold(&mut state, event, now));
            entries.push(codec::encode(&Entry { at: now, events }).expect("encodes"));
        }
    }
    let mut group = criterion.benchmark_group(format!("trade replay of {} entries", entries.len()));
    group.sample_size(10).throughput(Throughput::Elements(entries.len() as u64));
    println!("{} bytes an entry", entries.iter().map(Vec::len).sum::<usize>() / entries.len());
    group.bench_function("read and fold", |bencher| {
        bencher.iter_batched(
            || before.clone(),
            |mut state| {
                for (offset, bytes) in entries.iter().enumerate() {
                    let recorded = codec::decode(Stream::Trade, Offset(offset as u64), bytes).expect("decodes");
                    let Events::Trade(events) = &recorded.events else { continue };
                    events.iter().for_each(|event| fold(&mut state, event, recorded.at));
                }
                state
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

/// A shop whose goods lie at so many places, a few units of each at each, so that no place has all of a large order.
fn scattered(locations: usize) -> State {
    let mut state = State::new(Options::default());
    for sku in 0..SOURCED_LINES_MAX {
        for place in 0..locations {
            let (sku, product, location) = (id(format!("sku-{sku}")), Ordinal(sku as u32), id(format!("place-{place:03}")));
            let units = 1 + ((place * 7 + sku_number(&sku) * 3) % 5) as i64;
            let (change, reason) = (StockChange::By(units), StockReason::Received);
            ask(&mut state, None, Action::MoveStock { sku, product, location, change, reason }, Timestamp(0));
        }
    }
    state
}

fn sku_number(sku: &Sku) -> usize {
    sku.as_str().trim_start_matches("sku-").parse().unwrap_or(0)
}

fn bought(lines: usize) -> Vec<Line> {
    (0..lines).map(|place| Line { sku: id(format!("sku-{place}")), quantity: 2, ..line(place, 0) }).collect()
}

/// From where an order is served: exactly when it is small, well when it is large.
fn sourcing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("trade sourcing");
    group.sample_size(10);
    for (locations, lines) in [(3, 200), (200, 3), (200, 8), (200, 500)] {
        let (state, lines) = (scattered(locations), bought(lines));
        let name = format!("{} lines over {locations} locations", lines.len());
        group.bench_function(name, |bencher| {
            bencher.iter(|| state.sourcing_preview(&lines, None, Timestamp(1)).expect("can be served"));
        });
    }
    group.finish();
}

/// A shop with price lists, promotions and taxes, as many as a busy one has.
fn priced() -> State {
    let mut state = State::new(Options::default());
    for number in 0..PRICE_LISTS {
        let list: PriceList = from_json(json!({
            "id": format!("list-{number}"), "title": "A list", "currency": "EUR", "marketplace": null, "group": null,
            "schedule": {}, "priority": number,
        }));
        let prices = (0..SOURCED_LINES_MAX).map(|sku| {
            let tiers = vec![Tier { from_units: 1, unit_minor: 1_900 }, Tier { from_units: 10, unit_minor: 1_700 }];
            ListPrice { sku: id(format!("sku-{sku}")), tiers }
        });
        let set = PricingAction::SetPrices { list: list.id.clone(), prices: prices.collect() };
        ask(&mut state, None, Action::Pricing(PricingAction::PutPriceList(list)), Timestamp(0));
        ask(&mut state, None, Action::Pricing(set), Timestamp(0));
    }
    for number in 0..PROMOTIONS {
        let promotion: Promotion = from_json(json!({
            "id": format!("promotion-{number}"), "title": "Less", "effect": { "percent": { "basis_points": 100 + number } },
            "target": { "skus": [format!("sku-{number}")], "products": [] },
        }));
        ask(&mut state, None, Action::Pricing(PricingAction::PutPromotion(promotion)), Timestamp(0));
    }
    state
}

fn from_json<T: DeserializeOwned>(value: serde_json::Value) -> T {
    serde_json::from_value(value).expect("is what it should be")
}

/// What a basket comes to.
fn pricing(criterion: &mut Criterion) {
    let (state, options) = (priced(), shopkeeper::pricing::Options::default());
    let mut group = criterion.benchmark_group(format!("trade pricing with {PRICE_LISTS} lists and {PROMOTIONS} promotions"));
    for count in [3, 50, SOURCED_LINES_MAX] {
        let lines = bought(count);
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(format!("{count} lines"), |bencher| {
            let basket = Basket::of(&lines, Currency::EUR, Timestamp(1));
            bencher.iter(|| totals(black_box(&basket), state.pricing(), &options).expect("fits"));
        });
    }
    group.finish();
}

criterion_group!(benches, orders, replays, sourcing, pricing);
criterion_main!(benches);
