//! One field: its values, the products that have it, and its dense columns.

use super::derived::Derived;
use super::dictionary::TermId;
use super::lineups::Lineups;
use super::numbers::Span;
use super::packing::{self, Written};
use super::profiles::Profiles;
use crate::id::Ordinal;
use crate::stdx::chunked::Chunked;
use crate::stdx::packed::{PackedReader, PackedWriter};
use roaring::RoaringBitmap;
use std::sync::Arc;

/// Products that a numeric field must have before a dense column can pay for itself.
const COLUMN_PRODUCTS_MIN: u64 = 4_096;
/// A dense column is made when one product in so many has the field: it then costs at most 64 bytes a number.
const COLUMN_SHARE: u64 = 4;
/// Products that a field must have before a dense column of profiles can pay for itself: one chunk of it.
const PROFILE_PRODUCTS_MIN: u64 = 1_024;

/// One field.
#[derive(Debug, Clone)]
pub struct Field {
    /// As requests write it: `brand`, `attributes.colour`.
    pub name: Arc<str>,
    /// Its keyword values in order of appearance; not kept for identifiers.
    pub terms: Arc<Vec<TermId>>,
    /// Whether any variant ever had it of its own, so that it may differ between variants of a product.
    pub is_variant_level: bool,
    /// Products that have any value of it, on the product or on a variant.
    pub present: Arc<RoaringBitmap>,
    /// Products that have a number of it.
    pub numbered: Arc<RoaringBitmap>,
    /// Smallest and largest number by product, when enough products have one.
    pub column: Option<Chunked<Span<f64>>>,
    /// All its values by product, when enough products have any.
    pub profiles: Option<Profiles>,
    /// What each variant has, when variants may differ in it and there is a column of profiles.
    pub lineups: Option<Lineups>,
    /// Of a category's node the place of the node above it, beside `terms`.
    pub parents: Arc<Vec<Option<u32>>>,
    /// What follows from its values.
    pub(super) derived: Derived,
}

impl Field {
    pub(super) fn named(name: &str) -> Self {
        Self {
            name: Arc::from(name),
            terms: Arc::default(),
            is_variant_level: false,
            present: Arc::default(),
            numbered: Arc::default(),
            column: None,
            profiles: None,
            lineups: None,
            parents: Arc::default(),
            derived: Derived::default(),
        }
    }

    pub(super) fn exists(&mut self, ordinal: Ordinal) {
        if !self.present.contains(ordinal.0) {
            Arc::make_mut(&mut self.present).insert(ordinal.0);
        }
    }

    pub(super) fn exists_number(&mut self, ordinal: Ordinal, span: Span<f64>) {
        self.exists(ordinal);
        Arc::make_mut(&mut self.numbered).insert(ordinal.0);
        if let Some(column) = &mut self.column {
            *column.at_mut(ordinal.index()) = span;
        }
    }

    pub(super) fn forget(&mut self, ordinal: Ordinal) {
        if self.present.contains(ordinal.0) {
            Arc::make_mut(&mut self.present).remove(ordinal.0);
            self.profiles.iter_mut().for_each(|profiles| profiles.clear(ordinal));
            self.lineups.iter_mut().for_each(|lineups| lineups.clear(ordinal));
        }
        if self.numbered.contains(ordinal.0) {
            Arc::make_mut(&mut self.numbered).remove(ordinal.0);
            if let Some(column) = &mut self.column {
                *column.at_mut(ordinal.index()) = Span::<f64>::EMPTY;
            }
        }
    }

    pub(super) fn wants_column(&self, products_count: u64) -> bool {
        let numbered_count = self.numbered.len();
        self.column.is_none() && numbered_count >= COLUMN_PRODUCTS_MIN && numbered_count * COLUMN_SHARE >= products_count
    }

    pub(super) fn wants_profiles(&self, products_count: u64) -> bool {
        let present_count = self.present.len();
        self.profiles.is_none() && present_count >= PROFILE_PRODUCTS_MIN && present_count * COLUMN_SHARE >= products_count
    }

    /// Writes who has it and the dense columns; name and values stand elsewhere.
    pub(super) fn pack(&self, out: &mut PackedWriter<'_>) -> Written {
        let flags = [self.is_variant_level, self.column.is_some(), self.profiles.is_some(), self.lineups.is_some()];
        out.array(&flags.map(u8::from))?;
        packing::put_products(out, &self.present)?;
        packing::put_products(out, &self.numbered)?;
        self.column.iter().try_for_each(|column| packing::put_column(out, column, |span| [span.min, span.max]))?;
        self.profiles.iter().try_for_each(|profiles| profiles.pack(out))?;
        self.lineups.iter().try_for_each(|lineups| lineups.pack(out))
    }

    /// Reads what [`Field::pack`] wrote into a field whose values are known.
    pub(super) fn unpack(&mut self, from: &mut PackedReader<'_>) -> Option<()> {
        let flags: &[u8; 4] = from.array()?.try_into().ok()?;
        let [is_variant_level, has_column, has_profiles, has_lineups] = flags.map(|flag| flag != 0);
        self.is_variant_level = is_variant_level;
        self.present = packing::products(from)?;
        self.numbered = packing::products(from)?;
        if has_column {
            self.column = Some(packing::column(from, Span::<f64>::EMPTY, |[min, max]: [f64; 2]| Span { min, max })?);
        }
        if has_profiles {
            self.profiles = Some(Profiles::unpack(from, self.terms.len())?);
        }
        if has_lineups {
            self.lineups = Some(Lineups::unpack(from)?);
        }
        Some(())
    }
}
