//! The way in for those who run the shop, and the name that a browser on the shop page is given.

mod session;
mod totp;
mod visit;

use crate::http::context::Context;
use axum::Router;
use axum::routing::{get, post};
use std::sync::Arc;

/// The routes of the area.
pub(super) fn routes() -> Router<Arc<Context>> {
    Router::new()
        .route("/console/api/session", get(session::who).post(session::log_in).delete(session::log_out))
        .route("/console/api/session/totp", post(totp::begin).put(totp::confirm).delete(totp::remove))
        .route("/storefront/visit", post(visit::post))
}
