//! What is sold: products, variants, offers, categories and attributes; their documents and the formats they arrive in.

mod base;
pub mod formats;
mod keys;
mod offer;
mod offered;
mod patch;
pub mod product;
mod settings;
mod shown;
mod snapshot;
mod store;
pub mod tables;

pub use keys::{KeyBook, KeyUse};
pub use offer::{Offer, PRICE_MINOR_MAX};
pub use offered::{Offered, OfferedVariant, document_in};
pub use product::{AttributeValue, Attributes, Product, ProductError, Rating, Variant};
pub use settings::{
    ChangeKind, Expected, SETTING_BYTES_MAX, SETTINGS_MAX, Setting, SettingChange, SettingCommand, SettingOutcome, Settings,
};
pub use shown::{Shown, View};
pub use snapshot::{CatalogSnapshot, DocumentRef};
pub use store::{CatalogStore, Change, PatchError};

use crate::stdx::mapped::MappedError;

/// Why the catalogue's files cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The checkpoint file.
    #[error(transparent)]
    Checkpoint(#[from] MappedError),
    /// Settings that have no representation as bytes.
    #[error(transparent)]
    Settings(#[from] crate::event::codec::CodecError),
    /// A file to be imported, or a map file.
    #[error("{path}: {source}")]
    Source {
        /// Which file.
        path: std::path::PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// What a map file says cannot be followed.
    #[error("the column map: {0}")]
    Map(String),
}
