//! Which locations serve what is bought, why, and what can be promised.

use crate::cart::demand;
use crate::event::trade::fulfilment::{CarriedBy, OtherPlan, PlanFacts, PlannedPart, Promise};
use crate::event::trade::{Address, Delivery, Line, Units};
use crate::fulfilment::{Alternative, Arrival, Asked, Carrier, Destination, Effort, Lacking, Plan, Problem, Stocked, Terms, choose};
use crate::id::{LineId, LocationId, Sku};
use crate::order::{Checkout, Order};
use crate::stdx::clock::Timestamp;
use crate::trade::command::Rejection;
use crate::trade::state::State;
use std::collections::BTreeMap;

/// What is bought, where it goes (none when it is not known yet), and the delivery that its buyer chose and was promised.
#[derive(Clone, Copy)]
pub(super) struct Bought<'a> {
    pub(super) lines: &'a [Line],
    pub(super) address: Option<&'a Address>,
    pub(super) delivery: Option<&'a Delivery>,
}

impl<'a> Bought<'a> {
    pub(super) fn of(session: &'a Checkout) -> Self {
        Self { lines: &session.lines, address: session.address.as_deref(), delivery: session.delivery.as_deref() }
    }
}

/// By which the locations are chosen: the service and the promise that the buyer chose, if the service is still there.
fn chosen<'a>(state: &State, delivery: Option<&Delivery>, to: Option<&'a Destination>, now: Timestamp) -> Terms<'a> {
    let promise = delivery.and_then(|delivery| delivery.promised_until);
    let service = delivery.and_then(|delivery| service_named(state, &delivery.option));
    Terms { to, now, promise, service, ..Terms::default() }
}

/// The places of a carrier and its service, by the name of the delivery option.
fn service_named(state: &State, option: &str) -> Option<(usize, usize)> {
    let (carrier, service) = option.split_once('/')?;
    let carriers = state.fulfilment.facts().carriers();
    let place = carriers.iter().position(|known| known.id.as_str() == carrier && known.is_enabled())?;
    Some((place, carriers[place].services.iter().position(|known| known.id.as_str() == service)?))
}

/// The units that serve what is bought, chosen from what every location may promise at `now`; by the service that the buyer chose while that
/// can carry them all, and by any otherwise. One row per SKU and location.
///
/// # Errors
/// [`Rejection::OutOfStock`] when all locations together cannot promise enough of a SKU; [`Rejection::Invalid`] naming the address when the
/// shop's carriers take nothing there.
pub(super) fn sourced(state: &State, bought: Bought<'_>, now: Timestamp) -> Result<Vec<Units>, Rejection> {
    let demand = Demand::of(bought.lines);
    let to = destination(state, bought.address);
    let asked = demand.asked();
    let terms = chosen(state, bought.delivery, to.as_ref(), now);
    let attempt = |terms: &Terms<'_>| {
        let problem = problem(state, &asked, &[], terms);
        choose(&problem, Effort::WRITER).map(|plan| units(&asked, &problem, &plan))
    };
    let plan = match attempt(&terms) {
        Err(_) if terms.service.is_some() => attempt(&Terms { service: None, ..terms }),
        first => first,
    };
    plan.map_err(|lacking| refusal(state, &asked, lacking))
}

/// Lines of an order's SKUs as they are stocked, so many units of each together.
pub(super) fn plain_lines<'a>(order: &Order, units: impl Iterator<Item = (&'a Sku, i64)>) -> Vec<Line> {
    let mut sums: BTreeMap<&Sku, i64> = BTreeMap::new();
    units.for_each(|(sku, quantity)| *sums.entry(sku).or_default() += quantity);
    let line = |(place, (sku, quantity)): (usize, (&Sku, i64))| {
        let known = order.lines.iter().find(|line| line.sku == *sku).or_else(|| order.lines.first())?;
        let id = LineId::new(&place.to_string()).ok()?;
        Some(Line { id, sku: sku.clone(), quantity, components: Vec::new(), ..known.clone() })
    };
    sums.into_iter().enumerate().filter_map(line).collect()
}

/// The units that other locations than `without` have of what an order has to come, as far as they have it; from where its own service goes,
/// unless more is elsewhere.
pub(super) fn found(state: &State, order: &Order, without: &[LocationId], now: Timestamp) -> Vec<Units> {
    let to = destination(state, Some(&order.address));
    let terms = Terms { without, ..chosen(state, order.delivery.as_deref(), to.as_ref(), now) };
    let count = |units: &[Units]| units.iter().map(|row| row.quantity).sum::<i64>();
    let by_own = found_under(state, order, &terms);
    if terms.service.is_none() || count(&by_own) >= order.owed.iter().map(|owed| owed.quantity).sum() {
        return by_own;
    }
    let by_any = found_under(state, order, &Terms { service: None, ..terms });
    if count(&by_any) > count(&by_own) { by_any } else { by_own }
}

