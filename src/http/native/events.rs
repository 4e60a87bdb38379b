//! `POST /v1/events`: what shoppers do.

use super::lines::{Batch, Batches, Tally};
use crate::catalog::CatalogSnapshot;
use crate::event::{ActivityEvent, Behaviour, Origin};
use crate::http::access::Caller;
use crate::http::answer::{Answer, json};
use crate::http::body::{self, Media};
use crate::http::context::Shared;
use crate::http::error::Problem;
use crate::http::keys::keyed_if_given;
use crate::http::limits::JSON_BYTES_MAX;
use crate::http::visitor::{Visitor, refuse_card_number};
use crate::id::{ProductId, QueryId, RecommendationId, SessionId, ShopperId};
use crate::stdx::clock::Timestamp;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde::{Deserialize, Deserializer};

/// Clocks of browsers run ahead; an event further in the future is refused.
const AHEAD_MAX_MS: i64 = 5 * 60 * 1_000;
/// Units that one event may state.
const QUANTITY_MAX: u32 = 100_000;

/// One event as clients send it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct EventBody {
    pub(in crate::http) r#type: Behaviour,
    pub(in crate::http) product_id: ProductId,
    pub(in crate::http) quantity: Option<u32>,
    pub(in crate::http) shopper_id: Option<ShopperId>,
    pub(in crate::http) session_id: Option<SessionId>,
    pub(in crate::http) query_id: Option<QueryId>,
    pub(in crate::http) recommendation_id: Option<RecommendationId>,
    pub(in crate::http) rank: Option<u32>,
    pub(in crate::http) happened_at: Option<Moment>,
}

/// A moment, as RFC 3339.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Moment(pub(in crate::http) Timestamp);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(input)?;
        let at: jiff::Timestamp = text.parse().map_err(|_| serde::de::Error::custom("must be a moment as in 2026-01-31T12:00:00Z"))?;
        Ok(Self(Timestamp(at.as_millisecond())))
    }
}

/// The event that a client tells of, checked against the products there are.
pub(in crate::http) fn event_of(body: EventBody, catalog: &CatalogSnapshot, now: Timestamp) -> Result<ActivityEvent, Problem> {
    let product = catalog.ordinal_of(&body.product_id);
    let product = product.ok_or_else(|| unknown_product(&body.product_id))?;
    let quantity = body.quantity.unwrap_or(1);
    if !(1..=QUANTITY_MAX).contains(&quantity) {
        return Err(Problem::invalid("quantity", format!("must be between 1 and {QUANTITY_MAX}")));
    }
    if body.rank == Some(0) {
        return Err(Problem::invalid("rank", "ranks start at 1"));
    }
    refuse_card_number("query_id", body.query_id.as_ref().map(QueryId::as_str))?;
    refuse_card_number("recommendation_id", body.recommendation_id.as_ref().map(RecommendationId::as_str))?;
    let visitor = Visitor::checked(body.shopper_id, body.session_id)?;
    let happened_at = body.happened_at.map_or(now, |moment| moment.0);
    if happened_at > now.plus_ms(AHEAD_MAX_MS) {
        return Err(Problem::invalid("happened_at", "lies in the future"));
    }
    let origin = Origin { query: body.query_id, recommendation: body.recommendation_id, rank: body.rank, ..visitor.origin() };
    Ok(ActivityEvent::Behaved { behaviour: body.r#type, product, quantity, origin, happened_at })
}

fn unknown_product(id: &ProductId) -> Problem {
    Problem::invalid("product_id", format!("there is no product {id}"))
}

/// One event as JSON, or many as NDJSON. Under a key, each batch of lines is told once: a repetition of the same body tells nothing twice,
/// wherever the first one broke off.
pub(in crate::http) async fn post(State(context): Shared, request: Request) -> Answer {
    let (head, body) = request.into_parts();
    let media = Media::of(&head.headers)?;
    let catalog = context.shop.readers().catalog();
    let now = context.shop.now();
    let caller = Caller::current();
    let read = |bytes: &[u8]| {
        let body: EventBody = body::parse(bytes)?;
        let product = catalog.ordinal_of(&body.product_id);
        if !product.map_or(Ok(true), |product| caller.shows(&context, product))? {
            return Err(unknown_product(&body.product_id));
        }
        event_of(body, &catalog, now)
    };
    let mut tally = Tally::new(&["accepted"]);
    match media {
        Media::Json => {
            let bytes = body::read(&head.headers, body, JSON_BYTES_MAX).await?;
            let key = keyed_if_given(&head.headers, "events", "", &bytes)?;
            context.activity_under(key, vec![read(&bytes)?]).await?;
            tally.count("accepted");
        }
        Media::Lines => {
            let mut batches = Batches::keyed(&head.headers, body, "events", read)?;
            while let Some(Batch { numbers, values: events, key }) = batches.next(&mut tally).await? {
                context.activity_under(key, events).await.map_err(|problem| tally.after(&problem))?;
                numbers.iter().for_each(|_| tally.count("accepted"));
            }
        }
    }
    json(StatusCode::ACCEPTED, &tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_names_what_is_wrong_with_it() {
        let check = |json: &str, field: &str| {
            let read = body::parse::<EventBody>(json.as_bytes()).and_then(|body| event_of(body, &CatalogSnapshot::default(), Timestamp(0)));
            assert_eq!(read.expect_err(json).field(), Some(field), "{json}");
        };
        check(r#"{"type":"look","product_id":"p"}"#, "type");
        check(r#"{"type":"view"}"#, "product_id");
        check(r#"{"type":"view","product_id":"p"}"#, "product_id");
        check(r#"{"type":"view","product_id":"p","happened_at":"yesterday"}"#, "happened_at");
        check(r#"{"type":"view","product_id":"p","shopper":"s"}"#, "shopper");
    }
}
