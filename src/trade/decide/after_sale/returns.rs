//! Returns, exchanges and claims: what may come back, what was found, and what is given for it.

use super::edit::{Edited, event as edit_event, priced_alone, units_for};
use super::money::{self, Less};
use super::{asked_back, happened};
use crate::cart::{check_lines, demand};
use crate::event::TradeEvent;
use crate::event::trade::after_sale::{ClaimFault, Inspected, Remedy, ReturnKind, ReturnLine};
use crate::event::trade::{AfterSaleEvent, Line, LineAmounts, Totals, Units};
use crate::id::{EditId, LineId, LocationId, OrderId, ReturnId, Sku};
use crate::inventory::UNITS_MAX;
use crate::money::Money;
use crate::order::{Order, Return, ReturnStep, check_text, line_amounts, paid_minor, share};
use crate::stdx::clock::Timestamp;
use crate::trade::command::{Edit, Rejection};
use crate::trade::decide::{fulfilment, quantities, stock};
use crate::trade::fold;
use crate::trade::state::State;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Most returns of one order: more than its parcels, few enough to keep an order small.
const RETURNS_MAX: usize = 100;

/// What is asked for.
pub(super) struct Asked<'a> {
    pub(super) id: &'a ReturnId,
    pub(super) order: &'a OrderId,
    pub(super) kind: &'a ReturnKind,
    pub(super) lines: &'a [ReturnLine],
    pub(super) note: &'a str,
}

pub(super) fn request(state: &State, asked: &Asked<'_>, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    if state.returned(asked.id).is_some() {
        return Err(Rejection::exists("return", asked.id));
    }
    let order = &state.order(asked.order).ok_or_else(|| Rejection::unknown("order", asked.order))?;
    check_text("note", asked.note)?;
    if order.after_sale.returns.len() >= RETURNS_MAX {
        return Err(Rejection::invalid("order", format!("an order can have {RETURNS_MAX} returns")));
    }
    check_time(state, order, asked.kind, now)?;
    check_units(state, order, asked.lines)?;
    check_kind(state, order, asked)?;
    let (id, order, kind) = (asked.id.clone(), asked.order.clone(), asked.kind.clone());
    let requested = AfterSaleEvent::ReturnRequested { id, order, kind, lines: asked.lines.to_vec(), note: asked.note.to_owned() };
    Ok(vec![happened(requested)])
}

/// Goods can be sent back, and faults claimed, for so long after the last parcel was handed over or, while it is on its way, after it left.
fn check_time(state: &State, order: &Order, kind: &ReturnKind, now: Timestamp) -> Result<(), Rejection> {
    let last = order.shipments.iter().map(|shipment| shipment.delivered_at.unwrap_or(shipment.shipped_at)).max();
    let Some(last) = last else {
        return Err(Rejection::WrongStatus { kind: "order", status: order.fulfilment_status.name() });
    };
    let options = state.options();
    let window_ms = match kind {
        ReturnKind::Return | ReturnKind::Exchange { .. } => options.return_window_ms,
        ReturnKind::Claim { .. } => options.claim_window_ms,
    };
    if last.plus_ms(window_ms) < now {
        let days = window_ms / (24 * 60 * 60 * 1_000);
        return Err(Rejection::invalid("kind", format!("is possible for {days} days after delivery")));
    }
    Ok(())
}

fn check_kind(state: &State, order: &Order, asked: &Asked<'_>) -> Result<(), Rejection> {
    match asked.kind {
        ReturnKind::Return => Ok(()),
        ReturnKind::Exchange { replacement } => {
            if replacement.is_empty() {
                return Err(Rejection::invalid("replacement", "must name what is wanted instead"));
            }
            let coming: Vec<(&LineId, i64)> = asked.lines.iter().map(|line| (&line.line, line.quantity)).collect();
            check_exchanged(state, order, &coming, replacement)?;
            let all: Vec<Line> = order.lines.iter().chain(replacement).cloned().collect();
            Ok(check_lines(&all, order.totals.total.currency)?)
        }
        ReturnKind::Claim { fault: ClaimFault::Lost | ClaimFault::Incomplete, goods_come_back: true, .. } => {
            Err(Rejection::invalid("goods_come_back", "what never arrived cannot come back"))
        }
        ReturnKind::Claim { .. } => Ok(()),
    }
}

