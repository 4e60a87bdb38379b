//! Words to products: the generation's segment and the live overlay, searched as one.

use super::alternatives::{Alternative, Alternatives, Occurring, inverse_document_frequency, lists};
use super::identifier;
use super::infixes::Infixes;
use super::matching::{Candidate, Doc, match_groups};
use super::overlay::Overlay;
use super::segment::Segment;
use super::standing::match_standing;
use crate::id::Ordinal;
use crate::search::SearchError;
use crate::search::vocabulary::Vocabulary;
use crate::stdx::clock::Deadline;
use std::sync::Arc;

/// Most groups of a query that are looked at: each has a mass of at least 1, and those of all fit one byte beside what they are worth.
pub const GROUPS_MAX: usize = 55;
/// Most alternatives of a group, completions of a prefix included.
pub(super) const ALTERNATIVES_MAX: usize = 64;
/// Most alternatives of all groups together; each group has an equal share.
const ALTERNATIVES_TOTAL_MAX: usize = 256;
/// Most frequent words that a prefix stands for.
pub const COMPLETIONS_MAX: usize = 32;
/// What a completion of an unfinished word counts, against the word itself.
const COMPLETION_WEIGHT: f32 = 0.8;
/// The overlay is small up to this fraction of the generation: one in so many.
const STATISTICS_SHARE: u64 = 8;
/// Most products that an identifier names.
pub const IDENTIFIED_MAX: usize = 100;

/// A query in terms, as [`crate::text::terms`] cuts them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TextQuery {
    /// One for each word, at most [`GROUPS_MAX`]; more are not looked at. Their masses add up to at most 255.
    pub groups: Vec<TermGroup>,
    /// The mass that the groups which a product holds must have together at least; 0 means 1.
    pub required: usize,
}

/// The alternatives of one word.
#[derive(Debug, Clone, PartialEq)]
pub struct TermGroup {
    /// Terms with a weight above 0, which is 1 for what was typed.
    pub terms: Vec<(String, f32)>,
    /// Alternatives of several terms, all of which a product must hold, with their weights.
    pub phrases: Vec<(Vec<String>, f32)>,
    /// Whether the terms may go on: the word is still being typed.
    pub prefix: bool,
    /// What holding one of the terms is worth; from 1.
    pub mass: u8,
}

impl Default for TermGroup {
    fn default() -> Self {
        Self { terms: Vec::new(), phrases: Vec::new(), prefix: false, mass: 1 }
    }
}

impl TermGroup {
    /// The one term that was typed.
    #[must_use]
    pub fn exactly(term: impl Into<String>) -> Self {
        Self { terms: vec![(term.into(), 1.0)], ..Self::default() }
    }
}

/// A product that matches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TextMatch {
    /// The product.
    pub ordinal: Ordinal,
    /// Its text score, above 0.
    pub score: f32,
    /// The mass of the groups that it holds.
    pub mass: u8,
}

/// Products of the generation that the overlay replaces, one bit for each document.
#[derive(Debug, Clone, Default)]
pub(super) struct Masked {
    words: Arc<Vec<u64>>,
    count: u64,
}

impl Masked {
    pub(super) fn insert(&mut self, doc: Doc) {
        let (word, bit) = (doc as usize / 64, 1 << (doc % 64));
        let words = Arc::make_mut(&mut self.words);
        if words.len() <= word {
            words.resize(word + 1, 0);
        }
        self.count += u64::from(words[word] & bit == 0);
        words[word] |= bit;
    }

    #[inline]
    fn contains(&self, doc: Doc) -> bool {
        self.words.get(doc as usize / 64).is_some_and(|word| word & (1 << (doc % 64)) != 0)
    }
}

/// The text of all live products, as of one commit.
#[derive(Clone, Default)]
pub struct TextIndex {
    pub(super) segment: Option<Arc<Segment>>,
    pub(super) masked: Masked,
    pub(super) overlay: Overlay,
    pub(super) infixes: Infixes,
    pub(super) vocabulary: Vocabulary,
}

impl TextIndex {
    /// How many products it holds.
    #[must_use]
    pub fn products_count(&self) -> u64 {
        self.segment_docs_count() - self.masked.count + self.overlay.products_count()
    }

    fn segment_docs_count(&self) -> u64 {
        self.segment.as_ref().map_or(0, |segment| segment.docs_count())
    }

    /// Hides what the generation says about a product.
    pub(super) fn hide(&mut self, ordinal: Ordinal) {
        if let Some(doc) = self.segment.as_ref().and_then(|segment| segment.doc_of(ordinal)) {
            self.masked.insert(doc);
        }
    }

