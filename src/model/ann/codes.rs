//! Vectors as bytes: a quarter of the memory to read, and a bound on what that costs in truth.
//!
//! A vector `v` is kept as `s·c` with whole numbers `c` from −127 to 127, and with its *slack* `|v − s·c|`. The query is coded in the same way.
//! By the inequality of Cauchy and Schwarz the exact similarity of unit vectors lies within
//!
//! ```text
//! q·v  ≤  s_q s_v (c_q·c_v)  +  slack_v  +  slack_q (1 + slack_v)
//! ```
//!
//! so a scan reads codes alone and compares exactly only where this reaches what is asked for. What it answers is what a scan of the
//! vectors themselves answers.

use super::file::Rows;
use crate::model::vector::dot;
use crate::stdx::simd;
use std::borrow::Cow;
use std::ops::Range;

/// Largest magnitude of a code.
const CODE_MAX: f32 = 127.0;
/// Added to every bound: more than rounding can take from the similarity of two unit vectors of a few thousand elements.
const ROUNDING: f32 = 1e-4;

/// A coded vector's step and slack.
#[derive(Debug, Clone, Copy, PartialEq)]
struct CodeFacts {
    /// What one step of the code is worth.
    step: f32,
    /// Length of what the code leaves out.
    slack: f32,
}

/// Codes of vectors that stand one behind the other, and the step and the slack of each.
pub(super) fn coded(vectors: &[f32], dims: usize) -> (Vec<i8>, Vec<[f32; 2]>) {
    let mut codes = vec![0_i8; vectors.len()];
    let facts = vectors.chunks_exact(dims).zip(codes.chunks_exact_mut(dims)).map(|(vector, code)| code_of(vector, code));
    let facts = facts.map(|CodeFacts { step, slack }| [step, slack]).collect();
    (codes, facts)
}

fn code_of(vector: &[f32], code: &mut [i8]) -> CodeFacts {
    let largest = vector.iter().fold(0.0_f32, |largest, element| largest.max(element.abs()));
    let step = (largest / CODE_MAX).max(f32::MIN_POSITIVE);
    let mut left_out = 0.0_f32;
    for (element, coded) in vector.iter().zip(code) {
        *coded = (element / step).round() as i8;
        left_out += (element - step * f32::from(*coded)).powi(2);
    }
    CodeFacts { step, slack: left_out.sqrt() }
}

/// A query, exact and coded.
pub(super) struct Asked<'a> {
    exact: Cow<'a, [f32]>,
    code: Vec<i16>,
    facts: CodeFacts,
}

impl<'a> Asked<'a> {
    /// A unit vector.
    pub(super) fn new(exact: impl Into<Cow<'a, [f32]>>) -> Self {
        let exact = exact.into();
        let mut code = vec![0_i8; exact.len()];
        let facts = code_of(&exact, &mut code);
        Self { exact, code: code.into_iter().map(i16::from).collect(), facts }
    }

    /// What the similarity cannot exceed.
    #[inline(always)]
    fn bound(&self, product: i32, [step, slack]: [f32; 2]) -> f32 {
        self.facts.step * step * product as f32 + slack + self.facts.slack * (1.0 + slack) + ROUNDING
    }

    /// About what the similarity of each of `nodes` is, from a quarter of the memory; what it leaves out is a few thousandths as a rule. Told
    /// with the place among `nodes`; those that there are not are passed over.
    #[inline]
    pub(super) fn nearness_of_all(&self, rows: &Rows<'_>, nodes: &[u32], mut visit: impl FnMut(usize, f32)) {
        // A run of its own: between two products there is so much work that few looks at memory would wait together.
        let steps: Vec<f32> = nodes.iter().map(|node| rows.facts.get(*node as usize).map_or(0.0, |[step, _]| *step)).collect();
        simd::dots_of_bytes_at(&self.code, rows.codes, nodes, |place, product| {
            visit(place, self.facts.step * steps[place] * product as f32);
        });
    }

    /// Gives every wanted node of a run whose similarity is at least `floor` to `visit`, in order, which answers the floor from there on.
    /// Whether a node is wanted is asked only where its bound reaches the floor.
    pub(super) fn scan(
        &self,
        rows: &Rows<'_>,
        run: Range<u32>,
        mut floor: f32,
        mut is_wanted: impl FnMut(u32) -> bool,
        mut visit: impl FnMut(u32, f32) -> f32,
    ) {
        let codes = &rows.codes[run.start as usize * rows.dims..run.end as usize * rows.dims];
        simd::dots_of_bytes(&self.code, codes, |place, product| {
            let node = run.start + place as u32;
            if self.bound(product, rows.facts[node as usize]) >= floor && is_wanted(node) {
                let similarity = dot(&self.exact, rows.vector(node));
                if similarity >= floor {
                    floor = visit(node, similarity);
                }
            }
        });
    }

    /// [`Asked::scan`] of these nodes alone, each given to `visit` by the name that stands before it.
    pub(super) fn scan_these<N>(
        &self,
        rows: &Rows<'_>,
        named: impl Iterator<Item = (N, u32)>,
        mut floor: f32,
        mut visit: impl FnMut(N, f32) -> f32,
    ) {
        for (name, node) in named {
            let code = &rows.codes[node as usize * rows.dims..][..rows.dims];
            if self.bound(simd::dot_of_bytes(&self.code, code), rows.facts[node as usize]) >= floor {
                let similarity = dot(&self.exact, rows.vector(node));
                if similarity >= floor {
                    floor = visit(name, similarity);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::vector::normalise;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_similarity_exceeds_its_bound(dims in 1_usize..80, seed in any::<u64>(), power in 1_i32..9) {
            let mut random = fastrand::Rng::with_seed(seed);
            // High powers make vectors that lie almost along one axis, which codes serve worst.
            let mut unit = || {
                let mut vector: Vec<f32> = (0..dims).map(|_| (random.f32() - 0.5).powi(power)).collect();
                normalise(&mut vector).then_some(vector)
            };
            let (Some(query), Some(vector)) = (unit(), unit()) else { return Ok(()) };
            let asked = Asked::new(&query);
            let (codes, facts) = coded(&vector, dims);
            let bound = asked.bound(simd::dot_of_bytes(&asked.code, &codes), facts[0]);
            prop_assert!(dot(&query, &vector) <= bound);
            prop_assert!(bound <= dot(&query, &vector) + 0.2, "a bound this loose saves nothing");
        }
    }
}
