//! What buying again promises:
//!
//! 1. what is bought again in this shop, and by this shopper lately and often, is expected first; what nobody buys again is not;
//! 2. habits follow from the logs alone: what is taken back is gone, whatever was taken back;
//! 3. an erased shopper leaves neither habits nor visits;
//! 4. what is bought again every week is in no hurry a day after, and what was not bought again yet waits as long as others do;
//! 5. what goes with recent orders is offered, the newer the sooner, and what everybody buys is told from it;
//! 6. what is looked back on is bounded;
//! 7. what is saved is read back bit for bit, and damage is refused.

use super::*;
use crate::event::activity::ShopperDigest;
use crate::event::{ActivityEvent, Behaviour, Events};
use crate::recommend::Options;
use crate::recommend::fold::tests::{behaved, fold_all, fold_with, imported, shopper};
use crate::recommend::steps::Steps;
use proptest::prelude::*;

const DAY_MS: i64 = 86_400_000;
/// Long after everything.
const NOW: Timestamp = Timestamp(400 * DAY_MS);

fn shop(habits: &mut Habits, log: &mut Steps, products: &[u32], day: i64) {
    let products: Vec<Ordinal> = products.iter().copied().map(Ordinal).collect();
    let at = Timestamp(day * DAY_MS);
    habits.count(log.all(), &products, at, 1);
    log.buy(&products, day as u32 + 1, at);
}

fn again(habits: &Habits, log: &Steps) -> Vec<(u32, u32)> {
    habits.buy_again(log.all(), NOW, 9, |_| true).iter().map(|it| (it.product.0, it.times)).collect()
}

/// Milk is bought every week, a camera once.
fn dairy() -> (Habits, Steps) {
    let mut habits = Habits::new();
    let mut logs = vec![Steps::default(); 20];
    for log in &mut logs {
        shop(&mut habits, log, &[1, 100], 0);
        (1..4).for_each(|week| shop(&mut habits, log, &[1], week * 7));
    }
    let mut own = Steps::default();
    shop(&mut habits, &mut own, &[100, 1, 7], 0);
    (habits, own)
}

#[test]
fn what_is_bought_again_is_first_and_says_how_often_and_when() {
    let (habits, own) = dairy();
    assert_eq!(again(&habits, &own), [(1, 1), (7, 1), (100, 1)]);
    let wanted = habits.buy_again(own.all(), NOW, 1, |_| true)[0];
    assert_eq!(wanted.last_at, Some(Timestamp(0)));
    let days = wanted.usual_interval_ms.expect("is known") as f64 / DAY_MS as f64;
    assert!((days - 7.0).abs() < 0.05, "{days}");
    assert!(wanted.chance > 0.5, "{wanted:?}");
    assert_eq!(habits.buy_again(own.all(), NOW, 9, |product| product != Ordinal(1)).len(), 2);
    assert_eq!(habits.usual(Ordinal(100)), None);
}

#[test]
fn what_has_just_been_bought_waits_for_what_is_due() {
    let (mut habits, mut own) = dairy();
    shop(&mut habits, &mut own, &[1], 7);
    shop(&mut habits, &mut own, &[9], 13);
    shop(&mut habits, &mut own, &[1], 14);
    let chance = |now: i64, product: u32| {
        let wanted = habits.buy_again(own.all(), Timestamp(now), 9, |it| it == Ordinal(product));
        wanted[0].chance
    };
    let (weeks, days) = (|count: i64| count * 7 * DAY_MS, |count: i64| count * DAY_MS);
    assert_eq!(chance(weeks(3) + days(1), 1), chance(weeks(30), 1), "it is due");
    assert!(chance(weeks(2) + days(1), 1) < 0.7 * chance(weeks(4), 1), "it was bought yesterday");
    assert!(chance(weeks(2), 1) > 0.05 * chance(weeks(4), 1), "and may be forgotten in the cart");
    assert!(chance(days(14), 9) < 0.7 * chance(weeks(9), 9), "of what nobody buys again the shop's interval counts");
    assert_eq!(chance(0, 1), chance(weeks(2), 1), "a clock that goes back");
}

