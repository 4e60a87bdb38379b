//! A placed order and its three axes of status, each written by one reducer.

use super::checkout::{Checkout, CheckoutStatus};
use crate::event::trade::{Address, Buyer, Line, Totals, Units};
use crate::fulfilment::{FulfilmentStatus, Shipment};
use crate::id::{CheckoutId, IdempotencyKey, OrderId, PaymentId};
use crate::payment::PaymentStatus;
use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Whether anything is still to be done for an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// It is being served.
    Placed,
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
    /// The money was taken.
    Paid,
    /// Some of it was given back.
    PartiallyRefunded,
    /// All of it was given back.
    Refunded,
    /// The authorisation was given back, or never came to be.
    Voided,
}

impl OrderStatus {
    /// Its name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Closed => "closed",
            Self::Canceled => "canceled",
        }
    }
}

impl OrderPaymentStatus {
    /// Its name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Authorized => "authorized",
            Self::Paid => "paid",
            Self::PartiallyRefunded => "partially_refunded",
            Self::Refunded => "refunded",
            Self::Voided => "voided",
        }
    }
}

/// The one writer of the payment axis: it follows the order's payment.
#[must_use]
pub fn payment_status(payment: PaymentStatus) -> OrderPaymentStatus {
    match payment {
        PaymentStatus::Authorizing | PaymentStatus::Unknown => OrderPaymentStatus::Pending,
        PaymentStatus::Authorized | PaymentStatus::Capturing | PaymentStatus::Voiding => OrderPaymentStatus::Authorized,
        PaymentStatus::Captured => OrderPaymentStatus::Paid,
        PaymentStatus::PartiallyRefunded => OrderPaymentStatus::PartiallyRefunded,
        PaymentStatus::Refunded => OrderPaymentStatus::Refunded,
        PaymentStatus::Voided | PaymentStatus::Declined | PaymentStatus::Failed => OrderPaymentStatus::Voided,
    }
}

/// The one writer of the order axis: it follows the other two.
#[must_use]
pub fn order_status(before: OrderStatus, payment: OrderPaymentStatus, fulfilment: FulfilmentStatus) -> OrderStatus {
    match (before, payment, fulfilment) {
        (_, _, FulfilmentStatus::Canceled) => OrderStatus::Canceled,
        (OrderStatus::Placed, OrderPaymentStatus::Paid, FulfilmentStatus::Delivered) => OrderStatus::Closed,
        (before, _, _) => before,
    }
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
    /// What it came to.
    pub totals: Totals,
    /// How it is paid.
    pub payment: PaymentId,
    /// The units assigned when it was placed, and from where.
    pub units: Arc<[Units]>,
    /// Those of them that are still allocated.
    pub left_to_ship: Arc<[Units]>,
    /// What has left, in order.
    pub shipments: Vec<Shipment>,
    /// Whether anything is still to be done.
    pub status: OrderStatus,
    /// How far the money is.
    pub payment_status: OrderPaymentStatus,
    /// How far the goods are.
    pub fulfilment_status: FulfilmentStatus,
    /// Why it was canceled.
    pub cancel_reason: Option<String>,
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
        Checkout {
            id: self.checkout.clone(),
            cart: None,
            buyer: Arc::clone(&self.buyer),
            address: Some(Arc::clone(&self.address)),
            lines: Arc::clone(&self.lines),
            totals: self.totals.clone(),
            status: CheckoutStatus::Completed,
            payment: Some(self.payment.clone()),
            reservation: None,
            failure: None,
            order: Some(self.id.clone()),
            completion_key: self.completion_key.clone(),
            updated_at: self.placed_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_payment_axis_follows_the_payment() {
        use PaymentStatus as P;
        let check = |status: P, expected: &str| assert_eq!(payment_status(status).name(), expected);
        check(P::Authorizing, "pending");
        check(P::Unknown, "pending");
        check(P::Authorized, "authorized");
        check(P::Capturing, "authorized");
        check(P::Voiding, "authorized");
        check(P::Captured, "paid");
        check(P::PartiallyRefunded, "partially_refunded");
        check(P::Refunded, "refunded");
        check(P::Voided, "voided");
        check(P::Declined, "voided");
        check(P::Failed, "voided");
    }

    #[test]
    fn an_order_closes_when_it_is_delivered_and_paid() {
        use FulfilmentStatus as F;
        use OrderPaymentStatus as P;
        use OrderStatus as O;
        assert_eq!(order_status(O::Placed, P::Authorized, F::Unfulfilled), O::Placed);
        assert_eq!(order_status(O::Placed, P::Authorized, F::Delivered), O::Placed);
        assert_eq!(order_status(O::Placed, P::Paid, F::Fulfilled), O::Placed);
        assert_eq!(order_status(O::Placed, P::Paid, F::Delivered), O::Closed);
        assert_eq!(order_status(O::Closed, P::Refunded, F::Delivered), O::Closed);
        assert_eq!(order_status(O::Placed, P::Authorized, F::Canceled), O::Canceled);
    }
}
