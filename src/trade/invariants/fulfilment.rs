//! What must always be true of fulfilment orders, waves, shipments on their way, promises kept.

use crate::trade::state::State;

impl State {
    /// What is wrong, in words.
    pub(super) fn check_fulfilment(&self) -> Vec<String> {
        Vec::new()
    }
}
