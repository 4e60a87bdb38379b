//! Lists of orders and returns: filtered by what they are, sorted, a page at a time.

use super::state::State;
use crate::id::ReturnId;
use crate::order::{Mark, Marks, Order, Return, ReturnStatus};
use crate::stdx::clock::Timestamp;
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
}

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
    /// The last order of the page before: its value by which is sorted, and its number.
    pub after: Option<(i64, u64)>,
    /// How many.
    pub limit: usize,
}

/// A page of orders.
#[derive(Debug, Clone, Default)]
pub struct OrderPage {
    /// The orders.
    pub orders: Vec<Arc<Order>>,
    /// Where the next page begins; none after the last.
    pub next: Option<(i64, u64)>,
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

    /// What an order is sorted by: smaller stands first.
    fn key(&self, number: u32, order: &Marks) -> (i64, u64) {
        let number = u64::from(number);
        let newest = u64::MAX - number;
        match self.sort {
            OrderSort::Newest => (0, newest),
            OrderSort::Oldest => (0, number),
            OrderSort::DearestFirst => (order.total_minor.saturating_neg(), newest),
            OrderSort::CheapestFirst => (order.total_minor, newest),
            OrderSort::ChangedLast => (order.updated_at.0.saturating_neg(), newest),
        }
    }
}

impl State {
    /// A page of the orders that are wanted.
    #[must_use]
    pub fn find_orders(&self, query: &OrderQuery) -> OrderPage {
        match query.sort {
            OrderSort::Newest | OrderSort::Oldest => self.by_number(query),
            OrderSort::DearestFirst | OrderSort::CheapestFirst | OrderSort::ChangedLast => self.by_value(query),
        }
    }

    /// In order of number nothing has to be sorted: looking ends with the page.
    fn by_number(&self, query: &OrderQuery) -> OrderPage {
        let mut page = OrderPage::default();
        let mut numbers = self.candidates(query);
        for number in numbers.by_ref().take(ORDERS_LOOKED_AT_MAX) {
            let Some(marks) = self.orders.marks(number) else { continue };
            let key = query.key(number, &marks);
            if query.after.is_some_and(|after| key <= after) {
                continue;
            }
            page.next = Some(key);
            if query.wants(&marks) {
                page.orders.extend(self.marked(number, query));
                if page.orders.len() == query.limit {
                    return page;
                }
            }
        }
        page.is_cut = numbers.next().is_some();
        page.next = page.next.filter(|_| page.is_cut);
        page
    }

    fn by_value(&self, query: &OrderQuery) -> OrderPage {
        let mut numbers = self.candidates(query);
        let candidates = numbers.by_ref().take(ORDERS_LOOKED_AT_MAX).filter_map(|number| Some((number, self.orders.marks(number)?)));
        let mut found: Vec<((i64, u64), u32)> = candidates
            .filter(|(_, marks)| query.wants(marks))
            .map(|(number, marks)| (query.key(number, &marks), number))
            .filter(|(key, _)| query.after.is_none_or(|after| *key > after))
            .collect();
        found.sort_unstable();
        let next = found.get(query.limit.wrapping_sub(1)).filter(|_| found.len() > query.limit).map(|(key, _)| *key);
        let orders = found.into_iter().take(query.limit).filter_map(|(_, number)| self.marked(number, query)).collect();
        OrderPage { orders, next, is_cut: numbers.next().is_some() }
    }

    /// Numbers of the orders that carry every mark, in the direction of the list, from where the page before ended.
    fn candidates<'a>(&'a self, query: &'a OrderQuery) -> Box<dyn Iterator<Item = u32> + 'a> {
        let is_forward = query.sort == OrderSort::Oldest;
        let by_number = matches!(query.sort, OrderSort::Newest | OrderSort::Oldest);
        let count = self.orders.len() as u64;
        let (from, until) = match query.after.filter(|_| by_number) {
            Some((_, key)) if is_forward => (key.saturating_add(1).min(count), count),
            Some((_, key)) => (0, (u64::MAX - key).min(count)),
            None => (0, count),
        };
        // There are no more orders than these numbers can count.
        let range = from as u32..until as u32;
        match (query.marks.is_empty(), is_forward) {
            (true, true) => Box::new(range),
            (true, false) => Box::new(range.rev()),
            (false, true) => self.orders.all_of(&query.marks, range),
            (false, false) => Box::new(self.orders.all_of(&query.marks, range).rev()),
        }
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
