//! A placed order and its three axes of status, each written by one reducer.

use super::checkout::{Checkout, CheckoutStatus, Trail};
use crate::event::trade::after_sale::HoldReason;
use crate::event::trade::{Address, Buyer, Claims, Component, Delivery, Line, Totals, Units, Verdict};
use crate::fulfilment::{FulfilmentStatus, Shipment, fulfilment_status};
use crate::id::{CheckoutId, EditId, IdempotencyKey, Offset, OrderId, PaymentId, ReturnId};
use crate::payment::{Payment, PaymentStatus};
use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;
use std::sync::Arc;

/// Whether anything is still to be done for an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// It is being served.
    Placed,
    /// It waits for something: see [`AfterSale::holds`].
    OnHold,
    /// Everything was delivered and paid.
    Closed,
    /// It was canceled before anything left.
    Canceled,
}

/// How far the money of an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderPaymentStatus {
    /// The provider is still asked.
    Pending,
    /// The money is held.
    Authorized,
    /// Some of the money was taken, the rest is held.
    PartiallyPaid,
    /// The money was taken.
    Paid,
    /// Some of it was given back.
    PartiallyRefunded,
    /// All of it was given back.
    Refunded,
    /// The authorisation was given back, or never came to be.
    Voided,
    /// A shopper's bank disputes it.
    Disputed,
}

impl OrderStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Placed, Self::OnHold, Self::Closed, Self::Canceled];

    /// Its name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::OnHold => "on_hold",
            Self::Closed => "closed",
            Self::Canceled => "canceled",
        }
    }
}

impl OrderPaymentStatus {
    /// Every status.
    pub const ALL: [Self; 8] = [
        Self::Pending,
        Self::Authorized,
        Self::PartiallyPaid,
        Self::Paid,
        Self::PartiallyRefunded,
        Self::Refunded,
        Self::Voided,
        Self::Disputed,
    ];

    /// Its name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Authorized => "authorized",
            Self::PartiallyPaid => "partially_paid",
            Self::Paid => "paid",
            Self::PartiallyRefunded => "partially_refunded",
            Self::Refunded => "refunded",
            Self::Voided => "voided",
            Self::Disputed => "disputed",
        }
    }
}

/// The one writer of the payment axis: it follows the order's payments.
#[must_use]
pub fn payment_status<P: Borrow<Payment>>(payments: &[P]) -> OrderPaymentStatus {
    let payments = || payments.iter().map(Borrow::borrow);
    let is_any = |wanted: &[PaymentStatus]| payments().any(|payment: &Payment| wanted.contains(&payment.status));
    let sum = |part: fn(&Payment) -> i64| payments().map(part).sum::<i64>();
    let captured = sum(|payment| payment.captured.amount_minor);
    let given_back = sum(|payment| payment.refunded.amount_minor + payment.disputed_minor());
    // Nothing at all is owed for some orders; their money counts as taken when the provider says so.
    let is_taken = captured > 0 || is_any(&[PaymentStatus::Captured]);
    let held = sum(|payment| {
        let left = payment.amount.amount_minor - payment.captured.amount_minor - payment.released.amount_minor;
        if payment.status.is_void() { 0 } else { left }
    });
    if is_any(&[PaymentStatus::Disputed]) {
        OrderPaymentStatus::Disputed
    } else if is_taken && given_back > 0 {
        if given_back < captured || held > 0 { OrderPaymentStatus::PartiallyRefunded } else { OrderPaymentStatus::Refunded }
    } else if is_taken {
        if held > 0 { OrderPaymentStatus::PartiallyPaid } else { OrderPaymentStatus::Paid }
    } else if payments().any(|payment| payment.status.is_open()) {
        OrderPaymentStatus::Pending
    } else if payments().all(|payment| payment.status.is_void()) {
        OrderPaymentStatus::Voided
    } else {
        OrderPaymentStatus::Authorized
    }
}

