//! Records that are one row: their JSON has the columns' names, without what is missing.

use super::{Cell, Column, ColumnKind, Record, TakeRow};
use crate::stdx::clock::Timestamp;
use serde_json::{Map, Number, Value};
use std::io;

/// One row under its columns.
pub struct FlatRecord<'a> {
    /// The columns.
    pub columns: &'a [Column],
    /// A cell for each.
    pub cells: Vec<Cell>,
}

impl Record for FlatRecord<'_> {
    fn json(&self, out: &mut Vec<u8>) -> io::Result<()> {
        let told = self.columns.iter().zip(&self.cells).filter(|(_, cell)| **cell != Cell::None);
        let object: Map<String, Value> = told.map(|(column, cell)| (column.name.to_owned(), value(cell, column.kind))).collect();
        serde_json::to_writer(out, &object).map_err(io::Error::from)
    }

    fn rows(&self, take: &mut TakeRow<'_>) -> io::Result<()> {
        take(self.cells.clone())
    }
}

fn value(cell: &Cell, kind: ColumnKind) -> Value {
    match cell {
        Cell::None => Value::Null,
        Cell::Text(text) => Value::String(text.clone()),
        Cell::Whole(ms) if kind == ColumnKind::Moment => Value::String(Timestamp(*ms).to_rfc3339()),
        Cell::Whole(number) => Value::from(*number),
        Cell::Float(number) => Number::from_f64(f64::from(*number)).map_or(Value::Null, Value::Number),
    }
}
