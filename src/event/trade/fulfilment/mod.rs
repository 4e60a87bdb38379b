//! What happens to fulfilment orders, waves, shipments on their way, promises kept.

mod facts;
mod work;

pub use facts::{
    Calendar, CarrierFacts, GeoPoint, LocationFacts, Origin, PlaceFacts, RateBasis, RateFacts, ServiceFacts, SourcingPolicy,
    TrackingFormat, WeightFacts, ZoneFacts,
};

pub use work::{CarriedBy, MissReason, OtherPlan, Parcel, PlanFacts, PlannedPart, Promise, ShortReason, TrackingNote, TrackingStatus};

use super::{Component, Units};
use crate::id::{CarrierId, FulfilmentOrderId, LocationId, ManifestId, OrderId, ShipmentId, WaveId};
use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// What a write was about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FulfilmentSubject {
    /// What is known of a location.
    Location(LocationId),
    /// What is known of a carrier.
    Carrier(CarrierId),
    /// What the choice of locations goes by.
    Policy,
    /// A fulfilment order.
    Work(FulfilmentOrderId),
    /// A wave.
    Wave(WaveId),
    /// A manifest.
    Manifest(ManifestId),
}

/// Events of the area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FulfilmentEvent {
    /// What is known of a location was replaced.
    LocationSet {
        /// All about it.
        location: Box<LocationFacts>,
    },
    /// What is known of a carrier was replaced.
    CarrierSet {
        /// All about it.
        carrier: Box<CarrierFacts>,
    },
    /// A carrier is worked with no more.
    CarrierRemoved {
        /// Which.
        carrier: CarrierId,
    },
    /// Where the addresses of a country are was replaced.
    PlacesSet {
        /// ISO 3166, two letters, upper case.
        country: String,
        /// All its areas, ascending by postal prefix.
        places: Vec<PlaceFacts>,
    },
    /// What units weigh.
    WeightsSet {
        /// One row per SKU.
        weights: Vec<WeightFacts>,
    },
    /// What the choice of locations goes by was replaced.
    PolicySet {
        /// All of it.
        policy: SourcingPolicy,
    },
    /// Why a placed order is served from where it is, and when it was promised; in the order's own entry.
    Planned {
        /// Which order.
        order: OrderId,
        /// The plan.
        plan: Box<PlanFacts>,
        /// The promise, if one was made.
        promise: Option<Promise>,
    },
    /// A location was told to begin.
    Released {
        /// Which fulfilment orders.
        work: Vec<FulfilmentOrderId>,
    },
    /// A location was told to begin with several fulfilment orders together.
    WaveReleased {
        /// The wave's name.
        wave: WaveId,
        /// Where.
        location: LocationId,
        /// What it consists of, in the order in which carriers want it.
        work: Vec<FulfilmentOrderId>,
        /// Until when the first carrier has to be given its part.
        ship_by: Option<Timestamp>,
    },
    /// Units were taken off the shelf.
    Picked {
        /// For which fulfilment order.
        work: FulfilmentOrderId,
        /// What.
        units: Vec<Component>,
    },
    /// Units were not on the shelf. The order has them to come from elsewhere.
    ShortPicked {
        /// Of which fulfilment order.
        work: FulfilmentOrderId,
        /// The order.
        order: OrderId,
        /// The location.
        location: LocationId,
        /// What.
        units: Vec<Component>,
        /// Why.
        reason: ShortReason,
    },
    /// A location will not do the rest of its part. The order has it to come from elsewhere.
    WorkCanceled {
        /// Which fulfilment order.
        work: FulfilmentOrderId,
        /// The order.
        order: OrderId,
        /// The location.
        location: LocationId,
        /// The units that it gives back.
        units: Vec<Component>,
        /// Why, in the caller's words.
        reason: String,
    },
    /// Units that an order had to come were assigned from other locations.
    Resourced {
        /// Which order.
        order: OrderId,
        /// From where.
        units: Vec<Units>,
    },
    /// Some of the orders that have units to come were looked at again, after stock had come; the others are next.
    Looked {
        /// Number of the last of them.
        through: u64,
    },
    /// All orders that have units to come were looked at again, after stock had come.
    Retried,
    /// Picked units were packed.
    Packed {
        /// For which fulfilment order.
        work: FulfilmentOrderId,
        /// In which parcels.
        parcels: Vec<Parcel>,
    },
    /// Parcels left with a carrier; the units are in the shipment's own event of the same entry.
    Dispatched {
        /// Of which fulfilment order.
        work: FulfilmentOrderId,
        /// The shipment.
        shipment: ShipmentId,
        /// Who carries it, when a carrier is known.
        by: Option<CarriedBy>,
        /// The parcels, with their numbers.
        parcels: Vec<Parcel>,
    },
    /// A carrier was given its shipments, with a list of them.
    Manifested {
        /// The manifest's name.
        manifest: ManifestId,
        /// Where.
        location: LocationId,
        /// Which carrier.
        carrier: CarrierId,
        /// The shipments, each with the number of its order.
        shipments: Vec<(u64, ShipmentId)>,
    },
    /// A carrier told something.
    Tracked {
        /// About which order.
        order: OrderId,
        /// And which shipment.
        shipment: ShipmentId,
        /// What.
        note: TrackingNote,
    },
    /// It is known whether a promise was kept.
    PromiseSettled {
        /// Of which order.
        order: OrderId,
        /// Why it was not; none when it was kept.
        missed: Option<MissReason>,
    },
}
