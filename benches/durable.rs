//! Durable reservations of one SKU through the pipeline's writer and the real journal, and what a million orders cost: recovery from the checkpoint, and memory.
//!
//! `cargo bench --bench durable` prints both; `cargo bench --bench durable -- reserve` or `-- million [ORDERS]` one of them. The disk is that of the folder for
//! temporary files. The built-in provider authorises meanwhile, so the orders that the reservations become are placed by the same writer in the same time. PostgreSQL doing the same reservation on the same disk: `loadtest/peers/postgresql-reserve.sh`.

use shopkeeper::app::{OpenOptions, Shop};
use shopkeeper::config::Config;
use shopkeeper::event::trade::{Address, Buyer, Line, StockReason};
use shopkeeper::id::{IdempotencyKey, LineId, Ordinal};
use shopkeeper::money::{Currency, Money};
use shopkeeper::payment::PaymentOutcome;
use shopkeeper::stdx::clock::Timestamp;
use shopkeeper::trade::{Action, Command, Options, State, StockChange, Terms, decide, fold};
use std::fmt::Debug;
use std::path::Path;
use std::str::FromStr;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SKU: &str = "hot-1";
const RESERVATIONS: usize = 60_000;
/// Commands that wait for their answers, as many shoppers at once would; rounds with fewer show what one sync costs.
const IN_FLIGHT: [usize; 4] = [1, 64, 512, 4_096];
const ORDERS: usize = 1_000_000;
const SKUS: usize = 1_000;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["load", path] => load(Path::new(path)),
        ["reserve"] => reserve(),
        ["million"] => million(ORDERS),
        ["million", orders] => million(orders.parse().expect("a number of orders")),
        _ => {
            reserve();
            million(ORDERS);
        }
    }
}

fn id<T: FromStr<Err: Debug>>(name: impl AsRef<str>) -> T {
    name.as_ref().parse().expect("an id")
}

fn line(sku: &str, place: usize) -> Line {
    let unit_price = Money::new(1_999, Currency::EUR);
    let (title, components) = ("A fine thing".to_owned(), Vec::new());
    Line { id: id::<LineId>(place.to_string()), sku: id(sku), product: Ordinal(0), title, quantity: 1, unit_price, components }
}

fn received(sku: &str) -> Action {
    let (change, reason) = (StockChange::By(1_000_000_000), StockReason::Received);
    Action::MoveStock { sku: id(sku), product: Ordinal(0), location: id("east"), change, reason }
}

/// Names are as long as those that a server gives.
fn name(number: usize) -> String {
    format!("01934d3e-7f6b-7c3a-9c1e-{number:012}")
}

fn opened(number: usize, lines: Vec<Line>) -> Action {
    let buyer = Buyer { email: Some("ada@example.org".to_owned()), ..Buyer::default() };
    let country = "DE".to_owned();
    let address = Address { name: "Ada".to_owned(), street: "Weg 1".to_owned(), city: "Ulm".to_owned(), country, ..Address::default() };
    Action::OpenCheckout {
        checkout: id(name(number)),
        cart: None,
        buyer,
        address: Some(address),
        currency: Currency::EUR,
        lines,
        terms: Terms::default(),
    }
}

fn completed(number: usize) -> Action {
    let (name, provider, token, parts) = (name(number), "test".to_owned(), "tok_success".to_owned(), Vec::new());
    Action::CompleteCheckout {
        checkout: id(&name),
        payment: id(&name),
        reservation: id(&name),
        provider,
        token,
        parts,
        terms: Terms::default(),
    }
}

fn command(key: &str, number: usize, action: Action) -> Command {
    Command { key: Some((id::<IdempotencyKey>(format!("{key}-{}", name(number))), [7; 32])), action }
}

