//! What one shopper did, as far back as it is remembered: the log from which everything they add to the tables follows.
//!
//! A step is kept when it says something new: the first look at a product, the first time it is put into a cart, and every purchase.
//! Looking again only moves the look's time. Steps stand in the order of their times, whatever the order in which they were told: orders and
//! events come in files of their own, many of them the newest first, and a browser tells what was looked at after the order was placed. Only
//! where a log is long, what comes late stands last. Looks and purchases are bounded apart, so that browsing never pushes out what was bought. A log
//! that is full lets the older half go, and with it what that half added to the tables: so the tables are at every moment the sum of what the
//! logs say, nobody's influence grows without bound, and a shopper can be taken out again exactly.

use crate::event::Behaviour;
use crate::event::activity::SAME_PURCHASE_MS;
use crate::id::Ordinal;
use crate::stdx::clock::Timestamp;
use std::collections::HashSet;

/// Looks and carts kept of one shopper; far more than any table reaches back, so that letting half of them go changes little.
pub const LOOKS_MAX: usize = 256;
/// Lines of purchases kept of one shopper: years of weekly shopping.
pub const PURCHASES_MAX: usize = 1_024;

const PRODUCT_BITS: u32 = 24;
const PRODUCT_MASK: u32 = (1 << PRODUCT_BITS) - 1;
const INTEREST_MASK: u32 = 3;
/// Set on the first look at a product, and on its first purchase, as far as the log goes back.
const FIRST: u32 = 1 << 26;
/// Above it the units of a purchase, so that a return of some of them leaves the rest: 0 when they are not known, the most for as many or more.
const UNITS_SHIFT: u32 = 27;
const UNITS_MAX: u32 = u32::MAX >> UNITS_SHIFT;

/// How far a shopper went with a product, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Interest {
    /// Saw its page or chose it from a list.
    Looked = 1,
    /// Put it into a cart.
    Carted = 2,
    /// Bought it.
    Bought = 3,
}

impl Interest {
    /// What a behaviour says; none for an impression.
    #[must_use]
    pub fn of(behaviour: Behaviour) -> Option<Self> {
        match behaviour {
            Behaviour::Impression => None,
            Behaviour::Click | Behaviour::View => Some(Self::Looked),
            Behaviour::AddToCart => Some(Self::Carted),
            Behaviour::Purchase => Some(Self::Bought),
        }
    }
}

/// One step of a shopper, in twelve bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Product, interest, whether it is the first of its kind, and the units of a purchase.
    pub(super) packed: u32,
    /// Seconds since 1970.
    pub(super) at_s: u32,
    /// Of a purchase the order it was part of, 0 for none; else when the product was last looked at, in seconds since 1970.
    pub(super) more: u32,
}

/// Steps up to which what comes late is put where it belongs: everything that the log adds is taken out for it and put in again.
const LATE_MAX: usize = 256;
fn is_same_time(step: Step, at: Timestamp) -> bool {
    step.at().0.abs_diff(at.0) <= SAME_PURCHASE_MS.unsigned_abs()
}

fn is_told(step: Step, products: &[Ordinal], at: Timestamp) -> bool {
    step.is_purchase() && step.order() == 0 && products.contains(&step.product()) && is_same_time(step, at)
}

fn told_units(units: i64) -> u32 {
    u32::try_from(units.max(0)).unwrap_or(UNITS_MAX)
}

fn seconds(at: Timestamp) -> u32 {
    u32::try_from(at.0.div_euclid(1_000).max(0)).unwrap_or(u32::MAX)
}

fn moment(seconds: u32) -> Timestamp {
    Timestamp(i64::from(seconds) * 1_000)
}

impl Step {
    /// A look or a cart.
    pub(super) fn looked(product: Ordinal, interest: Interest, at: Timestamp) -> Self {
        Self::new(product, interest, at, seconds(at))
    }

    /// A line of an order, 0 for none, of so many units, 0 when they are not known.
    pub(super) fn bought(product: Ordinal, units: i64, order: u32, at: Timestamp) -> Self {
        let mut step = Self::new(product, Interest::Bought, at, order);
        step.set_units(told_units(units));
        step
    }

