//! Files of products, orders, events and stock in every format: rows are taken or refused with their line, and a file ends.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shopkeeper::catalog::CatalogError;
use shopkeeper::catalog::formats::{Format, ImportOptions, Reject, Row, events, orders, products, stock};
use std::io::Write;

const FORMATS: [Format; 8] =
    [Format::Auto, Format::Jsonl, Format::Json, Format::Csv, Format::Tsv, Format::Google, Format::Shopify, Format::Parquet];

fuzz_target!(|input: (u8, &[u8])| {
    let (choice, bytes) = input;
    let format = FORMATS[usize::from(choice) % FORMATS.len()];
    let options = ImportOptions { format, ..ImportOptions::default() };
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("writes");
    match choice / 64 {
        0 | 1 => read(products(file.path(), &options), bytes),
        2 => read(orders(file.path(), &options), bytes),
        _ => {
            read(events(file.path(), &options), bytes);
            read(stock(file.path(), &options), bytes);
        }
    }
});

/// A row takes at least a byte, so there are no more of them than bytes.
fn read<T>(rows: Result<impl Iterator<Item = Result<Row<T>, Reject>>, CatalogError>, bytes: &[u8]) {
    if let Ok(rows) = rows {
        assert!(rows.take(bytes.len() + 2).count() <= bytes.len() + 1, "the rows do not end");
    }
}
