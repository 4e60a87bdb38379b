//! `/v1`: carts beyond opening and filling them: merging, lists kept for later, delivery choices of a session.

use crate::http::context::Context;
use axum::Router;
use std::sync::Arc;

/// The routes of the area.
pub(in crate::http) fn routes() -> Router<Arc<Context>> {
    Router::new()
}
