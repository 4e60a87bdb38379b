//! What can be asked of the catalogue's writer, and writes that are answered the same however often they are repeated under one key.
//!
//! What came of a write is kept in the very entry that did it, so it is as durable as what it answers for. A write that was refused altogether
//! leaves nothing: its key is free.

use crate::catalog::{KeyBook, Product, SettingCommand, SettingOutcome};
use crate::event::{CatalogEvent, Document, codec};
use crate::id::{Ordinal, ProductId};
use crate::stdx::digest::Digest;
use serde::{Deserialize, Serialize};

/// Most bytes of [`Once::note`].
pub const NOTE_BYTES_MAX: usize = 64 << 10;

/// One change to the catalogue.
#[derive(Debug, Clone)]
pub enum CatalogCommand {
    /// Put a whole product, new or known.
    Put(Box<Product>),
    /// Change fields of a known product (RFC 7396 merge patch).
    Patch {
        /// Which.
        id: ProductId,
        /// The changes.
        patch: serde_json::Value,
    },
    /// Take a product off sale.
    Remove {
        /// Which.
        id: ProductId,
    },
    /// Do that only over this document, or over none.
    OnlyOver {
        /// BLAKE3 of the document that whoever asks has read.
        document: Option<Digest>,
        /// What is done then.
        command: Box<CatalogCommand>,
    },
}

impl CatalogCommand {
    /// The product that it is about.
    pub(super) fn id(&self) -> &ProductId {
        match self {
            Self::Put(product) => &product.id,
            Self::Patch { id, .. } | Self::Remove { id } => id,
            Self::OnlyOver { command, .. } => command.id(),
        }
    }
}

/// What became of one change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PutOutcome {
    /// A product that was not there before.
    Created(Ordinal),
    /// A known product has changed.
    Updated(Ordinal),
    /// A known product is exactly as it was.
    Unchanged(Ordinal),
    /// A product was taken off sale.
    Removed(Ordinal),
    /// The document is at fault.
    Rejected {
        /// Path of the field.
        field: String,
        /// What is wrong.
        reason: String,
    },
    /// Nothing has that id.
    Unknown,
    /// It is not as whoever asks has read it.
    Overtaken,
}

impl PutOutcome {
    /// Whether the product is as it was asked to be.
    #[must_use]
    pub fn is_as_asked(&self) -> bool {
        self.ordinal().is_some()
    }

    pub(super) fn ordinal(&self) -> Option<Ordinal> {
        match self {
            Self::Created(ordinal) | Self::Updated(ordinal) | Self::Unchanged(ordinal) | Self::Removed(ordinal) => Some(*ordinal),
            Self::Rejected { .. } | Self::Unknown | Self::Overtaken => None,
        }
    }
}

/// What is to be written: at most [`super::CATALOG_BATCH_MAX`] changes, decided in order.
#[derive(Debug, Clone)]
pub enum CatalogWrite {
    /// Products.
    Products(Vec<CatalogCommand>),
    /// Rules, synonyms and experiments.
    Settings(Vec<SettingCommand>),
}

/// The key of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// BLAKE3 of the key.
    pub key: Digest,
    /// BLAKE3 of what it is used for.
    pub body: Digest,
}

/// What became of each change, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcomes {
    /// Of products.
    Products(Vec<PutOutcome>),
    /// Of rules, synonyms and experiments.
    Settings(Vec<SettingOutcome>),
}

/// What came of a write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Of each change.
    pub outcomes: Outcomes,
    /// BLAKE3 of the document as it then was, when the write was one change of a product and left one.
    pub document: Option<Digest>,
    /// What the caller wants to be told again.
    pub note: Document,
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteReceipt {
    /// It was done, now or before.
    Done(Written),
    /// Something else was done under the key.
    Reused,
}

impl Outcomes {
    /// The product that the write was about, when that was one change and left one.
    pub(super) fn only_product(&self) -> Option<Ordinal> {
        match self {
            Self::Products(outcomes) => outcomes.as_slice().first().filter(|_| outcomes.len() == 1)?.ordinal(),
            Self::Settings(_) => None,
        }
    }

    /// Whether anything is as it was asked to be; otherwise everything was refused.
    fn has_effect(&self) -> bool {
        match self {
            Self::Products(outcomes) => outcomes.iter().any(PutOutcome::is_as_asked),
            Self::Settings(outcomes) => outcomes.iter().any(|outcome| outcome.is_as_asked()),
        }
    }
}

impl WriteReceipt {
    /// What is known of a write's key; none when it is new.
    ///
    /// # Errors
    /// When what was kept cannot be read.
    pub fn of(keys: &KeyBook, once: &Once) -> Result<Option<Self>, codec::CodecError> {
        match keys.get(&once.key) {
            None => Ok(None),
            Some(used) if used.body == once.body => codec::from_bytes(&used.answer.0).map(|written| Some(Self::Done(written))),
            Some(_) => Ok(Some(Self::Reused)),
        }
    }
}

/// The event that keeps what came of a write under its key; none when all of it was refused.
pub(super) fn key_used(once: &Once, written: &Written) -> Result<Option<CatalogEvent>, codec::CodecError> {
    if !written.outcomes.has_effect() {
        return Ok(None);
    }
    let answer = Document(codec::to_bytes(written)?.into());
    Ok(Some(CatalogEvent::KeyUsed { key: once.key, body: once.body, answer }))
}
