//! The four live tables and what they stand beside: for each an exact base that was counted from all logs at some moment, or none yet, and
//! everything that was put in and taken out since.
//!
//! A rebuild counts a new base from a copy of the logs. While it runs, every change goes into a second set of tables as well, which begins
//! empty at the very moment of the copy; so when the base is there, base and second set together are what the logs say now, and they take the
//! place of the old pair at once.

use super::Options;
use super::again::Habits;
use super::ahead::Nearness;
use super::base::{Base, Beside};
use super::links::Link;
use super::relation::{Relation, RelationReader};
use super::relationship::Relationship;
use super::rings::RingKey;
use super::row::Share;
use super::steps::Step;
use super::visits::Visits;
use crate::id::Ordinal;
use crate::stdx::clock::Timestamp;
use std::sync::Arc;

/// What logs add to.
pub(super) trait Tables {
    /// Puts what a step adds in, or with a `sign` of -1 takes it out.
    fn count(&mut self, step: Step, link: Link, sign: i32);

    /// The product's row will be needed soon: asks for where it is.
    fn expect(&self, relationship: Relationship, product: Ordinal);

    /// Where the product's row is.
    fn row_of(&self, relationship: Relationship, product: Ordinal) -> u32;

    /// The row there will be needed soon.
    fn expect_row(&self, relationship: Relationship, row: u32, nearness: Nearness);

    /// [`Tables::turned_to`] will be called soon, the sooner the later the stage.
    fn expect_turn(&self, product: Ordinal, keys: [Option<RingKey>; 2], stage: usize);

    /// Somebody turned to a product: the shopper, if known, in the visit, if known.
    fn turned_to(&mut self, product: Ordinal, keys: [Option<RingKey>; 2], at: Timestamp);

    /// Somebody with this log buys these products.
    fn buys(&mut self, before: &[Step], products: &[Ordinal], at: Timestamp);

    /// What a whole log says of buying again is put in, or with a `sign` of -1 taken out.
    fn recount(&mut self, log: &[Step], sign: i32);

    /// A shopper is forgotten.
    fn forgets(&mut self, shopper: RingKey);
}

/// The writer's side.
pub(super) struct LiveTables {
    /// At the number of each [`Relationship`].
    pub(super) relations: [Relation; 4],
    /// What was counted since the rebuild that is going on began.
    next: Option<Box<[Relation; 4]>>,
    /// What people looked at one after the other.
    pub(super) visits: Visits,
    /// What they buy again.
    pub(super) habits: Habits,
}

fn empty(options: &Options, beside: &Beside) -> [Relation; 4] {
    Relationship::ALL.map(|relationship| Relation::new(options.half_life_ms(relationship), beside.clone()))
}

impl LiveTables {
    pub(super) fn new(options: &Options) -> Self {
        Self { relations: empty(options, &Beside::Nothing), next: None, visits: Visits::new(options.visits_max), habits: Habits::new() }
    }

    pub(super) fn readers(&self) -> [RelationReader; 4] {
        Relationship::ALL.map(|relationship| self.relations[relationship as usize].reader())
    }

    /// Puts a base beside the tables that hold what came since it was counted.
    pub(super) fn restore_base(&mut self, base: Base) {
        for (relation, base) in self.relations.iter_mut().zip(base.0) {
            relation.beside = Beside::Base(base);
        }
    }

    /// The base that the tables stand beside.
    pub(super) fn base(&self) -> Option<Base> {
        let [viewed, then_bought, bought, together] = self.relations.each_ref().map(|relation| relation.beside.base().map(Arc::clone));
        Some(Base([viewed?, then_bought?, bought?, together?]))
    }

    pub(super) fn begin(&mut self, options: &Options) {
        self.next = Some(Box::new(empty(options, &Beside::Coming)));
    }

    pub(super) fn swap(&mut self, base: Base) -> bool {
        let fits = Relationship::ALL
            .iter()
            .all(|relationship| base.relation(*relationship).half_life_ms == self.relations[*relationship as usize].half_life_ms);
        match self.next.take().filter(|_| fits) {
            None => false,
            Some(next) => {
                self.relations = *next;
                self.restore_base(base);
                true
            }
        }
    }
}

impl Tables for LiveTables {
    #[inline]
    fn count(&mut self, step: Step, link: Link, sign: i32) {
        count(&mut self.relations, step, link, sign);
        if let Some(next) = &mut self.next {
            count(next, step, link, sign);
        }
    }

    #[inline]
    fn expect(&self, relationship: Relationship, product: Ordinal) {
        self.relations[relationship as usize].rows.expect_place(product);
    }

    #[inline]
    fn row_of(&self, relationship: Relationship, product: Ordinal) -> u32 {
        self.relations[relationship as usize].rows.place_of(product)
    }

    #[inline]
    fn expect_row(&self, relationship: Relationship, row: u32, nearness: Nearness) {
        self.relations[relationship as usize].rows.expect(row, nearness);
    }

    #[inline]
    fn expect_turn(&self, product: Ordinal, keys: [Option<RingKey>; 2], stage: usize) {
        self.visits.expect(product, keys, stage);
    }

    fn turned_to(&mut self, product: Ordinal, keys: [Option<RingKey>; 2], at: Timestamp) {
        self.visits.step(product, keys, at);
    }

    fn buys(&mut self, before: &[Step], products: &[Ordinal], at: Timestamp) {
        self.habits.count(before, products, at, 1);
    }

    fn recount(&mut self, log: &[Step], sign: i32) {
        self.habits.count_all(log, sign);
    }

    fn forgets(&mut self, shopper: RingKey) {
        self.visits.erase(shopper);
    }
}

#[inline]
fn count(relations: &mut [Relation; 4], step: Step, link: Link, sign: i32) {
    match link {
        Link::Had { relationship, product, weight } => relations[relationship as usize].occur(product, weight, sign, step.at()),
        Link::Tied { relationship, from, to, weight, is_first, after } => {
            let first = i32::from(is_first) * sign;
            let share = Share { weight: weight * sign as f32, support: first, after: first * i32::from(after) };
            relations[relationship as usize].link(from, to, share, step.at());
        }
    }
}
