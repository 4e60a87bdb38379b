//! Rules, synonyms and experiments over HTTP, as far as they are alike: read, put and removed by name, listed in pages, and who changed them
//! when.

use super::lines::{Batches, Reject, Tally};
use super::search::limit_of;
use crate::catalog::{Expected, SETTING_BYTES_MAX, SETTINGS_MAX, Setting, SettingChange, SettingCommand, SettingOutcome};
use crate::event::{Document, SettingKind};
use crate::http::access::Caller;
use crate::http::answer::{Answer, check_precondition, is_known, json, json_bytes, moment, not_modified, ok, revision, with};
use crate::http::body::{self, Media};
use crate::http::context::Context;
use crate::http::error::{Kind as ProblemKind, Problem};
use crate::http::params::Params;
use crate::id::{Actor, SettingId};
use crate::search::merchandising::Fault;
use axum::extract::Request;
use axum::http::header::{ETAG, IF_MATCH, IF_NONE_MATCH, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The header that says who changes a setting, for the record, while nobody has to show who they are.
const ACTOR: &str = "x-actor";
/// Who it was when nobody says.
const ACTOR_UNKNOWN: &str = "anonymous";
/// Settings on a page when the request does not say, and at most.
const PAGE_DEFAULT: usize = 50;
const PAGE_MAX: usize = 200;

#[derive(Serialize)]
struct Written<'a> {
    id: &'a SettingId,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<T> {
    id: SettingId,
    document: T,
}

#[derive(Serialize)]
struct Listed<'a> {
    settings: Vec<Entry<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<&'a SettingId>,
}

#[derive(Serialize)]
struct Entry<'a> {
    id: &'a SettingId,
    document: &'a RawValue,
    #[serde(flatten)]
    changed: Option<By<'a>>,
}

#[derive(Serialize)]
struct By<'a> {
    changed_at: String,
    changed_by: &'a Actor,
}

#[derive(Serialize)]
struct History<'a> {
    id: &'a SettingId,
    changes_count: u64,
    changes: Vec<Change<'a>>,
}

#[derive(Serialize)]
struct Change<'a> {
    at: String,
    actor: &'a Actor,
    what: crate::catalog::ChangeKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<&'a RawValue>,
}

/// What a kind is called in addresses and messages.
fn names(kind: SettingKind) -> (&'static str, &'static str) {
    match kind {
        SettingKind::Rule => ("rules", "rule"),
        SettingKind::Synonym => ("synonyms", "synonym"),
        SettingKind::Experiment => ("experiments", "experiment"),
    }
}

/// A name from an address.
pub(super) fn id_of(text: &str) -> Result<SettingId, Problem> {
    SettingId::new(text).map_err(|error| Problem::invalid("id", error.to_string()))
}

fn actor_of(headers: &HeaderMap) -> Result<Actor, Problem> {
    // Whoever has shown who they are is not whoever they say.
    if let Some(actor) = Caller::current().actor() {
        return Ok(actor);
    }
    let Some(header) = headers.get(ACTOR) else {
        return Actor::new(ACTOR_UNKNOWN).map_err(|error| Problem::internal(&error));
    };
    let text = std::str::from_utf8(header.as_bytes()).map_err(|_| Problem::invalid(ACTOR, "must be UTF-8"))?;
    Actor::new(text).map_err(|error| Problem::invalid(ACTOR, error.to_string()))
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::invalid(fault.field, fault.reason)
    }
}

fn raw(document: &Document) -> Result<&RawValue, Problem> {
    serde_json::from_slice(&document.0).map_err(|error| Problem::internal(&error))
}

/// The document as it was put.
pub(super) fn get(context: &Context, kind: SettingKind, id: &str, headers: &HeaderMap) -> Answer {
    let catalog = context.shop.readers().catalog();
    let document = catalog.settings().get(kind, &id_of(id)?).and_then(|setting| setting.document.as_ref());
    let document = document.ok_or_else(|| Problem::unknown(names(kind).1, id))?;
    let revision = revision(&document.0);
    if is_known(headers, &revision) {
        return Ok(not_modified(&revision));
    }
    Ok(with(json_bytes(StatusCode::OK, document.0.to_vec()), ETAG, &revision))
}

/// A setting as it is when somebody decides to change it.
pub(super) struct Held {
    kind: SettingKind,
    id: SettingId,
    /// What holds.
    pub(super) document: Option<Document>,
}

