//! Plays what the HTTP scenarios do, all of them on one server. They are written for a server each, so some of their steps are refused here; what is
//! wanted is what they send, and what it is about.

use crate::door::{Answer, Door};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// What takes long and is of no use here.
const LEFT_OUT: [&str; 2] = ["POST /v1/generations", "POST /v1/relations"];

/// How long a step is repeated at most. What is not as expected by then is so because the shop is another one.
const WITHIN_MS_MAX: u64 = 500;

/// A request that was sent.
pub struct Played {
    pub method: String,
    pub path: String,
    /// After the question mark; empty without one.
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub status: u16,
}

/// Plays every scenario.
///
/// # Panics
/// When a scenario cannot be read.
pub fn play(door: &mut Door) -> Vec<Played> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let files = std::fs::read_dir(folder).expect("scenarios").map(|file| file.expect("a scenario").path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|extension| extension == "json")).collect();
    files.sort();
    files.iter().flat_map(|file| play_one(door, &std::fs::read_to_string(file).expect("a scenario"))).collect()
}

fn play_one(door: &mut Door, scenario: &str) -> Vec<Played> {
    let steps: Vec<Value> = serde_json::from_str(scenario).expect("a scenario is JSON");
    let mut kept = BTreeMap::new();
    let wanted = steps.iter().filter(|step| !LEFT_OUT.contains(&step["request"].as_str().unwrap_or_default()));
    wanted.filter_map(|step| step_of(door, step, &mut kept)).collect()
}

fn step_of(door: &mut Door, step: &Value, kept: &mut BTreeMap<String, String>) -> Option<Played> {
    let request = filled(step["request"].as_str()?, kept);
    let (method, target) = request.split_once(' ')?;
    let body = body_of(step, kept);
    let headers = step["headers"].as_object().into_iter().flatten();
    let headers: Vec<(String, String)> =
        headers.map(|(name, value)| (name.clone(), filled(value.as_str().unwrap_or_default(), kept))).collect();
    let given: Vec<(&str, &[u8])> = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let deadline = Instant::now() + Duration::from_millis(step["within_ms"].as_u64().unwrap_or(0).min(WITHIN_MS_MAX));
    let answer = loop {
        let answer = door.ask(method, target, &given, &body);
        if is_expected(step, &answer, kept) || Instant::now() >= deadline {
            break answer;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    keep(step, &answer, kept);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Some(Played { method: method.to_owned(), path: path.to_owned(), query: query.to_owned(), headers, body, status: answer.status })
}

fn is_expected(step: &Value, answer: &Answer, kept: &BTreeMap<String, String>) -> bool {
    let json = answer.json();
    let mut told = step["at"].as_object().into_iter().flatten();
    let is_told =
        told.all(|(pointer, value)| json.pointer(pointer).is_some_and(|found| found.to_string() == filled(&value.to_string(), kept)));
    u64::from(answer.status) == step["status"].as_u64().unwrap_or(200) && is_told
}

fn keep(step: &Value, answer: &Answer, kept: &mut BTreeMap<String, String>) {
    for (name, pointer) in step["keep"].as_object().into_iter().flatten() {
        let pointer = pointer.as_str().unwrap_or_default();
        let found = match pointer.strip_prefix("header ") {
            Some(wanted) => answer.headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone()),
            None => answer.json().pointer(pointer).and_then(Value::as_str).map(str::to_owned),
        };
        kept.extend(found.map(|found| (name.clone(), found)));
    }
}

fn body_of(step: &Value, kept: &BTreeMap<String, String>) -> Vec<u8> {
    match (&step["hex"], &step["text"], &step["body"]) {
        (Value::String(hex), _, _) => {
            let digits: Vec<u8> = hex.chars().filter_map(|digit| digit.to_digit(16)).map(|digit| digit as u8).collect();
            digits.chunks_exact(2).map(|pair| pair[0] * 16 + pair[1]).collect()
        }
        (_, Value::String(text), _) => filled(text, kept).into_bytes(),
        (_, _, Value::Null) => Vec::new(),
        (_, _, body) => filled(&body.to_string(), kept).into_bytes(),
    }
}

/// Puts in what was kept, and repeats what is to be repeated.
fn filled(text: &str, kept: &BTreeMap<String, String>) -> String {
    let mut text = kept.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("${{{name}}}"), value));
    while let Some((start, rest)) = text.split_once("{{") {
        let Some((unit, (count, rest))) = rest.split_once('*').and_then(|(unit, rest)| Some((unit, rest.split_once("}}")?))) else { break };
        text = format!("{start}{}{rest}", unit.repeat(count.parse().unwrap_or(1)));
    }
    text
}
