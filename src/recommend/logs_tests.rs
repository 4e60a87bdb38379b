//! What the logs promise of people:
//!
//! 1. many orders of one person are still one person's business;
//! 2. who looks around before they say who they are is one person, not two, and what they looked at leads to what they buy;
//! 3. what is left of an order is what its buyer has bought, however it was changed and in however many parcels it came back;
//! 4. tables are at every moment the sum of what the logs say, and whoever is erased has never been there, their visits included.

use super::*;
use crate::event::{Behaviour, Events};
use crate::id::{OrderId, SessionId, ShopperId};
use crate::recommend::fold::tests::{LAST, all_ties, assert_same_ties, behaved, erased, fold_at, fold_events, imported, placed, shopper};
use crate::recommend::{Base, Gate, Options, RecommendFold, Relationship};
use Relationship::{AlsoViewed, BoughtTogether, ViewedThenBought};
use proptest::prelude::*;

fn visit(name: &str) -> Origin {
    Origin { session: Some(SessionId::new(name).expect("an id")), ..Origin::default() }
}

fn known(who: &str, visit_name: &str) -> Origin {
    Origin { shopper: shopper(who).shopper, ..visit(visit_name) }
}

fn noted(order: &str, origin: Origin, products: &[u32], kept: Option<Kept>) -> ActivityEvent {
    let line = |&product: &u32| HistoryLine { product: Ordinal(product), sku: None, quantity: 1, unit_price: None };
    ActivityEvent::OrderNoted { order: OrderId::new(order).expect("an id"), origin, lines: products.iter().map(line).collect(), kept }
}

/// An order of that name holds these products now; those of them that are `sold` were not in it before.
fn amended(order: &str, sold: &[u32], left: &[u32]) -> ActivityEvent {
    let kept = Kept { order: OrderId::new(order).expect("an id"), products: left.iter().copied().map(Ordinal).collect() };
    noted(&format!("change-of-{order}"), Origin::default(), sold, Some(kept))
}

fn canceled(order: &str) -> ActivityEvent {
    ActivityEvent::CancellationNoted { order: OrderId::new(order).expect("an id") }
}

fn shown(fold: &RecommendFold, relationship: Relationship, product: u32) -> Vec<(u32, u32)> {
    let snapshot = fold.reader().take();
    let gate = Gate { z_min: f32::NEG_INFINITY, ..snapshot.gate(relationship) };
    let mut ties: Vec<(u32, u32)> =
        snapshot.ties(relationship, Ordinal(product), gate).iter().map(|tie| (tie.product.0, tie.support)).collect();
    ties.sort_unstable();
    ties
}

#[test]
fn many_orders_of_one_person_are_not_shown_and_one_of_somebody_else_shows_them() {
    let weekly = |number: u32| placed(&format!("o{number}"), "ann", &[1, 2]);
    let mut fold = fold_events((0..5).map(weekly));
    assert_eq!(shown(&fold, BoughtTogether, 1), [], "what one person orders again and again is nobody's business");
    fold_at(&mut fold, LAST, [Events::Activity(vec![placed("b1", "bob", &[1, 2])])]);
    assert_eq!(shown(&fold, BoughtTogether, 1), [(2, 6)], "six orders of two people");
    let base = Base::counted(&fold.begin_rebuild(), &Options::default());
    assert!(fold.swap_base(base));
    fold_at(&mut fold, LAST, [Events::Activity(vec![placed("o9", "ann", &[1, 2])])]);
    assert_eq!(shown(&fold, BoughtTogether, 1), [(2, 7)]);
    fold_at(&mut fold, LAST, [Events::Activity(vec![canceled("b1")])]);
    assert_eq!(shown(&fold, BoughtTogether, 1), []);
}

#[test]
fn products_of_one_person_in_two_orders_and_later_in_one_count_once() {
    let apart = [placed("o1", "ann", &[1, 3]), placed("o2", "ann", &[2, 3]), placed("o3", "ann", &[1, 2]), placed("o4", "ann", &[2, 1])];
    let fold = fold_events(apart.into_iter().chain([placed("b1", "bob", &[1, 2])]));
    assert_eq!(shown(&fold, BoughtTogether, 2), [(1, 3)], "1 and 2 were in two orders of ann's, but not in one, before the third");
}

