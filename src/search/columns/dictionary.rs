//! Names of fields and values of keyword fields, each with a number, and the products of each.
//!
//! Values match without regard to case and accents; the first spelling seen is the one shown. Identifiers (`id`, `sku`) match exactly,
//! titles by their terms.
//! Values are found through an open-addressing table that lives in shared chunks like everything else, so that a clone of a dictionary of
//! a million values costs a few thousand pointers and a new value copies one chunk.

use super::derived::Derived;
use super::lineups::Lineups;
use super::numbers::Span;
use super::postings::Postings;
use super::profiles::Profiles;
use crate::id::Ordinal;
use crate::stdx::chunked::Chunked;
use crate::stdx::digest::crc32c_append;
use crate::text;
use roaring::RoaringBitmap;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// Keywords are compared and shown by their first so many bytes; longer texts are prose, not values.
pub const KEYWORD_BYTES_MAX: usize = 256;
/// Products that a numeric field must have before a dense column can pay for itself.
const COLUMN_PRODUCTS_MIN: u64 = 4_096;
/// A dense column is made when one product in so many has the field: it then costs at most 64 bytes a number.
const COLUMN_SHARE: u64 = 4;
/// Products that a field must have before a dense column of profiles can pay for itself: one chunk of it.
const PROFILE_PRODUCTS_MIN: u64 = 1_024;
/// First size of the table of values; a power of two.
const SLOTS_MIN: usize = 1_024;

/// Number of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(pub u32);

impl FieldId {
    /// Who makes it.
    pub const BRAND: Self = Self(0);
    /// Where it stands in the tree; a product has every ancestor too.
    pub const CATEGORY: Self = Self(1);
    /// The shop's name for the product.
    pub const ID: Self = Self(2);
    /// Stock-keeping unit of a variant.
    pub const SKU: Self = Self(3);
    /// Mean of the stars.
    pub const RATING: Self = Self(4);
    /// The whole title; matches when its terms are the same.
    pub const TITLE: Self = Self(5);
    /// Names of the fields that are not attributes, by number.
    pub const BUILT_IN: [&'static str; 6] = ["brand", "category", "id", "sku", "rating", "title"];

    /// Whether its values name single products, so that counting them is senseless.
    #[must_use]
    pub fn is_naming(self) -> bool {
        matches!(self, Self::ID | Self::SKU | Self::TITLE)
    }
}

/// Number of a keyword value, over all fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TermId(pub u32);

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
    fn named(name: &str) -> Self {
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
}

#[derive(Debug, Clone)]
struct Term {
    field: FieldId,
    hash: u32,
    /// In the field's list of values.
    place: u32,
    text: Arc<str>,
}

/// All names and values.
#[derive(Debug, Clone)]
pub struct Dictionary {
    fields: Chunked<Arc<Field>>,
    names: Arc<HashMap<String, FieldId>>,
    terms: Chunked<Term>,
    postings: Chunked<Postings>,
    /// Term number + 1, or 0 where free; the length is a power of two.
    slots: Chunked<u32>,
}

impl Default for Dictionary {
    fn default() -> Self {
        Self::new()
    }
}

impl Dictionary {
    /// The fields that are not attributes, without values.
    #[must_use]
    pub fn new() -> Self {
        let mut dictionary = Self {
            fields: Chunked::new(Arc::new(Field::named(""))),
            names: Arc::default(),
            terms: Chunked::new(Term { field: FieldId::BRAND, hash: 0, place: 0, text: Arc::from("") }),
            postings: Chunked::new(Postings::EMPTY),
            slots: blank_slots(SLOTS_MIN),
        };
        for name in FieldId::BUILT_IN {
            dictionary.new_field(name, name.to_owned());
        }
        dictionary
    }

    /// The field of this name as requests write it, without regard to case.
    #[must_use]
    pub fn field_named(&self, name: &str) -> Option<FieldId> {
        self.names.get(&text::fold(name)).copied()
    }

    /// The attribute's field, new if need be.
    pub fn intern_attribute(&mut self, name: &str) -> FieldId {
        let written = format!("attributes.{name}");
        let folded = text::fold(&written);
        match self.names.get(&folded) {
            Some(&known) => known,
            None => self.new_field(&written, folded),
        }
    }

    pub(super) fn new_field(&mut self, written: &str, folded: String) -> FieldId {
        let field = FieldId(self.fields.len() as u32);
        *self.fields.at_mut(self.fields.len()) = Arc::new(Field::named(written));
        Arc::make_mut(&mut self.names).insert(folded, field);
        field
    }

    /// Number of fields.
    #[must_use]
    pub fn fields_count(&self) -> usize {
        self.fields.len()
    }

    /// What is known about a field.
    #[must_use]
    pub fn field(&self, field: FieldId) -> &Field {
        self.fields.at(field.0 as usize)
    }

    pub(super) fn field_mut(&mut self, field: FieldId) -> &mut Field {
        Arc::make_mut(self.fields.at_mut(field.0 as usize))
    }

    pub(super) fn mark_variant_level(&mut self, field: FieldId) {
        if !self.field(field).is_variant_level {
            self.field_mut(field).is_variant_level = true;
        }
    }

    /// The value's number; none when no product ever had it.
    #[must_use]
    pub fn term(&self, field: FieldId, value: &str) -> Option<TermId> {
        let key = key_of(field, value);
        self.find(field, &key, hash_of(field, &key)).ok()
    }

