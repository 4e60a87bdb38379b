//! The vectors as their users see them: open a file, ask for neighbours.

use super::among::Among;
use super::codes::Asked;
use super::file::{Members, Rows, VectorFile};
use super::layers::NO_NODE;
use super::route::{CENTRE_COST, nearest_cells};
use super::shortlist::Shortlist;
use crate::id::Ordinal;
use crate::model::ModelError;
use crate::model::vector::normalise;
use crate::stdx::prefetch::call_for;
use crate::stdx::topk::{Score, TopK};
use roaring::RoaringBitmap;
use std::cmp::Reverse;
use std::ops::Range;
use std::path::Path;

/// Comparing one more code when all are read in order, in nanoseconds for each 64 elements. This and the costs below were fitted with
/// `benches/ann.rs`; their proportions matter, not their size.
const SCAN_ALL_COST: f64 = 2.5;
/// Comparing the code of one accepted product, looked up on its own, for each 64 elements.
const SCAN_THESE_COST: f64 = 12.0;
/// The same within cells: runs are short, and begin anywhere.
const SCAN_CELLS_COST: f64 = 5.0;
/// Accepted codes that are compared for each question, whatever it asks for, and for each product asked for; measured in `benches/ann.rs`.
const CODES_MIN: usize = 3_200;
const CODES_EACH: usize = 40;
/// So many cells more are looked for than average ones would do: the cells near a question may be small ones.
const MARGIN: f64 = 1.25;
/// Vectors that are called for before they are compared.
const VECTORS_AHEAD: usize = 4;

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
        let search = Search { file: &self.file, asked: Asked::new(&*query), k: k.min(self.len()), among };
        match (plan, among) {
            (Plan::ScanThese, Among::Only(these)) => search.these(these),
            (Plan::Cells, _) if self.cells_count() > 0 => search.cells(codes_of(k)),
            (Plan::ScanAll | Plan::ScanThese | Plan::Cells, _) => search.all(),
        }
    }

    /// Every product whose cosine with `query` is at least `floor`, in no particular order. Exact.
    pub fn above(&self, query: &[f32], floor: f32, mut visit: impl FnMut(Ordinal, f32)) {
        let Some(query) = self.unit(query) else { return };
        let (rows, members) = (self.file.rows(), self.file.members());
        let asked = Asked::new(&*query);
        asked.scan(&rows, 0..rows.count() as u32, floor, |node, _| {
            let similarity = asked.exactly(rows.vector(node));
            if similarity >= floor {
                members.of(node).iter().for_each(|&ordinal| visit(Ordinal(ordinal), similarity));
            }
            floor
        });
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
        let cells = if self.cells_count() == 0 {
            f64::INFINITY
        } else {
            self.cells_count() as f64 * CENTRE_COST * size + read * SCAN_CELLS_COST * size
        };
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

/// One question.
struct Search<'a> {
    file: &'a VectorFile,
    asked: Asked<'a>,
    k: usize,
    among: Among<'a>,
}

/// What has been read of the codes.
struct Read {
    near: Shortlist<u32>,
    /// Codes that were read.
    codes: usize,
    /// Nodes that were near enough to ask whether they are accepted, and those that were.
    tried: usize,
    accepted: usize,
}

impl Read {
    fn new(k: usize) -> Self {
        Self { near: Shortlist::new(k), codes: 0, tried: 0, accepted: 0 }
    }

    /// Whether these hold about as many accepted codes, going by the share of accepted ones among those near the question.
    fn has(&self, enough: usize) -> bool {
        let share = (self.accepted + 1) as f64 / (self.tried + 1) as f64;
        self.near.is_full() && self.codes as f64 * share >= enough as f64
    }
}

