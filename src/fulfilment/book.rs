//! What the shop knows about fulfilment orders, waves, shipments on their way, promises kept.

use super::board::{Board, BoardKept, Followed, Manifest, Wave};
use super::calendar::{local, moment};
use super::facts::{Facts, FactsKept};
use super::pace::Pace;
use super::work::Sent;
use crate::event::codec::CodecError;
use crate::event::trade::Units;
use crate::event::trade::fulfilment::{FulfilmentEvent, LocationFacts};
use crate::id::{OrderId, Sku};
use crate::stdx::clock::Timestamp;
use crate::stdx::table::Table;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A part of the trade state. Clones are cheap snapshots; equal books have equal bytes.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(from = "Kept", into = "Kept")]
pub struct FulfilmentBook {
    facts: Facts,
    paces: Table<Sku, Pace>,
    board: Board,
}

/// The book as a checkpoint keeps it.
#[derive(Serialize, Deserialize)]
struct Kept {
    facts: FactsKept,
    paces: Vec<(Sku, Pace)>,
    board: BoardKept,
}

impl From<FulfilmentBook> for Kept {
    fn from(book: FulfilmentBook) -> Self {
        let paces = book.paces.sorted().into_iter().map(|(sku, pace)| (sku.clone(), *pace)).collect();
        Self { facts: book.facts.kept(), paces, board: book.board.kept() }
    }
}

impl From<Kept> for FulfilmentBook {
    fn from(kept: Kept) -> Self {
        Self { facts: kept.facts.into(), paces: kept.paces.into_iter().collect(), board: kept.board.into() }
    }
}

impl FulfilmentBook {
    /// What the shop was told.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// When time alone will next make something happen here.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.board.next_due()
    }

    /// All work.
    #[must_use]
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// Lets the work of no more than `awake_max` orders be awake.
    pub fn limit_awake(&mut self, awake_max: usize) {
        self.board.limit(awake_max);
    }

    /// The work of every order, by the order's number, as bytes.
    pub fn work_bytes(&self) -> impl Iterator<Item = (u64, Arc<[u8]>)> {
        self.board.bytes()
    }

    /// The book as checkpoints kept it before work had a section of its own.
    #[cfg(test)]
    pub fn with_all_work(&self) -> impl Serialize + use<> {
        let mut kept = Kept::from(self.clone());
        kept.board.works = self.board.iter().collect();
        kept
    }

    /// Keeps the work of an order as a checkpoint kept it.
    ///
    /// # Errors
    /// When the bytes are not those of an order's work.
    pub fn put_work(&mut self, number: u64, bytes: &[u8]) -> Result<(), CodecError> {
        self.board.put_asleep(number, bytes)
    }

    /// How fast a SKU sells, in thousandths of a unit a day.
    #[must_use]
    pub fn pace_milli(&self, sku: &Sku, now: Timestamp) -> i64 {
        self.paces.get(sku).map_or(0, |pace| pace.milli_at(now))
    }

    /// Whether a location can hand over no more orders on a day.
    pub(super) fn is_full(&self, location: &LocationFacts, day: i64) -> bool {
        // Deadlines are counted by days of UTC; a location's noon tells which of them its day is.
        let counted = || local(moment(day, 12 * 60, location.utc_offset_minutes), 0).0;
        location.capacity_per_day.is_some_and(|capacity| self.board.due_on(&location.id, counted()) >= capacity)
    }

    /// Units were sold.
    pub fn sold(&mut self, sku: &Sku, units: i64, now: Timestamp) {
        let pace = self.paces.get(sku).copied().unwrap_or_default();
        self.paces.insert(sku.clone(), pace.sold(units, now));
    }

    /// Lets the work of an order follow the order.
    pub fn follow(&mut self, order: &Followed<'_>, now: Timestamp) {
        self.board.follow(order, now);
    }

    /// Stock came, or came free: orders that have units to come are looked at again.
    pub fn stock_came(&mut self, now: Timestamp) {
        self.board.ripen(now);
    }

    /// Units of an order leave.
    pub fn shipped(&mut self, number: u64, units: &[Units]) {
        self.board.shipped(number, units);
    }

    /// Makes an event so, as far as it is the book's; false when it does not fit. `number_of` knows the orders' numbers. What the event changes
    /// about statuses follows with [`FulfilmentBook::follow`].
    pub fn fold(&mut self, event: &FulfilmentEvent, number_of: impl Fn(&OrderId) -> Option<u64>, now: Timestamp) -> bool {
        use FulfilmentEvent as E;
        let board = &mut self.board;
        match event {
            E::LocationSet { location } => self.facts.set_location(LocationFacts::clone(location)),
            E::CarrierSet { carrier } => self.facts.set_carrier(Clone::clone(carrier)),
            E::CarrierRemoved { carrier } => return self.facts.remove_carrier(carrier),
            E::PlacesSet { country, places } => self.facts.set_places(country, places),
            E::WeightsSet { weights } => self.facts.set_weights(weights),
            E::PolicySet { policy } => self.facts.set_policy(*policy),
            E::Planned { order, plan, promise } => return number_of(order).is_some_and(|number| board.planned(number, plan, *promise)),
            E::Released { work } => return work.iter().all(|id| board.released(*id, None)),
            E::WaveReleased { wave, location, work, ship_by } => {
                let is_fit = work.iter().all(|id| board.released(*id, Some(wave)));
                let (id, location, work) = (wave.clone(), location.clone(), work.clone());
                board.keep_wave(Wave { id, location, work, ship_by: *ship_by, at: now });
                return is_fit;
            }
            E::Picked { work, units } => return board.picked(*work, units),
            E::ShortPicked { work, units, reason, .. } => return board.not_found(*work, units, *reason, now),
            E::WorkCanceled { work, reason, .. } => {
                return board.change_part(*work, |part| part.cancel_reason = Some(reason.clone()));
            }
            E::Resourced { .. } => {}
            E::Looked { through } => board.looked(*through),
            E::Retried => board.retried(),
            E::Packed { work, parcels } => return board.packed(*work, parcels),
            E::Dispatched { work, shipment, by, parcels } => {
                let (shipment, by, parcels, part) = (shipment.clone(), by.clone(), parcels.clone(), Some(work.part));
                return board.dispatched(*work, Sent { shipment, part, by, parcels, at: now, manifest: None, notes: Vec::new() });
            }
            E::Manifested { manifest, location, carrier, shipments } => {
                let (id, location, carrier) = (manifest.clone(), location.clone(), carrier.clone());
                board.keep_manifest(Manifest { id, location, carrier, shipments: shipments.clone(), at: now });
            }
            E::Tracked { order, shipment, note } => return number_of(order).is_some_and(|it| board.tracked(it, shipment, note, now)),
            E::PromiseSettled { order, missed } => return number_of(order).is_some_and(|it| board.settled(it, *missed, now)),
        }
        true
    }
}
