//! The part of the sample shop that the repository carries as files: small, and readable by people and by `shopkeeper import`.

use super::{Happening, Shop, Size};
use crate::catalog::formats::{EventRow, OrderRow, StockRow};
use crate::event::Behaviour;
use crate::stdx::clock::Timestamp;
use serde_json::{Map, Value, json};

/// The seed of the sample files.
pub const SEED: u64 = 1;
/// The moment at which the sample shop stands: 2026-11-01, noon UTC.
pub const NOW: Timestamp = Timestamp(1_793_534_400_000);

/// The sample files, by name and content.
#[must_use]
pub fn files() -> Vec<(&'static str, String)> {
    let shop = Shop::sized(SEED, NOW, Size::SMALL);
    let products =
        shop.products().filter_map(|product| product.to_document().ok()).map(|document| String::from_utf8_lossy(&document.0).into_owned());
    let (mut events, mut orders) = (Vec::new(), Vec::new());
    for happening in shop.history() {
        match happening {
            Happening::Behaved(row) => events.push(event(&row)),
            Happening::Ordered(row) => orders.push(order(&row)),
            Happening::Searched { .. } => {}
        }
    }
    vec![
        ("products.jsonl", lines(products)),
        ("stock.jsonl", lines(shop.stock().map(|row| stock(&row)))),
        ("events.jsonl", lines(events)),
        ("orders.jsonl", lines(orders)),
    ]
}

fn lines(rows: impl IntoIterator<Item = impl std::fmt::Display>) -> String {
    rows.into_iter().map(|row| format!("{row}\n")).collect()
}

fn stock(row: &StockRow) -> Value {
    json!({"sku": row.sku, "location": row.location, "on_hand": row.on_hand})
}

fn event(row: &EventRow) -> Value {
    let kind = match row.behaviour {
        Behaviour::Impression => "impression",
        Behaviour::Click => "click",
        Behaviour::View => "view",
        Behaviour::AddToCart => "add_to_cart",
        Behaviour::Purchase => "purchase",
    };
    let mut fields = Map::new();
    fields.insert("type".to_owned(), kind.into());
    fields.insert("product_id".to_owned(), row.product.clone().into());
    fields.insert("time".to_owned(), text_of(row.at).into());
    let origin = &row.origin;
    let named = [
        ("shopper_id", origin.shopper.as_ref().map(|id| id.as_str())),
        ("session_id", origin.session.as_ref().map(|id| id.as_str())),
        ("query_id", origin.query.as_ref().map(|id| id.as_str())),
    ];
    fields.extend(named.into_iter().filter_map(|(name, id)| Some((name.to_owned(), id?.into()))));
    fields.extend(origin.rank.map(|rank| ("rank".to_owned(), rank.into())));
    Value::Object(fields)
}

fn order(row: &OrderRow) -> Value {
    let lines: Vec<Value> = row
        .lines
        .iter()
        .map(|line| json!({"product_id": line.product, "quantity": line.quantity, "unit_price": line.unit_price}))
        .collect();
    let mut fields = Map::new();
    fields.insert("reference".to_owned(), row.reference.clone().into());
    fields.insert("at".to_owned(), text_of(row.at).into());
    fields.extend(row.shopper.as_ref().map(|shopper| ("shopper".to_owned(), shopper.as_str().into())));
    fields.insert("lines".to_owned(), lines.into());
    Value::Object(fields)
}

/// ISO 8601, UTC.
fn text_of(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).map(|at| at.to_string()).unwrap_or_default()
}
