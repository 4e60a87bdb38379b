//! Orders found by what they are: one set of order numbers for each value of each axis, and for each shopper and name.
//!
//! The sets are written where the axes are (one writer), so a list of all orders that wait for a refund costs what it shows, not what there is.
//! Names and shoppers are found by a few bits of their digests, which takes an eighth of the memory of the names themselves; whoever looks
//! compares with the order.

use super::placed::{Order, OrderPaymentStatus, OrderStatus};
use crate::fulfilment::FulfilmentStatus;
use crate::id::{NameDigest, ShopperId};
use crate::stdx::clock::Timestamp;
use crate::stdx::hints::Hints;
use crate::stdx::table::filling;
use imbl::{HashMap, OrdSet};
use serde::{Deserialize, Serialize};
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

impl Mark {
    /// Whether an order carries it.
    #[must_use]
    pub fn is_of(&self, order: &Order) -> bool {
        match self {
            Self::Status(status) => order.status == *status,
            Self::Payment(status) => order.payment_status == *status,
            Self::Fulfilment(status) => order.fulfilment_status == *status,
            Self::Shopper(shopper) => order.buyer.shopper.as_ref() == Some(shopper),
        }
    }

    fn axis(&self) -> Option<Axis> {
        match self {
            Self::Status(status) => Some(Axis::Status(*status)),
            Self::Payment(status) => Some(Axis::Payment(*status)),
            Self::Fulfilment(status) => Some(Axis::Fulfilment(*status)),
            Self::Shopper(_) => None,
        }
    }
}

/// One of the three axes of status, which an order moves along by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusAxis {
    /// What is still to be done.
    Order,
    /// How far the money is.
    Payment,
    /// How far the goods are.
    Fulfilment,
}

