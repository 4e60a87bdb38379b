//! What reservations and orders take out of the quotas of channels, and give back when they end without a sale.

use crate::cart::demand;
use crate::event::TradeEvent;
use crate::event::trade::SkuUnits;
use crate::id::{ChannelId, CheckoutId, OrderId, ReservationId, Sku};
use crate::inventory::Draw;
use crate::order::{Order, OrderStatus};
use crate::trade::fold::Fault;
use crate::trade::state::State;
use std::collections::BTreeMap;
use std::sync::Arc;

impl State {
    pub(super) fn channel_chosen(&mut self, checkout: &CheckoutId, channel: Option<&ChannelId>) {
        match channel {
            Some(channel) => self.stock_book.channels.insert(checkout.clone(), channel.clone()),
            None => self.stock_book.channels.remove(checkout),
        };
    }

    pub(super) fn quota_drawn(&mut self, reservation: &ReservationId, channel: &ChannelId, units: &[SkuUnits]) {
        units.iter().for_each(|row| self.stock.hold_quota(&row.sku, channel, row.quantity));
        let draw = Draw { channel: channel.clone(), units: units.to_vec() };
        self.stock_book.reservation_draws.insert(reservation.clone(), Arc::new(draw));
    }

    pub(super) fn order_quota_drawn(&mut self, order: &OrderId, channel: &ChannelId, units: &[SkuUnits]) -> Result<(), Fault> {
        self.order(order).ok_or_else(|| Fault::missing("order", order))?;
        units.iter().for_each(|row| self.stock.hold_quota(&row.sku, channel, row.quantity));
        let before = self.stock_book.order_draws.get(order).cloned();
        let mut sums: BTreeMap<&Sku, i64> = BTreeMap::new();
        let known = before.iter().flat_map(|draw| &draw.units);
        known.chain(units).for_each(|row| *sums.entry(&row.sku).or_default() += row.quantity);
        let units = sums.into_iter().map(|(sku, quantity)| SkuUnits { sku: sku.clone(), quantity }).collect();
        self.stock_book.order_draws.insert(order.clone(), Arc::new(Draw { channel: channel.clone(), units }));
        Ok(())
    }

    /// Lets draws follow reservations and orders. The channel that a session has chosen stays its order's: more may be bought for it later.
    pub(in crate::trade::fold) fn follow_draws(&mut self, event: &TradeEvent) {
        if let TradeEvent::CheckoutCanceled { checkout } = event
            && !self.stock_book.channels.is_empty()
        {
            self.stock_book.channels.remove(checkout);
        }
        if let TradeEvent::ReservationReleased { reservation, .. } = event
            && let Some(draw) = self.take_reservation_draw(reservation)
        {
            draw.units.iter().for_each(|row| self.stock.hold_quota(&row.sku, &draw.channel, -row.quantity));
        }
        if let TradeEvent::OrderPlaced { order, reservation, .. } = event
            && let Some(draw) = self.take_reservation_draw(reservation)
        {
            self.stock_book.order_draws.insert(order.clone(), draw);
        }
    }

    fn take_reservation_draw(&mut self, reservation: &ReservationId) -> Option<Arc<Draw>> {
        if self.stock_book.reservation_draws.is_empty() { None } else { self.stock_book.reservation_draws.remove(reservation) }
    }

    /// An order has other lines or units left than before: what it no longer buys goes back into the quota; what has left is sold, once nothing is to come.
    pub(in crate::trade::fold) fn follow_order_draw(&mut self, order: &OrderId) {
        if self.stock_book.order_draws.is_empty() {
            return;
        }
        let (Some(draw), Some(order)) = (self.stock_book.order_draws.get(order).cloned(), self.order(order)) else { return };
        let kept = still_bought(&draw, &order);
        for (before, after) in draw.units.iter().zip(&kept) {
            self.stock.hold_quota(&before.sku, &draw.channel, after.quantity - before.quantity);
        }
        if order.left_to_ship.is_empty() && order.owed.is_empty() {
            kept.iter().for_each(|row| self.stock.sell_quota(&row.sku, &draw.channel, row.quantity));
            self.stock_book.order_draws.remove(&order.id);
        } else if kept != draw.units {
            self.stock_book.order_draws.insert(order.id.clone(), Arc::new(Draw { channel: draw.channel.clone(), units: kept }));
        }
    }
}

/// What is left of a draw for what an order buys now.
fn still_bought(draw: &Draw, order: &Order) -> Vec<SkuUnits> {
    let bought = if order.status == OrderStatus::Canceled { Default::default() } else { demand(&order.lines) };
    let kept = |row: &SkuUnits| SkuUnits { sku: row.sku.clone(), quantity: row.quantity.min(bought.get(&row.sku).copied().unwrap_or(0)) };
    draw.units.iter().map(kept).collect()
}
