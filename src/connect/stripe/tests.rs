//! Against a stand-in for the API that keeps books of its own and misbehaves: it does what is asked and breaks the connection off, answers
//! 500 before or after having done it, repeats such an answer for its key for ever, and is too busy.
//!
//! 1. Whatever it does, the shop comes to the truth, and the money moves once.
//! 2. Its words mean what they should: declines, actions, expired authorisations, keys used twice.
//! 3. Webhooks name their payment only behind a right signature.

use super::client::Secret;
use super::stand_in::{Books, Mischief, serve};
use super::*;
use crate::event::trade::StepKind;
use crate::money::{Currency, Money};
use crate::stdx::crypto::hmac_sha256;
use crate::stdx::digest::hex;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

struct StandIn {
    books: Arc<Mutex<Books>>,
    stripe: Stripe,
}

impl StandIn {
    fn start(multiple_captures: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let base_url = format!("http://{}", listener.local_addr().expect("an address"));
        let books: Arc<Mutex<Books>> = Arc::default();
        let kept = Arc::clone(&books);
        thread::spawn(move || listener.incoming().for_each(|stream| serve(&kept, stream.expect("a connection"))));
        let stripe = Stripe::new(Options {
            name: "stripe".to_owned(),
            base_url,
            secret_key: Secret::new("sk_test_secret"),
            webhook_secrets: vec![Secret::new("whsec_test")],
            return_url: "https://shop.test/checkout".to_owned(),
            multiple_captures,
        });
        Self { books, stripe: stripe.expect("an address") }
    }

    fn books(&self) -> std::sync::MutexGuard<'_, Books> {
        self.books.lock().expect("nobody panicked")
    }

    /// Asks, looks up and asks again, as the pipeline does, until something is certain.
    fn authorizes(&self, token: &str) -> PaymentOutcome {
        let mut question = authorization(token);
        let mut said = self.stripe.authorize(&question);
        for _ in 0..10 {
            said = match said {
                Said::Busy { .. } => self.stripe.authorize(&question),
                Said::Answer(PaymentOutcome::Unknown) => {
                    question.now = question.asked_at.plus_ms(61_000);
                    self.stripe.look_up(&question)
                }
                Said::Answer(outcome) => return outcome,
            };
        }
        panic!("nothing became certain");
    }

    fn takes(&self, mut question: StepQuestion) -> StepAnswer {
        let mut said = self.stripe.take_step(&question);
        for _ in 0..20 {
            said = match said {
                Said::Busy { .. } => self.stripe.take_step(&question),
                Said::Answer(StepAnswer::Unknown) => {
                    question.now = question.asked_at.plus_ms(61_000);
                    self.stripe.look_up_step(&question)
                }
                Said::Answer(StepAnswer::NotDone) => {
                    question.attempt += 1;
                    self.stripe.take_step(&question)
                }
                Said::Answer(answer) => return answer,
            };
        }
        panic!("nothing became certain");
    }

    fn reference(&self) -> String {
        match self.authorizes("pm_card") {
            PaymentOutcome::Authorized { provider_reference } => provider_reference,
            other => panic!("{other:?}"),
        }
    }
}

fn authorization(token: &str) -> AuthorizationQuestion {
    let (payment, amount, asked_at) = ("pay_1".parse().expect("an id"), Money::new(1_000, Currency::EUR), Timestamp(1_700_000_000_000));
    let (token, sent_at, now) = (token.to_owned(), asked_at, asked_at);
    AuthorizationQuestion { payment, amount, token, provider_reference: None, asked_at, sent_at, now }
}

fn step(reference: &str, kind: StepKind, amount: i64, captured_minor: i64) -> StepQuestion {
    let asked_at = Timestamp(1_700_000_000_000);
    StepQuestion {
        payment: "pay_1".parse().expect("an id"),
        provider_reference: reference.to_owned(),
        number: 1,
        attempt: 1,
        kind,
        amount: Money::new(amount, Currency::EUR),
        nth_of_kind: 1,
        captured_minor,
        refunded_minor: 0,
        is_last_capture: captured_minor + amount == 1_000,
        evidence: None,
        asked_at,
        sent_at: asked_at,
        now: asked_at,
    }
}

fn done() -> StepAnswer {
    StepAnswer::Done { provider_reference: None }
}

