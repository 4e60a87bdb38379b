//! The pipeline from command to snapshot, and back again after it ended.

use super::*;
use crate::catalog::{Expected, Product, SettingCommand, SettingOutcome};
use crate::event::trade::{Address, Buyer, Line, StockReason};
use crate::event::{ActivityEvent, Behaviour, Document, Origin, SettingKind};
use crate::id::{
    Actor, CheckoutId, IdempotencyKey, LineId, LocationId, OrderId, Ordinal, PaymentId, ReservationId, SettingId, ShopperId, Sku,
};
use crate::money::{Currency, Money};
use crate::order::CheckoutStatus;
use crate::payment::{Provider, TestProvider};
use crate::recommend::{Gate, Relationship};
use crate::stdx::clock::{Clock, SystemClock, Timestamp};
use crate::trade::{Action, Command, Rejection, Snapshot, StockChange, Terms};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

/// Longer than anything here takes; a test that would hang fails instead.
pub(super) const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

pub(super) struct Bench {
    pub(super) pipeline: Pipeline,
    pub(super) readers: Readers,
}

pub(super) fn open_at(folder: &Path) -> Bench {
    open_with(folder, Options::default())
}

pub(super) fn open_with(folder: &Path, options: Options) -> Bench {
    open_by(folder, options, Arc::new(TestProvider))
}

pub(super) fn open_by(folder: &Path, options: Options, provider: Arc<dyn Provider>) -> Bench {
    let opening = Opening { providers: vec![provider], ..opening(options) };
    let (pipeline, readers) = open(&Folders::of(folder), opening).expect("opens");
    Bench { pipeline, readers }
}

pub(super) fn opening(options: Options) -> Opening {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Opening { options, clock, providers: vec![Arc::new(TestProvider)], with_index: true, gives_up_lost_keys: false }
}

pub(super) fn reopened(folder: &Path, gives_up_lost_keys: bool) -> Result<Bench, PipelineError> {
    let opening = Opening { gives_up_lost_keys, ..opening(Options::default()) };
    open(&Folders::of(folder), opening).map(|(pipeline, readers)| Bench { pipeline, readers })
}

impl Bench {
    pub(super) fn put(&self, ids: &[&str]) -> Vec<PutOutcome> {
        let product = |id: &&str| {
            let document = format!(
                r#"{{"id":"{id}","title":"Lamp {id}","variants":[{{"sku":"{id}-1","offers":[{{"price":{{"amount_minor":500,"currency":"EUR"}}}}]}}]}}"#
            );
            CatalogCommand::Put(Box::new(Product::from_document(document.as_bytes()).expect("a product")))
        };
        let (sender, receiver) = sync_channel(1);
        let send = move |answer| sender.send(answer).expect("waits");
        self.pipeline.catalog(ids.iter().map(product).collect(), Box::new(send));
        receiver.recv_timeout(PATIENCE).expect("answers").expect("is taken")
    }

    pub(super) fn ask(&self, key: Option<&str>, action: Action) -> Result<TradeAnswer, TradeError> {
        let key = key.map(|key| (IdempotencyKey::new(key).expect("a key"), [7; 32]));
        let (sender, receiver) = sync_channel(1);
        let wait = matches!(action, Action::CompleteCheckout { .. });
        self.pipeline.trade(Command { key, action }, wait, Box::new(move |answer| assert!(sender.send(answer).is_ok())));
        receiver.recv_timeout(PATIENCE).expect("answers")
    }

    pub(super) fn stock(&self, id: &str, units: i64) {
        let (sku, product) = (sku(id), Ordinal(0));
        let location = LocationId::new("berlin").expect("a location");
        let action = Action::MoveStock { sku, product, location, change: StockChange::To(units), reason: StockReason::Received };
        assert!(self.ask(None, action).is_ok());
    }

    pub(super) fn open_checkout(&self, name: &str, id: &str) {
        let line = Line {
            id: LineId::new("1").expect("an id"),
            sku: sku(id),
            product: Ordinal(0),
            title: "Lamp".to_owned(),
            quantity: 1,
            unit_price: Money::new(500, Currency::EUR),
            components: Vec::new(),
        };
        let buyer = Buyer { email: Some(format!("{name}@example.org")), ..Buyer::default() };
        let text = |text: &str| text.to_owned();
        let address = Address {
            name: text("A"),
            street: text("B 1"),
            city: text("C"),
            postal_code: text("10115"),
            region: String::new(),
            country: text("DE"),
        };
        let checkout = CheckoutId::new(name).expect("an id");
        let action = Action::OpenCheckout {
            checkout,
            cart: None,
            buyer,
            address: Some(address),
            currency: Currency::EUR,
            lines: vec![line],
            terms: Terms::default(),
        };
        assert!(self.ask(None, action).is_ok());
    }

