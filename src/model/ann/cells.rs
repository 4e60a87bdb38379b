//! Cells: centres found by k-means, and which node belongs to which.
//!
//! k-means with thousands of centres compares every vector with every centre, over and over. Two levels make it cheap: about √c coarse cells,
//! and finer ones within each, in number as it has vectors; both from a sample. The last step is taken with all vectors: each goes to the nearest
//! centre that a walk finds, centres move to the middle of what they got, and each vector goes to the nearest of those few that were nearest
//! before they moved.

use super::build::Nodes;
use super::layers::Layers;
use super::walk::Scratch;
use crate::model::vector::{dot, normalise};
use crate::stdx::simd::dots;
use rayon::prelude::*;
use std::cmp::Reverse;

/// Seed of everything drawn here.
const SEED: u64 = 0x5eed_0f0d;
/// Vectors of the sample for each cell; twice as many find no better centres.
const SAMPLE_FACTOR: usize = 32;
/// Rounds of k-means on each level.
const ROUNDS: usize = 6;
/// Centres that a walk remembers when a vector is looked up.
const WALKED: usize = 32;
/// Centres that are looked at again for a vector when all have moved a little.
const NEARBY: usize = 8;

/// Nodes by cell.
#[derive(Debug, Default)]
pub(super) struct Cells {
    /// One unit vector a cell.
    pub centres: Vec<f32>,
    /// The cell of each node.
    pub of: Vec<u32>,
}

/// Finds about `count` centres.
pub(super) fn cut(nodes: &Nodes, count: usize) -> Cells {
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut sample: Vec<u32> = (0..nodes.count() as u32).collect();
    random.shuffle(&mut sample);
    sample.truncate(count * SAMPLE_FACTOR);
    let coarse = Split { nodes, members: &sample }.means((count as f64).sqrt().ceil() as usize, SEED);
    let mut groups: Vec<Vec<u32>> = vec![Vec::new(); coarse.len() / nodes.dims];
    let of: Vec<u32> = sample.par_iter().map(|&node| nearest(nodes.vector(node as usize), &coarse)).collect();
    sample.iter().zip(&of).for_each(|(&node, &group)| groups[group as usize].push(node));
    let finer = groups.par_iter().enumerate().map(|(group, members)| {
        let share = (members.len() * count).div_ceil(sample.len().max(1));
        Split { nodes, members }.means(share.min(members.len()), SEED ^ group as u64)
    });
    Cells { centres: finer.flatten_iter().collect(), of: Vec::new() }
}

/// The centre most similar to a vector.
fn nearest(vector: &[f32], centres: &[f32]) -> u32 {
    let mut best = (f32::NEG_INFINITY, 0);
    dots(vector, centres, |number, similarity| {
        if similarity > best.0 {
            best = (similarity, number as u32);
        }
    });
    best.1
}

/// Some nodes that are cut into cells.
struct Split<'a> {
    nodes: &'a Nodes,
    members: &'a [u32],
}

impl Split<'_> {
    /// The centres after [`ROUNDS`] rounds, at most `count`; they begin as the first members, which come in an order of chance.
    fn means(&self, count: usize, seed: u64) -> Vec<f32> {
        let dims = self.nodes.dims;
        let mut random = fastrand::Rng::with_seed(seed);
        let vector = |node: u32| self.nodes.vector(node as usize);
        let mut centres: Vec<f32> = self.members.iter().take(count).flat_map(|&node| vector(node).iter().copied()).collect();
        if count < 2 || self.members.len() <= count {
            return centres;
        }
        for _ in 0..ROUNDS {
            let of: Vec<u32> = self.members.par_iter().map(|&node| nearest(vector(node), &centres)).collect();
            move_to_middles(&mut centres, dims, self.members.iter().map(|&node| vector(node)).zip(of.iter().copied()), |centre| {
                // Nobody's centre begins again somewhere.
                centre.copy_from_slice(vector(self.members[random.usize(..self.members.len())]));
            });
        }
        centres
    }
}

/// Moves each centre into the middle of its vectors; `alone` says what becomes of one that has none.
fn move_to_middles<'a>(
    centres: &mut [f32],
    dims: usize,
    vectors: impl Iterator<Item = (&'a [f32], u32)>,
    mut alone: impl FnMut(&mut [f32]),
) {
    let mut sums = vec![0.0_f32; centres.len()];
    for (vector, cell) in vectors {
        sums[cell as usize * dims..][..dims].iter_mut().zip(vector).for_each(|(sum, element)| *sum += element);
    }
    for (centre, sum) in centres.chunks_exact_mut(dims).zip(sums.chunks_exact_mut(dims)) {
        if normalise(sum) { centre.copy_from_slice(sum) } else { alone(centre) }
    }
}

