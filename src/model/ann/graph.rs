//! The graph as its users see it: open a file, ask for neighbours.

use super::file::GraphFile;
use super::walk::{Ended, Scratch};
use crate::id::Ordinal;
use crate::model::ModelError;
use crate::model::vector::{dot, normalise};
use crate::stdx::topk::{Score, TopK};
use std::cmp::Reverse;
use std::path::Path;

/// What a walk costs, in comparisons of two vectors read in order: twice this when everything is accepted, and this much more for each
/// further multiple of the accepted products that the graph holds. Fitted to 50,000 × 64 with `benches/ann.rs`.
const WALK_COST: f64 = 5_000.0;
/// What it costs to ask a filter, in the same unit.
const ACCEPT_COST: f64 = 0.5;
/// A walk that has met one node in so many gives up and scans: the filter refuses everything near the query.
const WALK_SHARE: usize = 3;
/// Nodes a walk remembers at least; measured in `benches/ann.rs`.
pub(super) const EF_MIN: usize = 80;
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
        let ef = EF_MIN.max(k.saturating_add(k / 4));
        let accepted_count = accepted_count.unwrap_or_else(|| self.guess_accepted(accept)).min(self.len() as u64);
        if self.scan_is_cheaper(ef, accept.is_some(), accepted_count) {
            return self.scan(&query, k, accept);
        }
        let found = self.walk(&query, k, ef, accept).filter(|found| found.len() == k);
        found.unwrap_or_else(|| self.scan(&query, k, accept))
    }

    fn scan_is_cheaper(&self, ef: usize, filtered: bool, accepted_count: u64) -> bool {
        let (nodes_count, accepted) = (self.file.view().nodes_count() as f64, accepted_count.max(1) as f64);
        let scan = accepted + if filtered { nodes_count * ACCEPT_COST } else { 0.0 };
        let walk = WALK_COST * (1.0 + nodes_count / accepted) * (ef as f64 / EF_MIN as f64);
        scan <= walk
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

    /// Walks the graph with a unit vector, remembering `ef` nodes; none when it met so many nodes that scanning is cheaper.
    pub(super) fn walk(&self, query: &[f32], k: usize, ef: usize, accept: Accept<'_>) -> Option<Vec<(Ordinal, f32)>> {
        let (view, members) = (self.file.view(), self.file.members());
        let accepts = |ordinal: u32| accept.is_none_or(|accept| accept(Ordinal(ordinal)));
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
