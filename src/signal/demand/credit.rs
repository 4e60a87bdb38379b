//! What recent orders gave to queries, so that a canceled order can take it back.

use crate::id::Ordinal;
use crate::stdx::clock::Timestamp;
use crate::stdx::table::Table;
use crate::stdx::words::{WordReader, WordWriter};
use std::collections::VecDeque;
use std::sync::Arc;

/// What one line of an order gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Credit {
    /// Key of the query.
    pub(super) query: u64,
    pub(super) product: Ordinal,
    /// Whether the order itself was counted for the query with this line.
    pub(super) counts_order: bool,
    /// None of a purchase that an event told of before.
    pub(super) units: f64,
    pub(super) revenue_minor: f64,
}

/// One order's credits and when they were given.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Credited {
    pub(super) at: Timestamp,
    pub(super) credits: Vec<Credit>,
}

/// The newest orders that gave anything; the oldest are forgotten first.
#[derive(Clone)]
pub(super) struct Credits {
    orders: Table<u64, Arc<Credited>>,
    oldest_first: VecDeque<u64>,
    orders_max: usize,
}

impl Credits {
    pub(super) fn new(orders_max: usize) -> Self {
        Self { orders: Table::new(), oldest_first: VecDeque::new(), orders_max: orders_max.max(1) }
    }

    /// Whether that order was counted before.
    pub(super) fn knows(&self, order: u64) -> bool {
        self.orders.contains(&order)
    }

    pub(super) fn remember(&mut self, order: u64, credited: Credited) {
        if self.oldest_first.len() >= self.orders_max
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.orders.remove(&oldest);
        }
        self.orders.insert(order, Arc::new(credited));
        self.oldest_first.push_back(order);
    }

    /// What a canceled order gave: asked once, given once. The order stays known.
    pub(super) fn take_back(&mut self, order: u64) -> Option<Arc<Credited>> {
        let credited = Arc::clone(self.orders.get(&order)?);
        self.orders.insert(order, Arc::new(Credited { at: credited.at, credits: Vec::new() }));
        Some(credited)
    }

    /// Appends everything, oldest first: name, moment, number of credits, and five words for each.
    pub(super) fn write(&self, out: &mut WordWriter) {
        for (order, credited) in self.oldest_first.iter().filter_map(|order| Some((*order, self.orders.get(order)?))) {
            out.unsigned(order);
            out.time(credited.at);
            out.unsigned(credited.credits.len() as u64);
            for credit in &credited.credits {
                out.unsigned(credit.query);
                out.unsigned(u64::from(credit.product.0));
                out.unsigned(u64::from(credit.counts_order));
                out.float(credit.units);
                out.float(credit.revenue_minor);
            }
        }
    }

    /// Reads what [`Credits::write`] wrote, up to the end of `words`.
    pub(super) fn read(words: &[u64], orders_max: usize) -> Option<Self> {
        let mut known = Self::new(orders_max);
        let mut reader = WordReader::new(words);
        while reader.left() > 0 {
            let (order, at, len) = (reader.unsigned()?, reader.time()?, reader.unsigned()?);
            let credits = (0..len).map(|_| read_credit(&mut reader)).collect::<Option<Vec<Credit>>>()?;
            known.remember(order, Credited { at, credits });
        }
        Some(known)
    }
}

fn read_credit(reader: &mut WordReader<'_>) -> Option<Credit> {
    Some(Credit {
        query: reader.unsigned()?,
        product: Ordinal(u32::try_from(reader.unsigned()?).ok()?),
        counts_order: reader.unsigned()? != 0,
        units: reader.float()?,
        revenue_minor: reader.float()?,
    })
}
