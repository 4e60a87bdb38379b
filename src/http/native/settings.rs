//! Rules, synonyms and experiments over HTTP, as far as they are alike: read, put and removed by name, listed in pages, and who changed them
//! when.

use super::lines::{Batch, Batches, Reject, Tally};
use super::products::overtaken;
use super::search::limit_of;
use crate::catalog::{Expected, SETTING_BYTES_MAX, SETTINGS_MAX, Setting, SettingChange, SettingCommand, SettingOutcome};
use crate::event::{Document, SettingKind};
use crate::http::access::Caller;
use crate::http::answer::{self, Answer, check_precondition, is_conditional, json, moment, ok, revision, with};
use crate::http::body::{self, Media};
use crate::http::context::Context;
use crate::http::error::{Kind as ProblemKind, Problem};
use crate::http::keys::{Key, keyed_if_given};
use crate::http::params::Params;
use crate::http::visitor::refuse_card_number;
use crate::id::{Actor, SettingId};
use crate::pipeline::{CatalogWrite, NOTE_BYTES_MAX, Outcomes, Written};
use crate::search::merchandising::Fault;
use crate::stdx::percent;
use axum::extract::Request;
use axum::http::header::{ETAG, LOCATION};
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
struct Outcome<'a> {
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

/// The part of a document that is written for people.
#[derive(Deserialize)]
struct Noted<'a> {
    #[serde(default, borrow)]
    note: std::borrow::Cow<'a, str>,
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
    refuse_card_number(ACTOR, Some(text))?;
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
    Ok(answer::document(headers, &revision(&document.0), document.0.to_vec()))
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
        if is_conditional(headers) { self.exactly() } else { Expected::Anything }
    }

    fn exactly(&self) -> Expected {
        Expected::Exactly(self.document.clone())
    }
}

/// A change of one setting as it was asked for.
pub(super) struct Asked<'a> {
    context: &'a Context,
    headers: &'a HeaderMap,
    kind: SettingKind,
    id: &'a str,
    key: Option<Key>,
}

impl<'a> Asked<'a> {
    /// A change called `operation`; `body` is what its key is bound to beside that.
    ///
    /// # Errors
    /// When there is a key and it is not one.
    pub(super) fn of(
        context: &'a Context,
        headers: &'a HeaderMap,
        (kind, id): (SettingKind, &'a str),
        operation: &str,
        body: &[u8],
    ) -> Result<Self, Problem> {
        let key = keyed_if_given(headers, &format!("{}.{operation}", names(kind).1), id, body)?;
        Ok(Self { context, headers, kind, id, key })
    }

    /// What came of it when it was done under its key before.
    pub(super) fn repeated(&self) -> Result<Option<Written>, Problem> {
        self.context.written(self.key.as_ref())
    }

    /// Makes the change over what holds, whatever that is unless the preconditions say.
    async fn done(&self, document: Option<Document>, note: Vec<u8>) -> Result<Written, Problem> {
        if let Some(done) = self.repeated()? {
            return Ok(done);
        }
        let held = Held::of(self.context, self.kind, self.id)?;
        let expected = held.expected(self.headers);
        self.change(&held, expected, document, note).await
    }

    /// Makes the change over exactly what was held when it was decided on.
    pub(super) async fn done_over(&self, held: &Held, document: Option<Document>, note: Vec<u8>) -> Result<Written, Problem> {
        self.change(held, held.exactly(), document, note).await
    }

    async fn change(&self, held: &Held, expected: Expected, document: Option<Document>, note: Vec<u8>) -> Result<Written, Problem> {
        let actor = actor_of(self.headers)?;
        check_precondition(self.headers, held.document.as_ref().map(|document| revision(&document.0)).as_deref())?;
        let command = SettingCommand { kind: held.kind, id: held.id.clone(), document, actor, expected };
        self.context.write_catalog(CatalogWrite::Settings(vec![command]), self.key.as_ref(), note).await
    }
}

/// A document as it is kept; its note, in the field of that name, is for people and holds no card number.
fn bytes_of<T: Serialize>(document: &T, field: &'static str) -> Result<Vec<u8>, Problem> {
    let bytes = serde_json::to_vec(document).map_err(|error| Problem::internal(&error))?;
    let Noted { note } = serde_json::from_slice(&bytes).map_err(|error| Problem::internal(&error))?;
    refuse_card_number(field, Some(&note))?;
    Ok(bytes)
}

/// A document that is to be put, and what its author is warned of.
pub(super) struct Put {
    pub(super) document: Document,
    pub(super) warnings: Vec<String>,
}

impl Put {
    /// A document that was checked. What is beyond what can be told again is not warned of.
    pub(super) fn of<T: Serialize>(document: &T, warnings: Vec<String>) -> Result<Self, Problem> {
        let bytes = bytes_of(document, "note")?;
        let mut left = NOTE_BYTES_MAX - 2;
        let fits = |warning: &String| {
            let bytes = serde_json::to_vec(warning).map_or(usize::MAX, |text| text.len() + 1);
            left = left.saturating_sub(bytes);
            left > 0
        };
        Ok(Self { document: Document(bytes.into()), warnings: warnings.into_iter().take_while(fits).collect() })
    }

