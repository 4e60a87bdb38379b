//! The buckets of one SKU at one location: how many units are in which account, and what may be promised.

use super::InventoryError;
use crate::event::trade::Account;
use crate::id::{LocationId, Sku};
use serde::{Deserialize, Serialize};

/// Most units in one bucket: far beyond any warehouse, and small enough that sums of buckets cannot overflow.
pub const UNITS_MAX: i64 = 1_000_000_000_000;

/// Units of one SKU at one location, by account, and what may be promised beyond them. Units that are available are not kept: they are what
/// is on hand and in no other account, so that a movement between two accounts cannot lose any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Buckets {
    /// Units that lie there, promised or not, fit to be sold or not.
    pub on_hand: i64,
    /// Units held for checkout sessions.
    pub reserved: i64,
    /// Units assigned to orders, on the shelf or still to come.
    pub allocated: i64,
    /// Units kept back from sale.
    pub safety_stock: i64,
    /// Units that may be promised beyond what is on hand.
    pub backorder_cap: i64,
    /// Sum of all changes of units on hand that were not shipments, modulo 2^64: with `shipped` it proves `on_hand`.
    pub moved: i64,
    /// Units that have left in shipments, modulo 2^64.
    pub shipped: i64,
    /// Units assigned to orders that were taken off the shelf and have not left.
    pub picked: i64,
    /// Units that lie there and are not fit to be sold.
    pub damaged: i64,
    /// Units that lie there and wait to be looked at.
    pub quality_hold: i64,
    /// Units ordered from suppliers that have not come.
    pub incoming: i64,
    /// Units on their way from other locations.
    pub in_transit: i64,
    /// Before the SKU's release: units that may be promised beyond what is on hand, in place of `backorder_cap`. After it: units promised
    /// then that are still to come beyond `backorder_cap`.
    pub preorder_cap: i64,
    /// Whether the SKU is sold before its release.
    pub is_preorder: bool,
    /// Whether the location sends nothing to shoppers now: what was promised stays, and nothing more is promised from here.
    #[serde(default)]
    pub is_closed: bool,
}

impl Buckets {
    /// Units that may be promised from here: never negative, so that a shortage at one location cannot eat another's stock.
    #[must_use]
    pub fn sellable(&self) -> i64 {
        if self.is_closed { 0 } else { (self.coverable() - self.safety_stock - self.held()).max(0) }
    }

    /// Units promised: to sessions, and to orders that have not left.
    #[must_use]
    pub fn held(&self) -> i64 {
        self.reserved + self.allocated + self.picked
    }

    /// Units that lie there and are fit to be sold.
    #[must_use]
    pub fn sound(&self) -> i64 {
        self.on_hand - self.damaged - self.quality_hold
    }

    /// Units promised to nobody; below zero by those that are promised and still have to come.
    #[must_use]
    pub fn available(&self) -> i64 {
        self.sound() - self.held()
    }

    /// Units that may be promised beyond those that are there.
    #[must_use]
    pub fn allowance(&self) -> i64 {
        if self.is_preorder { self.preorder_cap } else { self.backorder_cap + self.preorder_cap }
    }

    /// Units that may be promised at most.
    #[must_use]
    pub fn coverable(&self) -> i64 {
        self.sound() + self.allowance()
    }

    /// Units assigned to orders that are not there yet.
    #[must_use]
    pub fn owed(&self) -> i64 {
        (self.allocated + self.picked - self.sound()).max(0)
    }

    /// These buckets with leave to promise units before the SKU's release, or without; what was promised then stays covered.
    #[must_use]
    pub fn with_preorder(self, is_preorder: bool) -> Self {
        let needed = (self.held() - self.sound() - self.backorder_cap).max(0);
        let preorder_cap = if is_preorder { self.preorder_cap } else { self.preorder_cap.min(needed) };
        Self { preorder_cap, is_preorder, ..self }
    }

    /// These buckets when so many units that came turn out not to be sound: by their coming, leave to promise that was needed after a release seemed
    /// to be needed no longer.
    #[must_use]
    pub(super) fn with_cover_back(self, units: i64) -> Self {
        let short = if self.is_preorder { 0 } else { (self.held() - self.coverable()).clamp(0, units) };
        Self { preorder_cap: self.preorder_cap + short, ..self }
    }

