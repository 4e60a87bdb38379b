//! What simulated people ask about payments after they were authorised: captures, refunds, disputes, what providers report.

use super::super::Simulation;
use crate::trade::Action;

pub(super) fn action(_simulation: &mut Simulation) -> Option<Action> {
    None
}
