//! Transfers between locations: requested, sent, received with loss and damage, or canceled.

use super::{check_arrivals, check_expected, check_rows, check_stocked, check_units, happened, moved};
use crate::event::TradeEvent;
use crate::event::trade::{Account, SkuUnits, StockEvent, StockReason, TransferLine, TransferReceipt, Units};
use crate::id::{LocationId, TransferId};
use crate::inventory::{Transfer, TransferStatus};
use crate::stdx::clock::Timestamp;
use crate::trade::command::Rejection;
use crate::trade::decide::units::refusal;
use crate::trade::state::State;
use std::sync::Arc;

/// Most transfers that are known at once, those that ended within a day included.
const TRANSFERS_MAX: usize = 100_000;

pub(super) fn request(
    state: &State,
    id: &TransferId,
    (from, to): (&LocationId, &LocationId),
    lines: &[TransferLine],
    (expected_at, now): (Timestamp, Timestamp),
) -> Result<Vec<TradeEvent>, Rejection> {
    if state.transfer(id).is_some() {
        return Err(Rejection::exists("transfer", id));
    }
    if from == to {
        return Err(Rejection::invalid("to", "must be another location"));
    }
    if state.stock_book.transfers.len() >= TRANSFERS_MAX {
        return Err(Rejection::invalid("lines", format!("{TRANSFERS_MAX} transfers are open; receive or cancel some")));
    }
    check_expected("expected_at_ms", expected_at, now)?;
    check_rows("lines", lines.iter().map(|line| &line.sku))?;
    for (row, line) in lines.iter().enumerate() {
        check_units(format!("lines[{row}].quantity"), line.requested, 1)?;
        check_stocked(state, format!("lines[{row}].sku"), &line.sku)?;
    }
    let (transfer, from, to) = (id.clone(), from.clone(), to.clone());
    Ok(vec![happened(StockEvent::TransferRequested { transfer, from, to, lines: lines.to_vec(), expected_at })])
}

/// The units leave where they are. They may be all that was asked for or less, but only units that nobody was promised.
pub(super) fn send(state: &State, id: &TransferId, units: &[SkuUnits]) -> Result<Vec<TradeEvent>, Rejection> {
    let transfer = transfer_at(state, id, TransferStatus::Requested)?;
    let all: Vec<SkuUnits>;
    let units = if units.is_empty() {
        all = transfer.lines.iter().map(|line| SkuUnits { sku: line.sku.clone(), quantity: line.requested }).collect();
        &all
    } else {
        units
    };
    check_rows("units", units.iter().map(|row| &row.sku))?;
    let mut events = Vec::with_capacity(units.len() + 1);
    for (row, SkuUnits { sku, quantity }) in units.iter().enumerate() {
        let field = || format!("units[{row}].quantity");
        let line = transfer.line(sku).ok_or_else(|| Rejection::invalid(format!("units[{row}].sku"), "is not part of it"))?;
        check_arrivals(state, format!("units[{row}].sku"), sku)?;
        if !(1..=line.requested).contains(quantity) {
            return Err(Rejection::invalid(field(), format!("must be between 1 and {}", line.requested)));
        }
        let available = state.buckets(sku, &transfer.from).available().max(0);
        if available < *quantity {
            return Err(Rejection::OutOfStock { sku: sku.clone(), requested: *quantity, available });
        }
        state.stock().after_move(sku, &transfer.from, -quantity).map_err(|error| refusal(&error, &field()))?;
        events.push(moved(sku, line.product, &transfer.from, -quantity, StockReason::Transferred));
    }
    events.push(happened(StockEvent::TransferSent { transfer: id.clone(), units: units.to_vec() }));
    Ok(events)
}

pub(super) fn receive(state: &State, id: &TransferId, receipts: &[TransferReceipt]) -> Result<Vec<TradeEvent>, Rejection> {
    let transfer = transfer_at(state, id, TransferStatus::InTransit)?;
    let all: Vec<TransferReceipt>;
    let receipts = if receipts.is_empty() {
        let whole = |line: &crate::inventory::TransferredSku| TransferReceipt {
            sku: line.sku.clone(),
            received: line.in_transit(),
            damaged: 0,
            lost: 0,
        };
        all = transfer.lines.iter().filter(|line| line.in_transit() > 0).map(whole).collect();
        &all
    } else {
        receipts
    };
    check_rows("receipts", receipts.iter().map(|row| &row.sku))?;
    let mut events = Vec::with_capacity(receipts.len() + 1);
    for (row, receipt) in receipts.iter().enumerate() {
        events.extend(arrived(state, transfer, row, receipt)?);
    }
    events.push(happened(StockEvent::TransferReceived { transfer: id.clone(), receipts: receipts.to_vec() }));
    Ok(events)
}

/// What lies at the destination after one row of a receipt.
fn arrived(state: &State, transfer: &Transfer, row: usize, receipt: &TransferReceipt) -> Result<Vec<TradeEvent>, Rejection> {
    let line = transfer.line(&receipt.sku).ok_or_else(|| Rejection::invalid(format!("receipts[{row}].sku"), "is not part of it"))?;
    for (field, units) in [("received", receipt.received), ("damaged", receipt.damaged), ("lost", receipt.lost)] {
        check_units(format!("receipts[{row}].{field}"), units, 0)?;
    }
    let (here, left) = (receipt.received + receipt.damaged, line.in_transit());
    if !(1..=left).contains(&(here + receipt.lost)) {
        return Err(Rejection::invalid(format!("receipts[{row}].received"), format!("{left} units are on their way")));
    }
    let after = state.stock().after_move(&receipt.sku, &transfer.to, here);
    after.map_err(|error| refusal(&error, "receipts"))?;
    let came = (here > 0).then(|| moved(&receipt.sku, line.product, &transfer.to, here, StockReason::Transferred));
    let broken = (receipt.damaged > 0).then(|| {
        let units = Units { sku: receipt.sku.clone(), location: transfer.to.clone(), quantity: receipt.damaged };
        happened(StockEvent::Shifted { units, from: Account::Available, to: Account::Damaged, reason: StockReason::Damaged })
    });
    Ok(came.into_iter().chain(broken).collect())
}

pub(super) fn cancel(state: &State, id: &TransferId) -> Result<Vec<TradeEvent>, Rejection> {
    transfer_at(state, id, TransferStatus::Requested)?;
    Ok(vec![happened(StockEvent::TransferCanceled { transfer: id.clone() })])
}

fn transfer_at<'a>(state: &'a State, id: &TransferId, status: TransferStatus) -> Result<&'a Arc<Transfer>, Rejection> {
    let transfer = state.transfer(id).ok_or_else(|| Rejection::unknown("transfer", id))?;
    if transfer.status == status {
        return Ok(transfer);
    }
    Err(Rejection::WrongStatus { kind: "transfer", status: transfer.status.name() })
}
