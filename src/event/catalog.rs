//! What happens to the catalogue.

use crate::id::{Actor, Ordinal, ProductId, SettingId};
use crate::stdx::digest::Digest;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::sync::Arc;

/// A product or a setting as bytes: canonical JSON. Here it is opaque; `catalog::Product` and `search::merchandising` read it.
#[derive(Clone, PartialEq, Eq)]
pub struct Document(pub Arc<[u8]>);

impl fmt::Debug for Document {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Document({} bytes)", self.0.len())
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_bytes(&self.0)
    }
}

struct DocumentVisitor;

impl<'de> serde::de::Visitor<'de> for DocumentVisitor {
    type Value = Document;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the bytes of a document")
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Document, E> {
        Ok(Document(Arc::from(bytes)))
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_bytes(DocumentVisitor)
    }
}

/// What a setting is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingKind {
    /// A merchandising rule.
    Rule,
    /// Words that stand for each other.
    Synonym,
    /// An experiment on search.
    Experiment,
}

/// Events of the catalog stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatalogEvent {
    /// A product is new or has changed; the whole document replaces the former one.
    ProductPut {
        /// The product's number, assigned when it was first put.
        ordinal: Ordinal,
        /// The shop's name for it.
        id: ProductId,
        /// The whole document.
        document: Document,
    },
    /// A product is no longer sold. Its ordinal stays taken; putting the same id again brings the ordinal back.
    ProductRemoved {
        /// The product's number.
        ordinal: Ordinal,
        /// The shop's name for it.
        id: ProductId,
    },
    /// A setting is new or has changed; the whole document replaces the former one.
    SettingPut {
        /// What it is about.
        kind: SettingKind,
        /// The shop's name for it, one among its kind.
        id: SettingId,
        /// The whole document.
        document: Document,
        /// Who did it.
        actor: Actor,
    },
    /// A setting no longer holds.
    SettingRemoved {
        /// What it was about.
        kind: SettingKind,
        /// The shop's name for it.
        id: SettingId,
        /// Who did it.
        actor: Actor,
    },
    /// A write was done under a caller's key: doing it again under that key changes nothing, and is answered as it was.
    KeyUsed {
        /// BLAKE3 of the key.
        key: Digest,
        /// BLAKE3 of what it was used for, so that the same key with another write is refused.
        body: Digest,
        /// What came of it, in the words of whoever answers.
        answer: Document,
    },
}
