//! A walk to the nearest centres: descend the upper levels greedily, then widen on the ground level, remembering the best.
//!
//! All working memory is a [`Scratch`] that is used again: visited centres are marked with the number of the walk, so nothing is cleared
//! between walks.

use super::layers::View;
use crate::stdx::topk::Score;
use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A centre and its similarity; the more similar, then the lower number, is the greater.
type Near = (Score, Reverse<u32>);

/// Working memory of a walk, used again by the next one.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    marks: Vec<u32>,
    walk: u32,
    frontier: BinaryHeap<Near>,
    best: BinaryHeap<Reverse<Near>>,
}

thread_local! {
    static SCRATCH: Cell<Option<Scratch>> = const { Cell::new(None) };
}

impl Scratch {
    /// Runs `work` with this thread's working memory. A walk within a walk gets memory of its own.
    pub(super) fn with<R>(work: impl FnOnce(&mut Self) -> R) -> R {
        let mut scratch = SCRATCH.take().unwrap_or_default();
        let answer = work(&mut scratch);
        SCRATCH.set(Some(scratch));
        answer
    }

    fn begin(&mut self, count: usize) {
        if self.walk == u32::MAX {
            self.marks.fill(0);
            self.walk = 0;
        }
        self.walk += 1;
        if self.marks.len() < count {
            self.marks.resize(count, 0);
        }
        self.frontier.clear();
        self.best.clear();
    }

    /// Whether the centre is met for the first time on this walk.
    #[inline]
    fn meets(&mut self, node: u32) -> bool {
        std::mem::replace(&mut self.marks[node as usize], self.walk) != self.walk
    }

    #[inline]
    fn offer(&mut self, similarity: f32, node: u32, remembered: usize) {
        let near = (Score(similarity), Reverse(node));
        let full = self.best.len() >= remembered;
        if full && self.best.peek().is_some_and(|Reverse(worst)| near < *worst) {
            return;
        }
        if full {
            self.best.pop();
        }
        self.best.push(Reverse(near));
        self.frontier.push(near);
    }

    /// What was found, best first; it is gone from here afterwards.
    pub(super) fn drain_descending(&mut self) -> Vec<(f32, u32)> {
        let mut found: Vec<(f32, u32)> = self.best.drain().map(|Reverse((Score(similarity), Reverse(node)))| (similarity, node)).collect();
        found.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        found
    }
}

impl View<'_> {
    /// Leaves the `remembered` centres of greatest nearness that it finds in `scratch`.
    pub(super) fn walk(&self, nearness: impl Fn(u32) -> f32, remembered: usize, scratch: &mut Scratch) {
        scratch.begin(self.count());
        let &[entry, level] = self.entry else { return };
        let (similarity, start) = self.descend(&nearness, entry, level);
        scratch.meets(start);
        scratch.offer(similarity, start, remembered);
        while let Some((similarity, Reverse(node))) = scratch.frontier.pop() {
            if scratch.best.len() >= remembered && scratch.best.peek().is_some_and(|Reverse((worst, _))| similarity < *worst) {
                return;
            }
            for link in self.links(node) {
                if scratch.meets(link) {
                    scratch.offer(nearness(link), link, remembered);
                }
            }
        }
    }

    /// From the entry down to level 1, always to the most similar neighbour.
    fn descend(&self, nearness: &impl Fn(u32) -> f32, entry: u32, top: u32) -> (f32, u32) {
        let mut best = (nearness(entry), entry);
        for level in (1..=top).rev() {
            loop {
                let here = best.1;
                for &link in self.upper(here, level) {
                    let similarity = nearness(link);
                    if similarity > best.0 {
                        best = (similarity, link);
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
