//! How money goes back to whoever paid: what was taken is refunded, what is only held is no longer taken.
//!
//! No limit can be passed by asking twice: what a refund asks for counts as given back from the event that asks on.

use super::payment::posted;
use super::payments::{amount_within, asked, payment_of_an_order, payments_of};
use super::pricing;
use crate::event::TradeEvent;
use crate::event::trade::{PaymentEvent, StepKind};
use crate::id::PaymentId;
use crate::money::Money;
use crate::order::Order;
use crate::payment::{Payment, account};
use crate::trade::command::Rejection;
use crate::trade::state::State;
use std::sync::Arc;

/// Gives `amount` of an order's money back, for goods that came back: money that was taken is refunded, the newest payment first, and what
/// that does not cover comes off the money that is only held. Call it once for one command, with the sum. That the order owes
/// so much less is posted among the events.
///
/// # Errors
/// When `amount` is not positive, of another currency, or more than is taken and held.
pub(in crate::trade) fn refund(state: &State, order: &Order, amount: Money) -> Result<Vec<TradeEvent>, Rejection> {
    give_back(state, order, amount, [Source::Taken, Source::Held])
}

/// Takes `amount` off what an order comes to before its goods have left (a canceled line, an edit): it comes off the money that is only held
/// first, and what that does not cover is refunded. Call it once for one command, with the sum.
///
/// # Errors
/// As [`refund`].
pub(in crate::trade) fn release(state: &State, order: &Order, amount: Money) -> Result<Vec<TradeEvent>, Rejection> {
    give_back(state, order, amount, [Source::Held, Source::Taken])
}

/// Gives all of an order's money back, because it is canceled. No money may be on its way.
///
/// # Errors
/// When a provider is being asked for some of it.
pub(super) fn give_all_back(state: &State, order: &Order) -> Result<Vec<TradeEvent>, Rejection> {
    let mut events = Vec::new();
    for payment in &payments_of(state, order).collect::<Vec<_>>() {
        if payment.open_step().is_some() || payment.status.is_open() {
            return Err(Rejection::WrongStatus { kind: "payment", status: payment.status.name() });
        }
        let (taken, held) = (payment.refundable_minor(), payment.capturable_minor());
        if taken > 0 {
            events.push(asked(payment, payment.next_number(), StepKind::Refund, taken));
        }
        if held > 0 || payment.amount.amount_minor == 0 && !payment.status.is_void() {
            events.push(release_of(payment, held));
        }
    }
    Ok(events)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Taken,
    Held,
}

impl Source {
    fn most_minor(self, payment: &Payment) -> i64 {
        match self {
            _ if !payment.has_room() => 0,
            Self::Taken => payment.refundable_minor().max(0),
            Self::Held => payment.capturable_minor().max(0),
        }
    }
}

/// What providers can give back of some payments, or need not take any more.
fn by_payments_minor(payments: &[Arc<Payment>]) -> i64 {
    payments.iter().map(|payment| Source::Taken.most_minor(payment) + Source::Held.most_minor(payment)).sum()
}

/// What can be given back of an order's money at most: what its payments have taken or hold and is not on its way back already, and what gift cards
/// and store credit have paid.
pub(in crate::trade) fn most_minor(state: &State, order: &Order) -> i64 {
    let credit = state.pricing().uses().of_order(&order.id).map_or(&[][..], |carried| &carried.tenders);
    by_payments_minor(&payments_of(state, order).collect::<Vec<_>>()) + credit.iter().map(|tender| tender.amount.amount_minor).sum::<i64>()
}

