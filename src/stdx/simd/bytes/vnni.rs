//! Products of bytes on processors with AVX-512 VNNI.
//!
//! The instruction multiplies unsigned bytes with signed ones. A row becomes unsigned by turning its highest bits over, which adds 128 to each
//! element; 128 times the sum of the other vector, which is the same for every row, is taken off again. Nothing is rounded or cut off. Four rows
//! are worked on together, because adding up the elements of four registers takes little longer than those of one.
//!
//! The contract of the `unsafe` below: what is read lies within the slice it is read from.

use super::Bytes;
use std::arch::x86_64::*;

/// Bytes in a register.
const WIDTH: usize = 64;
/// Rows worked on together.
const TOGETHER: usize = 4;

/// Whether the processor has the instructions of this module.
#[inline]
pub(super) fn has_vnni() -> bool {
    is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("avx512vnni")
}

/// What turning over the highest bits of a row adds to its product with `bytes`.
pub(super) fn turned_over(bytes: &[i8]) -> i32 {
    128 * bytes.iter().copied().map(i32::from).sum::<i32>()
}

impl Bytes {
    #[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
    pub(super) fn dots_with_vnni(&self, rows: &[i8], products: &mut [i32]) {
        let len = self.narrow.len().max(1);
        let count = products.len().min(rows.len() / len);
        let mut rows_of_four = rows[..count * len].chunks_exact(TOGETHER * len);
        let (fours, rest) = products[..count].as_chunks_mut::<TOGETHER>();
        for (rows, products) in rows_of_four.by_ref().zip(fours) {
            let (a, rows) = rows.split_at(len);
            let (b, rows) = rows.split_at(len);
            let (c, d) = rows.split_at(len);
            let [a, b, c, d] = added_up(self.sums(a), self.sums(b), self.sums(c), self.sums(d));
            *products = [a - self.turned_over, b - self.turned_over, c - self.turned_over, d - self.turned_over];
        }
        for (row, product) in rows_of_four.remainder().chunks_exact(len).zip(rest) {
            *product = self.product_with_vnni(row);
        }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
    pub(super) fn dots_at_with_vnni(&self, rows: &[i8], numbers: &[u32], visit: impl FnMut(usize, i32)) {
        self.walk(rows, numbers, |row| self.product_with_vnni(row), visit);
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
    fn product_with_vnni(&self, row: &[i8]) -> i32 {
        _mm512_reduce_add_epi32(self.sums(row)) - self.turned_over
    }

    /// Sixteen numbers whose sum is the product with the row turned over.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
    fn sums(&self, row: &[i8]) -> __m512i {
        let (query, query_rest) = self.narrow.as_chunks::<WIDTH>();
        let (row, row_rest) = row.as_chunks::<WIDTH>();
        let high_bits = _mm512_set1_epi8(i8::MIN);
        let mut sums = _mm512_setzero_si512();
        for (x, y) in query.iter().zip(row) {
            // SAFETY: each reads the bytes of its chunk.
            let (x, y) = unsafe { (_mm512_loadu_si512(x.as_ptr().cast()), _mm512_loadu_si512(y.as_ptr().cast())) };
            sums = _mm512_dpbusd_epi32(sums, _mm512_xor_si512(y, high_bits), x);
        }
        let rest = query_rest.len().min(row_rest.len());
        if rest == 0 {
            return sums;
        }
        let within = (1_u64 << rest) - 1;
        // SAFETY: only bytes of the mask are read, which both have; the others become nothing, and so do their products.
        let (x, y) = unsafe { (_mm512_maskz_loadu_epi8(within, query_rest.as_ptr()), _mm512_maskz_loadu_epi8(within, row_rest.as_ptr())) };
        _mm512_dpbusd_epi32(sums, _mm512_xor_si512(y, high_bits), x)
    }
}

/// The sum of the elements of each.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn added_up(a: __m512i, b: __m512i, c: __m512i, d: __m512i) -> [i32; TOGETHER] {
    // Elements of two registers side by side, then of all four: each quarter holds one sum of each.
    let ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    let cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    let quarters = _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
    let halves = _mm256_add_epi32(_mm512_castsi512_si256(quarters), _mm512_extracti64x4_epi64::<1>(quarters));
    let sums = _mm_add_epi32(_mm256_castsi256_si128(halves), _mm256_extracti128_si256::<1>(halves));
    [_mm_extract_epi32::<0>(sums), _mm_extract_epi32::<1>(sums), _mm_extract_epi32::<2>(sums), _mm_extract_epi32::<3>(sums)]
}