/// What comes back makes room for what is wanted instead: of anything that the buyer would then hold more of, no more than its rules let them.
fn check_exchanged(state: &State, order: &Order, coming: &[(&LineId, i64)], replacement: &[Line]) -> Result<(), Rejection> {
    let earlier = counted_back(state, order);
    let held = |line: &Line| line.quantity - earlier.get(&line.id).copied().unwrap_or(0);
    let left = |line: &Line| held(line) - coming.iter().filter(|(id, _)| **id == line.id).map(|(_, units)| units).sum::<i64>();
    let with = |units: &dyn Fn(&Line) -> i64| -> Vec<Line> {
        let lines = order.lines.iter().map(|line| Line { quantity: units(line), ..line.clone() });
        lines.filter(|line| line.quantity > 0).collect()
    };
    // What is wanted stands first, so that a rule names its line.
    let after: Vec<Line> = replacement.iter().cloned().chain(with(&left)).collect();
    quantities::check_held(state, order, &with(&held), &after).map_err(|rejection| match rejection {
        Rejection::Invalid { field, reason } => Rejection::Invalid { field: field.replacen("lines", "replacement", 1), reason },
        other => other,
    })
}

/// Units of each line that returns which are settled have taken back.
fn counted_back<'a>(state: &'a State, order: &Order) -> BTreeMap<&'a LineId, i64> {
    let settled = order.after_sale.returns.iter().filter_map(|id| state.returned(id)).filter(|back| back.credited.is_some());
    settled.flat_map(|back| back.counted()).fold(BTreeMap::new(), |mut sums, (row, units)| {
        *sums.entry(&row.line).or_default() += units;
        sums
    })
}

/// No line twice, no more units of a line than it has, and no more of a SKU than have left and are not asked for already.
fn check_units(state: &State, order: &Order, lines: &[ReturnLine]) -> Result<(), Rejection> {
    if lines.is_empty() {
        return Err(Rejection::invalid("lines", "must name at least one line"));
    }
    let mut asked_before = asked_back(state, order);
    let mut seen = BTreeSet::new();
    for (place, asked) in lines.iter().enumerate() {
        let field = |name: &str| format!("lines[{place}].{name}");
        let Some(known) = order.lines.iter().find(|known| known.id == asked.line) else {
            return Err(Rejection::invalid(field("line_id"), "the order has no such line"));
        };
        if !seen.insert(&asked.line) {
            return Err(Rejection::invalid(field("line_id"), "stands twice"));
        }
        let left = known.quantity - asked_before.get(&asked.line).unwrap_or(&0);
        if !(1..=left).contains(&asked.quantity) {
            let reason =
                if left > 0 { format!("must be between 1 and {left}") } else { "nothing of this line is left to send back".to_owned() };
            return Err(Rejection::invalid(field("quantity"), reason));
        }
        *asked_before.entry(&asked.line).or_default() += asked.quantity;
    }
    let asked: Vec<Line> = order
        .lines
        .iter()
        .map(|line| Line { quantity: asked_before.get(&line.id).copied().unwrap_or(0), ..line.clone() })
        .filter(|line| line.quantity > 0)
        .collect();
    let mut left: BTreeMap<&Sku, i64> = BTreeMap::new();
    order.shipments.iter().flat_map(|shipment| &shipment.units).for_each(|row| *left.entry(&row.sku).or_default() += row.quantity);
    match demand(&asked).iter().find(|(sku, units)| **units > *left.get(sku).unwrap_or(&0)) {
        Some((sku, _)) => Err(Rejection::invalid("lines", format!("fewer units of {sku} have left than would come back"))),
        None => Ok(()),
    }
}

/// The return and the status it would have after the step.
fn stepped<'a>(state: &'a State, id: &ReturnId, step: ReturnStep) -> Result<&'a Arc<Return>, Rejection> {
    let found = state.returned(id).ok_or_else(|| Rejection::unknown("return", id))?;
    let refused = Rejection::WrongStatus { kind: "return", status: found.status.name() };
    found.after(step).map(|_| found).ok_or(refused)
}

pub(super) fn approve(state: &State, id: &ReturnId) -> Result<Vec<TradeEvent>, Rejection> {
    stepped(state, id, ReturnStep::Approve)?;
    Ok(vec![happened(AfterSaleEvent::ReturnApproved { id: id.clone() })])
}

