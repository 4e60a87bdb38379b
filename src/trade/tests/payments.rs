//! Payments after they were authorised, payments that several instruments make together, and payments that wait for their shopper.
//!
//! 1. What is taken never passes what was authorised, what is given back never passes what was taken, and what is only asked for counts.
//! 2. A step is done once: unknown is looked up, certainly not done is asked for again under another key, old answers are no news.
//! 3. Several payments place one order, in one entry, when all are authorised; when one fails the others are given back once.
//! 4. A shopper who has to act is waited for until the reservation ends, and no longer.
//! 5. Every cent is in the ledger: sales, what is owed, providers, disputes, losses, fees, goodwill.

use super::*;
use crate::event::trade::{NoticeDigest, StepKind};
use crate::money::Currency::{self};
use crate::order::CheckoutFailure;
use crate::payment::{AUTHORIZATION_EXPIRED, DisputeReport, Payment, StepStatus};
use crate::trade::{Part, PaymentAction, StepAnswer};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

pub(super) fn eur(amount_minor: i64) -> Money {
    Money::new(amount_minor, Currency::EUR)
}

pub(super) fn done() -> StepAnswer {
    StepAnswer::Done { provider_reference: None }
}

fn field(refused: Result<Vec<TradeEvent>, Rejection>) -> String {
    match refused {
        Err(Rejection::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    }
}

impl Shop {
    pub(super) fn payment(&self, name: &str) -> Arc<Payment> {
        self.state.payment(&id(name)).expect("a payment")
    }

    pub(super) fn pays(&mut self, action: PaymentAction) -> Result<Vec<TradeEvent>, Rejection> {
        self.ask(Action::Payment(action))
    }

    /// What the provider says to the step that it is asked for.
    pub(super) fn answers(&mut self, payment: &str, answer: StepAnswer) -> Result<Vec<TradeEvent>, Rejection> {
        let (number, attempt) = self.payment(payment).open_step().map_or((1, 1), |step| (step.number, step.attempt));
        self.pays(PaymentAction::Settle { payment: id(payment), number, attempt, answer })
    }

    pub(super) fn captures(&mut self, payment: &str, amount: Option<i64>) -> Result<Vec<TradeEvent>, Rejection> {
        self.pays(PaymentAction::Capture { payment: id(payment), amount: amount.map(eur) })
    }

    pub(super) fn refunds(&mut self, payment: &str, amount: Option<i64>) -> Result<Vec<TradeEvent>, Rejection> {
        self.pays(PaymentAction::Refund { payment: id(payment), amount: amount.map(eur) })
    }

    pub(super) fn balance(&self, account: &str) -> i64 {
        self.state.ledger().balance(account, Currency::EUR)
    }

    /// An order `o` over 10 units of `a`: 100.00 and shipping, all of it taken.
    pub(super) fn paid() -> (Self, i64) {
        let mut shop = Self::stocked();
        shop.sells("o", "a=10");
        shop.captures("o", None).expect("asks");
        shop.answers("o", done()).expect("is captured");
        let total = shop.payment("o").captured.amount_minor;
        (shop, total)
    }

    /// Opens `k` over lines and completes it with payments `p` and, for each amount, `p1`, `p2` ...
    fn splits(&mut self, lines: &str, amounts: &[i64]) -> Result<Vec<TradeEvent>, Rejection> {
        self.opens("k", lines).expect("opens");
        let Action::CompleteCheckout { checkout, payment, reservation, provider, token, .. } = complete("k", "p") else { unreachable!() };
        let part = |(place, amount): (usize, &i64)| Part {
            payment: id(&format!("p{}", place + 1)),
            provider: "test".to_owned(),
            token: "tok_success".to_owned(),
            amount: eur(*amount),
        };
        let parts = amounts.iter().enumerate().map(part).collect();
        self.ask(Action::CompleteCheckout { checkout, payment, reservation, provider, token, parts, terms: Terms::default() })
    }

    fn must_act(&mut self, payment: &str) -> Result<Vec<TradeEvent>, Rejection> {
        let (url, provider_reference) = ("https://bank.test/act".to_owned(), "ref".to_owned());
        self.hears(payment, "o", PaymentOutcome::ActionRequired { url, provider_reference })
    }

    fn hears_of_dispute(&mut self, amount: i64, is_won: Option<bool>) -> Result<Vec<TradeEvent>, Rejection> {
        let (dispute, reason) = (id("d"), "fraudulent".to_owned());
        let report = DisputeReport { dispute, amount: eur(amount), reason, evidence_by: None, is_won };
        self.pays(PaymentAction::HearDispute { payment: id("o"), report })
    }
}

#[test]
fn money_is_taken_in_parts_and_never_more_than_was_authorised() {
    let mut shop = Shop::stocked();
    shop.sells("o", "a=10");
    let total = shop.payment("o").amount.amount_minor;
    assert_eq!(kinds(&shop.captures("o", Some(3_000)).expect("asks")), ["Payment(Asked"]);
    assert_eq!((shop.payment("o").status.name(), shop.order("o").payment_status.name()), ("capturing", "authorized"));
    assert_eq!(field(shop.captures("o", Some(total - 2_999))), "amount.amount_minor", "what is asked for counts");
    assert_eq!(field(shop.captures("o", Some(0))), "amount.amount_minor");
    assert_eq!(field(shop.captures("o", Some(-5))), "amount.amount_minor");
    let dollars = Some(Money::new(100, Currency::USD));
    assert_eq!(field(shop.pays(PaymentAction::Capture { payment: id("o"), amount: dollars })), "amount.currency");
    shop.answers("o", done()).expect("is captured");
    assert_eq!((shop.payment("o").status.name(), shop.order("o").payment_status.name()), ("partially_captured", "partially_paid"));
    shop.captures("o", None).expect("asks for the rest");
    shop.answers("o", done()).expect("is captured");
    assert_eq!((shop.payment("o").status.name(), shop.order("o").payment_status.name()), ("captured", "paid"));
    assert!(matches!(shop.captures("o", None), Err(Rejection::WrongStatus { kind: "payment", status: "captured" })));
    assert_eq!((shop.balance("provider/test"), shop.balance("receivable/o"), shop.balance("sales")), (total, 0, -total));
}

/// Seen elsewhere: 100 taken, two refunds of 60 asked for at once, both given.
#[test]
fn two_refunds_at_once_cannot_pass_what_was_taken() {
    let (mut shop, total) = Shop::paid();
    shop.refunds("o", Some(6_000)).expect("asks");
    assert_eq!(field(shop.refunds("o", Some(6_000))), "amount.amount_minor");
    assert_eq!(shop.payment("o").status.name(), "refunding");
    assert_eq!(kinds(&shop.answers("o", done()).expect("is refunded")), ["PaymentRefunded", "LedgerPosted"]);
    assert_eq!((shop.payment("o").status.name(), shop.order("o").payment_status.name()), ("partially_refunded", "partially_refunded"));
    assert_eq!(field(shop.refunds("o", Some(-6_000))), "amount.amount_minor");
    shop.refunds("o", None).expect("asks for the rest");
    shop.answers("o", done()).expect("is refunded");
    assert_eq!((shop.payment("o").status.name(), shop.order("o").payment_status.name()), ("refunded", "refunded"));
    assert_eq!((shop.balance("provider/test"), shop.balance("refunds"), shop.balance("receivable/o")), (0, total, 0));
}

#[test]
fn a_refund_that_is_refused_can_be_asked_for_again_and_is_owed_once() {
    let (mut shop, _) = Shop::paid();
    shop.refunds("o", Some(1_000)).expect("asks");
    shop.answers("o", StepAnswer::Refused { reason: "4111 1111 1111 1111 no".to_owned() }).expect("is refused");
    let step = &shop.payment("o").steps[1];
    assert_eq!((step.status, step.reason.as_deref()), (StepStatus::Refused, Some("refused")), "only codes are kept");
    assert_eq!((shop.payment("o").status.name(), shop.balance("receivable/o")), ("captured", -1_000));
    assert_eq!(kinds(&shop.refunds("o", Some(1_000)).expect("asks again")), ["Payment(Asked"], "no second goodwill");
    shop.answers("o", done()).expect("is refunded");
    assert_eq!((shop.balance("receivable/o"), shop.balance("refunds")), (0, 1_000));
}

#[test]
fn a_lost_step_is_looked_up_and_asked_for_again_only_when_it_was_certainly_not_done() {
    let (mut shop, _) = Shop::paid();
    shop.refunds("o", Some(1_000)).expect("asks");
    assert_eq!(kinds(&shop.answers("o", StepAnswer::Unknown).expect("is heard")), ["Payment(Lost"]);
    assert_eq!(shop.answers("o", StepAnswer::Unknown), Ok(Vec::new()));
    assert_eq!(field(shop.refunds("o", Some(99_999))), "amount.amount_minor", "what is lost counts as given back");
    assert_eq!(kinds(&shop.answers("o", StepAnswer::NotDone).expect("is heard")), ["Payment(AskedAgain"]);
    assert_eq!(shop.payment("o").open_step().map(|step| (step.number, step.attempt, step.status)), Some((2, 2, StepStatus::Asked)));
    // What is said to the first attempt is old, whatever it is.
    for answer in [done(), StepAnswer::NotDone, StepAnswer::Unknown, StepAnswer::Refused { reason: "late".to_owned() }] {
        let old = PaymentAction::Settle { payment: id("o"), number: 2, attempt: 1, answer };
        assert_eq!(shop.pays(old), Ok(Vec::new()));
    }
    shop.answers("o", done()).expect("is refunded");
    assert_eq!(shop.payment("o").refunded, eur(1_000));
    assert_eq!(shop.pays(PaymentAction::Settle { payment: id("o"), number: 2, attempt: 2, answer: done() }), Ok(Vec::new()));
}

#[test]
fn an_authorisation_that_has_run_out_is_made_again_before_money_is_taken() {
    let mut shop = Shop::stocked();
    shop.sells("o", "a=1");
    shop.passes(7 * DAY_MS);
    shop.moves("b", "north", StockChange::By(1)).expect("moves, so that event time is there");
    let asked = shop.captures("o", None).expect("asks");
    let steps: Vec<StepKind> = shop.payment("o").steps.iter().map(|step| step.kind).collect();
    assert_eq!((asked.len(), steps), (2, vec![StepKind::Reauthorize, StepKind::Capture]));
    shop.answers("o", StepAnswer::Done { provider_reference: Some("again".to_owned()) }).expect("is authorised again");
    assert_eq!(shop.payment("o").provider_reference.as_deref(), Some("again"));
    shop.answers("o", done()).expect("is captured");
    assert_eq!(shop.order("o").payment_status.name(), "paid");
    // And when only the provider knows that it was too late:
    shop.sells("late", "a=1");
    shop.captures("late", None).expect("asks");
    let refused = shop.answers("late", StepAnswer::Refused { reason: AUTHORIZATION_EXPIRED.to_owned() }).expect("is heard");
    assert_eq!(kinds(&refused), ["Payment(Refused", "Payment(Asked", "Payment(Asked"]);
    let refused = shop.answers("late", StepAnswer::Refused { reason: "card_declined".to_owned() }).expect("is heard");
    assert_eq!(kinds(&refused), ["Payment(Refused", "Payment(Refused"], "and nothing can be taken");
    assert_eq!(shop.order("late").payment_status.name(), "authorized");
}

#[test]
fn what_is_held_and_not_taken_is_given_back() {
    let mut shop = Shop::stocked();
    shop.sells("o", "a=10");
    assert_eq!(field(shop.pays(PaymentAction::Void { payment: id("o") })), "payment", "goods are still to leave for it");
    shop.ask(Action::ShipOrder { order: id("o"), shipment: id("s"), units: Vec::new() }).expect("ships");
    shop.answers("o", StepAnswer::Refused { reason: "insufficient_funds".to_owned() }).expect("is refused");
    shop.captures("o", Some(4_000)).expect("asks for less");
    shop.answers("o", done()).expect("is captured");
    assert_eq!(kinds(&shop.pays(PaymentAction::Void { payment: id("o") }).expect("voids the rest")), ["PaymentVoidRequested"]);
    shop.answers("o", done()).expect("is voided");
    assert_eq!((shop.payment("o").status.name(), shop.payment("o").capturable_minor()), ("captured", 0));
    assert!(shop.balance("receivable/o") > 0, "and the rest is still owed");
    assert!(shop.captures("o", None).is_err());
    assert!(shop.pays(PaymentAction::Void { payment: id("o") }).is_err());
}

#[test]
fn a_dispute_holds_money_back_until_it_is_won_or_lost() {
    for (is_won, status, axis) in [(true, "captured", "paid"), (false, "partially_refunded", "partially_refunded")] {
        let (mut shop, total) = Shop::paid();
        shop.hears_of_dispute(5_000, None).expect("is heard");
        assert_eq!(shop.hears_of_dispute(5_000, None), Ok(Vec::new()), "the same again is no news");
        assert_eq!((shop.payment("o").status.name(), shop.order("o").payment_status.name()), ("disputed", "disputed"));
        assert_eq!((shop.balance("provider/test"), shop.balance("disputes/test")), (total - 5_000, 5_000));
        assert_eq!(field(shop.refunds("o", Some(total - 4_999))), "amount.amount_minor", "what is disputed cannot be given back as well");
        let evidence = |text: &str| PaymentAction::GiveEvidence { dispute: id("d"), text: text.to_owned() };
        assert_eq!(field(shop.pays(evidence(" "))), "text");
        assert_eq!(field(shop.pays(evidence("card 4111111111111111"))), "text");
        shop.pays(evidence("It was handed over on Monday.")).expect("is said");
        assert!(shop.pays(evidence("And again.")).is_err(), "once");
        shop.answers("o", done()).expect("is taken");
        assert_eq!(shop.payment("o").disputes[0].status.name(), "under_review");
        shop.hears_of_dispute(5_000, Some(is_won)).expect("is decided");
        assert_eq!(shop.hears_of_dispute(5_000, Some(!is_won)), Ok(Vec::new()), "and stays decided");
        assert_eq!((shop.payment("o").status.name(), shop.order("o").payment_status.name()), (status, axis));
        let lost = if is_won { 0 } else { 5_000 };
        assert_eq!((shop.balance("losses"), shop.balance("disputes/test"), shop.balance("provider/test")), (lost, 0, total - lost));
    }
}

/// The provider was asked about the first dispute again, with what was said to that, when the shop had answered the second.
#[test]
fn each_dispute_of_a_payment_is_answered_with_what_was_said_to_it() {
    let (mut shop, _) = Shop::paid();
    for dispute in ["d1", "d2"] {
        let report =
            DisputeReport { dispute: id(dispute), amount: eur(1_000), reason: "fraudulent".to_owned(), evidence_by: None, is_won: None };
        shop.pays(PaymentAction::HearDispute { payment: id("o"), report }).expect("is heard");
        let text = format!("of {dispute}");
        shop.pays(PaymentAction::GiveEvidence { dispute: id(dispute), text: text.clone() }).expect("is said");
        let Some(Question::Step(step)) = shop.state.question(&id("o"), shop.now) else { panic!("nothing is asked") };
        assert_eq!(step.evidence, Some((id(dispute), text)));
        shop.answers("o", done()).expect("is taken");
        assert_eq!(shop.payment("o").disputes.last().map(|dispute| dispute.status.name()), Some("under_review"));
    }
}

#[test]
fn fees_are_told_and_what_a_provider_tells_is_heard_once() {
    let (mut shop, total) = Shop::paid();
    shop.pays(PaymentAction::TellFee { payment: id("o"), amount: eur(59) }).expect("is told");
    assert_eq!((shop.balance("fees"), shop.balance("provider/test")), (59, total - 59));
    assert_eq!(field(shop.pays(PaymentAction::TellFee { payment: id("o"), amount: eur(total) })), "amount.amount_minor");
    let hear = |payment: &str| PaymentAction::Hear { notice: NoticeDigest([7; 16]), payment: Some(id(payment)) };
    assert_eq!(kinds(&shop.pays(hear("o")).expect("is heard")), ["Payment(Noticed"]);
    shop.passes(400 * DAY_MS);
    assert_eq!(shop.pays(hear("o")), Ok(Vec::new()), "for ever");
}

#[test]
fn several_payments_place_one_order_in_one_entry_when_all_are_authorised() {
    let mut shop = Shop::stocked();
    let asked = shop.splits("a=10", &[2_000, 3_000]).expect("completes");
    assert_eq!(kinds(&asked), ["StockReserved", "PaymentRequested", "PaymentRequested", "PaymentRequested"]);
    let total = shop.session("k").totals.total.amount_minor;
    assert_eq!(shop.payment("p").amount, eur(total - 5_000), "the first pays what is left");
    assert_eq!(kinds(&shop.hears("p1", "o", authorized()).expect("is heard")), ["PaymentAuthorized"]);
    assert_eq!(kinds(&shop.hears("p", "o", authorized()).expect("is heard")), ["PaymentAuthorized"]);
    assert_eq!((shop.session("k").status.name(), shop.state.orders_count()), ("complete_in_progress", 0));
    let placed = shop.hears("p2", "o", authorized()).expect("is heard");
    assert_eq!(kinds(&placed), ["PaymentAuthorized", "LedgerPosted", "OrderPlaced"]);
    assert_eq!(*shop.order("o").payments, [id("p"), id("p1"), id("p2")]);
    shop.ask(Action::ShipOrder { order: id("o"), shipment: id("s"), units: Vec::new() }).expect("ships");
    for payment in ["p", "p1", "p2"] {
        shop.answers(payment, done()).expect("is captured");
    }
    assert_eq!((shop.order("o").payment_status.name(), shop.balance("provider/test"), shop.balance("receivable/o")), ("paid", total, 0));
}

#[test]
fn when_one_of_several_payments_fails_the_others_are_given_back_once() {
    let mut shop = Shop::stocked();
    shop.splits("a=10", &[2_000, 3_000]).expect("completes");
    shop.hears("p", "o", authorized()).expect("is heard");
    let failed = shop.hears("p1", "o", PaymentOutcome::Declined).expect("is heard");
    assert_eq!(kinds(&failed), ["PaymentFailed", "ReservationReleased", "PaymentVoidRequested"]);
    assert_eq!(
        (shop.session("k").status.name(), shop.session("k").failure),
        ("ready_for_complete", Some(CheckoutFailure::PaymentDeclined))
    );
    // The one that was still asked is given back when it answers; nothing else happens to any of them.
    assert_eq!(kinds(&shop.hears("p2", "o", authorized()).expect("is heard")), ["PaymentAuthorized", "PaymentVoidRequested"]);
    assert_eq!(shop.hears("p1", "o", PaymentOutcome::Failed), Ok(Vec::new()));
    assert_eq!(shop.hears("p", "o", authorized()), Ok(Vec::new()));
    assert_eq!(kinds(&shop.answers("p", done()).expect("is voided")), ["PaymentVoided"]);
    assert_eq!((shop.available("a"), shop.state.ledger().balances(), shop.state.orders_count()), (15, Vec::new(), 0));
}

#[test]
fn payments_have_to_sum_to_the_total_exactly() {
    let mut shop = Shop::stocked();
    assert_eq!(field(shop.splits("a=1", &[1_000_000])), "payment.parts[0].amount.amount_minor");
    let action = |amounts: &[(i64, Currency)]| {
        let Action::CompleteCheckout { checkout, payment, reservation, provider, token, .. } = complete("k", "p") else { unreachable!() };
        let part = |(place, (minor, currency)): (usize, &(i64, Currency))| Part {
            payment: id(&format!("q{place}")),
            provider: "test".to_owned(),
            token: "tok".to_owned(),
            amount: Money::new(*minor, *currency),
        };
        let parts = amounts.iter().enumerate().map(part).collect();
        Action::CompleteCheckout { checkout, payment, reservation, provider, token, parts, terms: Terms::default() }
    };
    let total = shop.session("k").totals.total.amount_minor;
    assert_eq!(field(shop.ask(action(&[(1, Currency::EUR), (total - 1, Currency::EUR)]))), "payment.parts[1].amount.amount_minor");
    assert_eq!(field(shop.ask(action(&[(0, Currency::EUR)]))), "payment.parts[0].amount.amount_minor");
    assert_eq!(field(shop.ask(action(&[(1, Currency::USD)]))), "payment.parts[0].amount.currency");
    assert_eq!(field(shop.ask(action(&[(1, Currency::EUR); 8]))), "payment.parts");
    assert_eq!((shop.available("a"), shop.session("k").status.name()), (15, "ready_for_complete"));
}

#[test]
fn a_shopper_who_has_to_act_is_waited_for_and_then_the_order_is_placed() {
    let mut shop = Shop::stocked();
    shop.opens("k", "a=15").expect("opens");
    shop.completes("k", "p", Some(("key", 1))).expect("completes");
    assert_eq!(kinds(&shop.must_act("p").expect("is heard")), ["Payment(ActionRequired"]);
    assert_eq!(
        (shop.session("k").status.name(), shop.payment("p").status.name(), shop.available("a")),
        ("requires_escalation", "requires_action", 0)
    );
    assert_eq!(shop.payment("p").action.as_ref().map(|action| action.url.as_str()), Some("https://bank.test/act"));
    assert_eq!(shop.must_act("p"), Ok(Vec::new()));
    assert_eq!(shop.completes("k", "p", Some(("key", 1))), Ok(Vec::new()), "the same key waits for the same attempt");
    assert!(shop.completes("k", "p9", None).is_err(), "and there is no other beside it");
    let placed = shop.hears("p", "o", authorized()).expect("has acted");
    assert_eq!(kinds(&placed), ["PaymentAuthorized", "LedgerPosted", "OrderPlaced"]);
    assert_eq!((shop.session("k").status.name(), shop.state.payments_book().actions.len()), ("completed", 0));
}

#[test]
fn a_shopper_who_does_not_act_in_time_frees_the_stock_and_can_try_again() {
    let mut shop = Shop::stocked();
    shop.splits("a=15", &[2_000]).expect("completes");
    shop.hears("p1", "o", authorized()).expect("is heard");
    shop.must_act("p").expect("is heard");
    let ended = shop.passes(Options::default().reservation_ttl_ms);
    assert_eq!(kinds(&ended), ["ReservationReleased", "PaymentVoidRequested", "PaymentVoidRequested"]);
    assert_eq!((shop.session("k").status.name(), shop.session("k").failure), ("ready_for_complete", Some(CheckoutFailure::ActionNotTaken)));
    assert_eq!((shop.available("a"), shop.passes(1_000)), (15, Vec::new()));
    // They act after all: too late, and the void stands.
    assert_eq!(shop.hears("p", "o", authorized()), Ok(Vec::new()));
    for payment in ["p", "p1"] {
        assert_eq!(kinds(&shop.answers(payment, done()).expect("is voided")), ["PaymentVoided"]);
    }
    shop.completes("k", "again", None).expect("completes again");
    shop.hears("again", "o", authorized()).expect("is authorised");
    assert_eq!(shop.session("k").status.name(), "completed");
}

#[test]
fn an_attempt_that_waits_for_its_shopper_can_be_given_up() {
    let mut shop = Shop::stocked();
    shop.opens("k", "a=15").expect("opens");
    shop.completes("k", "p", None).expect("completes");
    shop.must_act("p").expect("is heard");
    let voided = shop.pays(PaymentAction::Void { payment: id("p") }).expect("gives up");
    assert_eq!(kinds(&voided), ["PaymentVoidRequested", "ReservationReleased"]);
    assert_eq!((shop.session("k").status.name(), shop.available("a")), ("ready_for_complete", 15));
    shop.completes("k", "p2", None).expect("completes");
    shop.must_act("p2").expect("is heard");
    let canceled = shop.ask(Action::CancelCheckout { checkout: id("k") }).expect("cancels");
    assert_eq!(kinds(&canceled), ["ReservationReleased", "CheckoutCanceled", "PaymentVoidRequested"]);
    assert_eq!(shop.session("k").status.name(), "canceled");
}

#[test]
fn where_money_is_taken_once_it_waits_for_the_last_goods() {
    let mut shop = Shop::stocked();
    let options = crate::payment::Options { single_capture: ["test".to_owned()].into(), ..crate::payment::Options::default() };
    shop.state = State::new(Options { payments: options, ..Options::default() });
    shop.journal.clear();
    shop.moves("a", "north", StockChange::By(10)).expect("moves");
    shop.sells("o", "a=4");
    let ship = |name: &str, units| Action::ShipOrder { order: id("o"), shipment: id(name), units };
    assert_eq!(kinds(&shop.ask(ship("s1", units_of(&[("a", "north", 1)]))).expect("ships")), ["OrderShipped"]);
    assert_eq!(kinds(&shop.ask(ship("s2", Vec::new())).expect("ships")), ["OrderShipped", "Payment(Asked"]);
    assert_eq!(shop.payment("o").steps[0].amount_minor, shop.payment("o").amount.amount_minor);
    assert_eq!(field(shop.captures("o", None)), "payment");
}
