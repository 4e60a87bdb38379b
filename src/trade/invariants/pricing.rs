//! What must always be true of price lists, promotions, coupons, gift cards and store credit.

use crate::trade::state::State;

impl State {
    /// What is wrong, in words.
    pub(super) fn check_pricing(&self) -> Vec<String> {
        Vec::new()
    }
}
