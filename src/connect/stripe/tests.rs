//! Against a stand-in for the API that keeps books of its own and misbehaves: it does what is asked and breaks the connection off, answers
//! 500 before or after having done it, repeats such an answer for its key for ever, and is too busy.
//!
//! 1. Whatever it does, the shop comes to the truth, and the money moves once.
//! 2. Its words mean what they should: declines, actions, expired authorisations, keys used twice.
//! 3. Webhooks name their payment only behind a right signature.

use super::client::{Secret, encoded, escaped};
use super::*;
use crate::event::trade::StepKind;
use crate::money::{Currency, Money};
use crate::stdx::crypto::hmac_sha256;
use crate::stdx::digest::hex;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What the stand-in does to a call that changes something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mischief {
    /// Does it, and breaks the connection off.
    DoneAndSilent,
    /// Does it, and answers 500.
    DoneAnd500,
    /// Answers 500 without having done it; for ever under that key, as the real one does.
    Only500,
    /// Is too busy, and says for how long.
    Busy,
}

#[derive(Default)]
struct Books {
    intents: BTreeMap<String, Value>,
    refunds: Vec<Value>,
    answers: BTreeMap<String, (u16, Value)>,
    mischief: VecDeque<Mischief>,
    posts: Vec<String>,
    /// What the next authorisation comes to, when not the usual.
    next: Option<(u16, Value)>,
}

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
    AuthorizationQuestion { payment, amount, token: token.to_owned(), provider_reference: None, asked_at, now: asked_at }
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
        now: asked_at,
    }
}

fn done() -> StepAnswer {
    StepAnswer::Done { provider_reference: None }
}

/// One call on one connection.
fn serve(books: &Mutex<Books>, mut stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
    let mut line = String::new();
    reader.read_line(&mut line).expect("a request line");
    let (mut length, mut key) = (0, String::new());
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).expect("a header");
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().expect("a length"),
            "idempotency-key" => key = value.to_owned(),
            "authorization" => assert_eq!(value, "Bearer sk_test_secret"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    let mut words = line.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut books = books.lock().expect("nobody panicked");
    let (status, answer) = match method {
        "GET" => books.get(path),
        _ => match books.post(path, &String::from_utf8_lossy(&body), &key) {
            Some(answer) => answer,
            None => return,
        },
    };
    let answer = answer.to_string();
    let head = format!("HTTP/1.1 {status} -\r\nretry-after: 7\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", answer.len());
    let _gone = stream.write_all(format!("{head}{answer}").as_bytes());
}

impl Books {
    fn get(&self, path: &str) -> (u16, Value) {
        let (path, _) = path.split_once('?').unwrap_or((path, ""));
        match path {
            "/v1/payment_intents" => (200, json!({"data": self.intents.values().collect::<Vec<_>>(), "has_more": false})),
            "/v1/refunds" => (200, json!({"data": self.refunds, "has_more": false})),
            "/v1/disputes" => (
                200,
                json!({"data": [{"id": "dp_1", "amount": 1000, "currency": "eur", "reason": "fraudulent", "status": "lost",
                    "evidence_details": {"due_by": 1_700_000_500}}]}),
            ),
            _ => self.intents.get(path.rsplit('/').next().unwrap_or_default()).map_or((404, json!({})), |intent| (200, intent.clone())),
        }
    }

    /// The answer, or none when the connection breaks off.
    fn post(&mut self, path: &str, body: &str, key: &str) -> Option<(u16, Value)> {
        assert!(!key.is_empty(), "every change has a key");
        self.posts.push(format!("{path} {key}"));
        if let Some(answer) = self.answers.get(key) {
            return Some(answer.clone());
        }
        let mischief = self.mischief.pop_front();
        let failed = (500, json!({"error": {"type": "api_error"}}));
        let answer = match mischief {
            Some(Mischief::Busy) => return Some((429, json!({"error": {"type": "rate_limit_error"}}))),
            Some(Mischief::Only500) => failed.clone(),
            _ => self.done(path, body),
        };
        let answer = if mischief == Some(Mischief::DoneAnd500) { failed } else { answer };
        self.answers.insert(key.to_owned(), answer.clone());
        (mischief != Some(Mischief::DoneAndSilent)).then_some(answer)
    }

