//! The sample shop: a believable department store with products, stock and sixty days of shoppers who have tastes.
//!
//! Everything follows from a seed: the same seed and moment give the same bytes on every machine. Nothing here uses hash-map order, the
//! wall clock, or functions such as `exp` whose last digit depends on the platform's libraries.

mod assortment;
mod grammar;
mod history;
mod queries;
pub mod sample;
mod shelf;
mod shopper;
mod stock;
mod visit;

pub use history::Happening;

use crate::catalog::Product;
use crate::catalog::formats::StockRow;
use crate::id::LocationId;
use crate::stdx::clock::Timestamp;
use grammar::Grammar;
use shelf::Shelf;

/// Source of choices; always seeded.
type Draw = fastrand::Rng;

/// Days of history before the shop's moment.
pub const HISTORY_DAYS: i64 = 60;

/// How large a sample shop is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Products, about: every category has at least one.
    pub products_count: usize,
    /// People with a customer account.
    pub shoppers_count: u64,
    /// Visits to the web shop.
    pub visits_count: u64,
    /// Purchases in the stores.
    pub store_orders_count: u64,
}

impl Size {
    /// What `serve --demo` opens.
    pub const FULL: Self = Self { products_count: 21_000, shoppers_count: 12_000, visits_count: 42_000, store_orders_count: 19_000 };
    /// What the repository carries as files.
    pub const SMALL: Self = Self { products_count: 120, shoppers_count: 30, visits_count: 140, store_orders_count: 40 };

    /// A shop of about so many products, with as many people, visits and purchases for each of them as the full one has.
    #[must_use]
    pub fn of(products_count: usize) -> Self {
        let share = |count: u64| (u128::from(count) * products_count as u128 / Self::FULL.products_count as u128) as u64;
        let Self { shoppers_count, visits_count, store_orders_count, .. } = Self::FULL;
        Self {
            products_count,
            shoppers_count: share(shoppers_count).max(1),
            visits_count: share(visits_count),
            store_orders_count: share(store_orders_count),
        }
    }
}

/// A sample shop.
#[derive(Debug)]
pub struct Shop {
    seed: u64,
    now: Timestamp,
    size: Size,
    grammar: Grammar,
    /// One for each category.
    shelves: Vec<Shelf>,
}

impl Shop {
    /// The full sample shop of `seed`, as it stands at `now`.
    #[must_use]
    pub fn new(seed: u64, now: Timestamp) -> Self {
        Self::sized(seed, now, Size::FULL)
    }

    /// A sample shop of another size.
    #[must_use]
    pub fn sized(seed: u64, now: Timestamp, size: Size) -> Self {
        let grammar = Grammar::read();
        let shelves = shelf::all(&grammar, seed, size.products_count);
        Self { seed, now, size, grammar, shelves }
    }

    /// Number of products.
    #[must_use]
    pub fn products_count(&self) -> usize {
        self.shelves.last().map_or(0, |shelf| shelf.products.end)
    }

    /// All products, one at a time.
    pub fn products(&self) -> impl Iterator<Item = Product> {
        let numbered =
            self.shelves.iter().enumerate().flat_map(|(category, shelf)| shelf.products.clone().map(move |index| (category, index)));
        numbered.map(|(category, index)| assortment::core(&self.grammar, self.seed, category, index).into_product(&self.grammar, index))
    }

    /// Where the shop keeps its goods.
    #[must_use]
    pub fn locations(&self) -> Vec<LocationId> {
        stock::locations()
    }

    /// Units on hand of every SKU, at every location that has the SKU.
    pub fn stock(&self) -> impl Iterator<Item = StockRow> {
        stock::rows(self)
    }

    /// What shoppers did in the days before now, in the order of time.
    pub fn history(&self) -> impl Iterator<Item = Happening> {
        history::History::new(self)
    }

    /// `count` queries that shoppers would type here, some of them misspelled.
    pub fn queries(&self, count: usize) -> impl Iterator<Item = String> {
        (0..count).map(|number| queries::any(self, &mut draw(self.seed, "query", number as u64)))
    }

    /// The index of the product's category.
    fn category_of(&self, index: usize) -> usize {
        self.shelves.partition_point(|shelf| shelf.products.end <= index)
    }

    fn id_of(&self, index: usize) -> String {
        assortment::product_id(self.code_of(index), index).to_string()
    }

    fn code_of(&self, index: usize) -> &str {
        &self.grammar.departments[self.grammar.categories[self.category_of(index)].department].code
    }
}

/// `count` queries against the sample shop of seed 1.
pub fn queries(count: usize) -> Vec<String> {
    Shop::new(1, Timestamp(0)).queries(count).collect()
}

/// An independent source of choices for one thing of one kind (SplitMix64's finaliser over seed, kind and number: G. L. Steele et al.,
/// "Fast splittable pseudorandom number generators", OOPSLA 2014).
fn draw(seed: u64, kind: &str, number: u64) -> Draw {
    let named = kind.bytes().fold(seed, |hash, byte| mixed(hash ^ u64::from(byte)));
    Draw::with_seed(mixed(named ^ mixed(number)))
}

fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
