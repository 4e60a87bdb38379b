//! The map file: what the columns of a file mean where their names do not tell, as TOML.

use super::amount::PriceUnit;
use crate::catalog::CatalogError;
use crate::money::Currency;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// A column map: one section for each kind of file. Drawn with an example in `docs/FORMATS.md`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ColumnMap {
    pub(super) product: Section,
    pub(super) order: Section,
    pub(super) event: Section,
    pub(super) stock: Section,
}

/// What the map says about one kind of file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Section {
    pub(super) price_unit: Option<PriceUnit>,
    /// Taken off the names of attributes.
    pub(super) attributes_prefix: Vec<String>,
    /// Columns to leave out.
    pub(super) ignore: Vec<String>,
    /// Whether `01/02/2003` is the first of February.
    pub(super) day_first: bool,
    pub(super) constants: Constants,
    #[serde(flatten)]
    columns: BTreeMap<String, Names>,
}

/// What holds for every row that does not say otherwise.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Constants {
    pub(super) currency: Option<Currency>,
    pub(super) brand: Option<String>,
    /// A path, as in `Garden > Tools`.
    pub(super) category: Option<String>,
    pub(super) location: Option<String>,
    /// What the rows of an event file are, when no column says.
    pub(super) behaviour: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Several(Vec<String>),
}

impl Section {
    /// For each meaning the columns that hold it, best first.
    pub(super) fn columns(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.columns.iter().map(|(key, names)| match names {
            Names::One(name) => (key.as_str(), std::slice::from_ref(name)),
            Names::Several(names) => (key.as_str(), names.as_slice()),
        })
    }

    /// Whether it says of a column of some kind what it means, or that it means nothing.
    pub(super) fn names(&self, is_wanted: impl Fn(&str) -> bool) -> bool {
        self.columns().flat_map(|(_, names)| names).chain(&self.ignore).any(|name| is_wanted(name))
    }
}

impl ColumnMap {
    /// Reads a map file.
    ///
    /// # Errors
    /// When it cannot be read or is not a map.
    pub fn open(path: &Path) -> Result<Self, CatalogError> {
        let text = std::fs::read_to_string(path).map_err(|source| CatalogError::Source { path: path.to_owned(), source })?;
        Self::parse(&text)
    }

    /// Reads the text of a map file.
    ///
    /// # Errors
    /// When it is not a map.
    pub fn parse(text: &str) -> Result<Self, CatalogError> {
        toml::from_str(text).map_err(|error| CatalogError::Map(error.to_string()))
    }
}
