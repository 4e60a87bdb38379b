//! `/v1/shipments/{id}/tracking` and `/v1/promises`: what carriers tell, and whether promises were kept.

use super::views::sent;
use crate::event::trade::fulfilment::{CarriedBy, MissReason, TrackingNote, TrackingStatus};
use crate::http::answer::{Answer, ok};
use crate::http::asked::Asked;
use crate::http::body;
use crate::http::context::Shared;
use crate::http::error::{Kind, Problem};
use crate::http::params::Params;
use crate::http::path::Path;
use crate::id::{OrderId, ShipmentId};
use crate::stdx::clock::Timestamp;
use crate::trade::{FulfilmentAction, State as Trade};
use axum::extract::{RawQuery, Request, State};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(super) async fn get(State(context): Shared, Path(id): Path, RawQuery(query): RawQuery) -> Answer {
    let mut params = Params::parse(query.as_deref())?;
    let order: Option<OrderId> = params.parsed("order_id")?;
    params.finish()?;
    let order = order.ok_or_else(|| Problem::of_field(Kind::MissingField, "order_id", "of which order"))?;
    told(&context.shop.readers().trade(), &order, &id)
}

fn told(trade: &Trade, order: &OrderId, shipment: &str) -> Answer {
    let order = &trade.order(order).ok_or_else(|| Problem::unknown("order", order.as_str()))?;
    let id = ShipmentId::new(shipment).map_err(|_| Problem::unknown("shipment", shipment))?;
    let work = trade.fulfilment().board().order(order.number);
    let found = work.as_ref().and_then(|work| work.sent(&id)).map(sent);
    ok(&found.ok_or_else(|| Problem::unknown("shipment with anything told about it", shipment))?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoteBody {
    order_id: OrderId,
    /// The carrier's name for it, so that it counts once.
    id: String,
    status: TrackingStatus,
    /// RFC 3339; now when it is left out.
    at: Option<String>,
    #[serde(default)]
    note: String,
}

pub(super) async fn post(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let asked = Asked::raw("tracking", &id, request).await?;
    let NoteBody { order_id, .. } = body::parse(&asked.body)?;
    let now = context.shop.now();
    let done = asked
        .done(&context, |bytes| {
            let NoteBody { order_id: order, id: told, status, at, note } = body::parse(&bytes)?;
            let shipment = ShipmentId::new(&id).map_err(|_| Problem::unknown("shipment", &id))?;
            let at = at.as_deref().map_or(Ok(now), moment_of)?;
            Ok(FulfilmentAction::Track { order, shipment, note: TrackingNote { id: told, status, at, note } })
        })
        .await?;
    told(&done.answer.state, &order_id, &id)
}

fn moment_of(text: &str) -> Result<Timestamp, Problem> {
    let at: jiff::Timestamp = text.parse().map_err(|_| Problem::invalid("at", "must be a moment as in RFC 3339"))?;
    Ok(Timestamp(at.as_millisecond()))
}

#[derive(Serialize)]
struct PromisesView {
    kept: u64,
    missed: u64,
    by: Vec<CountsView>,
}

#[derive(Serialize)]
struct CountsView {
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<CarriedBy>,
    kept: u64,
    missed: BTreeMap<&'static str, u64>,
}

/// How many promises were kept and missed, by who carried the goods, and why.
pub(super) async fn promises(State(context): Shared) -> Answer {
    let trade = context.shop.readers().trade();
    let by: Vec<CountsView> = trade
        .fulfilment()
        .board()
        .counts()
        .map(|(carrier, counts)| {
            let missed = MissReason::ALL.iter().map(|reason| reason.name()).zip(counts.missed);
            CountsView { carrier: carrier.clone(), kept: counts.kept, missed: missed.filter(|(_, count)| *count > 0).collect() }
        })
        .collect();
    let kept = by.iter().map(|row| row.kept).sum();
    let missed = by.iter().flat_map(|row| row.missed.values()).sum();
    ok(&PromisesView { kept, missed, by })
}