    /// Gives every product that holds groups of a mass of at least `query.required` to `visit`, once, with its text score.
    ///
    /// Documents of both parts are scored with the same statistics, so their scores compare.
    ///
    /// # Errors
    /// When the generation's files cannot be read.
    pub fn matches(&self, query: &TextQuery, visit: &mut dyn FnMut(TextMatch)) -> Result<(), SearchError> {
        self.matches_until(query, &Deadline::default(), visit).map(drop)
    }

    /// The same, ending early when time is up; says whether it was all of them.
    ///
    /// # Errors
    /// When the generation's files cannot be read.
    pub fn matches_until(&self, query: &TextQuery, deadline: &Deadline, visit: &mut dyn FnMut(TextMatch)) -> Result<bool, SearchError> {
        let mut is_whole = true;
        let share = (ALTERNATIVES_TOTAL_MAX / query.groups.len().clamp(1, GROUPS_MAX)).min(ALTERNATIVES_MAX);
        let group = |group: &TermGroup| self.alternatives(group, share);
        let groups: Vec<Alternatives> = query.groups.iter().take(GROUPS_MAX).map(group).collect::<Result<_, _>>()?;
        if let Some(segment) = &self.segment {
            let found = |Candidate { doc, held: mass, score }| TextMatch { ordinal: segment.ordinal(doc), score, mass };
            is_whole &= if self.masked.count == 0 {
                match_standing(segment, &groups, query.required, deadline, |candidate| visit(found(candidate)))?
            } else {
                match_standing(segment, &groups, query.required, deadline, |candidate| {
                    if !self.masked.contains(candidate.doc) {
                        visit(found(candidate));
                    }
                })?
            };
        }
        if self.overlay.products_count() > 0 {
            let lists = lists(&groups, |occurring| Ok(self.overlay.postings(&occurring.term)))?;
            let found = |Candidate { doc, held: mass, score }| TextMatch { ordinal: Ordinal(doc), score, mass };
            is_whole &= match_groups(lists, query.required, deadline, &mut |candidate| visit(found(candidate)));
        }
        Ok(is_whole)
    }

    /// The alternatives of a group that occur, with what a step of impact of each is worth. All share the inverse document frequency of the
    /// most frequent one, so that a rare alternative of a common word is not taken for a rare word.
    fn alternatives(&self, group: &TermGroup, count_max: usize) -> Result<Alternatives, SearchError> {
        let mut alternatives = Vec::new();
        let single = self.expanded(group, count_max).into_iter().map(|(term, weight)| (vec![term], weight));
        let phrases = group.phrases.iter().filter(|(_, weight)| *weight > 0.0).take(count_max).cloned();
        let (mut most, mut most_standing) = (0, 0);
        for (terms, step_score) in single.chain(phrases) {
            let terms: Vec<Occurring> = terms.into_iter().map(|term| self.occurring(term)).collect::<Result<_, _>>()?;
            // No more products can hold all than hold the rarest; of a single term it is the number itself.
            let rarest = |count: fn(&Occurring) -> u64| terms.iter().map(count).min().unwrap_or(0);
            let (products_count, standing_count) = (rarest(Occurring::products_count), rarest(Occurring::standing_count));
            if products_count > 0 {
                (most, most_standing) = (most.max(products_count), most_standing.max(standing_count));
                alternatives.push(Alternative { terms, step_score });
            }
        }
        let step = self.says_of(most, most_standing) / super::impact::IMPACT_STEPS as f32;
        alternatives.iter_mut().for_each(|alternative| alternative.step_score *= step);
        Ok(Alternatives { alternatives, mass: group.mass })
    }

    /// How much a word says about a product that holds it. While the overlay is small, the generation alone is asked about words that it
    /// knows: what they say is then the same from one put to the next, and so is what they find there.
    fn says_of(&self, products_count: u64, standing_count: u64) -> f32 {
        let (standing, live) = (self.segment_docs_count(), self.overlay.products_count());
        if standing_count > 0 && self.is_mostly_standing() {
            inverse_document_frequency(standing_count, standing)
        } else {
            inverse_document_frequency(products_count, standing + live)
        }
    }

    /// Whether the generation alone says how much its words say.
    pub(super) fn is_mostly_standing(&self) -> bool {
        self.overlay.products_count() * STATISTICS_SHARE <= self.segment_docs_count()
    }

