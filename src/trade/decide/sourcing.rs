//! Which locations serve what is bought.

use crate::cart::demand;
use crate::event::trade::{Address, Line, Units};
use crate::fulfilment::{Asked, Effort, Lacking, Plan, Problem, Stocked, Terms, choose};
use crate::id::Sku;
use crate::stdx::clock::Timestamp;
use crate::trade::command::Rejection;
use crate::trade::state::State;
use std::collections::BTreeMap;

/// The units that serve `lines` when the goods go to `address` (none when it is not known yet), chosen from what every location may promise
/// at `now`. One row per SKU and location.
///
/// # Errors
/// [`Rejection::OutOfStock`] when all locations together cannot promise enough of a SKU; [`Rejection::Invalid`] naming the address when the
/// shop's carriers take nothing there.
pub(super) fn sourced(state: &State, lines: &[Line], address: Option<&Address>, now: Timestamp) -> Result<Vec<Units>, Rejection> {
    let (demand, values) = (demand(lines), values(lines));
    let asked: Vec<Asked<'_>> = asked(&demand, &values);
    let to = address.map(|address| state.fulfilment.facts().destination(address));
    let terms = Terms { to: to.as_ref(), now, ..Terms::default() };
    let problem = state.fulfilment.problem(&asked, |sku| stocked(state, sku), &terms);
    let plan = choose(&problem, Effort::WRITER).map_err(|lacking| refusal(state, &asked, lacking))?;
    Ok(units(&asked, &problem, &plan))
}

fn asked<'a>(demand: &'a BTreeMap<Sku, i64>, values: &BTreeMap<&Sku, i64>) -> Vec<Asked<'a>> {
    let row = |(sku, quantity): (&'a Sku, &i64)| Asked { sku, quantity: *quantity, value_minor: values.get(sku).copied().unwrap_or(0) };
    demand.iter().map(row).collect()
}

/// What one unit of each stocked SKU is worth: its dearest line's price; a bundle's is shared evenly by its parts.
fn values(lines: &[Line]) -> BTreeMap<&Sku, i64> {
    let mut values = BTreeMap::new();
    let mut raise = |sku, value: i64| {
        let known: &mut i64 = values.entry(sku).or_default();
        *known = value.max(*known);
    };
    for line in lines {
        let price = line.unit_price.amount_minor;
        if line.components.is_empty() {
            raise(&line.sku, price);
        }
        let parts: i64 = line.components.iter().map(|part| part.quantity).fold(0, i64::saturating_add);
        line.components.iter().for_each(|part| raise(&part.sku, price / parts.max(1)));
    }
    values
}

/// What every location may promise of a SKU: what lies there first, then what still has to come.
fn stocked<'a>(state: &'a State, sku: &Sku) -> impl Iterator<Item = Stocked<'a>> + use<'a> {
    state.stock_of(sku).iter().map(|stock| {
        let sellable = stock.buckets.sellable();
        let now = (stock.buckets.on_hand - stock.buckets.safety_stock - stock.buckets.held()).clamp(0, sellable);
        Stocked { location: &stock.location, now, later: sellable - now }
    })
}

fn units(asked: &[Asked<'_>], problem: &Problem<'_>, plan: &Plan) -> Vec<Units> {
    let rows = plan.parts.iter().flat_map(|(site, taken, _)| {
        let given = asked.iter().zip(taken).filter(|(_, units)| **units > 0);
        given.map(|(row, units)| Units { sku: row.sku.clone(), location: problem.sites[*site].location.clone(), quantity: *units })
    });
    let mut units: Vec<Units> = rows.collect();
    units.sort_unstable();
    units
}

/// Why there is no plan: too little of a SKU anywhere, or enough of it only where nobody carries it from.
fn refusal(state: &State, asked: &[Asked<'_>], lacking: Lacking) -> Rejection {
    let row = &asked[lacking.need];
    let anywhere: i64 = stocked(state, row.sku).map(|stocked| stocked.now + stocked.later).sum();
    if anywhere >= row.quantity && state.fulfilment.facts().has_carriers() && lacking.available == 0 {
        return Rejection::invalid("address", "no carrier takes this order there");
    }
    Rejection::OutOfStock { sku: row.sku.clone(), requested: row.quantity, available: lacking.available }
}
