//! What one shopper did, as far back as it is remembered: the log from which everything they add to the tables follows.
//!
//! A step is kept when it says something new: the first look at a product, the first time it is put into a cart, and every purchase.
//! Looking again only moves the look's time. Looks and purchases are bounded apart, so that browsing never pushes out what was bought. A log
//! that is full lets the older half go, and with it what that half added to the tables: so the tables are at every moment the sum of what the
//! logs say, nobody's influence grows without bound, and a shopper can be taken out again exactly.

use crate::event::Behaviour;
use crate::id::Ordinal;
use crate::stdx::clock::Timestamp;

/// Looks and carts kept of one shopper; far more than any table reaches back, so that letting half of them go changes little.
pub const LOOKS_MAX: usize = 256;
/// Lines of purchases kept of one shopper: years of weekly shopping.
pub const PURCHASES_MAX: usize = 1_024;

const PRODUCT_BITS: u32 = 24;
const PRODUCT_MASK: u32 = (1 << PRODUCT_BITS) - 1;
const INTEREST_MASK: u32 = 3;
/// Set on the first look at a product, and on its first purchase, as far as the log goes back.
const FIRST: u32 = 1 << 26;

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
    /// Product, interest, and whether it is the first of its kind.
    pub(super) packed: u32,
    /// Seconds since 1970.
    pub(super) at_s: u32,
    /// Of a purchase the order it was part of, 0 for none; else when the product was last looked at, in seconds since 1970.
    pub(super) more: u32,
}

fn seconds(at: Timestamp) -> u32 {
    u32::try_from(at.0.div_euclid(1_000).max(0)).unwrap_or(u32::MAX)
}

fn moment(seconds: u32) -> Timestamp {
    Timestamp(i64::from(seconds) * 1_000)
}

impl Step {
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

    /// Takes the last purchase of a product back.
    pub fn take_back_purchase(&mut self, product: Ordinal) {
        if let Some(place) = self.0.iter().rposition(|step| step.is_purchase() && step.product() == product) {
            self.0.remove(place);
            self.mark();
        }
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
mod tests {
    use super::*;

    fn look(steps: &mut Steps, product: u32, interest: Interest, at_s: i64) -> Option<usize> {
        steps.look(Ordinal(product), interest, Timestamp(at_s * 1_000))
    }

    fn told(steps: &Steps) -> Vec<(u32, Interest, bool)> {
        steps.all().iter().map(|step| (step.product().0, step.interest(), step.is_first())).collect()
    }

    #[test]
    fn only_what_says_something_new_is_kept_and_looking_again_moves_the_time() {
        use Interest::{Bought, Carted, Looked};
        let mut steps = Steps::default();
        let places = [(1, Looked), (2, Looked), (1, Looked), (1, Carted), (1, Looked), (3, Carted), (3, Looked)];
        let places: Vec<Option<usize>> =
            places.into_iter().zip(1..).map(|((product, interest), at_s)| look(&mut steps, product, interest, at_s)).collect();
        assert_eq!(places, [Some(0), Some(1), None, Some(2), None, Some(3), None]);
        assert_eq!(steps.buy(&[Ordinal(1), Ordinal(4)], 7, Timestamp(9_000)), 4);
        assert_eq!(steps.buy(&[Ordinal(1)], 8, Timestamp(10_000)), 6);
        let expected = [
            (1, Looked, true),
            (2, Looked, true),
            (1, Carted, false),
            (3, Carted, true),
            (1, Bought, true),
            (4, Bought, true),
            (1, Bought, false),
        ];
        assert_eq!(told(&steps), expected);
        assert_eq!((steps.all()[0].at(), steps.all()[0].last_at()), (Timestamp(1_000), Timestamp(5_000)));
        steps.take_back_order(7);
        assert_eq!(told(&steps)[4..], [(1, Bought, true)]);
        steps.take_back_purchase(Ordinal(1));
        steps.take_back_purchase(Ordinal(1));
        assert_eq!(told(&steps), expected[..4]);
    }

    #[test]
    fn a_full_log_lets_the_older_half_of_a_kind_go_and_whole_orders_at_a_time() {
        let mut steps = Steps::default();
        steps.buy(&[Ordinal(5)], 1, Timestamp(0));
        for product in 0..LOOKS_MAX as u32 {
            assert!(steps.has_room_for_look());
            look(&mut steps, product, Interest::Looked, 1);
        }
        assert!(!steps.has_room_for_look());
        steps.let_old_looks_go();
        assert_eq!((steps.all().len(), steps.all()[0].is_purchase(), steps.all()[1].product()), (129, true, Ordinal(128)));
        while steps.has_room_for_purchases(3) {
            let next = steps.all().len() as u32;
            steps.buy(&[1, 2, 3].map(|place| Ordinal(next + place)), next, Timestamp(0));
        }
        steps.let_old_purchases_go();
        let purchases: Vec<u32> = steps.all().iter().map(|step| step.order()).filter(|order| *order != 0).collect();
        assert!(purchases.len() <= PURCHASES_MAX / 2 && purchases.len() > PURCHASES_MAX / 2 - 3);
        assert!(purchases.chunks(3).all(|order| order.len() == 3 && order[0] == order[2]));
    }

    #[test]
    fn times_outside_of_what_can_be_written_are_the_nearest_that_can() {
        let mut steps = Steps::default();
        for (product, at) in [i64::MIN, -1, i64::MAX].into_iter().enumerate() {
            steps.look(Ordinal(product as u32), Interest::Looked, Timestamp(at));
        }
        let times: Vec<i64> = steps.all().iter().map(|step| step.at().0).collect();
        assert_eq!(times, [0, 0, i64::from(u32::MAX) * 1_000]);
    }
}
