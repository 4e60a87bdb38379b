//! What a search asks and what it answers.

use super::experiment::{Overrides, Part};
use super::facet::FacetCounts;
use super::intent::{Intent, IntentKind};
use super::merchandising::Merchandised;
use super::thesaurus::Alternative;
use crate::id::{MarketplaceId, Ordinal, ProductId, QueryId, SessionId, ShopperId};
use crate::stdx::clock::{Deadline, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// Most hits on one page.
pub const LIMIT_MAX: usize = 200;
/// Most hits of all groups on one page, and of a page without groups together with what it passes over.
pub const HITS_MAX: usize = 1_000;
/// Most bytes in a query. Whatever is pasted into a search box is answered, by its first words; what is longer is no query.
pub const QUERY_BYTES_MAX: usize = 64 << 10;
/// Bytes of a query that are read: as many words as are looked at hardly take more, and to cut the text of a whole page into words takes longer than a
/// deadline lets a search.
pub const READ_BYTES_MAX: usize = 4 << 10;
/// Most terms of a query that are looked at; the rest is reported as dropped.
pub const QUERY_TERMS_MAX: usize = 32;
/// Most facets in one request.
pub const FACETS_MAX: usize = 32;
/// Most bytes in a filter.
pub const FILTER_BYTES_MAX: usize = 8_192;

/// The first control character of a text that is no blank, as it is told of.
#[must_use]
pub fn control_in(text: &str) -> Option<String> {
    let control = text.chars().find(|letter| letter.is_control() && !letter.is_whitespace())?;
    Some(format!("the control character U+{:04X}", u32::from(control)))
}

/// Most segments in one request.
pub const SEGMENTS_MAX: usize = 16;

/// What an operator can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How long a search may take before it answers with what it has.
    pub deadline: Duration,
}

impl Default for Options {
    /// Half a second: fifty times what the slowest of a hundred usual searches takes, so that no usual one is ever cut, and about as long
    /// as people wait before they look elsewhere.
    fn default() -> Self {
        Self { deadline: Duration::from_millis(500) }
    }
}

/// What the match set is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Words and vectors together.
    #[default]
    Hybrid,
    /// Words only.
    Text,
    /// Vectors only.
    Vector,
}

/// One sort criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// `relevance`, `newest`, any field but identifiers, or a distance such as `geo(store,52.52,13.405)`.
    pub field: String,
    /// Largest first.
    pub descending: bool,
}

/// What hits are put together by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupBy {
    /// A field with texts, e.g. `brand`, `category`, `attributes.colour`.
    pub field: String,
    /// Hits of one group, at most [`super::group::GROUP_LIMIT_MAX`].
    pub limit: usize,
}

/// A search.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The words; empty means everything.
    pub q: String,
    /// Products to find others like, in place of words.
    pub like: Vec<ProductId>,
    /// A filter expression, e.g. `brand = "Acme" AND price < 50`.
    pub filter: Option<String>,
    /// A filter that bounds the search itself: products that do not pass it are no part of the match set, so that no facet, total or pin tells of
    /// them.
    pub within: Option<String>,
    /// Fields to count values of, e.g. `brand`, `category:tree(2)`, `price[..50,50..100,100..]`, `attributes.colour:search("re")`, or `*`
    /// for fields chosen by what they cover; [`super::facet::spec`] has the grammar.
    pub facets: Vec<String>,
    /// In falling order of weight; empty means by relevance. Written `price:asc,rating:desc`.
    pub sort: Vec<Sort>,
    /// Whether hits come in groups; the limit then counts groups.
    pub group_by: Option<GroupBy>,
    /// Hits on a page; with the offset at most [`HITS_MAX`].
    pub limit: usize,
    /// Hits passed over before the page, for clients that count pages; cursors are the better way, because hits move between two requests.
    pub offset: usize,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Words, vectors or both.
    pub mode: Mode,
    /// Whether every word is looked for as it is typed, without corrections.
    pub as_typed: bool,
    /// Whether the last word may be unfinished: the search of somebody who is still typing.
    pub prefix: bool,
    /// Whether each hit says how its score came about.
    pub explain: bool,
    /// What is not to be recognised in the words.
    pub ignored_intents: Vec<IntentKind>,
    /// Whose offers and prices hold.
    pub marketplace: Option<MarketplaceId>,
    /// Who asks, if known.
    pub shopper: Option<ShopperId>,
    /// In which visit.
    pub session: Option<SessionId>,
    /// What they looked at and bought, newest first, when hits are to lean towards it; only the first few count.
    pub recent: Vec<Ordinal>,
    /// Groups that the caller counts the shopper to, such as `trade`; rules may wait for them. At most [`SEGMENTS_MAX`].
    pub segments: Vec<String>,
    /// What the arms of experiments change of it. No part of what defines the list: a cursor goes on when an experiment ends.
    pub overrides: Overrides,
    /// When it is asked: rules may hold for a time.
    pub now: Timestamp,
    /// When to end with what there is.
    pub deadline: Deadline,
}