    /// Whether anything is here, is promised, is on its way, or may be promised.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        let units = [self.on_hand, self.held(), self.incoming, self.in_transit, self.allowance()];
        units.into_iter().any(|units| units != 0)
    }

    /// Moves units from one account to another. The one place where units move.
    pub(super) fn shift(&mut self, from: Account, to: Account, units: i64) {
        self.add(from, -units);
        self.add(to, units);
        let arriving = (i64::from(to.is_on_hand()) - i64::from(from.is_on_hand())) * units;
        self.on_hand += arriving;
        if to == Account::Customer {
            self.shipped = self.shipped.wrapping_sub(arriving);
        } else {
            self.moved = self.moved.wrapping_add(arriving);
        }
    }

    fn add(&mut self, account: Account, units: i64) {
        match account {
            Account::Reserved => self.reserved += units,
            Account::Allocated => self.allocated += units,
            Account::Picked => self.picked += units,
            Account::Damaged => self.damaged += units,
            Account::QualityHold => self.quality_hold += units,
            Account::Incoming => self.incoming += units,
            Account::InTransit => self.in_transit += units,
            Account::Available | Account::Supplier | Account::Customer | Account::WrittenOff => {}
        }
    }

    /// Checks that no bucket is out of range, that what was picked, is damaged or held back lies there, and that nothing is promised that
    /// cannot be covered.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check(&self, sku: &Sku, location: &LocationId) -> Result<(), InventoryError> {
        let named = [
            ("on_hand", self.on_hand),
            ("reserved", self.reserved),
            ("allocated", self.allocated),
            ("safety_stock", self.safety_stock),
            ("backorder_cap", self.backorder_cap),
            ("picked", self.picked),
            ("damaged", self.damaged),
            ("quality_hold", self.quality_hold),
            ("incoming", self.incoming),
            ("in_transit", self.in_transit),
            ("preorder_cap", self.preorder_cap),
        ];
        if let Some((bucket, _)) = named.into_iter().find(|(_, units)| !(0..=UNITS_MAX).contains(units)) {
            return Err(InventoryError::OutOfRange { sku: sku.clone(), location: location.clone(), bucket });
        }
        if self.held() > self.coverable() {
            let (held, coverable) = (self.held(), self.coverable());
            return Err(InventoryError::Oversold { sku: sku.clone(), location: location.clone(), held, coverable });
        }
        if self.picked > self.sound() {
            return Err(InventoryError::NotThere { sku: sku.clone(), location: location.clone(), on_hand: self.on_hand });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_promised_is_what_is_left_and_never_negative() {
        let check = |on_hand, reserved, allocated, safety_stock, backorder_cap, sellable| {
            let buckets = Buckets { on_hand, reserved, allocated, safety_stock, backorder_cap, ..Buckets::default() };
            assert_eq!(buckets.sellable(), sellable, "{buckets:?}");
        };
        check(10, 0, 0, 0, 0, 10);
        check(10, 3, 4, 0, 0, 3);
        check(10, 3, 4, 2, 0, 1);
        check(10, 3, 4, 5, 0, 0);
        check(10, 3, 7, 0, 5, 5);
        check(0, 0, 0, 0, 5, 5);
        check(0, 2, 3, 0, 5, 0);
        assert_eq!(Buckets { on_hand: 5, is_closed: true, ..Buckets::default() }.sellable(), 0);
    }

    #[test]
    fn nothing_is_promised_that_cannot_be_covered() {
        let sku = Sku::new("s").expect("an id");
        let location = LocationId::new("l").expect("an id");
        let check = |on_hand, reserved, allocated, backorder_cap, is_fine| {
            let buckets = Buckets { on_hand, reserved, allocated, backorder_cap, ..Buckets::default() };
            assert_eq!(buckets.check(&sku, &location).is_ok(), is_fine, "{buckets:?}");
        };
        check(0, 0, 0, 0, true);
        check(5, 2, 3, 0, true);
        check(5, 3, 3, 0, false);
        check(5, 3, 3, 1, true);
        check(-1, 0, 0, 5, false);
        check(1, -1, 0, 0, false);
        check(1, 0, 0, -1, false);
        check(UNITS_MAX + 1, 0, 0, 0, false);
    }
}
