//! The match set: what the words and the vectors find, before any filter. It is the same for every page, sort and facet of a request, and it
//! does not depend on the filter, so that adding a filter can only take products away and every count can be exact.
//!
//! 1. *Named*: products whose identifier or whole title was typed.
//! 2. *The ladder*: products with all words; if those are fewer than [`RELAX_BELOW`], with fewer words, step by step.
//! 3. *Neighbours*: the products nearest in meaning above the calibrated cut. In vector mode these are all there is.

use super::SearchError;
use super::dense::DenseSet;
use super::index::{SearchSnapshot, TermGroup, TextQuery, Vectors};
use super::request::Mode;
use super::understand::{Query, Word};
use crate::catalog::{CatalogSnapshot, Product};
use crate::id::Ordinal;
use crate::model::vector::dot;
use crate::search::columns::{Columns, FieldId};
use crate::text;
use roaring::RoaringBitmap;

/// Fewer products than this with all words, and fewer words are required.
pub const RELAX_BELOW: usize = 8;
/// Neighbours in meaning that join the words' matches in hybrid mode.
pub const NEIGHBOURS_MAX: usize = 100;
/// A title that more products share names none of them.
const NAMESAKES_MAX: u64 = 5;

/// How well a product matches; products of a better class stand above all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class(u8);

impl Class {
    /// Near in meaning only.
    pub const NEAR: Self = Self(0);
    /// Named by identifier or whole title.
    pub const NAMED: Self = Self(u8::MAX);

    /// Has so many of the words.
    #[must_use]
    pub fn words(count: usize) -> Self {
        Self(u8::try_from(count).unwrap_or(u8::MAX - 1).min(u8::MAX - 1))
    }

    /// As a number that orders.
    #[must_use]
    pub fn rank(self) -> u8 {
        self.0
    }

    /// Words that the product has at least, of `words_count`.
    #[must_use]
    pub fn words_matched(self, words_count: usize) -> usize {
        if self == Self::NAMED { words_count } else { usize::from(self.0) }
    }
}

/// One product of the match set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Match {
    /// The product.
    pub ordinal: Ordinal,
    /// How well it matches.
    pub class: Class,
    /// Text score, from 0.
    pub text: f32,
    /// Similarity in meaning above the cut, 0 to 1.
    pub similarity: f32,
}

/// The match set of a request before its filter.
#[derive(Debug, Clone)]
pub struct Matched {
    /// One for each product; none when everything matches alike.
    pub matches: Option<Vec<Match>>,
    /// The products.
    pub products: RoaringBitmap,
    /// What was given up, in words.
    pub relaxations: Vec<String>,
}

/// Finds the match set.
///
/// # Errors
/// When the index cannot be read.
pub fn matched(query: &Query, mode: Mode, index: &SearchSnapshot, catalog: &CatalogSnapshot) -> Result<Matched, SearchError> {
    let mut relaxations = Vec::new();
    if query.dropped_count > 0 {
        let looked_at = super::request::QUERY_TERMS_MAX;
        relaxations.push(format!("looked at the first {looked_at} of {} words", looked_at + query.dropped_count));
    }
    if query.is_everything() {
        return Ok(Matched { matches: None, products: index.columns.live().clone(), relaxations });
    }
    let mut found = Found::new(query, index)?;
    if query.words.is_empty() {
        found.take_all(&index.columns);
    } else if mode == Mode::Vector {
        found.take_near(query, index);
    } else {
        let identified = index.text.identifiers(&query.typed)?;
        let is_named = found.take_named(query, &identified, index, catalog);
        let begun = if is_named { Vec::new() } else { identified };
        if let Some(relaxation) = found.climb_down(query, &begun, index, is_named)? {
            relaxations.push(relaxation);
        }
        if mode == Mode::Hybrid && !is_named {
            found.take_neighbours(query, index);
        }
    }
    Ok(Matched { products: found.seen.to_bitmap(), matches: Some(found.matches), relaxations })
}

/// What has been found so far.
struct Found {
    matches: Vec<Match>,
    seen: DenseSet,
    /// What may be found at all: live products with every quoted word and without excluded ones.
    allowed: Option<DenseSet>,
}

