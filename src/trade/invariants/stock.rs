//! What must always be true of stock beyond units on hand: purchases on their way, transfers, counts, quotas, bundles.

use crate::trade::state::State;

impl State {
    /// What is wrong, in words.
    pub(super) fn check_stock(&self) -> Vec<String> {
        Vec::new()
    }
}
