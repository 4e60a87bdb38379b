//! What events do to orders after they were placed: edits, canceled lines, holds, returns, exchanges, claims.

use super::Fault;
use crate::event::trade::AfterSaleEvent;
use crate::trade::state::State;

impl State {
    pub(super) fn fold_after_sale(&mut self, event: &AfterSaleEvent) -> Result<(), Fault> {
        match *event {}
    }
}
