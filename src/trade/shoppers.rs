//! What the shop keeps about people, and how it forgets them: which keys seal what is said of whom.

use crate::cart::Cart;
use crate::event::activity::ShopperDigest;
use crate::event::sealed::KeyNumber;
use crate::event::trade::{Buyer, OneClick};
use crate::id::{CustomerGroupId, ShopperId};
use crate::order::{Checkout, Mark, Order, Return};
use crate::payment::Payment;
use crate::pricing::Account;
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::Digest;
use crate::trade::state::State;
use imbl::OrdMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A part of the trade state. Clones are cheap snapshots; equal books have equal bytes.
///
/// It grows with the shoppers who have said who they are, and shrinks when they are forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ShopperBook {
    /// By the shopper's digest; ascending, never empty.
    keys: OrdMap<Digest, Arc<[KeyNumber]>>,
}

impl ShopperBook {
    /// When time alone will next make something happen here.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        None
    }

    /// The keys of a shopper, ascending.
    #[must_use]
    pub fn keys_of(&self, shopper: &ShopperDigest) -> &[KeyNumber] {
        self.keys.get(&shopper.0).map_or(&[], |keys| keys)
    }

    /// Adds keys of a shopper.
    pub(super) fn add(&mut self, shopper: &ShopperDigest, keys: &[KeyNumber]) {
        let mut all = [self.keys_of(shopper), keys].concat();
        all.sort_unstable();
        all.dedup();
        self.keys.insert(shopper.0, all.into());
    }

    /// Forgets a shopper.
    pub(super) fn remove(&mut self, shopper: &ShopperDigest) {
        self.keys.remove(&shopper.0);
    }

    /// Whether every list is as it should be.
    pub(super) fn is_sound(&self) -> bool {
        self.keys.values().all(|keys| !keys.is_empty() && keys.is_sorted_by(|one, next| one < next))
    }
}

/// Everything that the trade state holds of one shopper, each in the order of names; orders from the first to the last.
#[derive(Debug, Clone, Default)]
pub struct Held {
    /// Open carts.
    pub carts: Vec<Arc<Cart>>,
    /// Checkout sessions that became no order.
    pub sessions: Vec<Arc<Checkout>>,
    /// Orders.
    pub orders: Vec<Arc<Order>>,
    /// Payments of those orders and sessions.
    pub payments: Vec<Arc<Payment>>,
    /// Returns, exchanges and claims of those orders.
    pub returns: Vec<Arc<Return>>,
    /// What is kept for orders with one click.
    pub one_click: Option<Arc<OneClick>>,
    /// The groups that they were put into.
    pub groups: Vec<CustomerGroupId>,
    /// Their store credit, by currency.
    pub credits: Vec<Arc<Account>>,
}

impl State {
    /// Everything that is held of a shopper. It looks through all that is open: for a person's own request, not for a page.
    #[must_use]
    pub fn held_of(&self, shopper: &ShopperId) -> Held {
        let is_theirs = |buyer: &Buyer| buyer.shopper.as_ref() == Some(shopper);
        let carts = self.carts.sorted().into_iter().map(|(_, cart)| cart).filter(|cart| is_theirs(&cart.buyer)).cloned().collect();
        let is_open = |session: &&Arc<Checkout>| session.order.is_none() && is_theirs(&session.buyer);
        let sessions: Vec<Arc<Checkout>> = self.checkouts.sorted().into_iter().map(|(_, it)| it).filter(is_open).cloned().collect();
        let marks = [Mark::Shopper(shopper.clone())];
        let theirs = self.orders.all_of(&marks, 0..u32::MAX).filter_map(|number| self.order_numbered(number.into()));
        let orders: Vec<Arc<Order>> = theirs.filter(|order| is_theirs(&order.buyer)).collect();
        let paid = orders.iter().flat_map(|order| &*order.payments).chain(sessions.iter().flat_map(|session| &*session.payments));
        let payments = paid.filter_map(|id| self.payment(id)).collect();
        let returns = orders.iter().flat_map(|order| &order.after_sale.returns).filter_map(|id| self.returned(id)).cloned().collect();
        let one_click = self.one_click_of(shopper).cloned();
        let groups = self.pricing.groups_of_shopper(shopper).unwrap_or_default().to_vec();
        let credits = self.pricing.accounts().all_of_shopper(shopper).cloned().collect();
        Held { carts, sessions, orders, payments, returns, one_click, groups, credits }
    }

    /// The keys of a shopper, ascending.
    #[must_use]
    pub fn keys_of(&self, shopper: &ShopperId) -> Vec<KeyNumber> {
        self.shoppers.keys_of(&ShopperDigest::of(shopper)).to_vec()
    }
}