fn give_back(state: &State, order: &Order, amount: Money, sources: [Source; 2]) -> Result<Vec<TradeEvent>, Rejection> {
    let currency = order.totals.total.currency;
    if amount.currency != currency {
        return Err(Rejection::invalid("amount.currency", format!("the order is in {currency}")));
    }
    let payments: Vec<Arc<Payment>> = payments_of(state, order).rev().collect();
    let most_minor = by_payments_minor(&payments);
    // What providers cannot give back, gift cards and store credit have paid.
    let beyond = Money::new((amount.amount_minor - most_minor).max(0), currency);
    let (credited, rest) = pricing::give_back(state, order, beyond);
    if amount.amount_minor < 1 || rest.amount_minor > 0 {
        let most = Money::new(amount.amount_minor - rest.amount_minor, currency);
        let reason = format!("{amount} would have to be given back, of which {most} is taken or held and not on its way back already");
        return Err(Rejection::invalid("order", reason));
    }
    let mut left_minor = amount.amount_minor - beyond.amount_minor;
    // A void is a step too, numbered when it is folded: refunds, which carry their numbers, go first.
    let (mut refunds, mut releases) = (Vec::new(), Vec::new());
    for source in sources {
        for payment in &payments {
            let part_minor = source.most_minor(payment).min(left_minor);
            left_minor -= part_minor;
            match source {
                _ if part_minor == 0 => {}
                Source::Taken => refunds.push(asked(payment, payment.next_number(), StepKind::Refund, part_minor)),
                Source::Held => releases.push(release_of(payment, part_minor)),
            }
        }
    }
    let no_longer_owed = posted(account::receivable(&order.id), account::SALES.to_owned(), amount);
    Ok(no_longer_owed.into_iter().chain(refunds).chain(releases).chain(credited).collect())
}

/// So much of a payment's held money will not be taken. Once nothing of it will be, the provider gives the rest back.
pub(super) fn release_of(payment: &Payment, amount_minor: i64) -> TradeEvent {
    let (id, amount) = (payment.id.clone(), Money::new(amount_minor, payment.amount.currency));
    match amount_minor == payment.capturable_minor() {
        true => TradeEvent::PaymentVoidRequested { payment: id },
        false => TradeEvent::Payment(PaymentEvent::Reduced { payment: id, amount }),
    }
}

impl State {
    /// What the shop owes an order's shopper and no provider is being asked to give back: a refund was refused, or came back. What the order is still to pay by
    /// money that is held for it is not set against that: it will be taken. At most what was taken and has not gone back: who got a goodwill of all
    /// they paid, and then canceled, is owed nothing more.
    #[must_use]
    pub fn owed_back(&self, order: &Order) -> Money {
        let most_minor: i64 = payments_of(self, order).map(|payment| payment.refundable_minor().max(0)).sum();
        Money::new(self.owed_back_minor(order).min(most_minor).max(0), order.totals.total.currency)
    }

    /// The same in minor units; below zero when the order's shopper owes something, or more is on its way back than was owed.
    pub(in crate::trade) fn owed_back_minor(&self, order: &Order) -> i64 {
        let under_way_minor = |payment: Arc<Payment>| {
            let to_be_taken_minor = payment.capturable_minor() + payment.pending_minor(StepKind::Capture);
            to_be_taken_minor - payment.pending_minor(StepKind::Refund)
        };
        let under_way_minor: i64 = payments_of(self, order).map(under_way_minor).sum();
        under_way_minor - self.ledger().balance(&account::receivable(&order.id), order.totals.total.currency)
    }
}

/// Refunds one payment of an order. What the shop does not owe its shopper already is a goodwill.
pub(super) fn refund_one(state: &State, id: &PaymentId, amount: Option<Money>) -> Result<Vec<TradeEvent>, Rejection> {
    let payment = &payment_of_an_order(state, id)?;
    let amount_minor = amount_within(payment, amount, payment.refundable_minor())?;
    let order = &payment.order.as_ref().and_then(|id| state.order(id)).ok_or_else(|| Rejection::unknown("order of the payment", id))?;
    let owed_back = state.owed_back(order);
    let allowed = Money::new(amount_minor - owed_back.amount_minor.min(amount_minor), payment.amount.currency);
    let goodwill = (allowed.amount_minor > 0).then(|| TradeEvent::Payment(PaymentEvent::Allowed { payment: id.clone(), amount: allowed }));
    let posting = posted(account::receivable(&order.id), account::REFUNDS.to_owned(), allowed);
    let refund = asked(payment, payment.next_number(), StepKind::Refund, amount_minor);
    Ok(goodwill.into_iter().chain(posting).chain([refund]).collect())
}
