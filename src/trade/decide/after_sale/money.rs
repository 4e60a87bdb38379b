//! What a change of an order does to its money: the ledger, what is given back, what is still missing.

use super::happened;
use crate::event::TradeEvent;
use crate::event::trade::AfterSaleEvent;
use crate::event::trade::after_sale::HoldReason;
use crate::money::Money;
use crate::order::Order;
use crate::payment::account;
use crate::trade::command::Rejection;
use crate::trade::decide::payment::posted;
use crate::trade::decide::payments;
use crate::trade::state::State;

/// Why an order comes to less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Less {
    /// Goods will not leave.
    NotSent,
    /// Goods came back, or never arrived.
    CameBack,
}

/// What follows for the money when an order comes to `net_minor` more, or less when negative.
///
/// More is owed until another payment covers it, and the order is held meanwhile. Less is taken off what is owed first; what goes beyond is
/// given back by the payments.
pub(super) fn settle(state: &State, order: &Order, net_minor: i64, less: Less) -> Result<Vec<TradeEvent>, Rejection> {
    let currency = order.totals.total.currency;
    let amount = |minor| Money::new(minor, currency);
    let owing_minor = order.after_sale.owing_minor;
    if net_minor > 0 {
        let owed = posted(account::SALES.to_owned(), account::receivable(&order.id), amount(net_minor));
        return Ok(owed.into_iter().chain(balance(order, owing_minor + net_minor)).collect());
    }
    let unpaid_minor = owing_minor.min(-net_minor);
    let no_longer_owed = posted(account::receivable(&order.id), account::SALES.to_owned(), amount(unpaid_minor));
    let balance = if unpaid_minor > 0 { balance(order, owing_minor - unpaid_minor) } else { Vec::new() };
    let mut events: Vec<TradeEvent> = no_longer_owed.into_iter().chain(balance).collect();
    let paid_minor = -net_minor - unpaid_minor;
    if paid_minor > 0 {
        events.extend(match less {
            Less::NotSent => payments::release(state, order, amount(paid_minor))?,
            Less::CameBack => payments::refund(state, order, amount(paid_minor))?,
        });
    }
    Ok(events)
}

/// Whether so much can be given back for a return. A goodwill may have given it back before: whoever refunds the return has to keep a fee of it then.
pub(super) fn check_refund(state: &State, order: &Order, amount_minor: i64, (fee_minor, worth_minor): (i64, i64)) -> Result<(), Rejection> {
    let most_minor = order.after_sale.owing_minor + payments::most_minor(state, order);
    let money = |minor| Money::new(minor, order.totals.total.currency);
    let (amount, most, least_minor) = (money(amount_minor), money(most_minor), fee_minor + amount_minor - most_minor);
    let left = format!("{amount} would be given back, and {most} of the order's money is left for it");
    match amount_minor > most_minor {
        true if least_minor > worth_minor => Err(Rejection::invalid("with_shipping", format!("{left}: leave it out"))),
        true => Err(Rejection::invalid("fee.amount_minor", format!("must be at least {least_minor}: {left}"))),
        false => Ok(()),
    }
}

/// What an order owes from now on beyond its payments, and whether it waits for that.
pub(in crate::trade::decide) fn balance(order: &Order, owing_minor: i64) -> Vec<TradeEvent> {
    let changed = AfterSaleEvent::BalanceChanged { order: order.id.clone(), owing: Money::new(owing_minor, order.totals.total.currency) };
    let is_held = order.after_sale.holds.contains(&HoldReason::Payment);
    let (id, reason) = (order.id.clone(), HoldReason::Payment);
    let hold = match owing_minor > 0 {
        true if !is_held => Some(AfterSaleEvent::HoldPlaced { order: id, reason }),
        false if is_held => Some(AfterSaleEvent::HoldReleased { order: id, reason }),
        _ => None,
    };
    [changed].into_iter().chain(hold).map(happened).collect()
}
