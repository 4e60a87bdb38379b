//! Exports over HTTP, and what becomes of them when they are imported again.

use crate::http::server::TestServer;
use serde_json::{Value, json};
use shopkeeper::app::{self, Export, ExportQuery, ImportKind, Imported, OpenOptions, Rejects, Shop, Subject, Watcher};
use shopkeeper::catalog::formats::{ImportOptions, Meter};
use shopkeeper::catalog::tables::Layout;
use shopkeeper::config::Config;
use shopkeeper::id::ProductId;
use std::io::Read;
use std::path::Path;

const SHOP: &str = include_str!("../../../scenarios/shop.jsonl");

struct Nobody;

impl Watcher for Nobody {
    fn is_wanted(&self, _: &Meter) -> bool {
        true
    }

    fn sees(&mut self, _: &ProductId) {}
}

fn import(shop: &Shop, file: &Path) -> (Imported, u64) {
    let mut rejects = Rejects::new(file.with_extension("rejects"));
    let options = ImportOptions::default();
    let imported = app::import(shop, file, ImportKind::Products, &options, &mut rejects, &mut Nobody).expect("is taken");
    (imported, rejects.finish().expect("is written").0)
}

#[test]
fn what_is_exported_imports_again_and_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = Shop::open(folder.path(), OpenOptions::offline(Config::default())).expect("opens");
    let given = folder.path().join("shop.jsonl");
    std::fs::write(&given, SHOP).expect("writes");
    let (first, rejected) = import(&shop, &given);
    let count = SHOP.lines().count() as u64;
    assert_eq!((first.taken, rejected), (count, 0));
    for (name, layout) in Layout::ALL {
        let query = ExportQuery { subject: Subject::Products, layout, since: None, until: None, after: None, is_personal: false };
        let bytes = Export::prepare(shop.readers(), &query).expect("is fine").write(Vec::new(), &mut |_, _| {}).expect("is written");
        let file = folder.path().join(format!("out.{name}"));
        std::fs::write(&file, bytes).expect("writes");
        let (again, rejected) = import(&shop, &file);
        assert_eq!((again.taken, again.unchanged, rejected), (0, count, 0), "{name}");
    }
    shop.stop();
}

#[test]
fn an_export_has_the_layout_that_was_asked_for_and_can_be_gone_on_with() {
    let server = TestServer::start();
    let lines = server.get("/v1/export/products");
    assert_eq!((lines.status, lines.header("content-type")), (200, "application/x-ndjson"));
    assert_eq!(lines.header("content-disposition"), "attachment; filename=\"products.ndjson\"");
    let text = String::from_utf8(lines.body.clone()).expect("text");
    let ids: Vec<String> = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["id"].to_string()).collect();
    assert_eq!(ids.len(), SHOP.lines().count());
    let rest = server.get(&format!("/v1/export/products?after={}", ids[3].trim_matches('"')));
    assert_eq!(String::from_utf8_lossy(&rest.body).lines().count(), ids.len() - 4);
    let table = server.get("/v1/export/products?format=csv");
    assert!(table.header("content-type").starts_with("text/csv") && table.body.starts_with(b"id,title,brand,"), "{table:?}");
    let columnar = server.get("/v1/export/products?format=parquet");
    assert!(columnar.body.starts_with(b"PAR1") && columnar.body.ends_with(b"PAR1"));
    let packed = server.send("GET /v1/export/products", &[("accept-encoding", "gzip")], b"");
    assert_eq!(packed.header("content-encoding"), "gzip");
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(&packed.body[..]).read_to_end(&mut plain).expect("unpacks");
    assert_eq!(plain, lines.body);
    let twice = server.send("GET /v1/export/products?format=parquet", &[("accept-encoding", "gzip")], b"");
    assert_eq!((twice.header("content-encoding"), &twice.body), ("", &columnar.body), "what is packed within is not packed again");
}

