//! Makes the hits of a page: the variant to show, the title with the words marked, and why the product stands where it does.

use super::columns::{Dictionary, MarketId, Row, TermId};
use super::denied::Variants;
use super::filter::{Filter, Scope};
use super::highlight::highlight;
use super::matched::Class;
use super::ranking::{Contribution, Page, Ranked, Scorer};
use super::sort::Order;
use super::understand::{Query, Word};
use super::{Hit, Request};
use crate::catalog::CatalogSnapshot;
use crate::id::Ordinal;
use crate::stdx::memo::Memo;
use crate::text;
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Products of a query whose marks are remembered: a long page, or a few.
const REMEMBERED_MAX: usize = 64;
/// What a variant without anything that the query denies counts, in words that it says: more than a query has.
const WANTED: u8 = 128;
/// Bytes of a title with its words marked, about.
pub(super) const TITLE_BYTES: usize = 112;

/// What hits are made from.
pub struct Presentation<'a> {
    /// What was asked.
    pub request: &'a Request,
    /// What was understood.
    pub query: &'a Query,
    /// The filter that the shown variant passes.
    pub filter: &'a Filter,
    /// The order of the page.
    pub order: &'a Order,
    /// Facts, live numbers and marketplace.
    pub scope: Scope<'a>,
    /// What scores are made of.
    pub scorer: &'a Scorer<'a>,
    /// Titles.
    pub catalog: &'a CatalogSnapshot,
    /// What of products said the words of the same query; none of one that may not come again.
    pub marks: Option<&'a Marks>,
}

/// What of a product says the words of a query; neither live numbers nor filters move that.
#[derive(Debug, Clone)]
pub struct Mark {
    /// The title with the words marked.
    highlight: Option<Arc<str>>,
    /// How many of the words the keywords of each variant say, more by far of one that has nothing of what is not wanted; empty where there is but
    /// one variant.
    words_counts: Arc<[u8]>,
}

/// What of the products says the words of a query that came again.
pub type Marks = Memo<Ordinal, Mark, REMEMBERED_MAX>;

