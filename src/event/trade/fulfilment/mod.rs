//! What happens to fulfilment orders, waves, shipments on their way, promises kept.

mod facts;

pub use facts::{
    Calendar, CarrierFacts, GeoPoint, LocationFacts, Origin, PlaceFacts, RateBasis, RateFacts, ServiceFacts, SourcingPolicy,
    TrackingFormat, WeightFacts, ZoneFacts,
};

use crate::id::CarrierId;
use serde::{Deserialize, Serialize};

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
}
