//! Why something cannot be done with an endpoint.

use super::address::AddressError;
use super::endpoint::ENDPOINTS_MAX;
use crate::connect::changes::CursorError;
use crate::connect::outbox::PositionError;
use crate::stdx::crypto::NoRandomness;
use std::io;

/// Why something cannot be done with an endpoint.
#[derive(Debug, thiserror::Error)]
pub enum WebhooksError {
    /// A file.
    #[error("webhooks: {0}")]
    Io(#[from] io::Error),
    /// A place that cannot be read.
    #[error("webhooks: {0}")]
    Position(#[from] PositionError),
    /// The system gives no randomness.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// The address.
    #[error("{0}")]
    Address(#[from] AddressError),
    /// Where it is to begin.
    #[error("{0}")]
    Cursor(#[from] CursorError),
    /// There are too many.
    #[error("there are {ENDPOINTS_MAX} endpoints already")]
    Full,
    /// None has that name.
    #[error("there is no webhook endpoint {0}")]
    Unknown(String),
    /// The key belongs to another write.
    #[error("the idempotency key was used before with another request")]
    KeyReused,
    /// It has changed.
    #[error("its version is {0}")]
    Version(u64),
    /// It is switched off.
    #[error("the endpoint is disabled")]
    Disabled,
    /// Too many repetitions wait.
    #[error("too many deliveries wait to be repeated")]
    Busy,
}
