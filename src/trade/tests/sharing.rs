//! Stock that is shared: bundles that take the same components, and channels with quotas.
//!
//! 1. The demand of all lines is summed per component before it is checked: two bundles of one component cannot both have its last unit.
//! 2. A bundle is as available as its scarcest component, and its product follows every change of one.
//! 3. An order keeps the components that it was placed with.
//! 4. A channel never sells more than its quota, and nobody else sells what is put aside for it.

use super::stock::{ask, field};
use super::*;
use crate::event::trade::Component;
use crate::trade::Rejection::OutOfStock;

const SET: Ordinal = Ordinal(9);

fn parts(text: &str) -> Vec<Component> {
    let part = |row: &str| {
        let (sku, quantity) = row.split_once('=').expect("sku=units");
        Component { sku: id(sku), quantity: quantity.parse().expect("a number") }
    };
    text.split_whitespace().map(part).collect()
}

fn bundles(shop: &mut Shop, sku: &str, components: &str) -> Result<Vec<TradeEvent>, Rejection> {
    ask(shop, StockAction::SetBundle { sku: id(sku), product: SET, components: parts(components) })
}

fn sold_units(shop: &Shop, order: &str) -> String {
    shop.order(order).units.iter().map(|row| format!("{}={}", row.sku, row.quantity)).collect::<Vec<_>>().join(" ")
}

#[test]
fn demand_is_summed_over_bundles_before_it_is_checked() {
    let mut shop = Shop::stocked();
    bundles(&mut shop, "set", "a=1 b=2").expect("sets");
    bundles(&mut shop, "suite", "b=1").expect("sets");
    shop.opens("k", "set=1 suite=1 b=1").expect("opens");
    let refused = shop.completes("k", "k", None);
    assert_eq!(refused, Err(OutOfStock { sku: id("b"), requested: 4, available: 3 }), "each line by itself would fit");
    shop.sells("one", "set=1 suite=1");
    assert_eq!(sold_units(&shop, "one"), "a=1 b=3");
    assert_eq!((shop.available("set"), shop.available("suite"), shop.available("a")), (0, 0, 14));
}

#[test]
fn a_bundle_follows_its_components() {
    let mut shop = Shop::stocked();
    bundles(&mut shop, "set", "a=4 b=1").expect("sets");
    shop.state.take_touched();
    let check = |shop: &mut Shop, available: i64, is_touched: bool| {
        assert_eq!((shop.available("set"), shop.state.available_units_of_product(SET)), (available, available));
        assert_eq!(shop.state.take_touched().contains(&SET), is_touched);
    };
    check(&mut shop, 3, false);
    shop.moves("a", "south", StockChange::By(-4)).expect("moves");
    check(&mut shop, 2, true);
    shop.moves("b", "north", StockChange::By(5)).expect("moves");
    check(&mut shop, 2, false);
    shop.moves("b", "north", StockChange::To(0)).expect("moves");
    check(&mut shop, 0, true);
    ask(&mut shop, StockAction::RemoveBundle { sku: id("set") }).expect("removes");
    shop.moves("b", "north", StockChange::To(9)).expect("moves");
    check(&mut shop, 0, true);
}

#[test]
fn an_order_keeps_the_components_that_it_was_placed_with() {
    let mut shop = Shop::stocked();
    bundles(&mut shop, "set", "a=2").expect("sets");
    shop.opens("k", "set=2").expect("opens");
    bundles(&mut shop, "set", "a=3").expect("changes");
    let kept = |shop: &Shop| shop.session("k").lines[0].components.clone();
    assert_eq!(kept(&shop), parts("a=2"));
    shop.completes("k", "k", None).expect("completes");
    assert_eq!(kept(&shop), parts("a=3"), "what is completed is looked up anew");
    bundles(&mut shop, "set", "a=1").expect("changes");
    shop.hears("k", "k", authorized()).expect("is authorised");
    assert_eq!(sold_units(&shop, "k"), "a=6");
    ask(&mut shop, StockAction::RemoveBundle { sku: id("set") }).expect("removes");
    shop.ask(Action::ShipOrder { order: id("k"), shipment: id("s"), units: Vec::new() }).expect("ships");
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}

