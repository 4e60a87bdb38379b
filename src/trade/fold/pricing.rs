//! What events do to price lists, promotions, coupons, gift cards and store credit.

use super::Fault;
use crate::event::trade::PricingEvent;
use crate::trade::state::State;

impl State {
    pub(super) fn fold_pricing(&mut self, event: &PricingEvent) -> Result<(), Fault> {
        match *event {}
    }
}
