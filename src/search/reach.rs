//! What whoever asks may know of: products that their marketplace offers and that their key shows. Nothing is read as a word, nor taken for a name, that
//! only products of others have.

use super::columns::TermId;
use super::filter::{Filter, Scope};
use super::index::{SearchSnapshot, TermGroup, TextQuery};
use super::{Request, SearchError};
use crate::id::Ordinal;
use crate::text;
use roaring::RoaringBitmap;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;

/// Products that a caller may know of, where that is not all of them.
pub(super) struct Reach<'a> {
    products: RoaringBitmap,
    /// How many live products are beyond it.
    beyond_count: u64,
    index: &'a SearchSnapshot,
    scope: Scope<'a>,
    /// Terms that were looked for: completions share theirs.
    known: RefCell<HashMap<String, bool>>,
}

impl fmt::Debug for Reach<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Reach").field("products", &self.products.len()).field("beyond_count", &self.beyond_count).finish_non_exhaustive()
    }
}

impl<'a> Reach<'a> {
    /// The reach of who asks; none when it is the whole shop.
    ///
    /// # Errors
    /// When the filter of their key cannot be read.
    pub(super) fn of(request: &Request, index: &'a SearchSnapshot, scope: Scope<'a>) -> Result<Option<Self>, SearchError> {
        Self::within(request.within.as_deref(), index, scope)
    }

    /// The reach of whom this filter shows a part of the shop.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn within(within: Option<&str>, index: &'a SearchSnapshot, scope: Scope<'a>) -> Result<Option<Self>, SearchError> {
        let elsewhere = scope.columns.only_elsewhere(scope.market);
        if elsewhere.is_none() && within.is_none() {
            return Ok(None);
        }
        let live = scope.columns.live();
        let offered = elsewhere.map_or_else(|| live.clone(), |elsewhere| live - &*elsewhere);
        let products = match within {
            Some(within) => Filter::parse(within, scope.columns, scope.market)?.products(scope, &offered),
            None => offered,
        };
        Ok(Some(Self { beyond_count: live.len() - products.len(), products, index, scope, known: RefCell::default() }))
    }

    /// Whether a product is one of them.
    pub(super) fn has(&self, product: Ordinal) -> bool {
        self.products.contains(product.0)
    }

    /// How many products with a value are among them.
    pub(super) fn count_with(&self, value: TermId) -> u64 {
        self.scope.columns.dictionary().postings(value).intersection_len(&self.products)
    }

    /// Whether one of its products has a word, or no product at all: such a word is of everyday language and tells nothing.
    pub(super) fn has_word(&self, word: &str) -> bool {
        let term = text::term_of(word);
        let holders_count = self.index.vocabulary.df(&term);
        if holders_count == 0 || holders_count > self.beyond_count {
            return true;
        }
        if let Some(&is_had) = self.known.borrow().get(&term) {
            return is_had;
        }
        let is_had = self.holds(TermGroup::exactly(term.clone()));
        self.known.borrow_mut().insert(term, is_had);
        is_had
    }

    /// Whether one of its products has a word that begins so.
    pub(super) fn has_beginning(&self, beginning: &str) -> bool {
        self.holds(TermGroup { prefix: true, ..TermGroup::exactly(beginning) })
    }

    fn holds(&self, group: TermGroup) -> bool {
        let mut is_had = false;
        let query = TextQuery { groups: vec![group], required: 1 };
        let read = self.index.text.matches(&query, &mut |found| is_had = is_had || self.products.contains(found.ordinal.0));
        read.is_ok() && is_had
    }

    /// Whether a filter leaves any of its products.
    pub(super) fn has_any(&self, filter: &str) -> bool {
        let filter = Filter::parse(filter, self.scope.columns, self.scope.market);
        filter.is_ok_and(|filter| !filter.products(self.scope, &self.products).is_empty())
    }
}
