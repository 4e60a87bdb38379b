//! What the shop knows about carts beyond opening and filling them: quantity rules and what counts against them, carts that were merged,
//! what orders with one click need, and how often a buyer has tried lately.
//!
//! Everything here that follows what happened is forgotten in event time, a few things at a time, and bounded besides.

use super::rules::holds_for;
use super::tries::Tries;
use crate::event::trade::{BuyerKey, Line, OneClick, QuantityRule, RuleTarget};
use crate::id::{CartId, OrderId, ShopperId};
use crate::stdx::clock::Timestamp;
use imbl::{OrdMap, OrdSet};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Most quantity rules of a shop: they are looked through for every line of a cart.
pub const RULES_MAX: usize = 10_000;
/// How long it is remembered into which cart another was merged, in event time: a login that is repeated finds it.
pub const MERGED_KEPT_MS: i64 = 24 * 60 * 60 * 1_000;
/// Most purchases under rules, and most merged carts, that are remembered; beyond it the oldest go early.
const REMEMBERED_MAX: usize = 1 << 19;
/// How much one event may forget; more than one event can remember under usual rules.
const FORGET_PER_EVENT: usize = 8;

/// One name of a buyer, and what a rule counts for it.
type Counted = (BuyerKey, RuleTarget);

/// A part of the trade state. Clones are cheap snapshots; equal books have equal bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CartBook {
    rules: OrdMap<RuleTarget, QuantityRule>,
    /// Units in orders that still count.
    bought: OrdMap<Counted, OrdMap<OrderId, i64>>,
    /// When they stop counting.
    bought_until: OrdSet<(Timestamp, BuyerKey, RuleTarget, OrderId)>,
    merged: OrdMap<CartId, CartId>,
    merged_until: OrdSet<(Timestamp, CartId)>,
    one_click: OrdMap<ShopperId, Arc<OneClick>>,
    tries: Tries,
}

