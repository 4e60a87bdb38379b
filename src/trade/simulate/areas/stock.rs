//! What simulated people ask about stock beyond units on hand: purchases on their way, transfers, counts, quotas, bundles.

use super::super::Simulation;
use crate::trade::Action;

pub(super) fn action(_simulation: &mut Simulation) -> Option<Action> {
    None
}
