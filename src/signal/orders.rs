//! When recent orders were placed, by name: so that a canceled order can be taken back with the weight it was counted with, and an order
//! that is imported twice is counted once.
//!
//! Bounded: the oldest are forgotten first. Names are kept as 64 bits of their digest; two orders of one shop collide with a probability of
//! about one in 10^9 at the default bound.

use crate::stdx::clock::Timestamp;
use crate::stdx::digest::{blake3, short};
use crate::stdx::words::{WordReader, WordWriter};
use std::collections::{HashMap, VecDeque};

/// What is known of an order whose cancellation is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// It was placed then, and is now marked as canceled.
    At(Timestamp),
    /// It was canceled before.
    CanceledBefore,
    /// It was never seen or is forgotten.
    Unknown,
}

/// The newest orders.
#[derive(Debug, Clone)]
pub struct OrderMemory {
    orders_max: usize,
    placed: HashMap<u64, (Timestamp, bool)>,
    oldest_first: VecDeque<u64>,
}

impl OrderMemory {
    /// Remembers at most `orders_max` orders, and at least one.
    #[must_use]
    pub fn new(orders_max: usize) -> Self {
        Self { orders_max: orders_max.max(1), placed: HashMap::new(), oldest_first: VecDeque::new() }
    }

    /// Remembers an order; false when it is already known, so that it must not be counted again.
    pub fn remember(&mut self, order: &str, at: Timestamp) -> bool {
        let key = key_of(order);
        if self.placed.contains_key(&key) {
            return false;
        }
        self.insert(key, at, false);
        true
    }

    /// Marks an order as canceled.
    pub fn cancel(&mut self, order: &str) -> Placed {
        match self.placed.get_mut(&key_of(order)) {
            None => Placed::Unknown,
            Some((_, true)) => Placed::CanceledBefore,
            Some((at, canceled)) => {
                *canceled = true;
                Placed::At(*at)
            }
        }
    }

    fn insert(&mut self, key: u64, at: Timestamp, canceled: bool) {
        if self.oldest_first.len() >= self.orders_max
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.placed.remove(&oldest);
        }
        self.placed.insert(key, (at, canceled));
        self.oldest_first.push_back(key);
    }

    /// Appends everything: three words an order, oldest first.
    pub fn write(&self, out: &mut WordWriter) {
        for key in &self.oldest_first {
            let (at, canceled) = self.placed.get(key).copied().unwrap_or_default();
            out.unsigned(*key);
            out.time(at);
            out.unsigned(u64::from(canceled));
        }
    }

    /// Reads what [`OrderMemory::write`] wrote, up to the end of `words`.
    #[must_use]
    pub fn read(words: &[u64], orders_max: usize) -> Option<Self> {
        let mut memory = Self::new(orders_max);
        let mut reader = WordReader::new(words);
        while reader.left() > 0 {
            let (key, at, canceled) = (reader.unsigned()?, reader.time()?, reader.unsigned()? != 0);
            memory.insert(key, at, canceled);
        }
        Some(memory)
    }
}

fn key_of(order: &str) -> u64 {
    short(&blake3(&[order.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_canceled_once_and_at_its_own_time() {
        let mut memory = OrderMemory::new(10);
        assert!(memory.remember("a", Timestamp(5)) && !memory.remember("a", Timestamp(6)));
        assert_eq!(memory.cancel("a"), Placed::At(Timestamp(5)));
        assert_eq!((memory.cancel("a"), memory.cancel("b")), (Placed::CanceledBefore, Placed::Unknown));
    }

    #[test]
    fn the_oldest_is_forgotten_first_and_memory_survives_saving() {
        let mut memory = OrderMemory::new(2);
        for (time, order) in ["a", "b", "c"].into_iter().enumerate() {
            memory.remember(order, Timestamp(time as i64));
        }
        let mut words = WordWriter::default();
        memory.write(&mut words);
        let mut loaded = OrderMemory::read(words.words(), 2).expect("reads");
        assert_eq!((loaded.cancel("a"), loaded.cancel("c")), (Placed::Unknown, Placed::At(Timestamp(2))));
    }
}
