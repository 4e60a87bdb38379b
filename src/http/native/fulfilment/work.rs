//! `/v1/fulfilment-orders`: what locations have to do, and telling how far it is.

use super::views::{WorkView, work};
use crate::event::trade::Component;
use crate::event::trade::fulfilment::{Parcel, ShortReason};
use crate::fulfilment::{OrderWork, WorkStatus};
use crate::http::answer::{Answer, ok};
use crate::http::asked::{Asked, Nothing, some_or_all};
use crate::http::body;
use crate::http::context::{Context, Shared};
use crate::http::error::{Kind, Problem};
use crate::http::native::orders::order_id;
use crate::http::native::search::limit_of;
use crate::http::params::Params;
use crate::http::path::Path;
use crate::http::versions::tagged;
use crate::id::{FulfilmentOrderId, LocationId, ShipmentId};
use crate::stdx::clock::Timestamp;
use crate::trade::{FulfilmentAction, Snapshot};
use axum::body::Bytes;
use axum::extract::{RawQuery, Request, State};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Fulfilment orders on a page when the request does not say, and at most.
const LIMIT_DEFAULT: usize = 50;
const LIMIT_MAX: usize = 500;

#[derive(Serialize)]
struct ListView<'a> {
    fulfilment_orders: Vec<WorkView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// A fulfilment order's name out of an address: one that cannot be a name is not the name of anything.
pub(super) fn work_id(text: &str) -> Result<FulfilmentOrderId, Problem> {
    text.parse().map_err(|_| Problem::unknown("fulfilment order", text))
}

/// The most urgent first; the cursor is deadline and name of the last one shown.
pub(super) async fn list(State(context): Shared, RawQuery(query): RawQuery) -> Answer {
    let mut params = Params::parse(query.as_deref())?;
    let location: Option<LocationId> = params.parsed("location")?;
    let status = params.one_of("status", WorkStatus::ALL.map(|status| (status.name(), status)))?;
    let limit = limit_of(params.parsed("limit")?, LIMIT_DEFAULT, LIMIT_MAX)?;
    let cursor = params.text("cursor");
    params.finish()?;
    let location = location.ok_or_else(|| Problem::of_field(Kind::MissingField, "location", "which location"))?;
    let status = status.ok_or_else(|| Problem::of_field(Kind::MissingField, "status", "how far it is"))?;
    let after = cursor.as_deref().map(cursor_of).transpose()?;
    let trade = context.shop.readers().trade();
    let board = trade.fulfilment().board();
    let listed: Vec<(Timestamp, FulfilmentOrderId)> = board.listed(&location, status, after).take(limit).collect();
    let next_cursor = listed.last().filter(|_| listed.len() == limit).map(|(at, id)| format!("{}.{id}", at.0));
    let all: Vec<_> = listed.iter().filter_map(|(_, id)| Some((id, board.order(id.order)?))).collect();
    let views = all.iter().filter_map(|(id, all)| work(id.order, id.part, all));
    ok(&ListView { fulfilment_orders: views.collect(), next_cursor })
}

fn cursor_of(text: &str) -> Result<(Timestamp, FulfilmentOrderId), Problem> {
    let parts = text.split_once('.').and_then(|(at, id)| Some((Timestamp(at.parse().ok()?), id.parse().ok()?)));
    parts.ok_or_else(|| Problem::invalid("cursor", "is not one that a page gave"))
}

pub(super) async fn get(State(context): Shared, Path(id): Path) -> Answer {
    let found = work_id(&id)?;
    let trade = context.shop.readers().trade();
    let all = trade.fulfilment().board().order(found.order);
    shown(found, all, &id)
}

/// A fulfilment order out of all work of its order, whose entity tag it has.
fn shown(found: FulfilmentOrderId, all: Option<Arc<OrderWork>>, id: &str) -> Answer {
    let all = all.ok_or_else(|| Problem::unknown("fulfilment order", id))?;
    let view = work(found.order, found.part, &all).ok_or_else(|| Problem::unknown("fulfilment order", id))?;
    tagged(ok(&view), &Snapshot::Work(Arc::clone(&all)))
}