    fn new(product: Ordinal, interest: Interest, at: Timestamp, more: u32) -> Self {
        debug_assert!(product.0 <= PRODUCT_MASK, "callers bound ordinals");
        Self { packed: (product.0 & PRODUCT_MASK) | ((interest as u32) << PRODUCT_BITS), at_s: seconds(at), more }
    }

    /// With which product.
    #[must_use]
    #[inline]
    pub fn product(self) -> Ordinal {
        Ordinal(self.packed & PRODUCT_MASK)
    }

    /// How far it went.
    #[must_use]
    #[inline]
    pub fn interest(self) -> Interest {
        match self.packed >> PRODUCT_BITS & INTEREST_MASK {
            3 => Interest::Bought,
            2 => Interest::Carted,
            _ => Interest::Looked,
        }
    }

    /// When, to the second; not before 1970 and not after 2106.
    #[must_use]
    pub fn at(self) -> Timestamp {
        moment(self.at_s)
    }

    /// When the same was done last.
    #[must_use]
    pub fn last_at(self) -> Timestamp {
        moment(if self.is_purchase() { self.at_s } else { self.more })
    }

    /// A mark that all lines of one order share; 0 when it is no purchase, or one that no order is known of.
    #[must_use]
    #[inline]
    pub fn order(self) -> u32 {
        if self.is_purchase() { self.more } else { 0 }
    }

    /// Units of a purchase, 0 when they are not known.
    pub(super) fn units(self) -> u32 {
        self.packed >> UNITS_SHIFT
    }

    fn set_units(&mut self, units: u32) {
        self.packed = (self.packed & !(UNITS_MAX << UNITS_SHIFT)) | units.min(UNITS_MAX) << UNITS_SHIFT;
    }

    /// Whether it is a purchase.
    #[must_use]
    #[inline]
    pub fn is_purchase(self) -> bool {
        self.interest() == Interest::Bought
    }

    /// Whether it is the first purchase of its product, or the first look at it.
    #[inline]
    pub(super) fn is_first(self) -> bool {
        self.packed & FIRST != 0
    }
}

/// The log of one shopper or visit, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Steps(Vec<Step>);

impl Steps {
    /// The steps, oldest first.
    #[must_use]
    pub fn all(&self) -> &[Step] {
        &self.0
    }

    /// The steps themselves, oldest first.
    pub(super) fn into_all(self) -> Vec<Step> {
        self.0
    }

    /// Steps of a log, marked as they were in it.
    pub(super) fn marked(steps: Vec<Step>) -> Self {
        Self(steps)
    }

    /// Takes the steps of another log in place of its own.
    pub(super) fn refill(&mut self, steps: impl Iterator<Item = Step>) {
        self.0.clear();
        self.0.extend(steps);
    }

    /// Takes a look or a cart in; its place when it says something new. [`Steps::has_room_for_look`] must be asked before.
    pub fn look(&mut self, product: Ordinal, interest: Interest, at: Timestamp) -> Option<usize> {
        debug_assert!(interest < Interest::Bought, "purchases have their own way in");
        let same = |step: &&mut Step| step.product() == product && !step.is_purchase();
        let mut is_first = true;
        for known in self.0.iter_mut().filter(same) {
            is_first = false;
            known.more = known.more.max(seconds(at));
            if known.interest() >= interest {
                return None;
            }
        }
        let mut step = Step::new(product, interest, at, seconds(at));
        step.packed |= if is_first { FIRST } else { 0 };
        self.0.push(step);
        Some(self.0.len() - 1)
    }

    /// Takes the products of one order in, each once; gives the place of the first. `order` is the order's mark, 0 for none.
    /// [`Steps::has_room_for_purchases`] must be asked before.
    pub fn buy(&mut self, products: &[Ordinal], order: u32, at: Timestamp) -> usize {
        let start = self.0.len();
        for &product in products {
            let is_first = !self.0.iter().any(|step| step.is_purchase() && step.product() == product);
            let mut step = Step::new(product, Interest::Bought, at, order);
            step.packed |= if is_first { FIRST } else { 0 };
            self.0.push(step);
        }
        start
    }

