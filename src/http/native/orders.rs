//! `/v1/orders`: placed orders, and what the house does with them.

mod finding;

use crate::catalog::CatalogSnapshot;
use crate::event::trade::{Address, Buyer, Totals, Units};
use crate::fulfilment::Shipment;
use crate::http::answer::{Answer, moment, ok};
use crate::http::asked::some_or_all;
use crate::http::body;
use crate::http::context::{Context, Shared};
use crate::http::error::{Kind, Problem};
use crate::http::keys::{Key, keyed};
use crate::http::limits::JSON_BYTES_MAX;
use crate::http::native::bought::{LineView, lines};
use crate::http::params::Params;
use crate::http::path::Path;
use crate::http::versions::tagged;
use crate::id::{CheckoutId, OrderId, PaymentId, ShipmentId};
use crate::money::Money;
use crate::order::{AfterSale, Order};
use crate::pipeline::TradeAnswer;
use crate::trade::{Action, OrderPage, Snapshot, State as Trade};
use axum::extract::{RawQuery, Request, State};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Serialize)]
pub(in crate::http) struct OrderView<'a> {
    id: &'a OrderId,
    number: u64,
    checkout_id: &'a CheckoutId,
    status: &'static str,
    payment_status: &'static str,
    fulfilment_status: &'static str,
    buyer: &'a Buyer,
    address: &'a Address,
    lines: Vec<LineView<'a>>,
    totals: &'a Totals,
    payment_ids: &'a [PaymentId],
    units: &'a [Units],
    left_to_ship: &'a [Units],
    shipments: Vec<ShipmentView<'a>>,
    after_sale: &'a AfterSale,
    due: Money,
    /// What the shop owes the shopper and no provider is being asked to give back: a refund was refused, or came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    owed_back: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancel_reason: Option<&'a str>,
    placed_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct ShipmentView<'a> {
    id: &'a ShipmentId,
    units: &'a [Units],
    shipped_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered_at: Option<String>,
}

#[derive(Serialize)]
struct OrdersView<'a> {
    orders: Vec<OrderView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// Whether there were more orders than are looked at for one page; a narrower filter finds the rest.
    is_cut: bool,
}

/// An order as the house sees it; its texts have been opened.
pub(in crate::http) fn order_view<'a>(order: &'a Order, catalog: &CatalogSnapshot) -> OrderView<'a> {
    OrderView {
        id: &order.id,
        number: order.number,
        checkout_id: &order.checkout,
        status: order.status.name(),
        payment_status: order.payment_status.name(),
        fulfilment_status: order.fulfilment_status.name(),
        buyer: &order.buyer,
        address: &order.address,
        lines: lines(&order.lines, catalog),
        totals: &order.totals,
        payment_ids: &order.payments,
        units: &order.units,
        left_to_ship: &order.left_to_ship,
        shipments: order.shipments.iter().map(shipment).collect(),
        after_sale: &order.after_sale,
        due: Money::new(order.due_minor(), order.totals.total.currency),
        owed_back: None,
        cancel_reason: order.cancel_reason.as_deref(),
        placed_at: moment(order.placed_at),
        updated_at: moment(order.updated_at),
    }
}

/// The same as it is now: what is read tells what is owed now, while the answer to a write stays what it was.
fn read_view<'a>(order: &'a Order, trade: &Trade, catalog: &CatalogSnapshot) -> OrderView<'a> {
    let owed_back = Some(trade.owed_back(order)).filter(|owed| owed.amount_minor > 0);
    OrderView { owed_back, ..order_view(order, catalog) }
}

fn shipment(shipment: &Shipment) -> ShipmentView<'_> {
    let Shipment { id, units, shipped_at, delivered_at } = shipment;
    ShipmentView { id, units, shipped_at: moment(*shipped_at), delivered_at: delivered_at.map(moment) }
}

/// Orders by what they are, a page at a time.
pub(in crate::http) async fn list(State(context): Shared, RawQuery(query): RawQuery) -> Answer {
    let asked = finding::asked(Params::parse(query.as_deref())?)?;
    let (trade, catalog) = (context.shop.readers().trade(), context.shop.readers().catalog());
    let OrderPage { orders, next, is_cut } = trade.find_orders(&asked);
    let orders: Vec<Order> = orders.iter().map(|order| context.people().order(order)).collect();
    ok(&OrdersView {
        orders: orders.iter().map(|order| read_view(order, &trade, &catalog)).collect(),
        next_cursor: next.map(finding::cursor_of),
        is_cut,
    })
}

