//! What can be offered to somebody who buys: how the goods could travel, what that costs them, when they would be there; and why.

use super::sourcing::{Demand, carried_by, destination, preview, problem};
use crate::event::trade::fulfilment::{PlanFacts, Promise};
use crate::event::trade::{Address, Line, Units};
use crate::fulfilment::{Arrival, Carrier, Effort, Lane, Load, Terms, choose};
use crate::money::Money;
use crate::pricing::{self, Basket};
use crate::stdx::clock::Timestamp;
use crate::trade::command::Rejection;
use crate::trade::state::State;

/// The one option of a shop that knows no carrier.
pub(super) const STANDARD: &str = "standard";

/// A way that goods could travel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShippingOption {
    /// Its name, `carrier/service`, as long as it is offered.
    pub id: String,
    /// What shoppers read.
    pub title: String,
    /// What shoppers pay for it.
    pub cost: Money,
    /// Promised not before; none while nothing can be promised.
    pub promised_from: Option<Timestamp>,
    /// Promised not after.
    pub promised_until: Option<Timestamp>,
}

/// What would be sent from where, why, and when it would be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcingPreview {
    /// The units, and from where.
    pub units: Vec<Units>,
    /// Why.
    pub plan: PlanFacts,
    /// When, if that can be said.
    pub promise: Option<Promise>,
}

impl State {
    /// How the lines of a basket could travel to its address when they are ordered at its time, the cheapest first. A shop that knows no carrier,
    /// or no address yet, offers one way at its flat rate and promises nothing; empty when no carrier takes the lines there, or their sum does not
    /// fit.
    #[must_use]
    pub fn shipping_options(&self, basket: &Basket<'_>) -> Vec<ShippingOption> {
        let Ok(goods) = pricing::goods(basket, &self.pricing) else { return Vec::new() };
        let flat_rate = || pricing::flat_rate(basket, goods, &self.options.pricing);
        let now = basket.now;
        let to = destination(self, basket.address);
        let facts = self.fulfilment.facts();
        let Some(to) = to.filter(|_| facts.has_carriers()) else {
            let (id, title) = (STANDARD.to_owned(), "Standard".to_owned());
            return vec![ShippingOption { id, title, cost: flat_rate(), promised_from: None, promised_until: None }];
        };
        let demand = Demand::of(basket.lines);
        let asked = demand.asked();
        let carriers = facts.carriers().iter().enumerate().filter(|(_, carrier)| carrier.is_enabled());
        let services = carriers.flat_map(|(place, carrier)| {
            let titles: Vec<String> = carrier.services().map(|(_, title)| title.to_owned()).collect();
            titles.into_iter().enumerate().map(move |(service, title)| ((place, service), title))
        });
        let option = |(service, title): ((usize, usize), String)| {
            let terms = Terms { to: Some(&to), now, service: Some(service), ..Terms::default() };
            let problem = problem(self, &asked, &[], &terms);
            let plan = choose(&problem, Effort::WRITER).ok()?;
            let ways = plan.parts.iter().map(|(site, _, cost)| (&problem.sites[*site], problem.sites[*site].ways.get(cost.way)));
            let ways: Vec<_> = ways.filter_map(|(site, way)| Some((site.location, *way?))).collect();
            let load = problem.needs.iter().fold(Load::default(), |load, need| load.plus(need.one, need.quantity));
            let load = Load { value_minor: goods.amount_minor, ..load };
            let price = |lane: &Lane<'_>| lane.price(load, goods).unwrap_or_else(flat_rate);
            let prices = ways.iter().filter_map(|(_, way)| way.lane.as_ref()).map(price);
            // However many parcels it takes, the shopper pays for one delivery, at the cheapest of the zones that it comes from.
            let cost = prices.min_by_key(|price| price.amount_minor).unwrap_or_else(flat_rate);
            let arrivals: Vec<Arrival> =
                ways.iter().map(|(location, way)| self.fulfilment.arrival(location, way, now)).collect::<Option<_>>()?;
            let by = carried_by(self, service)?;
            Some(ShippingOption {
                id: format!("{}/{}", by.carrier, by.service),
                title,
                cost,
                promised_from: arrivals.iter().map(|arrival| arrival.from).max(),
                promised_until: arrivals.iter().map(|arrival| arrival.until).max(),
            })
        };
        let mut options: Vec<ShippingOption> = services.filter_map(option).collect();
        options.sort_by(|left, right| {
            (left.cost.amount_minor, left.promised_until, &left.id).cmp(&(right.cost.amount_minor, right.promised_until, &right.id))
        });
        options
    }

    /// What would be sent from where if `lines` were ordered at `now`, and why; looked for more thoroughly than an order's own sourcing is.
    ///
    /// # Errors
    /// When there is too little of something, or no carrier goes there.
    pub fn sourcing_preview(&self, lines: &[Line], address: Option<&Address>, now: Timestamp) -> Result<SourcingPreview, Rejection> {
        let (units, plan, promise) = preview(self, lines, address, now)?;
        Ok(SourcingPreview { units, plan, promise })
    }
}
