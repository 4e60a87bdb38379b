//! What is known of each product's being bought again: records of one size by product, changed in place while they are read.
//!
//! A record is twelve words: counter, orders, tries of each kind, hits, intervals in two, and one that is free.

use super::{Habit, KINDS};
use crate::id::Ordinal;
use crate::stdx::slab::{self, PAGE_WORDS, Pages, load_long, store_long};
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

const ORDERS: usize = 1;
const TRIES: usize = 2;
const HITS: usize = TRIES + KINDS;
const INTERVALS: usize = HITS + 1;
const RECORD_WORDS: usize = (INTERVALS + 2).next_multiple_of(4);
const PAGE_RECORDS: usize = PAGE_WORDS / RECORD_WORDS;

/// Habits by product. Clones are the same habits.
#[derive(Debug, Clone, Default)]
pub(super) struct Products {
    words: Pages,
    /// One beyond the largest product that anything was ever known of.
    end: u32,
}

fn start(product: Ordinal) -> u32 {
    let (page, within) = (product.index() / PAGE_RECORDS, product.index() % PAGE_RECORDS);
    (page * PAGE_WORDS + within * RECORD_WORDS) as u32
}

fn habit_in(record: &[AtomicU32]) -> Habit {
    Habit {
        orders: record[ORDERS].load(Relaxed),
        tries: std::array::from_fn(|kind| record[TRIES + kind].load(Relaxed)),
        hits: record[HITS].load(Relaxed),
        intervals: load_long(record, INTERVALS),
    }
}

impl Products {
    fn record(&self, product: Ordinal) -> Option<&[AtomicU32]> {
        self.words.from(start(product)).get(..RECORD_WORDS)
    }

    /// What is known of a product as of now.
    pub(super) fn at(&self, product: Ordinal) -> Habit {
        self.record(product).and_then(|record| slab::read(record, habit_in)).unwrap_or_default()
    }

    /// How many orders hold a product.
    pub(super) fn orders(&self, product: Ordinal) -> u32 {
        self.record(product).map_or(0, |record| record[ORDERS].load(Relaxed))
    }

    /// Changes what is known of a product; nothing where there is no memory for it.
    pub(super) fn change(&mut self, product: Ordinal, change: impl FnOnce(&mut Habit)) {
        let Some(record) = self.words.grown(start(product)).and_then(|_| self.record(product)) else { return };
        let mut habit = habit_in(record);
        change(&mut habit);
        slab::write(record, |record| {
            record[ORDERS].store(habit.orders, Relaxed);
            record[TRIES..HITS].iter().zip(habit.tries).for_each(|(word, tries)| word.store(tries, Relaxed));
            record[HITS].store(habit.hits, Relaxed);
            store_long(record, INTERVALS, habit.intervals);
        });
        self.end = self.end.max(product.0 + 1);
    }

    /// Every product of which something is known, ascending.
    pub(super) fn known(&self) -> impl Iterator<Item = (Ordinal, Habit)> {
        (0..self.end).map(|product| (Ordinal(product), self.at(Ordinal(product)))).filter(|(_, habit)| *habit != Habit::default())
    }
}
