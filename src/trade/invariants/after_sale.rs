//! What must always be true of orders after they were placed, and of their returns.

use crate::cart::demand;
use crate::event::trade::after_sale::HoldReason;
use crate::event::trade::{Line, Units};
use crate::id::{LineId, Sku};
use crate::order::{Order, Return, ReturnStatus};
use crate::trade::state::State;
use std::collections::BTreeMap;

impl State {
    /// What is wrong, in words: returns of nobody, more coming back than left, credits that are not those of the returns.
    pub(super) fn check_after_sale(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut listed = 0;
        for order in self.orders.iter() {
            wrong.extend(self.check_returns_of(&order));
            listed += order.after_sale.returns.len();
        }
        if listed != self.after_sale.returns.len() {
            wrong.push(format!("{} returns are kept and {listed} are listed by their orders", self.after_sale.returns.len()));
        }
        wrong
    }

    fn check_returns_of(&self, order: &Order) -> Vec<String> {
        let returns: Vec<&Return> = order.after_sale.returns.iter().filter_map(|id| self.returned(id)).map(|back| &**back).collect();
        let credited: i64 = returns.iter().filter_map(|back| back.credited).map(|amount| amount.amount_minor).sum();
        let came_back = returns.iter().filter(|back| !back.found.is_empty()).flat_map(|back| units_of(order, back));
        let came_back: i64 = came_back.map(|(_, units)| units).sum();
        let settled = [ReturnStatus::Refunded, ReturnStatus::Exchanged];
        let sums: i64 = order.totals.lines.iter().map(|line| line.gross_minor + line.discount_minor).sum();
        let goods = order.totals.subtotal.amount_minor + order.totals.discount.amount_minor
            - order
                .totals
                .discounts
                .iter()
                .filter(|discount| discount.is_shipping)
                .map(|discount| discount.amount.amount_minor)
                .sum::<i64>();
        let after = &order.after_sale;
        let rules = [
            ("one of its returns is another's", returns.len() == after.returns.len() && returns.iter().all(|back| back.order == order.id)),
            (
                "its credits are not those of its returns",
                credited == after.credited_minor && (0..=order.totals.total.amount_minor).contains(&credited),
            ),
            ("its returned units are not those of its returns", came_back == after.returned_units),
            ("more comes back than has left", no_more_than_left(order, &returns)),
            ("a settled return has no credit", returns.iter().all(|back| !settled.contains(&back.status) || back.credited.is_some())),
            ("its lines do not add up to its sums", order.totals.lines.is_empty() || sums == goods),
            ("it owes something and does not wait for it", (after.owing_minor > 0) == after.holds.contains(&HoldReason::Payment)),
        ];
        rules.into_iter().filter(|(_, holds)| !holds).map(|(what, _)| format!("order {}: {what}", order.id)).collect()
    }
}

/// Units that count as come back, as they are stocked.
fn units_of(order: &Order, back: &Return) -> BTreeMap<Sku, i64> {
    let lines = back.counted().filter_map(|(row, units)| {
        let line = order.lines.iter().find(|line| line.id == row.line)?;
        Some(Line { quantity: units, ..line.clone() })
    });
    demand(&lines.filter(|line| line.quantity > 0).collect::<Vec<_>>())
}

fn no_more_than_left(order: &Order, returns: &[&Return]) -> bool {
    let mut asked: BTreeMap<&LineId, i64> = BTreeMap::new();
    let live = returns.iter().filter(|back| !back.status.is_void());
    live.flat_map(|back| &back.lines).for_each(|line| *asked.entry(&line.line).or_default() += line.quantity);
    let lines = order.lines.iter().map(|line| Line { quantity: asked.get(&line.id).copied().unwrap_or(0), ..line.clone() });
    let lines: Vec<Line> = lines.filter(|line| line.quantity > 0).collect();
    let left = |sku: &Sku| {
        let rows = order.shipments.iter().flat_map(|shipment| &shipment.units).filter(|row: &&Units| row.sku == *sku);
        rows.map(|row| row.quantity).sum::<i64>()
    };
    demand(&lines).iter().all(|(sku, units)| *units <= left(sku))
}