impl Search<'_> {
    fn all(&self) -> Vec<(Ordinal, f32)> {
        let (rows, members) = (self.file.rows(), self.file.members());
        let mut read = Read::new(self.k);
        self.read_run(&rows, &members, 0..rows.count() as u32, &mut read);
        self.exactly(&rows, read.near, |node| self.accepted(&members, node))
    }

    fn these(&self, these: &RoaringBitmap) -> Vec<(Ordinal, f32)> {
        let (rows, members) = (self.file.rows(), self.file.members());
        let mut at = 0;
        let known = these.iter().filter_map(|ordinal| {
            at += distance_to(&members.ordinals[at..], ordinal);
            (members.ordinals.get(at) == Some(&ordinal)).then(|| (Ordinal(ordinal), members.nodes[at]))
        });
        let (ordinals, nodes): (Vec<Ordinal>, Vec<u32>) = known.unzip();
        let mut near = Shortlist::new(self.k);
        self.asked.scan_these(&rows, &nodes, f32::NEG_INFINITY, |place, bounds| {
            near.note((nodes[place], ordinals[place]), bounds, 1);
            near.floor()
        });
        self.exactly(&rows, near, |(_, ordinal)| std::iter::once(ordinal))
    }

    /// Reads cells, nearest first, until they held `enough` accepted codes: as many as the share of accepted ones among those near the
    /// question suggests. Where the filter goes against the question that share is small, and more is read, up to everything.
    fn cells(&self, enough: usize) -> Vec<(Ordinal, f32)> {
        let (rows, members) = (self.file.rows(), self.file.members());
        let starts = self.file.cell_starts();
        let run = |cell: u32| starts[cell as usize]..starts[cell as usize + 1];
        let average = (rows.count() as f64 / (starts.len() - 1) as f64).max(1.0);
        let products = members.ordinals.len().max(1) as u64;
        let share = self.among.count_of(products) as f64 / products as f64;
        let likely = (enough as f64 / share.max(f64::MIN_POSITIVE) / average * MARGIN) as usize + 1;
        let mut read = Read::new(self.k);
        let mut done = vec![false; starts.len() - 1];
        let new = |cell: &u32| !std::mem::replace(&mut done[*cell as usize], true);
        let mut cells = nearest_cells(self.file, &self.asked, likely).filter(new).map(run).peekable();
        while let Some(run) = cells.next() {
            cells.peek().into_iter().for_each(|next| Asked::call_for(&rows, next.clone()));
            self.read_run(&rows, &members, run, &mut read);
            if read.has(enough) {
                break;
            }
        }
        self.exactly(&rows, read.near, |node| self.accepted(&members, node))
    }

    fn read_run(&self, rows: &Rows<'_>, members: &Members<'_>, run: Range<u32>, read: &mut Read) {
        read.codes += run.len();
        self.asked.scan(rows, run, read.near.floor(), |node, bounds| {
            let accepted = self.accepted(members, node).count();
            // Only who is above the floor for certain: those about as near as the floor say less of how many of the nearest are accepted.
            let is_near = bounds.lower >= read.near.floor();
            read.tried += usize::from(is_near);
            read.accepted += usize::from(is_near && accepted > 0);
            if accepted > 0 {
                read.near.note(node, bounds, accepted);
            }
            read.near.floor()
        });
    }

    #[inline]
    fn accepted<'m>(&self, members: &Members<'m>, node: u32) -> impl Iterator<Item = Ordinal> + use<'m, '_> {
        members.of(node).iter().copied().map(Ordinal).filter(|ordinal| self.among.accepts(*ordinal))
    }

    /// The nearest of a list, compared exactly, with the products that each name in it stands for.
    fn exactly<N: Named, P: Iterator<Item = Ordinal>>(
        &self,
        rows: &Rows<'_>,
        near: Shortlist<N>,
        products: impl Fn(N) -> P,
    ) -> Vec<(Ordinal, f32)> {
        let named = near.into_named();
        let mut top: TopK<(Score, Reverse<Ordinal>)> = TopK::new(self.k);
        let call = |place: usize| named.get(place).into_iter().for_each(|(_, name)| call_for(rows.vector(name.node())));
        (0..VECTORS_AHEAD).for_each(call);
        for (place, (upper, name)) in named.iter().enumerate() {
            call(place + VECTORS_AHEAD);
            if top.floor().is_none_or(|(Score(floor), _)| upper >= floor) {
                let similarity = self.asked.exactly(rows.vector(name.node()));
                products(*name).for_each(|ordinal| top.push((Score(similarity), Reverse(ordinal))));
            }
        }
        top.into_descending().into_iter().map(|(Score(similarity), Reverse(ordinal))| (ordinal, similarity)).collect()
    }
}

/// Something that has a vector.
trait Named: Copy {
    fn node(self) -> u32;
}

impl Named for u32 {
    fn node(self) -> u32 {
        self
    }
}

impl Named for (u32, Ordinal) {
    fn node(self) -> u32 {
        self.0
    }
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
