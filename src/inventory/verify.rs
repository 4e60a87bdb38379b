//! Recounts stock from the reservations and allocations that stand behind it, and names every difference.

use super::{Buckets, Stock, StockRow};
use crate::event::trade::Units;
use crate::id::{LocationId, Ordinal, Sku};
use std::collections::BTreeMap;

type Recount<'a> = BTreeMap<(&'a Sku, &'a LocationId), i64>;

fn recount<'a>(units: impl Iterator<Item = &'a Units>) -> Recount<'a> {
    let mut sums = Recount::new();
    for row in units {
        *sums.entry((&row.sku, &row.location)).or_default() += row.quantity;
    }
    sums
}

impl Stock {
    /// Everything that is wrong, given the units that open orders still have allocated: oversold or negative buckets, units that no
    /// reservation, order, movement or shipment explains, availability that is not the sum of its parts, reservations that did not end
    /// exactly once. Reads all stock; `pace` is called between two SKUs, and none from it ends the reading.
    pub fn verify(&self, allocated: &[Units], pace: &mut dyn FnMut() -> Option<()>) -> Option<Vec<String>> {
        let live = self.reservations();
        let reserved = recount(live.iter().flat_map(|reservation| &reservation.units));
        let allocated = recount(allocated.iter());
        let mut wrong = Vec::new();
        let mut products: BTreeMap<Ordinal, i64> = BTreeMap::new();
        for row in self.rows() {
            pace()?;
            *products.entry(row.product).or_default() += row.shared();
            wrong.extend(self.verify_row(row));
            for stock in &row.locations {
                let key = (&row.sku, &stock.location);
                let expected = (reserved.get(&key).copied().unwrap_or(0), allocated.get(&key).copied().unwrap_or(0));
                let Buckets { reserved, allocated, picked, .. } = stock.buckets;
                if (reserved, allocated + picked) != expected {
                    wrong.push(format!(
                        "{} at {}: reserved {reserved}, allocated {allocated}, picked {picked}, recounted {expected:?}",
                        row.sku, stock.location
                    ));
                }
            }
        }
        for (sku, location) in reserved.keys().chain(allocated.keys()).filter(|(sku, location)| !self.is_stocked(sku, location)) {
            wrong.push(format!("{sku} at {location}: units are held where none ever were"));
        }
        for bundle in self.bundles() {
            *products.entry(bundle.product).or_default() += bundle.available;
            if bundle.available != self.available_bundles(&bundle.components) {
                wrong.push(format!("bundle {}: {} available, its components are enough for others", bundle.sku, bundle.available));
            }
        }
        products.retain(|_, available| *available != 0);
        if !self.products.sorted().into_iter().eq(products.iter()) {
            wrong.push("availability of products is not the sum of their SKUs".to_owned());
        }
        wrong.extend(self.verify_reservations());
        wrong.extend(self.verify_quotas());
        Some(wrong)
    }

    fn verify_quotas(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (sku, quotas) in self.all_quotas() {
            let over = quotas.iter().filter(|quota| quota.held < 0 || quota.sold < 0 || quota.granted.is_some() && quota.left() < 0);
            wrong.extend(over.map(|quota| format!("{sku}: more is sold than a quota allows: {quota:?}")));
            let escrowed: i64 = quotas.iter().map(|quota| quota.left()).sum();
            if self.row(sku).map(|row| row.escrowed) != Some(escrowed) {
                wrong.push(format!("{sku}: {escrowed} units are put aside for channels, its row says otherwise"));
            }
        }
        wrong
    }

    fn is_stocked(&self, sku: &Sku, location: &LocationId) -> bool {
        self.row(sku).is_some_and(|row| row.at(location).is_some())
    }

    /// What is wrong with one row by itself; cheap enough for every entry.
    #[must_use]
    pub fn verify_row(&self, row: &StockRow) -> Vec<String> {
        let mut wrong = Vec::new();
        for stock in &row.locations {
            let Buckets { on_hand, moved, shipped, .. } = stock.buckets;
            if let Err(error) = stock.buckets.check(&row.sku, &stock.location) {
                wrong.push(error.to_string());
            }
            if stock.buckets != stock.buckets.with_preorder(row.release_at.is_some()) {
                wrong.push(format!("{} at {}: its sale before the release is not as its row says", row.sku, stock.location));
            }
            if stock.buckets.is_closed != self.closed.contains(&stock.location) {
                wrong.push(format!("{} at {}: whether it sends is not as its location says", row.sku, stock.location));
            }
            if on_hand != moved.wrapping_sub(shipped) {
                wrong.push(format!("{} at {}: {on_hand} on hand, {moved} moved in, {shipped} shipped", row.sku, stock.location));
            }
        }
        let available: i64 = row.locations.iter().map(|stock| stock.buckets.sellable()).sum();
        if available != row.available {
            wrong.push(format!("{}: {} available, recounted {available}", row.sku, row.available));
        }
        wrong
    }

    fn verify_reservations(&self) -> Vec<String> {
        let counts = self.counts;
        let ended = counts.committed + counts.released + counts.expired;
        let mut wrong = Vec::new();
        if counts.made != ended + self.reservations.len() as u64 {
            wrong.push(format!("reservations did not end exactly once: {counts:?}, {} live", self.reservations.len()));
        }
        let live = self.reservations();
        let is_listed = |id, at| self.expiries.contains(&(at, id));
        if self.expiries.len() != live.len() || !live.iter().all(|live| is_listed(live.id.clone(), live.expires_at)) {
            wrong.push("the order of expiry does not list every live reservation once".to_owned());
        }
        wrong
    }
}
