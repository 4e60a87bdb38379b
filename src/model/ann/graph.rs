//! The graph as its users see it: open a file, ask for neighbours.

use super::file::GraphFile;
use super::walk::{Ended, Scratch};
use crate::id::Ordinal;
use crate::model::ModelError;
use crate::model::vector::{dot, normalise};
use crate::stdx::topk::{Score, TopK};
use std::cmp::Reverse;
use std::path::Path;

/// Up to so many accepted products are scanned: cheaper than walking through all that the filter refuses, and exact.
const SCAN_ACCEPTED_MAX: u64 = 2_000;
/// So are accepted products that are at most one in so many.
const SCAN_SHARE: u64 = 20;
/// Smaller graphs are always scanned.
const SCAN_NODES_MAX: usize = 2_000;
/// A walk that has met one node in so many gives up and scans: the filter refuses everything near the query.
const WALK_SHARE: usize = 3;
/// Nodes a walk remembers at least; measured in `benches/ann.rs`.
const EF_MIN: usize = 80;
/// Nodes looked at to guess how many a filter accepts.
const SAMPLE: usize = 512;

/// Which products may be answered.
type Accept<'a> = Option<&'a dyn Fn(Ordinal) -> bool>;

/// A mapped nearest-neighbour graph over unit vectors.
#[derive(Debug)]
pub struct Graph {
    file: GraphFile,
}

impl Graph {
    /// Maps a file that [`super::build_graph`] wrote, after checking all of it.
    ///
    /// # Errors
    /// When the file is missing, damaged, or its numbers contradict each other.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        Ok(Self { file: GraphFile::open(path)? })
    }

    /// Number of products in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.file.members().ordinals.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Elements in a vector.
    #[must_use]
    pub fn dims(&self) -> usize {
        self.file.view().dims
    }

    /// The products in it, ascending.
    pub fn ordinals(&self) -> impl Iterator<Item = Ordinal> + '_ {
        self.file.members().ordinals.iter().copied().map(Ordinal)
    }

    /// The unit vector of a product.
    #[must_use]
    pub fn vector(&self, ordinal: Ordinal) -> Option<&[f32]> {
        self.file.members().node_of(ordinal.0).map(|node| self.file.view().vector(node))
    }

    /// The `k` products most similar to `query` among those that `accept` says yes to, with their cosine: most similar first, equal ones
    /// by ordinal. Every answer was accepted, and `k` products are answered whenever `k` are accepted.
    ///
    /// `accepted_count` is about how many products `accept` says yes to, when that is known. Where they are few, all of them are compared;
    /// otherwise the answer is approximate, and the same for the same question. A query without a direction, or of another length, has no
    /// neighbours.
    #[must_use]
    pub fn nearest(&self, query: &[f32], k: usize, accept: Accept<'_>, accepted_count: Option<u64>) -> Vec<(Ordinal, f32)> {
        let mut query = query.to_vec();
        if query.len() != self.dims() || k == 0 || !normalise(&mut query) {
            return Vec::new();
        }
        let accepted_count = accepted_count.unwrap_or_else(|| self.guess_accepted(accept)).min(self.len() as u64);
        if self.should_scan(k, accept, accepted_count) {
            return self.scan(&query, k, accept);
        }
        let found = self.walk(&query, k, accept);
        let missing = |found: &Vec<_>| found.len() < k && accept.is_some();
        found.filter(|found| !missing(found)).unwrap_or_else(|| self.scan(&query, k, accept))
    }

    fn should_scan(&self, k: usize, accept: Accept<'_>, accepted_count: u64) -> bool {
        let few = accepted_count <= SCAN_ACCEPTED_MAX || accepted_count * SCAN_SHARE <= self.len() as u64;
        let nodes_count = self.file.view().nodes_count();
        nodes_count <= SCAN_NODES_MAX || k.saturating_mul(WALK_SHARE) >= nodes_count || (accept.is_some() && few)
    }

    /// How many products `accept` says yes to, from products at even distances.
    fn guess_accepted(&self, accept: Accept<'_>) -> u64 {
        let ordinals = self.file.members().ordinals;
        let Some(accept) = accept else { return ordinals.len() as u64 };
        let step = (ordinals.len() / SAMPLE).max(1);
        let accepted = ordinals.iter().step_by(step).filter(|&&ordinal| accept(Ordinal(ordinal))).count();
        (accepted * step) as u64
    }

    /// Compares every accepted product.
    fn scan(&self, query: &[f32], k: usize, accept: Accept<'_>) -> Vec<(Ordinal, f32)> {
        let (view, members) = (self.file.view(), self.file.members());
        let mut top = TopK::new(k.min(self.len()));
        for node in 0..view.nodes_count() as u32 {
            let mut accepted =
                members.of(node).iter().copied().filter(|&ordinal| accept.is_none_or(|accept| accept(Ordinal(ordinal)))).peekable();
            if accepted.peek().is_some() {
                let similarity = Score(dot(query, view.vector(node)));
                accepted.for_each(|ordinal| top.push((similarity, Reverse(ordinal))));
            }
        }
        top.into_descending().into_iter().map(|(Score(similarity), Reverse(ordinal))| (Ordinal(ordinal), similarity)).collect()
    }

    /// Walks the graph; none when the walk met so many nodes that scanning is cheaper.
    fn walk(&self, query: &[f32], k: usize, accept: Accept<'_>) -> Option<Vec<(Ordinal, f32)>> {
        let (view, members) = (self.file.view(), self.file.members());
        let accepts = |ordinal: u32| accept.is_none_or(|accept| accept(Ordinal(ordinal)));
        let ef = EF_MIN.max(k + k / 4);
        let met_max = view.nodes_count() / WALK_SHARE;
        let near = Scratch::with(|scratch| {
            let ended = view.walk(query, ef, met_max, scratch, |node| members.of(node).iter().copied().any(accepts));
            (ended == Ended::Settled).then(|| scratch.drain_descending())
        })?;
        let mut found: Vec<(Ordinal, f32)> = near
            .into_iter()
            .flat_map(|(similarity, node)| members.of(node).iter().map(move |&ordinal| (ordinal, similarity)))
            .filter(|(ordinal, _)| accepts(*ordinal))
            .map(|(ordinal, similarity)| (Ordinal(ordinal), similarity))
            .collect();
        found.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(k);
        Some(found)
    }
}
