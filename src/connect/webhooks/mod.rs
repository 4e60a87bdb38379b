//! Webhooks after the Standard Webhooks specification (1.0): each change as one signed POST, to each endpoint in order, at least once.
//!
//! ```text
//!  journal ──► outbox of an endpoint ──► message ──► signature ──► address check ──► POST ──► answer read and thrown away
//!                 own thread, own place     id, type, timestamp, data     resolved once, connected to what was resolved
//! ```
//!
//! What one endpoint does, or fails to do, is felt by no other: each has its own outbox. Endpoints are administered over HTTP and kept in a
//! file of their own, because their secrets may be in no journal (`docs/decisions/0020-outboxes-are-places-in-the-journal.md`).

mod address;
mod client;
mod deliveries;
mod desk;
mod endpoint;
mod error;
mod message;
mod order;
mod sender;
mod signature;
mod store;

pub(super) use client::{SendError, encrypted, reach};

pub use address::{AddressError, Policy, Target};
pub use deliveries::{Attempt, DELIVERIES_KEPT, Outcome};
pub use desk::{Options, Trial, Webhooks};
pub use endpoint::{DESCRIPTION_BYTES_MAX, ENDPOINTS_MAX, Endpoint, EndpointId, Settings};
pub use error::WebhooksError;
pub use order::{OrderBody, Orders, PublicKey};
pub use signature::{SECRET_PREFIX, Secret, SecretError};
pub use store::Keyed;
