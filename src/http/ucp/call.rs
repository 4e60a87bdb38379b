//! What an operation is asked with, and what comes of it: the same for every binding.

use super::party::Party;
use crate::http::admission::Ticket;
use crate::http::body;
use crate::http::error::Problem;
use crate::http::rate::Asking;
use crate::trade::{Snapshot, Version};
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What an operation is asked with.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) party: Party,
    /// What it is about, when that exists already; empty otherwise.
    pub(super) id: String,
    /// `idempotency-key` and `if-match`, as far as they were given.
    pub(super) headers: HeaderMap,
    /// JSON; empty when the operation takes none.
    pub(super) body: Bytes,
    /// How urgent it is, and how long whoever asks waits.
    pub(super) ticket: Ticket,
    /// Whose allowance codes use up that are tried and do not exist.
    pub(super) asking: Asking,
}

impl Call {
    /// The body as a `T`.
    ///
    /// # Errors
    /// Naming the field at fault.
    pub(super) fn parsed<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        body::parse(&self.body)
    }
}

/// What an operation answers.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) status: StatusCode,
    /// The address of what is new.
    pub(super) location: Option<String>,
    /// The version of what is shown.
    pub(super) version: Option<Version>,
    /// JSON.
    pub(super) body: Vec<u8>,
}

impl Outcome {
    /// An answer that shows something.
    ///
    /// # Errors
    /// When it cannot be written, which nothing here is.
    pub(super) fn ok<T: Serialize>(value: &T) -> Result<Self, Problem> {
        let mut body = Vec::with_capacity(4 << 10);
        serde_json::to_writer(&mut body, value).map_err(|error| Problem::internal(&error))?;
        Ok(Self { status: StatusCode::OK, location: None, version: None, body })
    }

    /// The same of something new.
    pub(super) fn created(self, location: String) -> Self {
        Self { status: StatusCode::CREATED, location: Some(location), ..self }
    }

    /// The same with the version of what it shows.
    pub(super) fn versioned(self, snapshot: &Snapshot) -> Self {
        Self { version: Version::of(snapshot), ..self }
    }
}
