//! What remembered visits promise:
//!
//! 1. a visitor of one click is answered from those who went that way, the nearest visits first;
//! 2. the product at hand is never answered, one that was refused neither, and nobody is answered from a visit that was forgotten;
//! 3. an answer is what the formulas at [`super::foresee`] say of the visits;
//! 4. visits, steps and rings are bounded, and both tables always agree;
//! 5. what is saved is read back bit for bit, and damage is refused.

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
    let foresight = visits.reader().foresee(&steps, 9, |_| true);
    foresight.products.iter().map(|it| (it.product.0, it.visits_count)).collect()
}

fn held(visits: &Visits) -> Vec<Vec<u32>> {
    (0..visits.slots_end()).filter_map(|slot| visits.visit(slot)).map(|visit| visit.steps.iter().map(|step| step.0).collect()).collect()
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
    assert_eq!(visits.reader().foresee(&[Ordinal(1)], 9, |_| true).near_count, 3);
}

#[test]
fn many_visits_of_one_person_are_one_person() {
    let mut visits = Visits::new(100);
    for (session, shopper) in [(1, 90), (2, 90), (3, 90), (4, 80)] {
        [1, 2].into_iter().for_each(|product| visits.step(Ordinal(product), [Some(key(shopper)), Some(key(session))], Timestamp(0)));
    }
    let next = visits.reader().foresee(&[Ordinal(1)], 9, |_| true).products[0];
    assert_eq!((next.product, next.visits_count, next.people_count), (Ordinal(2), 4, 2));
}

#[test]
fn order_counts_and_what_was_seen_before_may_come_again() {
    let mut visits = small();
    (10..20).for_each(|session| walk(&mut visits, session, &[7, 8, 9]));
    assert_eq!(foreseen(&visits, &[8]), [(9, 10), (7, 10)]);
    let again = foreseen(&visits, &[5, 1, 1]);
    assert!(again.contains(&(5, 1)) && again.contains(&(6, 1)) && !again.iter().any(|(product, _)| *product == 1), "{again:?}");
    let steps = [Ordinal(5), Ordinal(1)];
    let refused = visits.reader().foresee(&steps, 1, |product| product != Ordinal(5) && product != Ordinal(2));
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
fn who_gave_their_place_away_is_not_shown_the_visit_of_the_next() {
    let mut visits = Visits::new(2);
    let steps = |visits: &VisitsReader, session| visits.steps([None, Some(key(session))]);
    walk(&mut visits, 1, &[1, 2]);
    let before = visits.reader();
    (2..5).for_each(|session| walk(&mut visits, session, &[7, 8]));
    for reader in [before, visits.reader()] {
        assert_eq!(steps(&reader, 4), [Ordinal(7), Ordinal(8)]);
        (1..3).for_each(|session| assert_eq!(steps(&reader, session), []));
    }
}

#[test]
fn readers_beside_the_writer_see_whole_visits_of_those_they_ask_about() {
    let mut visits = Visits::new(4);
    let reader = visits.reader();
    // The visit of session n goes to products of n alone.
    let product = |session: u64, step: u64| Ordinal((session * 10 + step % 3) as u32);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for round in 0..40_000_u64 {
                let session = round / 7 % 9;
                visits.step(product(session, round), [None, Some(key(session))], Timestamp(0));
            }
        });
        let mut seen = 0;
        while !writer.is_finished() || seen == 0 {
            for session in 0..9 {
                let steps = reader.steps([None, Some(key(session))]);
                assert!(steps.iter().all(|step| u64::from(step.0) / 10 == session), "{session}: {steps:?}");
                assert!(steps.windows(2).all(|pair| pair[0] != pair[1]));
                let foresight = reader.foresee(&[product(session, 0)], 9, |_| true);
                assert!(foresight.products.iter().all(|next| u64::from(next.product.0) / 10 == session), "{session}: {foresight:?}");
                seen += steps.len();
            }
        }
    });
}

#[test]
fn half_an_hour_of_nothing_begins_another_visit() {
    let mut visits = Visits::new(10);
    let both = [Some(key(1)), None];
    for (product, minute) in [(1, 0), (2, 29), (3, 59), (4, 90), (5, 80), (6, 115)] {
        visits.step(Ordinal(product), both, Timestamp(minute * 60_000));
    }
    assert_eq!(held(&visits), [vec![1, 2, 3], vec![4, 5, 6]], "what is told late does not bring the end nearer");
    assert_eq!(visits.reader().steps(both), [Ordinal(4), Ordinal(5), Ordinal(6)]);
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
    assert!(visits.reader().steps([None, Some(key(61))]).is_empty());
}