impl Cells {
    /// Gives every node its cell, by a walk of the graph of the centres, and moves the centres into the middle of what they got. The links of
    /// the graph stay: centres move a little, and their neighbours with them.
    pub(super) fn settle(mut self, nodes: &Nodes, routes: &Layers) -> Self {
        let nearby = self.nearby(nodes, routes);
        let first = nearby.iter().map(|centres| centres[0]);
        move_to_middles(&mut self.centres, nodes.dims, nodes.vectors.chunks_exact(nodes.dims).zip(first), |_| {});
        let centre = |number: u32| &self.centres[number as usize * nodes.dims..][..nodes.dims];
        let of = nodes.vectors.par_chunks_exact(nodes.dims).zip(&nearby).map(|(vector, nearby)| {
            let near = nearby.iter().map(|&number| (dot(vector, centre(number)), Reverse(number)));
            near.max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))).map_or(0, |(_, Reverse(number))| number)
        });
        let of = of.collect();
        Self { of, ..self }
    }

    /// The [`NEARBY`] centres nearest to each node, nearest first; the last one fills up where there are fewer.
    fn nearby(&self, nodes: &Nodes, routes: &Layers) -> Vec<[u32; NEARBY]> {
        let view = routes.view(&self.centres, nodes.dims);
        let of = nodes.vectors.par_chunks_exact(nodes.dims).map(|vector| {
            Scratch::with(|scratch| {
                view.walk(|centre| dot(vector, centre), WALKED, scratch);
                let found = scratch.drain_descending();
                std::array::from_fn(|at| found.get(at).or(found.last()).map_or(0, |(_, centre)| *centre))
            })
        });
        of.collect()
    }

    /// Where each cell begins among nodes that are sorted by cell; one more than cells.
    pub(super) fn starts(&self, dims: usize) -> Vec<u32> {
        let mut starts = vec![0_u32; self.centres.len() / dims + 1];
        self.of.iter().for_each(|&cell| starts[cell as usize + 1] += 1);
        for cell in 1..starts.len() {
            starts[cell] += starts[cell - 1];
        }
        starts
    }

    /// The same nodes, numbered cell by cell.
    pub(super) fn sorted(&self, nodes: Nodes) -> Nodes {
        let mut order: Vec<u32> = (0..self.of.len() as u32).collect();
        order.sort_by_key(|&node| self.of[node as usize]);
        let mut numbers = vec![0_u32; order.len()];
        order.iter().zip(0..).for_each(|(&node, number)| numbers[node as usize] = number);
        let vectors = order.iter().flat_map(|&node| nodes.vector(node as usize).iter().copied()).collect();
        Nodes { vectors, nodes: nodes.nodes.iter().map(|&node| numbers[node as usize]).collect(), ..nodes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(count: usize) -> Nodes {
        let mut random = fastrand::Rng::with_seed(5);
        let mut vectors = Vec::new();
        for _ in 0..count {
            let mut vector: Vec<f32> = (0..8).map(|_| random.f32() - 0.5).collect();
            assert!(normalise(&mut vector));
            vectors.extend(vector);
        }
        Nodes { dims: 8, vectors, ordinals: (0..count as u32).collect(), nodes: (0..count as u32).collect() }
    }

    #[test]
    fn a_centre_is_the_middle_of_what_is_near_it() {
        let nodes = nodes(2_000);
        let cells = cut(&nodes, 40);
        assert!((30..=60).contains(&(cells.centres.len() / 8)), "{}", cells.centres.len() / 8);
        let near = |centres: &[f32]| -> f32 {
            (0..2_000).map(|node| dot(nodes.vector(node), &centres[nearest(nodes.vector(node), centres) as usize * 8..][..8])).sum()
        };
        let by_chance = &nodes.vectors[..cells.centres.len()];
        assert!(near(&cells.centres) > near(by_chance) * 1.05, "{} and {}", near(&cells.centres), near(by_chance));
    }

    #[test]
    fn sorting_by_cell_keeps_every_products_vector() {
        let nodes = nodes(50);
        let cells = Cells { centres: vec![0.0; 24], of: (0..50).map(|node| (node * 7) % 3).collect() };
        let sorted = cells.sorted(self::nodes(50));
        assert_eq!(cells.starts(8), [0, 17, 34, 50]);
        for (at, node) in sorted.nodes.iter().enumerate() {
            assert_eq!(sorted.vector(*node as usize), nodes.vector(at));
            let cell = cells.of[at] as usize;
            assert!((cells.starts(8)[cell]..cells.starts(8)[cell + 1]).contains(node));
        }
    }
}
