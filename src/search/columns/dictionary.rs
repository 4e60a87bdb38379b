//! Names of fields and values of keyword fields, each with a number, and the products of each.
//!
//! Values match without regard to case and accents; the first spelling seen is the one shown. Identifiers (`id`, `sku`) match exactly,
//! titles by their terms.

use super::field::Field;
use super::postings::Postings;
use super::terms::Terms;
use crate::id::Ordinal;
use crate::stdx::chunked::Chunked;
use crate::stdx::digest::crc32c_append;
use crate::text;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// Keywords are compared and shown by their first so many bytes; longer texts are prose, not values.
pub const KEYWORD_BYTES_MAX: usize = 256;

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

    /// Whether the field has a list of its values.
    pub(super) fn keeps_values(self) -> bool {
        !matches!(self, Self::ID | Self::SKU)
    }
}

/// Number of a keyword value, over all fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TermId(pub u32);

/// All names and values.
#[derive(Debug, Clone)]
pub struct Dictionary {
    fields: Chunked<Arc<Field>>,
    names: Arc<HashMap<String, FieldId>>,
    pub(super) terms: Terms,
    pub(super) postings: Chunked<Postings>,
}

impl Default for Dictionary {
    fn default() -> Self {
        Self::new()
    }
}

/// Between the names of a category's path.
pub const PATH_JOINT: &str = " > ";

/// The last name of a category's path.
#[must_use]
pub fn last_part(path: &str) -> &str {
    path.rsplit(PATH_JOINT).next().unwrap_or(path)
}

impl Dictionary {
    /// The fields that are not attributes, without values.
    #[must_use]
    pub fn new() -> Self {
        let mut dictionary = Self {
            fields: Chunked::new(Arc::new(Field::named(""))),
            names: Arc::default(),
            terms: Terms::new(),
            postings: Chunked::new(Postings::EMPTY),
        };
        for name in FieldId::BUILT_IN {
            dictionary.new_field(name, name.to_owned());
        }
        dictionary
    }

    /// The field of this name as requests write it, without regard to case.
    #[must_use]
    pub fn field_named(&self, name: &str) -> Option<FieldId> {
        self.names.get(&*text::folded(name)).copied()
    }

    /// The attribute's field, likewise.
    #[must_use]
    pub fn attribute_named(&self, name: &str) -> Option<FieldId> {
        self.names.get(&format!("attributes.{}", text::folded(name))).copied()
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
        self.find(field, &key, hash_of(field, &key))
    }

    /// The value's number, new if need be; none for a blank text.
    pub fn intern(&mut self, field: FieldId, value: &str) -> Option<TermId> {
        let value = cut(value);
        if value.is_empty() {
            return None;
        }
        let key = key_of(field, value);
        let hash = hash_of(field, &key);
        Some(self.find(field, &key, hash).unwrap_or_else(|| self.new_term(field, hash, value)))
    }

    fn find(&self, field: FieldId, key: &str, hash: u32) -> Option<TermId> {
        self.terms.find(hash, |term| self.terms.field(term) == field && key_of(field, self.terms.text(term)) == key)
    }

    fn new_term(&mut self, field: FieldId, hash: u32, value: &str) -> TermId {
        let parent = if field == FieldId::CATEGORY { self.node_above(value) } else { None };
        let place = self.field(field).terms.len() as u32;
        let term = self.terms.add(field, hash, place, value);
        self.postings.grow_to(self.terms.len());
        if field.keeps_values() {
            let field_known = self.field_mut(field);
            Arc::make_mut(&mut field_known.terms).push(term);
            field_known.derived.grown_to(place as usize + 1);
            if field == FieldId::CATEGORY {
                Arc::make_mut(&mut field_known.parents).push(parent);
            }
        }
        term
    }

    /// The place of the node above a category's node; nodes enter the dictionary from the root down.
    pub(super) fn node_above(&self, path: &str) -> Option<u32> {
        let (above, _) = path.rsplit_once(PATH_JOINT)?;
        self.term(FieldId::CATEGORY, above).map(|term| self.place(term))
    }

    /// The node above a category's node; none for a root and for values of other fields.
    #[must_use]
    pub fn parent(&self, term: TermId) -> Option<TermId> {
        let known = self.field(self.field_of(term));
        let above = known.parents.get(self.place(term) as usize).copied().flatten()?;
        known.terms.get(above as usize).copied()
    }

    /// A category's node and all above it, the root last; a value of another field alone.
    pub fn path_up(&self, term: TermId) -> impl Iterator<Item = TermId> {
        std::iter::successors(Some(term), |term| self.parent(*term))
    }

    /// The place of a value in its field's list; 0 for values of fields that keep none.
    #[must_use]
    pub fn place(&self, term: TermId) -> u32 {
        self.terms.place(term)
    }

    /// Number of values over all fields.
    #[must_use]
    pub fn terms_count(&self) -> usize {
        self.terms.len()
    }

    /// The value as first written.
    #[must_use]
    pub fn text(&self, term: TermId) -> &str {
        self.terms.text(term)
    }

    /// The field that the value belongs to.
    #[must_use]
    pub fn field_of(&self, term: TermId) -> FieldId {
        self.terms.field(term)
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
        return Cow::Owned(text::fold(&names.join(PATH_JOINT)));
    }
    Cow::Owned(text::fold(value))
}

/// Written to files, so it must never change.
fn hash_of(field: FieldId, key: &str) -> u32 {
    crc32c_append(field.0, key.as_bytes())
}
