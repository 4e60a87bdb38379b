//! All work of the shop, by order, by location and status, by promise: kept by events, following what orders still have to leave.

mod change;

use super::shipment::Shipment;
use super::work::{OrderWork, Work, WorkStatus};
use crate::event::codec::{CodecError, from_packed_bytes};
use crate::event::dormant::Sleepers;
use crate::event::trade::fulfilment::{CarriedBy, MissReason};
use crate::event::trade::{Component, Units};
use crate::id::{CarrierId, FulfilmentOrderId, LocationId, ManifestId, OrderId, ShipmentId, Sku, WaveId};
use crate::stdx::clock::Timestamp;
use imbl::{OrdMap, OrdSet, Vector};
use serde::{Deserialize, Serialize};
use std::ops::Deref;
use std::sync::Arc;

/// How long work is remembered after nothing more was to be done for its order, in event time.
pub const WORK_KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1_000;
/// Waves and manifests that are remembered, each; the oldest go first.
pub const BATCHES_MAX: usize = 4_096;

/// Fulfilment orders that a location works on together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wave {
    /// Its name.
    pub id: WaveId,
    /// Where.
    pub location: LocationId,
    /// What it consists of, in the order in which carriers want it.
    pub work: Vec<FulfilmentOrderId>,
    /// Until when the first carrier has to be given its part.
    pub ship_by: Option<Timestamp>,
    /// When it was released.
    pub at: Timestamp,
}

/// What a carrier was given at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Its name.
    pub id: ManifestId,
    /// Where.
    pub location: LocationId,
    /// Which carrier.
    pub carrier: CarrierId,
    /// The shipments, each with the number of its order.
    pub shipments: Vec<(u64, ShipmentId)>,
    /// When it was closed.
    pub at: Timestamp,
}

/// How promises went, and why they were missed, by [`MissReason::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PromiseCounts {
    /// Kept.
    pub kept: u64,
    /// Missed, by reason.
    pub missed: [u64; MissReason::ALL.len()],
}

/// An order as far as work follows it.
pub struct Followed<'a> {
    /// Its number.
    pub number: u64,
    /// Its name.
    pub id: &'a OrderId,
    /// What is still to leave, and from where.
    pub left: &'a [Units],
    /// Units that no location has.
    pub owed: &'a [Component],
    /// What has left.
    pub shipments: &'a [Shipment],
    /// Whether nothing more is to be done for it.
    pub is_done: bool,
}

/// A fulfilment order, read out of the work of its order.
pub struct OneWork {
    all: Arc<OrderWork>,
    place: usize,
}

impl Deref for OneWork {
    type Target = Work;

    fn deref(&self) -> &Work {
        &self.all.parts[self.place]
    }
}

/// The fulfilment orders of one location in one status, the most urgent first.
type Listed = OrdSet<(Timestamp, FulfilmentOrderId)>;

/// All work. Clones are cheap snapshots.
#[derive(Clone, Default)]
pub struct Board {
    works: Sleepers<u64, OrderWork>,
    waves: Vector<Arc<Wave>>,
    manifests: Vector<Arc<Manifest>>,
    counts: OrdMap<Option<CarriedBy>, PromiseCounts>,
    running: OrdMap<CarrierId, u64>,
    /// Since when stock may have come for orders that have units to come.
    ripe_at: Option<Timestamp>,
    looking: Looking,
    // From here on: indexes, which can be made again from the above and the orders.
    lists: OrdMap<(LocationId, WorkStatus), Listed>,
    due_days: OrdMap<(LocationId, i64), u32>,
    promises: OrdSet<(Timestamp, u64)>,
    waiting: OrdSet<u64>,
    unlisted: OrdSet<(LocationId, CarrierId, u64, ShipmentId)>,
    done: OrdSet<(Timestamp, u64)>,
}

/// How far orders that have units to come were looked at since stock came, where there are more than are looked at in one go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Looking {
    /// The last that was; none before the first.
    through: Option<u64>,
    /// Since when more stock may have come for those that were.
    came_meanwhile: Option<Timestamp>,
}

