//! What a changed product must have for a query to find it, asked without finding anything.

use super::identifier::{folded, may_be_started};
use super::overlay::LiveProduct;
use super::text_index::TextIndex;
use crate::id::Ordinal;
use crate::search::SearchError;
use crate::search::understand::{Query, Word};
use crate::text::{self, Language, PART_LETTERS_MIN};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The words and names of a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Sought {
    /// For each word every term that may show it.
    words: Vec<BTreeSet<String>>,
    /// Whether words are put together of words, so that a term that nobody had may show one of these.
    is_put_together: bool,
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
    pub fn of(query: &Query, language: Language, index: &TextIndex) -> Result<Option<Self>, SearchError> {
        if !index.is_mostly_standing() {
            return Ok(None);
        }
        for word in &query.words {
            let mut terms = word.terms();
            if !terms.try_fold(false, |any, term| Ok::<_, SearchError>(any || index.is_standing(term)?))? {
                return Ok(None);
            }
        }
        let is_katakana = |word: &Word| text::katakana_letters(&word.typed).is_some();
        let terms_of = |word: &Word| word.terms().map(str::to_owned).collect();
        Ok(Some(Self {
            words: query.words.iter().map(terms_of).collect(),
            is_put_together: language.puts_words_together() || query.words.iter().any(is_katakana),
            whole: folded(&query.typed),
            parts: query.typed.split_whitespace().filter_map(folded).filter(|part| may_be_started(part)).collect(),
        }))
    }

    /// Whether a product with these terms, in order, has one of every word.
    fn is_shown_by(&self, terms: &[Arc<str>]) -> bool {
        let has = |term: &String| terms.binary_search_by(|held| (**held).cmp(term.as_str())).is_ok();
        let has_put_together = |term: &String| self.is_put_together && terms.iter().any(|held| are_put_together(held, term));
        self.words.iter().all(|word| word.iter().any(|term| has(term) || has_put_together(term)))
    }

    fn is_named_by(&self, identifier: &str) -> bool {
        self.whole.as_deref().is_some_and(|whole| identifier.contains(whole)) || self.parts.iter().any(|part| part == identifier)
    }
}

impl TextIndex {
    /// Whether a query may find a product that changed since the generation was built, or was put since, or whether what its words say may have
    /// changed: the product has a term of every word, or an identifier with what was typed in it. Says yes too often rather than too rarely.
    #[must_use]
    pub fn may_find(&self, product: Ordinal, sought: &Sought) -> bool {
        let changed = self.overlay.product(product);
        let is_found = |product: &LiveProduct| {
            sought.is_shown_by(&product.terms) || product.identifiers.iter().any(|identifier| sought.is_named_by(identifier))
        };
        !self.is_mostly_standing() || changed.is_some_and(is_found)
    }
}

/// Whether one of two terms may be a part of the other, as words or as stems.
fn are_put_together(held: &str, term: &str) -> bool {
    let [held, term] = [held, term].map(|term| text::unmarked(term).unwrap_or(term));
    held.contains(term) || held.len() >= PART_LETTERS_MIN && term.contains(held)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_shows_words_that_it_has_in_a_longer_one_where_words_are_put_together() {
        let of = |words: &[&str], is_put_together: bool| Sought {
            words: words.iter().map(|word| BTreeSet::from([(*word).to_owned()])).collect(),
            is_put_together,
            whole: None,
            parts: Vec::new(),
        };
        let terms = ["leder", "wanderschuhe", "~dewanderschuh"].map(Arc::from);
        for (words, alone, put_together) in [
            (["leder", "leder"], true, true),
            (["leder", "schuhe"], false, true),
            (["leder", "~deschuh"], false, true),
            (["leder", "lederstiefel"], false, true),
            (["leder", "tasche"], false, false),
        ] {
            assert_eq!((of(&words, false).is_shown_by(&terms), of(&words, true).is_shown_by(&terms)), (alone, put_together), "{words:?}");
        }
    }

    #[test]
    fn an_identifier_names_what_was_typed_in_it() {
        let sought = Sought { words: Vec::new(), is_put_together: false, whole: folded("AB-12"), parts: vec!["x9900".to_owned()] };
        for (identifier, is_named) in [("ab12", true), ("9ab123", true), ("x9900", true), ("x99001", false), ("ab1", false)] {
            assert_eq!(sought.is_named_by(identifier), is_named, "{identifier}");
        }
    }
}
