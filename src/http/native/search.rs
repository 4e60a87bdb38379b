//! `GET` and `POST /v1/search`.

use super::card::{Fields, Shelf, Shown};
use super::experiments;
use super::facets::FacetAsked;
use super::marketplaces::known;
use crate::event::ActivityEvent;
use crate::http::access::Caller;
use crate::http::admission::Ticket;
use crate::http::answer::{Answer, json_bytes, to_json_of_about, took_us};
use crate::http::body::Json;
use crate::http::context::{Context, Shared};
use crate::http::error::Problem;
use crate::http::params::Params;
use crate::http::visitor::Visitor;
use crate::id::{MarketplaceId, ProductId, QueryId, SessionId, ShopperId};
use crate::search::experiment::{Overrides, Stated};
use crate::search::merchandising::Merchandised;
use crate::search::thesaurus::Alternative;
use crate::search::{self, Group, GroupBy, Hit, Intent, IntentKind, Mode, Moment, Request};
use crate::signal::demand;
use crate::stdx::clock::{Deadline, Timestamp};
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Instant;

/// Hits on a page when the request does not say.
const LIMIT_DEFAULT: usize = 20;
/// Most bytes in the name of a segment.
const SEGMENT_BYTES_MAX: usize = 128;
/// Hits of a group when the request does not say.
const GROUP_LIMIT_DEFAULT: usize = 3;
/// Bytes that a hit takes in an answer, and all else beside hits and facets, about.
const HIT_BYTES: usize = 512;
const ANSWER_BYTES: usize = 4 << 10;
/// Longer queries were pasted, not typed: they are answered and not learnt from.
const RECORDED_BYTES_MAX: usize = 1_024;

/// The body of `POST /v1/search`; `GET` takes the same names as parameters.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct SearchBody {
    q: String,
    like: Vec<ProductId>,
    filter: Option<String>,
    facets: Vec<FacetAsked>,
    sort: Option<String>,
    group_by: Option<String>,
    group_limit: Option<usize>,
    limit: Option<usize>,
    cursor: Option<String>,
    mode: Option<Mode>,
    spelling: Option<Spelling>,
    prefix: bool,
    explain: bool,
    fields: Option<String>,
    ignore_intents: Vec<IntentKind>,
    marketplace: Option<MarketplaceId>,
    shopper_id: Option<ShopperId>,
    session_id: Option<SessionId>,
    personalize: Option<bool>,
    segments: Vec<String>,
    /// An arm of an experiment, written `experiment:arm`.
    arm: Option<String>,
}

/// Whether misspelled words are corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Spelling {
    On,
    Off,
}

#[derive(Serialize)]
pub(in crate::http) struct SearchAnswer {
    query_id: QueryId,
    total: u64,
    hits: Vec<HitAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<GroupAnswer>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups_total: Option<u64>,
    /// Written by [`SearchAnswer::json`].
    #[serde(skip)]
    facets: Vec<Arc<search::FacetCounts>>,
    corrections: Vec<Correction>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alternatives: Vec<Alternative>,
    intents: Vec<Intent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    read: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_typed: Option<AsTyped>,
    relaxations: Vec<String>,
    demoted_count: usize,
    #[serde(flatten)]
    merchandised: Merchandised,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    experiments: Vec<experiments::Told>,
    degraded: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    took_us: u64,
}

