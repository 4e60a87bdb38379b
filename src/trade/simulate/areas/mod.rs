//! What simulated people ask for, area by area.

mod after_sale;
mod carts;
mod fulfilment;
mod payments;
mod pricing;
mod shoppers;
mod stock;

pub(super) use pricing::PricingOracle;

use super::Simulation;
use crate::trade::Action;

impl Simulation {
    /// Something that concerns one of the areas, if there is anything to ask for now.
    pub(super) fn area_action(&mut self) -> Option<Action> {
        let areas =
            [pricing::action, carts::action, stock::action, fulfilment::action, payments::action, after_sale::action, shoppers::action];
        areas[self.rng.usize(0..areas.len())](self)
    }
}
