//! One search, one recommendation and one order, for counting instructions: the count is the same whatever else the machine does, so it can be
//! kept as a ratchet.
//!
//! `benches/counted.sh` runs this under callgrind and compares with `benches/counted.txt`; `benches/counted.sh --refresh` writes that file anew.
//! Run by itself (`cargo bench --bench counted -- search`) it only shows that the work is done.

use shopkeeper::app::{CatalogCommand, IndexCommand, OpenOptions, Shop};
use shopkeeper::catalog::Product;
use shopkeeper::config::Config;
use shopkeeper::event::trade::{Address, Buyer, Line, StockReason};
use shopkeeper::event::{ActivityEvent, Behaviour, Origin};
use shopkeeper::id::{LineId, Ordinal, SessionId, ShopperId};
use shopkeeper::money::{Currency, Money};
use shopkeeper::search::{self, Mode, Request};
use shopkeeper::stdx::clock::Timestamp;
use shopkeeper::trade::{Action, Command, Options, PaymentOutcome, State, StockChange, Terms, decide, fold};
use std::fmt::Debug;
use std::hint::black_box;
use std::path::Path;
use std::str::FromStr;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Products, and how often the work is done: what happens once for a process should not show.
const PRODUCTS: u32 = 3_000;
const TIMES: usize = 200;
const COLOURS: [&str; 6] = ["red", "blue", "green", "black", "white", "grey"];
const KINDS: [&str; 5] = ["lamp", "desk", "chair", "shelf", "table"];

fn main() {
    let wanted = std::env::args().skip(1).find(|word| !word.starts_with('-')).unwrap_or_default();
    let folder = tempfile::tempdir().expect("a folder");
    match wanted.as_str() {
        "search" => searched(folder.path()),
        "recommend" => recommended(folder.path()),
        "order" => ordered(),
        _ => {
            searched(folder.path());
            recommended(&folder.path().join("other"));
            ordered();
        }
    }
}

/// What callgrind counts: it starts and stops at calls of this function.
#[inline(never)]
fn measured(mut work: impl FnMut(usize)) {
    (0..TIMES).for_each(&mut work);
}

fn id<T: FromStr<Err: Debug>>(name: impl AsRef<str>) -> T {
    name.as_ref().parse().expect("an id")
}

fn product(number: u32) -> Product {
    let (colour, kind) = (COLOURS[number as usize % 6], KINDS[number as usize / 6 % 5]);
    let document = format!(
        r#"{{"id":"p{number}","title":"{colour} {kind} number {number}","brand":"brand{}","categories":[["Home","{kind}"]],
           "variants":[{{"sku":"s{number}","attributes":{{"colour":"{colour}"}},"offers":[{{"price":{{"amount_minor":{},"currency":"EUR"}}}}]}}]}}"#,
        number % 40,
        500 + number * 7 % 20_000,
    );
    Product::from_document(document.as_bytes()).expect("a product")
}

fn filled(folder: &Path) -> Shop {
    std::fs::create_dir_all(folder).expect("a folder");
    let shop = Shop::open(folder, OpenOptions::serving(Config::default())).expect("opens");
    let products = (0..PRODUCTS).map(|number| CatalogCommand::Put(Box::new(product(number)))).collect();
    shop.wait(|reply| shop.catalog(products, reply)).expect("answers").expect("is taken");
    let built = shop.wait(|reply| shop.index(IndexCommand::Build, reply)).expect("answers").expect("is built");
    shop.wait(|reply| shop.index(IndexCommand::Promote(built.id), reply)).expect("answers").expect("is promoted");
    shop
}

/// A page of ten with three facets and a filter.
fn searched(folder: &Path) {
    let shop = filled(folder);
    let moment = shop.readers().moment().expect("is indexed");
    let facets = ["brand", "category", "price"].map(str::to_owned).to_vec();
    measured(|number| {
        let q = format!("{} {}", COLOURS[number % 6], KINDS[number % 5]);
        let filter = Some("price < 150".to_owned());
        let request = Request { q, facets: facets.clone(), filter, limit: 10, mode: Mode::Text, ..Request::default() };
        assert!(black_box(search::search(&moment, &request)).expect("answers").total > 0);
    });
    shop.stop();
}

/// What is also bought, for one product, after visits that bought pairs.
fn recommended(folder: &Path) {
    let shop = filled(folder);
    let events = (0..6_000_u32).map(|number| {
        let (shopper, product) = (number / 3, (number / 3 % 500 + number % 3 * 11) % PRODUCTS);
        let origin = Origin {
            shopper: Some(id::<ShopperId>(format!("shopper{shopper}"))),
            session: Some(id::<SessionId>(format!("visit{shopper}"))),
            ..Origin::default()
        };
        ActivityEvent::Behaved { behaviour: Behaviour::Purchase, product: Ordinal(product), quantity: 1, origin, happened_at: shop.now() }
    });
    let events: Vec<ActivityEvent> = events.collect();
    for part in events.chunks(500) {
        shop.wait(|reply| shop.activity(part.to_vec(), reply)).expect("answers").expect("is taken");
    }
    let tables = shop.readers().recommend();
    let relation = shopkeeper::recommend::Relationship::AlsoBought;
    measured(|number| {
        let ties = tables.ties(relation, Ordinal(number as u32 % 500), tables.gate(relation));
        black_box(ties.len());
    });
    shop.stop();
}

/// Decided and folded: a session opened, completed and paid.
fn ordered() {
    let mut state = State::new(Options::default());
    let ask = |state: &mut State, action: Action, now: i64| {
        let events = decide(state, &Command { key: None, action }, Timestamp(now)).expect("is accepted");
        events.iter().for_each(|event| fold(state, event, Timestamp(now)));
    };
    for sku in 0..100 {
        let (change, reason) = (StockChange::By(1_000_000), StockReason::Received);
        ask(&mut state, Action::MoveStock { sku: id(format!("s{sku}")), product: Ordinal(sku), location: id("east"), change, reason }, 0);
    }
    measured(|number| {
        let name = format!("01934d3e-7f6b-7c3a-9c1e-{number:012}");
        let line = Line {
            id: id::<LineId>("1"),
            sku: id(format!("s{}", number % 100)),
            product: Ordinal(number as u32 % 100),
            title: "A fine thing".to_owned(),
            quantity: 1,
            unit_price: Money::new(1_999, Currency::EUR),
            components: Vec::new(),
        };
        let buyer = Buyer { email: Some("ada@example.org".to_owned()), ..Buyer::default() };
        let (person, street, city, country) = ("Ada".to_owned(), "Weg 1".to_owned(), "Ulm".to_owned(), "DE".to_owned());
        let address = Some(Address { name: person, street, city, country, ..Address::default() });
        let (checkout, currency, lines, now) = (id(&name), Currency::EUR, vec![line], number as i64);
        ask(&mut state, Action::OpenCheckout { checkout, cart: None, buyer, address, currency, lines, terms: Terms::default() }, now);
        let (provider, token, parts, terms) = ("test".to_owned(), "tok_success".to_owned(), Vec::new(), Terms::default());
        let (checkout, payment, reservation) = (id(&name), id(&name), id(&name));
        ask(&mut state, Action::CompleteCheckout { checkout, payment, reservation, provider, token, parts, terms }, now);
        let outcome = PaymentOutcome::Authorized { provider_reference: format!("test/{name}") };
        ask(&mut state, Action::ResolvePayment { payment: id(&name), order: id(&name), outcome }, now);
    });
    assert_eq!(state.orders_count(), TIMES);
}
