//! What events do to orders after they were placed.

use super::{Fault, with_more};
use crate::cart::demand;
use crate::event::trade::after_sale::HoldReason;
use crate::event::trade::{Address, AfterSaleEvent, BuyerKey, Line, Totals, Units};
use crate::fulfilment::take_units;
use crate::id::{EditId, OrderId, PaymentId, ReturnId};
use crate::inventory::Condition;
use crate::order::{Order, Original, Return, ReturnStatus, ReturnStep};
use crate::payment::Payment;
use crate::trade::state::State;
use std::sync::Arc;

/// An order as an edit makes it.
struct Edited<'a> {
    edit: &'a EditId,
    lines: &'a [Line],
    totals: &'a Totals,
    address: Option<&'a Address>,
    freed: &'a [Units],
    added: &'a [Units],
}

impl State {
    pub(super) fn fold_after_sale(&mut self, event: &AfterSaleEvent) -> Result<(), Fault> {
        use AfterSaleEvent as E;
        match event {
            E::HoldPlaced { order, reason } => self.hold_placed(order, *reason),
            E::HoldReleased { order, reason } => self.change_order(order, |order| order.after_sale.holds.retain(|held| held != reason)),
            E::BalanceChanged { order, owing } => self.change_order(order, |order| order.after_sale.owing_minor = owing.amount_minor),
            E::BalancePaymentRequested { order, payment, amount, provider, token } => {
                let checkout = self.order(order).ok_or_else(|| Fault::missing("order", order))?.checkout.clone();
                self.put_payment(Payment::new(payment.clone(), checkout, provider.clone(), token.clone(), *amount, self.time));
                self.change_order(order, |order| order.after_sale.balance_payment = Some(payment.clone()))
            }
            E::BalancePaid { order, payment } => self.balance_paid(order, payment),
            E::OrderEdited { order, edit, lines, totals, address, freed, added, canceled: _, sold: _, reason: _ } => {
                self.order_edited(order, &Edited { edit, lines, totals, address: address.as_deref(), freed, added })
            }
            E::ReturnRequested { id, order, kind, lines, note } => {
                let asked = Return {
                    id: id.clone(),
                    order: order.clone(),
                    kind: kind.clone(),
                    lines: lines.clone(),
                    found: Vec::new(),
                    note: note.clone(),
                    declined_because: None,
                    tracking: None,
                    location: None,
                    credited: None,
                    status: ReturnStatus::Requested,
                    requested_at: self.time,
                    updated_at: self.time,
                };
                self.after_sale.returns.insert(id.clone(), Arc::new(asked));
                self.change_order(order, |order| order.after_sale.returns.push(id.clone()))
            }
            E::ReturnApproved { id } => self.step_return(id, ReturnStep::Approve, |_| {}).map(drop),
            E::ReturnDeclined { id, reason } => {
                self.step_return(id, ReturnStep::Decline, |back| back.declined_because = Some(reason.clone())).map(drop)
            }
            E::ReturnSent { id, tracking } => {
                self.step_return(id, ReturnStep::Send, |back| back.tracking = Some(tracking.clone())).map(drop)
            }
            E::ReturnReceived { id, location } => {
                self.step_return(id, ReturnStep::Receive, |back| back.location = Some(location.clone())).map(drop)
            }
            E::ReturnInspected { id, found, returned, sellable, damaged } => {
                self.stock.returned(sellable, Condition::Sellable)?;
                self.stock.returned(damaged, Condition::Damaged)?;
                let order = self.step_return(id, ReturnStep::Inspect, |back| back.found.clone_from(found))?;
                let units: i64 = demand(returned).values().sum();
                self.change_order(&order, |order| order.after_sale.returned_units += units)
            }
            E::ReturnRefunded { id, amount, with_shipping } => {
                let order = self.step_return(id, ReturnStep::Refund, |back| back.credited = Some(*amount))?;
                self.change_order(&order, |order| {
                    order.after_sale.credited_minor += amount.amount_minor;
                    order.after_sale.is_shipping_credited |= with_shipping;
                })
            }
            E::ReturnReplaced { id, credited } => {
                let order = self.step_return(id, ReturnStep::Replace, |back| back.credited = Some(*credited))?;
                self.change_order(&order, |order| order.after_sale.credited_minor += credited.amount_minor)
            }
            E::ReturnClosed { id } => self.step_return(id, ReturnStep::Close, |_| {}).map(drop),
            E::ReturnCanceled { id } => self.step_return(id, ReturnStep::Cancel, |_| {}).map(drop),
        }
    }

