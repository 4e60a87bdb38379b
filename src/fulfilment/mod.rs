//! Fulfilment: from which locations an order is served, who carries it and when it arrives, its shipments, and how far they are.

mod board;
mod book;
mod calendar;
mod carrier;
mod facts;
mod geo;
mod pace;
mod shipment;
mod source;
mod work;

pub use board::{BATCHES_MAX, Board, Followed, Manifest, OneWork, PromiseCounts, WORK_KEPT_MS, Wave};
pub use book::FulfilmentBook;
pub use carrier::{Arrival, Carrier, Destination, Lane, Load};
pub use facts::Facts;
pub use geo::distance_km;
pub use shipment::{FulfilmentStatus, Shipment, ShipmentError, fulfilment_status, take_units, waiting_status};
pub use source::{
    Alternative, Asked, COST_MINOR_MAX, Effort, Lacking, Need, Offer, Plan, Problem, Site, SiteCost, Stocked, Terms, Way, choose,
};
pub use work::{OrderWork, Sent, Settled, Short, Work, WorkLine, WorkStatus, sum_units};
