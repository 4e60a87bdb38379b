//! Files that a shop is filled from, row by row: products, orders of another system, behaviour, stock.
//!
//! Every reader gives typed rows in file order with their line numbers, and a [`Reject`] for each row that cannot be one; it never gives
//! up the file for a row. Files are recognised by content (JSON lines, a JSON array, a table, an XML feed, Parquet; plain or gzip) and columns by name,
//! or by a [`ColumnMap`]. Nothing here knows the shop: products are named by the file's own identifiers.

mod alphabets;
mod amount;
mod attributes;
mod called_off;
mod categories;
mod clean;
mod columnar;
mod columns;
mod currencies;
mod encoding;
mod events;
mod google;
mod grouped;
mod hints;
mod joined;
mod loose;
mod map;
mod marks;
mod moment;
mod naming;
mod numerals;
mod omissions;
mod orders;
mod own;
mod plain;
mod products;
mod records;
mod roles;
mod shopify;
mod shown;
mod source;
mod stock;
mod telling;
mod value;
mod woocommerce;
mod xml;

pub use amount::PriceUnit;
pub use encoding::Encoding;
pub use events::EventRow;
pub use map::ColumnMap;
pub use omissions::Omissions;
pub use orders::{OrderLine, OrderRow};
pub use source::{Format, Meter};
pub use stock::StockRow;

use super::{CatalogError, Product};
use crate::money::Currency;
use crate::text::Language;
use amount::Pricing;
use grouped::GroupedReader;
use hints::Survey;
use joined::JoinedReader;
use map::Section;
use own::OwnReader;
use records::{RawRow, Records};
use source::{Dialect, Preset};
use std::path::Path;

/// How a file is to be read.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// How rows are written.
    pub format: Format,
    /// In which encoding its text is, where somebody says it; otherwise it is recognised.
    pub encoding: Option<Encoding>,
    /// The currency of prices that do not name theirs.
    pub currency: Currency,
    /// Whether somebody said so of this file. Otherwise what prices above them in the same column are in goes first.
    pub is_currency_told: bool,
    /// What a plain number of a price counts; the map's own `price_unit` goes first.
    pub price_unit: PriceUnit,
    /// The shop's own language: of texts in several the one that counts.
    pub language: Option<Language>,
    /// What columns mean.
    pub map: ColumnMap,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self {
            format: Format::Auto,
            encoding: None,
            currency: Currency::USD,
            is_currency_told: false,
            price_unit: PriceUnit::Major,
            language: None,
            map: ColumnMap::default(),
        }
    }
}

impl ImportOptions {
    fn pricing(&self, section: &Section) -> Pricing {
        Pricing {
            currency: section.constants.currency.unwrap_or(self.currency),
            unit: section.price_unit.unwrap_or(self.price_unit),
            mark: None,
        }
    }
}

/// A row that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<T> {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// What it says.
    pub value: T,
}

/// A row that could not be read: where, which column, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {field}: {reason}")]
pub struct Reject {
    /// The line on which the row begins, from 1.
    pub line: u64,
    /// The column or field at fault; empty when it is the whole row.
    pub field: String,
    /// What is wrong, for people.
    pub reason: String,
}

/// Rows that are looked at before the first is taken: what a column of prices has before its decimals is not in every row.
const SURVEY_ROWS: usize = 10_000;
/// The same in bytes of the file; long rows are worth less.
const SURVEY_BYTES: u64 = 32 << 20;

type Next<T> = Box<dyn FnMut(&mut Records) -> Option<Result<Row<T>, Reject>> + Send>;

/// The rows of one file, in order.
pub struct Rows<T> {
    records: Records,
    next: Next<T>,
    omissions: Omissions,
}

impl<T> Rows<T> {
    fn new(records: Records, next: Next<T>) -> Self {
        Self { records, next, omissions: Omissions::default() }
    }

