//! The work that an order makes: one fulfilment order per location, its shipments on their way, its promise.
//!
//! ```text
//! planned ─► released ─► picking ─► packed ─► shipped ─► in_transit ─► delivered
//!    └──────────┴───────────┴─► canceled, resourced          └──────────────► lost
//! ```
//! What is still to leave a location is the order's to say; a fulfilment order knows how far that is. Units are picked, then packed, then
//! shipped, so `packed <= picked <= left`, and its status follows from these numbers and its shipments.

use super::shipment::Shipment;
use crate::event::trade::Component;
use crate::event::trade::fulfilment::{CarriedBy, MissReason, Parcel, PlanFacts, Promise, ShortReason, TrackingNote, TrackingStatus};
use crate::id::{LocationId, ManifestId, OrderId, ShipmentId, Sku, WaveId};
use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How far a fulfilment order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkStatus {
    /// The location will be told to begin.
    Planned,
    /// It was told.
    Released,
    /// Some of it is off the shelf.
    Picking,
    /// All of it is in parcels.
    Packed,
    /// All of it has left.
    Shipped,
    /// The carrier has it.
    InTransit,
    /// All of it was handed over.
    Delivered,
    /// Some of it was lost on its way.
    Lost,
    /// None of it left: other locations send it.
    Resourced,
    /// None of it left, and it is not wanted any more.
    Canceled,
}

impl WorkStatus {
    /// All of them, in order.
    pub const ALL: [Self; 10] = [
        Self::Planned,
        Self::Released,
        Self::Picking,
        Self::Packed,
        Self::Shipped,
        Self::InTransit,
        Self::Delivered,
        Self::Lost,
        Self::Resourced,
        Self::Canceled,
    ];

    /// Its name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Released => "released",
            Self::Picking => "picking",
            Self::Packed => "packed",
            Self::Shipped => "shipped",
            Self::InTransit => "in_transit",
            Self::Delivered => "delivered",
            Self::Lost => "lost",
            Self::Resourced => "resourced",
            Self::Canceled => "canceled",
        }
    }

    /// Whether the location still has something to do.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Released | Self::Picking | Self::Packed)
    }

    /// Whether nothing more will happen. What was lost may be found, and somebody has to make it good.
    #[must_use]
    pub fn is_done(self) -> bool {
        matches!(self, Self::Delivered | Self::Resourced | Self::Canceled)
    }
}

/// Units of one SKU that are still to leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkLine {
    /// What.
    pub sku: Sku,
    /// Units that are still to leave.
    pub left: i64,
    /// Those of them that are off the shelf.
    pub picked: i64,
    /// Those of them that are in parcels.
    pub packed: i64,
}

/// Units that were not found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Short {
    /// What.
    pub sku: Sku,
    /// How many.
    pub quantity: i64,
    /// Why.
    pub reason: ShortReason,
    /// When that was found out.
    pub at: Timestamp,
}

/// One location's part of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// Where.
    pub location: LocationId,
    /// What is still to leave.
    pub lines: Vec<WorkLine>,
    /// How far it is.
    pub status: WorkStatus,
    /// Whether the location was told to begin.
    pub is_released: bool,
    /// Who is to carry it, when a carrier is known.
    pub by: Option<CarriedBy>,
    /// Until when the carrier has to be given it.
    pub ship_by: Option<Timestamp>,
    /// The wave that it was last part of.
    pub wave: Option<WaveId>,
    /// Parcels that have not left.
    pub parcels: Vec<Parcel>,
    /// What was not found.
    pub shorts: Vec<Short>,
    /// Why it was given back, if it was.
    pub cancel_reason: Option<String>,
}

impl Work {
    pub(super) fn new(location: LocationId) -> Self {
        Self {
            location,
            lines: Vec::new(),
            status: WorkStatus::Planned,
            is_released: false,
            by: None,
            ship_by: None,
            wave: None,
            parcels: Vec::new(),
            shorts: Vec::new(),
            cancel_reason: None,
        }
    }

    /// What is still to leave of a SKU.
    #[must_use]
    pub fn line(&self, sku: &Sku) -> Option<&WorkLine> {
        self.lines.iter().find(|line| line.sku == *sku)
    }

