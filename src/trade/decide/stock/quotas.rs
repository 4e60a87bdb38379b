//! Quotas of channels.

use super::{check_units, happened};
use crate::event::TradeEvent;
use crate::event::trade::{SkuUnits, StockEvent, Units};
use crate::id::{ChannelId, CheckoutId, ReservationId, Sku};
use crate::order::{Checkout, Order};
use crate::trade::command::Rejection;
use crate::trade::state::State;
use std::collections::BTreeMap;

/// Most channels with a quota of one SKU: each change looks through all of them.
const QUOTAS_MAX: usize = 100;

pub(super) fn set(state: &State, sku: &Sku, channel: &ChannelId, units: i64) -> Result<Vec<TradeEvent>, Rejection> {
    check_units("units", units, 0)?;
    let stock = state.stock();
    if stock.row(sku).is_none() {
        return Err(Rejection::invalid("sku", format!("{sku} was never stocked")));
    }
    let known = stock.quotas(sku).iter().find(|quota| quota.channel == *channel);
    if known.is_none() && stock.quotas(sku).len() >= QUOTAS_MAX {
        return Err(Rejection::invalid("channel", format!("{QUOTAS_MAX} channels have a quota of {sku} already")));
    }
    let used = known.map_or(0, |quota| quota.held + quota.sold);
    if units < used {
        return Err(Rejection::invalid("units", format!("{used} units are sold or held under it")));
    }
    if known.is_some_and(|quota| quota.granted == Some(units)) {
        return Ok(Vec::new());
    }
    Ok(vec![happened(StockEvent::QuotaSet { sku: sku.clone(), channel: channel.clone(), units })])
}

pub(super) fn clear(state: &State, sku: &Sku, channel: &ChannelId) -> Result<Vec<TradeEvent>, Rejection> {
    state.stock().quota(sku, channel).ok_or_else(|| Rejection::unknown("quota", format!("of {sku} for {channel}")))?;
    Ok(vec![happened(StockEvent::QuotaCleared { sku: sku.clone(), channel: channel.clone() })])
}

pub(super) fn choose(state: &State, id: &CheckoutId, channel: Option<&ChannelId>) -> Result<Vec<TradeEvent>, Rejection> {
    let session = &state.checkout(id).ok_or_else(|| Rejection::unknown("checkout session", id))?;
    if !session.status.waits_for_shopper() {
        return Err(Rejection::WrongStatus { kind: "checkout session", status: session.status.name() });
    }
    if state.stock_book.channels.get(id) == channel {
        return Ok(Vec::new());
    }
    Ok(vec![happened(StockEvent::ChannelChosen { checkout: id.clone(), channel: channel.cloned() })])
}

/// What a reservation takes out of quotas, in its own entry.
///
/// # Errors
/// [`Rejection::OutOfStock`] when the session's channel may not sell so many, or others have quotas of what would be left.
pub(in crate::trade::decide) fn on_reserved(
    state: &State,
    session: &Checkout,
    reservation: &ReservationId,
    units: &[Units],
) -> Result<Option<TradeEvent>, Rejection> {
    let Some((channel, units)) = drawn(state, session, units)? else { return Ok(None) };
    Ok(Some(happened(StockEvent::QuotaDrawn { reservation: reservation.clone(), channel, units })))
}

/// What units that an order is assigned in addition take out of quotas, in their own entry: an edit or an exchange is a sale through the
/// channel that the order came through.
///
/// # Errors
/// As [`on_reserved`].
pub(in crate::trade::decide) fn drawn_by_order(state: &State, order: &Order, added: &[Units]) -> Result<Option<TradeEvent>, Rejection> {
    if added.is_empty() || !state.stock().has_quotas() {
        return Ok(None);
    }
    let Some((channel, units)) = drawn(state, &order.session(), added)? else { return Ok(None) };
    Ok(Some(happened(StockEvent::OrderQuotaDrawn { order: order.id.clone(), channel, units })))
}

/// The channel of a session that has quotas of any of the units, and how many of them it takes out of those.
fn drawn(state: &State, session: &Checkout, units: &[Units]) -> Result<Option<(ChannelId, Vec<SkuUnits>)>, Rejection> {
    let stock = state.stock();
    if !stock.has_quotas() {
        return Ok(None);
    }
    let mut demand: BTreeMap<&Sku, i64> = BTreeMap::new();
    units.iter().filter(|row| !stock.quotas(&row.sku).is_empty()).for_each(|row| *demand.entry(&row.sku).or_default() += row.quantity);
    let channel = state.channel_of(session);
    let mut drawn = Vec::new();
    for (sku, requested) in demand {
        let available = stock.available_through(sku, channel.as_ref());
        if requested > available {
            return Err(Rejection::OutOfStock { sku: sku.clone(), requested, available });
        }
        if channel.as_ref().is_some_and(|channel| stock.quota(sku, channel).is_some()) {
            drawn.push(SkuUnits { sku: sku.clone(), quantity: requested });
        }
    }
    Ok(channel.filter(|_| !drawn.is_empty()).map(|channel| (channel, drawn)))
}
