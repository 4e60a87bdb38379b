//! What simulated shoppers and clerks ask for: few SKUs, few locations, so that they get into each other's way.

use super::Simulation;
use crate::event::trade::{Address, Buyer, Line, StockReason, Units};
use crate::id::{CartId, CheckoutId, LineId, LocationId, Ordinal, Sku};
use crate::money::{Currency, Money};
use crate::order::Order;
use crate::trade::{Action, Command, Part, State, StockChange, Terms};
use std::sync::Arc;

const SKUS: [&str; 6] = ["lamp-red", "lamp-blue", "chair", "table", "rug-small", "rug-large"];
pub(super) const LOCATIONS: [&str; 3] = ["east", "north", "west"];
/// SKUs that are bundles of the others, while somebody has said so.
pub(super) const BUNDLES: [&str; 2] = ["set", "suite"];
/// Two variants a product.
const VARIANTS: usize = 2;

impl Simulation {
    /// Somebody asks for something, mostly under a key.
    pub(super) fn shoppers_command(&mut self) -> Command {
        let of_an_area = if self.rng.u32(0..3) == 0 { self.area_action() } else { None };
        let action = of_an_area.or_else(|| self.action()).unwrap_or(Action::PassTime);
        let key = if action.subject().is_some() && self.rng.u32(0..10) > 0 { self.key() } else { None };
        Command { key, action }
    }

    fn action(&mut self) -> Option<Action> {
        match self.rng.u32(0..100) {
            0..12 => self.open_cart(),
            12..18 => {
                let lines = self.lines();
                Some(Action::SetCartLines { cart: self.a_cart()?, buyer: None, lines })
            }
            18..36 => self.open_checkout(),
            36..42 => {
                let (buyer, address, lines) = (self.buyer(), self.address(), self.lines());
                Some(Action::UpdateCheckout { checkout: self.a_session()?, buyer, address, lines, terms: Terms::default() })
            }
            42..64 => self.complete(),
            64..67 => Some(Action::CancelCheckout { checkout: self.a_session()? }),
            67..71 => Some(Action::CancelOrder { order: self.an_order()?.id.clone(), reason: "second thoughts".to_owned() }),
            71..81 => self.ship(),
            81..88 => {
                let order = self.an_order()?;
                let shipment = order.shipments.get(self.rng.usize(0..3))?.id.clone();
                Some(Action::DeliverShipment { order: order.id.clone(), shipment })
            }
            88..96 => self.move_stock(),
            96..98 => self.set_limits(),
            _ => Some(Action::CloseCart { cart: self.a_cart()? }),
        }
    }

    fn open_cart(&mut self) -> Option<Action> {
        let cart = CartId::new(&self.name("cart")).ok()?;
        let buyer = match self.rng.u32(0..3) {
            0 => Buyer { shopper: format!("shopper{}", self.rng.u32(0..4)).parse().ok(), ..self.buyer() },
            _ => self.buyer(),
        };
        Some(Action::OpenCart { cart, buyer, currency: Currency::EUR, lines: self.lines() })
    }

    fn open_checkout(&mut self) -> Option<Action> {
        let checkout = CheckoutId::new(&self.name("session")).ok()?;
        let cart = if self.rng.bool() { self.a_cart() } else { None };
        let (buyer, address, lines) = (self.buyer(), self.address(), self.lines());
        Some(Action::OpenCheckout { checkout, cart, buyer, address, currency: Currency::EUR, lines, terms: Terms::default() })
    }

    fn complete(&mut self) -> Option<Action> {
        let checkout = self.a_session()?;
        let (payment, reservation) = (self.name("payment").parse().ok()?, self.name("reservation").parse().ok()?);
        let (provider, token) = ("bad".to_owned(), "tok".to_owned());
        let parts = (0..self.rng.u32(0..8).saturating_sub(5)).filter_map(|_| self.part()).collect();
        Some(Action::CompleteCheckout { checkout, payment, reservation, provider, token, parts, terms: Terms::default() })
    }

    /// A further payment: mostly of less than what is left, now and then of too much.
    fn part(&mut self) -> Option<Part> {
        let payment = self.name("payment").parse().ok()?;
        let amount = Money::new(self.rng.i64(1..4_000), Currency::EUR);
        Some(Part { payment, provider: "bad".to_owned(), token: "tok".to_owned(), amount })
    }

