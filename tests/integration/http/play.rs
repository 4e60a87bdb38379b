//! Plays a scenario file: requests in order, each with what its answer must be.
//!
//! A step is `{"request": "GET /path", "headers": {..}, "body": <JSON>, "text": "..", "hex": "..", "status": 200, "header": {..},
//! "at": {"/pointer": <JSON>}, "has": ["/pointer"], "lacks": ["/pointer"], "keep": {"name": "/pointer"}, "within_ms": 2000,
//! "same_as": "step name", "name": ".."}`. `${name}` stands for what an earlier step kept, `{{a*9000}}` for 9,000 letters a.
//! With `within_ms` the request is repeated until the answer is as expected.

use super::client::{self, Answer};
use super::server::TestServer;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

struct Stage {
    server: TestServer,
    kept: BTreeMap<String, String>,
    bodies: BTreeMap<String, Vec<u8>>,
}

fn steps(file: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios").join(file);
    let text = std::fs::read_to_string(&path).expect("a scenario file");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Plays every step of a file in order, on a server of its own.
pub(super) fn scenario(file: &str) {
    let mut stage = Stage { server: TestServer::start(), kept: BTreeMap::new(), bodies: BTreeMap::new() };
    for (number, step) in steps(file).iter().enumerate() {
        let deadline = Instant::now() + Duration::from_millis(step["within_ms"].as_u64().unwrap_or(0));
        loop {
            let answer = stage.send(step);
            match stage.check(step, &answer) {
                Ok(()) => break stage.remember(step, &answer),
                Err(what) if Instant::now() >= deadline => {
                    let body: String = String::from_utf8_lossy(&answer.body).chars().take(2_000).collect();
                    panic!("{file}, step {number} ({}): {what}\n{} {body}", step["request"], answer.status);
                }
                Err(_) => std::thread::sleep(Duration::from_millis(10)),
            }
        }
    }
}

/// Plays every step of a file on one server: each must end in a problem document.
pub(super) fn hostile(file: &str) {
    let mut stage = Stage { server: TestServer::start(), kept: BTreeMap::new(), bodies: BTreeMap::new() };
    let steps = steps(file);
    assert!(steps.len() >= 60, "the table holds {} requests", steps.len());
    let mut broken = Vec::new();
    for step in &steps {
        let answer = stage.send(step);
        let found = (answer.status, answer.json()["field"].as_str().map(str::to_owned));
        let expected = (step["status"].as_u64().unwrap_or(400) as u16, step["field"].as_str().map(str::to_owned));
        let is_problem = answer.header("content-type") == "application/problem+json" && answer.json()["title"].is_string();
        if found != expected || !is_problem {
            let request: String = step.to_string().chars().take(200).collect();
            broken.push(format!("{request}\n  expected {expected:?}, found {found:?} {}", answer.json()));
        }
        stage.remember(step, &answer);
    }
    assert!(broken.is_empty(), "{} of {} requests:\n{}", broken.len(), steps.len(), broken.join("\n"));
    assert_eq!(stage.server.get("/healthz").status, 200, "the server still answers");
}

impl Stage {
    fn send(&self, step: &Value) -> Answer {
        let headers = step["headers"].as_object().into_iter().flatten();
        let mut headers: Vec<(String, String)> =
            headers.map(|(name, value)| (name.clone(), self.filled(value.as_str().unwrap_or_default()))).collect();
        let body = self.body(step);
        let has_type = headers.iter().any(|(name, _)| name == "content-type");
        if !has_type && !body.is_empty() {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        let request = self.filled(step["request"].as_str().expect("a request"));
        client::send(self.server.address, &request, &headers, &body)
    }

    fn body(&self, step: &Value) -> Vec<u8> {
        if let Some(hex) = step["hex"].as_str() {
            let digits: Vec<u8> = hex.bytes().filter_map(|digit| char::from(digit).to_digit(16)).map(|digit| digit as u8).collect();
            return digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect();
        }
        match (&step["text"], &step["body"]) {
            (Value::String(text), _) => self.filled(text).into_bytes(),
            (_, Value::Null) => Vec::new(),
            (_, body) => self.filled(&body.to_string()).into_bytes(),
        }
    }

    /// Puts in what was kept, and repeats what is to be repeated.
    fn filled(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in &self.kept {
            text = text.replace(&format!("${{{name}}}"), value);
        }
        while let Some(start) = text.find("{{") {
            let Some((unit, rest)) = text[start + 2..].split_once('*') else { break };
            let Some((count, rest)) = rest.split_once("}}") else { break };
            let repeated = unit.repeat(count.parse().expect("a count"));
            text = format!("{}{repeated}{rest}", &text[..start]);
        }
        text
    }

    fn check(&self, step: &Value, answer: &Answer) -> Result<(), String> {
        let expected = step["status"].as_u64().unwrap_or(200);
        if u64::from(answer.status) != expected {
            return Err(format!("status {} instead of {expected}", answer.status));
        }
        for (name, value) in step["header"].as_object().into_iter().flatten() {
            let value = self.filled(value.as_str().unwrap_or_default());
            if !answer.header(name).contains(&value) {
                return Err(format!("header {name} is {:?}", answer.header(name)));
            }
        }
        if let Some(text) = step["contains"].as_str()
            && !String::from_utf8_lossy(&answer.body).contains(&self.filled(text))
        {
            return Err(format!("the body does not contain {text}"));
        }
        if let Some(name) = step["same_as"].as_str()
            && self.bodies.get(name) != Some(&answer.body)
        {
            return Err(format!("the body is not that of {name}"));
        }
        self.check_body(step, &answer.json())
    }

    fn check_body(&self, step: &Value, body: &Value) -> Result<(), String> {
        for (pointer, value) in step["at"].as_object().into_iter().flatten() {
            let value: Value = serde_json::from_str(&self.filled(&value.to_string())).expect("JSON");
            let found = body.pointer(pointer).unwrap_or(&Value::Null);
            if *found != value {
                return Err(format!("{pointer} is {found} instead of {value}"));
            }
        }
        let pointers = |name: &str| step[name].as_array().cloned().unwrap_or_default();
        for pointer in pointers("has") {
            body.pointer(pointer.as_str().unwrap_or_default()).ok_or_else(|| format!("there is no {pointer}"))?;
        }
        for pointer in pointers("lacks") {
            if let Some(found) = body.pointer(pointer.as_str().unwrap_or_default()) {
                return Err(format!("{pointer} is {found}"));
            }
        }
        Ok(())
    }

    fn remember(&mut self, step: &Value, answer: &Answer) {
        for (name, pointer) in step["keep"].as_object().into_iter().flatten() {
            let pointer = pointer.as_str().unwrap_or_default();
            let value = match pointer.strip_prefix("header ") {
                Some(header) => answer.header(header).to_owned(),
                None => answer.json().pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned(),
            };
            assert!(!value.is_empty(), "nothing to keep at {pointer}");
            self.kept.insert(name.clone(), value);
        }
        if let Some(name) = step["name"].as_str() {
            self.bodies.insert(name.to_owned(), answer.body.clone());
        }
    }
}
