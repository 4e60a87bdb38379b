//! What returns promise: told before what they return or after it, in a visit or by name, the same is left; and who is erased is owed nothing.

use super::*;
use crate::event::activity::HistoryLine;
use crate::event::{ActivityEvent, Behaviour, Events, Origin};
use crate::id::{SessionId, ShopperId};
use crate::recommend::fold::tests::{assert_same_ties, behaved, bytes, erased, fold_at, fold_events, shopper};
use crate::recommend::{Options, RecommendFold, Wanted};
use crate::signal::SignalFold;

const DAY_MS: i64 = 86_400_000;

fn told(reference: &str, origin: Origin, lines: &[(u32, i64)], day: i64) -> ActivityEvent {
    let line = |&(product, quantity): &(u32, i64)| HistoryLine { product: Ordinal(product), sku: None, quantity, unit_price: None };
    let lines = lines.iter().map(line).collect();
    ActivityEvent::OrderImported { reference: reference.to_owned(), origin, lines, happened_at: Timestamp(day * DAY_MS) }
}

fn bought(fold: &RecommendFold, who: &str) -> Vec<Wanted> {
    let who = ShopperId::new(who).expect("an id");
    fold.reader().take().buy_again(&who, Timestamp(300 * DAY_MS), 9, |_| true)
}

/// Five bought both, four sent one of them back; of a file that stands the newest first all five were said to have kept it.
#[test]
fn a_return_told_before_its_purchase_takes_it_back() {
    let orders = |number: u32| {
        let who = || shopper(&number.to_string());
        let order = told(&format!("o{number}"), who(), &[(0, 1), (1, 3)], 1);
        let later = told(&format!("l{number}"), who(), &[(1, 2), (2, 1)], 20);
        let returned = (number > 0).then(|| told(&format!("C{number}"), who(), &[(1, -3)], 10));
        [Some(order), returned, Some(later)].into_iter().flatten()
    };
    let in_order: Vec<ActivityEvent> = (0..5).flat_map(orders).collect();
    let (first, last) = (fold_events(in_order.iter().cloned()), fold_events(in_order.iter().rev().cloned()));
    let supports = |fold: &RecommendFold| {
        let snapshot = fold.reader().take();
        let tied = crate::recommend::Relationship::BoughtTogether;
        snapshot.ties(tied, Ordinal(0), crate::recommend::Gate::OPEN).iter().map(|tie| (tie.product.0, tie.support)).collect::<Vec<_>>()
    };
    assert_eq!(supports(&first), [(1, 1)], "one kept it");
    assert_same_ties(&first, &last);
    assert_eq!(
        (0..5).map(|who| bought(&first, &who.to_string())).collect::<Vec<_>>(),
        (0..5).map(|who| bought(&last, &who.to_string())).collect::<Vec<_>>()
    );
    let log = |fold: &RecommendFold| fold.reader().take().steps(ShopperId::new("3").ok().as_ref(), None);
    assert_eq!(log(&first), log(&last));
}

#[test]
fn what_came_back_in_a_visit_came_back_from_the_visitor() {
    let visit = || Origin { session: SessionId::new("v").ok(), ..Origin::default() };
    let says_who = || behaved(Behaviour::View, 9, &Origin { shopper: shopper("ann").shopper, ..visit() }, 40 * DAY_MS);
    let returned = |origin| told("C1", origin, &[(1, -2)], 10);
    let order = |origin| told("o1", origin, &[(0, 1), (1, 2)], 1);
    let in_order = fold_events([order(shopper("ann")), returned(shopper("ann")), says_who()]);
    for events in [
        [returned(visit()), order(shopper("ann")), says_who()],
        [returned(visit()), says_who(), order(shopper("ann"))],
        [returned(visit()), order(visit()), says_who()],
        [returned(shopper("ann")), order(visit()), says_who()],
        [says_who(), returned(visit()), order(shopper("ann"))],
        [order(shopper("ann")), says_who(), returned(visit())],
    ] {
        assert_same_ties(&in_order, &fold_events(events.clone()));
        assert_eq!(bought(&in_order, "ann"), bought(&fold_events(events), "ann"));
    }
}

