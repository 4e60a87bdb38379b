//! What a step of a shopper adds to the tables: one pure function of the log, for the live fold, for taking a shopper out again, and for an
//! exact rebuild alike.
//!
//! - *Also viewed*: order-aware co-occurrence. A first look at `b` ties it to the last ten products `a` looked at before it, `a → b` with
//!   `distance^-½` and `b → a` with 0.3 of that. Putting `b` into a cart adds the same once more.
//! - *Viewed, then bought*: the first purchase of `b` ties to it the last ten products looked at that were not bought, `a → b` with
//!   `distance^-½`. There is no way back: what is bought instead of `a` says nothing of what leads to `a`.
//! - *Also bought*: a first purchase is tied to the last purchases, `a → b` with `(orders between)^-½` and back with 0.3 of it; within one
//!   order neither came first, and both have the mean of the two.
//! - *Bought together*: every pair of an order, either way, with `1 / √(n - 1)` for an order of `n` products, so that a long order does not
//!   outweigh many short ones.
//!
//! A shopper counts once for a pair of the first three, an order once for a pair of the last; of that is told, too, whether the shopper had
//! both in an order before, since many orders of one person are still one person's business.

use super::relationship::Relationship;
use super::steps::{Interest, Step};
use crate::id::Ordinal;

/// Products that a look reaches back to.
pub(super) const LOOKS_REACH: usize = 10;
/// Lines of purchases that a purchase reaches back to: more than one basket, or shoppers with full ones would never tie two.
pub(super) const PURCHASES_REACH: usize = 32;
/// Looks that a purchase goes through for those that were not bought.
const PASSED_OVER_MAX: usize = 32;
/// Weight of a pair against the order in which it was seen.
const BACKWARD: f32 = 0.3;
/// Halves of "came after" of a pair in which the second did; a pair without an order has one of them each way.
pub(super) const AFTER: u8 = 2;

/// Something that a step adds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Link {
    /// One more shopper, or order, has the product.
    Had {
        /// In which relationship.
        relationship: Relationship,
        /// Which.
        product: Ordinal,
        /// What it adds to the product's degree.
        weight: f32,
    },
    /// `to` goes with `from`.
    Tied {
        /// In which relationship.
        relationship: Relationship,
        /// The asking product.
        from: Ordinal,
        /// The other.
        to: Ordinal,
        /// How much.
        weight: f32,
        /// Whether this shopper, or order, has not tied them before.
        is_first: bool,
        /// Halves: 2 when `to` came after `from`, 1 when neither came first, 0 when it came before. Of one order, where neither ever does: 1
        /// when the shopper has not had both in one order before, else 0; so they add up to shoppers.
        after: u8,
    },
}

/// Two products of a shopper.
struct Pair {
    relationship: Relationship,
    earlier: Ordinal,
    later: Ordinal,
    is_first: bool,
}

impl Pair {
    /// Both ways, the way that was gone with more weight.
    #[inline]
    fn in_order(&self, weight: f32, each: &mut impl FnMut(Link)) {
        let Self { relationship, earlier, later, is_first } = *self;
        each(Link::Tied { relationship, from: earlier, to: later, weight, is_first, after: AFTER });
        each(Link::Tied { relationship, from: later, to: earlier, weight: weight * BACKWARD, is_first, after: 0 });
    }

    /// Both ways alike.
    fn at_once(&self, weight: f32, after: u8, each: &mut impl FnMut(Link)) {
        let Self { relationship, earlier, later, is_first } = *self;
        each(Link::Tied { relationship, from: earlier, to: later, weight, is_first, after });
        each(Link::Tied { relationship, from: later, to: earlier, weight, is_first, after });
    }
}

/// What the step at `place` adds, given those before it and, for a purchase, the other lines of its order.
pub fn links_of(steps: &[Step], place: usize, each: &mut impl FnMut(Link)) {
    if steps[place].is_purchase() {
        bought_together(steps, place, each);
        if steps[place].is_first() {
            also_bought(steps, place, each);
            viewed_then_bought(steps, place, each);
        }
    } else {
        also_viewed(steps, place, each);
    }
}

/// What a whole log adds.
pub fn links(steps: &[Step], each: &mut impl FnMut(Step, Link)) {
    for (place, step) in steps.iter().enumerate() {
        links_of(steps, place, &mut |link| each(*step, link));
    }
}

