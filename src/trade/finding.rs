//! Lists of orders and returns: filtered by what they are, sorted, a page at a time.

use super::state::State;
use crate::id::ReturnId;
use crate::order::{Mark, Marks, Order, Return, ReturnStatus, StatusAxis};
use crate::stdx::clock::Timestamp;
use std::ops::Range;
use std::sync::Arc;

/// Most orders that one page looks at: what a filter leaves has to be found among these, so that no list costs more than milliseconds.
pub const ORDERS_LOOKED_AT_MAX: usize = 100_000;

/// In which order orders are listed. Orders of one value stand newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OrderSort {
    /// The newest first.
    #[default]
    Newest,
    /// The oldest first.
    Oldest,
    /// Those that come to most first.
    DearestFirst,
    /// Those that come to least first.
    CheapestFirst,
    /// Those that changed last first.
    ChangedLast,
    /// By a status, in the order in which its values follow each other.
    By(StatusAxis),
}

/// Where an order stands in a list: what it is sorted by, and its number, as it counts there. Smaller stands first.
type Place = (i64, u64);

/// Which orders are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderQuery {
    /// Everything that they have to be.
    pub marks: Vec<Mark>,
    /// Placed at this time or later.
    pub placed_from: Option<Timestamp>,
    /// Placed before this time.
    pub placed_until: Option<Timestamp>,
    /// Coming to this many minor units or more.
    pub total_min: Option<i64>,
    /// Coming to this many minor units or less.
    pub total_max: Option<i64>,
    /// In which order.
    pub sort: OrderSort,
    /// The place of the last order of the page before.
    pub after: Option<Place>,
    /// How many.
    pub limit: usize,
}

/// A page of orders.
#[derive(Debug, Clone, Default)]
pub struct OrderPage {
    /// The orders.
    pub orders: Vec<Arc<Order>>,
    /// Where the next page begins; none after the last.
    pub next: Option<Place>,
    /// Whether there were more orders to look at than [`ORDERS_LOOKED_AT_MAX`], so that a sorted list may lack some.
    pub is_cut: bool,
}

impl OrderQuery {
    fn wants(&self, order: &Marks) -> bool {
        let total = order.total_minor;
        self.placed_from.is_none_or(|from| order.placed_at >= from)
            && self.placed_until.is_none_or(|until| order.placed_at < until)
            && self.total_min.is_none_or(|least| total >= least)
            && self.total_max.is_none_or(|most| total <= most)
    }

    /// The orders of which the page before showed none, by number: those from its end on in a list by number, all in any other.
    fn range(&self, count: u64) -> Range<u32> {
        let (from, until) = match (self.sort, self.after) {
            (OrderSort::Newest, Some((_, place))) => (0, number_of(place).min(count)),
            (OrderSort::Oldest, Some((_, place))) => (place.saturating_add(1).min(count), count),
            (OrderSort::Newest | OrderSort::Oldest, None)
            | (OrderSort::DearestFirst | OrderSort::CheapestFirst | OrderSort::ChangedLast | OrderSort::By(_), _) => (0, count),
        };
        // There are no more orders than these numbers can count.
        from as u32..until as u32
    }
}

/// Where an order of a number stands among orders of one value: the newest first.
fn newest(number: u32) -> u64 {
    u64::MAX - u64::from(number)
}

/// The number of the order at such a place.
fn number_of(place: u64) -> u64 {
    u64::MAX - place
}

impl State {
    /// A page of the orders that are wanted.
    #[must_use]
    pub fn find_orders(&self, query: &OrderQuery) -> OrderPage {
        let value: fn(&Marks) -> i64 = match query.sort {
            OrderSort::Newest => return self.first(query, self.numbers(query).rev().map(|number| ((0, newest(number)), number))),
            OrderSort::Oldest => return self.first(query, self.numbers(query).map(|number| ((0, number.into()), number))),
            OrderSort::By(axis) => return self.first(query, self.by_status(query, axis)),
            OrderSort::DearestFirst => |order| order.total_minor.saturating_neg(),
            OrderSort::CheapestFirst => |order| order.total_minor,
            OrderSort::ChangedLast => |order| order.updated_at.0.saturating_neg(),
        };
        self.sorted(query, value)
    }

