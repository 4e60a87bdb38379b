//! Rows of a file, one at a time: lines of JSON, elements of a JSON array, records of a table, rows of a Parquet file.
//!
//! A row that cannot be read is refused alone and reading goes on after it. Memory is bounded by [`ROW_BYTES_MAX`] whatever the file holds.

use super::columnar::ColumnarRows;
use super::source::{Dialect, Layout, Meter, Source, dialect_of};
use super::value::Value;
use super::xml::XmlRows;
use super::{ImportOptions, Reject, clean};
use crate::catalog::CatalogError;
use std::borrow::Cow;
use std::io::{self, BufRead, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

/// The longest row: four times the longest document, for what markup and escapes add.
pub(super) const ROW_BYTES_MAX: usize = 4 * crate::catalog::product::DOCUMENT_BYTES_MAX;

/// One row as it was read.
pub(super) struct RawRow<'a> {
    pub(super) line: u64,
    pub(super) fields: &'a [(Cow<'a, str>, Value<'a>)],
    /// The row's own bytes, when it is JSON.
    pub(super) json: Option<&'a [u8]>,
}

impl RawRow<'_> {
    pub(super) fn reject(&self, field: impl Into<String>, reason: impl Into<String>) -> Reject {
        Reject { line: self.line, field: field.into(), reason: reason.into() }
    }
}

/// The rows of one file.
pub(super) struct Records {
    rows: Rows,
    pub(super) meter: Meter,
    /// In which dialect it writes products in several rows each, if it does.
    pub(super) dialect: Option<Dialect>,
    ended: bool,
}

enum Rows {
    Json(JsonRows),
    Xml(Box<XmlRows>),
    Table(Box<TableRows>),
    Columnar(Box<ColumnarRows>),
}

impl Records {
    pub(super) fn open(path: &Path, options: &ImportOptions) -> Result<Self, CatalogError> {
        let failed = |source| CatalogError::Source { path: path.to_owned(), source };
        let Source { reader, layout, meter, mut dialect } = super::source::open(path, options.format, options.encoding)?;
        let rows = match layout {
            Layout::Lines => Rows::Json(JsonRows { reader, line: 0, bytes: Vec::new(), elements: false }),
            Layout::Elements { within_array } => {
                let mut rows = JsonRows { reader, line: 1, bytes: Vec::new(), elements: true };
                if within_array {
                    rows.skip_to(|byte| byte == b'[').map_err(failed)?;
                }
                Rows::Json(rows)
            }
            Layout::Xml => Rows::Xml(Box::new(XmlRows::new(reader))),
            Layout::Table { delimiter, has_backslashes } => {
                Rows::Table(Box::new(TableRows::new(reader, delimiter, has_backslashes).map_err(failed)?))
            }
            Layout::Columnar => {
                let rows = ColumnarRows::open(path, meter.clone()).map_err(failed)?;
                dialect = dialect_of(rows.columns(), layout, options.format);
                Rows::Columnar(Box::new(rows))
            }
        };
        Ok(Self { rows, meter, dialect, ended: false })
    }

