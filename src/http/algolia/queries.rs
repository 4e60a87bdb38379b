//! Searches: one, several at once, and among the values of a facet.

use super::answered;
use super::asked::Asked;
use super::fault::{Answer, Fault, invalid};
use super::filters::field_of;
use super::given::Given;
use super::highlights::marked_value;
use crate::http::admission::Ticket;
use crate::http::answer::{ok, took_us};
use crate::http::body;
use crate::http::context::{Context, Shared};
use crate::http::limits::{JSON_BYTES_MAX, SEARCHES_MAX};
use crate::http::native::facets::FacetObject;
use crate::http::native::search::{Manner, find};
use crate::http::path::{Path, Paths};
use crate::search::Moment;
use crate::search::facet::countable;
use crate::stdx::clock::Deadline;
use axum::extract::{Request, State};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::time::Instant;

/// Values of a facet when the request does not say.
const FACET_HITS_DEFAULT: usize = 10;
/// Most values of a facet.
const FACET_HITS_MAX: usize = 100;

/// The body of `/1/indexes/*/queries`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Queries {
    requests: Vec<Map<String, Value>>,
    /// Whether later requests are answered once an earlier one has enough; all of them always are here.
    #[serde(default)]
    #[expect(dead_code, reason = "clients send it, and answering everything is right in both cases")]
    strategy: Option<String>,
}

/// A body, whatever its type says: these clients call their JSON text, so that browsers need not ask first.
pub(super) async fn read<T: serde::de::DeserializeOwned>(request: Request) -> Result<T, Fault> {
    let (head, body) = request.into_parts();
    let bytes = body::read(&head.headers, body, JSON_BYTES_MAX).await?;
    // No body is a request without parameters, as theirs takes it.
    Ok(body::parse(if bytes.is_empty() { b"{}" } else { &bytes })?)
}

/// Several searches, on one moment of the shop and within one deadline.
pub(in crate::http) async fn many(State(context): Shared, ticket: Ticket, request: Request) -> Answer {
    let Queries { requests, .. } = read(request).await?;
    if !(1..=SEARCHES_MAX).contains(&requests.len()) {
        return Err(invalid("requests", format!("must be between 1 and {SEARCHES_MAX}")).into());
    }
    let _turn = context.turn(&ticket).await?;
    let (moment, deadline) = (context.moment()?, context.search_deadline(&ticket));
    let each = requests.into_iter().enumerate();
    let results: Result<Vec<Value>, Fault> =
        each.map(|(index, one)| of_several(&context, &moment, one, &deadline).map_err(|fault| fault.in_request(index))).collect();
    Ok(ok(&json!({"results": results?}))?)
}

fn of_several(context: &Context, moment: &Moment, mut request: Map<String, Value>, deadline: &Deadline) -> Result<Value, Fault> {
    let mut take = |name: &str| match request.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid(name, "must be a text")),
    };
    let (index, kind, facet) = (take("indexName")?, take("type")?, take("facet")?);
    let index = index.ok_or_else(|| invalid("indexName", "is missing"))?;
    let given = Given::of(request)?;
    match (kind.as_deref(), facet) {
        (None | Some("default"), None) => search(context, moment, index, given, deadline),
        (Some("facet"), Some(facet)) => values(context, moment, index, &facet, given, deadline),
        (Some("facet"), None) => Err(invalid("facet", "is missing").into()),
        (None | Some("default"), Some(_)) => Err(invalid("facet", "goes with the type facet").into()),
        (Some(_), _) => Err(invalid("type", "must be default or facet").into()),
    }
}

/// One search.
pub(in crate::http) async fn one(State(context): Shared, ticket: Ticket, Path(index): Path, request: Request) -> Answer {
    let given = Given::of(read(request).await?)?;
    let _turn = context.turn(&ticket).await?;
    Ok(ok(&search(&context, &context.moment()?, index, given, &context.search_deadline(&ticket))?)?)
}

fn search(context: &Context, moment: &Moment, index: String, given: Given, deadline: &Deadline) -> Result<Value, Fault> {
    let started = Instant::now();
    let mut asked = Asked::of(index, given, moment.scope(None), context.shop.now(), deadline.clone())?;
    let found = find(context, moment, &mut asked.request, &asked.manner)?;
    Ok(answered::result(&asked, found.answer, &found.query_id, moment, started)?)
}

/// The values of a facet that have a word which begins as typed.
pub(in crate::http) async fn facet_values(State(context): Shared, ticket: Ticket, Paths(index, facet): Paths, request: Request) -> Answer {
    let given = Given::of(read(request).await?)?;
    let _turn = context.turn(&ticket).await?;
    Ok(ok(&values(&context, &context.moment()?, index, &facet, given, &context.search_deadline(&ticket))?)?)
}

fn values(context: &Context, moment: &Moment, index: String, facet: &str, given: Given, deadline: &Deadline) -> Result<Value, Fault> {
    let started = Instant::now();
    let scope = moment.scope(None);
    let (field, level) = field_of(facet);
    if !countable(field, scope).is_some_and(|known| known.has_words) {
        return Err(invalid("facet", format!("`{facet}` has no texts to search among")).into());
    }
    let searched = given.text("facetQuery")?.unwrap_or_default().to_owned();
    let limit = given.whole("maxFacetHits")?.unwrap_or(FACET_HITS_DEFAULT).clamp(1, FACET_HITS_MAX);
    let tags = [given.text("highlightPreTag")?.unwrap_or("<em>"), given.text("highlightPostTag")?.unwrap_or("</em>")].map(str::to_owned);
    let mut asked = Asked::of(index, given, scope, context.shop.now(), deadline.clone())?;
    let wanted = FacetObject {
        field: field.to_owned(),
        limit: Some(if level.is_some() { FACET_HITS_MAX * 10 } else { limit } as u64),
        search: Some(searched.clone()),
        conjunctive: true,
        ..FacetObject::default()
    };
    asked.request.facets = vec![wanted.text()];
    (asked.request.limit, asked.request.offset) = (0, 0);
    let found = find(context, moment, &mut asked.request, &Manner { told: false, ..asked.manner.clone() })?.answer;
    let counted = found.facets.iter().flat_map(|counted| counted.values.iter()).filter(|value| value.count > 0);
    let on_level = counted.filter(|value| level.is_none_or(|level| value.value.matches(" > ").count() == level)).take(limit);
    let hits: Vec<Value> = on_level
        .map(|value| {
            let highlighted = marked_value(value.value, &searched, [&tags[0], &tags[1]]);
            json!({"value": value.value, "highlighted": highlighted, "count": value.count})
        })
        .collect();
    let is_whole = !found.is_degraded();
    Ok(json!({"facetHits": hits, "exhaustiveFacetsCount": is_whole, "processingTimeMS": took_us(started) / 1_000}))
}