    /// Notes how many units the purchases from `start` on are of; more than can be told apart are as many as can.
    pub(super) fn note_units(&mut self, start: usize, units: impl Iterator<Item = i64>) {
        self.0[start..].iter_mut().zip(units).for_each(|(step, units)| step.set_units(told_units(units)));
    }

    /// Whether something of that time belongs before what is there already.
    pub(super) fn comes_late(&self, at: Timestamp) -> bool {
        self.0.len() <= LATE_MAX && self.0.last().is_some_and(|last| last.at_s > seconds(at))
    }

    /// Whether a look or a cart that comes late says something new: nothing of that sort was done before it.
    pub(super) fn is_new_late(&self, product: Ordinal, interest: Interest, at: Timestamp) -> bool {
        let is_before =
            |step: &Step| step.product() == product && !step.is_purchase() && step.interest() >= interest && step.at_s <= seconds(at);
        !self.0.iter().any(is_before)
    }

    /// Takes steps of the same person in that are told late: from now on the log is what it would be, had everything been told in the order of
    /// its times. Of one time, what is known already comes first.
    pub(super) fn join(&mut self, late: &[Step]) {
        let mut told = [std::mem::take(&mut self.0), late.to_vec()].concat();
        told.sort_by_key(|step| step.at_s);
        told.into_iter().for_each(|step| self.tell(step));
        if !self.has_room_for_look() {
            self.let_old_looks_go();
        }
        if !self.has_room_for_purchases(1) {
            self.let_old_purchases_go();
        }
    }

    /// Tells a step once more.
    fn tell(&mut self, step: Step) {
        let (product, at) = (step.product(), step.at());
        if !step.is_purchase() {
            self.look(product, step.interest(), at);
            self.look(product, step.interest(), step.last_at());
            return;
        }
        if step.order() == 0 && self.is_ordered(product, at) {
            return;
        }
        if step.order() != 0 && self.are_told(&[product], at) {
            self.take_back_told(&[product], at);
        }
        let start = self.buy(&[product], step.order(), at);
        self.note_units(start, std::iter::once(i64::from(step.units())));
    }

    /// Whether an order of about that time holds the product, so that an event that tells of a purchase tells nothing new.
    pub(super) fn is_ordered(&self, product: Ordinal, at: Timestamp) -> bool {
        self.0.iter().any(|step| step.order() != 0 && step.product() == product && is_same_time(*step, at))
    }

    /// Whether events told of purchases that an order of that time, with these products, tells of as well.
    pub(super) fn are_told(&self, products: &[Ordinal], at: Timestamp) -> bool {
        self.0.iter().any(|step| is_told(*step, products, at))
    }

    /// Takes those back.
    pub(super) fn take_back_told(&mut self, products: &[Ordinal], at: Timestamp) {
        self.0.retain(|step| !is_told(*step, products, at));
        self.mark();
    }

    /// Whether one more look fits.
    #[must_use]
    pub fn has_room_for_look(&self) -> bool {
        // A short log needs no counting.
        self.0.len() < LOOKS_MAX || self.0.iter().filter(|step| !step.is_purchase()).count() < LOOKS_MAX
    }

    /// Whether so many more purchases fit.
    #[must_use]
    pub fn has_room_for_purchases(&self, count: usize) -> bool {
        let limit = PURCHASES_MAX.saturating_sub(count);
        self.0.len() <= limit || self.0.iter().filter(|step| step.is_purchase()).count() <= limit
    }

    /// Lets the older half of the looks go.
    pub fn let_old_looks_go(&mut self) {
        let looks = self.0.iter().filter(|step| !step.is_purchase()).count();
        self.let_go(looks.saturating_sub(LOOKS_MAX / 2), |step| !step.is_purchase());
    }

