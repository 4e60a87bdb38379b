//! The description of the routes about carts beyond opening and filling them: merging, lists kept for later, delivery choices of a session.

use crate::http::openapi::table::Route;

pub(super) const ROUTES: &[Route] = &[];

pub(super) const SCHEMAS: &str = include_str!("carts.json");