    /// How many products hold a term, for weighing words: as the generation says it while that has the term and is most of the shop, so that words
    /// weigh the same from one put to the next.
    pub(in crate::search) fn weighed_holders(&self, term: &str) -> u64 {
        let standing = if self.is_mostly_standing() { self.vocabulary.standing_df(term) } else { 0 };
        if standing > 0 { standing } else { self.vocabulary.df(term) }
    }

    /// Out of how many.
    pub(in crate::search) fn weighed_count(&self) -> u64 {
        if self.is_mostly_standing() { self.segment_docs_count() } else { self.products_count() }
    }

    /// Whether the generation has a term.
    pub(super) fn is_standing(&self, term: &str) -> Result<bool, SearchError> {
        Ok(self.segment.as_ref().map(|segment| segment.find(term)).transpose()?.flatten().is_some())
    }

    fn occurring(&self, term: String) -> Result<Occurring, SearchError> {
        let found = self.segment.as_ref().map(|segment| segment.find(&term)).transpose()?.flatten();
        let live_count = self.overlay.terms().get(term.as_str()).map_or(0, |postings| postings.len());
        Ok(Occurring { term, found, live_count })
    }

    /// How much a term says about a product that holds it, and how many products do.
    pub(super) fn weight_of(&self, term: &str) -> Result<(f32, u64), SearchError> {
        let occurring = self.occurring(term.to_owned())?;
        Ok((self.says_of(occurring.products_count(), occurring.standing_count()), occurring.products_count()))
    }

    /// The terms of a group and, when it is a prefix, what they may become.
    fn expanded(&self, group: &TermGroup, count_max: usize) -> Vec<(String, f32)> {
        let typed = group.terms.iter().filter(|(_, weight)| *weight > 0.0);
        let mut terms: Vec<(String, f32)> = typed.clone().take(count_max).cloned().collect();
        if group.prefix {
            for (term, weight) in typed {
                for completion in self.vocabulary.complete(term, COMPLETIONS_MAX) {
                    if terms.len() < count_max && terms.iter().all(|(other, _)| *other != completion) {
                        terms.push((completion, weight * COMPLETION_WEIGHT));
                    }
                }
            }
        }
        terms
    }

    /// Products that `text` names by identifier: product id, SKU, GTIN or manufacturer's part number, with or without separators.
    ///
    /// Those named exactly; if there are none, those whose identifier starts with it, and if there are none either, those whose identifier
    /// contains it, both when it has a digit and at least four characters. Never a similar one. At most [`IDENTIFIED_MAX`].
    ///
    /// # Errors
    /// When the generation's files cannot be read.
    pub fn identifiers(&self, text: &str) -> Result<Vec<Ordinal>, SearchError> {
        let Some(wanted) = identifier::folded(text) else { return Ok(Vec::new()) };
        let exact = self.identified(&wanted, true)?;
        if !exact.is_empty() || !identifier::may_be_started(&wanted) {
            return Ok(exact);
        }
        let started = self.identified(&wanted, false)?;
        Ok(if started.is_empty() { self.infixes.holding(&wanted, IDENTIFIED_MAX) } else { started })
    }

    /// Products that one of the words names exactly by identifier: words with a digit and at least four characters. At most
    /// [`IDENTIFIED_MAX`].
    ///
    /// # Errors
    /// When the generation's files cannot be read.
    pub fn identified_by_words<'a>(&self, words: impl Iterator<Item = &'a str>) -> Result<Vec<Ordinal>, SearchError> {
        let mut found = Vec::new();
        for wanted in words.filter_map(identifier::folded).filter(|wanted| identifier::may_be_started(wanted)) {
            found.extend(self.identified(&wanted, true)?);
        }
        found.truncate(IDENTIFIED_MAX);
        Ok(found)
    }

    fn identified(&self, wanted: &str, exactly: bool) -> Result<Vec<Ordinal>, SearchError> {
        let mut found = self.overlay.identified(wanted, exactly, IDENTIFIED_MAX);
        if let Some(segment) = &self.segment {
            let docs = segment.identified(wanted, exactly, IDENTIFIED_MAX)?;
            found.extend(docs.into_iter().filter(|&doc| !self.masked.contains(doc)).map(|doc| segment.ordinal(doc)));
        }
        found.sort_unstable();
        found.dedup();
        found.truncate(IDENTIFIED_MAX);
        Ok(found)
    }
}

impl std::fmt::Debug for TextIndex {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "TextIndex({} products, {} live)", self.products_count(), self.overlay.products_count())
    }
}