impl Request {
    /// What the match set is made of.
    #[must_use]
    pub fn mode_in_force(&self) -> Mode {
        self.overrides.mode.unwrap_or(self.mode)
    }

    /// Whether every word is looked for as it is typed.
    #[must_use]
    pub fn is_as_typed(&self) -> bool {
        self.as_typed || self.overrides.is_off(Part::Spelling)
    }

    /// What is not recognised in the words.
    #[must_use]
    pub fn intents_ignored(&self) -> &[IntentKind] {
        if self.overrides.is_off(Part::Intents) { &IntentKind::ALL } else { &self.ignored_intents }
    }

    /// What hits lean towards.
    #[must_use]
    pub fn leans_to(&self) -> &[Ordinal] {
        if self.overrides.is_off(Part::Personalization) { &[] } else { &self.recent }
    }
}

/// One product on a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The product.
    pub ordinal: Ordinal,
    /// What it is ordered by when no sort is asked for.
    pub score: f32,
    /// Index of the variant that fits the request best.
    pub variant: usize,
    /// The title with matched words between `<em>` and `</em>`, everything else HTML-escaped.
    pub highlight: Option<Arc<str>>,
    /// How the score came about, when asked: names and values in order.
    pub explain: Option<serde_json::Value>,
}

/// Hits that share a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The value; none for products without one.
    pub value: Option<String>,
    /// Products of the match set in it.
    pub total: u64,
    /// The best of them.
    pub hits: Vec<Hit>,
}

/// What shows one word of a query in a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShownBy {
    /// Terms, the one as typed first.
    pub terms: Vec<String>,
    /// What any term begins with that does; none of a word that is not being typed.
    pub beginnings: Vec<String>,
}

/// A page of products and what there is to say about the whole match set.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Names this answer, for crediting behaviour.
    pub query_id: Option<QueryId>,
    /// Distinct products in the match set: exactly as many as paging reaches.
    pub total: u64,
    /// The page; empty when there are groups.
    pub hits: Vec<Hit>,
    /// The page in groups, in the order of the best hit of each, when that was asked for.
    pub groups: Option<Vec<Group>>,
    /// Groups in the match set: exactly as many as paging reaches.
    pub groups_total: u64,
    /// One for each facet that was asked for, in that order.
    pub facets: Vec<Arc<FacetCounts>>,
    /// What shows each word that was looked for in a text.
    pub words: Vec<ShownBy>,
    /// Words that were read as others: `(as typed, as read)`.
    pub corrections: Vec<(String, String)>,
    /// What was recognised in the words.
    pub intents: Vec<Intent>,
    /// Words for which others were looked for too, because everyday language puts them in their place.
    pub alternatives: Vec<Alternative>,
    /// The whole query as it was read, when something was corrected. Asking again with `as_typed` gives the answer to what was typed.
    pub read: Option<String>,
    /// What was given up to find anything, in words, e.g. `matched 2 of 3 words`.
    pub relaxations: Vec<String>,
    /// Products that would stand on the first page by their score, and stand lower because they cannot be bought now.
    pub demoted_count: usize,
    /// What rules and synonyms did.
    pub merchandised: Merchandised,
    /// What nobody looked at, because time was up or there was too much of it, in words. Everything else in this answer is as if the shop
    /// had only the products that were looked at.
    pub left_out: Vec<String>,
    /// Where the next page starts; none on the last.
    pub next_cursor: Option<String>,
}

impl Answer {
    /// Whether something was left out.
    #[must_use]
    pub fn is_degraded(&self) -> bool {
        !self.left_out.is_empty()
    }
}

/// Why a search is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// A field of the request is at fault.
    #[error("{field}: {reason}")]
    Invalid {
        /// The parameter's name, e.g. `filter`, `sort`, `cursor`, `facets`, `limit` or `q`.
        field: &'static str,
        /// What is wrong, with the position for a filter.
        reason: String,
    },
    /// The index could not be read.
    #[error("the index cannot be read: {0}")]
    Index(String),
}