    /// The value's number, new if need be; none for a blank text.
    pub fn intern(&mut self, field: FieldId, value: &str) -> Option<TermId> {
        let value = cut(value);
        if value.is_empty() {
            return None;
        }
        let key = key_of(field, value);
        let hash = hash_of(field, &key);
        Some(self.find(field, &key, hash).unwrap_or_else(|slot| self.new_term(field, hash, value, slot)))
    }

    fn new_term(&mut self, field: FieldId, hash: u32, value: &str, slot: usize) -> TermId {
        let number = self.terms.len();
        let parent = if field == FieldId::CATEGORY { self.node_above(value) } else { None };
        let place = self.field(field).terms.len() as u32;
        *self.terms.at_mut(number) = Term { field, hash, place, text: Arc::from(value) };
        *self.postings.at_mut(number) = Postings::EMPTY;
        *self.slots.at_mut(slot) = number as u32 + 1;
        if !matches!(field, FieldId::ID | FieldId::SKU) {
            let field_known = self.field_mut(field);
            Arc::make_mut(&mut field_known.terms).push(TermId(number as u32));
            field_known.derived.grown_to(place as usize + 1);
            if field == FieldId::CATEGORY {
                Arc::make_mut(&mut field_known.parents).push(parent);
            }
        }
        if self.terms.len() * 4 >= self.slots.len() * 3 {
            self.grow();
        }
        TermId(number as u32)
    }

    /// The place of the node above a category's node; nodes enter the dictionary from the root down.
    fn node_above(&self, path: &str) -> Option<u32> {
        let (above, _) = path.rsplit_once(" > ")?;
        self.term(FieldId::CATEGORY, above).map(|term| self.place(term))
    }

    /// The node above a category's node; none for a root and for values of other fields.
    #[must_use]
    pub fn parent(&self, term: TermId) -> Option<TermId> {
        let known = self.field(self.field_of(term));
        let above = known.parents.get(self.place(term) as usize).copied().flatten()?;
        known.terms.get(above as usize).copied()
    }

    /// The place of a value in its field's list; 0 for values of fields that keep none.
    #[must_use]
    pub fn place(&self, term: TermId) -> u32 {
        self.terms.at(term.0 as usize).place
    }

    /// Enters a value that is known to be new, with the hash it was saved with.
    pub(super) fn restore(&mut self, field: FieldId, hash: u32, value: &str) {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        while *self.slots.at(slot) != 0 {
            slot = (slot + 1) & mask;
        }
        self.new_term(field, hash, value, slot);
    }

    /// What the value was saved or is to be saved with.
    pub(super) fn hash(&self, term: TermId) -> u32 {
        self.terms.at(term.0 as usize).hash
    }

    /// The term, or else the free slot where it belongs.
    fn find(&self, field: FieldId, key: &str, hash: u32) -> Result<TermId, usize> {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let Some(number) = self.slots.at(slot).checked_sub(1) else { return Err(slot) };
            let term = self.terms.at(number as usize);
            if term.hash == hash && term.field == field && key_of(field, &term.text) == key {
                return Ok(TermId(number));
            }
            slot = (slot + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let slots_count = self.slots.len() * 2;
        let mut slots = blank_slots(slots_count);
        for (number, term) in self.terms.iter().enumerate() {
            let mut slot = term.hash as usize & (slots_count - 1);
            while *slots.at(slot) != 0 {
                slot = (slot + 1) & (slots_count - 1);
            }
            *slots.at_mut(slot) = number as u32 + 1;
        }
        self.slots = slots;
    }

    /// Number of values over all fields.
    #[must_use]
    pub fn terms_count(&self) -> usize {
        self.terms.len()
    }

    /// The value as first written.
    #[must_use]
    pub fn text(&self, term: TermId) -> &str {
        &self.terms.at(term.0 as usize).text
    }

    /// The field that the value belongs to.
    #[must_use]
    pub fn field_of(&self, term: TermId) -> FieldId {
        self.terms.at(term.0 as usize).field
    }

    /// Products that have the value, on the product or on a variant.
    #[must_use]
    pub fn postings(&self, term: TermId) -> &Postings {
        self.postings.at(term.0 as usize)
    }

    pub(super) fn add_product(&mut self, term: TermId, ordinal: Ordinal) {
        self.postings.at_mut(term.0 as usize).insert(ordinal);
    }

    pub(super) fn remove_product(&mut self, term: TermId, ordinal: Ordinal) {
        self.postings.at_mut(term.0 as usize).remove(ordinal);
    }
}

fn blank_slots(count: usize) -> Chunked<u32> {
    let mut slots = Chunked::new(0);
    *slots.at_mut(count - 1) = 0;
    slots
}

/// The first [`KEYWORD_BYTES_MAX`] bytes without blanks around them.
fn cut(value: &str) -> &str {
    let value = value.trim();
    let end = (0..=KEYWORD_BYTES_MAX.min(value.len())).rev().find(|&at| value.is_char_boundary(at)).unwrap_or(0);
    value[..end].trim_end()
}

/// What two texts must share to be the same value.
fn key_of(field: FieldId, value: &str) -> Cow<'_, str> {
    let value = cut(value);
    if field == FieldId::ID || field == FieldId::SKU {
        return Cow::Borrowed(value);
    }
    if field == FieldId::TITLE {
        return Cow::Owned(text::terms(value).join(" "));
    }
    if field == FieldId::CATEGORY {
        let names: Vec<&str> = value.split('>').map(str::trim).collect();
        return Cow::Owned(text::fold(&names.join(" > ")));
    }
    Cow::Owned(text::fold(value))
}

/// Written to files, so it must never change.
fn hash_of(field: FieldId, key: &str) -> u32 {
    crc32c_append(field.0, key.as_bytes())
}
