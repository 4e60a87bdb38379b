//! The direction in which products are near to a query.
//!
//! The vectors of two or three words say roughly what is meant; the products that hold the words say it better. So the direction is asked for
//! twice, after Rocchio ("Relevance feedback in information retrieval", 1971): the best [`FEEDBACK_PRODUCTS`] products by words alone are
//! taken for what was meant, and their mean direction is blended with that of the words. It finds what the shop calls differently, and it
//! points somewhere even when no word of the query has a vector. Products near to it join what the words found while that is little; what
//! the words found is moved a little by how near it lies.

use super::index::{SearchSnapshot, Vectors};
use super::ladder::quoted;
use super::matched::{Class, Match, Similarity};
use super::understand::{Query, Word};
use crate::id::Ordinal;
use crate::model::vector::normalise;
use crate::stdx::topk::{Score, TopK};
use roaring::RoaringBitmap;
use std::cmp::Reverse;

/// Products that tell what was meant. More of them tell less: with twenty the gain on Icecat is gone.
const FEEDBACK_PRODUCTS: usize = 5;
/// What the words themselves count in the blend when so many products were found; the products count the rest. Fewer products count
/// proportionally less: what else a single product is called is no part of what was meant.
const WORDS_SHARE: f32 = 0.3;

/// Where a query points.
pub(super) struct Meaning<'a> {
    vectors: &'a Vectors,
    direction: Vec<f32>,
}

impl<'a> Meaning<'a> {
    /// What the words alone say, each by the first of its forms that has a vector; none when none has one. And the words, as read, that say nothing.
    pub(super) fn of_words<'q>(query: &'q Query, vectors: &'a Vectors) -> (Option<Self>, Vec<&'q str>) {
        let known = |term: &&str| vectors.embeddings().idf(term).is_some();
        let (mut terms, mut silent) = (Vec::new(), Vec::new());
        for word in &query.words {
            let before = terms.len();
            terms.extend(word.meaning().filter(known));
            if terms.len() == before {
                terms.extend(word.terms().find(known));
            }
            if terms.len() == before {
                silent.push(word.read_as());
            }
        }
        let direction = vectors.embed(terms.into_iter());
        (direction.map(|direction| Self { vectors, direction }), silent)
    }

    /// What the words and the best products among `matches` say, which stand at the places `best`.
    pub(super) fn of_found(query: &Query, matches: &[Match], best: &[u32], index: &'a SearchSnapshot) -> Option<Self> {
        let vectors = index.vectors.as_ref()?;
        let words = vectors.embed(query.words.iter().flat_map(Word::meaning));
        let direction = match (words, mean_direction(matches, best, vectors)) {
            (Some(words), Some((found, count))) => blend(&words, &found, count)?,
            (Some(one), None) | (None, Some((one, _))) => one,
            (None, None) => return None,
        };
        Some(Self { vectors, direction })
    }

    /// Says of the matches at these places how near they lie: 0 for unrelated or without a vector, 1 for the same direction.
    pub(super) fn measure(&self, matches: &mut [Match], places: &[u32]) {
        let products: Vec<Ordinal> = places.iter().map(|&place| matches[place as usize].ordinal).collect();
        for (&place, near) in places.iter().zip(self.vectors.nearness_of_all(&self.direction, &products)) {
            matches[place as usize].similarity = near.map_or(Similarity::NONE, |near| Similarity::of(near.clamp(0.0, 1.0)));
        }
    }

    /// Gives the nearest products above the calibrated cut to `visit`, at most `count`, none of `known`. Says how near one more would have to be.
    pub(super) fn neighbours(&self, count: usize, known: &RoaringBitmap, mut visit: impl FnMut(Match)) -> f32 {
        let cut = self.vectors.cut();
        let nearest = self.vectors.nearest_beside(&self.direction, count, known);
        for (ordinal, cosine) in nearest.iter().take_while(|(_, cosine)| *cosine >= cut) {
            visit(near(*ordinal, *cosine, cut));
        }
        nearest.last().filter(|_| nearest.len() == count).map_or(cut, |(_, furthest)| furthest.max(cut))
    }

    /// As a direction of unit length.
    pub(super) fn into_direction(self) -> Vec<f32> {
        self.direction
    }

    /// Every product above the cut.
    pub(super) fn above_cut(&self, mut visit: impl FnMut(Match)) {
        let cut = self.vectors.cut();
        self.vectors.above(&self.direction, cut, |ordinal, cosine| visit(near(ordinal, cosine, cut)));
    }
}