    /// Rows that each stand for themselves.
    fn each(records: Records, mut make: impl FnMut(&RawRow<'_>) -> Result<T, Reject> + Send + 'static) -> Self {
        let next = move |records: &mut Records| records.read(&mut |raw| Ok(Row { line: raw.line, value: make(raw)? }));
        Self::new(records, Box::new(next))
    }

    /// How far the file has been read.
    #[must_use]
    pub fn meter(&self) -> Meter {
        self.records.meter.clone()
    }

    /// What was left out so far.
    #[must_use]
    pub fn omissions(&self) -> Omissions {
        self.omissions.clone()
    }
}

impl<T> Iterator for Rows<T> {
    type Item = Result<Row<T>, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        (self.next)(&mut self.records)
    }
}

/// Reads a file of products: our own documents, or rows whose columns are recognised or mapped.
///
/// # Errors
/// When the file cannot be opened or the map names what there is not.
pub fn products(path: &Path, options: &ImportOptions) -> Result<Rows<Product>, CatalogError> {
    let omissions = Omissions::default();
    let mut reader = products::ProductReader::new(options, omissions.clone())?;
    let records = Records::open(path, options)?;
    if !matches!(records.dialect, Some(Dialect::Ours { .. })) {
        survey(path, options, &mut reader, &omissions)?;
    }
    let rows = match records.dialect {
        None => {
            let mut joined = JoinedReader::new(reader, omissions.clone());
            Rows::new(records, Box::new(move |records| joined.next(records)))
        }
        Some(Dialect::Ours { is_defused }) => {
            let mut own = OwnReader::new(reader, options.pricing(&options.map.product).currency, is_defused);
            Rows::new(records, Box::new(move |records| own.next(records)))
        }
        Some(Dialect::Theirs(Preset::Plain)) if options.map.product.names(plain::groups) => {
            let mut joined = JoinedReader::new(reader, omissions.clone());
            Rows::new(records, Box::new(move |records| joined.next(records)))
        }
        Some(Dialect::Theirs(preset)) => {
            let mut grouped = GroupedReader::new(preset, reader);
            Rows::new(records, Box::new(move |records| grouped.next(records)))
        }
    };
    Ok(Rows { omissions, ..rows })
}

/// Shows the reader the beginning of the file, in which its columns show what they hold. What is no regular file can be read only once.
fn survey(path: &Path, options: &ImportOptions, reader: &mut products::ProductReader, omissions: &Omissions) -> Result<(), CatalogError> {
    if !path.is_file() {
        return Ok(());
    }
    let mut records = Records::open(path, options)?;
    let mut survey = Survey::new(&options.map.product)?;
    for _ in 0..SURVEY_ROWS {
        let row = records.read(&mut |raw| {
            reader.learn(raw, &mut survey);
            Ok(())
        });
        if row.is_none() || records.meter.bytes_read() > SURVEY_BYTES {
            break;
        }
    }
    if records.dialect.is_none() {
        omissions.tell_hints(survey.remarks());
    }
    Ok(())
}

/// Reads a file of order lines, or of orders with their lines inside. Lines of one order that follow each other become one row.
///
/// # Errors
/// When the file cannot be opened or the map names what there is not.
pub fn orders(path: &Path, options: &ImportOptions) -> Result<Rows<OrderRow>, CatalogError> {
    let mut reader = orders::OrderReader::new(options)?;
    Ok(Rows::new(Records::open(path, options)?, Box::new(move |records| reader.next(records))))
}

/// Reads a file of behaviour: what shoppers saw, chose, put into carts and bought.
///
/// # Errors
/// When the file cannot be opened or the map names what there is not.
pub fn events(path: &Path, options: &ImportOptions) -> Result<Rows<EventRow>, CatalogError> {
    let mut reader = events::EventReader::new(options)?;
    Ok(Rows::each(Records::open(path, options)?, move |raw| reader.read(raw)))
}

/// Reads a file of stock counts.
///
/// # Errors
/// When the file cannot be opened or the map names what there is not.
pub fn stock(path: &Path, options: &ImportOptions) -> Result<Rows<StockRow>, CatalogError> {
    let mut reader = stock::StockReader::new(options)?;
    Ok(Rows::each(Records::open(path, options)?, move |raw| reader.read(raw)))
}

#[cfg(test)]
mod feeds_tests;
