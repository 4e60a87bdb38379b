//! Who is forgotten, and that logs grow, shrink and survive saving.

use super::*;
use crate::id::{SessionId, ShopperId};
use crate::recommend::steps::Interest;

fn look(rings: &mut Rings, key: u64, product: u32) {
    let handle = rings.touch(RingKey(key), 3).expect("room");
    let mut steps = Steps::default();
    rings.read(handle, &mut steps);
    let changed_from = steps.look(Ordinal(product), Interest::Looked, Timestamp(0)).unwrap_or(0);
    rings.put(handle, &steps, changed_from);
}

fn products(rings: &RingsReader, key: u64) -> Option<Vec<u32>> {
    Some(rings.get(RingKey(key))?.steps.all().iter().map(|step| step.product().0).collect())
}

#[test]
fn the_one_idle_for_longest_is_forgotten_first() {
    let mut rings = Rings::new();
    [1, 2, 3, 1].into_iter().for_each(|key| look(&mut rings, key, 7));
    let before = rings.reader();
    look(&mut rings, 4, 8);
    assert_eq!([1, 2, 3, 4].map(|key| rings.find(RingKey(key)).is_some()), [true, false, true, true]);
    assert_eq!((products(&before, 2), products(&before, 3)), (None, Some(vec![7])), "who is forgotten is forgotten by all");
    rings.forget(&[RingKey(3), RingKey(9)]);
    assert_eq!(rings.reader().count(), 2);
}

/// Each visit of a shopper went through all logs: erasing one with two thousand took two seconds.
#[test]
fn several_are_forgotten_at_once_and_the_others_go_in_their_order() {
    let mut rings = Rings::new();
    [1, 2, 3].into_iter().for_each(|key| look(&mut rings, key, 7));
    rings.forget(&[RingKey(2), RingKey(1)]);
    let there = |rings: &Rings| [1, 2, 3, 4, 5, 6].map(|key| rings.find(RingKey(key)).is_some());
    assert_eq!((there(&rings), rings.free_handles.len()), ([false, false, true, false, false, false], 2));
    [4, 5, 6].into_iter().for_each(|key| look(&mut rings, key, 8));
    assert_eq!(there(&rings), [false, false, false, true, true, true], "3 was idle for longest");
    assert_eq!([4, 5, 6].map(|key| products(&rings.reader(), key)), [(); 3].map(|()| Some(vec![8])));
}

/// The queue was gone through for each who was erased.
#[test]
fn who_is_erased_and_comes_again_is_queued_as_who_came_last() {
    let mut rings = Rings::new();
    [1, 2, 3].into_iter().for_each(|key| look(&mut rings, key, 7));
    rings.forget(&[RingKey(1)]);
    look(&mut rings, 1, 8);
    look(&mut rings, 4, 8);
    let there = |rings: &Rings| [1, 2, 3, 4].map(|key| rings.find(RingKey(key)).is_some());
    assert_eq!(there(&rings), [true, false, true, true], "1 was there first once, and came last");
    let saved = rings.saved();
    let [numbers, places, words, free] = &saved;
    assert_eq!(Rings::restored([numbers, places, words, free]).map(|restored| restored.saved()), Some(saved));
    for key in 100..10_000 {
        look(&mut rings, key, 9);
        rings.forget(&[RingKey(key)]);
    }
    assert!(rings.queue.len() < 10, "what is left of who is gone does not pile up: {}", rings.queue.len());
}

#[test]
fn a_log_grows_and_shrinks_and_survives_saving() {
    let mut rings = Rings::new();
    (0..200).for_each(|product| look(&mut rings, 1, product));
    look(&mut rings, 2, 5);
    let visit = rings.find(RingKey(2)).expect("a ring");
    rings.set_shopper(visit, RingKey(1));
    assert_eq!(products(&rings.reader(), 1), Some((0..200).collect()));
    let shopper = rings.find(RingKey(1)).expect("a ring");
    let mut steps = Steps::default();
    steps.look(Ordinal(9), Interest::Carted, Timestamp(0));
    rings.put(shopper, &steps, 0);
    assert_eq!((products(&rings.reader(), 1), rings.visits_of(RingKey(1))), (Some(vec![9]), vec![RingKey(2)]));
    let [numbers, places, words, free] = rings.saved();
    let restored = Rings::restored([&numbers, &places, &words, &free]).expect("fits");
    assert_eq!((products(&restored.reader(), 1), restored.shopper(visit)), (Some(vec![9]), Some(RingKey(1))));
    assert_eq!(restored.saved(), [numbers, places, words, free]);
}

#[test]
fn a_shopper_and_a_visit_of_the_same_name_are_two() {
    let shopper = ShopperId::new("a").expect("an id");
    let session = SessionId::new("a").expect("an id");
    assert_ne!(RingKey::of_shopper(&shopper), RingKey::of_session(&session));
}
