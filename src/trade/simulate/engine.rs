//! The seam to the engine: `decide` and `fold` as the simulated shop calls them, and the planted bugs that can sit there.

use super::planted::Planted;
use crate::event::TradeEvent;
use crate::event::trade::{CartEvent, PaymentEvent, ReleaseReason, StepKind, StockEvent, Units};
use crate::id::{OrderId, PaymentId, ReservationId};
use crate::money::Money;
use crate::order::Checkout;
use crate::payment::PaymentOutcome;
use crate::stdx::clock::Timestamp;
use crate::trade::{Action, AfterSaleAction, Command, PaymentAction, Rejection, State, StepAnswer, StockChange, decide, fold};
use std::collections::BTreeMap;

/// Whether an event is folded as it happens, or read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Live,
    Replay,
}

/// The engine, honest or with a bug.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Engine {
    pub(super) planted: Option<Planted>,
}

type Decision = Result<Vec<TradeEvent>, Rejection>;

impl Engine {
    pub(super) fn has(self, planted: Planted) -> bool {
        self.planted == Some(planted)
    }

    pub(super) fn decide(self, state: &State, command: &Command, now: Timestamp) -> Decision {
        let honest = decide(state, command, now);
        match self.planted {
            None => honest,
            Some(planted) => match honest {
                Ok(events) => Ok(changed(planted, state, command, now, events)),
                Err(refusal) => allowed(planted, state, command, now, refusal),
            },
        }
    }

    pub(super) fn fold(self, state: &mut State, event: &TradeEvent, at: Timestamp, phase: Phase) {
        if self.planted.is_none() {
            return fold(state, event, at);
        }
        let (stock, time) = (state.stock.clone(), at.plus_ms(i64::from(self.has(Planted::ClockInFold) && phase == Phase::Replay)));
        let (pricing, carts) = (state.pricing.clone(), state.carts.clone());
        fold(state, event, time);
        match (self.planted, event) {
            (Some(Planted::CancelKeepsUnits), TradeEvent::OrderCanceled { .. }) => state.stock = stock,
            (Some(Planted::HeldOnlyLive), TradeEvent::StockReserved { .. }) if phase == Phase::Replay => state.stock = stock,
            (Some(Planted::CouponUncounted), TradeEvent::OrderPlaced { .. })
            | (Some(Planted::CouponKept), TradeEvent::OrderCanceled { .. }) => {
                state.pricing = pricing;
            }
            (Some(Planted::MergeKeepsGuest), TradeEvent::Cart(CartEvent::Merged { guest, .. })) => {
                carts.get(guest).cloned().and_then(|cart| state.carts.insert(guest.clone(), cart));
            }
            (Some(Planted::TimeRunsBack), _) => state.time = at,
            (Some(Planted::PostingOneSided), TradeEvent::LedgerPosted { posting }) => {
                let Money { amount_minor, currency } = posting.amount;
                let balance = state.ledger.balance(&posting.from, currency);
                state.ledger.restore(&posting.from, currency, balance + amount_minor);
            }
            _ => {}
        }
    }
}

