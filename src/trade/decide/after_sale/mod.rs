//! Decisions about orders after they were placed: holds, edits and canceled lines, returns, exchanges and claims.

mod balance;
mod edit;
mod money;
mod returns;

use crate::event::TradeEvent;
use crate::event::trade::AfterSaleEvent;
use crate::event::trade::after_sale::HoldReason;
use crate::id::{LineId, OrderId};
use crate::order::{Order, OrderStatus};
use crate::stdx::clock::Timestamp;
use crate::trade::command::{AfterSaleAction, Edit, Rejection};
use crate::trade::state::State;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) use balance::{authorized as balance_authorized, is_waited_for as is_balance_waited_for};
pub use edit::Edited;

pub(super) fn decide(state: &State, action: &AfterSaleAction, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    match action {
        AfterSaleAction::PlaceHold { order, reason } => place_hold(state, order, *reason),
        AfterSaleAction::ReleaseHold { order, reason } => release_hold(state, order, *reason),
        AfterSaleAction::EditOrder { order, edit, change, expected_difference } => {
            edit::edit(state, order, edit, change, *expected_difference, now)
        }
        AfterSaleAction::PayBalance { order, payment, provider, token } => balance::request(state, order, payment, provider, token),
        AfterSaleAction::RequestReturn { id, order, kind, lines, note } => {
            returns::request(state, &returns::Asked { id, order, kind, lines, note }, now)
        }
        AfterSaleAction::ApproveReturn { id } => returns::approve(state, id),
        AfterSaleAction::DeclineReturn { id, reason } => returns::decline(state, id, reason),
        AfterSaleAction::SendReturn { id, tracking } => returns::send(state, id, tracking),
        AfterSaleAction::ReceiveReturn { id, location } => returns::receive(state, id, location),
        AfterSaleAction::InspectReturn { id, found } => returns::inspect(state, id, found),
        AfterSaleAction::RefundReturn { id, fee, with_shipping } => returns::refund(state, id, *fee, *with_shipping),
        AfterSaleAction::ReplaceReturn { id, edit } => returns::replace(state, id, edit, now),
        AfterSaleAction::CloseReturn { id } => returns::close(state, id),
        AfterSaleAction::CancelReturn { id } => returns::cancel(state, id),
    }
}

fn happened(event: AfterSaleEvent) -> TradeEvent {
    TradeEvent::AfterSale(event)
}

fn place_hold(state: &State, id: &OrderId, reason: HoldReason) -> Result<Vec<TradeEvent>, Rejection> {
    by_hand(reason)?;
    let order = &changeable_order(state, id)?;
    if order.after_sale.holds.contains(&reason) {
        return Ok(Vec::new());
    }
    Ok(vec![happened(AfterSaleEvent::HoldPlaced { order: id.clone(), reason })])
}

fn release_hold(state: &State, id: &OrderId, reason: HoldReason) -> Result<Vec<TradeEvent>, Rejection> {
    by_hand(reason)?;
    let order = &changeable_order(state, id)?;
    if !order.after_sale.holds.contains(&reason) {
        return Ok(Vec::new());
    }
    Ok(vec![happened(AfterSaleEvent::HoldReleased { order: id.clone(), reason })])
}

/// An order that owes something waits by itself, and goes on by itself.
fn by_hand(reason: HoldReason) -> Result<(), Rejection> {
    match reason {
        HoldReason::Payment => Err(Rejection::invalid("reason", "an order waits for its money by itself, until it owes nothing")),
        HoldReason::FraudReview | HoldReason::Address | HoldReason::Stock | HoldReason::Manual => Ok(()),
    }
}

/// An order that can still change, also while it waits.
fn changeable_order(state: &State, id: &OrderId) -> Result<Arc<Order>, Rejection> {
    let order = state.order(id).ok_or_else(|| Rejection::unknown("order", id))?;
    match order.status {
        OrderStatus::Placed | OrderStatus::OnHold => Ok(order),
        OrderStatus::Closed | OrderStatus::Canceled => Err(Rejection::WrongStatus { kind: "order", status: order.status.name() }),
    }
}

/// Units of each line that returns which are not void ask back.
fn asked_back<'a>(state: &'a State, order: &Order) -> BTreeMap<&'a LineId, i64> {
    let mut asked: BTreeMap<&LineId, i64> = BTreeMap::new();
    let live = order.after_sale.returns.iter().filter_map(|id| state.returned(id)).filter(|back| !back.status.is_void());
    live.flat_map(|back| &back.lines).for_each(|line| *asked.entry(&line.line).or_default() += line.quantity);
    asked
}

impl State {
    /// What an edit would make of an order at `now`. Nothing happens.
    ///
    /// # Errors
    /// Why the order cannot be edited so.
    pub fn preview_edit(&self, id: &OrderId, change: &Edit, now: Timestamp) -> Result<Edited, Rejection> {
        edit::edited(self, id, change, now)
    }

    /// Units of each line that may still be asked back.
    #[must_use]
    pub fn returnable(&self, order: &Order) -> Vec<(LineId, i64)> {
        returns::returnable(self, order)
    }
}