    fn hold_placed(&mut self, id: &OrderId, reason: HoldReason) -> Result<(), Fault> {
        self.change_order(id, |order| {
            if let Err(place) = order.after_sale.holds.binary_search(&reason) {
                order.after_sale.holds.insert(place, reason);
            }
        })
    }

    fn balance_paid(&mut self, id: &OrderId, payment: &PaymentId) -> Result<(), Fault> {
        let paid = self.payment(payment).ok_or_else(|| Fault::missing("payment", payment))?;
        let paid = Payment { order: Some(id.clone()), ..Arc::unwrap_or_clone(paid) };
        let amount_minor = paid.amount.amount_minor;
        self.put_payment(paid);
        self.change_order(id, |order| {
            order.payments = order.payments.iter().cloned().chain([payment.clone()]).collect();
            order.after_sale.balance_paid_minor += amount_minor;
            order.after_sale.balance_payment = None;
        })?;
        let status = self.payment_axis(id);
        self.change_order(id, |order| order.payment_status = status)
    }

    fn order_edited(&mut self, id: &OrderId, edited: &Edited<'_>) -> Result<(), Fault> {
        let order = self.order(id).ok_or_else(|| Fault::missing("order", id))?;
        let no_longer = |units: &[Units]| {
            let left = take_units(units, edited.freed);
            left.map_err(|error| Fault::Missing { kind: "allocation", id: format!("{id}: {error}") })
        };
        let (left_to_ship, units) =
            (with_more(&no_longer(&order.left_to_ship)?, edited.added), with_more(&no_longer(&order.units)?, edited.added));
        self.unpick(id, edited.freed)?;
        self.stock.free(edited.freed)?;
        self.stock.allocate(edited.added)?;
        self.recount_bought(id, |state| state.change_order(id, |order| change(order, edited, left_to_ship, units)))
    }

    /// Changes an order, and what it counts for against its buyer.
    fn recount_bought(&mut self, id: &OrderId, change: impl FnOnce(&mut Self) -> Result<(), Fault>) -> Result<(), Fault> {
        let names = |order: &Order| BuyerKey::of_household(&order.buyer, Some(&order.address));
        if let Some(before) = self.order(id) {
            self.carts_book.forget_order(id, &names(&before), &before.lines);
        }
        change(self)?;
        if let Some(after) = self.order(id) {
            self.carts_book.note_order(id, &names(&after), &after.lines, after.placed_at);
        }
        Ok(())
    }

    /// Takes a step of a return, and says of which order it is.
    fn step_return(&mut self, id: &ReturnId, step: ReturnStep, change: impl FnOnce(&mut Return)) -> Result<OrderId, Fault> {
        let now = self.time;
        let back = Arc::make_mut(self.after_sale.returns.get_mut(id).ok_or_else(|| Fault::missing("return", id))?);
        let refused = || Fault::Status { kind: "return", id: id.to_string(), status: back.status.name() };
        back.status = back.after(step).ok_or_else(refused)?;
        change(back);
        back.updated_at = now;
        Ok(back.order.clone())
    }
}

fn change(order: &mut Order, edited: &Edited<'_>, left_to_ship: Arc<[Units]>, units: Arc<[Units]>) {
    if order.after_sale.original.is_none() {
        let original = Original {
            address: Arc::clone(&order.address),
            lines: Arc::clone(&order.lines),
            totals: order.totals.clone(),
            payments: Arc::clone(&order.payments),
        };
        order.after_sale.original = Some(Arc::new(original));
    }
    order.after_sale.edits.push(edited.edit.clone());
    order.lines = Arc::from(edited.lines);
    order.totals = edited.totals.clone();
    if let Some(address) = edited.address {
        order.address = Arc::new(address.clone());
    }
    order.left_to_ship = left_to_ship;
    order.units = units;
}