/// What a bug makes of a decision.
fn changed(planted: Planted, state: &State, command: &Command, now: Timestamp, mut events: Vec<TradeEvent>) -> Vec<TradeEvent> {
    match (planted, &command.action) {
        (Planted::ExpiredTwice, Action::PassTime) => {
            let is_expiry = |event: &&TradeEvent| matches!(event, TradeEvent::ReservationReleased { reason: ReleaseReason::Expired, .. });
            let again: Vec<TradeEvent> = events.iter().filter(is_expiry).cloned().collect();
            events.extend(again);
        }
        (Planted::ExpiredLate, Action::PassTime) => return decide(state, command, now.plus_ms(-1)).unwrap_or_default(),
        (Planted::TimeoutIsFailure, Action::ResolvePayment { payment, order, outcome: PaymentOutcome::Unknown }) => {
            let (payment, order, outcome) = (payment.clone(), order.clone(), PaymentOutcome::Failed);
            let taken_for = Command { key: None, action: Action::ResolvePayment { payment, order, outcome } };
            return decide(state, &taken_for, now).unwrap_or_default();
        }
        (Planted::StepRetriedBlindly, Action::Payment(PaymentAction::Settle { payment, number, attempt, answer: StepAnswer::Unknown })) => {
            let (payment, number, attempt, answer) = (payment.clone(), *number, *attempt, StepAnswer::NotDone);
            let taken_for = Command { key: None, action: Action::Payment(PaymentAction::Settle { payment, number, attempt, answer }) };
            return decide(state, &taken_for, now).unwrap_or_default();
        }
        (Planted::WinnerCompensated, _) => {
            let winner = events.iter().find_map(|event| match event {
                TradeEvent::OrderPlaced { payment, .. } => Some(payment.clone()),
                _ => None,
            });
            events.extend(winner.map(|payment| TradeEvent::PaymentVoidRequested { payment }));
        }
        (Planted::PlacedTwice, Action::ResolvePayment { payment, order, .. }) if events.is_empty() => {
            events.extend(placed_again(state, payment, order));
        }
        (Planted::RefundBeyond, _) if events.iter().any(|event| matches!(event, TradeEvent::PaymentCaptured { .. })) => {
            let taken = events.iter().find_map(|event| match event {
                TradeEvent::PaymentCaptured { payment, amount } => Some((payment.clone(), *amount)),
                _ => None,
            });
            events.extend(taken.map(|(payment, amount)| TradeEvent::PaymentRefunded { payment, amount: one_more(amount) }));
        }
        (Planted::KeyForgotten, _) => events.retain(|event| !matches!(event, TradeEvent::KeyUsed { .. })),
        (Planted::PlacedUnreserved, Action::CompleteCheckout { .. }) => {
            events.retain(|event| !matches!(event, TradeEvent::StockReserved { .. }));
        }
        (Planted::LoserKeepsHold, Action::ResolvePayment { .. }) => {
            events.retain(|event| !matches!(event, TradeEvent::ReservationReleased { .. }));
        }
        (Planted::CancelKeepsMoney, Action::CancelOrder { .. }) => {
            events.retain(|event| !matches!(event, TradeEvent::PaymentVoidRequested { .. }));
        }
        (Planted::PostingOmitted, _) if events.iter().any(|event| matches!(event, TradeEvent::PaymentCaptured { .. })) => {
            events.retain(|event| !matches!(event, TradeEvent::LedgerPosted { .. }));
        }
        (Planted::EditPastQuota, Action::AfterSale(AfterSaleAction::EditOrder { .. })) => {
            events.retain(|event| !matches!(event, TradeEvent::Stock(StockEvent::OrderQuotaDrawn { .. })));
        }
        (Planted::RefundNeverRetried, Action::PassTime) => events.iter_mut().for_each(drop_retry),
        (Planted::FailedRefundUnposted, Action::Payment(PaymentAction::HearRefundFailed { .. })) => {
            events.retain(|event| !matches!(event, TradeEvent::LedgerPosted { .. }));
        }
        _ => events.iter_mut().for_each(|event| change_event(planted, event)),
    }
    events
}

fn drop_retry(event: &mut TradeEvent) {
    if let TradeEvent::Payment(PaymentEvent::RefundRetried { payment, failed, until, .. }) = event {
        *event = TradeEvent::Payment(PaymentEvent::RefundDropped { payment: payment.clone(), number: *failed, until: *until });
    }
}

/// The order that this payment has placed already, under another name.
fn placed_again(state: &State, payment: &PaymentId, order: &OrderId) -> Option<TradeEvent> {
    let first = state.order(state.payment(payment)?.order.as_ref()?)?;
    Some(TradeEvent::OrderPlaced {
        order: order.clone(),
        checkout: first.checkout.clone(),
        buyer: (*first.buyer).clone(),
        address: (*first.address).clone(),
        lines: first.lines.to_vec(),
        totals: first.totals.clone(),
        payment: payment.clone(),
        more_payments: Vec::new(),
        reservation: ReservationId::new(order.as_str()).ok()?,
        units: first.units.to_vec(),
    })
}

fn one_more(amount: Money) -> Money {
    Money::new(amount.amount_minor + 1, amount.currency)
}

fn change_event(planted: Planted, event: &mut TradeEvent) {
    match (planted, event) {
        (Planted::CaptureBeyond, TradeEvent::PaymentCaptured { amount, .. }) => *amount = one_more(*amount),
        (Planted::MergeLosesLine, TradeEvent::Cart(CartEvent::Merged { lines, .. })) => drop(lines.pop()),
        (Planted::PlacedUnallocated, TradeEvent::OrderPlaced { units, .. }) => units.clear(),
        (Planted::ShippedTwice, TradeEvent::OrderShipped { units, .. }) => units.iter_mut().for_each(|row| row.quantity *= 2),
        _ => {}
    }
}

