//! What leads to what, whichever is told first.
//!
//! Properties pinned here:
//! 1. nothing is led to by what came later, and a later touch is not forgotten for an earlier one that is told after it;
//! 2. clicks of several days count the same in whatever order files tell of them;
//! 3. what is clicked more than usual does not sink before its orders had time to come, and sinks when none came.

use super::tests::{CABLE, DAY_MS, HOUR_MS, PHONE, Shop, origin};
use super::*;
use crate::event::{ActivityEvent, Behaviour};
use crate::id::{Ordinal, QueryId};
use crate::stdx::clock::Timestamp;

fn behaved(visit: &str, behaviour: Behaviour, product: Ordinal, query: Option<&QueryId>, happened_at: Timestamp) -> ActivityEvent {
    ActivityEvent::Behaved { behaviour, product, quantity: 1, origin: origin(visit, query, None), happened_at }
}

fn totals(shop: &mut Shop) -> Counts {
    shop.shown().report(By::Top, Window::Long, 1).totals.counts
}

/// A purchase of a hundred days before the click was credited to the query that was clicked.
#[test]
fn what_was_bought_before_the_click_is_not_led_to_by_it() {
    for (away_ms, orders) in [(-100 * DAY_MS, 0.0), (-1, 0.0), (0, 1.0), (DAY_MS, 1.0), (DAY_MS + 1, 0.0)] {
        let mut shop = Shop::new(Options::default());
        let query = shop.search("a", "cable", 3);
        shop.click("a", CABLE, &query, 1);
        let at = shop.now.plus_ms(away_ms);
        shop.now = shop.now.plus_ms(9 * DAY_MS);
        shop.tell(behaved("a", Behaviour::Purchase, CABLE, None, at));
        assert_eq!(totals(&mut shop).orders.round(), orders, "{away_ms} ms after the click");
    }
}

#[test]
fn the_latest_touch_leads_though_an_earlier_one_is_told_after_it() {
    let mut shop = Shop::new(Options::default());
    let (first, last) = (shop.search("a", "charger", 3), shop.search("a", "cable", 3));
    let clicked_at = shop.now;
    shop.now = shop.now.plus_ms(4 * HOUR_MS);
    shop.tell(behaved("a", Behaviour::Click, CABLE, Some(&last), clicked_at.plus_ms(HOUR_MS)));
    shop.tell(behaved("a", Behaviour::Click, CABLE, Some(&first), clicked_at));
    shop.order("a", "o1", CABLE);
    let orders =
        |text: &str| shop.fold.state.queries.get(crate::signal::keys::key_of("query/", text)).map(|query| query.counts.sums[0].orders);
    assert_eq!((orders("cable"), orders("charger")), (Some(1.0), Some(0.0)));
}

/// Three clicks on three days were 2.82 told oldest first, and 1.01 newest first.
#[test]
fn clicks_of_several_days_count_the_same_in_whatever_order_they_are_told() {
    let told = |days: [i64; 3]| {
        let mut shop = Shop::new(Options::default());
        let query = shop.search("a", "cable", 3);
        let now = shop.now;
        days.into_iter().for_each(|day| shop.tell(behaved("b", Behaviour::Click, CABLE, Some(&query), now.plus_ms(-day * DAY_MS))));
        totals(&mut shop).clicks
    };
    let oldest_first = told([90, 60, 30]);
    assert!(oldest_first > 2.7, "{oldest_first}");
    for days in [[30, 60, 90], [60, 90, 30]] {
        assert!((told(days) - oldest_first).abs() < 1e-9, "{days:?}: {}", told(days));
    }
}

/// Fifteen of sixteen who searched clicked it within the hour and nobody had bought it yet: it was pushed below what nobody had clicked.
#[test]
fn what_is_clicked_and_not_bought_yet_does_not_sink_before_orders_had_time_to_come() {
    let mut shop = Shop::new(Options::default());
    // A shop in which one click in three ends in an order within the day, and half of those who search click.
    for visit in 0..600 {
        let name = format!("v{visit}");
        let query = shop.search(&name, "cable", 2);
        if visit % 2 == 0 {
            shop.click(&name, CABLE, &query, 1);
        }
        if visit % 6 == 0 {
            shop.order(&name, &format!("o{visit}"), CABLE);
        }
        shop.now = shop.now.plus_ms(HOUR_MS);
    }
    for visit in 0..16 {
        let name = format!("w{visit}");
        let query = shop.search(&name, "lamp", 2);
        if visit > 0 {
            shop.click(&name, PHONE, &query, 1);
        }
        shop.now = shop.now.plus_ms(HOUR_MS / 16);
    }
    let soon = shop.shown().of("lamp").factor(PHONE);
    assert!(soon > 1.0, "a favourite of the first hour stands at {soon}");
    shop.now = shop.now.plus_ms(5 * DAY_MS);
    shop.search("another", "lamp", 2);
    let later = shop.shown().of("lamp").factor(PHONE);
    assert!(later < 0.95 && later < soon - 0.1, "five days without an order: {later} of {soon}");
}
