//! Events to state. Live and replay run this same code.
//!
//! Events were decided on this very state, so they fit; an event that does not (a damaged journal, a bug) changes nothing further, is noted,
//! and [`State::check_invariants`] reports it. Nothing here may depend on options, the clock, or anything but state, event and its time.

mod after_sale;
mod carts;
mod checkout;
mod fulfilment;
mod order;
mod payment;
mod payments;
mod pricing;
mod shoppers;
mod stock;

use super::state::State;
use crate::cart::Cart;
use crate::event::TradeEvent;
use crate::event::trade::{Buyer, CartKind, Line, ReleaseReason, Units};
use crate::id::{CartId, LocationId, ReservationId, Sku};
use crate::inventory::{InventoryError, Reservation};
use crate::money::{Currency, MoneyError};
use crate::order::Checkout;
use crate::payment::{Payment, PaymentError, Step};
use crate::stdx::clock::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Why an event does not fit the state.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It names something that is not there.
    #[error("there is no {kind} {id}")]
    Missing {
        /// What kind of thing.
        kind: &'static str,
        /// Its name.
        id: String,
    },
    /// Its subject is in a state that does not allow it.
    #[error("the {kind} {id} is {status}")]
    Status {
        /// What kind of thing.
        kind: &'static str,
        /// Its name.
        id: String,
        /// Its status.
        status: &'static str,
    },
    /// Stock cannot change so.
    #[error(transparent)]
    Inventory(#[from] InventoryError),
    /// The payment cannot take that step.
    #[error(transparent)]
    Payment(#[from] PaymentError),
    /// The ledger cannot take the posting.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Fault {
    fn missing(kind: &'static str, id: impl ToString) -> Self {
        Self::Missing { kind, id: id.to_string() }
    }
}

/// Makes an event so, at the time of its entry.
pub fn fold(state: &mut State, event: &TradeEvent, at: Timestamp) {
    state.time = state.time.max(at);
    if let Err(fault) = state.apply(event) {
        state.note_fault(format!("{fault}, in {}", name_of(event)));
    }
    state.follow_draws(event);
    state.settle_backlog();
    state.note_stock(event);
    state.forget_old();
    state.carts_book.forget_old(state.time);
}

/// What an event is called. What it says may be about people, or be a token, and faults are shown to whoever looks after the shop.
fn name_of(event: &impl std::fmt::Debug) -> String {
    let written = format!("{event:?}");
    let end = written.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '(').unwrap_or(written.len());
    written[..end].replace('(', "::")
}