#[test]
fn how_soon_a_product_is_due_is_its_own_where_enough_people_bought_it_again() {
    let mut habits = Habits::new();
    let every = |habits: &mut Habits, product: u32, days: i64, count: i64| {
        let mut log = Steps::default();
        (0..count).for_each(|number| shop(habits, &mut log, &[product], number * days));
    };
    (0..20).for_each(|_| every(&mut habits, 1, 7, 4));
    (0..20).for_each(|_| every(&mut habits, 2, 28, 4));
    every(&mut habits, 3, 200, 3);
    let mut own = Steps::default();
    shop(&mut habits, &mut own, &[1, 2, 3], 0);
    let left = |product: u32, day: i64| {
        let at = |day: i64| habits.buy_again(own.all(), Timestamp(day * DAY_MS), 9, |it| it == Ordinal(product))[0].chance;
        at(day) / at(9_999)
    };
    assert!(left(1, 7) > 0.99 && left(1, 3) < 0.9, "seven days are a week");
    assert!(left(2, 7) < 0.8 && left(2, 28) > 0.99, "and a quarter of four");
    assert_eq!(habits.usual(Ordinal(3)), None, "two people tell nothing");
    assert!(left(3, 20) > 0.99, "so it waits as long as anything else, and not 200 days");
}

/// Who bought something tomorrow, by the clock of a machine that was put right since, is no reason to forget their habit.
#[test]
fn orders_at_once_and_orders_that_came_before_those_before_them_are_a_minute_apart() {
    for days in [[9, 7, 5, 3], [5, 5, 5, 5]] {
        let mut habits = Habits::new();
        let mut log = Steps::default();
        days.into_iter().for_each(|day| shop(&mut habits, &mut log, &[1], day));
        assert_eq!(habits.usual(Ordinal(1)), Some(60_000), "{days:?}");
    }
    let (mut habits, mut own) = dairy();
    (0..2).for_each(|_| shop(&mut habits, &mut own, &[1], 0));
    let days = habits.usual(Ordinal(1)).expect("is known") / DAY_MS;
    assert!((4..7).contains(&days), "{days}: nor to forget everybody else's");
}

#[test]
fn no_more_than_so_many_orders_are_looked_back_on() {
    let mut log = Steps::default();
    log.buy(&[Ordinal(9), Ordinal(1)], 1, Timestamp(0));
    for day in 1..60 {
        log.buy(&[Ordinal(1)], day + 1, Timestamp(i64::from(day) * DAY_MS));
    }
    let (bought, orders_count) = owned(log.all());
    assert_eq!(orders_count, 50);
    assert_eq!(bought.iter().map(|it| (it.product.0, it.times, it.since)).collect::<Vec<_>>(), [(1, 50, 1)]);
}

/// So many shoppers that what sells elsewhere says nothing, and what they bought afterwards.
fn of_many(shares: &[(u32, f32)]) -> Afterwards {
    Afterwards { shoppers: u32::MAX, held: 1.0, shares: shares.iter().map(|(product, share)| (Ordinal(*product), *share)).collect() }
}

/// Each product goes with the one a thousand further on.
fn next_door(product: Ordinal) -> Afterwards {
    of_many(&[(product.0 + 1_000, 0.5)])
}

#[test]
fn what_goes_with_newer_orders_is_expected_sooner_and_with_old_ones_not_at_all() {
    let habits = Habits::new();
    let mut log = Steps::default();
    for day in 1..=6 {
        log.buy(&[Ordinal(day)], day + 1, Timestamp(i64::from(day) * DAY_MS));
    }
    let next = habits.next_order(log.all(), &next_door, 99, |product| product.0 > 1_000);
    assert_eq!(next.iter().map(|it| it.product.0).collect::<Vec<_>>(), [1_006, 1_005, 1_004, 1_003, 1_002]);
    next.windows(2).for_each(|pair| assert!((pair[1].chance / pair[0].chance - 0.7).abs() < 1e-3, "{pair:?}"));
    let large: Vec<Ordinal> = (1..100).map(Ordinal).collect();
    log.buy(&large, 99, Timestamp(9 * DAY_MS));
    assert_eq!(habits.next_order(log.all(), &next_door, 999, |product| product.0 > 1_000).len(), 32, "a large order is looked at in part");
}

/// A fixed weight was right for one shop: where two orders follow, a third of what is bought after a product is in the next one, where thirty
/// do hardly any.
#[test]
fn what_others_bought_later_is_spread_over_the_orders_that_follow() {
    let chance = |orders: i64| {
        let mut habits = Habits::new();
        let mut log = Steps::default();
        (0..orders).for_each(|day| shop(&mut habits, &mut log, &[1, 2], day));
        let read_back = Habits::load(habits.save().words()).expect("is whole");
        let of = |habits: &Habits| habits.next_order(log.all(), &|_| of_many(&[(9, 0.5)]), 9, |it| it == Ordinal(9))[0].chance;
        assert_eq!(of(&habits), of(&read_back));
        of(&habits)
    };
    for (orders, following) in [(1, 1.0), (2, 1.0), (3, 2.0), (11, 10.0), (31, 30.0)] {
        let found = chance(orders);
        assert!((found - 0.5 / following).abs() < 1e-4, "{found} of {orders}");
    }
}

