//! What is to be priced, for whom, where to and when.

use crate::event::trade::{Address, Buyer, Claims, Line};
use crate::money::{Currency, Money};
use crate::stdx::clock::Timestamp;

/// Lines of one currency and everything that their price depends on.
#[derive(Debug, Clone, Copy)]
pub struct Basket<'a> {
    /// What is bought.
    pub lines: &'a [Line],
    /// The currency of all lines and sums.
    pub currency: Currency,
    /// Who buys, for prices and promotions of customer groups.
    pub buyer: Option<&'a Buyer>,
    /// Where the goods go; while it is not known, no tax is added.
    pub address: Option<&'a Address>,
    /// Coupons and marketplace.
    pub claims: Option<&'a Claims>,
    /// What the chosen way of shipping costs; none while none is chosen: then the shop's flat rate.
    pub shipping: Option<Money>,
    /// Whether promotions are left out.
    pub is_plain: bool,
    /// When: price lists and promotions have their time.
    pub now: Timestamp,
}

impl<'a> Basket<'a> {
    /// Lines of somebody unknown, going nowhere yet.
    #[must_use]
    pub fn of(lines: &'a [Line], currency: Currency, now: Timestamp) -> Self {
        Self { lines, currency, buyer: None, address: None, claims: None, shipping: None, is_plain: false, now }
    }
}
