//! The graph as its users see it: open a file, ask for neighbours.

use super::among::Among;
use super::codes::Asked;
use super::file::GraphFile;
use super::layers::NO_NODE;
use super::walk::{Ended, Scratch};
use crate::id::Ordinal;
use crate::model::ModelError;
use crate::model::vector::{dot, normalise};
use crate::stdx::topk::{Score, TopK};
use roaring::RoaringBitmap;
use std::cmp::Reverse;
use std::path::Path;

/// Comparing one more code when all are read in order, in nanoseconds for each 64 elements. This and the costs below were fitted with
/// `benches/ann.rs` (100,000 products of two shops); their proportions matter, not their size.
const SCAN_ALL_COST: f64 = 3.7;
/// Comparing the code of one accepted product, looked up on its own, for each 64 elements.
const SCAN_THESE_COST: f64 = 18.0;
/// What a walk costs for each node that it remembers: it meets a dozen others on the way, whose vectors are rarely in the cache.
const REMEMBER_COST: f64 = 1_150.0;
/// A walk that has met one node in so many gives up and scans: the filter refuses everything near the query.
const WALK_SHARE: usize = 3;
/// Nodes a walk remembers at least; measured in `benches/ann.rs`.
pub(super) const EF_MIN: usize = 80;
/// A walk that sieves afterwards remembers so much more than the share of accepted products asks for: the products near a query are
/// accepted more or less often than others.
const SIEVE_MARGIN: f64 = 1.5;

