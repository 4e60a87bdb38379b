//! The Universal Commerce Protocol, as a platform speaks it:
//!
//! 1. every answer of every operation, done and not done, and the profile have the shapes of the published schemas (`conformance`);
//! 2. what a platform is told follows the protocol: outcomes in messages, faults in statuses, and versions that are not spoken are named;
//! 3. what a platform can do is taken from its profile, where that is fetched (`negotiation`);
//! 4. a platform is told of its own orders, whole, and can check that this shop told it (`orders`);
//! 5. a tool call does what a request does: one client searches, fills a cart, pays and reads its order over MCP alone (`mcp`).

mod conformance;
mod mcp;
mod negotiation;
mod orders;
mod platform;
mod schemas;
