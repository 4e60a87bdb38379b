//! The vectors as their users see them: open a file, ask for neighbours.

use super::among::Among;
use super::codes::Asked;
use super::file::VectorFile;
use super::layers::NO_NODE;
use super::walk::Scratch;
use crate::id::Ordinal;
use crate::model::ModelError;
use crate::model::vector::{dot, normalise};
use crate::stdx::simd::dots;
use crate::stdx::topk::{Score, TopK};
use roaring::RoaringBitmap;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;
use std::path::Path;

/// Comparing one more code when all are read in order, in nanoseconds for each 64 elements. This and the costs below were fitted with
/// `benches/ann.rs`; their proportions matter, not their size.
const SCAN_ALL_COST: f64 = 3.7;
/// Comparing the code of one accepted product, looked up on its own, for each 64 elements.
const SCAN_THESE_COST: f64 = 18.0;
/// The same within cells: runs are short, and begin anywhere.
const SCAN_CELLS_COST: f64 = 5.0;
/// Finding the cells to read.
const ROUTE_COST: f64 = 20_000.0;
/// Accepted codes that are compared for each question, whatever it asks for, and for each product asked for; measured in `benches/ann.rs`.
const CODES_MIN: usize = 2_800;
const CODES_EACH: usize = 40;
/// Cells that are found by a walk; for more, all centres are compared.
const WALKED_MAX: usize = 128;
/// A walk remembers so many cells more than as many average ones as would do: the cells near a question may be small ones.
const WALK_MARGIN: f64 = 1.25;

/// A way to find neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Plan {
    /// Compare every code in order, exactly where it matters. Misses nothing.
    ScanAll,
    /// The same for the accepted products alone. Misses nothing.
    ScanThese,
    /// The same for the nearest cells, as many as hold enough accepted products.
    Cells,
}

/// Mapped unit vectors of products, sorted into cells.
#[derive(Debug)]
pub struct Neighbours {
    file: VectorFile,
}

impl Neighbours {
    /// Maps a file that [`super::build()`] wrote, after checking all that leads from one part of it to another.
    ///
    /// # Errors
    /// When the file is missing, damaged in that, or its numbers contradict each other.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        Ok(Self { file: VectorFile::open(path)? })
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
        self.file.node_of(ordinal.0).map(|node| self.file.rows().vector(node))
    }

    /// About how similar products are to `query`: from their codes, which are a quarter of what the vectors are and leave out a few thousandths.
    /// `visit` is told the place of each among `products` and its similarity, nothing of those that are not in here, and nothing at all for
    /// a query of another length or without a direction.
    pub fn nearness_of_all(&self, query: &[f32], products: impl Iterator<Item = Ordinal>, visit: impl FnMut(usize, f32)) {
        let Some(unit) = self.unit(query) else { return };
        let nodes: Vec<u32> = products.map(|ordinal| self.file.node_of(ordinal.0).unwrap_or(NO_NODE)).collect();
        Asked::new(unit).nearness_of_all(&self.file.rows(), &nodes, visit);
    }

    /// The `k` products of `among` most similar to `query`, with their cosine: most similar first, equal ones by ordinal. `k` products are
    /// answered whenever `among` has as many.
    ///
    /// The way is chosen by how many products `among` has; a scan is exact, cells are approximate, and either gives the same answer to the same
    /// question. A query without a direction, or of another length, has no neighbours.
    #[must_use]
    pub fn nearest(&self, query: &[f32], k: usize, among: Among<'_>) -> Vec<(Ordinal, f32)> {
        self.nearest_by(self.plan(k, among), query, k, among)
    }

    /// [`Neighbours::nearest`] in a way of the caller's choice.
    #[must_use]
    pub fn nearest_by(&self, plan: Plan, query: &[f32], k: usize, among: Among<'_>) -> Vec<(Ordinal, f32)> {
        let Some(query) = self.unit(query).filter(|_| k > 0) else { return Vec::new() };
        let mut search = Search::new(&self.file, &query, k.min(self.len()), among);
        match (plan, among) {
            (Plan::ScanThese, Among::Only(these)) => search.scan_these(these),
            (Plan::Cells, _) if self.cells_count() > 0 => search.scan_cells(codes_of(k)),
            (Plan::ScanAll | Plan::ScanThese | Plan::Cells, _) => search.scan_all(),
        }
        search.top.into_descending()
    }

    /// Every product whose cosine with `query` is at least `floor`, in no particular order. Exact.
    pub fn above(&self, query: &[f32], floor: f32, mut visit: impl FnMut(Ordinal, f32)) {
        let Some(query) = self.unit(query) else { return };
        let (rows, members) = (self.file.rows(), self.file.members());
        let all = 0..rows.count() as u32;
        let visit = |node: u32, similarity: f32| {
            members.of(node).iter().for_each(|&ordinal| visit(Ordinal(ordinal), similarity));
            floor
        };
        Asked::new(&query).scan(&rows, all, floor, |_| true, visit);
    }

    /// The way that [`Neighbours::nearest`] takes.
    #[must_use]
    pub fn plan(&self, k: usize, among: Among<'_>) -> Plan {
        let nodes_count = self.file.rows().count() as f64;
        let accepted = among.count_of(self.len() as u64).max(1) as f64;
        let size = self.dims() as f64 / 64.0;
        let scan_all = nodes_count * SCAN_ALL_COST * size;
        let scan_these = if matches!(among, Among::Only(_)) { accepted * SCAN_THESE_COST * size } else { f64::INFINITY };
        let read = codes_of(k) as f64 * (self.len() as f64 / accepted).max(1.0);
        let cells = if self.cells_count() == 0 { f64::INFINITY } else { ROUTE_COST + read * SCAN_CELLS_COST * size };
        let costs = [(scan_these, Plan::ScanThese), (scan_all, Plan::ScanAll), (cells, Plan::Cells)];
        costs.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)).map_or(Plan::ScanAll, |(_, plan)| plan)
    }

    fn cells_count(&self) -> usize {
        self.file.cell_starts().len() - 1
    }

    fn unit(&self, query: &[f32]) -> Option<Vec<f32>> {
        let mut query = query.to_vec();
        (query.len() == self.dims() && normalise(&mut query)).then_some(query)
    }
}