    pub(super) fn completing(name: &str, key: &str, token: &str) -> Action {
        Action::CompleteCheckout {
            checkout: CheckoutId::new(name).expect("an id"),
            payment: PaymentId::new(&format!("pay_{key}")).expect("an id"),
            reservation: ReservationId::new(&format!("res_{key}")).expect("an id"),
            provider: TestProvider::NAME.to_owned(),
            token: token.to_owned(),
            parts: Vec::new(),
            terms: Terms::default(),
        }
    }

    pub(super) fn complete(&self, name: &str, key: &str, token: &str) -> Result<TradeAnswer, TradeError> {
        self.ask(Some(key), Self::completing(name, key, token))
    }
}

pub(super) fn sku(id: &str) -> Sku {
    Sku::new(&format!("{id}-1")).expect("a SKU")
}

pub(super) fn order_of(answer: &TradeAnswer) -> Option<OrderId> {
    match &answer.answer.as_ref().expect("a key was given").snapshot {
        Snapshot::Checkout(session) => session.order.clone(),
        other => panic!("a session, not {other:?}"),
    }
}

#[test]
fn what_was_answered_is_there_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = open_at(folder.path());
    assert_eq!(shop.put(&["a", "b"]), [PutOutcome::Created(Ordinal(0)), PutOutcome::Created(Ordinal(1))]);
    assert_eq!(shop.put(&["a"]), [PutOutcome::Unchanged(Ordinal(0))]);
    shop.stock("a", 3);
    shop.open_checkout("c1", "a");
    let order = order_of(&shop.complete("c1", "k1", "tok_success").expect("is taken")).expect("an order");
    let (hash, units) = (shop.readers.trade().hash(), shop.readers.trade().available_units(&sku("a")));
    assert_eq!(units, 2);
    drop(shop);

    let again = open_at(folder.path());
    assert_eq!(again.readers.trade().hash(), hash);
    assert!(again.readers.trade().order(&order).is_some());
    assert_eq!(again.readers.catalog().products_count(), 2);
    assert!(again.readers.signals.is_available(Ordinal(0)));
    assert!(again.readers.signals.row(Ordinal(0)).velocity_per_day > 0.0, "a checkpoint is written at the end");
    assert_eq!(
        order_of(&again.complete("c1", "k1", "tok_success").expect("is repeated")),
        Some(order),
        "the same key gives the same answer"
    );
}

#[test]
fn without_checkpoints_the_journal_gives_the_same_state() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = open_at(folder.path());
    shop.put(&["a"]);
    shop.stock("a", 1);
    shop.open_checkout("c1", "a");
    shop.complete("c1", "k1", "tok_success").expect("is taken");
    let readers = shop.readers.clone();
    drop(shop);
    let (hash, row) = (readers.trade().hash(), readers.signals.row(Ordinal(0)));
    std::fs::remove_dir_all(Folders::of(folder.path()).checkpoints()).expect("removes");

    let again = open_at(folder.path());
    assert_eq!(again.readers.trade().hash(), hash);
    assert_eq!(again.readers.signals.row(Ordinal(0)), row);
    assert!(!again.readers.signals.is_available(Ordinal(0)), "the last unit was sold");
}

#[test]
fn the_variants_that_can_be_sold_are_known_and_known_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = open_at(folder.path());
    let document = br#"{"id":"shoe","title":"Shoe","variants":[{"sku":"a-1"},{"sku":"b-1"}]}"#;
    let (sender, receiver) = sync_channel(1);
    let command = CatalogCommand::Put(Box::new(Product::from_document(document).expect("a product")));
    shop.pipeline.catalog(vec![command], Box::new(move |answer| sender.send(answer).expect("waits")));
    receiver.recv_timeout(PATIENCE).expect("answers").expect("is taken");
    shop.stock("a", 1);
    shop.stock("b", 2);
    shop.open_checkout("c1", "a");
    shop.complete("c1", "k1", "tok_success").expect("is taken");
    let readers = shop.readers.clone();
    drop(shop);
    let sold = |readers: &Readers| [0, 1].map(|variant| readers.signals.sells(Ordinal(0), variant));
    assert_eq!(sold(&readers), [false, true], "the only one of the first was sold");
    assert_eq!(sold(&open_at(folder.path()).readers), [false, true]);
    std::fs::remove_dir_all(Folders::of(folder.path()).checkpoints()).expect("removes");
    assert_eq!(sold(&open_at(folder.path()).readers), [false, true]);
}

