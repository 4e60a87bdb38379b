//! A backup becomes a shop directory again: everything is copied beside its place and compared with its digest first, and the journal takes its
//! place last, so that a half restored folder is never a shop.

use super::{Backup, BackupError, CONFIGURATION, JOURNAL, KEYS, PARTS, failed, files, misplaced};
use crate::pipeline::Folders;
use std::fs;
use std::path::{Path, PathBuf};

/// Where files are copied to before they take their places.
const STAGED: &str = ".restoring";

/// Makes the shop directory `shop` from the backup in `from`; `keys_from` is where the keys lie when they are kept apart from it.
///
/// # Errors
/// When `from` is no backup, a file of it is missing or changed, its keys are missing, or `shop` holds a shop already: nothing is ever overwritten.
pub fn restore(from: &Path, shop: &Path, keys_from: Option<&Path>) -> Result<Backup, BackupError> {
    let backup = Backup::read(from)?;
    if backup.keys_apart && keys_from.is_none() {
        return Err(misplaced(from, "its keys are kept apart: name their folder with --keys"));
    }
    refuse_a_shop(shop)?;
    files::make(shop)?;
    let staged = shop.join(STAGED);
    if staged.exists() {
        // Left by a restore that did not come to its end.
        fs::remove_dir_all(&staged).map_err(failed(&staged))?;
    }
    for (name, facts) in &backup.files {
        if !path_is_inside(name) {
            return Err(misplaced(from, format!("its list names {name}, which is not below it")));
        }
        // Keys that are named apart are newer than those of the backup: who was forgotten since stays forgotten.
        if keys_from.is_some() && name.starts_with(KEYS) {
            continue;
        }
        let (path, target) = (from.join(name), staged.join(name));
        files::make(target.parent().unwrap_or(&staged))?;
        if files::copy(&path, &target)? != *facts {
            return Err(misplaced(&path, "its bytes are not those that were written"));
        }
    }
    if let Some(keys) = keys_from {
        stage_keys(keys, &staged)?;
    }
    // A stream without records has a folder and no file.
    files::make(&staged.join(JOURNAL))?;
    put_in_place(&staged, shop)?;
    Ok(backup)
}

fn path_is_inside(name: &str) -> bool {
    Path::new(name).components().all(|part| matches!(part, std::path::Component::Normal(_)))
}

fn stage_keys(keys: &Path, staged: &Path) -> Result<(), BackupError> {
    let master = keys.join("master.key");
    if !master.is_file() {
        return Err(misplaced(keys, "there are no keys here: it has no master.key"));
    }
    files::copy_folder(keys, staged, KEYS, &mut std::collections::BTreeMap::new())
}

/// Nothing of a shop may be there: what is there is for its owner to move away.
fn refuse_a_shop(shop: &Path) -> Result<(), BackupError> {
    let folders = Folders::of(shop);
    let of_a_shop = [folders.journal(), folders.keys(), folders.checkpoints(), shop.join("index").join("CURRENT")];
    match of_a_shop.iter().find(|path| is_something(path)) {
        Some(path) => Err(misplaced(path, "there is a shop here already; restore into a new directory, or move this one away")),
        None => Ok(()),
    }
}

fn is_something(path: &Path) -> bool {
    fs::read_dir(path).map_or_else(|_| path.exists(), |mut entries| entries.next().is_some())
}

/// Moves every part to its place, the journal last.
fn put_in_place(staged: &Path, shop: &Path) -> Result<(), BackupError> {
    let configuration: PathBuf = shop.join(CONFIGURATION);
    if staged.join(CONFIGURATION).exists() && !configuration.exists() {
        fs::rename(staged.join(CONFIGURATION), &configuration).map_err(failed(&configuration))?;
    }
    for part in PARTS.into_iter().chain([KEYS, JOURNAL]) {
        let (from, to) = (staged.join(part), shop.join(part));
        if !from.exists() {
            continue;
        }
        files::make(&to)?;
        for entry in fs::read_dir(&from).map_err(failed(&from))? {
            let name = entry.map_err(failed(&from))?.file_name();
            fs::rename(from.join(&name), to.join(&name)).map_err(failed(&to.join(&name)))?;
        }
        files::sync(&to)?;
    }
    fs::remove_dir_all(staged).map_err(failed(staged))?;
    files::sync(shop)
}
