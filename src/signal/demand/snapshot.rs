//! What readers of demand see: one row for each query, in the order of their texts.

use super::counts::Counts;
use crate::id::Ordinal;
use crate::money::Currency;
use crate::stdx::chunked::Chunked;
use crate::stdx::table::Table;
use crate::text;
use imbl::OrdMap;
use std::fmt;
use std::sync::Arc;

/// Queries that are looked at for one completion: all of a large shop that begin with one letter.
const SCANNED_MAX: usize = 16_384;

/// One query as readers see it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct QueryRow {
    /// As most people write it.
    pub(super) written: Arc<str>,
    /// A factor for each known product, by ordinal.
    pub(super) factors: Box<[(Ordinal, f32)]>,
    /// A lift for each category that the query leads to.
    pub(super) lifts: Box<[(u32, f32)]>,
    /// Short and long window.
    pub(super) counts: [Counts; 2],
    /// Whether enough people asked it for others to see.
    pub(super) is_shared: bool,
    pub(super) matches_count: u64,
    pub(super) worth: f32,
}

impl QueryRow {
    /// How it is written, and how often it was asked; not at all while it may not be offered.
    fn asked(&self) -> (&str, u32) {
        (&self.written, if self.is_offered() { self.counts[1].searches.round() as u32 } else { 0 })
    }

    /// Whether it may be offered to somebody who types its beginning.
    fn is_offered(&self) -> bool {
        self.is_shared && self.matches_count > 0
    }
}

/// An immutable view of demand. Cloning shares it.
#[derive(Clone)]
pub struct DemandSnapshot {
    pub(super) rows: OrdMap<Arc<str>, Arc<QueryRow>>,
    /// Words of queries that are offered, as they are written, with the searches for such queries.
    words: Table<Arc<str>, u32>,
    pub(super) categories: Chunked<u32>,
    pub(super) totals: [Counts; 2],
    pub(super) currency: Option<Currency>,
}

impl Default for DemandSnapshot {
    fn default() -> Self {
        Self { rows: OrdMap::new(), words: Table::new(), categories: Chunked::new(0), totals: Default::default(), currency: None }
    }
}

impl fmt::Debug for DemandSnapshot {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "DemandSnapshot({} queries)", self.rows.len())
    }
}

/// What is known of one query: looked up once a search, then asked for each candidate. Allocates nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct QueryDemand<'a> {
    known: Option<(&'a QueryRow, &'a Chunked<u32>)>,
}

impl QueryDemand<'_> {
    /// Whether the query has been asked before.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.known.is_some()
    }

    /// The factors of all products that have one, in the order of their ordinals; none when categories have theirs too.
    #[must_use]
    pub fn factors_alone(&self) -> Option<&[(Ordinal, f32)]> {
        self.known.map_or(Some(&[]), |(row, _)| row.lifts.is_empty().then_some(&row.factors))
    }

    /// How much more, or less, the product is wanted for this query than it usually is, within [`super::FACTOR_MIN`] and
    /// [`super::FACTOR_MAX`]; 1 when nothing is known of the pair.
    #[inline]
    #[must_use]
    pub fn factor(&self, product: Ordinal) -> f32 {
        self.pair(product).unwrap_or(1.0)
    }

    /// How much the query leads to the product's category, within 1 and [`super::LIFT_MAX`]; 1 where the pair itself is known, which says
    /// it better.
    #[inline]
    #[must_use]
    pub fn category_affinity(&self, product: Ordinal) -> f32 {
        let Some((row, categories)) = self.known.filter(|(row, _)| !row.lifts.is_empty()) else { return 1.0 };
        let category = *categories.at(product.index());
        let lift = row.lifts.iter().find(|(known, _)| *known == category && category != 0);
        lift.filter(|_| self.pair(product).is_none()).map_or(1.0, |(_, lift)| *lift)
    }

    #[inline]
    fn pair(&self, product: Ordinal) -> Option<f32> {
        let (row, _) = self.known?;
        let place = row.factors.binary_search_by_key(&product, |(product, _)| *product).ok()?;
        Some(row.factors[place].1)
    }
}

