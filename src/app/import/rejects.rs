//! Refused rows: counted, and written as JSON lines `{"line", "field", "reason"}`.

use super::ImportError;
use crate::app::Refused;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

/// The file of refused rows; made when the first row is refused.
pub struct Rejects {
    path: PathBuf,
    out: Option<BufWriter<File>>,
    count: u64,
}

impl Rejects {
    /// To be written to `path`.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path, out: None, count: 0 }
    }

    pub(super) fn add(&mut self, refused: &Refused) -> Result<(), ImportError> {
        self.write(refused).map_err(|error| ImportError::file(&self.path, error))
    }

    pub(super) fn add_all(&mut self, refused: &[Refused]) -> Result<(), ImportError> {
        refused.iter().try_for_each(|refused| self.add(refused))
    }

    /// How many rows were refused, and where they are.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(mut self) -> Result<(u64, Option<PathBuf>), ImportError> {
        if let Some(out) = &mut self.out {
            out.flush().map_err(|error| ImportError::file(&self.path, error))?;
        }
        let path = self.out.is_some().then_some(self.path);
        Ok((self.count, path))
    }

    fn write(&mut self, refused: &Refused) -> std::io::Result<()> {
        self.count += 1;
        let out = match &mut self.out {
            Some(out) => out,
            None => {
                if let Some(folder) = self.path.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                self.out.insert(BufWriter::new(File::create(&self.path)?))
            }
        };
        serde_json::to_writer(&mut *out, refused)?;
        out.write_all(b"\n")
    }
}