#[test]
fn what_waits_is_in_checkpoints_and_nothing_of_those_who_are_erased() {
    let returned = || told("C1", shopper("ann"), &[(1, -2)], 10);
    let mut fold = fold_events([returned()]);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("recommend");
    let load = |path: &std::path::Path| {
        let signals = SignalFold::new(None, crate::signal::Options::default()).expect("has room").table();
        RecommendFold::load(path, Options::default(), signals).expect("loads")
    };
    fold.save(&path).expect("saves");
    let mut loaded = load(&path);
    assert!(bytes(&mut fold) == bytes(&mut loaded));
    let order = || [Events::Activity(vec![told("o1", shopper("ann"), &[(0, 1), (1, 2)], 1)])];
    fold_at(&mut loaded, 300 * DAY_MS, order());
    assert_eq!(bought(&loaded, "ann").len(), 1);

    // An earlier release wrote all but the last section.
    let file = crate::stdx::mapped::MappedFile::open(&path, *b"REC7").expect("opens");
    let sections: Vec<&[u8]> = (0..file.sections_count() - 1).map(|section| file.bytes(section).expect("is there")).collect();
    crate::stdx::mapped::write_sections(&folder.path().join("earlier"), *b"REC7", &sections).expect("writes");
    let mut earlier = load(&folder.path().join("earlier"));
    fold_at(&mut earlier, 300 * DAY_MS, order());
    assert_eq!(bought(&earlier, "ann").len(), 2);

    fold_at(&mut fold, 300 * DAY_MS, [Events::Activity(vec![erased("ann")])].into_iter().chain(order()));
    assert_eq!(bought(&fold, "ann").len(), 2, "what came back before nobody knows");
}

fn debt(product: u32, units: i64, at: i64) -> Debt {
    Debt { product: Ordinal(product), units, at: Timestamp(at) }
}

#[test]
fn a_return_waits_for_what_was_bought_before_it() {
    let (ann, bob) = (RingKey(1), RingKey(2));
    let mut debts = Debts::default();
    [debt(5, 2, 90), debt(5, 3, 50), debt(6, 1, 50)].into_iter().for_each(|debt| debts.owe(ann, debt));
    let mut words = WordWriter::default();
    debts.write(&mut words);
    for mut debts in [debts, Debts::read(words.words()).expect("reads")] {
        let mut settle = |owner, product, units, at| debts.settle(owner, Ordinal(product), units, Timestamp(at));
        assert_eq!([settle(bob, 5, 1, 0), settle(ann, 7, 1, 0), settle(ann, 5, 1, 91)], [Some(1); 3]);
        assert_eq!(settle(ann, 5, 2, 60), None, "both units of the later return");
        assert_eq!([settle(ann, 5, 1, 60), settle(ann, 5, 1, 50)], [Some(1), None]);
        assert_eq!([settle(ann, 5, 12, 0), settle(ann, 5, 1, 0)], [Some(10), Some(1)], "two units were left of the earlier one");
        assert_eq!([settle(ann, 6, 0, 0), settle(ann, 6, 0, 0)], [None, Some(0)], "of a purchase of nobody knows how many none are left");
    }
}

#[test]
fn what_was_told_first_is_forgotten_first_and_somebodys_at_once() {
    let mut debts = Debts::default();
    (0..=DEBTS_MAX as u32).for_each(|product| debts.owe(RingKey(u64::from(product % 2)), debt(product, 1, 9)));
    assert_eq!(debts.by_number.len(), DEBTS_MAX);
    let theirs = debts.take(RingKey(0));
    assert_eq!((theirs.len(), theirs[0].product), (DEBTS_MAX / 2, Ordinal(2)));
    assert!(!debts.has(RingKey(0)) && debts.has(RingKey(1)));
    assert_eq!(debts.by_owner.len(), debts.by_number.len());
}
