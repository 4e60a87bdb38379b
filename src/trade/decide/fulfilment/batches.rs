//! What is done for many fulfilment orders at once: releasing waves, closing manifests.

use super::happened;
use super::work::open_work;
use crate::event::TradeEvent;
use crate::event::trade::fulfilment::FulfilmentEvent;
use crate::fulfilment::WorkStatus;
use crate::id::{CarrierId, FulfilmentOrderId, LocationId, ManifestId, ShipmentId, WaveId};
use crate::order::OrderStatus;
use crate::stdx::clock::Timestamp;
use crate::trade::command::Rejection;
use crate::trade::state::State;

/// Most fulfilment orders in a wave: what a shift can do.
const WAVE_MAX: u32 = 1_000;
/// Planned work that is looked through for a wave, so that much that is on hold cannot hold up the writer.
const LOOKED_AT_MAX: usize = 10_000;
/// Most shipments on a manifest.
const MANIFEST_MAX: usize = 10_000;

pub(super) fn release(state: &State, id: FulfilmentOrderId) -> Result<Vec<TradeEvent>, Rejection> {
    let (work, _) = &open_work(state, id)?;
    if work.is_released {
        return Ok(Vec::new());
    }
    Ok(vec![happened(FulfilmentEvent::Released { work: vec![id] })])
}

pub(super) fn release_wave(
    state: &State,
    wave: &WaveId,
    location: &LocationId,
    carrier: Option<&CarrierId>,
    work_max: u32,
) -> Result<Vec<TradeEvent>, Rejection> {
    let board = state.fulfilment.board();
    if board.wave(wave).is_some() {
        return Err(Rejection::exists("wave", wave));
    }
    if !(1..=WAVE_MAX).contains(&work_max) {
        return Err(Rejection::invalid("work_max", format!("must be between 1 and {WAVE_MAX}")));
    }
    let is_open = |id: FulfilmentOrderId| state.order_numbered(id.order).is_some_and(|order| order.status == OrderStatus::Placed);
    let is_taken = |id: FulfilmentOrderId| {
        let by = || board.work(id).and_then(|work| Some(work.by.as_ref()?.carrier.clone()));
        carrier.is_none_or(|carrier| by().as_ref() == Some(carrier))
    };
    let planned = board.listed(location, WorkStatus::Planned, None).take(LOOKED_AT_MAX);
    let chosen: Vec<(Timestamp, FulfilmentOrderId)> =
        planned.filter(|(_, id)| is_open(*id) && is_taken(*id)).take(work_max as usize).collect();
    if chosen.is_empty() {
        return Err(Rejection::invalid("location", "has no planned work of that kind"));
    }
    let ship_by = chosen.first().map(|(at, _)| *at).filter(|at| *at != Timestamp(i64::MAX));
    let work = chosen.into_iter().map(|(_, id)| id).collect();
    Ok(vec![happened(FulfilmentEvent::WaveReleased { wave: wave.clone(), location: location.clone(), work, ship_by })])
}

pub(super) fn close_manifest(
    state: &State,
    manifest: &ManifestId,
    location: &LocationId,
    carrier: &CarrierId,
) -> Result<Vec<TradeEvent>, Rejection> {
    let board = state.fulfilment.board();
    if board.manifest(manifest).is_some() {
        return Err(Rejection::exists("manifest", manifest));
    }
    let unlisted = board.unlisted(location, carrier).take(MANIFEST_MAX);
    let shipments: Vec<(u64, ShipmentId)> = unlisted.map(|(number, shipment)| (number, shipment.clone())).collect();
    if shipments.is_empty() {
        return Err(Rejection::invalid("carrier", "was given nothing there since its last manifest"));
    }
    let (manifest, location, carrier) = (manifest.clone(), location.clone(), carrier.clone());
    Ok(vec![happened(FulfilmentEvent::Manifested { manifest, location, carrier, shipments })])
}
