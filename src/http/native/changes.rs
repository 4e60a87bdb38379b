//! `GET /v1/changes`: what happened, from any place in the journal, as often as anybody wants to hear it.
//!
//! A follower keeps the `next` of the last page, or the `id` of the last change it has dealt with, and asks for what comes `after`. With
//! `wait_ms` an empty page waits for something to happen instead of being asked for again and again.

use crate::connect::changes::{
    Audience, Change, Cursor, CursorError, KIND_BYTES_MAX, PAGE_CHANGES_MAX, Page, STREAMS, Vocabulary, Wanted, page as page_of,
    vocabulary_of,
};
use crate::event::Stream;
use crate::http::access::{Caller, OfPeople};
use crate::http::answer::{Answer, marked, moment, ok, with};
use crate::http::blocking::blocking;
use crate::http::context::{Context, Shared};
use crate::http::error::{Kind, Problem};
use crate::http::limits::{LONG_POLL_WAIT_MS_MAX, LONG_POLLS_MAX};
use crate::http::native::search::limit_of;
use crate::http::params::Params;
use crate::pipeline::FeedError;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE, LINK};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing};
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Changes on a page when the request does not say.
const LIMIT_DEFAULT: usize = 100;
/// Kinds that one request may name.
const KINDS_MAX: usize = 100;
const NDJSON: &str = "application/x-ndjson";

/// Requests that wait hold a thread each; the others are answered at once, as if nobody had asked to wait.
static WAITING: Semaphore = Semaphore::const_new(LONG_POLLS_MAX);

#[derive(Serialize)]
struct ChangeView<'a> {
    id: String,
    at: String,
    r#type: &'a str,
    data: &'a serde_json::Value,
}

#[derive(Serialize)]
struct PageView<'a> {
    changes: Vec<ChangeView<'a>>,
    /// What to ask `after` next.
    next: String,
    has_more: bool,
}

/// The sources of the events of the trade stream: their comments are what is told of them.
#[derive(rust_embed::RustEmbed)]
#[folder = "src/event/trade"]
struct Sources;

static VOCABULARY: OnceLock<Vocabulary> = OnceLock::new();

fn vocabulary() -> Vocabulary {
    let read = |path: std::borrow::Cow<'static, str>| {
        let text = String::from_utf8(Sources::get(&path)?.data.into_owned()).ok()?;
        Some((path.into_owned(), text))
    };
    vocabulary_of(&Sources::iter().filter_map(read).collect::<Vec<_>>())
}

/// What was asked for, read and checked.
struct Asked {
    wanted: Wanted,
    after: Option<String>,
    limit: usize,
    wait: Duration,
    knows_people: bool,
}

/// The routes of the feed.
pub(in crate::http) fn routes() -> Router<Arc<Context>> {
    Router::new().route("/v1/changes", routing::get(get)).route("/v1/changes/types", routing::get(types))
}

async fn get(State(context): Shared, RawQuery(query): RawQuery, headers: HeaderMap) -> Answer {
    let asked = Asked::read(query.as_deref())?;
    let knows_people = asked.knows_people;
    if knows_people {
        Caller::current().check_knows_people("personal")?;
    }
    let permit = if asked.wait.is_zero() { None } else { WAITING.try_acquire().ok() };
    let until = permit.as_ref().and_then(|_| Instant::now().checked_add(asked.wait));
    let streams = asked.wanted.streams.clone();
    let page = blocking(move || look(&context, &asked, until)).await??;
    drop(permit);
    let answer = respond(&page, &streams, wants_lines(&headers))?;
    // An empty page tells of nobody: whoever waits for changes does not fill the audit.
    Ok(if knows_people && !page.changes.is_empty() { marked(answer, OfPeople) } else { answer })
}

/// Every type of change there is, what it means and what fields it has.
async fn types() -> Answer {
    ok(VOCABULARY.get_or_init(vocabulary))
}

