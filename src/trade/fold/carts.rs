//! What events do to carts beyond opening and filling them: merging, lists kept for later, delivery choices of a session.

use super::Fault;
use super::checkout::{shared, step};
use crate::cart::Cart;
use crate::event::trade::{Buyer, CartEvent, CartPart, Change, Delivery, Line, Totals, Verdict};
use crate::id::{CartId, CheckoutId, LineId, OrderId};
use crate::order::Checkout;
use crate::trade::state::State;
use std::sync::Arc;

impl State {
    pub(super) fn fold_carts(&mut self, event: &CartEvent) -> Result<(), Fault> {
        match event {
            CartEvent::Described { cart, name, kind } => self.change_cart(cart, |cart| {
                (cart.name, cart.kind) = (name.clone(), *kind);
                Ok(())
            }),
            CartEvent::Assigned { cart, buyer } => self.assigned(cart, buyer),
            CartEvent::LineSet { cart, part, line } => self.change_cart(cart, |cart| {
                let rows = part_of(cart, *part);
                *rows = with(rows, line);
                Ok(())
            }),
            CartEvent::LineRemoved { cart, part, line } => self.change_cart(cart, |cart| {
                let rows = part_of(cart, *part);
                *rows = without(rows, line)?;
                Ok(())
            }),
            CartEvent::Merged { guest, into, lines, saved } => self.merged(guest, into, lines, saved),
            CartEvent::QuantityRuleSet { target, rule } => {
                self.carts_book.set_rule(target.clone(), *rule);
                Ok(())
            }
            CartEvent::QuantityRuleRemoved { target } => {
                let is_known = self.carts_book.remove_rule(target);
                is_known.then_some(()).ok_or_else(|| Fault::missing("quantity rule", format!("{target:?}")))
            }
            CartEvent::DeliveryChosen { checkout, delivery, totals } => self.delivery_chosen(checkout, delivery.as_ref(), totals),
            CartEvent::Repriced { checkout, lines, delivery, totals, changes } => {
                self.repriced(checkout, lines, delivery.as_ref(), totals, changes)
            }
            CartEvent::Judged { checkout, verdict } => self.judged(checkout, verdict),
            CartEvent::OrderJudged { order, verdict } => self.order_judged(order, verdict),
            CartEvent::OneClickSet { shopper, profile } => {
                self.carts_book.set_one_click(shopper.clone(), profile.clone());
                Ok(())
            }
            CartEvent::OneClickRemoved { shopper } => {
                let is_known = self.carts_book.remove_one_click(shopper);
                is_known.then_some(()).ok_or_else(|| Fault::missing("stored way to pay of", shopper))
            }
        }
    }

    fn change_cart(&mut self, id: &CartId, change: impl FnOnce(&mut Cart) -> Result<(), Fault>) -> Result<(), Fault> {
        let mut cart = self.carts.get(id).map(|cart| Cart::clone(cart)).ok_or_else(|| Fault::missing("cart", id))?;
        change(&mut cart)?;
        self.put_cart(Cart { updated_at: self.time, ..cart });
        Ok(())
    }

    fn assigned(&mut self, id: &CartId, buyer: &Buyer) -> Result<(), Fault> {
        self.change_cart(id, |cart| {
            cart.buyer = Arc::new(buyer.clone());
            Ok(())
        })
    }

    fn merged(&mut self, guest: &CartId, into: &CartId, lines: &[Line], saved: &[Line]) -> Result<(), Fault> {
        self.change_cart(into, |cart| {
            (cart.lines, cart.saved) = (Arc::from(lines), Arc::from(saved));
            Ok(())
        })?;
        self.remove_cart(guest).ok_or_else(|| Fault::missing("cart", guest))?;
        self.carts_book.note_merge(guest.clone(), into.clone(), self.time);
        Ok(())
    }

    fn delivery_chosen(&mut self, id: &CheckoutId, delivery: Option<&Delivery>, totals: &Totals) -> Result<(), Fault> {
        let session = self.session(id)?;
        step(&session, session.update_step())?;
        let (delivery, totals) = (delivery.cloned().map(Arc::new), totals.clone());
        self.put_checkout(Checkout { delivery, totals, updated_at: self.time, ..session });
        Ok(())
    }

    fn repriced(
        &mut self,
        id: &CheckoutId,
        lines: &[Line],
        delivery: Option<&Delivery>,
        totals: &Totals,
        changes: &[Change],
    ) -> Result<(), Fault> {
        let before = self.session(id)?;
        let (lines, delivery) = (shared(Some(&before.lines), lines), delivery.cloned().map(Arc::new));
        let mut session = Checkout { lines, delivery, totals: totals.clone(), updated_at: self.time, ..before };
        session.trail.changes = Arc::from(changes);
        session.status = step(&session, session.update_step())?;
        self.put_checkout(session);
        Ok(())
    }

    fn judged(&mut self, id: &CheckoutId, verdict: &Verdict) -> Result<(), Fault> {
        let mut session = self.session(id)?;
        session.trail.verdict = Some(Arc::new(verdict.clone()));
        self.put_checkout(session);
        Ok(())
    }

    fn order_judged(&mut self, id: &OrderId, verdict: &Verdict) -> Result<(), Fault> {
        self.change_order(id, |order| order.verdict = Some(Arc::new(verdict.clone())))
    }
}

fn part_of(cart: &mut Cart, part: CartPart) -> &mut Arc<[Line]> {
    match part {
        CartPart::Lines => &mut cart.lines,
        CartPart::Saved => &mut cart.saved,
    }
}

/// The lines with this one in its place, or at the end.
fn with(lines: &[Line], line: &Line) -> Arc<[Line]> {
    let mut lines = lines.to_vec();
    match lines.iter_mut().find(|known| known.id == line.id) {
        Some(known) => *known = line.clone(),
        None => lines.push(line.clone()),
    }
    Arc::from(lines)
}

fn without(lines: &[Line], id: &LineId) -> Result<Arc<[Line]>, Fault> {
    let rest: Vec<Line> = lines.iter().filter(|line| line.id != *id).cloned().collect();
    if rest.len() == lines.len() { Err(Fault::missing("line", id)) } else { Ok(Arc::from(rest)) }
}