/// A payment of 1,000 that the provider knows by that name.
fn authorised(reference: &str, at: Timestamp) -> Payment {
    let (id, checkout) = ("pay_1".parse().expect("an id"), "c".parse().expect("an id"));
    let mut payment = Payment::new(id, checkout, "stripe".to_owned(), String::new(), Money::new(1_000, Currency::EUR), Timestamp(1));
    payment.authorize(reference, at).expect("authorises");
    payment
}

#[test]
fn whatever_the_provider_does_money_moves_once() {
    use Mischief as M;
    let storms: [&[M]; 7] = [
        &[],
        &[M::DoneAndSilent],
        &[M::DoneAnd500],
        &[M::Busy, M::Busy],
        &[M::Only500],
        &[M::Only500, M::Busy, M::Only500, M::DoneAndSilent],
        &[M::Only500, M::Only500, M::Only500, M::DoneAnd500],
    ];
    for (number, storm) in storms.into_iter().enumerate() {
        let shop = StandIn::start(true);
        let reference = shop.reference();
        shop.books().mischief.extend(storm);
        assert_eq!(shop.takes(step(&reference, StepKind::Capture, 400, 0)), done(), "storm {number}");
        shop.books().mischief.extend(storm);
        let rest = StepQuestion { number: 2, ..step(&reference, StepKind::Capture, 600, 400) };
        assert_eq!(shop.takes(rest), done(), "storm {number}");
        shop.books().mischief.extend(storm);
        let back = StepQuestion { number: 3, ..step(&reference, StepKind::Refund, 700, 1_000) };
        assert_eq!(shop.takes(back), done(), "storm {number}");
        let books = shop.books();
        assert_eq!((books.taken(), books.given_back()), (1_000, 700), "storm {number}");
        assert!(books.posts.iter().any(|post| post == "/v1/refunds pay_1/refund-3/1"), "{:?}", books.posts);
    }
}

#[test]
fn an_authorisation_whose_answer_was_lost_is_found_and_not_made_twice() {
    for mischief in [Mischief::DoneAndSilent, Mischief::DoneAnd500, Mischief::Busy] {
        let shop = StandIn::start(false);
        shop.books().mischief.push_back(mischief);
        assert_eq!(shop.authorizes("pm_card"), PaymentOutcome::Authorized { provider_reference: "pi_1".to_owned() });
        assert_eq!(shop.books().intents.len(), 1);
    }
    let shop = StandIn::start(false);
    shop.books().mischief.push_back(Mischief::Only500);
    let question = authorization("pm_card");
    assert_eq!(shop.stripe.authorize(&question), Said::Answer(PaymentOutcome::Unknown));
    assert_eq!(shop.stripe.look_up(&question), Said::Answer(PaymentOutcome::Unknown), "it may still be on its way");
    // Where it waited for a thread or for a busy provider, it left long after it was decided.
    let left_late =
        AuthorizationQuestion { now: question.asked_at.plus_ms(90_000), sent_at: question.asked_at.plus_ms(80_000), ..question };
    assert_eq!(shop.stripe.look_up(&left_late), Said::Answer(PaymentOutcome::Unknown));
    let question = authorization("pm_card");
    let later = AuthorizationQuestion { now: question.asked_at.plus_ms(60_000), ..question };
    assert_eq!(shop.stripe.look_up(&later), Said::Answer(PaymentOutcome::Failed));
}

#[test]
fn what_the_provider_says_to_an_authorisation_is_understood() {
    let intent = |status: &str, next: Value| json!({"id": "pi_9", "status": status, "next_action": next});
    let redirect = json!({"type": "redirect_to_url", "redirect_to_url": {"url": "https://bank.test/3ds"}});
    let url = "https://bank.test/3ds".to_owned();
    let error = |kind: &str, code: &str| json!({"error": {"type": kind, "code": code, "message": "never repeated"}});
    let check = |status: u16, answer: Value, expected: Said<PaymentOutcome>| {
        let shop = StandIn::start(false);
        shop.books().next = Some((status, answer.clone()));
        assert_eq!(shop.stripe.authorize(&authorization("pm_card")), expected, "{answer}");
    };
    let provider_reference = "pi_9".to_owned();
    let authorized = PaymentOutcome::Authorized { provider_reference: provider_reference.clone() };
    check(200, intent("requires_capture", Value::Null), Said::Answer(authorized));
    check(200, intent("requires_action", redirect), Said::Answer(PaymentOutcome::ActionRequired { url, provider_reference }));
    check(200, intent("requires_action", Value::Null), Said::Answer(PaymentOutcome::Declined));
    check(200, intent("processing", Value::Null), Said::Answer(PaymentOutcome::Unknown));
    check(200, json!("not an intent"), Said::Answer(PaymentOutcome::Unknown));
    check(402, error("card_error", "card_declined"), Said::Answer(PaymentOutcome::Declined));
    check(400, error("invalid_request_error", "resource_missing"), Said::Answer(PaymentOutcome::Declined));
    check(400, error("idempotency_error", ""), Said::Answer(PaymentOutcome::Unknown));
    check(409, error("invalid_request_error", "idempotency_key_in_use"), Said::Busy { retry_after_ms: 7_000 });
    check(429, error("rate_limit_error", ""), Said::Busy { retry_after_ms: 7_000 });
    check(503, error("api_error", ""), Said::Answer(PaymentOutcome::Unknown));
}

