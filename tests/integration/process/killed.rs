//! The server as a process, killed without warning while shoppers buy.

use super::buyer::{buy, get, order_of, post};
use super::wait_for;
use crate::http::client;
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

const SHOPPERS: u64 = 4;
const UNITS: i64 = 100_000;
/// Orders after which the process is killed, in each round.
const ORDERS_BEFORE_KILL: u64 = 25;

pub(super) struct Process {
    child: Child,
    pub(super) address: SocketAddr,
}

impl Process {
    pub(super) fn start(shop: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shopkeeper"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--shop"]).arg(shop).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("starts");
        let lines = BufReader::new(child.stdout.take().expect("is piped")).lines();
        let address = lines.map_while(Result::ok).find_map(|line| {
            let url = line.trim().strip_prefix("storefront")?.trim().to_owned();
            url.trim_start_matches("http://").trim_end_matches('/').parse().ok()
        });
        Self { child, address: address.expect("the server says where it listens") }
    }

    /// As `kill -9` does: no handler runs, nothing is flushed.
    pub(super) fn kill(mut self) {
        self.child.kill().expect("is killed");
        self.child.wait().expect("has ended");
    }
}

pub(super) fn fill(address: SocketAddr) {
    let price = json!({"amount_minor": 500, "currency": "USD"});
    let product = json!({"id": "pen", "title": "Blue pen", "variants": [{"sku": "pen-1", "offers": [{"price": price}]}]});
    let headers = [("content-type".to_owned(), "application/json".to_owned())];
    assert!(client::send(address, "POST /v1/products", &headers, product.to_string().as_bytes()).status < 300);
    let stock = json!({"sku": "pen-1", "location": "east", "set": UNITS, "reason": "received"});
    assert_eq!(post(address, "/v1/inventory", "stock", &stock).status, 200);
}

/// Several shoppers buy until the server dies; what was answered goes into `orders`.
fn buy_until_killed(process: Process, round: u64, orders: &Mutex<Vec<String>>) {
    let address = process.address;
    let answered = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for shopper in 0..SHOPPERS {
            let answered = &answered;
            scope.spawn(move || {
                for number in 0.. {
                    let bought = std::panic::catch_unwind(|| buy(address, &format!("{round}-{shopper}-{number}"), &["pen-1"]));
                    let Some(order) = bought.ok().filter(|answer| answer.status == 200).and_then(|answer| order_of(&answer)) else {
                        return;
                    };
                    orders.lock().expect("is whole").push(order);
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        wait_for("enough orders", || (answered.load(Ordering::Relaxed) >= ORDERS_BEFORE_KILL).then_some(()));
        process.kill();
    });
}

#[test]
fn no_answered_order_is_lost_when_the_process_is_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let orders = Mutex::new(Vec::new());
    for round in 0..2 {
        let process = Process::start(folder.path());
        if round == 0 {
            fill(process.address);
        }
        buy_until_killed(process, round, &orders);
    }
    let process = Process::start(folder.path());
    let orders = orders.into_inner().expect("is whole");
    assert!(orders.len() as u64 >= 2 * ORDERS_BEFORE_KILL);
    for order in &orders {
        assert_eq!(get(process.address, &format!("/v1/orders/{order}")).status, 200, "{order} was answered and is gone");
    }
    process.kill();
    let verified =
        Command::new(env!("CARGO_BIN_EXE_shopkeeper")).args(["verify", "--json", "--shop"]).arg(folder.path()).output().expect("runs");
    let report: serde_json::Value = serde_json::from_slice(&verified.stdout).expect("is JSON");
    assert_eq!((verified.status.code(), &report["broken"]), (Some(0), &json!([])), "{report}");
    assert!(report["orders"].as_u64() >= Some(orders.len() as u64));
}

#[test]
fn a_server_waits_for_one_that_is_ending_and_refuses_beside_one_that_answers() {
    let folder = tempfile::tempdir().expect("a folder");
    let process = Process::start(folder.path());
    let serve = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shopkeeper"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--shop"]).arg(folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    };
    let refused = serve().output().expect("runs");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("another process has this shop open"), "{said}");
    assert!(!String::from_utf8_lossy(&refused.stdout).contains("waiting"), "nobody waits for a server that answers");
    process.kill();
    let held = std::fs::File::open(folder.path().join("data/journal/LOCK")).expect("is there");
    held.lock().expect("is free");
    let mut waiting = serve().spawn().expect("starts");
    let mut lines = BufReader::new(waiting.stdout.take().expect("is piped")).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("waiting for its end")));
    drop(held);
    assert!(lines.any(|line| line.contains("storefront")), "it opens the shop once that is free");
    waiting.kill().expect("is killed");
    waiting.wait().expect("has ended");
}

#[test]
fn index_commands_reach_the_server_that_has_the_shop_open() {
    let folder = tempfile::tempdir().expect("a folder");
    let process = Process::start(folder.path());
    fill(process.address);
    let index = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shopkeeper"));
        let output = command.args(["--json", "index"]).args(words).arg("--shop").arg(folder.path()).output().expect("runs");
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("is JSON")
    };
    let live = || get(process.address, "/v1/generations").json()["live"].as_str().map(str::to_owned);
    let name = |id: &serde_json::Value| id.as_str().map(str::to_owned);
    let first = name(&index(&["build"])["id"]);
    assert!(first.is_some() && live() == first, "{first:?}");
    let second = name(&index(&["build"])["id"]);
    assert!(second != first && live() == second, "{second:?}");
    assert_eq!(name(&index(&["rollback"])["current"]), first);
    assert_eq!(live(), first);
    process.kill();
}
