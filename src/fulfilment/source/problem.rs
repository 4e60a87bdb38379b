//! What a choice of locations is about: what is needed, what every site offers, and what taking it costs.

use crate::event::trade::fulfilment::SourcingPolicy;
use crate::fulfilment::carrier::{Lane, Load};
use crate::id::LocationId;

/// Costs are counted in so many parts of a minor unit: below a minor unit stands how many rows a plan has, so that of two plans that cost the
/// same the one with fewer rows is chosen.
pub(super) const PARTS: i64 = 4_096;

/// Most that anything may cost per unit, order or day, in minor units, so that the costs of the largest order there can be fit their type.
pub const COST_MINOR_MAX: i64 = 1_000_000;

/// What is needed of one SKU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Units, at least 1.
    pub quantity: i64,
    /// One unit of it.
    pub one: Load,
}

/// What a site can give of one SKU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Offer {
    /// Units that lie there.
    pub now: i64,
    /// Those of them that it can give without cutting into its last days of cover.
    pub spare: i64,
    /// Units that it can promise and still has to get.
    pub later: i64,
}

impl Offer {
    pub(super) fn total(&self) -> i64 {
        self.now + self.later
    }
}

/// One way from a site to the destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way<'a> {
    /// Place of the carrier among the shop's carriers, and of the service among its services.
    pub service: (usize, usize),
    /// What it costs there; none while the shop knows no carrier: every parcel costs the same then.
    pub lane: Option<Lane<'a>>,
    /// What its lateness costs, in minor units.
    pub late_minor: i64,
}

/// A location that could give something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site<'a> {
    /// Its name.
    pub location: &'a LocationId,
    /// What handling an order and a unit costs there, in minor units.
    pub order_cost_minor: i64,
    /// What handling a unit costs there, in minor units.
    pub unit_cost_minor: i64,
    /// Its ways, at least one.
    pub ways: Vec<Way<'a>>,
}

/// A choice to be made. Sites stand in the order in which they are preferred when they cost the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem<'a> {
    /// What is needed.
    pub needs: Vec<Need>,
    /// Who could give something.
    pub sites: Vec<Site<'a>>,
    /// What they offer: one row of `needs.len()` per site.
    pub offers: Vec<Offer>,
    /// What everything else costs.
    pub policy: SourcingPolicy,
}

/// What using a site costs, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SiteCost {
    /// The cheapest way's carrier.
    pub shipping_minor: i64,
    /// Handling.
    pub handling_minor: i64,
    /// Days after the promise.
    pub lateness_minor: i64,
    /// Units out of its last days of cover.
    pub stockout_minor: i64,
    /// Units that still have to come.
    pub backorder_minor: i64,
    /// Which of its ways is the cheapest.
    pub way: usize,
}

impl SiteCost {
    /// All of it.
    #[must_use]
    pub fn total_minor(&self) -> i64 {
        let parts = [self.handling_minor, self.lateness_minor, self.stockout_minor, self.backorder_minor];
        parts.into_iter().fold(self.shipping_minor, i64::saturating_add)
    }
}

impl Problem<'_> {
    pub(super) fn offer(&self, site: usize, need: usize) -> Offer {
        self.offers[site * self.needs.len() + need]
    }

    /// The cheapest way of a site for a load: its place, the carrier's part and what its lateness costs.
    fn way(&self, site: usize, load: Load) -> (usize, i64, i64) {
        let ways = self.sites[site].ways.iter().enumerate();
        let cost = |way: &Way<'_>| way.lane.map_or(self.policy.parcel_minor, |lane| lane.cost_minor(load));
        let costs = ways.map(|(place, way)| (place, cost(way), way.late_minor));
        costs.min_by_key(|(place, shipping, late)| (shipping.saturating_add(*late), *place)).unwrap_or_default()
    }

    /// Shipping and lateness of a site for a load, in parts. It never falls as the load grows.
    pub(super) fn parcel_parts(&self, site: usize, load: Load) -> i64 {
        let (_, shipping, late) = self.way(site, load);
        shipping.saturating_add(late).saturating_mul(PARTS)
    }

    /// What using a site costs at the least, in parts.
    pub(super) fn entry_parts(&self, site: usize) -> i64 {
        self.parcel_parts(site, Load::default()).saturating_add(self.sites[site].order_cost_minor.saturating_mul(PARTS))
    }

    /// What `units` of a need cost at a site beyond its parcel, in minor units: handling, cover, waiting.
    pub(super) fn units_minor(&self, site: usize, need: usize, units: i64) -> [i64; 3] {
        let Offer { now, spare, .. } = self.offer(site, need);
        let handling = self.sites[site].unit_cost_minor.saturating_mul(units);
        let stockout = self.policy.stockout_unit_minor.saturating_mul((units.min(now) - spare).max(0));
        let backorder = self.policy.backorder_unit_minor.saturating_mul((units - now).max(0));
        [handling, stockout, backorder]
    }

    /// The same in parts, as one sum, with the row itself.
    pub(super) fn units_parts(&self, site: usize, need: usize, units: i64) -> i64 {
        if units == 0 {
            return 0;
        }
        let sum = self.units_minor(site, need, units).into_iter().fold(0, i64::saturating_add);
        sum.saturating_mul(PARTS).saturating_add(1)
    }

    /// The least that one unit of a need costs at a site beyond its parcel, in parts; whatever else is taken there.
    pub(super) fn unit_parts_min(&self, site: usize, need: usize) -> i64 {
        let Offer { now, spare, later } = self.offer(site, need);
        let wait = if later > 0 { self.policy.backorder_unit_minor } else { i64::MAX };
        let risk = if now > 0 { self.policy.stockout_unit_minor } else { i64::MAX };
        let least = if spare > 0 { 0 } else { wait.min(risk) };
        self.sites[site].unit_cost_minor.saturating_add(least).saturating_mul(PARTS)
    }

    /// What a site costs that gives `taken` of each need.
    #[must_use]
    pub fn site_cost(&self, site: usize, taken: &[i64]) -> SiteCost {
        let mut load = Load::default();
        let mut cost = SiteCost { handling_minor: self.sites[site].order_cost_minor, ..SiteCost::default() };
        for (need, units) in taken.iter().enumerate().filter(|(_, units)| **units > 0) {
            load = load.plus(self.needs[need].one, *units);
            let [handling, stockout, backorder] = self.units_minor(site, need, *units);
            cost.handling_minor = cost.handling_minor.saturating_add(handling);
            cost.stockout_minor = cost.stockout_minor.saturating_add(stockout);
            cost.backorder_minor = cost.backorder_minor.saturating_add(backorder);
        }
        (cost.way, cost.shipping_minor, cost.lateness_minor) = self.way(site, load);
        cost
    }

    /// What a plan costs, in parts: one row of `needs.len()` units per site.
    pub(super) fn plan_parts(&self, taken: &[i64]) -> i64 {
        let width = self.needs.len().max(1);
        let used = taken.chunks(width).enumerate().filter(|(_, row)| row.iter().any(|units| *units > 0));
        let (mut parts, mut count) = (0i64, 0i64);
        for (site, row) in used {
            let rows = row.iter().filter(|units| **units > 0).count() as i64;
            parts = parts.saturating_add(self.site_cost(site, row).total_minor().saturating_mul(PARTS)).saturating_add(rows);
            count += 1;
        }
        parts.saturating_add((count - 1).max(0).saturating_mul(self.split_parts()))
    }

    pub(super) fn split_parts(&self) -> i64 {
        self.policy.split_minor.saturating_mul(PARTS)
    }
}
