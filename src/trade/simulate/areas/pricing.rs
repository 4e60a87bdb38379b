//! What simulated people ask about price lists, promotions, coupons, gift cards and store credit: few coupons with few uses and few cards
//! with little money, so that sessions race for them; and what must be true of them whatever the engine counts.

use super::super::Simulation;
use crate::event::TradeEvent;
use crate::event::trade::pricing::{
    AccountKind, Coupon, Effect, Limits, ListPrice, PriceList, Promotion, Schedule, Stacking, Target, Tier,
};
use crate::event::trade::{Claims, Discount};
use crate::id::{OrderId, PromotionId};
use crate::money::{Currency, Money};
use crate::stdx::digest::blake3;
use crate::trade::{Action, PricingAction};
use std::collections::BTreeMap;

/// Uses that every simulated promotion and coupon may have, over all orders.
const USES_MAX: u64 = 3;
const PROMOTIONS: [&str; 4] = ["ten-percent", "three-off", "second-free", "free-shipping"];
const COUPONS: [&str; 4] = ["TEN", "THREE", "SECOND", "SHIP"];
const CARDS: [&str; 3] = ["card-1", "card-2", "card-3"];

pub(super) fn action(simulation: &mut Simulation) -> Option<Action> {
    let action = match simulation.rng.u32(0..20) {
        0..2 => put_promotion(simulation)?,
        2 => put_coupon(simulation)?,
        3 => put_prices(simulation)?,
        4..6 => fund(simulation)?,
        6 => {
            let (account, is_blocked) = (CARDS[simulation.rng.usize(0..CARDS.len())].parse().ok()?, simulation.rng.bool());
            PricingAction::BlockAccount { account, is_blocked }
        }
        7..10 => PricingAction::SetCartClaims { cart: simulation.a_cart()?, claims: claims(simulation) },
        _ => PricingAction::SetCheckoutClaims { checkout: simulation.a_session()?, claims: claims(simulation) },
    };
    Some(Action::Pricing(action))
}

fn put_promotion(simulation: &mut Simulation) -> Option<PricingAction> {
    let place = simulation.rng.usize(0..PROMOTIONS.len());
    let effect = match place {
        0 => Effect::Percent { basis_points: 1_000 },
        1 => Effect::Amount { amount_minor: 300 },
        2 => Effect::BuyGet { buy: 1, get: 1, basis_points: 10_000 },
        _ => Effect::Shipping { basis_points: 10_000 },
    };
    let limits = Limits { uses: Some(USES_MAX), uses_per_buyer: None, budget_minor: (place == 1).then_some(700) };
    Some(PricingAction::PutPromotion(Promotion {
        id: PROMOTIONS[place].parse().ok()?,
        title: PROMOTIONS[place].to_owned(),
        effect,
        target: Target::default(),
        currency: Some(Currency::EUR),
        marketplace: None,
        groups: Vec::new(),
        subtotal_from_minor: simulation.rng.i64(0..2_000),
        units_from: 0,
        schedule: Schedule::default(),
        stacking: if simulation.rng.u32(0..4) == 0 { Stacking::Exclusive } else { Stacking::Combinable },
        priority: simulation.rng.i32(0..3),
        limits,
        needs_coupon: true,
    }))
}

fn put_coupon(simulation: &mut Simulation) -> Option<PricingAction> {
    let place = simulation.rng.usize(0..COUPONS.len());
    let promotion: PromotionId = PROMOTIONS[place].parse().ok()?;
    let code = COUPONS[place].parse().ok()?;
    let coupon = Coupon { code, promotion: promotion.clone(), uses: Some(USES_MAX - 1), schedule: Schedule::default() };
    Some(PricingAction::PutCoupons { promotion, coupons: vec![coupon] })
}

