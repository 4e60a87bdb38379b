//! What an operation is asked with, and what comes of it: the same for every binding.

use super::party::Party;
use crate::http::admission::Ticket;
use crate::http::body;
use crate::http::error::{Kind, Problem};
use crate::http::rate::Asking;
use crate::trade::{Snapshot, Version};
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Fields of one body that are passed over: a platform that sends more means something else altogether.
const PASSED_OVER_MAX: usize = 16;

/// What an operation is asked with.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) party: Party,
    /// What it is about, when that exists already; empty otherwise.
    pub(super) id: String,
    /// `idempotency-key` and `if-match`, as far as they were given.
    pub(super) headers: HeaderMap,
    /// JSON; empty when the operation takes none.
    pub(super) body: Bytes,
    /// How urgent it is, and how long whoever asks waits.
    pub(super) ticket: Ticket,
    /// Whose allowance codes use up that are tried and do not exist.
    pub(super) asking: Asking,
}

impl Call {
    /// The body as a `T`.
    ///
    /// # Errors
    /// Naming the field at fault.
    pub(super) fn parsed<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        body::parse(&self.body)
    }

    /// The body as a `T`, and the fields that it was read without: the protocol lets a platform say more than is known here, and everyone else is
    /// told of a slip (`docs/decisions/0059-platforms-may-say-more.md`).
    ///
    /// # Errors
    /// Naming the field at fault.
    pub(super) fn understood<T: DeserializeOwned>(&self) -> Result<(T, Vec<String>), Problem> {
        match self.parsed() {
            Ok(body) => Ok((body, Vec::new())),
            Err(problem) if self.party.agent.is_some() && problem.kind() == Kind::UnknownField => read_without(self.parsed()?, problem),
            Err(problem) => Err(problem),
        }
    }
}

/// Reads a body without the field that `problem` tells of, and without those that are told of then.
fn read_without<T: DeserializeOwned>(mut body: Value, mut problem: Problem) -> Result<(T, Vec<String>), Problem> {
    let mut passed_over = Vec::new();
    while problem.kind() == Kind::UnknownField && passed_over.len() < PASSED_OVER_MAX {
        let Some(field) = problem.field().map(str::to_owned).filter(|field| take_out(&mut body, field)) else { break };
        passed_over.push(field);
        match body::of_value(body.clone()) {
            Ok(read) => return Ok((read, passed_over)),
            Err(next) => problem = next,
        }
    }
    Err(problem)
}

/// Takes the field out that a path such as `line_items[0].item.colour` leads to; names may have dots themselves. Whether it was there.
fn take_out(value: &mut Value, path: &str) -> bool {
    let inside = |value: &mut Value, rest: &str| take_out(value, rest.strip_prefix('.').unwrap_or(rest));
    match value {
        Value::Object(fields) if fields.contains_key(path) => fields.remove(path).is_some(),
        Value::Object(fields) => {
            fields.iter_mut().any(|(name, value)| path.strip_prefix(name.as_str()).is_some_and(|rest| inside(value, rest)))
        }
        Value::Array(values) => {
            let Some((place, rest)) = path.strip_prefix('[').and_then(|path| path.split_once(']')) else { return false };
            let value = place.parse().ok().and_then(|place: usize| values.get_mut(place));
            value.is_some_and(|value| inside(value, rest))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// What an operation answers.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) status: StatusCode,
    /// The address of what is new.
    pub(super) location: Option<String>,
    /// The version of what is shown.
    pub(super) version: Option<Version>,
    /// JSON.
    pub(super) body: Vec<u8>,
}

impl Outcome {
    /// An answer that shows something.
    ///
    /// # Errors
    /// When it cannot be written, which nothing here is.
    pub(super) fn ok<T: Serialize>(value: &T) -> Result<Self, Problem> {
        let mut body = Vec::with_capacity(4 << 10);
        serde_json::to_writer(&mut body, value).map_err(|error| Problem::internal(&error))?;
        Ok(Self { status: StatusCode::OK, location: None, version: None, body })
    }

    /// The same of something new.
    pub(super) fn created(self, location: String) -> Self {
        Self { status: StatusCode::CREATED, location: Some(location), ..self }
    }

    /// The same with the version of what it shows.
    pub(super) fn versioned(self, snapshot: &Snapshot) -> Self {
        Self { version: Version::of(snapshot), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::ucp::requests::CartBody;

    fn read(json: &str) -> Result<Vec<String>, Option<String>> {
        let body: Value = serde_json::from_str(json).expect("JSON");
        let problem = body::of_value::<CartBody>(body.clone()).expect_err(json);
        let read = read_without::<CartBody>(body, problem);
        read.map(|(_, passed_over)| passed_over).map_err(|problem| problem.field().map(str::to_owned))
    }

    #[test]
    fn what_is_not_known_is_passed_over_wherever_it_stands() {
        let check = |json: &str, fields: &[&str]| {
            assert_eq!(read(json).as_deref(), Ok(fields.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>().as_slice()), "{json}")
        };
        check(r#"{"line_items":[],"com.example.tier":"gold"}"#, &["com.example.tier"]);
        check(r#"{"buyer":{"a.b":1,"email":"a@b.c"},"line_items":[]}"#, &["buyer.a.b"]);
        check(
            r#"{"line_items":[{"item":{"id":"A"},"quantity":1},{"item":{"id":"B","title":"b"},"quantity":1,"totals":[]}],"status":"x"}"#,
            &["line_items[1].item.title", "line_items[1].totals", "status"],
        );
    }

    #[test]
    fn what_is_wrong_beside_it_is_told() {
        assert_eq!(read(r#"{"lines":[]}"#), Err(Some("line_items".to_owned())));
        assert_eq!(
            read(r#"{"tier":1,"line_items":[{"item":{"id":"A"},"quantity":"two"}]}"#),
            Err(Some("line_items[0].quantity".to_owned()))
        );
        let many: Vec<String> = (0..=PASSED_OVER_MAX).map(|number| format!("\"x{number}\":1")).collect();
        assert!(read(&format!("{{{},\"line_items\":[]}}", many.join(","))).is_err());
    }
}
