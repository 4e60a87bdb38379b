//! A shopper's log as orders, and what of them tells about buying again.

use crate::id::Ordinal;
use crate::recommend::steps::Step;
use crate::stdx::clock::Timestamp;

/// Orders looked back on: more say nothing new of what is bought next.
const ORDERS_MAX: usize = 50;

/// Products that were bought at once.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Order {
    pub(super) at: Timestamp,
    pub(super) products: Vec<Ordinal>,
}

/// A product that was bought before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Owned {
    pub(super) product: Ordinal,
    /// How many orders hold it.
    pub(super) times: u32,
    /// How many orders ago last; 1 is the newest order.
    pub(super) since: u32,
    pub(super) last_at: Timestamp,
}

/// The orders of a log, each with the place of its first line, oldest first. A purchase that no order is known of is one of its own.
pub(super) fn orders_of(log: &[Step]) -> Vec<(usize, Order)> {
    let mut orders: Vec<(usize, Order)> = Vec::new();
    let mut mark = 0;
    for (place, step) in log.iter().enumerate().filter(|(_, step)| step.is_purchase()) {
        match orders.last_mut() {
            Some((_, order)) if step.order() != 0 && step.order() == mark => order.products.push(step.product()),
            _ => orders.push((place, Order { at: step.at(), products: vec![step.product()] })),
        }
        mark = step.order();
    }
    orders
}

/// The products of the newest [`ORDERS_MAX`] orders of a log, ascending, and how many orders these are.
pub(super) fn owned(log: &[Step]) -> (Vec<Owned>, u32) {
    let orders = orders_of(log);
    let newest = &orders[orders.len().saturating_sub(ORDERS_MAX)..];
    let mut lines: Vec<(Ordinal, usize, Timestamp)> = Vec::new();
    for (ago, (_, order)) in newest.iter().rev().enumerate() {
        lines.extend(order.products.iter().map(|product| (*product, ago + 1, order.at)));
    }
    lines.sort_unstable();
    let once = |lines: &[(Ordinal, usize, Timestamp)]| {
        let (product, since, last_at) = lines[0];
        Owned { product, times: lines.len() as u32, since: since as u32, last_at }
    };
    (lines.chunk_by(|a, b| a.0 == b.0).map(once).collect(), newest.len() as u32)
}
