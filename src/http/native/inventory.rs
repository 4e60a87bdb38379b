//! `/v1/inventory`: the levels of a SKU, and changing them.

use super::stock::feed;
use crate::event::trade::{Account, StockReason, StockTerms, Units};
use crate::http::access::Object;
use crate::http::answer::{Answer, marked, ok};
use crate::http::body::{self, Media};
use crate::http::context::{Context, Shared};
use crate::http::error::{Kind, Problem};
use crate::http::keys::keyed;
use crate::http::limits::JSON_BYTES_MAX;
use crate::http::params::Params;
use crate::http::versions::tagged;
use crate::id::{LocationId, Ordinal, ProductId, Sku};
use crate::inventory::{LocationStock, StockRow};
use crate::stdx::clock::Timestamp;
use crate::trade::{Action, Snapshot, State as Trade, StockAction, StockChange};
use axum::extract::{RawQuery, Request, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Serialize)]
pub(in crate::http) struct Levels<'a> {
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
pub(in crate::http) fn levels(row: &StockRow, product_id: Option<ProductId>) -> Levels<'_> {
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

/// The body of `POST /v1/inventory`. It says one thing: `set` (with `expected`: only while that is the number) or `adjust`; limits
/// (`safety_stock`, `backorder_cap`); terms (`reorder_point`, `reorder_to`, `backorder_expected_at_ms`, replaced as a whole); or `move`.
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
    reorder_point: Option<i64>,
    reorder_to: Option<i64>,
    backorder_expected_at_ms: Option<i64>,
    r#move: Option<MoveBody>,
}

/// Units that lie at the location and move between accounts: `available`, `damaged`, `quality_hold`, or outside `supplier`, `customer`,
/// `written_off`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MoveBody {
    from: Account,
    to: Account,
    quantity: i64,
}

/// One change as JSON, or a feed of levels as NDJSON.
pub(in crate::http) async fn post(State(context): Shared, request: Request) -> Answer {
    let (head, body) = request.into_parts();
    match Media::of(&head.headers)? {
        Media::Json => {
            let bytes = body::read(&head.headers, body, JSON_BYTES_MAX).await?;
            post_one(&context, &head.headers, &bytes).await
        }
        Media::Lines => feed(&context, &head.headers, body).await,
    }
}

async fn post_one(context: &Context, headers: &HeaderMap, bytes: &[u8]) -> Answer {
    let key = keyed(headers, "inventory", "", bytes)?;
    let body: ChangeBody = body::parse(bytes)?;
    let (sku, body_adjusts) = (body.sku.clone(), body.adjust.is_some());
    let object = Object(format!("{sku} at {}", body.location));
    let catalog = context.shop.readers().catalog();
    let change = || {
        let product = catalog.ordinal_of_sku(&sku).ok_or_else(|| Problem::invalid("sku", format!("there is no SKU {sku}")))?;
        action_of(body, product, &context.shop.readers().trade())
    };
    // The trade engine speaks of the bucket, the body of what was asked of it.
    let asked = if body_adjusts { "adjust" } else { "set" };
    let named = |problem: Problem| if problem.field() == Some("on_hand") { problem.in_field(asked) } else { problem };
    let done = context.once(&key, change).await.map_err(named)?;
    let answer = match done.snapshot_under(&key.name) {
        Snapshot::Stock(row) => tagged(ok(&levels(&row, catalog.id_of(row.product))), &Snapshot::Stock(Arc::clone(&row))),
        _ => ok(&levels(&StockRow::new(sku, Ordinal::default()), None)),
    };
    answer.map(|answer| marked(answer, object))
}