impl Held {
    /// The setting of that name, which there need not be.
    pub(super) fn of(context: &Context, kind: SettingKind, id: &str) -> Result<Self, Problem> {
        let id = id_of(id)?;
        let catalog = context.shop.readers().catalog();
        let document = catalog.settings().get(kind, &id).and_then(|setting| setting.document.clone());
        Ok(Self { kind, id, document })
    }

    /// What has to hold still when the change is made: this, if the client wants to change nothing else.
    fn expected(&self, headers: &HeaderMap) -> Expected {
        let is_conditional = headers.contains_key(IF_MATCH) || headers.contains_key(IF_NONE_MATCH);
        if is_conditional { Expected::Exactly(self.document.clone()) } else { Expected::Anything }
    }
}

/// Puts a document that was checked.
pub(super) async fn put<T: Serialize>(
    context: &Context,
    kind: SettingKind,
    id: &str,
    headers: &HeaderMap,
    document: &T,
    warnings: Vec<String>,
) -> Answer {
    let held = Held::of(context, kind, id)?;
    let expected = held.expected(headers);
    written(context, held, expected, headers, document, warnings).await
}

/// The same in place of exactly what was held when it was decided on.
pub(super) async fn put_over<T: Serialize>(
    context: &Context,
    held: Held,
    headers: &HeaderMap,
    document: &T,
    warnings: Vec<String>,
) -> Answer {
    let expected = Expected::Exactly(held.document.clone());
    written(context, held, expected, headers, document, warnings).await
}

async fn written<T: Serialize>(
    context: &Context,
    held: Held,
    expected: Expected,
    headers: &HeaderMap,
    document: &T,
    warnings: Vec<String>,
) -> Answer {
    let bytes = serde_json::to_vec(document).map_err(|error| Problem::internal(&error))?;
    let revision = revision(&bytes);
    let outcome = change(context, &held, expected, headers, Some(Document(bytes.into()))).await?;
    let (status, outcome) = put_name(held.kind, outcome)?;
    let response = with(json(status, &Written { id: &held.id, outcome, warnings })?, ETAG, &revision);
    Ok(with(response, LOCATION, &format!("/v1/{}/{}", names(held.kind).0, super::products::escaped(held.id.as_str()))))
}

/// Removes a setting; its history stays.
pub(super) async fn delete(context: &Context, kind: SettingKind, id: &str, headers: &HeaderMap) -> Answer {
    let held = Held::of(context, kind, id)?;
    let expected = held.expected(headers);
    removed(context, &held, expected, headers).await
}

/// The same of exactly what was held when it was decided on.
pub(super) async fn delete_over(context: &Context, held: Held, headers: &HeaderMap) -> Answer {
    let expected = Expected::Exactly(held.document.clone());
    removed(context, &held, expected, headers).await
}

async fn removed(context: &Context, held: &Held, expected: Expected, headers: &HeaderMap) -> Answer {
    match change(context, held, expected, headers, None).await? {
        SettingOutcome::Removed => Ok(StatusCode::NO_CONTENT.into_response()),
        SettingOutcome::Overtaken => Err(overtaken()),
        _ => Err(Problem::unknown(names(held.kind).1, held.id.as_str())),
    }
}

async fn change(
    context: &Context,
    held: &Held,
    expected: Expected,
    headers: &HeaderMap,
    document: Option<Document>,
) -> Result<SettingOutcome, Problem> {
    let actor = actor_of(headers)?;
    check_precondition(headers, held.document.as_ref().map(|document| revision(&document.0)).as_deref())?;
    let command = SettingCommand { kind: held.kind, id: held.id.clone(), document, actor, expected };
    let outcomes = context.configure(vec![command]).await?;
    outcomes.into_iter().next().ok_or_else(|| Problem::internal(&"the catalog writer gave no outcome"))
}

fn overtaken() -> Problem {
    Problem::new(ProblemKind::PreconditionFailed, "somebody else changed it at the same time; read it again")
}