#[test]
fn what_was_looked_at_before_the_visitor_was_known_leads_to_what_they_buy() {
    let come = |who: &str| {
        let name = format!("visit-of-{who}");
        let looks = [1, 2].map(|product| behaved(Behaviour::View, product, &visit(&name), 0));
        let again = behaved(Behaviour::View, 1, &visit(&name), 5_000);
        looks.into_iter().chain([again, noted(&format!("o-{who}"), known(who, &name), &[2], None)])
    };
    let fold = fold_events(come("ann").chain(come("bob")));
    assert_eq!(shown(&fold, ViewedThenBought, 1), [(2, 2)]);
    assert_eq!(shown(&fold, AlsoViewed, 1), [(2, 2)]);
    let ann = ShopperId::new("ann").expect("an id");
    let steps = fold.reader().take().steps(Some(&ann), None);
    assert_eq!((steps.len(), steps[0].last_at()), (3, Timestamp(5_000)));
}

#[test]
fn an_order_that_grows_makes_room_for_itself_in_a_full_log() {
    let mut fold = fold_events((0..crate::recommend::PURCHASES_MAX as u32).map(|order| placed(&format!("o{order}"), "ann", &[order])));
    let left: Vec<u32> = (2_000..2_064).collect();
    fold_at(&mut fold, LAST, [Events::Activity(vec![amended("o900", &left, &left), amended("o901", &left, &left)])]);
    let ann = ShopperId::new("ann").expect("an id");
    let count = fold.reader().take().steps(Some(&ann), None).len();
    assert!((128..=crate::recommend::PURCHASES_MAX).contains(&count), "{count}");
}

#[test]
fn one_person_in_a_visit_and_by_name_is_not_two() {
    let looks = |origin: &Origin| [1, 2].map(|product| behaved(Behaviour::View, product, origin, 0));
    let mut fold = fold_events(looks(&shopper("ann")).into_iter().chain(looks(&visit("v"))));
    assert_eq!(shown(&fold, AlsoViewed, 1), [(2, 2)], "nobody knows yet that they are one");
    fold_at(&mut fold, LAST, [Events::Activity(vec![behaved(Behaviour::View, 1, &known("ann", "v"), 0)])]);
    assert_eq!((shown(&fold, AlsoViewed, 1), all_ties(&fold).len()), (vec![], 2));
    let again = [looks(&visit("v")).to_vec(), vec![behaved(Behaviour::View, 2, &known("ann", "v"), 0)]].concat();
    fold_at(&mut fold, LAST, [Events::Activity(again)]);
    assert_eq!(shown(&fold, AlsoViewed, 1), [], "nor when they say it a second time");
}

#[test]
fn an_order_of_a_visit_is_canceled_and_changed_after_the_visitor_was_known() {
    let events = [noted("o1", visit("v"), &[1, 2], None), noted("o2", visit("v"), &[3, 4], None)];
    let mut fold = fold_events(events.into_iter().chain([behaved(Behaviour::View, 9, &known("ann", "v"), 0)]));
    assert_eq!(all_ties(&fold).iter().filter(|(relationship, ..)| *relationship == BoughtTogether).count(), 4);
    fold_at(&mut fold, LAST, [Events::Activity(vec![canceled("o1"), amended("o2", &[5], &[4, 5])])]);
    let left = fold_events([noted("o2", shopper("ann"), &[4, 5], None), behaved(Behaviour::View, 9, &shopper("ann"), 0)]);
    assert_same_ties(&fold, &left);
}

#[test]
fn what_is_left_of_a_changed_order_is_what_was_bought() {
    let mut fold = fold_events([placed("o1", "ann", &[1, 2, 3]), placed("o2", "ann", &[2])]);
    fold_at(&mut fold, LAST, [Events::Activity(vec![amended("o1", &[3], &[1, 2, 3])])]);
    assert_same_ties(&fold, &fold_events([placed("o1", "ann", &[1, 2, 3]), placed("o2", "ann", &[2])]));
    let ann = ShopperId::new("ann").expect("an id");
    let wanted = fold.reader().take().buy_again(&ann, Timestamp(LAST), 9, |product| product == Ordinal(3));
    assert_eq!(wanted[0].times, 1, "a longer line is not a purchase of its own");
    fold_at(&mut fold, LAST, [Events::Activity(vec![amended("o1", &[], &[1, 3])])]);
    assert_same_ties(&fold, &fold_events([placed("o1", "ann", &[1, 3]), placed("o2", "ann", &[2])]));
    fold_at(&mut fold, LAST, [Events::Activity(vec![amended("o1", &[7], &[1, 3, 7])])]);
    assert_same_ties(&fold, &fold_events([placed("o1", "ann", &[1, 3, 7]), placed("o2", "ann", &[2])]));
    fold_at(&mut fold, LAST, [Events::Activity(vec![canceled("o1"), amended("o1", &[8], &[8])])]);
    assert_same_ties(&fold, &fold_events([placed("o2", "ann", &[2])]));
}

