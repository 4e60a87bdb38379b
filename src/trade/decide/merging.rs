//! A guest signs in: one decision, one entry, nothing lost.

use super::cart::check_content;
use super::pricing;
use crate::cart::MergePolicy;
use crate::cart::{Cart, Parts, capped, merge as merged};
use crate::event::TradeEvent;
use crate::event::trade::{Buyer, CartEvent, CartKind, Claims, PricingEvent, RuleTarget};
use crate::id::{CartId, ShopperId};
use crate::stdx::clock::Timestamp;
use crate::trade::command::Rejection;
use crate::trade::state::State;
use std::sync::Arc;

/// Most carts and lists of one shopper that are open at once.
pub(super) const CARTS_PER_SHOPPER_MAX: usize = 100;

pub(super) fn merge(
    state: &State,
    guest: &CartId,
    shopper: &ShopperId,
    into: Option<&CartId>,
    policy: MergePolicy,
    now: Timestamp,
) -> Result<Vec<TradeEvent>, Rejection> {
    let unknown = || Rejection::unknown("cart", guest);
    if let Some(known) = state.carts_book.merged_into(guest) {
        // It was merged before: nobody but its shopper is told into what.
        let is_theirs = state.cart(known).is_none_or(|cart| cart.buyer.shopper.as_ref() == Some(shopper));
        return if is_theirs { Ok(Vec::new()) } else { Err(unknown()) };
    }
    let from = state.cart(guest).ok_or_else(unknown)?;
    match &from.buyer.shopper {
        None => {}
        // The guest's cart became the shopper's own before.
        Some(owner) if owner == shopper && into.is_none_or(|into| into == guest) => return Ok(Vec::new()),
        Some(owner) if owner == shopper => {}
        Some(_) => return Err(unknown()),
    }
    match target(state, from, shopper, into)? {
        Some(cart) => merge_into(state, from, &cart, policy, now),
        None => assign(state, from, shopper),
    }
}

/// The shopper's cart: the named one, or the one touched last that holds the same currency.
fn target(state: &State, guest: &Cart, shopper: &ShopperId, into: Option<&CartId>) -> Result<Option<Arc<Cart>>, Rejection> {
    let Some(id) = into else {
        let carts = state.carts_of(shopper).into_iter();
        let fits = |cart: &Arc<Cart>| cart.kind == CartKind::Cart && cart.currency == guest.currency && !state.is_being_paid(&cart.id);
        return Ok(carts.filter(|cart| cart.id != guest.id).find(fits));
    };
    let cart = state.cart(id).filter(|cart| cart.buyer.shopper.as_ref() == Some(shopper));
    let cart = cart.ok_or_else(|| Rejection::unknown("cart", id))?;
    if cart.id == guest.id {
        return Err(Rejection::invalid("into", "a cart cannot be merged into itself"));
    }
    if cart.currency != guest.currency {
        return Err(Rejection::invalid("into", format!("is in {}, the guest's cart in {}", cart.currency, guest.currency)));
    }
    Ok(Some(Arc::clone(cart)))
}

fn assign(state: &State, guest: &Cart, shopper: &ShopperId) -> Result<Vec<TradeEvent>, Rejection> {
    check_count(state, shopper)?;
    let buyer = Buyer { shopper: Some(shopper.clone()), ..Buyer::clone(&guest.buyer) };
    Ok(vec![TradeEvent::Cart(CartEvent::Assigned { cart: guest.id.clone(), buyer })])
}

/// # Errors
/// When the shopper has as many carts as one may have.
pub(super) fn check_count(state: &State, shopper: &ShopperId) -> Result<(), Rejection> {
    if state.carts_by_shopper.of(shopper).count() >= CARTS_PER_SHOPPER_MAX {
        return Err(Rejection::invalid("buyer.shopper", format!("has {CARTS_PER_SHOPPER_MAX} carts and lists already")));
    }
    Ok(())
}

fn merge_into(state: &State, guest: &Cart, into: &Cart, policy: MergePolicy, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    // What is being paid for must not be bought a second time out of the other cart.
    for cart in [guest, into] {
        if state.is_being_paid(&cart.id) {
            return Err(Rejection::WrongStatus { kind: "cart", status: "being paid for" });
        }
    }
    let parts = |cart: &'_ Cart| (Arc::clone(&cart.lines), Arc::clone(&cart.saved));
    let ((guest_lines, guest_saved), (lines, saved)) = (parts(guest), parts(into));
    let cap = |target: &RuleTarget, wanted: i64| state.carts_book.rule(target).map_or(wanted, |rule| capped(rule, wanted));
    let guest_parts = Parts { lines: &guest_lines, saved: &guest_saved };
    let (lines, saved) =
        merged(policy, guest_parts, Parts { lines: &lines, saved: &saved }, cap).map_err(|error| Rejection::invalid("lines", error))?;
    let claims = claims(state, into, &guest.claims);
    // Where both are priced in the guest's marketplace now, the sums have to fit there.
    let with_both = &Cart { claims: Arc::new(claims.clone()), ..into.clone() };
    check_content(state, with_both, &lines, now)?;
    check_content(state, with_both, &saved, now)?;
    let merged = TradeEvent::Cart(CartEvent::Merged { guest: guest.id.clone(), into: into.id.clone(), lines, saved });
    let claimed = (claims != *into.claims).then(|| PricingEvent::CartClaimsSet { cart: into.id.clone(), claims });
    Ok([merged].into_iter().chain(claimed.map(TradeEvent::Pricing)).collect())
}

/// What the guest typed is not lost either: coupons and gift cards of both, the shopper's first, as far as the shopper could have claimed them
/// together. What is beyond that is left out: nobody is kept from signing in by a coupon.
fn claims(state: &State, into: &Cart, guest: &Claims) -> Claims {
    let mut both = Claims::clone(&into.claims);
    both.marketplace = both.marketplace.or_else(|| guest.marketplace.clone());
    let mut add = |claim: &dyn Fn(&mut Claims)| {
        let mut with = both.clone();
        claim(&mut with);
        if pricing::check(state, &with, &into.buyer, into.currency).is_ok() {
            both = with;
        }
    };
    for coupon in guest.coupons.iter().filter(|coupon| !into.claims.coupons.contains(coupon)) {
        add(&|claims| claims.coupons.push(coupon.clone()));
    }
    for account in guest.accounts.iter().filter(|account| !into.claims.accounts.contains(account)) {
        add(&|claims| claims.accounts.push(account.clone()));
    }
    both
}
