//! Copying folders file by file, durably, with the digest of what was written.

use super::{BackupError, FileFacts, failed, misplaced};
use crate::stdx::digest::{blake3_of, hex};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// What is in the middle of being written carries this in its name.
const UNFINISHED: &str = ".tmp";
/// A backup is for its owner alone: it holds keys, and whatever people wrote that is not sealed.
const MODE: u32 = 0o700;

/// Makes a folder, which may be there when nothing is in it.
pub(super) fn make_empty(folder: &Path) -> Result<(), BackupError> {
    make(folder)?;
    let mut entries = fs::read_dir(folder).map_err(failed(folder))?;
    if entries.next().is_some() {
        return Err(misplaced(folder, "there is something here already; name a folder that does not exist or is empty"));
    }
    Ok(())
}

pub(super) fn make(folder: &Path) -> Result<(), BackupError> {
    fs::DirBuilder::new().recursive(true).mode(MODE).create(folder).map_err(failed(folder))
}

/// Copies a file with its permissions, makes it durable, and reads back what was written.
pub(super) fn copy(from: &Path, to: &Path) -> Result<FileFacts, BackupError> {
    fs::copy(from, to).map_err(failed(from))?;
    File::open(to).and_then(|file| file.sync_all()).map_err(failed(to))?;
    facts_of(to)
}

pub(super) fn facts_of(path: &Path) -> Result<FileFacts, BackupError> {
    let read = || {
        let file = File::open(path)?;
        let bytes = file.metadata()?.len();
        Ok(FileFacts { bytes, blake3: hex(&blake3_of(file)?) })
    };
    read().map_err(failed(path))
}

/// Copies all of a folder into `part` below `to`; one that is not there is empty.
pub(super) fn copy_folder(from: &Path, to: &Path, part: &str, files: &mut BTreeMap<String, FileFacts>) -> Result<(), BackupError> {
    if !from.exists() {
        return Ok(());
    }
    let target = to.join(part);
    make(&target)?;
    for (name, is_folder) in entries(from)? {
        let part = if part.is_empty() { name.clone() } else { format!("{part}/{name}") };
        if is_folder {
            copy_folder(&from.join(&name), to, &part, files)?;
        } else {
            files.insert(part, copy(&from.join(&name), &target.join(&name))?);
        }
    }
    sync(&target)
}

/// The facts of all files of a folder that was written in another way.
pub(super) fn facts_of_folder(folder: &Path, part: &str, files: &mut BTreeMap<String, FileFacts>) -> Result<(), BackupError> {
    for (name, is_folder) in entries(folder)? {
        let (path, part) = (folder.join(&name), format!("{part}/{name}"));
        if is_folder {
            facts_of_folder(&path, &part, files)?;
        } else {
            files.insert(part, facts_of(&path)?);
        }
    }
    sync(folder)
}

pub(super) fn sync(folder: &Path) -> Result<(), BackupError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed(folder))
}

/// Names in a folder, in order, and which of them are folders; nothing that is unfinished.
fn entries(folder: &Path) -> Result<Vec<(String, bool)>, BackupError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let entry = entry.map_err(failed(folder))?;
        let kind = entry.file_type().map_err(failed(folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.ends_with(UNFINISHED) && (kind.is_dir() || kind.is_file()) {
            found.push((name, kind.is_dir()));
        }
    }
    found.sort();
    Ok(found)
}
