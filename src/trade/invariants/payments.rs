//! What must always be true of payments after they were authorised: captures, refunds, disputes, what providers report.

use crate::trade::state::State;

impl State {
    /// What is wrong, in words.
    pub(super) fn check_payments(&self) -> Vec<String> {
        Vec::new()
    }
}