/// Puts many, one a line as `{"id": .., "document": ..}`, which is also how they are listed.
pub(super) async fn post<T: DeserializeOwned + Serialize>(
    context: &Context,
    kind: SettingKind,
    request: Request,
    check: impl Fn(T) -> Result<T, Fault>,
) -> Answer {
    let (head, body) = request.into_parts();
    if Media::of(&head.headers)? != Media::Lines {
        return Err(Problem::of_field(
            ProblemKind::UnsupportedMediaType,
            "content-type",
            "send application/x-ndjson, or PUT one by its name",
        ));
    }
    let actor = actor_of(&head.headers)?;
    let read = |line: &[u8]| {
        let Line { id, document } = body::parse::<Line<T>>(line)?;
        let document = check(document).map_err(|fault| Problem::invalid(format!("document.{}", fault.field), fault.reason))?;
        let bytes = serde_json::to_vec(&document).map_err(|error| Problem::internal(&error))?;
        let (document, expected) = (Some(Document(bytes.into())), Expected::Anything);
        Ok(SettingCommand { kind, id, document, actor: actor.clone(), expected })
    };
    let mut tally = Tally::new(&["created", "updated", "unchanged"]);
    let mut batches = Batches::new(&head.headers, body, read)?;
    while let Some((numbers, commands)) = batches.next(&mut tally).await? {
        let outcomes = context.configure(commands).await.map_err(|problem| tally.after(&problem))?;
        numbers.into_iter().zip(outcomes).for_each(|(line, outcome)| tell(&mut tally, kind, line, outcome));
    }
    ok(&tally)
}

fn tell(tally: &mut Tally, kind: SettingKind, line: u64, outcome: SettingOutcome) {
    match put_name(kind, outcome) {
        Ok((_, name)) => tally.count(name),
        Err(problem) => tally.reject(Reject { line, field: problem.field().map(str::to_owned), reason: problem.detail().to_owned() }),
    }
}

/// How a put that had this outcome is answered.
fn put_name(kind: SettingKind, outcome: SettingOutcome) -> Result<(StatusCode, &'static str), Problem> {
    match outcome {
        SettingOutcome::Created => Ok((StatusCode::CREATED, "created")),
        SettingOutcome::Updated => Ok((StatusCode::OK, "updated")),
        SettingOutcome::Unchanged => Ok((StatusCode::OK, "unchanged")),
        SettingOutcome::Full => Err(Problem::invalid("id", format!("there are {SETTINGS_MAX} {} already", names(kind).0))),
        SettingOutcome::TooLong => Err(Problem::invalid("", format!("the document has more than {SETTING_BYTES_MAX} bytes"))),
        SettingOutcome::Overtaken => Err(overtaken()),
        SettingOutcome::Removed | SettingOutcome::Unknown => Err(Problem::internal(&"a put removed something")),
    }
}

/// Settings in the order of their names; the cursor is the last name of the page before.
pub(super) fn list(context: &Context, kind: SettingKind, query: Option<&str>) -> Answer {
    let mut params = Params::parse(query)?;
    let limit = limit_of(params.parsed("limit")?, PAGE_DEFAULT, PAGE_MAX)?;
    let after: Option<SettingId> = params.parsed("cursor")?;
    params.finish()?;
    let catalog = context.shop.readers().catalog();
    let mut holding = catalog.settings().holding(kind, after.as_ref()).peekable();
    let settings = holding.by_ref().take(limit).filter_map(|(id, setting)| entry(id, setting).transpose());
    let settings: Vec<Entry<'_>> = settings.collect::<Result<_, _>>()?;
    let next_cursor = holding.peek().and_then(|_| settings.last()).map(|last| last.id);
    ok(&Listed { next_cursor, settings })
}

fn entry<'a>(id: &'a SettingId, setting: &'a Setting) -> Result<Option<Entry<'a>>, Problem> {
    let by = |change: &'a SettingChange| By { changed_at: moment(change.at), changed_by: &change.actor };
    let changed = setting.history.last().map(by);
    setting.document.as_ref().map(|document| Ok(Entry { id, document: raw(document)?, changed })).transpose()
}

/// Who changed a setting, when and to what, newest first; also of one that was removed.
pub(super) fn history(context: &Context, kind: SettingKind, id: &str) -> Answer {
    let name = id_of(id)?;
    let catalog = context.shop.readers().catalog();
    let setting = catalog.settings().get(kind, &name).ok_or_else(|| Problem::unknown(names(kind).1, id))?;
    let changes = setting.history.iter().rev().map(change_of).collect::<Result<_, _>>()?;
    ok(&History { id: &name, changes_count: setting.changes_count, changes })
}

fn change_of(change: &SettingChange) -> Result<Change<'_>, Problem> {
    let document = change.document.as_ref().map(raw).transpose()?;
    Ok(Change { at: moment(change.at), actor: &change.actor, what: change.what, document })
}
