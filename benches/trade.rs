//! What an order costs the engine itself: decide and fold, without journal and network.
//!
//! `cargo bench --bench trade`

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use shopkeeper::event::trade::{Address, Buyer, Line, StockReason};
use shopkeeper::id::{IdempotencyKey, LineId, Ordinal, Sku};
use shopkeeper::money::{Currency, Money};
use shopkeeper::stdx::clock::Timestamp;
use shopkeeper::trade::{Action, Command, Options, PaymentOutcome, State, StockChange, Terms, decide, fold};
use std::fmt::Debug;
use std::hint::black_box;
use std::str::FromStr;

const SKUS: usize = 1_000;
const ORDERS_BEFORE: usize = 20_000;
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

criterion_group!(benches, orders);
criterion_main!(benches);
