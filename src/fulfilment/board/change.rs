//! What events do to the board.

use super::super::calendar::local;
use super::super::work::{OrderWork, Sent, Settled, Short, Work, WorkLine, WorkStatus};
use super::{BATCHES_MAX, Board, Followed, Looking, Manifest, WORK_KEPT_MS, Wave};
use crate::event::trade::fulfilment::{MissReason, Parcel, PlanFacts, Promise, ShortReason, TrackingNote};
use crate::event::trade::{Component, Units};
use crate::id::{FulfilmentOrderId, LocationId, ShipmentId, Sku, WaveId};
use crate::stdx::clock::Timestamp;
use imbl::OrdSet;
use std::sync::Arc;

/// How much one change of an order may forget: more than one order can end with one, so that forgetting keeps up.
const FORGET_PER_CHANGE: usize = 4;

impl Board {
    /// Stock came, or came free.
    pub(in crate::fulfilment) fn ripen(&mut self, now: Timestamp) {
        if self.waiting.is_empty() {
            return;
        }
        let since = if self.looking.through.is_some() { &mut self.looking.came_meanwhile } else { &mut self.ripe_at };
        *since = since.or(Some(now));
    }

    /// Some were looked at, and others are left.
    pub(in crate::fulfilment) fn looked(&mut self, through: u64) {
        self.looking.through = Some(through);
    }

    /// All were; from the first again if stock came meanwhile.
    pub(in crate::fulfilment) fn retried(&mut self) {
        self.ripe_at = std::mem::take(&mut self.looking).came_meanwhile;
    }

    /// Lets the work of an order follow the order.
    pub(in crate::fulfilment) fn follow(&mut self, order: &Followed<'_>, now: Timestamp) {
        let number = order.number;
        let mut work = self.take(number).unwrap_or_else(|| OrderWork::new(order.id.clone()));
        work.parts.iter_mut().flat_map(|part| &mut part.lines).for_each(|line| line.left = 0);
        for Units { sku, location, quantity } in order.left {
            if work.at(location).is_none() {
                work.parts.push(Work::new(location.clone()));
            }
            let Some(part) = work.at_mut(location) else { continue };
            match part.line_mut(sku) {
                Some(line) => line.left = *quantity,
                None => part.lines.push(WorkLine { sku: sku.clone(), left: *quantity, picked: 0, packed: 0 }),
            }
        }
        let OrderWork { parts, sent, .. } = &mut work;
        for part in parts {
            let was_open = part.status.is_open();
            for line in &mut part.lines {
                line.picked = line.picked.min(line.left);
                line.packed = line.packed.min(line.picked);
            }
            part.lines.retain(|line| line.left > 0);
            if part.lines.iter().all(|line| line.packed == 0) {
                part.parcels.clear();
            }
            if !was_open && !part.lines.is_empty() {
                (part.is_released, part.cancel_reason) = (false, None);
            }
            part.status = part.status(order.shipments, sent);
        }
        let is_waiting = !order.owed.is_empty() && !order.is_done;
        let _ = if is_waiting { self.waiting.insert(number) } else { self.waiting.remove(&number) };
        if self.waiting.is_empty() {
            (self.ripe_at, self.looking) = (None, Looking::default());
        }
        let is_over = order.is_done || !is_waiting && work.parts.iter().all(|part| part.status.is_done());
        work.done_at = if is_over { work.done_at.or(Some(now)) } else { None };
        self.put(number, work);
        self.forget(now);
    }

    /// Changes the work of an order, and lets every list follow. The statuses follow with [`Board::follow`].
    pub(in crate::fulfilment) fn change(&mut self, number: u64, change: impl FnOnce(&mut OrderWork)) -> bool {
        let Some(mut work) = self.take(number) else { return false };
        change(&mut work);
        self.put(number, work);
        true
    }

    fn take(&mut self, number: u64) -> Option<OrderWork> {
        let work = self.works.get(&number)?;
        self.index(number, &work, false);
        Some(Arc::unwrap_or_clone(work))
    }

    fn put(&mut self, number: u64, work: OrderWork) {
        self.index(number, &work, true);
        self.works.put(number, Arc::new(work));
    }

