//! What buying again promises:
//!
//! 1. what is bought again in this shop, and by this shopper lately and often, is expected first; what nobody buys again is not;
//! 2. habits follow from the logs alone: what is taken back is gone, whatever was taken back;
//! 3. an erased shopper leaves neither habits nor visits;
//! 4. what is bought again every week is in no hurry a day after, and what was not bought again yet waits as long as others do;
//! 5. what is saved is read back bit for bit, and damage is refused.

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
fn a_shopper_who_bought_nothing_gets_what_sells_and_what_goes_with_an_order_is_offered() {
    let (habits, own) = dairy();
    let none = |_| Vec::new();
    let of_nobody = habits.next_order(&[], &none, 2, |_| true);
    assert_eq!(of_nobody.iter().map(|it| (it.product.0, it.times)).collect::<Vec<_>>(), [(1, 0), (100, 0)]);
    let butter = |product: Ordinal| if product == Ordinal(1) { vec![(Ordinal(2), 0.9)] } else { Vec::new() };
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
