//! `shopkeeper export` and `import` of what was exported, with a server that has the shop open and without.

use super::buyer::{buy, get, post};
use super::killed::{Process, fill};
use serde_json::{Value, json};
use shopkeeper::app::{OpenOptions, Shop};
use shopkeeper::config::Config;
use shopkeeper::event::ActivityEvent;
use shopkeeper::pipeline::{BehaviourBounds, read_behaviour};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

fn shopkeeper(shop: &Path, words: &[&str]) -> Result<Value, String> {
    let output = Command::new(env!("CARGO_BIN_EXE_shopkeeper")).arg("--json").args(words).arg("--shop").arg(shop).output().expect("runs");
    let answer = serde_json::from_slice(&output.stdout).expect("is JSON");
    if output.status.success() { Ok(answer) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

#[test]
fn exports_are_the_same_by_the_server_and_from_the_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name);
    let export = |what: &str, name: &str, more: &[&str]| {
        let path = file(name);
        let words = ["export", what, "--output", path.to_str().expect("text")];
        shopkeeper(folder.path(), &[&words[..], more].concat()).map(|_| std::fs::read(&path).expect("is there"))
    };
    let process = Process::start(folder.path());
    fill(process.address);
    assert_eq!(buy(process.address, "b1", &["pen-1"]).status, 200);
    let products = export("products", "served.csv", &[]).expect("is exported");
    let orders = export("orders", "served.ndjson", &[]).expect("is exported");
    assert_eq!(orders, get(process.address, "/v1/export/orders").body);
    let refused = export("products", "refused.csv", &["--after", "nothing"]).expect_err("is refused");
    assert!(refused.contains("after") || refused.contains("no product"), "{refused}");
    assert!(!file("refused.csv").exists(), "what was refused leaves no file of that name");
    process.kill();
    assert_eq!(export("products", "offline.csv", &[]).expect("is exported"), products);
    assert_eq!(export("orders", "offline.ndjson", &[]).expect("is exported"), orders);
    let words = ["--json", "export", "orders", "--output", "-", "--format", "ndjson", "--shop", folder.path().to_str().expect("text")];
    let piped = Command::new(env!("CARGO_BIN_EXE_shopkeeper")).args(words).current_dir(folder.path()).output().expect("runs");
    assert!(piped.status.success() && piped.stdout == orders && !file("-").exists() && !file("-.unfinished").exists());
    let text = String::from_utf8(orders).expect("text");
    assert!(text.contains("\"sku\":\"pen-1\"") && !text.contains("ada@example.org") && !text.contains("Mill Lane"), "{text}");
    let personal = String::from_utf8(export("orders", "personal.csv", &["--personal"]).expect("is exported")).expect("text");
    assert!(personal.contains("ada@example.org") && personal.contains("Mill Lane"), "{personal}");
    let columnar = export("products", "all.parquet", &[]).expect("is exported");
    assert!(columnar.starts_with(b"PAR1"));
    for name in ["offline.csv", "all.parquet"] {
        let imported = shopkeeper(folder.path(), &["import", file(name).to_str().expect("text")]).expect("is imported");
        assert_eq!(
            (&imported[0]["taken"], &imported[0]["unchanged"], &imported[0]["rejected"]),
            (&0.into(), &1.into(), &0.into()),
            "{name}"
        );
    }
}

/// What a shop in a folder has taken of imported orders: units and units times price, line by line.
fn imported_lines(folder: &Path) -> Vec<(i64, Option<String>)> {
    let shop = Shop::open(folder, OpenOptions::offline(Config::default())).expect("opens");
    let feed = shop.readers().feed();
    let BehaviourBounds { start, end, .. } = BehaviourBounds::of(feed, false).expect("is there");
    let mut found = Vec::new();
    let read = read_behaviour(feed, start, end, &mut |_, _, events| {
        for event in events {
            if let ActivityEvent::OrderImported { lines, .. } = event {
                found.extend(lines.iter().map(|line| (line.quantity, line.unit_price.map(|price| price.to_string()))));
            }
        }
        std::ops::ControlFlow::Continue(())
    });
    read.expect("is read");
    shop.stop();
    found
}

/// An order that was cancelled where it was placed became demand where it was imported.
#[test]
fn exported_orders_come_in_elsewhere_with_their_units_and_sums_but_for_those_that_were_cancelled() {
    let (here, there) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let process = Process::start(here.path());
    fill(process.address);
    let placed = buy(process.address, "b1", &["pen-1", "pen-1", "pen-1"]);
    assert_eq!(placed.status, 200);
    let order = super::buyer::order_of(&buy(process.address, "b2", &["pen-1"])).expect("is placed");
    let cancelled = post(process.address, &format!("/v1/orders/{order}/cancel"), "c2", &json!({"reason": "changed mind"}));
    assert_eq!(cancelled.status, 200, "{:?}", cancelled.json());
    process.kill();
    let file = |name: &str| here.path().join(name).to_str().expect("text").to_owned();
    for (what, name) in
        [("products", "products.ndjson"), ("orders", "orders.csv"), ("orders", "orders.ndjson"), ("orders", "orders.parquet")]
    {
        shopkeeper(here.path(), &["export", what, "--output", &file(name)]).expect("is exported");
    }
    shopkeeper(there.path(), &["import", &file("products.ndjson")]).expect("is imported");
    for name in ["orders.csv", "orders.ndjson", "orders.parquet"] {
        let told = &shopkeeper(there.path(), &["import", "--kind", "orders", &file(name)]).expect("is imported")[0];
        let remarks = told["remarks"].to_string();
        assert_eq!((&told["rows"], &told["rejected"]), (&2.into(), &0.into()), "{told}");
        assert!(remarks.contains("1 orders and 0 lines of others were left out"), "{name}: {remarks}");
    }
    // The same order of the other files is known by its name.
    let lines = imported_lines(there.path());
    assert_eq!(lines.iter().map(|(units, _)| units).sum::<i64>(), 3, "{lines:?}");
    assert!(lines.iter().all(|(_, price)| price.as_deref() == Some("5.00 USD")), "{lines:?}");
}

