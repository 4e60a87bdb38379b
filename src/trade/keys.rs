//! Idempotency keys: a repeated write gives the answer that the first one gave, and has no second effect.
//!
//! A key that led to an order is kept with the order; its answer is the completed session, which never changes again. Any other key
//! keeps a snapshot of what it was about, as it then was, for a day of event time, or less where there are more of them in a day than
//! [`RETIRED_MAX`] (decision 0049). Forgetting happens in the fold, by the time of later entries, a few at a time: the same journal forgets the
//! same keys at the same place.

use super::state::State;
use crate::cart::Cart;
use crate::event::KEY_KEPT_MS;
use crate::event::trade::Subject;
use crate::event::trade::fulfilment::{CarrierFacts, FulfilmentSubject, LocationFacts, SourcingPolicy};
use crate::event::trade::pricing::PricingSubject;
use crate::fulfilment::{Manifest, OrderWork, Wave};
use crate::id::{CheckoutId, CountId, IdempotencyKey, NameDigest, PaymentId, PurchaseOrderId, TransferId};
use crate::inventory::{Bundle, Purchase, Quota, StockCount, StockRow, Transfer};
use crate::order::{Checkout, Order, Return};
use crate::payment::Payment;
use crate::pricing::Account;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Most things that are remembered for a day after their end; beyond it the oldest go early, so that a flood cannot fill the memory. An hour of
/// 145 writes a second.
pub const RETIRED_MAX: usize = 1 << 19;
/// For how long they are remembered also beyond that: far longer than anybody goes on repeating a write that was not answered.
pub const KEPT_AT_LEAST_MS: i64 = 5 * 60 * 1_000;
/// Most things that are remembered at all: those of five minutes of 6,990 writes a second, more than the one writer does.
pub const RETIRED_IN_A_FLOOD_MAX: usize = 1 << 21;
/// How much one event may forget: more than one event can retire, so that forgetting keeps up.
const FORGET_PER_EVENT: usize = 8;

/// What a write was about, as it was right after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Snapshot {
    /// A cart.
    Cart(Arc<Cart>),
    /// A checkout session.
    Checkout(Arc<Checkout>),
    /// An order.
    Order(Arc<Order>),
    /// Stock of a SKU.
    Stock(Arc<StockRow>),
    /// A return, exchange or claim.
    Return(Arc<Return>),
    /// A payment.
    Payment(Arc<Payment>),
    /// Goods ordered from a supplier.
    Purchase(Arc<Purchase>),
    /// Goods on their way between locations.
    Transfer(Arc<Transfer>),
    /// A count.
    Count(Arc<StockCount>),
    /// A channel's quota.
    Quota(Arc<Quota>),
    /// A bundle.
    Bundle(Arc<Bundle>),
    /// What a fulfilment order is part of: all work of its order.
    Work(Arc<OrderWork>),
    /// What is known of a location.
    Location(Arc<LocationFacts>),
    /// What is known of a carrier.
    Carrier(Arc<CarrierFacts>),
    /// A wave.
    Wave(Arc<Wave>),
    /// A manifest.
    Manifest(Arc<Manifest>),
    /// What the choice of locations goes by.
    Policy(SourcingPolicy),
    /// A gift card or store credit.
    Account(Arc<Account>),
    /// Nothing was left, as after a cart was closed; also of settings, whose answer is what was asked for.
    Gone,
}

/// The answer to a write under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What the write was about.
    pub subject: Subject,
    /// The subject as it was right after the write; for an attempt to complete a session, as it was when the attempt was over (as it is now
    /// while that is open).
    pub snapshot: Snapshot,
}

/// What is kept of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeyRecord {
    pub(super) body_hash: [u8; 32],
    pub(super) subject: Subject,
    /// None while the answer is the subject's present state: that of an attempt in progress.
    pub(super) snapshot: Option<Snapshot>,
}

/// Things that came to their end and are forgotten a day later.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Retired {
    Key(NameDigest),
    Checkout(CheckoutId),
    Payment(PaymentId),
    Purchase(PurchaseOrderId),
    Transfer(TransferId),
    Count(CountId),
}

