//! History: orders of another system and behaviour, each at the time it happened. Importing a file again goes on where it ended, and takes of what was read
//! before what was refused: once the products are there, rows that named none can come in.

use super::named::Named;
use super::rows::DecodedRows;
use super::{ImportError, Imported, Rejects, Source, Watcher};
use crate::app::{FileDigest, FileReceipt, HistoryIntake, Refused, Shop};
use crate::catalog::CatalogSnapshot;
use crate::catalog::formats::{self, EventRow, OrderRow, Row};
use crate::event::activity::HistoryLine;
use crate::event::{ActivityEvent, Origin};
use crate::id::{Ordinal, ProductId, Sku};
use crate::stdx::clock::Timestamp;
use crate::stdx::digest;
use std::fs::File;

/// Orders looked at together, so that products they need are created in few batches.
const ORDERS_CHUNK: usize = 1_000;
/// How far a foreign clock may be ahead of ours.
const CLOCK_SLACK_MS: i64 = 300_000;

fn digest_of(source: &Source<'_>) -> Result<FileDigest, ImportError> {
    File::open(source.file).and_then(digest::blake3_of).map_err(|error| source.failed(error))
}

/// The product that a file calls `name`: by SKU, else by id.
pub(super) fn product_of(catalog: &CatalogSnapshot, name: &str) -> Option<Ordinal> {
    variant_of(catalog, name).map(|(product, _)| product)
}

/// The same, and the variant where the name is that of one and not of the product as well.
fn variant_of(catalog: &CatalogSnapshot, name: &str) -> Option<(Ordinal, Option<Sku>)> {
    let by_id = || ProductId::new(name).ok().and_then(|id| catalog.ordinal_of(&id));
    let by_sku = Sku::new(name).ok().and_then(|sku| Some((catalog.ordinal_of_sku(&sku)?, sku)));
    match by_sku {
        Some((product, sku)) => Some((product, Some(sku).filter(|_| by_id() != Some(product)))),
        None => by_id().map(|product| (product, None)),
    }
}

fn refused(line: u64, field: &str, reason: String) -> Refused {
    Refused { line, field: field.to_owned(), reason }
}

fn check_time(line: u64, at: Timestamp, now: Timestamp) -> Result<(), Refused> {
    if at > now.plus_ms(CLOCK_SLACK_MS) { Err(refused(line, "time", "lies in the future".to_owned())) } else { Ok(()) }
}

pub(super) fn import_events(source: &Source<'_>, rejects: &mut Rejects, watcher: &mut dyn Watcher) -> Result<Imported, ImportError> {
    let file = digest_of(source)?;
    let mut intake = HistoryIntake::new(source.shop, Some(file));
    let rows = formats::events(source.file, source.options).map_err(|error| source.failed(error))?;
    let (catalog, now) = (source.shop.readers().catalog(), source.shop.now());
    let mut counts = Imported::default();
    let mut rows = DecodedRows::start(rows)?;
    while let Some(row) = rows.next(watcher)? {
        counts.rows += 1;
        if !intake.wants_next() {
            counts.unchanged += 1;
            intake.pass_over();
            continue;
        }
        let event = row.and_then(|row| behaved(&catalog, row, now));
        event.as_ref().err().map_or(Ok(()), |refused| rejects.add(refused))?;
        intake.push(event.ok())?;
    }
    counts.is_whole = rows.is_whole();
    counts.remarks.extend(rows.remark());
    let read_before = counts.unchanged;
    finish(source.shop, file, intake, counts, read_before)
}

fn behaved(catalog: &CatalogSnapshot, row: Row<EventRow>, now: Timestamp) -> Result<ActivityEvent, Refused> {
    let EventRow { behaviour, product, quantity, origin, at } = row.value;
    check_time(row.line, at, now)?;
    let product =
        product_of(catalog, &product).ok_or_else(|| refused(row.line, "product", format!("the shop has no product {product}")))?;
    Ok(ActivityEvent::Behaved { behaviour, product, quantity, origin, happened_at: at })
}

