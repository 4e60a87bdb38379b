//! Orders after they are placed.

use super::*;

fn ship(order: &str, shipment: &str, units: Vec<Units>) -> Action {
    Action::ShipOrder { order: id(order), shipment: id::<ShipmentId>(shipment), units }
}

fn deliver(order: &str, shipment: &str) -> Action {
    Action::DeliverShipment { order: id(order), shipment: id(shipment) }
}

fn cancel(order: &str) -> Action {
    Action::CancelOrder { order: id(order), reason: "changed my mind".to_owned() }
}

fn axes(shop: &Shop) -> (&'static str, &'static str, &'static str) {
    let order = shop.order("o");
    (order.status.name(), order.payment_status.name(), order.fulfilment_status.name())
}

#[test]
fn an_order_is_shipped_in_parts_paid_with_the_last_and_closed_when_delivered() {
    let mut shop = Shop::stocked();
    shop.sells("o", "a=12 b=1");
    assert_eq!(*shop.order("o").units, *units_of(&[("a", "north", 10), ("a", "south", 2), ("b", "north", 1)]));
    let some = shop.ask(ship("o", "s1", units_of(&[("a", "north", 4)]))).expect("ships");
    assert_eq!(kinds(&some), ["OrderShipped", "Payment(Asked"]);
    assert_eq!(axes(&shop), ("placed", "authorized", "partial"));
    assert!(matches!(shop.ask(ship("o", "s1", Vec::new())), Err(Rejection::Exists { kind: "shipment", .. })));
    let rest = shop.ask(ship("o", "s2", Vec::new())).expect("ships the rest");
    assert_eq!(kinds(&rest), ["OrderShipped", "Payment(Asked"]);
    assert_eq!(axes(&shop), ("placed", "authorized", "fulfilled"));
    assert!(matches!(shop.ask(ship("o", "s3", Vec::new())), Err(Rejection::WrongStatus { status: "fulfilled", .. })));
    let captured = shop.hears("o", "o", PaymentOutcome::Captured).expect("is captured");
    assert_eq!(kinds(&captured), ["PaymentCaptured", "LedgerPosted"]);
    assert_eq!(axes(&shop), ("placed", "partially_paid", "fulfilled"), "what left first is paid first");
    shop.hears("o", "o", PaymentOutcome::Captured).expect("is captured");
    assert_eq!(shop.hears("o", "o", PaymentOutcome::Captured), Ok(Vec::new()));
    shop.ask(deliver("o", "s1")).expect("delivers");
    assert_eq!(axes(&shop), ("placed", "paid", "fulfilled"));
    shop.ask(deliver("o", "s2")).expect("delivers");
    assert_eq!(shop.ask(deliver("o", "s2")), Ok(Vec::new()));
    assert_eq!(axes(&shop), ("closed", "paid", "delivered"));
    assert_eq!(shop.state.ledger().balance("provider/test", Currency::EUR), shop.order("o").totals.total.amount_minor);
    assert_eq!((shop.available("a"), shop.state.buckets(&id("a"), &id("north")).on_hand), (3, 0));
}

#[test]
fn an_order_that_was_delivered_first_closes_when_it_is_paid() {
    let mut shop = Shop::stocked();
    shop.sells("o", "a=1");
    shop.ask(ship("o", "s", Vec::new())).expect("ships");
    shop.ask(deliver("o", "s")).expect("delivers");
    assert_eq!(axes(&shop), ("placed", "authorized", "delivered"));
    shop.hears("o", "o", PaymentOutcome::Captured).expect("is captured");
    assert_eq!(axes(&shop), ("closed", "paid", "delivered"));
}

#[test]
fn a_canceled_order_frees_its_units_and_gives_the_money_back() {
    let mut shop = Shop::stocked();
    shop.sells("o", "a=12");
    assert_eq!(shop.available("a"), 3);
    let canceled = shop.ask(cancel("o")).expect("cancels");
    assert_eq!(kinds(&canceled), ["OrderCanceled", "LedgerPosted", "PaymentVoidRequested"]);
    assert!(matches!(&canceled[0], TradeEvent::OrderCanceled { lines, .. } if *lines == lines_of("a=12")));
    assert_eq!(axes(&shop), ("canceled", "authorized", "canceled"));
    shop.hears("o", "o", PaymentOutcome::Voided).expect("is voided");
    assert_eq!(axes(&shop), ("canceled", "voided", "canceled"));
    assert_eq!((shop.available("a"), shop.state.ledger().balances()), (15, Vec::new()));
    assert!(matches!(shop.ask(cancel("o")), Err(Rejection::WrongStatus { status: "canceled", .. })));
    assert!(matches!(shop.ask(ship("o", "s", Vec::new())), Err(Rejection::WrongStatus { status: "canceled", .. })));
    assert_eq!(shop.session("o").status.name(), "completed", "what was answered once is answered for ever");
}

#[test]
fn what_has_left_cannot_be_canceled_and_no_more_leaves_than_was_sold() {
    let mut shop = Shop::stocked();
    shop.sells("o", "a=2");
    let field = |refused| match refused {
        Err(Rejection::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(shop.ask(ship("o", "s", units_of(&[("a", "north", 3)])))), "units[0]");
    assert_eq!(field(shop.ask(ship("o", "s", units_of(&[("a", "north", 1), ("a", "south", 1)])))), "units[1]");
    assert_eq!(field(shop.ask(ship("o", "s", units_of(&[("a", "north", -1)])))), "units[0]");
    shop.ask(ship("o", "s", units_of(&[("a", "north", 1)]))).expect("ships");
    assert!(matches!(shop.ask(cancel("o")), Err(Rejection::WrongStatus { kind: "order", status: "partial" })));
    assert!(matches!(shop.ask(deliver("o", "x")), Err(Rejection::Unknown { kind: "shipment", .. })));
    assert!(matches!(shop.ask(cancel("x")), Err(Rejection::Unknown { kind: "order", .. })));
}

#[test]
fn a_backorder_waits_for_its_goods() {
    let mut shop = Shop::stocked();
    let (sku, location) = (id::<Sku>("b"), id::<LocationId>("north"));
    let limits = Action::SetStockLimits { sku, product: Ordinal(0), location, safety_stock: 0, backorder_cap: 2 };
    shop.ask(limits).expect("sets");
    shop.sells("o", "b=5");
    assert_eq!((axes(&shop).2, shop.available("b")), ("backordered", 0));
    assert_eq!(shop.ask(ship("o", "s", Vec::new())), Err(Rejection::OutOfStock { sku: id("b"), requested: 5, available: 3 }));
    shop.moves("b", "north", StockChange::By(4)).expect("moves");
    shop.ask(ship("o", "s", Vec::new())).expect("ships");
    assert_eq!((axes(&shop).2, shop.available("b")), ("fulfilled", 4));
}

#[test]
fn orders_are_listed_newest_first() {
    let mut shop = Shop::stocked();
    ["z", "m", "a"].into_iter().for_each(|name| shop.sells(name, "a=1"));
    let names = |before, limit| -> Vec<String> { shop.state.orders(before, limit).iter().map(|order| order.id.to_string()).collect() };
    assert_eq!(names(None, 2), ["a", "m"]);
    assert_eq!(names(Some(1), 2), ["z"]);
    assert_eq!(names(Some(99), 9), ["a", "m", "z"]);
    assert_eq!(names(Some(0), 9), Vec::<String>::new());
}
