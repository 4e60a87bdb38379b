//! `/v1`: locations and carriers, sourcing, fulfilment orders, waves, manifests, shipments on their way and orders as their buyers follow them,
//! promises kept.

mod batches;
mod facts;
mod progress;
mod sourcing;
mod tracking;
mod views;
mod work;

use crate::http::context::Context;
use axum::Router;
use axum::routing::{get, post, put};
use std::sync::Arc;

/// The routes of the area.
pub(in crate::http) fn routes() -> Router<Arc<Context>> {
    Router::new()
        .route("/v1/locations", get(facts::locations))
        .route("/v1/locations/{id}", get(facts::location).put(facts::set_location))
        .route("/v1/carriers", get(facts::carriers))
        .route("/v1/carriers/{id}", get(facts::carrier).put(facts::set_carrier).delete(facts::remove_carrier))
        .route("/v1/places/{country}", put(facts::set_places))
        .route("/v1/weights", post(facts::set_weights))
        .route("/v1/sourcing/policy", get(sourcing::policy).put(facts::set_policy))
        .route("/v1/sourcing/preview", post(sourcing::preview))
        .route("/v1/orders/{id}/progress", get(progress::get))
        .route("/v1/orders/{id}/sourcing", get(sourcing::of_order))
        .route("/v1/orders/{id}/fulfilment-orders", get(work::of_order))
        .route("/v1/fulfilment-orders", get(work::list))
        .route("/v1/fulfilment-orders/{id}", get(work::get))
        .route("/v1/fulfilment-orders/{id}/release", post(work::release))
        .route("/v1/fulfilment-orders/{id}/pick", post(work::pick))
        .route("/v1/fulfilment-orders/{id}/pack", post(work::pack))
        .route("/v1/fulfilment-orders/{id}/ship", post(work::ship))
        .route("/v1/fulfilment-orders/{id}/cancel", post(work::cancel))
        .route("/v1/waves", get(batches::waves).post(batches::release_wave))
        .route("/v1/waves/{id}", get(batches::wave))
        .route("/v1/manifests", get(batches::manifests).post(batches::close_manifest))
        .route("/v1/manifests/{id}", get(batches::manifest))
        .route("/v1/shipments/{id}/tracking", get(tracking::get).post(tracking::post))
        .route("/v1/promises", get(tracking::promises))
}
