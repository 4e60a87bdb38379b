//! What events do to what the shop keeps about people, and how it forgets them.

use super::Fault;
use crate::event::activity::ShopperDigest;
use crate::event::trade::{Buyer, ShopperEvent};
use crate::order::Checkout;
use crate::trade::state::State;
use std::sync::Arc;

impl State {
    pub(super) fn fold_shoppers(&mut self, event: &ShopperEvent) -> Result<(), Fault> {
        match event {
            ShopperEvent::Keyed { shopper, keys } => self.shoppers.add(shopper, keys),
            ShopperEvent::Erased { shopper, keys: _ } => {
                self.shoppers.remove(shopper);
                self.carts_book.forget_one_click(|known| ShopperDigest::of(known) == *shopper);
                self.unname_sessions(shopper);
            }
            // The order's texts are sealed under keys that are gone; nothing else was known of a guest.
            ShopperEvent::GuestErased { order, keys: _ } => {
                self.order(order).ok_or_else(|| Fault::missing("order", order))?;
            }
        }
        Ok(())
    }

    /// Sessions whose payment is under way go on to their end without saying whose they are; all other open ones have ended with the erasure.
    fn unname_sessions(&mut self, erased: &ShopperDigest) {
        let is_theirs = |buyer: &Buyer| buyer.shopper.as_ref().is_some_and(|shopper| ShopperDigest::of(shopper) == *erased);
        let paying = self.waiting_payments.iter().filter_map(|id| self.payment(id)).filter_map(|paid| self.checkout(&paid.checkout));
        let theirs: Vec<Arc<Checkout>> = paying.filter(|session| session.order.is_none() && is_theirs(&session.buyer)).collect();
        for session in theirs {
            let buyer = Arc::new(Buyer { shopper: None, session: None, ..Buyer::clone(&session.buyer) });
            self.put_checkout(Checkout { buyer, ..Checkout::clone(&session) });
        }
    }
}