impl Asked {
    fn read(query: Option<&str>) -> Result<Self, Problem> {
        let mut params = Params::parse(query)?;
        let streams = streams_of(params.named_list("streams")?)?;
        let kinds = kinds_of(params.named_list("kinds")?, &streams)?;
        let after = params.text("after");
        let limit = limit_of(params.parsed("limit")?, LIMIT_DEFAULT, PAGE_CHANGES_MAX)?;
        let wait_ms: u64 = params.parsed("wait_ms")?.unwrap_or(0);
        let knows_people = params.flag("personal")?;
        params.finish()?;
        if wait_ms > LONG_POLL_WAIT_MS_MAX {
            return Err(Problem::invalid("wait_ms", format!("must be at most {LONG_POLL_WAIT_MS_MAX}")));
        }
        Ok(Self { wanted: Wanted { streams, kinds }, after, limit, wait: Duration::from_millis(wait_ms), knows_people })
    }
}

/// The streams that are named; trade when none is.
pub(super) fn streams_of(names: Vec<String>) -> Result<Vec<Stream>, Problem> {
    let mut streams = Vec::new();
    for name in names {
        let stream = STREAMS.into_iter().find(|stream| stream.name() == name);
        let stream = stream.ok_or_else(|| Problem::invalid("streams", format!("{name:?} is not a stream; there are trade and catalog")))?;
        if streams.contains(&stream) {
            return Err(Problem::invalid("streams", format!("{name} stands twice")));
        }
        streams.push(stream);
    }
    Ok(if streams.is_empty() { vec![Stream::Trade] } else { streams })
}

/// Names of kinds or areas, each of them one that `streams` have: what nothing has would be a feed in which nothing ever comes, and nobody was told why.
pub(super) fn kinds_of(names: Vec<String>, streams: &[Stream]) -> Result<BTreeSet<String>, Problem> {
    if names.len() > KINDS_MAX {
        return Err(Problem::invalid("kinds", format!("at most {KINDS_MAX}")));
    }
    let known = VOCABULARY.get_or_init(vocabulary).kinds(streams);
    let Some(stranger) = names.iter().find(|name| !known.contains(name.as_str())) else {
        return Ok(names.into_iter().collect());
    };
    let stranger: String = stranger.chars().take(KIND_BYTES_MAX).collect();
    let streams: Vec<&str> = streams.iter().map(|stream| stream.name()).collect();
    let known: Vec<&str> = known.into_iter().collect();
    Err(Problem::invalid("kinds", format!("{stranger:?} is no kind of {}; there are {}", streams.join(" and "), known.join(", "))))
}

/// One page, waiting for it until `until` while it is empty.
fn look(context: &Context, asked: &Asked, until: Option<Instant>) -> Result<Page, Problem> {
    let readers = context.shop.readers();
    let feed = Arc::clone(readers.feed());
    let streams = &asked.wanted.streams;
    let bounds = |stream| feed.bounds(stream).unwrap_or_default();
    let read = |text: &str| Cursor::read(text, streams, bounds).map_err(|error| cursor_problem(&error));
    let mut from = asked.after.as_deref().map_or_else(|| Ok(Cursor::at_start(streams, bounds)), read)?;
    let audience = if asked.knows_people { Audience::trusted(readers.people()) } else { Audience::anybody() };
    loop {
        let seen = feed.seen();
        let page = page_of(&feed, &readers.catalog(), &asked.wanted, from, asked.limit, &audience).map_err(|error| feed_problem(&error))?;
        let left = until.map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()));
        if !page.changes.is_empty() || left.is_zero() || !context.shop.is_ready() {
            return Ok(page);
        }
        from = page.next;
        if !page.has_more {
            feed.wait_past(seen, left);
        }
    }
}

pub(super) fn cursor_problem(error: &CursorError) -> Problem {
    Problem::invalid("after", error.to_string())
}

pub(super) fn feed_problem(error: &FeedError) -> Problem {
    match error {
        FeedError::Discarded { .. } => Problem::of_field(Kind::Discarded, "after", error.to_string()),
        FeedError::Beyond { .. } => {
            Problem::invalid("after", format!("{error}; if it once existed, the shop was restored from a backup that is older than it"))
        }
        FeedError::Private(_) => Problem::invalid("streams", error.to_string()),
        FeedError::Journal { .. } => Problem::internal(error),
    }
}