    pub(super) fn line_mut(&mut self, sku: &Sku) -> Option<&mut WorkLine> {
        self.lines.iter_mut().find(|line| line.sku == *sku)
    }

    /// The one writer of the status: from what is left, how far that is, and the shipments that left from here.
    #[must_use]
    pub fn status(&self, shipments: &[Shipment], sent: &[Sent]) -> WorkStatus {
        if !self.lines.is_empty() {
            return match () {
                () if self.lines.iter().all(|line| line.packed == line.left) => WorkStatus::Packed,
                () if self.lines.iter().any(|line| line.picked > 0) => WorkStatus::Picking,
                () if self.is_released => WorkStatus::Released,
                () => WorkStatus::Planned,
            };
        }
        let from_here = |shipment: &&Shipment| shipment.units.iter().any(|row| row.location == self.location);
        let left: Vec<&Shipment> = shipments.iter().filter(from_here).collect();
        let told = |shipment: &Shipment| sent.iter().find(|sent| sent.shipment == shipment.id).and_then(Sent::last);
        let is_all = |test: &dyn Fn(&Shipment) -> bool| left.iter().all(|shipment| test(shipment));
        match () {
            () if left.is_empty() && (!self.shorts.is_empty() || self.cancel_reason.is_some()) => WorkStatus::Resourced,
            () if left.is_empty() => WorkStatus::Canceled,
            () if is_all(&|shipment| shipment.delivered_at.is_some()) => WorkStatus::Delivered,
            () if left.iter().any(|it| it.delivered_at.is_none() && told(it) == Some(TrackingStatus::Lost)) => WorkStatus::Lost,
            () if left.iter().any(|it| told(it).is_some()) => WorkStatus::InTransit,
            () => WorkStatus::Shipped,
        }
    }
}

/// What left with a carrier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The shipment.
    pub shipment: ShipmentId,
    /// Which part of the order it is of; none when it left by the order as a whole.
    pub part: Option<u32>,
    /// Who carries it, when a carrier is known.
    pub by: Option<CarriedBy>,
    /// The parcels.
    pub parcels: Vec<Parcel>,
    /// When it left.
    pub at: Timestamp,
    /// The manifest it stands on.
    pub manifest: Option<ManifestId>,
    /// What the carrier told, in the order in which it happened.
    pub notes: Vec<TrackingNote>,
}

impl Sent {
    /// How far it is, by the last that happened; of what happened at one time the furthest.
    #[must_use]
    pub fn last(&self) -> Option<TrackingStatus> {
        self.notes.last().map(|note| note.status)
    }

    pub(super) fn note(&mut self, note: &TrackingNote) {
        let key = |note: &TrackingNote| (note.at, note.status);
        let place = self.notes.partition_point(|known| key(known) <= key(note));
        self.notes.insert(place, note.clone());
    }
}

/// Whether a promise was kept, once that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// Why it was not; none when it was kept.
    pub missed: Option<MissReason>,
    /// When that became known.
    pub at: Timestamp,
}

/// All work of one order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderWork {
    /// Which order.
    pub order: OrderId,
    /// Its fulfilment orders: one per location that ever had a part of it.
    pub parts: Vec<Work>,
    /// Why it is served from where it is, when anything was known to choose by.
    pub plan: Option<Arc<PlanFacts>>,
    /// When it was promised.
    pub promise: Option<Promise>,
    /// Whether that was kept.
    pub settled: Option<Settled>,
    /// What left with carriers.
    pub sent: Vec<Sent>,
    /// When nothing more was to be done.
    pub done_at: Option<Timestamp>,
}

impl OrderWork {
    pub(super) fn new(order: OrderId) -> Self {
        Self { order, parts: Vec::new(), plan: None, promise: None, settled: None, sent: Vec::new(), done_at: None }
    }

    /// A part.
    #[must_use]
    pub fn part(&self, part: u32) -> Option<&Work> {
        self.parts.get(part as usize)
    }

    /// What left as a shipment.
    #[must_use]
    pub fn sent(&self, shipment: &ShipmentId) -> Option<&Sent> {
        self.sent.iter().find(|sent| sent.shipment == *shipment)
    }

    /// The part of a location, if it ever had one.
    #[must_use]
    pub fn at(&self, location: &LocationId) -> Option<&Work> {
        self.parts.iter().find(|part| part.location == *location)
    }

