//! How the goods of a session travel: the options that can be offered, the one that is chosen, and what the session comes to with it.

use super::checkout::session_for;
use super::delivery::ShippingOption;
use super::pricing;
use crate::event::TradeEvent;
use crate::event::trade::{Address, Buyer, CartEvent, Claims, Delivery, Line, Totals};
use crate::id::{CarrierId, CheckoutId};
use crate::money::Currency;
use crate::order::{Checkout, CheckoutStep};
use crate::pricing::Basket;
use crate::stdx::clock::Timestamp;
use crate::trade::command::Rejection;
use crate::trade::state::State;

/// What is to be priced and sent.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) lines: &'a [Line],
    pub(super) currency: Currency,
    pub(super) buyer: &'a Buyer,
    pub(super) address: Option<&'a Address>,
    pub(super) claims: Option<&'a Claims>,
}

impl<'a> Asked<'a> {
    /// What a session is about.
    pub(super) fn of(session: &'a Checkout) -> Self {
        Self {
            lines: &session.lines,
            currency: session.totals.total.currency,
            buyer: &session.buyer,
            address: session.address.as_deref(),
            claims: Some(&session.claims),
        }
    }

    /// What is priced. Add what shipping costs; none is the shop's flat rate.
    fn basket(&self, now: Timestamp) -> Basket<'a> {
        let Self { lines, currency, buyer, address, claims } = *self;
        Basket { buyer: Some(buyer), address, claims, ..Basket::of(lines, currency, now) }
    }

    /// The delivery that is wanted if it is offered, or else the cheapest one, and what everything comes to with it. No delivery: the shop
    /// has no carriers and sends at its flat rate, or the destination is not known yet.
    pub(super) fn priced(&self, state: &State, wanted: Option<&str>, now: Timestamp) -> Result<(Option<Delivery>, Totals), Rejection> {
        let offered = options(state, self, now);
        let chosen = offered.iter().find(|option| Some(option.option.as_str()) == wanted);
        let cheapest = || offered.iter().min_by_key(|option| (option.cost.amount_minor, option.promised_until));
        let chosen = chosen.or_else(cheapest).cloned();
        let totals = pricing::totals(state, &Basket { shipping: chosen.as_ref().map(|delivery| delivery.cost), ..self.basket(now) })?;
        Ok((chosen, totals))
    }
}

/// The ways in which goods can travel now, in the order in which they are offered; none in a shop without carriers.
fn options(state: &State, asked: &Asked<'_>, now: Timestamp) -> Vec<Delivery> {
    let has_carriers = state.fulfilment.facts().has_carriers();
    let is_going = asked.address.is_some_and(|address| has_carriers && !address.country.is_empty() && !asked.lines.is_empty());
    if !is_going {
        return Vec::new();
    }
    state.shipping_options(&asked.basket(now)).into_iter().map(delivery).collect()
}

fn delivery(option: ShippingOption) -> Delivery {
    let ShippingOption { id, title, cost, promised_from, promised_until } = option;
    let carrier = id.split_once('/').and_then(|(carrier, _)| CarrierId::new(carrier).ok());
    Delivery { option: id, title, carrier, cost, promised_from, promised_until }
}

impl State {
    /// The ways in which the goods of a session can travel, as of `now`; empty while the shop has no carriers or the destination is not known.
    #[must_use]
    pub fn delivery_options(&self, session: &Checkout, now: Timestamp) -> Vec<Delivery> {
        options(self, &Asked::of(session), now)
    }

    /// Whether it is the destination that keeps the goods of a session from travelling, as of `now`: enough of them are there, and no carrier
    /// takes them to it.
    #[must_use]
    pub fn is_undeliverable(&self, session: &Checkout, now: Timestamp) -> bool {
        let Some(address) = session.address.as_deref().filter(|address| !address.country.is_empty()) else { return false };
        if !self.fulfilment.facts().has_carriers() || !self.delivery_options(session, now).is_empty() {
            return false;
        }
        let plan = self.sourcing_preview(&session.lines, Some(address), now);
        matches!(plan, Err(Rejection::Invalid { field, .. }) if field == "address")
    }
}

pub(super) fn choose(state: &State, id: &CheckoutId, option: &str, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    let session = &session_for(state, id, CheckoutStep::UpdateIncomplete)?;
    let (delivery, totals) = Asked::of(session).priced(state, Some(option), now)?;
    if delivery.as_ref().is_none_or(|delivery| delivery.option != option) {
        return Err(Rejection::invalid("option", "is not offered for this session"));
    }
    if session.delivery.as_deref() == delivery.as_ref() && session.totals == totals {
        return Ok(Vec::new());
    }
    Ok(vec![TradeEvent::Cart(CartEvent::DeliveryChosen { checkout: id.clone(), delivery, totals })])
}
