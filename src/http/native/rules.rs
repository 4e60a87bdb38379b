//! `/v1/rules`: merchandising rules, their histories, and what one would do before it is switched on.

use super::search::{SearchBody, request_of};
use super::settings::{self, id_of};
use crate::event::SettingKind;
use crate::http::admission::Ticket;
use crate::http::answer::{Answer, ok};
use crate::http::body::Json;
use crate::http::context::{Context, Shared};
use crate::http::error::Problem;
use crate::http::path::Path;
use crate::id::{Ordinal, ProductId};
use crate::search::Moment;
use crate::search::merchandising::{self, Fault, Merchandised, Moved, Rule, RuleDocument};
use crate::stdx::clock::Timestamp;
use axum::extract::{RawQuery, Request, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

/// The name under which a rule is tried that has none yet.
const PREVIEWED: &str = "preview";

/// A rule and the search to try it on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PreviewBody {
    /// The rule that this one is to replace, if there is one.
    id: Option<String>,
    rule: RuleDocument,
    search: SearchBody,
    /// When to try it; now when left out.
    at: Option<String>,
}

#[derive(Serialize)]
struct PreviewAnswer {
    applies: bool,
    total_before: u64,
    total_after: u64,
    moved: Vec<Place>,
    before: Merchandised,
    after: Merchandised,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Place {
    id: ProductId,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<usize>,
}

pub(in crate::http) async fn get(State(context): Shared, Path(id): Path, headers: HeaderMap) -> Answer {
    settings::get(&context, SettingKind::Rule, &id, &headers)
}

pub(in crate::http) async fn put(State(context): Shared, Path(id): Path, headers: HeaderMap, Json(document): Json<RuleDocument>) -> Answer {
    let rule = Rule::of(document)?;
    let warnings = merchandising::warnings(&context.moment()?, &rule);
    settings::put(&context, SettingKind::Rule, &id, &headers, &rule.document, warnings).await
}

pub(in crate::http) async fn delete(State(context): Shared, Path(id): Path, headers: HeaderMap) -> Answer {
    settings::delete(&context, SettingKind::Rule, &id, &headers).await
}

pub(in crate::http) async fn list(State(context): Shared, RawQuery(query): RawQuery) -> Answer {
    settings::list(&context, SettingKind::Rule, query.as_deref())
}

/// Many, as NDJSON.
pub(in crate::http) async fn post(State(context): Shared, request: Request) -> Answer {
    settings::post(&context, SettingKind::Rule, request, |document| Rule::of(document).map(|rule| rule.document)).await
}

pub(in crate::http) async fn history(State(context): Shared, Path(id): Path) -> Answer {
    settings::history(&context, SettingKind::Rule, &id)
}

/// The same search with the rule and without it. Nothing is recorded.
pub(in crate::http) async fn preview(State(context): Shared, ticket: Ticket, Json(body): Json<PreviewBody>) -> Answer {
    let now = time_of(&context, body.at.as_deref())?;
    let id = id_of(body.id.as_deref().unwrap_or(PREVIEWED))?;
    let in_rule = |fault: Fault| Problem::invalid(format!("rule.{}", fault.field), fault.reason);
    let in_search = |problem: Problem| {
        let field = problem.field().map(|field| format!("search.{field}"));
        field.map_or(problem.clone(), |field| problem.in_field(field))
    };
    let rule = Rule::of(body.rule).map_err(in_rule)?;
    let request = request_of(body.search, now, context.search_deadline(&ticket)).map_err(in_search)?;
    let _turn = context.turn(&ticket).await?;
    let moment = context.moment()?;
    let effect = merchandising::preview(&moment, &id, &rule, &request).map_err(|error| in_search(error.into()))?;
    ok(&PreviewAnswer {
        applies: effect.applies,
        total_before: effect.total_before,
        total_after: effect.total_after,
        moved: effect.moved.iter().filter_map(|moved| place(&moment, moved)).collect(),
        before: effect.before,
        after: effect.after,
        warnings: merchandising::warnings(&moment, &rule),
    })
}

fn place(moment: &Moment, moved: &Moved) -> Option<Place> {
    let id = |ordinal: Ordinal| moment.catalog.id_of(ordinal);
    Some(Place { id: id(moved.ordinal)?, before: moved.before, after: moved.after })
}

fn time_of(context: &Context, text: Option<&str>) -> Result<Timestamp, Problem> {
    let Some(text) = text else { return Ok(context.shop.now()) };
    let wrong = |_| Problem::invalid("at", "must be a moment as in 2026-11-27T00:00:00Z");
    text.parse::<jiff::Timestamp>().map(|at| Timestamp(at.as_millisecond())).map_err(wrong)
}
