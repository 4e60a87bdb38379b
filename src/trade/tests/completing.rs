//! From a ready session to an order or back, whatever the provider says and whenever it says it.

use super::*;
use crate::order::CheckoutFailure;

#[test]
fn an_order_is_placed_in_one_entry_when_the_money_is_there() {
    let mut shop = Shop::stocked();
    shop.opens("k", "a=2 b=1").expect("opens");
    assert_eq!(kinds(&shop.completes("k", "p", None).expect("completes")), ["StockReserved", "PaymentRequested"]);
    assert_eq!((shop.session("k").status.name(), shop.available("a"), shop.available("b")), ("complete_in_progress", 13, 2));
    let pending = shop.state.pending_payments();
    assert_eq!((pending.len(), pending[0].token.as_deref(), pending[0].amount.amount_minor), (1, Some("tok_success"), 4_999));
    assert_eq!(kinds(&shop.hears("p", "o", authorized()).expect("is authorised")), ["PaymentAuthorized", "LedgerPosted", "OrderPlaced"]);
    assert_eq!(shop.session("k").status.name(), "completed");
    assert_eq!(shop.session("k").order, Some(id("o")));
    assert_eq!((shop.order("o").status.name(), shop.order("o").payment_status.name()), ("placed", "authorized"));
    assert_eq!(shop.order("o").fulfilment_status.name(), "unfulfilled");
    assert_eq!((shop.available("a"), shop.state.pending_payments().len()), (13, 0));
}

#[test]
fn a_payment_that_fails_frees_the_stock_and_the_session_can_try_again() {
    for (outcome, failure) in
        [(PaymentOutcome::Declined, CheckoutFailure::PaymentDeclined), (PaymentOutcome::Failed, CheckoutFailure::PaymentFailed)]
    {
        let mut shop = Shop::stocked();
        shop.opens("k", "a=15").expect("opens");
        shop.completes("k", "p1", None).expect("completes");
        assert_eq!(shop.available("a"), 0);
        assert_eq!(kinds(&shop.hears("p1", "o", outcome).expect("is heard")), ["PaymentFailed", "ReservationReleased"]);
        assert_eq!((shop.session("k").status.name(), shop.session("k").failure), ("ready_for_complete", Some(failure)));
        assert_eq!(shop.available("a"), 15);
        shop.completes("k", "p2", None).expect("completes again");
        shop.hears("p2", "o", authorized()).expect("is authorised");
        assert_eq!(shop.session("k").status.name(), "completed");
    }
}

#[test]
fn an_answer_that_comes_twice_is_no_news() {
    let answers = [authorized(), PaymentOutcome::Declined, PaymentOutcome::Failed, PaymentOutcome::Unknown];
    for answer in answers {
        let mut shop = Shop::stocked();
        shop.opens("k", "a=1").expect("opens");
        shop.completes("k", "p", None).expect("completes");
        assert!(!shop.hears("p", "o", answer.clone()).expect("is heard").is_empty());
        assert_eq!(shop.hears("p", "o", answer.clone()), Ok(Vec::new()), "{answer:?}");
        assert_eq!(shop.hears("p", "o2", answer.clone()), Ok(Vec::new()), "{answer:?} under another order's name");
        assert_eq!(shop.hears("p", "o2", PaymentOutcome::Unknown), Ok(Vec::new()), "nor is a timeout after {answer:?}");
    }
}

#[test]
fn an_unknown_payment_keeps_its_stock_until_it_is_looked_up() {
    let mut shop = Shop::stocked();
    shop.opens("k", "a=3").expect("opens");
    shop.completes("k", "p", None).expect("completes");
    assert_eq!(kinds(&shop.hears("p", "o", PaymentOutcome::Unknown).expect("is heard")), ["PaymentUnknown"]);
    assert_eq!((shop.session("k").status.name(), shop.available("a")), ("complete_in_progress", 12));
    assert_eq!(shop.state.pending_payments()[0].token.as_deref(), Some("tok_success"), "the look-up needs it");
    shop.hears("p", "o", authorized()).expect("was authorised");
    assert_eq!(shop.session("k").status.name(), "completed");
}

#[test]
fn a_late_authorisation_reserves_again_if_the_stock_is_still_there() {
    let mut shop = Shop::stocked();
    shop.opens("k", "a=15").expect("opens");
    shop.completes("k", "p", None).expect("completes");
    shop.passes(Options::default().reservation_ttl_ms);
    assert_eq!((shop.available("a"), shop.session("k").status.name()), (15, "complete_in_progress"));
    let placed = shop.hears("p", "o", authorized()).expect("is authorised");
    assert_eq!(kinds(&placed), ["StockReserved", "PaymentAuthorized", "LedgerPosted", "OrderPlaced"]);
    assert_eq!((shop.available("a"), shop.session("k").status.name()), (0, "completed"));
}

#[test]
fn a_late_authorisation_is_given_back_if_the_stock_is_gone() {
    let mut shop = Shop::stocked();
    shop.opens("late", "a=15").expect("opens");
    shop.completes("late", "p", Some(("key", 1))).expect("completes");
    shop.passes(Options::default().reservation_ttl_ms);
    shop.sells("quick", "a=1");
    let given_back = shop.hears("p", "o", authorized()).expect("is heard");
    assert_eq!(kinds(&given_back), ["PaymentAuthorized", "PaymentVoidRequested"]);
    assert_eq!(
        (shop.session("late").status.name(), shop.session("late").failure),
        ("ready_for_complete", Some(CheckoutFailure::StockGone))
    );
    assert_eq!(shop.state.pending_payments()[0].status.name(), "voiding");
    assert_eq!(shop.hears("p", "o", PaymentOutcome::Failed), Ok(Vec::new()), "the void is asked for again");
    assert_eq!(kinds(&shop.hears("p", "o", PaymentOutcome::Voided).expect("is heard")), ["PaymentVoided"]);
    assert_eq!(shop.hears("p", "o", PaymentOutcome::Voided), Ok(Vec::new()));
    assert_eq!((shop.state.pending_payments().len(), shop.state.orders_count()), (0, 1));
}

