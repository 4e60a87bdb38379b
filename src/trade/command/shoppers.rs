//! What can be asked about what the shop keeps about people, and how it forgets them.

use crate::event::trade::Subject;

/// One request of the area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShopperAction {}

impl ShopperAction {
    /// What the action is about, from which its answer is made; none for the process's own actions.
    #[must_use]
    pub fn subject(&self) -> Option<Subject> {
        match *self {}
    }
}
