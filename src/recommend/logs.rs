//! What people did: the fold of events into their logs, and from each change of a log to what it adds to tables.
//!
//! What a purchase ties together depends on what was looked at before it, and only within one stream is "before" the same in life and in
//! replay; so everything here is folded from the activity stream alone, and orders placed here come by [`ActivityEvent::OrderNoted`].
//!
//! What a log adds follows from it alone ([`super::links`]). So anything can be taken back: a log is taken out of the tables, changed, and put
//! in again.

use super::ahead::{Ahead, Behaved, Nearness};
use super::debts::{Debt, Debts};
use super::links::{Link, PURCHASES_REACH, links, links_of};
use super::orders::OrderBook;
use super::rings::{RingKey, Rings};
use super::steps::{Interest, Step, Steps};
use super::tables::Tables;
use crate::event::activity::{HistoryLine, Kept, ShopperDigest};
use crate::event::{ActivityEvent, Origin};
use crate::id::Ordinal;
use crate::signal::PRODUCTS_MAX;
use crate::stdx::clock::Timestamp;

/// Distinct products of one order that are paired; beyond that it is a wholesaler's and says little about what goes with what.
pub(super) const ORDER_PRODUCTS_MAX: usize = 64;

/// Rows that are waited for together: what the processor keeps at hand.
const EXPECTED_MAX: usize = 512;

/// All logs, and the orders they know.
pub(super) struct Logs {
    /// What shoppers and visits did.
    pub(super) rings: Rings,
    /// Orders placed here and imported.
    pub(super) orders: OrderBook,
    /// What came back and was not told of yet.
    pub(super) debts: Debts,
    rings_max: usize,
    /// The log that is worked on.
    steps: Steps,
    /// What is not folded yet.
    ahead: Ahead,
}

impl Logs {
    pub(super) fn new(rings_max: usize, orders_remembered_max: usize) -> Self {
        Self {
            rings: Rings::new(),
            orders: OrderBook::new(orders_remembered_max),
            debts: Debts::default(),
            rings_max,
            steps: Steps::default(),
            ahead: Ahead::default(),
        }
    }

    /// Folds one event, which was taken at that time; what somebody did with a product a few events later, or when [`Logs::settle`] is called.
    pub(super) fn fold(&mut self, event: &ActivityEvent, taken_at: Timestamp, tables: &mut impl Tables) {
        // Nothing can have happened after the pipeline took it: a wrong clock must not age everything else.
        let moment = |happened_at: &Timestamp| (*happened_at).min(taken_at);
        match event {
            ActivityEvent::Behaved { behaviour, product, origin, happened_at, .. } => {
                if let Some(interest) = Interest::of(*behaviour)
                    && product.index() < PRODUCTS_MAX
                {
                    let behaved = Behaved { product: *product, interest, keys: RingKey::of_origin(origin), at: moment(happened_at) };
                    if let Some(next) = self.ahead.push(behaved, &self.rings, tables) {
                        self.fold_behaved(next, tables);
                    }
                }
            }
            ActivityEvent::OrderImported { reference, origin, lines, happened_at } => {
                self.settle(tables);
                self.fold_order(&format!("imported/{reference}"), origin, lines, moment(happened_at), tables);
            }
            ActivityEvent::OrderNoted { order, origin, lines, kept: None } => {
                self.settle(tables);
                self.fold_order(&placed(order.as_str()), origin, lines, taken_at, tables);
            }
            ActivityEvent::OrderNoted { lines, kept: Some(kept), .. } => {
                self.settle(tables);
                self.amend(kept, lines, taken_at, tables);
            }
            ActivityEvent::CancellationNoted { order } => {
                self.settle(tables);
                if let Some((key, mark)) = self.orders.cancel(&placed(order.as_str())) {
                    let owner = self.owner_of(key, tables);
                    self.rewrite_of(owner, tables, |steps| steps.take_back_order(mark));
                }
            }
            ActivityEvent::ShopperErased { shopper } => {
                self.settle(tables);
                self.erase(shopper, tables);
            }
            ActivityEvent::ImportProgressed { .. }
            | ActivityEvent::Searched { .. }
            | ActivityEvent::Recommended { .. }
            | ActivityEvent::Exposed { .. }
            | ActivityEvent::KeyUsed { .. } => {}
        }
    }