fn reserve() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = Shop::open(folder.path(), OpenOptions::offline(Config::default())).expect("opens");
    assert!(shop.wait(|reply| shop.trade(Command { key: None, action: received(SKU) }, reply)).expect("answers").is_ok());
    let mut number = 0;
    for in_flight in IN_FLIGHT {
        let count = if in_flight == 1 { RESERVATIONS / 200 } else { RESERVATIONS / (IN_FLIGHT[3] / in_flight).min(8) };
        let numbers = number..number + count;
        number += count;
        ask_all(&shop, 4_096, numbers.clone().map(|number| command("open", number, opened(number, vec![line(SKU, 0)]))).collect());
        let commands = numbers.map(|number| command("complete", number, completed(number))).collect();
        let began = Instant::now();
        let mut waits = ask_all(&shop, in_flight, commands);
        let per_second = count as f64 / began.elapsed().as_secs_f64();
        waits.sort_unstable();
        let at = |quantile: f64| waits[((count - 1) as f64 * quantile) as usize].as_secs_f64() * 1_000.0;
        let (p50, p99) = (at(0.5), at(0.99));
        println!(
            "{count} durable reservations of one SKU, {in_flight} in flight: {per_second:.0} a second, p50 {p50:.1} ms, p99 {p99:.1} ms"
        );
    }
    shop.stop();
}

/// Asks everything, so many at a time; gives how long each waited for its answer.
fn ask_all(shop: &Shop, in_flight: usize, commands: Vec<Command>) -> Vec<Duration> {
    let (done, answers) = sync_channel(in_flight);
    let mut waits = Vec::with_capacity(commands.len());
    for (asked, command) in commands.into_iter().enumerate() {
        if asked >= in_flight {
            waits.push(one(&answers));
        }
        let (done, began) = (done.clone(), Instant::now());
        let reply = move |answer: Result<_, _>| {
            done.send(answer.map(|_| began.elapsed()).map_err(|error: shopkeeper::pipeline::TradeError| error.to_string()))
        };
        shop.trade(command, Box::new(move |answer| reply(answer).expect("somebody listens")));
    }
    drop(done);
    waits.extend(answers.iter().map(|answer| answer.expect("is accepted")));
    waits
}

fn one(answers: &Receiver<Result<Duration, String>>) -> Duration {
    answers.recv().expect("answers").expect("is accepted")
}

fn ask(state: &mut State, command: &Command, now: Timestamp) {
    let events = decide(state, command, now).expect("is accepted");
    events.iter().for_each(|event| fold(state, event, now));
}

/// Places orders in memory, saves the checkpoint, and has a process of its own read it back, as a server does that starts.
fn million(orders: usize) {
    let mut state = State::new(Options::default());
    for sku in 0..SKUS {
        ask(&mut state, &Command { key: None, action: received(&format!("sku-{sku}")) }, Timestamp(0));
    }
    let began = Instant::now();
    for number in 0..orders {
        let now = Timestamp(number as i64);
        let lines = (0..2).map(|place| line(&format!("sku-{}", (number * 7 + place * 31) % SKUS), place)).collect();
        ask(&mut state, &command("open", number, opened(number, lines)), now);
        ask(&mut state, &command("complete", number, completed(number)), now);
        let outcome = PaymentOutcome::Authorized { provider_reference: format!("test/{}", name(number)) };
        let (payment, order) = (id(name(number)), id(name(number)));
        ask(&mut state, &Command { key: None, action: Action::ResolvePayment { payment, order, outcome } }, now);
    }
    println!("{orders} orders decided and folded in {:.1} s, {} MB in memory", began.elapsed().as_secs_f64(), resident_mb());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("trade.bin");
    let began = Instant::now();
    state.save(&path, Default::default()).expect("saves");
    let bytes = std::fs::metadata(&path).expect("is there").len();
    println!("checkpoint of {} MB saved in {:.1} s", bytes >> 20, began.elapsed().as_secs_f64());
    drop(state);
    let this = std::env::current_exe().expect("has a path");
    let read = std::process::Command::new(this).arg("load").arg(&path).status().expect("runs");
    assert!(read.success());
}

fn load(path: &Path) {
    let began = Instant::now();
    let (state, _) = State::load(path, Options::default()).expect("loads");
    let took = began.elapsed().as_secs_f64();
    println!(
        "{} orders read back from the checkpoint in {took:.2} s, {} MB in memory, {} MB at most",
        state.orders_count(),
        resident_mb(),
        peak_mb()
    );
}

fn resident_mb() -> u64 {
    status_mb("VmRSS:")
}

fn peak_mb() -> u64 {
    status_mb("VmHWM:")
}

fn status_mb(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kb = status.lines().find_map(|line| line.strip_prefix(field)?.split_whitespace().next()?.parse::<u64>().ok());
    kb.unwrap_or(0) >> 10
}
