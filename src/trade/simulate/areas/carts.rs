//! What simulated people ask about carts beyond opening and filling them: merging, lists kept for later, delivery choices of a session.

use super::super::Simulation;
use crate::cart::{Cart, MergePolicy};
use crate::event::trade::{Address, Buyer, CartKind, CartPart, Claims, Decision, OneClick, QuantityRule, RuleTarget, Verdict};
use crate::id::{LineId, ShopperId};
use crate::money::{Currency, Money};
use crate::trade::{Action, CartAction, Offer, Terms};
use std::sync::Arc;

/// The one SKU that simulated clerks ration. The oracle counts orders from when the rule was set.
const RATIONED: &str = "rug-large";
/// An hour, so that windows end within a run.
const WINDOW_MS: i64 = 3_600_000;

pub(super) fn action(simulation: &mut Simulation) -> Option<Action> {
    let action = match simulation.rng.u32(0..24) {
        0..5 => edit(simulation)?,
        5..9 => merge(simulation)?,
        9..11 => describe(simulation)?,
        11 => ration(simulation)?,
        12 => CartAction::KeepSession { checkout: simulation.a_session()? },
        13 => CartAction::JudgeCheckout { checkout: simulation.a_session()?, verdict: verdict(simulation) },
        14..16 => CartAction::JudgeOrder { order: simulation.an_order()?.id.clone(), verdict: verdict(simulation) },
        16 => CartAction::SetOneClick { shopper: shopper(simulation)?, profile: Box::new(profile(simulation)) },
        17 => CartAction::RemoveOneClick { shopper: shopper(simulation)? },
        18..21 => one_click(simulation)?,
        _ => return complete(simulation),
    };
    Some(Action::Cart(action))
}

/// A line of a cart that is added, changed, taken out or moved; now and then with a name or a quantity that must be refused.
fn edit(simulation: &mut Simulation) -> Option<CartAction> {
    let id = simulation.a_cart()?;
    let cart: Arc<Cart> = Arc::clone(simulation.writer.cart(&id)?);
    let part = if simulation.rng.bool() { CartPart::Lines } else { CartPart::Saved };
    let lines = if part == CartPart::Lines { &cart.lines } else { &cart.saved };
    let known = lines.get(simulation.rng.usize(0..4)).map(|line| line.id.clone());
    Some(match (known, simulation.rng.u32(0..3)) {
        (Some(line), 0) => CartAction::ChangeLine { cart: id, part, line, quantity: simulation.rng.i64(-1..5) },
        (Some(line), 1) => CartAction::MoveLine { cart: id, from: part, line },
        (None, 0) => CartAction::MoveLine { cart: id, from: part, line: LineId::new("nobody").ok()? },
        _ => CartAction::AddLine { cart: id, part, line: simulation.lines().pop()? },
    })
}

/// Two tabs sign in at once, guests sign in twice, and some name carts that are not theirs.
fn merge(simulation: &mut Simulation) -> Option<CartAction> {
    let guest = simulation.a_cart()?;
    let into = if simulation.rng.u32(0..3) == 0 { simulation.a_cart() } else { None };
    let policies = [MergePolicy::Sum, MergePolicy::UseGuest, MergePolicy::UseShopper, MergePolicy::UseGuestIfEmpty];
    let policy = policies[simulation.rng.usize(0..policies.len())];
    Some(CartAction::Merge { guest, shopper: shopper(simulation)?, into, policy })
}

fn describe(simulation: &mut Simulation) -> Option<CartAction> {
    let kind = if simulation.rng.u32(0..3) == 0 { CartKind::List } else { CartKind::Cart };
    Some(CartAction::Describe { cart: simulation.a_cart()?, name: simulation.rng.bool().then(|| "Garden".to_owned()), kind })
}

/// Rations one SKU once and for all; other rules come and go.
fn ration(simulation: &mut Simulation) -> Option<CartAction> {
    let target = RuleTarget::Sku(RATIONED.parse().ok()?);
    if simulation.writer.quantity_rule(&target).is_none() {
        let rule = QuantityRule { min: 1, max: Some(4), multiple_of: 1, max_per_buyer: Some(6), window_ms: WINDOW_MS };
        return Some(CartAction::SetQuantityRule { target, rule });
    }
    let target = RuleTarget::Sku("chair".parse().ok()?);
    let (min, multiple_of) = (simulation.rng.i64(0..3), simulation.rng.i64(1..3));
    let rule = QuantityRule { min, max: Some(6), multiple_of, max_per_buyer: None, window_ms: 0 };
    Some(match simulation.rng.bool() {
        true => CartAction::SetQuantityRule { target, rule },
        false => CartAction::RemoveQuantityRule { target },
    })
}

fn shopper(simulation: &mut Simulation) -> Option<ShopperId> {
    ShopperId::new(&format!("shopper{}", simulation.rng.u32(0..4))).ok()
}

fn verdict(simulation: &mut Simulation) -> Verdict {
    let decision = [Decision::Accept, Decision::Accept, Decision::Review, Decision::Reject][simulation.rng.usize(0..4)];
    Verdict { decision, score: simulation.rng.u32(0..110), reasons: vec!["seen before".to_owned()], by: "watchdog".to_owned() }
}

fn profile(simulation: &mut Simulation) -> OneClick {
    let buyer: Buyer = simulation.buyer();
    let address: Address = simulation.address().unwrap_or_default();
    OneClick { provider: "bad".to_owned(), token: "tok".to_owned(), buyer, address, delivery: None }
}

/// What the buyer expects: what the session says, or something that it does not.
fn terms(simulation: &mut Simulation, total: Option<Money>) -> Terms {
    let expected_total = match simulation.rng.u32(0..4) {
        0 => None,
        1 => Some(Money::new(simulation.rng.i64(0..10_000), Currency::EUR)),
        _ => total,
    };
    let mut offers = Vec::new();
    if simulation.rng.u32(0..3) == 0
        && let Some(line) = simulation.lines().pop()
    {
        let unit_price = (simulation.rng.u32(0..5) > 0).then_some(line.unit_price);
        offers.push(Offer { sku: line.sku, unit_price });
    }
    Terms { expected_total, offers, delivery: None }
}

fn one_click(simulation: &mut Simulation) -> Option<CartAction> {
    let checkout = simulation.name("session").parse().ok()?;
    let (payment, reservation) = (simulation.name("payment").parse().ok()?, simulation.name("reservation").parse().ok()?);
    let (shopper, lines, terms) = (shopper(simulation)?, simulation.lines(), terms(simulation, None));
    let (currency, claims) = (Currency::EUR, Claims::default());
    Some(CartAction::OrderWithOneClick { shopper, checkout, payment, reservation, currency, lines, claims, terms })
}

/// Completes a session with what its buyer expects and the catalogue of the day.
fn complete(simulation: &mut Simulation) -> Option<Action> {
    let checkout = simulation.a_session()?;
    let total = simulation.writer.checkout(&checkout).map(|session| session.totals.total);
    let (payment, reservation) = (simulation.name("payment").parse().ok()?, simulation.name("reservation").parse().ok()?);
    let terms = terms(simulation, total);
    let (provider, token) = ("bad".to_owned(), "tok".to_owned());
    Some(Action::CompleteCheckout { checkout, payment, reservation, provider, token, parts: Vec::new(), terms })
}