#[inline]
fn root_of(distance: usize) -> f32 {
    (distance as f32).sqrt().recip()
}

#[inline]
fn is_first_look(step: &Step) -> bool {
    !step.is_purchase() && step.is_first()
}

fn also_viewed(steps: &[Step], place: usize, each: &mut impl FnMut(Link)) {
    let relationship = Relationship::AlsoViewed;
    let (later, is_first) = (steps[place].product(), steps[place].is_first());
    let former = if is_first { 0 } else { Interest::Looked as u8 };
    let gain = f32::from(steps[place].interest() as u8 - former);
    // What was done later with a product counts where it stood when it was seen first.
    let stood = if is_first { Some(place) } else { steps[..place].iter().position(|step| is_first_look(step) && step.product() == later) };
    if is_first {
        each(Link::Had { relationship, product: later, weight: 1.0 });
    }
    let before = steps[..stood.unwrap_or(0)].iter().rev().filter(|step| is_first_look(step));
    for (step, distance) in before.zip(1..=LOOKS_REACH) {
        Pair { relationship, earlier: step.product(), later, is_first }.in_order(gain * root_of(distance), each);
    }
}

fn viewed_then_bought(steps: &[Step], place: usize, each: &mut impl FnMut(Link)) {
    let bought = &steps[..order_of(steps, place).end];
    let is_bought = |product: Ordinal| bought.iter().any(|step| step.is_purchase() && step.product() == product);
    let looks = steps[..place].iter().rev().filter(|step| is_first_look(step)).take(PASSED_OVER_MAX);
    let passed_over = looks.map(|step| step.product()).filter(|product| !is_bought(*product));
    for (from, distance) in passed_over.zip(1..=LOOKS_REACH) {
        each(Link::Tied {
            relationship: Relationship::ViewedThenBought,
            from,
            to: steps[place].product(),
            weight: root_of(distance),
            is_first: true,
            after: AFTER,
        });
    }
}

fn also_bought(steps: &[Step], place: usize, each: &mut impl FnMut(Link)) {
    let relationship = Relationship::AlsoBought;
    let own = steps[place];
    each(Link::Had { relationship, product: own.product(), weight: 1.0 });
    let (mut order, mut orders_between) = (own.order(), 0);
    let before = steps[..place].iter().rev().filter(|step| step.is_purchase() && step.is_first());
    for step in before.take(PURCHASES_REACH) {
        let pair = Pair { relationship, earlier: step.product(), later: own.product(), is_first: true };
        if step.order() == 0 || step.order() != order {
            (order, orders_between) = (step.order(), orders_between + 1);
        }
        if orders_between == 0 {
            pair.at_once((1.0 + BACKWARD) / 2.0, AFTER / 2, each);
        } else {
            pair.in_order(root_of(orders_between), each);
        }
    }
}

fn bought_together(steps: &[Step], place: usize, each: &mut impl FnMut(Link)) {
    if steps[place].order() == 0 {
        return;
    }
    let relationship = Relationship::BoughtTogether;
    let order = order_of(steps, place);
    let others_count = order.len() - 1;
    let later = steps[place].product();
    each(Link::Had { relationship, product: later, weight: (others_count as f32).sqrt() });
    let former = former_orders(steps, order.start, steps[place]);
    for step in &steps[order.start..place] {
        let had_both = !step.is_first() && former.iter().any(|lines| lines.iter().any(|line| line.product() == step.product()));
        let pair = Pair { relationship, earlier: step.product(), later, is_first: true };
        pair.at_once(root_of(others_count), u8::from(!had_both), each);
    }
}

/// The orders before `end` that hold the product of a purchase; none of its first.
fn former_orders(steps: &[Step], end: usize, purchase: Step) -> Vec<&[Step]> {
    if purchase.is_first() {
        return Vec::new();
    }
    let holds = |step: &Step| step.order() != 0 && step.product() == purchase.product();
    let places = steps[..end].iter().enumerate().filter(|(_, step)| holds(step)).map(|(place, _)| place);
    places.map(|place| &steps[order_of(steps, place)]).collect()
}

