//! What to offer while somebody types: queries, products, categories and brands.

mod products;

use super::columns::{FieldId, TermId, last_part};
use super::completions::Words;
use super::index::{SearchSnapshot, TermGroup, TextQuery, word_number};
use super::languages::Stems;
use super::reach::Reach;
use super::spelling::{self, ShopWords};
use super::understand::{Manner, STOP_WORDS, Words as _, understand_at};
use super::{Moment, Onlooker, SearchError, Vocabulary};
use crate::id::{Ordinal, ProductId};
use crate::text;
use products::{identified, products};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::HashSet;

/// Most suggestions of each kind.
pub const SUGGESTIONS_MAX: usize = 20;
/// Words that are looked at; who types more than this does not need completions.
const WORDS_MAX: usize = 8;
/// Bytes that are looked at.
const TYPED_BYTES_MAX: usize = 256;
/// Postings of the completions of an unfinished word that are looked at: a tenth of a millisecond. Of a beginning that thousands of products
/// go on with, the most frequent completions are enough to offer a handful.
const POSTINGS_MAX: u64 = 20_000;
/// Completions of an unfinished word.
const COMPLETIONS_MAX: usize = 16;
/// What a completion counts, against the word itself.
const COMPLETION_WEIGHT: f32 = 0.8;
/// Words that titles say behind one that are looked at where no query and no phrase begins so.
const FOLLOWERS_MAX: usize = 16;
/// Categories are at most so many.
const CATEGORIES_MAX: usize = 5;
/// Brands likewise ...
const BRANDS_MAX: usize = 3;
/// ... of so many of the most frequent phrases that begin so: those that queries are offered of, and more.
const PHRASES_MAX: usize = 48;

/// What to offer.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Suggestions {
    /// Whole queries, best first.
    pub queries: Vec<String>,
    /// Products that hold what is typed, best first.
    pub products: Vec<ProductSuggestion>,
    /// Categories by name.
    pub categories: Vec<CategorySuggestion>,
    /// Brands by name.
    pub brands: Vec<BrandSuggestion>,
    /// How the typed text was read, when it was taken to be misspelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected: Option<String>,
}

/// A product to go to at once.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProductSuggestion {
    /// Its name in the shop.
    pub id: ProductId,
    /// What it is called.
    pub title: String,
}

/// A category to go to at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CategorySuggestion {
    /// Its path from the root, parts joined by ` > `.
    pub path: String,
    /// Products in it when the generation was built.
    pub products_count: u64,
}

/// A brand to go to at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BrandSuggestion {
    /// As the shop writes it.
    pub name: String,
    /// Its products.
    pub products_count: u64,
}

/// So many names of categories stand before other queries.
const NAMES_FIRST: usize = 2;

/// Who asks.
#[derive(Clone, Copy)]
struct Asker<'a> {
    onlooker: Onlooker<'a>,
    /// What they may know of; none is all.
    reach: Option<&'a Reach<'a>>,
}

impl Asker<'_> {
    /// Whether what they may know of has every word of a query.
    fn knows(self, query: &str) -> bool {
        self.reach.is_none_or(|reach| text::terms(query).iter().all(|term| reach.has_word(term)))
    }

    fn may_see(self, product: Ordinal) -> bool {
        self.reach.is_none_or(|reach| reach.has(product))
    }
}

/// What has been typed: whole words, and the last one as far as it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Typed {
    /// As written, in lower case; the last may be the beginning of a word.
    words: Vec<String>,
    /// Whether the last word is still being typed.
    open: bool,
}

impl Typed {
    fn of(text: &str) -> Self {
        let end = (0..=text.len().min(TYPED_BYTES_MAX)).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        let mut words = Words::of(&text[..end]).words;
        let open = text[..end].ends_with(char::is_alphanumeric) && words.len() <= WORDS_MAX;
        words.truncate(WORDS_MAX);
        Self { words, open }
    }

