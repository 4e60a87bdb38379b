//! What simulated people ask about price lists, promotions, coupons, gift cards and store credit.

use super::super::Simulation;
use crate::trade::Action;

pub(super) fn action(_simulation: &mut Simulation) -> Option<Action> {
    None
}