    fn done(&mut self, path: &str, body: &str) -> (u16, Value) {
        let form: BTreeMap<String, String> =
            body.split('&').filter_map(|pair| pair.split_once('=')).map(|(a, b)| (plain(a), plain(b))).collect();
        let number = |name: &str| form.get(name).and_then(|text| text.parse::<i64>().ok());
        let mut parts = path.trim_start_matches("/v1/").split('/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("payment_intents"), None, None) => {
                if let Some(next) = self.next.take() {
                    return next;
                }
                let id = format!("pi_{}", self.intents.len() + 1);
                let metadata = json!({"payment": form.get("metadata[payment]"), "step": form.get("metadata[step]")});
                let intent = json!({"id": id, "status": "requires_capture", "amount": number("amount"), "amount_received": 0,
                    "amount_capturable": number("amount"), "payment_method": "pm_card", "metadata": metadata});
                self.intents.insert(id, intent.clone());
                (200, intent)
            }
            (Some("payment_intents"), Some(id), Some(what)) => {
                let intent = self.intents.get_mut(id).expect("an intent");
                if intent["status"] != "requires_capture" {
                    return (400, json!({"error": {"type": "invalid_request_error", "code": "payment_intent_unexpected_state"}}));
                }
                let taken = intent["amount_received"].as_i64().unwrap_or(0) + number("amount_to_capture").unwrap_or(0);
                let is_last = form.get("final_capture").is_none_or(|last| last == "true");
                match what {
                    "capture" => {
                        intent["amount_received"] = json!(taken);
                        intent["status"] = json!(if is_last { "succeeded" } else { "requires_capture" });
                    }
                    _ => intent["status"] = json!("canceled"),
                }
                (200, intent.clone())
            }
            (Some("refunds"), ..) => {
                let refund = json!({"status": "succeeded", "amount": number("amount"), "metadata": {"step": form.get("metadata[step]")}});
                self.refunds.push(refund.clone());
                (200, refund)
            }
            _ => (200, json!({})),
        }
    }

    fn taken(&self) -> i64 {
        self.intents.values().map(|intent| intent["amount_received"].as_i64().unwrap_or(0)).sum()
    }

    fn given_back(&self) -> i64 {
        self.refunds.iter().map(|refund| refund["amount"].as_i64().unwrap_or(0)).sum()
    }
}

fn plain(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        let hex: Vec<u8> = if byte == b'%' { bytes.by_ref().take(2).collect() } else { Vec::new() };
        let escaped = std::str::from_utf8(&hex).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(escaped.unwrap_or(byte));
    }
    String::from_utf8(out).expect("text")
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
        assert_eq!((shop.books().taken(), shop.books().given_back()), (1_000, 700), "storm {number}");
        let keys: Vec<String> = shop.books().posts.clone();
        assert!(keys.iter().any(|post| post == "/v1/refunds pay_1/refund-3/1"), "{keys:?}");
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
    let amount = Money::new(1_000, Currency::EUR);
    let mut payment = Payment::new(
        "pay_1".parse().expect("an id"),
        "c".parse().expect("an id"),
        "stripe".to_owned(),
        String::new(),
        amount,
        Timestamp(1),
    );
    payment.authorize("pi_2", Timestamp(2)).expect("authorises");
    assert_eq!(shop.stripe.sums(&payment), Said::Answer(Some(ProviderSums { captured_minor: 1_000, refunded_minor: 0 })));
    let Said::Answer(disputes) = shop.stripe.disputes(&payment) else { panic!("an answer") };
    assert_eq!(
        (disputes[0].amount, disputes[0].is_won, disputes[0].evidence_by),
        (amount, Some(false), Some(Timestamp(1_700_000_500_000)))
    );
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
    assert_eq!(read(&json!({"id": 5})), Err(NoticeError::Shape));
    assert_eq!(shop.stripe.read_notice(None, intent.to_string().as_bytes(), now), Err(NoticeError::Unsigned));
    assert_eq!(shop.stripe.read_notice(Some("t=1700000000,v1=00"), b"{}", now), Err(NoticeError::Forged));
}

#[test]
fn forms_are_encoded() {
    assert_eq!(escaped("a b&c=d/é"), "a%20b%26c%3Dd%2F%C3%A9");
    assert_eq!(encoded(&[("metadata[payment]", "p 1".to_owned()), ("x", String::new())]), "metadata%5Bpayment%5D=p%201&x=");
}
