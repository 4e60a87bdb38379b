//! What was promised to buyers, counted from the durable events alone: no unit of a cart is lost when carts are merged, nobody pays another
//! total than they were shown nor more beside their gift cards, and no buyer has more than a rule allows.

use crate::event::TradeEvent;
use crate::event::trade::{AfterSaleEvent, CartEvent, CartPart, Line, PricingEvent, QuantityRule, RuleTarget};
use crate::id::{CartId, CheckoutId, LineId, OrderId, Sku};
use crate::money::Money;
use crate::stdx::clock::Timestamp;
use crate::trade::{Action, CartAction, Command};
use std::collections::{BTreeMap, BTreeSet};

/// Units by SKU and price: what a line promises.
type Promised = BTreeMap<(Sku, i64), i64>;

/// The two parts of a cart.
#[derive(Default)]
struct Content {
    lines: Vec<Line>,
    saved: Vec<Line>,
}

impl Content {
    fn part(&mut self, part: CartPart) -> &mut Vec<Line> {
        match part {
            CartPart::Lines => &mut self.lines,
            CartPart::Saved => &mut self.saved,
        }
    }

    fn set(&mut self, part: CartPart, line: &Line) {
        self.remove(part, &line.id);
        self.part(part).push(line.clone());
    }

    fn remove(&mut self, part: CartPart, id: &LineId) {
        self.part(part).retain(|line| line.id != *id);
    }

    fn promised(&self) -> Promised {
        let mut sums = Promised::new();
        for line in self.lines.iter().chain(&self.saved) {
            *sums.entry((line.sku.clone(), line.unit_price.amount_minor)).or_default() += line.quantity;
        }
        sums
    }
}

/// An order under a rule that counts buyers.
struct Counted {
    at: Timestamp,
    order: OrderId,
    email: String,
    units: i64,
}

/// A rule, the sessions that were paid for under it, and their orders.
struct Rationed {
    rule: QuantityRule,
    asked: BTreeSet<CheckoutId>,
    orders: Vec<Counted>,
}

impl Rationed {
    fn units_of(&self, email: &str, now: Timestamp) -> i64 {
        let recent = self.orders.iter().filter(|order| order.email == email && now.since_ms(order.at) < self.rule.window_ms);
        recent.map(|order| order.units).sum()
    }
}

#[derive(Default)]
pub(super) struct Promises {
    /// Event time: it never runs backwards, whatever the clock does.
    newest: Timestamp,
    carts: BTreeMap<CartId, Content>,
    /// What each session's buyer was last shown.
    shown: BTreeMap<CheckoutId, Money>,
    /// What gift cards and store credit of a session can pay as its buyer was last shown it, in minor units.
    covers: BTreeMap<CheckoutId, i64>,
    rules: BTreeMap<Sku, Rationed>,
    wrong: Vec<String>,
}

impl Promises {
    pub(super) fn observe(&mut self, command: &Command, events: &[TradeEvent], at: Timestamp) {
        self.newest = self.newest.max(at);
        for event in events {
            self.cart_event(event);
            self.shown_event(event);
            self.rule_event(event);
        }
        self.check_expected(command, events);
        self.check_cover(events);
    }

    pub(super) fn broken(&mut self) -> Vec<String> {
        std::mem::take(&mut self.wrong)
    }

    fn cart_event(&mut self, event: &TradeEvent) {
        if let TradeEvent::CartLinesSet { cart, lines } = event {
            self.carts.entry(cart.clone()).or_default().lines.clone_from(lines);
        }
        if let TradeEvent::CartClosed { cart } = event {
            self.carts.remove(cart);
        }
        if let TradeEvent::Cart(CartEvent::LineSet { cart, part, line }) = event {
            self.carts.entry(cart.clone()).or_default().set(*part, line);
        }
        if let TradeEvent::Cart(CartEvent::LineRemoved { cart, part, line }) = event {
            self.carts.entry(cart.clone()).or_default().remove(*part, line);
        }
        if let TradeEvent::Cart(CartEvent::Merged { guest, into, lines, saved }) = event {
            self.merge(guest, into, Content { lines: lines.clone(), saved: saved.clone() });
        }
    }

    fn merge(&mut self, guest: &CartId, into: &CartId, after: Content) {
        let mut before = self.carts.remove(guest).unwrap_or_default().promised();
        for (what, units) in self.carts.remove(into).unwrap_or_default().promised() {
            *before.entry(what).or_default() += units;
        }
        if after.promised() != before {
            self.wrong.push(format!("merging {guest} into {into} made {:?} of {before:?}", after.promised()));
        }
        self.carts.insert(into.clone(), after);
    }