/// What became of words that were looked for by meaning alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NearTo {
    /// They say what is near.
    Words,
    /// What is near the products that say them was looked for.
    Products,
    /// Nothing is near.
    Nothing,
}

/// The same in words, where it is not what was asked for; `silent` are the words that have no vector.
pub(super) fn told(near_to: NearTo, silent: &[&str], words_count: usize) -> Option<String> {
    let have = if silent.len() == 1 { "has" } else { "have" };
    let silent_ones = (!silent.is_empty()).then(|| format!("{} {have} no vector", quoted(silent)));
    match near_to {
        NearTo::Words => silent_ones.map(|told| format!("{told}: what is near in meaning is told by the other words")),
        NearTo::Products => {
            let why = silent_ones.unwrap_or_else(|| "nothing is near enough to the words alone".to_owned());
            Some(format!("{why}: found is what is near the products that say {}", if words_count == 1 { "it" } else { "them" }))
        }
        NearTo::Nothing => Some(format!("nothing is near in meaning{}", silent_ones.map(|told| format!(": {told}")).unwrap_or_default())),
    }
}

fn near(ordinal: Ordinal, cosine: f32, cut: f32) -> Match {
    Match::near(ordinal, share_above(cosine, cut))
}

/// 0 at the cut, 1 for the same direction. Never 0 itself, so that what is near has a score.
pub(super) fn share_above(cosine: f32, cut: f32) -> f32 {
    ((cosine - cut) / (1.0 - cut).max(f32::EPSILON)).clamp(f32::MIN_POSITIVE, 1.0)
}

/// The mean of the best matches' vectors, each weighing as much as its text score. Only the best class is asked: a product that lacks a word
/// may be of another kind. Also says how many products it is the mean of.
fn mean_direction(matches: &[Match], best: &[u32], vectors: &Vectors) -> Option<(Vec<f32>, usize)> {
    let candidates = || best.iter().map(|&place| &matches[place as usize]);
    let best_class = candidates().map(|found| found.class).filter(|class| *class != Class::NAMED).max()?;
    let mut top = TopK::new(FEEDBACK_PRODUCTS);
    for found in candidates().filter(|found| found.class == best_class) {
        top.push((Score(found.text), Reverse(found.ordinal)));
    }
    let (mut sum, mut count): (Vec<f32>, usize) = (Vec::new(), 0);
    for (Score(text), Reverse(ordinal)) in top.into_descending() {
        let Some(vector) = vectors.vector(ordinal) else { continue };
        sum.resize(vector.len(), 0.0);
        count += 1;
        sum.iter_mut().zip(vector).for_each(|(element, of_product)| *element += text * of_product);
    }
    normalise(&mut sum).then_some((sum, count))
}

/// The words' direction and that of the `count` products found.
fn blend(words: &[f32], found: &[f32], count: usize) -> Option<Vec<f32>> {
    let found_share = (1.0 - WORDS_SHARE) * count.min(FEEDBACK_PRODUCTS) as f32 / FEEDBACK_PRODUCTS as f32;
    let mut blended: Vec<f32> =
        words.iter().zip(found).map(|(of_words, of_found)| (1.0 - found_share) * of_words + found_share * of_found).collect();
    normalise(&mut blended).then_some(blended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_of_words_without_a_vector_is_told() {
        assert_eq!(told(NearTo::Words, &[], 2), None);
        let other = "`fig` has no vector: what is near in meaning is told by the other words";
        assert_eq!(told(NearTo::Words, &["fig"], 2).as_deref(), Some(other));
        let by_products = "`fig`, `tree` have no vector: found is what is near the products that say them";
        assert_eq!(told(NearTo::Products, &["fig", "tree"], 2).as_deref(), Some(by_products));
        assert_eq!(told(NearTo::Nothing, &["fig"], 1).as_deref(), Some("nothing is near in meaning: `fig` has no vector"));
    }

    #[test]
    fn similarity_begins_at_the_cut() {
        assert!(share_above(0.5, 0.5) > 0.0 && share_above(0.5, 0.5) < 1e-6);
        assert_eq!(share_above(1.0, 0.5), 1.0);
        assert_eq!(share_above(0.75, 0.5), 0.5);
    }

    #[test]
    fn the_more_products_were_found_the_more_they_count() {
        let found_part = |count| blend(&[1.0, 0.0], &[0.0, 1.0], count).expect("has a direction")[1];
        assert!(found_part(1) < 0.2 && found_part(3) > found_part(1) && found_part(5) > 0.9);
        assert_eq!(found_part(5), found_part(50));
        assert_eq!(blend(&[0.0, 0.0], &[0.0, 0.0], 5), None);
    }
}
