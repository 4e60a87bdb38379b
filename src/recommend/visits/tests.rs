//! What remembered visits promise:
//!
//! 1. a visitor of one click is answered from those who went that way, the nearest visits first;
//! 2. the product at hand is never answered, one that was refused neither, and nobody is answered from a visit that was forgotten;
//! 3. visits, steps and rings are bounded, and both tables always agree;
//! 4. what is saved is read back bit for bit, and damage is refused.

use super::*;
use proptest::prelude::*;

fn key(number: u64) -> RingKey {
    RingKey(number)
}

fn walk(visits: &mut Visits, session: u64, products: &[u32]) {
    for (at, product) in products.iter().enumerate() {
        visits.step(Ordinal(*product), [None, Some(key(session))], Timestamp(at as i64));
    }
}

fn foreseen(visits: &Visits, steps: &[u32]) -> Vec<(u32, u32)> {
    let steps: Vec<Ordinal> = steps.iter().copied().map(Ordinal).collect();
    let foresight = visits.foresee(&steps, 9, |_| true);
    foresight.products.iter().map(|it| (it.product.0, it.visits_count)).collect()
}

fn held(visits: &Visits) -> Vec<Vec<u32>> {
    visits.held.iter().flatten().map(|visit| visit.steps.iter().map(|step| step.0).collect()).collect()
}

fn small() -> Visits {
    let mut visits = Visits::new(100);
    [&[1, 2, 3][..], &[1, 2], &[1, 4, 2], &[5, 6]].into_iter().zip(0..).for_each(|(steps, session)| walk(&mut visits, session, steps));
    visits
}

#[test]
fn one_click_is_enough_and_what_followed_soon_and_often_is_first() {
    let visits = small();
    assert_eq!(foreseen(&visits, &[1]), [(2, 3), (4, 1), (3, 1)]);
    assert_eq!(foreseen(&visits, &[5]), [(6, 1)]);
    assert_eq!(foreseen(&visits, &[77]), []);
    assert_eq!(foreseen(&visits, &[]), []);
    assert_eq!(visits.foresee(&[Ordinal(1)], 9, |_| true).near_count, 3);
}

#[test]
fn order_counts_and_what_was_seen_before_may_come_again() {
    let mut visits = small();
    (10..20).for_each(|session| walk(&mut visits, session, &[7, 8, 9]));
    assert_eq!(foreseen(&visits, &[8]), [(9, 10), (7, 10)]);
    let again = foreseen(&visits, &[5, 1, 1]);
    assert!(again.contains(&(5, 1)) && again.contains(&(6, 1)) && !again.iter().any(|(product, _)| *product == 1), "{again:?}");
    let steps = [Ordinal(5), Ordinal(1)];
    let refused = visits.foresee(&steps, 1, |product| product != Ordinal(5) && product != Ordinal(2));
    assert_eq!(refused.products.len(), 1);
    assert!(![1, 2, 5].contains(&refused.products[0].product.0));
}

#[test]
fn where_people_go_back_the_product_before_is_expected_and_where_they_do_not_it_is_not() {
    let check = |steps: [u32; 4], expected_first: u32| {
        let mut visits = Visits::new(1_000);
        (0..300).for_each(|session| walk(&mut visits, session, &steps));
        assert_eq!(foreseen(&visits, &[7, 1])[0].0, expected_first, "{steps:?}");
    };
    check([1, 2, 1, 2], 7);
    check([1, 2, 3, 4], 2);
}

#[test]
fn a_snapshot_never_shows_a_visit_of_somebody_else() {
    let mut visits = Visits::new(2);
    let steps = |visits: &Visits, session| visits.steps([None, Some(key(session))]).to_vec();
    walk(&mut visits, 1, &[1, 2]);
    let before = visits.clone();
    (2..5).for_each(|session| walk(&mut visits, session, &[7, 8]));
    assert_eq!(steps(&visits, 4), [Ordinal(7), Ordinal(8)]);
    // Where the newer visits are is known already, what they hold is not.
    (2..5).for_each(|session| assert_eq!(steps(&before, session), []));
    assert_eq!(steps(&visits, 1), []);
}

#[test]
fn half_an_hour_of_nothing_begins_another_visit() {
    let mut visits = Visits::new(10);
    let both = [Some(key(1)), None];
    for (product, minute) in [(1, 0), (2, 29), (3, 59), (4, 90), (5, 80)] {
        visits.step(Ordinal(product), both, Timestamp(minute * 60_000));
    }
    assert_eq!(held(&visits), [vec![1, 2, 3], vec![4, 5]]);
    assert_eq!(visits.steps(both), [Ordinal(4), Ordinal(5)]);
    visits.step(Ordinal(9), [None, None], Timestamp(0));
    assert_eq!(visits.held_count, 2);
}

