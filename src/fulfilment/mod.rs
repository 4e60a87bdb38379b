//! Fulfilment: from which locations an order is served, its shipments, and how far they are.

mod book;
mod shipment;
mod source;

pub use book::FulfilmentBook;
pub use shipment::{FulfilmentStatus, Shipment, ShipmentError, fulfilment_status, take_units};
pub use source::{Shortage, source};
