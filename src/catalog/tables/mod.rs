//! Tables for other systems: records as JSON lines, as CSV, or as Parquet, written as they come and never held whole.
//!
//! A [`Record`] says what it is twice: as one JSON object, and as one or more flat rows under fixed columns. Both sheets, CSV and Parquet, have
//! the same columns, so what is read from one can be read from the other.

mod columnar;
mod flat;
mod products;
mod sheet;

pub use flat::FlatRecord;
pub use products::{PRODUCT_COLUMNS, ProductRecord};
pub(crate) use sheet::fused;

use columnar::ColumnarFile;
use serde::Deserialize;
use sheet::Sheet;
use std::io::{self, Write};
use std::str::FromStr;

/// How records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// One JSON object a line.
    Ndjson,
    /// A table with a header, commas between fields (RFC 4180).
    Csv,
    /// Apache Parquet: flat columns, every one of which may be without a value.
    Parquet,
}

impl Layout {
    /// All of them, by name.
    pub const ALL: [(&'static str, Self); 3] = [("ndjson", Self::Ndjson), ("csv", Self::Csv), ("parquet", Self::Parquet)];

    /// Its name, which is also the ending of its files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }
}

impl FromStr for Layout {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, layout)| layout).ok_or("must be ndjson, csv or parquet")
    }
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text; also decimals and JSON.
    Text,
    /// Whole numbers.
    Whole,
    /// 32-bit floating point numbers.
    Float,
    /// Moments, as milliseconds since 1970.
    Moment,
}

/// A column: its name, and what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name in the header.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
}

impl Column {
    /// A column of texts.
    #[must_use]
    pub const fn text(name: &'static str) -> Self {
        Self { name, kind: ColumnKind::Text }
    }

    /// A column of whole numbers.
    #[must_use]
    pub const fn whole(name: &'static str) -> Self {
        Self { name, kind: ColumnKind::Whole }
    }

    /// A column of floating point numbers.
    #[must_use]
    pub const fn float(name: &'static str) -> Self {
        Self { name, kind: ColumnKind::Float }
    }

    /// A column of moments.
    #[must_use]
    pub const fn moment(name: &'static str) -> Self {
        Self { name, kind: ColumnKind::Moment }
    }
}

/// One value of a row; of the kind of its column.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    None,
    /// Text.
    Text(String),
    /// A whole number, or the milliseconds of a moment.
    Whole(i64),
    /// A floating point number.
    Float(f32),
}

impl Cell {
    /// A text, or nothing.
    #[must_use]
    pub fn text<T: Into<String>>(text: Option<T>) -> Self {
        text.map_or(Self::None, |text| Self::Text(text.into()))
    }

    /// A number, or nothing.
    #[must_use]
    pub fn whole(number: Option<i64>) -> Self {
        number.map_or(Self::None, Self::Whole)
    }

    /// Bytes that it holds in memory, roughly.
    fn bytes(&self) -> usize {
        match self {
            Self::Text(text) => size_of::<Self>() + text.len(),
            Self::None | Self::Whole(_) | Self::Float(_) => size_of::<Self>(),
        }
    }
}

/// Takes rows; each has one cell for each column, in their order.
pub type TakeRow<'a> = dyn FnMut(Vec<Cell>) -> io::Result<()> + 'a;

/// Something that is written to a table.
pub trait Record {
    /// It as one JSON object without a line break.
    ///
    /// # Errors
    /// When it has no representation.
    fn json(&self, out: &mut Vec<u8>) -> io::Result<()>;

    /// It as rows, at least one.
    ///
    /// # Errors
    /// When a row is not taken.
    fn rows(&self, take: &mut TakeRow<'_>) -> io::Result<()>;
}

/// A table that is being written.
pub struct TableWriter<W: Write + Send> {
    sink: Sink<W>,
    line: Vec<u8>,
}

enum Sink<W: Write + Send> {
    Lines(W),
    Sheet(Box<Sheet<W>>),
    Columnar(Box<ColumnarFile<W>>),
}

impl<W: Write + Send> TableWriter<W> {
    /// Begins a table with these columns.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(out: W, layout: Layout, columns: &[Column]) -> io::Result<Self> {
        let sink = match layout {
            Layout::Ndjson => Sink::Lines(out),
            Layout::Csv => Sink::Sheet(Box::new(Sheet::create(out, columns)?)),
            Layout::Parquet => Sink::Columnar(Box::new(ColumnarFile::create(out, columns)?)),
        };
        Ok(Self { sink, line: Vec::new() })
    }

    /// Writes one record.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&mut self, record: &dyn Record) -> io::Result<()> {
        match &mut self.sink {
            Sink::Lines(out) => {
                self.line.clear();
                record.json(&mut self.line)?;
                self.line.push(b'\n');
                out.write_all(&self.line)
            }
            Sink::Sheet(sheet) => record.rows(&mut |cells| sheet.write(&cells)),
            Sink::Columnar(file) => record.rows(&mut |cells| file.write(cells)),
        }
    }

    /// Ends the table and gives the writer back.
    ///
    /// # Errors
    /// When what is left cannot be written.
    pub fn finish(self) -> io::Result<W> {
        let mut out = match self.sink {
            Sink::Lines(out) => out,
            Sink::Sheet(sheet) => sheet.finish()?,
            Sink::Columnar(file) => file.finish()?,
        };
        out.flush()?;
        Ok(out)
    }
}

#[cfg(test)]
mod tests;
