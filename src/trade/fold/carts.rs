//! What events do to carts beyond opening and filling them: merging, lists kept for later, delivery choices of a session.

use super::Fault;
use crate::event::trade::CartEvent;
use crate::trade::state::State;

impl State {
    pub(super) fn fold_carts(&mut self, event: &CartEvent) -> Result<(), Fault> {
        match *event {}
    }
}