/// Many shops send an event from the page that thanks for the order, and who comes from another system brings orders and events of them.
#[test]
fn a_purchase_told_by_an_order_and_by_an_event_is_one() {
    let event = |product, minute: i64| behaved(Behaviour::Purchase, product, &shopper("ann"), LAST - 86_400_000 + minute * 60_000);
    let order = || imported("5", &[1, 2], shopper("ann"), LAST - 86_400_000);
    let once = fold_events([order(), event(3, 1), event(2, 90)]);
    let after = fold_events([order(), event(1, 1), event(2, 1), event(3, 1), event(2, 90)]);
    assert_same_ties(&after, &once);
    let before = fold_events([event(1, -1), event(2, 0), order(), event(3, 1), event(2, 90)]);
    let ann = ShopperId::new("ann").expect("an id");
    let times = |fold: &RecommendFold| {
        let wanted = fold.reader().take().buy_again(&ann, Timestamp(LAST), 9, |_| true);
        let mut times: Vec<(u32, u32)> = wanted.iter().map(|it| (it.product.0, it.times)).collect();
        times.sort_unstable();
        times
    };
    for fold in [once, before, after] {
        assert_eq!(times(&fold), [(1, 1), (2, 2), (3, 1)], "the last is another purchase");
    }
}

/// Shops export their orders the newest first, and their events in a file of its own.
#[test]
fn steps_stand_in_the_order_of_their_times_however_they_are_told() {
    let (ann, day) = (shopper("ann"), |day: i64| day * 86_400_000);
    let looks = [(1, 0), (2, 1), (3, 2), (2, 9), (5, 30)].map(|(product, at)| behaved(Behaviour::View, product, &ann, day(at)));
    let cart = behaved(Behaviour::AddToCart, 3, &ann, day(3));
    let orders =
        [(&[3, 4][..], 4), (&[3], 10), (&[6, 3], 20)].map(|(products, at)| imported(&format!("o{at}"), products, ann.clone(), day(at)));
    let mut told: Vec<ActivityEvent> = looks.into_iter().chain([cart]).chain(orders).collect();
    let at = |event: &ActivityEvent| match event {
        ActivityEvent::Behaved { happened_at, .. } | ActivityEvent::OrderImported { happened_at, .. } => *happened_at,
        _ => Timestamp(0),
    };
    told.sort_by_key(at);
    let in_order = fold_events(told.iter().cloned());
    assert_eq!(supports(&in_order, ViewedThenBought, 1), [3, 4, 6], "what was looked at later than it was bought led to nothing");
    let newest_first = fold_events(told.iter().rev().cloned());
    let by_kind = fold_events(told.iter().filter(|event| matches!(event, ActivityEvent::OrderImported { .. })).chain(&told).cloned());
    for other in [newest_first, by_kind] {
        assert_same_ties(&in_order, &other);
        let id = ShopperId::new("ann").expect("an id");
        let again = |fold: &RecommendFold| fold.reader().take().buy_again(&id, Timestamp(LAST), 9, |_| true);
        assert_eq!(again(&in_order), again(&other));
        let steps = |fold: &RecommendFold| fold.reader().take().history(Some(&id), None);
        assert_eq!(steps(&in_order), steps(&other));
    }
}

/// Somebody on two devices, of which one says who they are at the end only.
#[test]
fn what_was_done_in_a_visit_meanwhile_stands_at_its_time() {
    let day = |day: i64| day * 86_400_000;
    let told = |visit_origin: &Origin| {
        let named = [(1, 0), (3, 2), (5, 4)].map(|(product, at)| behaved(Behaviour::View, product, &shopper("ann"), day(at)));
        let order = imported("o6", &[1, 5], shopper("ann"), day(6));
        let looks = [(2, 1), (5, 3), (2, 7)].map(|(product, at)| behaved(Behaviour::View, product, visit_origin, day(at)));
        let cart = behaved(Behaviour::AddToCart, 3, visit_origin, day(3));
        let orders =
            [(&[2, 7][..], 5), (&[1], 6)].map(|(products, at)| imported(&format!("v{at}"), products, visit_origin.clone(), day(at)));
        let bought = behaved(Behaviour::Purchase, 1, visit_origin, day(6) + 60_000);
        named.into_iter().chain([order]).chain(looks).chain([cart]).chain(orders).chain([bought]).collect::<Vec<_>>()
    };
    let says_who = behaved(Behaviour::View, 9, &known("ann", "v"), day(8));
    let joined = fold_events(told(&visit("v")).into_iter().chain([says_who.clone()]));
    let in_order = fold_events(told(&shopper("ann")).into_iter().chain([says_who]));
    assert_same_ties(&in_order, &joined);
    let ann = ShopperId::new("ann").expect("an id");
    let log = |fold: &RecommendFold| fold.reader().take().steps(Some(&ann), None);
    assert_eq!(log(&in_order), log(&joined));
}

