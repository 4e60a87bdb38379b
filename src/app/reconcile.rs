//! The providers' books beside the shop's own.

use super::Shop;
use crate::payment::{Payment, ProviderSums, Said};
use std::sync::Arc;

/// Most orders whose payments are compared in one call: each payment is a question to its provider.
pub const PAYMENTS_COMPARED_MAX: usize = 100;

/// What was compared.
pub struct Compared {
    /// Payments, the newest order's first, and what their providers' books say; none when a provider could not be asked.
    pub payments: Vec<(Arc<Payment>, Option<ProviderSums>)>,
    /// How many orders they are of.
    pub orders_count: usize,
    /// The number of the last of these orders.
    pub last_number: Option<u64>,
}

impl Shop {
    /// Asks the providers about the payments of the newest `limit` orders with a number below `before`. Blocks while they answer.
    #[must_use]
    pub fn reconciled(&self, before: Option<u64>, limit: usize) -> Compared {
        let trade = self.readers().trade();
        let orders = trade.orders(before, limit.min(PAYMENTS_COMPARED_MAX));
        let payments = orders.iter().flat_map(|order| order.payments.iter()).filter_map(|id| trade.payment(id));
        let compared = payments.map(|payment| (Arc::clone(&payment), self.sums_of(&payment))).collect();
        Compared { payments: compared, orders_count: orders.len(), last_number: orders.last().map(|order| order.number) }
    }

    fn sums_of(&self, payment: &Payment) -> Option<ProviderSums> {
        let provider = self.providers().iter().find(|provider| provider.name() == payment.provider)?;
        match provider.sums(payment) {
            Said::Answer(sums) => sums,
            Said::Busy { .. } => None,
        }
    }
}
