//! What can be sold: of products by whole words of bits, and of the variants of one.

use super::{AVAILABLE_COLUMN, BITS_LEN, PARTLY_BITS, SOLD_OUT_BITS, SignalTable, UNAVAILABLE, UNTOLD, VARIANTS, VARIANTS_MAX};
use crate::id::Ordinal;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

impl SignalTable {
    /// One bit for each product from `first` on, 32 a number, set where none can be sold now; for `bits.len()` times 32 products. `first` is a
    /// multiple of 32. Products of which nothing is known can be sold.
    pub fn sold_out_bits(&self, first: Ordinal, bits: &mut [u32]) {
        self.bits(SOLD_OUT_BITS, first, bits);
    }

    /// The same, set where some variants can be sold now and others cannot.
    pub fn partly_sold_out_bits(&self, first: Ordinal, bits: &mut [u32]) {
        self.bits(PARTLY_BITS, first, bits);
    }

    fn bits(&self, column: usize, first: Ordinal, bits: &mut [u32]) {
        let start = first.index() / 32;
        for (number, word) in (start..).zip(bits) {
            let cells = self.blocks.get(number / BITS_LEN).and_then(OnceLock::get);
            *word = cells.map_or(0, |cells| cells.all()[column + number % BITS_LEN].load(Relaxed));
        }
    }

    /// Of a product that can be sold now the variants that cannot, one bit each in the order of its document; 0 where all can, and of one that cannot be sold
    /// at all.
    #[inline]
    #[must_use]
    pub fn sold_out_variants(&self, product: Ordinal) -> u64 {
        let Some((cells, place)) = self.cells(product) else { return 0 };
        let half = |at: usize| u64::from(cells[VARIANTS + 2 * place + at].load(Relaxed));
        half(0) | half(1) << 32
    }

    /// Whether at least one unit of a variant can be sold now.
    #[must_use]
    pub fn sells(&self, product: Ordinal, variant: usize) -> bool {
        self.is_available(product) && (variant >= VARIANTS_MAX || self.sold_out_variants(product) >> variant & 1 == 0)
    }

    /// The first variant of which a unit can be sold now; the first of all where none can.
    #[must_use]
    pub fn first_sold(&self, product: Ordinal) -> usize {
        self.sold_out_variants(product).trailing_ones() as usize
    }

    /// Writes the units available to sell, the variants that cannot be sold while others can, and whether any can.
    pub(in crate::signal) fn store_available(&self, product: Ordinal, units: i64, sold_out_variants: u64, is_available: bool) {
        let Some((cells, place)) = self.cells(product) else { return };
        let units = i32::try_from(units).unwrap_or(if units < 0 { UNTOLD + 1 } else { i32::MAX });
        cells[AVAILABLE_COLUMN + place].store(units.max(UNTOLD + 1).cast_unsigned(), Relaxed);
        let variants = if is_available { sold_out_variants } else { 0 };
        let is_moved = self.sold_out_variants(product) != variants;
        cells[VARIANTS + 2 * place].store(variants as u32, Relaxed);
        cells[VARIANTS + 2 * place + 1].store((variants >> 32) as u32, Relaxed);
        set_bit(&cells[PARTLY_BITS + place / 32], place, variants != 0);
        let prior = cells[place].load(Relaxed) & !UNAVAILABLE;
        self.stand(product, &cells[place], prior | if is_available { 0 } else { UNAVAILABLE });
        set_bit(&cells[SOLD_OUT_BITS + place / 32], place, !is_available);
        if is_moved {
            self.moves.push(product);
        }
    }
}

/// Sets or clears the bit of a product. There is one writer, so nothing comes between the load and the store.
fn set_bit(cell: &AtomicU32, place: usize, is_set: bool) {
    cell.store(cell.load(Relaxed) & !(1 << (place % 32)) | u32::from(is_set) << (place % 32), Relaxed);
}
