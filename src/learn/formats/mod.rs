//! The field's file formats, read line by line, gzip or not: queries and judgements of search, corrections of spelling, interactions,
//! sequences, sessions and baskets of recommendation, demand of forecasting. Files that other people evaluate on can be used as they are.

mod baskets;
mod corrections;
mod demand;
mod form;
mod heading;
mod interactions;
mod judgements;
mod moments;
mod objects;
mod rows;

pub use baskets::{BasketFile, Baskets, last_baskets_apart, read_baskets};
pub use corrections::{Correction, read_corrections};
pub use demand::read_demand;
pub use interactions::{History, Names, holders, read_interactions, read_sessions};
pub use judgements::{Judgements, Query, Run, RunLine, read_judgements, read_queries, read_run, read_selection, write_run};

use super::LearnError;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// What files begin with that are no text, and what to do with them.
const NO_TEXTS: [(&[u8], &str); 8] = [
    (b"PK\x03\x04", "is a zip archive: unpack it first"),
    (b"BZh", "is packed by bzip2: unpack it first, or pack it by gzip"),
    (b"\xfd7zXZ\x00", "is packed by xz: unpack it first, or pack it by gzip"),
    (b"\x28\xb5\x2f\xfd", "is packed by zstd: unpack it first, or pack it by gzip"),
    (b"PAR1", "is a Parquet file: write it as CSV first"),
    (b"\x89HDF", "is an HDF5 file: write it as CSV first"),
    (b"\xff\xfe", "is UTF-16: convert the file first, as by iconv -f utf-16 -t utf-8"),
    (b"\xfe\xff", "is UTF-16: convert the file first, as by iconv -f utf-16 -t utf-8"),
];
/// What some programs write before a text.
const BYTE_ORDER_MARK: char = '\u{feff}';

fn io_error(path: &Path) -> impl Fn(std::io::Error) -> LearnError + '_ {
    move |source| LearnError::Io { path: path.to_owned(), source }
}

fn line_error(path: &Path, line: u64, what: impl Into<String>) -> LearnError {
    LearnError::Line { path: path.to_owned(), line, what: what.into() }
}

/// Calls `each` with the number (from 1) and text of every line that is not blank; gzip is recognised by its first bytes.
///
/// # Errors
/// When the file cannot be read, is not UTF-8, or `each` refuses a line by saying why.
fn for_each_line(path: &Path, mut each: impl FnMut(u64, &str) -> Result<(), String>) -> Result<(), LearnError> {
    let mut file = BufReader::new(File::open(path).map_err(io_error(path))?);
    let beginning = file.fill_buf().map_err(io_error(path))?;
    if let Some((_, what)) = NO_TEXTS.iter().find(|(magic, _)| beginning.starts_with(magic)) {
        return Err(line_error(path, 1, *what));
    }
    let zipped = beginning.starts_with(&GZIP_MAGIC);
    let reader: Box<dyn Read> = if zipped { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    for (number, line) in (1..).zip(BufReader::new(reader).lines()) {
        let line = line.map_err(|source| match source.kind() {
            ErrorKind::InvalidData => line_error(path, number, "is not UTF-8: convert the file first, as by iconv -f latin1 -t utf-8"),
            _ => line_error(path, number, format!("cannot be read: {source}")),
        })?;
        let line = line.trim_end_matches('\r').trim_start_matches(BYTE_ORDER_MARK);
        if !line.trim().is_empty() {
            each(number, line).map_err(|what| line_error(path, number, what))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn plain_and_gzipped_files_read_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = "\u{feff}a b\r\n\n \t\nc";
        let (plain, zipped) = (folder.path().join("plain"), folder.path().join("zipped"));
        std::fs::write(&plain, text).expect("writes");
        let mut encoder = flate2::write::GzEncoder::new(File::create(&zipped).expect("creates"), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).expect("writes");
        encoder.finish().expect("finishes");
        for path in [plain, zipped] {
            let mut lines = Vec::new();
            for_each_line(&path, |number, line| {
                lines.push((number, line.to_owned()));
                Ok(())
            })
            .expect("reads");
            assert_eq!(lines, [(1, "a b".to_owned()), (4, "c".to_owned())]);
        }
    }

    #[test]
    fn the_line_at_fault_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lines");
        std::fs::write(&path, "good\nbad\n").expect("writes");
        let refuse = |_, line: &str| if line == "bad" { Err("no".to_owned()) } else { Ok(()) };
        let error = for_each_line(&path, refuse).expect_err("is refused");
        assert!(error.to_string().ends_with("lines:2: no"), "{error}");
        assert!(for_each_line(&folder.path().join("missing"), |_, _| Ok(())).is_err());
        // Packed, and cut off.
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(b"good\n").expect("writes");
        let packed = encoder.finish().expect("finishes");
        std::fs::write(&path, &packed[..packed.len() - 6]).expect("writes");
        let error = for_each_line(&path, |_, _| Ok(())).expect_err("is refused").to_string();
        assert!(error.contains("lines:2: cannot be read"), "{error}");
        std::fs::write(&path, b"good\ncaf\xe9\n").expect("writes");
        let error = for_each_line(&path, |_, _| Ok(())).expect_err("is refused").to_string();
        assert!(error.contains("lines:2: is not UTF-8") && error.contains("iconv"), "{error}");
        for (beginning, said) in
            [(&b"PK\x03\x04\x14"[..], "zip archive"), (b"PAR1\x15", "Parquet"), (b"\xff\xfeu\0", "UTF-16"), (b"BZh9", "bzip2")]
        {
            std::fs::write(&path, beginning).expect("writes");
            let error = for_each_line(&path, |_, _| Ok(())).expect_err("is refused").to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
