//! Edits of placed orders: other quantities, other lines, another address, before the goods have left.
//!
//! What stays, stays on its terms: a line keeps its price, and its discount and tax follow its units. What is added is priced and taxed as
//! it would be now, without promotions. See `docs/decisions/0031`.

use super::money::{self, Less};
use super::{asked_back, changeable_order, happened};
use crate::cart::{check_lines, demand};
use crate::event::TradeEvent;
use crate::event::trade::{AfterSaleEvent, Discount, Line, LineAmounts, Totals, Units};
use crate::id::{EditId, OrderId, Sku};
use crate::money::Money;
use crate::order::{Order, check_address, check_text, line_amounts, rescale, share};
use crate::pricing::Basket;
use crate::stdx::clock::Timestamp;
use crate::trade::command::{Edit, Rejection};
use crate::trade::decide::sourcing::{self, Bought};
use crate::trade::decide::{fulfilment, payments, pricing, quantities, stock};
use crate::trade::fold;
use crate::trade::state::State;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Most edits of one order: far more than anybody makes by hand, and few enough to keep an order small.
pub(super) const EDITS_MAX: usize = 100;

/// An order as an edit would make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// All its lines.
    pub lines: Vec<Line>,
    /// What it comes to.
    pub totals: Totals,
    /// What that is more than before.
    pub difference: Money,
    /// Units that are free again.
    pub freed: Vec<Units>,
    /// Units assigned in addition.
    pub added: Vec<Units>,
    /// Lines whose units will not come: the line with the units that were canceled.
    pub canceled: Vec<Line>,
    /// Units of lines that are bought in addition: the line with those units.
    pub sold: Vec<Line>,
}

pub(super) fn edit(
    state: &State,
    id: &OrderId,
    name: &EditId,
    change: &Edit,
    expected: Option<Money>,
    now: Timestamp,
) -> Result<Vec<TradeEvent>, Rejection> {
    let order = &changeable_order(state, id)?;
    if order.after_sale.edits.contains(name) {
        return Err(Rejection::exists("edit", name));
    }
    let after = edited(state, id, change, now)?;
    if expected.is_some_and(|expected| expected != after.difference) {
        return Err(Rejection::invalid("expected_difference", format!("the difference is {}", after.difference)));
    }
    commit(state, order, name, change, after, now)
}

/// What an edit would make of an order. Nothing happens.
///
/// # Errors
/// As for the edit itself.
pub(super) fn edited(state: &State, id: &OrderId, change: &Edit, now: Timestamp) -> Result<Edited, Rejection> {
    let order = &changeable_order(state, id)?;
    check(state, order, change)?;
    let lines = lines_after(state, order, change)?;
    quantities::check_held(state, order, &order.lines, &lines)?;
    let (freed, added) = units_after(state, order, &lines, now)?;
    stock::drawn_by_order(state, order, &added)?;
    let amounts = amounts_after(state, order, &lines, &change.additions, now)?;
    let totals = totals_after(order, &lines, amounts)?;
    let difference = Money::new(totals.total.amount_minor - order.totals.total.amount_minor, totals.total.currency);
    let (canceled, sold) = (beyond(&order.lines, &lines), beyond(&lines, &order.lines));
    Ok(Edited { lines, totals, difference, freed, added, canceled, sold })
}

/// The events of an edit that stands.
pub(super) fn commit(
    state: &State,
    order: &Order,
    name: &EditId,
    change: &Edit,
    after: Edited,
    now: Timestamp,
) -> Result<Vec<TradeEvent>, Rejection> {
    let money = money::settle(state, order, after.difference.amount_minor, Less::NotSent)?;
    let is_replanned = !after.added.is_empty() || change.address.is_some();
    let drawn = stock::drawn_by_order(state, order, &after.added)?;
    let edited = happened(event(order, name, change, after));
    let mut then = state.clone();
    [&edited].into_iter().chain(&drawn).for_each(|event| fold(&mut then, event, now));
    let work = if is_replanned { fulfilment::on_edited(&then, &order.id, now) } else { Vec::new() };
    let others: Vec<TradeEvent> = work.into_iter().chain(money).collect();
    // When what was still to leave will not, everything has left, and the money for it is due.
    others.iter().for_each(|event| fold(&mut then, event, now));
    let mut events: Vec<TradeEvent> = [edited].into_iter().chain(drawn).collect();
    events.extend(others);
    if let Some(order) =
        then.order(&order.id).filter(|order| order.left_to_ship.is_empty() && order.owed.is_empty() && !order.shipments.is_empty())
    {
        events.extend(payments::capture_rest(&then, &order));
    }
    Ok(events)
}

