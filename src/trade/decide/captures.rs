//! When held money is taken: as goods leave, so much as they are worth, and the rest with the last of them.

use super::payments::{asked, payments_of};
use crate::event::TradeEvent;
use crate::event::trade::{Line, StepKind, Units};
use crate::id::Sku;
use crate::money::Money;
use crate::order::{Order, share};
use crate::payment::{Payment, PaymentStatus};
use crate::trade::state::State;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Takes the money for `units` of an order that leave now: what they are worth, or, when they are the last of the order, all that is held.
/// Shipping is paid with the last.
pub(in crate::trade) fn capture_shipped(state: &State, order: &Order, units: &[Units], is_last: bool) -> Vec<TradeEvent> {
    match is_last {
        true => capture_rest(state, order),
        false => capture_for(state, order, Money::new(worth_minor(order, units), order.totals.total.currency)),
    }
}

/// Takes `amount` of an order's money because goods worth that have left, and more goods will follow. Where a provider takes money only once
/// per authorisation, it waits for [`capture_rest`].
pub(in crate::trade) fn capture_for(state: &State, order: &Order, amount: Money) -> Vec<TradeEvent> {
    let mut left_minor = amount.amount_minor;
    let mut events = Vec::new();
    for payment in payments_of(state, order) {
        let amount_minor = payment.capturable_minor().min(left_minor);
        left_minor -= amount_minor.max(0);
        if amount_minor > 0 && !state.options().payments.single_capture.contains(&payment.provider) {
            events.extend(steps(state, &payment, amount_minor));
        }
    }
    events
}

/// Takes all that is still held of an order's money because its last goods have left.
pub(in crate::trade) fn capture_rest(state: &State, order: &Order) -> Vec<TradeEvent> {
    let is_due = |payment: &Arc<Payment>| {
        let owes_nothing = payment.amount.amount_minor == 0 && payment.status == PaymentStatus::Authorized;
        payment.capturable_minor() > 0 || owes_nothing
    };
    let due = payments_of(state, order).filter(is_due);
    due.flat_map(|payment| steps(state, &payment, payment.capturable_minor())).collect()
}

/// A capture, after a new authorisation when the one there is has grown too old to be taken.
pub(super) fn steps(state: &State, payment: &Payment, amount_minor: i64) -> Vec<TradeEvent> {
    // Event time lags while nothing happens; the provider refuses what is too old then, and that leads to the same two steps.
    let age_ms = state.time().since_ms(payment.authorized_at);
    let is_old = age_ms >= state.options().payments.authorization_ttl_ms && payment.captured.amount_minor == 0 && amount_minor > 0;
    if !payment.has_room() {
        return Vec::new();
    }
    let number = payment.next_number();
    let owed_minor = payment.amount.amount_minor - payment.released.amount_minor;
    match is_old && payment.open_step().is_none() {
        true => vec![
            asked(payment, number, StepKind::Reauthorize, owed_minor),
            asked(payment, number.saturating_add(1), StepKind::Capture, amount_minor),
        ],
        false => vec![asked(payment, number, StepKind::Capture, amount_minor)],
    }
}

/// What units of an order are worth, in minor units: their part of what their lines come to, less what such units were worth that left
/// before, so that all parts together come to exactly what the lines do.
fn worth_minor(order: &Order, units: &[Units]) -> i64 {
    let mut worth: BTreeMap<&Sku, (i64, i64)> = BTreeMap::new();
    for line in order.lines.iter() {
        let amounts = order.totals.lines.iter().find(|amounts| amounts.line == line.id);
        let gross_minor = line.unit_price.amount_minor.saturating_mul(line.quantity);
        let line_minor = amounts.map_or(gross_minor, |it| it.gross_minor + it.discount_minor + it.tax_minor).max(0);
        for (sku, count, part_minor) in parts(line, line_minor) {
            let sum = worth.entry(sku).or_default();
            *sum = (sum.0 + part_minor, sum.1 + count);
        }
    }
    let count = |rows: &[Units], sku: &Sku| rows.iter().filter(|row| row.sku == *sku).map(|row| row.quantity).sum::<i64>();
    let of_sku = |(sku, (minor, all)): (&&Sku, &(i64, i64))| {
        let before: i64 = order.shipments.iter().map(|shipment| count(&shipment.units, sku)).sum();
        // What left for an exchange may be more than the lines are of.
        let of_first = |count: i64| share(*minor, count.min(*all), *all);
        of_first(before + count(units, sku)) - of_first(before)
    };
    worth.iter().map(of_sku).sum()
}

/// What a line takes from stock: SKU, units, and their part of what the line comes to. The parts sum to it exactly.
fn parts(line: &Line, line_minor: i64) -> Vec<(&Sku, i64, i64)> {
    if line.components.is_empty() {
        return vec![(&line.sku, line.quantity, line_minor)];
    }
    let all: i64 = line.components.iter().map(|part| part.quantity).sum();
    let (mut before, mut found) = (0, Vec::with_capacity(line.components.len()));
    for part in &line.components {
        let part_minor = share(line_minor, before + part.quantity, all) - share(line_minor, before, all);
        before += part.quantity;
        found.push((&part.sku, part.quantity.saturating_mul(line.quantity), part_minor));
    }
    found
}
