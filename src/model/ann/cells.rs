//! Cells: centres found by k-means, and which node belongs to which.
//!
//! k-means with thousands of centres compares every vector with every centre, over and over. Two levels make it cheap: about √c coarse cells,
//! and finer ones within each, in number as it has vectors; both from a sample. The last step is taken with all vectors: each goes to the nearest
//! centre of the coarse cells near to it, centres move to the middle of what they got, and each vector goes to the nearest of those few that were
//! nearest before they moved.

use super::build::Nodes;
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
/// Coarse cells in which the nearest centres are looked for; half as many lose 0.004 of recall@10 of 100,000 products, twice as many win nothing.
const COARSE_NEARBY: usize = 16;
/// Centres that are looked at again for a vector when all have moved a little.
const NEARBY: usize = 8;

/// Nodes by cell.
#[derive(Debug, Default)]
pub(super) struct Cells {
    /// One unit vector a cell.
    pub centres: Vec<f32>,
    /// The cell of each node.
    pub of: Vec<u32>,
    /// One unit vector a coarse cell, and where the centres within each begin; one more than coarse cells.
    coarse: Vec<f32>,
    coarse_starts: Vec<usize>,
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
    let finer: Vec<Vec<f32>> = finer.collect();
    let mut coarse_starts = vec![0];
    coarse_starts.extend(finer.iter().scan(0, |end, centres| {
        *end += centres.len() / nodes.dims;
        Some(*end)
    }));
    Cells { centres: finer.concat(), of: Vec::new(), coarse, coarse_starts }
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

/// The `N` most similar of many, the first of equals first.
struct Nearest<const N: usize> {
    len: usize,
    best: [(f32, usize); N],
}

impl<const N: usize> Default for Nearest<N> {
    fn default() -> Self {
        Self { len: 0, best: [(f32::NEG_INFINITY, 0); N] }
    }
}

impl<const N: usize> Nearest<N> {
    #[inline]
    fn offer(&mut self, similarity: f32, number: usize) {
        if self.len == N && similarity <= self.best[N - 1].0 {
            return;
        }
        let mut at = self.len.min(N - 1);
        while at > 0 && self.best[at - 1].0 < similarity {
            self.best[at] = self.best[at - 1];
            at -= 1;
        }
        self.best[at] = (similarity, number);
        self.len = (self.len + 1).min(N);
    }

    fn found(&self) -> impl Iterator<Item = usize> {
        self.best[..self.len].iter().map(|(_, number)| *number)
    }
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
    /// Gives every node its cell, and moves the centres into the middle of what they got.
    pub(super) fn settle(mut self, nodes: &Nodes) -> Self {
        let nearby = self.nearby(nodes);
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

    /// The [`NEARBY`] centres nearest to each node among those of the coarse cells nearest to it, nearest first; the last one fills up where there
    /// are fewer.
    fn nearby(&self, nodes: &Nodes) -> Vec<[u32; NEARBY]> {
        let of = nodes.vectors.par_chunks_exact(nodes.dims).map(|vector| {
            let mut coarse = Nearest::<COARSE_NEARBY>::default();
            dots(vector, &self.coarse, |number, similarity| coarse.offer(similarity, number));
            let mut near = Nearest::<NEARBY>::default();
            for number in coarse.found() {
                let (start, end) = (self.coarse_starts[number], self.coarse_starts[number + 1]);
                dots(vector, &self.centres[start * nodes.dims..end * nodes.dims], |at, similarity| near.offer(similarity, start + at));
            }
            let last = near.found().last().unwrap_or_default() as u32;
            let mut found = near.found();
            std::array::from_fn(|_| found.next().map_or(last, |number| number as u32))
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
    use proptest::prelude::*;

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
    fn nearly_every_vector_gets_the_cell_whose_centre_is_nearest() {
        let nodes = nodes(4_000);
        let cells = cut(&nodes, 300).settle(&nodes);
        let is_nearest = |node: &usize| {
            let of = |cell: u32| dot(nodes.vector(*node), &cells.centres[cell as usize * 8..][..8]);
            of(cells.of[*node]) >= of(nearest(nodes.vector(*node), &cells.centres))
        };
        let right = (0..4_000).filter(is_nearest).count();
        assert!(right > 3_900, "{right} of 4000");
    }

    proptest! {
        #[test]
        fn the_nearest_are_the_most_similar(similarities in prop::collection::vec(0_u8..20, 0..30)) {
            let mut near = Nearest::<4>::default();
            similarities.iter().enumerate().for_each(|(number, similarity)| near.offer(f32::from(*similarity), number));
            let mut expected: Vec<usize> = (0..similarities.len()).collect();
            expected.sort_by_key(|number| Reverse(similarities[*number]));
            expected.truncate(4);
            prop_assert_eq!(near.found().collect::<Vec<usize>>(), expected);
        }
    }

    #[test]
    fn sorting_by_cell_keeps_every_products_vector() {
        let nodes = nodes(50);
        let cells = Cells { centres: vec![0.0; 24], of: (0..50).map(|node| (node * 7) % 3).collect(), ..Cells::default() };
        let sorted = cells.sorted(self::nodes(50));
        assert_eq!(cells.starts(8), [0, 17, 34, 50]);
        for (at, node) in sorted.nodes.iter().enumerate() {
            assert_eq!(sorted.vector(*node as usize), nodes.vector(at));
            let cell = cells.of[at] as usize;
            assert!((cells.starts(8)[cell]..cells.starts(8)[cell + 1]).contains(node));
        }
    }
}
