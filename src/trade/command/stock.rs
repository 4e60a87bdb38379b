//! What can be asked about stock beyond units on hand: purchases on their way, transfers, counts, quotas, bundles.

use crate::event::trade::Subject;

/// One request of the area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StockAction {}

impl StockAction {
    /// What the action is about, from which its answer is made; none for the process's own actions.
    #[must_use]
    pub fn subject(&self) -> Option<Subject> {
        match *self {}
    }
}