#[test]
fn the_last_unit_is_sold_once_and_a_declined_payment_frees_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = open_at(folder.path());
    shop.put(&["a"]);
    shop.stock("a", 1);
    for name in ["c1", "c2", "c3"] {
        shop.open_checkout(name, "a");
    }
    let declined = shop.complete("c1", "k1", "tok_decline").expect("is answered");
    assert_eq!(order_of(&declined), None);
    assert_eq!(shop.readers.trade().available_units(&sku("a")), 1);
    assert!(order_of(&shop.complete("c2", "k2", "tok_timeout_after_success").expect("is answered")).is_some(), "the outcome is looked up");
    let refused = shop.complete("c3", "k3", "tok_success").err().expect("is refused");
    assert_eq!(refused, TradeError::Rejected(Rejection::OutOfStock { sku: sku("a"), requested: 1, available: 0 }));
    assert_eq!(
        shop.readers.trade().checkout(&CheckoutId::new("c2").expect("an id")).map(|session| session.status),
        Some(CheckoutStatus::Completed)
    );
}

#[test]
fn an_imported_order_counts_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = open_at(folder.path());
    shop.put(&["a"]);
    let record = |reference: &str| {
        let line = crate::event::activity::HistoryLine { product: Ordinal(0), sku: None, quantity: 2, unit_price: None };
        let order = ActivityEvent::OrderImported {
            reference: reference.to_owned(),
            origin: Origin::default(),
            lines: vec![line],
            happened_at: Timestamp(1_600_000_000_000),
        };
        let (sender, receiver) = sync_channel(1);
        shop.pipeline.activity(vec![order], Box::new(move |kept| sender.send(kept).expect("waits")));
        receiver.recv_timeout(PATIENCE).expect("answers").expect("is taken")
    };
    assert_eq!([record("o1"), record("o1"), record("o2")], [1, 0, 1]);
    let seen = ActivityEvent::Behaved {
        behaviour: Behaviour::View,
        product: Ordinal(0),
        quantity: 1,
        origin: Origin::default(),
        happened_at: Timestamp(1_600_000_000_001),
    };
    let (sender, receiver) = sync_channel(1);
    shop.pipeline.activity(vec![seen], Box::new(move |kept| sender.send(kept).expect("waits")));
    assert_eq!(receiver.recv_timeout(PATIENCE).expect("answers"), Ok(1));
}

#[test]
fn relations_counted_anew_say_what_the_live_ones_said_and_go_on_moving() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = open_at(folder.path());
    shop.put(&["a", "b"]);
    let order = |shop: &Bench, number: u32| {
        let line = |product| crate::event::activity::HistoryLine { product: Ordinal(product), sku: None, quantity: 1, unit_price: None };
        let origin = Origin { shopper: ShopperId::new(&format!("s{number}")).ok(), ..Origin::default() };
        let (reference, lines) = (format!("o{number}"), vec![line(0), line(1)]);
        let order = ActivityEvent::OrderImported { reference, origin, lines, happened_at: Timestamp(1_600_000_000_000) };
        let (sender, receiver) = sync_channel(1);
        shop.pipeline.activity(vec![order], Box::new(move |kept| sender.send(kept).expect("waits")));
        assert_eq!(receiver.recv_timeout(PATIENCE).expect("answers"), Ok(1));
    };
    let support_is = |shop: &Bench, wanted: u32| {
        let deadline = std::time::Instant::now() + PATIENCE;
        let ties = || shop.readers.recommend().ties(Relationship::BoughtTogether, Ordinal(0), Gate::OPEN);
        while ties().first().map_or(0, |tie| tie.support) != wanted {
            assert!(std::time::Instant::now() < deadline, "{:?} where {wanted} was expected", ties());
            std::thread::yield_now();
        }
    };
    (0..3).for_each(|number| order(&shop, number));
    support_is(&shop, 3);
    let (sender, receiver) = sync_channel(1);
    shop.pipeline.rebuild_relations(Box::new(move |rebuilt| sender.send(rebuilt).expect("waits")));
    let rebuilt = receiver.recv_timeout(PATIENCE).expect("answers").expect("is done");
    // Also bought and bought together, each both ways.
    assert_eq!((rebuilt.logs, rebuilt.ties), (3, 4));
    support_is(&shop, 3);
    order(&shop, 3);
    support_is(&shop, 4);
    shop.pipeline.stop();
    let shop = open_at(folder.path());
    support_is(&shop, 4);
}

