//! Which language each marketplace reads, whether its everyday words count there, and the stems of a query in it.

use super::thesaurus::Thesaurus;
use super::understand::{Query, Word};
use super::vocabulary::Vocabulary;
use crate::id::MarketplaceId;
use crate::text::{self, Language};
use std::collections::BTreeMap;

/// What a word with the same stem counts, against the word as typed.
const STEM_WEIGHT: f32 = 0.8;
/// Words that begin with a stem that are looked at for those that share it.
const FORMS_MAX: usize = 8;

/// The language of the shop and of those marketplaces that have another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Languages {
    shop: Language,
    marketplaces: BTreeMap<MarketplaceId, Language>,
    stemmed: Vec<Language>,
    everyday: Everyday,
}

/// Where what words mean in everyday language counts, beside what the shop says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Everyday {
    /// In the shop, unless a marketplace has it otherwise.
    pub shop: bool,
    /// In marketplaces that have it otherwise.
    pub marketplaces: BTreeMap<MarketplaceId, bool>,
}

impl Default for Languages {
    fn default() -> Self {
        Self::new(Language::English, BTreeMap::new())
    }
}

impl Languages {
    /// The language of the shop, and of marketplaces that have another.
    #[must_use]
    pub fn new(shop: Language, marketplaces: BTreeMap<MarketplaceId, Language>) -> Self {
        let mut stemmed: Vec<Language> = marketplaces.values().copied().chain([shop]).collect();
        stemmed.retain(|language| *language != Language::English);
        stemmed.sort_unstable();
        stemmed.dedup();
        Self { shop, marketplaces, stemmed, everyday: Everyday::default() }
    }

    /// The same with everyday words where they count.
    #[must_use]
    pub fn with_everyday_words(self, everyday: Everyday) -> Self {
        Self { everyday, ..self }
    }

    /// The everyday words that a marketplace understands.
    #[must_use]
    pub fn thesaurus(&self, marketplace: Option<&MarketplaceId>) -> Option<Thesaurus> {
        let told = marketplace.and_then(|marketplace| self.everyday.marketplaces.get(marketplace)).copied();
        Thesaurus::of(self.of(marketplace)).filter(|_| told.unwrap_or(self.everyday.shop))
    }

    /// The marketplaces that were told of.
    pub fn marketplaces(&self) -> impl Iterator<Item = &MarketplaceId> {
        self.marketplaces.keys().chain(self.everyday.marketplaces.keys())
    }

    /// What a marketplace reads.
    #[must_use]
    pub fn of(&self, marketplace: Option<&MarketplaceId>) -> Language {
        marketplace.and_then(|marketplace| self.marketplaces.get(marketplace)).copied().unwrap_or(self.shop)
    }

    /// The languages whose stems the index keeps, in order: all that are read but English, whose terms are stems.
    #[must_use]
    pub fn stemmed(&self) -> &[Language] {
        &self.stemmed
    }
}

/// The stems of a query's words, by term.
pub(super) struct Stems {
    language: Language,
    by_term: BTreeMap<String, String>,
    /// Terms that were typed with a letter that English does not have.
    accented: Vec<String>,
}

impl Stems {
    /// Of everything that was typed; none in English.
    pub(super) fn of(typed: &str, language: Language) -> Self {
        let stem = |token: text::Token| Some((token.term, language.stem(&typed[token.start..token.end])?));
        let tokens = if typed.is_ascii() { Vec::new() } else { text::tokens(typed) };
        let is_accented = |token: &text::Token| !typed[token.start..token.end].is_ascii();
        let accented = tokens.into_iter().filter(is_accented).map(|token| token.term).collect();
        Self { language, by_term: text::tokens(typed).into_iter().filter_map(stem).collect(), accented }
    }

    /// Whether a term was typed with a letter that English does not have: `thé` is no `the`.
    pub(super) fn is_accented(&self, term: &str) -> bool {
        self.accented.iter().any(|accented| accented == term)
    }

    /// The terms by which the index finds words that share the stem of a term of the query.
    pub(super) fn terms(&self, term: &str) -> impl Iterator<Item = String> + '_ {
        let stem = self.by_term.get(term);
        stem.into_iter().flat_map(|stem| [self.language.marked(stem), stem.clone()])
    }

    /// The language of the query.
    pub(super) fn language(&self) -> Language {
        self.language
    }

    /// The stem of a term of the query.
    pub(super) fn stem_of(&self, term: &str) -> Option<String> {
        self.by_term.get(term).cloned()
    }

    /// The stem of a word as it was read, which the query need not have written so.
    pub(super) fn stem_as_read(&self, word: &Word) -> Option<String> {
        self.stem_of(word.read_as()).or_else(|| self.language.stem(word.read_as()))
    }

    /// Whether a term only joins others in the language of the query.
    pub(super) fn joins(&self, term: &str) -> bool {
        self.language.joins(term)
    }

    /// Lets words with the same stem do for each word that is not in quotes.
    pub(super) fn offer(&self, query: &mut Query, vocabulary: &Vocabulary) {
        query.words.iter_mut().filter(|word| !word.is_quoted).for_each(|word| self.offer_to(word, vocabulary));
    }

    /// Lets words with the same stem do for one.
    pub(super) fn offer_to(&self, word: &mut Word, vocabulary: &Vocabulary) {
        let stems: Vec<String> = self.terms(&word.typed).filter(|stem| *stem != word.typed).collect();
        word.writings.extend(stems.into_iter().map(|stem| (stem, STEM_WEIGHT)));
        let stem = self.stem_as_read(word);
        word.forms.extend(stem.iter().flat_map(|stem| forms(self.language, stem, vocabulary)));
    }
}

/// Words of the shop that share a stem, as terms, the most frequent first: what titles say, where the index is asked for the stem.
pub(super) fn forms(language: Language, stem: &str, vocabulary: &Vocabulary) -> Vec<String> {
    let mut forms = vocabulary.complete(stem, FORMS_MAX);
    forms.retain(|form| language.stem(form).is_some_and(|of_form| of_form == stem));
    // Titles hold `Glas` without what looks like the end of an English plural.
    let term = text::term_of(stem);
    if term != stem && vocabulary.df(&term) > 0 {
        forms.push(term);
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marketplace_without_a_language_reads_the_shops() {
        let de: MarketplaceId = "de".parse().expect("a name");
        let uk: MarketplaceId = "uk".parse().expect("a name");
        let languages = Languages::new(Language::French, BTreeMap::from([(de.clone(), Language::German)]));
        assert_eq!(
            (languages.of(Some(&de)), languages.of(Some(&uk)), languages.of(None)),
            (Language::German, Language::French, Language::French)
        );
        assert_eq!(languages.stemmed(), [Language::German, Language::French]);
        assert!(Languages::default().stemmed().is_empty());
    }

    #[test]
    fn a_word_is_found_by_its_stem_too() {
        let stems = Stems::of("Rote Häuser", Language::German);
        assert_eq!(stems.terms("hauser").collect::<Vec<_>>(), ["~dehaus", "haus"]);
        assert_eq!(stems.terms("lampe").count(), 0);
        assert_eq!(Stems::of("red houses", Language::English).terms("house").count(), 0);
    }
}
