//! Stock counts: each row sets the units on hand of one SKU at one location.

use super::super::output::{CliError, Output};
use super::Counts;
use super::rejects::Rejects;
use super::rows::DecodedRows;
use crate::app::{Refused, Shop, StockIntake};
use crate::catalog::formats::{self, ImportOptions};
use crate::trade::StockChange;
use std::path::Path;

pub(super) fn import(
    shop: &Shop,
    file: &Path,
    options: &ImportOptions,
    rejects: &mut Rejects,
    output: &Output,
) -> Result<Counts, CliError> {
    let rows = formats::stock(file, options).map_err(|error| CliError::file(file, error))?;
    let catalog = shop.readers().catalog();
    let mut intake = StockIntake::new(shop);
    let mut counts = Counts::default();
    for row in DecodedRows::start(rows, output, "stock")? {
        counts.rows += 1;
        let row = match row {
            Ok(row) => row,
            Err(refused) => {
                rejects.add(&refused)?;
                continue;
            }
        };
        let level = row.value;
        let Some(product) = catalog.ordinal_of_sku(&level.sku) else {
            rejects.add(&Refused { line: row.line, field: "sku".to_owned(), reason: format!("no product has the SKU {}", level.sku) })?;
            continue;
        };
        let change = match level.expected {
            Some(expected) => StockChange::CompareAndSet { expected, on_hand: level.on_hand },
            None => StockChange::To(level.on_hand),
        };
        intake.push(row.line, level.sku, product, level.location, change)?;
    }
    let (taken, refused) = intake.finish()?;
    rejects.add_all(&refused)?;
    counts.taken = taken;
    Ok(counts)
}