fn put_prices(simulation: &mut Simulation) -> Option<PricingAction> {
    let list = "sale".parse().ok()?;
    if simulation.writer.pricing().list(&list).is_none() {
        let (title, schedule) = ("Sale".to_owned(), Schedule::default());
        let list = PriceList { id: list, title, currency: Currency::EUR, marketplace: None, group: None, schedule, priority: 0 };
        return Some(PricingAction::PutPriceList(list));
    }
    let (sku, _) = simulation.sku()?;
    let tiers = [(1, 900), (3, 700)].map(|(from_units, unit_minor)| Tier { from_units, unit_minor });
    let tiers = if simulation.rng.bool() { tiers.to_vec() } else { Vec::new() };
    Some(PricingAction::SetPrices { list, prices: vec![ListPrice { sku, tiers }] })
}

fn fund(simulation: &mut Simulation) -> Option<PricingAction> {
    let name = CARDS[simulation.rng.usize(0..CARDS.len())];
    let account = name.parse().ok()?;
    let reason = "simulated".to_owned();
    if simulation.writer.pricing().accounts().get(&account).is_some() {
        let amount = Money::new(simulation.rng.i64(-2_000..2_000), Currency::EUR);
        return Some(PricingAction::FundAccount { account, amount, reason });
    }
    let kind = AccountKind::GiftCard { code_digest: blake3(&[name.as_bytes()]), last_four: "0000".to_owned() };
    let amount = Money::new(simulation.rng.i64(1..3_000), Currency::EUR);
    Some(PricingAction::OpenAccount { account, kind, amount, expires_at: None, reason })
}

fn claims(simulation: &mut Simulation) -> Claims {
    let mut some = |names: &[&str]| -> Vec<String> {
        let kept = names.iter().filter(|_| simulation.rng.u32(0..3) == 0);
        kept.map(|name| (*name).to_owned()).collect()
    };
    let (coupons, accounts) = (some(&COUPONS), some(&CARDS));
    Claims {
        marketplace: None,
        coupons: coupons.iter().filter_map(|code| code.parse().ok()).collect(),
        accounts: accounts.iter().filter_map(|account| account.parse().ok()).collect(),
    }
}

/// Promotions and credit, counted from durable events alone.
#[derive(Default)]
pub(in crate::trade::simulate) struct PricingOracle {
    carried: BTreeMap<OrderId, Vec<Discount>>,
    /// Balances of ledger accounts of gift cards and store credit: what the house owes, never more than nothing to its favour.
    credit: BTreeMap<String, i64>,
}

impl PricingOracle {
    pub(in crate::trade::simulate) fn observe(&mut self, event: &TradeEvent) {
        if let TradeEvent::OrderPlaced { order, totals, .. } = event {
            self.carried.insert(order.clone(), totals.discounts.to_vec());
        }
        if let TradeEvent::OrderCanceled { order, .. } = event {
            self.carried.remove(order);
        }
        if let TradeEvent::LedgerPosted { posting } = event {
            for (account, sign) in [(&posting.from, -1), (&posting.to, 1)] {
                if account.starts_with("credit/") {
                    *self.credit.entry(account.clone()).or_default() += sign * posting.amount.amount_minor;
                }
            }
        }
    }

    /// Promotions that were used more often than they may, and accounts that paid more than was on them.
    pub(in crate::trade::simulate) fn broken(&self) -> Vec<String> {
        let mut uses: BTreeMap<&str, u64> = BTreeMap::new();
        let mut budget = 0;
        for discount in self.carried.values().flatten() {
            *uses.entry(discount.promotion.as_str()).or_default() += 1;
            discount.coupon.iter().for_each(|code| *uses.entry(code.as_str()).or_default() += 1);
            budget -= if discount.promotion.as_str() == PROMOTIONS[1] { discount.amount.amount_minor } else { 0 };
        }
        let limit = |name: &str| if COUPONS.contains(&name) { USES_MAX - 1 } else { USES_MAX };
        let over = uses.iter().filter(|(name, count)| **count > limit(name)).map(|(name, count)| format!("{name} was used {count} times"));
        let overspent = self.credit.iter().filter(|(_, balance)| **balance > 0).map(|(name, owed)| format!("{name} overspent by {owed}"));
        let beyond = (budget > 700).then(|| format!("{} gave {budget}", PROMOTIONS[1]));
        over.chain(overspent).chain(beyond).collect()
    }
}