/// The board as a checkpoint keeps it. All work has a section of its own there; checkpoints of an earlier kind keep it here.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct BoardKept {
    pub(super) works: Vec<(u64, Arc<OrderWork>)>,
    waves: Vec<Arc<Wave>>,
    manifests: Vec<Arc<Manifest>>,
    counts: Vec<(Option<CarriedBy>, PromiseCounts)>,
    running: Vec<(CarrierId, u64)>,
    ripe_at: Option<Timestamp>,
    waiting: Vec<u64>,
    #[serde(default)]
    looking: Looking,
}

impl Board {
    pub(super) fn kept(&self) -> BoardKept {
        BoardKept {
            works: Vec::new(),
            waves: self.waves.iter().cloned().collect(),
            manifests: self.manifests.iter().cloned().collect(),
            counts: self.counts.iter().map(|(by, counts)| (by.clone(), *counts)).collect(),
            running: self.running.iter().map(|(carrier, running)| (carrier.clone(), *running)).collect(),
            ripe_at: self.ripe_at,
            waiting: self.waiting.iter().copied().collect(),
            looking: self.looking,
        }
    }

    /// All work of an order.
    #[must_use]
    pub fn order(&self, number: u64) -> Option<Arc<OrderWork>> {
        self.works.get(&number)
    }

    /// A fulfilment order.
    #[must_use]
    pub fn work(&self, id: FulfilmentOrderId) -> Option<OneWork> {
        let all = self.works.get(&id.order)?;
        let place = id.part as usize;
        (place < all.parts.len()).then_some(OneWork { all, place })
    }

    /// Fulfilment orders of a location in one status, the most urgent first, those without a carrier's deadline last; only what comes after
    /// `after`, if that is given.
    pub fn listed(
        &self,
        location: &LocationId,
        status: WorkStatus,
        after: Option<(Timestamp, FulfilmentOrderId)>,
    ) -> impl Iterator<Item = (Timestamp, FulfilmentOrderId)> {
        let from = after.unwrap_or((Timestamp(i64::MIN), FulfilmentOrderId::default()));
        let own = self.lists.get(&(location.clone(), status));
        let own = own.into_iter().flat_map(move |listed| listed.range(from..).copied());
        own.filter(move |found| after.is_none_or(|after| *found > after))
    }

    /// A wave that is remembered.
    #[must_use]
    pub fn wave(&self, id: &WaveId) -> Option<&Arc<Wave>> {
        self.waves.iter().rev().find(|wave| wave.id == *id)
    }

    /// Waves that are remembered, newest first.
    pub fn waves(&self) -> impl Iterator<Item = &Arc<Wave>> {
        self.waves.iter().rev()
    }

    /// A manifest that is remembered.
    #[must_use]
    pub fn manifest(&self, id: &ManifestId) -> Option<&Arc<Manifest>> {
        self.manifests.iter().rev().find(|manifest| manifest.id == *id)
    }

    /// Manifests that are remembered, newest first.
    pub fn manifests(&self) -> impl Iterator<Item = &Arc<Manifest>> {
        self.manifests.iter().rev()
    }

    /// Shipments of a location that left with a carrier and stand on no manifest.
    pub fn unlisted(&self, location: &LocationId, carrier: &CarrierId) -> impl Iterator<Item = (u64, &ShipmentId)> {
        let (location, carrier) = (location.clone(), carrier.clone());
        let own = self.unlisted.iter().skip_while({
            let from = (location.clone(), carrier.clone());
            move |(at, with, ..)| (at, with) < (&from.0, &from.1)
        });
        own.take_while(move |(at, with, ..)| *at == location && *with == carrier).map(|(_, _, number, shipment)| (*number, shipment))
    }

    /// How promises went, by who carried them.
    pub fn counts(&self) -> impl Iterator<Item = (&Option<CarriedBy>, &PromiseCounts)> {
        self.counts.iter()
    }

    /// The last running number of a carrier's tracking numbers.
    #[must_use]
    pub fn running(&self, carrier: &CarrierId) -> u64 {
        self.running.get(carrier).copied().unwrap_or(0)
    }

    /// Orders that have units to come, by number.
    pub fn waiting(&self) -> impl Iterator<Item = u64> {
        self.waiting.iter().copied()
    }

    /// Those of them that were not looked at since stock came.
    pub fn waiting_unseen(&self) -> impl Iterator<Item = u64> {
        self.waiting.range(self.looking.through.map_or(0, |through| through + 1)..).copied()
    }

    /// Since when stock may have come for them.
    #[must_use]
    pub fn ripe_at(&self) -> Option<Timestamp> {
        self.ripe_at
    }

