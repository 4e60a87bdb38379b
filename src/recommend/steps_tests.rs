//! What the log of a shopper promises: only what says something new is kept, it is bounded, and what is taken back is gone.

use super::*;

fn look(steps: &mut Steps, product: u32, interest: Interest, at_s: i64) -> Option<usize> {
    steps.look(Ordinal(product), interest, Timestamp(at_s * 1_000))
}

fn told(steps: &Steps) -> Vec<(u32, Interest, bool)> {
    steps.all().iter().map(|step| (step.product().0, step.interest(), step.is_first())).collect()
}

#[test]
fn only_what_says_something_new_is_kept_and_looking_again_moves_the_time() {
    use Interest::{Bought, Carted, Looked};
    let mut steps = Steps::default();
    let places = [(1, Looked), (2, Looked), (1, Looked), (1, Carted), (1, Looked), (3, Carted), (3, Looked)];
    let places: Vec<Option<usize>> =
        places.into_iter().zip(1..).map(|((product, interest), at_s)| look(&mut steps, product, interest, at_s)).collect();
    assert_eq!(places, [Some(0), Some(1), None, Some(2), None, Some(3), None]);
    assert_eq!(steps.buy(&[Ordinal(1), Ordinal(4)], 7, Timestamp(9_000)), 4);
    assert_eq!(steps.buy(&[Ordinal(1)], 8, Timestamp(10_000)), 6);
    let expected = [
        (1, Looked, true),
        (2, Looked, true),
        (1, Carted, false),
        (3, Carted, true),
        (1, Bought, true),
        (4, Bought, true),
        (1, Bought, false),
    ];
    assert_eq!(told(&steps), expected);
    assert_eq!((steps.all()[0].at(), steps.all()[0].last_at()), (Timestamp(1_000), Timestamp(5_000)));
    steps.take_back_order(7);
    assert_eq!(told(&steps)[4..], [(1, Bought, true)]);
    steps.take_back_purchase(Ordinal(1), 1, Timestamp(10_000));
    steps.take_back_purchase(Ordinal(1), 1, Timestamp(10_000));
    assert_eq!(told(&steps), expected[..4]);
}

#[test]
fn a_purchase_goes_when_its_last_unit_comes_back() {
    let mut steps = Steps::default();
    let start = steps.buy(&[1, 2, 3].map(Ordinal), 7, Timestamp(0));
    steps.note_units(start, [12, 1, 500].into_iter());
    let start = steps.buy(&[Ordinal(1)], 8, Timestamp(1));
    steps.note_units(start, std::iter::once(2));
    let left = |steps: &Steps| steps.all().iter().map(|step| (step.product().0, step.order())).collect::<Vec<_>>();
    let back = |steps: &mut Steps, product, units| steps.take_back_purchase(Ordinal(product), units, Timestamp(1_000));
    assert_eq!(back(&mut steps, 1, 1), 0);
    assert_eq!(left(&steps), [(1, 7), (2, 7), (3, 7), (1, 8)], "one of two units is left");
    back(&mut steps, 1, 6);
    assert_eq!(left(&steps), [(1, 7), (2, 7), (3, 7)], "one of the last order and five of the one before it");
    [(1, 6), (3, 20), (3, 20)].into_iter().for_each(|(product, units)| assert_eq!(back(&mut steps, product, units), 0));
    assert_eq!(left(&steps), [(1, 7), (2, 7), (3, 7)], "of more units than can be told apart some are always left");
    assert_eq!([(1, 1), (2, 9), (3, 500)].map(|(product, units)| back(&mut steps, product, units)), [0, 8, 469]);
    assert_eq!(left(&steps), []);
    steps.buy(&[Ordinal(1)], 9, Timestamp(5_000));
    assert_eq!((back(&mut steps, 1, 1), left(&steps)), (1, vec![(1, 9)]), "what was bought later did not come back");
}

#[test]
fn an_order_is_amended_where_it_stands() {
    let mut steps = Steps::default();
    steps.buy(&[1, 2].map(Ordinal), 7, Timestamp(0));
    steps.buy(&[Ordinal(2)], 9, Timestamp(5_000));
    let left = |steps: &Steps| steps.all().iter().map(|step| (step.product().0, step.order(), step.is_first())).collect::<Vec<_>>();
    let sold = [3, 4].map(Ordinal);
    steps.amend_order(7, &[1, 3].map(Ordinal), &sold, Timestamp(9_000));
    assert_eq!(left(&steps), [(1, 7, true), (3, 7, true), (2, 9, true)]);
    assert_eq!(steps.all()[1].at(), Timestamp(0), "it is one order, of one time");
    steps.amend_order(7, &[], &[], Timestamp(9_000));
    steps.amend_order(7, &[3, 5].map(Ordinal), &sold, Timestamp(9_000));
    assert_eq!(left(&steps), [(2, 9, true), (3, 7, true)], "5 was not sold again");
}

#[test]
fn a_full_log_lets_the_older_half_of_a_kind_go_and_whole_orders_at_a_time() {
    let mut steps = Steps::default();
    steps.buy(&[Ordinal(5)], 1, Timestamp(0));
    for product in 0..LOOKS_MAX as u32 {
        assert!(steps.has_room_for_look());
        look(&mut steps, product, Interest::Looked, 1);
    }
    assert!(!steps.has_room_for_look());
    steps.let_old_looks_go();
    assert_eq!((steps.all().len(), steps.all()[0].is_purchase(), steps.all()[1].product()), (129, true, Ordinal(128)));
    while steps.has_room_for_purchases(3) {
        let next = steps.all().len() as u32;
        steps.buy(&[1, 2, 3].map(|place| Ordinal(next + place)), next, Timestamp(0));
    }
    steps.let_old_purchases_go();
    let purchases: Vec<u32> = steps.all().iter().map(|step| step.order()).filter(|order| *order != 0).collect();
    assert!(purchases.len() <= PURCHASES_MAX / 2 && purchases.len() > PURCHASES_MAX / 2 - 3);
    assert!(purchases.chunks(3).all(|order| order.len() == 3 && order[0] == order[2]));
}

#[test]
fn times_outside_of_what_can_be_written_are_the_nearest_that_can() {
    let mut steps = Steps::default();
    for (product, at) in [i64::MIN, -1, i64::MAX].into_iter().enumerate() {
        steps.look(Ordinal(product as u32), Interest::Looked, Timestamp(at));
    }
    let times: Vec<i64> = steps.all().iter().map(|step| step.at().0).collect();
    assert_eq!(times, [0, 0, i64::from(u32::MAX) * 1_000]);
}
