//! What events do to checkout sessions.

use super::Fault;
use crate::cart::Cart;
use crate::event::trade::{Address, Buyer, Line, Totals};
use crate::id::{CartId, CheckoutId};
use crate::order::{Checkout, CheckoutFailure, CheckoutStatus, CheckoutStep, Trail};
use crate::trade::keys::Retired;
use crate::trade::state::State;
use std::sync::Arc;

impl State {
    /// A copy of a session, to be changed and put back.
    pub(super) fn session(&self, id: &CheckoutId) -> Result<Checkout, Fault> {
        self.checkout(id).map(Arc::unwrap_or_clone).ok_or_else(|| Fault::missing("checkout session", id))
    }

    pub(super) fn checkout_opened(
        &mut self,
        id: &CheckoutId,
        cart: Option<&CartId>,
        buyer: &Buyer,
        lines: &[Line],
        totals: &Totals,
    ) -> Result<(), Fault> {
        let opened_over = cart.and_then(|id| self.carts.get(id)).cloned();
        let session = Checkout {
            id: id.clone(),
            cart: cart.cloned(),
            buyer: Arc::new(buyer.clone()),
            address: None,
            lines: shared(opened_over.as_ref().map(|cart| &cart.lines), lines),
            claims: opened_over.as_ref().map(|cart| Arc::clone(&cart.claims)).unwrap_or_default(),
            totals: totals.clone(),
            delivery: None,
            status: CheckoutStatus::Incomplete,
            payments: Arc::from([]),
            reservation: None,
            failure: None,
            trail: Trail::default(),
            order: None,
            completion_key: None,
            updated_at: self.time,
        };
        if let Some(cart) = opened_over {
            self.put_cart(Cart { checkout: Some(id.clone()), updated_at: self.time, ..Cart::clone(&cart) });
        }
        self.put_checkout(session);
        Ok(())
    }

    pub(super) fn checkout_updated(
        &mut self,
        id: &CheckoutId,
        buyer: &Buyer,
        address: Option<&Address>,
        lines: &[Line],
        totals: &Totals,
    ) -> Result<(), Fault> {
        let before = self.session(id)?;
        let mut session = Checkout {
            buyer: Arc::new(buyer.clone()),
            address: address.map(|address| Arc::new(address.clone())),
            lines: shared(Some(&before.lines), lines),
            totals: totals.clone(),
            failure: None,
            updated_at: self.time,
            ..before
        };
        session.trail.changes = Arc::from([]);
        session.status = step(&session, session.update_step())?;
        self.put_checkout(session);
        Ok(())
    }

    pub(super) fn checkout_canceled(&mut self, id: &CheckoutId) -> Result<(), Fault> {
        let session = self.session(id)?;
        let status = step(&session, CheckoutStep::Cancel)?;
        self.pricing.end_attempt(id);
        self.pricing.forget_cover(id);
        let session = self.put_checkout(Checkout { status, updated_at: self.time, ..session });
        self.settle_key(&session);
        self.retire(Retired::Checkout(id.clone()));
        Ok(())
    }

    /// The attempt to complete a session is over without an order.
    pub(super) fn attempt_failed(&mut self, session: Checkout, failure: CheckoutFailure) -> Result<(), Fault> {
        let status = step(&session, CheckoutStep::Fail)?;
        self.pricing.end_attempt(&session.id);
        let session = Checkout { status, failure: Some(failure), updated_at: self.time, ..session };
        self.settle_key(&Arc::new(session.clone()));
        self.put_checkout(Checkout { completion_key: None, ..session });
        Ok(())
    }
}

/// The status of a session after a step.
pub(super) fn step(session: &Checkout, step: CheckoutStep) -> Result<CheckoutStatus, Fault> {
    let refused = || Fault::Status { kind: "checkout session", id: session.id.to_string(), status: session.status.name() };
    session.status.after(step).ok_or_else(refused)
}

/// `lines`, sharing memory with `kept` when they are the same, as they nearly always are from cart to order.
pub(super) fn shared(kept: Option<&Arc<[Line]>>, lines: &[Line]) -> Arc<[Line]> {
    match kept {
        Some(kept) if **kept == *lines => Arc::clone(kept),
        _ => Arc::from(lines),
    }
}
