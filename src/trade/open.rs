//! What is open: carts and checkout sessions, put where every index finds them.

use super::state::State;
use crate::cart::Cart;
use crate::event::trade::{BuyerKey, CartKind, OneClick, QuantityRule, RuleTarget};
use crate::id::{CartId, CheckoutId, ShopperId};
use crate::order::Checkout;
use std::sync::Arc;

impl State {
    /// The carts and lists of a shopper, those touched last first.
    #[must_use]
    pub fn carts_of(&self, shopper: &ShopperId) -> Vec<Arc<Cart>> {
        let mut carts: Vec<Arc<Cart>> = self.carts_by_shopper.of(shopper).filter_map(|id| self.carts.get(id)).cloned().collect();
        carts.sort_by(|left, right| (right.updated_at, &right.id).cmp(&(left.updated_at, &left.id)));
        carts
    }

    /// The quantity rule of a SKU or product.
    #[must_use]
    pub fn quantity_rule(&self, target: &RuleTarget) -> Option<&QuantityRule> {
        self.carts_book.rule(target)
    }

    /// All quantity rules, in order of what they hold for.
    pub fn quantity_rules(&self) -> impl Iterator<Item = (&RuleTarget, &QuantityRule)> {
        self.carts_book.rules()
    }

    /// What is kept of a shopper for orders with one click.
    #[must_use]
    pub fn one_click_of(&self, shopper: &ShopperId) -> Option<&Arc<OneClick>> {
        self.carts_book.one_click(shopper)
    }

    /// Whether money is asked for what stands in a cart.
    #[must_use]
    pub fn is_being_paid(&self, cart: &CartId) -> bool {
        self.paying_carts.has(cart)
    }

    /// Keeps a cart.
    pub(super) fn put_cart(&mut self, cart: Cart) {
        let (id, shopper) = (cart.id.clone(), cart.buyer.shopper.clone());
        let before = self.carts.insert(id.clone(), Arc::new(cart));
        let known = before.as_ref().and_then(|before| before.buyer.shopper.as_ref());
        if known != shopper.as_ref() {
            known.iter().for_each(|known| self.carts_by_shopper.remove(known, &id));
            shopper.map(|shopper| self.carts_by_shopper.insert(shopper, id.clone()));
        }
        before.iter().for_each(|before| self.leave_idleness(before));
        self.place_in_idleness(&id);
    }

    /// Takes a cart out.
    pub(super) fn remove_cart(&mut self, id: &CartId) -> Option<Arc<Cart>> {
        let cart = self.carts.remove(id)?;
        self.leave_idleness(&cart);
        if let Some(shopper) = &cart.buyer.shopper {
            self.carts_by_shopper.remove(shopper, &cart.id);
        }
        Some(cart)
    }

    fn leave_idleness(&mut self, cart: &Cart) {
        let row = (cart.updated_at, cart.id.clone());
        self.idle_carts.remove(&row);
        self.idle_lists.remove(&row);
    }

    /// A cart with money attached never ends by itself: it stands in no order of idleness until its payment is over.
    fn place_in_idleness(&mut self, id: &CartId) {
        let Some(cart) = self.carts.get(id) else { return };
        let row = (cart.updated_at, id.clone());
        let kind = cart.kind;
        let is_being_paid = self.is_being_paid(id);
        let order = match kind {
            CartKind::Cart => &mut self.idle_carts,
            CartKind::List => &mut self.idle_lists,
        };
        if is_being_paid {
            order.remove(&row);
        } else {
            order.insert(row);
        }
    }

    /// Keeps a session, and its place in the order of idleness while it waits for its shopper.
    pub(super) fn put_checkout(&mut self, mut session: Checkout) -> Arc<Checkout> {
        if session.trail.verdict.is_some() && self.checkouts.get(&session.id).is_some_and(|before| !session.is_same_purchase(before)) {
            session.forget_acceptance();
        }
        let session = Arc::new(session);
        if let Some(before) = self.checkouts.insert(session.id.clone(), Arc::clone(&session)) {
            self.waits_no_more(&before);
            if before.status.is_attempting() && (!session.status.is_attempting() || before.buyer != session.buyer) {
                self.attempt_ended(&before);
            }
        }
        if session.status.waits_for_shopper() {
            self.idle_checkouts.insert((session.updated_at, session.id.clone()));
            session.buyer.shopper.iter().for_each(|shopper| _ = self.checkouts_by_shopper.insert(shopper.clone(), session.id.clone()));
        }
        if session.status.is_attempting() {
            self.attempt_goes_on(&session);
        }
        session
    }

    /// Takes out a session that is now an order.
    pub(super) fn remove_checkout(&mut self, id: &CheckoutId) {
        let Some(before) = self.checkouts.remove(id) else { return };
        self.waits_no_more(&before);
        if before.status.is_attempting() {
            self.attempt_ended(&before);
        }
    }

    fn waits_no_more(&mut self, session: &Checkout) {
        if session.status.waits_for_shopper() {
            self.idle_checkouts.remove(&(session.updated_at, session.id.clone()));
            session.buyer.shopper.iter().for_each(|shopper| self.checkouts_by_shopper.remove(shopper, &session.id));
        }
    }

    fn attempt_goes_on(&mut self, session: &Checkout) {
        for key in BuyerKey::of_household(&session.buyer, session.address.as_deref()) {
            self.attempts_by_buyer.insert(key, session.id.clone());
        }
        if let Some(cart) = &session.cart
            && self.paying_carts.insert(cart.clone(), session.id.clone())
        {
            self.place_in_idleness(cart);
        }
    }

    fn attempt_ended(&mut self, session: &Checkout) {
        for key in BuyerKey::of_household(&session.buyer, session.address.as_deref()) {
            self.attempts_by_buyer.remove(&key, &session.id);
        }
        if let Some(cart) = &session.cart {
            self.paying_carts.remove(cart, &session.id);
            self.place_in_idleness(cart);
        }
    }
}
