//! Products: each row becomes or replaces one product; a row that changes nothing leaves no trace.

use super::super::output::{CliError, Output};
use super::Counts;
use super::rejects::Rejects;
use super::rows::DecodedRows;
use crate::app::{ProductIntake, Shop};
use crate::catalog::formats::{self, ImportOptions};
use std::path::Path;

pub(super) fn import(
    shop: &Shop,
    file: &Path,
    options: &ImportOptions,
    rejects: &mut Rejects,
    output: &Output,
) -> Result<Counts, CliError> {
    let rows = formats::products(file, options).map_err(|error| CliError::file(file, error))?;
    let omissions = rows.omissions();
    let mut intake = ProductIntake::new(shop);
    let mut counts = Counts::default();
    for row in DecodedRows::start(rows, output, "products")? {
        counts.rows += 1;
        match row {
            Ok(row) => intake.push(row.line, row.value)?,
            Err(refused) => rejects.add(&refused)?,
        }
        rejects.add_all(&intake.take_refused())?;
    }
    let (products, refused) = intake.finish()?;
    rejects.add_all(&refused)?;
    counts.taken = products.created + products.updated;
    counts.unchanged = products.unchanged;
    counts.remarks.push(format!(
        "{} created, {} updated; {} products in the shop",
        products.created,
        products.updated,
        shop.readers().catalog().products_count()
    ));
    if omissions.attributes_count() > 0 {
        counts.remarks.push(format!("{} attributes beyond the most that a product may have were left out", omissions.attributes_count()));
    }
    Ok(counts)
}
