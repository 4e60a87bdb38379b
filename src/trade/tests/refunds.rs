//! Refunds that were done and come back:
//!
//! 1. the money is the shop's again and owed to the shopper again, to the cent, and the order says so;
//! 2. the same news changes nothing more, and news of what was never done changes nothing;
//! 3. giving it back once more is no second goodwill, and no limit can be passed on the way;
//! 4. what remains is the same after a replay and from a checkpoint.

use super::payments::{done, eur};
use super::*;
use crate::event::Progress;
use crate::payment::{RefundFailure, StepStatus};
use crate::trade::PaymentAction;

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
    assert_eq!(kinds(&events), ["Payment(RefundFailed", "LedgerPosted"]);
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
