//! `/v1/products`: one product read, put, patched or removed, and many put at once.

use super::lines::{Batches, Reject, Tally};
use crate::catalog::Product;
use crate::http::answer::{Answer, check_precondition, is_known, json, json_bytes, not_modified, ok, revision, with};
use crate::http::body::{self, JsonBytes, Media};
use crate::http::context::{Context, Shared};
use crate::http::error::Problem;
use crate::http::limits::JSON_BYTES_MAX;
use crate::http::params::Params;
use crate::http::path::Path;
use crate::id::{Ordinal, ProductId, Sku};
use crate::pipeline::{CatalogCommand, PutOutcome};
use axum::extract::{RawQuery, Request, State};
use axum::http::header::{ETAG, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::value::RawValue;

#[derive(Serialize)]
struct Written<'a> {
    id: &'a ProductId,
    outcome: &'static str,
}

/// A product with what is true of it right now.
#[derive(Serialize)]
struct Live<'a> {
    product: &'a RawValue,
    available: bool,
    variants: Vec<LiveVariant>,
    velocity_per_day: f32,
    conversion: f32,
    popularity: f32,
    prior: f32,
}

#[derive(Serialize)]
struct LiveVariant {
    sku: Sku,
    /// None while nobody has told its stock: it can be shown, and not be bought.
    #[serde(skip_serializing_if = "Option::is_none")]
    available_units: Option<i64>,
}

fn id_of(text: &str) -> Result<ProductId, Problem> {
    ProductId::new(text).map_err(|error| Problem::invalid("id", error.to_string()))
}

/// The document as it was put, or with `live=true` what is true of it right now beside it.
pub(in crate::http) async fn get(State(context): Shared, Path(id): Path, RawQuery(query): RawQuery, headers: HeaderMap) -> Answer {
    let mut params = Params::parse(query.as_deref())?;
    let live = params.flag("live")?;
    params.finish()?;
    let catalog = context.shop.readers().catalog();
    let ordinal = catalog.ordinal_of(&id_of(&id)?).ok_or_else(|| Problem::unknown("product", &id))?;
    let document = catalog.document(ordinal).ok_or_else(|| Problem::unknown("product", &id))?;
    if live {
        return live_answer(&context, ordinal, &document);
    }
    let revision = revision(&document);
    if is_known(&headers, &revision) {
        return Ok(not_modified(&revision));
    }
    Ok(with(json_bytes(StatusCode::OK, document.to_vec()), ETAG, &revision))
}

fn live_answer(context: &Context, ordinal: Ordinal, document: &[u8]) -> Answer {
    let readers = context.shop.readers();
    let trade = readers.trade();
    let product = Product::from_document(document).map_err(|error| Problem::internal(&error))?;
    let raw: &RawValue = serde_json::from_slice(document).map_err(|error| Problem::internal(&error))?;
    let row = readers.signals.row(ordinal);
    let units = |sku: &Sku| (!trade.stock_of(sku).is_empty()).then(|| trade.available_units(sku).max(0));
    let variants = product.variants.into_iter().map(|variant| LiveVariant { available_units: units(&variant.sku), sku: variant.sku });
    ok(&Live {
        product: raw,
        available: readers.signals.is_available(ordinal),
        variants: variants.collect(),
        velocity_per_day: row.velocity_per_day,
        conversion: row.conversion,
        popularity: row.popularity,
        prior: row.prior,
    })
}

pub(in crate::http) async fn put(State(context): Shared, Path(id): Path, headers: HeaderMap, JsonBytes(bytes): JsonBytes) -> Answer {
    let id = id_of(&id)?;
    let product: Product = body::parse(&bytes)?;
    if product.id != id {
        return Err(Problem::invalid("id", format!("the address says {id}")));
    }
    check_revision(&context, &id, &headers)?;
    put_one(&context, product).await
}

async fn put_one(context: &Context, product: Product) -> Answer {
    product.check()?;
    let id = product.id.clone();
    let revision = revision(&product.to_document()?.0);
    let outcomes = context.catalog(vec![CatalogCommand::Put(Box::new(product))]).await?;
    written(&id, outcomes.into_iter().next(), Some(&revision))
}

