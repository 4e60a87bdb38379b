//! `/v1`: fulfilment orders, waves, shipments on their way, promises kept.

use crate::http::context::Context;
use axum::Router;
use std::sync::Arc;

/// The routes of the area.
pub(in crate::http) fn routes() -> Router<Arc<Context>> {
    Router::new()
}