impl Found {
    fn new(query: &Query, index: &SearchSnapshot) -> Result<Self, SearchError> {
        let end = index.columns.ordinals_end();
        let quoted: Vec<TermGroup> = query.words.iter().filter(|word| word.is_quoted).map(Word::group).collect();
        let mut allowed = if quoted.is_empty() { None } else { Some(holding_all(quoted, index)?) };
        for terms in &query.excluded {
            let shut_out = holding_all(terms.iter().map(|term| TermGroup::exactly(term.clone())).collect(), index)?;
            allowed = Some(allowed.unwrap_or_else(|| index.columns.live().clone()) - shut_out);
        }
        let allowed = allowed.map(|allowed| DenseSet::of(&allowed, end));
        Ok(Self { matches: Vec::new(), seen: DenseSet::below(end), allowed })
    }

    #[inline]
    fn take(&mut self, found: Match) {
        if self.allowed.as_ref().is_none_or(|allowed| allowed.contains(found.ordinal)) && self.seen.insert(found.ordinal) {
            self.matches.push(found);
        }
    }

    fn take_all(&mut self, columns: &Columns) {
        let all = columns.live().iter().map(Ordinal);
        all.for_each(|ordinal| self.take(Match { ordinal, class: Class::NEAR, text: 1.0, similarity: 0.0 }));
    }

    /// Takes the products that the query names; says whether it names any exactly.
    fn take_named(&mut self, query: &Query, identified: &[Ordinal], index: &SearchSnapshot, catalog: &CatalogSnapshot) -> bool {
        let is_exact = identified.first().is_some_and(|first| has_identifier(*first, &query.typed, catalog));
        let dictionary = index.columns.dictionary();
        let titled = dictionary.term(FieldId::TITLE, &query.typed).map(|title| dictionary.postings(title));
        let titled = titled.filter(|titled| titled.len() <= NAMESAKES_MAX).map(|titled| titled.bitmap().into_owned()).unwrap_or_default();
        let named = |ordinal| Match { ordinal, class: Class::NAMED, text: 1.0, similarity: 0.0 };
        if is_exact {
            identified.iter().for_each(|ordinal| self.take(named(*ordinal)));
        }
        titled.iter().map(Ordinal).for_each(|ordinal| self.take(named(ordinal)));
        is_exact && !self.matches.is_empty()
    }

    /// Takes the products with all words and, while they are few, with fewer. Says what was given up.
    ///
    /// Products whose identifier begins with the query stand below those that have all its words.
    fn climb_down(
        &mut self,
        query: &Query,
        begun: &[Ordinal],
        index: &SearchSnapshot,
        is_named: bool,
    ) -> Result<Option<String>, SearchError> {
        let words_count = query.words.len();
        let text_query = TextQuery { groups: query.words.iter().map(Word::group).collect(), required: words_count };
        self.take_with(text_query.clone(), index)?;
        let class = Class::words(words_count);
        for ordinal in begun {
            self.take(Match { ordinal: *ordinal, class, text: f32::MIN_POSITIVE, similarity: 0.0 });
        }
        let mut relaxation = None;
        for required in steps(words_count) {
            let is_last_resort = required == 1 && words_count > 2;
            if is_named || self.matches.len() >= RELAX_BELOW || (is_last_resort && !self.matches.is_empty()) {
                break;
            }
            let before = self.matches.len();
            self.take_with(TextQuery { required, ..text_query.clone() }, index)?;
            if self.matches.len() > before {
                relaxation = Some(format!("matched {required} of {words_count} words"));
            }
        }
        Ok(relaxation)
    }

    fn take_with(&mut self, query: TextQuery, index: &SearchSnapshot) -> Result<(), SearchError> {
        let class = Class::words(query.required);
        index.text.matches(&query, &mut |ordinal, text| self.take(Match { ordinal, class, text, similarity: 0.0 }))
    }

    /// Adds the nearest products, and their similarity to those that the words found.
    fn take_neighbours(&mut self, query: &Query, index: &SearchSnapshot) {
        let Some((vectors, vector)) = query_vector(query, index) else { return };
        let cut = vectors.cut();
        let mut neighbours = vectors.nearest(&vector, NEIGHBOURS_MAX, None, None);
        neighbours.retain(|(_, cosine)| *cosine >= cut);
        let near: RoaringBitmap = neighbours.iter().map(|(ordinal, _)| ordinal.0).collect();
        let near = DenseSet::of(&near, index.columns.ordinals_end());
        let similarity = |cosine| above_cut(cosine, cut);
        for found in self.matches.iter_mut().filter(|found| near.contains(found.ordinal)) {
            let neighbour = neighbours.iter().find(|(ordinal, _)| *ordinal == found.ordinal);
            found.similarity = neighbour.map_or(0.0, |(_, cosine)| similarity(*cosine));
        }
        for (ordinal, cosine) in neighbours {
            self.take(Match { ordinal, class: Class::NEAR, text: 0.0, similarity: similarity(cosine) });
        }
    }