impl Presentation<'_> {
    /// The hits of a page.
    #[must_use]
    pub fn hits(&self, page: &Page) -> Vec<Hit> {
        let products: Vec<Ordinal> = page.hits.iter().map(|ranked| ranked.found.ordinal).collect();
        let marks = match self.marks {
            Some(marks) => marks.of_all(&products, |missing| self.marks_of(missing)),
            None => self.marks_of(&products),
        };
        page.hits.iter().zip(marks).map(|(ranked, mark)| self.hit(ranked, mark)).collect()
    }

    fn hit(&self, ranked: &Ranked, mark: Mark) -> Hit {
        let ordinal = ranked.found.ordinal;
        Hit {
            ordinal,
            score: ranked.score,
            variant: self.best_variant(ordinal, &mark),
            highlight: mark.highlight,
            explain: self.request.explain.then(|| self.explanation(ranked)),
        }
    }

    /// Of the variants that pass the filter the one with most of the words, then one that can be sold, then the cheapest; sorted by price, words count for
    /// nothing.
    fn best_variant(&self, ordinal: Ordinal, mark: &Mark) -> usize {
        // Products with one variant have no counts; their rows need not be looked at.
        let row = if mark.words_counts.is_empty() { None } else { self.scope.columns.row(ordinal) };
        let Some(row) = row else { return 0 };
        let words_weigh = !self.order.is_by_price();
        let rank = |variant: &usize| {
            let words_count = mark.words_counts.get(*variant).copied().filter(|_| words_weigh).unwrap_or(0);
            (std::cmp::Reverse(words_count), !self.scope.live.sells(ordinal, *variant), price(row, *variant, self.scope.market), *variant)
        };
        self.filter.variants(self.scope, ordinal, row).min_by_key(rank).unwrap_or(0)
    }

    fn marks_of(&self, products: &[Ordinal]) -> Vec<Mark> {
        let terms: HashSet<String> = self.query.words.iter().flat_map(Word::shown).map(str::to_owned).collect();
        let denied = self.query.denied.iter().map(Variants::of).collect();
        let begun: Vec<&str> = self.query.words.iter().flat_map(Word::beginnings).collect();
        let mut said = Said { terms: &terms, begun: &begun, known: HashMap::new(), denied };
        products.iter().map(|product| self.mark_of(*product, &mut said)).collect()
    }

    fn mark_of(&self, ordinal: Ordinal, said: &mut Said<'_>) -> Mark {
        let dictionary = self.scope.columns.dictionary();
        let row = self.scope.columns.row(ordinal).filter(|row| row.variants_count() > 1);
        let words_counts = row.iter().flat_map(|row| (0..row.variants_count()).map(|variant| (*row, variant)));
        Mark {
            highlight: self
                .catalog
                .title(ordinal)
                .filter(|_| !said.terms.is_empty())
                .map(|title| highlight(&title, said.terms, said.begun).into()),
            words_counts: words_counts.map(|(row, variant)| said.words_in_variant(row, variant, dictionary)).collect(),
        }
    }

    fn explanation(&self, ranked: &Ranked) -> Value {
        let found = &ranked.found;
        let mut parts: Map<String, Value> =
            self.scorer.values(found).into_iter().map(|(name, value)| (name.to_owned(), shortest(value))).collect();
        let mut parts_of = self.scorer.contributions(found, ranked.is_in_window() && !self.query.is_everything());
        if ranked.variety != 1.0 {
            let left = f64::from(ranked.variety);
            let contribution = f64::from(ranked.score) * (1.0 - 1.0 / left);
            parts_of.push(Contribution { feature: "variety", value: left, weight: 1.0, contribution });
        }
        let contributions = parts_of.into_iter().map(|part| {
            json!({
                "feature": part.feature,
                "value": shortest(part.value),
                "weight": shortest(part.weight),
                "contribution": part.contribution,
            })
        });
        parts.insert("contributions".to_owned(), contributions.collect());
        let rules = self.scorer.adjustments.explained(found.ordinal);
        if !rules.is_empty() {
            parts.insert("rules".to_owned(), Value::Array(rules));
        }
        parts.insert("class".to_owned(), json!(class_name(found.class, self.query.words.len())));
        parts.insert("score".to_owned(), shortest(f64::from(ranked.score)));
        Value::Object(parts)
    }
}

/// Which words of a query the keywords of variants say: variants share most of theirs, so each is read once a page.
struct Said<'q> {
    terms: &'q HashSet<String>,
    /// What words begin with that one still being typed goes on to.
    begun: &'q [&'q str],
    known: HashMap<TermId, Box<[&'q str]>>,
    denied: Vec<Variants<'q>>,
}

impl Said<'_> {
    /// How many of the words a variant's own keywords say.
    fn words_in_variant(&mut self, row: Row<'_>, variant: usize, dictionary: &Dictionary) -> u8 {
        let mut words: Vec<&str> = Vec::new();
        for keyword in row.variant(variant).own.keywords() {
            let terms = self.terms;
            let read =
                || text::terms(dictionary.text(keyword.term)).iter().filter_map(|term| terms.get(term)).map(String::as_str).collect();
            words.extend(self.known.entry(keyword.term).or_insert_with(read).iter());
        }
        words.sort_unstable();
        words.dedup();
        let is_wanted = self.denied.iter_mut().all(|denied| !denied.has(row, variant, dictionary));
        words.len().min(WANTED as usize - 1) as u8 + if is_wanted { WANTED } else { 0 }
    }
}

/// No price is dearer than any.
fn price(row: Row<'_>, variant: usize, market: MarketId) -> i64 {
    row.variant(variant).price(market).unwrap_or(i64::MAX)
}

fn class_name(class: Class, words_count: usize) -> &'static str {
    match class {
        Class::NAMED => "named",
        Class::NEAR if words_count == 0 => "everything",
        Class::NEAR => "near in meaning",
        Class::ALL => "all words",
        Class::MOST => "most words",
        _ => "some words",
    }
}

/// A number as its shortest decimal, so that a single-precision 1.2 is not shown with sixteen digits.
fn shortest(number: f64) -> Value {
    let single = number as f32;
    let short = if f64::from(single) == number { single.to_string().parse().unwrap_or(number) } else { number };
    json!(short)
}
