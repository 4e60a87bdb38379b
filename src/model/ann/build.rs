//! Building: from vectors to a file. The only file that knows `hnsw_rs`.
//!
//! Nothing here touches that crate's own files (some of its errors there end the process), its filters, or its parallel insertion (which
//! gives another graph each time).

use super::cells::{Cells, cut};
use super::file;
use super::layers::{Layers, View, upper_key};
use crate::id::Ordinal;
use crate::model::ModelError;
use crate::model::vector::{dot, normalise};
use crate::stdx::digest::{blake3, short};
use crate::stdx::mapped::as_bytes;
use hnsw_rs::prelude::{Distance, Hnsw};
use std::collections::HashMap;
use std::path::Path;

/// Links that `hnsw_rs` makes for each centre on an upper level (its M); it makes twice as many on the ground level.
const LINKS: usize = 24;
/// Candidates it looks at for each centre (its efConstruction).
const CANDIDATES: usize = 200;
/// Places of each ground list that are left free, for bridges to what cannot be reached.
const SPARE: usize = 8;
/// Levels that `hnsw_rs` allows.
const LEVELS_MAX: usize = 16;
/// Where cells begin to pay. Below, a scan of all codes takes half a millisecond at most and misses nothing.
const CELLS_FROM: usize = 65_536;
/// Cells for each square root of the number of nodes; measured in `benches/ann.rs`. Finer cells hold fewer strangers, and more centres have
/// to be compared before one is chosen.
const CELLS_FACTOR: f64 = 8.0;

/// How a file is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Fewer distinct vectors than this have no cells: they are scanned.
    pub cells_from: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { cells_from: CELLS_FROM }
    }
}

/// `1 − cosine` of unit vectors. The crate's own dot product panics when rounding takes a cosine above one.
struct CosineDistance;

impl Distance<f32> for CosineDistance {
    fn eval(&self, a: &[f32], b: &[f32]) -> f32 {
        (1.0 - dot(a, b)).max(0.0)
    }
}

/// Distinct unit vectors and the products that have them.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    pub dims: usize,
    /// One unit vector a node.
    pub vectors: Vec<f32>,
    /// Ordinals with a vector, ascending.
    pub ordinals: Vec<u32>,
    /// The node of each of them.
    pub nodes: Vec<u32>,
}

impl Nodes {
    pub(super) fn count(&self) -> usize {
        self.vectors.len() / self.dims
    }

    #[inline]
    pub(super) fn vector(&self, node: usize) -> &[f32] {
        &self.vectors[node * self.dims..][..self.dims]
    }
}

/// Writes the neighbours of these vectors to `path`, under a temporary name first. Vectors need not have unit length; those without a
/// direction are left out. The file depends on nothing but the arguments.
///
/// # Errors
/// When vectors differ in length, an ordinal stands twice, or the file cannot be written.
pub fn build(vectors: &[(Ordinal, Vec<f32>)], path: &Path, options: Options) -> Result<(), ModelError> {
    let nodes = distinct(vectors)?;
    let count = nodes.count();
    if count < options.cells_from.max(1) {
        return file::write(path, &nodes, &Cells::default(), &Layers::default());
    }
    let cells = cut(&nodes, (CELLS_FACTOR * (count as f64).sqrt()) as usize);
    let routes = routes(&cells.centres, nodes.dims);
    let cells = cells.settle(&nodes);
    file::write(path, &cells.sorted(nodes), &cells, &routes)
}

