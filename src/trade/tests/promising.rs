//! What is promised beyond what is there: backorders served in the order in which they came, sales before the release, and dates.

use super::stock::{ask, field, line, orders_goods, receives};
use super::*;
use crate::event::trade::StockTerms;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Nothing of `a` on hand in the north but `cap` that may be promised.
fn sold_out(cap: i64) -> Shop {
    let mut shop = Shop::empty();
    limits(&mut shop, cap);
    shop
}

fn limits(shop: &mut Shop, backorder_cap: i64) {
    let (sku, product, location) = (id("a"), Ordinal(0), id("north"));
    shop.ask(Action::SetStockLimits { sku, product, location, safety_stock: 0, backorder_cap }).expect("sets");
}

fn status(shop: &Shop, order: &str) -> &'static str {
    shop.order(order).fulfilment_status.name()
}

fn statuses(shop: &Shop, orders: &[&str]) -> String {
    orders.iter().map(|order| status(shop, order)).collect::<Vec<_>>().join(" ")
}

fn ready(shop: &Shop, order: &str) -> i64 {
    shop.state.ready_units(&shop.order(order)).iter().map(|row| row.quantity).sum()
}

fn ships(shop: &mut Shop, order: &str) -> Result<Vec<TradeEvent>, Rejection> {
    shop.ask(Action::ShipOrder { order: id(order), shipment: id(order), units: Vec::new() })
}

#[test]
fn backorders_are_capped_and_served_in_the_order_in_which_they_came() {
    let mut shop = sold_out(6);
    shop.sells("first", "a=2");
    shop.sells("second", "a=3");
    shop.opens("third", "a=2").expect("opens");
    let refused = shop.completes("third", "third", None);
    assert_eq!(refused, Err(Rejection::OutOfStock { sku: id("a"), requested: 2, available: 1 }));
    assert_eq!(statuses(&shop, &["first", "second"]), "backordered backordered");
    orders_goods(&mut shop, "po", vec![line("a", 10, 1)]).expect("orders");
    receives(&mut shop, "po", 1, false).expect("receives");
    assert_eq!((statuses(&shop, &["first", "second"]).as_str(), ready(&shop, "first")), ("backordered backordered", 1));
    receives(&mut shop, "po", 3, false).expect("receives");
    assert_eq!((statuses(&shop, &["first", "second"]).as_str(), ready(&shop, "second")), ("unfulfilled backordered", 2));
    let early = ships(&mut shop, "second");
    assert_eq!(early, Err(Rejection::OutOfStock { sku: id("a"), requested: 3, available: 2 }), "two of those there are another's");
    ships(&mut shop, "first").expect("ships");
    assert_eq!(ready(&shop, "second"), 2);
    receives(&mut shop, "po", 1, false).expect("receives");
    assert_eq!(status(&shop, "second"), "unfulfilled");
    ships(&mut shop, "second").expect("ships");
}

#[test]
fn what_a_canceled_order_leaves_goes_to_the_next_in_line() {
    let mut shop = sold_out(9);
    shop.moves("a", "north", StockChange::To(2)).expect("moves");
    ["first", "second", "third"].iter().for_each(|order| shop.sells(order, "a=2"));
    assert_eq!(statuses(&shop, &["first", "second", "third"]), "unfulfilled backordered backordered");
    shop.ask(Action::CancelOrder { order: id("first"), reason: String::new() }).expect("cancels");
    assert_eq!(statuses(&shop, &["second", "third"]), "unfulfilled backordered");
    shop.ask(Action::CancelOrder { order: id("third"), reason: String::new() }).expect("cancels");
    assert!(shop.state.stock_book.backlog.is_empty());
}

#[test]
fn goods_that_are_lost_are_missed_by_who_came_last() {
    let mut shop = sold_out(9);
    shop.moves("a", "north", StockChange::To(5)).expect("moves");
    ["first", "second"].iter().for_each(|order| shop.sells(order, "a=2"));
    assert_eq!(statuses(&shop, &["first", "second"]), "unfulfilled unfulfilled");
    shop.moves("a", "north", StockChange::To(3)).expect("two broke");
    assert_eq!(statuses(&shop, &["first", "second"]), "unfulfilled backordered");
    shop.moves("a", "north", StockChange::To(1)).expect("two more");
    assert_eq!((statuses(&shop, &["first", "second"]).as_str(), ready(&shop, "first")), ("backordered backordered", 1));
}

fn opens_preorder(shop: &mut Shop, in_days: i64, cap: i64) -> Result<Vec<TradeEvent>, Rejection> {
    let release_at = shop.now.plus_ms(in_days * DAY_MS);
    ask(shop, StockAction::OpenPreorder { sku: id("a"), product: Ordinal(0), release_at, caps: vec![(id("north"), cap)] })
}

