//! What must always be true of orders after they were placed: edits, canceled lines, holds, returns, exchanges, claims.

use crate::trade::state::State;

impl State {
    /// What is wrong, in words.
    pub(super) fn check_after_sale(&self) -> Vec<String> {
        Vec::new()
    }
}
