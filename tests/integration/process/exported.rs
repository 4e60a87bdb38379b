//! `shopkeeper export` and `import` of what was exported, with a server that has the shop open and without.

use super::buyer::{buy, get};
use super::killed::{Process, fill};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

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
