//! Feeds that are polled.

use super::shelf::Shelf;
use crate::http::server::TestServer;
use serde_json::{Value, json};
use shopkeeper::app::{OpenOptions, Shop};
use shopkeeper::config::Config;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn configured(shelf: &Shelf, more: &str) -> String {
    format!(
        "[webhooks]\nallow = [\"{0}\"]\n[[feeds]]\nname = \"supplier\"\nsource = \"http://{0}/feed.csv?password=hidden\"\n{more}",
        shelf.address
    )
}

fn table(ids: impl IntoIterator<Item = u32>) -> String {
    let mut text = "id,title,price\n".to_owned();
    ids.into_iter().for_each(|id| writeln!(text, "f{id},Fed product {id},{id}.50").expect("is text"));
    text
}

fn feed(server: &TestServer) -> Value {
    server.get("/v1/feeds/supplier").json()
}

/// Waits until the feed is as wanted.
fn until(server: &TestServer, wanted: impl Fn(&Value) -> bool) -> Value {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let found = feed(server);
        if found["status"] != "running" && wanted(&found) {
            return found;
        }
        assert!(Instant::now() < deadline, "the feed stays {found}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Has the feed looked at once more, and waits for what comes of it.
fn run(server: &TestServer, body: &Value) -> Value {
    let before = until(server, |found| found["last_run"].is_object());
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let answer = server.send("POST /v1/feeds/supplier/run", &[("content-type", "application/json")], &body);
    assert_eq!(answer.status, 202, "{}", answer.json());
    until(server, |found| found["last_run"] != before["last_run"])
}

fn titles(server: &TestServer) -> usize {
    String::from_utf8_lossy(&server.get("/v1/export/products").body).lines().count()
}

#[test]
fn a_feed_is_taken_when_it_has_changed_and_asked_for_only_then() {
    let shelf = Shelf::start();
    shelf.put(table(1..=5));
    let server = TestServer::start_empty(|folder| {
        std::fs::write(folder.join("token"), "s3cret-t0ken\n").expect("writes");
        std::fs::write(folder.join("shopkeeper.toml"), configured(&shelf, "token_file = \"token\"\n")).expect("writes");
    });
    let first = until(&server, |found| found["last_run"].is_object());
    let counts = |found: &Value| ["taken", "unchanged", "rejected"].map(|name| found["last_taken"][name].as_u64().expect("a count"));
    assert_eq!((&first["last_run"]["outcome"], counts(&first), titles(&server)), (&json!("taken"), [5, 0, 0], 5), "{first}");
    let second = run(&server, &Value::Null);
    assert_eq!(second["last_run"]["outcome"], "unchanged");
    let heads = shelf.heads();
    assert!(!heads[0].contains("if-none-match") && heads[1].contains("if-none-match: \""), "{heads:?}");
    assert!(heads.iter().all(|head| head.contains("authorization: bearer s3cret-t0ken")));
    shelf.put(format!("{}f9,,1\n", table(1..=6)));
    let third = run(&server, &json!({}));
    assert_eq!((&third["last_run"]["outcome"], counts(&third)), (&json!("taken"), [1, 5, 1]), "{third}");
    let rejects = third["last_taken"]["rejects_file"].as_str().expect("a file");
    assert!(std::fs::read_to_string(server.folder().join(rejects)).expect("is there").contains("\"field\":\"title\""));
    let again = run(&server, &json!({ "again": true }));
    assert_eq!((&again["last_run"]["outcome"], counts(&again)), (&json!("taken"), [0, 6, 1]), "{again}");
    let told = [again.to_string(), String::from_utf8(server.get("/metrics").body).expect("text")].concat();
    assert!(!told.contains("s3cret") && !told.contains("hidden"), "{told}");
    let kept = std::fs::read_to_string(server.folder().join("data/feeds/supplier.json")).expect("is there");
    assert!(!kept.contains("s3cret") && !kept.contains("hidden"), "{kept}");
    assert!(told.contains("shopkeeper_feed_runs_total{feed=\"supplier\",outcome=\"unchanged\"} "));
}

/// Opens the shop, waits until its feed was looked at `runs` more times, and closes it.
fn one_life(folder: &Path, is_done: impl Fn(&Shop) -> bool) {
    let shop = Arc::new(Shop::open(folder, OpenOptions::serving(Config::of_shop(folder).expect("is fine"))).expect("opens"));
    shop.follow_feeds().expect("are followed");
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is_done(&shop) {
        assert!(Instant::now() < deadline, "the feed is not looked at");
        std::thread::sleep(Duration::from_millis(10));
    }
    shop.stop();
}

#[test]
fn a_restart_neither_asks_at_once_nor_takes_what_it_has() {
    let (shelf, folder) = (Shelf::start(), tempfile::tempdir().expect("a folder"));
    shelf.put(table(1..=3));
    std::fs::write(folder.path().join("shopkeeper.toml"), configured(&shelf, "")).expect("writes");
    let outcome = |shop: &Shop| shop.feeds().and_then(|feeds| feeds.get("supplier")).and_then(|(_, status)| status.last_run);
    one_life(folder.path(), |shop| outcome(shop).is_some());
    one_life(folder.path(), |shop| {
        let (_, status) = shop.feeds().and_then(|feeds| feeds.get("supplier")).expect("is followed");
        assert!(status.last_run.is_some() && status.last_taken.is_some(), "what came of it is remembered");
        status.next_run_at.is_some()
    });
    assert_eq!(shelf.heads().len(), 1, "the next look is due in an hour");
    one_life(folder.path(), |shop| {
        let asked = shop.feeds().is_some_and(|feeds| shelf.heads().len() > 1 || feeds.run("supplier", false));
        asked && outcome(shop).is_some_and(|run| run.outcome.name() == "unchanged")
    });
    assert!(shelf.heads()[1].contains("if-none-match"), "the tag is remembered");
}

#[test]
fn a_feed_that_fails_is_told_of_and_harms_nothing() {
    let shelf = Shelf::start();
    shelf.put(table(1..=4));
    let server = TestServer::start_empty(|folder| {
        std::fs::write(folder.join("shopkeeper.toml"), configured(&shelf, "bytes_max = 1000\ndelist_missing = true\n")).expect("writes");
    });
    until(&server, |found| found["last_run"]["outcome"] == "taken");
    let mut failures = 0;
    let mut check = |answer: &str, told: &str| {
        shelf.answers(answer);
        let found = run(&server, &Value::Null);
        failures += 1;
        // A first failure is tried again by itself after some seconds.
        let is_counted = found["failures"].as_u64() >= Some(failures);
        assert!(found["status"] == "failing" && is_counted, "{answer}: {found}");
        assert!(found["last_error"].as_str().expect("an error").contains(told), "{found}");
        assert_eq!(titles(&server), 4, "{answer}");
    };
    check("HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n", "status 500");
    check("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n", "302");
    check("HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n", "longer than 1000 bytes");
    check(&format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(2_000)), "longer than 1000 bytes");
    check("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nid,title\nf1,Cut", "broke off");
    check("senseless", "broke off");
    check("HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\nPAR1senseles", "");
    shelf.put(table(1..=5));
    let found = run(&server, &Value::Null);
    assert_eq!((&found["status"], &found["failures"], titles(&server)), (&json!("waiting"), &json!(0), 5), "{found}");
    assert!(found["last_error"].is_null());
}

#[test]
fn what_a_feed_has_no_more_goes_off_sale_but_not_nearly_everything() {
    let shelf = Shelf::start();
    shelf.put(table(1..=20));
    let server = TestServer::start_empty(|folder| {
        std::fs::write(folder.join("shopkeeper.toml"), configured(&shelf, "delist_missing = true\n")).expect("writes");
    });
    until(&server, |found| found["last_run"]["outcome"] == "taken");
    let own = r#"{"id":"own","title":"Not of the feed","variants":[{"sku":"own"}]}"#;
    assert!(server.send("PUT /v1/products/own", &[("content-type", "application/json")], own.as_bytes()).status < 300);
    shelf.put(table(3..=21));
    let found = run(&server, &Value::Null);
    assert_eq!((&found["last_taken"]["delisted"], titles(&server)), (&json!(2), 20), "{found}");
    assert_eq!((server.get("/v1/products/f1").status, server.get("/v1/products/own").status), (404, 200));
    shelf.put(table(10..=21));
    let found = run(&server, &Value::Null);
    assert_eq!((&found["last_taken"]["delisted"], titles(&server)), (&json!(0), 20), "{found}");
    assert!(found["last_taken"]["remarks"].to_string().contains("7 of 19 products are missing"), "{found}");
    shelf.put(table(4..=21));
    let found = run(&server, &Value::Null);
    assert_eq!(
        (&found["last_taken"]["delisted"], titles(&server)),
        (&json!(1), 19),
        "one of those that were missing came not back: {found}"
    );
}

#[test]
fn a_file_of_this_machine_is_a_feed_and_stock_is_fed_too() {
    let config = "[[feeds]]\nname = \"supplier\"\nsource = \"in/stock.csv\"\nkind = \"stock\"\n";
    let server = TestServer::start_with(|folder| std::fs::write(folder.join("shopkeeper.toml"), config).expect("writes"));
    let missing = until(&server, |found| found["last_run"].is_object());
    assert_eq!(missing["status"], "failing", "{missing}");
    std::fs::create_dir(server.folder().join("in")).expect("is made");
    std::fs::write(server.folder().join("in/stock.csv"), "sku,location,on_hand\nFL-OAK,east,77\nnone,east,1\n").expect("writes");
    let found = run(&server, &Value::Null);
    assert_eq!((&found["last_taken"]["taken"], &found["last_taken"]["rejected"]), (&json!(1), &json!(1)), "{found}");
    assert!(server.get("/v1/inventory?sku=FL-OAK").json().to_string().contains("77"));
    assert_eq!(run(&server, &Value::Null)["last_run"]["outcome"], "unchanged");
}

#[test]
fn bad_requests_name_what_is_wrong() {
    let server = TestServer::start_empty(|folder| {
        let config = "[[feeds]]\nname = \"supplier\"\nsource = \"nowhere.csv\"\n";
        std::fs::write(folder.join("shopkeeper.toml"), config).expect("writes");
    });
    let check = |request: &str, body: &[u8], status: u16, field: &str| {
        let answer = server.send(request, &[("content-type", "application/json")], body);
        let found = answer.json()["field"].as_str().unwrap_or_default().to_owned();
        assert_eq!((answer.status, found.as_str()), (status, field), "{request}: {}", answer.json());
    };
    check("GET /v1/feeds/unknown", b"", 404, "");
    check("POST /v1/feeds/unknown/run", b"", 404, "");
    check("GET /v1/feeds/%ff", b"", 400, "id");
    check("POST /v1/feeds/supplier/run", b"{\"again\": 1}", 400, "again");
    check("POST /v1/feeds/supplier/run", b"{\"later\": true}", 400, "later");
    check("POST /v1/feeds/supplier/run", b"\xff", 400, "");
    check("POST /v1/feeds/supplier/run", b"[]", 400, "");
    assert_eq!(server.get("/v1/feeds").json()["feeds"].as_array().map(Vec::len), Some(1));
}