#[test]
fn a_forgotten_shopper_leaves_nothing_behind() {
    let mut visits = small();
    let before = visits.save().words().to_vec();
    walk(&mut visits, 50, &[1, 9, 1, 9]);
    visits.step(Ordinal(9), [Some(key(60)), Some(key(61))], Timestamp(0));
    visits.step(Ordinal(1), [Some(key(60)), Some(key(61))], Timestamp(0));
    assert!(foreseen(&visits, &[1]).contains(&(9, 2)));
    visits.erase(key(60));
    visits.erase(key(50));
    // All but the number of visits that have begun.
    let after = visits.save().words().to_vec();
    assert_eq!((&after[..1], &after[2..], after[1]), (&before[..1], &before[2..], 6));
    assert!(visits.steps([None, Some(key(61))]).is_empty());
}

#[test]
fn the_visit_begun_first_and_the_oldest_steps_are_forgotten() {
    let mut visits = Visits::new(3);
    (0..5).for_each(|session| walk(&mut visits, u64::from(session), &[session, 10]));
    assert_eq!(held(&visits), [vec![3, 10], vec![4, 10], vec![2, 10]]);
    assert_eq!(visits.recent(Ordinal(10)).expect("is known").slots, [2, 0, 1]);
    assert_eq!(foreseen(&visits, &[0]), []);
    let long: Vec<u32> = (100..1_000).collect();
    walk(&mut visits, 9, &long);
    assert_eq!(visits.steps([None, Some(key(9))]).len(), STEPS_MAX);
    assert_eq!((foreseen(&visits, &[100]), foreseen(&visits, &[951])[0].0), (vec![], 952));
    let mut crowd = Visits::new(10_000);
    (0..2_000).for_each(|session| walk(&mut crowd, session, &[1, 2]));
    let recent = crowd.recent(Ordinal(1)).expect("is known");
    assert_eq!((recent.count, recent.slots.len(), recent.slots[0]), (2_000, RECENT_MAX, 1_500));
}

#[test]
fn damage_and_another_size_are_refused() {
    let words = small().save().words().to_vec();
    assert!(Visits::load(&words, 100).is_ok());
    assert!(matches!(Visits::load(&words, 99), Err(super::super::RecommendError::OtherOptions)));
    assert!(Visits::load(&words[..words.len() - 1], 100).is_err());
    let mut damaged = words;
    *damaged.last_mut().expect("is not empty") = 99;
    assert!(Visits::load(&damaged, 100).is_err());
}

fn any_step() -> impl Strategy<Value = (u32, [Option<RingKey>; 2], i64)> {
    let person = prop::option::of((0_u64..6).prop_map(key));
    let session = prop::option::of((10_u64..18).prop_map(key));
    (0_u32..12, person, session, prop_oneof![9 => 0_i64..9_000_000, 1 => any::<i64>()])
        .prop_map(|(product, person, session, at)| (product, [person, session], at))
}

/// The rings as they follow from the visits: which hold the product.
fn check_tables_agree(visits: &Visits) {
    assert_eq!(visits.held.iter().flatten().count(), visits.held_count as usize);
    for product in (0..12).map(Ordinal) {
        let holding = visits.held.iter().enumerate().filter(|(_, visit)| visit.as_ref().is_some_and(|it| it.steps.contains(&product)));
        let holding: Vec<u32> = holding.map(|(slot, _)| slot as u32).collect();
        let mut slots = visits.recent(product).map(|recent| recent.slots.clone()).unwrap_or_default();
        slots.sort_unstable();
        assert_eq!(slots, holding, "{product:?}");
        assert_eq!(visits.recent(product).map_or(0, |recent| recent.count as usize), holding.len());
    }
}

proptest! {
    #[test]
    fn both_tables_agree_and_come_back_from_a_checkpoint(
        steps in prop::collection::vec(any_step(), 0..300), erased in 0_u64..18, visits_max in 1_usize..12
    ) {
        let mut visits = Visits::new(visits_max);
        for (product, keys, at) in &steps {
            visits.step(Ordinal(*product), *keys, Timestamp(*at));
        }
        check_tables_agree(&visits);
        visits.erase(key(erased));
        check_tables_agree(&visits);
        let words = visits.save().words().to_vec();
        let mut loaded = Visits::load(&words, visits_max).expect("loads");
        for (product, keys, at) in &steps {
            visits.step(Ordinal(*product), *keys, Timestamp(*at));
            loaded.step(Ordinal(*product), *keys, Timestamp(*at));
        }
        prop_assert!(visits.save().words() == loaded.save().words());
        prop_assert_eq!(foreseen(&visits, &[1, 2, 3]), foreseen(&loaded, &[1, 2, 3]));
    }
}