pub(super) fn import_orders(
    source: &Source<'_>,
    creates_products: bool,
    rejects: &mut Rejects,
    watcher: &mut dyn Watcher,
) -> Result<Imported, ImportError> {
    let (shop, file) = (source.shop, digest_of(source)?);
    let mut intake = HistoryIntake::new(shop, Some(file));
    let rows = formats::orders(source.file, source.options).map_err(|error| source.failed(error))?;
    let mut rows = DecodedRows::start(rows)?;
    let mut counts = Imported::default();
    let (mut named, mut created, mut left_out) = (Named::default(), 0, LeftOut::default());
    loop {
        let chunk = rows.chunk(ORDERS_CHUNK, watcher)?;
        if chunk.is_empty() {
            break;
        }
        if creates_products {
            let wanted = (counts.rows..).zip(&chunk).filter(|(rows_before, _)| intake.wants(*rows_before));
            let catalog = shop.readers().catalog();
            wanted.flat_map(|(_, row)| row).for_each(|row| named.hear(&catalog, row));
            created += named.make(shop, rejects)?;
        }
        let (catalog, now) = (shop.readers().catalog(), shop.now());
        for row in chunk {
            counts.rows += 1;
            if !intake.wants_next() {
                counts.unchanged += 1;
                intake.pass_over();
                continue;
            }
            left_out.add(row.as_ref().ok());
            if row.as_ref().is_ok_and(|row| row.value.lines.is_empty()) {
                counts.unchanged += 1;
                intake.pass_over();
                continue;
            }
            let taken = row.map(|row| order_imported(&catalog, row, now));
            let (event, refused) = taken.unwrap_or_else(|refused| (None, vec![refused]));
            rejects.add_all(&refused)?;
            if event.is_some() && !refused.is_empty() {
                intake.lacks_lines();
            }
            intake.push(event)?;
        }
    }
    counts.is_whole = rows.is_whole();
    counts.remarks.extend(rows.remark());
    named.amend(shop, rejects)?;
    if created > 0 {
        counts.remarks.push(format!("{created} products were created from the titles of order lines"));
    }
    counts.remarks.extend(left_out.remark());
    let read_before = counts.unchanged - left_out.orders;
    finish(shop, file, intake, counts, read_before)
}

fn finish(
    shop: &Shop,
    file: FileDigest,
    intake: HistoryIntake<'_>,
    mut counts: Imported,
    read_before: u64,
) -> Result<Imported, ImportError> {
    let before = intake.before().clone();
    counts.taken = intake.finish()?;
    counts.remarks.extend(remarks(&before, &shop.file_receipt(file), read_before));
    Ok(counts)
}

/// What there is to tell of a file's earlier imports, and of what no later one will take.
fn remarks(before: &FileReceipt, now: &FileReceipt, passed_over: u64) -> Vec<String> {
    let mut remarks = Vec::new();
    if passed_over > 0 {
        remarks.push(format!("{passed_over} rows of this file were read before"));
    }
    let tried = before.refused.numbers_count();
    if tried > 0 {
        remarks.push(format!("{tried} that were refused then were tried again"));
    }
    let stay = "stay so, unless they come in another file";
    if now.unnoted > 0 {
        remarks.push(format!("an earlier release read the first {}, and did not keep which it refused: those {stay}", now.unnoted));
    }
    if now.forgotten_count > 0 {
        remarks.push(format!("{} refused rows are scattered too widely to be kept in mind: they {stay}", now.forgotten_count));
    }
    if now.incomplete_count > 0 {
        let orders = now.incomplete_count;
        remarks.push(format!("{orders} orders were taken without lines of unknown products: these lines do not come in any more"));
    }
    remarks
}

/// What the file itself says was called off: cancelled, refunded, returned or never paid. It is no demand, and no fault of the file.
#[derive(Default)]
struct LeftOut {
    orders: u64,
    lines: u64,
}

impl LeftOut {
    fn add(&mut self, row: Option<&Row<OrderRow>>) {
        let Some(OrderRow { lines, lines_left_out, .. }) = row.map(|row| &row.value) else { return };
        match lines.is_empty() {
            true => self.orders += 1,
            false => self.lines += *lines_left_out as u64,
        }
    }

    fn remark(&self) -> Option<String> {
        let Self { orders, lines } = self;
        let told = format!(
            "{orders} orders and {lines} lines of others were left out: the file says that they were cancelled, refunded or returned"
        );
        (orders + lines > 0).then_some(told)
    }
}

/// The order as an event, and what was refused of it: lines of unknown products one by one, the others stay.
fn order_imported(catalog: &CatalogSnapshot, row: Row<OrderRow>, now: Timestamp) -> (Option<ActivityEvent>, Vec<Refused>) {
    let OrderRow { reference, shopper, at, lines, .. } = row.value;
    if let Err(refused) = check_time(row.line, at, now) {
        return (None, vec![refused]);
    }
    let (mut known, mut unknown) = (Vec::with_capacity(lines.len()), Vec::new());
    for line in lines {
        match variant_of(catalog, &line.product) {
            Some((product, sku)) => known.push(HistoryLine { product, sku, quantity: line.quantity, unit_price: line.unit_price }),
            None => unknown.push(refused(
                row.line,
                "product",
                format!("the shop has no product {} and the line has no title to make one from", line.product),
            )),
        }
    }
    if known.is_empty() {
        return (None, unknown);
    }
    let origin = Origin { shopper, ..Origin::default() };
    (Some(ActivityEvent::OrderImported { reference, origin, lines: known, happened_at: at }), unknown)
}