/// The one writer of the order axis: it follows the other two and whether there is a reason to wait.
#[must_use]
pub fn order_status(payment: OrderPaymentStatus, fulfilment: FulfilmentStatus, is_held: bool) -> OrderStatus {
    use FulfilmentStatus as F;
    use OrderPaymentStatus as P;
    match (payment, fulfilment) {
        (_, F::Canceled) => OrderStatus::Canceled,
        _ if is_held => OrderStatus::OnHold,
        (P::Paid | P::PartiallyRefunded | P::Refunded, F::Delivered | F::PartiallyReturned | F::Returned) => OrderStatus::Closed,
        _ => OrderStatus::Placed,
    }
}

/// Most entries of its history that an order remembers: more than anything but a quarrel between programs makes.
pub const ENTRIES_MAX: usize = 1_000;

/// An order as it was placed, kept from its first edit on: what its completed session answers never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Original {
    /// Where the goods were to go.
    pub address: Arc<Address>,
    /// What was bought.
    pub lines: Arc<[Line]>,
    /// What it came to.
    pub totals: Totals,
    /// How it was paid.
    pub payments: Arc<[PaymentId]>,
}

/// What happened to an order after it was placed, beyond its delivery.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AfterSale {
    /// What it waits for, in order, each once.
    pub holds: Vec<HoldReason>,
    /// Its edits, in order.
    pub edits: Vec<EditId>,
    /// The order as it was placed, once it was edited.
    pub original: Option<Arc<Original>>,
    /// Its returns, exchanges and claims, in order.
    pub returns: Vec<ReturnId>,
    /// Units that came back, as they are stocked.
    pub returned_units: i64,
    /// What came back is credited with so much, in minor units of the totals' currency.
    pub credited_minor: i64,
    /// Whether what was paid for shipping is part of that.
    pub is_shipping_credited: bool,
    /// What it owes beyond what its payments cover, as after an edit that made it dearer, in the same minor units.
    pub owing_minor: i64,
    /// The last payment that was asked for what it owed, while and after the provider says something to it.
    pub balance_payment: Option<PaymentId>,
    /// What was paid so, in the same minor units.
    pub balance_paid_minor: i64,
}

/// A placed order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its place in the order of placing, from 0; the cursor of lists.
    pub number: u64,
    /// Its name.
    pub id: OrderId,
    /// The session it came from.
    pub checkout: CheckoutId,
    /// Who bought.
    pub buyer: Arc<Buyer>,
    /// Where the goods go.
    pub address: Arc<Address>,
    /// What was bought.
    pub lines: Arc<[Line]>,
    /// Coupons, gift cards and marketplace.
    pub claims: Arc<Claims>,
    /// What it came to.
    pub totals: Totals,
    /// How it is paid; mostly by one payment.
    pub payments: Arc<[PaymentId]>,
    /// How the goods travel and when they were promised, if anything was.
    pub delivery: Option<Arc<Delivery>>,
    /// The units assigned when it was placed, and from where.
    pub units: Arc<[Units]>,
    /// Those of them that are still allocated.
    pub left_to_ship: Arc<[Units]>,
    /// Units that no location has: they are assigned as soon as stock comes.
    pub owed: Vec<Component>,
    /// What has left, in order.
    pub shipments: Vec<Shipment>,
    /// Whether anything is still to be done.
    pub status: OrderStatus,
    /// How far the money is.
    pub payment_status: OrderPaymentStatus,
    /// How far the goods are.
    pub fulfilment_status: FulfilmentStatus,
    /// What was found when somebody looked for fraud.
    pub verdict: Option<Arc<Verdict>>,
    /// Why it was canceled.
    pub cancel_reason: Option<String>,
    /// What happened to it after it was placed.
    pub after_sale: AfterSale,
    /// Offsets of the journal entries that made it and changed it, in order: its history. The oldest [`ENTRIES_MAX`] are kept.
    pub entries: Vec<Offset>,
    /// The idempotency key under which it was asked for.
    pub completion_key: Option<IdempotencyKey>,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
}