#[test]
fn what_others_bought_adds_to_what_a_shopper_bought_before() {
    let (habits, own) = dairy();
    let chance = |related: &dyn Fn(Ordinal) -> Afterwards| habits.next_order(own.all(), related, 9, |it| it == Ordinal(7))[0].chance;
    let (alone, with) = (chance(&|_| Afterwards::default()), chance(&|_| of_many(&[(7, 0.5)])));
    assert!(with > alone + 0.02, "{with} after {alone}");
    let again = habits.buy_again(own.all(), NOW, 9, |it| it == Ordinal(7))[0].chance;
    assert!(alone > again, "and so does that many orders hold it");
}

#[test]
fn what_is_offered_for_being_sold_often_is_told_from_what_goes_with_an_order() {
    let habits = dairy().0;
    let mut nobody = Steps::default();
    nobody.buy(&[Ordinal(55)], 1, Timestamp(0));
    let few = |share: f32| Afterwards { shoppers: 30, ..of_many(&[(1, share)]) };
    let offered = |share: f32| habits.next_order(nobody.all(), &|_| few(share), 9, |it| it == Ordinal(1))[0];
    let (popular, weight) = (offered(0.0).chance, offered(1.0).chance - offered(0.0).chance);
    assert!(offered(0.0).is_popular && offered(0.9 * popular / weight).is_popular, "more than half of it");
    assert!(!offered(1.1 * popular / weight).is_popular, "less than half of it");
}

/// The share of all orders was added to what the shoppers of a recent product bought afterwards, though that holds what everybody buys already:
/// best sellers stood before what goes with an order, however much was known of it.
#[test]
fn what_sells_speaks_for_those_of_whom_little_is_known() {
    let habits = dairy().0;
    let mut log = Steps::default();
    log.buy(&[Ordinal(55), Ordinal(56)], 1, Timestamp(0));
    let chance = |shoppers: [u32; 2]| {
        let related = |root: Ordinal| Afterwards { shoppers: shoppers[root.index() - 55], ..of_many(&[(9, 0.01)]) };
        let of = |product: u32| habits.next_order(log.all(), &related, 99, |it| it == Ordinal(product))[0].chance;
        (of(1), of(9))
    };
    let popular = habits.products.orders(Ordinal(1)) as f32 / habits.orders_count as f32;
    assert!((chance([0, 0]).0 - popular).abs() < 1e-5, "nobody bought these: the next order is any order");
    for (shoppers, unknown) in [([30, 30], 0.5), ([30, 0], 0.75), ([90, 30], 0.375), ([2_970, 2_970], 0.01)] {
        let (sells, goes_with) = chance(shoppers);
        assert!((sells - popular * unknown).abs() < 1e-4, "{sells} of {popular}");
        assert!((goes_with - 0.01 * (1.0 - unknown) / habits.following()).abs() < 1e-5, "{goes_with}");
    }
    let forgetful = |_| Afterwards { held: 0.3, ..of_many(&[]) };
    let sells = habits.next_order(log.all(), &forgetful, 1, |it| it == Ordinal(1))[0].chance;
    assert!((sells - popular * 0.7).abs() < 1e-4, "{sells}: nor of what they bought and is not remembered");
}

#[test]
fn a_shopper_who_bought_nothing_gets_what_sells_and_what_goes_with_an_order_is_offered() {
    let (habits, own) = dairy();
    let none = |_| Afterwards::default();
    let of_nobody = habits.next_order(&[], &none, 2, |_| true);
    assert_eq!(of_nobody.iter().map(|it| (it.product.0, it.times)).collect::<Vec<_>>(), [(1, 0), (100, 0)]);
    let butter = |product: Ordinal| if product == Ordinal(1) { of_many(&[(2, 0.9)]) } else { Afterwards::default() };
    let next = habits.next_order(own.all(), &butter, 9, |_| true);
    let products: Vec<u32> = next.iter().map(|it| it.product.0).collect();
    assert_eq!(products[0], 1);
    assert!(products.contains(&2) && products.contains(&7), "{products:?}");
}

#[test]
fn lines_of_one_order_are_one_order_and_purchases_without_one_are_each_their_own() {
    let mut log = Steps::default();
    log.buy(&[Ordinal(5), Ordinal(6)], 9, Timestamp(0));
    log.look(Ordinal(5), crate::recommend::Interest::Looked, Timestamp(1));
    log.buy(&[Ordinal(5)], 0, Timestamp(DAY_MS));
    log.buy(&[Ordinal(7)], 0, Timestamp(DAY_MS));
    let orders: Vec<Vec<u32>> = orders_of(log.all()).into_iter().map(|(_, it)| it.products.iter().map(|it| it.0).collect()).collect();
    assert_eq!(orders, [vec![5, 6], vec![5], vec![7]]);
    let (bought, orders_count) = owned(log.all());
    assert_eq!(orders_count, 3);
    assert_eq!(bought.iter().map(|it| (it.product.0, it.times, it.since)).collect::<Vec<_>>(), [(5, 2, 2), (6, 1, 3), (7, 1, 1)]);
}