    fn shown_event(&mut self, event: &TradeEvent) {
        if let TradeEvent::CheckoutOpened { checkout, totals, .. }
        | TradeEvent::CheckoutUpdated { checkout, totals, .. }
        | TradeEvent::Pricing(PricingEvent::CheckoutClaimsSet { checkout, totals, .. })
        | TradeEvent::Cart(CartEvent::DeliveryChosen { checkout, totals, .. } | CartEvent::Repriced { checkout, totals, .. }) = event
        {
            self.shown.insert(checkout.clone(), totals.total);
        }
        if let TradeEvent::OrderPlaced { order, checkout, totals, .. } = event
            && self.shown.get(checkout) != Some(&totals.total)
        {
            self.wrong.push(format!("order {order} costs {}, its buyer was shown {:?}", totals.total, self.shown.get(checkout)));
        }
    }

    /// Nobody is asked for more by other means than what gift cards and store credit were shown to leave.
    fn check_cover(&mut self, events: &[TradeEvent]) {
        for event in events {
            match event {
                TradeEvent::Pricing(PricingEvent::CheckoutClaimsSet { checkout, .. }) => drop(self.covers.remove(checkout)),
                TradeEvent::Pricing(PricingEvent::CoverShown { checkout, amount }) => {
                    self.covers.insert(checkout.clone(), amount.amount_minor);
                }
                _ => {}
            }
        }
        let asked = events.iter().filter_map(|event| match event {
            TradeEvent::PaymentRequested { checkout, amount, .. } => Some((checkout, amount.amount_minor)),
            _ => None,
        });
        let asked: Vec<_> = asked.collect();
        let Some((checkout, _)) = asked.first() else { return };
        let (asked_minor, shown) = (asked.iter().map(|(_, minor)| minor).sum::<i64>(), self.shown.get(*checkout));
        let left_minor = shown.zip(self.covers.get(*checkout)).map(|(total, cover)| (total.amount_minor - cover).max(0));
        if left_minor.is_some_and(|left_minor| asked_minor > left_minor) {
            self.wrong.push(format!("{checkout} was asked for {asked_minor}, its buyer was shown {left_minor:?} as left to pay"));
        }
    }

    /// Who said what they expect pays that, or is not asked for money at all.
    fn check_expected(&mut self, command: &Command, events: &[TradeEvent]) {
        let (Action::CompleteCheckout { terms, checkout, .. } | Action::Cart(CartAction::OrderWithOneClick { terms, checkout, .. })) =
            &command.action
        else {
            return;
        };
        let is_asked = events.iter().any(|event| matches!(event, TradeEvent::PaymentRequested { .. }));
        if is_asked && terms.expected_total.is_some_and(|expected| self.shown.get(checkout) != Some(&expected)) {
            self.wrong.push(format!("money was asked for {checkout} although its buyer expected {:?}", terms.expected_total));
        }
    }

    fn rule_event(&mut self, event: &TradeEvent) {
        if let TradeEvent::Cart(CartEvent::QuantityRuleSet { target: RuleTarget::Sku(sku), rule }) = event {
            self.rules.insert(sku.clone(), Rationed { rule: *rule, asked: BTreeSet::new(), orders: Vec::new() });
        }
        if let TradeEvent::Cart(CartEvent::QuantityRuleRemoved { target: RuleTarget::Sku(sku) }) = event {
            self.rules.remove(sku);
        }
        if let TradeEvent::PaymentRequested { checkout, .. } = event {
            for rationed in self.rules.values_mut() {
                rationed.asked.insert(checkout.clone());
            }
        }
        if let TradeEvent::OrderPlaced { order, checkout, buyer, lines, .. } = event {
            let email = buyer.email.clone().unwrap_or_default();
            for (sku, rationed) in self.rules.iter_mut().filter(|(_, rationed)| rationed.asked.contains(checkout)) {
                let units = lines.iter().filter(|line| line.sku == *sku).map(|line| line.quantity).sum();
                rationed.orders.push(Counted { at: self.newest, order: order.clone(), email: email.clone(), units });
                let had = rationed.units_of(&email, self.newest);
                if units > 0 && rationed.rule.max_per_buyer.is_some_and(|most| had > most) {
                    self.wrong.push(format!("{email} has {had} units of {sku}, {:?} are allowed", rationed.rule.max_per_buyer));
                }
            }
        }
        if let TradeEvent::AfterSale(AfterSaleEvent::OrderEdited { order, lines, .. }) = event {
            // Fewer units count for fewer. More may stand for what came back, so they are not held against anybody here.
            for (sku, rationed) in &mut self.rules {
                let units: i64 = lines.iter().filter(|line| line.sku == *sku).map(|line| line.quantity).sum();
                let edited = rationed.orders.iter_mut().filter(|counted| counted.order == *order);
                edited.for_each(|counted| counted.units = counted.units.min(units));
            }
        }
        if let TradeEvent::OrderCanceled { order, .. } = event {
            self.rules.values_mut().for_each(|rationed| rationed.orders.retain(|counted| counted.order != *order));
        }
    }
}