    /// Reads the next row and makes something of it. None at the end, and after a failure to read the file.
    pub(super) fn read<T>(&mut self, make: &mut dyn FnMut(&RawRow<'_>) -> Result<T, Reject>) -> Option<Result<T, Reject>> {
        if self.ended {
            return None;
        }
        let (line, read) = match &mut self.rows {
            Rows::Json(rows) => rows.read(make),
            Rows::Xml(rows) => rows.read(make),
            Rows::Table(rows) => rows.read(make),
            Rows::Columnar(rows) => rows.read(make),
        };
        match read {
            Ok(Some(made)) => Some(made),
            Ok(None) => {
                self.ended = true;
                None
            }
            Err(error) => {
                self.ended = true;
                self.meter.break_off();
                Some(Err(Reject { line, field: String::new(), reason: format!("the file cannot be read on: {error}") }))
            }
        }
    }
}

/// The line on which a row begins, and the row: none at the end.
pub(super) type ReadRow<T> = (u64, io::Result<Option<Result<T, Reject>>>);

struct JsonRows {
    reader: Box<dyn BufRead + Send>,
    /// Line of the byte read last.
    line: u64,
    bytes: Vec<u8>,
    /// Whether rows are told apart by their braces instead of lines.
    elements: bool,
}

impl JsonRows {
    fn read<T>(&mut self, make: &mut dyn FnMut(&RawRow<'_>) -> Result<T, Reject>) -> ReadRow<T> {
        loop {
            let taken = if self.elements { self.take_element() } else { self.take_line() };
            match taken {
                Err(error) => return (self.line, Err(error)),
                Ok(None) => return (self.line, Ok(None)),
                Ok(Some((line, len))) if len > ROW_BYTES_MAX => {
                    let reason = format!("longer than {ROW_BYTES_MAX} bytes");
                    return (line, Ok(Some(Err(Reject { line, field: String::new(), reason }))));
                }
                Ok(Some((line, _))) => {
                    if !self.bytes.trim_ascii().is_empty() {
                        return (line, Ok(Some(json_row(line, &self.bytes, make))));
                    }
                }
            }
        }
    }

    /// Moves one line into the buffer; gives its number and its length, of which at most [`ROW_BYTES_MAX`] bytes are kept.
    fn take_line(&mut self) -> io::Result<Option<(u64, usize)>> {
        self.bytes.clear();
        let mut len = 0;
        loop {
            let available = self.reader.fill_buf()?;
            if available.is_empty() {
                self.line += u64::from(len > 0);
                return Ok((len > 0).then_some((self.line, len)));
            }
            let end = available.iter().position(|&byte| byte == b'\n');
            let taken = end.unwrap_or(available.len());
            let room = ROW_BYTES_MAX.saturating_sub(self.bytes.len());
            self.bytes.extend_from_slice(&available[..taken.min(room)]);
            len += taken;
            self.reader.consume(taken + usize::from(end.is_some()));
            if end.is_some() {
                self.line += 1;
                return Ok(Some((self.line, len)));
            }
        }
    }

    /// Moves the next object into the buffer, from its `{` to the `}` that closes it; ends at the `]` of the array around it.
    fn take_element(&mut self) -> io::Result<Option<(u64, usize)>> {
        self.bytes.clear();
        if self.skip_to(|byte| matches!(byte, b'{' | b']'))? != Some(b'{') {
            return Ok(None);
        }
        self.bytes.push(b'{');
        let (start, mut len, mut depth) = (self.line, 1, 1_usize);
        let (mut in_text, mut escaped) = (false, false);
        while depth > 0 {
            let available = self.reader.fill_buf()?;
            if available.is_empty() {
                break;
            }
            let mut taken = 0;
            while taken < available.len() && depth > 0 {
                let byte = available[taken];
                taken += 1;
                self.line += u64::from(byte == b'\n');
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' if in_text => escaped = true,
                    b'"' => in_text = !in_text,
                    b'{' | b'[' if !in_text => depth += 1,
                    b'}' | b']' if !in_text => depth -= 1,
                    _ => {}
                }
            }
            let room = ROW_BYTES_MAX.saturating_sub(self.bytes.len());
            self.bytes.extend_from_slice(&available[..taken.min(room)]);
            len += taken;
            self.reader.consume(taken);
        }
        Ok(Some((start, len)))
    }

