//! Building: from vectors to a graph file. The only file that knows `hnsw_rs`.
//!
//! Nothing here touches that crate's own files (some of its errors there end the process), its filters, or its parallel insertion (which
//! gives another graph each time).

use super::file;
use super::join::{SPARE, join};
use super::layers::{Layers, NO_NODE, upper_key};
use crate::id::Ordinal;
use crate::model::ModelError;
use crate::model::vector::{dot, normalise};
use hnsw_rs::prelude::{Distance, Hnsw};
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::path::Path;

/// Seed of the order in which nodes are inserted. Catalogues come sorted by category, and inserting a whole category at a time leaves
/// its first products badly linked.
const ORDER_SEED: u64 = 0x5eed_0f0d;
/// Links for which `hnsw_rs` works: with one it divides by zero, and above 256 it ends the process.
const LINKS: RangeInclusive<usize> = 2..=128;
/// Levels that `hnsw_rs` allows.
const LEVELS_MAX: usize = 16;

/// Where links begin to pay. Below, a scan of all codes takes half a millisecond at most and misses nothing, while linking costs about half a
/// millisecond of processor time for each vector.
const LINKED_FROM: usize = 65_536;

/// How much work goes into the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GraphOptions {
    /// Links that `hnsw_rs` makes for each node on an upper level (its M); it makes twice as many on the ground level.
    pub links: usize,
    /// Candidates it looks at for each node (its efConstruction).
    pub candidates: usize,
    /// Links that each node keeps on the ground level after joining.
    pub width: usize,
    /// Fewer distinct vectors than this are not linked: they are scanned.
    pub linked_from: usize,
}

impl Default for GraphOptions {
    fn default() -> Self {
        Self { links: 12, candidates: 64, width: 24, linked_from: LINKED_FROM }
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

/// Writes the graph of these vectors to `path`, under a temporary name first. Vectors need not have unit length; those without a
/// direction are left out. The file depends on nothing but the arguments.
///
/// # Errors
/// When vectors differ in length, an ordinal stands twice, an option makes no graph, or the file cannot be written.
pub fn build_graph(vectors: &[(Ordinal, Vec<f32>)], path: &Path, options: GraphOptions) -> Result<(), ModelError> {
    if !LINKS.contains(&options.links) || options.candidates == 0 || options.width <= SPARE {
        return Err(ModelError::Input(format!("{options:?}: links must be within {LINKS:?}, with candidates and a width above {SPARE}")));
    }
    let nodes = distinct(vectors)?;
    let is_linked = nodes.vectors.len() / nodes.dims >= options.linked_from.max(1);
    let layers = if is_linked { link(&nodes, options) } else { Layers::new(0, 0) };
    file::write(path, &nodes, &layers)
}

/// Joins equal vectors into nodes, numbered in the order of their lowest ordinal.
fn distinct(vectors: &[(Ordinal, Vec<f32>)]) -> Result<Nodes, ModelError> {
    let dims = vectors.first().map_or(1, |(_, vector)| vector.len());
    if dims == 0 || vectors.iter().any(|(_, vector)| vector.len() != dims) {
        return Err(ModelError::Input("vectors must have one and the same length".to_owned()));
    }
    let mut order: Vec<usize> = (0..vectors.len()).collect();
    order.sort_unstable_by_key(|&index| vectors[index].0);
    let mut nodes = Nodes { dims, ..Nodes::default() };
    let mut seen: HashMap<Vec<u32>, u32> = HashMap::with_capacity(vectors.len());
    for index in order {
        let (ordinal, mut vector) = (vectors[index].0, vectors[index].1.clone());
        if nodes.ordinals.last() == Some(&ordinal.0) {
            return Err(ModelError::Input(format!("ordinal {} stands twice", ordinal.0)));
        }
        if !normalise(&mut vector) {
            continue;
        }
        let next = seen.len() as u32;
        let node = *seen.entry(vector.iter().map(|element| element.to_bits()).collect()).or_insert(next);
        if node == next {
            nodes.vectors.extend_from_slice(&vector);
        }
        nodes.ordinals.push(ordinal.0);
        nodes.nodes.push(node);
    }
    Ok(nodes)
}

/// Builds two graphs at the same time, one of the even and one of the odd nodes, and joins them.
pub(super) fn link(nodes: &Nodes, options: GraphOptions) -> Layers {
    let nodes_count = (nodes.vectors.len() / nodes.dims) as u32;
    let mut order: Vec<u32> = (0..nodes_count).collect();
    fastrand::Rng::with_seed(ORDER_SEED).shuffle(&mut order);
    let half = |parity: u32| order.iter().copied().filter(|node| node % 2 == parity).collect::<Vec<_>>();
    let build = |parity: u32| insert(nodes, &half(parity), options);
    let (even, odd) = rayon::join(|| build(0), || build(1));

    let mut layers = Layers::new(nodes_count as usize, options.width.max(2 * options.links));
    let mut upper = Vec::new();
    for part in [even, odd].into_iter().flatten() {
        part.ground.into_iter().for_each(|(node, links)| layers.set_links(node, links));
        upper.extend(part.upper);
        layers.entries.extend([part.entry.0, part.entry.1]);
    }
    layers.set_upper(upper);
    join(layers, nodes, options.width)
}

/// What is taken over from one `hnsw_rs` graph, in numbers of nodes.
struct Part {
    ground: Vec<(u32, Vec<u32>)>,
    upper: Vec<(u64, Vec<u32>)>,
    entry: (u32, u32),
}

fn insert(nodes: &Nodes, order: &[u32], options: GraphOptions) -> Option<Part> {
    let graph = Hnsw::<f32, _>::new(options.links, order.len(), LEVELS_MAX, options.candidates, CosineDistance);
    for &node in order {
        graph.insert_slice((&nodes.vectors[node as usize * nodes.dims..][..nodes.dims], node as usize));
    }
    let mut part = Part { ground: Vec::with_capacity(order.len()), upper: Vec::new(), entry: (NO_NODE, 0) };
    let top = u32::from(graph.get_max_level_observed());
    for reached in 0..=top {
        for point in graph.get_point_indexation().get_layer_iterator(reached as usize) {
            let node = point.get_origin_id() as u32;
            if reached == top && part.entry.0 == NO_NODE {
                part.entry = (node, top);
            }
            for (level, neighbours) in (0..=reached).zip(point.get_neighborhood_id()) {
                // The crate keeps a few links to points that do not reach this level; they lead nowhere.
                let links = neighbours.iter().filter(|neighbour| u32::from(neighbour.p_id.0) >= level);
                let links: Vec<u32> = links.map(|neighbour| neighbour.d_id as u32).filter(|&link| link != node).collect();
                match level {
                    0 => part.ground.push((node, links)),
                    _ => part.upper.push((upper_key(level, node), links)),
                }
            }
        }
    }
    (part.entry.0 != NO_NODE).then_some(part)
}