/// A clock that is ten years ahead, or that was never set: nobody else's ties age by it.
#[test]
fn nothing_happens_after_it_was_told_nor_before_1970() {
    let told = |at: i64| {
        let of = |who: &str, at: i64, first: u32| {
            let looks = [first, first + 1].map(|product| behaved(Behaviour::View, product, &shopper(who), at));
            looks.into_iter().chain([imported(&format!("o-{who}"), &[first + 2, first + 3], shopper(who), at)]).collect::<Vec<_>>()
        };
        fold_events([of("bob", LAST, 1), of("ann", at, 1), of("bob", LAST, 11)].concat())
    };
    for (odd, sound) in [(LAST + 10 * 365 * 86_400_000, LAST), (i64::MAX, LAST), (-86_400_000, 0), (i64::MIN, 0)] {
        assert_same_ties(&told(odd), &told(sound));
    }
}

#[test]
fn what_becomes_of_an_order_of_somebody_who_was_erased_is_nobodys() {
    let look = behaved(Behaviour::View, 9, &shopper("ann"), 0);
    let fold = fold_events([placed("o1", "ann", &[1, 2]), erased("ann"), look, amended("o1", &[3], &[1, 3])]);
    let ann = ShopperId::new("ann").expect("an id");
    assert_eq!(fold.reader().take().steps(Some(&ann), None).len(), 1, "they came back, and what they bought before did not");
}

/// Counts what changes of logs cost.
#[derive(Default)]
struct Counter(usize);

impl Tables for Counter {
    fn count(&mut self, _: Step, _: Link, _: i32) {
        self.0 += 1;
    }
    fn expect(&self, _: Relationship, _: Ordinal) {}
    fn row_of(&self, _: Relationship, _: Ordinal) -> u32 {
        0
    }
    fn expect_row(&self, _: Relationship, _: u32, _: Nearness) {}
    fn expect_turn(&self, _: Ordinal, _: [Option<RingKey>; 2], _: usize) {}
    fn turned_to(&mut self, _: Ordinal, _: [Option<RingKey>; 2], _: Timestamp) {}
    fn buys(&mut self, _: &[Step], _: &[Ordinal], _: Timestamp) {}
    fn recount(&mut self, _: &[Step], _: i32) {}
    fn forgets(&mut self, _: RingKey) {}
}

/// Joined step by step, a visit of two hundred looks took the shopper's log out and put it in again two hundred times; and so would every purchase
/// of a long history that is told the newest first.
#[test]
fn no_event_costs_more_than_the_longest_log_nor_a_history_told_backwards_many_of_them() {
    let mut logs = Logs::new(100, 100);
    let mut fold = |event: ActivityEvent| {
        let mut counter = Counter::default();
        logs.fold(&event, Timestamp(LAST), &mut counter);
        logs.settle(&mut counter);
        counter.0
    };
    for step in 0..200_u32 {
        fold(behaved(Behaviour::View, step, &shopper("ann"), 2_000 * i64::from(step) + 1_000));
        fold(behaved(Behaviour::View, 1_000 + step, &visit("v"), 2_000 * i64::from(step)));
    }
    let joined = fold(behaved(Behaviour::View, 9, &known("ann", "v"), LAST));
    assert!(
        (10_000..20_000).contains(&joined),
        "{joined}: two logs of two hundred looks go out and half of the most goes in, twenty-one changes a look"
    );
    let backwards = |step: u32| behaved(Behaviour::Purchase, step, &shopper("ann"), LAST - i64::from(step) * 7_200_000);
    let costs: Vec<usize> = (0..1_500).map(|step| fold(backwards(step))).collect();
    let (dearest, sum) = (costs.iter().copied().max().unwrap_or_default(), costs.iter().sum::<usize>());
    // A purchase changes seventy-five numbers at most; a full log is taken out and half of it put in, one of 256 lines put in order.
    assert!(dearest < 1_536 * 80 && sum < 75 * 256 * 256 + 1_500 * 80 + 2 * 1_536 * 80, "{dearest}, {sum} in all");
}

