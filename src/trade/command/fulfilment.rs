//! What can be asked about fulfilment orders, waves, shipments on their way, promises kept.

use crate::event::trade::Component;
use crate::event::trade::Subject;
use crate::event::trade::fulfilment::{
    CarrierFacts, FulfilmentSubject, LocationFacts, Parcel, PlaceFacts, ShortReason, SourcingPolicy, TrackingNote, WeightFacts,
};
use crate::id::{CarrierId, FulfilmentOrderId, LocationId, ManifestId, OrderId, ShipmentId, WaveId};

/// One request of the area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FulfilmentAction {
    /// Replace what is known of a location.
    SetLocation(Box<LocationFacts>),
    /// Replace what is known of a carrier.
    SetCarrier(Box<CarrierFacts>),
    /// Work with a carrier no more.
    RemoveCarrier(CarrierId),
    /// Replace what is known of a country's addresses.
    SetPlaces {
        /// ISO 3166, two letters.
        country: String,
        /// Its areas.
        places: Vec<PlaceFacts>,
    },
    /// Tell what units weigh.
    SetWeights(Vec<WeightFacts>),
    /// Replace what the choice of locations goes by.
    SetPolicy(SourcingPolicy),
    /// Tell a location to begin.
    Release(FulfilmentOrderId),
    /// Tell a location to begin with its most urgent planned work.
    ReleaseWave {
        /// The new wave's name.
        wave: WaveId,
        /// Where.
        location: LocationId,
        /// Only what this carrier takes.
        carrier: Option<CarrierId>,
        /// Most fulfilment orders in it.
        work_max: u32,
    },
    /// Tell what was taken off the shelf, and what was not there.
    Pick {
        /// Which.
        work: FulfilmentOrderId,
        /// What was taken.
        picked: Vec<Component>,
        /// What was not there.
        short: Vec<Component>,
        /// Why it was not.
        reason: ShortReason,
    },
    /// Tell how picked units were packed; no parcels mean one with everything picked.
    Pack {
        /// Which.
        work: FulfilmentOrderId,
        /// The parcels.
        parcels: Vec<Parcel>,
    },
    /// Tell that the parcels of a fulfilment order left.
    Dispatch {
        /// Which.
        work: FulfilmentOrderId,
        /// The new shipment's name.
        shipment: ShipmentId,
        /// The carrier's numbers, parcel by parcel; none means that the shop gives them, where it does.
        tracking: Vec<String>,
    },
    /// Tell that a location will not do what it has not packed. It comes from elsewhere.
    CancelWork {
        /// Which.
        work: FulfilmentOrderId,
        /// Why.
        reason: String,
    },
    /// Close the list of what a carrier was given.
    CloseManifest {
        /// The new manifest's name.
        manifest: ManifestId,
        /// Where.
        location: LocationId,
        /// Which carrier.
        carrier: CarrierId,
    },
    /// Tell what a carrier told.
    Track {
        /// About which order.
        order: OrderId,
        /// And which shipment.
        shipment: ShipmentId,
        /// What.
        note: TrackingNote,
    },
}

impl FulfilmentAction {
    /// What the action is about, from which its answer is made; none for the process's own actions.
    #[must_use]
    pub fn subject(&self) -> Option<Subject> {
        Some(Subject::Fulfilment(match self {
            Self::SetLocation(location) => FulfilmentSubject::Location(location.id.clone()),
            Self::SetCarrier(carrier) => FulfilmentSubject::Carrier(carrier.id.clone()),
            Self::RemoveCarrier(carrier) => FulfilmentSubject::Carrier(carrier.clone()),
            Self::SetPlaces { .. } | Self::SetWeights(_) | Self::SetPolicy(_) => FulfilmentSubject::Policy,
            Self::Release(work)
            | Self::Pick { work, .. }
            | Self::Pack { work, .. }
            | Self::Dispatch { work, .. }
            | Self::CancelWork { work, .. } => FulfilmentSubject::Work(*work),
            Self::ReleaseWave { wave, .. } => FulfilmentSubject::Wave(wave.clone()),
            Self::CloseManifest { manifest, .. } => FulfilmentSubject::Manifest(manifest.clone()),
            Self::Track { order, .. } => return Some(Subject::Order(order.clone())),
        }))
    }
}
