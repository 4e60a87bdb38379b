//! Orders told to the activity stream, where the clicks that led to them are.
//!
//! Which search an order is credited to, and what a purchase goes with, depends on what was done before it, and "before" means the same in
//! life and in replay only within one stream. So the trade writer notes each durable order there. It never waits for the activity writer: a
//! note that finds the queue full, or that a crash swallows, costs a search its credit and the recommendations one order, and nobody
//! anything else.

use super::activity_writer::ActivityJob;
use super::queue::offer;
use crate::event::activity::{HistoryLine, Kept};
use crate::event::trade::{AfterSaleEvent, Buyer, Line};
use crate::event::{ActivityEvent, Events, Origin, Recorded, TradeEvent};
use crate::id::{OrderId, Ordinal};
use crate::order::Order;
use crate::trade::State;
use crossbeam::channel::Sender;

/// Notes what these entries say of orders.
pub(super) fn note(activity: &Sender<ActivityJob>, recorded: &[Recorded], state: &State) {
    let trade = recorded.iter().flat_map(|recorded| match &recorded.events {
        Events::Trade(events) => events.as_slice(),
        Events::Catalog(_) | Events::Activity(_) => &[],
    });
    let events: Vec<ActivityEvent> = trade.filter_map(|event| note_of(event, state)).collect();
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

fn note_of(event: &TradeEvent, state: &State) -> Option<ActivityEvent> {
    if let TradeEvent::OrderPlaced { order, buyer, lines, .. } = event {
        Some(ActivityEvent::OrderNoted {
            order: order.clone(),
            origin: origin_of(buyer),
            lines: lines.iter().map(|line| row(line, 1)).collect(),
            kept: None,
        })
    } else if let TradeEvent::AfterSale(event) = event {
        note_after_sale(event, state)
    } else if let TradeEvent::OrderCanceled { order, .. } = event {
        Some(ActivityEvent::CancellationNoted { order: order.clone() })
    } else {
        None
    }
}

/// What an edit changes, or a return brings back, as an order of its own name with negative lines for what is gone; and what the buyer has
/// of the order now. So a purchase is taken back when nothing is left of it, however many parcels it came back in, and a line that is made
/// longer is not a purchase of its own.
fn note_after_sale(event: &AfterSaleEvent, state: &State) -> Option<ActivityEvent> {
    let (name, order, lines) = match event {
        AfterSaleEvent::OrderEdited { order, edit, lines, canceled, sold, .. } => {
            let order = state.order(order)?;
            let gone = canceled.iter().filter(|line| lines.iter().all(|kept| kept.id != line.id)).map(|line| row(line, -1));
            (edit.as_str(), order, gone.chain(sold.iter().map(|line| row(line, 1))).collect::<Vec<_>>())
        }
        AfterSaleEvent::ReturnInspected { id, returned, .. } => {
            let order = state.order(&state.returned(id)?.order)?;
            (id.as_str(), order, returned.iter().map(|line| row(line, -1)).collect())
        }
        _ => return None,
    };
    let noted = OrderId::new(name).ok().filter(|_| !lines.is_empty())?;
    let kept = Kept { order: order.id.clone(), products: products_kept(state, &order) };
    let noted = ActivityEvent::OrderNoted { order: noted, origin: origin_of(&order.buyer), lines, kept: Some(kept) };
    Some(noted)
}

/// The products of an order of which more units were bought than have come back, in the order of its lines.
fn products_kept(state: &State, order: &Order) -> Vec<Ordinal> {
    let mut units: Vec<(Ordinal, i64)> = Vec::new();
    let mut add = |product: Ordinal, more: i64| match units.iter_mut().find(|(known, _)| *known == product) {
        Some((_, sum)) => *sum += more,
        None => units.push((product, more)),
    };
    order.lines.iter().for_each(|line| add(line.product, line.quantity));
    let returns = order.after_sale.returns.iter().filter_map(|id| state.returned(id));
    for (row, back) in returns.filter(|back| !back.found.is_empty()).flat_map(|back| back.counted()) {
        order.lines.iter().filter(|line| line.id == row.line).for_each(|line| add(line.product, -back));
    }
    units.into_iter().filter(|(_, units)| *units > 0).map(|(product, _)| product).collect()
}

fn origin_of(buyer: &Buyer) -> Origin {
    Origin { shopper: buyer.shopper.clone(), session: buyer.session.clone(), ..Origin::default() }
}

fn row(line: &Line, sign: i64) -> HistoryLine {
    HistoryLine { product: line.product, sku: None, quantity: sign * line.quantity, unit_price: Some(line.unit_price) }
}