#[test]
fn bundles_that_make_no_sense_are_refused_by_name() {
    let mut shop = Shop::stocked();
    bundles(&mut shop, "set", "b=1").expect("sets");
    let mut check = |sku: &str, components: &str, expected: &str| assert_eq!(field(bundles(&mut shop, sku, components)), expected);
    check("new", "", "components");
    check("new", "a=0", "components[0].quantity");
    check("new", "a=-1", "components[0].quantity");
    check("new", "a=1 a=1", "components[1].sku");
    check("new", "a=1 set=1", "components[1].sku");
    check("new", "new=1", "components[0].sku");
    check("b", "a=1", "sku");
    check("a", "c=1", "sku");
    assert_eq!(field(shop.moves("set", "north", StockChange::By(1))), "sku", "a bundle is not stocked");
}

pub(super) fn grants(shop: &mut Shop, channel: &str, units: i64) -> Result<Vec<TradeEvent>, Rejection> {
    ask(shop, StockAction::SetQuota { sku: id("a"), channel: id(channel), units })
}

pub(super) fn through(shop: &mut Shop, session: &str, channel: &str, lines: &str) -> Result<Vec<TradeEvent>, Rejection> {
    shop.opens(session, lines).expect("opens");
    ask(shop, StockAction::ChooseChannel { checkout: id(session), channel: Some(id(channel)) }).expect("chooses");
    shop.completes(session, session, None)
}

#[test]
fn a_channel_sells_no_more_than_its_quota_and_others_share_the_rest() {
    let mut shop = Shop::stocked();
    grants(&mut shop, "market", 4).expect("grants");
    let left = |shop: &Shop, channel: Option<&str>| {
        let channel = channel.map(id);
        shop.state.stock().available_through(&id("a"), channel.as_ref())
    };
    assert_eq!((left(&shop, Some("market")), left(&shop, Some("floor")), left(&shop, None), shop.available("a")), (4, 11, 11, 11));
    let refused = through(&mut shop, "k", "market", "a=5");
    assert_eq!(refused, Err(OutOfStock { sku: id("a"), requested: 5, available: 4 }));
    through(&mut shop, "l", "market", "a=3").expect("completes");
    assert_eq!((left(&shop, Some("market")), left(&shop, None)), (1, 11));
    shop.hears("l", "l", PaymentOutcome::Declined).expect("hears");
    assert_eq!(left(&shop, Some("market")), 4, "what is not sold goes back");
    through(&mut shop, "m", "market", "a=3").expect("completes");
    shop.hears("m", "m", authorized()).expect("hears");
    shop.ask(Action::CancelOrder { order: id("m"), reason: String::new() }).expect("cancels");
    assert_eq!(left(&shop, Some("market")), 4);
    shop.opens("n", "a=12").expect("opens");
    assert_eq!(shop.completes("n", "n", None), Err(OutOfStock { sku: id("a"), requested: 12, available: 11 }));
}

#[test]
fn what_a_channel_has_sold_stays_in_its_quota() {
    let mut shop = Shop::stocked();
    grants(&mut shop, "market", 4).expect("grants");
    through(&mut shop, "k", "market", "a=3").expect("completes");
    shop.hears("k", "k", authorized()).expect("hears");
    shop.ask(Action::ShipOrder { order: id("k"), shipment: id("s"), units: Vec::new() }).expect("ships");
    let quota = shop.state.stock().quota(&id("a"), &id("market")).expect("a quota").clone();
    assert_eq!((quota.held, quota.sold, quota.left()), (0, 3, 1));
    assert_eq!(field(grants(&mut shop, "market", 2)), "units", "three are sold");
    assert_eq!(field(grants(&mut shop, "market", -1)), "units");
    grants(&mut shop, "market", 3).expect("grants");
    let refused = through(&mut shop, "l", "market", "a=1");
    assert_eq!(refused, Err(OutOfStock { sku: id("a"), requested: 1, available: 0 }));
    ask(&mut shop, StockAction::ClearQuota { sku: id("a"), channel: id("market") }).expect("clears");
    shop.completes("l", "l", None).expect("shares what there is");
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}