pub(super) fn decline(state: &State, id: &ReturnId, reason: &str) -> Result<Vec<TradeEvent>, Rejection> {
    stepped(state, id, ReturnStep::Decline)?;
    check_text("reason", reason)?;
    Ok(vec![happened(AfterSaleEvent::ReturnDeclined { id: id.clone(), reason: reason.to_owned() })])
}

pub(super) fn send(state: &State, id: &ReturnId, tracking: &str) -> Result<Vec<TradeEvent>, Rejection> {
    stepped(state, id, ReturnStep::Send)?;
    check_text("tracking", tracking)?;
    Ok(vec![happened(AfterSaleEvent::ReturnSent { id: id.clone(), tracking: tracking.to_owned() })])
}

pub(super) fn receive(state: &State, id: &ReturnId, location: &LocationId) -> Result<Vec<TradeEvent>, Rejection> {
    stepped(state, id, ReturnStep::Receive)?;
    Ok(vec![happened(AfterSaleEvent::ReturnReceived { id: id.clone(), location: location.clone() })])
}

pub(super) fn close(state: &State, id: &ReturnId) -> Result<Vec<TradeEvent>, Rejection> {
    stepped(state, id, ReturnStep::Close)?;
    Ok(vec![happened(AfterSaleEvent::ReturnClosed { id: id.clone() })])
}

pub(super) fn cancel(state: &State, id: &ReturnId) -> Result<Vec<TradeEvent>, Rejection> {
    stepped(state, id, ReturnStep::Cancel)?;
    Ok(vec![happened(AfterSaleEvent::ReturnCanceled { id: id.clone() })])
}

pub(super) fn inspect(state: &State, id: &ReturnId, found: &[Inspected]) -> Result<Vec<TradeEvent>, Rejection> {
    let back = stepped(state, id, ReturnStep::Inspect)?;
    let order = &state.order(&back.order).ok_or_else(|| Rejection::unknown("order", &back.order))?;
    let location = back.location.as_ref().ok_or_else(|| Rejection::unknown("location", "of the return"))?;
    if found.len() != back.lines.len() {
        return Err(Rejection::invalid("found", format!("must say what was found of each of the {} lines", back.lines.len())));
    }
    for (place, (found, line)) in found.iter().zip(&back.lines).enumerate() {
        let parts = [found.sellable, found.damaged, found.missing];
        if parts.iter().any(|units| !(0..=line.quantity).contains(units)) || parts.iter().sum::<i64>() != line.quantity {
            return Err(Rejection::invalid(format!("found[{place}]"), format!("the parts must add up to {}", line.quantity)));
        }
    }
    let of = |units: fn(&Inspected) -> i64| -> Vec<Line> {
        let rows = back.lines.iter().zip(found).filter_map(|(line, found)| {
            let known = order.lines.iter().find(|known| known.id == line.line)?;
            Some(Line { quantity: units(found), ..known.clone() })
        });
        rows.filter(|line| line.quantity > 0).collect()
    };
    let returned = of(|found| found.sellable + found.damaged);
    for (sku, units) in demand(&returned) {
        if state.buckets(&sku, location).on_hand.saturating_add(units) > UNITS_MAX {
            return Err(Rejection::invalid("found", format!("{location} cannot hold so many units of {sku}")));
        }
    }
    let at =
        |lines: Vec<Line>| demand(&lines).into_iter().map(|(sku, quantity)| Units { sku, location: location.clone(), quantity }).collect();
    let (sellable, damaged) = (at(of(|found| found.sellable)), at(of(|found| found.damaged)));
    Ok(vec![happened(AfterSaleEvent::ReturnInspected { id: id.clone(), found: found.to_vec(), returned, sellable, damaged })])
}

