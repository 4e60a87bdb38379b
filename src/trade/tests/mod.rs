//! The engine's behaviour, on a small shop whose invariants are checked after every entry.

mod after_sale;
mod balances;
mod carts;
mod choosing;
mod completing;
mod delivery;
mod edits;
mod finding;
mod fulfilment;
mod limits;
mod opening;
mod orders;
mod payments;
mod pricing;
mod promising;
mod properties;
mod refunds;
mod remembering;
mod sharing;
mod shoppers;
mod sleeping;
mod stock;
mod stocking;
mod terms;
mod versions;
mod wanted;
mod wanted_imported;

use super::*;
use crate::event::KEY_KEPT_MS;
use crate::event::codec::{decode as read, encode};
use crate::event::trade::{Address, Buyer, Line, StockReason, Units};
use crate::event::{Entry, Events, Stream, TradeEvent};
use crate::id::{LineId, LocationId, Offset, Ordinal, PaymentId, ReservationId, ShipmentId, Sku};
use crate::money::{Currency, Money};
use crate::order::{Checkout, Order};
use crate::stdx::clock::Timestamp;
use std::sync::Arc;

/// A parsed name: `let cart: CartId = id("c")`.
pub(super) fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(name: &str) -> T {
    name.parse().expect("an id")
}

/// Few, so that most of what these tests look at sleeps; what they replay stays awake.
const AWAKE_MAX: usize = 1;

/// A state and the journal that made it.
pub(super) struct Shop {
    pub(super) state: State,
    pub(super) journal: Vec<Vec<u8>>,
    pub(super) now: Timestamp,
}

impl Shop {
    pub(super) fn empty() -> Self {
        Self { state: State::new(Options { awake_max: AWAKE_MAX, ..Options::default() }), journal: Vec::new(), now: Timestamp(1_000) }
    }

    /// Ten units of `a` in the north and five in the south, three of `b` in the north. `a` costs 10.00 and `b` 25.00 EUR.
    pub(super) fn stocked() -> Self {
        let mut shop = Self::empty();
        for (sku, location, units) in [("a", "north", 10), ("a", "south", 5), ("b", "north", 3)] {
            shop.moves(sku, location, StockChange::By(units)).expect("moves");
        }
        shop
    }

    /// Decides, writes the entry, folds it, checks everything.
    pub(super) fn ask_under(&mut self, key: Option<(&str, u8)>, action: Action) -> Result<Vec<TradeEvent>, Rejection> {
        let key = key.map(|(key, body)| (id(key), [body; 32]));
        let events = decide(&self.state, &Command { key, action }, self.now)?;
        if !events.is_empty() {
            let entry = Entry { at: self.now, events };
            self.journal.push(encode(&entry).expect("encodes"));
            entry.events.iter().for_each(|event| fold(&mut self.state, event, entry.at));
            assert_eq!(self.state.check_entry(&entry.events), Vec::<String>::new());
            assert_eq!(self.state.check_invariants(), Vec::<String>::new(), "after {:?}", entry.events);
            return Ok(entry.events);
        }
        Ok(events)
    }

    pub(super) fn ask(&mut self, action: Action) -> Result<Vec<TradeEvent>, Rejection> {
        self.ask_under(None, action)
    }

    pub(super) fn passes(&mut self, ms: i64) -> Vec<TradeEvent> {
        self.now = self.now.plus_ms(ms);
        self.ask(Action::PassTime).expect("time always passes")
    }

    pub(super) fn moves(&mut self, sku: &str, location: &str, change: StockChange) -> Result<Vec<TradeEvent>, Rejection> {
        let (sku, location) = (id(sku), id(location));
        self.ask(Action::MoveStock { sku, product: Ordinal(0), location, change, reason: StockReason::Received })
    }

    /// Opens a session that can be completed: `lines` reads `sku=units ...`.
    pub(super) fn opens(&mut self, checkout: &str, lines: &str) -> Result<Vec<TradeEvent>, Rejection> {
        self.ask(open_checkout(checkout, None, Some(address()), lines_of(lines)))
    }

