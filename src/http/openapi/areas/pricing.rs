//! The description of the routes about price lists, promotions, coupons, gift cards and store credit.

use crate::http::openapi::table::Route;

pub(super) const ROUTES: &[Route] = &[];

pub(super) const SCHEMAS: &str = include_str!("pricing.json");