impl State {
    /// The answer to the write that was done under `key`. Build the first answer from it too, and a repetition cannot differ.
    #[must_use]
    pub fn answer_of(&self, key: &IdempotencyKey) -> Option<Answer> {
        if let Some(record) = self.keys.get(&digest(key)) {
            let snapshot = record.snapshot.clone().unwrap_or_else(|| self.snapshot(&record.subject));
            return Some(Answer { subject: record.subject.clone(), snapshot });
        }
        let order = &self.orders.of_key(key)?.order;
        Some(Answer { subject: Subject::Checkout(order.checkout.clone()), snapshot: Snapshot::Checkout(Arc::new(order.session())) })
    }

    /// Whether `key` was used, and then whether with the same operation and body.
    pub(super) fn is_repetition(&self, key: &IdempotencyKey, body_hash: &[u8; 32]) -> Option<bool> {
        let known = self.keys.get(&digest(key)).map(|record| record.body_hash);
        known.or_else(|| self.orders.of_key(key)?.body_hash).map(|known| known == *body_hash)
    }

    pub(super) fn snapshot(&self, subject: &Subject) -> Snapshot {
        let found = match subject {
            // A guest's cart that became part of a shopper's is that cart.
            Subject::Cart(id) => {
                let open = self.carts.get(self.carts_book.merged_into(id).unwrap_or(id));
                open.or(self.closed_cart.as_ref().filter(|cart| cart.id == *id)).cloned().map(Snapshot::Cart)
            }
            Subject::Checkout(id) => self.checkout(id).map(Snapshot::Checkout),
            Subject::Order(id) => self.order(id).map(Snapshot::Order),
            Subject::Stock(sku) => self.stock.row(sku).cloned().map(Snapshot::Stock),
            Subject::Pricing(PricingSubject::Account(id)) => self.pricing.accounts().get(id).cloned().map(Snapshot::Account),
            Subject::Pricing(_) => None,
            Subject::Return(id) => self.after_sale.returns.get(id).cloned().map(Snapshot::Return),
            Subject::Payment(id) => self.payment(id).map(Snapshot::Payment),
            Subject::Dispute(id) => self.dispute(id).map(|(payment, _)| Snapshot::Payment(payment)),
            Subject::Purchase(id) => self.purchase(id).cloned().map(Snapshot::Purchase),
            Subject::Transfer(id) => self.transfer(id).cloned().map(Snapshot::Transfer),
            Subject::Count(id) => self.count(id).cloned().map(Snapshot::Count),
            Subject::Quota(sku, channel) => self.stock.quota(sku, channel).cloned().map(|quota| Snapshot::Quota(Arc::new(quota))),
            Subject::Bundle(sku) => self.stock.bundle(sku).cloned().map(Snapshot::Bundle),
            Subject::Fulfilment(subject) => self.fulfilment_snapshot(subject),
            // These are answered as they are now.
            Subject::QuantityRule(_) | Subject::Shopper(_) => None,
        };
        found.unwrap_or(Snapshot::Gone)
    }

    fn fulfilment_snapshot(&self, subject: &FulfilmentSubject) -> Option<Snapshot> {
        let (facts, board) = (self.fulfilment.facts(), self.fulfilment.board());
        match subject {
            FulfilmentSubject::Location(id) => facts.location(id).cloned().map(Snapshot::Location),
            FulfilmentSubject::Carrier(id) => facts.carrier(id).cloned().map(Snapshot::Carrier),
            FulfilmentSubject::Policy => Some(Snapshot::Policy(*facts.policy())),
            FulfilmentSubject::Work(id) => board.order(id.order).map(Snapshot::Work),
            FulfilmentSubject::Wave(id) => board.wave(id).cloned().map(Snapshot::Wave),
            FulfilmentSubject::Manifest(id) => board.manifest(id).cloned().map(Snapshot::Manifest),
        }
    }

    /// Remembers a key. That of an attempt to complete a session waits for the attempt's end.
    pub(super) fn use_key(&mut self, key: &IdempotencyKey, body_hash: [u8; 32], subject: &Subject) {
        let mut snapshot = Some(self.snapshot(subject));
        if let Some(Snapshot::Checkout(session)) = &snapshot
            && session.status.is_attempting()
            // Whatever else is asked about a session meanwhile has a key of its own.
            && session.completion_key.is_none()
        {
            let session = Checkout { completion_key: Some(key.clone()), ..Checkout::clone(session) };
            self.put_checkout(session);
            snapshot = None;
        } else {
            self.retire(Retired::Key(digest(key)));
        }
        self.keys.put(digest(key), Arc::new(KeyRecord { body_hash, subject: subject.clone(), snapshot }));
    }

