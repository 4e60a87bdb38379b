//! Work as it is answered.

use crate::event::trade::Component;
use crate::event::trade::fulfilment::{CarriedBy, Parcel, PlanFacts, Promise};
use crate::fulfilment::{OrderWork, Sent, Work};
use crate::http::answer::moment;
use crate::id::{FulfilmentOrderId, LocationId, ManifestId, OrderId, ShipmentId, Sku, WaveId};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct WorkView<'a> {
    pub(super) id: String,
    order_id: &'a OrderId,
    location: &'a LocationId,
    status: &'static str,
    lines: Vec<LineView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<&'a CarriedBy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ship_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wave_id: Option<&'a WaveId>,
    parcels: Vec<ParcelView<'a>>,
    short: Vec<ShortView<'a>>,
    shipments: Vec<SentView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancel_reason: Option<&'a str>,
}

#[derive(Serialize)]
struct LineView<'a> {
    sku: &'a Sku,
    left: i64,
    picked: i64,
    packed: i64,
}

#[derive(Serialize)]
struct ParcelView<'a> {
    units: &'a [Component],
    weight_g: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking: Option<&'a str>,
}

#[derive(Serialize)]
struct ShortView<'a> {
    sku: &'a Sku,
    quantity: i64,
    reason: &'static str,
    at: String,
}

#[derive(Serialize)]
pub(super) struct SentView<'a> {
    shipment_id: &'a ShipmentId,
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<&'a CarriedBy>,
    parcels: Vec<ParcelView<'a>>,
    shipped_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest_id: Option<&'a ManifestId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    events: Vec<NoteView<'a>>,
}

#[derive(Serialize)]
struct NoteView<'a> {
    id: &'a str,
    status: &'static str,
    at: String,
    note: &'a str,
}

fn parcels(parcels: &[Parcel]) -> Vec<ParcelView<'_>> {
    parcels
        .iter()
        .map(|parcel| ParcelView { units: &parcel.units, weight_g: parcel.weight_g, tracking: parcel.tracking.as_deref() })
        .collect()
}

pub(super) fn sent(sent: &Sent) -> SentView<'_> {
    SentView {
        shipment_id: &sent.shipment,
        carrier: sent.by.as_ref(),
        parcels: parcels(&sent.parcels),
        shipped_at: moment(sent.at),
        manifest_id: sent.manifest.as_ref(),
        status: sent.last().map(|status| status.name()),
        events: sent
            .notes
            .iter()
            .map(|note| NoteView { id: &note.id, status: note.status.name(), at: moment(note.at), note: &note.note })
            .collect(),
    }
}

/// A fulfilment order out of all work of its order.
pub(super) fn work(number: u64, part: u32, all: &OrderWork) -> Option<WorkView<'_>> {
    let work: &Work = all.part(part)?;
    Some(WorkView {
        id: FulfilmentOrderId { order: number, part }.to_string(),
        order_id: &all.order,
        location: &work.location,
        status: work.status.name(),
        lines: work
            .lines
            .iter()
            .map(|line| LineView { sku: &line.sku, left: line.left, picked: line.picked, packed: line.packed })
            .collect(),
        carrier: work.by.as_ref(),
        ship_by: work.ship_by.map(moment),
        wave_id: work.wave.as_ref(),
        parcels: parcels(&work.parcels),
        short: work
            .shorts
            .iter()
            .map(|short| ShortView { sku: &short.sku, quantity: short.quantity, reason: short.reason.name(), at: moment(short.at) })
            .collect(),
        shipments: all.sent.iter().filter(|it| it.part == Some(part)).map(sent).collect(),
        cancel_reason: work.cancel_reason.as_deref(),
    })
}

/// Why an order is, or would be, served from where it is.
#[derive(Serialize)]
pub(super) struct PlanView<'a> {
    #[serde(flatten)]
    plan: &'a PlanFacts,
    /// How far from the best it can be at most, in minor units.
    gap_minor: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    promised_from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    promised_until: Option<String>,
}

pub(super) fn plan(plan: &PlanFacts, promise: Option<Promise>) -> PlanView<'_> {
    PlanView {
        plan,
        gap_minor: plan.total_minor - plan.bound_minor,
        promised_from: promise.map(|promise| moment(promise.from)),
        promised_until: promise.map(|promise| moment(promise.until)),
    }
}
