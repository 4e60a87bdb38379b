//! What simulated people ask about stock beyond units on hand: purchases on their way, transfers, counts, quotas, bundles.

use super::super::Simulation;
use crate::event::trade::{
    Account, Component, PurchaseLine, Receipt, SkuUnits, StockReason, StockTerms, TransferLine, TransferReceipt, Units,
};
use crate::id::{ChannelId, Ordinal, Sku};
use crate::inventory::{Purchase, Transfer};
use crate::trade::simulate::shoppers::{BUNDLES, LOCATIONS};
use crate::trade::{Action, CountedUnits, StockAction};
use std::sync::Arc;

const CHANNELS: [&str; 2] = ["floor", "market"];
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// Orders among which one that came through a channel is looked for.
const NEWEST: usize = 10;

pub(super) fn action(simulation: &mut Simulation) -> Option<Action> {
    let action = match simulation.rng.u32(0..100) {
        0..12 => shift(simulation),
        12..18 => set_terms(simulation),
        18..24 => preorder(simulation),
        24..46 => purchase(simulation),
        46..64 => transfer(simulation),
        64..74 => count(simulation),
        74..82 => quota(simulation),
        82..92 => channel(simulation),
        _ => bundle(simulation),
    }?;
    Some(Action::Stock(action))
}

fn shift(simulation: &mut Simulation) -> Option<StockAction> {
    const MOVES: [(Account, Account, StockReason); 8] = [
        (Account::Available, Account::Damaged, StockReason::Damaged),
        (Account::Available, Account::QualityHold, StockReason::Held),
        (Account::Damaged, Account::WrittenOff, StockReason::WrittenOff),
        (Account::Damaged, Account::Available, StockReason::Cleared),
        (Account::QualityHold, Account::Available, StockReason::Cleared),
        (Account::QualityHold, Account::Damaged, StockReason::Damaged),
        (Account::Supplier, Account::QualityHold, StockReason::Held),
        (Account::WrittenOff, Account::Available, StockReason::Found),
    ];
    let (sku, product, location) = simulation.place()?;
    let (from, to, reason) = MOVES[simulation.rng.usize(0..MOVES.len())];
    let quantity = simulation.rng.i64(0..5);
    Some(StockAction::Shift { units: Units { sku, location, quantity }, product, from, to, reason })
}

fn set_terms(simulation: &mut Simulation) -> Option<StockAction> {
    let (sku, product, location) = simulation.place()?;
    let reorder_point = simulation.rng.bool().then(|| simulation.rng.i64(0..10));
    let reorder_to = reorder_point.map(|point| point + simulation.rng.i64(-1..20));
    let backorder_expected_at = simulation.rng.bool().then(|| simulation.now.plus_ms(simulation.rng.i64(0..30 * DAY_MS)));
    Some(StockAction::SetTerms { sku, product, location, terms: StockTerms { reorder_point, reorder_to, backorder_expected_at } })
}

fn preorder(simulation: &mut Simulation) -> Option<StockAction> {
    let (sku, product, location) = simulation.place()?;
    if simulation.rng.bool() {
        return Some(StockAction::ReleasePreorder { sku });
    }
    let release_at = simulation.now.plus_ms(simulation.rng.i64(-1..DAY_MS / 4));
    let caps = vec![(location, simulation.rng.i64(0..12))];
    Some(StockAction::OpenPreorder { sku, product, release_at, caps })
}

fn purchase(simulation: &mut Simulation) -> Option<StockAction> {
    let known: Vec<Arc<Purchase>> = simulation.writer.purchases(None).take(40).cloned().collect();
    if known.is_empty() || simulation.rng.u32(0..4) == 0 {
        let purchase = simulation.name("purchase").parse().ok()?;
        let (lines, location) = (purchase_lines(simulation), simulation.place()?.2);
        return Some(StockAction::OpenPurchase { purchase, supplier: "Maker".to_owned(), location, lines, over_percent: 20 });
    }
    let found = &known[simulation.rng.usize(0..known.len())];
    let purchase = found.id.clone();
    match simulation.rng.u32(0..10) {
        0 => Some(StockAction::CancelPurchase { purchase }),
        1..3 => Some(StockAction::ChangePurchase { purchase, lines: purchase_lines(simulation) }),
        _ => {
            let receipts = found.lines.iter().map(|line| {
                let (accepted, damaged) = (simulation.rng.i64(0..line.ordered + 1), simulation.rng.i64(0..2));
                Receipt { sku: line.sku.clone(), accepted, damaged, quality_hold: simulation.rng.i64(0..2) }
            });
            Some(StockAction::ReceivePurchase { purchase, receipts: receipts.collect(), closes: simulation.rng.u32(0..4) == 0 })
        }
    }
}

fn purchase_lines(simulation: &mut Simulation) -> Vec<PurchaseLine> {
    let count = simulation.rng.usize(1..3);
    let line = |_| {
        let (sku, product, _) = simulation.place()?;
        let expected_at = simulation.now.plus_ms(simulation.rng.i64(0..10 * DAY_MS));
        Some(PurchaseLine { sku, product, ordered: simulation.rng.i64(1..10), expected_at })
    };
    (0..count).filter_map(line).collect()
}

