//! What readers share: atomic cells in blocks that never move.
//!
//! A block holds [`BLOCK_LEN`] products: a column of standings, a column of available units (both read for every match of some searches, so
//! they stand dense), one bit each for "cannot be sold now" and for "some variants cannot", so that filters take whole words of them, the variants
//! that cannot, then one cache line of everything else for each product. A standing is the prior with the sign for the same, so that ranking reads one number a match. Blocks are added at the end and
//! published once, so a reader needs two loads and no lock for a prior, and growth moves nothing under it.
//!
//! A row is written cell by cell: a reader may see one number before and another after a change, never half a number (the price alone has
//! two cells and is read again when it moved).

use super::SignalError;
use super::freshness::{freshness, minutes_of};
use super::moves::Moves;
use super::prior::PriorParts;
use crate::id::Ordinal;
use crate::stdx::cells::Cells;
use crate::stdx::clock::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Products in one block.
pub const BLOCK_LEN: usize = 16_384;
/// Most blocks.
pub(super) const BLOCKS_MAX: usize = 1_024;
/// Variants of a product of which it is known one by one whether they can be sold; those beyond can when the product can.
pub(super) const VARIANTS_MAX: usize = 64;
/// Most products that have signals; those beyond are neutral for ever.
pub const PRODUCTS_MAX: usize = BLOCK_LEN * BLOCKS_MAX;

/// Cells of one product beside the two columns: one cache line.
const ROW_LEN: usize = 16;
const AVAILABLE_COLUMN: usize = BLOCK_LEN;
const SOLD_OUT_BITS: usize = 2 * BLOCK_LEN;
/// Cells of a block's bits.
const BITS_LEN: usize = BLOCK_LEN / 32;
const PARTLY_BITS: usize = SOLD_OUT_BITS + BITS_LEN;
/// Two cells for each product.
const VARIANTS: usize = PARTLY_BITS + BITS_LEN;
const ROWS: usize = VARIANTS + 2 * BLOCK_LEN;
const BLOCK_CELLS: usize = ROWS + BLOCK_LEN * ROW_LEN;

const PRICE_LOW: usize = 0;
const PRICE_HIGH: usize = 1;
/// The row's floating-point numbers follow, in the order of [`SignalRow::floats`].
const FLOATS: usize = 2;
const FLOATS_COUNT: usize = 13;
/// Place of the trend among them.
const TREND: usize = 6;
/// The minute in which the product was first put; see [`super::freshness`].
const FIRST_SEEN: usize = FLOATS + FLOATS_COUNT;

/// The prior of a product of which nothing is known.
const NEUTRAL: f32 = 1.0;
/// Set in the standing of a product that cannot be sold now; priors are above 0 and never have it.
const UNAVAILABLE: u32 = 1 << 31;
/// Marks a product whose stock was never told.
const UNTOLD: i32 = i32::MIN;
/// A price that keeps moving is read this often before any of its values is taken.
const PRICE_READS_MAX: usize = 8;

/// What ranking reads of every match.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// The factor on its text score.
    pub prior: f32,
    /// Whether at least one unit can be sold now.
    pub is_available: bool,
}

impl Standing {
    #[inline]
    fn of(bits: u32) -> Self {
        Self { prior: f32::from_bits(bits & !UNAVAILABLE), is_available: bits & UNAVAILABLE == 0 }
    }
}

/// All live numbers of one product.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SignalRow {
    /// Lowest general price in minor units; 0 when there is none.
    pub price_minor: i64,
    /// Units available to sell, within ±2³¹; 0 when never told.
    pub available_units: i64,
    /// Units sold a day, mean of the fast and the slow estimate.
    pub velocity_per_day: f32,
    /// Units sold a day, slow estimate only.
    pub velocity_long_per_day: f32,
    /// Share of looks that end in a purchase, smoothed towards the shop's mean; 0 to 1.
    pub conversion: f32,
    /// Share of impressions that are clicked, smoothed towards the shop's mean; 0 to 1. Not corrected for position.
    pub click_rate: f32,
    /// Weighted interest (views, clicks, carts, purchases) against the shop's mean product; 0 to 1, the mean product has 0.5.
    pub popularity: f32,
    /// Stars, smoothed towards the shop's mean; 0 to 5.
    pub rating: f32,
    /// Standard deviations by which recent interest exceeds what the product's past and the shop's tide let expect.
    pub trend: f32,
    /// How young the product is in event time, 0 to 1: 1 when it has just been put, a half after a month.
    pub freshness: f32,
    /// The factor on every text score, within [`super::PRIOR_MIN`] and [`super::PRIOR_MAX`]; 1 is neutral.
    pub prior: f32,
    /// What the prior is the product of, before it is bounded.
    pub parts: PriorParts,
}

impl SignalRow {
    fn floats(&self) -> [f32; FLOATS_COUNT] {
        let parts = &self.parts;
        [
            self.velocity_per_day,
            self.velocity_long_per_day,
            self.conversion,
            self.click_rate,
            self.popularity,
            self.rating,
            self.trend,
            parts.velocity,
            parts.conversion,
            parts.popularity,
            parts.rating,
            parts.availability,
            parts.price,
        ]
    }
}