/// How many accepted codes are compared in cells for `k` products.
fn codes_of(k: usize) -> usize {
    CODES_MIN.max(k.saturating_mul(CODES_EACH))
}

/// One question under way.
struct Search<'a> {
    file: &'a VectorFile,
    query: &'a [f32],
    asked: Asked<'a>,
    among: Among<'a>,
    top: Nearest,
    /// Codes that were read.
    read: usize,
    /// Nodes that were near enough to ask whether they are accepted, and those that were.
    tried: usize,
    accepted: usize,
}

impl<'a> Search<'a> {
    fn new(file: &'a VectorFile, query: &'a [f32], k: usize, among: Among<'a>) -> Self {
        Self { file, query, asked: Asked::new(query), among, top: Nearest::new(k), read: 0, tried: 0, accepted: 0 }
    }

    fn scan_all(&mut self) {
        self.scan_run(0..self.file.rows().count() as u32);
    }

    fn scan_run(&mut self, run: Range<u32>) {
        let (rows, members, among) = (self.file.rows(), self.file.members(), self.among);
        let accepted = |node: u32| members.of(node).iter().copied().map(Ordinal).filter(move |ordinal| among.accepts(*ordinal));
        self.read += run.len();
        let (top, tried, yes) = (&mut self.top, &mut self.tried, &mut self.accepted);
        let is_wanted = |node: u32| {
            let is_accepted = accepted(node).next().is_some();
            *tried += 1;
            *yes += usize::from(is_accepted);
            is_accepted
        };
        let floor = top.floor();
        self.asked.scan(&rows, run, floor, is_wanted, |node, similarity| {
            accepted(node).for_each(|ordinal| top.push(similarity, ordinal));
            top.floor()
        });
    }

    fn scan_these(&mut self, these: &RoaringBitmap) {
        let members = self.file.members();
        let mut at = 0;
        let known = these.iter().filter_map(|ordinal| {
            at += distance_to(&members.ordinals[at..], ordinal);
            (members.ordinals.get(at) == Some(&ordinal)).then(|| (Ordinal(ordinal), members.nodes[at]))
        });
        let top = &mut self.top;
        self.asked.scan_these(&self.file.rows(), known, f32::NEG_INFINITY, |ordinal, similarity| {
            top.push(similarity, ordinal);
            top.floor()
        });
    }

    /// Reads cells, nearest first, until they held `enough` accepted codes: as many as the share of accepted ones among those near the
    /// question suggests. Where the filter goes against the question that share is small, and more is read, up to everything.
    fn scan_cells(&mut self, enough: usize) {
        let starts = self.file.cell_starts();
        let run = |cell: u32| starts[cell as usize]..starts[cell as usize + 1];
        let cells_count = starts.len() - 1;
        let average = (self.file.rows().count() as f64 / cells_count as f64).max(1.0);
        let products = self.file.members().ordinals.len().max(1) as u64;
        let share = self.among.count_of(products) as f64 / products as f64;
        let walked = (enough as f64 / share.max(f64::MIN_POSITIVE) / average * WALK_MARGIN) as usize + 1;
        let mut done = vec![false; cells_count];
        for cell in nearest_cells(self.file, self.query, walked) {
            if !std::mem::replace(&mut done[cell as usize], true) {
                self.scan_run(run(cell));
                if self.has_enough(enough) {
                    return;
                }
            }
        }
    }

    fn has_enough(&self, enough: usize) -> bool {
        let share = (self.accepted + 1) as f64 / (self.tried + 1) as f64;
        self.top.is_full() && self.read as f64 * share >= enough as f64
    }
}

/// Cells, nearest first: `walked` of them by a walk, unless that is more than a walk is good for, then all of them, those of the walk once more.
fn nearest_cells<'a>(file: &'a VectorFile, query: &'a [f32], walked: usize) -> impl Iterator<Item = u32> + 'a {
    let near = if walked <= WALKED_MAX { walk(file, query, walked) } else { Vec::new() };
    let all = std::iter::once_with(move || all_cells(file, query)).flat_map(|mut cells| std::iter::from_fn(move || cells.pop()));
    near.into_iter().chain(all.map(|(_, Reverse(cell))| cell))
}

/// The nearest cells by a walk, nearest first.
fn walk(file: &VectorFile, query: &[f32], count: usize) -> Vec<u32> {
    Scratch::with(|scratch| {
        file.routes().walk(|centre| dot(query, centre), count, scratch);
        scratch.drain_descending().into_iter().map(|(_, cell)| cell).collect()
    })
}

/// All cells; the greatest is the nearest. Few of them are taken, so they are not sorted.
fn all_cells(file: &VectorFile, query: &[f32]) -> BinaryHeap<(Score, Reverse<u32>)> {
    let mut cells = Vec::with_capacity(file.cell_starts().len());
    dots(query, file.routes().vectors, |cell, similarity| cells.push((Score(similarity), Reverse(cell as u32))));
    BinaryHeap::from(cells)
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

    fn is_full(&self) -> bool {
        self.0.floor().is_some()
    }

    fn into_descending(self) -> Vec<(Ordinal, f32)> {
        self.0.into_descending().into_iter().map(|(Score(similarity), Reverse(ordinal))| (ordinal, similarity)).collect()
    }
}
