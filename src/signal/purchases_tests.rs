//! What purchases promise of signals:
//!
//! 1. one that an order and an event tell of, within an hour, counts once, whichever was told first and wherever the order was placed;
//! 2. a return takes back its own purchase, also where it is told before it;
//! 3. who is erased is remembered no more.

use super::*;
use crate::event::activity::{HistoryLine, ShopperDigest};
use crate::event::{ActivityEvent, Behaviour, Events};
use crate::id::{SessionId, ShopperId};
use crate::signal::SignalRow;
use crate::signal::fold::tests::{fold, fold_all, noted, placed, rows};

const DAY_MS: i64 = 86_400_000;
const MINUTE_MS: i64 = 60_000;
/// When everything below was taken.
const NOW: i64 = 30 * DAY_MS;

fn ann() -> Origin {
    Origin { shopper: ShopperId::new("ann").ok(), ..Origin::default() }
}

fn visit() -> Origin {
    Origin { session: SessionId::new("v").ok(), ..Origin::default() }
}

fn event(product: u32, quantity: u32, origin: Origin, at: i64) -> Events {
    let (behaviour, product, happened_at) = (Behaviour::Purchase, Ordinal(product), Timestamp(at));
    Events::Activity(vec![ActivityEvent::Behaved { behaviour, product, quantity, origin, happened_at }])
}

fn order(reference: &str, lines: &[(u32, i64)], origin: Origin, at: i64) -> Events {
    let line = |&(product, quantity): &(u32, i64)| HistoryLine { product: Ordinal(product), sku: None, quantity, unit_price: None };
    let (reference, lines, happened_at) = (reference.to_owned(), lines.iter().map(line).collect(), Timestamp(at));
    Events::Activity(vec![ActivityEvent::OrderImported { reference, origin, lines, happened_at }])
}

fn told(entries: impl IntoIterator<Item = Events>) -> Vec<SignalRow> {
    let mut fold = fold();
    fold_all(&mut fold, NOW, entries);
    rows(&mut fold)
}

fn assert_same(one: &[SignalRow], other: &[SignalRow]) {
    assert_eq!(one.len(), other.len());
    for (one, other) in one.iter().zip(other) {
        let pairs =
            [(one.velocity_per_day, other.velocity_per_day), (one.conversion, other.conversion), (one.popularity, other.popularity)];
        assert!(pairs.iter().all(|(one, other)| (one - other).abs() < 1e-3), "{one:?} where {other:?} was expected");
    }
}

/// Each purchase of a shop that also sent events from its page of thanks was two.
#[test]
fn a_purchase_told_by_an_order_and_by_an_event_counts_once() {
    let both = || Origin { shopper: ann().shopper, ..visit() };
    let at = NOW - 3 * DAY_MS;
    let once = told([order("5", &[(0, 2), (1, 1)], ann(), at)]);
    for (of_order, of_event) in [(ann(), ann()), (ann(), both()), (both(), visit()), (visit(), visit()), (both(), both())] {
        let order = || order("5", &[(0, 2), (1, 1)], of_order.clone(), at);
        let event = |minute: i64| event(0, 1, of_event.clone(), at + minute * MINUTE_MS);
        assert_same(&told([order(), event(1), event(59)]), &once);
        assert_same(&told([event(-59), event(1), order()]), &once);
        assert_same(&told([event(1), order(), event(1)]), &once);
        let two = told([order(), event(61)]);
        assert!(two[0].velocity_per_day > 1.3 * once[0].velocity_per_day, "another purchase");
    }
    let twice = told([event(0, 2, Origin::default(), at), order("5", &[(0, 2), (1, 1)], Origin::default(), at)]);
    assert!(twice[0].velocity_per_day > 1.5 * once[0].velocity_per_day, "of nobody known nobody knows");
}

/// Orders placed here are counted by the trade stream; the activity stream notes whose they are, before the event or after it.
#[test]
fn an_event_of_an_order_that_was_placed_here_does_not_count() {
    let note = |origin: Origin| match noted("o1", &[(0, 2)]) {
        ActivityEvent::OrderNoted { order, lines, kept, .. } => {
            Events::Activity(vec![ActivityEvent::OrderNoted { order, origin, lines, kept }])
        }
        _ => unreachable!("it is one"),
    };
    let trade = || Events::Trade(vec![placed("o1", &[(0, 2)])]);
    let once = told([trade(), note(ann())]);
    assert_same(&told([trade(), note(ann()), event(0, 2, ann(), NOW)]), &once);
    assert_same(&told([trade(), event(0, 2, ann(), NOW - MINUTE_MS), note(ann())]), &once);
    assert_same(&told([event(0, 1, ann(), NOW - MINUTE_MS), event(0, 1, ann(), NOW), trade(), note(ann())]), &once);
    assert!(told([trade(), note(ann()), event(0, 2, visit(), NOW)])[0].velocity_per_day > 1.5 * once[0].velocity_per_day);
}

/// Five bought it and four sent it back; where the returns were told first it sold like five.
#[test]
fn a_return_takes_back_its_own_purchase_whichever_is_told_first() {
    let who = |number: i64| Origin { shopper: ShopperId::new(&number.to_string()).ok(), ..Origin::default() };
    let bought = |number: i64| order(&format!("o{number}"), &[(0, 1), (1, 3)], who(number), NOW - 20 * DAY_MS);
    let returned = |number: i64| order(&format!("C{number}"), &[(1, -3)], who(number), NOW - 5 * DAY_MS);
    let later = |number: i64| order(&format!("l{number}"), &[(1, 1)], who(number), NOW - DAY_MS);
    let each = |number: i64| {
        let returned = (number > 0).then(|| returned(number));
        [Some(bought(number)), returned, Some(later(number))].into_iter().flatten()
    };
    let in_order: Vec<Events> = (0..5).flat_map(each).collect();
    let newest_first = told(in_order.iter().rev().cloned());
    let returns_last = told((0..5).flat_map(|number| [bought(number), later(number)]).chain((1..5).map(returned)));
    let in_order = told(in_order);
    assert_same(&newest_first, &in_order);
    assert_same(&returns_last, &in_order);
    let kept = told(
        [bought(0)]
            .into_iter()
            .chain((0..5).map(later))
            .chain((1..5).map(|number| order(&format!("x{number}"), &[(0, 1)], who(number), NOW - 20 * DAY_MS))),
    );
    for (product, row) in kept.iter().enumerate() {
        assert!((row.velocity_per_day - in_order[product].velocity_per_day).abs() < 1e-4, "{row:?}");
    }
    let of_event = told([event(0, 3, ann(), 0), order("C", &[(0, -1)], ann(), NOW)]);
    assert!((of_event[0].velocity_per_day - told([event(0, 2, ann(), 0)])[0].velocity_per_day).abs() < 1e-6);
}

#[test]
fn who_is_erased_is_remembered_no_more() {
    let erased =
        Events::Activity(vec![ActivityEvent::ShopperErased { shopper: ShopperDigest::of(&ShopperId::new("ann").expect("an id")) }]);
    let both = Origin { shopper: ann().shopper, ..visit() };
    let mut fold = fold();
    let entries = [order("5", &[(0, 2)], ann(), NOW), event(1, 1, both, NOW), order("C", &[(3, -1)], ann(), NOW), erased];
    fold_all(&mut fold, NOW, entries);
    let (mut told, mut held) = (WordWriter::default(), WordWriter::default());
    fold.state.purchases.write([&mut told, &mut held]);
    assert_eq!((told.words(), held.words()), (&[][..], &[][..]));
}
