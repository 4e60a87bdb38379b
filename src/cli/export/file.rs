//! A file that appears under its name only when it is whole.

use super::super::output::CliError;
use crate::catalog::tables::Layout;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

const BUFFER_BYTES: usize = 1 << 20;

/// A file that is being written under another name.
pub(super) struct Unfinished {
    path: PathBuf,
    unfinished: PathBuf,
    is_finished: bool,
}

/// What was refused or cut off is of no use to anybody.
impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_finished {
            let _ = std::fs::remove_file(&self.unfinished);
        }
    }
}

impl Unfinished {
    /// Begins it.
    pub(super) fn create(path: &Path) -> Result<(Self, BufWriter<File>), CliError> {
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".unfinished");
        let unfinished = PathBuf::from(unfinished);
        let file = File::create(&unfinished).map_err(|error| CliError::file(&unfinished, error))?;
        Ok((Self { path: path.to_owned(), unfinished, is_finished: false }, BufWriter::with_capacity(BUFFER_BYTES, file)))
    }

    /// Gives it its name.
    pub(super) fn finish(mut self, file: BufWriter<File>) -> Result<(), CliError> {
        let named = || {
            file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
            std::fs::rename(&self.unfinished, &self.path)
        };
        named().map_err(|error| CliError::file(&self.unfinished, error))?;
        self.is_finished = true;
        Ok(())
    }
}

/// The layout that was asked for, else the one that the file's name ends in.
pub(super) fn layout_of(path: &Path, asked: Option<Layout>) -> Result<Layout, CliError> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let named = if ending == "jsonl" { Some(Layout::Ndjson) } else { ending.parse().ok() };
    let unknown = || CliError::Refused(format!("{}: say --format, or end the name in .ndjson, .csv or .parquet", path.display()));
    asked.or(named).ok_or_else(unknown)
}
