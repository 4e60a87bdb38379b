//! The description of the routes about what the shop keeps about people, and how it forgets them.

use crate::http::openapi::table::Route;

pub(super) const ROUTES: &[Route] = &[];

pub(super) const SCHEMAS: &str = include_str!("shoppers.json");
