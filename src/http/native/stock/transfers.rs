//! Transfers between locations.

use super::{Page, forgotten, name_or_new, named, paged, product_of};
use crate::event::trade::{SkuUnits, TransferLine, TransferReceipt};
use crate::http::answer::{Answer, created, moment, ok};
use crate::http::asked::{Asked, Nothing, some_or_all};
use crate::http::context::Shared;
use crate::http::error::Problem;
use crate::http::params::Params;
use crate::http::path::Path;
use crate::http::versions::tagged;
use crate::id::{LocationId, Sku, TransferId};
use crate::inventory::{Transfer, TransferStatus};
use crate::stdx::clock::Timestamp;
use crate::trade::{Snapshot, StockAction};
use axum::extract::{RawQuery, Request, State};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Serialize)]
struct TransferView<'a> {
    id: &'a TransferId,
    from: &'a LocationId,
    to: &'a LocationId,
    status: &'static str,
    expected_at_ms: i64,
    lines: Vec<LineView<'a>>,
    requested_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct LineView<'a> {
    sku: &'a Sku,
    requested: i64,
    sent: i64,
    received: i64,
    damaged: i64,
    lost: i64,
}

#[derive(Serialize)]
struct TransfersView<'a> {
    transfers: Vec<TransferView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

fn view(transfer: &Transfer) -> TransferView<'_> {
    let lines = transfer.lines.iter().map(|line| LineView {
        sku: &line.sku,
        requested: line.requested,
        sent: line.sent,
        received: line.received,
        damaged: line.damaged,
        lost: line.lost,
    });
    TransferView {
        id: &transfer.id,
        from: &transfer.from,
        to: &transfer.to,
        status: transfer.status.name(),
        expected_at_ms: transfer.expected_at.0,
        lines: lines.collect(),
        requested_at: moment(transfer.requested_at),
        updated_at: moment(transfer.updated_at),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestBody {
    id: Option<TransferId>,
    from: LocationId,
    to: LocationId,
    expected_at_ms: i64,
    lines: Vec<LineBody>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LineBody {
    sku: Sku,
    quantity: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SendBody {
    units: Option<Vec<LineBody>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReceiveBody {
    receipts: Option<Vec<ReceiptBody>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReceiptBody {
    sku: Sku,
    received: i64,
    #[serde(default)]
    damaged: i64,
    #[serde(default)]
    lost: i64,
}

fn answered(snapshot: &Snapshot) -> Answer {
    match snapshot {
        Snapshot::Transfer(transfer) => tagged(ok(&view(transfer)), snapshot),
        _ => Err(forgotten()),
    }
}

pub(super) async fn request(State(context): Shared, request: Request) -> Answer {
    let asked = Asked::<RequestBody>::read("transfer.request", "", request).await?;
    let done = asked.snapshot(&context, |RequestBody { id, from, to, expected_at_ms, lines }| {
        let line = |(row, LineBody { sku, quantity }): (usize, LineBody)| {
            let product = product_of(&context, format!("lines[{row}].sku"), &sku)?;
            Ok(TransferLine { sku, product, requested: quantity })
        };
        let lines = lines.into_iter().enumerate().map(line).collect::<Result<_, Problem>>()?;
        let (transfer, expected_at) = (name_or_new(id, "tr")?, Timestamp(expected_at_ms));
        Ok(StockAction::RequestTransfer { transfer, from, to, lines, expected_at })
    });
    match done.await? {
        Snapshot::Transfer(transfer) => {
            let answer = created(&format!("/v1/transfers/{}", transfer.id), &view(&transfer));
            tagged(answer, &Snapshot::Transfer(transfer))
        }
        _ => Err(forgotten()),
    }
}

pub(super) async fn send(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let transfer: TransferId = named("transfer", &id)?;
    let asked = Asked::<SendBody>::read("transfer.send", &id, request).await?;
    let done = asked.snapshot(&context, |SendBody { units }| {
        let units = some_or_all("units", units)?.into_iter().map(|LineBody { sku, quantity }| SkuUnits { sku, quantity }).collect();
        Ok(StockAction::SendTransfer { transfer, units })
    });
    answered(&done.await?)
}

pub(super) async fn receive(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let transfer: TransferId = named("transfer", &id)?;
    let asked = Asked::<ReceiveBody>::read("transfer.receive", &id, request).await?;
    let receipt = |ReceiptBody { sku, received, damaged, lost }| TransferReceipt { sku, received, damaged, lost };
    let done = asked.snapshot(&context, |ReceiveBody { receipts }| {
        let receipts = some_or_all("receipts", receipts)?.into_iter().map(receipt).collect();
        Ok(StockAction::ReceiveTransfer { transfer, receipts })
    });
    answered(&done.await?)
}

pub(super) async fn cancel(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let transfer: TransferId = named("transfer", &id)?;
    let asked = Asked::<Nothing>::read("transfer.cancel", &id, request).await?;
    answered(&asked.snapshot(&context, |_| Ok(StockAction::CancelTransfer { transfer })).await?)
}

pub(super) async fn get(State(context): Shared, Path(id): Path) -> Answer {
    let trade = context.shop.readers().trade();
    let transfer = trade.transfer(&named("transfer", &id)?).ok_or_else(|| Problem::unknown("transfer", &id))?;
    answered(&Snapshot::Transfer(Arc::clone(transfer)))
}

pub(super) async fn list(State(context): Shared, RawQuery(query): RawQuery) -> Answer {
    let mut params = Params::parse(query.as_deref())?;
    let page: Page<TransferId> = Page::of(&mut params)?;
    let status = params.one_of("status", TransferStatus::ALL.map(|status| (status.name(), status)))?;
    params.finish()?;
    let is_asked = |transfer: &Transfer| status.is_none_or(|status| transfer.status == status);
    let trade = context.shop.readers().trade();
    let (found, next_cursor) = paged(trade.transfers(page.after.as_ref()), page.limit, |transfer| transfer.id.clone(), is_asked);
    ok(&TransfersView { transfers: found.iter().map(|transfer| view(transfer)).collect(), next_cursor })
}