pub(in crate::http) async fn patch(State(context): Shared, Path(id): Path, headers: HeaderMap, JsonBytes(bytes): JsonBytes) -> Answer {
    let id = id_of(&id)?;
    let patch = body::parse(&bytes)?;
    check_revision(&context, &id, &headers)?;
    let outcomes = context.catalog(vec![CatalogCommand::Patch { id: id.clone(), patch }]).await?;
    let revision = revision_of(&context, &id);
    written(&id, outcomes.into_iter().next(), revision.as_deref())
}

pub(in crate::http) async fn delete(State(context): Shared, Path(id): Path, headers: HeaderMap) -> Answer {
    let id = id_of(&id)?;
    check_revision(&context, &id, &headers)?;
    let outcomes = context.catalog(vec![CatalogCommand::Remove { id: id.clone() }]).await?;
    written(&id, outcomes.into_iter().next(), None)
}

fn revision_of(context: &Context, id: &ProductId) -> Option<String> {
    let catalog = context.shop.readers().catalog();
    catalog.ordinal_of(id).and_then(|ordinal| catalog.document(ordinal)).map(|document| revision(&document))
}

fn check_revision(context: &Context, id: &ProductId, headers: &HeaderMap) -> Result<(), Problem> {
    check_precondition(headers, revision_of(context, id).as_deref())
}

fn written(id: &ProductId, outcome: Option<PutOutcome>, revision: Option<&str>) -> Answer {
    let outcome = outcome.ok_or_else(|| Problem::internal(&"the catalog writer gave no outcome"))?;
    let (status, outcome) = match outcome {
        PutOutcome::Created(_) => (StatusCode::CREATED, "created"),
        PutOutcome::Updated(_) => (StatusCode::OK, "updated"),
        PutOutcome::Unchanged(_) => (StatusCode::OK, "unchanged"),
        PutOutcome::Removed(_) => return Ok(StatusCode::NO_CONTENT.into_response()),
        PutOutcome::Rejected { field, reason } => return Err(Problem::invalid(field, reason)),
        PutOutcome::Unknown => return Err(Problem::unknown("product", id.as_str())),
    };
    let response = json(status, &Written { id, outcome })?;
    let response = with(response, LOCATION, &format!("/v1/products/{}", escaped(id.as_str())));
    Ok(match revision {
        Some(revision) => with(response, ETAG, revision),
        None => response,
    })
}

/// An identifier as part of a path.
pub(in crate::http) fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// One product as JSON, or many as NDJSON.
pub(in crate::http) async fn post(State(context): Shared, request: Request) -> Answer {
    let (head, body) = request.into_parts();
    match Media::of(&head.headers)? {
        Media::Json => {
            let bytes = body::read(&head.headers, body, JSON_BYTES_MAX).await?;
            put_one(&context, body::parse(&bytes)?).await
        }
        Media::Lines => post_many(&context, &head.headers, body).await,
    }
}

async fn post_many(context: &Context, headers: &HeaderMap, body: axum::body::Body) -> Result<Response, Problem> {
    let read = |line: &[u8]| {
        let product: Product = body::parse(line)?;
        product.check()?;
        Ok(CatalogCommand::Put(Box::new(product)))
    };
    let mut tally = Tally::new(&["created", "updated", "unchanged"]);
    let mut batches = Batches::new(headers, body, read)?;
    while let Some((numbers, commands)) = batches.next(&mut tally).await? {
        let outcomes = context.catalog(commands).await.map_err(|problem| tally.after(&problem))?;
        numbers.into_iter().zip(outcomes).for_each(|(line, outcome)| tell(&mut tally, line, outcome));
    }
    ok(&tally)
}

fn tell(tally: &mut Tally, line: u64, outcome: PutOutcome) {
    match outcome {
        PutOutcome::Created(_) => tally.count("created"),
        PutOutcome::Updated(_) => tally.count("updated"),
        PutOutcome::Unchanged(_) => tally.count("unchanged"),
        PutOutcome::Rejected { field, reason } => tally.reject(Reject { line, field: Some(field), reason }),
        PutOutcome::Removed(_) | PutOutcome::Unknown => tally.reject(Reject { line, field: None, reason: "not put".to_owned() }),
    }
}
