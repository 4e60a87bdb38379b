//! What fulfilment events are made of: plans, parcels, what was not found, what carriers tell, promises.

use crate::event::trade::Component;
use crate::id::{CarrierId, LocationId, ServiceId};
use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// Who carries something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CarriedBy {
    /// The carrier.
    pub carrier: CarrierId,
    /// Its service.
    pub service: ServiceId,
}

/// One location's part of a plan, and what it costs in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedPart {
    /// The location.
    pub location: LocationId,
    /// Who is to carry it, when a carrier is known.
    pub by: Option<CarriedBy>,
    /// Until when the carrier has to be given it.
    pub ship_by: Option<Timestamp>,
    /// The carrier's part.
    pub shipping_minor: i64,
    /// Handling.
    pub handling_minor: i64,
    /// Days after the promise.
    pub lateness_minor: i64,
    /// Units out of the location's last days of cover.
    pub stockout_minor: i64,
    /// Units that still have to come.
    pub backorder_minor: i64,
}

/// A plan that was not chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherPlan {
    /// Its locations.
    pub locations: Vec<LocationId>,
    /// What it would have cost, in minor units.
    pub total_minor: i64,
}

/// Why an order is served from where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanFacts {
    /// Its locations.
    pub parts: Vec<PlannedPart>,
    /// What the parcels beyond the first cost, in minor units.
    pub split_minor: i64,
    /// All of it, in minor units.
    pub total_minor: i64,
    /// No plan costs less than this, as far as was looked.
    pub bound_minor: i64,
    /// Locations that could have given something.
    pub candidates_count: u32,
    /// The best location that could have given everything, if one could.
    pub single: Option<OtherPlan>,
    /// The best other plans that were looked at.
    pub others: Vec<OtherPlan>,
}

/// When an order was promised to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// Not before.
    pub from: Timestamp,
    /// Not after.
    pub until: Timestamp,
}

/// Why a promise was not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissReason {
    /// Units were not there, and nowhere else either.
    Backordered,
    /// A parcel was lost.
    Lost,
    /// A location did not find what it should have.
    ShortPick,
    /// Nobody told the location to begin.
    NotReleased,
    /// The location was late.
    HandedOverLate,
    /// The carrier was late.
    Carrier,
}

impl MissReason {
    /// All reasons.
    pub const ALL: [Self; 6] = [Self::Backordered, Self::Lost, Self::ShortPick, Self::NotReleased, Self::HandedOverLate, Self::Carrier];

    /// Its name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Backordered => "backordered",
            Self::Lost => "lost",
            Self::ShortPick => "short_pick",
            Self::NotReleased => "not_released",
            Self::HandedOverLate => "handed_over_late",
            Self::Carrier => "carrier",
        }
    }
}

/// Why units were not picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShortReason {
    /// They do not lie where they should: stock is corrected.
    NotFound,
    /// They are broken: they are written off.
    Damaged,
    /// They have not come yet: stock stays as it is.
    NotArrived,
}

impl ShortReason {
    /// Its name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Damaged => "damaged",
            Self::NotArrived => "not_arrived",
        }
    }
}

/// A packed parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    /// What is in it.
    pub units: Vec<Component>,
    /// What it weighs, in grams.
    pub weight_g: i64,
    /// The carrier's number, once it has one.
    pub tracking: Option<String>,
}

/// What a carrier says about a shipment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrackingStatus {
    /// It has the parcel.
    InTransit,
    /// Today is the day.
    OutForDelivery,
    /// Nobody was there, or something holds it up.
    Exception,
    /// It is lost.
    Lost,
    /// It was handed over.
    Delivered,
}

impl TrackingStatus {
    /// Its name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InTransit => "in_transit",
            Self::OutForDelivery => "out_for_delivery",
            Self::Exception => "exception",
            Self::Lost => "lost",
            Self::Delivered => "delivered",
        }
    }
}

/// One thing that a carrier told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackingNote {
    /// The carrier's name for it, so that it counts once.
    pub id: String,
    /// What.
    pub status: TrackingStatus,
    /// When it happened, as the carrier says.
    pub at: Timestamp,
    /// In the carrier's words.
    pub note: String,
}