pub(super) fn event(order: &Order, name: &EditId, change: &Edit, after: Edited) -> AfterSaleEvent {
    AfterSaleEvent::OrderEdited {
        order: order.id.clone(),
        edit: name.clone(),
        lines: after.lines,
        totals: Box::new(after.totals),
        address: change.address.clone().map(Box::new),
        freed: after.freed,
        added: after.added,
        canceled: after.canceled,
        sold: after.sold,
        reason: change.reason.clone(),
    }
}

fn check(state: &State, order: &Order, change: &Edit) -> Result<(), Rejection> {
    check_text("reason", &change.reason)?;
    if order.after_sale.edits.len() >= EDITS_MAX {
        return Err(Rejection::invalid("edit", format!("an order can be edited {EDITS_MAX} times")));
    }
    if let Some(address) = &change.address {
        check_address(address)?;
        if order.left_to_ship.is_empty() {
            return Err(Rejection::invalid("address", "everything has left already"));
        }
        if !address.country.eq_ignore_ascii_case(&order.address.country) {
            return Err(Rejection::invalid("address.country", "another country is another tax: cancel the order and place it again"));
        }
    }
    if change.quantities.is_empty() && change.additions.is_empty() && change.address.is_none() {
        return Err(Rejection::invalid("edit", "changes nothing"));
    }
    let asked_back = asked_back(state, order);
    let mut seen = BTreeSet::new();
    for (place, (line, quantity)) in change.quantities.iter().enumerate() {
        if !order.lines.iter().any(|known| known.id == *line) {
            return Err(Rejection::invalid(format!("quantities[{place}].line_id"), "the order has no such line"));
        }
        if !seen.insert(line) {
            return Err(Rejection::invalid(format!("quantities[{place}].line_id"), "stands twice"));
        }
        if *quantity < 0 {
            return Err(Rejection::invalid(format!("quantities[{place}].quantity"), "must not be negative"));
        }
        // A return is counted, valued and refunded by its line.
        let coming = asked_back.get(line).copied().unwrap_or(0);
        if *quantity < coming {
            return Err(Rejection::invalid(
                format!("quantities[{place}].quantity"),
                format!("{coming} units of the line are part of a return"),
            ));
        }
    }
    Ok(())
}

fn lines_after(state: &State, order: &Order, change: &Edit) -> Result<Vec<Line>, Rejection> {
    let wanted = |line: &Line| change.quantities.iter().find(|(id, _)| *id == line.id).map_or(line.quantity, |(_, quantity)| *quantity);
    let kept = order.lines.iter().map(|line| Line { quantity: wanted(line), ..line.clone() }).filter(|line| line.quantity > 0);
    let lines: Vec<Line> = kept.chain(stock::exploded(state, &change.additions).iter().cloned()).collect();
    if lines.is_empty() {
        return Err(Rejection::invalid("quantities", "nothing would be left: cancel the order"));
    }
    check_lines(&lines, order.totals.total.currency)?;
    Ok(lines)
}

/// Units that come free and units to be assigned. Fewer units than have left cannot be wanted.
fn units_after(state: &State, order: &Order, lines: &[Line], now: Timestamp) -> Result<(Vec<Units>, Vec<Units>), Rejection> {
    let (before, after) = (demand(&order.lines), demand(lines));
    let more = after.iter().filter_map(|(sku, units)| {
        let quantity = units - before.get(sku).unwrap_or(&0);
        (quantity > 0).then(|| (sku.clone(), quantity))
    });
    let more: Vec<(Sku, i64)> = more.collect();
    let mut freed = Vec::new();
    for (sku, units) in &before {
        let mut fewer = units - after.get(sku).unwrap_or(&0);
        for row in fulfilment::unpacked(state, order).iter().rev().filter(|row| row.sku == *sku) {
            let quantity = fewer.min(row.quantity);
            if quantity > 0 {
                freed.push(Units { quantity, ..row.clone() });
                fewer -= quantity;
            }
        }
        if fewer > 0 {
            return Err(Rejection::invalid(
                "quantities",
                format!("{fewer} units of {sku} too many have left, are packed, or are still to be found"),
            ));
        }
    }
    freed.sort_unstable();
    let added = if more.is_empty() { Vec::new() } else { units_for(state, order, &more, now)? };
    Ok((freed, added))
}

/// Units assigned in addition, chosen as for a new order.
pub(super) fn units_for(state: &State, order: &Order, wanted: &[(Sku, i64)], now: Timestamp) -> Result<Vec<Units>, Rejection> {
    let lines = sourcing::plain_lines(order, wanted.iter().map(|(sku, quantity)| (sku, *quantity)));
    sourcing::sourced(state, Bought { lines: &lines, address: Some(&order.address), delivery: order.delivery.as_deref() }, now)
}

