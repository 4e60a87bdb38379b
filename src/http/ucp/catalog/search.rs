//! Search.

use super::filter::Filters;
use super::shapes::{self, ProductShape};
use crate::http::context::Context;
use crate::http::error::{Kind, Problem};
use crate::http::native::experiments::Asked;
use crate::http::native::search::{Manner, find, limit_of};
use crate::http::ucp::call::{Call, Outcome};
use crate::http::ucp::capability::CATALOG_SEARCH;
use crate::http::ucp::shapes::Ucp;
use crate::http::visitor::Visitor;
use crate::id::{SessionId, ShopperId};
use crate::money::Currency;
use crate::search::Request;
use crate::search::request::{LIMIT_MAX, SEGMENTS_MAX};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

/// Products on a page when the request does not say; the protocol's own default.
const LIMIT_DEFAULT: usize = 10;
/// Longest claim of a benefit that is passed on to rules.
const SEGMENT_BYTES_MAX: usize = 128;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SearchBody {
    #[serde(default)]
    query: String,
    #[serde(default)]
    filters: Filters,
    #[serde(default)]
    pagination: PageBody,
    #[serde(default)]
    context: ContextBody,
    #[serde(default)]
    signals: Signals,
    #[serde(rename = "attribution")]
    _attribution: Option<IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PageBody {
    cursor: Option<String>,
    limit: Option<usize>,
}

/// The context is the platform's own. The currency, in which a price filter is meant, is looked at, and claims of benefits, for which rules
/// may wait.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ContextBody {
    currency: Option<Currency>,
    eligibility: Vec<String>,
}

/// What the platform has seen itself. Our own names say who asks and in which visit, so that hits lean towards what they looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Signals {
    #[serde(rename = "dev.shopkeeper.shopper_id")]
    shopper: Option<ShopperId>,
    #[serde(rename = "dev.shopkeeper.session_id")]
    session: Option<SessionId>,
}

#[derive(Serialize)]
struct SearchAnswer {
    ucp: Ucp,
    products: Vec<ProductShape>,
    pagination: Page,
}

#[derive(Serialize)]
struct Page {
    has_next_page: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    total_count: u64,
}

pub(in crate::http::ucp) fn search(context: &Context, call: &Call) -> Result<Outcome, Problem> {
    let body: SearchBody = call.parsed()?;
    if body.query.trim().is_empty() && body.filters.is_empty() && body.pagination.cursor.is_none() && body.pagination.limit.is_none() {
        return Err(Problem::of_field(Kind::MissingField, "query", "say what is looked for, or a filter"));
    }
    let Visitor { shopper, session } = Visitor::checked(body.signals.shopper, body.signals.session)?;
    let mut segments = body.context.eligibility;
    segments.retain(|segment| (1..=SEGMENT_BYTES_MAX).contains(&segment.len()));
    segments.truncate(SEGMENTS_MAX);
    let mut request = Request {
        filter: body.filters.expression(body.context.currency.unwrap_or(Currency::USD)),
        q: body.query,
        limit: limit_of(body.pagination.limit, LIMIT_DEFAULT, LIMIT_MAX).map_err(|problem| problem.in_field("pagination.limit"))?,
        cursor: body.pagination.cursor,
        shopper,
        session,
        segments,
        now: context.shop.now(),
        deadline: context.shop.search_deadline(),
        ..Request::default()
    };
    let (moment, trade) = (context.moment()?, context.shop.readers().trade());
    let manner = Manner { personalize: true, told: true, experiments: Asked::default() };
    let found = find(context, &moment, &mut request, &manner).map_err(renamed)?.answer;
    let all = Filters::default();
    let products = found.hits.iter().filter_map(|hit| {
        let product = moment.catalog.product(hit.ordinal)?;
        let variants = shapes::variants(&trade, &product, &all);
        shapes::product(product, shapes::options(&variants), variants)
    });
    Outcome::ok(&SearchAnswer {
        ucp: Ucp::of(&call.party.active, CATALOG_SEARCH),
        products: products.collect(),
        pagination: Page { has_next_page: found.next_cursor.is_some(), cursor: found.next_cursor, total_count: found.total },
    })
}

/// The search's field names as the protocol has them.
fn renamed(problem: Problem) -> Problem {
    match problem.field() {
        Some("q") => problem.in_field("query"),
        Some("cursor") => problem.in_field("pagination.cursor"),
        Some("filter") => problem.in_field("filters"),
        _ => problem,
    }
}