    /// Lets the older half of the purchases go, whole orders at a time.
    pub fn let_old_purchases_go(&mut self) {
        let lines: Vec<u32> = self.0.iter().filter(|step| step.is_purchase()).map(|step| step.order()).collect();
        let mut count = lines.len().saturating_sub(PURCHASES_MAX / 2);
        while count > 0 && count < lines.len() && lines[count] != 0 && lines[count] == lines[count - 1] {
            count += 1;
        }
        self.let_go(count, Step::is_purchase);
    }

    fn let_go(&mut self, mut count: usize, is_one: impl Fn(Step) -> bool) {
        self.0.retain(|step| {
            let goes = count > 0 && is_one(*step);
            count -= usize::from(goes);
            !goes
        });
        self.mark();
    }

    /// Takes an order back.
    pub fn take_back_order(&mut self, order: u32) {
        self.0.retain(|step| order == 0 || step.order() != order);
        self.mark();
    }

    /// Takes so many units of a product back that came back at a moment, of the last purchases before it first, and gives how many could not be.
    /// A purchase of which units are left stays, and one whose units are not known goes.
    pub fn take_back_purchase(&mut self, product: Ordinal, units: i64, at: Timestamp) -> i64 {
        let mut left = u32::try_from(units.max(1)).unwrap_or(u32::MAX);
        let is_before = |step: &Step| step.is_purchase() && step.product() == product && step.at_s <= seconds(at);
        while left > 0
            && let Some(place) = self.0.iter().rposition(is_before)
        {
            match self.0[place].units() {
                UNITS_MAX if left < UNITS_MAX => left = 0,
                had if left < had => {
                    self.0[place].set_units(had - left);
                    left = 0;
                }
                had => {
                    self.0.remove(place);
                    left = if had == 0 { 0 } else { left - had };
                }
            }
        }
        self.mark();
        i64::from(left)
    }

    /// Leaves of each purchase what `left` says of its product, units and time.
    pub(super) fn settle(&mut self, mut left: impl FnMut(Ordinal, i64, Timestamp) -> Option<i64>) {
        self.0.retain_mut(|step| {
            if !step.is_purchase() {
                return true;
            }
            let units = left(step.product(), i64::from(step.units()), step.at());
            units.into_iter().for_each(|units| step.set_units(told_units(units)));
            units.is_some()
        });
    }

    /// Makes an order hold these products and no others. What is new joins its lines, or where none are left, is bought now if it is among
    /// those `sold`: of an order that was let go nothing is brought back.
    pub(super) fn amend_order(&mut self, order: u32, products: &[Ordinal], sold: &[Ordinal], at: Timestamp) {
        debug_assert!(order != 0, "0 is the mark of no order");
        self.0.retain(|step| step.order() != order || products.contains(&step.product()));
        let known: Vec<Ordinal> = self.0.iter().filter(|step| step.order() == order).map(|step| step.product()).collect();
        let last = self.0.iter().rposition(|step| step.order() == order);
        let (end, at) = last.map_or((self.0.len(), at), |place| (place + 1, self.0[place].at()));
        let new = products.iter().filter(|product| !known.contains(product) && (last.is_some() || sold.contains(product)));
        let mut new: Vec<Step> = new.map(|product| Step::new(*product, Interest::Bought, at, order)).collect();
        // Each once: the caller should say so, and an order that holds a product twice would tie it to itself.
        let mut seen = HashSet::new();
        new.retain(|step| seen.insert(step.product()));
        self.0.splice(end..end, new);
        self.mark();
    }

    /// Marks what is the first of its kind.
    fn mark(&mut self) {
        for place in 0..self.0.len() {
            let step = self.0[place];
            let same = |other: &Step| other.product() == step.product() && other.is_purchase() == step.is_purchase();
            let is_first = !self.0[..place].iter().any(same);
            self.0[place].packed = (step.packed & !FIRST) | if is_first { FIRST } else { 0 };
        }
    }
}

#[cfg(test)]
#[path = "steps_tests.rs"]
mod tests;
