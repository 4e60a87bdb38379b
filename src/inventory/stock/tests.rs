//! How buckets move, and that availability follows them.

use super::*;
use crate::event::trade::ReleaseReason;
use crate::id::CheckoutId;

fn sku(name: &str) -> Sku {
    Sku::new(name).expect("an id")
}

fn location(name: &str) -> LocationId {
    LocationId::new(name).expect("an id")
}

fn units(rows: &[(&str, &str, i64)]) -> Vec<Units> {
    rows.iter().map(|&(s, l, quantity)| Units { sku: sku(s), location: location(l), quantity }).collect()
}

fn reservation(name: &str, rows: &[(&str, &str, i64)], expires_at: i64) -> Reservation {
    let id = ReservationId::new(name).expect("an id");
    Reservation { id, checkout: CheckoutId::new("c").expect("an id"), units: units(rows), expires_at: Timestamp(expires_at) }
}

fn id(name: &str) -> ReservationId {
    ReservationId::new(name).expect("an id")
}

/// Ten units of `a` in the north, five in the south, three of `b` in the north; `a` and `b` are variants of one product.
fn stocked() -> Stock {
    let mut stock = Stock::default();
    for (s, l, quantity) in [("a", "north", 10), ("a", "south", 5), ("b", "north", 3)] {
        stock.move_on_hand(&sku(s), Ordinal(7), &location(l), quantity).expect("moves");
    }
    stock
}

fn wrong(stock: &Stock, allocated: &[Units]) -> Vec<String> {
    stock.verify(allocated, &mut || Some(())).expect("nobody ends it")
}

fn check(stock: &Stock, a: i64, b: i64) {
    assert_eq!((stock.available_units(&sku("a")), stock.available_units(&sku("b"))), (a, b));
    assert_eq!(stock.available_units_of_product(Ordinal(7)), a + b);
    assert_eq!(wrong(stock, &[]), Vec::<String>::new());
}

#[test]
fn reserved_units_are_free_again_when_released() {
    let mut stock = stocked();
    check(&stock, 15, 3);
    stock.reserve(reservation("r", &[("a", "north", 4), ("b", "north", 3)], 9)).expect("reserves");
    check(&stock, 11, 0);
    assert_eq!(stock.take_touched(), [Ordinal(7)]);
    assert_eq!(stock.take_touched(), []);
    stock.release(&id("r"), ReleaseReason::Canceled).expect("releases");
    check(&stock, 15, 3);
    assert_eq!(stock.counts(), ReservationCounts { made: 1, released: 1, ..ReservationCounts::default() });
}

#[test]
fn a_reservation_ends_exactly_once() {
    let mut stock = stocked();
    let ends: [fn(&mut Stock) -> bool; 3] = [
        |stock| stock.release(&id("r"), ReleaseReason::Canceled).is_ok(),
        |stock| stock.release(&id("r"), ReleaseReason::Expired).is_ok(),
        |stock| stock.commit(&id("r")).is_ok(),
    ];
    for first in ends {
        stock.reserve(reservation("r", &[("a", "south", 1)], 9)).expect("reserves");
        assert!(first(&mut stock));
        assert!(ends.iter().all(|again| !again(&mut stock)));
    }
    assert_eq!(stock.counts(), ReservationCounts { made: 3, committed: 1, released: 1, expired: 1 });
}

#[test]
fn committed_units_leave_when_shipped_or_are_freed() {
    let mut stock = stocked();
    stock.reserve(reservation("r", &[("a", "north", 4)], 9)).expect("reserves");
    stock.commit(&id("r")).expect("commits");
    stock.ship(&units(&[("a", "north", 3)])).expect("ships");
    let buckets = stock.buckets(&sku("a"), &location("north"));
    assert_eq!((buckets.on_hand, buckets.reserved, buckets.allocated, buckets.shipped), (7, 0, 1, 3));
    stock.free(&units(&[("a", "north", 1)])).expect("frees");
    check(&stock, 12, 3);
    assert!(stock.free(&units(&[("a", "north", 1)])).is_err(), "nothing is allocated any more");
}

#[test]
fn units_go_from_shelf_to_shipment_and_come_back_without_getting_lost() {
    let mut stock = stocked();
    let (a, north) = (sku("a"), location("north"));
    let rows = |quantity| units(&[("a", "north", quantity)]);
    let check = |stock: &Stock, on_hand, allocated, picked, damaged, quality_hold, available| {
        let buckets = stock.buckets(&a, &north);
        let found = (buckets.on_hand, buckets.allocated, buckets.picked, buckets.damaged, buckets.quality_hold, buckets.available());
        assert_eq!(found, (on_hand, allocated, picked, damaged, quality_hold, available));
        assert_eq!(wrong(stock, &rows(allocated + picked)[usize::from(allocated + picked == 0)..]), Vec::<String>::new());
    };
    stock.allocate(&rows(6)).expect("allocates");
    stock.pick(&rows(4)).expect("picks");
    check(&stock, 10, 2, 4, 0, 0, 4);
    assert!(stock.pick(&rows(3)).is_err(), "two are allocated");
    assert!(stock.free(&rows(3)).is_err(), "four were picked");
    stock.short_pick(&rows(1)).expect("one is missing on the shelf");
    check(&stock, 9, 1, 4, 0, 0, 4);
    stock.ship_picked(&rows(3)).expect("ships");
    assert!(stock.ship_picked(&rows(2)).is_err(), "one is picked");
    check(&stock, 6, 1, 1, 0, 0, 4);
    stock.unpick(&rows(1)).expect("puts back");
    stock.free(&rows(2)).expect("frees");
    check(&stock, 6, 0, 0, 0, 0, 6);
    stock.returned(&rows(1), Condition::Damaged).expect("comes back");
    stock.returned(&rows(2), Condition::Unseen).expect("comes back");
    check(&stock, 9, 0, 0, 1, 2, 6);
    stock.returned(&units(&[("a", "west", 1)]), Condition::Sellable).expect("comes back elsewhere");
    assert_eq!(stock.available_units(&a), 12);
    assert!(stock.returned(&units(&[("z", "north", 1)]), Condition::Sellable).is_err(), "never stocked anywhere");
}

