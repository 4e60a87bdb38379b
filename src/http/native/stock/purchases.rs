//! Purchases from suppliers, and what should be purchased.

use super::forecasts::{Asked as AskedOfForecast, ForecastView, forecast_of};
use super::{Page, forgotten, name_or_new, named, paged, product_of};
use crate::event::trade::{PurchaseLine, Receipt};
use crate::http::answer::{Answer, created, moment, ok};
use crate::http::asked::{Asked, Nothing};
use crate::http::context::{Context, Shared};
use crate::http::error::Problem;
use crate::http::params::Params;
use crate::http::path::Path;
use crate::http::versions::tagged;
use crate::id::{LocationId, ProductId, PurchaseOrderId, Sku};
use crate::inventory::{Purchase, PurchaseStatus};
use crate::stdx::clock::Timestamp;
use crate::trade::{Snapshot, StockAction};
use axum::extract::{RawQuery, Request, State};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Serialize)]
struct PurchaseView<'a> {
    id: &'a PurchaseOrderId,
    supplier: &'a str,
    location: &'a LocationId,
    status: &'static str,
    over_percent: u8,
    lines: Vec<LineView<'a>>,
    opened_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct LineView<'a> {
    sku: &'a Sku,
    ordered: i64,
    received: i64,
    expected_at_ms: i64,
}

#[derive(Serialize)]
struct PurchasesView<'a> {
    purchase_orders: Vec<PurchaseView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

fn view(purchase: &Purchase) -> PurchaseView<'_> {
    PurchaseView {
        id: &purchase.id,
        supplier: &purchase.supplier,
        location: &purchase.location,
        status: purchase.status.name(),
        over_percent: purchase.over_percent,
        lines: purchase
            .lines
            .iter()
            .map(|line| LineView { sku: &line.sku, ordered: line.ordered, received: line.received, expected_at_ms: line.expected_at.0 })
            .collect(),
        opened_at: moment(purchase.opened_at),
        updated_at: moment(purchase.updated_at),
    }
}

