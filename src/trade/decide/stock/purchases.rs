//! Purchases: ordered, changed, received in parts, ended.

use super::{check_arrivals, check_expected, check_rows, check_stocked, check_units, happened, moved};
use crate::event::TradeEvent;
use crate::event::trade::{Account, PurchaseLine, Receipt, StockEvent, StockReason, Units};
use crate::id::{LocationId, PurchaseOrderId};
use crate::inventory::{Purchase, PurchaseStatus};
use crate::order::check_text;
use crate::stdx::clock::Timestamp;
use crate::trade::command::Rejection;
use crate::trade::decide::units::refusal;
use crate::trade::state::State;
use std::sync::Arc;

/// Most purchases that are known at once, those that ended within a day included: far beyond what a shop has open.
const PURCHASES_MAX: usize = 100_000;
/// Most that may be received beyond what was ordered, in percent: more is another order.
const OVER_PERCENT_MAX: u8 = 100;

/// What is ordered.
pub(super) struct Asked<'a> {
    pub(super) id: &'a PurchaseOrderId,
    pub(super) supplier: &'a str,
    pub(super) location: &'a LocationId,
    pub(super) lines: &'a [PurchaseLine],
    pub(super) over_percent: u8,
}

pub(super) fn open(state: &State, asked: &Asked<'_>, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    let Asked { id, supplier, location, lines, over_percent } = asked;
    if state.purchase(id).is_some() {
        return Err(Rejection::exists("purchase order", id));
    }
    if supplier.is_empty() {
        return Err(Rejection::invalid("supplier", "must not be empty"));
    }
    check_text("supplier", supplier)?;
    if *over_percent > OVER_PERCENT_MAX {
        return Err(Rejection::invalid("over_percent", format!("must not be more than {OVER_PERCENT_MAX}")));
    }
    if state.stock_book.purchases.len() >= PURCHASES_MAX {
        return Err(Rejection::invalid("lines", format!("{PURCHASES_MAX} purchases are open; receive or cancel some")));
    }
    check_lines(state, lines, now)?;
    let (purchase, supplier, location) = (Clone::clone(*id), (*supplier).to_owned(), Clone::clone(*location));
    let opened = StockEvent::PurchaseOpened { purchase, supplier, location, lines: lines.to_vec(), over_percent: *over_percent };
    Ok(vec![happened(opened)])
}

fn check_lines(state: &State, lines: &[PurchaseLine], now: Timestamp) -> Result<(), Rejection> {
    check_rows("lines", lines.iter().map(|line| &line.sku))?;
    for (row, line) in lines.iter().enumerate() {
        check_units(format!("lines[{row}].ordered"), line.ordered, 1)?;
        check_expected(format!("lines[{row}].expected_at_ms"), line.expected_at, now)?;
        check_stocked(state, format!("lines[{row}].sku"), &line.sku)?;
        check_arrivals(state, format!("lines[{row}].sku"), &line.sku)?;
    }
    Ok(())
}

pub(super) fn change(state: &State, id: &PurchaseOrderId, lines: &[PurchaseLine], now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    let purchase = open_purchase(state, id)?;
    check_lines(state, lines, now)?;
    for known in purchase.lines.iter().filter(|known| known.received > 0) {
        let row = lines.iter().position(|line| line.sku == known.sku);
        let row = row.ok_or_else(|| Rejection::invalid("lines", format!("{} was received in part and must stay", known.sku)))?;
        if lines[row].ordered < known.received {
            return Err(Rejection::invalid(format!("lines[{row}].ordered"), format!("{} have been received", known.received)));
        }
    }
    if purchase.relined(lines) == purchase.lines {
        return Ok(Vec::new());
    }
    Ok(vec![happened(StockEvent::PurchaseChanged { purchase: id.clone(), lines: lines.to_vec() })])
}

pub(super) fn receive(state: &State, id: &PurchaseOrderId, receipts: &[Receipt], closes: bool) -> Result<Vec<TradeEvent>, Rejection> {
    let purchase = open_purchase(state, id)?;
    if !receipts.is_empty() || !closes {
        check_rows("receipts", receipts.iter().map(|receipt| &receipt.sku))?;
    }
    let mut events = Vec::with_capacity(receipts.len() + 1);
    for (row, receipt) in receipts.iter().enumerate() {
        events.extend(arrived(state, purchase, row, receipt)?);
    }
    events.push(happened(StockEvent::PurchaseReceived { purchase: id.clone(), receipts: receipts.to_vec(), closes }));
    Ok(events)
}

/// What lies at the location after one row of a receipt.
fn arrived(state: &State, purchase: &Purchase, row: usize, receipt: &Receipt) -> Result<Vec<TradeEvent>, Rejection> {
    let named = [("accepted", receipt.accepted), ("damaged", receipt.damaged), ("quality_hold", receipt.quality_hold)];
    for (field, units) in named {
        check_units(format!("receipts[{row}].{field}"), units, 0)?;
    }
    let units = receipt.accepted + receipt.damaged + receipt.quality_hold;
    check_units(format!("receipts[{row}].accepted"), units, 1)?;
    let line = purchase.check_receipt(receipt).map_err(|error| Rejection::invalid(format!("receipts[{row}].accepted"), error))?;
    let after = state.stock().after_move(&receipt.sku, &purchase.location, units);
    after.map_err(|error| refusal(&error, "receipts"))?;
    let mut events = vec![moved(&receipt.sku, line.product, &purchase.location, units, StockReason::Received)];
    let beside =
        [(Account::Damaged, receipt.damaged, StockReason::Damaged), (Account::QualityHold, receipt.quality_hold, StockReason::Held)];
    for (to, quantity, reason) in beside.into_iter().filter(|(_, quantity, _)| *quantity > 0) {
        let units = Units { sku: receipt.sku.clone(), location: purchase.location.clone(), quantity };
        events.push(happened(StockEvent::Shifted { units, from: Account::Available, to, reason }));
    }
    Ok(events)
}

pub(super) fn cancel(state: &State, id: &PurchaseOrderId) -> Result<Vec<TradeEvent>, Rejection> {
    open_purchase(state, id)?;
    Ok(vec![happened(StockEvent::PurchaseCanceled { purchase: id.clone() })])
}

fn open_purchase<'a>(state: &'a State, id: &PurchaseOrderId) -> Result<&'a Arc<Purchase>, Rejection> {
    let purchase = state.purchase(id).ok_or_else(|| Rejection::unknown("purchase order", id))?;
    match purchase.status {
        PurchaseStatus::Open => Ok(purchase),
        PurchaseStatus::Received | PurchaseStatus::Canceled => {
            Err(Rejection::WrongStatus { kind: "purchase order", status: purchase.status.name() })
        }
    }
}
