//! What can be asked about price lists, promotions, coupons, gift cards and store credit.

use crate::event::trade::Subject;

/// One request of the area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PricingAction {}

impl PricingAction {
    /// What the action is about, from which its answer is made; none for the process's own actions.
    #[must_use]
    pub fn subject(&self) -> Option<Subject> {
        match *self {}
    }
}
