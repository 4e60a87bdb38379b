//! Products: each row becomes or replaces one product; a row that changes nothing leaves no trace.

use super::rows::DecodedRows;
use super::{ImportError, Imported, Rejects, Source, Watcher};
use crate::app::ProductIntake;
use crate::catalog::formats;

pub(super) fn import(source: &Source<'_>, rejects: &mut Rejects, watcher: &mut dyn Watcher) -> Result<Imported, ImportError> {
    let rows = formats::products(source.file, source.options).map_err(|error| source.failed(error))?;
    let omissions = rows.omissions();
    let mut intake = ProductIntake::new(source.shop);
    let mut imported = Imported::default();
    let mut rows = DecodedRows::start(rows)?;
    while let Some(row) = rows.next(watcher)? {
        imported.rows += 1;
        match row {
            Ok(row) => {
                watcher.sees(&row.value.id);
                intake.push(row.line, row.value)?;
            }
            Err(refused) => rejects.add(&refused)?,
        }
        rejects.add_all(&intake.take_refused())?;
    }
    let (products, refused) = intake.finish()?;
    rejects.add_all(&refused)?;
    imported.is_whole = rows.is_whole();
    imported.remarks.extend(rows.remark());
    imported.taken = products.created + products.updated;
    imported.unchanged = products.unchanged;
    imported.remarks.push(format!(
        "{} created, {} updated; {} products in the shop",
        products.created,
        products.updated,
        source.shop.readers().catalog().products_count()
    ));
    let columns = omissions.columns();
    if !columns.is_empty() {
        imported.remarks.push(format!("columns: {columns}; others are attributes"));
    }
    imported.remarks.extend(omissions.hints());
    let joined_count = omissions.joined_count();
    if joined_count > 0 {
        imported.rows += joined_count;
        imported
            .remarks
            .push(format!("{joined_count} rows said nothing but a further category of a product of another row, and were joined to it"));
    }
    let guessed_count = omissions.guessed_count();
    if guessed_count > 0 {
        let reason = "were taken to be in that of the prices above them (--currency says another)";
        imported.remarks.push(format!("{guessed_count} prices that name no currency {reason}"));
    }
    if let Some((count, example)) = omissions.doubtful() {
        let reason = "may be thousands or have decimals, and were taken to have decimals: a currency beside the price, or a price with cents in the column, tells";
        imported.remarks.push(format!("{count} prices such as {example} {reason}"));
    }
    if let Some((count, example)) = omissions.unknown_words() {
        let reason =
            "have a word beside them that is no currency that is known, and were taken to be in that of the file (--currency says it)";
        imported.remarks.push(format!("{count} prices such as {example} {reason}"));
    }
    let omitted_count = omissions.attributes_count();
    if omitted_count > 0 {
        imported.remarks.push(format!("{omitted_count} attributes beyond the most that a product may have were left out"));
    }
    Ok(imported)
}