/// The places of all lines of the order that the step at `place` is part of; of a purchase without an order its own.
fn order_of(steps: &[Step], place: usize) -> std::ops::Range<usize> {
    let order = steps[place].order();
    if order == 0 {
        return place..place + 1;
    }
    let before = steps[..place].iter().rev().take_while(|step| step.order() == order).count();
    let after = steps[place..].iter().take_while(|step| step.order() == order).count();
    place - before..place + after
}

#[cfg(test)]
mod tests {
    use super::super::steps::Steps;
    use super::*;
    use crate::stdx::clock::Timestamp;
    use Relationship::{AlsoBought, AlsoViewed, BoughtTogether, ViewedThenBought};

    fn ties(steps: &Steps, wanted: Relationship) -> Vec<(u32, u32, f32, u8)> {
        let mut found = Vec::new();
        links(steps.all(), &mut |_, link| match link {
            Link::Tied { relationship, from, to, weight, after, .. } if relationship == wanted => found.push((from.0, to.0, weight, after)),
            Link::Tied { .. } | Link::Had { .. } => {}
        });
        found
    }

    fn look(steps: &mut Steps, product: u32, interest: Interest) {
        steps.look(Ordinal(product), interest, Timestamp(0));
    }

    fn buy(steps: &mut Steps, products: &[u32], order: u32) {
        let products: Vec<Ordinal> = products.iter().copied().map(Ordinal).collect();
        steps.buy(&products, order, Timestamp(0));
    }

    #[test]
    fn looks_are_tied_in_order_and_a_cart_adds_to_what_stood_before_the_first_look() {
        let mut steps = Steps::default();
        [1, 2, 3].into_iter().for_each(|product| look(&mut steps, product, Interest::Looked));
        look(&mut steps, 2, Interest::Carted);
        let half = 0.5_f32.sqrt();
        let looked = [(1, 2, 1.0, 2), (2, 1, 0.3, 0), (2, 3, 1.0, 2), (3, 2, 0.3, 0), (1, 3, half, 2), (3, 1, half * 0.3, 0)];
        let carted = [(1, 2, 1.0, 2), (2, 1, 0.3, 0)];
        assert_eq!(ties(&steps, AlsoViewed), [&looked[..], &carted].concat());
    }

    #[test]
    fn a_purchase_is_tied_to_what_was_looked_at_and_not_bought() {
        let mut steps = Steps::default();
        [1, 2, 3, 4].into_iter().for_each(|product| look(&mut steps, product, Interest::Looked));
        buy(&mut steps, &[4, 2], 9);
        buy(&mut steps, &[3], 0);
        let half = 0.5_f32.sqrt();
        let expected = [(3, 4, 1.0, 2), (1, 4, half, 2), (3, 2, 1.0, 2), (1, 2, half, 2), (1, 3, 1.0, 2)];
        assert_eq!(ties(&steps, ViewedThenBought), expected, "4 and 2 are in one order, so neither was passed over");
    }

    #[test]
    fn purchases_are_tied_within_an_order_without_and_across_orders_with_direction() {
        let mut steps = Steps::default();
        buy(&mut steps, &[1, 2], 7);
        buy(&mut steps, &[3], 8);
        buy(&mut steps, &[1], 9);
        let across = [(2, 3, 1.0, 2), (3, 2, 0.3, 0), (1, 3, 1.0, 2), (3, 1, 0.3, 0)];
        assert_eq!(ties(&steps, AlsoBought), [&[(1, 2, 0.65, 1), (2, 1, 0.65, 1)][..], &across].concat(), "buying 1 again ties nothing");
        assert_eq!(ties(&steps, BoughtTogether), [(1, 2, 1.0, 1), (2, 1, 1.0, 1)]);
    }

    #[test]
    fn a_step_reaches_only_so_far() {
        let mut steps = Steps::default();
        (0..50).for_each(|product| look(&mut steps, product, Interest::Looked));
        (100..180).for_each(|product| buy(&mut steps, &[product], 0));
        let count = |place: usize, wanted: Relationship| {
            let mut count = 0;
            links_of(steps.all(), place, &mut |link| {
                count += usize::from(matches!(link, Link::Tied { relationship, .. } if relationship == wanted));
            });
            count
        };
        assert_eq!((count(49, AlsoViewed), count(129, AlsoBought), count(129, ViewedThenBought)), (20, 64, 10));
    }
}
