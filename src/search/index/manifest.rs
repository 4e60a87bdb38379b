//! Which generations there are, which one is in use, and what each consists of.
//!
//! A generation is a folder `gen-000001`; it is written as `gen-000001.tmp` and renamed when it is whole, so a folder without that ending
//! is complete. Two small files name the generation in use (`CURRENT`) and the one before it (`PREVIOUS`); each is replaced by a rename, so
//! after a crash at any moment both name a complete generation.

use super::failed;
use super::generation::verify_generation;
use super::impact::AverageLengths;
use crate::event::Progress;
use crate::id::Ordinal;
use crate::search::SearchError;
use crate::stdx::clock::Timestamp;
use crate::stdx::mapped::sync_folder_of;
use crate::text::Language;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The layout of the files; another one needs a rebuild.
pub(super) const FORMAT: u32 = 7;
/// Generations that are kept besides those in use.
const KEPT_COUNT: usize = 3;
const MANIFEST: &str = "manifest.json";
const CURRENT: &str = "CURRENT";
const PREVIOUS: &str = "PREVIOUS";
const UNFINISHED: &str = ".tmp";

/// Number of a generation; later ones are higher. Everywhere it is written as `gen-000001`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "NumberOrName")]
pub struct GenerationId(pub u32);

/// How a generation is called where it is read: earlier releases wrote manifests with the number alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum NumberOrName {
    Number(u32),
    Name(String),
}

impl TryFrom<NumberOrName> for GenerationId {
    type Error = SearchError;

    fn try_from(told: NumberOrName) -> Result<Self, SearchError> {
        match told {
            NumberOrName::Number(number) => Ok(Self(number)),
            NumberOrName::Name(name) => name.parse(),
        }
    }
}

impl From<GenerationId> for String {
    fn from(id: GenerationId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for GenerationId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "gen-{:06}", self.0)
    }
}

impl std::str::FromStr for GenerationId {
    type Err = SearchError;

    /// Reads `gen-000001`, or the number alone.
    fn from_str(text: &str) -> Result<Self, SearchError> {
        let digits = text.strip_prefix("gen-").unwrap_or(text);
        digits.parse().map(Self).map_err(|_| SearchError::Index(format!("`{text}` is not a generation; they are named like gen-000001")))
    }
}

/// One file of a generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// Its length.
    pub bytes: u64,
    /// Its BLAKE3 digest in hexadecimal digits.
    pub blake3: String,
}

/// A query that must find its product before the generation is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canary {
    /// All of these terms,
    pub terms: Vec<String>,
    /// must find this product.
    pub product: Ordinal,
}

/// What a generation is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Layout of the files.
    pub format: u32,
    /// The generation's number.
    pub id: GenerationId,
    /// When it was built.
    pub created_at: Timestamp,
    /// How far into the journal it reaches.
    pub progress: Progress,
    /// Products in it.
    pub products_count: u64,
    /// Different terms in it.
    pub terms_count: u64,
    /// Products with a vector.
    pub vectors_count: u64,
    /// Digest of the embeddings that made the vectors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embeddings: Option<String>,
    /// Languages whose stems stand beside the terms, by their codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<Language>,
    /// What lengths of fields were measured against.
    pub average_lengths: AverageLengths,
    /// Queries that must work.
    pub canaries: Vec<Canary>,
    /// Every other file, by its path inside the folder.
    pub files: BTreeMap<String, FileFacts>,
}

impl Manifest {
    /// Reads the manifest of a generation.
    ///
    /// # Errors
    /// When there is no such generation, or its manifest is damaged or of another layout.
    pub fn read(index_folder: &Path, id: GenerationId) -> Result<Self, SearchError> {
        let name = id.to_string();
        let bytes = fs::read(folder_of(index_folder, id).join(MANIFEST)).map_err(failed(&name))?;
        let manifest: Self = serde_json::from_slice(&bytes).map_err(failed(&name))?;
        if manifest.format != FORMAT {
            return Err(failed(&name)(format!("layout {} where {FORMAT} is read; build a new generation", manifest.format)));
        }
        Ok(manifest)
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), SearchError> {
        let bytes = serde_json::to_vec_pretty(self).map_err(failed(MANIFEST))?;
        write_durably(&folder.join(MANIFEST), &bytes).map_err(failed(MANIFEST))
    }
}

/// The folder of a generation.
pub(super) fn folder_of(index_folder: &Path, id: GenerationId) -> PathBuf {
    index_folder.join(id.to_string())
}

/// The folder of a generation while it is being written.
pub(super) fn unfinished_folder_of(index_folder: &Path, id: GenerationId) -> PathBuf {
    index_folder.join(format!("{id}{UNFINISHED}"))
}

fn write_durably(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let temporary = path.with_extension("tmp");
    let mut file = File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    sync_folder_of(path)
}

