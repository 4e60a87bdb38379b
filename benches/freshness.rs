//! How long after its answer a change is seen: stock in the live signals, a purchase in what is also bought, a patched product in search; and how long a durable order takes
//! beside the disk's own sync in the same run. And what 10,000 events of behaviour a second cost the searches beside them: rounds of searches
//! alone and with events, in turn.
//!
//! `cargo bench --bench freshness` prints percentiles in milliseconds. It opens a real shop in a temporary folder, so the disk's syncs are in it.

use shopkeeper::app::{CatalogCommand, OpenOptions, Shop};
use shopkeeper::catalog::Product;
use shopkeeper::config::Config;
use shopkeeper::event::trade::{Address, Buyer, CartPart, Line, StockReason};
use shopkeeper::event::{ActivityEvent, Behaviour, Origin};
use shopkeeper::id::{
    CartId, CheckoutId, LineId, LocationId, Ordinal, PaymentId, ProductId, QueryId, ReservationId, SessionId, ShopperId, Sku,
};
use shopkeeper::money::{Currency, Money};
use shopkeeper::payment::TestProvider;
use shopkeeper::recommend::Relationship;
use shopkeeper::search::{self, Mode, Request};
use shopkeeper::trade::{Action, CartAction, Command, StockChange, Terms};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const PRODUCTS: u32 = 2_000;
const STOCK_CHANGES: usize = 2_000;
const PATCHES: usize = 100;
const PURCHASES: usize = 400;
const ORDERS: usize = 300;
const CART_LINES: usize = 2_000;
const LINES_A_CART: usize = 10;
/// Pairs of rounds, one quiet and one busy, and the searches of each.
const ROUNDS: usize = 15;
const SEARCHES: usize = 2_000;
/// Behaviour: so many events in one call, one call in so long, so 10,000 a second.
const EVENTS: u64 = 100;
const EVENTS_EVERY: Duration = Duration::from_millis(10);

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = Shop::open(folder.path(), OpenOptions::serving(Config::default())).expect("opens");
    let products = (0..PRODUCTS).map(|number| CatalogCommand::Put(Box::new(product(number)))).collect();
    shop.wait(|reply| shop.catalog(products, reply)).expect("answers").expect("is taken");
    print("stock change, answered to seen by ranking", (0..STOCK_CHANGES).map(|round| stock_change(&shop, round)).collect());
    print(
        "purchase, answered to seen in what others are told is also bought",
        (0..PURCHASES).map(|round| purchase(&shop, round)).collect(),
    );
    let syncs = (0..ORDERS).map(|_| sync(folder.path())).collect();
    print("one write and sync of 4 kB to a file of the same disk", syncs);
    add_to_cart(&shop, folder.path());
    print("checkout completed, asked to durable order (two syncs)", (0..ORDERS).map(|round| order(&shop, round)).collect());
    beside_behaviour(&shop);
    print("product patch, answered to found by search", (0..PATCHES).map(|round| patch(&shop, round)).collect());
}

fn product(number: u32) -> Product {
    let document = format!(
        r#"{{"id":"p{number}","title":"Lamp number {number}","variants":[{{"sku":"s{number}","offers":[{{"price":{{"amount_minor":500,"currency":"EUR"}}}}]}}]}}"#
    );
    Product::from_document(document.as_bytes()).expect("a product")
}

fn stock_change(shop: &Shop, round: usize) -> Duration {
    let number = round as u32 / 2 % PRODUCTS;
    let is_available = round.is_multiple_of(2);
    let action = Action::MoveStock {
        sku: Sku::new(&format!("s{number}")).expect("a SKU"),
        product: Ordinal(number),
        location: LocationId::new("east").expect("a location"),
        change: StockChange::To(i64::from(is_available)),
        reason: StockReason::Counted,
    };
    assert!(shop.wait(|reply| shop.trade(Command { key: None, action }, reply)).expect("answers").is_ok());
    until(|| shop.readers().signals.is_available(Ordinal(number)) == is_available)
}

