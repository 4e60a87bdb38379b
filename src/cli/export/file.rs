//! A file that appears under its name only when it is whole, or standard output.

use super::super::output::CliError;
use crate::catalog::tables::Layout;
use std::fs::File;
use std::io::{self, BufWriter};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

const BUFFER_BYTES: usize = 1 << 20;

/// What stands for standard output.
const STANDARD_OUTPUT: &str = "-";

/// A file that is being written under another name, or standard output.
pub(super) struct Unfinished {
    /// The name that it will have, and the one that it has; none of standard output.
    names: Option<(PathBuf, PathBuf)>,
    is_finished: bool,
}

/// What was refused or cut off is of no use to anybody.
impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some((_, unfinished)) = self.names.as_ref().filter(|_| !self.is_finished) {
            let _ = std::fs::remove_file(unfinished);
        }
    }
}

impl Unfinished {
    /// Begins it; `-` is standard output.
    pub(super) fn create(path: &Path) -> Result<(Self, BufWriter<File>), CliError> {
        let (names, file) = if path.as_os_str() == STANDARD_OUTPUT {
            let out = io::stdout().as_fd().try_clone_to_owned().map_err(|error| CliError::file(path, error))?;
            (None, File::from(out))
        } else {
            let mut unfinished = path.as_os_str().to_owned();
            unfinished.push(".unfinished");
            let unfinished = PathBuf::from(unfinished);
            let file = File::create(&unfinished).map_err(|error| CliError::file(&unfinished, error))?;
            (Some((path.to_owned(), unfinished)), file)
        };
        Ok((Self { names, is_finished: false }, BufWriter::with_capacity(BUFFER_BYTES, file)))
    }

    /// Gives it its name, and says how long it is; nothing is known of what went to standard output.
    pub(super) fn finish(mut self, file: BufWriter<File>) -> Result<Option<u64>, CliError> {
        let written = file.into_inner().map_err(io::IntoInnerError::into_error);
        let Some((path, unfinished)) = &self.names else {
            return written.map(|_| None).map_err(|error| CliError::file(STANDARD_OUTPUT, error));
        };
        let named = || {
            let file = written?;
            file.sync_all()?;
            std::fs::rename(unfinished, path)?;
            Ok(file.metadata()?.len())
        };
        let bytes = named().map_err(|error: io::Error| CliError::file(unfinished, error))?;
        self.is_finished = true;
        Ok(Some(bytes))
    }
}

/// The layout that was asked for, else the one that the file's name ends in.
pub(super) fn layout_of(path: &Path, asked: Option<Layout>) -> Result<Layout, CliError> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let named = if ending == "jsonl" { Some(Layout::Ndjson) } else { ending.parse().ok() };
    let unknown = || CliError::Refused(format!("{}: say --format, or end the name in .ndjson, .csv or .parquet", path.display()));
    asked.or(named).ok_or_else(unknown)
}