/// A way to find neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Plan {
    /// Compare every code in order, exactly where it matters. Misses nothing.
    ScanAll,
    /// The same for the accepted products alone. Misses nothing.
    ScanThese,
    /// Walk the graph and remember accepted products.
    Walk,
    /// Walk the graph as if all were accepted, remember more, and sieve.
    WalkThenSieve,
}

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
        self.file.dims()
    }

    /// The products in it, ascending.
    pub fn ordinals(&self) -> impl DoubleEndedIterator<Item = Ordinal> + '_ {
        self.file.members().ordinals.iter().copied().map(Ordinal)
    }

    /// The unit vector of a product.
    #[must_use]
    pub fn vector(&self, ordinal: Ordinal) -> Option<&[f32]> {
        let dims = self.dims();
        self.file.node_of(ordinal.0).map(|node| &self.file.vectors()[node as usize * dims..][..dims])
    }

    /// About how similar products are to `query`: from their codes, which are a quarter of what the vectors are and leave out a few thousandths.
    /// `visit` is told the place of each among `products` and its similarity, nothing of those that are not in here, and nothing at all for
    /// a query of another length or without a direction.
    pub fn nearness_of_all(&self, query: &[f32], products: impl Iterator<Item = Ordinal>, visit: impl FnMut(usize, f32)) {
        let Some(unit) = self.unit(query) else { return };
        let nodes: Vec<u32> = products.map(|ordinal| self.file.node_of(ordinal.0).unwrap_or(NO_NODE)).collect();
        Asked::new(unit).nearness_of_all(&self.file.view(), &nodes, visit);
    }

    /// The `k` products of `among` most similar to `query`, with their cosine: most similar first, equal ones by ordinal. `k` products are
    /// answered whenever `among` has as many.
    ///
    /// The way is chosen by how many products `among` has; a scan is exact, a walk approximate, and either gives the same answer to the same
    /// question. A query without a direction, or of another length, has no neighbours.
    #[must_use]
    pub fn nearest(&self, query: &[f32], k: usize, among: Among<'_>) -> Vec<(Ordinal, f32)> {
        self.nearest_by(self.plan(k, among), query, k, among)
    }

    /// [`Graph::nearest`] in a way of the caller's choice. A walk that finds too few products ends in a scan.
    #[must_use]
    pub fn nearest_by(&self, plan: Plan, query: &[f32], k: usize, among: Among<'_>) -> Vec<(Ordinal, f32)> {
        let Some(query) = self.unit(query).filter(|_| k > 0) else { return Vec::new() };
        let walked = match plan {
            Plan::ScanAll | Plan::ScanThese => None,
            Plan::Walk => self.walk(&query, k, ef_of(k), among),
            Plan::WalkThenSieve => self.walk_then_sieve(&query, k, among),
        };
        let enough = k.min(self.accepted_count(among) as usize);
        walked.filter(|found| found.len() >= enough).unwrap_or_else(|| self.scan(plan, &query, k, among))
    }

    /// Scans as told, or, where a walk was told and found too few, in the cheaper way.
    fn scan(&self, plan: Plan, query: &[f32], k: usize, among: Among<'_>) -> Vec<(Ordinal, f32)> {
        let these_are_few = |these: &RoaringBitmap| these.len() as f64 * SCAN_THESE_COST < self.len() as f64 * SCAN_ALL_COST;
        match among {
            Among::Only(these) if plan == Plan::ScanThese || (plan != Plan::ScanAll && these_are_few(these)) => {
                self.scan_these(query, k, these)
            }
            Among::All | Among::Only(_) | Among::Except(_) => self.scan_all(query, k, among),
        }
    }

    /// Every product whose cosine with `query` is at least `floor`, in no particular order. Exact.
    pub fn above(&self, query: &[f32], floor: f32, mut visit: impl FnMut(Ordinal, f32)) {
        let Some(query) = self.unit(query) else { return };
        let members = self.file.members();
        Asked::new(&query).scan(
            &self.file.view(),
            floor,
            |_| true,
            |node, similarity| {
                members.of(node).iter().for_each(|&ordinal| visit(Ordinal(ordinal), similarity));
                floor
            },
        );
    }

    /// The way that [`Graph::nearest`] takes.
    #[must_use]
    pub fn plan(&self, k: usize, among: Among<'_>) -> Plan {
        let view = self.file.view();
        let (nodes_count, accepted) = (view.nodes_count() as f64, self.accepted_count(among).max(1) as f64);
        let size = view.dims as f64 / 64.0;
        let scan_all = nodes_count * SCAN_ALL_COST * size;
        let scan_these = if matches!(among, Among::Only(_)) { accepted * SCAN_THESE_COST * size } else { f64::INFINITY };
        let share = (self.len() as f64 / accepted).max(1.0);
        let (walk, sieve) = if view.width == 0 {
            (f64::INFINITY, f64::INFINITY)
        } else {
            (ef_of(k) as f64 * share * REMEMBER_COST, sieved_ef(k, share) as f64 * REMEMBER_COST)
        };
        let costs = [(scan_these, Plan::ScanThese), (scan_all, Plan::ScanAll), (sieve, Plan::WalkThenSieve), (walk, Plan::Walk)];
        costs.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)).map_or(Plan::ScanAll, |(_, plan)| plan)
    }

    fn accepted_count(&self, among: Among<'_>) -> u64 {
        among.count_of(self.len() as u64)
    }

    fn unit(&self, query: &[f32]) -> Option<Vec<f32>> {
        let mut query = query.to_vec();
        (query.len() == self.dims() && normalise(&mut query)).then_some(query)
    }

    fn scan_all(&self, query: &[f32], k: usize, among: Among<'_>) -> Vec<(Ordinal, f32)> {
        let members = self.file.members();
        let mut top = Nearest::new(k.min(self.len()));
        let accepted = |node: u32| members.of(node).iter().copied().map(Ordinal).filter(|ordinal| among.accepts(*ordinal));
        let is_wanted = |node: u32| accepted(node).next().is_some();
        Asked::new(query).scan(&self.file.view(), f32::NEG_INFINITY, is_wanted, |node, similarity| {
            accepted(node).for_each(|ordinal| top.push(similarity, ordinal));
            top.floor()
        });
        top.into_descending()
    }

    fn scan_these(&self, query: &[f32], k: usize, these: &RoaringBitmap) -> Vec<(Ordinal, f32)> {
        let members = self.file.members();
        let mut top = Nearest::new(k.min(self.len()));
        let mut at = 0;
        let known = these.iter().filter_map(|ordinal| {
            at += distance_to(&members.ordinals[at..], ordinal);
            (members.ordinals.get(at) == Some(&ordinal)).then(|| (Ordinal(ordinal), members.nodes[at]))
        });
        Asked::new(query).scan_these(&self.file.view(), known, f32::NEG_INFINITY, |ordinal, similarity| {
            top.push(similarity, ordinal);
            top.floor()
        });
        top.into_descending()
    }

    /// Walks the graph with a unit vector, remembering `ef` nodes; none when it met so many nodes that scanning is cheaper.
    pub(super) fn walk(&self, query: &[f32], k: usize, ef: usize, among: Among<'_>) -> Option<Vec<(Ordinal, f32)>> {
        let (view, members) = (self.file.view(), self.file.members());
        let met_max = view.nodes_count() / WALK_SHARE;
        let near = Scratch::with(|scratch| {
            let accepts = |node| members.of(node).iter().any(|&ordinal| among.accepts(Ordinal(ordinal)));
            let asked = Asked::new(query);
            let nearness = |nodes: &[u32], near: &mut Vec<f32>| asked.nearness_of_all(&view, nodes, |_, one| near.push(one));
            let ended = view.walk(nearness, ef, met_max, scratch, accepts);
            (ended == Ended::Settled).then(|| scratch.drain())
        })?;
        Some(self.products_of(query, &near, k, among))
    }

    fn walk_then_sieve(&self, query: &[f32], k: usize, among: Among<'_>) -> Option<Vec<(Ordinal, f32)>> {
        let (view, accepted) = (self.file.view(), self.accepted_count(among).max(1));
        let ef = sieved_ef(k, self.len() as f64 / accepted as f64);
        let met_max = view.nodes_count() / WALK_SHARE;
        let near = Scratch::with(|scratch| {
            let asked = Asked::new(query);
            let nearness = |nodes: &[u32], near: &mut Vec<f32>| asked.nearness_of_all(&view, nodes, |_, one| near.push(one));
            let ended = view.walk(nearness, ef, met_max, scratch, |_| true);
            (ended == Ended::Settled).then(|| scratch.drain())
        })?;
        Some(self.products_of(query, &near, k, among))
    }

    /// The best `k` products behind these nodes. A walk compares codes; what it found is compared exactly.
    fn products_of(&self, query: &[f32], near: &[u32], k: usize, among: Among<'_>) -> Vec<(Ordinal, f32)> {
        let (view, members) = (self.file.view(), self.file.members());
        let mut found: Vec<(Ordinal, f32)> = near
            .iter()
            .map(|&node| (dot(query, view.vector(node)), node))
            .flat_map(|(similarity, node)| members.of(node).iter().map(move |&ordinal| (Ordinal(ordinal), similarity)))
            .filter(|(ordinal, _)| among.accepts(*ordinal))
            .collect();
        found.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(k);
        found
    }
}