pub(in crate::http) async fn get(State(context): Shared, Path(id): Path) -> Answer {
    let id = order_id(&id)?;
    let trade = context.shop.readers().trade();
    let order = &trade.order(&id).ok_or_else(|| Problem::unknown("order", id.as_str()))?;
    let catalog = context.shop.readers().catalog();
    tagged(ok(&read_view(&context.people().order(order), &trade, &catalog)), &Snapshot::Order(Arc::clone(order)))
}

/// An order with the entity tag that a later write can be made conditional on.
fn shown(context: &Context, order: &Arc<Order>) -> Answer {
    let catalog = context.shop.readers().catalog();
    tagged(ok(&order_view(&context.people().order(order), &catalog)), &Snapshot::Order(Arc::clone(order)))
}

/// An order's name out of an address: one that cannot be a name is not the name of anything.
pub(in crate::http) fn order_id(text: &str) -> Result<OrderId, Problem> {
    OrderId::new(text).map_err(|_| Problem::unknown("order", text))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct CancelBody {
    reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ShipBody {
    /// None named means all that is left.
    units: Option<Vec<UnitsBody>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitsBody {
    sku: crate::id::Sku,
    location: crate::id::LocationId,
    quantity: i64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct DeliverBody {
    /// May be left out while one shipment only is on its way.
    shipment_id: Option<ShipmentId>,
}

pub(in crate::http) async fn cancel(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    act(&context, "cancel", &id, request, |order, CancelBody { reason }| {
        Ok(Action::CancelOrder { order: order.id.clone(), reason: reason.unwrap_or_else(|| "not said".to_owned()) })
    })
    .await
}

pub(in crate::http) async fn ship(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let name = context.shop.new_name("shipment");
    act(&context, "ship", &id, request, |order, ShipBody { units }| {
        let units = some_or_all("units", units)?
            .into_iter()
            .map(|UnitsBody { sku, location, quantity }| Units { sku, location, quantity })
            .collect();
        let shipment = ShipmentId::new(&name).map_err(|error| Problem::internal(&error))?;
        Ok(Action::ShipOrder { order: order.id.clone(), shipment, units })
    })
    .await
}

pub(in crate::http) async fn deliver(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    act(&context, "deliver", &id, request, |order, DeliverBody { shipment_id }| {
        let mut on_their_way = order.shipments.iter().filter(|shipment| shipment.delivered_at.is_none());
        let shipment = match (shipment_id, on_their_way.next(), on_their_way.next()) {
            (Some(shipment), ..) => shipment,
            (None, Some(only), None) => only.id.clone(),
            (None, ..) => return Err(Problem::of_field(Kind::MissingField, "shipment_id", "which of the order's shipments")),
        };
        Ok(Action::DeliverShipment { order: order.id.clone(), shipment })
    })
    .await
}

/// Does one thing to an order under the caller's key and answers the order as it then is.
async fn act<T: serde::de::DeserializeOwned + Default>(
    context: &Context,
    operation: &str,
    id: &str,
    request: Request,
    action: impl FnOnce(&Order, T) -> Result<Action, Problem>,
) -> Answer {
    let id = order_id(id)?;
    let (head, body) = request.into_parts();
    let bytes = body::read(&head.headers, body, JSON_BYTES_MAX).await?;
    let body = if bytes.is_empty() { T::default() } else { body::parse(&bytes)? };
    let key = keyed(&head.headers, operation, id.as_str(), &bytes)?;
    let act = || {
        let trade = context.shop.readers().trade();
        let order = &trade.order(&id).ok_or_else(|| Problem::unknown("order", id.as_str()))?;
        action(order, body)
    };
    let done = context.once(&key, act).await?;
    order_answer(context, &done, &key, &id)
}

/// The order that a write was about as it was right after it, however often that is repeated; as it is now when the write was about something
/// else.
pub(in crate::http) fn order_answer(context: &Context, done: &TradeAnswer, key: &Key, id: &OrderId) -> Answer {
    match done.snapshot_under(&key.name) {
        Snapshot::Order(order) => shown(context, &order),
        _ => {
            let order = &done.state.order(id).ok_or_else(|| Problem::unknown("order", id.as_str()))?;
            shown(context, order)
        }
    }
}