/// Two shoppers buy two products that nobody bought together before; times from the answer to the second one's last purchase to the tie that
/// everybody may see from then on.
fn purchase(shop: &Shop, round: usize) -> Duration {
    let (one, other) = (Ordinal(round as u32 * 2), Ordinal(round as u32 * 2 + 1));
    let buy = |shopper: usize, product: Ordinal| {
        let origin = Origin { shopper: ShopperId::new(&format!("buyer-{round}-{shopper}")).ok(), ..Origin::default() };
        let event = ActivityEvent::Behaved { behaviour: Behaviour::Purchase, product, quantity: 1, origin, happened_at: shop.now() };
        assert_eq!(shop.wait(|reply| shop.activity(vec![event], reply)).expect("answers"), Ok(1));
    };
    let is_told = || {
        let tables = shop.readers().recommend();
        let ties = tables.ties(Relationship::AlsoBought, one, tables.gate(Relationship::AlsoBought));
        ties.iter().any(|tie| tie.product == other)
    };
    [(0, one), (0, other), (1, one)].into_iter().for_each(|(shopper, product)| buy(shopper, product));
    assert!(!is_told(), "one shopper's purchases are nobody's business");
    buy(1, other);
    until(is_told)
}

/// One write at the start of a file and its sync.
fn sync(folder: &Path) -> Duration {
    let file = File::options().create(true).truncate(false).write(true).open(folder.join("sync.probe")).expect("opens");
    let started = Instant::now();
    file.write_all_at(&[7; 4_096], 0).expect("writes");
    file.sync_data().expect("syncs");
    started.elapsed()
}

/// Adds lines to carts, each between two syncs of the disk, so that what else the disk does falls on both alike.
fn add_to_cart(shop: &Shop, folder: &Path) {
    let ask = |action: Action| assert!(shop.wait(|reply| shop.trade(Command { key: None, action }, reply)).expect("answers").is_ok());
    let (mut syncs, mut adds) = (Vec::new(), Vec::new());
    for round in 0..CART_LINES {
        let cart = CartId::new(&format!("cart{}", round / LINES_A_CART)).expect("an id");
        let line = line(round as u32 % PRODUCTS);
        if round.is_multiple_of(LINES_A_CART) {
            ask(Action::OpenCart { cart: cart.clone(), buyer: Buyer::default(), currency: Currency::EUR, lines: Vec::new() });
        }
        syncs.push(sync(folder));
        let started = Instant::now();
        ask(Action::Cart(CartAction::AddLine { cart, part: CartPart::Lines, line }));
        adds.push(started.elapsed());
    }
    print("one write and sync of 4 kB, between lines added to carts", syncs);
    print("a line added to a cart, asked to durable", adds);
}

fn line(number: u32) -> Line {
    Line {
        id: LineId::new("1").expect("an id"),
        sku: Sku::new(&format!("s{number}")).expect("a SKU"),
        product: Ordinal(number),
        title: "Lamp".to_owned(),
        quantity: 1,
        unit_price: Money::new(500, Currency::EUR),
        components: Vec::new(),
    }
}

/// Opens a checkout session over one unit and times its completion.
fn order(shop: &Shop, round: usize) -> Duration {
    let number = 1_500;
    let name = |prefix: &str| format!("{prefix}{round}");
    let ask =
        |action: Action| assert!(shop.wait(|reply| shop.complete_checkout(Command { key: None, action }, reply)).expect("answers").is_ok());
    let sku = Sku::new(&format!("s{number}")).expect("a SKU");
    let product = Ordinal(number);
    let location = LocationId::new("east").expect("a location");
    ask(Action::MoveStock { sku, product, location, change: StockChange::By(1), reason: StockReason::Received });
    let buyer = Buyer { email: Some("a@example.org".to_owned()), ..Buyer::default() };
    let text = |text: &str| text.to_owned();
    let (name_of_buyer, street, city, postal_code, country) = (text("A"), text("B 1"), text("C"), text("10115"), text("DE"));
    let address = Some(Address { name: name_of_buyer, street, city, postal_code, region: String::new(), country });
    let checkout = CheckoutId::new(&name("checkout")).expect("an id");
    ask(Action::OpenCheckout {
        checkout: checkout.clone(),
        cart: None,
        buyer,
        address,
        currency: Currency::EUR,
        lines: vec![line(number)],
        terms: Terms::default(),
    });
    let payment = PaymentId::new(&name("payment")).expect("an id");
    let reservation = ReservationId::new(&name("reservation")).expect("an id");
    let orders_before = shop.readers().trade().orders_count();
    let started = Instant::now();
    ask(Action::CompleteCheckout {
        checkout,
        payment,
        reservation,
        provider: TestProvider::NAME.to_owned(),
        token: text("tok_success"),
        parts: Vec::new(),
        terms: Terms::default(),
    });
    let took = started.elapsed();
    assert_eq!(shop.readers().trade().orders_count(), orders_before + 1);
    took
}

