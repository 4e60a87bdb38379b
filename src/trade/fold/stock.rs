//! What events do to stock beyond units on hand: purchases on their way, transfers, counts, quotas, bundles.

use super::Fault;
use crate::event::trade::StockEvent;
use crate::trade::state::State;

impl State {
    pub(super) fn fold_stock(&mut self, event: &StockEvent) -> Result<(), Fault> {
        match *event {}
    }
}
