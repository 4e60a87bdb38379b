//! Which variants of a product can be sold, as one bit each in the order of its document.
//!
//! Stock is told by SKU and documents put SKUs in an order; both change, so both are kept, as marks of four bytes, and the bits follow from them. A product
//! with one variant of which one SKU was told, as most are, has neither: its units say all there is to say.

use super::fold::SignalFold;
use super::table::VARIANTS_MAX;
use crate::id::Ordinal;
use crate::stdx::digest::crc32c;
use crate::stdx::words::{WordReader, WordWriter};
use std::collections::HashMap;

/// Names a SKU among those of one product: two of a product with a hundred variants are taken for one in a shop among a million.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SkuMark(u32);

impl SkuMark {
    /// Of a SKU.
    #[must_use]
    pub fn of(sku: &str) -> Self {
        Self(crc32c(sku.as_bytes()))
    }
}

/// What can be sold of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sellable {
    /// The product.
    pub product: Ordinal,
    /// Units available to sell, summed over SKUs and locations.
    pub units: i64,
    /// The SKUs whose stock moved, each with whether any unit of it can be sold.
    pub skus: Vec<(SkuMark, bool)>,
}

/// The SKUs of one product.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Skus {
    /// Of the variants in the order of the document; none where there is but one.
    variants: Box<[SkuMark]>,
    /// Those of which stock was told, and whether any unit can be sold.
    told: Vec<(SkuMark, bool)>,
}

impl Skus {
    fn tell(&mut self, (sku, sells): (SkuMark, bool)) {
        match self.told.iter_mut().find(|known| known.0 == sku) {
            Some(known) => known.1 = sells,
            None => self.told.push((sku, sells)),
        }
    }

    /// Whether nothing of it says more than the units of the product do.
    fn is_idle(&self) -> bool {
        self.variants.is_empty() && self.told.len() <= 1
    }

    /// The variants that cannot be sold; one that nothing was told of cannot where the shop keeps stock of others.
    fn sold_out(&self) -> impl Iterator<Item = usize> + '_ {
        let sells = |sku: &SkuMark| self.told.is_empty() || self.told.iter().any(|known| known.0 == *sku && known.1);
        self.variants.iter().enumerate().filter(move |(_, sku)| !sells(sku)).map(|(index, _)| index)
    }

    /// One bit for each of the first variants that cannot be sold, and whether that is so of all there are.
    pub(super) fn bits(&self) -> (u64, bool) {
        let bits = self.sold_out().take_while(|index| *index < VARIANTS_MAX).fold(0, |bits, index| bits | 1_u64 << index);
        (bits, bits != 0 && self.sold_out().count() == self.variants.len())
    }
}

/// The SKUs of the products with several, and of others the one that was told, if any.
pub(super) type ManySkus = HashMap<Ordinal, Skus>;

impl SignalFold {
    /// Tells what can be sold of a product. Visible to readers on return, prior included.
    pub fn set_sellable(&mut self, sellable: &Sellable) {
        if self.reach(sellable.product) {
            sellable.skus.iter().for_each(|told| self.tell_sku(sellable.product, *told));
            self.set_available(sellable.product, sellable.units);
        }
    }

    fn tell_sku(&mut self, product: Ordinal, told: (SkuMark, bool)) {
        let lone = &mut self.state.products[product.index()].lone;
        match self.state.skus.get_mut(&product) {
            Some(skus) => skus.tell(told),
            None if lone.is_none_or(|known| known.0 == told.0) => *lone = Some(told),
            None => drop(
                self.state.skus.insert(product, Skus { variants: Box::default(), told: lone.take().into_iter().chain([told]).collect() }),
            ),
        }
    }

    /// Takes in the SKUs of a document's variants, in their order.
    pub(super) fn put_variants(&mut self, product: Ordinal, variants: Vec<SkuMark>) {
        let lone = &mut self.state.products[product.index()].lone;
        let is_known = self.state.skus.contains_key(&product);
        if variants.is_empty() && !is_known {
            return;
        }
        let skus = self.state.skus.entry(product).or_insert_with(|| Skus { told: lone.take().into_iter().collect(), ..Skus::default() });
        let is_moved = *skus.variants != *variants;
        skus.variants = variants.into();
        if skus.is_idle() {
            *lone = skus.told.pop();
            self.state.skus.remove(&product);
        }
        if is_moved && let Some(units) = self.table.available(product) {
            self.stand(product, units.into());
        }
    }

    /// Writes what can be sold of a product with so many units.
    pub(super) fn stand(&self, product: Ordinal, units: i64) {
        let (bits, is_all) = self.state.skus.get(&product).map_or((0, false), Skus::bits);
        self.table.store_available(product, units, if is_all { 0 } else { bits }, units > 0 && !is_all);
    }
}

/// SKUs in a checkpoint: for each product its ordinal, how many variants and how many told, and those.
pub(super) fn write(skus: &ManySkus, out: &mut WordWriter) {
    let mut products: Vec<(&Ordinal, &Skus)> = skus.iter().collect();
    products.sort_unstable_by_key(|(product, _)| **product);
    for (product, skus) in products {
        out.unsigned(u64::from(product.0));
        out.unsigned(skus.variants.len() as u64 | (skus.told.len() as u64) << 32);
        skus.variants.iter().for_each(|sku| out.unsigned(u64::from(sku.0)));
        skus.told.iter().for_each(|told| out.unsigned(told_word(Some(*told))));
    }
}

/// Reads what [`write`] wrote; none when it is damaged.
pub(super) fn read(words: &[u64]) -> Option<ManySkus> {
    let (mut from, mut left, mut skus) = (WordReader::new(words), words.len(), ManySkus::new());
    while left > 0 {
        let (product, counts) = (Ordinal(u32::try_from(from.unsigned()?).ok()?), from.unsigned()?);
        let (variants_count, told_count) = (counts as u32 as usize, (counts >> 32) as usize);
        left = left.checked_sub(2 + variants_count + told_count)?;
        let variants = (0..variants_count).map(|_| from.unsigned().map(|word| SkuMark(word as u32))).collect::<Option<_>>()?;
        let told = (0..told_count).map(|_| read_told(from.unsigned()?)).collect::<Option<_>>()?;
        skus.insert(product, Skus { variants, told });
    }
    Some(skus)
}

/// A SKU and whether it sells, as a number above 0.
pub(super) fn told_word(told: Option<(SkuMark, bool)>) -> u64 {
    told.map_or(0, |(sku, sells)| u64::from(sku.0) << 2 | u64::from(sells) << 1 | 1)
}

/// What [`told_word`] wrote.
pub(super) fn read_told(word: u64) -> Option<(SkuMark, bool)> {
    (word & 1 == 1).then_some((SkuMark((word >> 2) as u32), word & 2 != 0))
}
