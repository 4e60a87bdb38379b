//! What a changed product must have for a query to find it, asked without finding anything.

use super::identifier::{folded, may_be_started};
use super::text_index::TextIndex;
use crate::id::Ordinal;
use crate::search::SearchError;
use crate::search::understand::{Query, Word};
use std::collections::BTreeSet;

/// The words and names of a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Sought {
    /// For each word every term that may show it.
    words: Vec<BTreeSet<String>>,
    /// As identifiers are compared: the query as a whole ...
    whole: Option<String>,
    /// ... and those of its words that may be one.
    parts: Vec<String>,
}

impl Sought {
    /// Of a query of finished words; none when what they say moves with every product that is put, because the generation has not got all of
    /// them or is not much.
    ///
    /// # Errors
    /// When the generation's files cannot be read.
    pub fn of(query: &Query, text: &TextIndex) -> Result<Option<Self>, SearchError> {
        if !text.is_mostly_standing() {
            return Ok(None);
        }
        for word in &query.words {
            let mut terms = word.terms();
            if !terms.try_fold(false, |any, term| Ok::<_, SearchError>(any || text.is_standing(term)?))? {
                return Ok(None);
            }
        }
        let terms_of = |word: &Word| word.terms().map(str::to_owned).collect();
        Ok(Some(Self {
            words: query.words.iter().map(terms_of).collect(),
            whole: folded(&query.typed),
            parts: query.typed.split_whitespace().filter_map(folded).filter(|part| may_be_started(part)).collect(),
        }))
    }
}

impl TextIndex {
    /// Whether a query may find a product that changed since the generation was built, or was put since, or whether what its words say may have
    /// changed: the product holds a term of every word, or has
    /// an identifier with what was typed in it. Says yes too often rather than too rarely.
    #[must_use]
    pub fn may_find(&self, product: Ordinal, sought: &Sought) -> bool {
        !self.is_mostly_standing()
            || self.overlay.product(product).is_some_and(|(terms, identifiers)| {
                let holds =
                    |word: &BTreeSet<String>| word.iter().any(|term| terms.binary_search_by(|held| (**held).cmp(term.as_str())).is_ok());
                let is_named = || {
                    let whole = sought.whole.as_deref();
                    let is_part = |identifier: &str| sought.parts.iter().any(|part| part == identifier);
                    identifiers.iter().any(|identifier| whole.is_some_and(|whole| identifier.contains(whole)) || is_part(identifier))
                };
                sought.words.iter().all(holds) || is_named()
            })
    }
}
