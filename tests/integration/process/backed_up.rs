//! `backup` and `restore`, as operators use them.
//!
//! 1. a backup that is taken while shoppers buy holds every order that was answered before it began, and a shop restored from it is whole.
//! 2. keys can be kept apart, and without them nothing is restored, nor served.
//! 3. nothing is overwritten, and what is not a whole backup is not restored.
//! 4. where there is no shop, `verify` and `backup` say so, and make none.

use super::buyer::{buy, get, order_of};
use super::killed::{Process, fill};
use super::wait_for;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

fn run(words: &[&str], shop: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shopkeeper")).args(words).arg("--shop").arg(shop).output().expect("runs")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("is UTF-8")
}

fn done(words: &[&str], shop: &Path) {
    let output = run(words, shop);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn refused(words: &[&str], shop: &Path, why: &str) {
    let output = run(words, shop);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{words:?}: {said}");
    assert!(said.contains(why), "{words:?}: {said}");
}

/// A shop in which somebody bought something, closed.
fn shop_with_an_order(shop: &Path) -> String {
    let process = Process::start(shop);
    fill(process.address);
    let order = order_of(&buy(process.address, "first", &["pen-1"])).expect("is placed");
    process.kill();
    order
}

#[test]
fn a_backup_taken_while_shoppers_buy_holds_every_order_that_was_answered_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let (shop, copy, restored) = (folder.path().join("shop"), folder.path().join("copy"), folder.path().join("restored"));
    let process = Process::start(&shop);
    fill(process.address);
    let (orders, is_over) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    let answered = std::thread::scope(|scope| {
        for shopper in 0..3 {
            let (orders, is_over, address) = (&orders, &is_over, process.address);
            scope.spawn(move || {
                for number in (0..).take_while(|_| !is_over.load(Ordering::Relaxed)) {
                    let order = order_of(&buy(address, &format!("{shopper}-{number}"), &["pen-1"])).expect("is placed");
                    orders.lock().expect("is whole").push(order);
                }
            });
        }
        wait_for("some orders", || (orders.lock().expect("is whole").len() >= 20).then_some(()));
        let answered = orders.lock().expect("is whole").clone();
        done(&["backup", text(&copy)], &shop);
        is_over.store(true, Ordering::Relaxed);
        answered
    });
    process.kill();
    done(&["restore", text(&copy)], &restored);
    done(&["verify"], &restored);
    let process = Process::start(&restored);
    for order in &answered {
        let answer = get(process.address, &format!("/v1/orders/{order}"));
        assert_eq!((answer.status, answer.json()["buyer"]["name"].as_str()), (200, Some("Ada King")), "{order}");
    }
    assert!(order_of(&buy(process.address, "after", &["pen-1"])).is_some(), "the restored shop sells");
    process.kill();
    done(&["verify"], &restored);
}

#[test]
fn keys_are_kept_apart_and_a_restore_needs_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let order = shop_with_an_order(&at("shop"));
    done(&["backup", text(&at("copy")), "--keys", text(&at("keys"))], &at("shop"));
    assert!(at("keys").join("master.key").is_file() && !at("copy").join("data/keys").exists());
    refused(&["restore", text(&at("copy"))], &at("restored"), "its keys are kept apart");
    refused(&["restore", text(&at("copy")), "--keys", text(&at("copy"))], &at("restored"), "there are no keys here");
    done(&["restore", text(&at("copy")), "--keys", text(&at("keys"))], &at("restored"));
    let process = Process::start(&at("restored"));
    assert_eq!(get(process.address, &format!("/v1/orders/{order}")).json()["buyer"]["name"], "Ada King");
    process.kill();
    // A folder of keys that was lost is not made anew without a word.
    std::fs::remove_dir_all(at("restored").join("data/keys")).expect("is removed");
    refused(&["serve", "--listen", "127.0.0.1:0"], &at("restored"), "--give-up-lost-keys");
    refused(&["export", "orders", "--output", text(&at("orders.csv"))], &at("restored"), "Put the folder back");
}

#[test]
fn nothing_is_overwritten_and_what_is_no_whole_backup_is_not_restored() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    shop_with_an_order(&at("shop"));
    done(&["backup", text(&at("copy"))], &at("shop"));
    refused(&["backup", text(&at("copy"))], &at("shop"), "there is something here already");
    refused(&["backup", text(&at("shop").join("index/copy"))], &at("shop"), "which is copied");
    refused(&["restore", text(&at("copy"))], &at("shop"), "there is a shop here already");
    let segment = at("copy").join("data/journal/trade/00000000000000000000.seg");
    let bytes = std::fs::read(&segment).expect("is there");
    let mut rotten = bytes.clone();
    rotten[bytes.len() / 2] ^= 1;
    std::fs::write(&segment, rotten).expect("is written");
    refused(&["restore", text(&at("copy"))], &at("restored"), "its bytes are not those that were written");
    assert!(!at("restored").join("data/journal").exists(), "a half restored folder is no shop");
    std::fs::write(&segment, &bytes[..bytes.len() - 8]).expect("is written");
    refused(&["restore", text(&at("copy"))], &at("restored"), "its bytes are not those that were written");
    std::fs::remove_file(&segment).expect("is removed");
    refused(&["restore", text(&at("copy"))], &at("restored"), "00000000000000000000.seg");
    std::fs::write(&segment, bytes).expect("is written");
    std::fs::rename(at("copy").join("backup.json"), at("aside.json")).expect("is renamed");
    refused(&["restore", text(&at("copy"))], &at("restored"), "not a backup");
    let manifest = std::fs::read_to_string(at("aside.json")).expect("is there");
    std::fs::write(at("copy").join("backup.json"), manifest.replace("\"data/journal/trade", "\"../trade")).expect("is written");
    refused(&["restore", text(&at("copy"))], &at("restored"), "which is not below it");
    std::fs::write(at("copy").join("backup.json"), manifest).expect("is written");
    done(&["restore", text(&at("copy"))], &at("restored"));
    done(&["verify"], &at("restored"));
}

#[test]
fn where_there_is_no_shop_nothing_is_well_and_nothing_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let nowhere = folder.path().join("nowhere");
    refused(&["verify"], &nowhere, "there is no shop here");
    refused(&["backup", text(&folder.path().join("copy"))], &nowhere, "there is no shop here");
    assert!(!nowhere.exists() && !folder.path().join("copy").exists());
}

#[test]
fn a_damaged_journal_is_no_backup_and_verify_lists_the_damage() {
    let folder = tempfile::tempdir().expect("a folder");
    let (shop, copy) = (folder.path().join("shop"), folder.path().join("copy"));
    shop_with_an_order(&shop);
    let segment = shop.join("data/journal/trade/00000000000000000000.seg");
    let mut bytes = std::fs::read(&segment).expect("is there");
    bytes[600] ^= 1;
    std::fs::write(&segment, bytes).expect("is written");
    refused(&["backup", text(&copy)], &shop, "the trade journal");
    assert!(!copy.join("backup.json").exists());
    let verified = run(&["verify", "--json"], &shop);
    let report: serde_json::Value = serde_json::from_slice(&verified.stdout).expect("one JSON object, also when something is broken");
    assert_eq!((verified.status.code(), report["broken"].as_array().map(Vec::len)), (Some(1), Some(1)), "{report}");
}
