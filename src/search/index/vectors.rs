//! The meaning of products: the generation's vectors, and those of products that changed since beside it.

use super::embedding_terms::embedding_terms;
use super::kin::Kin;
use crate::catalog::Product;
use crate::id::Ordinal;
use crate::model::ann::{Among, Neighbours};
use crate::model::embedding::Embeddings;
use crate::model::vector::dot;
use crate::stdx::topk::{Score, TopK};
use imbl::OrdMap;
use roaring::RoaringBitmap;
use std::cmp::Reverse;
use std::sync::Arc;

/// Neighbours that [`Vectors::kin`] gives: enough to fill a page when one in five passes a filter.
const KIN_LEN: usize = 64;
/// Of the products that came since the generation was built, so many of the newest are compared each time: a new product is near what it is like
/// at once, and the price stays far below that of a walk.
const NEWEST_MAX: usize = 512;

/// Vectors of all live products that have one, all of the same embeddings. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Vectors {
    embeddings: Arc<Embeddings>,
    standing: Option<Arc<Neighbours>>,
    /// Products of the generation that changed or went since.
    replaced: Arc<RoaringBitmap>,
    live: OrdMap<Ordinal, Arc<[f32]>>,
    /// One beyond the last product of the generation: what came later has a higher ordinal.
    standing_end: Ordinal,
    /// Neighbours among the generation's.
    kin: Arc<Kin>,
}

/// The vector of a product; none when no term of it is known.
pub(super) fn vector_of(embeddings: &Embeddings, product: &Product) -> Option<Vec<f32>> {
    let terms = embedding_terms(product);
    embeddings.embed_weighted(terms.iter().map(|(term, weight)| (term.as_str(), *weight)))
}

impl Vectors {
    /// `standing` was built with `embeddings`.
    pub(super) fn new(embeddings: Arc<Embeddings>, standing: Option<Arc<Neighbours>>) -> Self {
        let last = standing.as_ref().and_then(|standing| standing.ordinals().next_back());
        let standing_end = last.map_or(Ordinal(0), |last| Ordinal(last.0.saturating_add(1)));
        Self { embeddings, standing, replaced: Arc::default(), live: OrdMap::new(), standing_end, kin: Arc::default() }
    }

    pub(super) fn put(&mut self, ordinal: Ordinal, product: &Product) {
        self.remove(ordinal);
        if let Some(vector) = vector_of(&self.embeddings, product) {
            self.live.insert(ordinal, vector.into());
        }
    }

    pub(super) fn remove(&mut self, ordinal: Ordinal) {
        self.live.remove(&ordinal);
        if self.standing.as_ref().is_some_and(|standing| standing.vector(ordinal).is_some()) {
            Arc::make_mut(&mut self.replaced).insert(ordinal.0);
        }
    }

    /// The embeddings that the vectors are made with.
    #[must_use]
    pub fn embeddings(&self) -> &Embeddings {
        &self.embeddings
    }

    /// Similarity below which neighbours are noise.
    #[must_use]
    pub fn cut(&self) -> f32 {
        self.embeddings.cut()
    }

