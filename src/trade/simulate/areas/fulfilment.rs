//! What simulated warehouses and carriers ask: they pick short, ship in parts, lose parcels and tell late.

use super::super::Simulation;
use crate::event::trade::Component;
use crate::event::trade::fulfilment::{
    Calendar, CarrierFacts, GeoPoint, LocationFacts, Origin, Parcel, PlaceFacts, RateBasis, RateFacts, ServiceFacts, ShortReason,
    SourcingPolicy, TrackingFormat, TrackingNote, TrackingStatus, WeightFacts, ZoneFacts,
};
use crate::fulfilment::{OrderWork, Work, WorkStatus};
use crate::id::{CarrierId, FulfilmentOrderId, LocationId, ServiceId, Sku};
use crate::money::{Currency, Money};
use crate::order::Order;
use crate::stdx::clock::Timestamp;
use crate::trade::{Action, FulfilmentAction};
use std::sync::Arc;

const LOCATIONS: [&str; 3] = ["east", "north", "west"];

pub(super) fn action(simulation: &mut Simulation) -> Option<Action> {
    let action = match simulation.rng.u32(0..60) {
        0 => location(simulation)?,
        1 => carrier(simulation)?,
        2 => other_facts(simulation)?,
        3..9 => wave(simulation)?,
        9..12 => manifest(simulation)?,
        12..20 => track(simulation)?,
        20..22 => {
            let (work, _) = a_work(simulation)?;
            FulfilmentAction::CancelWork { work, reason: "the roof leaks".to_owned() }
        }
        _ => next_step(simulation)?,
    };
    Some(Action::Fulfilment(action))
}

fn a_location(simulation: &mut Simulation) -> Option<LocationId> {
    LocationId::new(LOCATIONS[simulation.rng.usize(0..LOCATIONS.len())]).ok()
}

fn location(simulation: &mut Simulation) -> Option<FulfilmentAction> {
    let mut facts = LocationFacts::untold(a_location(simulation)?);
    let rng = &mut simulation.rng;
    facts.country = ["DE", "US", ""][rng.usize(0..3)].to_owned();
    facts.point =
        rng.bool().then(|| GeoPoint { latitude_micro: rng.i32(40_000_000..50_000_000), longitude_micro: rng.i32(5_000_000..15_000_000) });
    facts.handling_days = rng.u16(0..3);
    facts.capacity_per_day = rng.bool().then(|| rng.u32(1..4));
    facts.is_enabled = rng.u32(0..8) > 0;
    facts.priority = rng.u16(0..3);
    facts.order_cost_minor = rng.i64(-1..200);
    facts.unit_cost_minor = rng.i64(0..30);
    Some(FulfilmentAction::SetLocation(Box::new(facts)))
}

fn zone(simulation: &mut Simulation) -> ZoneFacts {
    let rng = &mut simulation.rng;
    let rate = |up_to, cost_minor| RateFacts { up_to, cost_minor, prices: vec![Money::new(cost_minor + 99, Currency::EUR)] };
    let origin = [Origin::Anywhere, Origin::Anywhere, Origin::SameCountry, Origin::WithinKm(500)][rng.usize(0..4)];
    let (first, second) = (rng.i64(100..500), rng.i64(400..900));
    ZoneFacts {
        countries: if rng.bool() { vec!["DE".to_owned(), "US".to_owned(), "CA".to_owned()] } else { Vec::new() },
        regions: Vec::new(),
        postal_prefixes: Vec::new(),
        origin,
        transit_days_min: 1,
        transit_days_max: rng.u16(1..4),
        rates: vec![rate(1_000, first), rate(5_000, second)],
    }
}

fn carrier(simulation: &mut Simulation) -> Option<FulfilmentAction> {
    let id = CarrierId::new(["swift", "sure"][simulation.rng.usize(0..2)]).ok()?;
    if simulation.rng.u32(0..5) == 0 {
        return Some(FulfilmentAction::RemoveCarrier(id));
    }
    let basis = [RateBasis::Weight, RateBasis::Units][simulation.rng.usize(0..2)];
    let zones = (0..simulation.rng.usize(1..3)).map(|_| zone(simulation)).collect();
    let service = ServiceFacts { id: ServiceId::new("standard").ok()?, title: "Standard".to_owned(), basis, free_from: Vec::new(), zones };
    let tracking = TrackingFormat { prefix: "SK".to_owned(), digits: 8, suffix: String::new() };
    let (title, is_enabled, calendar) = (id.to_string(), simulation.rng.u32(0..6) > 0, Calendar::default());
    Some(FulfilmentAction::SetCarrier(Box::new(CarrierFacts { id, title, is_enabled, calendar, tracking, services: vec![service] })))
}

fn other_facts(simulation: &mut Simulation) -> Option<FulfilmentAction> {
    let rng = &mut simulation.rng;
    Some(match rng.u32(0..3) {
        0 => FulfilmentAction::SetWeights(vec![WeightFacts { sku: Sku::new("chair").ok()?, weight_g: rng.i64(0..4_000) }]),
        1 => {
            let point = GeoPoint { latitude_micro: rng.i32(40_000_000..50_000_000), longitude_micro: 9_000_000 };
            FulfilmentAction::SetPlaces { country: "DE".to_owned(), places: vec![PlaceFacts { postal_prefix: String::new(), point }] }
        }
        _ => FulfilmentAction::SetPolicy(SourcingPolicy { split_minor: rng.i64(0..500), ..SourcingPolicy::default() }),
    })
}

