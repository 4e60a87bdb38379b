//! The Universal Commerce Protocol, REST binding, version 2026-04-08: catalog, carts, checkout sessions and orders under `/ucp/v1`.
//!
//! Amounts are whole minor units; prices come from the catalogue when a line is added and never from the client. Errors are problem
//! documents, as everywhere here; what a shopper can mend within a session stands in the session's `messages`.

pub(super) mod carts;
pub(super) mod catalog;
pub(super) mod checkouts;
pub(super) mod discovery;
pub(super) mod lines;
pub(super) mod orders;
mod requests;
mod session;
mod shapes;