    /// What completions begin with.
    fn key(&self) -> String {
        let mut key = self.words.join(" ");
        if !self.open && !key.is_empty() {
            key.push(' ');
        }
        key
    }

    /// The same as it was probably meant; none when nothing seems misspelled. A last word that begins another is left alone.
    fn corrected(&self, shop: ShopWords<'_>) -> Option<Self> {
        let last = self.words.len().saturating_sub(1);
        let is_open = |at: usize| self.open && at == last;
        let fixed = |(at, word): (usize, &String)| spelling::Typed {
            written: word.clone(),
            term: text::term_of(word),
            fixed: is_open(at),
            is_word: false,
        };
        let typed: Vec<spelling::Typed> = self.words.iter().enumerate().map(fixed).collect();
        let mut words = self.words.clone();
        if is_open(last)
            && let Some(meant) = shop.beginning(&words[last])
        {
            words[last] = meant;
        }
        for reading in shop.readings(&typed).into_iter().rev() {
            words.splice(reading.typed, reading.read);
        }
        (words != self.words).then_some(Self { words, open: self.open })
    }

    /// What was typed with the last word as titles go on behind the word before it, what most titles say first: no phrase of the catalogue is
    /// `ipad case` where titles say `Case for iPad` and `iPad case by Acme` in a hundred ways.
    fn said(&self, index: &SearchSnapshot, count: usize) -> Vec<String> {
        let (last, before) = match self.words.split_last() {
            Some((last, before)) if self.open => (last.as_str(), before),
            _ => ("", &self.words[..]),
        };
        let Some(first) = before.last() else { return Vec::new() };
        let joins = |term: &str| index.stop_words.contains(word_number(term)) || STOP_WORDS.contains(&term);
        let mut followers = index.vocabulary.said_behind(&text::term_of(first), last, FOLLOWERS_MAX);
        followers.retain(|follower| !joins(follower));
        followers.into_iter().take(count).map(|follower| format!("{} {follower}", before.join(" "))).collect()
    }

    fn query(&self, vocabulary: &Vocabulary) -> TextQuery {
        let last = self.words.len().saturating_sub(1);
        let group = |(index, word): (usize, &String)| {
            let open = self.open && index == last;
            if open { completions(word, vocabulary) } else { TermGroup::exactly(text::term_of(word)) }
        };
        let groups: Vec<TermGroup> = self.words.iter().enumerate().map(group).collect();
        TextQuery { required: groups.len(), groups }
    }
}

/// What an unfinished word may go on to: the beginning as typed, its singular ("glas" goes on to "glass", "shoes" is "shoe"), and the most
/// frequent words that begin so, up to [`POSTINGS_MAX`] postings but always one.
fn completions(word: &str, vocabulary: &Vocabulary) -> TermGroup {
    let term = text::term_of(word);
    let mut terms = vec![(word.to_owned(), 1.0)];
    if term != word {
        terms.push((term, 1.0));
    }
    let mut postings_count = 0;
    for completion in vocabulary.complete(word, COMPLETIONS_MAX) {
        let is_first = postings_count == 0;
        postings_count += vocabulary.df(&completion);
        if (is_first || postings_count <= POSTINGS_MAX) && terms.iter().all(|(known, _)| *known != completion) {
            terms.push((completion, COMPLETION_WEIGHT));
        }
    }
    TermGroup { terms, ..TermGroup::default() }
}

/// Completions of what was typed so far, at most `limit` queries and products: popular past queries, phrases of the catalogue, the products
/// of highest prior that hold every word and that no merchant hides, and categories by name. When nothing begins so, what everyday language calls it otherwise is
/// tried; when no query does, misspelled words are corrected and tried again.
///
/// # Errors
/// When the generation's files cannot be read.
pub fn suggest(moment: &Moment, prefix: &str, limit: usize, onlooker: Onlooker<'_>) -> Result<Suggestions, SearchError> {
    suggest_within(moment, prefix, limit, onlooker, None)
}