#[test]
fn behaviour_names_nobody_unless_asked_and_nobody_who_was_forgotten() {
    let server = TestServer::start();
    let tell = |shopper: &str, product: &str| {
        let event = json!({ "type": "view", "product_id": product, "shopper_id": shopper, "session_id": format!("visit-of-{shopper}") });
        let answer = server.send("POST /v1/events", &[("content-type", "application/json")], event.to_string().as_bytes());
        assert_eq!(answer.status, 202, "{}", answer.json());
    };
    tell("ann", "desk-lamp");
    tell("ben", "floor-lamp");
    let erased = server.send("DELETE /v1/shoppers/ben", &[("idempotency-key", "e1")], b"");
    assert!(erased.status < 300, "{}", erased.json());
    let exported = |query: &str| {
        let answer = server.get(&format!("/v1/export/events?{query}"));
        assert_eq!(answer.status, 200, "{}", answer.json());
        String::from_utf8(answer.body).expect("text")
    };
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while exported("").lines().count() < 2 {
        assert!(std::time::Instant::now() < deadline, "behaviour does not become durable");
    }
    let told = exported("");
    assert!(told.contains("\"product_id\":\"desk-lamp\"") && !told.contains("ann") && !told.contains("ben"), "{told}");
    let personal = exported("personal=true");
    assert!(personal.contains("\"shopper_id\":\"ann\"") && personal.contains("visit-of-ann") && !personal.contains("ben"), "{personal}");
    let first: Value = serde_json::from_str(personal.lines().next().expect("a line")).expect("JSON");
    assert_eq!(exported(&format!("after={}", first["offset"])).lines().count(), personal.lines().count() - 1);
    assert_eq!(exported("until=2001-01-01T00:00:00Z"), "");
    assert_eq!(
        exported("format=csv").lines().next(),
        Some("offset,type,product_id,quantity,happened_at,query_id,recommendation_id,rank,recommendation_kind,propensity")
    );
}

/// What was drawn and what came of it can be put together: that is all an estimate of another way of choosing needs.
#[test]
fn what_exploration_drew_is_exported_with_its_probabilities() {
    let server = TestServer::start();
    let asked = json!({ "carousels": [{ "kind": "popular", "limit": 4, "explore": [2, 4] }], "shopper_id": "ann", "session_id": "v1" });
    let answer = server.send("POST /v1/recommend", &[("content-type", "application/json")], asked.to_string().as_bytes()).json();
    let carousel = &answer["carousels"][0];
    let click = json!({ "type": "click", "product_id": carousel["products"][1]["id"], "recommendation_id": carousel["recommendation_id"], "rank": 2, "shopper_id": "ann" });
    let told = server.send("POST /v1/events", &[("content-type", "application/json")], click.to_string().as_bytes());
    assert_eq!(told.status, 202);
    let rows = |query: &str| -> Vec<Value> {
        let body = server.get(&format!("/v1/export/events{query}")).body;
        let lines = String::from_utf8(body).expect("text");
        lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    };
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while rows("").len() < 3 {
        assert!(std::time::Instant::now() < deadline, "what was drawn does not become durable: {:?}", rows(""));
    }
    let drawn: Vec<Value> = rows("").into_iter().filter(|row| row["type"] == "explore").collect();
    assert_eq!(drawn.len(), 2);
    for (row, place) in drawn.iter().zip([1, 3]) {
        let shown = &carousel["products"][place];
        assert_eq!(row["product_id"], shown["id"]);
        let [told, answered] = [row, shown].map(|one| one["propensity"].as_f64().expect("a probability"));
        assert!((told - answered).abs() < 1e-6, "{told} {answered}");
        assert_eq!((&row["rank"], &row["recommendation_kind"]), (&json!(place + 1), &json!("popular")));
        assert!(row["shopper_id"].is_null() && row["happened_at"].is_string(), "{row}");
    }
    let clicked = rows("").into_iter().find(|row| row["type"] == "click").expect("a click");
    assert_eq!((&clicked["recommendation_id"], &clicked["product_id"]), (&drawn[0]["recommendation_id"], &drawn[0]["product_id"]));
    let personal = rows("?personal=true").into_iter().find(|row| row["type"] == "explore").expect("a draw");
    assert_eq!((&personal["shopper_id"], &personal["session_id"]), (&json!("ann"), &json!("v1")));
}
