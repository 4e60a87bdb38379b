//! Decisions about what the shop keeps about people, and how it forgets them.

use super::{cart, checkout};
use crate::event::TradeEvent;
use crate::event::activity::ShopperDigest;
use crate::event::sealed::{KeyNumber, Personal, key_of};
use crate::event::trade::{Address, AfterSaleEvent, Buyer, CartEvent, PricingEvent, ShopperEvent};
use crate::id::{CartId, CheckoutId, OrderId, ShopperId};
use crate::trade::command::{Rejection, ShopperAction};
use crate::trade::state::State;
use std::collections::BTreeMap;

pub(super) fn decide(state: &State, action: &ShopperAction) -> Result<Vec<TradeEvent>, Rejection> {
    match action {
        ShopperAction::Erase { shopper } => erase(state, shopper),
        ShopperAction::EraseGuest { order } => erase_guest(state, order),
    }
}

/// A shopper's open carts and sessions end, they leave their groups, and all their keys go. Their store credit stays: the shop owes it. An attempt to pay that is under way is left to its end: the money must
/// not be lost sight of, and its texts cannot be read any more either. Of somebody unknown there is nothing to forget.
fn erase(state: &State, shopper: &ShopperId) -> Result<Vec<TradeEvent>, Rejection> {
    let sessions: Vec<&CheckoutId> = state.checkouts_by_shopper.of(shopper).collect();
    // One for which money is asked is left to the end of that.
    let carts: Vec<&CartId> = state.carts_by_shopper.of(shopper).filter(|id| !state.is_being_paid(id)).collect();
    let keys = state.keys_of(shopper);
    let is_in_groups = state.pricing.groups_of_shopper(shopper).is_some();
    if sessions.is_empty() && carts.is_empty() && keys.is_empty() && state.one_click_of(shopper).is_none() && !is_in_groups {
        return Ok(Vec::new());
    }
    let mut events = Vec::new();
    for id in sessions {
        events.extend(checkout::cancel(state, id)?);
    }
    for id in carts {
        events.extend(cart::close(state, id)?);
    }
    if is_in_groups {
        events.push(TradeEvent::Pricing(PricingEvent::GroupsSet { shopper: shopper.clone(), groups: Vec::new() }));
    }
    events.push(TradeEvent::Shopper(ShopperEvent::Erased { shopper: ShopperDigest::of(shopper), keys }));
    Ok(events)
}

/// Whoever placed an order as a guest is forgotten; a shopper is forgotten as a whole.
fn erase_guest(state: &State, id: &OrderId) -> Result<Vec<TradeEvent>, Rejection> {
    let order = &state.order(id).ok_or_else(|| Rejection::unknown("order", id))?;
    if order.buyer.shopper.is_some() {
        return Err(Rejection::invalid("order", "was placed by a known shopper; forget the shopper"));
    }
    let keys = keys_in(&order.buyer, Some(&order.address));
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vec![TradeEvent::Shopper(ShopperEvent::GuestErased { order: id.clone(), keys })])
}

fn keys_in(buyer: &Buyer, address: Option<&Address>) -> Vec<KeyNumber> {
    let mut keys = buyer.keys();
    keys.extend(address.map(Personal::keys).unwrap_or_default());
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Which keys seal texts about which shoppers, where these events are the first to say so: it stands in the same entry, so that nothing is
/// sealed for a shopper that forgetting them would miss.
pub(super) fn keyed(state: &State, events: &[TradeEvent]) -> Vec<TradeEvent> {
    let mut found: BTreeMap<ShopperId, Vec<KeyNumber>> = BTreeMap::new();
    for (shopper, keys) in events.iter().filter_map(|event| said_of_people(state, event)) {
        found.entry(shopper).or_default().extend(keys);
    }
    let fresh = found.into_iter().filter_map(|(shopper, mut keys)| {
        let known = state.keys_of(&shopper);
        keys.retain(|key| !known.contains(key));
        keys.sort_unstable();
        keys.dedup();
        let shopper = ShopperDigest::of(&shopper);
        (!keys.is_empty()).then_some(TradeEvent::Shopper(ShopperEvent::Keyed { shopper, keys }))
    });
    fresh.collect()
}

/// The known shopper whom an event is about, and the keys of what it says of them.
fn said_of_people(state: &State, event: &TradeEvent) -> Option<(ShopperId, Vec<KeyNumber>)> {
    let of = |buyer: &Buyer, address: Option<&Address>| buyer.shopper.clone().map(|shopper| (shopper, keys_in(buyer, address)));
    let of_order = |id: &OrderId| state.order(id).and_then(|order| order.buyer.shopper.clone());
    match event {
        TradeEvent::CartOpened { buyer, .. }
        | TradeEvent::CheckoutOpened { buyer, .. }
        | TradeEvent::Cart(CartEvent::Assigned { buyer, .. }) => of(buyer, None),
        TradeEvent::CheckoutUpdated { buyer, address, .. } => of(buyer, address.as_ref()),
        TradeEvent::OrderPlaced { buyer, address, .. } => of(buyer, Some(address)),
        TradeEvent::AfterSale(AfterSaleEvent::OrderEdited { order, address: Some(address), .. }) => {
            of_order(order).map(|shopper| (shopper, address.keys()))
        }
        TradeEvent::Cart(CartEvent::OneClickSet { shopper, profile }) => {
            let mut keys = keys_in(&profile.buyer, Some(&profile.address));
            keys.extend(key_of(&profile.token));
            Some((shopper.clone(), keys))
        }
        TradeEvent::PaymentRequested { checkout, token, .. } => {
            let shopper = state.checkout(checkout)?.buyer.shopper.clone()?;
            Some((shopper, key_of(token).into_iter().collect()))
        }
        TradeEvent::AfterSale(AfterSaleEvent::BalancePaymentRequested { order, token, .. }) => {
            of_order(order).map(|shopper| (shopper, key_of(token).into_iter().collect()))
        }
        TradeEvent::AfterSale(AfterSaleEvent::ReturnRequested { order, note, .. }) => {
            of_order(order).map(|shopper| (shopper, key_of(note).into_iter().collect()))
        }
        _ => None,
    }
}
