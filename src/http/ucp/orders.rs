//! `/ucp/v1/orders/{id}`.

use super::session::permalink;
use super::shapes::{self, Destination, Item, ORDER, Total, Ucp};
use crate::event::trade::{Line, Units};
use crate::fulfilment::Shipment;
use crate::http::answer::{Answer, moment, ok};
use crate::http::context::Shared;
use crate::http::error::Problem;
use crate::http::native::orders::order_id;
use crate::http::path::Path;
use crate::id::{CheckoutId, OrderId};
use crate::money::Currency;
use crate::order::{Order, OrderStatus};
use axum::extract::State;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct OrderShape<'a> {
    ucp: Ucp,
    id: &'a OrderId,
    label: String,
    checkout_id: &'a CheckoutId,
    permalink_url: String,
    line_items: Vec<OrderLine<'a>>,
    fulfillment: Fulfillment<'a>,
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

#[derive(Serialize)]
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
    description: &'static str,
}

#[derive(Serialize)]
struct Event<'a> {
    id: String,
    occurred_at: String,
    r#type: &'static str,
    line_items: Vec<Part<'a>>,
}

/// Units of one line.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Part<'a> {
    id: &'a str,
    quantity: i64,
}

pub(in crate::http) async fn get(State(context): Shared, Path(id): Path) -> Answer {
    let id = order_id(&id)?;
    let trade = context.shop.readers().trade();
    let order = trade.order(&id).ok_or_else(|| Problem::unknown("order", id.as_str()))?;
    ok(&shape(&context.people().order(order), &context.public_url))
}

fn shape<'a>(order: &'a Order, public_url: &str) -> OrderShape<'a> {
    let shipped: Vec<Units> = order.shipments.iter().flat_map(|shipment| shipment.units.clone()).collect();
    let fulfilled: BTreeMap<&str, i64> = parts(&order.lines, &shipped).into_iter().map(|part| (part.id, part.quantity)).collect();
    let is_canceled = order.status == OrderStatus::Canceled;
    let line = |line: &'a Line| order_line(line, fulfilled.get(line.id.as_str()).copied().unwrap_or(0), is_canceled);
    OrderShape {
        ucp: Ucp::of(&[ORDER]),
        id: &order.id,
        label: format!("No. {}", order.number + 1),
        checkout_id: &order.checkout,
        permalink_url: permalink(public_url, order.id.as_str()),
        line_items: order.lines.iter().map(line).collect(),
        fulfillment: fulfillment(order),
        currency: order.totals.total.currency,
        totals: shapes::totals(&order.totals),
    }
}

fn order_line(line: &Line, fulfilled: i64, is_canceled: bool) -> OrderLine<'_> {
    let status = match fulfilled {
        _ if is_canceled => "removed",
        fulfilled if fulfilled >= line.quantity => "fulfilled",
        0 => "processing",
        _ => "partial",
    };
    let total = if is_canceled { 0 } else { line.quantity };
    OrderLine {
        id: line.id.as_str(),
        item: Item::of(line),
        quantity: Quantity { original: line.quantity, total, fulfilled },
        totals: shapes::line_totals(line),
        status,
    }
}

fn fulfillment(order: &Order) -> Fulfillment<'_> {
    let waiting = parts(&order.lines, &order.left_to_ship);
    let expectation = Expectation {
        id: "expectation_1",
        line_items: waiting,
        method_type: "shipping",
        destination: shapes::destination(None, &order.address),
        description: "Standard delivery",
    };
    let is_expected = order.status != OrderStatus::Canceled && !expectation.line_items.is_empty();
    Fulfillment {
        expectations: is_expected.then_some(expectation).into_iter().collect(),
        events: order.shipments.iter().flat_map(|shipment| events(&order.lines, shipment)).collect(),
    }
}

fn events<'a>(lines: &'a [Line], shipment: &Shipment) -> Vec<Event<'a>> {
    let event = |r#type, at| Event {
        id: format!("{}_{}", shipment.id, r#type),
        occurred_at: moment(at),
        r#type,
        line_items: parts(lines, &shipment.units),
    };
    let shipped = event("shipped", shipment.shipped_at);
    std::iter::once(shipped).chain(shipment.delivered_at.map(|at| event("delivered", at))).collect()
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
