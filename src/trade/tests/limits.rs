//! What limits a sale limits what is made of it later:
//!
//! 1. an edit takes no more than is left of the quota of its order's channel, and nothing of what is put aside for others;
//! 2. so does an exchange, also long after the order's own units have left, and what was drawn goes back when it is not wanted any more;
//! 3. an exchange gives nobody more units of a thing than one cart or one buyer may have, and says so of the line that is wanted instead;
//! 4. as many of a thing as come back may always go out again.

use super::after_sale::{ask_back, back, edit, found, inspects, quantities};
use super::sharing::{grants, through};
use super::*;
use crate::event::trade::after_sale::ReturnKind;
use crate::event::trade::{QuantityRule, RuleTarget};
use crate::trade::Rejection::OutOfStock;

/// An order of `lines` that came through a channel.
fn came_through(shop: &mut Shop, order: &str, channel: &str, lines: &str) {
    through(shop, order, channel, lines).expect("completes");
    shop.hears(order, order, authorized()).expect("is authorised");
}

fn left(shop: &Shop, channel: Option<&str>) -> i64 {
    shop.state.stock().available_through(&id("a"), channel.map(id).as_ref())
}

fn wanted(name: &str, units: &str) -> ReturnKind {
    let mut replacement = lines_of(units);
    replacement.iter_mut().enumerate().for_each(|(place, line)| line.id = id(&format!("{name}-{place}")));
    ReturnKind::Exchange { replacement }
}

/// Takes a return of one unit of the order's first line from its beginning to where it can be replaced.
fn exchanges(shop: &mut Shop, order: &str, name: &str, units: &str) -> Result<Vec<TradeEvent>, Rejection> {
    shop.ask(ask_back(name, order, wanted(name, units), &[("0", 1)]))?;
    inspects(shop, name, vec![found(1, 0, 0)]);
    shop.ask(back(AfterSaleAction::ReplaceReturn { id: id(name), edit: id(name) }))
}

fn rule(shop: &mut Shop, sku: &str, max: i64, max_per_buyer: i64) {
    let rule = QuantityRule { min: 1, max: Some(max), multiple_of: 1, max_per_buyer: Some(max_per_buyer), window_ms: 1_000_000 };
    shop.ask(Action::Cart(CartAction::SetQuantityRule { target: RuleTarget::Sku(id(sku)), rule })).expect("sets");
}

#[test]
fn an_edit_takes_no_more_than_the_quota_of_its_channel() {
    let mut shop = Shop::stocked();
    grants(&mut shop, "market", 4).expect("grants");
    came_through(&mut shop, "m", "market", "a=2");
    shop.sells("o", "a=1");
    assert_eq!((left(&shop, Some("market")), left(&shop, None)), (2, 10));
    let before = shop.state.hash();
    let refused = shop.ask(edit("m", "e", quantities(&[("0", 5)]), None));
    assert_eq!(refused, Err(OutOfStock { sku: id("a"), requested: 3, available: 2 }));
    let refused = shop.ask(edit("o", "e", quantities(&[("0", 12)]), None));
    assert_eq!(refused, Err(OutOfStock { sku: id("a"), requested: 11, available: 10 }), "the rest is put aside for the market");
    assert_eq!(shop.state.hash(), before, "what is refused leaves no trace");
    shop.ask(edit("m", "e", quantities(&[("0", 4)]), None)).expect("is edited");
    shop.ask(edit("o", "e", quantities(&[("0", 11)]), None)).expect("is edited");
    assert_eq!((left(&shop, Some("market")), left(&shop, None)), (0, 0));
    shop.ask(edit("m", "e2", quantities(&[("0", 1)]), None)).expect("is edited");
    assert_eq!(left(&shop, Some("market")), 3, "what is not bought any more goes back");
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}

#[test]
fn an_exchange_takes_no_more_than_the_quota_of_its_channel() {
    let mut shop = Shop::stocked();
    came_through(&mut shop, "m", "market", "b=2");
    shop.ask(Action::ShipOrder { order: id("m"), shipment: id("m"), units: Vec::new() }).expect("ships");
    shop.hears("m", "m", PaymentOutcome::Captured).expect("is captured");
    shop.ask(Action::DeliverShipment { order: id("m"), shipment: id("m") }).expect("delivers");
    grants(&mut shop, "market", 2).expect("grants");
    assert_eq!(exchanges(&mut shop, "m", "x", "a=3"), Err(OutOfStock { sku: id("a"), requested: 3, available: 2 }));
    exchanges(&mut shop, "m", "y", "a=2").expect("is exchanged");
    let quota = |shop: &Shop| shop.state.stock().quota(&id("a"), &id("market")).cloned().expect("a quota");
    assert_eq!((quota(&shop).held, quota(&shop).sold), (2, 0));
    shop.ask(Action::ShipOrder { order: id("m"), shipment: id("m2"), units: Vec::new() }).expect("ships");
    assert_eq!((quota(&shop).held, quota(&shop).sold), (0, 2));
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}

#[test]
fn an_exchange_gives_nobody_more_than_a_rule_lets_them_have() {
    let mut shop = Shop::stocked();
    shop.delivers("o", "b=3");
    rule(&mut shop, "a", 4, 5);
    shop.sells("p", "a=2");
    let field = |refused: Result<Vec<TradeEvent>, Rejection>| match refused {
        Err(Rejection::Invalid { field, reason }) => (field, reason),
        other => panic!("{other:?}"),
    };
    let (named, _) = field(shop.ask(ask_back("x", "o", wanted("x", "b=1 a=5"), &[("0", 1)])));
    assert_eq!(named, "replacement[1].quantity", "one cart may hold four");
    let (named, reason) = field(shop.ask(ask_back("x", "o", wanted("x", "a=4"), &[("0", 1)])));
    assert_eq!((named.as_str(), reason.contains('5')), ("replacement[0].quantity", true), "{reason}");
    // What was allowed when it was asked for may be too much when the goods are there.
    shop.ask(ask_back("y", "o", wanted("y", "a=3"), &[("0", 1)])).expect("is asked for");
    inspects(&mut shop, "y", vec![found(1, 0, 0)]);
    shop.sells("q", "a=1");
    let replace = back(AfterSaleAction::ReplaceReturn { id: id("y"), edit: id("e") });
    assert_eq!(field(shop.ask(replace.clone())).0, "replacement[0].quantity");
    shop.ask(Action::CancelOrder { order: id("q"), reason: String::new() }).expect("is canceled");
    shop.ask(replace).expect("is exchanged");
}

#[test]
fn as_many_as_come_back_may_go_out_again() {
    let mut shop = Shop::stocked();
    shop.delivers("o", "a=3");
    rule(&mut shop, "a", 1, 1);
    exchanges(&mut shop, "o", "x", "a=1").expect("one for one");
    exchanges(&mut shop, "o", "y", "a=1").expect("one for one again");
    assert!(shop.ask(ask_back("z", "o", wanted("z", "a=2"), &[("0", 1)])).is_err(), "not two for one");
}