    /// Folds everything that waits.
    pub(super) fn settle(&mut self, tables: &mut impl Tables) {
        while let Some(next) = self.ahead.pop() {
            self.fold_behaved(next, tables);
        }
    }

    fn fold_behaved(&mut self, behaved: Behaved, tables: &mut impl Tables) {
        let Behaved { product, interest, keys, at } = behaved;
        tables.turned_to(product, keys, at);
        let Some(key) = self.key_of(keys, tables) else { return };
        if interest == Interest::Bought {
            self.buy(key, &[(product, 0)], 0, at, tables);
        } else {
            self.look(key, product, interest, at, tables);
        }
    }

    /// An order: its lines are bought together; lines with a negative quantity are returns of something bought before.
    fn fold_order(&mut self, name: &str, origin: &Origin, lines: &[HistoryLine], at: Timestamp, tables: &mut impl Tables) {
        let known = self.key_of(RingKey::of_origin(origin), tables);
        let key = known.unwrap_or_else(|| RingKey::of_order(name));
        let Some(mark) = self.orders.remember(name, key) else { return };
        let bought = distinct(lines.iter().filter(|line| line.quantity > 0));
        let returned = distinct(lines.iter().filter(|line| line.quantity < 0));
        if !bought.is_empty() {
            self.buy(key, &bought, mark, at, tables);
        }
        // What comes back from nobody known is of no purchase that is known.
        if let Some(key) = known.filter(|_| !returned.is_empty()) {
            let owner = self.owner_of(key, tables);
            self.take_back(owner, returned.into_iter().map(|(product, units)| Debt { product, units, at }).collect(), tables);
        }
    }

    /// Takes back what came back to somebody's orders; what was bought before it may be told later.
    fn take_back(&mut self, owner: RingKey, mut returned: Vec<Debt>, tables: &mut impl Tables) {
        self.rewrite_of(owner, tables, |steps| {
            returned.iter_mut().for_each(|it| it.units = steps.take_back_purchase(it.product, it.units, it.at));
        });
        returned.into_iter().filter(|left| left.units > 0).for_each(|left| self.debts.owe(owner, left));
    }

    /// An order placed here was changed: from now on its buyer has bought what is left of it, and nothing else.
    fn amend(&mut self, kept: &Kept, lines: &[HistoryLine], at: Timestamp, tables: &mut impl Tables) {
        let Some((key, mark)) = self.orders.buyer(&placed(kept.order.as_str())) else { return };
        let products: Vec<Ordinal> = kept.products.iter().copied().filter(|product| product.index() < PRODUCTS_MAX).collect();
        let products = &products[..products.len().min(ORDER_PRODUCTS_MAX)];
        let sold: Vec<Ordinal> = lines.iter().filter(|line| line.quantity > 0).map(|line| line.product).collect();
        let owner = self.owner_of(key, tables);
        self.rewrite_of(owner, tables, |steps| {
            if !steps.has_room_for_purchases(products.len()) {
                steps.let_old_purchases_go();
            }
            steps.amend_order(mark, products, &sold, at);
        });
    }

    /// Whose log this goes to, of a shopper and a visit: the shopper's, else the visit's. The visit of a known shopper learns whose it is,
    /// and what was done in it before becomes the shopper's.
    fn key_of(&mut self, keys: [Option<RingKey>; 2], tables: &mut impl Tables) -> Option<RingKey> {
        if let [Some(shopper), Some(visit)] = keys {
            let found = self.rings.find(visit);
            let rings = &mut self.rings;
            let is_known = found.is_some_and(|handle| rings.shopper(handle) == Some(shopper));
            if !is_known && let Some(handle) = rings.touch(visit, self.rings_max) {
                rings.set_shopper(handle, shopper);
            }
            if self.has_more(found, visit) {
                self.recognise(visit, shopper, tables);
            }
        }
        let [shopper, visit] = keys;
        shopper.or(visit)
    }

    /// Whether a visit has something of its own.
    fn has_more(&self, handle: Option<u32>, visit: RingKey) -> bool {
        handle.is_some_and(|handle| self.rings.newest_first(handle).next().is_some()) || self.debts.has(visit)
    }

