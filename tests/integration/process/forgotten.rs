//! Somebody is forgotten by a server that is killed right after its answer: nothing of theirs is in any file of the shop, nor comes back.

use super::buyer::{get, order_of, post};
use super::killed::{Process, fill};
use super::wait_for;
use crate::http::client;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;

/// What says who the shopper is; found nowhere else.
const TEXTS: [&str; 5] = ["zerlina@example.org", "Zerlina", "Quettlebrook", "Zwiebelgasse 17", "Unterkirnach"];

fn session_of() -> Value {
    json!({
        "line_items": [{"item": {"id": "pen-1"}, "quantity": 2}],
        "buyer": {"email": TEXTS[0], "first_name": TEXTS[1], "last_name": TEXTS[2], "shopper_id": "s-417"},
        "fulfillment": {"methods": [{"type": "shipping", "destinations": [{
            "first_name": TEXTS[1], "last_name": TEXTS[2], "street_address": TEXTS[3], "address_locality": TEXTS[4],
            "address_country": "DE", "postal_code": "78089"
        }]}]}
    })
}

fn buy(address: SocketAddr, key: &str) -> String {
    let session = post(address, "/ucp/v1/checkout-sessions", &format!("{key}-open"), &session_of());
    assert_eq!((session.status, &session.json()["buyer"]["email"]), (201, &json!(TEXTS[0])), "{}", session.json());
    let id = session.json()["id"].as_str().expect("an id").to_owned();
    let instrument = json!({"id": "i1", "handler_id": "test", "type": "token", "selected": true, "credential": {"type": "token", "token": "tok_success"}});
    let payment = json!({"payment": {"instruments": [instrument]}});
    let done = post(address, &format!("/ucp/v1/checkout-sessions/{id}/complete"), &format!("{key}-pay"), &payment);
    order_of(&done).unwrap_or_else(|| panic!("{}", done.json()))
}

fn delete(address: SocketAddr, path: &str) {
    assert_eq!(client::send(address, &format!("DELETE {path}"), &[], b"").status, 204, "{path}");
}

/// Files of the shop that hold one of the texts.
fn files_that_tell(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for path in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if path.is_dir() {
            found.extend(files_that_tell(&path));
            continue;
        }
        let bytes = std::fs::read(&path).expect("a file");
        let holds = |text: &str| memchr::memmem::find(&bytes, text.as_bytes()).is_some();
        found.extend(TEXTS.iter().find(|text| holds(text)).map(|text| format!("{}: {text}", path.display())));
    }
    found
}

#[test]
fn who_was_forgotten_is_in_no_file_and_does_not_come_back_after_a_kill() {
    let folder = tempfile::tempdir().expect("a folder");
    let process = Process::start(folder.path());
    fill(process.address);
    let order = buy(process.address, "one");
    let path = format!("/v1/orders/{order}");
    assert_eq!(get(process.address, &path).json()["address"]["street"], TEXTS[3]);
    let view = json!({"type": "view", "product_id": "pen", "shopper_id": "s-417"});
    assert_eq!(post(process.address, "/v1/events", "-", &view).status, 202);
    // Behaviour is read when it is durable, a moment after it was taken.
    let export = wait_for("the view is exported", || {
        let export = get(process.address, "/v1/shoppers/s-417/export").json();
        export["behaviour"].to_string().contains("view").then_some(export)
    });
    let held = |name: &str| export[name].as_array().map(Vec::len);
    assert_eq!((held("orders"), held("payments")), (Some(1), Some(1)), "{export}");
    assert!(
        held("behaviour") >= Some(1) && export["orders"][0]["buyer"]["email"] == TEXTS[0] && !export.to_string().contains("tok_success")
    );

    let is_told_which = |one: &Value| one["behaved"].is_null() || one["product_id"] == "pen";
    assert!(export["behaviour"].as_array().is_some_and(|told| told.iter().all(is_told_which)), "{export}");
    assert_eq!(export["orders"][0]["lines"][0]["product_id"], "pen");

    delete(process.address, "/v1/shoppers/s-417");
    process.kill();
    assert_eq!(files_that_tell(folder.path()), Vec::<String>::new());

    let process = Process::start(folder.path());
    let kept = get(process.address, &path).json();
    assert_eq!(
        (&kept["lines"][0]["quantity"], &kept["buyer"]["email"], &kept["buyer"]["shopper"]),
        (&json!(2), &Value::Null, &Value::Null)
    );
    assert!(!TEXTS.iter().any(|text| kept.to_string().contains(text)), "{kept}");
    assert_eq!(get(process.address, "/v1/shoppers/s-417/export").status, 404);
    let told = get(process.address, "/v1/changes?personal=true&limit=1000").json().to_string();
    assert!(told.contains("[erased]") && !TEXTS.iter().any(|text| told.contains(text)));
    // Who comes back is a new person.
    buy(process.address, "two");
    assert_eq!(get(process.address, "/v1/shoppers/s-417/export").json()["orders"].as_array().map(Vec::len), Some(1));
    process.kill();
    assert_eq!(files_that_tell(folder.path()), Vec::<String>::new());
}
