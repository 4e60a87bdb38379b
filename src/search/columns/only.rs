//! The value of each product in a field, where it has only one: counting many products of such a field is one pass over a dense column.
//!
//! A category path counts as one value, the deepest node: the nodes above it follow.

use super::dictionary::{Dictionary, FieldId, TermId};
use super::row::Row;

/// Values of a product that are checked for being one path; more are several.
const PATH_TERMS_MAX: usize = 16;

/// What a product has in a field: a place in the field's list of values, nothing, or several values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Only(u32);

impl Only {
    /// No keyword.
    pub const NONE: Self = Self(0);
    /// Several keywords: the row has them.
    pub const SEVERAL: Self = Self(u32::MAX);

    fn at(place: u32) -> Self {
        Self(place + 1)
    }

    /// The place of the value; none when there is nothing or several.
    #[inline]
    #[must_use]
    pub fn place(self) -> Option<usize> {
        if self == Self::NONE || self == Self::SEVERAL { None } else { Some(self.0 as usize - 1) }
    }

    /// What a product has in `field`.
    #[must_use]
    pub fn of(row: &Row, field: FieldId, dictionary: &Dictionary) -> Self {
        let mut terms: Vec<TermId> = row.all_facts().flat_map(|facts| facts.keywords_of(field)).collect();
        terms.sort_unstable();
        terms.dedup();
        match terms.as_slice() {
            [] => Self::NONE,
            [term] if dictionary.parent(*term).is_none() => Self::at(dictionary.place(*term)),
            _ if field != FieldId::CATEGORY || terms.len() > PATH_TERMS_MAX => Self::SEVERAL,
            _ => {
                let deepest = terms.iter().find(|term| is_path(**term, &terms, dictionary));
                deepest.map_or(Self::SEVERAL, |term| Self::at(dictionary.place(*term)))
            }
        }
    }
}

/// Whether the terms are exactly this one and everything above it.
fn is_path(deepest: TermId, terms: &[TermId], dictionary: &Dictionary) -> bool {
    let mut path = std::iter::successors(Some(deepest), |term| dictionary.parent(*term)).take(terms.len() + 1);
    let mut length = 0;
    path.all(|term| {
        length += 1;
        terms.contains(&term)
    }) && length == terms.len()
}
