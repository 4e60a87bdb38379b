//! `shopkeeper train relations` on a shop that a server has open, and on the same shop when nobody has.

use super::buyer::post;
use super::killed::Process;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

fn train(shop: &Path) -> Value {
    let words = ["--json", "train", "relations", "--budget-s", "0", "--shop"];
    let output = Command::new(env!("CARGO_BIN_EXE_shopkeeper")).args(words).arg(shop).output().expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("is JSON")
}

/// It was refused once: the journal has one holder, so only shops that were closed could learn.
#[test]
fn an_open_shop_learns_tastes_through_its_server_as_a_closed_one_does_by_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let process = Process::start(folder.path());
    let address = process.address;
    for name in ["pen", "ink"] {
        let offers = json!([{"price": {"amount_minor": 500, "currency": "USD"}}]);
        let product = json!({"id": name, "title": name, "variants": [{"sku": format!("{name}-1"), "offers": offers}]});
        assert!(post(address, "/v1/products", name, &product).status < 300);
        // What one shopper alone looked at is told to nobody.
        for shopper in ["ann", "ben"] {
            let view = json!({"type": "view", "product_id": name, "shopper_id": shopper});
            assert_eq!(post(address, "/v1/events", &format!("{shopper}-{name}"), &view).status, 202);
        }
    }
    let file = folder.path().join("models").join("relations.bin");
    // Relations are counted by the thread that folds, behind the views.
    let served = train(folder.path());
    assert!(served["pairs"] == 2 && served["voices"][0]["method"] == "ridge", "{served}");
    assert!(file.exists(), "the server has written what it learnt");
    let refused = Command::new(env!("CARGO_BIN_EXE_shopkeeper")).args(["train", "embeddings", "--shop"]).arg(folder.path()).output();
    let refused = refused.expect("runs");
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && told.contains("stop the server"), "{told}");
    process.kill();
    std::fs::remove_file(&file).expect("is removed");
    let offline = train(folder.path());
    assert_eq!((&offline["pairs"], &offline["voices"], &offline["dims"]), (&served["pairs"], &served["voices"], &served["dims"]));
    assert!(file.exists());
}
