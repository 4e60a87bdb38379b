//! What was wanted in another system is wanted:
//!
//! 1. it is known from the week after a thing's first sale until the orders end; what is sold here goes on from there, and is added to;
//! 2. what is sold out here is unknown, whatever was sold elsewhere;
//! 3. what came back was not wanted, in whichever order that is told;
//! 4. orders that were placed here are known by their names;
//! 5. a line goes to one variant and one place, by what these sold and have, and bundles to their parts;
//! 6. what no place stocks is counted, and a thing's weeks are three years at most.

use super::wanted::{DAY_MS, MONDAY, folded, weeks};
use super::*;
use crate::event::activity::HistoryLine;
use crate::event::trade::Component;
use crate::trade::wanted::{AllDemand, FromImported, Imported, WEEK_MS, WEEKS_MAX};

const START: Timestamp = Timestamp(MONDAY.0 + 400 * WEEK_MS);

/// Noon of a day of a week, from 0; weeks before [`START`] are below zero.
fn at(week: i64, day: i64) -> Timestamp {
    START.plus_ms(week * WEEK_MS + day * DAY_MS + DAY_MS / 2)
}

/// A shop that began on a Monday, with stock such as `a north 10`.
fn begun(stock: &[(&str, &str, i64)]) -> Shop {
    let mut shop = Shop { now: START, ..Shop::empty() };
    for &(sku, location, units) in stock {
        shop.moves(sku, location, StockChange::To(units)).expect("moves");
    }
    shop
}

fn line(sku: Option<&str>, quantity: i64) -> HistoryLine {
    HistoryLine { product: Ordinal(0), sku: sku.map(id), quantity, unit_price: None }
}

/// Orders of `a`: when, and how many.
fn orders(shop: &Shop, told: &[(Timestamp, i64)]) -> Imported {
    let mut imported = Imported::before(shop.now);
    told.iter().for_each(|(at, quantity)| imported.apply(&[line(Some("a"), *quantity)], *at));
    imported
}

fn with(shop: &Shop, imported: &Imported) -> AllDemand {
    folded(shop).with(imported, &|_| vec![id("a"), id("b")])
}

#[test]
fn what_was_sold_elsewhere_goes_on_as_what_is_sold_here() {
    let mut shop = begun(&[("a", "north", 10)]);
    shop.sells("one", "a=2");
    shop.passes(2 * WEEK_MS);
    let told = [(at(-5, 3), 7), (at(-3, 1), 4), (at(-3, 6), 1), (at(-1, 6), 2), (at(0, 5), 3)];
    let demand = with(&shop, &orders(&shop, &told));
    // The first sale says that it was on sale from then on.
    assert_eq!(weeks(&demand, "a", "north"), [Some(0), Some(5), Some(0), Some(2), Some(5), Some(0)]);
    let series = &demand.series[0];
    assert_eq!((series.weeks_imported, series.units_imported), (4, 10));
    assert_eq!(demand.imported, FromImported { orders: 5, units: 10, placed_here: 0, unplaced_units: 0 });
}

#[test]
fn weeks_between_the_last_order_elsewhere_and_the_first_day_here_are_unknown() {
    let mut shop = begun(&[]);
    shop.passes(3 * WEEK_MS);
    shop.moves("a", "north", StockChange::To(5)).expect("moves");
    shop.passes(WEEK_MS);
    let told = [(at(-2, 0), 1), (at(-1, 2), 4), (at(0, 4), 6)];
    assert_eq!(weeks(&with(&shop, &orders(&shop, &told)), "a", "north"), [Some(4), Some(6), None, None, Some(0)]);
    // Of the last week they tell too little.
    let told = [(at(-2, 0), 1), (at(-1, 2), 4), (at(0, 2), 6)];
    assert_eq!(weeks(&with(&shop, &orders(&shop, &told)), "a", "north"), [Some(4), None, None, None, Some(0)]);
}

#[test]
fn what_is_sold_out_here_is_unknown_whatever_was_sold_elsewhere() {
    let mut shop = begun(&[("a", "north", 1)]);
    shop.passes(6 * DAY_MS);
    shop.sells("the last", "a=1");
    shop.passes(2 * WEEK_MS);
    let told = [(at(-2, 1), 3), (at(0, 1), 1), (at(1, 1), 2), (at(2, 0), 1)];
    assert_eq!(weeks(&with(&shop, &orders(&shop, &told)), "a", "north"), [Some(0), Some(2), None]);
}

#[test]
fn what_came_back_was_not_wanted_in_whichever_order_it_is_told() {
    let shop = begun(&[("a", "north", 10)]);
    let mut told = vec![(at(-6, 0), 1), (at(-5, 0), 5), (at(-4, 0), 3), (at(-3, 0), -4), (at(-2, 0), 6), (at(-2, 1), -1), (at(-1, 6), 2)];
    let expected = [Some(4), Some(0), Some(0), Some(5), Some(2)];
    assert_eq!(weeks(&with(&shop, &orders(&shop, &told)), "a", "north"), expected);
    told.reverse();
    let demand = with(&shop, &orders(&shop, &told));
    assert_eq!((weeks(&demand, "a", "north"), demand.imported.units), (expected.to_vec(), 11));
}

