//! How often one address, shopper or key may ask.
//!
//! Each (class of requests, asker) has an allowance: so many at once, and so many a second in the long run. An asker's standing is one number,
//! the moment at which the allowance is whole again (the generic cell rate algorithm of ATM networks), and lives in a [`table`] of fixed size, so
//! that no number of addresses grows it. Wrong guesses have an allowance of their own: codes of coupons and gift cards that do not exist
//! use it up, and then no more are tried for this asker, through whichever door.

mod asker;
mod class;
mod limits;
mod table;

pub(super) use asker::Asking;
pub(super) use limits::{Rates, Tried, limit};

/// Whether requests to a route are held to an allowance.
pub(super) fn is_limited(method: &axum::http::Method, route: &str) -> bool {
    class::Class::of(method, route).is_some()
}