    fn ship(&mut self) -> Option<Action> {
        let order = self.an_order()?;
        let shipment = self.name("shipment").parse().ok()?;
        let some: Vec<Units> = order.left_to_ship.iter().take(1).map(|row| Units { quantity: 1, ..row.clone() }).collect();
        let units = if self.rng.bool() { some } else { Vec::new() };
        Some(Action::ShipOrder { order: order.id.clone(), shipment, units })
    }

    fn move_stock(&mut self) -> Option<Action> {
        let (sku, product, location) = self.place()?;
        let change = match self.rng.u32(0..6) {
            0 => StockChange::To(self.rng.i64(0..20)),
            1 => StockChange::CompareAndSet { expected: self.rng.i64(0..5), on_hand: self.rng.i64(0..20) },
            _ => StockChange::By(self.rng.i64(-4..12)),
        };
        Some(Action::MoveStock { sku, product, location, change, reason: StockReason::Adjusted })
    }

    fn set_limits(&mut self) -> Option<Action> {
        let (sku, product, location) = self.place()?;
        let (safety_stock, backorder_cap) = (self.rng.i64(0..4), self.rng.i64(0..4));
        Some(Action::SetStockLimits { sku, product, location, safety_stock, backorder_cap })
    }

    pub(super) fn place(&mut self) -> Option<(Sku, Ordinal, LocationId)> {
        let (sku, product) = self.sku()?;
        Some((sku, product, LocationId::new(LOCATIONS[self.rng.usize(0..LOCATIONS.len())]).ok()?))
    }

    pub(super) fn sku(&mut self) -> Option<(Sku, Ordinal)> {
        let place = self.rng.usize(0..SKUS.len());
        Some((Sku::new(SKUS[place]).ok()?, Ordinal((place / VARIANTS) as u32)))
    }

    /// Up to four lines, not seldom two of one SKU; now and then with a quantity that must be refused.
    pub(super) fn lines(&mut self) -> Vec<Line> {
        let count = self.rng.usize(0..5);
        (0..count).filter_map(|place| self.line(place)).collect()
    }

    fn line(&mut self, place: usize) -> Option<Line> {
        let (sku, product) =
            if self.rng.u32(0..8) == 0 { (Sku::new(BUNDLES[self.rng.usize(0..BUNDLES.len())]).ok()?, Ordinal(9)) } else { self.sku()? };
        let quantity = if self.rng.u32(0..200) == 0 { self.rng.i64(-2..1) } else { self.rng.i64(1..5) };
        let unit_price = Money::new(self.rng.i64(0..10_000), Currency::EUR);
        Some(Line {
            id: LineId::new(&place.to_string()).ok()?,
            title: sku.to_string(),
            sku,
            product,
            quantity,
            unit_price,
            components: Vec::new(),
        })
    }

    pub(super) fn address(&mut self) -> Option<Address> {
        let country = ["DE", "US", "CA"][self.rng.usize(0..3)].to_owned();
        let (name, street, city) = ("Ada".to_owned(), format!("Main {}", self.rng.u32(0..60)), "Ulm".to_owned());
        (self.rng.u32(0..10) > 0).then(|| Address { name, street, city, country, ..Address::default() })
    }

    /// One of the carts that were named lately, open or not.
    pub(super) fn a_cart(&mut self) -> Option<CartId> {
        CartId::new(&self.a_recent_name("cart", |state, name| CartId::new(name).is_ok_and(|id| state.cart(&id).is_some()))?).ok()
    }

    pub(super) fn a_session(&mut self) -> Option<CheckoutId> {
        let is_known = |state: &State, name: &str| CheckoutId::new(name).is_ok_and(|id| state.checkout(&id).is_some());
        CheckoutId::new(&self.a_recent_name("session", is_known)?).ok()
    }

    /// Names are numbered, so a recent one is found by counting back from a random place.
    fn a_recent_name(&mut self, prefix: &str, is_known: impl Fn(&State, &str) -> bool) -> Option<String> {
        let from = self.names_count.saturating_sub(self.rng.u64(0..40));
        let names = (from.saturating_sub(40)..=from).rev().map(|number| format!("{prefix}{number}"));
        names.into_iter().find(|name| is_known(&self.writer, name))
    }

    pub(super) fn an_order(&mut self) -> Option<Arc<Order>> {
        let newest: Vec<Arc<Order>> = self.writer.orders(None, 24);
        newest.get(self.rng.usize(0..24)).cloned()
    }

    /// One of two dozen people.
    pub(super) fn buyer(&mut self) -> Buyer {
        Buyer { email: Some(format!("buyer{}@example.org", self.rng.u32(0..24))), ..Buyer::default() }
    }
}
