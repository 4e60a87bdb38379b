//! What a running pipeline does of its own accord:
//!
//! 1. all balances are gone through, and what was found can be read;
//! 2. what a start has replayed counts towards the next checkpoint: a process that dies early every time does not replay more every time;
//! 3. a write to the catalogue under a key is done once, answered the same and refused with another body, also after a restart, with checkpoints
//!    and without; of two writes over one document one is done;
//! 4. a checkpoint that goes further than the journal of activity, which lost its end with the power, is not used;
//! 5. a shop that is filled while it is open gets a generation without anybody asking.

use super::tests::{Bench, PATIENCE, open_at, open_with, sku};
use super::*;
use crate::catalog::Product;
use crate::event::{Document, Progress, Projection, Recorded};
use crate::id::{Offset, ProductId};
use std::sync::mpsc::sync_channel;
use std::time::Instant;

fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        std::thread::yield_now();
    }
}

#[test]
fn balances_are_gone_through_and_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = open_with(folder.path(), Options { balances_every_ms: 1, ..Options::default() });
    shop.put(&["a"]);
    shop.stock("a", 5);
    let as_of = shop.readers.trade().time().0;
    until("what was written is looked at", || shop.readers.balances().as_ref().as_ref().is_some_and(|found| found.as_of_ms >= as_of));
    let found = shop.readers.balances();
    let found = found.as_ref().as_ref().expect("was looked at");
    assert_eq!((found.orders_count, found.wrong_count, &found.wrong), (0, 0, &Vec::new()));
}

#[test]
fn what_a_start_replays_counts_towards_the_next_checkpoint() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = open_at(folder.path());
    shop.put(&["a"]);
    shop.stock("a", 5);
    drop(shop);
    let file = CheckpointFiles::under(&Folders::of(folder.path()).checkpoints()).trade();
    std::fs::remove_file(&file).expect("was written");
    let shop = open_with(folder.path(), Options { checkpoint_entries: 1, ..Options::default() });
    until("the replayed entry is saved, though nothing is asked of the shop", || file.exists());
    assert_eq!(shop.readers.trade().available_units(&sku("a")), 5);
    drop(shop);
    std::fs::remove_file(&file).expect("was written");
    let shop = open_with(folder.path(), Options { checkpoint_bytes: 1, ..Options::default() });
    until("so it is by bytes", || file.exists());
    drop(shop);
}

/// Nothing was ever built before somebody asked: phrases were never suggested, and slips at the first letter stayed.
#[test]
fn a_shop_that_is_filled_while_it_is_open_gets_a_generation() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = open_at(folder.path());
    let ids: Vec<String> = (0..600).map(|number| format!("p{number}")).collect();
    shop.put(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    let now = || shop.readers.search.as_ref().expect("an index").snapshot();
    until("a generation is built and promoted", || now().generation.is_some());
    let index = now();
    assert_eq!((index.columns.live().len(), crate::search::index::current(&Folders::of(folder.path()).index)), (600, index.generation));
}

fn lamp(title: &str) -> CatalogCommand {
    let document = format!(r#"{{"id":"a","title":"{title}","variants":[{{"sku":"a-1"}}]}}"#);
    CatalogCommand::Put(Box::new(Product::from_document(document.as_bytes()).expect("a product")))
}

impl Bench {
    fn writes(&self, command: CatalogCommand, once: Option<(u8, u8)>) -> WriteReceipt {
        let (sender, receiver) = sync_channel(1);
        let once = once.map(|(key, body)| Once { key: [key; 32], body: [body; 32] });
        let reply = Box::new(move |answer| sender.send(answer).expect("waits"));
        let note = Document(std::sync::Arc::from(&b"told again"[..]));
        self.pipeline.write_catalog(CatalogWrite::Products(vec![command]), once, note, reply);
        receiver.recv_timeout(PATIENCE).expect("answers").expect("is taken")
    }

    fn title(&self) -> Option<String> {
        let catalog = self.readers.catalog();
        catalog.ordinal_of(&ProductId::new("a").expect("an id")).and_then(|ordinal| catalog.title(ordinal))
    }
}

fn outcome(receipt: &WriteReceipt) -> String {
    match receipt {
        WriteReceipt::Done(written) => format!("{:?}", written.outcomes).split(['[', '(', ']']).nth(2).unwrap_or_default().to_owned(),
        WriteReceipt::Reused => "Reused".to_owned(),
    }
}

#[test]
fn a_catalogue_write_under_a_key_is_done_once_also_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = open_at(folder.path());
    let first = shop.writes(lamp("First"), Some((1, 1)));
    assert_eq!(outcome(&first), "Created");
    assert_eq!(outcome(&shop.writes(lamp("Second"), Some((2, 2)))), "Updated");
    assert_eq!(outcome(&shop.writes(lamp("Second"), Some((3, 3)))), "Unchanged");
    let entries = shop.readers.catalog().progress().catalog;
    let repeat = |shop: &Bench| {
        assert_eq!(shop.writes(lamp("First"), Some((1, 1))), first, "the answer is the first one, whatever has changed since");
        assert_eq!(outcome(&shop.writes(lamp("Second"), Some((3, 3)))), "Unchanged");
        assert_eq!(shop.writes(lamp("Third"), Some((1, 9))), WriteReceipt::Reused);
        assert_eq!((shop.title().as_deref(), shop.readers.catalog().progress().catalog), (Some("Second"), entries));
    };
    repeat(&shop);
    drop(shop);
    let shop = open_at(folder.path());
    repeat(&shop);
    drop(shop);
    std::fs::remove_file(CheckpointFiles::under(&Folders::of(folder.path()).checkpoints()).catalog()).expect("was written");
    repeat(&open_at(folder.path()));
}

#[test]
fn a_write_that_was_refused_leaves_its_key_free_and_of_two_over_one_document_one_is_done() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = open_at(folder.path());
    let patch =
        |text: &str| CatalogCommand::Patch { id: ProductId::new("a").expect("an id"), patch: serde_json::from_str(text).expect("JSON") };
    assert_eq!(outcome(&shop.writes(patch("{}"), Some((1, 1)))), "Unknown");
    let created = shop.writes(lamp("First"), Some((1, 2)));
    let WriteReceipt::Done(Written { document: Some(document), .. }) = created else { panic!("{created:?}") };
    let over = |title: &str, document| CatalogCommand::OnlyOver { document, command: Box::new(lamp(title)) };
    assert_eq!(outcome(&shop.writes(over("None was there", None), Some((2, 1)))), "Overtaken");
    assert_eq!(outcome(&shop.writes(over("Second", Some(document)), Some((2, 1)))), "Updated");
    assert_eq!(outcome(&shop.writes(over("Third", Some(document)), None)), "Overtaken");
    assert_eq!(shop.title().as_deref(), Some("Second"));
}

/// New behaviour stood at the offsets of what was lost, and was passed over for good, an erasure among it.
#[test]
fn a_checkpoint_that_knows_more_than_the_journal_kept_is_not_used() {
    struct Folded(Progress);
    impl Projection for Folded {
        fn apply(&mut self, _recorded: &Recorded) {}
        fn publish(&mut self) {}
        fn progress(&self) -> Progress {
            self.0
        }
    }
    let folded = |activity| Some(Folded(Progress { activity: Offset(activity), ..Progress::default() }));
    assert!(super::replay::within(folded(7), Offset(7), "it").is_some());
    assert!(super::replay::within(folded(8), Offset(7), "it").is_none());
}
