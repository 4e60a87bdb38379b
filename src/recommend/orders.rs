//! Whose recent orders were, by name: so that an order that is told twice is counted once, and a canceled one can be taken back.
//!
//! Bounded: the oldest are forgotten first. Names are kept as 64 bits of their digest; two orders of one shop collide with a probability of
//! about one in 10^9 at the default bound.

use super::rings::RingKey;
use crate::stdx::words::{WordReader, WordWriter};
use std::collections::{HashMap, HashSet, VecDeque};

/// All orders are gone through for so many of those who are forgotten together.
const FORGOTTEN_TOGETHER: usize = 256;

/// The newest orders.
#[derive(Debug, Clone)]
pub(super) struct OrderBook {
    orders_max: usize,
    /// By whom; none when it was canceled, or its buyer was erased.
    buyers: HashMap<RingKey, Option<RingKey>>,
    oldest_first: VecDeque<RingKey>,
    /// Buyers who were forgotten since all orders were last gone through for it.
    forgotten: HashSet<RingKey>,
}

/// The mark that all lines of an order share, never 0.
fn mark_of(order: RingKey) -> u32 {
    (order.0 >> 32) as u32 | 1
}

impl OrderBook {
    /// Remembers at most `orders_max` orders, and at least one.
    pub(super) fn new(orders_max: usize) -> Self {
        Self { orders_max: orders_max.max(1), buyers: HashMap::new(), oldest_first: VecDeque::new(), forgotten: HashSet::new() }
    }

    /// Remembers an order and gives its mark; none when it is known already, so that it must not be counted again.
    pub(super) fn remember(&mut self, order: &str, buyer: RingKey) -> Option<u32> {
        let key = RingKey::of_order(order);
        if self.buyers.contains_key(&key) {
            return None;
        }
        if self.forgotten.contains(&buyer) {
            self.forget_now();
        }
        self.insert(key, Some(buyer));
        Some(mark_of(key))
    }

    /// Notes that an order is canceled; whose it was, and its mark. None when it is canceled already, unknown, or forgotten.
    pub(super) fn cancel(&mut self, order: &str) -> Option<(RingKey, u32)> {
        let key = RingKey::of_order(order);
        let buyer = self.known(key)?;
        self.buyers.insert(key, None);
        Some((buyer, mark_of(key)))
    }

    /// Whose an order is, and its mark. None when it is canceled, unknown, or forgotten.
    pub(super) fn buyer(&self, order: &str) -> Option<(RingKey, u32)> {
        let key = RingKey::of_order(order);
        Some((self.known(key)?, mark_of(key)))
    }

    /// Forgets whose orders those of these buyers were. That they were told stays known.
    pub(super) fn forget(&mut self, buyers: impl IntoIterator<Item = RingKey>) {
        self.forgotten.extend(buyers);
        if self.forgotten.len() >= FORGOTTEN_TOGETHER {
            self.forget_now();
        }
    }

    fn forget_now(&mut self) {
        let forgotten = std::mem::take(&mut self.forgotten);
        self.buyers.values_mut().filter(|held| held.is_some_and(|buyer| forgotten.contains(&buyer))).for_each(|held| *held = None);
    }

    /// Whose an order is, unless nobody may know.
    fn known(&self, order: RingKey) -> Option<RingKey> {
        self.buyers.get(&order).copied().flatten().filter(|buyer| !self.forgotten.contains(buyer))
    }

    fn insert(&mut self, order: RingKey, buyer: Option<RingKey>) {
        if self.oldest_first.len() >= self.orders_max
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.buyers.remove(&oldest);
        }
        self.buyers.insert(order, buyer);
        self.oldest_first.push_back(order);
    }

    /// Appends everything: three words an order, oldest first.
    pub(super) fn write(&self, out: &mut WordWriter) {
        for order in &self.oldest_first {
            let buyer = self.known(*order);
            out.unsigned(order.0);
            out.unsigned(u64::from(buyer.is_some()));
            out.unsigned(buyer.map_or(0, |buyer| buyer.0));
        }
    }

    /// Reads what [`OrderBook::write`] wrote, up to the end of `words`.
    pub(super) fn read(words: &[u64], orders_max: usize) -> Option<Self> {
        let mut book = Self::new(orders_max);
        let mut reader = WordReader::new(words);
        while reader.left() > 0 {
            let (order, is_known, buyer) = (RingKey(reader.unsigned()?), reader.unsigned()? != 0, RingKey(reader.unsigned()?));
            book.insert(order, is_known.then_some(buyer));
        }
        Some(book)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_counted_once_and_canceled_once() {
        let mut book = OrderBook::new(10);
        let mark = book.remember("a", RingKey(5)).expect("is unknown");
        assert_eq!(book.remember("a", RingKey(6)), None);
        assert_eq!([book.buyer("a"), book.buyer("b")], [Some((RingKey(5), mark)), None]);
        assert_eq!([book.cancel("a"), book.cancel("a"), book.cancel("b")], [Some((RingKey(5), mark)), None, None]);
        assert_eq!(book.buyer("a"), None);
        assert_eq!(book.remember("a", RingKey(5)), None, "a canceled order stays known");
        book.remember("c", RingKey(7));
        book.remember("d", RingKey(8));
        book.forget([RingKey(7), RingKey(9)]);
        assert_eq!((book.buyer("c"), book.buyer("d").map(|(buyer, _)| buyer)), (None, Some(RingKey(8))));
        assert_eq!(book.remember("c", RingKey(7)), None, "an order of somebody who was erased stays known");
        book.remember("e", RingKey(7)).expect("they may come again");
        assert_eq!((book.buyer("c"), book.buyer("e").map(|(buyer, _)| buyer)), (None, Some(RingKey(7))));
        book.forget((100..1_000).map(RingKey).chain([RingKey(8)]));
        assert_eq!((book.buyer("d"), book.cancel("d"), book.forgotten.len()), (None, None, 0));
    }

    #[test]
    fn the_oldest_is_forgotten_first_and_the_book_survives_saving() {
        let mut book = OrderBook::new(2);
        for (buyer, order) in ["a", "b", "c"].into_iter().enumerate() {
            book.remember(order, RingKey(buyer as u64));
        }
        let mut words = WordWriter::default();
        book.write(&mut words);
        let mut loaded = OrderBook::read(words.words(), 2).expect("reads");
        assert_eq!((loaded.cancel("a"), loaded.cancel("c").map(|(buyer, _)| buyer)), (None, Some(RingKey(2))));
    }
}