pub(super) fn refund(state: &State, id: &ReturnId, fee: Option<Money>, with_shipping: bool) -> Result<Vec<TradeEvent>, Rejection> {
    let back = stepped(state, id, ReturnStep::Refund)?;
    if matches!(back.kind, ReturnKind::Claim { remedy: Remedy::Replace, .. }) {
        return Err(Rejection::invalid("kind", "the claim is made good by a replacement"));
    }
    let order = &state.order(&back.order).ok_or_else(|| Rejection::unknown("order", &back.order))?;
    let worth_minor = worth(state, order, back).iter().map(paid_minor).sum::<i64>();
    let fee_minor = match fee {
        Some(fee) if fee.currency != order.totals.total.currency => {
            return Err(Rejection::invalid("fee.currency", format!("must be {}", order.totals.total.currency)));
        }
        Some(fee) if !(0..=worth_minor).contains(&fee.amount_minor) => {
            return Err(Rejection::invalid("fee.amount_minor", format!("must be between 0 and {worth_minor}")));
        }
        Some(fee) => fee.amount_minor,
        None => 0,
    };
    let is_credited = order.after_sale.is_shipping_credited;
    let shipping_minor = if with_shipping && !is_credited { shipping_paid_minor(&order.totals) } else { 0 };
    // What an edit made cheaper, or an earlier credit has given back, cannot be given back again.
    let amount_minor = (worth_minor - fee_minor + shipping_minor).min(order.due_minor());
    money::check_refund(state, order, amount_minor, (fee_minor, worth_minor))?;
    let amount = Money::new(amount_minor, order.totals.total.currency);
    let refunded = happened(AfterSaleEvent::ReturnRefunded { id: id.clone(), amount, with_shipping: shipping_minor > 0 });
    Ok([refunded].into_iter().chain(money::settle(state, order, -amount_minor, Less::CameBack)?).collect())
}

/// What was paid for shipping, with the part of tax that no line carries.
fn shipping_paid_minor(totals: &Totals) -> i64 {
    let lines: i64 = totals.lines.iter().map(paid_minor).sum();
    if totals.lines.is_empty() { totals.shipping.amount_minor } else { totals.total.amount_minor - lines }
}

/// What was paid for the units that came back, line by line. Units that earlier returns were credited with come before them, so that all
/// returns of a line sum to what was paid for it.
fn worth(state: &State, order: &Order, back: &Return) -> Vec<LineAmounts> {
    let amounts = line_amounts(&order.lines, &order.totals);
    let credited = |line: &LineId| -> i64 {
        let others = order.after_sale.returns.iter().filter_map(|id| state.returned(id)).filter(|other| other.credited.is_some());
        others.flat_map(|other| other.counted()).filter(|(row, _)| row.line == *line).map(|(_, units)| units).sum()
    };
    let of = |row: &ReturnLine, units: i64| {
        let (line, amounts) = order.lines.iter().zip(&amounts).find(|(line, _)| line.id == row.line)?;
        let (from, whole) = (credited(&row.line), line.quantity);
        let part = |amount| share(amount, from + units, whole) - share(amount, from, whole);
        Some(LineAmounts {
            line: row.line.clone(),
            unit_minor: amounts.unit_minor,
            price_list: amounts.price_list.clone(),
            gross_minor: part(amounts.gross_minor),
            discount_minor: part(amounts.discount_minor),
            tax_minor: part(amounts.tax_minor),
            included_tax_minor: part(amounts.included_tax_minor),
        })
    };
    back.counted().filter_map(|(row, units)| of(row, units)).collect()
}

pub(super) fn replace(state: &State, id: &ReturnId, name: &EditId, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    let back = stepped(state, id, ReturnStep::Replace)?;
    let order = &state.order(&back.order).ok_or_else(|| Rejection::unknown("order", &back.order))?;
    if order.after_sale.edits.contains(name) {
        return Err(Rejection::exists("edit", name));
    }
    let worth = worth(state, order, back);
    let (lines, amounts) = match &back.kind {
        ReturnKind::Exchange { replacement } => {
            let coming: Vec<(&LineId, i64)> = back.counted().map(|(row, units)| (&row.line, units)).collect();
            check_exchanged(state, order, &coming, replacement)?;
            let priced = priced_alone(state, replacement, order, now)?;
            (stock::exploded(state, replacement).into_owned(), line_amounts(replacement, &priced))
        }
        ReturnKind::Claim { remedy: Remedy::Replace, .. } => same_again(order, back, &worth)?,
        ReturnKind::Return | ReturnKind::Claim { remedy: Remedy::Refund, .. } => {
            return Err(Rejection::invalid("kind", "is settled with money"));
        }
    };
    let wanted: Vec<(Sku, i64)> = demand(&lines).into_iter().collect();
    let added = units_for(state, order, &wanted, now)?;
    let drawn = stock::drawn_by_order(state, order, &added)?;
    let mut after = enlarged(order, lines, amounts, added)?;
    if !back.goods_come_back() {
        // What is sent again for what was lost was not bought again.
        after.sold.clear();
    }
    let added_minor = after.difference.amount_minor;
    let credited_minor = worth.iter().map(paid_minor).sum::<i64>().min(order.due_minor());
    let credited = Money::new(credited_minor, order.totals.total.currency);
    let edit = Edit { reason: format!("replaces what came back as {id}"), ..Edit::default() };
    let edited = happened(edit_event(order, name, &edit, after));
    let mut then = state.clone();
    [&edited].into_iter().chain(&drawn).for_each(|event| fold(&mut then, event, now));
    let work = fulfilment::on_edited(&then, &order.id, now);
    let replaced = happened(AfterSaleEvent::ReturnReplaced { id: id.clone(), credited });
    let money = money::settle(state, order, added_minor - credited_minor, Less::CameBack)?;
    Ok([edited].into_iter().chain(drawn).chain([replaced]).chain(work).chain(money).collect())
}

