//! What is larger than the journal takes: a command is refused alone, and behaviour is kept in as many entries as it takes.

use super::tests::{PATIENCE, open_at, order_of};
use super::*;
use crate::event::activity::HistoryLine;
use crate::event::trade::{Address, Buyer, Component, Line};
use crate::event::{ActivityEvent, Origin};
use crate::id::{CheckoutId, LineId, Ordinal, Sku};
use crate::money::{Currency, Money};
use crate::stdx::clock::Timestamp;
use crate::trade::{Action, Rejection, StockAction, Terms};
use std::sync::mpsc::sync_channel;

/// A cart of hundreds of bundles made an entry larger than the journal takes, and the shop took no more writes until it was started again.
#[test]
fn what_is_too_much_for_the_journal_is_refused_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = open_at(folder.path());
    shop.put(&["a"]);
    shop.stock("a", 5);
    let part = |number: usize| Component { sku: Sku::new(&format!("part-{number:0>120}")).expect("a SKU"), quantity: 1 };
    let bundle = Sku::new("box").expect("a SKU");
    let set = StockAction::SetBundle { sku: bundle.clone(), product: Ordinal(0), components: (0..50).map(part).collect() };
    assert!(shop.ask(None, Action::Stock(set)).is_ok());
    let line = |number: usize| Line {
        id: LineId::new(&number.to_string()).expect("an id"),
        sku: bundle.clone(),
        product: Ordinal(0),
        title: "Box".to_owned(),
        quantity: 1,
        unit_price: Money::new(500, Currency::EUR),
        components: Vec::new(),
    };
    let checkout = CheckoutId::new("vast").expect("an id");
    let lines: Vec<Line> = (0..500).map(line).collect();
    let (buyer, currency, address) = (Buyer::default(), Currency::EUR, Some(Address { country: "DE".to_owned(), ..Address::default() }));
    let open = Action::OpenCheckout { checkout, cart: None, buyer, address, currency, lines, terms: Terms::default() };
    let answer = shop.ask(None, open);
    assert!(matches!(&answer, Err(TradeError::Rejected(Rejection::Invalid { field, .. })) if field == "lines"), "{:?}", answer.err());
    assert!(shop.readers.trade().checkout(&CheckoutId::new("vast").expect("an id")).is_none());
    shop.open_checkout("small", "a");
    assert!(order_of(&shop.complete("small", "k", "tok_success").expect("is taken")).is_some());
    drop(shop);
    assert_eq!(open_at(folder.path()).readers.trade().orders_count(), 1);
}

#[test]
fn many_long_orders_told_at_once_are_kept_in_as_many_entries_as_it_takes() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = open_at(folder.path());
    shop.put(&["a"]);
    let line = HistoryLine { product: Ordinal(0), sku: None, quantity: 1, unit_price: Some(Money::new(500, Currency::EUR)) };
    let order = |number: usize| ActivityEvent::OrderImported {
        reference: format!("o{number}"),
        origin: Origin::default(),
        lines: vec![line.clone(); 10_000],
        happened_at: Timestamp(1_600_000_000_000),
    };
    let record = |events: Vec<ActivityEvent>| {
        let (sender, receiver) = sync_channel(1);
        shop.pipeline.activity(events, Box::new(move |kept| sender.send(kept).expect("waits")));
        receiver.recv_timeout(PATIENCE).expect("answers")
    };
    assert_eq!(record((0..30).map(order).collect()), Ok(30));
    assert_eq!(record((0..31).map(order).collect()), Ok(1), "each once");
}
