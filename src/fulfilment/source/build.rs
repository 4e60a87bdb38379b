//! From what is asked for and what the shop knows to a choice to be made.

use super::problem::{Need, Offer, Problem, Site, Way};
use crate::event::trade::fulfilment::{LocationFacts, Origin};
use crate::fulfilment::book::FulfilmentBook;
use crate::fulfilment::calendar::{DAY_MS, ready_day};
use crate::fulfilment::carrier::{Arrival, Carrier, Destination, Lane, Load, is_origin};
use crate::id::{LocationId, Sku};
use crate::stdx::clock::Timestamp;

/// What is asked for of one SKU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked<'a> {
    /// What.
    pub sku: &'a Sku,
    /// Units, at least 1.
    pub quantity: i64,
    /// Value of one unit, in minor units.
    pub value_minor: i64,
}

/// What one location has of a SKU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stocked<'a> {
    /// Where.
    pub location: &'a LocationId,
    /// Units that lie there and may be promised.
    pub now: i64,
    /// Units that may be promised and still have to come.
    pub later: i64,
}

/// Under which terms is chosen.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terms<'a> {
    /// Where the goods go; none when it is not known yet.
    pub to: Option<&'a Destination>,
    /// The time.
    pub now: Timestamp,
    /// When they have to be there.
    pub promise: Option<Timestamp>,
    /// The one service that may carry them: place of the carrier and of its service. Any may when none is named.
    pub service: Option<(usize, usize)>,
    /// Locations that are not asked.
    pub without: &'a [LocationId],
}

/// A service that goes to the destination, from some origins at least.
struct Service<'a> {
    place: (usize, usize),
    lanes: Vec<(Origin, Lane<'a>)>,
}