#[test]
fn what_is_not_there_cannot_be_picked() {
    let mut stock = stocked();
    stock.set_limits(&sku("b"), Ordinal(7), &location("north"), 0, 5).expect("sets");
    stock.allocate(&units(&[("b", "north", 8)])).expect("promises five that still have to come");
    assert_eq!(stock.buckets(&sku("b"), &location("north")).owed(), 5);
    assert!(stock.pick(&units(&[("b", "north", 4)])).is_err());
    stock.pick(&units(&[("b", "north", 3)])).expect("picks what is there");
    assert!(stock.move_on_hand(&sku("b"), Ordinal(7), &location("north"), -1).is_err(), "all that is there was picked");
}

#[test]
fn what_cannot_be_done_whole_is_not_done_at_all() {
    let mut stock = stocked();
    assert!(stock.reserve(reservation("r", &[("a", "north", 4), ("b", "north", 4)], 9)).is_err());
    assert!(stock.reserve(reservation("r", &[("a", "north", 4), ("c", "north", 1)], 9)).is_err());
    assert!(stock.move_on_hand(&sku("a"), Ordinal(7), &location("north"), -11).is_err());
    assert!(stock.move_on_hand(&sku("a"), Ordinal(7), &location("north"), i64::MAX).is_err());
    check(&stock, 15, 3);
    stock.reserve(reservation("r", &[("a", "north", 4)], 9)).expect("reserves");
    assert!(stock.reserve(reservation("r", &[("a", "south", 1)], 9)).is_err(), "the name is taken");
    assert!(stock.move_on_hand(&sku("a"), Ordinal(7), &location("north"), -7).is_err(), "four are held");
    check(&stock, 11, 3);
}

#[test]
fn safety_stock_is_not_sold_and_backorders_are_capped() {
    let mut stock = stocked();
    let (a, south) = (sku("a"), location("south"));
    stock.set_limits(&a, Ordinal(7), &south, 9, 0).expect("sets");
    check(&stock, 10, 3);
    stock.set_limits(&a, Ordinal(7), &south, 0, 2).expect("sets");
    check(&stock, 17, 3);
    stock.reserve(reservation("r", &[("a", "south", 7)], 9)).expect("reserves beyond what is on hand");
    assert!(stock.set_limits(&a, Ordinal(7), &south, 0, 1).is_err(), "two backorders are promised");
    stock.commit(&id("r")).expect("commits");
    assert!(stock.ship(&units(&[("a", "south", 7)])).is_err(), "five are on hand");
    stock.ship(&units(&[("a", "south", 5)])).expect("ships");
    assert_eq!(wrong(&stock, &units(&[("a", "south", 2)])).len(), 0);
}

#[test]
fn reservations_expire_in_the_order_of_their_time() {
    let mut stock = stocked();
    for (name, expires_at) in [("late", 30), ("early", 10), ("middle", 20)] {
        stock.reserve(reservation(name, &[("a", "north", 1)], expires_at)).expect("reserves");
    }
    assert_eq!(stock.next_expiry(), Some(Timestamp(10)));
    stock.extend(&id("early"), Timestamp(25)).expect("extends");
    let expired: Vec<String> = stock.expired(Timestamp(25)).map(ToString::to_string).collect();
    assert_eq!(expired, ["middle", "early"]);
}

#[test]
fn a_sku_that_moves_to_another_product_takes_its_units_along() {
    let mut stock = stocked();
    stock.take_touched();
    stock.move_on_hand(&sku("b"), Ordinal(8), &location("north"), 1).expect("moves");
    assert_eq!((stock.available_units_of_product(Ordinal(7)), stock.available_units_of_product(Ordinal(8))), (15, 4));
    assert_eq!(stock.take_touched(), [Ordinal(7), Ordinal(8)]);
}

#[test]
fn units_that_come_damaged_take_no_cover_from_what_was_promised_before_a_release() {
    let (a, north) = (sku("a"), location("north"));
    let mut stock = Stock::default();
    stock.open_preorder(&a, Ordinal(7), Timestamp(1), &[(north.clone(), 5)]).expect("opens");
    stock.reserve(reservation("r", &[("a", "north", 5)], 100)).expect("reserves");
    stock.end_preorder(&a);
    let damaged = units(&[("a", "north", 2)]);
    stock.move_on_hand(&a, Ordinal(7), &north, 3).expect("three come");
    stock.shift(&damaged[0], None, Account::Available, Account::Damaged).expect("two of them damaged");
    let buckets = stock.buckets(&a, &north);
    assert_eq!((buckets.sound(), buckets.preorder_cap, buckets.sellable()), (1, 4, 0));
    // By hand nothing is damaged that was promised.
    assert!(stock.after_shift(&units(&[("a", "north", 1)])[0], Account::Available, Account::Damaged).is_err());
}