fn supports(fold: &RecommendFold, relationship: Relationship, product: u32) -> Vec<u32> {
    let mut products: Vec<u32> =
        fold.reader().take().ties(relationship, Ordinal(product), Gate::OPEN).iter().map(|tie| tie.product.0).collect();
    products.sort_unstable();
    products
}

#[test]
fn orders_of_nobody_are_changed_too() {
    let mut fold = fold_events([noted("o1", Origin::default(), &[1, 2, 3], None)]);
    fold_at(&mut fold, LAST, [Events::Activity(vec![amended("o1", &[], &[1, 2])])]);
    assert_same_ties(&fold, &fold_events([noted("o1", Origin::default(), &[1, 2], None)]));
}

#[test]
fn a_return_of_some_units_leaves_the_purchase() {
    let lines = |product: u32, quantity: i64| vec![HistoryLine { product: Ordinal(product), sku: None, quantity, unit_price: None }];
    let told = |reference: &str, lines| ActivityEvent::OrderImported {
        reference: reference.to_owned(),
        origin: shopper("ann"),
        lines,
        happened_at: Timestamp(0),
    };
    let order = [lines(1, 12), lines(2, 1)].concat();
    let mut fold = fold_events([told("5", order.clone()), told("C5", lines(1, -2))]);
    assert_same_ties(&fold, &fold_events([told("5", order)]));
    fold_at(&mut fold, LAST, [Events::Activity(vec![told("C6", lines(1, -10))])]);
    assert_same_ties(&fold, &fold_events([imported("5", &[2], shopper("ann"), 0)]));
}

fn returned(reference: &str, products: &[u32], origin: Origin, at: i64) -> ActivityEvent {
    let line = |&product: &u32| HistoryLine { product: Ordinal(product), sku: None, quantity: -1, unit_price: None };
    let lines = products.iter().map(line).collect();
    ActivityEvent::OrderImported { reference: reference.to_owned(), origin, lines, happened_at: Timestamp(at) }
}

/// What somebody does by name, in a visit of theirs, or both.
fn any_deed() -> impl Strategy<Value = (u32, ActivityEvent)> {
    let behaviour = prop::sample::select(vec![Behaviour::View, Behaviour::AddToCart, Behaviour::Purchase]);
    let products = prop::collection::vec(0_u32..40, 1..5);
    let (who, how, at) = (0_u32..6, 0_u32..3, 0..LAST);
    (behaviour, products, who, how, at, 0_u32..9, 0_u32..4).prop_map(|(what, products, who, how, at, act, order)| {
        let name = format!("{who}-{order}");
        let origin = match how {
            0 => shopper(&who.to_string()),
            1 => visit(&format!("v{who}")),
            _ => known(&who.to_string(), &format!("v{who}")),
        };
        let event = match act {
            0 => noted(&name, origin, &products, None),
            1 => imported(&name, &products, origin, at),
            2 => amended(&name, &products[..1], &products),
            3 => canceled(&name),
            4 => returned(&format!("C{name}"), &products, origin, at),
            _ => behaved(what, products[0], &origin, at),
        };
        (who, event)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn tables_are_the_sum_of_what_the_logs_say(deeds in prop::collection::vec(any_deed(), 1..120)) {
        let events = || deeds.iter().map(|(_, event)| event.clone());
        // Somebody else is active last in every relation, so that both are as old.
        let last = || [behaved(Behaviour::View, 3_000, &shopper("last"), LAST), placed("last", "last", &[3_000])];
        let live = fold_events(events().chain(last()));
        let mut counted = fold_events(events());
        let base = Base::counted(&counted.begin_rebuild(), &Options::default());
        prop_assert!(counted.swap_base(base));
        fold_at(&mut counted, LAST, last().map(|event| Events::Activity(vec![event])));
        assert_same_ties(&live, &counted);
    }

    #[test]
    fn whoever_is_erased_has_never_been_there_nor_in_a_visit(deeds in prop::collection::vec(any_deed(), 1..120), who in 0_u32..6) {
        let names = [placed("last", "last", &[3_000]), behaved(Behaviour::View, 3_000, &shopper("last"), LAST)];
        let says_who = behaved(Behaviour::View, 0, &known(&who.to_string(), &format!("v{who}")), LAST);
        let events = deeds.iter().map(|(_, event)| event.clone());
        let with = fold_events(events.chain([says_who]).chain(names.clone()).chain([erased(&who.to_string())]));
        let others = deeds.iter().filter(|(of, _)| *of != who).map(|(_, event)| event.clone());
        assert_same_ties(&with, &fold_events(others.chain(names)));
    }
}
