//! CSV that spreadsheets may open: no text in it is taken for a formula.
//!
//! A program that opens a table runs what begins with `=`, `+`, `-` or `@`, so a text that does gets an apostrophe before it, which spreadsheets
//! take for "this is text". A text that begins with an apostrophe itself gets a second one, and one that is empty, not missing, is an apostrophe
//! alone; so [`fused`] gives back exactly what was written. A negative number is no formula and stays one.

use super::{Cell, Column, ColumnKind};
use crate::stdx::clock::Timestamp;
use std::borrow::Cow;
use std::io::{self, Write};

const MARK: char = '\'';

/// The text as it may stand in a cell.
fn defused(text: &str) -> Cow<'_, str> {
    let is_dangerous =
        text.is_empty() || text.starts_with(['=', '+', '@', '\t', '\r', '\n', MARK]) || text.starts_with('-') && !is_number(text);
    if is_dangerous { Cow::Owned(format!("{MARK}{text}")) } else { Cow::Borrowed(text) }
}

/// Whether it is digits after a minus, with at most one dot among them.
fn is_number(text: &str) -> bool {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let Some(amount) = text.strip_prefix('-') else { return false };
    amount.split_once('.').map_or_else(|| is_digits(amount), |(whole, rest)| is_digits(whole) && is_digits(rest))
}

/// The text that a cell of ours stands for; none when it is blank.
pub(crate) fn fused(cell: &str) -> Option<&str> {
    if cell.is_empty() { None } else { Some(cell.strip_prefix(MARK).unwrap_or(cell)) }
}

/// A CSV file that is being written.
pub(super) struct Sheet<W: Write> {
    out: csv::Writer<W>,
    kinds: Vec<ColumnKind>,
}

impl<W: Write> Sheet<W> {
    pub(super) fn create(out: W, columns: &[Column]) -> io::Result<Self> {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(columns.iter().map(|column| column.name)).map_err(io::Error::from)?;
        Ok(Self { out, kinds: columns.iter().map(|column| column.kind).collect() })
    }

    pub(super) fn write(&mut self, cells: &[Cell]) -> io::Result<()> {
        debug_assert_eq!(cells.len(), self.kinds.len(), "a cell for each column");
        for (cell, kind) in cells.iter().zip(&self.kinds) {
            let field = match (cell, kind) {
                (Cell::None, _) => Cow::Borrowed(""),
                (Cell::Text(text), _) => defused(text),
                (Cell::Whole(ms), ColumnKind::Moment) => Cow::Owned(Timestamp(*ms).to_rfc3339()),
                (Cell::Whole(number), _) => Cow::Owned(number.to_string()),
                (Cell::Float(number), _) => Cow::Owned(number.to_string()),
            };
            self.out.write_field(field.as_bytes()).map_err(io::Error::from)?;
        }
        self.out.write_record(None::<&[u8]>).map_err(io::Error::from)
    }

    pub(super) fn finish(self) -> io::Result<W> {
        self.out.into_inner().map_err(|error| io::Error::other(error.error().to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_a_formula_and_every_text_comes_back() {
        for text in
            ["", "=1+1", "+44 20", "-5+1", "-.5", "-1.2.3", "--5", "-", "@cmd", "\tx", "'quoted'", "''", "plain", "a=b", " =1", "\r", "ünï"]
        {
            let cell = defused(text).into_owned();
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{cell:?}");
            assert_eq!(fused(&cell), Some(text), "{cell:?}");
        }
        assert_eq!(fused(""), None);
        for number in ["-5", "-0.35", "7"] {
            assert_eq!((defused(number).as_ref(), fused(number)), (number, Some(number)), "spreadsheets add numbers up");
        }
    }

    #[test]
    fn a_sheet_has_a_header_and_blanks_where_nothing_is() {
        let columns = [Column::text("id"), Column::whole("count"), Column::float("rate"), Column::moment("at")];
        let mut sheet = Sheet::create(Vec::new(), &columns).expect("begins");
        sheet.write(&[Cell::Text("a,\"b\"".to_owned()), Cell::Whole(-3), Cell::Float(0.1), Cell::Whole(1_000)]).expect("is written");
        sheet.write(&[Cell::Text("=x".to_owned()), Cell::None, Cell::None, Cell::None]).expect("is written");
        let text = String::from_utf8(sheet.finish().expect("ends")).expect("is text");
        assert_eq!(text, "id,count,rate,at\n\"a,\"\"b\"\"\",-3,0.1,1970-01-01T00:00:01Z\n'=x,,,\n");
    }
}