/// Two people at one computer: what the first one did was the second one's, and stayed when the first was erased.
#[test]
fn who_logs_in_where_somebody_else_was_begins_a_visit_of_their_own() {
    for erased in [60, 70] {
        let mut visits = Visits::new(100);
        for (product, shopper) in [(1, None), (2, Some(key(60))), (3, Some(key(70))), (4, None)] {
            visits.step(Ordinal(product), [shopper, Some(key(61))], Timestamp(0));
        }
        assert_eq!(held(&visits), [vec![1, 2], vec![3, 4]]);
        assert_eq!(visits.reader().steps([Some(key(70)), Some(key(61))]), [Ordinal(3), Ordinal(4)]);
        visits.erase(key(erased));
        assert_eq!(held(&visits), Vec::<Vec<u32>>::new(), "a session is erased as a whole");
    }
}

#[test]
fn the_visit_begun_first_and_the_oldest_steps_are_forgotten() {
    let mut visits = Visits::new(3);
    (0..5).for_each(|session| walk(&mut visits, u64::from(session), &[session, 10]));
    assert_eq!(held(&visits), [vec![3, 10], vec![4, 10], vec![2, 10]]);
    assert_eq!(visits.reader().by_product.slots(Ordinal(10)), [2, 0, 1]);
    assert_eq!(foreseen(&visits, &[0]), []);
    let long: Vec<u32> = (100..1_000).collect();
    walk(&mut visits, 9, &long);
    assert_eq!(visits.reader().steps([None, Some(key(9))]).len(), STEPS_MAX);
    assert_eq!((foreseen(&visits, &[100]), foreseen(&visits, &[951])[0].0), (vec![], 952));
    let mut crowd = Visits::new(10_000);
    (0..2_000).for_each(|session| walk(&mut crowd, session, &[1, 2]));
    let recents = crowd.reader().by_product;
    let slots = recents.slots(Ordinal(1));
    assert_eq!((recents.count(Ordinal(1)), slots.len(), slots[0]), (2_000, RECENT_MAX, 1_500));
}

#[test]
fn of_too_many_near_visits_the_newest_answer() {
    let mut visits = Visits::new(10_000);
    (0..300).for_each(|session| walk(&mut visits, session, &[1, 2]));
    (300..500).for_each(|session| walk(&mut visits, session, &[1, 3]));
    assert_eq!(foreseen(&visits, &[1]), [(3, 200)]);
}

/// What lost its first place in a long visit was taken out of it altogether, or never put in again.
#[test]
fn a_product_is_of_a_long_visit_as_long_as_any_of_its_steps_goes_to_it() {
    let mut visits = Visits::new(10);
    let holds = |visits: &Visits, product: u32| visits.reader().by_product.slots(Ordinal(product));
    let others = |from: u32, count: u32| (from..from + count).collect::<Vec<_>>();
    walk(&mut visits, 1, &[&[7][..], &others(100, 9), &[7], &others(200, STEPS_MAX as u32 - 11)].concat());
    walk(&mut visits, 1, &[300]);
    assert_eq!((holds(&visits, 7), visits.reader().steps([None, Some(key(1))]).len()), (vec![0], STEPS_MAX));
    walk(&mut visits, 1, &others(301, 9));
    assert_eq!(holds(&visits, 7), [0], "one step to it is left, the oldest of all");
    walk(&mut visits, 1, &[7]);
    assert_eq!(holds(&visits, 7), [0], "that goes as it comes again");
    walk(&mut visits, 1, &others(400, STEPS_MAX as u32));
    assert_eq!((holds(&visits, 7), visits.reader().by_product.count(Ordinal(7))), (vec![], 0));
    assert_eq!(held(&visits), [others(400, STEPS_MAX as u32)]);
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
    let person = prop::option::of((1_u64..7).prop_map(key));
    let session = prop::option::of((10_u64..18).prop_map(key));
    (0_u32..12, person, session, prop_oneof![9 => 0_i64..9_000_000, 1 => any::<i64>()])
        .prop_map(|(product, person, session, at)| (product, [person, session], at))
}