    /// Takes every product above the cut: all are compared, so that no filter can starve the answer and every count is exact.
    fn take_near(&mut self, query: &Query, index: &SearchSnapshot) {
        let Some((vectors, vector)) = query_vector(query, index) else { return };
        let cut = vectors.cut();
        for ordinal in index.columns.live().iter().map(Ordinal) {
            let cosine = vectors.vector(ordinal).map_or(f32::NEG_INFINITY, |of_product| dot(&vector, of_product));
            if cosine >= cut {
                self.take(Match { ordinal, class: Class::NEAR, text: 0.0, similarity: above_cut(cosine, cut) });
            }
        }
    }
}

/// The products that hold every group.
fn holding_all(groups: Vec<TermGroup>, index: &SearchSnapshot) -> Result<RoaringBitmap, SearchError> {
    let mut found = DenseSet::below(index.columns.ordinals_end());
    let required = groups.len();
    index.text.matches(&TextQuery { groups, required }, &mut |ordinal, _| {
        found.insert(ordinal);
    })?;
    Ok(found.to_bitmap())
}

/// Numbers of words to require after all of them: one less, two thirds, half, and one as the last resort.
fn steps(words_count: usize) -> Vec<usize> {
    let mut steps = vec![words_count.saturating_sub(1), (words_count * 2).div_ceil(3), words_count.div_ceil(2), 1];
    steps.retain(|&required| required >= 1 && required < words_count);
    steps.sort_unstable_by(|a, b| b.cmp(a));
    steps.dedup();
    steps
}

/// 0 at the cut, 1 for the same direction. Never 0 itself, so that what is near has a score.
fn above_cut(cosine: f32, cut: f32) -> f32 {
    ((cosine - cut) / (1.0 - cut).max(f32::EPSILON)).clamp(f32::MIN_POSITIVE, 1.0)
}

fn query_vector<'a>(query: &Query, index: &'a SearchSnapshot) -> Option<(&'a Vectors, Vec<f32>)> {
    let vectors = index.vectors.as_ref()?;
    let vector = vectors.embed(query.words.iter().map(Word::read_as))?;
    Some((vectors, vector))
}

/// Whether one of the product's identifiers is the text, separators and leading zeros of numbers aside. The index says that one of them is
/// or begins with it.
fn has_identifier(ordinal: Ordinal, typed: &str, catalog: &CatalogSnapshot) -> bool {
    let Some(product) = catalog.product(ordinal) else { return false };
    let wanted = bare(typed);
    identifiers(&product).any(|identifier| bare(identifier) == wanted)
}

fn identifiers(product: &Product) -> impl Iterator<Item = &str> {
    let of_variants = product.variants.iter().flat_map(|variant| {
        let gtins = variant.gtins.iter().map(String::as_str);
        gtins.chain(variant.mpn.as_deref()).chain(std::iter::once(variant.sku.as_str()))
    });
    std::iter::once(product.id.as_str()).chain(of_variants)
}

/// Letters and digits only, folded; leading zeros of a number dropped.
fn bare(identifier: &str) -> String {
    let bare: String = text::fold(identifier).chars().filter(|letter| letter.is_alphanumeric()).collect();
    if bare.bytes().all(|byte| byte.is_ascii_digit()) { bare.trim_start_matches('0').to_owned() } else { bare }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_least_half_of_the_words_are_required_before_the_last_resort() {
        let check = |words_count: usize, expected: &[usize]| assert_eq!(steps(words_count), expected, "{words_count}");
        check(1, &[]);
        check(2, &[1]);
        check(3, &[2, 1]);
        check(4, &[3, 2, 1]);
        check(7, &[6, 5, 4, 1]);
        check(32, &[31, 22, 16, 1]);
    }

    #[test]
    fn identifiers_are_compared_without_separators() {
        assert_eq!(bare("AB-12 c"), "ab12c");
        assert_eq!(bare("0012-3"), "123");
    }

    #[test]
    fn similarity_begins_at_the_cut() {
        assert!(above_cut(0.5, 0.5) > 0.0 && above_cut(0.5, 0.5) < 1e-6);
        assert_eq!(above_cut(1.0, 0.5), 1.0);
        assert_eq!(above_cut(0.75, 0.5), 0.5);
    }
}