#[test]
fn an_erased_shopper_leaves_neither_habits_nor_visits() {
    let ann = ShopperId::new("ann").expect("an id");
    let day = |day: i64| day * DAY_MS;
    let of = |name: &str| {
        let bought = |number: i64| imported(&format!("{name}/{number}"), &[1, 2], shopper(name), day(number));
        [bought(1), bought(2), behaved(Behaviour::View, 3, &shopper(name), day(3)), behaved(Behaviour::View, 4, &shopper(name), day(3))]
    };
    let told = |names: &[&str]| {
        let mut fold = fold_with(Options::default());
        fold_all(&mut fold, names.iter().flat_map(|name| of(name)).map(|event| Events::Activity(vec![event])));
        fold
    };
    let mut fold = told(&["ann", "bob"]);
    let reader = fold.reader();
    assert_eq!(reader.take().buy_again(&ann, NOW, 9, |_| true).len(), 2);
    assert_eq!(reader.take().visit(Some(&ann), None), [Ordinal(3), Ordinal(4)]);
    fold_all(&mut fold, [Events::Activity(vec![ActivityEvent::ShopperErased { shopper: ShopperDigest::of(&ann) }])]);
    let snapshot = reader.take();
    assert!(snapshot.buy_again(&ann, NOW, 9, |_| true).is_empty() && snapshot.visit(Some(&ann), None).is_empty());
    assert_eq!(snapshot.visits_count(), 1);
    let never = told(&["bob"]).reader().take();
    assert!(snapshot.habits.save().words() == never.habits.save().words());
    assert_eq!(snapshot.foresee(&[Ordinal(3)], 9, |_| true), never.foresee(&[Ordinal(3)], 9, |_| true));
}

#[test]
fn what_outsells_the_weakest_best_seller_takes_its_place_after_orders_were_taken_back_too() {
    let mut habits = Habits::new();
    let order = |habits: &mut Habits, product: u32, sign: i32| habits.count(&[], &[Ordinal(product)], Timestamp(0), sign);
    let is_best_seller = |habits: &Habits, product: u32| habits.popular.contains(&Ordinal(product));
    (0..POPULAR_MAX as u32).for_each(|product| (0..2).for_each(|_| order(&mut habits, product, 1)));
    (0..2).for_each(|_| order(&mut habits, 500, 1));
    assert!(!is_best_seller(&habits, 500), "it sells as well as the weakest, and came later");
    order(&mut habits, 500, 1);
    assert!(is_best_seller(&habits, 500) && !is_best_seller(&habits, 0) && habits.popular.len() == POPULAR_MAX);
    order(&mut habits, 7, -1);
    (0..2).for_each(|_| order(&mut habits, 600, 1));
    assert!(is_best_seller(&habits, 600) && !is_best_seller(&habits, 7));
}

#[test]
fn damage_is_refused() {
    let words = dairy().0.save().words().to_vec();
    assert!(Habits::load(&words).is_some());
    assert!(Habits::load(&words[..words.len() - 1]).is_none());
    let mut damaged = words;
    damaged[0] |= u64::from(u32::MAX) << 32;
    assert!(Habits::load(&damaged).is_none());
}

proptest! {
    #[test]
    fn what_is_counted_can_be_taken_back_and_saved(
        orders in prop::collection::vec((0_usize..4, prop::collection::btree_set(0_u32..300, 1..6)), 0..60)
    ) {
        let (mut habits, mut logs) = (Habits::new(), vec![Steps::default(); 4]);
        for (day, (who, products)) in orders.iter().enumerate() {
            let products: Vec<u32> = products.iter().copied().collect();
            shop(&mut habits, &mut logs[*who], &products, day as i64);
        }
        let words = habits.save().words().to_vec();
        let loaded = Habits::load(&words).expect("loads");
        prop_assert!(loaded.save().words() == words);
        for log in &logs {
            habits.count_all(log.all(), -1);
        }
        habits.popular.clear();
        prop_assert!(habits.save().words() == Habits::new().save().words());
        logs.iter().for_each(|log| habits.count_all(log.all(), 1));
        prop_assert_eq!(again(&habits, &logs[0]), again(&loaded, &logs[0]));
    }
}
