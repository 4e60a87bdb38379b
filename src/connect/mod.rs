//! What the shop tells others: the replayable feed of changes, and connectors that push it to other systems, each from its own durable
//! place in the journal; and whom it asks: payment providers, platforms for their profiles, and the servers of feeds.
//!
//! Nothing here is asked before a write, and no writer waits for anything here: the journal is the outbox, and a connector is a place in it.

pub mod changes;
pub mod feeds;
pub mod outbox;
mod outgoing;
pub mod profiles;
mod runtime;
pub mod stripe;
pub mod webhooks;