    pub(super) fn at_mut(&mut self, location: &LocationId) -> Option<&mut Work> {
        self.parts.iter_mut().find(|part| part.location == *location)
    }
}

/// Units of a list, as parts of it are taken: at least one of each, each SKU once.
#[must_use]
pub fn sum_units<'a>(units: impl Iterator<Item = &'a Component>) -> Vec<Component> {
    let mut sums: Vec<Component> = Vec::new();
    for Component { sku, quantity } in units {
        match sums.iter_mut().find(|known| known.sku == *sku) {
            Some(known) => known.quantity = known.quantity.saturating_add(*quantity),
            None => sums.push(Component { sku: sku.clone(), quantity: *quantity }),
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::trade::Units;

    fn work(lines: &[(i64, i64, i64)], is_released: bool) -> Work {
        let line = |(place, &(left, picked, packed)): (usize, &(i64, i64, i64))| WorkLine {
            sku: Sku::new(&place.to_string()).expect("an id"),
            left,
            picked,
            packed,
        };
        let lines = lines.iter().enumerate().map(line).collect();
        Work { lines, is_released, ..Work::new(LocationId::new("l").expect("an id")) }
    }

    fn shipment(id: &str, is_delivered: bool) -> Shipment {
        let units = vec![Units { sku: Sku::new("a").expect("an id"), location: LocationId::new("l").expect("an id"), quantity: 1 }];
        Shipment {
            id: ShipmentId::new(id).expect("an id"),
            units,
            shipped_at: Timestamp(1),
            delivered_at: is_delivered.then_some(Timestamp(2)),
        }
    }

    fn sent(id: &str, notes: &[(i64, TrackingStatus)]) -> Sent {
        let shipment = ShipmentId::new(id).expect("an id");
        let mut sent = Sent { shipment, part: None, by: None, parcels: Vec::new(), at: Timestamp(1), manifest: None, notes: Vec::new() };
        for (at, status) in notes {
            sent.note(&TrackingNote { id: at.to_string(), status: *status, at: Timestamp(*at), note: String::new() });
        }
        sent
    }

    #[test]
    fn the_status_follows_the_numbers_and_the_shipments() {
        use TrackingStatus as T;
        use WorkStatus as S;
        let check = |work: Work, shipments: &[Shipment], sent: &[Sent], expected: S| assert_eq!(work.status(shipments, sent), expected);
        check(work(&[(2, 0, 0)], false), &[], &[], S::Planned);
        check(work(&[(2, 0, 0)], true), &[], &[], S::Released);
        check(work(&[(2, 1, 0)], true), &[], &[], S::Picking);
        check(work(&[(2, 2, 2), (1, 1, 0)], true), &[], &[], S::Picking);
        check(work(&[(2, 2, 2), (1, 1, 1)], true), &[], &[], S::Packed);
        check(work(&[(1, 0, 0)], true), &[shipment("s", true)], &[], S::Released);
        check(work(&[], true), &[], &[], S::Canceled);
        check(Work { cancel_reason: Some("closed".to_owned()), ..work(&[], true) }, &[], &[], S::Resourced);
        check(work(&[], true), &[shipment("s", false)], &[], S::Shipped);
        check(work(&[], true), &[shipment("s", false)], &[sent("s", &[(1, T::InTransit)])], S::InTransit);
        check(work(&[], true), &[shipment("s", false), shipment("t", true)], &[sent("s", &[(2, T::Lost)])], S::Lost);
        check(work(&[], true), &[shipment("s", true), shipment("t", true)], &[sent("s", &[(2, T::Lost)])], S::Delivered);
    }

    #[test]
    fn what_a_carrier_tells_late_changes_nothing_that_happened_later() {
        use TrackingStatus as T;
        assert_eq!(sent("s", &[(3, T::Delivered), (1, T::InTransit), (2, T::OutForDelivery)]).last(), Some(T::Delivered));
        assert_eq!(sent("s", &[(3, T::Delivered), (3, T::InTransit)]).last(), Some(T::Delivered));
        assert_eq!(sent("s", &[(1, T::Lost), (2, T::InTransit)]).last(), Some(T::InTransit), "what was lost was found");
    }
}