    pub(super) fn note(&self) -> Result<Vec<u8>, Problem> {
        serde_json::to_vec(&self.warnings).map_err(|error| Problem::internal(&error))
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
    let put = Put::of(document, warnings)?;
    let asked = Asked::of(context, headers, (kind, id), "put", &put.document.0)?;
    let done = asked.done(Some(put.document.clone()), put.note()?).await?;
    was_put(kind, id, &put.document, &done)
}

/// How a put is answered.
pub(super) fn was_put(kind: SettingKind, id: &str, document: &Document, done: &Written) -> Answer {
    let (status, outcome) = put_name(kind, outcome_of(done)?)?;
    let warnings: Vec<String> = serde_json::from_slice(&done.note.0).map_err(|error| Problem::internal(&error))?;
    let answer = json(status, &Outcome { id: &id_of(id)?, outcome, warnings })?;
    let answer = with(answer, ETAG, &revision(&document.0));
    Ok(with(answer, LOCATION, &format!("/v1/{}/{}", names(kind).0, percent::encoded(id))))
}

/// Whether a put was done.
///
/// # Errors
/// Why it was not.
pub(super) fn check_put(kind: SettingKind, done: &Written) -> Result<(), Problem> {
    put_name(kind, outcome_of(done)?).map(drop)
}

/// Removes a setting; its history stays.
pub(super) async fn delete(context: &Context, kind: SettingKind, id: &str, headers: &HeaderMap) -> Answer {
    let asked = Asked::of(context, headers, (kind, id), "delete", b"")?;
    was_removed(kind, id, &asked.done(None, Vec::new()).await?)
}

/// How a removal is answered.
pub(super) fn was_removed(kind: SettingKind, id: &str, done: &Written) -> Answer {
    match outcome_of(done)? {
        SettingOutcome::Removed => Ok(StatusCode::NO_CONTENT.into_response()),
        SettingOutcome::Overtaken => Err(overtaken()),
        _ => Err(Problem::unknown(names(kind).1, id)),
    }
}

fn outcome_of(done: &Written) -> Result<SettingOutcome, Problem> {
    of_settings(&done.outcomes).first().copied().ok_or_else(|| Problem::internal(&"the catalog writer gave no outcome"))
}

fn of_settings(outcomes: &Outcomes) -> &[SettingOutcome] {
    match outcomes {
        Outcomes::Settings(outcomes) => outcomes,
        Outcomes::Products(_) => &[],
    }
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
        let bytes = bytes_of(&document, "document.note")?;
        let (document, expected) = (Some(Document(bytes.into())), Expected::Anything);
        Ok(SettingCommand { kind, id, document, actor: actor.clone(), expected })
    };
    let operation = format!("{}.post.lines", names(kind).1);
    let mut tally = Tally::new(&["created", "updated", "unchanged"]);
    let mut batches = Batches::keyed(&head.headers, body, &operation, read)?;
    while let Some(Batch { numbers, values: commands, key }) = batches.next(&mut tally).await? {
        let outcomes = context.write_lines(CatalogWrite::Settings(commands), key.as_ref()).await;
        let outcomes = outcomes.map_err(|problem| tally.after(&problem))?;
        numbers.into_iter().zip(of_settings(&outcomes)).for_each(|(line, outcome)| tell(&mut tally, kind, line, *outcome));
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
    let after: Option<SettingId> = params.place("cursor")?;
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
