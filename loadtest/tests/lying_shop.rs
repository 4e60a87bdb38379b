//! Runs the program against shops that lie, stand still or know nothing, and sees that it says so.
//!
//! 1. A shop that tells the truth passes, with exit code 0, and its report says what was measured.
//! 2. A total that its hits do not keep, a line that is missing from a cart, a batch refused line by line, an order that is forgotten, one that is counted
//!    twice and stock below zero fail the run, and the sentence says which.
//! 3. Latency counts from when a shopper was due: a shop that stands still for a second is charged with everybody who came in it.
//! 4. A limit that is missed ends with exit code 1 and a sentence that names it.
//! 5. What cannot be run ends with exit code 2 and names the field, before the shop is asked for anything.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lie {
    None,
    Total,
    LostLine,
    RefusedLines,
    ForgottenOrder,
    DoubledOrder,
    NegativeStock,
    StandsStill,
}

/// A shop of three products that answers what the generator asks.
struct Shop {
    lie: Lie,
    orders: AtomicU64,
    asked: AtomicU64,
    /// When it stood still, if it does so once.
    stood: Mutex<Option<Instant>>,
    is_busy: AtomicBool,
}

impl Shop {
    fn open(lie: Lie) -> (Arc<Self>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
        let target = format!("http://{}", listener.local_addr().expect("an address"));
        let shop = Arc::new(Self {
            lie,
            orders: AtomicU64::new(7),
            asked: AtomicU64::new(0),
            stood: Mutex::default(),
            is_busy: AtomicBool::new(false),
        });
        let own = Arc::clone(&shop);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shop = Arc::clone(&own);
                std::thread::spawn(move || shop.serve(stream));
            }
        });
        (shop, target)
    }

    fn serve(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().expect("clones"));
        let mut stream = stream;
        loop {
            let mut head = Vec::new();
            loop {
                let mut line = String::new();
                match reader.read_line(&mut line) {
                    Ok(0) | Err(_) => return,
                    Ok(_) if line == "\r\n" => break,
                    Ok(_) => head.push(line),
                }
            }
            let length = head.iter().find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            reader.read_exact(&mut body).expect("a body");
            let mut words = head[0].split(' ');
            let (method, path) = (words.next().expect("a method"), words.next().expect("a path"));
            self.asked.fetch_add(1, Ordering::Relaxed);
            let answer = self.answer(method, path, &body);
            let status = if answer.is_some() { "200 OK" } else { "404 Not Found" };
            let answer = answer.unwrap_or_default();
            let written = write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{answer}", answer.len());
            if written.is_err() {
                return;
            }
        }
    }

    /// Stands still for a second, once, half a second after it was first searched under load; everybody who asks meanwhile waits for its end.
    fn stand_still(&self) {
        let now = Instant::now();
        let until = {
            let mut stood = self.stood.lock().expect("no panics");
            let began = *stood.get_or_insert(now + Duration::from_millis(500));
            (began..began + Duration::from_secs(1)).contains(&now).then(|| began + Duration::from_secs(1))
        };
        if let Some(until) = until {
            self.is_busy.store(true, Ordering::Relaxed);
            std::thread::sleep(until.saturating_duration_since(now));
        }
    }

    fn answer(&self, method: &str, path: &str, body: &[u8]) -> Option<String> {
        let sent: Value = serde_json::from_slice(body).unwrap_or_default();
        let is = |lie: Lie| self.lie == lie;
        let route = path.split('?').next().unwrap_or_default();
        let id = route.rsplit('/').next().unwrap_or_default();
        let totals = |units: usize| json!([{"type": "subtotal", "amount": 5 * units}, {"type": "total", "amount": 5 * units}]);
        let answer = match (method, route) {
            ("GET", "/metrics") => return Some(format!("shopkeeper_orders {}\n", self.orders.load(Ordering::Relaxed))),
            ("GET", "/v1/search") => {
                if is(Lie::StandsStill) && !path.contains("q=&") {
                    self.stand_still();
                }
                let hit = |id: &str| json!({"id": id, "product": {"title": "Red lamp", "available": true, "sku": format!("{id}-1")}});
                let total = if is(Lie::Total) && !path.contains("q=&") { 8 } else { 3 };
                json!({"total": total, "hits": [hit("a"), hit("b"), hit("c")], "next_cursor": null})
            }
            ("GET", "/v1/inventory") => {
                let on_hand = if is(Lie::NegativeStock) { -1 } else { 9 };
                let level = json!({"location": "main", "on_hand": on_hand, "reserved": 0, "allocated": 0, "safety_stock": 0});
                json!({"available": on_hand, "locations": [level]})
            }
            ("POST", "/v1/events") if is(Lie::RefusedLines) => {
                json!({"accepted": 0, "rejected": 1, "rejects": [{"line": 1, "reason": "unknown product"}]})
            }
            ("POST", "/v1/events") => json!({"accepted": 1, "rejected": 0, "rejects": []}),
            ("POST", "/ucp/v1/carts") => json!({"id": "cart", "line_items": sent["line_items"], "totals": totals(1)}),
            ("PUT", "/ucp/v1/carts/cart") => {
                let mut lines = sent["line_items"].clone();
                if is(Lie::LostLine) {
                    lines.as_array_mut().expect("lines").clear();
                }
                json!({"id": "cart", "line_items": lines, "totals": totals(2)})
            }
            ("POST", "/ucp/v1/checkout-sessions") => json!({"id": "session", "status": "ready_for_complete", "totals": totals(2)}),
            ("POST", "/ucp/v1/checkout-sessions/session/complete") => {
                let number = self.orders.fetch_add(if is(Lie::DoubledOrder) { 2 } else { 1 }, Ordering::Relaxed);
                json!({"id": "session", "status": "completed", "totals": totals(2), "order": {"id": format!("o{number}")}})
            }
            ("GET", order) if order.starts_with("/v1/orders/") && !is(Lie::ForgottenOrder) => {
                json!({"id": id, "totals": {"total": {"amount_minor": 10}}})
            }
            _ => return None,
        };
        Some(answer.to_string())
    }
}

