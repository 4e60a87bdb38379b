//! `/v1/sourcing` and `/v1/orders/{id}/sourcing`: from where an order is, or would be, served, and why.

use super::views::{PlanView, plan};
use crate::event::trade::{Address, Line, Units};
use crate::http::answer::{Answer, moment, ok};
use crate::http::body::Json;
use crate::http::context::Shared;
use crate::http::error::Problem;
use crate::http::limits::{CART_LINES_MAX, LINE_QUANTITY_MAX};
use crate::http::native::fulfilment::facts::policy_shown;
use crate::http::native::orders::order_id;
use crate::http::path::Path;
use crate::http::ucp::lines::{Market, priced};
use crate::id::{LineId, Sku};
use crate::money::Money;
use crate::pricing::Basket;
use axum::extract::State;
use serde::{Deserialize, Serialize};

pub(super) async fn policy(State(context): Shared) -> Answer {
    policy_shown(*context.shop.readers().trade().fulfilment().facts().policy())
}

#[derive(Serialize)]
struct SourcingView<'a> {
    units: &'a [Units],
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<PlanView<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    shipping_options: Vec<OptionView>,
}

#[derive(Serialize)]
struct OptionView {
    id: String,
    title: String,
    cost: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    promised_from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    promised_until: Option<String>,
}

/// The plan is that of the moment when the order was placed; units that were not found since come from elsewhere.
pub(super) async fn of_order(State(context): Shared, Path(id): Path) -> Answer {
    let id = order_id(&id)?;
    let trade = context.shop.readers().trade();
    let order = &trade.order(&id).ok_or_else(|| Problem::unknown("order", id.as_str()))?;
    let work = trade.fulfilment().board().order(order.number);
    let kept = work.as_ref().and_then(|work| Some(plan(work.plan.as_deref()?, work.promise)));
    ok(&SourcingView { units: &order.units, plan: kept, shipping_options: Vec::new() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PreviewBody {
    lines: Vec<LineBody>,
    address: Option<Address>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LineBody {
    sku: Sku,
    quantity: i64,
}

pub(super) async fn preview(State(context): Shared, Json(PreviewBody { lines, address }): Json<PreviewBody>) -> Answer {
    if lines.is_empty() || lines.len() > CART_LINES_MAX {
        return Err(Problem::invalid("lines", format!("must be between 1 and {CART_LINES_MAX}")));
    }
    let catalog = context.shop.readers().catalog();
    let line = |(place, LineBody { sku, quantity }): (usize, LineBody)| {
        if !(1..=LINE_QUANTITY_MAX).contains(&quantity) {
            return Err(Problem::invalid(format!("lines[{place}].quantity"), format!("must be between 1 and {LINE_QUANTITY_MAX}")));
        }
        let (product, title, unit_price) =
            priced(&catalog, &sku, Market::default()).map_err(|reason| Problem::invalid(format!("lines[{place}].sku"), reason))?;
        let id = LineId::new(&place.to_string()).map_err(|error| Problem::internal(&error))?;
        Ok(Line { id, sku, product, title, quantity, unit_price, components: Vec::new() })
    };
    let lines: Vec<Line> = lines.into_iter().enumerate().map(line).collect::<Result<_, _>>()?;
    let currency = lines.first().map(|line| line.unit_price.currency).ok_or_else(|| Problem::invalid("lines", "must not be empty"))?;
    let (trade, now) = (context.shop.readers().trade(), context.shop.now());
    let found = trade.sourcing_preview(&lines, address.as_ref(), now)?;
    let basket = Basket { address: address.as_ref(), ..Basket::of(&lines, currency, now) };
    let options = trade.shipping_options(&basket).into_iter().map(|option| OptionView {
        id: option.id,
        title: option.title,
        cost: option.cost,
        promised_from: option.promised_from.map(moment),
        promised_until: option.promised_until.map(moment),
    });
    ok(&SourcingView { units: &found.units, plan: Some(plan(&found.plan, found.promise)), shipping_options: options.collect() })
}
