//! The guard against drift: nobody pays anything else than they were shown.
//!
//! Prices, promotions, taxes, stock and carriers go on while a shopper types an address. Before money is asked for, the session is priced
//! once more; if anything differs from what its shopper knows, nothing is asked for: the session takes today's terms and says what changed.

use super::pricing::left_to_pay;
use super::shipping::Asked;
use crate::event::TradeEvent;
use crate::event::trade::{CartEvent, Change, Delivery, Line, Totals};
use crate::order::Checkout;
use crate::stdx::clock::Timestamp;
use crate::trade::command::{Offer, Rejection, Terms};
use crate::trade::state::State;

/// The lines at today's prices, and what changed. Lines that cannot be bought any more are left out.
pub(super) fn at_todays_prices(lines: &[Line], offers: &[Offer]) -> (Vec<Line>, Vec<Change>) {
    let mut changes = Vec::new();
    let mut kept = Vec::with_capacity(lines.len());
    for line in lines {
        match offers.iter().find(|offer| offer.sku == line.sku).map(|offer| offer.unit_price) {
            Some(None) => changes.push(Change::Gone { line: line.id.clone(), sku: line.sku.clone() }),
            // A price in another currency is another market's: the line keeps its own.
            Some(Some(now)) if now != line.unit_price && now.currency == line.unit_price.currency => {
                changes.push(Change::Price { line: line.id.clone(), was: line.unit_price, now });
                kept.push(Line { unit_price: now, ..line.clone() });
            }
            Some(Some(_)) | None => kept.push(line.clone()),
        }
    }
    (kept, changes)
}

/// The event that gives a session today's terms, when those are not what its shopper was shown.
pub(super) fn repriced(state: &State, session: &Checkout, terms: &Terms, now: Timestamp) -> Result<Option<TradeEvent>, Rejection> {
    let (lines, mut changes) = at_todays_prices(&session.lines, &terms.offers);
    let wanted = session.delivery.as_ref().map(|delivery| delivery.option.as_str());
    let (delivery, totals) = Asked { lines: &lines, ..Asked::of(session) }.priced(state, wanted, now)?;
    changes.extend(of_delivery(session.delivery.as_deref(), delivery.as_ref()));
    changes.extend(of_total(session, &totals, terms));
    changes.extend(left_to_pay(state, session, totals.total, now));
    if changes.is_empty() {
        return Ok(None);
    }
    let checkout = session.id.clone();
    Ok(Some(TradeEvent::Cart(CartEvent::Repriced { checkout, lines, delivery, totals, changes })))
}

/// Another option, another cost, or a later promise. An earlier one is no change: the goods may come before they were promised.
fn of_delivery(was: Option<&Delivery>, now: Option<&Delivery>) -> Vec<Change> {
    let option = |delivery: Option<&Delivery>| delivery.map(|delivery| delivery.option.clone());
    let cost = |delivery: Option<&Delivery>| delivery.map(|delivery| delivery.cost);
    if option(was) != option(now) || cost(was) != cost(now) {
        return vec![Change::Delivery { was: option(was), now: option(now) }];
    }
    let until = |delivery: Option<&Delivery>| delivery.and_then(|delivery| delivery.promised_until);
    let is_later = until(was).is_some_and(|was| until(now).is_none_or(|now| now > was));
    if is_later { vec![Change::Promise { was: until(was), now: until(now) }] } else { Vec::new() }
}

fn of_total(session: &Checkout, now: &Totals, terms: &Terms) -> Option<Change> {
    let was = terms.expected_total.unwrap_or(session.totals.total);
    (was != now.total || session.totals != *now).then_some(Change::Total { was, now: now.total })
}
