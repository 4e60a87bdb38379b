//! Fills an empty shop with the sample shop: products, stock, and sixty days of history.

use super::{HistoryIntake, ProductIntake, Shop, StockIntake, Unavailable};
use crate::catalog::CatalogSnapshot;
use crate::catalog::formats::{EventRow, OrderRow};
use crate::demo::{self, Happening};
use crate::event::activity::HistoryLine;
use crate::event::{ActivityEvent, Origin};
use crate::id::{Ordinal, ProductId};
use crate::trade::StockChange;

/// The seed of the sample shop that `serve --demo` opens.
pub const DEMO_SEED: u64 = 1;
/// Steps between two reports.
const REPORT_EVERY: u64 = 5_000;

/// What a shop was filled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Filled {
    /// Products.
    pub products: u64,
    /// Stock levels, one for each SKU and location.
    pub stock_levels: u64,
    /// Impressions, clicks, views, carts and searches.
    pub events: u64,
    /// Orders of the past.
    pub orders: u64,
}

/// Fills `shop` with the sample shop of `seed` and that size as it stands now; `report` is told the step, how far it is and where it ends.
///
/// # Errors
/// When the shop takes no writes.
pub fn fill_with_demo(shop: &Shop, seed: u64, size: demo::Size, report: &dyn Fn(&str, u64, u64)) -> Result<Filled, Unavailable> {
    let sample = demo::Shop::sized(seed, shop.now(), size);
    let mut filled = Filled { products: fill_products(shop, &sample, report)?, ..Filled::default() };
    filled.stock_levels = fill_stock(shop, &sample, report)?;
    fill_history(shop, &sample, &mut filled, report)?;
    Ok(filled)
}

fn fill_products(shop: &Shop, sample: &demo::Shop, report: &dyn Fn(&str, u64, u64)) -> Result<u64, Unavailable> {
    let total = sample.products_count() as u64;
    let mut intake = ProductIntake::new(shop);
    for (number, product) in (1..).zip(sample.products()) {
        intake.push(number, product)?;
        if number % REPORT_EVERY == 0 {
            report("products", number, total);
        }
    }
    let (counts, refused) = intake.finish()?;
    assert!(refused.is_empty(), "the sample shop's products are products: {refused:?}");
    Ok(counts.created + counts.updated + counts.unchanged)
}

fn fill_stock(shop: &Shop, sample: &demo::Shop, report: &dyn Fn(&str, u64, u64)) -> Result<u64, Unavailable> {
    let catalog = shop.readers().catalog();
    let mut intake = StockIntake::new(shop);
    let mut number = 0;
    for row in sample.stock() {
        number += 1;
        let Some(product) = catalog.ordinal_of_sku(&row.sku) else { continue };
        intake.push(number, row.sku, product, row.location, StockChange::To(row.on_hand))?;
        if number % REPORT_EVERY == 0 {
            report("stock", number, number);
        }
    }
    let (taken, refused) = intake.finish()?;
    assert!(refused.is_empty(), "the sample shop's stock is of its products: {refused:?}");
    Ok(taken)
}

fn fill_history(shop: &Shop, sample: &demo::Shop, filled: &mut Filled, report: &dyn Fn(&str, u64, u64)) -> Result<(), Unavailable> {
    let catalog = shop.readers().catalog();
    let mut intake = HistoryIntake::new(shop, None);
    let mut number = 0;
    for happening in sample.history() {
        number += 1;
        match &happening {
            Happening::Ordered(_) => filled.orders += 1,
            Happening::Behaved(_) | Happening::Searched { .. } => filled.events += 1,
        }
        intake.push(event_of(&catalog, happening))?;
        if number % REPORT_EVERY == 0 {
            report("history", number, number);
        }
    }
    intake.finish()?;
    Ok(())
}

fn ordinal(catalog: &CatalogSnapshot, name: &str) -> Option<Ordinal> {
    ProductId::new(name).ok().and_then(|id| catalog.ordinal_of(&id))
}

fn event_of(catalog: &CatalogSnapshot, happening: Happening) -> Option<ActivityEvent> {
    match happening {
        Happening::Searched { query, text, matches_count, origin, at } => {
            Some(ActivityEvent::Searched { query, text, written: None, matches_count, is_unfinished: false, origin, happened_at: Some(at) })
        }
        Happening::Behaved(EventRow { behaviour, product, quantity, origin, at }) => {
            let product = ordinal(catalog, &product)?;
            Some(ActivityEvent::Behaved { behaviour, product, quantity, origin, happened_at: at })
        }
        Happening::Ordered(OrderRow { reference, shopper, at, lines, .. }) => {
            let known = |line: crate::catalog::formats::OrderLine| {
                let product = ordinal(catalog, &line.product)?;
                Some(HistoryLine { product, sku: None, quantity: line.quantity, unit_price: line.unit_price })
            };
            let lines = lines.into_iter().filter_map(known).collect();
            Some(ActivityEvent::OrderImported { reference, origin: Origin { shopper, ..Origin::default() }, lines, happened_at: at })
        }
    }
}