fn action_of(body: ChangeBody, product: Ordinal, trade: &Trade) -> Result<Action, Problem> {
    let negative =
        [("set", body.set), ("expected", body.expected), ("safety_stock", body.safety_stock), ("backorder_cap", body.backorder_cap)];
    if let Some((field, _)) = negative.into_iter().find(|(_, units)| units.is_some_and(|units| units < 0)) {
        return Err(Problem::invalid(field, "must not be negative"));
    }
    let levels = [("set", body.set), ("expected", body.expected), ("adjust", body.adjust)];
    let limits = [("safety_stock", body.safety_stock), ("backorder_cap", body.backorder_cap)];
    let terms = [
        ("reorder_point", body.reorder_point),
        ("reorder_to", body.reorder_to),
        ("backorder_expected_at_ms", body.backorder_expected_at_ms),
    ];
    let named = |fields: &[(&'static str, Option<i64>)]| fields.iter().find(|(_, given)| given.is_some()).map(|(field, _)| *field);
    let given = [named(&levels), named(&limits), named(&terms), body.r#move.as_ref().map(|_| "move")];
    let mut kinds = given.into_iter().flatten();
    let first = kinds.next().ok_or_else(|| Problem::of_field(Kind::MissingField, "set", "give set, adjust, limits, terms, or move"))?;
    if let Some(second) = kinds.next() {
        return Err(Problem::invalid(second, format!("cannot stand beside {first}: these change in separate writes")));
    }
    match first {
        "set" | "expected" | "adjust" => level_change(body, product),
        "safety_stock" | "backorder_cap" => {
            let buckets = trade.buckets(&body.sku, &body.location);
            let safety_stock = body.safety_stock.unwrap_or(buckets.safety_stock);
            let backorder_cap = body.backorder_cap.unwrap_or(buckets.backorder_cap);
            Ok(Action::SetStockLimits { sku: body.sku, product, location: body.location, safety_stock, backorder_cap })
        }
        _ => Ok(Action::Stock(stock_change(body, product))),
    }
}

fn level_change(body: ChangeBody, product: Ordinal) -> Result<Action, Problem> {
    let ChangeBody { sku, location, set, expected, adjust, reason, .. } = body;
    let change = match (set, expected, adjust) {
        (Some(on_hand), Some(expected), None) => StockChange::CompareAndSet { expected, on_hand },
        (Some(on_hand), None, None) => StockChange::To(on_hand),
        (None, None, Some(units)) => StockChange::By(units),
        (None, _, None) => return Err(Problem::of_field(Kind::MissingField, "set", "expected is of no use without it")),
        (_, _, Some(_)) => return Err(Problem::invalid("adjust", "cannot stand beside set or expected")),
    };
    let usual = if adjust.is_some() { StockReason::Adjusted } else { StockReason::Counted };
    Ok(Action::MoveStock { sku, product, location, change, reason: reason.unwrap_or(usual) })
}

fn stock_change(body: ChangeBody, product: Ordinal) -> StockAction {
    let ChangeBody { sku, location, reason, reorder_point, reorder_to, backorder_expected_at_ms, r#move, .. } = body;
    let Some(MoveBody { from, to, quantity }) = r#move else {
        let terms = StockTerms { reorder_point, reorder_to, backorder_expected_at: backorder_expected_at_ms.map(Timestamp) };
        return StockAction::SetTerms { sku, product, location, terms };
    };
    let units = Units { sku, location, quantity };
    StockAction::Shift { units, product, from, to, reason: reason.unwrap_or(StockReason::Adjusted) }
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
        assert!(matches!(action(r#""reorder_point":2"#), Ok(Action::Stock(StockAction::SetTerms { .. }))));
        let moves = r#""move":{"from":"available","to":"damaged","quantity":2}"#;
        assert!(matches!(action(moves), Ok(Action::Stock(StockAction::Shift { to: Account::Damaged, .. }))));
        assert!(matches!(action(r#""safety_stock":2"#), Ok(Action::SetStockLimits { safety_stock: 2, .. })));
    }

    #[test]
    fn a_change_that_says_nothing_or_too_much_is_refused_by_name() {
        let check = |fields: &str, field: &str| assert_eq!(action(fields).expect_err(fields).field(), Some(field), "{fields}");
        check(r#""set":-1"#, "set");
        check(r#""set":1,"adjust":1"#, "adjust");
        check(r#""expected":1,"adjust":1"#, "adjust");
        check(r#""set":1,"safety_stock":1"#, "safety_stock");
        check(r#""reorder_point":1,"safety_stock":1"#, "reorder_point");
        check(r#""set":1,"move":{"from":"available","to":"damaged","quantity":2}"#, "move");
        check(r#""set":1.5"#, "set");
        check(r#""expected":1"#, "set");
        check(r#""reason":"counted""#, "set");
        check(r#""set":1,"reason":"because""#, "reason");
    }
}
