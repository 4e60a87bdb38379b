//! What time alone makes happen.

use super::{fulfilment, payments, stock};
use crate::event::TradeEvent;
use crate::event::trade::ReleaseReason;
use crate::stdx::clock::Timestamp;
use crate::trade::state::State;

/// Most things of one kind that end in one entry; the rest ends in the next.
const ENDS_MAX: usize = 1_000;

pub(super) fn pass(state: &State, now: Timestamp) -> Vec<TradeEvent> {
    let reservations = state.stock().expired(now).take(ENDS_MAX);
    let reservations = reservations.map(|id| TradeEvent::ReservationReleased { reservation: id.clone(), reason: ReleaseReason::Expired });
    let is_over = |since: &Timestamp, ttl_ms: i64| since.plus_ms(ttl_ms) <= now;
    let options = state.options();
    let sessions = state.idle_checkouts.iter().take_while(|(since, _)| is_over(since, options.checkout_ttl_ms)).take(ENDS_MAX);
    let sessions = sessions.map(|(_, id)| TradeEvent::CheckoutCanceled { checkout: id.clone() });
    let carts = state.idle_carts.iter().take_while(|(since, _)| is_over(since, options.cart_ttl_ms));
    let lists = state.idle_lists.iter().take_while(|(since, _)| is_over(since, options.list_ttl_ms));
    let carts = carts.chain(lists).take(ENDS_MAX).map(|(_, id)| TradeEvent::CartClosed { cart: id.clone() });
    let areas = [stock::due, fulfilment::due, payments::due];
    let areas = areas.into_iter().flat_map(|due| due(state, now));
    reservations.chain(sessions).chain(carts).chain(areas).collect()
}
