//! `/v1`: orders after they were placed: holds, edits and canceled lines, returns, exchanges and claims.

mod edits;
mod returns;

use crate::event::trade::Line;
use crate::event::trade::after_sale::HoldReason;
use crate::http::answer::Answer;
use crate::http::asked::Asked;
use crate::http::context::{Context, Shared};
use crate::http::error::Problem;
use crate::http::native::orders::{order_answer, order_id};
use crate::http::path::Path;
use crate::http::ucp::lines::{Market, check_currency, priced};
use crate::id::{LineId, OrderId, PaymentId, Sku};
use crate::trade::AfterSaleAction;
use axum::Router;
use axum::extract::{Request, State};
use axum::routing::{get, post};
use serde::Deserialize;
use std::sync::Arc;

pub(in crate::http) use returns::{ReturnView, view as return_view};

/// The routes of the area.
pub(in crate::http) fn routes() -> Router<Arc<Context>> {
    Router::new()
        .route("/v1/orders/{id}/holds", post(place_hold))
        .route("/v1/orders/{id}/holds/release", post(release_hold))
        .route("/v1/orders/{id}/payments", post(pay))
        .route("/v1/orders/{id}/edits", post(edits::edit))
        .route("/v1/orders/{id}/edits/preview", post(edits::preview))
        .route("/v1/orders/{id}/returns", get(returns::of_order).post(returns::request))
        .route("/v1/returns", get(returns::list))
        .route("/v1/returns/{id}", get(returns::get))
        .route("/v1/returns/{id}/approve", post(returns::approve))
        .route("/v1/returns/{id}/decline", post(returns::decline))
        .route("/v1/returns/{id}/send", post(returns::send))
        .route("/v1/returns/{id}/receive", post(returns::receive))
        .route("/v1/returns/{id}/inspect", post(returns::inspect))
        .route("/v1/returns/{id}/refund", post(returns::refund))
        .route("/v1/returns/{id}/replace", post(returns::replace))
        .route("/v1/returns/{id}/close", post(returns::close))
        .route("/v1/returns/{id}/cancel", post(returns::cancel))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HoldBody {
    reason: HoldReason,
}

async fn place_hold(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let order = order_id(&id)?;
    let asked = Asked::<HoldBody>::read("order.hold", &id, request).await?;
    act_on_order(&context, asked, order, |order, HoldBody { reason }| Ok(AfterSaleAction::PlaceHold { order, reason })).await
}

async fn release_hold(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let order = order_id(&id)?;
    let asked = Asked::<HoldBody>::read("order.release", &id, request).await?;
    act_on_order(&context, asked, order, |order, HoldBody { reason }| Ok(AfterSaleAction::ReleaseHold { order, reason })).await
}

/// Pays what an order owes beyond its payments.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PayBody {
    /// The provider's name; the shop's first when it is left out.
    #[serde(default)]
    provider: Option<String>,
    /// The provider's token for the instrument.
    token: String,
}

async fn pay(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let order = order_id(&id)?;
    let asked = Asked::<PayBody>::read("order.pay", &id, request).await?;
    let name = context.shop.new_name("payment");
    let action = |order, PayBody { provider, token }| {
        let payment = PaymentId::new(&name).map_err(|error| Problem::internal(&error))?;
        Ok(AfterSaleAction::PayBalance { order, payment, provider: context.provider(provider)?, token })
    };
    act_on_order(&context, asked, order, action).await
}

/// Does something to an order and answers it as it then is.
async fn act_on_order<T>(
    context: &Context,
    asked: Asked<T>,
    order: OrderId,
    action: impl FnOnce(OrderId, T) -> Result<AfterSaleAction, Problem>,
) -> Answer {
    let done = asked.done(context, |body| action(order.clone(), body)).await?;
    order_answer(context, &done.answer, &done.key, &order)
}

/// A line in addition, as it is sold today.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewLineBody {
    sku: Sku,
    quantity: i64,
}

/// Lines in addition, named so that no other line of the shop has their names.
fn new_lines(context: &Context, order: &OrderId, field: &str, rows: Vec<NewLineBody>) -> Result<Vec<Line>, Problem> {
    let catalog = context.shop.readers().catalog();
    let order = context.shop.readers().trade().order(order);
    let market = order.as_ref().map(|order| Market::of(&order.claims, order.totals.total.currency)).unwrap_or_default();
    let line = |(place, NewLineBody { sku, quantity }): (usize, NewLineBody)| {
        let at_fault = |reason: String| Problem::invalid(format!("{field}[{place}].sku"), reason);
        let (product, title, unit_price) = priced(&catalog, &sku, market).map_err(at_fault)?;
        market.currency.map_or(Ok(()), |currency| check_currency(unit_price, currency, "the order is")).map_err(at_fault)?;
        let id = LineId::new(&context.shop.new_name("line")).map_err(|error| Problem::internal(&error))?;
        Ok(Line { id, sku, product, title, quantity, unit_price, components: Vec::new() })
    };
    rows.into_iter().enumerate().map(line).collect()
}