/// The lines of a claim as new lines, for what was paid for them, named by the claim.
fn same_again(order: &Order, back: &Return, worth: &[LineAmounts]) -> Result<(Vec<Line>, Vec<LineAmounts>), Rejection> {
    let mut lines = Vec::new();
    let mut amounts = Vec::new();
    for (place, ((row, units), worth)) in (1_usize..).zip(back.counted().zip(worth)).filter(|(_, ((_, units), _))| *units > 0) {
        let Some(line) = order.lines.iter().find(|line| line.id == row.line) else { continue };
        // By its place and not by the line that it replaces, whose name would grow with every replacement.
        let id = LineId::new(&format!("{}/{place}", back.id)).map_err(|error| Rejection::invalid("line", error))?;
        amounts.push(LineAmounts { line: id.clone(), ..worth.clone() });
        lines.push(Line { id, quantity: units, ..line.clone() });
    }
    if lines.is_empty() {
        return Err(Rejection::invalid("found", "nothing came back that could be replaced"));
    }
    Ok((lines, amounts))
}

/// The order with more lines.
fn enlarged(order: &Order, lines: Vec<Line>, amounts: Vec<LineAmounts>, added: Vec<Units>) -> Result<Edited, Rejection> {
    let all: Vec<Line> = order.lines.iter().cloned().chain(lines.iter().cloned()).collect();
    check_lines(&all, order.totals.total.currency)?;
    let sum = |part: fn(&LineAmounts) -> i64| amounts.iter().map(part).sum::<i64>();
    let (gross, discount, tax) =
        (sum(|amounts| amounts.gross_minor), sum(|amounts| amounts.discount_minor), sum(|amounts| amounts.tax_minor));
    let currency = order.totals.total.currency;
    let plus =
        |before: Money, minor: i64| before.plus(Money::new(minor, currency)).map_err(|error| Rejection::invalid("replacement", error));
    let known = line_amounts(&order.lines, &order.totals);
    let totals = Totals {
        subtotal: plus(order.totals.subtotal, gross)?,
        discount: plus(order.totals.discount, discount)?,
        shipping: order.totals.shipping,
        tax: plus(order.totals.tax, tax)?,
        total: plus(order.totals.total, gross + discount + tax)?,
        lines: known.iter().cloned().chain(amounts).collect(),
        shipping_amounts: order.totals.shipping_amounts,
        discounts: Arc::clone(&order.totals.discounts),
        taxes: order.totals.taxes_when(order.totals.tax.amount_minor + tax),
    };
    let difference = Money::new(totals.total.amount_minor - order.totals.total.amount_minor, currency);
    Ok(Edited { lines: all, totals, difference, freed: Vec::new(), added, canceled: Vec::new(), sold: lines })
}

/// Units of each line that may still be asked back, in order of the lines' names: what shoppers are shown.
pub(super) fn returnable(state: &State, order: &Order) -> Vec<(LineId, i64)> {
    let asked = asked_back(state, order);
    let lines: BTreeMap<&LineId, i64> = order.lines.iter().map(|line| (&line.id, line.quantity)).collect();
    let left = lines.into_iter().map(|(line, units)| (line.clone(), (units - asked.get(line).unwrap_or(&0)).max(0)));
    left.collect()
}
