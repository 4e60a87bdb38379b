//! Orders, as the platform that brought them sees them.

use super::call::{Call, Outcome};
use super::capability::{Active, ORDER};
use super::session::permalink;
use super::shapes::{self, Destination, Item, Total, Ucp, part};
use crate::connect::webhooks::Orders;
use crate::event::trade::after_sale::ReturnKind;
use crate::event::trade::payments::StepKind;
use crate::event::trade::{Line, Units};
use crate::fulfilment::{Sent, Shipment};
use crate::http::answer::moment;
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::native::orders::order_id;
use crate::id::{CarrierId, CheckoutId, OrderId};
use crate::money::Currency;
use crate::order::{Order, OrderStatus, Return, ReturnStatus};
use crate::payment::{Payment, StepRecord, StepStatus};
use crate::trade::State as Trade;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Serialize)]
struct OrderShape<'a> {
    ucp: Ucp,
    id: &'a OrderId,
    label: String,
    checkout_id: &'a CheckoutId,
    permalink_url: String,
    line_items: Vec<OrderLine<'a>>,
    fulfillment: Fulfillment<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    adjustments: Vec<Adjustment>,
    currency: Currency,
    totals: Vec<Total>,
}

#[derive(Serialize)]
struct OrderLine<'a> {
    id: &'a str,
    item: Item<'a>,
    quantity: Quantity,
    totals: Vec<Total>,
    status: &'static str,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Quantity {
    original: i64,
    total: i64,
    fulfilled: i64,
}

#[derive(Serialize)]
struct Fulfillment<'a> {
    expectations: Vec<Expectation<'a>>,
    events: Vec<Event<'a>>,
}

#[derive(Serialize)]
struct Expectation<'a> {
    id: &'static str,
    line_items: Vec<Part<'a>>,
    method_type: &'static str,
    destination: Destination<'a>,
    description: String,
}

#[derive(Serialize)]
struct Event<'a> {
    id: String,
    occurred_at: String,
    r#type: &'static str,
    line_items: Vec<Part<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<CarrierId>,
}

/// Something that changed an order beside its delivery.
#[derive(Serialize)]
struct Adjustment {
    id: String,
    r#type: &'static str,
    occurred_at: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    line_items: Vec<Moved>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    totals: Vec<Total>,
}

/// Units of a line that went or came.
#[derive(Serialize)]
struct Moved {
    id: String,
    quantity: i64,
}

/// Units of one line.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Part<'a> {
    id: &'a str,
    quantity: i64,
}

/// Of a platform only its own orders are known.
pub(super) fn get(context: &Context, call: &Call) -> Result<Outcome, Problem> {
    let id = order_id(&call.id)?;
    let trade = context.shop.readers().trade();
    let order = &trade.order(&id).ok_or_else(|| Problem::unknown("order", id.as_str()))?;
    if call.party.profile().is_some_and(|profile| order.buyer.agent.as_deref() != Some(profile)) {
        return Err(Problem::unknown("order", id.as_str()));
    }
    let ucp = Ucp::of(&call.party.active, ORDER);
    Outcome::ok(&shape(&trade, &context.people().order(order), ucp, &context.public_url))
}

/// How platforms are told of their orders: as they see them when they ask.
pub(in crate::http) fn telling(context: &Context) -> Orders {
    let (readers, public_url) = (context.shop.readers().clone(), context.public_url.clone());
    let profile_url = format!("{public_url}/.well-known/ucp");
    let body = move |platform: &str, id: &str| {
        let trade = readers.trade();
        let order = &trade.order(&OrderId::new(id).ok()?).filter(|order| order.buyer.agent.as_deref() == Some(platform))?;
        let shown = readers.people().order(order);
        serde_json::to_vec(&shape(&trade, &shown, Ucp::of(&Active::all(), ORDER), &public_url)).ok()
    };
    Orders { body: Arc::new(body), profile_url }
}

