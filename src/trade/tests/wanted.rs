//! What was wanted, and when nobody could have bought it:
//!
//! 1. units stand in the week in which they were ordered, where they were taken from;
//! 2. what was canceled was not wanted;
//! 3. a week in which there was nothing is unknown, and so is one in which there was something for less than half of it;
//! 4. how long suppliers take is what the last arrivals took;
//! 5. the week that has not ended is not told of, and no more than three years are.

use super::after_sale::{edit, quantities};
use super::*;
use crate::event::trade::{PurchaseLine, Receipt};
use crate::trade::wanted::{AllDemand, Imported, WEEK_MS, WEEKS_MAX, Wanted};

pub(super) const DAY_MS: i64 = 86_400_000;
/// A Monday: 5 January 1970.
pub(super) const MONDAY: Timestamp = Timestamp(4 * DAY_MS);

fn stocked_on_monday() -> Shop {
    let mut shop = Shop { now: MONDAY, ..Shop::empty() };
    for (sku, location, units) in [("a", "north", 10), ("b", "south", 2)] {
        shop.moves(sku, location, StockChange::By(units)).expect("moves");
    }
    shop
}

fn wanted(shop: &Shop) -> AllDemand {
    folded(shop).with(&Imported::before(shop.now), &|_| Vec::new())
}

pub(super) fn folded(shop: &Shop) -> Wanted {
    let mut wanted = Wanted::new(Options::default());
    for (offset, bytes) in (0..).zip(&shop.journal) {
        let recorded = read(Stream::Trade, Offset(offset), bytes).expect("decodes");
        let Events::Trade(events) = recorded.events else { panic!("the trade stream holds trade events") };
        wanted.apply(Offset(offset), recorded.at, &events);
    }
    wanted
}

pub(super) fn weeks(demand: &AllDemand, sku: &str, location: &str) -> Vec<Option<u32>> {
    let (sku, location) = (id(sku), id(location));
    demand.series.iter().find(|series| series.sku == sku && series.location == location).map_or(vec![], |series| series.weeks.clone())
}

#[test]
fn units_stand_in_the_week_in_which_they_were_ordered() {
    let mut shop = stocked_on_monday();
    shop.sells("one", "a=2");
    shop.passes(6 * DAY_MS);
    shop.sells("two", "a=1");
    shop.passes(8 * DAY_MS);
    shop.sells("three", "a=3");
    shop.passes(WEEK_MS);
    shop.sells("four", "a=4");
    let demand = wanted(&shop);
    assert_eq!(weeks(&demand, "a", "north"), [Some(3), Some(0), Some(3)]);
    assert_eq!(weeks(&demand, "b", "south"), [Some(0), Some(0), Some(0)]);
    assert_eq!(demand.until, MONDAY.plus_ms(3 * WEEK_MS));
}

#[test]
fn what_was_canceled_was_not_wanted() {
    let mut shop = stocked_on_monday();
    shop.sells("one", "a=2");
    shop.sells("two", "a=1 b=1");
    shop.passes(WEEK_MS);
    shop.ask(Action::CancelOrder { order: id("two"), reason: "no".to_owned() }).expect("cancels");
    let demand = wanted(&shop);
    assert_eq!((weeks(&demand, "a", "north"), weeks(&demand, "b", "south")), (vec![Some(2)], vec![Some(0)]));
}

#[test]
fn an_edit_takes_out_of_the_week_of_its_order_and_adds_to_its_own() {
    let mut shop = stocked_on_monday();
    shop.sells("one", "a=3");
    shop.passes(WEEK_MS);
    let addition = Line { id: id("more"), ..lines_of("b=1").remove(0) };
    shop.ask(edit("one", "fewer", Edit { additions: vec![addition], ..quantities(&[("0", 1)]) }, None)).expect("is edited");
    shop.passes(WEEK_MS);
    let demand = wanted(&shop);
    assert_eq!((weeks(&demand, "a", "north"), weeks(&demand, "b", "south")), (vec![Some(1), Some(0)], vec![Some(0), Some(1)]));
}

#[test]
fn weeks_in_which_there_was_nothing_are_unknown() {
    let mut shop = stocked_on_monday();
    shop.passes(6 * DAY_MS);
    shop.sells("all", "b=2");
    // Nothing for the second week and the first two days of the third.
    shop.passes(WEEK_MS + 3 * DAY_MS);
    shop.moves("b", "south", StockChange::By(1)).expect("moves");
    shop.passes(5 * DAY_MS);
    shop.sells("the last", "b=1");
    // Nothing for the first four days of the fourth.
    shop.passes(4 * DAY_MS);
    shop.moves("b", "south", StockChange::By(1)).expect("moves");
    shop.passes(3 * DAY_MS);
    let demand = wanted(&shop);
    assert_eq!(weeks(&demand, "b", "south"), [Some(2), None, Some(0), None]);
    assert_eq!(weeks(&demand, "a", "north"), [Some(0); 4]);
}

#[test]
fn how_long_suppliers_take_is_what_the_last_arrivals_took() {
    let mut shop = stocked_on_monday();
    for (name, days) in [("p1", 30), ("p2", 9), ("p3", 12)] {
        let line = PurchaseLine { sku: id("a"), product: Ordinal(0), ordered: 5, expected_at: shop.now.plus_ms(9 * DAY_MS) };
        let (purchase, supplier, location) = (id(name), "Maker".to_owned(), id("north"));
        shop.ask(Action::Stock(StockAction::OpenPurchase { purchase, supplier, location, lines: vec![line], over_percent: 0 }))
            .expect("opens");
        shop.passes(days * DAY_MS);
        let receipts = vec![Receipt { sku: id("a"), accepted: 5, damaged: 0, quality_hold: 0 }];
        shop.ask(Action::Stock(StockAction::ReceivePurchase { purchase: id(name), receipts, closes: false })).expect("is received");
    }
    let demand = wanted(&shop);
    let lead_days = |sku: &str| demand.series.iter().find(|series| series.sku == id(sku)).and_then(|series| series.lead_days);
    assert_eq!((lead_days("a"), lead_days("b")), (Some(12), None));
}

#[test]
fn what_came_late_begins_late_and_all_end_together() {
    let mut shop = stocked_on_monday();
    shop.passes(3 * WEEK_MS);
    shop.moves("c", "north", StockChange::By(1)).expect("moves");
    assert_eq!(weeks(&wanted(&shop), "c", "north"), []);
    shop.passes(2 * WEEK_MS);
    let demand = wanted(&shop);
    assert_eq!((weeks(&demand, "c", "north"), weeks(&demand, "a", "north").len()), (vec![Some(0); 2], 5));
}

#[test]
fn no_more_than_three_years_are_told_of() {
    let mut shop = stocked_on_monday();
    shop.sells("long ago", "b=2");
    shop.passes(400 * WEEK_MS);
    shop.sells("now", "a=1");
    shop.passes(WEEK_MS);
    let demand = wanted(&shop);
    let long = weeks(&demand, "a", "north");
    assert_eq!((long.len(), long.last(), long.first()), (WEEKS_MAX, Some(&Some(1)), Some(&Some(0))));
    assert_eq!(weeks(&demand, "b", "south"), [], "nothing of it is known in these years");
}
