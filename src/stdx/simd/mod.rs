//! Dot products as wide as the processor can: one by one, and along whole arrays of vectors; and rows taken from rows.
//!
//! Each operation is written once, in plain Rust whose sums are cut into independent lanes, and compiled once for each instruction set
//! that is worth it (AVX2 and AVX-512; on 64-bit ARM the vector unit belongs to the base, so nothing has to be chosen). Which one runs is
//! asked of the processor at run time. No multiplication is fused with an addition, so every instruction set gives the same bits: what is
//! learned, built or found does not depend on the machine. A fused dot product would be faster in registers, but the scans here wait for
//! memory, not for arithmetic.
//!
//! The contract of the `unsafe` below: a function compiled for an instruction set is called only after the processor said that it has it.
#![expect(unsafe_code, reason = "calling what was compiled for an instruction set; the contract is above")]

mod bytes;

pub use bytes::Bytes;

/// Elements added side by side; sixteen fill the widest registers, and narrower ones take them in turns.
pub const LANES: usize = 16;

/// Something that can be compiled for several instruction sets. Everything that `work` calls must be inlined into it.
trait Work {
    type Answer;

    fn work(self) -> Self::Answer;
}

/// Does the work with the widest registers there are.
#[inline]
fn widest<W: Work>(work: W) -> W::Answer {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("avx512vl") {
            // SAFETY: the processor has just said that it has these.
            return unsafe { with_avx512(work) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has just said that it has this.
            return unsafe { with_avx2(work) };
        }
    }
    work.work()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
fn with_avx512<W: Work>(work: W) -> W::Answer {
    work.work()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2<W: Work>(work: W) -> W::Answer {
    work.work()
}

/// The dot product of two vectors of the same length.
#[inline]
#[must_use]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    widest(Dot { a, b })
}

/// The dot product of `query` with each of the vectors that stand one behind the other in `rows`, in order: `visit` is told which it is and
/// the product. Elements beyond the last whole vector are not looked at.
#[inline]
pub fn dots(query: &[f32], rows: &[f32], visit: impl FnMut(usize, f32)) {
    widest(Dots { query, rows, visit });
}

/// Takes from `own`, the end of a row that begins in the column `from`, each row of `above` times what that row has in `column`: what a step of an
/// elimination does. Rows are `stride` long; `own` is so many whole [`LANES`].
#[inline]
pub fn eliminate(own: &mut [f32], from: usize, above: &[f32], stride: usize, column: usize) {
    assert!(own.len().is_multiple_of(LANES) && from + own.len() <= stride, "whole lanes of one row");
    widest(Eliminate { own, from, above, stride, column });
}

struct Dot<'a> {
    a: &'a [f32],
    b: &'a [f32],
}

impl Work for Dot<'_> {
    type Answer = f32;

    #[inline(always)]
    fn work(self) -> f32 {
        sum_of_products(self.a, self.b)
    }
}

struct Dots<'a, V> {
    query: &'a [f32],
    rows: &'a [f32],
    visit: V,
}

impl<V: FnMut(usize, f32)> Work for Dots<'_, V> {
    type Answer = ();

    #[inline(always)]
    fn work(mut self) {
        for (index, row) in self.rows.chunks_exact(self.query.len().max(1)).enumerate() {
            (self.visit)(index, sum_of_products(self.query, row));
        }
    }
}

struct Eliminate<'a> {
    own: &'a mut [f32],
    from: usize,
    above: &'a [f32],
    stride: usize,
    column: usize,
}

impl Work for Eliminate<'_> {
    type Answer = ();

    #[inline(always)]
    fn work(self) {
        let Self { own, from, above, stride, column } = self;
        let rows = |at: usize, lanes: usize| above.chunks_exact(stride).map(move |row| (row[column], &row[at..at + lanes]));
        let (fours, ones) = own.as_chunks_mut::<{ 4 * LANES }>();
        let mut at = from;
        for four in fours {
            take_four(four, rows(at, 4 * LANES));
            at += 4 * LANES;
        }
        for one in ones.as_chunks_mut::<LANES>().0 {
            let mut left = *one;
            rows(at, LANES).for_each(|(factor, row)| take(&mut left, factor, row));
            *one = left;
            at += LANES;
        }
    }
}

/// Sums stay in registers from the first row to the last; one array of all of them does not.
#[inline(always)]
fn take_four<'a>(own: &mut [f32; 4 * LANES], rows: impl Iterator<Item = (f32, &'a [f32])>) {
    let own = own.as_chunks_mut::<LANES>().0;
    let (mut a, mut b, mut c, mut d) = (own[0], own[1], own[2], own[3]);
    for (factor, row) in rows {
        take(&mut a, factor, &row[..LANES]);
        take(&mut b, factor, &row[LANES..]);
        take(&mut c, factor, &row[2 * LANES..]);
        take(&mut d, factor, &row[3 * LANES..]);
    }
    (own[0], own[1], own[2], own[3]) = (a, b, c, d);
}

