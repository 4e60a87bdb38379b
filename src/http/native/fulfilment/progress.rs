//! `GET /v1/orders/{id}/progress`: where an order stands, as its buyer may see it: no names, no addresses, no places of the house.

use super::views::{SentView, sent};
use crate::event::trade::{Delivery, Units};
use crate::fulfilment::{OrderWork, Shipment};
use crate::http::answer::{Answer, moment, ok};
use crate::http::context::Shared;
use crate::http::error::Problem;
use crate::http::native::orders::order_id;
use crate::http::path::Path;
use crate::id::{OrderId, ShipmentId, Sku};
use axum::extract::State;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct ProgressView<'a> {
    id: &'a OrderId,
    status: &'static str,
    payment_status: &'static str,
    fulfilment_status: &'static str,
    placed_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<DeliveryView<'a>>,
    shipments: Vec<ShipmentView<'a>>,
}

/// How the goods were to travel when the order was placed.
#[derive(Serialize)]
struct DeliveryView<'a> {
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    promised_from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    promised_until: Option<String>,
}

#[derive(Serialize)]
struct ShipmentView<'a> {
    id: &'a ShipmentId,
    units: Vec<UnitsView<'a>>,
    shipped_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered_at: Option<String>,
    /// What its carrier told, once anything of it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking: Option<SentView<'a>>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct UnitsView<'a> {
    sku: &'a Sku,
    quantity: i64,
}

pub(super) async fn get(State(context): Shared, Path(id): Path) -> Answer {
    let id = order_id(&id)?;
    let trade = context.shop.readers().trade();
    let order = &trade.order(&id).ok_or_else(|| Problem::unknown("order", id.as_str()))?;
    let work = trade.fulfilment().board().order(order.number);
    let work = work.as_deref();
    ok(&ProgressView {
        id: &order.id,
        status: order.status.name(),
        payment_status: order.payment_status.name(),
        fulfilment_status: order.fulfilment_status.name(),
        placed_at: moment(order.placed_at),
        updated_at: moment(order.updated_at),
        delivery: order.delivery.as_deref().map(delivery),
        shipments: order.shipments.iter().map(|left| shipment(left, work)).collect(),
    })
}

fn delivery(delivery: &Delivery) -> DeliveryView<'_> {
    DeliveryView {
        title: &delivery.title,
        promised_from: delivery.promised_from.map(moment),
        promised_until: delivery.promised_until.map(moment),
    }
}

fn shipment<'a>(shipment: &'a Shipment, work: Option<&'a OrderWork>) -> ShipmentView<'a> {
    ShipmentView {
        id: &shipment.id,
        units: of_skus(&shipment.units),
        shipped_at: moment(shipment.shipped_at),
        delivered_at: shipment.delivered_at.map(moment),
        tracking: work.and_then(|work| work.sent(&shipment.id)).map(sent),
    }
}

/// Units by SKU: from which locations they came is the house's own matter.
fn of_skus(units: &[Units]) -> Vec<UnitsView<'_>> {
    let mut quantities: BTreeMap<&Sku, i64> = BTreeMap::new();
    for unit in units {
        *quantities.entry(&unit.sku).or_default() += unit.quantity;
    }
    quantities.into_iter().map(|(sku, quantity)| UnitsView { sku, quantity }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::LocationId;

    #[test]
    fn units_of_two_locations_are_told_together() {
        let units = |sku, location, quantity| Units {
            sku: Sku::new(sku).expect("a SKU"),
            location: LocationId::new(location).expect("a location"),
            quantity,
        };
        let units = [units("B", "east", 1), units("A", "east", 2), units("A", "west", 3)];
        let told: Vec<(&str, i64)> = of_skus(&units).iter().map(|row| (row.sku.as_str(), row.quantity)).collect();
        assert_eq!(told, [("A", 5), ("B", 1)]);
    }
}
