//! The stand-in for the API in tests: it keeps books of its own, and misbehaves as it is told to.

use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;

/// What the stand-in does to a call that changes something.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mischief {
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
pub(super) struct Books {
    pub(super) intents: BTreeMap<String, Value>,
    pub(super) refunds: Vec<Value>,
    answers: BTreeMap<String, (u16, Value)>,
    pub(super) mischief: VecDeque<Mischief>,
    pub(super) posts: Vec<String>,
    /// What the next authorisation comes to, when not the usual.
    pub(super) next: Option<(u16, Value)>,
}

/// One call on one connection.
pub(super) fn serve(books: &Mutex<Books>, mut stream: TcpStream) {
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
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        match path {
            "/v1/payment_intents" => (200, page(query, self.intents.values())),
            "/v1/refunds" => (200, page(query, self.refunds.iter())),
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
                let id = format!("re_{}", self.refunds.len() + 1);
                let refund =
                    json!({"id": id, "status": "succeeded", "amount": number("amount"), "metadata": {"step": form.get("metadata[step]")}});
                self.refunds.push(refund.clone());
                (200, refund)
            }
            _ => (200, json!({})),
        }
    }

    pub(super) fn taken(&self) -> i64 {
        self.intents.values().map(|intent| intent["amount_received"].as_i64().unwrap_or(0)).sum()
    }

    pub(super) fn given_back(&self) -> i64 {
        self.refunds.iter().map(|refund| refund["amount"].as_i64().unwrap_or(0)).sum()
    }
}

/// A page of a list, as the query asks for it.
fn page<'a>(query: &str, all: impl Iterator<Item = &'a Value>) -> Value {
    let asked: BTreeMap<&str, &str> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let limit: usize = asked.get("limit").map_or(10, |limit| limit.parse().expect("a number"));
    let all: Vec<&Value> = all.collect();
    let first =
        asked.get("starting_after").map_or(0, |last| all.iter().position(|it| it["id"] == **last).expect("a name that was told") + 1);
    let rest = &all[first..];
    json!({"data": rest[..rest.len().min(limit)], "has_more": rest.len() > limit})
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
