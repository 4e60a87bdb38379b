//! What must always be true of fulfilment orders, waves, shipments on their way, promises kept.

use crate::event::trade::Units;
use crate::fulfilment::OrderWork;
use crate::id::{LocationId, Sku};
use crate::order::{Order, OrderStatus};
use crate::trade::state::State;
use std::collections::BTreeMap;

impl State {
    /// What is wrong, in words: units of an order that are in no place or in two, work that does not follow its order, units off the shelf that
    /// no fulfilment order has, indexes that do not agree.
    pub(super) fn check_fulfilment(&self) -> Vec<String> {
        let board = self.fulfilment.board();
        let mut wrong = Vec::new();
        for (number, work) in board.iter() {
            match self.order_numbered(number) {
                Some(order) => wrong.extend(check_work(&order, &work)),
                None => wrong.push(format!("there is work for order {number}, which is not there")),
            }
        }
        let mut owing = Vec::new();
        for order in self.orders.iter() {
            wrong.extend(check_units(&order));
            if !order.owed.is_empty() {
                owing.push(order.number);
            }
            let is_open = !order.left_to_ship.is_empty() || !order.owed.is_empty();
            if is_open && board.order(order.number).is_none() {
                wrong.push(format!("order {} has units to send and no work", order.id));
            }
        }
        if !board.waiting().eq(owing) {
            wrong.push("the orders that wait for units are not those that have some to come".to_owned());
        }
        let picked = board.picked_units();
        for row in self.stock.rows() {
            for stock in &row.locations {
                let expected = picked.get(&(row.sku.clone(), stock.location.clone())).copied().unwrap_or(0);
                if stock.buckets.picked != expected {
                    wrong.push(format!("{} at {}: {} picked, recounted {expected}", row.sku, stock.location, stock.buckets.picked));
                }
            }
        }
        if !board.is_indexed() {
            wrong.push("an index of the work is wrong".to_owned());
        }
        wrong
    }
}

/// Every unit that is assigned to an order is still to leave or has left, at the same location.
fn check_units(order: &Order) -> Vec<String> {
    let sum = |rows: &mut dyn Iterator<Item = &Units>| {
        let mut sums: BTreeMap<(Sku, LocationId), i64> = BTreeMap::new();
        rows.for_each(|row| *sums.entry((row.sku.clone(), row.location.clone())).or_default() += row.quantity);
        sums
    };
    let assigned = sum(&mut order.units.iter());
    let shipped = order.shipments.iter().flat_map(|shipment| &shipment.units);
    let placed = sum(&mut order.left_to_ship.iter().chain(shipped));
    if order.status != OrderStatus::Canceled && assigned != placed {
        return vec![format!("order {}: {assigned:?} are assigned, {placed:?} are somewhere", order.id)];
    }
    Vec::new()
}

fn check_work(order: &Order, work: &OrderWork) -> Vec<String> {
    let lines = work.parts.iter().flat_map(|part| part.lines.iter().map(|line| ((&line.sku, &part.location), line)));
    let left: BTreeMap<(&Sku, &LocationId), i64> = lines.clone().map(|(place, line)| (place, line.left)).collect();
    let expected: BTreeMap<(&Sku, &LocationId), i64> =
        order.left_to_ship.iter().map(|row| ((&row.sku, &row.location), row.quantity)).collect();
    let is_chain = lines.clone().all(|(_, line)| 0 <= line.packed && line.packed <= line.picked && line.picked <= line.left);
    let is_packed = |part: &crate::fulfilment::Work| {
        let packed: i64 = part.lines.iter().map(|line| line.packed).sum();
        packed == part.parcels.iter().flat_map(|parcel| &parcel.units).map(|unit| unit.quantity).sum::<i64>()
    };
    let is_status = |part: &crate::fulfilment::Work| part.status == part.status(&order.shipments, &work.sent);
    let is_done = work.parts.iter().all(|part| part.status.is_done());
    let rules = [
        ("is of another order", work.order == order.id),
        ("does not follow what is left", left == expected),
        ("has more packed than picked, or more picked than left", is_chain),
        ("has parcels of other units than are packed", work.parts.iter().all(is_packed)),
        ("has a wrong status", work.parts.iter().all(is_status)),
        ("is over and not over", work.done_at.is_none() || is_done),
        ("has settled a promise that was not made", work.settled.is_none() || work.promise.is_some()),
    ];
    rules.into_iter().filter(|(_, holds)| !holds).map(|(what, _)| format!("the work of order {} {what}", order.id)).collect()
}
