//! What simulated people ask about carts beyond opening and filling them: merging, lists kept for later, delivery choices of a session.

use super::super::Simulation;
use crate::trade::Action;

pub(super) fn action(_simulation: &mut Simulation) -> Option<Action> {
    None
}
