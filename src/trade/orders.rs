//! All placed orders, by number: awake while they are worked on, asleep as their bytes afterwards, found by what they are either way.

use super::state::State;
use crate::event::codec::{CodecError, first_packed, from_packed_bytes};
use crate::event::dormant::{Dormant, LOOKED_AT_ONE_IN, Wakeful};
use crate::id::{CheckoutId, IdempotencyKey, OrderId};
use crate::order::{Mark, Marks, Order, OrderIndex};
use imbl::Vector;
use memchr::memmem::Finder;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// An order as it is kept.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Row {
    /// What it is found by. It stands first, to be read alone.
    marks: Marks,
    /// The digest of the request that the order's completion key came with, when that key led to it: it is kept as long as the order.
    pub(super) body_hash: Option<[u8; 32]>,
    pub(super) order: Arc<Order>,
}

/// The orders. Clones are cheap snapshots.
#[derive(Clone, Default)]
pub(super) struct Orders {
    rows: Vector<Dormant<Row>>,
    index: OrderIndex,
    wakeful: Wakeful<u32>,
}

impl Orders {
    /// Orders that sleep, each as its bytes, in the order in which they were placed.
    pub(super) fn asleep<'a, E: From<CodecError>>(rows: impl Iterator<Item = Result<&'a [u8], E>>) -> Result<Self, E> {
        let (mut orders, mut marks) = (Self::default(), Vec::new());
        for bytes in rows {
            let bytes = bytes?;
            if orders.rows.len().is_multiple_of(LOOKED_AT_ONE_IN) {
                from_packed_bytes::<Row>(bytes)?;
            }
            marks.push(first_packed::<Marks>(bytes)?);
            orders.rows.push_back(Dormant::Asleep(Arc::from(bytes)));
        }
        orders.index = OrderIndex::of(&marks);
        Ok(orders)
    }

    /// Lets no more than `awake_max` orders be awake.
    pub(super) fn limit(&mut self, awake_max: usize) {
        self.wakeful.limit(awake_max);
    }

    /// The same with every order awake, whatever the limit: for who reads each many times.
    pub(super) fn awake(&self) -> Self {
        Self { rows: self.rows.iter().map(Dormant::awake).collect(), index: self.index.clone(), wakeful: self.wakeful.clone() }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The order of a number.
    pub(super) fn numbered(&self, number: u64) -> Option<Arc<Order>> {
        Some(Arc::clone(&self.row(u32::try_from(number).ok()?)?.order))
    }

    /// The order of a name.
    pub(super) fn named(&self, id: &OrderId) -> Option<Arc<Order>> {
        self.found(self.index.with_id(id.as_str()), |order| order.id == *id).map(|(_, row)| Arc::clone(&row.order))
    }

    /// The order that a session became.
    pub(super) fn of_checkout(&self, id: &CheckoutId) -> Option<Arc<Order>> {
        self.found(self.index.with_checkout(id.as_str()), |order| order.checkout == *id).map(|(_, row)| Arc::clone(&row.order))
    }

    /// The order that a completion key is kept with.
    pub(super) fn of_key(&self, key: &IdempotencyKey) -> Option<Arc<Row>> {
        self.found(self.index.with_key(key.as_str()), |order| order.completion_key.as_ref() == Some(key)).map(|(_, row)| row)
    }

    /// What the order of a number is found by.
    pub(super) fn marks(&self, number: u32) -> Option<Marks> {
        self.rows.get(number as usize).map(|row| row.first(|row| row.marks))
    }

    /// The numbers in `range` of the orders that carry all of `marks`, of which there is at least one, in order; see [`OrderIndex::all_of`].
    pub(super) fn all_of<'a>(&'a self, marks: &[Mark], range: Range<u32>) -> Box<dyn DoubleEndedIterator<Item = u32> + 'a> {
        self.index.all_of(marks, range)
    }

    /// The last order before a number that has units to send or to come and names a SKU, or seems to.
    pub(super) fn last_naming(&self, sku: &str, before: u64) -> Option<Arc<Order>> {
        let text = Finder::new(sku);
        let end = usize::try_from(before).unwrap_or(usize::MAX).min(self.rows.len());
        let mut rows = (0..end).rev().filter_map(|number| self.rows.get(number));
        let found = rows.find(|row| row.may_hold(&text) && row.first(|row| row.marks).has_goods_to_leave())?;
        Some(Arc::clone(&found.get().order))
    }

    /// All of them, in the order in which they were placed. Each that sleeps is copied as it is reached.
    pub(super) fn iter(&self) -> impl Iterator<Item = Arc<Order>> {
        self.rows.iter().map(|row| Arc::clone(&row.get().order))
    }

    /// All of them as bytes, in the order in which they were placed.
    pub(super) fn bytes(&self) -> impl Iterator<Item = Arc<[u8]>> {
        self.rows.iter().map(Dormant::bytes)
    }

    /// Keeps a new order, at the end of the list.
    pub(super) fn push(&mut self, order: Order, body_hash: Option<[u8; 32]>) {
        let marks = Marks::of(&order, body_hash.is_some());
        let number = self.next();
        self.index.insert(number, &marks);
        self.rows.push_back(Dormant::Awake(Arc::new(Row { marks, body_hash, order: Arc::new(order) })));
        self.touch(number);
    }

    /// Changes the order of a name, and lets what it is found by follow; none when there is no such order.
    pub(super) fn change<R>(&mut self, id: &OrderId, change: impl FnOnce(&mut Order) -> R) -> Option<R> {
        let (number, row) = self.found(self.index.with_id(id.as_str()), |order| order.id == *id)?;
        let place = self.rows.get_mut(number as usize)?;
        *place = Dormant::Awake(row);
        let (before, after, result) = place.change(|row| {
            let before = row.marks;
            let result = change(Arc::make_mut(&mut row.order));
            row.marks.follow(&row.order);
            (before, row.marks, result)
        });
        self.index.replace(number, &before, &after);
        self.touch(number);
        Some(result)
    }

    /// Whether every order is found by what it is and by nothing else, and kept with the key that led to it.
    pub(super) fn is_indexed(&self) -> bool {
        let mut expected = [0; 4];
        let mut is_found = true;
        for (number, row) in (0..).zip(&self.rows) {
            let row = row.get();
            let marks = Marks::of(&row.order, row.body_hash.is_some());
            let is_kept = row.order.number == u64::from(number) && row.order.completion_key.is_some() == row.body_hash.is_some();
            is_found &= is_kept && row.marks == marks && self.index.agrees(number, &marks);
            let counted = [true, true, row.order.buyer.shopper.is_some(), row.body_hash.is_some()];
            expected.iter_mut().zip(counted).for_each(|(count, counts)| *count += usize::from(counts));
        }
        is_found && expected == self.index.counts()
    }

    fn next(&self) -> u32 {
        u32::try_from(self.rows.len()).unwrap_or_else(|_| panic!("a shop has fewer than four billion orders"))
    }

    fn row(&self, number: u32) -> Option<Arc<Row>> {
        self.rows.get(number as usize).map(Dormant::get)
    }

    fn found(&self, mut numbers: impl Iterator<Item = u32>, is_it: impl Fn(&Order) -> bool) -> Option<(u32, Arc<Row>)> {
        numbers.find_map(|number| self.row(number).filter(|row| is_it(&row.order)).map(|row| (number, row)))
    }

    fn touch(&mut self, number: u32) {
        if let Some(tired) = self.wakeful.touch(number)
            && let Some(row) = self.rows.get_mut(tired as usize)
        {
            row.sleep();
        }
    }
}

impl State {
    /// A placed order.
    #[must_use]
    pub fn order(&self, id: &OrderId) -> Option<Arc<Order>> {
        self.orders.named(id)
    }

    /// The order of a number.
    #[must_use]
    pub fn order_numbered(&self, number: u64) -> Option<Arc<Order>> {
        self.orders.numbered(number)
    }

    /// How many orders were ever placed.
    #[must_use]
    pub fn orders_count(&self) -> usize {
        self.orders.len()
    }

    /// Orders, newest first: the newest `limit` of those with a [`Order::number`] below `before`, or of all.
    #[must_use]
    pub fn orders(&self, before: Option<u64>, limit: usize) -> Vec<Arc<Order>> {
        let count = self.orders.len();
        let end = before.and_then(|number| usize::try_from(number).ok()).unwrap_or(count).min(count);
        (end.saturating_sub(limit)..end).rev().filter_map(|number| self.orders.numbered(number as u64)).collect()
    }
}
