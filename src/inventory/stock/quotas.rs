//! Quotas: units of a SKU that are put aside for a channel. The channel sells no more than those; what nobody has a quota of is shared by
//! everybody else. A quota is used up by reservations (`held`) and orders (`sold`), and given back by those that end without a sale.

use super::Stock;
use crate::id::{ChannelId, Sku};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A channel's quota of one SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Whose.
    pub channel: ChannelId,
    /// Units put aside, used up or not; none once the quota was cleared and units are still held under it.
    pub granted: Option<i64>,
    /// Units of those in live reservations and in orders that may still be canceled.
    pub held: i64,
    /// Units of those that have been sold for good.
    pub sold: i64,
}

impl Quota {
    /// Units that the channel may still sell, as far as its quota goes.
    #[must_use]
    pub fn left(&self) -> i64 {
        self.granted.map_or(0, |granted| granted - self.held - self.sold)
    }
}

impl Stock {
    /// Whether any channel has a quota.
    #[must_use]
    pub fn has_quotas(&self) -> bool {
        !self.quotas.is_empty()
    }

    /// The quotas of a SKU in order of channel.
    #[must_use]
    pub fn quotas(&self, sku: &Sku) -> &[Quota] {
        self.quotas.get(sku).map_or(&[], |quotas| quotas)
    }

    /// All quotas in order of SKU and channel.
    #[must_use]
    pub fn all_quotas(&self) -> Vec<(&Sku, &[Quota])> {
        self.quotas.sorted().into_iter().map(|(sku, quotas)| (sku, &**quotas)).collect()
    }

    /// The quota of a channel, unless it was cleared.
    #[must_use]
    pub fn quota(&self, sku: &Sku, channel: &ChannelId) -> Option<&Quota> {
        self.quotas(sku).iter().find(|quota| quota.channel == *channel && quota.granted.is_some())
    }

    /// Units of a SKU that may be sold through a channel: what is left of its quota, or what is shared.
    #[must_use]
    pub fn available_through(&self, sku: &Sku, channel: Option<&ChannelId>) -> i64 {
        let quota = channel.and_then(|channel| self.quota(sku, channel));
        let all = self.row(sku).map_or(0, |row| row.available);
        quota.map_or_else(|| self.shared(sku), |quota| quota.left().min(all))
    }

    /// Sets how many units a channel may sell, together with those that it has sold under this quota; none: it has no quota any more.
    pub fn grant(&mut self, sku: &Sku, channel: &ChannelId, granted: Option<i64>) {
        self.change_quota(sku, channel, |quota| {
            quota.granted = granted;
            quota.sold = if granted.is_some() { quota.sold } else { 0 };
        });
    }

    /// Units of a quota are held by a reservation, or, below zero, are held no more.
    pub fn hold_quota(&mut self, sku: &Sku, channel: &ChannelId, units: i64) {
        self.change_quota(sku, channel, |quota| quota.held += units);
    }

    /// Held units of a quota are sold for good.
    pub fn sell_quota(&mut self, sku: &Sku, channel: &ChannelId, units: i64) {
        self.change_quota(sku, channel, |quota| {
            quota.held -= units;
            quota.sold += if quota.granted.is_some() { units } else { 0 };
        });
    }

    /// Quotas as a checkpoint kept them.
    pub fn restore_quotas(&mut self, sku: &Sku, quotas: Vec<Quota>) {
        self.keep_quotas(sku, quotas);
    }

    fn change_quota(&mut self, sku: &Sku, channel: &ChannelId, change: impl FnOnce(&mut Quota)) {
        let mut quotas = self.quotas(sku).to_vec();
        let place = quotas.binary_search_by(|quota| quota.channel.cmp(channel)).unwrap_or_else(|place| {
            quotas.insert(place, Quota { channel: channel.clone(), granted: None, held: 0, sold: 0 });
            place
        });
        change(&mut quotas[place]);
        quotas.retain(|quota| quota.granted.is_some() || quota.held != 0);
        self.keep_quotas(sku, quotas);
    }

    fn keep_quotas(&mut self, sku: &Sku, quotas: Vec<Quota>) {
        let escrowed = quotas.iter().map(Quota::left).sum();
        if quotas.is_empty() {
            self.quotas.remove(sku);
        } else {
            self.quotas.insert(sku.clone(), Arc::from(quotas));
        }
        self.change_row(sku, None, |row| row.escrowed = escrowed);
    }
}
