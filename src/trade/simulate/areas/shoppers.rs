//! What simulated people ask about what the shop keeps about people, and how it forgets them.

use super::super::Simulation;
use crate::event::sealed::{KeyNumber, text_of};
use crate::event::trade::{Address, Buyer, Line};
use crate::id::{CheckoutId, LineId, Ordinal, ShopperId, Sku};
use crate::money::{Currency, Money};
use crate::trade::{Action, ShopperAction};

/// Few, so that they come back after they were forgotten.
const SHOPPERS: u64 = 4;
/// Few, so that keys of one are found with another.
const KEYS: u64 = 64;
/// Orders whose guest may be forgotten.
const NEWEST: usize = 10;

pub(super) fn action(simulation: &mut Simulation) -> Option<Action> {
    let number = simulation.rng.u64(0..SHOPPERS);
    let shopper = ShopperId::new(&format!("s-{number}")).ok()?;
    match simulation.rng.u32(0..8) {
        0 => Some(Action::Shopper(ShopperAction::Erase { shopper })),
        1 => {
            let orders = simulation.durable.orders(None, NEWEST);
            let order = orders.get(simulation.rng.usize(0..NEWEST))?.id.clone();
            Some(Action::Shopper(ShopperAction::EraseGuest { order }))
        }
        _ => sealed_checkout(simulation, shopper),
    }
}

/// A session of a known shopper, its texts sealed as the pipeline seals them; the bytes are opened by nobody here.
fn sealed_checkout(simulation: &mut Simulation, shopper: ShopperId) -> Option<Action> {
    let checkout = CheckoutId::new(&simulation.name("session")).ok()?;
    let mut text = || text_of(KeyNumber(simulation.rng.u64(0..KEYS)), &[7; 40], None);
    let buyer = Buyer { shopper: Some(shopper), email: Some(text()), name: Some(text()), ..Buyer::default() };
    let address = Address { name: text(), street: text(), city: text(), country: "DE".to_owned(), ..Address::default() };
    let line = Line {
        id: LineId::new("1").ok()?,
        sku: Sku::new("chair").ok()?,
        product: Ordinal(1),
        title: "Chair".to_owned(),
        quantity: simulation.rng.i64(1..3),
        unit_price: Money::new(2_000, Currency::EUR),
        components: Vec::new(),
    };
    Some(Action::OpenCheckout {
        checkout,
        cart: None,
        buyer,
        address: Some(address),
        currency: Currency::EUR,
        lines: vec![line],
        terms: crate::trade::Terms::default(),
    })
}