impl State {
    fn apply(&mut self, event: &TradeEvent) -> Result<(), Fault> {
        match event {
            TradeEvent::StockMoved { sku, product, location, on_hand_delta, reason: _ } => {
                Ok(self.stock.move_on_hand(sku, *product, location, *on_hand_delta)?)
            }
            TradeEvent::StockLimitsSet { sku, product, location, safety_stock, backorder_cap } => {
                Ok(self.stock.set_limits(sku, *product, location, *safety_stock, *backorder_cap)?)
            }
            TradeEvent::StockReserved { reservation, checkout, units, expires_at } => {
                let (id, checkout, units, expires_at) = (reservation.clone(), checkout.clone(), units.clone(), *expires_at);
                self.stock_reserved(Reservation { id, checkout, units, expires_at })
            }
            TradeEvent::ReservationExtended { reservation, expires_at } => Ok(self.stock.extend(reservation, *expires_at)?),
            TradeEvent::ReservationReleased { reservation, reason } => self.reservation_released(reservation, *reason),
            TradeEvent::CartOpened { cart, buyer, currency } => self.cart_opened(cart, buyer, *currency),
            TradeEvent::CartLinesSet { cart, lines } => self.cart_lines_set(cart, lines),
            TradeEvent::CartClosed { cart } => self.cart_closed(cart),
            TradeEvent::CheckoutOpened { checkout, cart, buyer, lines, totals } => {
                self.checkout_opened(checkout, cart.as_ref(), buyer, lines, totals)
            }
            TradeEvent::CheckoutUpdated { checkout, buyer, address, lines, totals } => {
                self.checkout_updated(checkout, buyer, address.as_ref(), lines, totals)
            }
            TradeEvent::CheckoutCanceled { checkout } => self.checkout_canceled(checkout),
            TradeEvent::PaymentRequested { payment, checkout, amount, provider, token } => {
                let asked_at = self.time;
                self.payment_requested(Payment::new(payment.clone(), checkout.clone(), provider.clone(), token.clone(), *amount, asked_at))
            }
            TradeEvent::PaymentAuthorized { payment, provider_reference } => self.payment_authorized(payment, provider_reference),
            TradeEvent::PaymentFailed { payment, failure } => self.payment_failed(payment, *failure),
            TradeEvent::PaymentUnknown { payment } => self.step_payment(payment, Step::LoseSight),
            TradeEvent::PaymentCaptureRequested { payment } => self.payment_capture_requested(payment),
            TradeEvent::PaymentCaptured { payment, amount } => self.change_payment(payment, |payment| payment.capture(*amount)),
            TradeEvent::PaymentVoidRequested { payment } => self.payment_void_requested(payment),
            TradeEvent::PaymentVoided { payment } => self.payment_voided(payment),
            TradeEvent::PaymentRefunded { payment, amount } => self.change_payment(payment, |payment| payment.refund(*amount)),
            TradeEvent::LedgerPosted { posting } => Ok(self.ledger.post(posting)?),
            TradeEvent::OrderPlaced { .. } => self.order_placed(event),
            TradeEvent::OrderCanceled { order, lines: _, reason } => self.order_canceled(order, reason),
            TradeEvent::OrderShipped { order, shipment, units } => self.order_shipped(order, shipment, units),
            TradeEvent::ShipmentDelivered { order, shipment } => self.shipment_delivered(order, shipment),
            TradeEvent::KeyUsed { key, body_hash, subject } => {
                self.use_key(key, *body_hash, subject);
                Ok(())
            }
            TradeEvent::Pricing(event) => self.fold_pricing(event),
            TradeEvent::Cart(event) => self.fold_carts(event),
            TradeEvent::Stock(event) => self.fold_stock(event),
            TradeEvent::Fulfilment(event) => self.fold_fulfilment(event),
            TradeEvent::Payment(event) => self.fold_payments(event),
            TradeEvent::AfterSale(event) => self.fold_after_sale(event),
            TradeEvent::Shopper(event) => self.fold_shoppers(event),
        }
    }

    fn stock_reserved(&mut self, reservation: Reservation) -> Result<(), Fault> {
        let (id, checkout) = (reservation.id.clone(), reservation.checkout.clone());
        self.stock.reserve(reservation)?;
        let mut session = self.session(&checkout)?;
        session.trail.reserved_at = Some(self.time);
        self.put_checkout(Checkout { reservation: Some(id), ..session });
        Ok(())
    }

    fn reservation_released(&mut self, id: &ReservationId, reason: ReleaseReason) -> Result<(), Fault> {
        let ended = self.stock.release(id, reason)?;
        let session = self.session(&ended.checkout)?;
        if session.reservation.as_ref() == Some(id) {
            self.put_checkout(Checkout { reservation: None, ..session });
        }
        Ok(())
    }

    fn cart_opened(&mut self, id: &CartId, buyer: &Buyer, currency: Currency) -> Result<(), Fault> {
        let (id, buyer, updated_at) = (id.clone(), Arc::new(buyer.clone()), self.time);
        let (lines, saved) = (Arc::from([]), Arc::from([]));
        self.put_cart(Cart {
            id,
            buyer,
            currency,
            name: None,
            kind: CartKind::Cart,
            lines,
            saved,
            claims: Arc::default(),
            checkout: None,
            updated_at,
        });
        Ok(())
    }

    fn cart_closed(&mut self, id: &CartId) -> Result<(), Fault> {
        self.closed_cart = Some(self.remove_cart(id).ok_or_else(|| Fault::missing("cart", id))?);
        Ok(())
    }

    fn cart_lines_set(&mut self, id: &CartId, lines: &[Line]) -> Result<(), Fault> {
        let cart = self.carts.get(id).ok_or_else(|| Fault::missing("cart", id))?;
        let cart = Cart { lines: Arc::from(lines), updated_at: self.time, ..Cart::clone(cart) };
        self.put_cart(cart);
        Ok(())
    }
}

/// Units with more of them, one row per SKU and location in order.
fn with_more(units: &[Units], added: &[Units]) -> Arc<[Units]> {
    let mut sums: BTreeMap<_, i64> = BTreeMap::new();
    for row in units.iter().chain(added) {
        *sums.entry((&row.sku, &row.location)).or_default() += row.quantity;
    }
    let row = |((sku, location), quantity): ((&Sku, &LocationId), i64)| Units { sku: sku.clone(), location: location.clone(), quantity };
    sums.into_iter().map(row).collect()
}