impl SearchAnswer {
    /// As JSON, the facets last.
    pub(in crate::http) fn json(&self) -> Result<Vec<u8>, Problem> {
        let facets_bytes = search::facet::json::bytes_of(&self.facets);
        let mut bytes = to_json_of_about(self, ANSWER_BYTES + self.hits.len() * HIT_BYTES + facets_bytes)?;
        if bytes.pop() == Some(b'}') {
            bytes.extend_from_slice(br#","facets":"#);
            search::facet::json::write(&self.facets, &mut bytes);
            bytes.push(b'}');
        }
        Ok(bytes)
    }
}

#[derive(Serialize)]
struct HitAnswer {
    id: ProductId,
    score: f32,
    product: Shown,
    #[serde(skip_serializing_if = "Option::is_none")]
    highlight: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explain: Option<serde_json::Value>,
}

/// What to send for the answer to what was typed, when something was corrected.
#[derive(Serialize)]
struct AsTyped {
    q: String,
    spelling: &'static str,
}

#[derive(Serialize)]
struct GroupAnswer {
    value: Option<String>,
    total: u64,
    hits: Vec<HitAnswer>,
}

#[derive(Serialize)]
struct Correction {
    typed: String,
    read: String,
}

pub(in crate::http) async fn get(State(context): Shared, ticket: Ticket, RawQuery(query): RawQuery) -> Answer {
    let mut params = Params::parse(query.as_deref())?;
    let body = SearchBody {
        q: params.text("q").unwrap_or_default(),
        like: params.parsed_list("like")?,
        filter: params.text("filter"),
        facets: params.list("facets").into_iter().map(FacetAsked::Text).collect(),
        sort: params.text("sort"),
        group_by: params.text("group_by"),
        group_limit: params.parsed("group_limit")?,
        limit: params.parsed("limit")?,
        cursor: params.text("cursor"),
        mode: params.text("mode").map(|mode| mode_of(&mode)).transpose()?,
        spelling: params.text("spelling").map(|spelling| spelling_of(&spelling)).transpose()?,
        prefix: params.flag("prefix")?,
        explain: params.flag("explain")?,
        fields: params.text("fields"),
        ignore_intents: intents_of(&params.list("ignore_intents"))?,
        marketplace: params.parsed("marketplace")?,
        shopper_id: params.parsed("shopper_id")?,
        session_id: params.parsed("session_id")?,
        personalize: params.given_flag("personalize")?,
        segments: params.list("segments"),
        arm: params.named("arm")?,
    };
    params.finish()?;
    turn_and_answer(&context, &ticket, body).await
}

pub(in crate::http) async fn post(State(context): Shared, ticket: Ticket, Json(body): Json<SearchBody>) -> Answer {
    turn_and_answer(&context, &ticket, body).await
}

/// Answers one search when its turn has come.
async fn turn_and_answer(context: &Context, ticket: &Ticket, body: SearchBody) -> Answer {
    let _turn = context.turn(ticket).await?;
    let answer = answer(context, &context.moment()?, body, context.search_deadline(ticket))?;
    Ok(json_bytes(StatusCode::OK, answer.json()?))
}

/// Answers one search on a moment, and tells the activity stream.
pub(in crate::http) fn answer(context: &Context, moment: &Moment, body: SearchBody, deadline: Deadline) -> Result<SearchAnswer, Problem> {
    let started = Instant::now();
    let fields = Fields::read(body.fields.as_deref())?;
    let manner = manner_of(&body);
    let mut request = request_of(body, context.shop.now(), deadline)?;
    let Found { query_id, answer: found, experiments } = find(context, moment, &mut request, &manner)?;
    let shelf = Shelf { catalog: &moment.catalog, signals: &moment.signals, marketplace: request.marketplace.as_ref() };
    let groups_total = found.groups.is_some().then_some(found.groups_total);
    let shown = |hits: &[Hit]| hits.iter().filter_map(|hit| shown(&shelf, hit, &fields)).collect::<Vec<HitAnswer>>();
    let group = |group: Group| GroupAnswer { value: group.value, total: group.total, hits: shown(&group.hits) };
    Ok(SearchAnswer {
        query_id,
        total: found.total,
        hits: shown(&found.hits),
        degraded: found.is_degraded(),
        groups: found.groups.map(|groups| groups.into_iter().map(group).collect()),
        groups_total,
        facets: found.facets,
        corrections: found.corrections.into_iter().map(|(typed, read)| Correction { typed, read }).collect(),
        alternatives: found.alternatives,
        intents: found.intents,
        as_typed: found.read.as_ref().map(|_| AsTyped { q: request.q.clone(), spelling: "off" }),
        read: found.read,
        relaxations: found.relaxations,
        demoted_count: found.demoted_count,
        merchandised: found.merchandised,
        experiments,
        left_out: found.left_out,
        next_cursor: found.next_cursor,
        took_us: took_us(started),
    })
}

/// How a search is treated beside being answered.
#[derive(Debug, Clone)]
pub(in crate::http) struct Manner {
    /// Whether it leans towards what the shopper and the visit looked at lately.
    pub(in crate::http) personalize: bool,
    /// Whether the activity stream is told of it.
    pub(in crate::http) told: bool,
    /// What it says of experiments.
    pub(in crate::http) experiments: experiments::Asked,
}

/// An answer, its name, and the experiments that it takes part in.
pub(in crate::http) struct Found {
    pub(in crate::http) query_id: QueryId,
    pub(in crate::http) answer: search::Answer,
    pub(in crate::http) experiments: Vec<experiments::Told>,
}

fn manner_of(body: &SearchBody) -> Manner {
    let stated = Stated {
        mode: body.mode.is_some(),
        spelling: body.spelling.is_some(),
        intents: !body.ignore_intents.is_empty(),
        personalization: body.personalize.is_some(),
    };
    let experiments = experiments::Asked { stated, arm: body.arm.clone() };
    Manner { personalize: body.personalize.unwrap_or(true), told: true, experiments }
}

/// Answers a request on a moment, within what the caller's key shows, and names the answer; the one way from this edge to the engine's search.
pub(in crate::http) fn find(context: &Context, moment: &Moment, request: &mut Request, manner: &Manner) -> Result<Found, Problem> {
    let started = Instant::now();
    let caller = Caller::current();
    request.within = caller.filter().map(str::to_owned);
    known(context, moment, request.marketplace.as_ref())?;
    request.marketplace = caller.marketplace(request.marketplace.take())?;
    if manner.personalize && (request.shopper.is_some() || request.session.is_some()) {
        request.recent = context.shop.readers().recommend().history(request.shopper.as_ref(), request.session.as_ref());
    }
    let enrolled = experiments::take_part(moment, request, &manner.experiments)?;
    let found = search::search(moment, request)?;
    let query_id = found.query_id.clone().map_or_else(|| QueryId::new(&context.shop.new_name("query")), Ok);
    let query_id = query_id.map_err(|error| Problem::internal(&error))?;
    if found.is_degraded() {
        metrics::counter!("shopkeeper_searches_degraded_total").increment(1);
    }
    metrics::counter!("shopkeeper_search_demoted_hits_total").increment(found.demoted_count as u64);
    metrics::histogram!("shopkeeper_search_seconds").record(started.elapsed().as_secs_f64());
    if manner.told {
        let searched = searched(request, &query_id, found.read.as_deref().unwrap_or(&request.q), found.total);
        let events: Vec<ActivityEvent> = experiments::exposure(&enrolled, request, &query_id).into_iter().chain(searched).collect();
        if !events.is_empty() {
            context.activity_unpromised(events, "shopkeeper_searches_unrecorded_total");
        }
    }
    Ok(Found { query_id, answer: found, experiments: experiments::told(enrolled, request, manner.told) })
}

fn shown(shelf: &Shelf<'_>, hit: &Hit, fields: &Fields) -> Option<HitAnswer> {
    let (id, product) = shelf.show(hit.ordinal, hit.variant, fields)?;
    Some(HitAnswer { id, score: hit.score, product, highlight: hit.highlight.clone(), explain: hit.explain.clone() })
}

/// What the activity stream is told of a search: only first pages of searches with words that somebody may have typed, and nothing that looks
/// like somebody's own. It is told as it was read, lest completions and spelling learn slips.
fn searched(request: &Request, query: &QueryId, read: &str, matches_count: u64) -> Option<ActivityEvent> {
    let is_typed = !request.q.trim().is_empty() && request.q.len() <= RECORDED_BYTES_MAX;
    // What a filter left nothing of says nothing of the words.
    let is_emptied = matches_count == 0 && request.filter.is_some();
    if !is_typed || is_emptied || request.cursor.is_some() || request.offset > 0 || demand::looks_personal(&request.q) {
        return None;
    }
    let text = demand::normalised(read);
    let written = Some(demand::written(read)).filter(|written| *written != text);
    let origin = Visitor { shopper: request.shopper.clone(), session: request.session.clone() }.origin();
    let is_unfinished = request.prefix;
    Some(ActivityEvent::Searched { query: query.clone(), text, written, matches_count, is_unfinished, origin, happened_at: None })
}

/// The search that a body asks for at this time, to be answered within the deadline.
pub(in crate::http) fn request_of(body: SearchBody, now: Timestamp, deadline: Deadline) -> Result<Request, Problem> {
    if body.group_by.is_none() && body.group_limit.is_some() {
        return Err(Problem::invalid("group_limit", "there is no group_by"));
    }
    let Visitor { shopper, session } = Visitor::checked(body.shopper_id, body.session_id)?;
    let group_limit = body.group_limit.unwrap_or(GROUP_LIMIT_DEFAULT);
    Ok(Request {
        q: body.q,
        like: body.like,
        filter: body.filter.filter(|filter| !filter.trim().is_empty()),
        facets: body.facets.into_iter().map(FacetAsked::into_text).collect(),
        sort: body.sort.as_deref().map_or(Ok(Vec::new()), search::sort::parse)?,
        group_by: body.group_by.map(|field| GroupBy { field, limit: group_limit }),
        limit: limit_of(body.limit, LIMIT_DEFAULT, search::request::LIMIT_MAX)?,
        offset: 0,
        cursor: body.cursor.filter(|cursor| !cursor.is_empty()),
        mode: body.mode.unwrap_or_default(),
        as_typed: body.spelling == Some(Spelling::Off),
        prefix: body.prefix,
        explain: body.explain,
        ignored_intents: body.ignore_intents,
        marketplace: body.marketplace,
        within: None,
        shopper,
        session,
        recent: Vec::new(),
        segments: segments_of(body.segments)?,
        overrides: Overrides::default(),
        now,
        deadline,
    })
}

/// A page size within its bounds.
pub(in crate::http) fn limit_of(limit: Option<usize>, default: usize, max: usize) -> Result<usize, Problem> {
    let limit = limit.unwrap_or(default);
    if (1..=max).contains(&limit) { Ok(limit) } else { Err(Problem::invalid("limit", format!("must be between 1 and {max}"))) }
}

/// Names of groups that the caller counts the shopper to, each of a sensible length.
pub(in crate::http) fn segments_of(segments: Vec<String>) -> Result<Vec<String>, Problem> {
    match segments.iter().find(|segment| segment.is_empty() || segment.len() > SEGMENT_BYTES_MAX) {
        Some(_) => Err(Problem::invalid("segments", format!("a segment has 1 to {SEGMENT_BYTES_MAX} bytes"))),
        None => Ok(segments),
    }
}

fn mode_of(text: &str) -> Result<Mode, Problem> {
    match text {
        "hybrid" => Ok(Mode::Hybrid),
        "text" => Ok(Mode::Text),
        "vector" => Ok(Mode::Vector),
        _ => Err(Problem::invalid("mode", "must be hybrid, text or vector")),
    }
}

/// Kinds of intents by name; `all` is every kind.
fn intents_of(names: &[String]) -> Result<Vec<IntentKind>, Problem> {
    if names.iter().any(|name| name == "all") {
        return Ok(IntentKind::ALL.to_vec());
    }
    let kind = |name: &String| IntentKind::ALL.into_iter().find(|kind| kind.name() == name).ok_or(());
    names.iter().map(kind).collect::<Result<_, _>>().map_err(|()| {
        let known: Vec<&str> = IntentKind::ALL.into_iter().map(IntentKind::name).collect();
        Problem::invalid("ignore_intents", format!("known are all, {}", known.join(", ")))
    })
}

fn spelling_of(text: &str) -> Result<Spelling, Problem> {
    match text {
        "on" => Ok(Spelling::On),
        "off" => Ok(Spelling::Off),
        _ => Err(Problem::invalid("spelling", "must be on or off")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_have_both_ends() {
        assert_eq!(limit_of(None, 20, 200), Ok(20));
        assert!(limit_of(Some(0), 20, 200).is_err());
        assert!(limit_of(Some(201), 20, 200).is_err());
    }
}
