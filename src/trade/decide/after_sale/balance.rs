//! What an order owes beyond its payments, paid by one more of them.

use super::{changeable_order, happened, money};
use crate::event::TradeEvent;
use crate::event::trade::AfterSaleEvent;
use crate::id::{OrderId, PaymentId};
use crate::money::Money;
use crate::order::Order;
use crate::payment::Payment;
use crate::trade::command::Rejection;
use crate::trade::decide::checkout::{check_named, check_pays};
use crate::trade::state::State;
use std::sync::Arc;

/// Most payments of one order: as many as anybody has cards, and few enough to keep an order small.
const PAYMENTS_MAX: usize = 32;

pub(super) fn request(state: &State, id: &OrderId, payment: &PaymentId, provider: &str, token: &str) -> Result<Vec<TradeEvent>, Rejection> {
    let order = &changeable_order(state, id)?;
    if order.after_sale.owing_minor <= 0 {
        return Err(Rejection::invalid("order", "owes nothing beyond its payments"));
    }
    if order.payments.len() >= PAYMENTS_MAX {
        return Err(Rejection::invalid("order", format!("has {PAYMENTS_MAX} payments, which is the limit")));
    }
    check_named("provider", provider)?;
    check_named("token", token)?;
    let amount = Money::new(order.after_sale.owing_minor, order.totals.total.currency);
    check_pays("provider", provider, amount)?;
    if state.payment(payment).is_some() {
        return Err(Rejection::exists("payment", payment));
    }
    let earlier = order.after_sale.balance_payment.as_ref().and_then(|id| state.payment(id));
    if let Some(earlier) = earlier.filter(|earlier| !earlier.status.is_void()) {
        return Err(Rejection::WrongStatus { kind: "payment of the balance", status: earlier.status.name() });
    }
    Ok(vec![happened(AfterSaleEvent::BalancePaymentRequested {
        order: id.clone(),
        payment: payment.clone(),
        amount,
        provider: provider.to_owned(),
        token: token.to_owned(),
    })])
}

/// The order whose balance this payment was asked for, while it owes as much.
fn order_of(state: &State, payment: &Payment) -> Option<Arc<Order>> {
    let order = state.order(state.checkout(&payment.checkout)?.order.as_ref()?)?;
    let is_for_it = order.after_sale.balance_payment.as_ref() == Some(&payment.id);
    let is_owed = payment.amount.amount_minor <= order.after_sale.owing_minor;
    (is_for_it && is_owed && changeable_order(state, &order.id).is_ok()).then_some(order)
}

/// Whether an order waits for this payment.
pub(in crate::trade::decide) fn is_waited_for(state: &State, payment: &Payment) -> bool {
    order_of(state, payment).is_some()
}

/// What follows when a payment of a balance is authorised; none when it is none, or when so much is not owed any more: then it is given back.
pub(in crate::trade::decide) fn authorized(state: &State, payment: &Payment) -> Option<Vec<TradeEvent>> {
    let order = &order_of(state, payment)?;
    let paid = happened(AfterSaleEvent::BalancePaid { order: order.id.clone(), payment: payment.id.clone() });
    let balance = money::balance(order, order.after_sale.owing_minor - payment.amount.amount_minor);
    Some([paid].into_iter().chain(balance).collect())
}
