//! Whether a purchase may go on: the built-in rules, and what a service outside has said.

use super::order;
use crate::event::TradeEvent;
use crate::event::trade::after_sale::HoldReason;
use crate::event::trade::{AfterSaleEvent, BuyerKey, CartEvent, Decision, Verdict};
use crate::id::{CheckoutId, OrderId};
use crate::order::{BY_RULES, Checkout, OrderStatus, Suspicion, check_text, judge};
use crate::stdx::clock::Timestamp;
use crate::trade::command::Rejection;
use crate::trade::state::State;
use std::sync::Arc;

/// Most reasons that a verdict from outside may give.
const REASONS_MAX: usize = 16;

/// What the attempt to complete a session notes about itself, if anything.
///
/// # Errors
/// [`Rejection::Refused`]: it does not go on, and its shopper is not told why.
pub(super) fn examine(state: &State, session: &Checkout, now: Timestamp) -> Result<Option<TradeEvent>, Rejection> {
    let known = session.trail.verdict.as_deref();
    let verdict = match known.filter(|verdict| verdict.by != BY_RULES) {
        Some(outside) => outside.clone(),
        None => by_rules(state, session, now),
    };
    match verdict.decision {
        Decision::Reject => Err(Rejection::Refused),
        Decision::Accept => Ok(None),
        Decision::Review if known.is_some_and(|known| known.decision == Decision::Review) => Ok(None),
        Decision::Review => Ok(Some(TradeEvent::Cart(CartEvent::Judged { checkout: session.id.clone(), verdict }))),
    }
}

fn by_rules(state: &State, session: &Checkout, now: Timestamp) -> Verdict {
    let options = &state.options().fraud;
    let names = BuyerKey::of_household(&session.buyer, session.address.as_deref());
    let since = now.plus_ms(-options.window_ms);
    let tries = state.carts_book.tries();
    let suspicion = Suspicion {
        buyer: &session.buyer,
        address: session.address.as_deref(),
        total: session.totals.total,
        tried: tries.tried_count(&names, since),
        declined: tries.declined_count(&names, since),
    };
    judge(&suspicion, options)
}

/// What a placed order notes about its session's verdict: it waits while that says so.
pub(super) fn on_placed(session: &Checkout, order: &OrderId) -> Vec<TradeEvent> {
    let verdict = session.trail.verdict.as_deref().filter(|verdict| verdict.decision == Decision::Review);
    verdict.map_or_else(Vec::new, |verdict| judged(order, verdict, false))
}

/// The verdict on an order, and the hold that it places or takes away.
fn judged(id: &OrderId, verdict: &Verdict, is_held: bool) -> Vec<TradeEvent> {
    let (order, reason) = (id.clone(), HoldReason::FraudReview);
    let hold = match (verdict.decision, is_held) {
        (Decision::Review, false) => Some(AfterSaleEvent::HoldPlaced { order, reason }),
        (Decision::Accept | Decision::Reject, true) => Some(AfterSaleEvent::HoldReleased { order, reason }),
        (Decision::Review, true) | (Decision::Accept | Decision::Reject, false) => None,
    };
    let noted = TradeEvent::Cart(CartEvent::OrderJudged { order: id.clone(), verdict: verdict.clone() });
    [noted].into_iter().chain(hold.map(TradeEvent::AfterSale)).collect()
}

fn check_verdict(verdict: &Verdict) -> Result<(), Rejection> {
    check_text("by", &verdict.by)?;
    if verdict.by.is_empty() || verdict.by == BY_RULES {
        return Err(Rejection::invalid("by", "must name who decided, and not the shop's own rules"));
    }
    if verdict.score > 100 {
        return Err(Rejection::invalid("score", "must be between 0 and 100"));
    }
    if verdict.reasons.len() > REASONS_MAX {
        return Err(Rejection::invalid("reasons", format!("must not be more than {REASONS_MAX}")));
    }
    verdict.reasons.iter().try_for_each(|reason| Ok(check_text("reasons", reason)?))
}

/// A service outside has looked at a session that is not over.
pub(super) fn judge_checkout(state: &State, id: &CheckoutId, verdict: &Verdict) -> Result<Vec<TradeEvent>, Rejection> {
    check_verdict(verdict)?;
    let session = &state.checkout(id).ok_or_else(|| Rejection::unknown("checkout session", id))?;
    if !session.status.waits_for_shopper() && !session.status.is_attempting() {
        return Err(Rejection::WrongStatus { kind: "checkout session", status: session.status.name() });
    }
    if session.trail.verdict.as_deref() == Some(verdict) {
        return Ok(Vec::new());
    }
    Ok(vec![TradeEvent::Cart(CartEvent::Judged { checkout: id.clone(), verdict: verdict.clone() })])
}

/// Somebody has looked at an order: it goes on, is held until somebody looks again, or is canceled.
pub(super) fn judge_order(state: &State, id: &OrderId, verdict: &Verdict) -> Result<Vec<TradeEvent>, Rejection> {
    check_verdict(verdict)?;
    let order = &state.order(id).ok_or_else(|| Rejection::unknown("order", id))?;
    if !matches!(order.status, OrderStatus::Placed | OrderStatus::OnHold) {
        return Err(Rejection::WrongStatus { kind: "order", status: order.status.name() });
    }
    if order.verdict.as_ref().map(Arc::as_ref) == Some(verdict) {
        return Ok(Vec::new());
    }
    let judged = judged(id, verdict, order.after_sale.holds.contains(&HoldReason::FraudReview));
    let canceled = match verdict.decision {
        Decision::Reject => order::cancel(state, id, "refused after review")?,
        Decision::Accept | Decision::Review => Vec::new(),
    };
    Ok(judged.into_iter().chain(canceled).collect())
}
