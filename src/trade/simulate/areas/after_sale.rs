//! What simulated people ask about orders after they were placed: edits, canceled lines, holds, returns, exchanges, claims.

use super::super::Simulation;
use crate::trade::Action;

pub(super) fn action(_simulation: &mut Simulation) -> Option<Action> {
    None
}
