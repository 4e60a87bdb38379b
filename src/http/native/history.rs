//! What happened to one thing, out of the journal: the history of an order, the movements of a SKU. Nothing is kept for it beside the journal,
//! so a page looks at so much of it and no more, and says from where to go on.

use super::changes::{cursor_problem, feed_problem};
use crate::connect::changes::{Audience, Change, Cursor, PAGE_CHANGES_MAX, Wanted, entry, page as page_of};
use crate::event::Stream;
use crate::http::answer::{Answer, moment, ok};
use crate::http::blocking::blocking;
use crate::http::context::{Context, Shared};
use crate::http::error::Problem;
use crate::http::native::search::limit_of;
use crate::http::params::Params;
use crate::http::path::Path;
use crate::id::{OrderId, Sku};
use crate::order::Order;
use axum::extract::{RawQuery, State};
use axum::{Router, routing};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;

/// Entries of an order's history on a page when the request does not say, and most there can be: each is looked up in the journal.
const ENTRIES_DEFAULT: usize = 20;
const ENTRIES_MAX: usize = 50;
/// Movements on a page when the request does not say, and most there can be.
const MOVEMENTS_DEFAULT: usize = 50;
const MOVEMENTS_MAX: usize = 200;
/// Pages of the feed that are looked through for one page of movements.
const LOOKS_MAX: usize = 5;
/// Events that move units, or change how many may be sold.
const MOVING: [&str; 13] = [
    "stock_moved",
    "stock_limits_set",
    "stock_reserved",
    "order_placed",
    "order_canceled",
    "order_shipped",
    "after_sale.order_edited",
    "after_sale.return_inspected",
    "fulfilment.picked",
    "fulfilment.short_picked",
    "fulfilment.work_canceled",
    "fulfilment.resourced",
    "stock",
];

#[derive(Serialize)]
struct ChangeView {
    id: String,
    at: String,
    r#type: String,
    data: Value,
}

#[derive(Serialize)]
struct EntryView {
    /// The entry's place in the trade stream.
    offset: u64,
    at: String,
    /// `request` when somebody asked for it under a key, `process` when time passed or a provider said something.
    by: &'static str,
    changes: Vec<ChangeView>,
}

#[derive(Serialize)]
struct HistoryView {
    order_id: OrderId,
    entries: Vec<EntryView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct MovementsView {
    sku: Sku,
    movements: Vec<ChangeView>,
    /// What to ask `after` next.
    next: String,
    has_more: bool,
}

/// The routes.
pub(in crate::http) fn routes() -> Router<Arc<Context>> {
    Router::new().route("/v1/orders/{id}/history", routing::get(history)).route("/v1/inventory/{sku}/movements", routing::get(movements))
}

fn view(change: Change) -> ChangeView {
    ChangeView { id: change.id.to_string(), at: moment(change.at), r#type: change.kind, data: change.data }
}

async fn history(State(context): Shared, Path(id): Path, RawQuery(query): RawQuery) -> Answer {
    let mut params = Params::parse(query.as_deref())?;
    let limit = limit_of(params.parsed("limit")?, ENTRIES_DEFAULT, ENTRIES_MAX)?;
    let from: usize = params.place("cursor")?.unwrap_or(0);
    params.finish()?;
    let unknown = || Problem::unknown("order", &id);
    let id = OrderId::new(&id).map_err(|_| unknown())?;
    let order = context.shop.readers().trade().order(&id).ok_or_else(unknown)?;
    ok(&blocking(move || entries_of(&context, &order, from, limit)).await??)
}

fn entries_of(context: &Context, order: &Order, from: usize, limit: usize) -> Result<HistoryView, Problem> {
    let readers = context.shop.readers();
    let (feed, catalog, audience) = (Arc::clone(readers.feed()), readers.catalog(), Audience::anybody());
    let mut entries = Vec::new();
    for offset in order.entries.iter().skip(from).take(limit) {
        let told = entry(&feed, &catalog, (Stream::Trade, *offset), &audience).map_err(|error| feed_problem(&error))?;
        let Some(told) = told else { continue };
        let changes = told.changes.into_iter().filter(|change| is_about(order, &change.data)).map(view).collect();
        entries.push(EntryView { offset: offset.0, at: moment(told.at), by: if told.is_keyed { "request" } else { "process" }, changes });
    }
    let next = from.saturating_add(limit);
    let next_cursor = (next < order.entries.len()).then(|| next.to_string());
    Ok(HistoryView { order_id: order.id.clone(), entries, next_cursor })
}

/// Whether what an entry tells is about the order: an entry in which time passed is about others, too.
fn is_about(order: &Order, data: &Value) -> bool {
    let named = |field: &str| data.get(field).and_then(Value::as_str);
    let payment = |name: &str| order.payments.iter().any(|known| known.as_str() == name);
    named("order").is_none_or(|name| name == order.id.as_str())
        && named("checkout").is_none_or(|name| name == order.checkout.as_str())
        && named("payment").is_none_or(payment)
}

async fn movements(State(context): Shared, Path(sku): Path, RawQuery(query): RawQuery) -> Answer {
    let mut params = Params::parse(query.as_deref())?;
    let limit = limit_of(params.parsed("limit")?, MOVEMENTS_DEFAULT, MOVEMENTS_MAX)?;
    let after = params.text("after");
    params.finish()?;
    let unknown = || Problem::unknown("SKU", &sku);
    let sku = Sku::new(&sku).map_err(|_| unknown())?;
    context.shop.readers().trade().stock().row(&sku).ok_or_else(unknown)?;
    ok(&blocking(move || movements_of(&context, sku, after.as_deref(), limit)).await??)
}

fn movements_of(context: &Context, sku: Sku, after: Option<&str>, limit: usize) -> Result<MovementsView, Problem> {
    let readers = context.shop.readers();
    let (feed, catalog, audience) = (Arc::clone(readers.feed()), readers.catalog(), Audience::anybody());
    let streams = vec![Stream::Trade];
    let bounds = |stream| feed.bounds(stream).unwrap_or_default();
    let read = |text: &str| Cursor::read(text, &streams, bounds).map_err(|error| cursor_problem(&error));
    let mut next = after.map_or_else(|| Ok(Cursor::at_start(&streams, bounds)), read)?;
    let wanted = Wanted { streams: streams.clone(), kinds: MOVING.map(str::to_owned).into() };
    let (mut movements, mut has_more) = (Vec::new(), true);
    for _ in 0..LOOKS_MAX {
        // No more than fit are asked for, so that none that was looked at is left out.
        let most = (limit - movements.len()).min(PAGE_CHANGES_MAX);
        let page = page_of(&feed, &catalog, &wanted, next, most, &audience).map_err(|error| feed_problem(&error))?;
        (next, has_more) = (page.next, page.has_more);
        movements.extend(page.changes.into_iter().filter(|change| names(&change.data, sku.as_str())).map(view));
        if movements.len() >= limit || !has_more {
            break;
        }
    }
    Ok(MovementsView { sku, movements, next: next.text(&streams), has_more })
}

/// Whether units of a SKU stand anywhere in what an event tells.
fn names(data: &Value, sku: &str) -> bool {
    match data {
        Value::Object(fields) => fields.get("sku").and_then(Value::as_str) == Some(sku) || fields.values().any(|value| names(value, sku)),
        Value::Array(values) => values.iter().any(|value| names(value, sku)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
