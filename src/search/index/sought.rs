//! What a changed product must have for a query to find it, asked without finding anything.

use super::SearchSnapshot;
use super::identifier::{folded, may_be_started};
use super::overlay::LiveProduct;
use super::text_index::TextIndex;
use crate::id::Ordinal;
use crate::model::vector::dot;
use crate::search::SearchError;
use crate::search::matched::{Entry, Nearness};
use crate::search::understand::{Query, Word};
use crate::text::{self, Language, PART_LETTERS_MIN};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The words and names of a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Sought {
    /// For each word every term that may show it, and what it is worth.
    words: Vec<(BTreeSet<String>, usize)>,
    /// What the words of a product have to be worth together.
    mass_min: usize,
    /// How near a product comes in by that alone.
    nearness: Option<Nearness>,
    /// Whether words are put together of words, so that a term that nobody had may show one of these.
    is_put_together: bool,
    /// As identifiers are compared: the query as a whole ...
    whole: Option<String>,
    /// ... and those of its words that may be one.
    parts: Vec<String>,
}

impl Sought {
    /// Of a query of finished words and what it takes to come into its match set; none when what they say moves with every product that is put,
    /// because the generation has not got all of them or is not much.
    ///
    /// # Errors
    /// When the generation's files cannot be read.
    pub fn of(query: &Query, entry: &Entry, language: Language, index: &TextIndex) -> Result<Option<Self>, SearchError> {
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
            words: query.words.iter().map(terms_of).zip(entry.masses.iter().map(|&mass| usize::from(mass))).collect(),
            mass_min: entry.mass_min,
            nearness: entry.nearness.clone(),
            is_put_together: language.puts_words_together() || query.words.iter().any(is_katakana),
            whole: folded(&query.typed),
            parts: query.typed.split_whitespace().filter_map(folded).filter(|part| may_be_started(part)).collect(),
        }))
    }

    /// Whether a product with these terms, in order, has enough of the words.
    fn is_shown_by(&self, terms: &[Arc<str>]) -> bool {
        let has = |term: &String| terms.binary_search_by(|held| (**held).cmp(term.as_str())).is_ok();
        let has_put_together = |term: &String| self.is_put_together && terms.iter().any(|held| are_put_together(held, term));
        let shown = self.words.iter().filter(|(word, _)| word.iter().any(|term| has(term) || has_put_together(term)));
        shown.map(|(_, mass)| mass).sum::<usize>() >= self.mass_min
    }

    fn is_near(&self, vector: &[f32]) -> bool {
        self.nearness.as_ref().is_some_and(|nearness| dot(&nearness.direction, vector) >= nearness.min)
    }

    /// Bytes that nearness takes.
    pub(in crate::search) fn weight(&self) -> usize {
        self.nearness.as_ref().map_or(0, |nearness| nearness.direction.len() * size_of::<f32>())
    }

    fn is_named_by(&self, identifier: &str) -> bool {
        self.whole.as_deref().is_some_and(|whole| identifier.contains(whole)) || self.parts.iter().any(|part| part == identifier)
    }
}

impl SearchSnapshot {
    /// Whether a query may find a product that changed since the generation was built, or was put since, or whether what its words say may have
    /// changed: the product has terms of enough words, an identifier with what was typed in it, or lies near enough. Says yes too often rather than
    /// too rarely.
    #[must_use]
    pub fn may_find(&self, product: Ordinal, sought: &Sought) -> bool {
        let is_found = |product: &LiveProduct| {
            sought.is_shown_by(&product.terms) || product.identifiers.iter().any(|identifier| sought.is_named_by(identifier))
        };
        let vector = || self.vectors.as_ref().and_then(|vectors| vectors.vector(product));
        !self.text.is_mostly_standing()
            || self.text.overlay.product(product).is_some_and(is_found)
            || sought.nearness.is_some() && vector().is_some_and(|vector| sought.is_near(vector))
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
            words: words.iter().map(|word| (BTreeSet::from([(*word).to_owned()]), 100)).collect(),
            mass_min: 100 * words.len(),
            nearness: None,
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
        let sought = Sought {
            words: Vec::new(),
            mass_min: 1,
            nearness: None,
            is_put_together: false,
            whole: folded("AB-12"),
            parts: vec!["x9900".to_owned()],
        };
        for (identifier, is_named) in [("ab12", true), ("9ab123", true), ("x9900", true), ("x99001", false), ("ab1", false)] {
            assert_eq!(sought.is_named_by(identifier), is_named, "{identifier}");
        }
    }
}
