//! What simulated people ask about fulfilment orders, waves, shipments on their way, promises kept.

use super::super::Simulation;
use crate::trade::Action;

pub(super) fn action(_simulation: &mut Simulation) -> Option<Action> {
    None
}