/// What lines come to when they are bought for an order by themselves, without promotions and shipping.
pub(super) fn priced_alone(state: &State, lines: &[Line], order: &Order, now: Timestamp) -> Result<Totals, Rejection> {
    let basket = Basket { is_plain: true, ..Basket::of(lines, order.totals.total.currency, now) };
    pricing::totals(state, &Basket { buyer: Some(&order.buyer), address: Some(&order.address), ..basket })
}

/// What each line comes to: kept lines on their terms, added ones as priced now.
fn amounts_after(state: &State, order: &Order, lines: &[Line], additions: &[Line], now: Timestamp) -> Result<Vec<LineAmounts>, Rejection> {
    let before: BTreeMap<_, _> =
        line_amounts(&order.lines, &order.totals).into_iter().map(|amounts| (amounts.line.clone(), amounts)).collect();
    let quantities: BTreeMap<_, _> = order.lines.iter().map(|line| (&line.id, line.quantity)).collect();
    let priced = priced_alone(state, additions, order, now)?;
    let added: BTreeMap<_, _> = line_amounts(additions, &priced).into_iter().map(|amounts| (amounts.line.clone(), amounts)).collect();
    let amounts = lines.iter().filter_map(|line| match (before.get(&line.id), quantities.get(&line.id)) {
        (Some(amounts), Some(whole)) => Some(rescale(amounts, line.quantity, *whole)),
        _ => added.get(&line.id).cloned(),
    });
    Ok(amounts.collect())
}

/// Totals that moved by what the lines moved. Shipping stays.
fn totals_after(order: &Order, lines: &[Line], amounts: Vec<LineAmounts>) -> Result<Totals, Rejection> {
    let before = line_amounts(&order.lines, &order.totals);
    let moved = |part: fn(&LineAmounts) -> i64| {
        let sum = |amounts: &[LineAmounts]| amounts.iter().map(|amounts| i128::from(part(amounts))).sum::<i128>();
        i64::try_from(sum(&amounts) - sum(&before)).map_err(|_| Rejection::invalid("quantities", "the sum is out of range"))
    };
    let (gross, discount, tax) =
        (moved(|amounts| amounts.gross_minor)?, moved(|amounts| amounts.discount_minor)?, moved(|amounts| amounts.tax_minor)?);
    let currency = order.totals.total.currency;
    let plus = |sum: Money, minor: i64| sum.plus(Money::new(minor, currency)).map_err(|error| Rejection::invalid("quantities", error));
    let goods_before = order.totals.discount.amount_minor - shipping_discounts_minor(&order.totals.discounts);
    Ok(Totals {
        subtotal: plus(order.totals.subtotal, gross)?,
        discount: plus(order.totals.discount, discount)?,
        shipping: order.totals.shipping,
        tax: plus(order.totals.tax, tax)?,
        total: plus(plus(plus(order.totals.total, gross)?, discount)?, tax)?,
        lines: if amounts.len() == lines.len() { amounts.into() } else { Arc::default() },
        shipping_amounts: order.totals.shipping_amounts,
        discounts: discounts_after(&order.totals.discounts, goods_before, goods_before + discount),
        taxes: order.totals.taxes_when(order.totals.tax.amount_minor + tax),
    })
}

fn shipping_discounts_minor(discounts: &[Discount]) -> i64 {
    discounts.iter().filter(|discount| discount.is_shipping).map(|discount| discount.amount.amount_minor).sum()
}

/// Discounts off the goods, each with its share of what they come to now.
fn discounts_after(discounts: &[Discount], before_minor: i64, after_minor: i64) -> Arc<[Discount]> {
    let mut seen_minor = 0;
    let scaled = discounts.iter().map(|discount| {
        if discount.is_shipping {
            return discount.clone();
        }
        let from = seen_minor;
        seen_minor += discount.amount.amount_minor;
        let minor = share(after_minor, seen_minor, before_minor) - share(after_minor, from, before_minor);
        Discount { amount: Money::new(minor, discount.amount.currency), ..discount.clone() }
    });
    scaled.filter(|discount| discount.amount.amount_minor != 0).collect()
}

/// The lines of one list with the units that they have beyond those of another.
fn beyond(lines: &[Line], others: &[Line]) -> Vec<Line> {
    let units = |line: &Line| others.iter().find(|other| other.id == line.id).map_or(0, |other| other.quantity);
    let more = lines.iter().map(|line| Line { quantity: line.quantity - units(line), ..line.clone() });
    more.filter(|line| line.quantity > 0).collect()
}