    /// Promises that ran out before `now` and are not settled, oldest first.
    pub fn overdue(&self, now: Timestamp) -> impl Iterator<Item = u64> {
        self.promises.iter().take_while(move |(until, _)| *until < now).map(|(_, number)| *number)
    }

    /// When time alone will next make something happen.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        let promise = self.promises.get_min().map(|(until, _)| until.plus_ms(1));
        [self.ripe_at, promise].into_iter().flatten().min()
    }

    /// Orders that a location has to hand over on a day.
    #[must_use]
    pub fn due_on(&self, location: &LocationId, day: i64) -> u32 {
        self.due_days.get(&(location.clone(), day)).copied().unwrap_or(0)
    }

    /// Units of the rows that were picked for the order and have not left.
    #[must_use]
    pub fn picked_of(&self, number: u64, rows: &[Units]) -> Vec<Units> {
        let work = self.order(number);
        let picked = |row: &Units| work.as_ref().and_then(|work| work.at(&row.location)?.line(&row.sku)).map_or(0, |line| line.picked);
        let rows = rows.iter().map(|row| Units { quantity: row.quantity.min(picked(row)), ..row.clone() });
        rows.filter(|row| row.quantity > 0).collect()
    }

    /// Units of the rows that would have to go back on the shelf before the rows can be freed.
    #[must_use]
    pub fn to_unpick(&self, number: u64, rows: &[Units]) -> Vec<Units> {
        let work = self.order(number);
        let loose = |row: &Units| {
            let line = work.as_ref().and_then(|work| work.at(&row.location)?.line(&row.sku));
            line.map_or(i64::MAX, |line| line.left - line.picked)
        };
        let rows = rows.iter().map(|row| Units { quantity: row.quantity - loose(row), ..row.clone() });
        rows.filter(|row| row.quantity > 0).collect()
    }

    /// All work, by order number.
    pub fn iter(&self) -> impl Iterator<Item = (u64, Arc<OrderWork>)> {
        self.works.iter().map(|(number, work)| (*number, work))
    }

    /// Lets the work of no more than `awake_max` orders be awake.
    pub(super) fn limit(&mut self, awake_max: usize) {
        self.works.limit(awake_max);
    }

    /// All work, by order number, as bytes.
    pub(super) fn bytes(&self) -> impl Iterator<Item = (u64, Arc<[u8]>)> {
        self.works.bytes().map(|(number, bytes)| (*number, bytes))
    }

    /// Keeps the work of an order that sleeps as `bytes`.
    pub(super) fn put_asleep(&mut self, number: u64, bytes: &[u8]) -> Result<(), CodecError> {
        self.index(number, &from_packed_bytes(bytes)?, true);
        self.works.put_asleep(number, bytes)
    }

    /// Whether every index lists exactly what it should.
    #[must_use]
    pub fn is_indexed(&self) -> bool {
        let mut again = Self::default();
        self.works.iter().for_each(|(number, work)| again.index(*number, &work, true));
        again.lists == self.lists
            && again.due_days == self.due_days
            && again.promises == self.promises
            && again.unlisted == self.unlisted
            && again.done == self.done
    }

    /// Units of a SKU that are picked at a location, over all orders.
    #[must_use]
    pub fn picked_units(&self) -> std::collections::BTreeMap<(Sku, LocationId), i64> {
        let mut sums = std::collections::BTreeMap::new();
        for (_, work) in self.works.iter() {
            for (part, line) in work.parts.iter().flat_map(|part| part.lines.iter().map(move |line| (part, line))) {
                if line.picked > 0 {
                    *sums.entry((line.sku.clone(), part.location.clone())).or_default() += line.picked;
                }
            }
        }
        sums
    }
}

impl From<BoardKept> for Board {
    fn from(kept: BoardKept) -> Self {
        let BoardKept { works, waves, manifests, counts, running, ripe_at, waiting, looking } = kept;
        let mut board = Self {
            waves: waves.into_iter().collect(),
            manifests: manifests.into_iter().collect(),
            counts: counts.into_iter().collect(),
            running: running.into_iter().collect(),
            ripe_at,
            looking,
            waiting: waiting.into_iter().collect(),
            ..Self::default()
        };
        for (number, work) in works {
            board.index(number, &work, true);
            board.works.put(number, work);
        }
        board
    }
}
