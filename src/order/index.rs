//! Orders found by what they are: one set of order numbers for each value of each axis and for each shopper.
//!
//! The sets are written where the axes are (one writer), so a list of all orders that wait for a refund costs what it shows, not what there is.

use super::placed::{Order, OrderPaymentStatus, OrderStatus};
use crate::fulfilment::FulfilmentStatus;
use crate::id::ShopperId;
use imbl::{HashMap, OrdSet};
use std::ops::Range;

/// Something that orders are looked for by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Mark {
    /// What is still to be done.
    Status(OrderStatus),
    /// How far the money is.
    Payment(OrderPaymentStatus),
    /// How far the goods are.
    Fulfilment(FulfilmentStatus),
    /// Who bought.
    Shopper(ShopperId),
}

/// What an order is found by, axis by axis; the last is missing when a guest bought.
pub type Marks = [Option<Mark>; 4];

/// The sets. Clones are cheap snapshots.
#[derive(Clone, Default)]
pub struct OrderIndex {
    sets: HashMap<Mark, OrdSet<u64>>,
}

impl Order {
    /// Everything that it is found by.
    #[must_use]
    pub fn marks(&self) -> Marks {
        [
            Some(Mark::Status(self.status)),
            Some(Mark::Payment(self.payment_status)),
            Some(Mark::Fulfilment(self.fulfilment_status)),
            self.buyer.shopper.clone().map(Mark::Shopper),
        ]
    }
}

impl OrderIndex {
    /// Takes note of a new order.
    pub fn insert(&mut self, order: &Order) {
        for mark in order.marks().into_iter().flatten() {
            self.sets.entry(mark).or_default().insert(order.number);
        }
    }

    /// Takes note of what changed about order `number`.
    pub fn replace(&mut self, number: u64, before: Marks, after: Marks) {
        for (before_mark, after_mark) in before.into_iter().zip(after) {
            if before_mark == after_mark {
                continue;
            }
            if let Some(mark) = before_mark
                && let Some(set) = self.sets.get_mut(&mark)
            {
                set.remove(&number);
                if set.is_empty() {
                    self.sets.remove(&mark);
                }
            }
            if let Some(mark) = after_mark {
                self.sets.entry(mark).or_default().insert(number);
            }
        }
    }

    /// The numbers in `range` of the orders that carry all of `marks`, of which there is at least one, in order.
    pub fn all_of<'a>(&'a self, marks: &'a [Mark], range: Range<u64>) -> impl DoubleEndedIterator<Item = u64> + 'a {
        let sets: Option<Vec<&OrdSet<u64>>> = marks.iter().map(|mark| self.sets.get(mark)).collect();
        let sets = sets.unwrap_or_default();
        let smallest = sets.iter().copied().min_by_key(|set| set.len());
        let numbers = smallest.into_iter().flat_map(move |set| set.range(range.clone()).copied());
        numbers.filter(move |number| sets.iter().all(|set| set.contains(number)))
    }

    /// Whether `order` is found by what it is, and by nothing else.
    #[must_use]
    pub fn agrees(&self, order: &Order) -> bool {
        let marks = order.marks();
        let own = marks.iter().flatten().all(|mark| self.sets.get(mark).is_some_and(|set| set.contains(&order.number)));
        let count = self.sets.values().filter(|set| set.contains(&order.number)).count();
        own && count == marks.iter().flatten().count()
    }
}
