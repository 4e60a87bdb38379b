//! Small files that only the shop's own user may read, replaced whole or not at all.

use super::mapped::sync_folder_of;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Read and write for the owner, nothing for anybody else.
const MODE: u32 = 0o600;

/// Replaces the file: written under a temporary name, synced, renamed, and the folder synced.
///
/// # Errors
/// When the disk refuses; the former file is then as it was.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("tmp");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(MODE).open(&temporary)?;
    // One that was left behind keeps its own mode when it is opened again.
    file.set_permissions(fs::Permissions::from_mode(MODE))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    sync_folder_of(path)
}

/// Opens a file to be changed in place, and makes it when it is missing.
///
/// # Errors
/// When the disk refuses.
pub fn open_in_place(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(MODE).open(path)?;
    file.set_permissions(fs::Permissions::from_mode(MODE))?;
    sync_folder_of(path)?;
    Ok(file)
}

/// Removes the file for good; one that is not there is as good as removed.
///
/// # Errors
/// When the disk refuses.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        removed => removed?,
    }
    sync_folder_of(path)
}

/// Whether anybody but the owner may read or write it.
///
/// # Errors
/// When the file cannot be looked at.
pub fn is_open_to_others(path: &Path) -> io::Result<bool> {
    Ok(fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_file_is_whole_and_private() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        for text in ["one", "another"] {
            replace(&path, text.as_bytes()).expect("is written");
            assert_eq!(
                (fs::read_to_string(&path).expect("is there"), is_open_to_others(&path).expect("is there")),
                (text.to_owned(), false)
            );
        }
        remove(&path).expect("is removed");
        remove(&path).expect("is gone already");
        assert!(!path.exists());
    }
}
