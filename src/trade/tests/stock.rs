//! The behaviour of stock beyond units on hand: purchases on their way, transfers, counts, and units that are not fit for sale.

use super::*;
use crate::event::trade::{Account, PurchaseLine, Receipt, SkuUnits, TransferLine, TransferReceipt};
use crate::inventory::{CountStatus, Purchase, PurchaseStatus, TransferStatus};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

pub(super) fn ask(shop: &mut Shop, action: StockAction) -> Result<Vec<TradeEvent>, Rejection> {
    shop.ask(Action::Stock(action))
}

/// The field that a refusal names.
pub(super) fn field(refused: Result<Vec<TradeEvent>, Rejection>) -> String {
    match refused {
        Err(Rejection::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    }
}

pub(super) fn line(sku: &str, ordered: i64, in_days: i64) -> PurchaseLine {
    PurchaseLine { sku: id(sku), product: Ordinal(0), ordered, expected_at: Timestamp(1_000 + in_days * DAY_MS) }
}

pub(super) fn orders_goods(shop: &mut Shop, purchase: &str, lines: Vec<PurchaseLine>) -> Result<Vec<TradeEvent>, Rejection> {
    let (purchase, location) = (id(purchase), id("north"));
    ask(shop, StockAction::OpenPurchase { purchase, supplier: "Maker".to_owned(), location, lines, over_percent: 10 })
}

pub(super) fn receives(shop: &mut Shop, purchase: &str, accepted: i64, closes: bool) -> Result<Vec<TradeEvent>, Rejection> {
    let receipts = vec![Receipt { sku: id("a"), accepted, damaged: 0, quality_hold: 0 }];
    ask(shop, StockAction::ReceivePurchase { purchase: id(purchase), receipts, closes })
}

fn shifts(shop: &mut Shop, from: Account, to: Account, quantity: i64) -> Result<Vec<TradeEvent>, Rejection> {
    let units = Units { sku: id("a"), location: id("north"), quantity };
    ask(shop, StockAction::Shift { units, product: Ordinal(0), from, to, reason: StockReason::Adjusted })
}

#[test]
fn goods_that_are_ordered_are_on_their_way_until_they_are_received() {
    let mut shop = Shop::stocked();
    let incoming = |shop: &Shop| shop.state.buckets(&id("a"), &id("north")).incoming;
    orders_goods(&mut shop, "po", vec![line("a", 20, 3), line("b", 5, 4)]).expect("orders");
    assert_eq!((incoming(&shop), shop.available("a"), shop.state.arrivals(&id("a")).len()), (20, 15, 1));
    let receipts = vec![Receipt { sku: id("a"), accepted: 6, damaged: 2, quality_hold: 1 }];
    ask(&mut shop, StockAction::ReceivePurchase { purchase: id("po"), receipts, closes: false }).expect("receives");
    let buckets = shop.state.buckets(&id("a"), &id("north"));
    assert_eq!((buckets.on_hand, buckets.damaged, buckets.quality_hold, buckets.incoming), (19, 2, 1, 11));
    assert_eq!(shop.available("a"), 21, "broken and unseen units are not sold");
    assert_eq!(field(receives(&mut shop, "po", 14, false)), "receipts[0].accepted", "22 of 20 are tolerated");
    receives(&mut shop, "po", 13, false).expect("two more than were ordered");
    assert_eq!((incoming(&shop), shop.state.arrivals(&id("a")).len()), (0, 0));
    receives(&mut shop, "po", 1, false).expect_err("no more");
    ask(&mut shop, StockAction::ReceivePurchase { purchase: id("po"), receipts: Vec::new(), closes: true }).expect("comes to its end");
    assert_eq!(shop.state.purchase(&id("po")).expect("is kept for a day").status, PurchaseStatus::Received);
    assert_eq!(shop.state.buckets(&id("b"), &id("north")).incoming, 0, "what did not come is not expected any more");
    assert!(matches!(receives(&mut shop, "po", 1, false), Err(Rejection::WrongStatus { status: "received", .. })));
    shop.passes(KEY_KEPT_MS + 1);
    shop.moves("a", "north", StockChange::By(1)).expect("moves");
    assert!(shop.state.purchase(&id("po")).is_none(), "it is forgotten after a day");
}

#[test]
fn an_open_purchase_can_be_changed_and_canceled() {
    let mut shop = Shop::stocked();
    orders_goods(&mut shop, "po", vec![line("a", 20, 3)]).expect("orders");
    assert!(matches!(orders_goods(&mut shop, "po", vec![line("a", 1, 3)]), Err(Rejection::Exists { .. })));
    receives(&mut shop, "po", 8, false).expect("receives");
    let changes = |shop: &mut Shop, lines| ask(shop, StockAction::ChangePurchase { purchase: id("po"), lines });
    assert_eq!(field(changes(&mut shop, vec![line("a", 7, 3)])), "lines[0].ordered", "eight have come");
    assert_eq!(field(changes(&mut shop, vec![line("b", 7, 3)])), "lines", "what came in part must stay");
    changes(&mut shop, vec![line("a", 12, 5), line("b", 2, 6)]).expect("changes");
    assert_eq!(changes(&mut shop, vec![line("a", 12, 5), line("b", 2, 6)]), Ok(Vec::new()), "nothing to do");
    let incoming = |shop: &Shop| ["a", "b"].map(|sku| shop.state.buckets(&id(sku), &id("north")).incoming);
    assert_eq!(incoming(&shop), [4, 2]);
    ask(&mut shop, StockAction::CancelPurchase { purchase: id("po") }).expect("cancels");
    assert_eq!(incoming(&shop), [0, 0]);
}

#[test]
fn purchases_that_make_no_sense_are_refused_by_name() {
    let mut shop = Shop::stocked();
    let mut check = |lines: Vec<PurchaseLine>, expected: &str| assert_eq!(field(orders_goods(&mut shop, "po", lines)), expected);
    check(Vec::new(), "lines");
    check(vec![line("a", 0, 1)], "lines[0].ordered");
    check(vec![line("a", -1, 1)], "lines[0].ordered");
    check(vec![line("a", i64::MAX, 1)], "lines[0].ordered");
    check(vec![line("a", 1, 1), line("a", 1, 1)], "lines[1].sku");
    let unknown = receives(&mut shop, "po", 1, false);
    assert_eq!(unknown, Err(Rejection::Unknown { kind: "purchase order", id: "po".to_owned() }));
}

#[test]
fn a_transfer_is_on_its_way_until_it_arrives_or_is_lost() {
    let mut shop = Shop::stocked();
    let asks = |shop: &mut Shop, transfer: &str, requested| {
        let lines = vec![TransferLine { sku: id("a"), product: Ordinal(0), requested }];
        let (from, to, expected_at) = (id("north"), id("west"), Timestamp(9_000));
        ask(shop, StockAction::RequestTransfer { transfer: id(transfer), from, to, lines, expected_at })
    };
    asks(&mut shop, "t", 8).expect("asks");
    assert_eq!(shop.available("a"), 15, "nothing has left");
    let sends = |shop: &mut Shop, transfer: &str, quantity| {
        let units = vec![SkuUnits { sku: id("a"), quantity }];
        ask(shop, StockAction::SendTransfer { transfer: id(transfer), units })
    };
    assert_eq!(field(sends(&mut shop, "t", 9)), "units[0].quantity", "eight were asked for");
    sends(&mut shop, "t", 7).expect("sends");
    assert_eq!((shop.available("a"), shop.state.buckets(&id("a"), &id("west")).in_transit), (8, 7));
    let arrives = |shop: &mut Shop, received, damaged, lost| {
        let receipts = vec![TransferReceipt { sku: id("a"), received, damaged, lost }];
        ask(shop, StockAction::ReceiveTransfer { transfer: id("t"), receipts })
    };
    assert_eq!(field(arrives(&mut shop, 7, 1, 0)), "receipts[0].received", "seven are on their way");
    arrives(&mut shop, 3, 1, 0).expect("arrives");
    arrives(&mut shop, 1, 0, 2).expect("arrives");
    let west = shop.state.buckets(&id("a"), &id("west"));
    assert_eq!((west.on_hand, west.damaged, west.in_transit, shop.available("a")), (5, 1, 0, 12));
    assert_eq!(shop.state.transfer(&id("t")).expect("is kept for a day").status, TransferStatus::Received);
    asks(&mut shop, "u", 8).expect("asks");
    let short = ask(&mut shop, StockAction::SendTransfer { transfer: id("u"), units: Vec::new() });
    assert_eq!(short, Err(Rejection::OutOfStock { sku: id("a"), requested: 8, available: 3 }));
    ask(&mut shop, StockAction::CancelTransfer { transfer: id("u") }).expect("cancels");
    assert!(matches!(sends(&mut shop, "u", 1), Err(Rejection::WrongStatus { status: "canceled", .. })));
}

#[test]
fn a_count_holds_only_while_nothing_has_moved() {
    let mut shop = Shop::stocked();
    let (count, location) = (id("count"), id("north"));
    assert_eq!(field(ask(&mut shop, StockAction::OpenCount { count: id("x"), location: id("west"), skus: vec![id("a")] })), "skus[0]");
    ask(&mut shop, StockAction::OpenCount { count, location, skus: vec![id("a"), id("b")] }).expect("opens");
    let counts = |shop: &mut Shop, sku: &str, counted, expected| {
        let counted = vec![CountedUnits { sku: id(sku), counted, expected }];
        ask(shop, StockAction::RecordCount { count: id("count"), counted })
    };
    shop.sells("one", "a=1");
    shop.ask(Action::ShipOrder { order: id("one"), shipment: id("s"), units: Vec::new() }).expect("ships");
    let stale = counts(&mut shop, "a", 10, None);
    assert_eq!(stale, Err(Rejection::StockChanged { sku: id("a"), expected: 10, on_hand: 9 }), "one has left since");
    let events = counts(&mut shop, "a", 7, Some(9)).expect("counts");
    assert!(matches!(events[0], TradeEvent::StockMoved { on_hand_delta: -2, reason: StockReason::Counted, .. }));
    assert_eq!(kinds(&counts(&mut shop, "b", 3, None).expect("counts")).len(), 1, "no difference is no movement");
    assert_eq!(shop.state.count(&id("count")).expect("is kept for a day").status, CountStatus::Done);
}

#[test]
fn units_move_between_what_is_sold_and_what_is_not() {
    let mut shop = Shop::stocked();
    let check = |shop: &Shop, on_hand, damaged, quality_hold, available| {
        let buckets = shop.state.buckets(&id("a"), &id("north"));
        assert_eq!(
            (buckets.on_hand, buckets.damaged, buckets.quality_hold, buckets.available()),
            (on_hand, damaged, quality_hold, available)
        );
    };
    shifts(&mut shop, Account::Available, Account::Damaged, 4).expect("moves");
    check(&shop, 10, 4, 0, 6);
    shifts(&mut shop, Account::Damaged, Account::WrittenOff, 3).expect("moves");
    check(&shop, 7, 1, 0, 6);
    shifts(&mut shop, Account::Customer, Account::QualityHold, 2).expect("moves");
    check(&shop, 9, 1, 2, 6);
    shifts(&mut shop, Account::QualityHold, Account::Available, 2).expect("moves");
    check(&shop, 9, 1, 0, 8);
    assert_eq!(field(shifts(&mut shop, Account::Damaged, Account::Available, 2)), "damaged", "one is");
    assert_eq!(field(shifts(&mut shop, Account::Available, Account::Damaged, 0)), "quantity");
    assert_eq!(field(shifts(&mut shop, Account::Available, Account::Damaged, i64::MAX)), "quantity");
    assert_eq!(field(shifts(&mut shop, Account::Allocated, Account::Available, 1)), "from");
    assert_eq!(field(shifts(&mut shop, Account::Available, Account::Available, 1)), "to");
    assert_eq!(field(shifts(&mut shop, Account::Supplier, Account::WrittenOff, 1)), "to");
    shop.opens("k", "a=12").expect("opens");
    shop.completes("k", "p", None).expect("completes");
    assert_eq!(field(shifts(&mut shop, Account::Available, Account::Damaged, 2)), "quantity", "what is promised stays fit for sale");
}

/// Transfers were sent however much of the SKU was on its way already: only purchases were counted, and each change looks through all of it.
#[test]
fn no_more_of_a_sku_is_on_its_way_than_may_be_whether_bought_or_moved() {
    let mut shop = Shop::stocked();
    let lines = vec![TransferLine { sku: id("a"), product: Ordinal(0), requested: 1 }];
    let (from, to, expected_at) = (id("north"), id("west"), Timestamp(9_000));
    ask(&mut shop, StockAction::RequestTransfer { transfer: id("t"), from, to, lines, expected_at }).expect("is asked for");
    orders_goods(&mut shop, "p0", vec![line("a", 1, 3)]).expect("orders");
    let first = shop.state.purchase(&id("p0")).expect("a purchase").as_ref().clone();
    // The others come into the book at once: a thousand commands, each of which checks everything, take minutes.
    for number in 1..1_000 {
        let purchase = Purchase { id: id(&format!("p{number}")), ..first.clone() };
        shop.state.stock_book.put_purchase(purchase);
    }
    let sent = |shop: &Shop| {
        let send = StockAction::SendTransfer { transfer: id("t"), units: Vec::new() };
        decide(&shop.state, &Command { key: None, action: Action::Stock(send) }, shop.now)
    };
    assert_eq!(field(sent(&shop)), "units[0].sku");
    shop.state.stock_book.put_purchase(Purchase { status: PurchaseStatus::Canceled, ..first });
    assert!(sent(&shop).is_ok());
}