    /// The attempt under a key led to an order, with which the key is kept from now on: the digest of its request.
    pub(super) fn take_key(&mut self, key: &IdempotencyKey) -> Option<[u8; 32]> {
        let key = digest(key);
        let record = self.keys.get(&key).filter(|record| record.snapshot.is_none())?;
        self.keys.remove(&key);
        Some(record.body_hash)
    }

    /// The attempt under the session's key is over without an order: from now on its answer is the session as it is.
    pub(super) fn settle_key(&mut self, session: &Arc<Checkout>) {
        let Some(key) = &session.completion_key else { return };
        let key = digest(key);
        let snapshot = Snapshot::Checkout(Arc::clone(session));
        if self.keys.change(&key, |record| record.snapshot = Some(snapshot)).is_some() {
            self.retire(Retired::Key(key));
        }
    }

    /// Marks something for forgetting.
    pub(super) fn retire(&mut self, what: Retired) {
        self.retired.insert((self.time, what));
    }

    /// How long ago the oldest thing ended that is still remembered, in milliseconds: less than a day where there was no room for a day. None when
    /// nothing is.
    #[must_use]
    pub fn remembers_for_ms(&self) -> Option<i64> {
        self.retired.get_min().map(|(at, _)| self.time.since_ms(*at))
    }

    /// Forgets what ended a day of event time ago, a few things at a time.
    pub(super) fn forget_old(&mut self) {
        for _ in 0..FORGET_PER_EVENT {
            let Some((at, _)) = self.retired.get_min() else { return };
            if self.time < at.plus_ms(kept_ms(self.retired.len())) {
                return;
            }
            if let Some((_, what)) = self.retired.remove_min() {
                self.forget(&what);
            }
        }
    }

    fn forget(&mut self, what: &Retired) {
        match what {
            Retired::Key(key) => _ = self.keys.remove(key),
            Retired::Checkout(id) => {
                self.checkouts.remove(id);
            }
            // A provider may have changed its story meanwhile: the payment is then retired again when that is settled, or an order's own for good.
            Retired::Payment(id) if self.payment(id).is_some_and(|payment| payment.status.is_void() && payment.order.is_none()) => {
                self.payments.remove(&NameDigest::of(id.as_str()));
            }
            Retired::Payment(_) => {}
            Retired::Purchase(id) => drop(self.stock_book.purchases.remove(id)),
            Retired::Transfer(id) => drop(self.stock_book.transfers.remove(id)),
            Retired::Count(id) => drop(self.stock_book.counts.remove(id)),
        }
    }
}

/// For how long things are remembered after their end while there are so many of them.
fn kept_ms(count: usize) -> i64 {
    if count <= RETIRED_MAX {
        KEY_KEPT_MS
    } else if count <= RETIRED_IN_A_FLOOD_MAX {
        KEPT_AT_LEAST_MS
    } else {
        0
    }
}

fn digest(key: &IdempotencyKey) -> NameDigest {
    NameDigest::of(key.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stdx::clock::Timestamp;

    /// At the full rate of the writer a key was forgotten after 84 seconds: its repetition was a second write.
    #[test]
    fn a_flood_shortens_the_memory_to_five_minutes_and_no_further_than_it_has_to() {
        assert_eq!([0, RETIRED_MAX].map(kept_ms), [KEY_KEPT_MS; 2]);
        assert_eq!([RETIRED_MAX + 1, RETIRED_IN_A_FLOOD_MAX].map(kept_ms), [KEPT_AT_LEAST_MS; 2]);
        assert_eq!(kept_ms(RETIRED_IN_A_FLOOD_MAX + 1), 0);
        let retired = (0..=RETIRED_MAX as u128).map(|name| (Timestamp(0), Retired::Key(NameDigest(name.to_le_bytes()))));
        let mut state = State { retired: retired.collect(), ..State::default() };
        for (age_ms, left) in [(84_000, RETIRED_MAX + 1), (KEPT_AT_LEAST_MS - 1, RETIRED_MAX + 1), (KEPT_AT_LEAST_MS, RETIRED_MAX)] {
            state.time = Timestamp(age_ms);
            state.forget_old();
            assert_eq!((state.retired.len(), state.remembers_for_ms()), (left, Some(age_ms)), "after {age_ms} ms");
        }
    }
}
