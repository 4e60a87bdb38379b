//! What must always be true of what the shop keeps about people, and how it forgets them.

use crate::trade::state::State;

impl State {
    /// What is wrong, in words.
    pub(super) fn check_shoppers(&self) -> Vec<String> {
        Vec::new()
    }
}
