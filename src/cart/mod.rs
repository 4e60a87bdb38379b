//! Carts: lines with the price they were promised at, the rules that lines keep, and what they demand from stock.

mod book;
mod lines;
mod merge;
mod rules;
mod tries;

pub use book::{CartBook, MERGED_KEPT_MS, RULES_MAX};
pub use lines::{LINES_MAX, LineError, QUANTITY_MAX, TITLE_BYTES_MAX, check_lines, demand};
pub use merge::{MergeError, MergePolicy, Parts, added, merge};
pub use rules::{QuantityError, WINDOW_MS_MAX, capped, check_rule, check_units, holds_for, units_of};
pub use tries::{TRIES_KEPT_MS, Tries};

use crate::event::trade::{Buyer, CartKind, Claims, Line};
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
    /// What its shopper calls it.
    pub name: Option<String>,
    /// What it is for.
    pub kind: CartKind,
    /// What is in it.
    pub lines: Arc<[Line]>,
    /// Coupons, gift cards and marketplace.
    pub claims: Arc<Claims>,
    /// What is kept for later, out of what will be bought.
    pub saved: Arc<[Line]>,
    /// The checkout session that was last opened over it.
    pub checkout: Option<CheckoutId>,
    /// When it was last changed.
    pub updated_at: Timestamp,
}
