//! Orders told to the activity stream, where the clicks that led to them are.
//!
//! Which search an order is credited to, and what a purchase goes with, depends on what was done before it, and "before" means the same in
//! life and in replay only within one stream. So the trade writer notes each durable order there. It never waits for the activity writer: a
//! note that finds the queue full, or that a crash swallows, costs a search its credit and the recommendations one order, and nobody
//! anything else.

use super::activity_writer::ActivityJob;
use super::queue::offer;
use crate::event::activity::HistoryLine;
use crate::event::trade::Line;
use crate::event::{ActivityEvent, Events, Origin, Recorded, TradeEvent};
use crossbeam::channel::Sender;

/// Notes what these entries say of orders.
pub(super) fn note(activity: &Sender<ActivityJob>, recorded: &[Recorded]) {
    let trade = recorded.iter().flat_map(|recorded| match &recorded.events {
        Events::Trade(events) => events.as_slice(),
        Events::Catalog(_) | Events::Activity(_) => &[],
    });
    let events: Vec<ActivityEvent> = trade.filter_map(note_of).collect();
    if events.is_empty() {
        return;
    }
    let reply = Box::new(|answer: Result<u64, _>| {
        if answer.is_err() {
            metrics::counter!("shopkeeper_orders_not_noted_total").increment(1);
        }
    });
    if let Err((ActivityJob::Record { reply, .. }, unavailable)) = offer(activity, ActivityJob::Record { events, reply }) {
        reply(Err(unavailable));
    }
}

fn note_of(event: &TradeEvent) -> Option<ActivityEvent> {
    if let TradeEvent::OrderPlaced { order, buyer, lines, .. } = event {
        let origin = Origin { shopper: buyer.shopper.clone(), session: buyer.session.clone(), ..Origin::default() };
        let line = |line: &Line| HistoryLine { product: line.product, quantity: line.quantity, unit_price: Some(line.unit_price) };
        Some(ActivityEvent::OrderNoted { order: order.clone(), origin, lines: lines.iter().map(line).collect() })
    } else if let TradeEvent::OrderCanceled { order, .. } = event {
        Some(ActivityEvent::CancellationNoted { order: order.clone() })
    } else {
        None
    }
}
