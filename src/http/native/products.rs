//! `/v1/products`: one product read, put, patched or removed, and many put at once.

use super::lines::{Batch, Batches, Reject, Tally};
use crate::access::{Resource, Scope, Verb};
use crate::catalog::Product;
use crate::http::access::Caller;
use crate::http::answer::{self, Answer, check_precondition, is_conditional, json, ok, revision, revision_of, with};
use crate::http::body::{self, JsonBytes, Media};
use crate::http::context::{Context, Shared};
use crate::http::error::{Kind, Problem};
use crate::http::keys::{Key, keyed_if_given};
use crate::http::limits::JSON_BYTES_MAX;
use crate::http::params::Params;
use crate::http::path::Path;
use crate::http::written::of_products;
use crate::id::{Ordinal, ProductId, Sku};
use crate::pipeline::{CatalogCommand, CatalogWrite, PutOutcome, Written};
use crate::stdx::digest;
use crate::stdx::percent;
use axum::extract::{RawQuery, Request, State};
use axum::http::header::{ETAG, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::value::RawValue;

/// What the keys of puts of many are bound to, beside the lines.
const MANY: &str = "products.post.lines";

#[derive(Serialize)]
struct Outcome<'a> {
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
    let caller = Caller::current();
    if live {
        // How a product sells and how much of it there is are the house's business, and whose browser reads products is anybody's.
        caller.check_any(&[Resource::Analytics, Resource::Inventory].map(|resource| Scope::new(resource, Verb::Read)), "live")?;
    }
    let catalog = context.shop.readers().catalog();
    let ordinal = catalog.ordinal_of(&id_of(&id)?).ok_or_else(|| Problem::unknown("product", &id))?;
    let document = catalog.document(ordinal).ok_or_else(|| Problem::unknown("product", &id))?;
    let shown = caller.shown_document(&document)?;
    if live {
        return live_answer(&context, ordinal, &shown);
    }
    Ok(answer::document(&headers, &revision(&shown), shown.into_owned()))
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
    let key = keyed_if_given(&headers, "product.put", id.as_str(), &bytes)?;
    let product: Product = body::parse(&bytes)?;
    if product.id != id {
        return Err(Problem::invalid("id", format!("the address says {id}")));
    }
    put_one(&context, &headers, key, product).await
}

async fn put_one(context: &Context, headers: &HeaderMap, key: Option<Key>, product: Product) -> Answer {
    product.check()?;
    act(context, headers, key, &product.id.clone(), CatalogCommand::Put(Box::new(product))).await
}

pub(in crate::http) async fn patch(State(context): Shared, Path(id): Path, headers: HeaderMap, JsonBytes(bytes): JsonBytes) -> Answer {
    let id = id_of(&id)?;
    let key = keyed_if_given(&headers, "product.patch", id.as_str(), &bytes)?;
    let patch = body::parse(&bytes)?;
    act(&context, &headers, key, &id, CatalogCommand::Patch { id: id.clone(), patch }).await
}

pub(in crate::http) async fn delete(State(context): Shared, Path(id): Path, headers: HeaderMap) -> Answer {
    let id = id_of(&id)?;
    let key = keyed_if_given(&headers, "product.delete", id.as_str(), b"")?;
    act(&context, &headers, key, &id, CatalogCommand::Remove { id: id.clone() }).await
}

/// Does one thing to a product while the preconditions hold, unless it was done under this key before.
async fn act(context: &Context, headers: &HeaderMap, key: Option<Key>, id: &ProductId, command: CatalogCommand) -> Answer {
    if let Some(done) = context.written(key.as_ref())? {
        return answered(id, done);
    }
    let command = conditioned(context, headers, id, command)?;
    answered(id, context.write_catalog(CatalogWrite::Products(vec![command]), key.as_ref(), Vec::new()).await?)
}

/// The command, over exactly the document that the preconditions were found to hold for, when there are any.
fn conditioned(context: &Context, headers: &HeaderMap, id: &ProductId, command: CatalogCommand) -> Result<CatalogCommand, Problem> {
    let catalog = context.shop.readers().catalog();
    let document = catalog.ordinal_of(id).and_then(|ordinal| catalog.document(ordinal));
    let document = document.map(|document| digest::blake3(&[&document]));
    check_precondition(headers, document.as_ref().map(revision_of).as_deref())?;
    Ok(if is_conditional(headers) { CatalogCommand::OnlyOver { document, command: Box::new(command) } } else { command })
}

fn answered(id: &ProductId, done: Written) -> Answer {
    let revision = done.document.as_ref().map(revision_of);
    let outcome = of_products(done.outcomes).into_iter().next();
    let (status, outcome) = match outcome.ok_or_else(|| Problem::internal(&"the catalog writer gave no outcome"))? {
        PutOutcome::Created(_) => (StatusCode::CREATED, "created"),
        PutOutcome::Updated(_) => (StatusCode::OK, "updated"),
        PutOutcome::Unchanged(_) => (StatusCode::OK, "unchanged"),
        PutOutcome::Removed(_) => return Ok(StatusCode::NO_CONTENT.into_response()),
        PutOutcome::Rejected { field, reason } => return Err(Problem::invalid(field, body::in_plain_words(&reason))),
        PutOutcome::Unknown => return Err(Problem::unknown("product", id.as_str())),
        PutOutcome::Overtaken => return Err(overtaken()),
    };
    let response = json(status, &Outcome { id, outcome })?;
    let response = with(response, LOCATION, &format!("/v1/products/{}", percent::encoded(id.as_str())));
    Ok(match revision {
        Some(revision) => with(response, ETAG, &revision),
        None => response,
    })
}

/// What was read to decide on a write is not what there is when it is done.
pub(super) fn overtaken() -> Problem {
    Problem::of_field(Kind::PreconditionFailed, "if-match", "somebody else changed it at the same time; read it again")
}

/// One product as JSON, or many as NDJSON.
pub(in crate::http) async fn post(State(context): Shared, request: Request) -> Answer {
    let (head, body) = request.into_parts();
    match Media::of(&head.headers)? {
        Media::Json => {
            let bytes = body::read(&head.headers, body, JSON_BYTES_MAX).await?;
            let key = keyed_if_given(&head.headers, "products.post", "", &bytes)?;
            put_one(&context, &head.headers, key, body::parse(&bytes)?).await
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
    let mut batches = Batches::keyed(headers, body, MANY, read)?;
    while let Some(Batch { numbers, values: commands, key }) = batches.next(&mut tally).await? {
        let outcomes = context.write_lines(CatalogWrite::Products(commands), key.as_ref()).await;
        let outcomes = of_products(outcomes.map_err(|problem| tally.after(&problem))?);
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
        PutOutcome::Removed(_) | PutOutcome::Unknown | PutOutcome::Overtaken => {
            tally.reject(Reject { line, field: None, reason: "not put".to_owned() })
        }
    }
}
