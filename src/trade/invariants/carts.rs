//! What must always be true of carts beyond opening and filling them: merging, lists kept for later, delivery choices of a session.

use crate::trade::state::State;

impl State {
    /// What is wrong, in words.
    pub(super) fn check_carts(&self) -> Vec<String> {
        Vec::new()
    }
}