/// The live numbers of all products. One [`super::SignalFold`] writes; any number of threads read without waiting.
#[derive(Debug)]
pub struct SignalTable {
    blocks: Box<[OnceLock<Cells>]>,
    /// The minute of the newest thing known.
    now_minutes: AtomicU32,
    moves: Moves,
    file: Option<PathBuf>,
}

impl SignalTable {
    /// An empty table. With a file, block `n` is kept in `<file>.<n>`, where other processes may look at it.
    pub(super) fn new(file: Option<&Path>) -> Self {
        Self {
            blocks: (0..BLOCKS_MAX).map(|_| OnceLock::new()).collect(),
            now_minutes: AtomicU32::new(0),
            moves: Moves::default(),
            file: file.map(Path::to_owned),
        }
    }

    /// Prior and availability, of one moment. Neutral and available for any product of which nothing is known.
    #[inline]
    #[must_use]
    pub fn standing(&self, product: Ordinal) -> Standing {
        Standing::of(self.cells(product).map_or(NEUTRAL.to_bits(), |(cells, place)| cells[place].load(Relaxed)))
    }

    /// The standings of many products, in their order. None is waited for before the next is asked for: they lie apart. Products that follow each
    /// other mostly lie in one block, which is looked up once.
    #[inline]
    pub fn standings(&self, products: impl Iterator<Item = Ordinal>, mut take: impl FnMut(Standing)) {
        let (mut block, mut priors): (usize, &[AtomicU32]) = (usize::MAX, &[]);
        for product in products {
            if product.index() / BLOCK_LEN != block {
                block = product.index() / BLOCK_LEN;
                priors = self.cells(product).map_or(&[], |(cells, _)| &cells[..BLOCK_LEN]);
            }
            let bits = priors.get(product.index() % BLOCK_LEN).map_or(NEUTRAL.to_bits(), |cell| cell.load(Relaxed));
            take(Standing::of(bits));
        }
    }

    /// The products whose standing moved, or that were put first, lately.
    #[must_use]
    pub fn moves(&self) -> &Moves {
        &self.moves
    }

    /// The moment that ages are taken at, in minutes: between two of them no product gets older.
    #[must_use]
    pub fn now_minutes(&self) -> u32 {
        self.now_minutes.load(Relaxed)
    }

    /// The factor on the product's text score. Neutral for any product of which nothing is known.
    #[inline]
    #[must_use]
    pub fn prior(&self, product: Ordinal) -> f32 {
        self.standing(product).prior
    }

    /// Standard deviations by which the product's recent interest exceeds what was to be expected; 0 when nothing is known.
    #[must_use]
    pub fn trend(&self, product: Ordinal) -> f32 {
        let row_cell = ROWS + (product.index() % BLOCK_LEN) * ROW_LEN + FLOATS + TREND;
        self.cells(product).map_or(0.0, |(cells, _)| f32::from_bits(cells[row_cell].load(Relaxed)))
    }

