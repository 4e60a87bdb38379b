//! Decisions about stock beyond units on hand: purchases on their way, transfers, counts, quotas, bundles.

mod bundles;
mod counts;
mod promising;
mod purchases;
mod quotas;
mod shifts;
mod transfers;

pub(super) use bundles::{exploded, renewed};
pub(super) use quotas::{drawn_by_order, on_reserved};

use super::units::check_stocked;
use crate::event::TradeEvent;
use crate::event::trade::{StockEvent, StockReason};
use crate::id::{LocationId, Ordinal, Sku};
use crate::inventory::UNITS_MAX;
use crate::stdx::clock::Timestamp;
use crate::trade::command::{Rejection, StockAction};
use crate::trade::state::State;
use std::collections::BTreeSet;

/// Most rows of one purchase, transfer, count or bundle: more than a lorry holds, few enough for one entry.
const ROWS_MAX: usize = 1_000;
/// Most purchases and transfers of one SKU on their way at once: each change looks through all of them.
const ARRIVALS_MAX: usize = 1_000;
const YEAR_MS: i64 = 366 * 24 * 60 * 60 * 1_000;
/// How far back a date may lie on which something is expected.
const EXPECTED_BEHIND_MAX_MS: i64 = 10 * YEAR_MS;
/// How far ahead it may lie.
const EXPECTED_AHEAD_MAX_MS: i64 = 100 * YEAR_MS;
/// Most SKUs that are released in one entry; the rest is released in the next.
const RELEASES_MAX: usize = 100;

pub(super) fn decide(state: &State, action: &StockAction, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    match action {
        StockAction::Shift { units, product, from, to, reason } => shifts::shift(state, units, *product, (*from, *to), *reason),
        StockAction::SetTerms { sku, product, location, terms } => {
            promising::set_terms(state, super::units::Place { sku, product: *product, location }, *terms, now)
        }
        StockAction::OpenPreorder { sku, product, release_at, caps } => {
            promising::open_preorder(state, sku, *product, *release_at, caps, now)
        }
        StockAction::ReleasePreorder { sku } => promising::release(state, sku),
        StockAction::OpenPurchase { purchase, supplier, location, lines, over_percent } => {
            purchases::open(state, &purchases::Asked { id: purchase, supplier, location, lines, over_percent: *over_percent }, now)
        }
        StockAction::ChangePurchase { purchase, lines } => purchases::change(state, purchase, lines, now),
        StockAction::ReceivePurchase { purchase, receipts, closes } => purchases::receive(state, purchase, receipts, *closes),
        StockAction::CancelPurchase { purchase } => purchases::cancel(state, purchase),
        StockAction::RequestTransfer { transfer, from, to, lines, expected_at } => {
            transfers::request(state, transfer, (from, to), lines, (*expected_at, now))
        }
        StockAction::SendTransfer { transfer, units } => transfers::send(state, transfer, units),
        StockAction::ReceiveTransfer { transfer, receipts } => transfers::receive(state, transfer, receipts),
        StockAction::CancelTransfer { transfer } => transfers::cancel(state, transfer),
        StockAction::OpenCount { count, location, skus } => counts::open(state, count, location, skus),
        StockAction::RecordCount { count, counted } => counts::record(state, count, counted),
        StockAction::CancelCount { count } => counts::cancel(state, count),
        StockAction::SetQuota { sku, channel, units } => quotas::set(state, sku, channel, *units),
        StockAction::ClearQuota { sku, channel } => quotas::clear(state, sku, channel),
        StockAction::ChooseChannel { checkout, channel } => quotas::choose(state, checkout, channel.as_ref()),
        StockAction::SetBundle { sku, product, components } => bundles::set(state, sku, *product, components),
        StockAction::RemoveBundle { sku } => bundles::remove(state, sku),
    }
}

/// What time alone makes happen here: releases.
pub(super) fn due(state: &State, now: Timestamp) -> Vec<TradeEvent> {
    let due = state.stock_book.releases.iter().take_while(|(at, _)| *at <= now).take(RELEASES_MAX);
    due.map(|(_, sku)| happened(StockEvent::PreorderReleased { sku: sku.clone() })).collect()
}

fn happened(event: StockEvent) -> TradeEvent {
    TradeEvent::Stock(event)
}

/// Units that came to lie at a location, or went away.
fn moved(sku: &Sku, product: Ordinal, location: &LocationId, on_hand_delta: i64, reason: StockReason) -> TradeEvent {
    TradeEvent::StockMoved { sku: sku.clone(), product, location: location.clone(), on_hand_delta, reason }
}

/// Checks that there are rows, not too many, each of another SKU.
fn check_rows<'a>(field: &str, skus: impl ExactSizeIterator<Item = &'a Sku>) -> Result<(), Rejection> {
    if !(1..=ROWS_MAX).contains(&skus.len()) {
        return Err(Rejection::invalid(field, format!("must be between 1 and {ROWS_MAX}")));
    }
    let mut seen = BTreeSet::new();
    for (row, sku) in skus.enumerate() {
        if !seen.insert(sku) {
            return Err(Rejection::invalid(format!("{field}[{row}].sku"), "stands twice"));
        }
    }
    Ok(())
}

/// Checks that no more of a SKU is on its way than may be.
fn check_arrivals(state: &State, field: impl Into<String>, sku: &Sku) -> Result<(), Rejection> {
    if state.stock_book.arrivals(sku).len() < ARRIVALS_MAX {
        return Ok(());
    }
    Err(Rejection::invalid(field, format!("{ARRIVALS_MAX} purchases and transfers of {sku} are on their way already")))
}

/// Checks a date on which something is expected: it may lie behind a little, when it is told late, but seconds in place of milliseconds are 1970.
fn check_expected(field: impl Into<String>, at: Timestamp, now: Timestamp) -> Result<(), Rejection> {
    if (now.plus_ms(-EXPECTED_BEHIND_MAX_MS)..=now.plus_ms(EXPECTED_AHEAD_MAX_MS)).contains(&at) {
        return Ok(());
    }
    Err(Rejection::invalid(field, "must be milliseconds since 1970, from ten years ago to a hundred years ahead"))
}

/// Checks that a number of units is not below `least` and not beyond what a bucket holds.
fn check_units(field: impl Into<String>, units: i64, least: i64) -> Result<(), Rejection> {
    if (least..=UNITS_MAX).contains(&units) {
        return Ok(());
    }
    Err(Rejection::invalid(field, format!("must be between {least} and {UNITS_MAX}")))
}
