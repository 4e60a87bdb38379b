//! `/v1/experiments`: experiments on search, from draft to report.
//!
//! A draft is put as often as one likes. What runs is not changed, and what has run does not run again: a report is of one thing. So
//! whoever wants another one removes it, or takes another name.

mod part;
mod report;

pub(in crate::http) use part::{Asked, Told, exposure, take_part, told};

use super::settings::{self, Asked as Asking, Held, Put, id_of};
use crate::event::{Document, SettingKind};
use crate::http::answer::{Answer, json_bytes, moment, revision, with};
use crate::http::body::Json;
use crate::http::context::{Context, Shared};
use crate::http::error::{Kind, Problem};
use crate::http::path::Path;
use crate::id::SettingId;
use crate::search::experiment::{Experiment, ExperimentDocument, RUNNING_MAX, State};
use axum::Router;
use axum::extract::{RawQuery, State as Extracted};
use axum::http::header::ETAG;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use std::sync::Arc;

const KIND: SettingKind = SettingKind::Experiment;

/// The routes.
pub(in crate::http) fn routes() -> Router<Arc<Context>> {
    Router::new()
        .route("/v1/experiments", get(list))
        .route("/v1/experiments/{id}", get(read).put(put).delete(remove))
        .route("/v1/experiments/{id}/start", post(start))
        .route("/v1/experiments/{id}/stop", post(stop))
        .route("/v1/experiments/{id}/report", get(report::get))
        .route("/v1/experiments/{id}/history", get(history))
}

async fn list(Extracted(context): Shared, RawQuery(query): RawQuery) -> Answer {
    settings::list(&context, KIND, query.as_deref())
}

async fn read(Extracted(context): Shared, Path(id): Path, headers: HeaderMap) -> Answer {
    settings::get(&context, KIND, &id, &headers)
}

async fn history(Extracted(context): Shared, Path(id): Path) -> Answer {
    settings::history(&context, KIND, &id)
}

async fn put(Extracted(context): Shared, Path(id): Path, headers: HeaderMap, Json(document): Json<ExperimentDocument>) -> Answer {
    if document.state != State::Draft {
        return Err(Problem::invalid("state", "is draft, or left out: an experiment is started and stopped at addresses of its own"));
    }
    let experiment = Experiment::of(document)?;
    let known = context.shop.readers().catalog();
    let unknown =
        experiment.rules_named().filter(|rule| known.settings().get(SettingKind::Rule, rule).is_none_or(|rule| rule.document.is_none()));
    let put = Put::of(&experiment.document, unknown.map(|rule| format!("there is no rule {rule}")).collect())?;
    let asked = Asking::of(&context, &headers, (KIND, &id), "put", &put.document.0)?;
    let done = match asked.repeated()? {
        Some(done) => done,
        None => {
            let held = Held::of(&context, KIND, &id)?;
            held.document.as_ref().map_or(Ok(()), |document| check_is(&id, document, &[State::Draft], "is changed"))?;
            asked.done_over(&held, Some(put.document.clone()), put.note()?).await?
        }
    };
    settings::was_put(KIND, &id, &put.document, &done)
}

async fn remove(Extracted(context): Shared, Path(id): Path, headers: HeaderMap) -> Answer {
    let asked = Asking::of(&context, &headers, (KIND, &id), "delete", b"")?;
    let done = match asked.repeated()? {
        Some(done) => done,
        None => {
            let held = Held::of(&context, KIND, &id)?;
            held.document.as_ref().map_or(Ok(()), |document| check_is(&id, document, &[State::Draft, State::Stopped], "is removed"))?;
            asked.done_over(&held, None, Vec::new()).await?
        }
    };
    settings::was_removed(KIND, &id, &done)
}

async fn start(Extracted(context): Shared, Path(id): Path, headers: HeaderMap) -> Answer {
    turn(&context, &id, &headers, "start", |name, document| {
        check_state(name.as_str(), &document, &[State::Draft], "is started")?;
        check_alone(&context, name, &document)?;
        Ok(ExperimentDocument { state: State::Running, started_at: Some(moment(context.shop.now())), ..document })
    })
    .await
}

async fn stop(Extracted(context): Shared, Path(id): Path, headers: HeaderMap) -> Answer {
    turn(&context, &id, &headers, "stop", |name, document| {
        check_state(name.as_str(), &document, &[State::Running], "is stopped")?;
        Ok(ExperimentDocument { state: State::Stopped, stopped_at: Some(moment(context.shop.now())), ..document })
    })
    .await
}

/// Puts what an experiment becomes in the place of exactly what it was, and answers it.
async fn turn(
    context: &Context,
    id: &str,
    headers: &HeaderMap,
    operation: &str,
    next: impl FnOnce(&SettingId, ExperimentDocument) -> Result<ExperimentDocument, Problem>,
) -> Answer {
    let asked = Asking::of(context, headers, (KIND, id), operation, b"")?;
    if let Some(done) = asked.repeated()? {
        return Ok(shown(&done.note));
    }
    let held = Held::of(context, KIND, id)?;
    let document = document_of(held.document.as_ref().ok_or_else(|| Problem::unknown("experiment", id))?)?;
    let put = Put::of(&next(&id_of(id)?, document)?, Vec::new())?;
    // What is told again is the experiment as it was turned.
    let done = asked.done_over(&held, Some(put.document.clone()), put.document.0.to_vec()).await?;
    settings::check_put(KIND, &done)?;
    Ok(shown(&put.document))
}

fn shown(document: &Document) -> Response {
    with(json_bytes(StatusCode::OK, document.0.to_vec()), ETAG, &revision(&document.0))
}

/// A document that was checked before it was kept.
fn document_of(document: &Document) -> Result<ExperimentDocument, Problem> {
    serde_json::from_slice(&document.0).map_err(|error| Problem::internal(&error))
}

fn check_is(id: &str, document: &Document, states: &[State], what: &str) -> Result<(), Problem> {
    check_state(id, &document_of(document)?, states, what)
}

fn check_state(id: &str, document: &ExperimentDocument, states: &[State], what: &str) -> Result<(), Problem> {
    let name = |state: State| match state {
        State::Draft => "draft",
        State::Running => "running",
        State::Stopped => "stopped",
    };
    if states.contains(&document.state) {
        return Ok(());
    }
    let wanted: Vec<&str> = states.iter().map(|state| name(*state)).collect();
    Err(Problem::new(Kind::WrongStatus, format!("{id} is {}; it {what} only while it is {}", name(document.state), wanted.join(" or "))))
}

/// Whether the experiment can run beside those that do.
fn check_alone(context: &Context, name: &SettingId, document: &ExperimentDocument) -> Result<(), Problem> {
    let experiment = Experiment::of(document.clone())?;
    let moment = context.moment()?;
    let others: Vec<_> = moment.settings.experiments().running().filter(|(id, _)| *id != name).collect();
    if others.len() >= RUNNING_MAX {
        return Err(Problem::new(Kind::WrongStatus, format!("{RUNNING_MAX} experiments run already")));
    }
    let clash = others.iter().find_map(|(id, other)| Some((id, experiment.clash(other)?)));
    clash.map_or(Ok(()), |(id, path)| Err(Problem::new(Kind::WrongStatus, format!("{id} runs and varies {path}, too"))))
}