const ORDERS: &str = "[[action]]\nkind = \"order\"\n[[action]]\nkind = \"search\"\nlimit = 5\n[[action]]\nkind = \"view\"\n";

fn scenario(stage: &str, rest: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("lying-{:x}.toml", fastrand::u64(..)));
    std::fs::write(&path, format!("name = \"lying\"\n[[stage]]\n{stage}\n{rest}")).expect("writes");
    path
}

fn run(path: &PathBuf, target: &str) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_loadtest")).arg(path).args(["--json", "--target", target]).output().expect("runs");
    std::fs::remove_file(path).expect("removes");
    output
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("a report as JSON")
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_shop_that_tells_the_truth_passes() {
    let (_, target) = Shop::open(Lie::None);
    let output = run(&scenario("rate = 100\nduration_s = 1.5", ORDERS), &target);
    assert_eq!((output.status.code(), complaint(&output)), (Some(0), String::new()));
    let report = report(&output);
    assert!(report["met"] == true && report["all"]["answered"].as_u64().is_some_and(|answered| answered > 100), "{}", report["all"]);
    assert_eq!(report["checks"].as_array().map(Vec::len), Some(3), "orders kept, orders counted, stock: {}", report["checks"]);
}

#[test]
fn a_shop_that_lies_is_found_out() {
    let check = |lie: Lie, words: &str| {
        let (_, target) = Shop::open(lie);
        let output = run(&scenario("rate = 100\nduration_s = 1.5", ORDERS), &target);
        assert_eq!(output.status.code(), Some(1), "{lie:?}: {}", complaint(&output));
        let said = format!("{}{}", complaint(&output), report(&output));
        assert!(said.contains(words), "{lie:?}: {said}");
    };
    let lies = [
        (Lie::Total, "3 hits where a total of 8 promises 5"),
        (Lie::LostLine, "holds 0 lines that are not the"),
        (Lie::RefusedLines, "0 of 1 lines taken and 1 rejected"),
        (Lie::ForgottenOrder, "was confirmed, and then: 404"),
        (Lie::DoubledOrder, "missed: the shop counts"),
        (Lie::NegativeStock, "below zero: "),
    ];
    std::thread::scope(|scope| lies.into_iter().for_each(|(lie, words)| _ = scope.spawn(move || check(lie, words))));
}

#[test]
fn a_shop_that_stands_still_is_charged_with_everybody_who_came_meanwhile() {
    let (shop, target) = Shop::open(Lie::StandsStill);
    let path = scenario("rate = 200\nduration_s = 3", "[[action]]\nkind = \"search\"\nlimit = 3\n[objective]\np99_ms = 300\n");
    let output = run(&path, &target);
    assert!(shop.is_busy.load(Ordering::Relaxed), "it stood still");
    assert_eq!(output.status.code(), Some(1));
    let said = complaint(&output);
    assert!(said.contains("missed: all actions: p99 ms is ") && said.contains("has to be at most 300"), "{said}");
    let report = report(&output);
    let curve: Vec<(f64, f64)> = serde_json::from_value(report["all"]["curve"].clone()).expect("a curve");
    // A third of all came while it stood still, and waited for half a second on average: a sixth waited longer than that.
    let at = |quantile: f64| curve.iter().find(|(own, _)| *own >= quantile).map(|(_, ms)| *ms).expect("is on the curve");
    assert!(at(0.9) >= 500.0, "p90 {} ms", at(0.9));
    assert!(at(0.99) >= 900.0, "p99 {} ms", at(0.99));
}

#[test]
fn what_cannot_be_run_is_named_before_the_shop_is_asked() {
    let (shop, target) = Shop::open(Lie::None);
    let check = |rest: &str, words: &str| {
        let output = run(&scenario("rate = 10\nduration_s = 1", rest), &target);
        assert_eq!(output.status.code(), Some(2), "{rest}");
        assert!(complaint(&output).contains(words), "{rest}: {}", complaint(&output));
    };
    check("[[action]]\nkind = \"search\"\n[objective.action.ordr]\np99_ms = 5\n", "objective.action.ordr: there is no such row");
    check("[[action]]\nkind = \"search\"\n[cold_start]\nstarts = 2\n", "loadtest cold-start ");
    check("[[action]]\nkind = \"search\"\nlimmit = 2\n", "limmit");
    let path = scenario("rate = 10\nduration_s = 1", "[[action]]\nkind = \"search\"\n");
    let text = std::fs::read_to_string(&path).expect("reads");
    std::fs::write(&path, format!("queries_file = \"no-such-file.tsv\"\n{text}")).expect("writes");
    let said = complaint(&run(&path, &target));
    assert!(said.contains("queries_file ") && said.contains("no-such-file.tsv") && !said.contains("is the server running"), "{said}");
    assert_eq!(shop.asked.load(Ordering::Relaxed), 0);
}
