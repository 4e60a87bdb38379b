//! `/v1/inventory`: the levels of a SKU, and changing them.

use crate::event::trade::{StockReason, Subject};
use crate::http::answer::{Answer, ok};
use crate::http::body::{self, JsonBytes};
use crate::http::context::Shared;
use crate::http::error::{Kind, Problem};
use crate::http::keys::keyed;
use crate::http::params::Params;
use crate::http::versions::{only_if, tagged};
use crate::id::{LocationId, Ordinal, ProductId, Sku};
use crate::inventory::{LocationStock, StockRow};
use crate::trade::{Action, Command, Snapshot, State as Trade, StockChange};
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Serialize)]
struct Levels<'a> {
    sku: &'a Sku,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<ProductId>,
    available: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    release_at_ms: Option<i64>,
    locations: Vec<Level<'a>>,
}

#[derive(Serialize)]
struct Level<'a> {
    location: &'a LocationId,
    on_hand: i64,
    reserved: i64,
    allocated: i64,
    picked: i64,
    damaged: i64,
    quality_hold: i64,
    incoming: i64,
    in_transit: i64,
    safety_stock: i64,
    backorder_cap: i64,
    preorder_cap: i64,
    available: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reorder_point: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reorder_to: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backorder_expected_at_ms: Option<i64>,
}

fn level(stock: &LocationStock) -> Level<'_> {
    let LocationStock { location, buckets, terms } = stock;
    let terms = terms.as_deref().copied().unwrap_or_default();
    Level {
        location,
        on_hand: buckets.on_hand,
        reserved: buckets.reserved,
        allocated: buckets.allocated,
        picked: buckets.picked,
        damaged: buckets.damaged,
        quality_hold: buckets.quality_hold,
        incoming: buckets.incoming,
        in_transit: buckets.in_transit,
        safety_stock: buckets.safety_stock,
        backorder_cap: buckets.backorder_cap,
        preorder_cap: buckets.preorder_cap,
        available: buckets.sellable(),
        reorder_point: terms.reorder_point,
        reorder_to: terms.reorder_to,
        backorder_expected_at_ms: terms.backorder_expected_at.map(|at| at.0),
    }
}

/// The levels of a row; `available` is what may be sold through no channel with a quota.
fn levels(row: &StockRow, product_id: Option<ProductId>) -> Levels<'_> {
    Levels {
        sku: &row.sku,
        product_id,
        available: row.shared(),
        release_at_ms: row.release_at.map(|at| at.0),
        locations: row.locations.iter().map(level).collect(),
    }
}

pub(in crate::http) async fn get(State(context): Shared, RawQuery(query): RawQuery) -> Answer {
    let mut params = Params::parse(query.as_deref())?;
    let sku: Option<Sku> = params.parsed("sku")?;
    params.finish()?;
    let sku = sku.ok_or_else(|| Problem::of_field(Kind::MissingField, "sku", "which stock-keeping unit"))?;
    let catalog = context.shop.readers().catalog();
    let trade = context.shop.readers().trade();
    let product = catalog.ordinal_of_sku(&sku).and_then(|product| catalog.id_of(product));
    match trade.stock().row(&sku) {
        Some(row) => tagged(ok(&levels(row, product)), &Snapshot::Stock(Arc::clone(row))),
        None if product.is_none() => Err(Problem::unknown("SKU", sku.as_str()).in_field("sku")),
        None => ok(&levels(&StockRow { available: trade.available_units(&sku), ..StockRow::new(sku, Ordinal::default()) }, product)),
    }
}

/// The body of `POST /v1/inventory`: `set` (with `expected`: only while that is the number), `adjust`, or limits.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeBody {
    sku: Sku,
    location: LocationId,
    set: Option<i64>,
    expected: Option<i64>,
    adjust: Option<i64>,
    reason: Option<StockReason>,
    safety_stock: Option<i64>,
    backorder_cap: Option<i64>,
}

