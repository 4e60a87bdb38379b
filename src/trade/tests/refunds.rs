//! Refunds that were done and come back:
//!
//! 1. the money is the shop's again and owed to the shopper again, to the cent, and the order says so;
//! 2. the same news changes nothing more, and news of what was never done changes nothing;
//! 3. giving it back once more is no second goodwill, and no limit can be passed on the way;
//! 4. what remains is the same after a replay and from a checkpoint.
//!
//! And refunds that fail in either way:
//!
//! 5. they are asked for again by themselves, ever more seldom, until they are done or were tried often enough; then whoever looks after the shop is told;
//! 6. what was given back meanwhile, in whatever way, is not given back twice;
//! 7. a code by which asking again cannot help is not tried again.

use super::payments::{done, eur};
use super::*;
use crate::event::Progress;
use crate::event::trade::PaymentEvent;
use crate::payment::{RefundFailure, StepAnswer, StepStatus};
use crate::trade::PaymentAction;

const MINUTE_MS: i64 = 60_000;

fn comes_back(shop: &mut Shop, number: u32, reason: &str) -> Result<Vec<TradeEvent>, Rejection> {
    let failure = RefundFailure { number, reason: reason.to_owned() };
    shop.pays(PaymentAction::HearRefundFailed { payment: id("o"), failure })
}

/// An order of which 60.00 were given back, as a goodwill.
fn refunded() -> (Shop, i64) {
    let (mut shop, total) = Shop::paid();
    shop.refunds("o", Some(6_000)).expect("asks");
    shop.answers("o", done()).expect("is refunded");
    (shop, total)
}

fn owed_back(shop: &Shop) -> Money {
    shop.state.owed_back(&shop.order("o"))
}

#[test]
fn a_refund_that_comes_back_is_owed_again_and_the_order_says_so() {
    let (mut shop, total) = refunded();
    assert_eq!((shop.order("o").payment_status.name(), owed_back(&shop)), ("partially_refunded", eur(0)));
    let events = comes_back(&mut shop, 2, "expired_or_canceled_card").expect("is heard");
    assert_eq!(kinds(&events), ["Payment(RefundFailed", "LedgerPosted", "Payment(RefundGivenUp"]);
    let payment = shop.payment("o");
    let step = &payment.steps[1];
    assert_eq!((step.status, step.reason.as_deref()), (StepStatus::Failed, Some("expired_or_canceled_card")));
    assert_eq!((payment.status.name(), payment.refunded, payment.refundable_minor()), ("captured", eur(0), total));
    assert_eq!((shop.order("o").payment_status.name(), owed_back(&shop)), ("paid", eur(6_000)));
    assert_eq!((shop.balance("provider/test"), shop.balance("receivable/o"), shop.balance("refunds")), (total, -6_000, 6_000));
    assert_eq!(shop.state.pending_payments(), Vec::new(), "nobody is asked to give it back by itself");
}

#[test]
fn what_came_back_is_heard_once() {
    let (mut shop, _) = refunded();
    assert_eq!(comes_back(&mut shop, 1, "lost"), Ok(Vec::new()), "that was a capture");
    assert_eq!(comes_back(&mut shop, 3, "lost"), Ok(Vec::new()), "there was none");
    comes_back(&mut shop, 2, "4111 1111 1111 1111").expect("is heard");
    assert_eq!(shop.payment("o").steps[1].reason.as_deref(), Some("failed"), "only codes are kept");
    let hash = shop.state.hash();
    assert_eq!(comes_back(&mut shop, 2, "lost"), Ok(Vec::new()));
    assert_eq!(shop.state.hash(), hash);
    shop.refunds("o", Some(1_000)).expect("asks");
    assert_eq!(comes_back(&mut shop, 3, "lost"), Ok(Vec::new()), "what is not answered yet has not come back");
    let unknown = PaymentAction::HearRefundFailed { payment: id("nope"), failure: RefundFailure { number: 1, reason: String::new() } };
    assert!(matches!(shop.pays(unknown), Err(Rejection::Unknown { kind: "payment", .. })));
}

#[test]
fn giving_it_back_once_more_is_no_second_goodwill() {
    let (mut shop, total) = refunded();
    comes_back(&mut shop, 2, "account_closed").expect("is heard");
    assert!(shop.refunds("o", Some(total + 1)).is_err(), "never more than was taken");
    assert_eq!(kinds(&shop.refunds("o", Some(6_000)).expect("asks again")), ["Payment(Asked"]);
    assert_eq!(owed_back(&shop), eur(0), "it is on its way");
    shop.answers("o", done()).expect("is refunded");
    assert_eq!((shop.balance("receivable/o"), shop.balance("refunds"), shop.payment("o").refunded), (0, 6_000, eur(6_000)));
    // What is given back beyond it is.
    assert_eq!(kinds(&shop.refunds("o", Some(1_000)).expect("asks")), ["Payment(Allowed", "LedgerPosted", "Payment(Asked"]);
}

