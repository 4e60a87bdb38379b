//! Shapes that UCP answers share.

use crate::event::trade::{Address, Buyer, Line, Totals};
use crate::payment::Provider;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The version of the protocol that is spoken here.
pub(super) const VERSION: &str = "2026-04-08";

/// What an answer says about the protocol.
#[derive(Debug, Serialize)]
pub(super) struct Ucp {
    version: &'static str,
    status: &'static str,
    capabilities: BTreeMap<&'static str, [Entity; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_handlers: Option<BTreeMap<String, [Handler; 1]>>,
}

/// A capability.
#[derive(Debug, Serialize)]
pub(super) struct Entity {
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    extends: Option<&'static str>,
}

/// A payment handler.
#[derive(Debug, Serialize)]
pub(super) struct Handler {
    id: String,
    version: &'static str,
    available_instruments: [Instrument; 1],
}

#[derive(Debug, Serialize)]
struct Instrument {
    r#type: &'static str,
}

/// All capabilities of this shop.
pub(super) fn capabilities(names: &[&'static str]) -> BTreeMap<&'static str, [Entity; 1]> {
    let extends = |name: &str| (name == FULFILLMENT).then_some(CHECKOUT);
    names.iter().map(|name| (*name, [Entity { version: VERSION, extends: extends(name) }])).collect()
}

/// All payment handlers of this shop: its payment providers, by name.
pub(super) fn payment_handlers(providers: &[Arc<dyn Provider>]) -> BTreeMap<String, [Handler; 1]> {
    let handler = |provider: &Arc<dyn Provider>| {
        let id = provider.name().to_owned();
        let name = format!("dev.shopkeeper.{id}_payment");
        (name, [Handler { id, version: VERSION, available_instruments: [Instrument { r#type: "token" }] }])
    };
    providers.iter().map(handler).collect()
}

pub(super) const CHECKOUT: &str = "dev.ucp.shopping.checkout";
pub(super) const CART: &str = "dev.ucp.shopping.cart";
pub(super) const ORDER: &str = "dev.ucp.shopping.order";
pub(super) const FULFILLMENT: &str = "dev.ucp.shopping.fulfillment";
pub(super) const CATALOG_SEARCH: &str = "dev.ucp.shopping.catalog.search";
pub(super) const CATALOG_LOOKUP: &str = "dev.ucp.shopping.catalog.lookup";

impl Ucp {
    /// Of an answer about these capabilities.
    pub(super) fn of(names: &[&'static str]) -> Self {
        Self { version: VERSION, status: "success", capabilities: capabilities(names), payment_handlers: None }
    }

    /// The same, saying how one can pay.
    pub(super) fn with_handlers(self, providers: &[Arc<dyn Provider>]) -> Self {
        Self { payment_handlers: Some(payment_handlers(providers)), ..self }
    }
}

/// One part of what something comes to.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Total {
    pub(super) r#type: &'static str,
    pub(super) amount: i64,
}

/// The parts of a cart, session or order; zero discounts and taxes are left out.
pub(super) fn totals(totals: &Totals) -> Vec<Total> {
    let part = |r#type, amount| Total { r#type, amount };
    let mut parts = vec![part("subtotal", totals.subtotal.amount_minor)];
    if totals.discount.amount_minor != 0 {
        parts.push(part("discount", totals.discount.amount_minor));
    }
    parts.push(part("fulfillment", totals.shipping.amount_minor));
    if totals.tax.amount_minor != 0 {
        parts.push(part("tax", totals.tax.amount_minor));
    }
    parts.push(part("total", totals.total.amount_minor));
    parts
}

/// What a line comes to. Lines were checked when they were kept, so the product fits.
pub(super) fn line_totals(line: &Line) -> Vec<Total> {
    let amount = line.unit_price.amount_minor.saturating_mul(line.quantity);
    vec![Total { r#type: "subtotal", amount }, Total { r#type: "total", amount }]
}

/// What is bought.
#[derive(Debug, Serialize)]
pub(super) struct Item<'a> {
    id: &'a str,
    title: &'a str,
    price: i64,
}

impl<'a> Item<'a> {
    pub(super) fn of(line: &'a Line) -> Self {
        Self { id: line.sku.as_str(), title: &line.title, price: line.unit_price.amount_minor }
    }
}

/// One line of a cart or session.
#[derive(Debug, Serialize)]
pub(super) struct LineItem<'a> {
    id: &'a str,
    item: Item<'a>,
    quantity: i64,
    totals: Vec<Total>,
}

/// The lines of a cart or session.
pub(super) fn line_items(lines: &[Line]) -> Vec<LineItem<'_>> {
    lines.iter().map(line_item).collect()
}

fn line_item(line: &Line) -> LineItem<'_> {
    LineItem { id: line.id.as_str(), item: Item::of(line), quantity: line.quantity, totals: line_totals(line) }
}

/// Who buys.
#[derive(Debug, Serialize)]
pub(super) struct BuyerShape<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
}

/// First names, and the last one. The shop keeps one name, as people write it; the protocol wants two.
pub(super) fn names(name: &str) -> (Option<&str>, Option<&str>) {
    match name.trim().rsplit_once(' ') {
        Some((first, last)) => (Some(first.trim_end()), Some(last)),
        None => (Some(name.trim()).filter(|name| !name.is_empty()), None),
    }
}

/// The buyer, when anything is known that the protocol names.
pub(super) fn buyer(buyer: &Buyer) -> Option<BuyerShape<'_>> {
    let (first_name, last_name) = names(buyer.name.as_deref().unwrap_or_default());
    let shape = BuyerShape { first_name, last_name, email: buyer.email.as_deref() };
    (first_name.is_some() || buyer.email.is_some()).then_some(shape)
}

/// A postal address.
#[derive(Debug, Serialize)]
pub(super) struct Destination<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    street_address: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    address_locality: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    address_region: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    address_country: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    postal_code: &'a str,
}

/// The address in the protocol's words.
pub(super) fn destination<'a>(id: Option<&'static str>, address: &'a Address) -> Destination<'a> {
    let (first_name, last_name) = names(&address.name);
    Destination {
        id,
        first_name,
        last_name,
        street_address: &address.street,
        address_locality: &address.city,
        address_region: &address.region,
        address_country: &address.country,
        postal_code: &address.postal_code,
    }
}

/// Something that the platform or the buyer should know.
#[derive(Debug, Serialize)]
pub(super) struct Message {
    pub(super) r#type: &'static str,
    pub(super) code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    pub(super) content: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) severity: Option<&'static str>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{Currency, Money};

    #[test]
    fn totals_hold_exactly_one_subtotal_and_one_total() {
        let usd = |amount| Money::new(amount, Currency::USD);
        let sums = Totals {
            subtotal: usd(1_000),
            discount: usd(-100),
            shipping: usd(0),
            tax: usd(72),
            total: usd(972),
            ..Totals::zero(Currency::USD)
        };
        let types: Vec<_> = totals(&sums).into_iter().map(|total| (total.r#type, total.amount)).collect();
        assert_eq!(types, [("subtotal", 1_000), ("discount", -100), ("fulfillment", 0), ("tax", 72), ("total", 972)]);
    }

    #[test]
    fn one_name_becomes_two() {
        assert_eq!(names("Ada King Lovelace"), (Some("Ada King"), Some("Lovelace")));
        assert_eq!(names("Ada"), (Some("Ada"), None));
        assert_eq!(names(" "), (None, None));
    }
}
