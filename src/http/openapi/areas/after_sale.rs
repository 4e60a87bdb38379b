//! The description of the routes about orders after they were placed: edits, canceled lines, holds, returns, exchanges, claims.

use crate::http::openapi::table::Route;

pub(super) const ROUTES: &[Route] = &[];

pub(super) const SCHEMAS: &str = include_str!("after_sale.json");