/// What a bug lets through that the engine refused.
fn allowed(planted: Planted, state: &State, command: &Command, now: Timestamp, refusal: Rejection) -> Decision {
    let let_through = match (planted, &refusal) {
        (Planted::DemandByLine, Rejection::OutOfStock { .. }) => line_by_line(state, command, now),
        (Planted::AvailabilityUnchecked, Rejection::OutOfStock { .. }) => unchecked(state, command, now),
        (Planted::CompareIgnored, Rejection::StockChanged { .. }) => without_compare(state, command, now),
        (Planted::KeyBodyIgnored, Rejection::KeyReused) => Some(Vec::new()),
        (Planted::EditPastQuota, Rejection::OutOfStock { .. }) => without_quotas(state, command, now),
        (Planted::PendingRefundsIgnored, Rejection::Invalid { .. } | Rejection::WrongStatus { .. }) => {
            refund_beside_another(state, command)
        }
        _ => None,
    };
    let_through.ok_or(refusal)
}

/// Reserves each line as if it were the only one.
fn line_by_line(state: &State, command: &Command, now: Timestamp) -> Option<Vec<TradeEvent>> {
    let Action::CompleteCheckout { checkout, .. } = &command.action else { return None };
    let session = &state.checkout(checkout)?;
    let mut sums: BTreeMap<_, i64> = BTreeMap::new();
    let mut decided = Vec::new();
    for line in session.lines.iter() {
        let mut alone = state.clone();
        alone.put_checkout(Checkout { lines: [line.clone()].into(), ..Checkout::clone(session) });
        decided = decide(&alone, command, now).ok()?;
        // It is not the guard against drift that is broken: the session is as if it had always been of this line.
        if let Some(TradeEvent::Cart(CartEvent::Repriced { .. })) = decided.first() {
            let told = decided.iter().filter(|event| !matches!(event, TradeEvent::KeyUsed { .. }));
            told.for_each(|event| fold(&mut alone, event, now));
            decided = decide(&alone, command, now).ok()?;
        }
        for event in &decided {
            if let TradeEvent::StockReserved { units, .. } = event {
                units.iter().for_each(|row| *sums.entry((row.sku.clone(), row.location.clone())).or_default() += row.quantity);
            }
        }
    }
    for event in &mut decided {
        if let (TradeEvent::PaymentRequested { amount, .. }, Action::CompleteCheckout { parts, .. }) = (&mut *event, &command.action)
            && parts.is_empty()
        {
            *amount = session.totals.total;
        }
        if let TradeEvent::StockReserved { units, .. } = event {
            *units =
                sums.iter().map(|((sku, location), &quantity)| Units { sku: sku.clone(), location: location.clone(), quantity }).collect();
        }
    }
    Some(decided)
}

/// Reserves as if every place could promise without end.
fn unchecked(state: &State, command: &Command, now: Timestamp) -> Option<Vec<TradeEvent>> {
    const ENDLESS: i64 = 1_000_000;
    let mut endless = state.clone();
    for row in state.stock.rows() {
        for place in &row.locations {
            endless.stock.set_limits(&row.sku, row.product, &place.location, 0, ENDLESS).ok()?;
        }
    }
    decide(&endless, command, now).ok()
}

/// Edits an order as if no channel had a quota.
fn without_quotas(state: &State, command: &Command, now: Timestamp) -> Option<Vec<TradeEvent>> {
    let Action::AfterSale(AfterSaleAction::EditOrder { .. }) = &command.action else { return None };
    let mut free = state.clone();
    let quotas = state.stock.all_quotas().into_iter().map(|(sku, _)| sku.clone()).collect::<Vec<_>>();
    quotas.iter().for_each(|sku| free.stock.restore_quotas(sku, Vec::new()));
    decide(&free, command, now).ok()
}

/// Asks for a refund of what was taken, although some of it is on its way back.
fn refund_beside_another(state: &State, command: &Command) -> Option<Vec<TradeEvent>> {
    let Action::Payment(PaymentAction::Refund { payment: id, amount }) = &command.action else { return None };
    let payment = &state.payment(id)?;
    let most_minor = payment.captured.amount_minor - payment.refunded.amount_minor;
    let (kind, number) = (StepKind::Refund, payment.next_number());
    let amount = amount.unwrap_or(Money::new(most_minor, payment.amount.currency));
    let asked = PaymentEvent::Asked { payment: id.clone(), number, kind, amount };
    (1..=most_minor).contains(&amount.amount_minor).then(|| vec![TradeEvent::Payment(asked)])
}

fn without_compare(state: &State, command: &Command, now: Timestamp) -> Option<Vec<TradeEvent>> {
    let Action::MoveStock { sku, product, location, change: StockChange::CompareAndSet { on_hand, .. }, reason } = &command.action else {
        return None;
    };
    let (sku, location, change) = (sku.clone(), location.clone(), StockChange::To(*on_hand));
    let action = Action::MoveStock { sku, product: *product, location, change, reason: *reason };
    decide(state, &Command { key: command.key.clone(), action }, now).ok()
}
