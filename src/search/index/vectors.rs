//! The meaning of products: the generation's vectors, and those of products that changed since beside it.

use super::embedding_terms::embedding_terms;
use crate::catalog::Product;
use crate::id::Ordinal;
use crate::model::ann::{Among, Neighbours};
use crate::model::embedding::Embeddings;
use crate::model::vector::dot;
use crate::stdx::remembered::Remembered;
use crate::stdx::topk::{Score, TopK};
use imbl::OrdMap;
use roaring::RoaringBitmap;
use std::cmp::Reverse;
use std::sync::Arc;

/// Neighbours that [`Vectors::kin`] gives: enough to fill a page when one in five passes a filter.
const KIN_LEN: usize = 64;
/// Neighbours of products and of queries that are remembered, 8 bytes each.
const KIN_ROOM: usize = 4 << 20;
const WALKS_ROOM: usize = 2 << 20;
/// How far around a query is looked for what may be remembered: so many products that, without those that are known, enough are left.
const WALK_LEN: usize = 256;
/// Of the products that came since the generation was built, so many of the newest are compared each time: a new product is near what it is like
/// at once, and the price stays far below that of a walk.
const NEWEST_MAX: usize = 512;

/// A product and its cosine.
type Near = (Ordinal, f32);

/// Vectors of all live products that have one, all of the same embeddings. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Vectors {
    embeddings: Arc<Embeddings>,
    standing: Option<Arc<Neighbours>>,
    /// Products of the generation, those without a vector too, that changed or went since.
    replaced: Arc<RoaringBitmap>,
    live: OrdMap<Ordinal, Arc<[f32]>>,
    /// One beyond the last product of the generation: what came later has a higher ordinal.
    standing_end: Ordinal,
    /// Neighbours of products that stand, among the generation's: recommendations ask for them several times a request.
    kin: Arc<Remembered<Ordinal, [Near]>>,
    /// Neighbours of queries, and of products that changed, among the generation's, by the bits of their direction.
    walks: Arc<Remembered<Box<[u32]>, [Near]>>,
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
        let (kin, walks) = (Arc::new(Remembered::with_room(KIN_ROOM)), Arc::new(Remembered::with_room(WALKS_ROOM)));
        Self { embeddings, standing, replaced: Arc::default(), live: OrdMap::new(), standing_end, kin, walks }
    }

    pub(super) fn put(&mut self, ordinal: Ordinal, product: &Product) {
        self.remove(ordinal);
        if let Some(vector) = vector_of(&self.embeddings, product) {
            self.live.insert(ordinal, vector.into());
        }
    }

    pub(super) fn remove(&mut self, ordinal: Ordinal) {
        self.live.remove(&ordinal);
        if ordinal < self.standing_end {
            Arc::make_mut(&mut self.replaced).insert(ordinal.0);
        }
    }

    /// Whether a product changed or came since the generation was built: a bitmap says so sooner than the vectors that live beside it.
    #[inline]
    fn has_changed(&self, ordinal: Ordinal) -> bool {
        ordinal >= self.standing_end || self.replaced.contains(ordinal.0)
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
        if self.has_changed(ordinal) { self.live.get(&ordinal).map(|live| &**live) } else { self.standing.as_ref()?.vector(ordinal) }
    }

    /// About the cosine of each of `products` with `query`, in their order: exact for products that changed of late, within a few thousandths for
    /// all others, none for those without a vector.
    #[must_use]
    pub fn nearness_of_all(&self, query: &[f32], products: &[Ordinal]) -> Vec<Option<f32>> {
        let mut nearness = vec![None; products.len()];
        if let Some(standing) = &self.standing {
            standing.nearness_of_all(query, products.iter().copied(), |place, near| nearness[place] = Some(near));
        }
        for (near, product) in nearness.iter_mut().zip(products).filter(|(_, product)| self.has_changed(**product)) {
            *near = self.live.get(product).map(|live| dot(query, live));
        }
        nearness
    }

    /// The at most `k` products of `among` nearest to `query`, with their cosine, nearest first. Live products are always compared one by one.
    #[must_use]
    pub fn nearest(&self, query: &[f32], k: usize, among: Among<'_>) -> Vec<(Ordinal, f32)> {
        let standing = self.standing.as_ref().map_or_else(Vec::new, |standing| self.nearest_standing(standing, query, k, among));
        self.with_live(standing, query, k, among)
    }

    /// The at most `k` products of `among` that are like `product`, itself perhaps among them, with their cosine, nearest first, none below
    /// [`Vectors::cut`].
    #[must_use]
    pub fn alike(&self, product: Ordinal, k: usize, among: Among<'_>) -> Vec<(Ordinal, f32)> {
        let Some(vector) = self.vector(product) else { return Vec::new() };
        let mut near = self.nearest(vector, k, among);
        near.truncate(near.partition_point(|(_, cosine)| *cosine >= self.cut()));
        near
    }

    /// As [`Vectors::nearest`] for a query that will come again, among all but `known`: where it led in the generation is remembered.
    #[must_use]
    pub fn nearest_beside(&self, query: &[f32], k: usize, known: &RoaringBitmap) -> Vec<(Ordinal, f32)> {
        let among = Among::Except(known);
        let Some(standing) = &self.standing else { return self.with_live(Vec::new(), query, k, among) };
        let walked = self.walked(standing, query);
        let is_new = |(ordinal, _): &&(Ordinal, f32)| among.accepts(*ordinal) && !self.replaced.contains(ordinal.0);
        let near: Vec<(Ordinal, f32)> = walked.iter().filter(is_new).take(k).copied().collect();
        let is_enough = near.len() == k || walked.len() < WALK_LEN;
        self.with_live(if is_enough { near } else { self.nearest_standing(standing, query, k, among) }, query, k, among)
    }

    /// What of the generation is near a direction, the nearest first, remembered by the bits of it.
    fn walked(&self, standing: &Neighbours, direction: &[f32]) -> Arc<[Near]> {
        let bits: Box<[u32]> = direction.iter().map(|element| element.to_bits()).collect();
        self.walks.of(bits, || standing.nearest(direction, WALK_LEN, Among::All))
    }

    /// The `k` nearest of these and of the live products of `among`, nearest first.
    fn with_live(&self, standing: Vec<(Ordinal, f32)>, query: &[f32], k: usize, among: Among<'_>) -> Vec<(Ordinal, f32)> {
        let mut best = TopK::new(k);
        standing.into_iter().for_each(|(ordinal, cosine)| best.push((Score(cosine), Reverse(ordinal))));
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
        let has_changed = self.has_changed(product);
        // One that changed may change again, and is then elsewhere.
        let remembered = match (&self.standing, has_changed) {
            (Some(standing), true) => self.walked(standing, vector),
            _ => self.kin.of(product, walk),
        };
        let standing = remembered.iter().filter_map(|&(near, cosine)| match has_changed || self.has_changed(near) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ann;

    fn product(title: &str) -> Product {
        Product::from_document(format!(r#"{{"id":"a","title":"{title}","variants":[{{"sku":"a"}}]}}"#).as_bytes()).expect("a product")
    }

    /// Products on a half circle, the nearer to the first direction the lower their ordinal.
    fn on_a_bow(folder: &std::path::Path) -> Vectors {
        let embeddings = Embeddings::from_parts(&["desk".to_owned(), "lamp".to_owned()], vec![1.0; 2], vec![0.0, 1.0, 1.0, 0.0], 2, 0.1);
        let at = |number: u32| (number as f32 / 1_000.0 * std::f32::consts::PI).sin_cos();
        let vectors: Vec<(Ordinal, Vec<f32>)> = (0..1_000).map(|number| (Ordinal(number), vec![at(number).1, at(number).0])).collect();
        let path = folder.join("vectors.bin");
        ann::build(&vectors, &path, ann::Options::default()).expect("builds");
        Vectors::new(Arc::new(embeddings.expect("consistent")), Some(Arc::new(Neighbours::open(&path).expect("opens"))))
    }

    #[test]
    fn a_query_that_comes_again_finds_its_neighbours_as_they_are_by_now() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut vectors = on_a_bow(folder.path());
        let query = [1.0, 0.0];
        let near = |vectors: &Vectors, k, known: &RoaringBitmap| {
            let found = vectors.nearest_beside(&query, k, known);
            assert_eq!(found, vectors.nearest(&query, k, Among::Except(known)));
            found.into_iter().map(|(ordinal, _)| ordinal.0).collect::<Vec<_>>()
        };
        assert_eq!(near(&vectors, 3, &RoaringBitmap::new()), [0, 1, 2]);
        assert_eq!(near(&vectors, 3, &(0..200).collect()), [200, 201, 202]);
        assert_eq!(near(&vectors, 3, &(0..600).collect()), [600, 601, 602]);
        vectors.remove(Ordinal(1));
        vectors.put(Ordinal(2), &product("desk"));
        vectors.put(Ordinal(2_000), &product("lamp"));
        assert_eq!(near(&vectors, 3, &RoaringBitmap::new()), [0, 2_000, 3]);
    }

    /// Where it had been was remembered, and it was near nothing any more.
    #[test]
    fn a_product_that_changes_has_the_kin_of_what_it_is_now_whether_or_not_anybody_asked_before() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut vectors = on_a_bow(folder.path());
        let first = |vectors: &Vectors| vectors.kin(Ordinal(900)).first().map(|(near, _)| near.0);
        assert!([Some(899), Some(901)].contains(&first(&vectors)));
        vectors.put(Ordinal(900), &product("lamp"));
        assert_eq!(first(&vectors), Some(0));
        vectors.put(Ordinal(900), &product("desk"));
        assert_eq!(first(&vectors), Some(500));
    }

    #[test]
    fn what_is_no_more_alike_than_noise_is_not_alike() {
        let folder = tempfile::tempdir().expect("a folder");
        let vectors = on_a_bow(folder.path());
        let far = (400..1_000).collect();
        let found = vectors.alike(Ordinal(0), 1_000, Among::Only(&far));
        assert!(!found.is_empty() && found.iter().all(|(product, cosine)| *cosine >= vectors.cut() && product.0 < 470), "{found:?}");
        assert_eq!(vectors.alike(Ordinal(0), 5, Among::Only(&(500..1_000).collect())), []);
        assert_eq!(vectors.alike(Ordinal(0), 2, Among::All).iter().map(|(product, _)| product.0).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(vectors.alike(Ordinal(5_000), 2, Among::All), []);
    }
}
