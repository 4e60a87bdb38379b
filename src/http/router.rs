//! Which address does what: the table of routes and the layers around it.

use super::context::Context;
use super::native::{
    admins, after_sale, analytics, audit, carts, changes, events, experiments, export, feeds, forecasts, fulfilment, generations, health,
    history, inventory, keys, multi_search, orders, payments, pricing, products, ranking, recommend, relations, rules, search, shoppers,
    stock, suggest, synonyms, tastes, webhooks,
};
use super::{access, admission, algolia, console, error, observe, openapi, pages, rate, ucp};
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use std::sync::Arc;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel};

/// Answers below this many bytes are sent as they are: compressing them costs more than it saves.
const COMPRESSED_BYTES_MIN: u64 = 1_024;
const PARQUET: &str = "application/vnd.apache.parquet";

/// All routes with everything around them.
pub(super) fn router(context: Arc<Context>) -> Router {
    Router::new()
        .merge(native())
        .merge(pricing::routes())
        .merge(carts::routes())
        .merge(stock::routes())
        .merge(fulfilment::routes())
        .merge(payments::routes())
        .merge(after_sale::routes())
        .merge(changes::routes())
        .merge(history::routes())
        .merge(webhooks::routes())
        .merge(export::routes())
        .merge(feeds::routes())
        .merge(shoppers::routes())
        .merge(experiments::routes())
        .merge(algolia::routes())
        .merge(keys::routes())
        .merge(audit::routes())
        .merge(admins::routes())
        .merge(console::routes())
        .merge(ucp::routes())
        .merge(ucp::mcp_routes())
        .merge(web())
        .fallback(error::unknown_route)
        .method_not_allowed_fallback(error::method_not_allowed)
        .with_state(Arc::clone(&context))
        // One service around every route, the outermost first: layers one by one are boxed each, and each copies the boxes of all that it is around.
        .layer(
            ServiceBuilder::new()
                .layer(from_fn(algolia::key_as_bearer))
                .layer(from_fn(observe::observe))
                .layer(CatchPanicLayer::custom(error::panicked))
                .layer(CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(worth_compressing()))
                .layer(from_fn_with_state(Arc::new(openapi::deprecations()), openapi::tell_deprecation))
                .layer(from_fn(pages::tell_people))
                .layer(from_fn_with_state(Arc::clone(&context), access::gate))
                .layer(from_fn_with_state(Arc::clone(&context), rate::limit))
                .layer(from_fn_with_state(context, admission::admit)),
        )
}

/// What gets smaller: not what is short, and not files that are compressed within.
fn worth_compressing() -> impl Predicate {
    SizeAbove::new(COMPRESSED_BYTES_MIN).and(NotForContentType::const_new(PARQUET))
}

fn native() -> Router<Arc<Context>> {
    Router::new()
        .route("/v1/search", get(search::get).post(search::post))
        .route("/v1/ranking", get(ranking::get))
        .route("/v1/multi-search", post(multi_search::post))
        .route("/v1/suggest", get(suggest::get))
        .route("/v1/analytics/queries", get(analytics::queries))
        .route("/v1/recommend", post(recommend::post))
        .route("/v1/recommend/{kind}", get(recommend::get))
        .route("/v1/products", post(products::post))
        .route("/v1/products/{id}", get(products::get).put(products::put).patch(products::patch).delete(products::delete))
        .route("/v1/products/{id}/audience", post(recommend::audience))
        .route("/v1/events", post(events::post))
        .route("/v1/inventory", get(inventory::get).post(inventory::post))
        .route("/v1/orders", get(orders::list))
        .route("/v1/orders/{id}", get(orders::get))
        .route("/v1/orders/{id}/cancel", post(orders::cancel))
        .route("/v1/orders/{id}/ship", post(orders::ship))
        .route("/v1/orders/{id}/deliver", post(orders::deliver))
        .route("/v1/rules", get(rules::list).post(rules::post))
        .route("/v1/rules/preview", post(rules::preview))
        .route("/v1/rules/{id}", get(rules::get).put(rules::put).delete(rules::delete))
        .route("/v1/rules/{id}/history", get(rules::history))
        .route("/v1/synonyms", get(synonyms::list).post(synonyms::post))
        .route("/v1/synonyms/{id}", get(synonyms::get).put(synonyms::put).delete(synonyms::delete))
        .route("/v1/synonyms/{id}/history", get(synonyms::history))
        .route("/v1/relations", post(relations::rebuild))
        .route("/v1/tastes", post(tastes::learn))
        .route("/v1/forecasts", post(forecasts::learn))
        .route("/v1/generations", get(generations::list).post(generations::build))
        .route("/v1/generations/{id}/promote", post(generations::promote))
        .route("/v1/generations/rollback", post(generations::rollback))
        .route("/v1/stats", get(health::stats))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
}

fn web() -> Router<Arc<Context>> {
    let storefront = || get(pages::storefront);
    Router::new()
        .route("/", storefront())
        .route("/search", storefront())
        .route("/p/{id}", storefront())
        .route("/cart", storefront())
        .route("/checkout", storefront())
        .route("/orders/{id}", storefront())
        .route("/console", get(pages::console))
        .route("/console/{*view}", get(pages::console))
        .route("/docs", get(pages::docs))
        .route("/openapi.json", get(openapi::get))
        .route("/assets/{name}", get(pages::asset))
}