/// One line of a request; without a date of its own it is expected when the purchase is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LineBody {
    sku: Sku,
    ordered: i64,
    expected_at_ms: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenBody {
    id: Option<PurchaseOrderId>,
    supplier: String,
    location: LocationId,
    expected_at_ms: Option<i64>,
    #[serde(default)]
    over_percent: u8,
    lines: Vec<LineBody>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeBody {
    expected_at_ms: Option<i64>,
    lines: Vec<LineBody>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReceiveBody {
    #[serde(default)]
    receipts: Vec<ReceiptBody>,
    #[serde(default)]
    close: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReceiptBody {
    sku: Sku,
    accepted: i64,
    #[serde(default)]
    damaged: i64,
    #[serde(default)]
    quality_hold: i64,
}

fn lines_of(context: &Context, lines: Vec<LineBody>, expected_at_ms: Option<i64>) -> Result<Vec<PurchaseLine>, Problem> {
    let line = |(row, line): (usize, LineBody)| {
        let product = product_of(context, format!("lines[{row}].sku"), &line.sku)?;
        let expected_at = line.expected_at_ms.or(expected_at_ms);
        let missing = || Problem::invalid(format!("lines[{row}].expected_at_ms"), "when are they expected, in milliseconds since 1970");
        Ok(PurchaseLine { sku: line.sku, product, ordered: line.ordered, expected_at: Timestamp(expected_at.ok_or_else(missing)?) })
    };
    lines.into_iter().enumerate().map(line).collect()
}

fn answered(snapshot: &Snapshot) -> Answer {
    match snapshot {
        Snapshot::Purchase(purchase) => tagged(ok(&view(purchase)), snapshot),
        _ => Err(forgotten()),
    }
}

pub(super) async fn open(State(context): Shared, request: Request) -> Answer {
    let asked = Asked::<OpenBody>::read("purchase.open", "", request).await?;
    let done = asked.snapshot(&context, |OpenBody { id, supplier, location, expected_at_ms, over_percent, lines }| {
        let (purchase, lines) = (name_or_new(id, "po")?, lines_of(&context, lines, expected_at_ms)?);
        Ok(StockAction::OpenPurchase { purchase, supplier, location, lines, over_percent })
    });
    match done.await? {
        Snapshot::Purchase(purchase) => {
            let answer = created(&format!("/v1/purchase-orders/{}", purchase.id), &view(&purchase));
            tagged(answer, &Snapshot::Purchase(purchase))
        }
        _ => Err(forgotten()),
    }
}

pub(super) async fn change(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let purchase: PurchaseOrderId = named("purchase order", &id)?;
    let asked = Asked::<ChangeBody>::read("purchase.change", &id, request).await?;
    let done = asked.snapshot(&context, |ChangeBody { expected_at_ms, lines }| {
        Ok(StockAction::ChangePurchase { purchase, lines: lines_of(&context, lines, expected_at_ms)? })
    });
    answered(&done.await?)
}

pub(super) async fn receive(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let purchase: PurchaseOrderId = named("purchase order", &id)?;
    let asked = Asked::<ReceiveBody>::read("purchase.receive", &id, request).await?;
    let receipt = |ReceiptBody { sku, accepted, damaged, quality_hold }| Receipt { sku, accepted, damaged, quality_hold };
    let done = asked.snapshot(&context, |ReceiveBody { receipts, close }| {
        Ok(StockAction::ReceivePurchase { purchase, receipts: receipts.into_iter().map(receipt).collect(), closes: close })
    });
    answered(&done.await?)
}

pub(super) async fn cancel(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let purchase: PurchaseOrderId = named("purchase order", &id)?;
    let asked = Asked::<Nothing>::read("purchase.cancel", &id, request).await?;
    answered(&asked.snapshot(&context, |_| Ok(StockAction::CancelPurchase { purchase })).await?)
}

pub(super) async fn get(State(context): Shared, Path(id): Path) -> Answer {
    let trade = context.shop.readers().trade();
    let purchase = trade.purchase(&named("purchase order", &id)?).ok_or_else(|| Problem::unknown("purchase order", &id))?;
    answered(&Snapshot::Purchase(Arc::clone(purchase)))
}

pub(super) async fn list(State(context): Shared, RawQuery(query): RawQuery) -> Answer {
    let mut params = Params::parse(query.as_deref())?;
    let page: Page<PurchaseOrderId> = Page::of(&mut params)?;
    let status = params.one_of("status", PurchaseStatus::ALL.map(|status| (status.name(), status)))?;
    let sku: Option<Sku> = params.parsed("sku")?;
    params.finish()?;
    let is_asked = |purchase: &Purchase| {
        status.is_none_or(|status| purchase.status == status) && sku.as_ref().is_none_or(|sku| purchase.line(sku).is_some())
    };
    let trade = context.shop.readers().trade();
    let (found, next_cursor) = paged(trade.purchases(page.after.as_ref()), page.limit, |purchase| purchase.id.clone(), is_asked);
    ok(&PurchasesView { purchase_orders: found.iter().map(|purchase| view(purchase)).collect(), next_cursor })
}

#[derive(Serialize)]
struct ProposalView {
    sku: Sku,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<ProductId>,
    location: LocationId,
    position: i64,
    reorder_point: i64,
    quantity: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    forecast: Option<ForecastView>,
}

#[derive(Serialize)]
struct ProposalsView {
    proposals: Vec<ProposalView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Places with a reorder point that one page looks through; a page may hold fewer proposals, or none, and still not be the last.
const PLACES_LOOKED_AT: usize = 1_000;

/// The cursor is the last place looked at: SKU and location as a JSON array.
pub(super) async fn proposals(State(context): Shared, RawQuery(query): RawQuery) -> Answer {
    let mut params = Params::parse(query.as_deref())?;
    let cursor = params.text("cursor");
    params.finish()?;
    let after = cursor.map(|text| serde_json::from_str::<(Sku, LocationId)>(&text));
    let after = after.transpose().map_err(|_| Problem::invalid("cursor", "must be the next_cursor of the page before"))?;
    let (catalog, trade) = (context.shop.readers().catalog(), context.shop.readers().trade());
    let (found, last) = trade.stock().proposals(after.as_ref(), PLACES_LOOKED_AT);
    let next_cursor = last.map(|last| serde_json::to_string(&last)).transpose().map_err(|error| Problem::internal(&error))?;
    let forecasts = context.shop.readers().forecasts();
    let view = |row: crate::inventory::Proposal| ProposalView {
        forecast: forecast_of(forecasts.as_ref().as_ref(), &row.sku, &row.location, AskedOfForecast::USUAL),
        product_id: catalog.id_of(row.product),
        sku: row.sku,
        location: row.location,
        position: row.position,
        reorder_point: row.reorder_point,
        quantity: row.quantity,
    };
    ok(&ProposalsView { proposals: found.into_iter().map(view).collect(), next_cursor })
}
