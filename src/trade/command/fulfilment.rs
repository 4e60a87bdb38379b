//! What can be asked about fulfilment orders, waves, shipments on their way, promises kept.

use crate::event::trade::Subject;

/// One request of the area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FulfilmentAction {}

impl FulfilmentAction {
    /// What the action is about, from which its answer is made; none for the process's own actions.
    #[must_use]
    pub fn subject(&self) -> Option<Subject> {
        match *self {}
    }
}
