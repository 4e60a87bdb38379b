//! Merging a guest's cart into a shopper's when the guest signs in. Whatever a policy does not buy is kept for later: nothing is lost.

use super::lines::LINES_MAX;
use crate::event::trade::{Line, RuleTarget};
use crate::id::LineId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What becomes of two carts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MergePolicy {
    /// Both are bought: lines of the same SKU become one, up to what the quantity rules allow.
    #[default]
    Sum,
    /// The guest's is bought; the shopper's is kept for later.
    UseGuest,
    /// The shopper's is bought; the guest's is kept for later.
    UseShopper,
    /// The guest's is bought if the shopper's is empty; otherwise the guest's is kept for later.
    UseGuestIfEmpty,
}

/// A part of the lines is longer than a cart can hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the two carts together have more than {LINES_MAX} lines")]
pub struct MergeError;

/// One cart's content: what will be bought, and what is kept for later.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// What will be bought.
    pub lines: &'a [Line],
    /// What is kept for later.
    pub saved: &'a [Line],
}

/// What becomes of both carts: the lines to be bought and those kept for later. Every unit of every line of either stands in one of them.
///
/// `cap` says how many units of a target, summed over all lines, the quantity rules allow of so many that are wanted; the rules are asked for
/// the SKU and for the product of a line.
///
/// # Errors
/// When a part would be longer than a cart can hold.
pub fn merge(
    policy: MergePolicy,
    guest: Parts<'_>,
    shopper: Parts<'_>,
    cap: impl Fn(&RuleTarget, i64) -> i64,
) -> Result<(Vec<Line>, Vec<Line>), MergeError> {
    let mut saved = Pile::of(shopper.saved);
    saved.add_all(guest.saved);
    let (bought, kept) = match policy {
        MergePolicy::Sum => (vec![shopper.lines, guest.lines], Vec::new()),
        MergePolicy::UseGuest => (vec![guest.lines], vec![shopper.lines]),
        MergePolicy::UseShopper => (vec![shopper.lines], vec![guest.lines]),
        MergePolicy::UseGuestIfEmpty if shopper.lines.is_empty() => (vec![guest.lines], Vec::new()),
        MergePolicy::UseGuestIfEmpty => (vec![shopper.lines], vec![guest.lines]),
    };
    let mut lines = Pile::default();
    bought.into_iter().for_each(|part| lines.add_all(part));
    kept.into_iter().for_each(|part| saved.add_all(part));
    if policy == MergePolicy::Sum {
        lines.cut(cap, &mut saved);
    }
    if lines.0.len() > LINES_MAX || saved.0.len() > LINES_MAX {
        return Err(MergeError);
    }
    Ok((lines.0, saved.0))
}

/// The line as it stands in a part of a cart after it was added there: more units of a line that is there, or one more line, whose name is
/// then one that is free there.
#[must_use]
pub fn added(part: &[Line], line: &Line) -> Line {
    let mut pile = Pile::of(part);
    let at = pile.add(line);
    pile.0.swap_remove(at)
}

/// Lines, of which no two are the same thing at the same price and no two have one name.
#[derive(Default)]
struct Pile(Vec<Line>);

impl Pile {
    fn of(lines: &[Line]) -> Self {
        Self(lines.to_vec())
    }

    /// The same thing, bundled the same way, at the same price is one line; at another price it is another line, so that no promise is lost.
    /// Answers its place.
    fn add(&mut self, line: &Line) -> usize {
        let is_same = |known: &Line| (&known.sku, known.unit_price, &known.components) == (&line.sku, line.unit_price, &line.components);
        if let Some(at) = self.0.iter().position(is_same) {
            self.0[at].quantity = self.0[at].quantity.saturating_add(line.quantity);
            return at;
        }
        let id = self.free_name(&line.id);
        self.0.push(Line { id, ..line.clone() });
        self.0.len() - 1
    }

    fn add_all(&mut self, lines: &[Line]) {
        for line in lines {
            self.add(line);
        }
    }

    /// The name, or the first one like it that is free.
    fn free_name(&self, wanted: &LineId) -> LineId {
        let taken: BTreeSet<&LineId> = self.0.iter().map(|line| &line.id).collect();
        let numbered = (2..).filter_map(|number: u32| LineId::new(&format!("line_m{number}")).ok());
        std::iter::once(wanted.clone()).chain(numbered).find(|id| !taken.contains(id)).unwrap_or_else(|| wanted.clone())
    }

    /// Takes off what is more than the rules allow, from the last line first, and adds it to `rest`.
    fn cut(&mut self, cap: impl Fn(&RuleTarget, i64) -> i64, rest: &mut Self) {
        let targets: BTreeSet<RuleTarget> =
            self.0.iter().flat_map(|line| [RuleTarget::Sku(line.sku.clone()), RuleTarget::Product(line.product)]).collect();
        // A cut for one target can break another that was whole, so it goes round until nothing is cut; every round takes units off.
        loop {
            let before = self.units();
            for target in &targets {
                let wanted = super::rules::units_of(target, &self.0);
                self.take_off(target, wanted.saturating_sub(cap(target, wanted)), rest);
            }
            self.0.retain(|line| line.quantity > 0);
            if before == self.units() {
                return;
            }
        }
    }