/// Joins equal vectors into nodes, numbered in the order of their lowest ordinal.
fn distinct(vectors: &[(Ordinal, Vec<f32>)]) -> Result<Nodes, ModelError> {
    let dims = vectors.first().map_or(1, |(_, vector)| vector.len());
    if dims == 0 || vectors.iter().any(|(_, vector)| vector.len() != dims) {
        return Err(ModelError::Input("vectors must have one and the same length".to_owned()));
    }
    let mut order: Vec<usize> = (0..vectors.len()).collect();
    order.sort_unstable_by_key(|&index| vectors[index].0);
    let mut nodes = Nodes { dims, vectors: Vec::with_capacity(vectors.len() * dims), ..Nodes::default() };
    // By digest; should two vectors ever share one, the second is not recognised when it comes again, and stands twice.
    let mut seen: HashMap<u64, u32> = HashMap::with_capacity(vectors.len());
    for index in order {
        let (ordinal, mut vector) = (vectors[index].0, vectors[index].1.clone());
        if nodes.ordinals.last() == Some(&ordinal.0) {
            return Err(ModelError::Input(format!("ordinal {} stands twice", ordinal.0)));
        }
        if !normalise(&mut vector) {
            continue;
        }
        let next = nodes.count() as u32;
        let known = *seen.entry(short(&blake3(&[as_bytes(&vector)]))).or_insert(next);
        let is_known = known != next && as_bytes(nodes.vector(known as usize)) == as_bytes(&vector);
        let node = if is_known { known } else { next };
        if !is_known {
            nodes.vectors.extend_from_slice(&vector);
        }
        nodes.ordinals.push(ordinal.0);
        nodes.nodes.push(node);
    }
    Ok(nodes)
}

/// The graph of these centres, every one of which can be reached.
fn routes(centres: &[f32], dims: usize) -> Layers {
    let count = centres.len() / dims;
    let graph = Hnsw::<f32, _>::new(LINKS, count, LEVELS_MAX, CANDIDATES, CosineDistance);
    for (number, centre) in centres.chunks_exact(dims).enumerate() {
        graph.insert_slice((centre, number));
    }
    let mut layers = Layers::new(count, 2 * LINKS + SPARE);
    let mut upper = Vec::new();
    let top = u32::from(graph.get_max_level_observed());
    for reached in 0..=top {
        for point in graph.get_point_indexation().get_layer_iterator(reached as usize) {
            let node = point.get_origin_id() as u32;
            if reached == top && layers.entry.is_empty() {
                layers.entry = vec![node, top];
            }
            for (level, neighbours) in (0..=reached).zip(point.get_neighborhood_id()) {
                // The crate keeps a few links to points that do not reach this level; they lead nowhere.
                let links = neighbours.iter().filter(|neighbour| u32::from(neighbour.p_id.0) >= level);
                let links: Vec<u32> = links.map(|neighbour| neighbour.d_id as u32).filter(|&link| link != node).collect();
                match level {
                    0 => layers.set_links(node, links.into_iter().take(2 * LINKS)),
                    _ => upper.push((upper_key(level, node), links)),
                }
            }
        }
    }
    layers.set_upper(upper);
    bridge(&mut layers, centres, dims);
    layers
}

/// Links every centre that no walk can reach from the most similar one that can be reached and has room.
fn bridge(layers: &mut Layers, centres: &[f32], dims: usize) {
    let count = centres.len() / dims;
    let mut reached = vec![false; count];
    let mut stack: Vec<u32> = layers.entry.first().copied().into_iter().collect();
    for lost in 0..=count as u32 {
        while let Some(node) = stack.pop() {
            if !std::mem::replace(&mut reached[node as usize], true) {
                stack.extend(layers.view(centres, dims).links(node));
            }
        }
        if lost == count as u32 || reached[lost as usize] {
            continue;
        }
        let view = layers.view(centres, dims);
        if let Some(from) = nearest_with_room(&view, &reached, lost) {
            layers.add_link(from, lost);
        }
        stack.push(lost);
    }
}

fn nearest_with_room(view: &View<'_>, reached: &[bool], lost: u32) -> Option<u32> {
    let has_room = |node: u32| view.links(node).count() < view.width;
    let able = (0..reached.len() as u32).filter(|&node| reached[node as usize] && has_room(node));
    let near = able.map(|node| (dot(view.vector(node), view.vector(lost)), node));
    near.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1))).map(|(_, node)| node)
}
