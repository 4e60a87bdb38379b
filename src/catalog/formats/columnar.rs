//! Rows of a Parquet file, whatever wrote it: flat or nested, in any of the usual encodings and compressions.
//!
//! A column chunk has to fit into memory unpacked, so one that says that it is longer than [`CHUNK_BYTES_MAX`] is refused before it is read. The
//! library gives up on some damaged files by a panic, which ends the file here and nothing else.

use super::records::{ROW_BYTES_MAX, RawRow, ReadRow};
use super::source::Meter;
use super::value::Value;
use super::{Reject, clean};
use crate::stdx::clock::Timestamp;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Bytes of one column of one row group, unpacked.
const CHUNK_BYTES_MAX: i64 = 512 << 20;

/// The rows of a file.
pub(super) struct ColumnarRows {
    rows: RowIter<'static>,
    columns: Vec<String>,
    /// Rows of the file, and how many were read.
    rows_count: u64,
    row: u64,
    meter: Meter,
}

impl ColumnarRows {
    pub(super) fn open(path: &Path, meter: Meter) -> io::Result<Self> {
        let file = File::open(path)?;
        let reader = sheltered(|| SerializedFileReader::new(file))?.map_err(io::Error::other)?;
        let metadata = reader.metadata();
        let chunks = metadata.row_groups().iter().flat_map(|group| group.columns());
        if chunks.map(|chunk| chunk.uncompressed_size()).any(|bytes| !(0..=CHUNK_BYTES_MAX).contains(&bytes)) {
            return Err(io::Error::other(format!(
                "a column of a row group is longer than {CHUNK_BYTES_MAX} bytes: write smaller row groups"
            )));
        }
        let columns = metadata.file_metadata().schema().get_fields().iter().map(|field| field.name().to_owned()).collect();
        let rows_count = u64::try_from(metadata.file_metadata().num_rows()).unwrap_or(0);
        let rows = sheltered(|| reader.into_iter())?;
        Ok(Self { rows, columns, rows_count, row: 0, meter })
    }

    /// The names of its columns.
    pub(super) fn columns(&self) -> &[String] {
        &self.columns
    }

    pub(super) fn read<T>(&mut self, make: &mut dyn FnMut(&RawRow<'_>) -> Result<T, Reject>) -> ReadRow<T> {
        self.row += 1;
        let line = self.row;
        let row = match sheltered(|| self.rows.next()) {
            Err(error) => return (line, Err(error)),
            Ok(None) => return (line, Ok(None)),
            Ok(Some(Err(error))) => return (line, Err(io::Error::other(error))),
            Ok(Some(Ok(row))) => row,
        };
        self.meter.show_share(self.row, self.rows_count);
        let fields = members(row);
        if fields.iter().map(|(name, value)| name.len() + value.bytes()).sum::<usize>() > ROW_BYTES_MAX {
            let reason = format!("longer than {ROW_BYTES_MAX} bytes");
            return (line, Ok(Some(Err(Reject { line, field: String::new(), reason }))));
        }
        (line, Ok(Some(make(&RawRow { line, fields: &fields, json: None }))))
    }
}

/// Calls the library; where it panics the file is damaged.
fn sheltered<T>(call: impl FnOnce() -> T) -> io::Result<T> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|_| io::Error::other("it is damaged, or of a kind that is not read here"))
}

fn members(row: Row) -> Vec<(Cow<'static, str>, Value<'static>)> {
    row.into_columns().into_iter().map(|(name, field)| (Cow::Owned(name), value(field))).collect()
}

fn text(text: impl Into<String>) -> Value<'static> {
    Value::Text(Cow::Owned(text.into()))
}

/// Numbers of 32 bits are what their shortest decimal form says, as in a text file.
fn fraction(number: f32) -> Value<'static> {
    Value::Fraction(number.to_string().parse().unwrap_or(f64::NAN))
}

fn value(field: Field) -> Value<'static> {
    match field {
        Field::Null => Value::Null,
        Field::Bool(flag) => Value::Flag(flag),
        Field::Byte(number) => Value::Whole(number.into()),
        Field::Short(number) => Value::Whole(number.into()),
        Field::Int(number) => Value::Whole(number.into()),
        Field::Long(number) => Value::Whole(number),
        Field::UByte(number) => Value::Whole(number.into()),
        Field::UShort(number) => Value::Whole(number.into()),
        Field::UInt(number) => Value::Whole(number.into()),
        Field::ULong(number) => i64::try_from(number).map_or_else(|_| text(number.to_string()), Value::Whole),
        Field::Float16(number) => fraction(number.to_f32()),
        Field::Float(number) => fraction(number),
        Field::Double(number) => Value::Fraction(number),
        Field::Str(string) => text(string),
        Field::Bytes(bytes) => text(clean::decoded(bytes.data())),
        Field::Date(days) => text(Timestamp(i64::from(days) * 86_400_000).to_rfc3339()),
        Field::TimestampMillis(ms) => text(Timestamp(ms).to_rfc3339()),
        Field::TimestampMicros(us) => text(Timestamp(us.div_euclid(1_000)).to_rfc3339()),
        Field::Group(row) => Value::Object(members(row)),
        Field::ListInternal(list) => Value::List(list.elements().iter().cloned().map(value).collect()),
        Field::MapInternal(map) => Value::Object(map.entries().iter().map(entry).collect()),
        // Decimals and times of day, as the library writes them.
        other => text(other.to_string()),
    }
}

fn entry((key, field): &(Field, Field)) -> (Cow<'static, str>, Value<'static>) {
    let name = match key {
        Field::Str(name) => name.clone(),
        other => other.to_string(),
    };
    (Cow::Owned(name), value(field.clone()))
}
