//! Where noise ends: the similarity that unrelated texts reach by chance.
//!
//! Any query has a nearest product, and a threshold read off one catalogue is wrong for the next. So the cut is measured: for products drawn
//! from the catalogue, one to three of their weightiest terms stand for a query, and are compared with other products drawn at random. The
//! cut is the similarity that only a given share of these pairs reach.

use super::Document;
use crate::model::embedding::Embeddings;
use crate::model::vector::dot;

/// Products compared with one another.
pub(super) const DOCUMENTS_MAX: usize = 2_000;
/// Products that each query is compared with.
const PAIRS_PER_QUERY: usize = 100;
/// Most terms in a query that stands for what shoppers type.
const QUERY_TERMS_MAX: usize = 3;

/// The similarity that a `share` of random pairs reach; 1 when there is nothing to compare.
pub(super) fn cut(embeddings: &Embeddings, sample: &[Document], share: f64, seed: u64) -> f32 {
    let mut random = fastrand::Rng::with_seed(seed);
    let embed = |document: &[(String, f32)]| embeddings.embed_weighted(document.iter().map(|(term, weight)| (term.as_str(), *weight)));
    let products: Vec<Option<Vec<f32>>> = sample.iter().map(|document| embed(document)).collect();
    let mut similarities = Vec::new();
    for (own, document) in sample.iter().enumerate() {
        let Some(query) = query_like(document, &mut random).and_then(|terms| embeddings.embed_terms(terms.into_iter())) else { continue };
        for _ in 0..PAIRS_PER_QUERY {
            let other = random.usize(0..sample.len());
            if let Some(product) = products[other].as_ref().filter(|_| other != own) {
                similarities.push(dot(&query, product));
            }
        }
    }
    similarities.sort_unstable_by(|a, b| b.total_cmp(a));
    let rank = (similarities.len() as f64 * share) as usize;
    similarities.get(rank).copied().unwrap_or(1.0).clamp(0.0, 1.0)
}

/// Up to three of the terms with the highest weight (those of the title), drawn at random.
fn query_like<'a>(document: &'a [(String, f32)], random: &mut fastrand::Rng) -> Option<Vec<&'a str>> {
    let heaviest = document.iter().map(|(_, weight)| *weight).fold(0.0, f32::max);
    let mut terms: Vec<&str> = document.iter().filter(|(_, weight)| *weight >= heaviest).map(|(term, _)| term.as_str()).collect();
    random.shuffle(&mut terms);
    terms.truncate(random.usize(1..=QUERY_TERMS_MAX));
    (!terms.is_empty()).then_some(terms)
}