    /// Enters the work of an order into every index, or takes it out.
    pub(super) fn index(&mut self, number: u64, work: &OrderWork, is_in: bool) {
        fn set<T: Ord + Clone>(set: &mut OrdSet<T>, row: T, is_in: bool) {
            if is_in {
                set.insert(row);
            } else {
                set.remove(&row);
            }
        }
        for (place, part) in work.parts.iter().enumerate() {
            let id = FulfilmentOrderId { order: number, part: place as u32 };
            let at = part.ship_by.unwrap_or(Timestamp(i64::MAX));
            self.list((part.location.clone(), part.status), (at, id), is_in);
            if let Some(ship_by) = part.ship_by.filter(|_| part.status.is_open()) {
                let key = (part.location.clone(), local(ship_by, 0).0);
                let count = self.due_days.get(&key).copied().unwrap_or(0);
                match if is_in { count + 1 } else { count.saturating_sub(1) } {
                    0 => self.due_days.remove(&key),
                    count => self.due_days.insert(key, count),
                };
            }
        }
        for sent in work.sent.iter().filter(|sent| sent.manifest.is_none()) {
            if let (Some(by), Some(part)) = (&sent.by, sent.part.and_then(|part| work.part(part))) {
                set(&mut self.unlisted, (part.location.clone(), by.carrier.clone(), number, sent.shipment.clone()), is_in);
            }
        }
        if let Some(promise) = work.promise.filter(|_| work.settled.is_none() && work.done_at.is_none()) {
            set(&mut self.promises, (promise.until, number), is_in);
        }
        if let Some(done_at) = work.done_at {
            set(&mut self.done, (done_at, number), is_in);
        }
    }

    fn list(&mut self, of: (LocationId, WorkStatus), row: (Timestamp, FulfilmentOrderId), is_in: bool) {
        if is_in {
            self.lists.entry(of).or_default().insert(row);
        } else if let Some(listed) = self.lists.get_mut(&of) {
            listed.remove(&row);
            if listed.is_empty() {
                self.lists.remove(&of);
            }
        }
    }

    fn forget(&mut self, now: Timestamp) {
        for _ in 0..FORGET_PER_CHANGE {
            let oldest = self.done.get_min().filter(|(at, _)| at.plus_ms(WORK_KEPT_MS) <= now).cloned();
            let Some((_, number)) = oldest else { return };
            self.take(number);
            self.works.remove(&number);
        }
    }

    pub(in crate::fulfilment) fn planned(&mut self, number: u64, plan: &PlanFacts, promise: Option<Promise>) -> bool {
        self.change(number, |work| {
            for planned in &plan.parts {
                if let Some(part) = work.at_mut(&planned.location) {
                    (part.by, part.ship_by) = (planned.by.clone(), planned.ship_by);
                }
            }
            (work.plan, work.promise) = (Some(Arc::new(plan.clone())), promise);
        })
    }

    /// A location is to begin; its status follows.
    pub(in crate::fulfilment) fn released(&mut self, id: FulfilmentOrderId, wave: Option<&WaveId>) -> bool {
        self.change_part(id, |part| {
            part.is_released = true;
            part.wave = wave.cloned().or(part.wave.take());
        })
    }

    pub(in crate::fulfilment) fn change_part(&mut self, id: FulfilmentOrderId, change: impl FnOnce(&mut Work)) -> bool {
        let mut is_there = false;
        self.change(id.order, |work| {
            if let Some(part) = work.parts.get_mut(id.part as usize) {
                change(part);
                is_there = true;
            }
        });
        is_there
    }

    pub(in crate::fulfilment) fn picked(&mut self, id: FulfilmentOrderId, units: &[Component]) -> bool {
        self.change_part(id, |part| {
            for Component { sku, quantity } in units {
                if let Some(line) = part.line_mut(sku) {
                    line.picked += quantity;
                }
            }
        })
    }

    pub(in crate::fulfilment) fn not_found(
        &mut self,
        id: FulfilmentOrderId,
        units: &[Component],
        reason: ShortReason,
        at: Timestamp,
    ) -> bool {
        let short = |unit: &Component| Short { sku: unit.sku.clone(), quantity: unit.quantity, reason, at };
        self.change_part(id, |part| part.shorts.extend(units.iter().map(short)))
    }

