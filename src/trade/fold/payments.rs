//! What events do to payments after they were authorised: captures, refunds, disputes, what providers report.

use super::Fault;
use crate::event::trade::PaymentEvent;
use crate::trade::state::State;

impl State {
    pub(super) fn fold_payments(&mut self, event: &PaymentEvent) -> Result<(), Fault> {
        match *event {}
    }
}