pub(in crate::http) async fn post(State(context): Shared, headers: HeaderMap, JsonBytes(bytes): JsonBytes) -> Answer {
    let key = keyed(&headers, "inventory", "", &bytes)?;
    let body: ChangeBody = body::parse(&bytes)?;
    let sku = body.sku.clone();
    let catalog = context.shop.readers().catalog();
    let done = match context.repeated(&key).await? {
        Some(done) => done,
        None => {
            let product = catalog.ordinal_of_sku(&sku).ok_or_else(|| Problem::invalid("sku", format!("there is no SKU {sku}")))?;
            let action = action_of(body, product, &context.shop.readers().trade())?;
            let action = only_if(&headers, Subject::Stock(sku.clone()), action)?;
            context.trade(Command { key: Some(key.clone()), action }).await?
        }
    };
    match done.state.answer_of(&key.0).map(|answer| answer.snapshot) {
        Some(Snapshot::Stock(row)) => tagged(ok(&levels(&row, catalog.id_of(row.product))), &Snapshot::Stock(Arc::clone(&row))),
        _ => ok(&levels(&StockRow::new(sku, Ordinal::default()), None)),
    }
}

fn action_of(body: ChangeBody, product: Ordinal, trade: &Trade) -> Result<Action, Problem> {
    let ChangeBody { sku, location, set, expected, adjust, reason, safety_stock, backorder_cap } = body;
    let negative = [("set", set), ("expected", expected), ("safety_stock", safety_stock), ("backorder_cap", backorder_cap)];
    if let Some((field, _)) = negative.into_iter().find(|(_, units)| units.is_some_and(|units| units < 0)) {
        return Err(Problem::invalid(field, "must not be negative"));
    }
    let sets_limits = safety_stock.is_some() || backorder_cap.is_some();
    let change = match (set, expected, adjust) {
        (Some(_) | None, _, Some(_)) if set.is_some() || expected.is_some() => {
            return Err(Problem::invalid("adjust", "cannot stand beside set or expected"));
        }
        (Some(_), ..) | (None, _, Some(_)) if sets_limits => {
            return Err(Problem::invalid("safety_stock", "limits and levels change in separate writes"));
        }
        (Some(on_hand), Some(expected), _) => StockChange::CompareAndSet { expected, on_hand },
        (Some(on_hand), None, _) => StockChange::To(on_hand),
        (None, None, Some(units)) => StockChange::By(units),
        (None, None, None) if sets_limits => {
            let buckets = trade.buckets(&sku, &location);
            let safety_stock = safety_stock.unwrap_or(buckets.safety_stock);
            let backorder_cap = backorder_cap.unwrap_or(buckets.backorder_cap);
            return Ok(Action::SetStockLimits { sku, product, location, safety_stock, backorder_cap });
        }
        (None, _, _) => return Err(Problem::of_field(Kind::MissingField, "set", "give set, adjust, or limits")),
    };
    let usual = if adjust.is_some() { StockReason::Adjusted } else { StockReason::Counted };
    Ok(Action::MoveStock { sku, product, location, change, reason: reason.unwrap_or(usual) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(fields: &str) -> Result<Action, Problem> {
        let body = format!(r#"{{"sku":"S","location":"L",{fields}}}"#);
        action_of(body::parse(body.as_bytes())?, Ordinal(1), &Trade::default())
    }

    #[test]
    fn a_change_says_one_thing() {
        let change = |fields: &str| match action(fields) {
            Ok(Action::MoveStock { change, .. }) => change,
            other => panic!("{fields}: {other:?}"),
        };
        assert_eq!(change(r#""set":5"#), StockChange::To(5));
        assert_eq!(change(r#""set":5,"expected":4"#), StockChange::CompareAndSet { expected: 4, on_hand: 5 });
        assert_eq!(change(r#""adjust":-2"#), StockChange::By(-2));
        assert!(matches!(action(r#""safety_stock":2"#), Ok(Action::SetStockLimits { safety_stock: 2, .. })));
    }

    #[test]
    fn a_change_that_says_nothing_or_too_much_is_refused_by_name() {
        let check = |fields: &str, field: &str| assert_eq!(action(fields).expect_err(fields).field(), Some(field), "{fields}");
        check(r#""set":-1"#, "set");
        check(r#""set":1,"adjust":1"#, "adjust");
        check(r#""expected":1,"adjust":1"#, "adjust");
        check(r#""set":1,"safety_stock":1"#, "safety_stock");
        check(r#""expected":1"#, "set");
        check(r#""reason":"counted""#, "set");
        check(r#""set":1,"reason":"because""#, "reason");
    }
}
