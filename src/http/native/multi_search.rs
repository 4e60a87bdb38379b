//! `POST /v1/multi-search`: several searches answered together, on one moment of the shop and within one deadline.

use super::search::{SearchAnswer, SearchBody, answer};
use crate::http::admission::Ticket;
use crate::http::answer::{Answer, ok, took_us};
use crate::http::body::{Json, of_value};
use crate::http::context::{Context, Shared};
use crate::http::error::Problem;
use crate::http::limits::{SEARCH_KEY_BYTES_MAX, SEARCHES_MAX};
use crate::search::Moment;
use crate::stdx::clock::Deadline;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::time::Instant;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct MultiSearchBody {
    /// Each the body of a search and, if the caller likes, a `key`. They are read one by one, so that a fault in one leaves the others be.
    searches: Vec<Map<String, Value>>,
}

#[derive(Serialize)]
struct MultiSearchAnswer {
    results: Vec<OneResult>,
    took_us: u64,
}

/// The answer of one search, or what is wrong with it.
#[derive(Serialize)]
struct OneResult {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<SearchAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Value>,
}

pub(in crate::http) async fn post(State(context): Shared, ticket: Ticket, Json(body): Json<MultiSearchBody>) -> Answer {
    let started = Instant::now();
    if !(1..=SEARCHES_MAX).contains(&body.searches.len()) {
        return Err(Problem::invalid("searches", format!("must be between 1 and {SEARCHES_MAX}")));
    }
    let _turn = context.turn(&ticket).await?;
    let (moment, deadline) = (context.moment()?, context.search_deadline(&ticket));
    let results: Vec<OneResult> = body.searches.into_iter().map(|search| one(&context, &moment, search, &deadline)).collect();
    ok(&MultiSearchAnswer { results, took_us: took_us(started) })
}

fn one(context: &Context, moment: &Moment, mut search: Map<String, Value>, deadline: &Deadline) -> OneResult {
    let (key, outcome) = match key_of(search.remove("key")) {
        Err(problem) => (None, Err(problem)),
        Ok(key) => (key, of_value::<SearchBody>(Value::Object(search)).and_then(|body| answer(context, moment, body, deadline.clone()))),
    };
    match outcome {
        Ok(answer) => OneResult { key, status: 200, answer: Some(answer), problem: None },
        Err(problem) => OneResult { key, status: problem.status().as_u16(), answer: None, problem: Some(problem.to_json()) },
    }
}

fn key_of(key: Option<Value>) -> Result<Option<String>, Problem> {
    match key {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(key)) if key.len() <= SEARCH_KEY_BYTES_MAX => Ok(Some(key)),
        Some(_) => Err(Problem::invalid("key", format!("must be a text of at most {SEARCH_KEY_BYTES_MAX} bytes"))),
    }
}
