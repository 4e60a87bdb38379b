//! Counts: what lies at a location is set to what was counted, but only while there is as much as the counter went by.

use super::{check_rows, check_units, happened, moved};
use crate::event::TradeEvent;
use crate::event::trade::{Counted, SkuUnits, StockEvent, StockReason};
use crate::id::{CountId, LocationId, Sku};
use crate::inventory::{CountStatus, StockCount};
use crate::trade::command::{CountedUnits, Rejection};
use crate::trade::decide::units::refusal;
use crate::trade::state::State;
use std::sync::Arc;

/// Most counts that are known at once, those that ended within a day included.
const COUNTS_MAX: usize = 10_000;

pub(super) fn open(state: &State, id: &CountId, location: &LocationId, skus: &[Sku]) -> Result<Vec<TradeEvent>, Rejection> {
    if state.count(id).is_some() {
        return Err(Rejection::exists("count", id));
    }
    if state.stock_book.counts.len() >= COUNTS_MAX {
        return Err(Rejection::invalid("skus", format!("{COUNTS_MAX} counts are open; end some")));
    }
    check_rows("skus", skus.iter())?;
    let mut lines = Vec::with_capacity(skus.len());
    for (row, sku) in skus.iter().enumerate() {
        let known = state.stock().row(sku).and_then(|row| row.at(location));
        let known = known.ok_or_else(|| Rejection::invalid(format!("skus[{row}]"), format!("{sku} was never stocked at {location}")))?;
        lines.push(SkuUnits { sku: sku.clone(), quantity: known.on_hand });
    }
    Ok(vec![happened(StockEvent::CountOpened { count: id.clone(), location: location.clone(), lines })])
}

pub(super) fn record(state: &State, id: &CountId, found: &[CountedUnits]) -> Result<Vec<TradeEvent>, Rejection> {
    let count = open_count(state, id)?;
    check_rows("counted", found.iter().map(|row| &row.sku))?;
    let mut events = Vec::with_capacity(found.len() + 1);
    let mut counted = Vec::with_capacity(found.len());
    for (row, CountedUnits { sku, counted: units, expected }) in found.iter().enumerate() {
        let line = count.lines.iter().find(|line| line.sku == *sku);
        let line = line.ok_or_else(|| Rejection::invalid(format!("counted[{row}].sku"), "is not part of it"))?;
        check_units(format!("counted[{row}].counted"), *units, 0)?;
        let on_hand = state.buckets(sku, &count.location).on_hand;
        let expected = expected.unwrap_or(line.expected);
        if expected != on_hand {
            return Err(Rejection::StockChanged { sku: sku.clone(), expected, on_hand });
        }
        let difference = units - on_hand;
        if difference != 0 {
            let after = state.stock().after_move(sku, &count.location, difference);
            after.map_err(|error| refusal(&error, &format!("counted[{row}].counted")))?;
            let product = state.stock().row(sku).map(|row| row.product).unwrap_or_default();
            events.push(moved(sku, product, &count.location, difference, StockReason::Counted));
        }
        counted.push(Counted { sku: sku.clone(), expected, counted: *units });
    }
    events.push(happened(StockEvent::CountRecorded { count: id.clone(), counted }));
    Ok(events)
}

pub(super) fn cancel(state: &State, id: &CountId) -> Result<Vec<TradeEvent>, Rejection> {
    open_count(state, id)?;
    Ok(vec![happened(StockEvent::CountCanceled { count: id.clone() })])
}

fn open_count<'a>(state: &'a State, id: &CountId) -> Result<&'a Arc<StockCount>, Rejection> {
    let count = state.count(id).ok_or_else(|| Rejection::unknown("count", id))?;
    match count.status {
        CountStatus::Open => Ok(count),
        CountStatus::Done | CountStatus::Canceled => Err(Rejection::WrongStatus { kind: "count", status: count.status.name() }),
    }
}