#[test]
fn a_stopped_pipeline_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = open_at(folder.path());
    shop.pipeline.stop();
    let refused = shop.ask(None, Action::PassTime).err().expect("is refused");
    assert_eq!(refused, TradeError::Unavailable(Unavailable::Stopped));
}

#[test]
fn two_processes_cannot_open_one_shop() {
    let folder = tempfile::tempdir().expect("a folder");
    let _shop = open_at(folder.path());
    let opening = Opening { with_index: false, ..opening(Options::default()) };
    let refused = open(&Folders::of(folder.path()), opening).err().expect("is refused");
    assert!(refused.to_string().contains("another process"), "{refused}");
}

#[test]
fn a_rule_holds_from_its_answer_on_and_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let rules = |bench: &Bench| {
        let moment = bench.readers.moment().expect("an index");
        let request = crate::search::Request { limit: 10, ..crate::search::Request::default() };
        let answer = crate::search::search(&moment, &request).expect("answers");
        (answer.total, answer.merchandised.rules.len())
    };
    let hide = r#"{"then":{"hide":[{"products":["a"]}]}}"#;
    let configure = |bench: &Bench, document: Option<&str>| {
        let document = document.map(|text| Document(text.as_bytes().into()));
        let (id, actor) = (SettingId::new("sale").expect("an id"), Actor::new("ann").expect("a name"));
        let (sender, receiver) = sync_channel(1);
        let command = SettingCommand { kind: SettingKind::Rule, id, document, actor, expected: Expected::Anything };
        let (write, note) = (CatalogWrite::Settings(vec![command]), Document(Arc::default()));
        bench.pipeline.write_catalog(write, None, note, Box::new(move |answer| sender.send(answer).expect("waits")));
        match receiver.recv_timeout(PATIENCE).expect("answers").expect("is taken") {
            WriteReceipt::Done(Written { outcomes: Outcomes::Settings(outcomes), .. }) => outcomes[0],
            other => panic!("{other:?}"),
        }
    };
    let bench = open_at(folder.path());
    bench.put(&["a", "b"]);
    let begun = std::time::Instant::now();
    while rules(&bench) != (2, 0) {
        assert!(begun.elapsed() < PATIENCE, "both products are found");
        std::thread::yield_now();
    }
    assert_eq!(configure(&bench, Some(hide)), SettingOutcome::Created);
    assert_eq!(rules(&bench), (1, 1));
    bench.pipeline.stop();
    let bench = open_at(folder.path());
    assert_eq!(rules(&bench), (1, 1));
    assert_eq!(configure(&bench, None), SettingOutcome::Removed);
    assert_eq!(rules(&bench), (2, 0));
    let settings = bench.readers.catalog();
    let history = &settings.settings().get(SettingKind::Rule, &SettingId::new("sale").expect("an id")).expect("is known").history;
    assert_eq!(history.iter().map(|change| change.actor.as_str()).collect::<Vec<_>>(), ["ann", "ann"]);
}

#[test]
fn behaviour_under_a_key_is_told_once_also_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let ann = ShopperId::new("ann").expect("an id");
    let tell = |shop: &Bench, key: u8, body: u8| {
        let origin = Origin { shopper: Some(ann.clone()), ..Origin::default() };
        let (behaviour, product, happened_at) = (Behaviour::View, Ordinal(0), Timestamp(5));
        let events = vec![ActivityEvent::Behaved { behaviour, product, quantity: 1, origin, happened_at }];
        let (sender, receiver) = sync_channel(1);
        let reply = Box::new(move |answer| sender.send(answer).expect("waits"));
        shop.pipeline.activity_once(events, [key; 32], [body; 32], reply);
        receiver.recv_timeout(PATIENCE).expect("answers").expect("is taken")
    };
    let shop = open_at(folder.path());
    shop.put(&["a"]);
    assert_eq!([tell(&shop, 1, 1), tell(&shop, 1, 1), tell(&shop, 1, 2)], [KeyReceipt::Fresh, KeyReceipt::Repeated, KeyReceipt::Reused]);
    drop(shop);
    let again = open_at(folder.path());
    assert_eq!([tell(&again, 1, 1), tell(&again, 2, 1)], [KeyReceipt::Repeated, KeyReceipt::Fresh]);
    drop(again);
    let again = open_at(folder.path());
    assert_eq!(behaviour_of(again.readers.feed(), &ann).expect("is read").events.len(), 2);
}
