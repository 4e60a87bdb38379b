//! How long after its answer a change is seen: stock in the live signals, a patched product in search; and how long a durable order takes
//! beside the disk's own sync in the same run.
//!
//! `cargo bench --bench freshness` prints percentiles in milliseconds. It opens a real shop in a temporary folder, so the disk's syncs are in it.

use shopkeeper::app::{CatalogCommand, OpenOptions, Shop};
use shopkeeper::catalog::Product;
use shopkeeper::config::Config;
use shopkeeper::event::trade::{Address, Buyer, Line, StockReason};
use shopkeeper::id::{CheckoutId, LineId, LocationId, Ordinal, PaymentId, ProductId, ReservationId, Sku};
use shopkeeper::money::{Currency, Money};
use shopkeeper::payment::TestProvider;
use shopkeeper::search::{self, Mode, Request};
use shopkeeper::trade::{Action, Command, StockChange};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

const PRODUCTS: u32 = 2_000;
const STOCK_CHANGES: usize = 2_000;
const PATCHES: usize = 100;
const ORDERS: usize = 300;

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = Shop::open(folder.path(), OpenOptions::serving(Config::default())).expect("opens");
    let products = (0..PRODUCTS).map(|number| CatalogCommand::Put(Box::new(product(number)))).collect();
    shop.wait(|reply| shop.catalog(products, reply)).expect("answers").expect("is taken");
    print("stock change, answered to seen by ranking", (0..STOCK_CHANGES).map(|round| stock_change(&shop, round)).collect());
    let syncs = (0..ORDERS).map(|_| sync(folder.path())).collect();
    print("one write and sync of 4 kB to a file of the same disk", syncs);
    print("checkout completed, asked to durable order (two syncs)", (0..ORDERS).map(|round| order(&shop, round)).collect());
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

/// One write at the start of a file and its sync.
fn sync(folder: &Path) -> Duration {
    let file = File::options().create(true).truncate(false).write(true).open(folder.join("sync.probe")).expect("opens");
    let started = Instant::now();
    file.write_all_at(&[7; 4_096], 0).expect("writes");
    file.sync_data().expect("syncs");
    started.elapsed()
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
    ask(Action::MoveStock { sku: sku.clone(), product, location, change: StockChange::By(1), reason: StockReason::Received });
    let unit_price = Money::new(500, Currency::EUR);
    let line = Line { id: LineId::new("1").expect("an id"), sku, product, title: "Lamp".to_owned(), quantity: 1, unit_price };
    let buyer = Buyer { email: Some("a@example.org".to_owned()), ..Buyer::default() };
    let text = |text: &str| text.to_owned();
    let (name_of_buyer, street, city, postal_code, country) = (text("A"), text("B 1"), text("C"), text("10115"), text("DE"));
    let address = Some(Address { name: name_of_buyer, street, city, postal_code, region: String::new(), country });
    let checkout = CheckoutId::new(&name("checkout")).expect("an id");
    ask(Action::OpenCheckout { checkout: checkout.clone(), cart: None, buyer, address, currency: Currency::EUR, lines: vec![line] });
    let payment = PaymentId::new(&name("payment")).expect("an id");
    let reservation = ReservationId::new(&name("reservation")).expect("an id");
    let orders_before = shop.readers().trade().orders_count();
    let started = Instant::now();
    ask(Action::CompleteCheckout { checkout, payment, reservation, provider: TestProvider::NAME.to_owned(), token: text("tok_success") });
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

fn until(mut seen: impl FnMut() -> bool) -> Duration {
    let started = Instant::now();
    while !seen() {
        std::thread::yield_now();
    }
    started.elapsed()
}

fn print(what: &str, mut waits: Vec<Duration>) {
    waits.sort_unstable();
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!("{what}: p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms ({} changes)", at(0.5), at(0.99), at(1.0), waits.len());
}