#[test]
fn voids_expired_authorisations_disputes_and_sums_are_understood() {
    let shop = StandIn::start(false);
    let reference = shop.reference();
    assert_eq!(shop.takes(step(&reference, StepKind::Void, 0, 0)), done());
    let late = shop.takes(StepQuestion { number: 2, ..step(&reference, StepKind::Capture, 1_000, 0) });
    assert_eq!(late, StepAnswer::Refused { reason: crate::payment::AUTHORIZATION_EXPIRED.to_owned() });
    let again = shop.takes(StepQuestion { number: 3, ..step(&reference, StepKind::Reauthorize, 1_000, 0) });
    assert_eq!(again, StepAnswer::Done { provider_reference: Some("pi_2".to_owned()) });
    assert_eq!(shop.takes(StepQuestion { number: 4, ..step("pi_2", StepKind::Capture, 1_000, 0) }), done());
    assert_eq!(shop.stripe.locate("pi_2"), Said::Answer("pay_1".parse().ok()));
    assert_eq!(shop.stripe.locate("pi_7"), Said::Answer(None));
    let payment = authorised("pi_2", Timestamp(2));
    assert_eq!(shop.stripe.sums(&payment), Said::Answer(Some(ProviderSums { captured_minor: 1_000, refunded_minor: 0 })));
    let Said::Answer(disputes) = shop.stripe.disputes(&payment) else { panic!("an answer") };
    assert_eq!(
        (disputes[0].amount, disputes[0].is_won, disputes[0].evidence_by),
        (Money::new(1_000, Currency::EUR), Some(false), Some(Timestamp(1_700_000_500_000)))
    );
}

#[test]
fn a_refund_that_came_back_is_told_of_until_another_attempt_gave_it() {
    let shop = StandIn::start(false);
    let reference = shop.reference();
    let (amount, nothing, at) = (Money::new(1_000, Currency::EUR), Vec::new, Timestamp(1));
    let mut payment = authorised(&reference, at);
    payment.capture(amount).expect("is captured");
    payment.ask(StepKind::Refund, 400, at).expect("is asked");
    let back = StepQuestion { number: 2, ..step(&reference, StepKind::Refund, 400, 1_000) };
    assert_eq!(shop.takes(back), done());
    assert_eq!(shop.stripe.failed_refunds(&payment), Said::Answer(nothing()), "what is not done here is answered by a look-up");
    payment.refund(Money::new(400, Currency::EUR)).expect("is refunded");
    assert_eq!(shop.stripe.failed_refunds(&payment), Said::Answer(nothing()));
    for (status, reason, expected) in
        [("failed", json!("expired_or_canceled_card"), "expired_or_canceled_card"), ("canceled", Value::Null, "canceled")]
    {
        shop.books().refunds[0]["status"] = json!(status);
        shop.books().refunds[0]["failure_reason"] = reason;
        let failure = crate::payment::RefundFailure { number: 2, reason: expected.to_owned() };
        assert_eq!(shop.stripe.failed_refunds(&payment), Said::Answer(vec![failure]));
    }
    shop.books().refunds.push(json!({"id": "re_9", "status": "pending", "amount": 400, "metadata": {"step": "pay_1/refund-2/2"}}));
    assert_eq!(shop.stripe.failed_refunds(&payment), Said::Answer(nothing()));
}

