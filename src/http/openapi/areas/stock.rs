//! The description of the routes about stock beyond units on hand: purchases on their way, transfers, counts, quotas, bundles.

use crate::http::openapi::table::Route;

pub(super) const ROUTES: &[Route] = &[];

pub(super) const SCHEMAS: &str = include_str!("stock.json");