    /// Of orders that come in the order of the list: nothing has to be sorted, and looking ends with the page.
    fn first(&self, query: &OrderQuery, mut candidates: impl Iterator<Item = (Place, u32)>) -> OrderPage {
        let mut page = OrderPage::default();
        for (place, number) in candidates.by_ref().take(ORDERS_LOOKED_AT_MAX) {
            let Some(marks) = self.orders.marks(number) else { continue };
            if query.after.is_some_and(|after| place <= after) {
                continue;
            }
            page.next = Some(place);
            if query.wants(&marks) {
                page.orders.extend(self.marked(number, query));
                if page.orders.len() == query.limit {
                    return page;
                }
            }
        }
        page.is_cut = candidates.next().is_some();
        page.next = page.next.filter(|_| page.is_cut);
        page
    }

    /// Of all orders that are wanted those with the smallest values.
    fn sorted(&self, query: &OrderQuery, value: fn(&Marks) -> i64) -> OrderPage {
        let mut numbers = self.numbers(query).rev();
        let candidates = numbers.by_ref().take(ORDERS_LOOKED_AT_MAX).filter_map(|number| Some((number, self.orders.marks(number)?)));
        let mut found: Vec<(Place, u32)> = candidates
            .filter(|(_, marks)| query.wants(marks))
            .map(|(number, marks)| ((value(&marks), newest(number)), number))
            .filter(|(place, _)| query.after.is_none_or(|after| *place > after))
            .collect();
        found.sort_unstable();
        let next = found.get(query.limit.wrapping_sub(1)).filter(|_| found.len() > query.limit).map(|(place, _)| *place);
        let orders = found.into_iter().take(query.limit).filter_map(|(_, number)| self.marked(number, query)).collect();
        OrderPage { orders, next, is_cut: numbers.next().is_some() }
    }

    /// Numbers of the orders that carry every mark, from where the page before ended.
    fn numbers<'a>(&'a self, query: &OrderQuery) -> Box<dyn DoubleEndedIterator<Item = u32> + 'a> {
        let range = query.range(self.orders.len() as u64);
        if query.marks.is_empty() { Box::new(range) } else { self.orders.all_of(&query.marks, range) }
    }

    /// Those orders, status by status, from where the page before ended: each status has a set of its own.
    fn by_status<'a>(&'a self, query: &'a OrderQuery, axis: StatusAxis) -> impl Iterator<Item = (Place, u32)> + 'a {
        let (from, shown) = query.after.unwrap_or_default();
        let statuses = (0_i64..).zip(axis.marks()).filter(move |(rank, _)| *rank >= from);
        statuses.flat_map(move |(rank, mark)| {
            let marks: Vec<Mark> = query.marks.iter().cloned().chain([mark]).collect();
            let until = if rank == from && query.after.is_some() { number_of(shown) } else { u64::MAX };
            let range = 0..until.min(self.orders.len() as u64) as u32;
            self.orders.all_of(&marks, range).rev().map(move |number| ((rank, newest(number)), number))
        })
    }

    /// The order of a number, if it is one that carries every mark.
    fn marked(&self, number: u32, query: &OrderQuery) -> Option<Arc<Order>> {
        self.order_numbered(number.into()).filter(|order| query.marks.iter().all(|mark| mark.is_of(order)))
    }

    /// Returns in falling order of name, which is that of time when the shop names them: those before a name, of one status or of any.
    #[must_use]
    pub fn returns(&self, before: Option<&ReturnId>, status: Option<ReturnStatus>, limit: usize) -> Vec<Arc<Return>> {
        let returns = &self.after_sale.returns;
        let all: Box<dyn Iterator<Item = &Arc<Return>>> = match before {
            Some(before) => Box::new(returns.range(..before.clone()).rev().map(|(_, back)| back)),
            None => Box::new(returns.values().rev()),
        };
        let wanted = all.take(ORDERS_LOOKED_AT_MAX).filter(|back| status.is_none_or(|status| back.status == status));
        wanted.take(limit).cloned().collect()
    }
}
