//! `/v1`: stock beyond units on hand: purchases on their way, transfers, counts, quotas, bundles, sales before release, promises.

mod bundles;
mod counts;
mod feed;
mod forecasts;
mod preorders;
mod promise;
mod purchases;
mod quotas;
mod transfers;

pub(in crate::http) use feed::feed;

use crate::http::context::Context;
use crate::http::error::{Kind, Problem};
use crate::http::native::search::limit_of;
use crate::http::params::Params;
use crate::id::{Ordinal, Sku};
use axum::Router;
use axum::routing::{get, post, put};
use std::str::FromStr;
use std::sync::Arc;

/// Rows on a page when the request does not say.
const LIMIT_DEFAULT: usize = 20;
/// Most rows on a page.
const LIMIT_MAX: usize = 200;
/// Most rows that one page looks through when it leaves some out.
const LOOKED_AT_MAX: usize = 10_000;

/// The routes of the area.
pub(in crate::http) fn routes() -> Router<Arc<Context>> {
    Router::new()
        .route("/v1/inventory/forecast", get(forecasts::get))
        .route("/v1/inventory/{sku}/promise", get(promise::get))
        .route("/v1/inventory/{sku}/preorder", put(preorders::put))
        .route("/v1/inventory/{sku}/release", post(preorders::release))
        .route("/v1/purchase-orders", get(purchases::list).post(purchases::open))
        .route("/v1/purchase-orders/proposals", get(purchases::proposals))
        .route("/v1/purchase-orders/{id}", get(purchases::get).put(purchases::change))
        .route("/v1/purchase-orders/{id}/receive", post(purchases::receive))
        .route("/v1/purchase-orders/{id}/cancel", post(purchases::cancel))
        .route("/v1/transfers", get(transfers::list).post(transfers::request))
        .route("/v1/transfers/{id}", get(transfers::get))
        .route("/v1/transfers/{id}/send", post(transfers::send))
        .route("/v1/transfers/{id}/receive", post(transfers::receive))
        .route("/v1/transfers/{id}/cancel", post(transfers::cancel))
        .route("/v1/counts", get(counts::list).post(counts::open))
        .route("/v1/counts/{id}", get(counts::get))
        .route("/v1/counts/{id}/record", post(counts::record))
        .route("/v1/counts/{id}/cancel", post(counts::cancel))
        .route("/v1/quotas", get(quotas::list).put(quotas::put))
        .route("/v1/checkout-sessions/{id}/channel", put(quotas::choose))
        .route("/v1/bundles", get(bundles::list))
        .route("/v1/bundles/{sku}", get(bundles::get).put(bundles::put).delete(bundles::delete))
}

/// The product of a SKU that the catalogue knows.
fn product_of(context: &Context, field: impl Into<String>, sku: &Sku) -> Result<Ordinal, Problem> {
    let product = context.shop.readers().catalog().ordinal_of_sku(sku);
    product.ok_or_else(|| Problem::invalid(field, format!("there is no SKU {sku}")))
}

/// What an address names, as something of this kind.
fn named<T: FromStr>(kind: &str, text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::unknown(kind, text))
}

/// A new name, when the caller gave none.
fn name_or_new<T: FromStr<Err: std::fmt::Display>>(given: Option<T>, prefix: &str) -> Result<T, Problem> {
    let made = || format!("{prefix}_{}", crate::id::random_uuid().simple()).parse().map_err(|error| Problem::internal(&error));
    given.map_or_else(made, Ok)
}

/// A page of a list: how many rows, and behind which one it begins.
struct Page<K> {
    limit: usize,
    after: Option<K>,
}

impl<K: FromStr<Err: std::fmt::Display + 'static>> Page<K> {
    fn of(params: &mut Params) -> Result<Self, Problem> {
        let limit = limit_of(params.parsed("limit")?, LIMIT_DEFAULT, LIMIT_MAX)?;
        Ok(Self { limit, after: params.place("cursor")? })
    }
}

/// The rows of a page, out of those behind its cursor, and the name of the last one that was looked at when there may be more.
fn paged<'a, T: 'a, K: ToString>(
    rows: impl Iterator<Item = &'a Arc<T>>,
    limit: usize,
    name: impl Fn(&T) -> K,
    is_asked: impl Fn(&T) -> bool,
) -> (Vec<Arc<T>>, Option<String>) {
    let mut found = Vec::new();
    let mut rows = rows.take(LOOKED_AT_MAX + 1).enumerate();
    let mut last = None;
    for (looked_at, row) in rows.by_ref() {
        if found.len() == limit || looked_at == LOOKED_AT_MAX {
            return (found, last);
        }
        if is_asked(row) {
            found.push(Arc::clone(row));
        }
        last = Some(name(row).to_string());
    }
    (found, None)
}

/// What a write was about has been forgotten since.
fn forgotten() -> Problem {
    Problem::new(Kind::UnknownId, "it has been forgotten")
}
