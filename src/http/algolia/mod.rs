//! The search interface that Algolia's clients speak: a page built with InstantSearch finds its products here once its client is given this
//! host. Only the binding is here: parameters become a [`crate::search::Request`], its answer becomes theirs, and every count is the
//! engine's own.
//!
//! ```text
//!  given ──► asked ──► find ──► answered      queries.rs is the recipe
//!  (their parameters by name) (one request of ours) (the engine) (hits, facets, counts in their shape)
//! ```
//!
//! An index name is the page's own: it is told back, and its ending chooses the order, as names of replicas do (`products_price_asc`).

mod access;
mod answered;
mod asked;
mod facets;
mod fault;
mod filters;
mod given;
mod highlights;
mod insights;
mod objects;
mod queries;
mod shown;

pub(super) use access::{key_as_bearer, takes_other_sites};

use super::context::Context;
use axum::Router;
use axum::routing::{get, post};
use std::sync::Arc;

/// The routes of the binding.
pub(super) fn routes() -> Router<Arc<Context>> {
    use access::preflight;
    Router::new()
        .route("/1/indexes/{index}/queries", post(queries::many).options(preflight))
        .route("/1/indexes/{index}/query", post(queries::one).options(preflight))
        .route("/1/indexes/{index}/facets/{facet}/query", post(queries::facet_values).options(preflight))
        .route("/1/indexes/{index}/objects", post(objects::many).options(preflight))
        .route("/1/indexes/{index}/{object}", get(objects::one).options(preflight))
        .route("/1/events", post(insights::post).options(preflight))
        .layer(axum::middleware::from_fn(access::readable_elsewhere))
}