    /// The vector of a text's terms; none when no term is known.
    pub fn embed<'a>(&self, terms: impl Iterator<Item = &'a str>) -> Option<Vec<f32>> {
        self.embeddings.embed_terms(terms)
    }

    /// The vector of a product, of unit length.
    #[must_use]
    pub fn vector(&self, ordinal: Ordinal) -> Option<&[f32]> {
        if let Some(live) = self.live.get(&ordinal) {
            return Some(live);
        }
        self.standing.as_ref().filter(|_| !self.replaced.contains(ordinal.0))?.vector(ordinal)
    }

    /// About the cosine of each of `products` with `query`, in their order: exact for products that changed of late, within a few thousandths for
    /// all others, none for those without a vector.
    #[must_use]
    pub fn nearness_of_all(&self, query: &[f32], products: &[Ordinal]) -> Vec<Option<f32>> {
        let mut nearness = vec![None; products.len()];
        if let Some(standing) = &self.standing {
            standing.nearness_of_all(query, products.iter().copied(), |place, near| nearness[place] = Some(near));
        }
        if !self.live.is_empty() || !self.replaced.is_empty() {
            for (near, product) in nearness.iter_mut().zip(products) {
                match self.live.get(product) {
                    Some(live) => *near = Some(dot(query, live)),
                    None if self.replaced.contains(product.0) => *near = None,
                    None => {}
                }
            }
        }
        nearness
    }

    /// The at most `k` products of `among` nearest to `query`, with their cosine, nearest first. Live products are always compared one by one.
    #[must_use]
    pub fn nearest(&self, query: &[f32], k: usize, among: Among<'_>) -> Vec<(Ordinal, f32)> {
        let mut best = TopK::new(k);
        if let Some(standing) = &self.standing {
            for (ordinal, cosine) in self.nearest_standing(standing, query, k, among) {
                best.push((Score(cosine), Reverse(ordinal)));
            }
        }
        for (&ordinal, vector) in self.live.iter().filter(|(ordinal, _)| among.accepts(**ordinal)) {
            best.push((Score(dot(query, vector)), Reverse(ordinal)));
        }
        best.into_descending().into_iter().map(|(Score(cosine), Reverse(ordinal))| (ordinal, cosine)).collect()
    }

    /// A few products nearest to `product`, itself left out, with their cosine, nearest first, none below [`Vectors::cut`]. Cheap enough to be
    /// asked for several products of one request: who is near in the generation is remembered, how near is seen anew where one of the two changed,
    /// and of the products that came since the newest are compared one by one.
    #[must_use]
    pub fn kin(&self, product: Ordinal) -> Vec<(Ordinal, f32)> {
        let Some(vector) = self.vector(product) else { return Vec::new() };
        // One more, since the product itself is the nearest of all.
        let walk = || self.standing.as_ref().map_or_else(Vec::new, |standing| standing.nearest(vector, KIN_LEN + 1, Among::All));
        let remembered = self.kin.of(product, walk);
        let has_changed = self.live.contains_key(&product);
        let standing = remembered.iter().filter_map(|&(near, cosine)| match has_changed || self.replaced.contains(near.0) {
            true => self.vector(near).map(|other| (near, dot(vector, other))),
            false => Some((near, cosine)),
        });
        let newest = self.live.range(self.standing_end..).rev().take(NEWEST_MAX).map(|(&near, other)| (near, dot(vector, other)));
        let cut = self.cut();
        let mut near: Vec<(Ordinal, f32)> = standing.chain(newest).filter(|(near, cosine)| *near != product && *cosine >= cut).collect();
        near.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        near.truncate(KIN_LEN);
        near
    }

    /// The newest products that have a vector, newest first.
    pub fn newest(&self) -> impl Iterator<Item = (Ordinal, &[f32])> {
        let since = self.live.range(self.standing_end..).rev().map(|(&product, vector)| (product, &**vector));
        let standing = self.standing.iter().flat_map(|standing| standing.ordinals().rev());
        since.chain(standing.filter_map(|product| Some((product, self.vector(product)?))))
    }

    /// The nearest of those whose vectors still stand.
    fn nearest_standing(&self, standing: &Neighbours, query: &[f32], k: usize, among: Among<'_>) -> Vec<(Ordinal, f32)> {
        if self.replaced.is_empty() {
            return standing.nearest(query, k, among);
        }
        match among {
            Among::All => standing.nearest(query, k, Among::Except(&self.replaced)),
            Among::Only(these) => standing.nearest(query, k, Among::Only(&(these - &*self.replaced))),
            Among::Except(these) => standing.nearest(query, k, Among::Except(&(these | &*self.replaced))),
        }
    }

    /// Every product whose cosine with `query` is at least `floor`, in no particular order.
    pub fn above(&self, query: &[f32], floor: f32, mut visit: impl FnMut(Ordinal, f32)) {
        if let Some(standing) = &self.standing {
            standing.above(query, floor, |ordinal, cosine| {
                if !self.replaced.contains(ordinal.0) {
                    visit(ordinal, cosine);
                }
            });
        }
        let live = self.live.iter().map(|(&ordinal, vector)| (ordinal, dot(query, vector)));
        live.filter(|(_, cosine)| *cosine >= floor).for_each(|(ordinal, cosine)| visit(ordinal, cosine));
    }
}