fn wave(simulation: &mut Simulation) -> Option<FulfilmentAction> {
    let (wave, location) = (simulation.name("wave").parse().ok()?, a_location(simulation)?);
    let carrier = if simulation.rng.u32(0..4) == 0 { CarrierId::new("swift").ok() } else { None };
    Some(FulfilmentAction::ReleaseWave { wave, location, carrier, work_max: simulation.rng.u32(0..8) })
}

fn manifest(simulation: &mut Simulation) -> Option<FulfilmentAction> {
    let (manifest, location) = (simulation.name("manifest").parse().ok()?, a_location(simulation)?);
    let carrier = CarrierId::new(["swift", "sure"][simulation.rng.usize(0..2)]).ok()?;
    Some(FulfilmentAction::CloseManifest { manifest, location, carrier })
}

fn an_orders_work(simulation: &mut Simulation) -> Option<(Arc<Order>, Arc<OrderWork>)> {
    let order = simulation.an_order()?;
    let work = simulation.writer.fulfilment().board().order(order.number)?.clone();
    Some((order, work))
}

/// A fulfilment order with something to do, if the draw has one.
fn a_work(simulation: &mut Simulation) -> Option<(FulfilmentOrderId, Work)> {
    let (order, work) = an_orders_work(simulation)?;
    let part = simulation.rng.usize(0..3);
    let found = work.parts.get(part)?.clone();
    Some((FulfilmentOrderId { order: order.number, part: part as u32 }, found))
}

/// Half of what is there, all of it, or now and then one too many.
fn some_of(simulation: &mut Simulation, most: i64) -> i64 {
    match simulation.rng.u32(0..12) {
        0 => most + 1,
        1..6 => (most + 1) / 2,
        _ => most,
    }
}

fn next_step(simulation: &mut Simulation) -> Option<FulfilmentAction> {
    let (work, part) = a_work(simulation)?;
    match part.status {
        WorkStatus::Planned if simulation.rng.bool() => Some(FulfilmentAction::Release(work)),
        WorkStatus::Planned | WorkStatus::Released => pick(simulation, work, &part),
        WorkStatus::Picking if simulation.rng.bool() => pick(simulation, work, &part),
        WorkStatus::Picking => pack(simulation, work, &part),
        WorkStatus::Packed => {
            let tracking = if simulation.rng.u32(0..4) == 0 { vec!["own number".to_owned()] } else { Vec::new() };
            Some(FulfilmentAction::Dispatch { work, shipment: simulation.name("shipment").parse().ok()?, tracking })
        }
        WorkStatus::Shipped
        | WorkStatus::InTransit
        | WorkStatus::Delivered
        | WorkStatus::Lost
        | WorkStatus::Resourced
        | WorkStatus::Canceled => track(simulation),
    }
}

fn pick(simulation: &mut Simulation, work: FulfilmentOrderId, part: &Work) -> Option<FulfilmentAction> {
    let (mut picked, mut short) = (Vec::new(), Vec::new());
    for line in &part.lines {
        let unpicked = line.left - line.picked;
        let missing = if simulation.rng.u32(0..4) == 0 { simulation.rng.i64(0..=unpicked) } else { 0 };
        let quantity = some_of(simulation, unpicked - missing);
        picked.extend((quantity > 0).then(|| Component { sku: line.sku.clone(), quantity }));
        short.extend((missing > 0).then(|| Component { sku: line.sku.clone(), quantity: missing }));
    }
    let reason = [ShortReason::NotFound, ShortReason::Damaged, ShortReason::NotArrived][simulation.rng.usize(0..3)];
    Some(FulfilmentAction::Pick { work, picked, short, reason })
}

fn pack(simulation: &mut Simulation, work: FulfilmentOrderId, part: &Work) -> Option<FulfilmentAction> {
    if simulation.rng.bool() {
        return Some(FulfilmentAction::Pack { work, parcels: Vec::new() });
    }
    let mut units = Vec::new();
    for line in &part.lines {
        let quantity = some_of(simulation, line.picked - line.packed);
        units.extend((quantity > 0).then(|| Component { sku: line.sku.clone(), quantity }));
    }
    Some(FulfilmentAction::Pack { work, parcels: vec![Parcel { units, weight_g: 0, tracking: None }] })
}

fn track(simulation: &mut Simulation) -> Option<FulfilmentAction> {
    let (order, _) = an_orders_work(simulation)?;
    let shipment = order.shipments.get(simulation.rng.usize(0..3))?.id.clone();
    let rng = &mut simulation.rng;
    let status = [TrackingStatus::InTransit, TrackingStatus::Exception, TrackingStatus::Lost, TrackingStatus::Delivered][rng.usize(0..4)];
    let at = Timestamp(simulation.now.0 - rng.i64(0..100_000));
    // One of few names, so that the same thing is told twice.
    let id = format!("told {}", rng.u32(0..4));
    Some(FulfilmentAction::Track { order: order.id.clone(), shipment, note: TrackingNote { id, status, at, note: String::new() } })
}