#[test]
fn a_canceled_session_frees_its_stock_and_money_that_comes_later_is_given_back() {
    let mut shop = Shop::stocked();
    shop.opens("k", "a=5").expect("opens");
    shop.completes("k", "p", None).expect("completes");
    let canceled = shop.ask(Action::CancelCheckout { checkout: id("k") }).expect("cancels");
    assert_eq!(kinds(&canceled), ["ReservationReleased", "CheckoutCanceled"]);
    assert_eq!(shop.available("a"), 15);
    assert_eq!(kinds(&shop.hears("p", "o", authorized()).expect("is heard")), ["PaymentAuthorized", "PaymentVoidRequested"]);
    assert_eq!(shop.session("k").status.name(), "canceled");
}

/// Seen elsewhere: the compensation of a failed duplicate gave back the money of the attempt that had won.
#[test]
fn giving_back_a_lost_attempt_leaves_the_winner_alone() {
    let mut shop = Shop::stocked();
    shop.opens("k", "a=1").expect("opens");
    shop.completes("k", "lost", None).expect("completes");
    shop.hears("lost", "o1", PaymentOutcome::Failed).expect("fails");
    shop.completes("k", "won", None).expect("completes again");
    // The provider changes its story about the first attempt while the second is open, and again after it has won.
    assert_eq!(kinds(&shop.hears("lost", "o1", authorized()).expect("is heard")), ["PaymentAuthorized", "PaymentVoidRequested"]);
    assert_eq!(shop.session("k").status.name(), "complete_in_progress");
    shop.hears("won", "o2", authorized()).expect("is authorised");
    shop.hears("lost", "o1", PaymentOutcome::Voided).expect("is voided");
    assert_eq!(shop.hears("lost", "o1", authorized()), Ok(Vec::new()));
    assert_eq!((shop.order("o2").payment_status.name(), shop.state.orders_count()), ("authorized", 1));
}

/// Seen elsewhere: each line was checked against the same untouched number.
#[test]
fn demand_is_summed_over_lines_before_it_is_checked() {
    let mut shop = Shop::stocked();
    shop.opens("k", "b=2 a=1 b=2").expect("opens");
    let refused = shop.completes("k", "p", None);
    assert_eq!(refused, Err(Rejection::OutOfStock { sku: id("b"), requested: 4, available: 3 }));
    assert_eq!((shop.available("b"), shop.session("k").status.name()), (3, "ready_for_complete"));
}

#[test]
fn the_last_unit_is_sold_once() {
    let mut shop = Shop::stocked();
    shop.opens("k1", "b=3").expect("opens");
    shop.opens("k2", "b=1").expect("opens");
    shop.completes("k1", "p1", None).expect("completes");
    assert!(matches!(shop.completes("k2", "p2", None), Err(Rejection::OutOfStock { available: 0, .. })));
    shop.hears("p1", "o", authorized()).expect("is authorised");
    assert!(matches!(shop.completes("k2", "p2", None), Err(Rejection::OutOfStock { available: 0, .. })));
}

#[test]
fn one_attempt_at_a_time_and_a_completed_session_answers_with_its_order() {
    let mut shop = Shop::stocked();
    shop.opens("k", "a=1").expect("opens");
    shop.completes("k", "p", None).expect("completes");
    assert!(matches!(shop.completes("k", "p2", None), Err(Rejection::WrongStatus { status: "complete_in_progress", .. })));
    shop.hears("p", "o", authorized()).expect("is authorised");
    assert_eq!(shop.completes("k", "p3", None), Ok(Vec::new()));
    assert_eq!((shop.state.orders_count(), shop.state.payment(&id("p3")).is_none()), (1, true));
}

#[test]
fn a_card_number_is_no_token() {
    let mut shop = Shop::stocked();
    shop.opens("k", "a=1").expect("opens");
    let Action::CompleteCheckout { checkout, payment, reservation, provider, .. } = complete("k", "p") else { unreachable!() };
    let action = Action::CompleteCheckout {
        checkout,
        payment,
        reservation,
        provider,
        token: "4111111111111111".to_owned(),
        parts: Vec::new(),
        terms: Terms::default(),
    };
    assert!(matches!(shop.ask(action), Err(Rejection::Invalid { field, .. }) if field == "payment.token"));
}

#[test]
fn a_captured_or_voided_payment_that_nobody_asked_for_is_a_contradiction() {
    let mut shop = Shop::stocked();
    shop.opens("k", "a=1").expect("opens");
    shop.completes("k", "p", None).expect("completes");
    assert!(matches!(shop.hears("p", "o", PaymentOutcome::Captured), Err(Rejection::WrongStatus { kind: "payment", .. })));
    shop.hears("p", "o", authorized()).expect("is authorised");
    assert!(matches!(shop.hears("p", "o", PaymentOutcome::Voided), Err(Rejection::WrongStatus { kind: "payment", .. })));
    assert!(matches!(shop.hears("x", "o", authorized()), Err(Rejection::Unknown { kind: "payment", .. })));
}
