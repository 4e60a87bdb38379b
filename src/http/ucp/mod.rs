//! The Universal Commerce Protocol, version 2026-04-08: catalogue, carts, checkout sessions and orders, for programs that shop for people.
//!
//! ```text
//!  REST  /ucp/v1/…  ──► rest ──┐                                        ┌──► Outcome  ──► as it is
//!                              ├─► Call ──► party ──► operation ────────┤
//!  MCP   /ucp/mcp   ──► mcp  ──┘     who asks, what both can do         └──► Problem  ──► Refusal, in the protocol's words
//! ```
//!
//! One function does one operation; the two bindings read what was asked into a [`call::Call`] and write what came of it. Amounts are whole
//! minor units; prices come from the catalogue when a line is added and never from the client.
//!
//! Whoever names a profile (`UCP-Agent`, or `meta` of a tool call) is a platform, and is answered in the protocol's own way: what was read
//! and cannot be done is an answer with messages, not a status. Anyone else, such as the shop's own pages, gets problem documents, as
//! everywhere here (`docs/decisions/0038-two-ways-of-saying-no.md`).

mod agent;
mod buyer;
mod call;
mod capability;
mod carts;
mod catalog;
mod checkouts;
pub(super) mod discounts;
mod discovery;
pub(super) mod lines;
mod mcp;
mod operation;
mod orders;
mod party;
mod refusal;
mod requests;
mod rest;
mod session;
mod shapes;

pub(super) use agent::is_profile;
pub(super) use mcp::routes as mcp_routes;
pub(super) use orders::telling;
pub(super) use rest::routes;