    pub(super) fn completes(&mut self, checkout: &str, attempt: &str, key: Option<(&str, u8)>) -> Result<Vec<TradeEvent>, Rejection> {
        self.ask_under(key, complete(checkout, attempt))
    }

    /// The provider says something about the payment of `attempt`; an order would be called `order`.
    pub(super) fn hears(&mut self, attempt: &str, order: &str, outcome: PaymentOutcome) -> Result<Vec<TradeEvent>, Rejection> {
        self.ask(Action::ResolvePayment { payment: id(attempt), order: id(order), outcome })
    }

    /// Opens, completes and authorises; every name is `name`.
    pub(super) fn sells(&mut self, name: &str, lines: &str) {
        self.opens(name, lines).expect("opens");
        self.completes(name, name, None).expect("completes");
        self.hears(name, name, authorized()).expect("is authorised");
    }

    pub(super) fn session(&self, checkout: &str) -> Arc<Checkout> {
        self.state.checkout(&id(checkout)).expect("a session")
    }

    pub(super) fn order(&self, order: &str) -> Arc<Order> {
        self.state.order(&id(order)).expect("an order")
    }

    pub(super) fn available(&self, sku: &str) -> i64 {
        self.state.available_units(&id(sku))
    }

    /// The state that the journal gives from the start.
    pub(super) fn replayed(&self) -> State {
        let mut state = State::new(Options::default());
        for (offset, bytes) in self.journal.iter().enumerate() {
            let recorded = read(Stream::Trade, Offset(offset as u64), bytes).expect("decodes");
            let Events::Trade(events) = recorded.events else { panic!("the trade stream holds trade events") };
            events.iter().for_each(|event| fold(&mut state, event, recorded.at));
        }
        state
    }
}

pub(super) fn authorized() -> PaymentOutcome {
    PaymentOutcome::Authorized { provider_reference: "reference".to_owned() }
}

pub(super) fn address() -> Address {
    let country = "DE".to_owned();
    Address { name: "Ada".to_owned(), street: "Weg 1".to_owned(), city: "Ulm".to_owned(), country, ..Address::default() }
}

pub(super) fn buyer() -> Buyer {
    Buyer { email: Some("ada@example.org".to_owned()), ..Buyer::default() }
}

/// `sku=units ...`; `b` costs 25.00, everything else 10.00 EUR.
pub(super) fn lines_of(text: &str) -> Vec<Line> {
    let line = |(place, row): (usize, &str)| {
        let (sku, units) = row.split_once('=').expect("sku=units");
        let unit_price = Money::new(if sku == "b" { 2_500 } else { 1_000 }, Currency::EUR);
        let (quantity, title) = (units.parse().expect("a number"), format!("Product {sku}"));
        Line {
            id: id::<LineId>(&place.to_string()),
            sku: id(sku),
            product: Ordinal(0),
            title,
            quantity,
            unit_price,
            components: Vec::new(),
        }
    };
    text.split_whitespace().enumerate().map(line).collect()
}

pub(super) fn units_of(rows: &[(&str, &str, i64)]) -> Vec<Units> {
    rows.iter().map(|&(sku, location, quantity)| Units { sku: id(sku), location: id(location), quantity }).collect()
}

pub(super) fn open_checkout(checkout: &str, cart: Option<&str>, address: Option<Address>, lines: Vec<Line>) -> Action {
    Action::OpenCheckout {
        checkout: id(checkout),
        cart: cart.map(id),
        buyer: buyer(),
        address,
        currency: Currency::EUR,
        lines,
        terms: Terms::default(),
    }
}

pub(super) fn complete(checkout: &str, attempt: &str) -> Action {
    let (payment, reservation): (PaymentId, ReservationId) = (id(attempt), id(attempt));
    let (provider, token) = ("test".to_owned(), "tok_success".to_owned());
    Action::CompleteCheckout { checkout: id(checkout), payment, reservation, provider, token, parts: Vec::new(), terms: Terms::default() }
}

/// What kinds of events these are, for comparison with a list.
pub(super) fn kinds(events: &[TradeEvent]) -> Vec<String> {
    let name = |event: &TradeEvent| format!("{event:?}").split([' ', '{']).next().unwrap_or_default().to_owned();
    events.iter().map(name).collect()
}
