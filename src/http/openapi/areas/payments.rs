//! The description of the routes about payments after they were authorised: captures, refunds, disputes, what providers report.

use crate::http::openapi::table::Route;

pub(super) const ROUTES: &[Route] = &[];

pub(super) const SCHEMAS: &str = include_str!("payments.json");