/// It was refused once: the journal has one holder, so nobody could have a list for tomorrow's letters without closing the shop.
#[test]
fn recommendations_of_an_open_shop_are_made_by_its_server_and_are_those_of_the_closed_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let process = Process::start(folder.path());
    let address = process.address;
    for name in ["pen", "ink", "pad"] {
        let offers = json!([{"price": {"amount_minor": 500, "currency": "USD"}}]);
        let product = json!({"id": name, "title": name, "variants": [{"sku": format!("{name}-1"), "offers": offers}]});
        assert!(post(address, "/v1/products", name, &product).status < 300);
        let stock = json!({"sku": format!("{name}-1"), "location": "east", "set": 9, "reason": "received"});
        assert_eq!(post(address, "/v1/inventory", &format!("stock-{name}"), &stock).status, 200);
    }
    for (shopper, name) in [("ann", "pen"), ("ann", "ink"), ("ben", "pen"), ("ben", "ink"), ("cora", "pen"), ("dan", "ink")] {
        let view = json!({"type": "view", "product_id": name, "shopper_id": shopper});
        assert_eq!(post(address, "/v1/events", &format!("{shopper}-{name}"), &view).status, 202);
    }
    let export = |kind: &str, name: &str| {
        let path = folder.path().join(name);
        let words = ["export", "recommendations", "--kind", kind, "--out", path.to_str().expect("text")];
        let told = shopkeeper(folder.path(), &words).expect("is exported");
        let written = std::fs::read(&path).expect("is there");
        assert_eq!(told["bytes"], written.len(), "{told}");
        written
    };
    // Scores fade with time; whom what is recommended to does not.
    let listed = |written: Vec<u8>| -> Vec<(Value, Vec<Value>)> {
        let text = String::from_utf8(written).expect("text");
        let line = |line: &str| {
            let row: Value = serde_json::from_str(line).expect("JSON");
            let recommended = row["recommendations"].as_array().expect("a list").iter();
            let subject = if row["shopper_id"].is_null() { &row["product_id"] } else { &row["shopper_id"] };
            (subject.clone(), recommended.map(|one| one["product_id"].clone()).collect())
        };
        text.lines().map(line).collect()
    };
    let deadline = Instant::now() + Duration::from_secs(20);
    let sellable = || get(address, "/v1/search?filter=available%20%3D%20true").json()["total"].clone();
    while sellable() != 3 {
        assert!(Instant::now() < deadline, "stock is not told: {}", sellable());
    }
    let mut shoppers = listed(export("for_you", "served.ndjson"));
    while shoppers.len() < 4 {
        assert!(Instant::now() < deadline, "behaviour does not become durable: {shoppers:?}");
        shoppers = listed(export("for_you", "served.ndjson"));
    }
    let names: Vec<&Value> = shoppers.iter().map(|(shopper, _)| shopper).collect();
    assert_eq!(names, ["ann", "ben", "cora", "dan"], "by name, and each once");
    let products = listed(export("also_viewed", "products.jsonl"));
    assert!(products.iter().any(|(product, recommended)| product == "pen" && recommended.first() == Some(&"ink".into())), "{products:?}");
    assert!(export("for_you", "served.parquet").starts_with(b"PAR1"));
    let refused = |name: &str| {
        let path = folder.path().join(name);
        let words = ["export", "recommendations", "--kind", "similar", "--filter", "colr = 1", "--out", path.to_str().expect("text")];
        let said = shopkeeper(folder.path(), &words).expect_err("is refused");
        assert!(!folder.path().join(format!("{name}.unfinished")).exists(), "what was refused leaves nothing");
        said
    };
    assert!(refused("served.csv").contains(": at character 1: unknown field `colr`"));
    process.kill();
    // It once said `filter: filter:`.
    let said = refused("offline.csv");
    assert!(said.contains("error: filter: at character 1: unknown field `colr`"), "{said}");
    assert_eq!(listed(export("for_you", "offline.ndjson")), shoppers);
    assert_eq!(listed(export("also_viewed", "offline.jsonl")), products);
}

#[test]
fn a_file_of_which_every_row_is_refused_is_a_failed_import() {
    let folder = tempfile::tempdir().expect("a folder");
    let import = |rows: &str| {
        let file = folder.path().join("rows.jsonl");
        std::fs::write(&file, rows).expect("is written");
        shopkeeper(folder.path(), &["import", file.to_str().expect("text")])
    };
    let (good, bad) =
        (r#"{"id":"pen","title":"Blue pen","price":"5.00"}"#, r#"{"id":"cup","title":"Cup","price":"5.00","currency":"ABC"}"#);
    let refused = import(&format!("{bad}\n{bad}\n")).expect_err("nothing was taken");
    assert!(refused.contains("all 2 rows were refused"), "{refused}");
    assert_eq!(import(&format!("{good}\n{bad}\n")).expect("one was taken")[0]["rejected"], 1);
    assert_eq!(import(&format!("{good}\n{bad}\n")).expect("one is there already")[0]["unchanged"], 1);
}