fn found_under(state: &State, order: &Order, terms: &Terms<'_>) -> Vec<Units> {
    let values = values(&order.lines);
    let asked = order.owed.iter().map(|owed| Asked {
        sku: &owed.sku,
        quantity: owed.quantity,
        value_minor: values.get(&owed.sku).copied().unwrap_or(0),
    });
    let mut asked: Vec<Asked<'_>> = asked.collect();
    while !asked.is_empty() {
        let problem = problem(state, &asked, &[], terms);
        match choose(&problem, Effort::WRITER) {
            Ok(plan) => return units(&asked, &problem, &plan),
            Err(Lacking { need, available: 0 }) => drop(asked.remove(need)),
            Err(Lacking { need, available }) => asked[need].quantity = available,
        }
    }
    Vec::new()
}

/// Why what is bought is served by the units `held`, which are held for it already, and when they arrive.
pub(super) fn planned(state: &State, bought: Bought<'_>, held: &[Units], now: Timestamp) -> (PlanFacts, Option<Promise>) {
    let demand = Demand::of(bought.lines);
    let to = destination(state, bought.address);
    let asked = demand.asked();
    let terms = chosen(state, bought.delivery, to.as_ref(), now);
    let mut problem = problem(state, &asked, held, &terms);
    let is_among = |row: &Units| problem.sites.iter().any(|site| *site.location == row.location);
    if terms.service.is_some() && !held.iter().all(is_among) {
        problem = self::problem(state, &asked, held, &Terms { service: None, ..terms });
    }
    let best = choose(&problem, Effort::WRITER).ok();
    let mut taken: BTreeMap<usize, Vec<i64>> = BTreeMap::new();
    for row in held {
        let site = problem.sites.iter().position(|site| *site.location == row.location);
        let need = asked.iter().position(|asked| *asked.sku == row.sku);
        if let Some((site, need)) = site.zip(need) {
            taken.entry(site).or_insert_with(|| vec![0; asked.len()])[need] += row.quantity;
        }
    }
    let parts = taken.iter().map(|(site, units)| (*site, units.clone(), problem.site_cost(*site, units))).collect();
    described(state, &problem, parts, best.as_ref(), now)
}

/// A plan for `lines` that nobody has ordered, and when they would arrive; looked for more thoroughly than the writer can.
///
/// # Errors
/// As [`sourced`].
pub(super) fn preview(
    state: &State,
    lines: &[Line],
    address: Option<&Address>,
    now: Timestamp,
) -> Result<(Vec<Units>, PlanFacts, Option<Promise>), Rejection> {
    let demand = Demand::of(lines);
    let to = destination(state, address);
    let asked = demand.asked();
    let problem = problem(state, &asked, &[], &Terms { to: to.as_ref(), now, ..Terms::default() });
    let plan = choose(&problem, Effort::PREVIEW).map_err(|lacking| refusal(state, &asked, lacking))?;
    let (facts, promise) = described(state, &problem, plan.parts.clone(), Some(&plan), now);
    Ok((units(&asked, &problem, &plan), facts, promise))
}