/// The same for whom a filter shows a part of the shop: nothing is offered that only the rest has.
///
/// # Errors
/// A filter that cannot be read, or a generation whose files cannot be.
pub fn suggest_within(
    moment: &Moment,
    prefix: &str,
    limit: usize,
    onlooker: Onlooker<'_>,
    within: Option<&str>,
) -> Result<Suggestions, SearchError> {
    let limit = limit.min(SUGGESTIONS_MAX);
    let typed = Typed::of(prefix);
    if typed.words.is_empty() || limit == 0 {
        return Ok(Suggestions::default());
    }
    let reach = Reach::within(within, &moment.index, moment.scope(onlooker.marketplace))?;
    let asker = Asker { onlooker, reach: reach.as_ref() };
    let mut found = offered(moment, &typed, limit, asker)?;
    let is_code = typed.words.len() == 1 && typed.words[0].contains(char::is_alphabetic);
    if is_code || found.products.is_empty() {
        identified(moment, prefix, limit, asker, &mut found.products)?;
    }
    let stems = Stems::of(prefix, moment.index.languages.of(onlooker.marketplace));
    let synonyms = moment.settings.synonyms();
    let thesaurus = moment.index.languages.thesaurus(onlooker.marketplace);
    let (index, signals, demand) = (&*moment.index, &*moment.signals, &*moment.demand);
    let shop = ShopWords { index, signals, demand, synonyms, thesaurus, stems: &stems, reach: asker.reach };
    let is_empty = found.queries.is_empty() && found.products.is_empty() && found.categories.is_empty();
    let otherwise = thesaurus.filter(|_| is_empty).and_then(|thesaurus| thesaurus.otherwise(&typed.words, &moment.index));
    let otherwise = otherwise.filter(|words| asker.knows(&words.join(" "))).map(|words| Typed { words, open: typed.open });
    let or_said = |mut found: Suggestions, typed: &Typed| {
        if found.queries.is_empty() {
            found.queries = typed.said(&moment.index, FOLLOWERS_MAX);
            found.queries.retain(|query| asker.knows(query));
            found.queries.truncate(limit);
        }
        found
    };
    let Some(corrected) = otherwise.or_else(|| Some(&typed).filter(|_| found.queries.is_empty()).and_then(|typed| typed.corrected(shop)))
    else {
        return Ok(or_said(found, &typed));
    };
    let better = or_said(offered(moment, &corrected, limit, asker)?, &corrected);
    let is_better = !better.queries.is_empty() || found.products.is_empty() && found.categories.is_empty();
    Ok(if is_better { Suggestions { corrected: Some(corrected.words.join(" ")), ..better } } else { or_said(found, &typed) })
}

fn offered(moment: &Moment, typed: &Typed, limit: usize, asker: Asker<'_>) -> Result<Suggestions, SearchError> {
    let key = typed.key();
    let phrases = moment.index.completions.phrases(&key, PHRASES_MAX.max(limit * 2));
    Ok(Suggestions {
        queries: queries(moment, &key, &phrases, limit, asker),
        products: products(moment, typed, limit, asker)?,
        categories: categories(moment, &key, limit.min(CATEGORIES_MAX), asker),
        brands: brands(moment, &phrases, limit.min(BRANDS_MAX), asker),
        corrected: None,
    })
}

/// How many products with a value whoever asks may see.
fn sold_here<'i>(index: &'i SearchSnapshot, asker: Asker<'i>) -> impl Fn(TermId) -> u64 {
    move |term| asker.reach.map_or_else(|| index.columns.dictionary().postings(term).len(), |reach| reach.count_with(term))
}

/// The categories with a word that begins so, those with the most products here first.
fn categories(moment: &Moment, key: &str, count: usize, asker: Asker<'_>) -> Vec<CategorySuggestion> {
    let Moment { index, .. } = moment;
    let sold = sold_here(index, asker);
    // Some have products elsewhere only, or none any more.
    let mut found = index.completions.categories(key, count * 2);
    for (path, products_count) in &mut found {
        *products_count = index.columns.dictionary().term(FieldId::CATEGORY, path).map_or(0, &sold);
    }
    found.retain(|(_, products_count)| *products_count > 0);
    found.sort_by_key(|(_, products_count)| Reverse(*products_count));
    found.into_iter().take(count).map(|(path, products_count)| CategorySuggestion { path, products_count }).collect()
}

