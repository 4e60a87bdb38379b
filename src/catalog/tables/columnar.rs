//! Parquet with flat columns. Rows are held until they make a row group, which is bounded in rows and in bytes.

use super::{Cell, Column, ColumnKind};
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, FloatType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use std::io::{self, Write};
use std::sync::Arc;

/// Rows of one group: as many as make a scan of one column worth its while.
const GROUP_ROWS: usize = 65_536;
/// Bytes of one group in memory.
const GROUP_BYTES: usize = 16 << 20;
const CREATED_BY: &str = concat!("shopkeeper ", env!("CARGO_PKG_VERSION"));

/// A file that is being written.
pub(super) struct ColumnarFile<W: Write + Send> {
    out: SerializedFileWriter<W>,
    kinds: Vec<ColumnKind>,
    /// The cells of the open group, column by column.
    columns: Vec<Vec<Cell>>,
    bytes: usize,
}

impl<W: Write + Send> ColumnarFile<W> {
    pub(super) fn create(out: W, columns: &[Column]) -> io::Result<Self> {
        let schema = Arc::new(parse_message_type(&schema_of(columns)).map_err(failed)?);
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).set_created_by(CREATED_BY.to_owned());
        let out = SerializedFileWriter::new(out, schema, Arc::new(properties.build())).map_err(failed)?;
        let kinds = columns.iter().map(|column| column.kind).collect();
        Ok(Self { out, kinds, columns: vec![Vec::new(); columns.len()], bytes: 0 })
    }

    pub(super) fn write(&mut self, cells: Vec<Cell>) -> io::Result<()> {
        debug_assert_eq!(cells.len(), self.columns.len(), "a cell for each column");
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            self.bytes += cell.bytes();
            column.push(cell);
        }
        let is_full = self.bytes >= GROUP_BYTES || self.columns.first().is_some_and(|column| column.len() >= GROUP_ROWS);
        if is_full { self.write_group() } else { Ok(()) }
    }

    fn write_group(&mut self) -> io::Result<()> {
        self.bytes = 0;
        let mut group = self.out.next_row_group().map_err(failed)?;
        for (cells, kind) in self.columns.iter_mut().zip(&self.kinds) {
            let Some(mut column) = group.next_column().map_err(failed)? else { break };
            let cells = std::mem::take(cells);
            match kind {
                ColumnKind::Text => put::<ByteArrayType>(&mut column, &cells, |cell| match cell {
                    Cell::Text(text) => Some(ByteArray::from(text.as_bytes().to_vec())),
                    Cell::None | Cell::Whole(_) | Cell::Float(_) => None,
                }),
                ColumnKind::Whole | ColumnKind::Moment => put::<Int64Type>(&mut column, &cells, |cell| match cell {
                    Cell::Whole(number) => Some(*number),
                    Cell::None | Cell::Text(_) | Cell::Float(_) => None,
                }),
                ColumnKind::Float => put::<FloatType>(&mut column, &cells, |cell| match cell {
                    Cell::Float(number) => Some(*number),
                    Cell::None | Cell::Text(_) | Cell::Whole(_) => None,
                }),
            }?;
            column.close().map_err(failed)?;
        }
        group.close().map(|_| ()).map_err(failed)
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        if self.columns.first().is_some_and(|column| !column.is_empty()) {
            self.write_group()?;
        }
        self.out.into_inner().map_err(failed)
    }
}

/// Writes one column of a group: which rows have a value, and the values.
fn put<T: DataType>(out: &mut SerializedColumnWriter<'_>, cells: &[Cell], value: impl Fn(&Cell) -> Option<T::T>) -> io::Result<()> {
    let values: Vec<T::T> = cells.iter().filter_map(&value).collect();
    let levels: Vec<i16> = cells.iter().map(|cell| i16::from(value(cell).is_some())).collect();
    out.typed::<T>().write_batch(&values, Some(&levels), None).map(|_| ()).map_err(failed)
}

fn schema_of(columns: &[Column]) -> String {
    let field = |column: &Column| {
        let (physical, logical) = match column.kind {
            ColumnKind::Text => ("BYTE_ARRAY", " (STRING)"),
            ColumnKind::Whole => ("INT64", ""),
            ColumnKind::Float => ("FLOAT", ""),
            ColumnKind::Moment => ("INT64", " (TIMESTAMP(MILLIS,true))"),
        };
        format!("OPTIONAL {physical} {}{logical};", column.name)
    };
    format!("message shop {{ {} }}", columns.iter().map(field).collect::<Vec<_>>().join(" "))
}

fn failed(error: ParquetError) -> io::Error {
    match error {
        // What the writer behind it said, as it said it: a peer that has gone is told from a full disk.
        ParquetError::External(cause) => match cause.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => io::Error::other(other.to_string()),
        },
        other => io::Error::other(other.to_string()),
    }
}