    /// The newest moment of event time, to the minute.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp(i64::from(self.now_minutes.load(Relaxed)) * 60_000)
    }

    /// How young the product is in event time, 0 to 1; 0 for one that is not known.
    #[inline]
    #[must_use]
    pub fn freshness(&self, product: Ordinal) -> f32 {
        freshness(self.first_seen(product), self.now_minutes.load(Relaxed))
    }

    /// [`SignalTable::freshness`] of many products, in their order. All are read before any is reckoned: rows lie apart, and reads that wait for
    /// nothing but memory wait together.
    #[must_use]
    pub fn freshness_of_all(&self, products: impl Iterator<Item = Ordinal>) -> Vec<f32> {
        let first: Vec<u32> = products.map(|product| self.first_seen(product)).collect();
        let now = self.now_minutes.load(Relaxed);
        first.into_iter().map(|first| freshness(first, now)).collect()
    }

    /// The minute in which the product was first put; 0 when it is not known.
    #[inline]
    fn first_seen(&self, product: Ordinal) -> u32 {
        self.cells(product).map_or(0, |(cells, place)| cells[ROWS + place * ROW_LEN + FIRST_SEEN].load(Relaxed))
    }

    /// Whether at least one unit can be sold now. A product whose stock was never told counts as available: its shop keeps no stock of it.
    #[inline]
    #[must_use]
    pub fn is_available(&self, product: Ordinal) -> bool {
        self.standing(product).is_available
    }

    /// All numbers of the product.
    #[must_use]
    pub fn row(&self, product: Ordinal) -> SignalRow {
        let Some((cells, place)) = self.cells(product) else {
            return SignalRow { prior: NEUTRAL, parts: PriorParts::NEUTRAL, ..SignalRow::default() };
        };
        let row = &cells[ROWS + place * ROW_LEN..][..ROW_LEN];
        let float = |index: usize| f32::from_bits(row[FLOATS + index].load(Relaxed));
        SignalRow {
            price_minor: price_of(row),
            available_units: self.available(product).map_or(0, i64::from),
            velocity_per_day: float(0),
            velocity_long_per_day: float(1),
            conversion: float(2),
            click_rate: float(3),
            popularity: float(4),
            rating: float(5),
            trend: float(TREND),
            freshness: freshness(row[FIRST_SEEN].load(Relaxed), self.now_minutes.load(Relaxed)),
            prior: self.prior(product),
            parts: PriorParts {
                velocity: float(7),
                conversion: float(8),
                popularity: float(9),
                rating: float(10),
                availability: float(11),
                price: float(12),
            },
        }
    }

    /// Units available to sell; `None` when never told.
    pub(super) fn available(&self, product: Ordinal) -> Option<i32> {
        let (cells, place) = self.cells(product)?;
        Some(cells[AVAILABLE_COLUMN + place].load(Relaxed).cast_signed()).filter(|units| *units != UNTOLD)
    }

    /// Writes the derived numbers; available units are written by [`SignalTable::store_available`] alone.
    pub(super) fn store(&self, product: Ordinal, row: &SignalRow) {
        let Some((cells, place)) = self.cells(product) else { return };
        let line = &cells[ROWS + place * ROW_LEN..][..ROW_LEN];
        let price = row.price_minor.cast_unsigned();
        line[PRICE_HIGH].store((price >> 32) as u32, Relaxed);
        line[PRICE_LOW].store(price as u32, Relaxed);
        for (cell, number) in line[FLOATS..].iter().zip(row.floats()) {
            cell.store(number.to_bits(), Relaxed);
        }
        // There is one writer, so nothing comes between the load and the store.
        let unavailable = cells[place].load(Relaxed) & UNAVAILABLE;
        self.stand(product, &cells[place], row.prior.to_bits() & !UNAVAILABLE | unavailable);
    }

    /// Writes a standing, and that it moved if it did.
    fn stand(&self, product: Ordinal, cell: &AtomicU32, bits: u32) {
        if cell.load(Relaxed) != bits {
            cell.store(bits, Relaxed);
            self.moves.push(product);
        }
    }

    /// Writes when the product was first put.
    pub(super) fn store_first_seen(&self, product: Ordinal, at: Timestamp) {
        if let Some((cells, place)) = self.cells(product) {
            let (cell, minutes) = (&cells[ROWS + place * ROW_LEN + FIRST_SEEN], minutes_of(at));
            if cell.load(Relaxed) != minutes {
                cell.store(minutes, Relaxed);
                self.moves.push(product);
            }
        }
    }

    /// Moves the moment that ages are taken at.
    pub(super) fn store_now(&self, now: Timestamp) {
        self.now_minutes.store(minutes_of(now), Relaxed);
    }

    /// Makes room for the product; false beyond [`PRODUCTS_MAX`].
    pub(super) fn reach(&self, product: Ordinal) -> Result<bool, SignalError> {
        let block = product.index() / BLOCK_LEN;
        let Some(slot) = self.blocks.get(block) else { return Ok(false) };
        if slot.get().is_none() {
            let cells = self.block_cells(block)?;
            for index in 0..BLOCK_LEN {
                cells.all()[index].store(NEUTRAL.to_bits(), Relaxed);
                cells.all()[AVAILABLE_COLUMN + index].store(UNTOLD.cast_unsigned(), Relaxed);
            }
            // The one writer is the only one that sets slots, so the slot is still empty.
            let _ = slot.set(cells);
        }
        Ok(true)
    }

    fn block_cells(&self, block: usize) -> Result<Cells, SignalError> {
        let cells = match &self.file {
            None => Cells::anonymous(BLOCK_CELLS)?,
            Some(file) => {
                let mut name = file.clone().into_os_string();
                name.push(format!(".{block}"));
                match Cells::create(Path::new(&name), BLOCK_CELLS) {
                    Err(error) if error.is_of_a_full_disk() => {
                        tracing::warn!(%error, "signals of further products are kept in memory alone, where no other process sees them");
                        Cells::anonymous(BLOCK_CELLS)?
                    }
                    created => created?,
                }
            }
        };
        Ok(cells)
    }

    #[inline]
    fn cells(&self, product: Ordinal) -> Option<(&[AtomicU32], usize)> {
        let cells = self.blocks.get(product.index() / BLOCK_LEN)?.get()?;
        Some((cells.all(), product.index() % BLOCK_LEN))
    }
}

fn price_of(row: &[AtomicU32]) -> i64 {
    let read = || (u64::from(row[PRICE_HIGH].load(Relaxed)) << 32) | u64::from(row[PRICE_LOW].load(Relaxed));
    let mut price = read();
    for _ in 1..PRICE_READS_MAX {
        let again = read();
        if again == price {
            break;
        }
        price = again;
    }
    price.cast_signed()
}

#[cfg(test)]
mod tests;
mod variants;
