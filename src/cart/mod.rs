//! Carts: lines with the price they were promised at, the rules that lines keep, and what they demand from stock.

mod book;
mod lines;

pub use book::CartBook;
pub use lines::{LINES_MAX, LineError, QUANTITY_MAX, TITLE_BYTES_MAX, check_lines, demand};

use crate::event::trade::{Buyer, Claims, Line};
use crate::id::{CartId, CheckoutId};
use crate::money::Currency;
use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// An open cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cart {
    /// Its name.
    pub id: CartId,
    /// Whose.
    pub buyer: Arc<Buyer>,
    /// The currency of all its lines.
    pub currency: Currency,
    /// What is in it.
    pub lines: Arc<[Line]>,
    /// Coupons, gift cards and marketplace.
    pub claims: Arc<Claims>,
    /// The checkout session that was last opened over it.
    pub checkout: Option<CheckoutId>,
    /// When it was last changed.
    pub updated_at: Timestamp,
}