fn patch(shop: &Shop, round: usize) -> Duration {
    let word = format!("novelty{round}");
    let id = ProductId::new(&format!("p{round}")).expect("an id");
    let patch = serde_json::json!({ "title": format!("Lamp {word}") });
    shop.wait(|reply| shop.catalog(vec![CatalogCommand::Patch { id, patch }], reply)).expect("answers").expect("is taken");
    let request = Request { q: word, limit: 1, mode: Mode::Text, ..Request::default() };
    until(|| {
        let moment = shop.readers().moment().expect("is indexed");
        search::search(&moment, &request).is_ok_and(|answer| answer.total == 1)
    })
}

/// Searches alone and beside 10,000 events a second, in turn, so that what else the machine does falls on both alike.
fn beside_behaviour(shop: &Shop) {
    let (mut quiet, mut busy, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let told = AtomicU64::new(0);
    for _ in 0..ROUNDS {
        let alone = searches(shop);
        let is_over = AtomicBool::new(false);
        let beside = std::thread::scope(|scope| {
            scope.spawn(|| behave(shop, &is_over, &told));
            let beside = searches(shop);
            is_over.store(true, Ordering::Relaxed);
            beside
        });
        ratios.push(percentile(&beside, 0.99).as_secs_f64() / percentile(&alone, 0.99).as_secs_f64());
        quiet.extend(alone);
        busy.extend(beside);
    }
    ratios.sort_unstable_by(f64::total_cmp);
    println!(
        "searches beside 10,000 events a second ({} told): p99 {:.2} times that of searches alone, median of {ROUNDS} rounds",
        told.into_inner(),
        ratios[ROUNDS / 2]
    );
    print("  a search alone", quiet);
    print("  a search beside events", busy);
}

fn searches(shop: &Shop) -> Vec<Duration> {
    let search = |number: usize| {
        let request = Request { q: format!("lamp number {}", number % 500), limit: 20, ..Request::default() };
        let started = Instant::now();
        let moment = shop.readers().moment().expect("is indexed");
        assert!(search::search(&moment, &request).expect("answers").total > 0);
        started.elapsed()
    };
    let mut waits: Vec<Duration> = (0..SEARCHES).map(search).collect();
    waits.sort_unstable();
    waits
}

/// Tells visits until it is over: a search, then what was clicked and bought of its answer.
fn behave(shop: &Shop, is_over: &AtomicBool, told: &AtomicU64) {
    let started = Instant::now();
    let mut calls = 0;
    while !is_over.load(Ordering::Relaxed) {
        let first = told.fetch_add(EVENTS, Ordering::Relaxed);
        let events = (first..first + EVENTS).map(|number| event(number, shop)).collect();
        shop.wait(|reply| shop.activity(events, reply)).expect("answers").expect("is taken");
        calls += 1;
        std::thread::sleep((EVENTS_EVERY * calls).saturating_sub(started.elapsed()));
    }
}

fn event(number: u64, shop: &Shop) -> ActivityEvent {
    let (visit, step) = (number / 5, number % 5);
    let session = SessionId::new(&format!("visit{visit}")).ok();
    let query = QueryId::new(&format!("query{visit}")).expect("an id");
    let origin = Origin { session, ..Origin::default() };
    let happened_at = shop.now();
    if step == 0 {
        let text = format!("lamp number {}", visit % 500);
        return ActivityEvent::Searched { query, text, written: None, matches_count: 9, is_unfinished: false, origin, happened_at: None };
    }
    let behaviour = [Behaviour::Impression, Behaviour::Click, Behaviour::AddToCart, Behaviour::Purchase][step as usize - 1];
    let product = Ordinal((visit * 7 % u64::from(PRODUCTS)) as u32);
    ActivityEvent::Behaved {
        behaviour,
        product,
        quantity: 1,
        origin: Origin { query: Some(query), rank: Some(step as u32), ..origin },
        happened_at,
    }
}

fn percentile(sorted: &[Duration], share: f64) -> Duration {
    sorted[((sorted.len() - 1) as f64 * share) as usize]
}

fn until(mut seen: impl FnMut() -> bool) -> Duration {
    let started = Instant::now();
    while !seen() {
        std::thread::yield_now();
    }
    started.elapsed()
}

fn print(what: &str, mut waits: Vec<Duration>) {
    waits.sort_unstable();
    let at = |share: f64| percentile(&waits, share).as_secs_f64() * 1e3;
    println!("{what}: p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms ({} changes)", at(0.5), at(0.99), at(1.0), waits.len());
}
