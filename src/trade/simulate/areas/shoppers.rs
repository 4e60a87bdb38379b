//! What simulated people ask about what the shop keeps about people, and how it forgets them.

use super::super::Simulation;
use crate::trade::Action;

pub(super) fn action(_simulation: &mut Simulation) -> Option<Action> {
    None
}
