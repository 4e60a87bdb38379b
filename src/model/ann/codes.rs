//! Vectors as bytes: a quarter of the memory to read, and a bound on what that costs in truth.
//!
//! A vector `v` is kept as `s·c` with whole numbers `c` from −127 to 127, and with its *slack* `|v − s·c|`. The query is coded in the same way.
//! By the inequality of Cauchy and Schwarz the exact similarity of unit vectors is not far from that of their codes:
//!
//! ```text
//! |q·v − s_q s_v (c_q·c_v)|  ≤  slack_v  +  slack_q (1 + slack_v)
//! ```
//!
//! so a scan reads codes alone, and only what may be among the nearest is compared exactly (`shortlist.rs`). What it answers is what a scan of
//! the vectors themselves answers.

use super::file::Rows;
use crate::model::vector::dot;
use crate::stdx::prefetch::call_for;
use crate::stdx::simd::Bytes;
use std::borrow::Cow;
use std::ops::Range;

/// Largest magnitude of a code.
const CODE_MAX: f32 = 127.0;
/// Added to every bound: more than rounding can take from the similarity of two unit vectors of a few thousand elements.
const ROUNDING: f32 = 1e-4;

/// Codes that are multiplied before the first of them is judged.
const TOGETHER: usize = 64;

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

/// Between what the similarity of a vector to a query lies, both included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounds {
    pub lower: f32,
    pub upper: f32,
}

/// A query, exact and coded.
pub(super) struct Asked<'a> {
    exact: Cow<'a, [f32]>,
    code: Bytes,
    facts: CodeFacts,
}

impl<'a> Asked<'a> {
    /// A unit vector.
    pub(super) fn new(exact: impl Into<Cow<'a, [f32]>>) -> Self {
        let exact = exact.into();
        let mut code = vec![0_i8; exact.len()];
        let facts = code_of(&exact, &mut code);
        Self { exact, code: Bytes::new(code), facts }
    }

    /// What the similarity is if codes are exact, from their product and the other one's step.
    #[inline(always)]
    fn near(&self, product: i32, step: f32) -> f32 {
        self.facts.step * step * product as f32
    }

    /// Between what the exact similarity lies.
    #[inline(always)]
    fn bounds(&self, product: i32, [step, slack]: [f32; 2]) -> Bounds {
        let (near, width) = (self.near(product, step), slack + self.facts.slack * (1.0 + slack) + ROUNDING);
        Bounds { lower: near - width, upper: near + width }
    }

    /// The exact similarity.
    #[inline]
    pub(super) fn exactly(&self, vector: &[f32]) -> f32 {
        dot(&self.exact, vector)
    }

    /// About what the similarity of each of `nodes` is, from a quarter of the memory; what it leaves out is a few thousandths as a rule. Told
    /// with the place among `nodes`; those that there are not are passed over.
    #[inline]
    pub(super) fn nearness_of_all(&self, rows: &Rows<'_>, nodes: &[u32], mut visit: impl FnMut(usize, f32)) {
        // A run of its own: between two products there is so much work that few looks at memory would wait together.
        let steps: Vec<f32> = nodes.iter().map(|node| rows.facts.get(*node as usize).map_or(0.0, |[step, _]| *step)).collect();
        self.code.dots_at(rows.codes, nodes, |place, product| {
            visit(place, self.near(product, steps[place]));
        });
    }

    /// About how similar each of all rows is.
    pub(super) fn nearness_of_rows(&self, rows: &Rows<'_>) -> Vec<f32> {
        let mut products = vec![0; rows.count()];
        self.code.dots(rows.codes, &mut products);
        products.iter().zip(rows.facts).map(|(product, [step, _])| self.near(*product, *step)).collect()
    }

    /// About how similar one row is.
    #[inline]
    pub(super) fn nearness(&self, rows: &Rows<'_>, row: u32) -> f32 {
        let code = &rows.codes[row as usize * rows.dims..][..rows.dims];
        self.near(self.code.dot(code), rows.facts[row as usize][0])
    }

    /// Gives every node of a run whose upper bound is at least `floor` to `visit`, in order, which answers the floor from there on.
    pub(super) fn scan(&self, rows: &Rows<'_>, run: Range<u32>, mut floor: f32, mut visit: impl FnMut(u32, Bounds) -> f32) {
        let mut products = [0; TOGETHER];
        let mut start = run.start;
        while start < run.end {
            let (from, len) = (start as usize, TOGETHER.min((run.end - start) as usize));
            let products = &mut products[..len];
            self.code.dots(&rows.codes[from * rows.dims..][..len * rows.dims], products);
            let mut bounds = [Bounds { lower: 0.0, upper: 0.0 }; TOGETHER];
            for ((bounds, product), facts) in bounds.iter_mut().zip(&*products).zip(&rows.facts[from..][..len]) {
                *bounds = self.bounds(*product, *facts);
            }
            for (node, bounds) in (start..start + len as u32).zip(bounds) {
                if bounds.upper >= floor {
                    floor = visit(node, bounds);
                }
            }
            start += len as u32;
        }
    }

    /// Has a run that will be scanned soon brought nearer.
    #[inline]
    pub(super) fn call_for(rows: &Rows<'_>, run: Range<u32>) {
        let (start, end) = (run.start as usize, run.end as usize);
        call_for(&rows.codes[start * rows.dims..end * rows.dims]);
        call_for(&rows.facts[start..end]);
    }

    /// [`Asked::scan`] of these nodes alone, told with the place among them.
    pub(super) fn scan_these(&self, rows: &Rows<'_>, nodes: &[u32], mut floor: f32, mut visit: impl FnMut(usize, Bounds) -> f32) {
        self.code.dots_at(rows.codes, nodes, |place, product| {
            let bounds = self.bounds(product, rows.facts[nodes[place] as usize]);
            if bounds.upper >= floor {
                floor = visit(place, bounds);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::vector::normalise;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_similarity_lies_within_its_bounds(dims in 1_usize..80, seed in any::<u64>(), power in 1_i32..9) {
            let mut random = fastrand::Rng::with_seed(seed);
            // High powers make vectors that lie almost along one axis, which codes serve worst.
            let mut unit = || {
                let mut vector: Vec<f32> = (0..dims).map(|_| (random.f32() - 0.5).powi(power)).collect();
                normalise(&mut vector).then_some(vector)
            };
            let (Some(query), Some(vector)) = (unit(), unit()) else { return Ok(()) };
            let asked = Asked::new(&query);
            let (codes, facts) = coded(&vector, dims);
            let bounds = asked.bounds(asked.code.dot(&codes), facts[0]);
            prop_assert!((bounds.lower..=bounds.upper).contains(&dot(&query, &vector)));
            prop_assert!(bounds.upper - bounds.lower <= 0.4, "bounds this loose save nothing");
        }
    }
}
