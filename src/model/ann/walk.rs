//! The search itself: descend the upper levels greedily, then widen on the ground level, remembering the best `ef` nodes.
//!
//! Nodes that the filter refuses are walked through but not remembered, so a filter never cuts the graph apart. All working memory is a
//! [`Scratch`] that is used again: visited nodes are marked with the number of the search, so nothing is cleared between searches.

use super::layers::View;
use crate::stdx::topk::Score;
use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A node and its similarity; the more similar, then the lower node, is the greater.
pub(super) type Near = (Score, Reverse<u32>);

/// Working memory of a search, used again by the next one.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    marks: Vec<u32>,
    search: u32,
    frontier: BinaryHeap<Near>,
    best: BinaryHeap<Reverse<Near>>,
    /// Nodes met on one hop, and how near they are.
    hop: Vec<u32>,
    nearness: Vec<f32>,
}

thread_local! {
    static SCRATCH: Cell<Option<Scratch>> = const { Cell::new(None) };
}

impl Scratch {
    /// Runs `work` with this thread's working memory. A search within a search gets memory of its own.
    pub(super) fn with<R>(work: impl FnOnce(&mut Self) -> R) -> R {
        let mut scratch = SCRATCH.take().unwrap_or_default();
        let answer = work(&mut scratch);
        SCRATCH.set(Some(scratch));
        answer
    }

    fn begin(&mut self, nodes_count: usize) {
        if self.search == u32::MAX {
            self.marks.fill(0);
            self.search = 0;
        }
        self.search += 1;
        if self.marks.len() < nodes_count {
            self.marks.resize(nodes_count, 0);
        }
        self.frontier.clear();
        self.best.clear();
    }

    /// Whether the node is met for the first time in this search.
    #[inline]
    fn meets(&mut self, node: u32) -> bool {
        std::mem::replace(&mut self.marks[node as usize], self.search) != self.search
    }

    /// The nodes found in any order; they are gone from here afterwards.
    pub(super) fn drain(&mut self) -> Vec<u32> {
        self.best.drain().map(|Reverse((_, Reverse(node)))| node).collect()
    }

    /// The nodes found, best first; they are gone from here afterwards.
    pub(super) fn drain_descending(&mut self) -> Vec<(f32, u32)> {
        let mut found: Vec<(f32, u32)> = self.best.drain().map(|Reverse((Score(similarity), Reverse(node)))| (similarity, node)).collect();
        found.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        found
    }
}

/// How a walk ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// Nothing better was within reach.
    Settled,
    /// It met more nodes than it was allowed to.
    Exhausted,
}

impl View<'_> {
    /// Looks for the `ef` accepted nodes of greatest nearness and leaves them in `scratch`; meets about `met_max` nodes at most. `nearness` adds
    /// that of each of some nodes: all of a hop at once, so that looks at memory do not wait for each other.
    pub(super) fn walk(
        &self,
        nearness: impl Fn(&[u32], &mut Vec<f32>),
        ef: usize,
        met_max: usize,
        scratch: &mut Scratch,
        mut accept: impl FnMut(u32) -> bool,
    ) -> Ended {
        scratch.begin(self.nodes_count());
        for (entry, level) in self.entries() {
            let (similarity, start) = self.descend(&nearness, entry, level, &mut scratch.nearness);
            if scratch.meets(start) {
                scratch.offer(similarity, start, ef, &mut accept);
            }
        }
        let mut met = 0;
        while let Some((similarity, Reverse(node))) = scratch.frontier.pop() {
            if scratch.best.len() >= ef && scratch.best.peek().is_some_and(|Reverse((worst, _))| similarity < *worst) {
                return Ended::Settled;
            }
            if met > met_max {
                return Ended::Exhausted;
            }
            let (mut hop, mut near) = (std::mem::take(&mut scratch.hop), std::mem::take(&mut scratch.nearness));
            hop.clear();
            hop.extend(self.links(node).filter(|link| scratch.meets(*link)));
            met += hop.len();
            near.clear();
            nearness(&hop, &mut near);
            hop.iter().zip(&near).for_each(|(link, near)| scratch.offer(Score(*near), *link, ef, &mut accept));
            (scratch.hop, scratch.nearness) = (hop, near);
        }
        Ended::Settled
    }

    /// From the entry down to level 1, always to the most similar neighbour.
    fn descend(&self, nearness: impl Fn(&[u32], &mut Vec<f32>), entry: u32, top: u32, near: &mut Vec<f32>) -> (Score, u32) {
        near.clear();
        nearness(&[entry], near);
        let mut best = (Score(near[0]), entry);
        for level in (1..=top).rev() {
            loop {
                let here = best.1;
                let links = self.upper(here, level);
                near.clear();
                nearness(links, near);
                for (&link, &similarity) in links.iter().zip(&*near) {
                    if Score(similarity) > best.0 {
                        best = (Score(similarity), link);
                    }
                }
                if best.1 == here {
                    break;
                }
            }
        }
        best
    }
}

impl Scratch {
    #[inline]
    fn offer(&mut self, similarity: Score, node: u32, ef: usize, accept: &mut impl FnMut(u32) -> bool) {
        let near = (similarity, Reverse(node));
        let full = self.best.len() >= ef;
        if full && self.best.peek().is_some_and(|Reverse(worst)| near < *worst) {
            return;
        }
        self.frontier.push(near);
        if accept(node) {
            if full {
                self.best.pop();
            }
            self.best.push(Reverse(near));
        }
    }
}
