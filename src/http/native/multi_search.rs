//! `POST /v1/multi-search`: what a page shows in one answer: several searches, completions and rows of recommendations, on one moment of the
//! shop and within one deadline.

use super::recommend::{Carousels, CarouselsAnswer, PageBody};
use super::search::{SearchAnswer, SearchBody, answer};
use super::suggest::{self, SuggestAnswer, SuggestBody};
use crate::http::access::check_elsewhere;
use crate::http::admission::Ticket;
use crate::http::answer::{Answer, ok, took_us};
use crate::http::body::{Json, of_value};
use crate::http::context::{Context, Shared};
use crate::http::error::Problem;
use crate::http::limits::{SEARCH_KEY_BYTES_MAX, SEARCHES_MAX};
use crate::search::Moment;
use crate::stdx::clock::Deadline;
use axum::extract::State;
use axum::http::Method;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::time::Instant;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct MultiSearchBody {
    /// Each the body of a search and, if the caller likes, a `key`. They are read one by one, so that a fault in one leaves the others be.
    #[serde(default)]
    searches: Vec<Map<String, Value>>,
    /// What `GET /v1/suggest` takes.
    suggest: Option<Map<String, Value>>,
    /// What `POST /v1/recommend` takes.
    recommend: Option<Map<String, Value>>,
}

#[derive(Serialize)]
struct MultiSearchAnswer {
    results: Vec<OneResult<Box<RawValue>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestions: Option<OneResult<SuggestAnswer>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recommendations: Option<OneResult<CarouselsAnswer>>,
    took_us: u64,
}

/// The answer of one part, or what is wrong with it.
#[derive(Serialize)]
struct OneResult<A> {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<A>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Value>,
}

impl<A> OneResult<A> {
    fn of(key: Option<String>, outcome: Result<A, Problem>) -> Self {
        match outcome {
            Ok(answer) => Self { key, status: 200, answer: Some(answer), problem: None },
            Err(problem) => Self { key, status: problem.status().as_u16(), answer: None, problem: Some(problem.to_json()) },
        }
    }
}

pub(in crate::http) async fn post(State(context): Shared, ticket: Ticket, Json(body): Json<MultiSearchBody>) -> Answer {
    let started = Instant::now();
    let MultiSearchBody { searches, suggest, recommend } = body;
    let searches_min = usize::from(suggest.is_none() && recommend.is_none());
    if !(searches_min..=SEARCHES_MAX).contains(&searches.len()) {
        return Err(Problem::invalid("searches", format!("must be between {searches_min} and {SEARCHES_MAX}")));
    }
    let _turn = context.turn(&ticket).await?;
    let (moment, deadline) = (context.moment()?, context.search_deadline(&ticket));
    let results = searches.into_iter().map(|search| one(&context, &moment, search, &deadline)).collect();
    let suggestions = suggest.map(|asked| OneResult::of(None, suggested(&context, &moment, asked, &deadline)));
    let recommendations = recommend.map(|asked| OneResult::of(None, recommended(&context, &moment, asked)));
    ok(&MultiSearchAnswer { results, suggestions, recommendations, took_us: took_us(started) })
}

fn one(context: &Context, moment: &Moment, mut search: Map<String, Value>, deadline: &Deadline) -> OneResult<Box<RawValue>> {
    match key_of(search.remove("key")) {
        Err(problem) => OneResult::of(None, Err(problem)),
        Ok(key) => {
            let body = of_value::<SearchBody>(Value::Object(search));
            OneResult::of(key, body.and_then(|body| written(&answer(context, moment, body, deadline.clone())?)))
        }
    }
}

fn written(answer: &SearchAnswer) -> Result<Box<RawValue>, Problem> {
    let text = String::from_utf8(answer.json()?).map_err(|error| Problem::internal(&error))?;
    RawValue::from_string(text).map_err(|error| Problem::internal(&error))
}

fn suggested(context: &Context, moment: &Moment, asked: Map<String, Value>, deadline: &Deadline) -> Result<SuggestAnswer, Problem> {
    let body = of_value::<SuggestBody>(Value::Object(asked))?.checked()?;
    suggest::answer(context, moment, body, deadline)
}

/// Being recommended something needs a scope of its own.
fn recommended(context: &Context, moment: &Moment, asked: Map<String, Value>) -> Result<CarouselsAnswer, Problem> {
    check_elsewhere(context, &Method::POST, "/v1/recommend", "")?;
    let asked = Carousels::read(of_value::<PageBody>(Value::Object(asked))?)?;
    asked.check(context, moment)?;
    Ok(asked.answer(context, moment))
}

fn key_of(key: Option<Value>) -> Result<Option<String>, Problem> {
    match key {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(key)) if key.len() <= SEARCH_KEY_BYTES_MAX => Ok(Some(key)),
        Some(_) => Err(Problem::invalid("key", format!("must be a text of at most {SEARCH_KEY_BYTES_MAX} bytes"))),
    }
}