fn transfer(simulation: &mut Simulation) -> Option<StockAction> {
    let known: Vec<Arc<Transfer>> = simulation.writer.transfers(None).take(40).cloned().collect();
    if known.is_empty() || simulation.rng.u32(0..4) == 0 {
        let transfer = simulation.name("transfer").parse().ok()?;
        let (sku, product, from) = simulation.place()?;
        let to = LOCATIONS[simulation.rng.usize(0..LOCATIONS.len())].parse().ok()?;
        let lines = vec![TransferLine { sku, product, requested: simulation.rng.i64(1..8) }];
        let expected_at = simulation.now.plus_ms(DAY_MS);
        return Some(StockAction::RequestTransfer { transfer, from, to, lines, expected_at });
    }
    let found = &known[simulation.rng.usize(0..known.len())];
    let transfer = found.id.clone();
    match simulation.rng.u32(0..10) {
        0 => Some(StockAction::CancelTransfer { transfer }),
        1..5 => {
            let some = |line: &crate::inventory::TransferredSku| SkuUnits { sku: line.sku.clone(), quantity: line.requested };
            let units = if simulation.rng.bool() { Vec::new() } else { found.lines.iter().map(some).collect() };
            Some(StockAction::SendTransfer { transfer, units })
        }
        5 => Some(StockAction::ReceiveTransfer { transfer, receipts: Vec::new() }),
        _ => {
            let receipts = found.lines.iter().map(|line| TransferReceipt {
                sku: line.sku.clone(),
                received: simulation.rng.i64(0..3),
                damaged: simulation.rng.i64(0..2),
                lost: simulation.rng.i64(0..2),
            });
            Some(StockAction::ReceiveTransfer { transfer, receipts: receipts.collect() })
        }
    }
}

fn count(simulation: &mut Simulation) -> Option<StockAction> {
    let known: Vec<_> = simulation.writer.counts(None).take(20).cloned().collect();
    if known.is_empty() || simulation.rng.u32(0..3) == 0 {
        let count = simulation.name("count").parse().ok()?;
        let (sku, _, location) = simulation.place()?;
        return Some(StockAction::OpenCount { count, location, skus: vec![sku] });
    }
    let found = &known[simulation.rng.usize(0..known.len())];
    let count = found.id.clone();
    if simulation.rng.u32(0..8) == 0 {
        return Some(StockAction::CancelCount { count });
    }
    let counted = found.lines.iter().map(|line| {
        let on_hand = simulation.writer.buckets(&line.sku, &found.location).on_hand;
        let expected = simulation.rng.bool().then_some(on_hand);
        CountedUnits { sku: line.sku.clone(), counted: on_hand + simulation.rng.i64(-2..3), expected }
    });
    Some(StockAction::RecordCount { count, counted: counted.collect() })
}

fn a_channel(simulation: &mut Simulation) -> Option<ChannelId> {
    CHANNELS[simulation.rng.usize(0..CHANNELS.len())].parse().ok()
}

/// Something that was sold through a channel, or anything for any of them: what an order is edited to later then meets the quota.
fn quota(simulation: &mut Simulation) -> Option<StockAction> {
    let (sku, channel) = match sold_through(simulation) {
        Some(sold) if simulation.rng.bool() => sold,
        _ => (simulation.place()?.0, a_channel(simulation)?),
    };
    if simulation.rng.u32(0..4) == 0 {
        return Some(StockAction::ClearQuota { sku, channel });
    }
    Some(StockAction::SetQuota { sku, channel, units: simulation.rng.i64(0..15) })
}

fn sold_through(simulation: &mut Simulation) -> Option<(Sku, ChannelId)> {
    let orders = simulation.writer.orders(None, NEWEST);
    let order = orders.iter().find(|order| simulation.writer.channel_of(&order.session()).is_some())?;
    let channel = simulation.writer.channel_of(&order.session())?;
    let line = order.lines.get(simulation.rng.usize(0..order.lines.len().max(1)))?;
    Some((line.sku.clone(), channel))
}

fn channel(simulation: &mut Simulation) -> Option<StockAction> {
    let checkout = simulation.a_session()?;
    let channel = if simulation.rng.u32(0..4) == 0 { None } else { a_channel(simulation) };
    Some(StockAction::ChooseChannel { checkout, channel })
}

fn bundle(simulation: &mut Simulation) -> Option<StockAction> {
    let sku: Sku = BUNDLES[simulation.rng.usize(0..BUNDLES.len())].parse().ok()?;
    if simulation.rng.u32(0..6) == 0 {
        return Some(StockAction::RemoveBundle { sku });
    }
    let part = |_| {
        let (sku, _, _) = simulation.place()?;
        Some(Component { sku, quantity: simulation.rng.i64(1..3) })
    };
    let components = (0..2).filter_map(part).collect();
    Some(StockAction::SetBundle { sku, product: Ordinal(9), components })
}