    /// Reads up to and including the first byte that is wanted.
    fn skip_to(&mut self, wanted: impl Fn(u8) -> bool) -> io::Result<Option<u8>> {
        loop {
            let available = self.reader.fill_buf()?;
            let found = available.iter().position(|&byte| wanted(byte));
            let taken = found.map_or(available.len(), |at| at + 1);
            self.line += available[..taken].iter().filter(|&&byte| byte == b'\n').count() as u64;
            let byte = found.map(|at| available[at]);
            self.reader.consume(taken);
            if byte.is_some() || taken == 0 {
                return Ok(byte);
            }
        }
    }
}

fn json_row<T>(line: u64, bytes: &[u8], make: &mut dyn FnMut(&RawRow<'_>) -> Result<T, Reject>) -> Result<T, Reject> {
    let refused = |reason: String| Reject { line, field: String::new(), reason };
    let text = clean::decoded(bytes);
    let value: Value<'_> = serde_json::from_str(&text).map_err(|error| refused(format!("not JSON: {error}")))?;
    let Value::Object(fields) = value else { return Err(refused("a row is a JSON object".to_owned())) };
    make(&RawRow { line, fields: &fields, json: Some(text.as_bytes()) })
}

/// Ends a record that never ends: an opening quote without its partner would otherwise pull in the rest of the file.
pub(super) struct Leash {
    reader: Box<dyn BufRead + Send>,
    left: Arc<AtomicU64>,
    /// The last byte so far that ends no line.
    last: Arc<AtomicU8>,
}

impl Leash {
    /// Reads so many bytes; whoever holds `left` may grant more.
    pub(super) fn new(reader: Box<dyn BufRead + Send>, left: Arc<AtomicU64>) -> Self {
        Self { reader, left, last: Arc::default() }
    }
}

impl Read for Leash {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        let left = self.left.load(Ordering::Relaxed);
        if left < count as u64 {
            return Err(io::Error::other(format!("a record is longer than {ROW_BYTES_MAX} bytes; is a quote or an element never closed?")));
        }
        self.left.store(left - count as u64, Ordering::Relaxed);
        if let Some(last) = buffer[..count].trim_ascii_end().last() {
            self.last.store(*last, Ordering::Relaxed);
        }
        Ok(count)
    }
}

struct TableRows {
    reader: csv::Reader<Leash>,
    left: Arc<AtomicU64>,
    last: Arc<AtomicU8>,
    header: Vec<String>,
    record: csv::ByteRecord,
    /// The record behind it, where somebody had to look whether there is one.
    next: Option<csv::ByteRecord>,
    /// 1 where lines end in `\r\n`: the csv reader counts a line at its `\n`, but ends a record at the `\r` before.
    lines_behind: u64,
}

impl TableRows {
    fn new(mut reader: Box<dyn BufRead + Send>, delimiter: u8, has_backslashes: bool) -> io::Result<Self> {
        let lines_behind =
            u64::from(reader.fill_buf()?.split_inclusive(|&byte| byte == b'\n').next().is_some_and(|line| line.ends_with(b"\r\n")));
        let left = Arc::new(AtomicU64::new(ROW_BYTES_MAX as u64));
        let leash = Leash::new(reader, Arc::clone(&left));
        let last = Arc::clone(&leash.last);
        let escape = has_backslashes.then_some(b'\\');
        let mut reader = csv::ReaderBuilder::new().flexible(true).delimiter(delimiter).escape(escape).from_reader(leash);
        let names = reader.byte_headers().map_err(io::Error::other)?.iter().enumerate();
        let name = |(index, bytes)| match clean::decoded(bytes).trim() {
            // As data frames number their rows.
            "" if index == 0 => "unnamed_0".to_owned(),
            "" => format!("column_{}", index + 1),
            name => name.to_owned(),
        };
        let header = names.map(name).collect();
        Ok(Self { reader, left, last, header, record: csv::ByteRecord::new(), next: None, lines_behind })
    }

    fn read<T>(&mut self, make: &mut dyn FnMut(&RawRow<'_>) -> Result<T, Reject>) -> ReadRow<T> {
        loop {
            self.left.store(ROW_BYTES_MAX as u64, Ordering::Relaxed);
            let line = self.reader.position().line() + self.lines_behind;
            let read = match self.next.take() {
                Some(next) => {
                    self.record = next;
                    Ok(true)
                }
                None => self.reader.read_byte_record(&mut self.record),
            };
            match read.and_then(|is_there| Ok((is_there, is_there && self.is_broken_off()?))) {
                Err(error) => return (line, Err(io::Error::other(error))),
                Ok((false, _)) => return (line, Ok(None)),
                Ok((true, true)) => return (line, Ok(Some(Err(self.refused("a quote that opens here is never closed".to_owned()))))),
                Ok((true, false)) if self.record.iter().all(|field| field.trim_ascii().is_empty()) => {}
                Ok((true, false)) => return (line, Ok(Some(self.row(make)))),
            }
        }
    }

    /// Whether the record is the rest of the file behind a quote that nothing closes: its last field goes over lines, there is no record behind it, and the
    /// file does not end with a quote.
    fn is_broken_off(&mut self) -> Result<bool, csv::Error> {
        if !self.record.iter().next_back().is_some_and(|field| field.contains(&b'\n')) {
            return Ok(false);
        }
        let mut next = csv::ByteRecord::new();
        if self.reader.read_byte_record(&mut next)? {
            self.next = Some(next);
            return Ok(false);
        }
        Ok(self.last.load(Ordering::Relaxed) != b'"')
    }

    /// The line on which the record begins.
    fn line(&self) -> u64 {
        self.record.position().map_or(0, csv::Position::line) + self.lines_behind
    }

    fn refused(&self, reason: String) -> Reject {
        Reject { line: self.line(), field: String::new(), reason }
    }

    fn row<T>(&self, make: &mut dyn FnMut(&RawRow<'_>) -> Result<T, Reject>) -> Result<T, Reject> {
        let (fields_count, columns_count) = (self.record.len(), self.header.len());
        let beyond = (columns_count..fields_count).any(|index| !self.record[index].trim_ascii().is_empty());
        if beyond {
            return Err(self.refused(format!("{fields_count} fields where the header has {columns_count}")));
        }
        let named = self.header.iter().zip(self.record.iter());
        let fields: Vec<_> = named.map(|(name, bytes)| (Cow::Borrowed(name.as_str()), Value::Text(clean::decoded(bytes)))).collect();
        make(&RawRow { line: self.line(), fields: &fields, json: None })
    }
}