#[inline(always)]
fn take(left: &mut [f32; LANES], factor: f32, row: &[f32]) {
    for (left, element) in left.iter_mut().zip(row) {
        *left -= factor * element;
    }
}

#[inline(always)]
fn sum_of_products(a: &[f32], b: &[f32]) -> f32 {
    let (a_chunks, a_rest) = a.as_chunks::<LANES>();
    let (b_chunks, b_rest) = b.as_chunks::<LANES>();
    let mut sums = [0.0_f32; LANES];
    for (x, y) in a_chunks.iter().zip(b_chunks) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    // Halves are added to halves, as registers can: adding lane after lane would wait for each sum before the next.
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            sums[lane] += sums[lane + width];
        }
        width /= 2;
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum();
    sums[0] + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What each instruction set of this machine makes of the work.
    fn everywhere<W: Work<Answer: Clone> + Clone>(work: W) -> Vec<W::Answer> {
        let mut answers = vec![work.clone().work(), widest(work.clone())];
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has just said that it has this.
            answers.push(unsafe { with_avx2(work) });
        }
        answers
    }

    #[derive(Clone)]
    struct Floats(Vec<f32>, Vec<f32>);

    impl Work for Floats {
        type Answer = Vec<u32>;

        #[inline(always)]
        fn work(self) -> Vec<u32> {
            let mut found = vec![sum_of_products(&self.0, &self.1).to_bits()];
            Dots { query: &self.0, rows: &self.1, visit: |_, product: f32| found.push(product.to_bits()) }.work();
            found
        }
    }

    #[derive(Clone)]
    struct Rows(Vec<f32>, usize, Vec<f32>, usize, usize);

    impl Work for Rows {
        type Answer = Vec<u32>;

        #[inline(always)]
        fn work(mut self) -> Vec<u32> {
            Eliminate { own: &mut self.0, from: self.1, above: &self.2, stride: self.3, column: self.4 }.work();
            self.0.iter().map(|left| left.to_bits()).collect()
        }
    }

    proptest! {
        #[test]
        fn rows_are_taken_from_a_row_with_the_same_bits_everywhere(
            lanes in 0_usize..11, before in 0_usize..3, rows in 0_usize..9, column in any::<prop::sample::Index>(), seed in any::<u64>()
        ) {
            let mut random = fastrand::Rng::with_seed(seed);
            let mut floats = |count: usize| (0..count).map(|_| random.f32() - 0.5).collect::<Vec<f32>>();
            let (from, stride) = (before * LANES, (before + lanes).max(1) * LANES);
            let work = Rows(floats(lanes * LANES), from, floats(rows * stride), stride, column.index(stride));
            let answers = everywhere(work.clone());
            prop_assert!(answers.iter().all(|answer| *answer == answers[0]));
            let Rows(mut own, _, above, _, column) = work;
            let mut expected = own.clone();
            for row in above.chunks_exact(stride) {
                expected.iter_mut().zip(&row[from..]).for_each(|(left, element)| *left -= row[column] * element);
            }
            eliminate(&mut own, from, &above, stride, column);
            prop_assert_eq!(&own, &expected);
            prop_assert_eq!(own.iter().map(|left| left.to_bits()).collect::<Vec<_>>(), answers[0].clone());
        }

        #[test]
        fn every_instruction_set_gives_the_same_bits(
            len in 1_usize..140, rows in 0_usize..5, seed in any::<u64>(), magnitude in prop::sample::select(vec![1e-20_f32, 1.0, 1e18]),
        ) {
            let mut random = fastrand::Rng::with_seed(seed);
            let mut floats = |count: usize| (0..count).map(|_| (random.f32() - 0.5) * magnitude).collect::<Vec<f32>>();
            let work = Floats(floats(len), floats(len * rows));
            let answers = everywhere(work.clone());
            prop_assert!(answers.iter().all(|answer| *answer == answers[0]));
            for (row, bits) in work.1.chunks_exact(len).zip(&answers[0][1..]) {
                prop_assert_eq!(dot(&work.0, row).to_bits(), *bits);
                let exact: f64 = work.0.iter().zip(row).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum();
                let size: f64 = work.0.iter().zip(row).map(|(x, y)| (f64::from(*x) * f64::from(*y)).abs()).sum();
                prop_assert!((f64::from(f32::from_bits(*bits)) - exact).abs() <= size * 1e-5 + 1e-40);
            }
        }
    }
}
