//! The description of the routes about fulfilment orders, waves, shipments on their way, promises kept.

use crate::http::openapi::table::Route;

pub(super) const ROUTES: &[Route] = &[];

pub(super) const SCHEMAS: &str = include_str!("fulfilment.json");
