//! What events do to fulfilment orders, waves, shipments on their way, promises kept.

use super::Fault;
use crate::event::trade::FulfilmentEvent;
use crate::trade::state::State;

impl State {
    pub(super) fn fold_fulfilment(&mut self, event: &FulfilmentEvent) -> Result<(), Fault> {
        self.fulfilment.learn(event);
        Ok(())
    }
}
