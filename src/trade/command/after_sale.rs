//! What can be asked about orders after they were placed: edits, canceled lines, holds, returns, exchanges, claims.

use crate::event::trade::Subject;

/// One request of the area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AfterSaleAction {}

impl AfterSaleAction {
    /// What the action is about, from which its answer is made; none for the process's own actions.
    #[must_use]
    pub fn subject(&self) -> Option<Subject> {
        match *self {}
    }
}