#[test]
fn what_a_canceled_order_was_given_can_come_back_and_it_stays_canceled() {
    let (mut shop, total) = Shop::paid();
    shop.ask(Action::CancelOrder { order: id("o"), reason: String::new() }).expect("is canceled");
    shop.answers("o", done()).expect("is refunded");
    comes_back(&mut shop, 2, "account_closed").expect("is heard");
    assert_eq!((shop.order("o").status.name(), owed_back(&shop)), ("canceled", eur(total)));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("trade.bin");
    shop.state.save(&path, Progress::default()).expect("is written");
    let (loaded, _) = State::load(&path, Options::default()).expect("is read");
    assert_eq!((shop.replayed().hash(), loaded.hash()), (shop.state.hash(), shop.state.hash()));
}

/// Seed 511 of the simulation: the books say that a goodwill and a canceled order are both owed, and nobody has paid that much.
#[test]
fn who_got_a_goodwill_and_canceled_then_is_owed_nothing_beyond_what_they_paid() {
    let (mut shop, total) = refunded();
    shop.ask(Action::CancelOrder { order: id("o"), reason: String::new() }).expect("is canceled");
    assert_eq!(owed_back(&shop), eur(0), "the rest is on its way");
    shop.answers("o", done()).expect("is refunded");
    assert_eq!((shop.payment("o").refunded, owed_back(&shop)), (eur(total), eur(0)));
    comes_back(&mut shop, 3, "account_closed").expect("is heard");
    assert_eq!(owed_back(&shop), eur(total - 6_000), "what came back is owed again, and no more");
}

fn refused(shop: &mut Shop, reason: &str) -> Vec<String> {
    kinds(&shop.answers("o", StepAnswer::Refused { reason: reason.to_owned() }).expect("is refused"))
}

/// What time makes happen to payments: the step that is asked for again, and the amount, or that nothing is.
fn time_brings(shop: &mut Shop, ms: i64) -> Vec<(u32, i64)> {
    let retried = |event: &TradeEvent| match event {
        TradeEvent::Payment(PaymentEvent::RefundRetried { failed, amount, .. }) => Some((*failed, amount.amount_minor)),
        TradeEvent::Payment(PaymentEvent::RefundDropped { number, .. }) => Some((*number, 0)),
        _ => None,
    };
    shop.passes(ms).iter().filter_map(retried).collect()
}

/// An order of which 60.00 should be given back, and were refused.
fn put_off() -> (Shop, i64) {
    let (mut shop, total) = Shop::paid();
    shop.refunds("o", Some(6_000)).expect("asks");
    assert_eq!(refused(&mut shop, "insufficient_funds"), ["Payment(Refused", "Payment(RefundPutOff"]);
    (shop, total)
}

#[test]
fn a_refund_that_was_refused_is_asked_for_again_ever_more_seldom_and_then_given_up() {
    let (mut shop, _) = put_off();
    for (failed, minutes) in [(2, 15), (3, 60), (4, 240), (5, 960)] {
        assert_eq!((owed_back(&shop), shop.state.pending_payments()), (eur(6_000), Vec::new()));
        assert_eq!(time_brings(&mut shop, minutes * MINUTE_MS - 1), [], "too early");
        assert_eq!(shop.state.next_expiry(), Some(shop.now.plus_ms(1)));
        assert_eq!(time_brings(&mut shop, 1), [(failed, 6_000)]);
        assert_eq!((owed_back(&shop), shop.state.pending_payments().len()), (eur(0), 1), "it is on its way");
        let then = if failed == 5 { "Payment(RefundGivenUp" } else { "Payment(RefundPutOff" };
        assert_eq!(refused(&mut shop, "insufficient_funds"), ["Payment(Refused", then]);
    }
    assert_eq!(time_brings(&mut shop, 100 * 24 * 60 * MINUTE_MS), []);
    assert_eq!((owed_back(&shop), shop.payment("o").steps.len()), (eur(6_000), 6), "whoever looks after the shop sees it");
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}

#[test]
fn a_retried_refund_gives_the_money_back_once() {
    let (mut shop, total) = put_off();
    assert_eq!(time_brings(&mut shop, 15 * MINUTE_MS), [(2, 6_000)]);
    // Nobody knows whether it was done: it is looked up, and time asks for nothing more.
    assert_eq!(kinds(&shop.answers("o", StepAnswer::Unknown).expect("is lost")), ["Payment(Lost"]);
    assert_eq!(time_brings(&mut shop, 24 * 60 * MINUTE_MS), []);
    shop.answers("o", done()).expect("a look-up finds it");
    assert_eq!((shop.payment("o").refunded, owed_back(&shop), shop.balance("receivable/o")), (eur(6_000), eur(0), 0));
    assert_eq!((shop.balance("provider/test"), shop.balance("refunds")), (total - 6_000, 6_000), "and it is one goodwill");
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}