#[test]
fn a_sku_is_sold_before_its_release_and_sent_after_it() {
    let mut shop = sold_out(9);
    opens_preorder(&mut shop, 10, 4).expect("opens");
    assert_eq!(shop.available("a"), 4, "the cap of preorders stands in place of that of backorders");
    shop.sells("first", "a=3");
    assert_eq!((status(&shop, "first"), shop.available("a")), ("scheduled", 1));
    shop.moves("a", "north", StockChange::To(2)).expect("goods come early");
    assert_eq!((ready(&shop, "first"), shop.available("a")), (0, 3));
    assert!(matches!(ships(&mut shop, "first"), Err(Rejection::OutOfStock { available: 0, .. })), "not before the release");
    shop.passes(9 * DAY_MS);
    assert_eq!(status(&shop, "first"), "scheduled");
    assert_eq!(kinds(&shop.passes(2 * DAY_MS)), ["Stock(PreorderReleased"], "time releases it");
    assert_eq!((status(&shop, "first"), ready(&shop, "first")), ("backordered", 2));
    shop.moves("a", "north", StockChange::To(3)).expect("moves");
    assert_eq!(status(&shop, "first"), "unfulfilled");
    ships(&mut shop, "first").expect("ships");
    assert_eq!(shop.available("a"), 9, "backorders again");
}

#[test]
fn a_release_keeps_what_was_promised_and_promises_no_more() {
    let mut shop = sold_out(0);
    opens_preorder(&mut shop, 10, 8).expect("opens");
    shop.sells("first", "a=5");
    ask(&mut shop, StockAction::ReleasePreorder { sku: id("a") }).expect("releases");
    assert_eq!((status(&shop, "first"), shop.available("a")), ("backordered", 0));
    shop.moves("a", "north", StockChange::To(6)).expect("moves");
    assert_eq!((status(&shop, "first"), shop.available("a")), ("unfulfilled", 1));
    assert_eq!(ask(&mut shop, StockAction::ReleasePreorder { sku: id("a") }), Ok(Vec::new()), "nothing to do");
    assert_eq!(field(opens_preorder(&mut shop, 10, 8)), "sku", "units are promised for an earlier date");
    shop.ask(Action::CancelOrder { order: id("first"), reason: String::new() }).expect("cancels");
    assert_eq!(field(opens_preorder(&mut shop, 0, 8)), "release_at_ms");
    assert_eq!(field(opens_preorder(&mut shop, 1, -1)), "caps[0].units");
}

#[test]
fn dates_are_promised_from_what_is_there_and_what_is_on_its_way() {
    let mut shop = sold_out(6);
    shop.moves("a", "north", StockChange::To(1)).expect("moves");
    shop.sells("first", "a=3");
    orders_goods(&mut shop, "po", vec![line("a", 4, 5)]).expect("orders");
    let at = |shop: &Shop, quantity| shop.state.promised_at(&id("a"), quantity, None, shop.now);
    assert_eq!(at(&shop, 1), Some(Timestamp(1_000 + 5 * DAY_MS)));
    assert_eq!(at(&shop, 3), None, "two of four are owed");
    shop.passes(6 * DAY_MS);
    assert_eq!(at(&shop, 1), None, "nobody knows when overdue goods come");
    receives(&mut shop, "po", 4, false).expect("receives");
    assert_eq!(at(&shop, 2), Some(shop.now));
}

#[test]
fn a_place_below_its_reorder_point_is_proposed() {
    let mut shop = Shop::stocked();
    let sets = |shop: &mut Shop, reorder_point, reorder_to| {
        let terms = StockTerms { reorder_point, reorder_to, backorder_expected_at: None };
        ask(shop, StockAction::SetTerms { sku: id("a"), product: Ordinal(0), location: id("north"), terms })
    };
    assert_eq!(field(sets(&mut shop, None, Some(1))), "reorder_to");
    assert_eq!(field(sets(&mut shop, Some(5), Some(4))), "reorder_to");
    assert_eq!(field(sets(&mut shop, Some(-1), None)), "reorder_point");
    sets(&mut shop, Some(8), Some(20)).expect("sets");
    let proposed =
        |shop: &Shop| shop.state.stock().proposals(None, 10).0.iter().map(|row| (row.position, row.quantity)).collect::<Vec<_>>();
    assert_eq!(proposed(&shop), []);
    shop.moves("a", "north", StockChange::To(6)).expect("moves");
    assert_eq!(proposed(&shop), [(6, 14)]);
    orders_goods(&mut shop, "po", vec![line("a", 14, 1)]).expect("orders");
    assert_eq!(proposed(&shop), [], "what is on its way counts");
    sets(&mut shop, None, None).expect("clears");
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}