pub(super) async fn of_order(State(context): Shared, Path(id): Path) -> Answer {
    let id = order_id(&id)?;
    let trade = context.shop.readers().trade();
    let order = &trade.order(&id).ok_or_else(|| Problem::unknown("order", id.as_str()))?;
    let all = trade.fulfilment().board().order(order.number);
    let views = all.iter().flat_map(|all| (0..all.parts.len()).filter_map(|part| work(order.number, part as u32, all)));
    ok(&ListView { fulfilment_orders: views.collect(), next_cursor: None })
}

/// Does one thing to a fulfilment order and answers it as it then is.
async fn act(
    context: &Context,
    operation: &str,
    id: &str,
    request: Request,
    action: impl FnOnce(FulfilmentOrderId, Bytes) -> Result<FulfilmentAction, Problem>,
) -> Answer {
    let found = work_id(id)?;
    let asked = Asked::raw(operation, id, request).await?;
    let done = asked.done(context, |bytes| action(found, bytes)).await?;
    let snapshot = done.snapshot();
    let all = match snapshot {
        Snapshot::Work(all) => Some(all),
        _ => done.answer.state.fulfilment().board().order(found.order),
    };
    shown(found, all, id)
}

pub(super) async fn release(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    act(&context, "work.release", &id, request, |work, bytes| {
        let Nothing {} = body::parse(&bytes)?;
        Ok(FulfilmentAction::Release(work))
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitBody {
    sku: crate::id::Sku,
    quantity: i64,
}

fn units(rows: Vec<UnitBody>) -> Vec<Component> {
    rows.into_iter().map(|UnitBody { sku, quantity }| Component { sku, quantity }).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PickBody {
    #[serde(default)]
    picked: Vec<UnitBody>,
    #[serde(default)]
    short: Vec<UnitBody>,
    reason: Option<ShortReason>,
}

pub(super) async fn pick(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    act(&context, "work.pick", &id, request, |work, bytes| {
        let PickBody { picked, short, reason } = body::parse(&bytes)?;
        if !short.is_empty() && reason.is_none() {
            return Err(Problem::of_field(Kind::MissingField, "reason", "not_found, damaged or not_arrived"));
        }
        let (picked, short) = (units(picked), units(short));
        Ok(FulfilmentAction::Pick { work, picked, short, reason: reason.unwrap_or(ShortReason::NotFound) })
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackBody {
    /// None means one with everything picked.
    parcels: Option<Vec<ParcelBody>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ParcelBody {
    units: Vec<UnitBody>,
    /// None means the sum of what its units weigh.
    weight_g: Option<i64>,
}

pub(super) async fn pack(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    act(&context, "work.pack", &id, request, |work, bytes| {
        let PackBody { parcels } = body::parse(&bytes)?;
        let parcel = |row: ParcelBody| Parcel { units: units(row.units), weight_g: row.weight_g.unwrap_or(0), tracking: None };
        let parcels = some_or_all("parcels", parcels)?.into_iter().map(parcel).collect();
        Ok(FulfilmentAction::Pack { work, parcels })
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShipBody {
    /// The carrier's numbers, parcel by parcel; none means that the shop gives them, where it does.
    #[serde(default)]
    tracking: Vec<String>,
}

pub(super) async fn ship(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let name = context.shop.new_name("shipment");
    act(&context, "work.ship", &id, request, |work, bytes| {
        let ShipBody { tracking } = body::parse(&bytes)?;
        let shipment = ShipmentId::new(&name).map_err(|error| Problem::internal(&error))?;
        Ok(FulfilmentAction::Dispatch { work, shipment, tracking })
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CancelBody {
    reason: Option<String>,
}

pub(super) async fn cancel(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    act(&context, "work.cancel", &id, request, |work, bytes| {
        let CancelBody { reason } = body::parse(&bytes)?;
        Ok(FulfilmentAction::CancelWork { work, reason: reason.unwrap_or_else(|| "not said".to_owned()) })
    })
    .await
}
