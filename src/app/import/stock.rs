//! Stock counts: each row sets the units on hand of one SKU at one location.

use super::rows::DecodedRows;
use super::{ImportError, Imported, Rejects, Source, Watcher};
use crate::app::{Refused, StockIntake};
use crate::catalog::formats;
use crate::trade::StockChange;

pub(super) fn import(source: &Source<'_>, rejects: &mut Rejects, watcher: &mut dyn Watcher) -> Result<Imported, ImportError> {
    let rows = formats::stock(source.file, source.options).map_err(|error| source.failed(error))?;
    let catalog = source.shop.readers().catalog();
    let mut intake = StockIntake::new(source.shop);
    let mut imported = Imported::default();
    let mut rows = DecodedRows::start(rows)?;
    while let Some(row) = rows.next(watcher)? {
        imported.rows += 1;
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
    imported.is_whole = rows.is_whole();
    imported.remarks.extend(rows.remark());
    imported.taken = taken;
    Ok(imported)
}
