//! Pairs of what was typed and what was meant, as CSV with a header line.

use super::{for_each_line, line_error};
use crate::learn::LearnError;
use std::path::Path;

/// Something misspelled, and as a person put it right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// As typed.
    pub typed: String,
    /// As meant.
    pub meant: String,
}

/// Reads `typed,meant` lines below a header line; a field in double quotes may hold commas, and quotes when doubled.
///
/// # Errors
/// When the file cannot be read, holds nothing, or a line has not two fields.
pub fn read_corrections(path: &Path) -> Result<Vec<Correction>, LearnError> {
    let mut corrections = Vec::new();
    let mut is_header = true;
    for_each_line(path, |_, line| {
        let mut fields = fields(line);
        let (Some(typed), Some(meant), None) = (fields.next(), fields.next(), fields.next()) else {
            return Err("expected two fields: typed,meant".to_owned());
        };
        if !std::mem::take(&mut is_header) {
            corrections.push(Correction { typed, meant });
        }
        Ok(())
    })?;
    if corrections.is_empty() { Err(line_error(path, 1, "no corrections below the header")) } else { Ok(corrections) }
}

/// The fields of one line of RFC 4180.
fn fields(line: &str) -> impl Iterator<Item = String> {
    let mut fields = vec![String::new()];
    let mut is_quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let Some(field) = fields.last_mut() else { break };
        match letter {
            '"' if is_quoted && letters.next_if_eq(&'"').is_some() => field.push('"'),
            '"' if is_quoted || field.is_empty() => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(String::new()),
            letter => field.push(letter),
        }
    }
    fields.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_below_the_header_with_commas_and_quotes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pairs.csv");
        std::fs::write(&path, "typed,meant\nlmap,lamp\n\"6\"\" lmap, red\",\"6\"\" lamp, red\"\n").expect("writes");
        let pair = |typed: &str, meant: &str| Correction { typed: typed.to_owned(), meant: meant.to_owned() };
        assert_eq!(read_corrections(&path).expect("reads"), [pair("lmap", "lamp"), pair("6\" lmap, red", "6\" lamp, red")]);
        for damaged in ["typed,meant\n", "typed,meant\na\n", "a,b\na,b,c\n"] {
            std::fs::write(&path, damaged).expect("writes");
            assert!(read_corrections(&path).is_err(), "{damaged}");
        }
    }
}