impl DemandSnapshot {
    /// What is known of a query, named by its terms joined by blanks ([`super::normalised`]).
    #[must_use]
    pub fn of(&self, query: &str) -> QueryDemand<'_> {
        QueryDemand { known: self.rows.get(query).map(|row| (&**row, &self.categories)) }
    }

    /// Queries that are kept.
    #[must_use]
    pub fn queries_count(&self) -> usize {
        self.rows.len()
    }

    /// Real queries that begin with what is typed, at most `count`: those that led to orders first, then to carts, to clicks, and those that
    /// were only asked; each as most people write it. Never one that found nothing, nor one that fewer than [`super::ASKERS_MIN`] people asked.
    #[must_use]
    pub fn complete(&self, typed: &str, count: usize) -> Vec<String> {
        let mut offered: Vec<(&Arc<str>, &QueryRow)> = Vec::new();
        for Beginning { text: prefix, is_whole } in beginnings(typed) {
            let begins = self.rows.range(Arc::<str>::from(prefix.as_str())..).take_while(|(text, _)| text.starts_with(&prefix));
            let goes_on = |text: &str| !is_whole || text.len() == prefix.len() || text[prefix.len()..].starts_with(' ');
            let fit = begins.take(SCANNED_MAX).filter(|(text, row)| row.is_offered() && goes_on(text));
            offered.extend(fit.map(|(text, row)| (text, &**row)));
        }
        offered.sort_by(|a, b| b.1.worth.total_cmp(&a.1.worth).then_with(|| a.0.cmp(b.0)));
        offered.dedup_by(|a, b| a.0 == b.0);
        offered.into_iter().take(count).map(|(_, row)| row.written.to_string()).collect()
    }

    /// How many searches asked for this word, as it is written, with success: those of queries that can be offered, in the long window.
    #[must_use]
    pub fn asked_count(&self, written: &str) -> u32 {
        self.words.get(written).copied().unwrap_or(0)
    }

    /// Puts a row in place of the one before.
    pub(super) fn put(&mut self, text: &Arc<str>, row: QueryRow) {
        let row = Arc::new(row);
        let former = self.rows.insert(Arc::clone(text), Arc::clone(&row));
        if former.as_deref().map(QueryRow::asked) != Some(row.asked()) {
            former.into_iter().for_each(|former| self.count_words(former.asked(), u32::saturating_sub));
            self.count_words(row.asked(), u32::saturating_add);
        }
    }

    pub(super) fn remove(&mut self, text: &Arc<str>) {
        if let Some(former) = self.rows.remove(text) {
            self.count_words(former.asked(), u32::saturating_sub);
        }
    }

    fn count_words(&mut self, (written, count): (&str, u32), counted: fn(u32, u32) -> u32) {
        for word in written.split([' ', '-', '\'', '’']).filter(|word| !word.is_empty() && count > 0) {
            let former = self.words.get(word).copied().unwrap_or(0);
            match counted(former, count) {
                0 => drop(self.words.remove(word)),
                count => drop(self.words.insert(Arc::from(word), count)),
            }
        }
    }
}

/// What a completion begins with.
#[derive(Debug, PartialEq, Eq)]
struct Beginning {
    text: String,
    /// Whether its last word is whole, so that only further words may follow.
    is_whole: bool,
}

/// What completions of a text begin with: its terms; the last word as far as it goes, and also as a whole one in the singular: "glas" goes on
/// to "glass", while "shoes" is kept as "shoe".
fn beginnings(typed: &str) -> Vec<Beginning> {
    let words = text::tokens(typed);
    let Some(last) = words.last() else { return Vec::new() };
    let before: String = words[..words.len() - 1].iter().flat_map(|word| [word.term.as_str(), " "]).collect();
    let whole = Beginning { text: before.clone() + &last.term, is_whole: true };
    if !typed.ends_with(char::is_alphanumeric) {
        return vec![whole];
    }
    let open = Beginning { text: before + &text::fold(&typed[last.start..last.end]), is_whole: false };
    if open.text == whole.text { vec![open] } else { vec![open, whole] }
}
