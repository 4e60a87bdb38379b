//! Commands to events: what a command makes happen, or why not.

mod after_sale;
mod captures;
mod cart;
mod carts;
mod checkout;
mod delivery;
mod disputes;
mod drift;
mod fraud;
mod fulfilment;
mod merging;
mod money_back;
mod one_click;
mod order;
mod payment;
mod payments;
mod pricing;
mod quantities;
mod refund_failures;
mod shipping;
mod shoppers;
mod sourcing;
mod stock;
mod time;
mod units;

pub use after_sale::Edited;
pub use delivery::{ShippingOption, SourcingPreview};

use super::command::{Action, Command, Rejection};
use super::state::State;
use crate::cart::LineError;
use crate::event::TradeEvent;
use crate::event::trade::Subject;
use crate::order::FieldError;
use crate::pricing::PricingError;
use crate::stdx::clock::Timestamp;

/// What `command` makes happen at `now`. The events belong into one journal entry. No events: a repetition under a known key, whose answer is
/// [`State::answer_of`], or nothing to do.
///
/// # Errors
/// Why nothing happens.
pub fn decide(state: &State, command: &Command, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    if let Some((key, body_hash)) = &command.key
        && let Some(is_same) = state.is_repetition(key, body_hash)
    {
        return if is_same { Ok(Vec::new()) } else { Err(Rejection::KeyReused) };
    }
    // Time that went backwards stands still instead.
    let mut events = decide_action(state, &command.action, now.max(state.time()))?;
    events.extend(shoppers::keyed(state, &events));
    events.extend(pricing::cover_shown(state, &events, now.max(state.time())));
    if let (Some((key, body_hash)), Some(subject)) = (&command.key, command.action.subject()) {
        events.push(TradeEvent::KeyUsed { key: key.clone(), body_hash: *body_hash, subject });
    }
    Ok(events)
}

fn decide_action(state: &State, action: &Action, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    match action {
        Action::MoveStock { sku, product, location, change, reason } => {
            units::move_stock(state, units::Place { sku, product: *product, location }, *change, *reason)
        }
        Action::SetStockLimits { sku, product, location, safety_stock, backorder_cap } => {
            units::set_limits(state, units::Place { sku, product: *product, location }, *safety_stock, *backorder_cap)
        }
        Action::OpenCart { cart, buyer, currency, lines } => cart::open(state, cart, buyer, *currency, lines, now),
        Action::SetCartLines { cart, buyer, lines } => cart::set_lines(state, cart, buyer.as_ref(), lines, now),
        Action::CloseCart { cart } => cart::close(state, cart),
        Action::OpenCheckout { checkout, cart, buyer, address, currency, lines, terms } => {
            let content = checkout::Content { buyer, address: address.as_ref(), lines };
            checkout::open(state, checkout, cart.as_ref(), content, *currency, terms, now)
        }
        Action::UpdateCheckout { checkout, buyer, address, lines, terms } => {
            checkout::update(state, checkout, checkout::Content { buyer, address: address.as_ref(), lines }, terms, now)
        }
        Action::CompleteCheckout { checkout, payment, reservation, provider, token, parts, terms } => {
            let attempt = checkout::Attempt { payment, reservation, provider, token, parts };
            checkout::complete(state, checkout, &attempt, terms, now)
        }
        Action::CancelCheckout { checkout } => checkout::cancel(state, checkout),
        Action::ResolvePayment { payment, order, outcome } => payment::resolve(state, payment, order, outcome, now),
        Action::CancelOrder { order, reason } => order::cancel(state, order, reason),
        Action::ShipOrder { order, shipment, units } => order::ship(state, order, shipment, units),
        Action::DeliverShipment { order, shipment } => order::deliver(state, order, shipment, now),
        Action::OnlyIf { condition, action } => state.check(condition).and_then(|()| decide_action(state, action, now)),
        Action::PassTime => Ok(time::pass(state, now)),
        Action::Pricing(action) => pricing::decide(state, action, now),
        Action::Cart(action) => carts::decide(state, action, now),
        Action::Stock(action) => stock::decide(state, action, now),
        Action::Fulfilment(action) => fulfilment::decide(state, action, now),
        Action::Payment(action) => payments::decide(state, action, now),
        Action::AfterSale(action) => after_sale::decide(state, action, now),
        Action::Shopper(action) => shoppers::decide(state, action),
    }
}

impl Action {
    /// What the action is about, from which its answer is made; none for the process's own actions.
    #[must_use]
    pub fn subject(&self) -> Option<Subject> {
        match self {
            Self::MoveStock { sku, .. } | Self::SetStockLimits { sku, .. } => Some(Subject::Stock(sku.clone())),
            Self::OpenCart { cart, .. } | Self::SetCartLines { cart, .. } | Self::CloseCart { cart } => Some(Subject::Cart(cart.clone())),
            Self::OpenCheckout { checkout, .. }
            | Self::UpdateCheckout { checkout, .. }
            | Self::CompleteCheckout { checkout, .. }
            | Self::CancelCheckout { checkout } => Some(Subject::Checkout(checkout.clone())),
            Self::CancelOrder { order, .. } | Self::ShipOrder { order, .. } | Self::DeliverShipment { order, .. } => {
                Some(Subject::Order(order.clone()))
            }
            Self::OnlyIf { action, .. } => action.subject(),
            Self::ResolvePayment { .. } | Self::PassTime => None,
            Self::Pricing(action) => action.subject(),
            Self::Cart(action) => action.subject(),
            Self::Stock(action) => action.subject(),
            Self::Fulfilment(action) => action.subject(),
            Self::Payment(action) => action.subject(),
            Self::AfterSale(action) => action.subject(),
            Self::Shopper(action) => action.subject(),
        }
    }
}

impl Rejection {
    fn unknown(kind: &'static str, id: impl ToString) -> Self {
        Self::Unknown { kind, id: id.to_string() }
    }

    fn exists(kind: &'static str, id: impl ToString) -> Self {
        Self::Exists { kind, id: id.to_string() }
    }

    fn invalid(field: impl Into<String>, reason: impl ToString) -> Self {
        Self::Invalid { field: field.into(), reason: reason.to_string() }
    }
}

impl From<FieldError> for Rejection {
    fn from(error: FieldError) -> Self {
        Self::invalid(error.field, error.reason)
    }
}

impl From<LineError> for Rejection {
    fn from(error: LineError) -> Self {
        Self::invalid(error.field, error.reason)
    }
}

impl From<PricingError> for Rejection {
    fn from(error: PricingError) -> Self {
        Self::invalid(error.field, error.source)
    }
}
