//! What is held back, and what a split tells of how it was made.

use super::*;

fn history(shopper: &str, products: &[u32]) -> History {
    History { shopper: shopper.to_owned(), products: products.to_vec(), times: Vec::new() }
}

fn five_each(shoppers: u32) -> Vec<History> {
    (0..shoppers).map(|shopper| history(&shopper.to_string(), &[shopper, 100, 101, 102, 103])).collect()
}

/// Shoppers with so many products each, turned to one moment after another, each shopper beginning a little after the one before.
fn timed(shoppers: u32, len: u32) -> Vec<History> {
    let of = |shopper: u32| History {
        shopper: shopper.to_string(),
        products: (0..len).map(|place| shopper * 1_000 + place).collect(),
        times: (0..len).map(|place| f64::from(shopper * 3 + place)).collect(),
    };
    (0..shoppers).map(of).collect()
}

/// Both parts of histories, by whether a place of so many goes to the second.
fn parted(all: &[History], goes: impl Fn(&History, usize) -> bool, with_times: bool) -> [Vec<History>; 2] {
    let part = |wanted: bool| {
        let each = all.iter().map(|history| {
            let part = kept(history, |place, _| goes(history, place) == wanted);
            History { times: if with_times { part.times } else { Vec::new() }, ..part }
        });
        each.filter(|history| !history.products.is_empty()).collect()
    };
    [part(false), part(true)]
}

#[test]
fn what_is_held_back_is_gone_from_what_is_trained_on() {
    let histories = five_each(40);
    for what in [HeldBack::Some, HeldBack::Run, HeldBack::Either, HeldBack::Newest, HeldBack::Last] {
        let holding = Holding::of(what);
        let draws = hold_back(&histories, holding, 10, 3);
        let [Draw { rest, cases }] = draws.as_slice() else { panic!("one draw suffices: {draws:?}") };
        assert_eq!(cases.len(), 10);
        assert!(cases.iter().all(|case| case.wanted.len() == 1 && !case.history.contains(&case.wanted[0])));
        assert_eq!(hold_back(&histories, holding, 10, 3), draws);
        // Those who are not asked are not learnt from either.
        assert!(rest.len() == 40 && rest.iter().all(|history| history.products.len() == 4));
    }
    let short = [history("u", &[1, 2])];
    assert_eq!(hold_back(&short, Holding::of(HeldBack::Last), 10, 3), [Draw { rest: short.to_vec(), cases: vec![] }]);
}

#[test]
fn few_shoppers_are_held_back_from_more_than_once() {
    let histories = five_each(40);
    let draws = hold_back(&histories, Holding::of(HeldBack::Some), 200, 3);
    assert!(draws.len() == 3 && draws[0] != draws[1], "{}", draws.len());
    assert_eq!(hold_back(&histories[..5], Holding::of(HeldBack::Run), 200, 3).len(), DRAWS_MAX);
    assert_eq!(hold_back(&histories, Holding::of(HeldBack::Last), 200, 3).len(), 1);
}

#[test]
fn after_a_moment_nothing_of_anybody_is_learnt_from() {
    let histories = timed(30, 10);
    let draws = hold_back(&histories, Holding { what: HeldBack::After, one_in: 4 }, 100, 3);
    let newest = draws[0].rest.iter().flat_map(|history| &history.times).copied().fold(0.0, f64::max);
    let rest: usize = draws[0].rest.iter().map(|history| history.products.len()).sum();
    assert!((rest as f64 / 300.0 - 0.75).abs() < 0.02, "{rest}");
    assert!(histories.iter().flat_map(|history| &history.times).filter(|time| **time <= newest).count() == rest);
    assert!(draws[0].cases.iter().all(|case| !case.history.is_empty() && !case.wanted.is_empty()));
    // Without times there is no moment: the newest of each are held back.
    assert_eq!(hold_back(&five_each(9), Holding::of(HeldBack::After), 9, 3)[0].cases[0].wanted, [103]);
}

#[test]
fn a_split_tells_how_it_was_made() {
    let all = timed(40, 20);
    let told = |goes: &dyn Fn(&History, usize) -> bool, with_times: bool| {
        let [train, test] = parted(&all, goes, with_times);
        let Holding { what, one_in } = Holding::as_split(&train, &test);
        (what, one_in)
    };
    let at_random = |history: &History, place: usize| (place as u32 * 7 + history.products[0] / 1_000).is_multiple_of(5);
    let newest = |_: &History, place: usize| place >= 15;
    let last = |_: &History, place: usize| place == 19;
    let late = |history: &History, place: usize| history.times[place] >= 100.0;
    assert_eq!(told(&at_random, true), (HeldBack::Some, 5));
    assert_eq!(told(&at_random, false), (HeldBack::Either, 5));
    assert_eq!(told(&newest, true), (HeldBack::Newest, 4));
    assert_eq!(told(&newest, false), (HeldBack::Either, 4));
    assert_eq!(told(&last, true), (HeldBack::Last, 20));
    assert_eq!(told(&last, false), (HeldBack::Last, 20));
    assert_eq!(told(&late, true).0, HeldBack::After);
    assert_eq!(Holding::as_split(&all, &[]), Holding::of(HeldBack::Either));
}