/// Names in the index folder that are generations, with whether they are whole.
fn names(index_folder: &Path) -> Vec<(GenerationId, bool)> {
    let entries = fs::read_dir(index_folder).into_iter().flatten().filter_map(Result::ok);
    let named = entries.filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let (name, whole) = name.strip_suffix(UNFINISHED).map_or((name.as_str(), true), |name| (name, false));
        let id = name.strip_prefix("gen-")?.parse().ok().map(GenerationId)?;
        Some((id, whole))
    });
    let mut found: Vec<(GenerationId, bool)> = named.collect();
    found.sort_unstable();
    found
}

/// The number for a new generation.
pub(super) fn next_id(index_folder: &Path) -> GenerationId {
    GenerationId(names(index_folder).last().map_or(0, |(id, _)| id.0) + 1)
}

/// All generations that can be read, oldest first.
#[must_use]
pub fn list_generations(index_folder: &Path) -> Vec<Manifest> {
    let whole = names(index_folder).into_iter().filter(|(_, whole)| *whole);
    whole.filter_map(|(id, _)| Manifest::read(index_folder, id).ok()).collect()
}

/// The generation in use.
#[must_use]
pub fn current(index_folder: &Path) -> Option<GenerationId> {
    pointed_at(&index_folder.join(CURRENT))
}

/// The generation that was in use before.
#[must_use]
pub fn previous(index_folder: &Path) -> Option<GenerationId> {
    pointed_at(&index_folder.join(PREVIOUS))
}

fn pointed_at(path: &Path) -> Option<GenerationId> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

fn point(index_folder: &Path, name: &str, id: GenerationId) -> Result<(), SearchError> {
    write_durably(&index_folder.join(name), format!("{id}\n").as_bytes()).map_err(failed(name))
}

/// Makes a generation the one that is opened from now on, after [`verify_generation`]; old ones beyond [`KEPT_COUNT`] are deleted.
///
/// A running process goes on with what it has open until [`super::Indexer::swap`].
///
/// # Errors
/// When the generation is missing or damaged, or fails its canaries; the one in use is then untouched.
pub fn promote(index_folder: &Path, id: GenerationId) -> Result<Manifest, SearchError> {
    let manifest = verify_generation(index_folder, id)?;
    let replaced = current(index_folder).filter(|&replaced| replaced != id);
    if let Some(replaced) = replaced {
        point(index_folder, PREVIOUS, replaced)?;
    }
    point(index_folder, CURRENT, id)?;
    prune(index_folder);
    Ok(manifest)
}

/// Goes back to the generation that was in use before; a second rollback returns.
///
/// # Errors
/// When there is none, or it is damaged.
pub fn rollback(index_folder: &Path) -> Result<GenerationId, SearchError> {
    let target = previous(index_folder).filter(|&target| Some(target) != current(index_folder));
    let target = target.ok_or_else(|| SearchError::Index("there is no generation to go back to".to_owned()))?;
    promote(index_folder, target).map(|manifest| manifest.id)
}

/// Deletes generations that are neither in use nor among the newest, and what older builds left unfinished. Returns those deleted.
pub fn prune(index_folder: &Path) -> Vec<GenerationId> {
    let in_use = [current(index_folder), previous(index_folder)];
    let (whole, unfinished): (Vec<_>, Vec<_>) = names(index_folder).into_iter().partition(|(_, whole)| *whole);
    let mut deleted = Vec::new();
    for (id, _) in whole.iter().rev().skip(KEPT_COUNT).filter(|(id, _)| !in_use.contains(&Some(*id))) {
        // Renamed first, so that a crash in the middle leaves no folder that looks whole.
        let doomed = unfinished_folder_of(index_folder, *id);
        if fs::rename(folder_of(index_folder, *id), &doomed).and_then(|()| fs::remove_dir_all(&doomed)).is_ok() {
            deleted.push(*id);
        }
    }
    for (id, _) in unfinished.into_iter().filter(|(id, _)| current(index_folder).is_some_and(|current| *id < current)) {
        if let Err(error) = fs::remove_dir_all(unfinished_folder_of(index_folder, id)) {
            tracing::warn!(%id, %error, "an unfinished generation cannot be deleted");
        }
    }
    deleted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generation_is_called_by_its_name_and_known_by_its_number_too() {
        let read = |text: &str| serde_json::from_str::<GenerationId>(text).ok();
        assert_eq!(serde_json::to_string(&GenerationId(7)).expect("is written"), "\"gen-000007\"");
        for text in ["7", "\"gen-000007\"", "\"7\""] {
            assert_eq!(read(text), Some(GenerationId(7)), "{text}");
        }
        for text in ["-1", "\"\"", "\"gen-\"", "\"gen-x\"", "4294967296", "null"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