/// A list of refunds was read to the end of its first page only: behind a hundred others a refund was asked for later, for ever, and what was
/// given back was counted too low.
#[test]
fn a_refund_behind_a_page_of_others_is_found() {
    let shop = StandIn::start(false);
    let reference = shop.reference();
    for number in 0..250 {
        let other = json!({"id": format!("re_o{number}"), "status": "succeeded", "amount": 1, "metadata": {"step": format!("pay_9/refund-{number}/1")}});
        shop.books().refunds.push(other);
    }
    shop.books().mischief.push_back(Mischief::DoneAndSilent);
    let back = StepQuestion { number: 2, ..step(&reference, StepKind::Refund, 400, 1_000) };
    assert_eq!((shop.takes(back), shop.books().given_back()), (done(), 650), "it was made once");
    let payment = authorised(&reference, Timestamp(1));
    let Said::Answer(Some(sums)) = shop.stripe.sums(&payment) else { panic!("the provider knows it") };
    assert_eq!(sums.refunded_minor, 650);
}

#[test]
fn what_cannot_be_sent_was_not_done_and_nothing_secret_is_shown() {
    let options = Options {
        name: "stripe".to_owned(),
        base_url: "http://127.0.0.1:9".to_owned(),
        secret_key: Secret::new("sk_live_secret"),
        webhook_secrets: vec![Secret::new("whsec_secret")],
        return_url: String::new(),
        multiple_captures: false,
    };
    assert!(!format!("{options:?}").contains("_secret\""), "{options:?}");
    let stripe = Stripe::new(options.clone()).expect("an address");
    assert_eq!(stripe.authorize(&authorization("pm_card")), Said::Busy { retry_after_ms: 2_000 });
    assert_eq!(stripe.take_step(&step("pi_1", StepKind::Refund, 1, 1)), Said::Busy { retry_after_ms: 2_000 });
    for address in ["ftp://x", "http://", "http://a/b", "http://u@h", "http://h:x"] {
        assert!(Stripe::new(Options { base_url: address.to_owned(), ..options.clone() }).is_err(), "{address}");
    }
    let free = AuthorizationQuestion { amount: Money::zero(Currency::EUR), ..authorization("pm_card") };
    assert!(matches!(stripe.authorize(&free), Said::Answer(PaymentOutcome::Authorized { .. })), "nothing is asked for nothing");
}

#[test]
fn a_webhook_names_its_payment_behind_a_right_signature() {
    let shop = StandIn::start(false);
    let now = Timestamp(1_700_000_000_000);
    let read = |body: &Value| {
        let body = body.to_string();
        let signature = hex(&hmac_sha256(b"whsec_test", &[b"1700000000.", body.as_bytes()]));
        shop.stripe.read_notice(Some(&format!("t=1700000000,v1={signature}")), body.as_bytes(), now)
    };
    let intent = json!({"id": "evt_1", "data": {"object": {"id": "pi_1", "object": "payment_intent", "metadata": {"payment": "pay_1"}}}});
    let notice = read(&intent).expect("is believed");
    assert_eq!((notice.event.as_str(), notice.payment.as_ref().map(PaymentId::as_str)), ("evt_1", Some("pay_1")));
    let dispute = json!({"id": "evt_2", "data": {"object": {"id": "dp_1", "object": "dispute", "payment_intent": "pi_1", "metadata": {}}}});
    let notice = read(&dispute).expect("is believed");
    assert_eq!((notice.payment, notice.provider_reference.as_deref()), (None, Some("pi_1")));
    let refund =
        json!({"id": "re_1", "object": "refund", "payment_intent": "pi_1", "status": "failed", "metadata": {"step": "pay_1/refund-2/1"}});
    for kind in ["refund.failed", "charge.refund.updated"] {
        let notice = read(&json!({"id": kind, "type": kind, "data": {"object": refund}})).expect("is believed");
        assert_eq!((notice.payment, notice.provider_reference.as_deref()), (None, Some("pi_1")), "{kind}");
    }
    assert_eq!(read(&json!({"id": 5})), Err(NoticeError::Shape));
    assert_eq!(shop.stripe.read_notice(None, intent.to_string().as_bytes(), now), Err(NoticeError::Unsigned));
    assert_eq!(shop.stripe.read_notice(Some("t=1700000000,v1=00"), b"{}", now), Err(NoticeError::Forged));
}