fn shape<'a>(trade: &'a Trade, order: &'a Order, ucp: Ucp, public_url: &str) -> OrderShape<'a> {
    let returns: Vec<&Arc<Return>> = order.after_sale.returns.iter().filter_map(|id| trade.returned(id)).collect();
    let shipped: Vec<Units> = order.shipments.iter().flat_map(|shipment| shipment.units.clone()).collect();
    let sent: BTreeMap<&str, i64> = parts(&order.lines, &shipped).into_iter().map(|part| (part.id, part.quantity)).collect();
    let line = |(place, line): (usize, &'a Line)| {
        let amounts = shapes::amounts_of(&order.totals, place, line);
        let quantity = quantity(order, line, sent.get(line.id.as_str()).copied().unwrap_or(0), &returns);
        OrderLine {
            id: line.id.as_str(),
            item: Item::of(line, amounts),
            status: quantity.status(),
            quantity,
            totals: shapes::line_totals(line, amounts),
        }
    };
    OrderShape {
        ucp,
        id: &order.id,
        label: format!("No. {}", order.number + 1),
        checkout_id: &order.checkout,
        permalink_url: permalink(public_url, order.id.as_str()),
        line_items: order.lines.iter().enumerate().map(line).collect(),
        fulfillment: fulfillment(trade, order),
        adjustments: adjustments(trade, order, &returns),
        currency: order.totals.total.currency,
        totals: shapes::totals(&order.totals),
    }
}

/// How many there were, are, and have left; what came back counts as neither bought nor sent.
fn quantity(order: &Order, line: &Line, fulfilled: i64, returns: &[&Arc<Return>]) -> Quantity {
    let is_back = |back: &&&Arc<Return>| !matches!(back.status, ReturnStatus::Declined | ReturnStatus::Canceled);
    let came_back = returns.iter().filter(is_back).flat_map(|back| back.counted()).filter(|(of, _)| of.line == line.id);
    let returned: i64 = came_back.map(|(_, units)| units).sum::<i64>().min(fulfilled);
    let original = order.after_sale.original.as_ref().and_then(|original| original.lines.iter().find(|known| known.id == line.id));
    let total = if order.status == OrderStatus::Canceled { 0 } else { (line.quantity - returned).max(0) };
    Quantity { original: original.map_or(line.quantity, |line| line.quantity), total, fulfilled: fulfilled - returned }
}

impl Quantity {
    fn status(&self) -> &'static str {
        match self {
            Self { total: 0, .. } => "removed",
            Self { total, fulfilled, .. } if fulfilled >= total => "fulfilled",
            Self { fulfilled: 0, .. } => "processing",
            Self { .. } => "partial",
        }
    }
}

fn fulfillment<'a>(trade: &'a Trade, order: &'a Order) -> Fulfillment<'a> {
    let waiting = parts(&order.lines, &order.left_to_ship);
    let description = match order.delivery.as_deref() {
        Some(delivery) => match delivery.promised_until {
            Some(until) => format!("{}, by {}", delivery.title, moment(until)),
            None => delivery.title.clone(),
        },
        None => "Standard delivery".to_owned(),
    };
    let destination = shapes::destination(None, &order.address);
    let expectation = Expectation { id: "expectation_1", line_items: waiting, method_type: "shipping", destination, description };
    let is_expected = order.status != OrderStatus::Canceled && !expectation.line_items.is_empty();
    let work = trade.fulfilment().board().order(order.number);
    let sent = |shipment: &Shipment| work.as_ref().and_then(|work| work.sent(&shipment.id));
    let left = order.shipments.iter().flat_map(|shipment| events(&order.lines, shipment, sent(shipment))).collect();
    Fulfillment { expectations: is_expected.then_some(expectation).into_iter().collect(), events: left }
}

fn events<'a>(lines: &'a [Line], shipment: &Shipment, sent: Option<&Sent>) -> Vec<Event<'a>> {
    let event = |r#type, at| Event {
        id: format!("{}_{}", shipment.id, r#type),
        occurred_at: moment(at),
        r#type,
        line_items: parts(lines, &shipment.units),
        tracking_number: sent.and_then(|sent| sent.parcels.iter().find_map(|parcel| parcel.tracking.clone())),
        carrier: sent.and_then(|sent| sent.by.as_ref()).map(|by| by.carrier.clone()),
    };
    let shipped = event("shipped", shipment.shipped_at);
    std::iter::once(shipped).chain(shipment.delivered_at.map(|at| event("delivered", at))).collect()
}

