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
    reasons: Vec<Why>,
}

/// Different reasons that are counted apart, and those that are told of.
const REASONS_MAX: usize = 64;
const REASONS_TOLD_MAX: usize = 4;

/// Rows refused for one reason, whatever identifiers and numbers it names.
struct Why {
    field: String,
    shape: String,
    count: u64,
    /// As it was first told, and where.
    reason: String,
    line: u64,
}

impl Rejects {
    /// To be written to `path`.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path, out: None, count: 0, reasons: Vec::new() }
    }

    pub(super) fn add(&mut self, refused: &Refused) -> Result<(), ImportError> {
        self.write(refused).map_err(|error| ImportError::file(&self.path, error))
    }

    pub(super) fn add_all(&mut self, refused: &[Refused]) -> Result<(), ImportError> {
        refused.iter().try_for_each(|refused| self.add(refused))
    }

    /// Why rows were refused, the most frequent reason first: `12 of price: must not be negative (line 7 first)`.
    #[must_use]
    pub fn reasons(&self) -> Vec<String> {
        let mut whys: Vec<&Why> = self.reasons.iter().collect();
        whys.sort_by_key(|why| std::cmp::Reverse(why.count));
        let said = whys.iter().take(REASONS_TOLD_MAX).map(|why| {
            let of = if why.field.is_empty() { "the row" } else { why.field.as_str() };
            format!("{} of {of}: {} (line {} first)", why.count, why.reason, why.line)
        });
        said.collect()
    }

    fn count_reason(&mut self, refused: &Refused) {
        let words = refused.reason.split(' ').map(|word| if word.bytes().any(|byte| byte.is_ascii_digit()) { "#" } else { word });
        let shape = words.collect::<Vec<_>>().join(" ");
        let has_room = self.reasons.len() < REASONS_MAX;
        match self.reasons.iter_mut().find(|why| why.field == refused.field && why.shape == shape) {
            Some(why) => why.count += 1,
            None if has_room => {
                let (field, reason) = (refused.field.clone(), refused.reason.clone());
                self.reasons.push(Why { field, shape, count: 1, reason, line: refused.line });
            }
            None => {}
        }
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
        self.count_reason(refused);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_counted_whatever_they_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut rejects = Rejects::new(folder.path().join("rejects.jsonl"));
        let refused = |line, field: &str, reason: &str| Refused { line, field: field.to_owned(), reason: reason.to_owned() };
        for row in [
            refused(3, "title", "is missing"),
            refused(5, "id", "a-1 stands in line 2 already"),
            refused(9, "id", "a-7 stands in line 8 already"),
        ] {
            rejects.add(&row).expect("writes");
        }
        assert_eq!(rejects.reasons(), ["2 of id: a-1 stands in line 2 already (line 5 first)", "1 of title: is missing (line 3 first)"]);
        (0..1_000).for_each(|number| rejects.count_reason(&refused(number, &format!("f{number}"), "is wrong")));
        assert_eq!((rejects.reasons.len(), rejects.reasons().len()), (REASONS_MAX, REASONS_TOLD_MAX));
    }
}