    fn units(&self) -> i64 {
        self.0.iter().fold(0, |sum: i64, line| sum.saturating_add(line.quantity))
    }

    fn take_off(&mut self, target: &RuleTarget, mut units: i64, rest: &mut Self) {
        for line in self.0.iter_mut().rev().filter(|line| super::rules::holds_for(target, line)) {
            let taken = units.min(line.quantity);
            if taken > 0 {
                rest.add(&Line { quantity: taken, ..line.clone() });
                line.quantity -= taken;
                units -= taken;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{Ordinal, Sku};
    use crate::money::{Currency, Money};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// `sku=units ...`, each a line of its own; the price is 5.00 unless it is said: `sku=units@price`.
    fn lines(text: &str) -> Vec<Line> {
        let line = |(place, row): (usize, &str)| {
            let (sku, rest) = row.split_once('=').expect("sku=units");
            let (units, price) = rest.split_once('@').unwrap_or((rest, "500"));
            Line {
                id: LineId::new(&format!("line_{place}")).expect("an id"),
                sku: Sku::new(sku).expect("an id"),
                product: Ordinal(0),
                title: String::new(),
                quantity: units.parse().expect("a number"),
                unit_price: Money::new(price.parse().expect("a number"), Currency::EUR),
                components: Vec::new(),
            }
        };
        text.split_whitespace().enumerate().map(line).collect()
    }

    fn text(lines: &[Line]) -> String {
        let rows: Vec<String> = lines.iter().map(|line| format!("{}={}", line.sku, line.quantity)).collect();
        rows.join(" ")
    }

    /// At most three units of `a`.
    fn cap(target: &RuleTarget, wanted: i64) -> i64 {
        match target {
            RuleTarget::Sku(sku) if sku.as_str() == "a" => wanted.min(3),
            RuleTarget::Sku(_) | RuleTarget::Product(_) => wanted,
        }
    }

    fn merged(policy: MergePolicy, guest: &str, shopper: &str) -> String {
        let (guest, shopper) = (lines(guest), lines(shopper));
        let parts = |lines| Parts { lines, saved: &[] };
        let (lines, saved) = merge(policy, parts(&guest), parts(&shopper), cap).expect("fits");
        format!("{} | {}", text(&lines), text(&saved))
    }

    #[test]
    fn each_policy_buys_what_it_says_and_keeps_the_rest() {
        let check = |policy, guest: &str, shopper: &str, expected: &str| assert_eq!(merged(policy, guest, shopper), expected, "{policy:?}");
        check(MergePolicy::Sum, "b=1 c=2", "b=2", "b=3 c=2 | ");
        check(MergePolicy::Sum, "a=2", "a=2", "a=3 | a=1");
        check(MergePolicy::Sum, "b=1@600", "b=1@500", "b=1 b=1 | ");
        check(MergePolicy::UseGuest, "b=1", "c=1 b=4", "b=1 | c=1 b=4");
        check(MergePolicy::UseShopper, "b=1", "c=1 b=4", "c=1 b=4 | b=1");
        check(MergePolicy::UseGuestIfEmpty, "b=1", "", "b=1 | ");
        check(MergePolicy::UseGuestIfEmpty, "b=1", "c=1", "c=1 | b=1");
    }

    fn units(lines: &[Line]) -> BTreeMap<(Sku, i64), i64> {
        lines.iter().fold(BTreeMap::new(), |mut sums, line| {
            *sums.entry((line.sku.clone(), line.unit_price.amount_minor)).or_default() += line.quantity;
            sums
        })
    }

    fn some_lines() -> impl Strategy<Value = Vec<Line>> {
        let rows = prop::collection::vec((0..4_usize, 1..6_i64, 0..2_i64), 0..6);
        rows.prop_map(|rows| {
            let rows: Vec<String> =
                rows.iter().map(|(sku, units, price)| format!("{}={units}@{}", ["a", "b", "c", "d"][*sku], 500 + price)).collect();
            lines(&rows.join(" "))
        })
    }

    proptest! {
        /// Seen elsewhere: signing in emptied a cart of 65 lines.
        #[test]
        fn no_unit_is_lost_and_no_price_changed_whatever_the_policy(
            guest in some_lines(), guest_saved in some_lines(), shopper in some_lines(), shopper_saved in some_lines(), policy in 0..4_usize
        ) {
            let policy = [MergePolicy::Sum, MergePolicy::UseGuest, MergePolicy::UseShopper, MergePolicy::UseGuestIfEmpty][policy];
            let all: Vec<Line> = [&guest, &guest_saved, &shopper, &shopper_saved].into_iter().flatten().cloned().collect();
            let (guest, shopper) = (Parts { lines: &guest, saved: &guest_saved }, Parts { lines: &shopper, saved: &shopper_saved });
            let (lines, saved) = merge(policy, guest, shopper, cap).expect("fits");
            let both: Vec<Line> = lines.iter().chain(&saved).cloned().collect();
            prop_assert_eq!(units(&both), units(&all));
            for part in [&lines, &saved] {
                let names: BTreeSet<&LineId> = part.iter().map(|line| &line.id).collect();
                prop_assert_eq!(names.len(), part.len());
                prop_assert!(part.iter().all(|line| line.quantity > 0));
            }
        }
    }
}