/// Money that was given back, goods that came back, and the end of an order that was called off.
fn adjustments(trade: &Trade, order: &Order, returns: &[&Arc<Return>]) -> Vec<Adjustment> {
    let paid = order.payments.iter().chain(&order.after_sale.balance_payment).filter_map(|id| trade.payment(id));
    let refunds = paid.flat_map(|payment| {
        let given_back = payment.steps.iter().filter(|step| step.kind == StepKind::Refund);
        given_back.map(|step| refund(&payment, step)).collect::<Vec<_>>()
    });
    let canceled = (order.status == OrderStatus::Canceled).then(|| Adjustment {
        id: format!("{}_canceled", order.id),
        r#type: "cancellation",
        occurred_at: moment(order.updated_at),
        status: "completed",
        line_items: order.lines.iter().map(|line| Moved { id: line.id.to_string(), quantity: -line.quantity }).collect(),
        totals: Vec::new(),
    });
    refunds.chain(returns.iter().map(|back| return_of(back))).chain(canceled).collect()
}

fn refund(payment: &Payment, step: &StepRecord) -> Adjustment {
    Adjustment {
        id: format!("{}_{}", payment.id, step.number),
        r#type: "refund",
        occurred_at: moment(step.at),
        status: match step.status {
            StepStatus::Asked | StepStatus::Lost => "pending",
            StepStatus::Done => "completed",
            StepStatus::Refused | StepStatus::Failed => "failed",
        },
        line_items: Vec::new(),
        totals: vec![part("total", -step.amount_minor)],
    }
}

fn return_of(back: &Return) -> Adjustment {
    Adjustment {
        id: back.id.to_string(),
        r#type: match back.kind {
            ReturnKind::Return => "return",
            ReturnKind::Exchange { .. } => "exchange",
            ReturnKind::Claim { .. } => "claim",
        },
        occurred_at: moment(back.updated_at),
        status: match back.status {
            ReturnStatus::Requested
            | ReturnStatus::Approved
            | ReturnStatus::InTransit
            | ReturnStatus::Received
            | ReturnStatus::Inspected => "pending",
            ReturnStatus::Refunded | ReturnStatus::Exchanged | ReturnStatus::Closed => "completed",
            ReturnStatus::Declined | ReturnStatus::Canceled => "failed",
        },
        line_items: back.lines.iter().map(|line| Moved { id: line.line.to_string(), quantity: -line.quantity }).collect(),
        totals: Vec::new(),
    }
}

/// Units of SKUs as units of lines: lines of the same SKU are filled in their order.
fn parts<'a>(lines: &'a [Line], units: &[Units]) -> Vec<Part<'a>> {
    let mut left: BTreeMap<&str, i64> = BTreeMap::new();
    for unit in units {
        *left.entry(unit.sku.as_str()).or_default() += unit.quantity;
    }
    let take = |line: &'a Line| {
        let left = left.get_mut(line.sku.as_str())?;
        let quantity = (*left).min(line.quantity);
        *left -= quantity;
        (quantity > 0).then_some(Part { id: line.id.as_str(), quantity })
    };
    lines.iter().filter_map(take).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{LineId, LocationId, Ordinal, Sku};
    use crate::money::Money;

    #[test]
    fn a_line_is_what_its_quantities_say() {
        let check = |total, fulfilled, expected| assert_eq!(Quantity { original: 3, total, fulfilled }.status(), expected);
        check(0, 0, "removed");
        check(3, 0, "processing");
        check(3, 1, "partial");
        check(3, 3, "fulfilled");
    }

    #[test]
    fn lines_of_one_sku_are_filled_in_order() {
        let sku = |text| Sku::new(text).expect("a SKU");
        let line = |id: &str, text, quantity| Line {
            id: LineId::new(id).expect("an id"),
            sku: sku(text),
            product: Ordinal(0),
            title: String::new(),
            quantity,
            unit_price: Money::new(1, Currency::USD),
            components: Vec::new(),
        };
        let lines = [line("a", "A", 2), line("b", "B", 1), line("c", "A", 5)];
        let location = LocationId::new("east").expect("an id");
        let units = [Units { sku: sku("A"), location: location.clone(), quantity: 3 }, Units { sku: sku("A"), location, quantity: 1 }];
        assert_eq!(parts(&lines, &units), [Part { id: "a", quantity: 2 }, Part { id: "c", quantity: 2 }]);
    }
}