/// Of phrases those that name a brand, as it is written or by its words (`lindqvist daughter`): those with the most products here first.
fn brands(moment: &Moment, phrases: &[(String, u64)], count: usize, asker: Asker<'_>) -> Vec<BrandSuggestion> {
    let Moment { index, .. } = moment;
    let (dictionary, sold) = (index.columns.dictionary(), sold_here(index, asker));
    let by_words = |phrase: &str| {
        let terms = text::terms(phrase);
        let named = index.lexicon.named(&terms.iter().map(String::as_str).collect::<Vec<_>>(), dictionary).into_iter();
        named.map(|(term, _)| term).find(|term| dictionary.field_of(*term) == FieldId::BRAND)
    };
    let mut found: Vec<(TermId, u64)> = Vec::new();
    for term in phrases.iter().filter_map(|(phrase, _)| dictionary.term(FieldId::BRAND, phrase).or_else(|| by_words(phrase))) {
        let products_count = sold(term);
        if products_count > 0 && found.iter().all(|(known, _)| *known != term) {
            found.push((term, products_count));
        }
    }
    found.sort_by_key(|(_, products_count)| Reverse(*products_count));
    let suggestion = |(term, products_count)| BrandSuggestion { name: dictionary.text(term).to_owned(), products_count };
    found.into_iter().take(count).map(suggestion).collect()
}

/// Past queries, then phrases, each once: of a singular and its plural the more wanted stands for both. Before them stand the first that are a thing by
/// the name of its category: who types `lam` in a shop of lamps is as good as there, whatever somebody asked for once.
fn queries(moment: &Moment, key: &str, phrases: &[(String, u64)], limit: usize, asker: Asker<'_>) -> Vec<String> {
    let phrases = phrases.iter().map(|(phrase, _)| phrase).filter(|phrase| asker.knows(phrase)).take(limit * 2).cloned();
    let asked_count = if asker.reach.is_some() { PHRASES_MAX.max(limit * 2) } else { limit * 2 };
    let mut queries = moment.demand.complete(key, asked_count);
    queries.retain(|query| asker.knows(query));
    queries.truncate(limit * 2);
    // What would be read otherwise is nothing to offer, however many have typed it.
    let has_strange = |query: &str| text::terms(query).iter().any(|term| moment.index.vocabulary.df(term) == 0);
    let is_a_slip = |query: &str| !understand_at(moment, asker.onlooker.marketplace, query, Manner::default()).corrections.is_empty();
    queries.retain(|query| !has_strange(query) || !is_a_slip(query));
    queries.extend(phrases);
    let (dictionary, lexicon) = (moment.index.columns.dictionary(), &moment.index.lexicon);
    let names_a_category = |query: &String| {
        let terms = text::terms(query);
        let named = lexicon.named(&terms.iter().map(String::as_str).collect::<Vec<_>>(), dictionary).into_iter();
        // `Cases & Clips` is nothing that anybody types.
        let is_said =
            |term: TermId| dictionary.field_of(term) == FieldId::CATEGORY && !last_part(dictionary.text(term)).contains(['&', ',', '/']);
        named.filter(|(_, is_whole)| *is_whole).any(|(term, _)| is_said(term))
    };
    let (mut names, others): (Vec<String>, Vec<String>) = queries.into_iter().partition(names_a_category);
    let later = names.split_off(names.len().min(NAMES_FIRST));
    let mut queries: Vec<String> = names.into_iter().chain(others).chain(later).collect();
    let mut offered: HashSet<Vec<String>> = HashSet::new();
    queries.retain(|query| offered.len() < limit && offered.insert(text::terms(query)));
    queries
}

#[cfg(test)]
mod tests;
