//! `/v1`: price lists, promotions, coupons, gift cards and store credit.

use crate::http::context::Context;
use axum::Router;
use std::sync::Arc;

/// The routes of the area.
pub(in crate::http) fn routes() -> Router<Arc<Context>> {
    Router::new()
}
