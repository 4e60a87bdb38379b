//! Units on hand: two fulfilment centres that hold most things, and stores that hold some.

use super::{Shop, assortment, draw};
use crate::catalog::formats::StockRow;
use crate::id::LocationId;

const LOCATIONS: [&str; 8] = [
    "fc-north",
    "fc-south",
    "store-harbour",
    "store-market-square",
    "store-riverside",
    "store-old-town",
    "store-airport",
    "store-west-end",
];
const CENTRES_COUNT: usize = 2;
/// Of products, that many are sold out everywhere.
const SOLD_OUT_SHARE: f64 = 0.04;
/// Of SKUs, that many have only the last units.
const LOW_SHARE: f64 = 0.08;
/// Of SKUs, that many lie in a store as well.
const IN_STORE_SHARE: f64 = 0.45;

pub(super) fn locations() -> Vec<LocationId> {
    LOCATIONS.iter().map(|name| LocationId::new(name).expect("letters")).collect()
}

pub(super) fn rows(shop: &Shop) -> impl Iterator<Item = StockRow> {
    let places = locations();
    let numbered = shop.shelves.iter().enumerate().flat_map(|(category, shelf)| shelf.products.clone().map(move |index| (category, index)));
    numbered.flat_map(move |(category, index)| of_product(shop, &places, category, index))
}

fn of_product(shop: &Shop, places: &[LocationId], category: usize, index: usize) -> Vec<StockRow> {
    let variants_count = assortment::core(&shop.grammar, shop.seed, category, index).variants_count();
    let popularity = 1.0 - shop.shelves[category].popularity_place(index);
    let code = shop.code_of(index);
    let mut draw = draw(shop.seed, "stock", index as u64);
    let sold_out = draw.f64() < SOLD_OUT_SHARE;
    let mut rows = Vec::with_capacity(2 * variants_count);
    for variant in 0..variants_count {
        let sku = assortment::sku(code, index, variant);
        let luck = draw.f64();
        let units = match luck {
            _ if sold_out => 0,
            _ if luck < LOW_SHARE => 1 + draw.i64(0..3),
            _ => 6 + (popularity * popularity * 160.0 * draw.f64()) as i64 / variants_count.min(6) as i64,
        };
        let centre = draw.usize(..CENTRES_COUNT);
        rows.push(StockRow { sku: sku.clone(), location: places[centre].clone(), on_hand: units, expected: None });
        if !sold_out && draw.f64() < IN_STORE_SHARE {
            let store = CENTRES_COUNT + draw.usize(..LOCATIONS.len() - CENTRES_COUNT);
            rows.push(StockRow { sku, location: places[store].clone(), on_hand: 1 + draw.i64(0..7), expected: None });
        }
    }
    rows
}