fn wants_lines(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains(NDJSON))
}

fn view(change: &Change) -> ChangeView<'_> {
    ChangeView { id: change.id.to_string(), at: moment(change.at), r#type: &change.kind, data: &change.data }
}

fn respond(page: &Page, streams: &[Stream], as_lines: bool) -> Answer {
    let next = page.next.text(streams);
    let names: Vec<&str> = streams.iter().map(|stream| stream.name()).collect();
    let link = format!("</v1/changes?streams={}&after={next}>; rel=\"next\"", names.join(","));
    let changes = page.changes.iter().map(view);
    let response = if as_lines { lines(changes)? } else { ok(&PageView { changes: changes.collect(), next, has_more: page.has_more })? };
    Ok(with(response, LINK, &link))
}

fn lines<'a>(changes: impl Iterator<Item = ChangeView<'a>>) -> Result<Response, Problem> {
    let mut bytes = Vec::with_capacity(16 << 10);
    for change in changes {
        serde_json::to_writer(&mut bytes, &change).map_err(|error| Problem::internal(&error))?;
        bytes.push(b'\n');
    }
    Ok(([(CONTENT_TYPE, HeaderValue::from_static(NDJSON))], Body::from(bytes)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_asked_is_refused_by_name() {
        let check = |query: &str, field: &str| {
            let problem = Asked::read(Some(query)).err().unwrap_or_else(|| panic!("{query} is refused"));
            assert_eq!(problem.field(), Some(field), "{query}");
        };
        check("streams=activity", "streams");
        check("streams=trade,trade", "streams");
        check("kinds=OrderPlaced", "kinds");
        check("kinds=order_placed,order_place", "kinds");
        check("kinds=product_put", "kinds");
        check("kinds=key_used", "kinds");
        check("streams=catalog&kinds=order_placed", "kinds");
        check("limit=0", "limit");
        check("limit=1001", "limit");
        check("wait_ms=25001", "wait_ms");
        check("wait_ms=-1", "wait_ms");
        check("personal=maybe", "personal");
        check("from=1", "from");
    }

    #[test]
    fn a_kind_that_nothing_has_is_told_with_those_there_are() {
        let problem = kinds_of(vec!["order_place".to_owned()], &[Stream::Trade]).expect_err("is no kind");
        let detail = problem.detail();
        assert!(detail.contains("\"order_place\"") && detail.contains("order_placed") && !detail.contains("product_put"), "{detail}");
        let long = kinds_of(vec!["x".repeat(9_000)], &[Stream::Catalog]).expect_err("is no kind");
        assert!(long.detail().len() < 200, "{}", long.detail());
        assert!(kinds_of(vec!["product_put".to_owned(), "pricing".to_owned()], &STREAMS).is_ok());
    }

    #[test]
    fn every_type_says_what_it_means_and_so_does_every_field() {
        let told = vocabulary();
        let names: Vec<&str> = told.types.iter().map(|shape| shape.name.as_str()).collect();
        for known in ["stock_moved", "cart_opened", "order_placed", "payment_captured", "shopper.erased", "product_put"] {
            assert!(names.contains(&known), "{known} of {names:?}");
        }
        for shape in told.types.iter().chain(&told.shapes) {
            assert!(!shape.about.is_empty() && shape.fields.iter().all(|field| !field.about.is_empty()), "{shape:?}");
        }
        assert!(!names.contains(&"key_used") && !names.contains(&"pricing"));
    }

    #[test]
    fn trade_is_told_when_nothing_is_said() {
        let asked = Asked::read(Some("after=12&kinds=order_placed,pricing")).unwrap_or_else(|problem| panic!("{problem:?}"));
        assert_eq!((asked.wanted.streams, asked.limit, asked.knows_people), (vec![Stream::Trade], LIMIT_DEFAULT, false));
        assert_eq!(asked.wanted.kinds.len(), 2);
    }
}
