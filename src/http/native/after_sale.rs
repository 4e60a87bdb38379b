//! `/v1`: orders after they were placed: edits, canceled lines, holds, returns, exchanges, claims.

use crate::http::context::Context;
use axum::Router;
use std::sync::Arc;

/// The routes of the area.
pub(in crate::http) fn routes() -> Router<Arc<Context>> {
    Router::new()
}