fn described(
    state: &State,
    problem: &Problem<'_>,
    parts: Vec<(usize, Vec<i64>, crate::fulfilment::SiteCost)>,
    best: Option<&Plan>,
    now: Timestamp,
) -> (PlanFacts, Option<Promise>) {
    let location = |site: &usize| problem.sites[*site].location.clone();
    let other = |plan: &Alternative| OtherPlan { locations: plan.sites.iter().map(location).collect(), total_minor: plan.total_minor };
    let sites: Vec<usize> = parts.iter().map(|(site, ..)| *site).collect();
    let split_minor = problem.policy.split_minor.saturating_mul(sites.len().saturating_sub(1) as i64);
    let total_minor = parts.iter().map(|(_, _, cost)| cost.total_minor()).fold(split_minor, i64::saturating_add);
    let chosen = best.map(|plan| Alternative { sites: plan.parts.iter().map(|(site, ..)| *site).collect(), total_minor: plan.total_minor });
    let others = best.iter().flat_map(|plan| &plan.others).chain(chosen.iter()).filter(|other| other.sites != sites);
    let mut others: Vec<OtherPlan> = others.map(other).collect();
    others.sort_by_key(|other| other.total_minor);
    let arrivals: Vec<Option<Arrival>> = parts
        .iter()
        .map(|(site, _, cost)| {
            let site = &problem.sites[*site];
            site.ways.get(cost.way).and_then(|way| state.fulfilment.arrival(site.location, way, now))
        })
        .collect();
    let part = |((site, _, cost), arrival): (&(usize, Vec<i64>, crate::fulfilment::SiteCost), &Option<Arrival>)| PlannedPart {
        location: location(site),
        by: problem.sites[*site].ways.get(cost.way).filter(|way| way.lane.is_some()).and_then(|way| carried_by(state, way.service)),
        ship_by: arrival.map(|arrival| arrival.ship_by),
        shipping_minor: cost.shipping_minor,
        handling_minor: cost.handling_minor,
        lateness_minor: cost.lateness_minor,
        stockout_minor: cost.stockout_minor,
        backorder_minor: cost.backorder_minor,
    };
    let plan = PlanFacts {
        parts: parts.iter().zip(&arrivals).map(part).collect(),
        split_minor,
        total_minor,
        bound_minor: best.map_or(0, |plan| plan.bound_minor).min(total_minor),
        candidates_count: u32::try_from(problem.sites.len()).unwrap_or(u32::MAX),
        single: best.and_then(|plan| plan.single.as_ref()).map(other),
        others,
    };
    (plan, promise(&arrivals))
}

/// The earliest and the latest that all parts can be there; none when it cannot be said of one of them.
fn promise(arrivals: &[Option<Arrival>]) -> Option<Promise> {
    let arrivals: Vec<Arrival> = arrivals.iter().copied().collect::<Option<_>>()?;
    let from = arrivals.iter().map(|arrival| arrival.from).max()?;
    let until = arrivals.iter().map(|arrival| arrival.until).max()?;
    Some(Promise { from, until })
}

pub(super) fn carried_by(state: &State, (carrier, service): (usize, usize)) -> Option<CarriedBy> {
    let carrier = state.fulfilment.facts().carriers().get(carrier)?;
    Some(CarriedBy { carrier: carrier.id.clone(), service: carrier.services.get(service)?.id.clone() })
}

pub(super) fn destination(state: &State, address: Option<&Address>) -> Option<Destination> {
    // Without a country nobody knows where that is.
    address.filter(|address| !address.country.is_empty()).map(|address| state.fulfilment.facts().destination(address))
}

/// What lines ask for, SKU by SKU.
pub(super) struct Demand<'a> {
    units: BTreeMap<Sku, i64>,
    values: BTreeMap<&'a Sku, i64>,
}

impl<'a> Demand<'a> {
    pub(super) fn of(lines: &'a [Line]) -> Self {
        Self { units: demand(lines), values: values(lines) }
    }

    pub(super) fn asked(&self) -> Vec<Asked<'_>> {
        let value = |sku: &Sku| self.values.get(sku).copied().unwrap_or(0);
        self.units.iter().map(|(sku, quantity)| Asked { sku, quantity: *quantity, value_minor: value(sku) }).collect()
    }
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

/// The choice for what is asked, out of what may be promised and what is `held` for it already.
pub(super) fn problem<'a>(state: &'a State, asked: &[Asked<'_>], held: &[Units], terms: &Terms<'a>) -> Problem<'a> {
    state.fulfilment.problem(asked, |sku| stocked(state, sku, held), terms)
}

/// What every location may promise of a SKU: what lies there first, then what still has to come.
fn stocked<'a, 'h>(state: &'a State, sku: &Sku, held: &'h [Units]) -> impl Iterator<Item = Stocked<'a>> + use<'a, 'h> {
    let sku = sku.clone();
    state.stock_of(&sku).iter().map(move |stock| {
        let own: i64 = held.iter().filter(|row| row.sku == sku && row.location == stock.location).map(|row| row.quantity).sum();
        let buckets = stock.buckets;
        let sellable = buckets.sellable() + own;
        let now = (buckets.available() - buckets.safety_stock + own).clamp(0, sellable);
        Stocked { location: &stock.location, now, later: sellable - now }
    })
}

pub(super) fn units(asked: &[Asked<'_>], problem: &Problem<'_>, plan: &Plan) -> Vec<Units> {
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
    let anywhere: i64 = stocked(state, row.sku, &[]).map(|stocked| stocked.now + stocked.later).sum();
    if anywhere >= row.quantity && state.fulfilment.facts().has_carriers() && lacking.available == 0 {
        return Rejection::invalid("address", "no carrier takes this order there");
    }
    Rejection::OutOfStock { sku: row.sku.clone(), requested: row.quantity, available: lacking.available }
}
