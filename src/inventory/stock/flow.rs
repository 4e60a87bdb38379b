//! Units on their way through the house: held for sessions, assigned to orders, picked, sent, and back.

use super::Stock;
use crate::event::trade::{Account, ReleaseReason, Units};
use crate::id::ReservationId;
use crate::inventory::{InventoryError, Reservation};
use crate::stdx::clock::Timestamp;
use std::sync::Arc;

/// In which state units come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// They can be sold again.
    Sellable,
    /// They cannot.
    Damaged,
    /// Somebody has to look at them first.
    Unseen,
}

impl Condition {
    fn account(self) -> Account {
        match self {
            Self::Sellable => Account::Available,
            Self::Damaged => Account::Damaged,
            Self::Unseen => Account::QualityHold,
        }
    }
}

impl Stock {
    /// Holds units.
    ///
    /// # Errors
    /// When the name is taken or units cannot be covered; nothing has changed then.
    pub fn reserve(&mut self, reservation: Reservation) -> Result<(), InventoryError> {
        if self.reservations.contains(&reservation.id) {
            return Err(InventoryError::ReservationExists(reservation.id));
        }
        self.shift_all(&reservation.units, Account::Available, Account::Reserved)?;
        self.expiries.insert((reservation.expires_at, reservation.id.clone()));
        self.reservations.insert(reservation.id.clone(), Arc::new(reservation));
        self.counts.made += 1;
        Ok(())
    }

    /// Gives a reservation another end.
    ///
    /// # Errors
    /// When it is not live.
    pub fn extend(&mut self, id: &ReservationId, expires_at: Timestamp) -> Result<(), InventoryError> {
        let reservation = self.reservations.get_mut(id).ok_or_else(|| InventoryError::UnknownReservation(id.clone()))?;
        self.expiries.remove(&(reservation.expires_at, id.clone()));
        Arc::make_mut(reservation).expires_at = expires_at;
        self.expiries.insert((expires_at, id.clone()));
        Ok(())
    }

    /// Frees the units of a reservation, which ends.
    ///
    /// # Errors
    /// When it is not live.
    pub fn release(&mut self, id: &ReservationId, reason: ReleaseReason) -> Result<Arc<Reservation>, InventoryError> {
        let reservation = self.end(id)?;
        self.shift_all(&reservation.units, Account::Reserved, Account::Available)?;
        match reason {
            ReleaseReason::Expired => self.counts.expired += 1,
            ReleaseReason::Canceled | ReleaseReason::PaymentFailed | ReleaseReason::Replaced => self.counts.released += 1,
        }
        Ok(reservation)
    }

    /// Turns a reservation into an allocation; the reservation ends.
    ///
    /// # Errors
    /// When it is not live.
    pub fn commit(&mut self, id: &ReservationId) -> Result<(), InventoryError> {
        let reservation = self.end(id)?;
        self.counts.committed += 1;
        self.shift_all(&reservation.units, Account::Reserved, Account::Allocated)
    }

    /// Assigns units to an order without a reservation, as when it is sourced anew.
    ///
    /// # Errors
    /// When they cannot be covered; nothing has changed then, here and in all that follow.
    pub fn allocate(&mut self, units: &[Units]) -> Result<(), InventoryError> {
        self.shift_all(units, Account::Available, Account::Allocated)
    }

    /// Frees allocated units that were not picked.
    ///
    /// # Errors
    /// When so many are not allocated there.
    pub fn free(&mut self, units: &[Units]) -> Result<(), InventoryError> {
        self.shift_all(units, Account::Allocated, Account::Available)
    }

    /// Takes allocated units off the shelf.
    ///
    /// # Errors
    /// When so many are not allocated there, or do not lie there.
    pub fn pick(&mut self, units: &[Units]) -> Result<(), InventoryError> {
        self.shift_all(units, Account::Allocated, Account::Picked)
    }

    /// Puts picked units back on the shelf; they stay allocated, and [`Stock::free`] may follow.
    ///
    /// # Errors
    /// When so many were not picked there.
    pub fn unpick(&mut self, units: &[Units]) -> Result<(), InventoryError> {
        self.shift_all(units, Account::Picked, Account::Allocated)
    }

    /// Allocated units were not found on the shelf: they are neither allocated nor on hand any more. [`Stock::allocate`] assigns others.
    ///
    /// # Errors
    /// When so many are not allocated and on hand there.
    pub fn short_pick(&mut self, units: &[Units]) -> Result<(), InventoryError> {
        self.shift_all(units, Account::Allocated, Account::WrittenOff)
    }

    /// Allocated units that were not picked leave the house.
    ///
    /// # Errors
    /// When so many are not allocated and on hand there.
    pub fn ship(&mut self, units: &[Units]) -> Result<(), InventoryError> {
        self.shift_all(units, Account::Allocated, Account::Customer)
    }

    /// Picked units leave the house.
    ///
    /// # Errors
    /// When so many were not picked there.
    pub fn ship_picked(&mut self, units: &[Units]) -> Result<(), InventoryError> {
        self.shift_all(units, Account::Picked, Account::Customer)
    }

    /// Units that had left come back, to the shelf or beside it. The location may be new to the SKU.
    ///
    /// # Errors
    /// When the SKU was never stocked anywhere, or a bucket would leave its range.
    pub fn returned(&mut self, units: &[Units], condition: Condition) -> Result<(), InventoryError> {
        for row in units {
            if !self.rows.contains(&row.sku) {
                return Err(InventoryError::UnknownStock { sku: row.sku.clone(), location: row.location.clone() });
            }
            self.after_shift(row, Account::Customer, condition.account())?;
        }
        units.iter().try_for_each(|row| self.shift(row, None, Account::Customer, condition.account()))
    }

    fn end(&mut self, id: &ReservationId) -> Result<Arc<Reservation>, InventoryError> {
        let reservation = self.reservations.remove(id).ok_or_else(|| InventoryError::UnknownReservation(id.clone()))?;
        self.expiries.remove(&(reservation.expires_at, id.clone()));
        Ok(reservation)
    }
}