impl Order {
    /// The completed session that it came from, as it is answered for ever.
    #[must_use]
    pub fn session(&self) -> Checkout {
        let (address, lines, totals, payments) = match self.after_sale.original.as_deref() {
            Some(Original { address, lines, totals, payments }) => (address, lines, totals, payments),
            None => (&self.address, &self.lines, &self.totals, &self.payments),
        };
        Checkout {
            id: self.checkout.clone(),
            cart: None,
            buyer: Arc::clone(&self.buyer),
            address: Some(Arc::clone(address)),
            lines: Arc::clone(lines),
            claims: Arc::clone(&self.claims),
            totals: totals.clone(),
            delivery: self.delivery.clone(),
            status: CheckoutStatus::Completed,
            payments: Arc::clone(payments),
            reservation: None,
            failure: None,
            trail: Trail::default(),
            order: Some(self.id.clone()),
            completion_key: self.completion_key.clone(),
            updated_at: self.placed_at,
        }
    }

    /// What it comes to less what is credited for goods that came back, in minor units: what is to be paid for it in the end.
    #[must_use]
    pub fn due_minor(&self) -> i64 {
        self.totals.total.amount_minor - self.after_sale.credited_minor
    }

    /// Lets the axes of goods and of the order follow what happened.
    pub fn follow(&mut self) {
        let returned = self.after_sale.returned_units;
        self.fulfilment_status =
            fulfilment_status(self.fulfilment_status, &self.left_to_ship, !self.owed.is_empty(), &self.shipments, returned);
        self.status = order_status(self.payment_status, self.fulfilment_status, !self.after_sale.holds.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{Currency, Money};
    use crate::payment::Step;

    fn payment(change: impl FnOnce(&mut Payment)) -> Payment {
        let (id, checkout) = (PaymentId::new("p").expect("an id"), CheckoutId::new("c").expect("an id"));
        let amount = Money::new(1_000, Currency::EUR);
        let mut payment = Payment::new(id, checkout, "test".to_owned(), "tok".to_owned(), amount, Timestamp(1));
        change(&mut payment);
        payment
    }

    #[test]
    fn the_payment_axis_follows_all_payments() {
        let eur = |amount_minor| Money::new(amount_minor, Currency::EUR);
        let authorized = |payment: &mut Payment| payment.authorize("ref", Timestamp(2)).expect("authorises");
        let takes = |amount_minor| {
            payment(|payment| {
                authorized(payment);
                payment.capture(eur(amount_minor)).expect("captures");
            })
        };
        let gives = |amount_minor| {
            let mut payment = takes(1_000);
            payment.refund(eur(amount_minor)).expect("refunds");
            payment
        };
        let check = |payments: &[&Payment], expected: &str| assert_eq!(payment_status(payments).name(), expected);
        let (asked, held) = (payment(|_| {}), payment(authorized));
        let declined = payment(|payment| payment.step(Step::Decline).expect("declines"));
        check(&[&asked], "pending");
        check(&[&held], "authorized");
        check(&[&held, &asked], "pending");
        check(&[&declined], "voided");
        check(&[&takes(1_000)], "paid");
        check(&[&takes(400)], "partially_paid");
        check(&[&takes(1_000), &held], "partially_paid");
        check(&[&gives(1)], "partially_refunded");
        check(&[&gives(1_000)], "refunded");
        check(&[&gives(1_000), &takes(1_000)], "partially_refunded");
    }

    #[test]
    fn an_order_closes_when_it_is_delivered_and_paid() {
        use FulfilmentStatus as F;
        use OrderPaymentStatus as P;
        use OrderStatus as O;
        let check = |payment, fulfilment, is_held, expected| {
            assert_eq!(order_status(payment, fulfilment, is_held), expected, "{payment:?} {fulfilment:?} {is_held}");
        };
        check(P::Authorized, F::Unfulfilled, false, O::Placed);
        check(P::Authorized, F::Unfulfilled, true, O::OnHold);
        check(P::Authorized, F::Delivered, false, O::Placed);
        check(P::Paid, F::Fulfilled, false, O::Placed);
        check(P::Paid, F::Partial, false, O::Placed);
        check(P::Paid, F::Delivered, false, O::Closed);
        check(P::Paid, F::Delivered, true, O::OnHold);
        check(P::Refunded, F::Returned, false, O::Closed);
        check(P::PartiallyRefunded, F::PartiallyReturned, false, O::Closed);
        check(P::Authorized, F::Canceled, false, O::Canceled);
        check(P::Voided, F::Canceled, true, O::Canceled);
    }
}
