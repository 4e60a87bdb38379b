//! `/v1`: stock beyond units on hand: purchases on their way, transfers, counts, quotas, bundles.

use crate::http::context::Context;
use axum::Router;
use std::sync::Arc;

/// The routes of the area.
pub(in crate::http) fn routes() -> Router<Arc<Context>> {
    Router::new()
}
