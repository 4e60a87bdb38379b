//! Rows of exported recommendations: one line of JSON for each shopper or product, or a Parquet file with one row for each recommendation.

use super::super::output::CliError;
use super::parquet::{Column, ParquetFile};
use crate::catalog::CatalogSnapshot;
use crate::id::ProductId;
use crate::recommend::{Kind, Recommendation};
use clap::ValueEnum;
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Recommendations in one row group: a few megabytes held at a time.
const GROUP_ROWS: usize = 131_072;
const COLUMNS: [&str; 6] = ["subject_id", "kind", "rank", "product_id", "score", "because"];

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// One JSON object a line.
    Ndjson,
    /// Columns `subject_id`, `kind`, `rank`, `product_id`, `score`, `because`.
    Parquet,
}

impl Format {
    fn of_name(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_ascii_lowercase();
        match ending.to_str()? {
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }
}

/// The recommendations for one shopper or product.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    #[serde(skip_serializing_if = "Option::is_none")]
    shopper_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<String>,
    kind: Kind,
    recommendations: Vec<Entry>,
}

/// One of them, best first.
#[derive(Debug, Clone, Serialize)]
struct Entry {
    product_id: ProductId,
    score: f32,
    because: &'static str,
}

impl Row {
    pub(super) fn of(kind: Kind, subject: String, found: &[Recommendation], catalog: &CatalogSnapshot) -> Self {
        let entry =
            |one: &Recommendation| Some(Entry { product_id: catalog.id_of(one.product)?, score: one.score, because: one.reason.name() });
        let recommendations = found.iter().filter_map(entry).collect();
        let (shopper_id, product_id) = if kind.is_about_shopper() { (Some(subject), None) } else { (None, Some(subject)) };
        Self { shopper_id, product_id, kind, recommendations }
    }

    pub(super) fn len(&self) -> usize {
        self.recommendations.len()
    }
}

/// A file that appears under its name only when it is whole.
pub(super) struct Writer {
    path: PathBuf,
    unfinished: PathBuf,
    sink: Sink,
}

enum Sink {
    Ndjson(BufWriter<File>),
    Parquet(Box<ParquetFile<BufWriter<File>>>, Vec<Row>, usize),
}

impl Writer {
    pub(super) fn create(path: &Path, format: Option<Format>) -> Result<Self, CliError> {
        let format = format
            .or_else(|| Format::of_name(path))
            .ok_or_else(|| CliError::Refused(format!("{}: say --format, or end the name in .ndjson or .parquet", path.display())))?;
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".unfinished");
        let unfinished = PathBuf::from(unfinished);
        let open = || {
            let file = BufWriter::with_capacity(1 << 20, File::create(&unfinished)?);
            Ok(match format {
                Format::Ndjson => Sink::Ndjson(file),
                Format::Parquet => Sink::Parquet(Box::new(ParquetFile::create(file, &COLUMNS)?), Vec::new(), 0),
            })
        };
        let sink = open().map_err(|error: io::Error| CliError::file(&unfinished, error))?;
        Ok(Self { path: path.to_owned(), unfinished, sink })
    }

    pub(super) fn write(&mut self, row: Row) -> Result<(), CliError> {
        let written = match &mut self.sink {
            Sink::Ndjson(file) => serde_json::to_writer(&mut *file, &row).map_err(io::Error::from).and_then(|()| file.write_all(b"\n")),
            Sink::Parquet(file, rows, count) => {
                *count += row.len();
                rows.push(row);
                if *count >= GROUP_ROWS { write_group(file, rows, count) } else { Ok(()) }
            }
        };
        written.map_err(|error| CliError::file(&self.unfinished, error))
    }

    pub(super) fn finish(self) -> Result<(), CliError> {
        let Self { path, unfinished, sink } = self;
        let ended = || {
            let file = match sink {
                Sink::Ndjson(file) => file,
                Sink::Parquet(mut file, mut rows, mut count) => {
                    write_group(&mut file, &mut rows, &mut count)?;
                    file.finish()?
                }
            };
            file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
            std::fs::rename(&unfinished, &path)
        };
        ended().map_err(|error| CliError::file(&unfinished, error))
    }
}

fn write_group(file: &mut ParquetFile<BufWriter<File>>, rows: &mut Vec<Row>, count: &mut usize) -> io::Result<()> {
    let rows = std::mem::take(rows);
    *count = 0;
    let each = || rows.iter().flat_map(|row| row.recommendations.iter().zip(1_i32..).map(move |(entry, rank)| (row, entry, rank)));
    let subject = |row: &Row| row.shopper_id.clone().or_else(|| row.product_id.clone()).unwrap_or_default();
    file.write_group(&[
        Column::Texts(each().map(|(row, ..)| subject(row)).collect()),
        Column::Texts(each().map(|(row, ..)| row.kind.name().to_owned()).collect()),
        Column::Numbers(each().map(|(.., rank)| rank).collect()),
        Column::Texts(each().map(|(_, entry, _)| entry.product_id.to_string()).collect()),
        Column::Floats(each().map(|(_, entry, _)| entry.score).collect()),
        Column::Texts(each().map(|(_, entry, _)| entry.because.to_owned()).collect()),
    ])
}
