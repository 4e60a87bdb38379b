//! What simulated shoppers and clerks ask about orders after they were placed.

use super::super::Simulation;
use crate::event::trade::after_sale::{ClaimFault, HoldReason, Inspected, Remedy, ReturnKind, ReturnLine, ReturnReason};
use crate::id::{EditId, LineId, LocationId, ReturnId};
use crate::money::{Currency, Money};
use crate::order::{Order, Return, ReturnStatus};
use crate::trade::{Action, AfterSaleAction, Edit};
use std::sync::Arc;

pub(super) fn action(simulation: &mut Simulation) -> Option<Action> {
    let order = simulation.an_order()?;
    let action = match simulation.rng.u32(0..10) {
        0 => AfterSaleAction::PlaceHold { order: order.id.clone(), reason: hold(simulation) },
        1 => AfterSaleAction::ReleaseHold { order: order.id.clone(), reason: hold(simulation) },
        2 => edit(simulation, &order)?,
        3 if order.after_sale.owing_minor > 0 => {
            let payment = simulation.name("payment").parse().ok()?;
            AfterSaleAction::PayBalance { order: order.id.clone(), payment, provider: "bad".to_owned(), token: "tok".to_owned() }
        }
        3 => edit(simulation, &order)?,
        4..6 => request(simulation, &order)?,
        _ => next_step(simulation, &order).or_else(|| request(simulation, &order))?,
    };
    Some(Action::AfterSale(action))
}

fn hold(simulation: &mut Simulation) -> HoldReason {
    [HoldReason::FraudReview, HoldReason::Address, HoldReason::Manual, HoldReason::Payment][simulation.rng.usize(0..4)]
}

/// Fewer or more units of some lines, now and then more of all of them, or a line in addition.
fn edit(simulation: &mut Simulation, order: &Order) -> Option<AfterSaleAction> {
    let mut quantities: Vec<(LineId, i64)> = Vec::new();
    let wants_more = simulation.rng.u32(0..4) == 0;
    for line in order.lines.iter() {
        if wants_more {
            quantities.push((line.id.clone(), line.quantity + 1));
        } else if simulation.rng.bool() {
            quantities.push((line.id.clone(), simulation.rng.i64(-1..=line.quantity + 1)));
        }
    }
    let mut additions = if simulation.rng.u32(0..4) == 0 { simulation.lines() } else { Vec::new() };
    additions.truncate(1);
    for line in &mut additions {
        line.id = LineId::new(&simulation.name("line")).ok()?;
    }
    let change = Edit { quantities, additions, address: None, reason: "changed their mind".to_owned() };
    let edit = EditId::new(&simulation.name("edit")).ok()?;
    Some(AfterSaleAction::EditOrder { order: order.id.clone(), edit, change, expected_difference: None })
}

/// Some lines of an order back, not seldom more of them than can come.
fn request(simulation: &mut Simulation, order: &Order) -> Option<AfterSaleAction> {
    let mut lines = Vec::new();
    for line in order.lines.iter() {
        if simulation.rng.bool() {
            lines.push(ReturnLine {
                line: line.id.clone(),
                quantity: simulation.rng.i64(0..=line.quantity),
                reason: ReturnReason::Unwanted,
            });
        }
    }
    let kind = match simulation.rng.u32(0..4) {
        0 => {
            let mut replacement = simulation.lines();
            for line in &mut replacement {
                line.id = LineId::new(&simulation.name("line")).ok()?;
            }
            ReturnKind::Exchange { replacement }
        }
        1 => ReturnKind::Claim {
            fault: if simulation.rng.bool() { ClaimFault::Lost } else { ClaimFault::Damaged },
            remedy: if simulation.rng.bool() { Remedy::Refund } else { Remedy::Replace },
            goods_come_back: simulation.rng.u32(0..3) == 0,
        },
        _ => ReturnKind::Return,
    };
    let id = ReturnId::new(&simulation.name("return")).ok()?;
    Some(AfterSaleAction::RequestReturn { id, order: order.id.clone(), kind, lines, note: String::new() })
}

/// What usually comes next for one of the order's returns, and now and then what does not.
fn next_step(simulation: &mut Simulation, order: &Order) -> Option<AfterSaleAction> {
    let returns: Vec<Arc<Return>> = order.after_sale.returns.iter().filter_map(|id| simulation.writer.returned(id)).cloned().collect();
    let back = returns.get(simulation.rng.usize(0..returns.len().max(1)))?;
    let id = back.id.clone();
    let usual = match back.status {
        ReturnStatus::Requested if simulation.rng.u32(0..6) == 0 => AfterSaleAction::DeclineReturn { id, reason: "too late".to_owned() },
        ReturnStatus::Requested => AfterSaleAction::ApproveReturn { id },
        ReturnStatus::Approved if !back.goods_come_back() => settle(simulation, back),
        ReturnStatus::Approved if simulation.rng.bool() => AfterSaleAction::SendReturn { id, tracking: "T1".to_owned() },
        ReturnStatus::Approved | ReturnStatus::InTransit => {
            let location = LocationId::new(["east", "north", "west"][simulation.rng.usize(0..3)]).ok()?;
            AfterSaleAction::ReceiveReturn { id, location }
        }
        ReturnStatus::Received => AfterSaleAction::InspectReturn { id, found: found(simulation, back) },
        ReturnStatus::Inspected => settle(simulation, back),
        ReturnStatus::Refunded | ReturnStatus::Exchanged => AfterSaleAction::CloseReturn { id },
        ReturnStatus::Declined | ReturnStatus::Closed | ReturnStatus::Canceled => settle(simulation, back),
    };
    let is_called_off = simulation.rng.u32(0..12) == 0;
    Some(if is_called_off { AfterSaleAction::CancelReturn { id: back.id.clone() } } else { usual })
}

fn settle(simulation: &mut Simulation, back: &Return) -> AfterSaleAction {
    let id = back.id.clone();
    match &back.kind {
        ReturnKind::Exchange { .. } | ReturnKind::Claim { remedy: Remedy::Replace, .. } if simulation.rng.u32(0..6) > 0 => {
            let name = simulation.name("edit");
            EditId::new(&name).map_or(AfterSaleAction::CloseReturn { id: id.clone() }, |edit| AfterSaleAction::ReplaceReturn { id, edit })
        }
        _ => {
            let fee = (simulation.rng.u32(0..4) == 0).then(|| Money::new(simulation.rng.i64(-1..500), Currency::EUR));
            AfterSaleAction::RefundReturn { id, fee, with_shipping: simulation.rng.bool() }
        }
    }
}

fn found(simulation: &mut Simulation, back: &Return) -> Vec<Inspected> {
    let one = |units: i64, simulation: &mut Simulation| {
        let sellable = simulation.rng.i64(0..=units);
        let damaged = simulation.rng.i64(0..=units - sellable);
        Inspected { sellable, damaged, missing: units - sellable - damaged }
    };
    back.lines.iter().map(|line| one(line.quantity, simulation)).collect()
}