impl CartBook {
    /// When time alone will next make something happen here: never, since forgetting is part of other events.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        None
    }

    /// How many rules there are.
    #[must_use]
    pub fn rules_count(&self) -> usize {
        self.rules.len()
    }

    /// All rules, in order of what they hold for.
    pub fn rules(&self) -> impl Iterator<Item = (&RuleTarget, &QuantityRule)> {
        self.rules.iter()
    }

    /// The rule of a SKU or product.
    #[must_use]
    pub fn rule(&self, target: &RuleTarget) -> Option<&QuantityRule> {
        self.rules.get(target)
    }

    /// The rules that hold for any of the lines, each once.
    #[must_use]
    pub fn rules_of(&self, lines: &[Line]) -> Vec<(&RuleTarget, &QuantityRule)> {
        if self.rules.is_empty() {
            return Vec::new();
        }
        let targets: OrdSet<RuleTarget> =
            lines.iter().flat_map(|line| [RuleTarget::Sku(line.sku.clone()), RuleTarget::Product(line.product)]).collect();
        targets.iter().filter_map(|target| self.rules.get_key_value(target)).collect()
    }

    /// Sets a rule. What was bought before any rule that counts buyers stood does not count.
    pub fn set_rule(&mut self, target: RuleTarget, rule: QuantityRule) {
        self.rules.insert(target, rule);
    }

    /// Takes a rule away; whether there was one.
    pub fn remove_rule(&mut self, target: &RuleTarget) -> bool {
        self.rules.remove(target).is_some()
    }

    /// Units of a target in the orders that count against one name of a buyer, but for the one order that is looked at by itself.
    #[must_use]
    pub fn bought_units(&self, buyer: BuyerKey, target: &RuleTarget, beside: Option<&OrderId>) -> i64 {
        let orders = self.bought.get(&(buyer, target.clone())).into_iter().flatten();
        let others = orders.filter(|(order, _)| Some(*order) != beside);
        others.fold(0, |sum: i64, (_, units)| sum.saturating_add(*units))
    }

    /// An order counts against its buyer from now on, for every rule that counts buyers.
    pub fn note_order(&mut self, order: &OrderId, buyer: &[BuyerKey], lines: &[Line], now: Timestamp) {
        let counting: Vec<(RuleTarget, i64, Timestamp)> = self
            .rules_of(lines)
            .into_iter()
            .filter(|(_, rule)| rule.max_per_buyer.is_some())
            .map(|(target, rule)| (target.clone(), super::rules::units_of(target, lines), now.plus_ms(rule.window_ms)))
            .collect();
        for (target, units, until) in counting {
            for key in buyer {
                let counted = (*key, target.clone());
                let mut orders = self.bought.get(&counted).cloned().unwrap_or_default();
                orders.insert(order.clone(), units);
                self.bought.insert(counted, orders);
                self.bought_until.insert((until, *key, target.clone(), order.clone()));
            }
        }
    }

    /// An order that was canceled counts no more. What is left in the queue of forgetting finds nothing then.
    pub fn forget_order(&mut self, order: &OrderId, buyer: &[BuyerKey], lines: &[Line]) {
        for line in lines {
            for target in [RuleTarget::Sku(line.sku.clone()), RuleTarget::Product(line.product)] {
                buyer.iter().for_each(|key| self.forget_counted(&(*key, target.clone()), order));
            }
        }
    }

    fn forget_counted(&mut self, counted: &Counted, order: &OrderId) {
        let Some(orders) = self.bought.get(counted) else { return };
        let rest = orders.without(order);
        if rest.is_empty() {
            self.bought.remove(counted);
        } else {
            self.bought.insert(counted.clone(), rest);
        }
    }

    /// The cart that a guest's cart became part of lately.
    #[must_use]
    pub fn merged_into(&self, guest: &CartId) -> Option<&CartId> {
        self.merged.get(guest)
    }

    /// A guest's cart became part of another.
    pub fn note_merge(&mut self, guest: CartId, into: CartId, now: Timestamp) {
        self.merged_until.insert((now.plus_ms(MERGED_KEPT_MS), guest.clone()));
        self.merged.insert(guest, into);
    }

    /// What a shopper's orders with one click need.
    #[must_use]
    pub fn one_click(&self, shopper: &ShopperId) -> Option<&Arc<OneClick>> {
        self.one_click.get(shopper)
    }

    /// Keeps what a shopper's orders with one click need.
    pub fn set_one_click(&mut self, shopper: ShopperId, profile: OneClick) {
        self.one_click.insert(shopper, Arc::new(profile));
    }

    /// Forgets it for everybody of whom that is asked.
    pub fn forget_one_click(&mut self, is_theirs: impl Fn(&ShopperId) -> bool) {
        let theirs: Vec<ShopperId> = self.one_click.keys().filter(|shopper| is_theirs(shopper)).cloned().collect();
        theirs.iter().for_each(|shopper| drop(self.one_click.remove(shopper)));
    }

    /// Forgets it; whether there was any.
    pub fn remove_one_click(&mut self, shopper: &ShopperId) -> bool {
        self.one_click.remove(shopper).is_some()
    }

    /// How often buyers have tried to pay lately.
    #[must_use]
    pub fn tries(&self) -> &Tries {
        &self.tries
    }

    /// The same, to be added to.
    pub fn tries_mut(&mut self) -> &mut Tries {
        &mut self.tries
    }

    /// Forgets what is over, a few things at a time.
    pub fn forget_old(&mut self, now: Timestamp) {
        for _ in 0..FORGET_PER_EVENT {
            let is_over = |at: &Timestamp, len: usize| *at <= now || len > REMEMBERED_MAX;
            let due = self.bought_until.get_min().filter(|row| is_over(&row.0, self.bought_until.len())).cloned();
            if let Some(row) = &due {
                self.bought_until.remove(row);
                let (_, key, target, order) = row;
                self.forget_counted(&(*key, target.clone()), order);
            }
            let merged = self.merged_until.get_min().filter(|row| is_over(&row.0, self.merged_until.len())).cloned();
            if let Some(row) = &merged {
                self.merged_until.remove(row);
                self.merged.remove(&row.1);
            }
            let forgot = self.tries.forget_one(now);
            if due.is_none() && merged.is_none() && !forgot {
                return;
            }
        }
    }

    /// What does not fit together, in words.
    #[must_use]
    pub fn verify(&self) -> Vec<String> {
        let queued: OrdSet<(Counted, OrderId)> =
            self.bought_until.iter().map(|(_, key, target, order)| ((*key, target.clone()), order.clone())).collect();
        let counted = self.bought.iter().flat_map(|(counted, orders)| orders.keys().map(move |order| (counted.clone(), order.clone())));
        let mut wrong: Vec<String> = counted
            .filter(|row| !queued.contains(row))
            .map(|(_, order)| format!("order {order} counts against its buyer for ever"))
            .collect();
        if self.merged.len() != self.merged_until.len() {
            wrong.push("merged carts are not those that will be forgotten".to_owned());
        }
        wrong.extend(self.tries.verify());
        wrong
    }

    /// Whether any rule that counts buyers holds for any of the lines.
    #[must_use]
    pub fn counts_buyers(&self, lines: &[Line]) -> bool {
        let counts =
            |(target, rule): (&RuleTarget, &QuantityRule)| rule.max_per_buyer.is_some() && lines.iter().any(|line| holds_for(target, line));
        self.rules_of(lines).into_iter().any(counts)
    }
}