#[test]
fn orders_that_were_placed_here_are_known_by_their_names() {
    let mut shop = begun(&[("a", "north", 10)]);
    shop.sells("one", "a=2");
    let wanted = folded(&shop);
    assert_eq!(["one", "one#2", "two", "1", "on"].map(|name| wanted.has_order(name)), [true, true, false, false, false]);
}

#[test]
fn a_line_goes_to_one_variant_and_one_place_by_what_they_sold_and_have() {
    let shop = begun(&[("a", "north", 30), ("a", "south", 10), ("b", "north", 40), ("b", "south", 0)]);
    let mut imported = Imported::before(shop.now);
    imported.apply(&[line(None, 1)], at(-101, 0));
    for week in -100..0 {
        (0..7).for_each(|day| imported.apply(&[line(None, 3)], at(week, day)));
    }
    let demand = with(&shop, &imported);
    let sold = |sku: &str, location: &str| weeks(&demand, sku, location).into_iter().flatten().map(i64::from).sum::<i64>();
    let all = [sold("a", "north"), sold("a", "south"), sold("b", "north"), sold("b", "south")];
    assert_eq!((all.iter().sum::<i64>(), demand.imported.units), (2_100, 2_100), "none is lost: {all:?}");
    // Of 2,100 units 787.5, 262.5, 1050 and none, as they lie; three deviations of 700 draws of three units are at most 120.
    assert!([787, 262, 1_050, 0].iter().zip(all).all(|(mean, units)| (units - mean).abs() < 120), "{all:?}");
    assert_eq!((sold("b", "south"), weeks(&demand, "b", "south").len()), (0, 100), "it was there, and nobody wanted it from there");
    assert!(demand.series.iter().flat_map(|series| series.weeks.iter().flatten()).all(|units| units % 3 == 0), "lines stay whole");
    assert_eq!(with(&shop, &imported), demand, "every time the same");
}

#[test]
fn what_a_place_sold_here_outweighs_what_lies_there() {
    let mut shop = begun(&[("a", "north", 300), ("a", "south", 300)]);
    shop.moves("a", "south", StockChange::To(0)).expect("moves");
    shop.sells("many", "a=200");
    shop.moves("a", "south", StockChange::To(10_000)).expect("moves");
    let told: Vec<(Timestamp, i64)> = (-101..0).map(|week| (at(week, 6), 1)).collect();
    let demand = with(&shop, &orders(&shop, &told));
    let north: u32 = weeks(&demand, "a", "north").into_iter().flatten().sum();
    assert!((85..100).contains(&north), "200 of 210: {north}");
}

#[test]
fn bundles_are_wanted_as_their_parts() {
    let mut shop = begun(&[("a", "north", 10), ("b", "south", 10)]);
    let components = vec![Component { sku: id("a"), quantity: 2 }, Component { sku: id("b"), quantity: 1 }];
    shop.ask(Action::Stock(StockAction::SetBundle { sku: id("set"), product: Ordinal(1), components })).expect("is set");
    let mut imported = Imported::before(shop.now);
    [at(-2, 0), at(-1, 6)].into_iter().for_each(|at| imported.apply(&[line(Some("set"), 3)], at));
    let demand = with(&shop, &imported);
    assert_eq!((weeks(&demand, "a", "north"), weeks(&demand, "b", "south")), (vec![Some(6)], vec![Some(3)]));
}

#[test]
fn what_no_place_stocks_is_counted_and_what_has_run_out_is_not_that() {
    let shop = begun(&[("a", "north", 1), ("a", "north", 0)]);
    let mut imported = Imported::before(shop.now);
    for at in [at(-2, 0), at(-1, 6)] {
        imported.apply(&[line(Some("a"), 1), line(Some("gone"), 4)], at);
    }
    let demand = with(&shop, &imported);
    assert_eq!((weeks(&demand, "a", "north"), weeks(&demand, "gone", "north")), (vec![Some(1)], vec![]));
    assert_eq!(demand.imported, FromImported { orders: 2, units: 1, placed_here: 0, unplaced_units: 8 });
}

#[test]
fn no_more_than_three_years_of_imported_orders_are_told_of() {
    let shop = begun(&[("a", "north", 1)]);
    let demand = with(&shop, &orders(&shop, &[(at(-300, 0), 9), (at(-156, 0), 2), (at(-1, 6), 3), (at(0, 0), 5)]));
    let told = weeks(&demand, "a", "north");
    assert_eq!((told.len(), told[0], told[WEEKS_MAX - 1], demand.imported.orders), (WEEKS_MAX, Some(2), Some(3), 2));
}