/// The rings as they follow from the visits: which hold the product.
fn check_tables_agree(visits: &Visits) {
    let all: Vec<(u32, Visit)> = (0..visits.slots_end()).filter_map(|slot| Some((slot, visits.visit(slot)?))).collect();
    assert_eq!(all.len(), visits.held_count as usize);
    for product in (0..12).map(Ordinal) {
        let holding = all.iter().filter(|(_, visit)| visit.steps.contains(&product)).map(|(slot, _)| *slot);
        let recents = visits.reader().by_product;
        let mut slots = recents.slots(product);
        slots.sort_unstable();
        assert_eq!(slots, holding.collect::<Vec<_>>(), "{product:?}");
        assert_eq!(recents.count(product) as usize, slots.len());
    }
}

/// What the formulas say, product by product, without any of the tables: scores by product.
fn by_formula(visits: &Visits, asking: &[u32]) -> Vec<(u32, f32)> {
    let all = held(visits);
    let count = |product: u32| all.iter().filter(|steps| steps.contains(&product)).count().max(1) as f32;
    let rarity = |product: u32| (all.len() as f32 / count(product)).ln().max(0.1);
    let mut roots: Vec<u32> = Vec::new();
    asking.iter().rev().for_each(|product| roots.extend((!roots.contains(product) && roots.len() < 8).then_some(*product)));
    let rank = |product: &u32| roots.iter().position(|root| root == product).map(|place| place as f32 + 1.0);
    let mut said = std::collections::BTreeMap::<u32, (f32, f32)>::new();
    for steps in all.iter().filter(|steps| steps.iter().any(|step| rank(step).is_some())) {
        let shared: Vec<(u32, f32)> =
            roots.iter().filter(|root| steps.contains(root)).map(|root| (*root, rank(root).unwrap_or(0.0))).collect();
        let similarity: f32 = shared.iter().map(|(root, rank)| rank.powf(-0.5) * rarity(*root)).sum();
        for (q, product) in steps.iter().enumerate().filter(|(_, product)| Some(*product) != asking.last()) {
            let voice = said.entry(*product).or_default();
            if !steps[..q].contains(product) {
                voice.0 += similarity * (1.0 - shared[0].1 / 10.0) * rarity(*product);
            }
            for (p, root) in steps.iter().enumerate().filter(|(p, root)| *p != q && *root != product && rank(root).is_some()) {
                let direction = if q > p { 1.0 } else { foresee::BACKWARD };
                let near = (p.abs_diff(q) as f32).powf(-1.5) * direction * rank(root).unwrap_or(1.0).powf(-2.0);
                voice.1 += similarity * near / count(*root).sqrt() / count(*product).powf(0.3);
            }
        }
    }
    let (hold, follow) = said.values().fold((f32::MIN_POSITIVE, f32::MIN_POSITIVE), |sums, voice| (sums.0 + voice.0, sums.1 + voice.1));
    let mut scores: std::collections::BTreeMap<u32, f32> =
        said.into_iter().map(|(product, voice)| (product, foresee::SHARE * (voice.0 / hold + voice.1 / follow))).collect();
    let steps: Vec<Ordinal> = asking.iter().copied().map(Ordinal).collect();
    visits.returns.chances(&steps).into_iter().for_each(|(product, chance)| *scores.entry(product.0).or_default() += chance);
    scores.into_iter().collect()
}

proptest! {
    #[test]
    fn an_answer_is_what_the_formulas_say(
        walks in prop::collection::vec(prop::collection::vec(0_u32..14, 1..9), 1..30), asking in prop::collection::vec(0_u32..14, 1..14)
    ) {
        let mut visits = Visits::new(100);
        walks.iter().zip(0..).for_each(|(steps, session)| walk(&mut visits, session, steps));
        let mut asking = asking;
        asking.dedup();
        let steps: Vec<Ordinal> = asking.iter().copied().map(Ordinal).collect();
        let mut found: Vec<(u32, f32)> =
            visits.reader().foresee(&steps, 99, |_| true).products.iter().map(|it| (it.product.0, it.score)).collect();
        found.sort_by_key(|(product, _)| *product);
        let expected = by_formula(&visits, &asking);
        prop_assert_eq!(found.len(), expected.len());
        for ((product, score), (expected_product, expected_score)) in found.into_iter().zip(expected) {
            prop_assert_eq!(product, expected_product);
            prop_assert!((score - expected_score).abs() <= 1e-4 * (1.0 + expected_score.abs()), "{} {} {}", product, score, expected_score);
        }
    }

    #[test]
    fn both_tables_agree_and_come_back_from_a_checkpoint(
        steps in prop::collection::vec(any_step(), 0..300), erased in 1_u64..18, visits_max in 1_usize..12
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