/// How many nodes a walk remembers that looks for `k`.
fn ef_of(k: usize) -> usize {
    EF_MIN.max(k.saturating_add(k / 4))
}

/// How many nodes a walk remembers when one in `share` of them will pass the sieve.
fn sieved_ef(k: usize, share: f64) -> usize {
    ef_of(k).max((k as f64 * share.max(1.0) * SIEVE_MARGIN) as usize)
}

/// How many of the ascending numbers are below `wanted`, which is usually not far: each step looks twice as far as the last.
fn distance_to(ascending: &[u32], wanted: u32) -> usize {
    let mut reach = 1;
    while ascending.get(reach).is_some_and(|&number| number < wanted) {
        reach *= 2;
    }
    let from = reach / 2;
    let to = ascending.len().min(reach + 1);
    from + ascending[from.min(to)..to].partition_point(|&number| number < wanted)
}

/// The `k` nearest so far, and what another one has to reach.
struct Nearest(TopK<(Score, Reverse<Ordinal>)>);

impl Nearest {
    fn new(k: usize) -> Self {
        Self(TopK::new(k))
    }

    #[inline]
    fn push(&mut self, similarity: f32, ordinal: Ordinal) {
        self.0.push((Score(similarity), Reverse(ordinal)));
    }

    #[inline]
    fn floor(&self) -> f32 {
        self.0.floor().map_or(f32::NEG_INFINITY, |(Score(similarity), _)| *similarity)
    }

    fn into_descending(self) -> Vec<(Ordinal, f32)> {
        self.0.into_descending().into_iter().map(|(Score(similarity), Reverse(ordinal))| (ordinal, similarity)).collect()
    }
}