    /// Moves what was done in a visit to the log of the shopper who turned out to be the visitor: what they looked at before they said who
    /// they are led to what they bought after it, and they are one person, not two.
    fn recognise(&mut self, visit: RingKey, shopper: RingKey, tables: &mut impl Tables) {
        let mut before = Steps::default();
        self.rewrite_of(visit, tables, |steps| before = std::mem::take(steps));
        let returned = self.debts.take(visit);
        if let Some(first) = before.all().first() {
            let comes_late = self.open(shopper).filter(|_| self.steps.comes_late(first.at()));
            match comes_late {
                // All at once: the shopper did something on another device meanwhile.
                Some(handle) => {
                    before.settle(|product, units, at| self.debts.settle(shopper, product, units, at));
                    self.rewrite(handle, tables, |steps| steps.join(before.all()));
                }
                None => self.tell_again(shopper, &before, tables),
            }
        }
        self.take_back(shopper, returned, tables);
    }

    /// Tells what was done in a visit as what the shopper did.
    fn tell_again(&mut self, shopper: RingKey, before: &Steps, tables: &mut impl Tables) {
        let are_of_one_order = |a: &Step, b: &Step| a.order() != 0 && a.order() == b.order();
        for steps in before.all().chunk_by(are_of_one_order) {
            let step = steps[0];
            if step.is_purchase() {
                let bought: Vec<(Ordinal, i64)> = steps.iter().map(|step| (step.product(), i64::from(step.units()))).collect();
                self.buy(shopper, &bought, step.order(), step.at(), tables);
            } else {
                self.look(shopper, step.product(), step.interest(), step.at(), tables);
                self.look(shopper, step.product(), step.interest(), step.last_at(), tables);
            }
        }
    }

    /// Whose log an order stands in: the shopper's, if the visit that it was placed in turned out to be theirs.
    fn owner_of(&mut self, key: RingKey, tables: &mut impl Tables) -> RingKey {
        let Some(visit) = self.rings.find(key) else { return key };
        let Some(shopper) = self.rings.shopper(visit) else { return key };
        if self.has_more(Some(visit), key) {
            self.recognise(key, shopper, tables);
        }
        shopper
    }

    /// Brings a log to where it is worked on.
    fn open(&mut self, key: RingKey) -> Option<u32> {
        let handle = self.rings.touch(key, self.rings_max)?;
        self.rings.read(handle, &mut self.steps);
        Some(handle)
    }

    fn look(&mut self, key: RingKey, product: Ordinal, interest: Interest, at: Timestamp, tables: &mut impl Tables) {
        let Some(handle) = self.open(key) else { return };
        if !self.steps.has_room_for_look() {
            self.rewrite(handle, tables, Steps::let_old_looks_go);
        }
        if self.steps.comes_late(at) && self.steps.is_new_late(product, interest, at) {
            return self.rewrite(handle, tables, |steps| steps.join(&[Step::looked(product, interest, at)]));
        }
        match self.steps.look(product, interest, at) {
            None => self.rings.put(handle, &self.steps, 0),
            Some(place) => {
                // A cart moves the time of the look before it.
                let changed_from = if self.steps.all()[place].is_first() { place } else { 0 };
                self.rings.put(handle, &self.steps, changed_from);
                self.count_from(place, tables);
            }
        }
    }

    /// Of each product so many units, 0 when that is not known. An event without an order is of one product; shops tell of one purchase by
    /// both, and it is one.
    fn buy(&mut self, key: RingKey, bought: &[(Ordinal, i64)], order: u32, at: Timestamp, tables: &mut impl Tables) {
        let Some(handle) = self.open(key) else { return };
        let products: Vec<Ordinal> = bought.iter().map(|(product, _)| *product).collect();
        if order == 0 && products.first().is_some_and(|product| self.steps.is_ordered(*product, at)) {
            return;
        }
        if products.iter().any(|product| self.debts.owes(key, *product, at)) {
            let left = |(product, units): &(Ordinal, i64)| Some((*product, self.debts.settle(key, *product, *units, at)?));
            let left: Vec<(Ordinal, i64)> = bought.iter().filter_map(left).collect();
            if !left.is_empty() {
                self.buy(key, &left, order, at, tables);
            }
            return;
        }
        if self.steps.comes_late(at) {
            let lines: Vec<Step> = bought.iter().map(|(product, units)| Step::bought(*product, *units, order, at)).collect();
            return self.rewrite(handle, tables, |steps| steps.join(&lines));
        }
        if order != 0 && self.steps.are_told(&products, at) {
            self.rewrite(handle, tables, |steps| steps.take_back_told(&products, at));
        }
        if !self.steps.has_room_for_purchases(bought.len()) {
            self.rewrite(handle, tables, Steps::let_old_purchases_go);
        }
        tables.buys(self.steps.all(), &products, at);
        let start = self.steps.buy(&products, order, at);
        self.steps.note_units(start, bought.iter().map(|(_, units)| *units));
        self.rings.put(handle, &self.steps, start);
        if products.len() > 1 {
            self.expect_from(start, tables);
        }
        self.count_from(start, tables);
    }