    pub(in crate::fulfilment) fn packed(&mut self, id: FulfilmentOrderId, parcels: &[Parcel]) -> bool {
        self.change_part(id, |part| {
            for Component { sku, quantity } in parcels.iter().flat_map(|parcel| &parcel.units) {
                if let Some(line) = part.line_mut(sku) {
                    line.packed += quantity;
                }
            }
            part.parcels.extend(parcels.iter().cloned());
        })
    }

    /// Units left: packed ones first, out of their parcels, then picked ones.
    pub(in crate::fulfilment) fn shipped(&mut self, number: u64, rows: &[Units]) {
        self.change(number, |work| {
            for Units { sku, location, quantity } in rows {
                let Some(part) = work.at_mut(location) else { continue };
                let Some(line) = part.line_mut(sku) else { continue };
                let packed = line.packed.min(*quantity);
                line.picked = (line.picked - quantity).max(0);
                line.packed -= packed;
                unpack(&mut part.parcels, sku, packed);
            }
        });
    }

    pub(in crate::fulfilment) fn dispatched(&mut self, id: FulfilmentOrderId, sent: Sent) -> bool {
        let numbered = sent.parcels.iter().filter(|parcel| parcel.tracking.is_some()).count() as u64;
        if let Some(by) = &sent.by {
            let running = self.running(&by.carrier) + numbered;
            self.running.insert(by.carrier.clone(), running);
        }
        self.change(id.order, |work| {
            if let Some(part) = work.parts.get_mut(id.part as usize) {
                part.parcels.clear();
            }
            work.sent.push(sent);
        })
    }

    pub(in crate::fulfilment) fn tracked(&mut self, number: u64, shipment: &ShipmentId, note: &TrackingNote, at: Timestamp) -> bool {
        self.change(number, |work| {
            if work.sent(shipment).is_none() {
                let shipment = shipment.clone();
                work.sent.push(Sent { shipment, part: None, by: None, parcels: Vec::new(), at, manifest: None, notes: Vec::new() });
            }
            work.sent.iter_mut().filter(|sent| sent.shipment == *shipment).for_each(|sent| sent.note(note));
        })
    }

    pub(in crate::fulfilment) fn settled(&mut self, number: u64, missed: Option<MissReason>, at: Timestamp) -> bool {
        let by = self.order(number).and_then(|work| work.parts.first()?.by.clone());
        let mut counts = self.counts.get(&by).copied().unwrap_or_default();
        match missed.and_then(|reason| MissReason::ALL.iter().position(|known| *known == reason)) {
            Some(place) => counts.missed[place] += 1,
            None => counts.kept += 1,
        }
        self.counts.insert(by, counts);
        self.change(number, |work| work.settled = Some(Settled { missed, at }))
    }

    pub(in crate::fulfilment) fn keep_wave(&mut self, wave: Wave) {
        self.waves.push_back(Arc::new(wave));
        if self.waves.len() > BATCHES_MAX {
            self.waves.pop_front();
        }
    }

    pub(in crate::fulfilment) fn keep_manifest(&mut self, manifest: Manifest) {
        for (number, shipment) in &manifest.shipments {
            self.change(*number, |work| {
                let listed = work.sent.iter_mut().filter(|sent| sent.shipment == *shipment);
                listed.for_each(|sent| sent.manifest = Some(manifest.id.clone()));
            });
        }
        self.manifests.push_back(Arc::new(manifest));
        if self.manifests.len() > BATCHES_MAX {
            self.manifests.pop_front();
        }
    }
}

/// Takes units out of parcels, the first ones first; empty ones are no more.
fn unpack(parcels: &mut Vec<Parcel>, sku: &Sku, mut units: i64) {
    for parcel in parcels.iter_mut() {
        for unit in parcel.units.iter_mut().filter(|unit| unit.sku == *sku) {
            let taken = unit.quantity.min(units);
            unit.quantity -= taken;
            units -= taken;
        }
        parcel.units.retain(|unit| unit.quantity > 0);
    }
    parcels.retain(|parcel| !parcel.units.is_empty());
}
