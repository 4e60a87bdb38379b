//! What events do to what the shop keeps about people, and how it forgets them.

use super::Fault;
use crate::event::trade::ShopperEvent;
use crate::trade::state::State;

impl State {
    pub(super) fn fold_shoppers(&mut self, event: &ShopperEvent) -> Result<(), Fault> {
        match *event {}
    }
}