    /// Counts what the steps from `start` on add.
    fn count_from(&mut self, start: usize, tables: &mut impl Tables) {
        let steps = self.steps.all();
        for (place, step) in steps.iter().enumerate().skip(start) {
            links_of(steps, place, &mut |link| tables.count(*step, link, 1));
        }
    }

    /// Asks for the rows that the steps from `start` on will change: waiting for memory is most of what an order costs, and so they are waited
    /// for together.
    fn expect_from(&self, start: usize, tables: &impl Tables) {
        let steps = self.steps.all();
        let mut rows = Vec::with_capacity(2 * PURCHASES_REACH);
        for (place, step) in steps.iter().enumerate().skip(start) {
            links_of(steps, place, &mut |link| match link {
                Link::Tied { relationship, from, .. } if from != step.product() && rows.len() < EXPECTED_MAX => {
                    tables.expect(relationship, from);
                    rows.push((relationship, from, step.product(), 0));
                }
                Link::Tied { .. } | Link::Had { .. } => {}
            });
        }
        for (relationship, from, _, row) in &mut rows {
            *row = tables.row_of(*relationship, *from);
            tables.expect_row(*relationship, *row, Nearness::Beginning);
        }
        rows.iter().for_each(|(relationship, _, _, row)| tables.expect_row(*relationship, *row, Nearness::Look));
        rows.iter().for_each(|(relationship, _, to, row)| tables.expect_row(*relationship, *row, Nearness::Tie(*to)));
    }

    /// Changes the open log, and the tables with it: all that it added is taken out, and what the changed one adds is put in.
    fn rewrite(&mut self, handle: u32, tables: &mut impl Tables, change: impl FnOnce(&mut Steps)) {
        tables.recount(self.steps.all(), -1);
        links(self.steps.all(), &mut |step, link| tables.count(step, link, -1));
        change(&mut self.steps);
        links(self.steps.all(), &mut |step, link| tables.count(step, link, 1));
        tables.recount(self.steps.all(), 1);
        self.rings.put(handle, &self.steps, 0);
    }

    /// The same with the log of `key`, if there is one.
    fn rewrite_of(&mut self, key: RingKey, tables: &mut impl Tables, change: impl FnOnce(&mut Steps)) {
        if self.rings.find(key).is_some()
            && let Some(handle) = self.open(key)
        {
            self.rewrite(handle, tables, change);
        }
    }

    /// Takes a shopper out of the tables: their own log, and those of the visits that turned out to be theirs.
    fn erase(&mut self, shopper: &ShopperDigest, tables: &mut impl Tables) {
        let shopper = RingKey::of_digest(shopper);
        tables.forgets(shopper);
        let theirs: Vec<RingKey> = std::iter::once(shopper).chain(self.rings.visits_of(shopper)).collect();
        for key in &theirs {
            self.rewrite_of(*key, tables, |steps| *steps = Steps::default());
            self.debts.take(*key);
        }
        self.rings.forget(&theirs);
        self.orders.forget(theirs);
    }
}

/// The name of an order placed here, apart from those of other systems.
fn placed(order: &str) -> String {
    format!("placed/{order}")
}

/// The first [`ORDER_PRODUCTS_MAX`] different products, in the order of the lines, and of each the units of all lines, without a sign.
fn distinct<'a>(lines: impl Iterator<Item = &'a HistoryLine>) -> Vec<(Ordinal, i64)> {
    let mut products: Vec<(Ordinal, i64)> = Vec::new();
    for line in lines.filter(|line| line.product.index() < PRODUCTS_MAX) {
        let units = line.quantity.saturating_abs();
        match products.iter().position(|(product, _)| *product == line.product) {
            Some(place) => products[place].1 = products[place].1.saturating_add(units),
            None if products.len() < ORDER_PRODUCTS_MAX => products.push((line.product, units)),
            None => {}
        }
    }
    products
}

#[cfg(test)]
#[path = "logs_tests.rs"]
mod tests;