#[test]
fn what_was_given_back_meanwhile_is_not_given_back_twice() {
    for (by_hand, expected) in [(6_000, 0), (2_000, 4_000)] {
        let (mut shop, _) = put_off();
        shop.refunds("o", Some(by_hand)).expect("somebody is faster");
        shop.answers("o", done()).expect("is refunded");
        assert_eq!(time_brings(&mut shop, 15 * MINUTE_MS), [(2, expected)]);
        if expected > 0 {
            shop.answers("o", done()).expect("is refunded");
        }
        assert_eq!((shop.payment("o").refunded, owed_back(&shop)), (eur(6_000), eur(0)));
        assert_eq!(time_brings(&mut shop, 24 * 60 * MINUTE_MS), []);
    }
}

/// Seed 78 of the simulation: a goodwill came back while half of the order was still to be taken, was set against that, and so given up for ever.
#[test]
fn what_is_still_to_be_taken_is_not_set_against_what_is_owed_back() {
    let mut shop = Shop::stocked();
    shop.sells("o", "a=10");
    let total = shop.payment("o").amount.amount_minor;
    let takes = |shop: &mut Shop, amount| {
        shop.captures("o", amount).expect("asks");
        shop.answers("o", done()).expect("is captured");
    };
    takes(&mut shop, Some(4_000));
    shop.refunds("o", Some(2_000)).expect("asks");
    shop.answers("o", done()).expect("is refunded");
    comes_back(&mut shop, 2, "declined").expect("is heard");
    assert_eq!(owed_back(&shop), eur(2_000));
    assert_eq!(time_brings(&mut shop, 15 * MINUTE_MS), [(2, 2_000)]);
    shop.answers("o", done()).expect("is refunded");
    takes(&mut shop, None);
    assert_eq!((shop.payment("o").captured, shop.payment("o").refunded, owed_back(&shop)), (eur(total), eur(2_000), eur(0)));
    assert_eq!((shop.balance("receivable/o"), shop.balance("refunds")), (0, 2_000), "and it is one goodwill");
}

#[test]
fn of_one_order_one_refund_is_asked_for_again_at_a_time_and_each_sees_what_is_still_owed() {
    let (mut shop, _) = put_off();
    shop.refunds("o", Some(1_000)).expect("what is owed is asked for, not a goodwill");
    assert_eq!(refused(&mut shop, "processing_error"), ["Payment(Refused", "Payment(RefundPutOff"]);
    assert_eq!(time_brings(&mut shop, 60 * MINUTE_MS), [(2, 6_000)]);
    assert_eq!(time_brings(&mut shop, 0), [(3, 0)], "the first has asked for all that is owed");
}

#[test]
fn a_refund_that_came_back_is_tried_again_unless_its_code_says_that_this_cannot_help() {
    let (mut shop, _) = refunded();
    let events = comes_back(&mut shop, 2, "declined").expect("is heard");
    assert_eq!(kinds(&events), ["Payment(RefundFailed", "LedgerPosted", "Payment(RefundPutOff"]);
    assert_eq!(time_brings(&mut shop, 15 * MINUTE_MS), [(2, 6_000)]);
    assert_eq!(refused(&mut shop, "account_closed"), ["Payment(Refused", "Payment(RefundGivenUp"]);
    assert_eq!((owed_back(&shop), time_brings(&mut shop, 24 * 60 * MINUTE_MS)), (eur(6_000), Vec::new()));
}

#[test]
fn a_refund_of_a_canceled_order_is_tried_again_and_a_checkpoint_knows_when() {
    let (mut shop, total) = Shop::paid();
    shop.ask(Action::CancelOrder { order: id("o"), reason: String::new() }).expect("is canceled");
    assert_eq!(refused(&mut shop, "insufficient_funds"), ["Payment(Refused", "Payment(RefundPutOff"]);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("trade.bin");
    shop.state.save(&path, Progress::default()).expect("is written");
    let (loaded, _) = State::load(&path, Options::default()).expect("is read");
    assert_eq!((loaded.hash(), loaded.next_expiry()), (shop.state.hash(), shop.state.next_expiry()));
    let known: Vec<(u32, Timestamp)> = loaded.payments_book().put_off(&id("o")).collect();
    assert_eq!(known, [(2, shop.now.plus_ms(15 * MINUTE_MS))]);
    assert_eq!(time_brings(&mut shop, 15 * MINUTE_MS), [(2, total)]);
    shop.answers("o", done()).expect("is refunded");
    assert_eq!((shop.payment("o").status.name(), owed_back(&shop)), ("refunded", eur(0)));
}