impl StatusAxis {
    /// Its statuses as marks, in the order in which lists sort by them.
    #[must_use]
    pub fn marks(self) -> Vec<Mark> {
        match self {
            Self::Order => OrderStatus::ALL.map(Mark::Status).to_vec(),
            Self::Payment => OrderPaymentStatus::ALL.map(Mark::Payment).to_vec(),
            Self::Fulfilment => FulfilmentStatus::ALL.map(Mark::Fulfilment).to_vec(),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Axis {
    Status(OrderStatus),
    Payment(OrderPaymentStatus),
    Fulfilment(FulfilmentStatus),
}

/// Everything that an order is found and sorted by, known without reading the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    status: OrderStatus,
    payment: OrderPaymentStatus,
    fulfilment: FulfilmentStatus,
    /// The shopper's digest; none when a guest bought.
    shopper: Option<u64>,
    /// Hints of its own name, of its session's, and of the key that is kept with it.
    id: u32,
    checkout: u32,
    key: Option<u32>,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
    /// What it comes to, in minor units.
    pub total_minor: i64,
}

impl Marks {
    /// What an order is found by; by its completion key only when that is kept with it.
    #[must_use]
    pub fn of(order: &Order, is_key_kept: bool) -> Self {
        let hint = |name: &str| NameDigest::of(name).hint();
        Self {
            status: order.status,
            payment: order.payment_status,
            fulfilment: order.fulfilment_status,
            shopper: order.buyer.shopper.as_ref().map(shopper_bits),
            id: hint(order.id.as_str()),
            checkout: hint(order.checkout.as_str()),
            key: order.completion_key.as_ref().filter(|_| is_key_kept).map(|key| hint(key.as_str())),
            placed_at: order.placed_at,
            updated_at: order.updated_at,
            total_minor: order.totals.total.amount_minor,
        }
    }

    /// Lets them follow an order that has changed: all but its names, buyer and time, which never do.
    pub fn follow(&mut self, order: &Order) {
        (self.status, self.payment, self.fulfilment) = (order.status, order.payment_status, order.fulfilment_status);
        (self.updated_at, self.total_minor) = (order.updated_at, order.totals.total.amount_minor);
    }

    /// Whether units of it may still leave: what has left, or is canceled, has none.
    #[must_use]
    pub fn has_goods_to_leave(&self) -> bool {
        use FulfilmentStatus as F;
        match self.fulfilment {
            F::Unfulfilled | F::Scheduled | F::Backordered | F::Partial => true,
            F::Fulfilled | F::Delivered | F::PartiallyReturned | F::Returned | F::Canceled => false,
        }
    }

    fn axes(&self) -> [Axis; 3] {
        [Axis::Status(self.status), Axis::Payment(self.payment), Axis::Fulfilment(self.fulfilment)]
    }
}

fn shopper_bits(shopper: &ShopperId) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = NameDigest::of(shopper.as_str()).0;
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

/// The sets. Clones are cheap snapshots.
#[derive(Clone, Default)]
pub struct OrderIndex {
    axes: HashMap<Axis, OrdSet<u32>>,
    shoppers: OrdSet<(u64, u32)>,
    ids: Hints,
    checkouts: Hints,
    keys: Hints,
}

impl OrderIndex {
    /// The index of orders 0, 1, 2 and so on, which are found by these.
    #[must_use]
    pub fn of(all: &[Marks]) -> Self {
        let numbered = || (0..).zip(all);
        let mut axes: std::collections::HashMap<Axis, Vec<u32>> = std::collections::HashMap::new();
        for (number, marks) in numbered() {
            marks.axes().into_iter().for_each(|axis| axes.entry(axis).or_default().push(number));
        }
        let mut shoppers: Vec<(u64, u32)> = numbered().filter_map(|(number, marks)| Some((marks.shopper?, number))).collect();
        shoppers.sort_unstable();
        Self {
            axes: axes.into_iter().map(|(axis, numbers)| (axis, filling(numbers).collect())).collect(),
            shoppers: filling(shoppers).collect(),
            ids: numbered().map(|(number, marks)| (marks.id, number)).collect(),
            checkouts: numbered().map(|(number, marks)| (marks.checkout, number)).collect(),
            keys: numbered().filter_map(|(number, marks)| Some((marks.key?, number))).collect(),
        }
    }

    /// Takes note of a new order.
    pub fn insert(&mut self, number: u32, marks: &Marks) {
        for axis in marks.axes() {
            self.axes.entry(axis).or_default().insert(number);
        }
        marks.shopper.map(|shopper| self.shoppers.insert((shopper, number)));
        self.ids.insert(marks.id, number);
        self.checkouts.insert(marks.checkout, number);
        if let Some(key) = marks.key {
            self.keys.insert(key, number);
        }
    }

    /// Takes note of what changed about order `number`.
    pub fn replace(&mut self, number: u32, before: &Marks, after: &Marks) {
        for (before, after) in before.axes().into_iter().zip(after.axes()) {
            if before == after {
                continue;
            }
            if let Some(set) = self.axes.get_mut(&before) {
                set.remove(&number);
                if set.is_empty() {
                    self.axes.remove(&before);
                }
            }
            self.axes.entry(after).or_default().insert(number);
        }
    }

    /// The numbers of the few orders that may have this name.
    pub fn with_id(&self, id: &str) -> impl Iterator<Item = u32> {
        self.ids.of(NameDigest::of(id).hint())
    }

    /// The numbers of the few orders that may be of the session of this name.
    pub fn with_checkout(&self, checkout: &str) -> impl Iterator<Item = u32> {
        self.checkouts.of(NameDigest::of(checkout).hint())
    }

    /// The numbers of the few orders that this completion key may be kept with.
    pub fn with_key(&self, key: &str) -> impl Iterator<Item = u32> {
        self.keys.of(NameDigest::of(key).hint())
    }

    /// The numbers in `range` of the orders that carry all of `marks`, of which there is at least one, in order. Of a shopper it may once in an
    /// age be one too many.
    pub fn all_of<'a>(&'a self, marks: &[Mark], range: Range<u32>) -> Box<dyn DoubleEndedIterator<Item = u32> + 'a> {
        let sets: Option<Vec<&OrdSet<u32>>> = marks.iter().filter_map(Mark::axis).map(|axis| self.axes.get(&axis)).collect();
        let Some(sets) = sets else { return Box::new(std::iter::empty()) };
        let shopper = marks.iter().find_map(|mark| match mark {
            Mark::Shopper(shopper) => Some(shopper_bits(shopper)),
            Mark::Status(_) | Mark::Payment(_) | Mark::Fulfilment(_) => None,
        });
        // Nobody buys as often as the rarest status stands there.
        let numbers: Box<dyn DoubleEndedIterator<Item = u32> + 'a> = match shopper {
            Some(shopper) => Box::new(self.shoppers.range((shopper, range.start)..(shopper, range.end)).map(|(_, number)| *number)),
            None => {
                let smallest = sets.iter().copied().min_by_key(|set| set.len());
                Box::new(smallest.into_iter().flat_map(move |set| set.range(range.clone()).copied()))
            }
        };
        Box::new(numbers.filter(move |number| sets.iter().all(|set| set.contains(number))))
    }

    /// Whether order `number` is found by its marks, and on no axis by another.
    #[must_use]
    pub fn agrees(&self, number: u32, marks: &Marks) -> bool {
        let on_axes = marks.axes().iter().all(|axis| self.axes.get(axis).is_some_and(|set| set.contains(&number)));
        on_axes
            && self.axes.values().filter(|set| set.contains(&number)).count() == marks.axes().len()
            && marks.shopper.is_none_or(|shopper| self.shoppers.contains(&(shopper, number)))
            && self.ids.has(marks.id, number)
            && self.checkouts.has(marks.checkout, number)
            && marks.key.is_none_or(|key| self.keys.has(key, number))
    }

    /// How many orders are found by their names, by their sessions, by their shoppers, and by the keys that are kept with them.
    #[must_use]
    pub fn counts(&self) -> [usize; 4] {
        [self.ids.len(), self.checkouts.len(), self.shoppers.len(), self.keys.len()]
    }
}