impl FulfilmentBook {
    /// The choice for what is asked, out of what every location has: one list of `stock` per row of `asked`, each ascending by location.
    /// Locations that take no work, or from which nobody carries anything to the destination, are not part of it.
    #[must_use]
    pub fn problem<'a, I>(&'a self, asked: &[Asked<'_>], stock: impl Fn(&Sku) -> I, terms: &Terms<'a>) -> Problem<'a>
    where
        I: Iterator<Item = Stocked<'a>>,
    {
        let width = asked.len();
        let mut sites: Vec<(&'a LocationId, Vec<Offer>)> = Vec::new();
        for (need, row) in asked.iter().enumerate() {
            let stocked: Vec<Stocked<'a>> = stock(row.sku).filter(|stocked| stocked.now + stocked.later > 0).collect();
            let cover = self.cover(row.sku, stocked.len(), terms.now);
            let mut at = 0;
            for Stocked { location, now, later } in stocked {
                while sites.get(at).is_some_and(|(known, _)| *known < location) {
                    at += 1;
                }
                if sites.get(at).is_none_or(|(known, _)| *known != location) {
                    sites.insert(at, (location, vec![Offer::default(); width]));
                }
                sites[at].1[need] = Offer { now, spare: (now - cover).max(0), later };
            }
        }
        let needs = asked.iter().map(|row| {
            let one = Load { weight_g: self.facts().weight_g(row.sku), value_minor: row.value_minor, units: 1 };
            Need { quantity: row.quantity, one }
        });
        let mut problem = Problem { needs: needs.collect(), sites: Vec::new(), offers: Vec::new(), policy: *self.facts().policy() };
        self.add_sites(&mut problem, sites, terms);
        problem
    }

    /// Units of a SKU that each of so many locations should keep.
    fn cover(&self, sku: &Sku, locations: usize, now: Timestamp) -> i64 {
        let units_milli = self.pace_milli(sku, now).saturating_mul(i64::from(self.facts().policy().cover_days));
        let per_location = units_milli / (1_000 * locations.max(1) as i64);
        per_location + i64::from(units_milli % (1_000 * locations.max(1) as i64) > 0)
    }

    fn add_sites<'a>(&'a self, problem: &mut Problem<'a>, sites: Vec<(&'a LocationId, Vec<Offer>)>, terms: &Terms<'a>) {
        let services = self.services_to(terms);
        let mut known = self.facts().locations().iter().peekable();
        let mut kept = Vec::with_capacity(sites.len());
        for (location, offers) in sites {
            while known.next_if(|facts| facts.id < *location).is_some() {}
            let facts = known.peek().filter(|facts| facts.id == *location).map(|facts| &***facts);
            if facts.is_some_and(LocationFacts::sends_nothing) || terms.without.contains(location) {
                continue;
            }
            let ways = match &services {
                None => vec![Way { service: (0, 0), lane: None, late_minor: 0 }],
                Some(services) => self.ways(location, facts, services, terms),
            };
            if ways.is_empty() {
                continue;
            }
            let (order_cost_minor, unit_cost_minor) = facts.map_or((0, 0), |facts| (facts.order_cost_minor, facts.unit_cost_minor));
            let priority = facts.map_or(0, |facts| facts.priority);
            kept.push((priority, Site { location, order_cost_minor, unit_cost_minor, ways }, offers));
        }
        // The sort keeps the order of names within a priority.
        kept.sort_by_key(|(priority, ..)| *priority);
        for (_, site, offers) in kept {
            problem.sites.push(site);
            problem.offers.extend(offers);
        }
    }

    /// The services that go to the destination; none while no carrier is known or nobody knows where the goods go.
    fn services_to<'a>(&'a self, terms: &Terms<'a>) -> Option<Vec<Service<'a>>> {
        let to = terms.to.filter(|_| self.facts().has_carriers())?;
        let carriers = self.facts().carriers().iter().enumerate().filter(|(_, carrier)| carrier.is_enabled());
        let services = carriers.flat_map(|(carrier, facts)| {
            let places = (0..facts.services().count()).map(move |service| (carrier, service));
            let wanted = places.filter(|place| terms.service.is_none_or(|only| only == *place));
            wanted.map(move |place| Service { place, lanes: facts.lanes_to(place.1, to) })
        });
        Some(services.filter(|service| !service.lanes.is_empty()).collect())
    }

    fn ways<'a>(&self, location: &LocationId, facts: Option<&LocationFacts>, services: &[Service<'a>], terms: &Terms<'a>) -> Vec<Way<'a>> {
        let untold;
        let facts = match facts {
            Some(facts) => facts,
            None => {
                untold = LocationFacts::untold(location.clone());
                &untold
            }
        };
        let mut ready = None;
        let mut ways = Vec::with_capacity(services.len());
        for Service { place, lanes } in services {
            let Some(to) = terms.to else { continue };
            let Some((_, lane)) = lanes.iter().find(|(origin, _)| is_origin(*origin, facts, to)) else { continue };
            let late_minor = match (terms.promise, self.facts().carriers().get(place.0)) {
                (Some(promise), Some(carrier)) => {
                    let ready = *ready.get_or_insert_with(|| self.ready_day(facts, terms.now));
                    self.late_minor(carrier.arrival(lane, facts, ready, terms.now), promise)
                }
                _ => 0,
            };
            ways.push(Way { service: *place, lane: Some(*lane), late_minor });
        }
        ways
    }

    pub(in crate::fulfilment) fn ready_day(&self, location: &LocationFacts, now: Timestamp) -> i64 {
        ready_day(location, now, |day| self.is_full(location, day))
    }

    fn late_minor(&self, arrival: Arrival, promise: Timestamp) -> i64 {
        let late_ms = arrival.until.since_ms(promise);
        let days = late_ms / DAY_MS + i64::from(late_ms % DAY_MS > 0);
        self.facts().policy().late_day_minor.saturating_mul(days)
    }

    /// When a parcel from a location arrives that goes one of its ways; none while no carrier is known.
    #[must_use]
    pub fn arrival(&self, location: &LocationId, way: &Way<'_>, now: Timestamp) -> Option<Arrival> {
        let (lane, carrier) = (way.lane.as_ref()?, self.facts().carriers().get(way.service.0)?);
        let told = self.facts().location(location);
        let untold = told.is_none().then(|| LocationFacts::untold(location.clone()));
        let facts = told.map(|facts| &**facts).or(untold.as_ref())?;
        Some(carrier.arrival(lane, facts, self.ready_day(facts, now), now))
    }
}
