//! `/v1`: price lists, promotions, coupons, gift cards and store credit.

mod credit;
mod promotions;
mod settings;

use crate::http::access::Caller;
use crate::http::answer::{Answer, ok};
use crate::http::context::{Context, Shared};
use crate::http::error::Problem;
use crate::http::path::Path;
use crate::id::ProductId;
use crate::money::Money;
use crate::pricing::{HISTORY_MS, PriceSource};
use crate::stdx::clock::Timestamp;
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post, put};
use serde::Serialize;
use std::sync::Arc;

pub(in crate::http) use credit::{AccountView, view as account_view};

/// The routes of the area.
pub(in crate::http) fn routes() -> Router<Arc<Context>> {
    Router::new()
        .route("/v1/price-lists", get(settings::lists))
        .route("/v1/price-lists/{id}", get(settings::list).put(settings::put_list).delete(settings::remove_list))
        .route("/v1/price-lists/{id}/prices", get(settings::prices).post(settings::set_prices))
        .route("/v1/tax-zones", get(settings::zones))
        .route("/v1/tax-zones/{country}", get(settings::zone).put(settings::put_zone).delete(settings::remove_zone))
        .route("/v1/tax-classes", get(settings::tax_classes))
        .route("/v1/tax-classes/{class}", put(settings::set_tax_class))
        .route("/v1/shoppers/{id}/groups", get(settings::groups).put(settings::set_groups))
        .route("/v1/promotions", get(promotions::all))
        .route("/v1/promotions/{id}", get(promotions::one).put(promotions::put).delete(promotions::remove))
        .route("/v1/promotions/{id}/coupons", get(promotions::coupons).post(promotions::put_coupons))
        .route("/v1/promotions/{id}/preview", post(promotions::preview))
        .route("/v1/coupons/{code}", get(promotions::coupon).delete(promotions::remove_coupon))
        .route("/v1/gift-cards", get(credit::all).post(credit::issue))
        .route("/v1/gift-cards/{id}", get(credit::one))
        .route("/v1/gift-cards/{id}/fund", post(credit::fund))
        .route("/v1/gift-cards/{id}/block", post(credit::block))
        .route("/v1/gift-cards/{id}/unblock", post(credit::unblock))
        .route("/v1/credits", get(credit::of_shopper).post(credit::grant))
        .route("/v1/carts/{id}/claims", put(credit::claim_for_cart))
        .route("/v1/checkout-sessions/{id}/claims", put(credit::claim_for_session))
        .route("/v1/products/{id}/price-history", get(history))
}

/// A moment in RFC 3339.
fn moment_of(field: &str, text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    let read = |text: &str| text.parse::<jiff::Timestamp>().map(|at| Timestamp(at.as_millisecond()));
    text.map(read).transpose().map_err(|_| Problem::invalid(field, "must be a moment as in RFC 3339"))
}

#[derive(Serialize)]
struct HistoryView {
    product_id: ProductId,
    days: i64,
    variants: Vec<VariantHistory>,
}

#[derive(Serialize)]
struct VariantHistory {
    sku: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lowest_minor: Option<i64>,
    changes: Vec<ChangeView>,
}

#[derive(Serialize)]
struct ChangeView {
    at: String,
    source: PriceSource,
    before: Option<Money>,
    price: Option<Money>,
}

/// What every variant of a product costs, the lowest that it cost within the last 30 days, and every change.
async fn history(State(context): Shared, Path(id): Path) -> Answer {
    let unknown = || Problem::unknown("product", &id);
    let product_id = ProductId::new(&id).map_err(|_| unknown())?;
    let catalog = context.shop.readers().catalog();
    let product = catalog.ordinal_of(&product_id).and_then(|ordinal| catalog.product(ordinal)).ok_or_else(unknown)?;
    let trade = context.shop.readers().trade();
    let book = trade.pricing().history();
    let now = context.shop.now();
    let caller = Caller::current();
    // What other marketplaces ask is none of the business of a key for one.
    let is_told = |source: &PriceSource| match source {
        PriceSource::Base(Some(named)) => caller.only_marketplace().is_none_or(|only| only == named),
        PriceSource::Base(None) | PriceSource::List(_) => true,
    };
    let variants = product.variants.iter().map(|variant| {
        let price = variant.offer(None).map(|offer| offer.price);
        let changes = book.points(&variant.sku).iter().filter(|point| is_told(&point.source)).map(|point| ChangeView {
            at: crate::http::answer::moment(point.at),
            source: point.source.clone(),
            before: point.before,
            price: point.price,
        });
        VariantHistory {
            sku: variant.sku.to_string(),
            price,
            lowest_minor: book.lowest_minor(&variant.sku, &PriceSource::Base(None), price, now),
            changes: changes.collect(),
        }
    });
    let variants = variants.collect();
    ok(&HistoryView { product_id, days: HISTORY_MS / 86_400_000, variants })
}
