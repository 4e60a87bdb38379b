//! Dot products of vectors of bytes, exact.
//!
//! Processors with AVX-512 VNNI multiply and add sixty-four bytes in one instruction (`bytes/vnni.rs`). All others widen bytes to words, in
//! plain Rust.
#![expect(unsafe_code, reason = "calling what was compiled for an instruction set; the contract is that of the module above")]

use super::{Work, widest};
use crate::stdx::prefetch::call_for;

#[cfg(target_arch = "x86_64")]
mod vnni;

#[cfg(target_arch = "x86_64")]
use vnni::has_vnni;

/// Rows that are called for before they are needed: what a look at memory takes, in products of two vectors.
const ROWS_AHEAD: usize = 8;
/// Longest vector whose products are exact: 2¹⁶ times 2¹⁴ fits.
const LEN_MAX: usize = 1 << 16;

/// A vector of up to 2¹⁶ bytes that many others are multiplied with.
#[derive(Debug, Clone)]
pub struct Bytes {
    narrow: Vec<i8>,
    wide: Vec<i16>,
    #[cfg(target_arch = "x86_64")]
    turned_over: i32,
}

impl Bytes {
    /// What is beyond the longest vector is left out.
    #[must_use]
    pub fn new(mut narrow: Vec<i8>) -> Self {
        narrow.truncate(LEN_MAX);
        Self {
            wide: narrow.iter().copied().map(i16::from).collect(),
            #[cfg(target_arch = "x86_64")]
            turned_over: vnni::turned_over(&narrow),
            narrow,
        }
    }

    /// The product with one vector of the same length.
    #[inline]
    #[must_use]
    pub fn dot(&self, row: &[i8]) -> i32 {
        let mut product = [0];
        self.dots(row, &mut product);
        product[0]
    }

    /// The product with each of the vectors that stand one behind the other in `rows`, in order, into `products`: as many as there are in both.
    #[inline]
    pub fn dots(&self, rows: &[i8], products: &mut [i32]) {
        #[cfg(target_arch = "x86_64")]
        if has_vnni() {
            // SAFETY: the processor has just said that it has what this needs.
            return unsafe { self.dots_with_vnni(rows, products) };
        }
        widest(Dots { query: self, rows, products });
    }

    /// The product with the rows of these numbers, which may lie anywhere: `visit` is told the place in `numbers` and the product. Each row is
    /// called for while earlier ones are still worked on. Numbers beyond the last row are passed over.
    #[inline]
    pub fn dots_at(&self, rows: &[i8], numbers: &[u32], visit: impl FnMut(usize, i32)) {
        #[cfg(target_arch = "x86_64")]
        if has_vnni() {
            // SAFETY: the processor has just said that it has what this needs.
            return unsafe { self.dots_at_with_vnni(rows, numbers, visit) };
        }
        widest(DotsAt { query: self, rows, numbers, visit });
    }

    #[inline(always)]
    fn product(&self, row: &[i8]) -> i32 {
        self.wide.iter().zip(row).map(|(&x, &y)| i32::from(x) * i32::from(i16::from(y))).sum()
    }

    /// Calls for each row ahead of its turn.
    #[inline(always)]
    fn walk(&self, rows: &[i8], numbers: &[u32], product: impl Fn(&[i8]) -> i32, mut visit: impl FnMut(usize, i32)) {
        let len = self.narrow.len();
        let row = |number: &u32| rows.get((*number as usize).checked_mul(len)?..)?.get(..len);
        numbers.iter().take(ROWS_AHEAD).filter_map(row).for_each(call_for);
        for (place, number) in numbers.iter().enumerate() {
            numbers.get(place + ROWS_AHEAD).and_then(row).into_iter().for_each(call_for);
            if let Some(row) = row(number) {
                visit(place, product(row));
            }
        }
    }
}

struct Dots<'a> {
    query: &'a Bytes,
    rows: &'a [i8],
    products: &'a mut [i32],
}

impl Work for Dots<'_> {
    type Answer = ();

    #[inline(always)]
    fn work(self) {
        let rows = self.rows.chunks_exact(self.query.narrow.len().max(1));
        rows.zip(self.products).for_each(|(row, product)| *product = self.query.product(row));
    }
}

struct DotsAt<'a, V> {
    query: &'a Bytes,
    rows: &'a [i8],
    numbers: &'a [u32],
    visit: V,
}

impl<V: FnMut(usize, i32)> Work for DotsAt<'_, V> {
    type Answer = ();

    #[inline(always)]
    fn work(self) {
        self.query.walk(self.rows, self.numbers, |row| self.query.product(row), self.visit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn products_of_bytes_are_exact_on_every_instruction_set(
            query in prop::collection::vec(any::<i8>(), 1..200), rows in prop::collection::vec(any::<i8>(), 0..800),
        ) {
            let expected: Vec<i32> = rows
                .chunks_exact(query.len())
                .map(|row: &[i8]| query.iter().zip(row).map(|(x, y)| i32::from(*x) * i32::from(*y)).sum())
                .collect();
            let query = Bytes::new(query);
            let len = query.narrow.len();
            // One too many: it is left alone.
            let mut found = vec![7; expected.len() + 1];
            query.dots(&rows, &mut found);
            prop_assert_eq!(&found[..expected.len()], &expected);
            widest(Dots { query: &query, rows: &rows, products: &mut found });
            prop_assert_eq!(&found[..expected.len()], &expected);
            prop_assert_eq!(found[expected.len()], 7);
            let plain: Vec<i32> = rows.chunks_exact(len).map(|row| query.product(row)).collect();
            prop_assert_eq!(&plain, &expected);
            for (row, expected) in rows.chunks_exact(len).zip(&expected) {
                prop_assert_eq!(query.dot(row), *expected);
            }
            let numbers: Vec<u32> = (0..expected.len() as u32 + 2).rev().chain([0, u32::MAX]).collect();
            let mut found = Vec::new();
            query.dots_at(&rows, &numbers, |place, product| found.push((place, product)));
            let known = numbers.iter().enumerate().filter_map(|(place, number)| Some((place, *expected.get(*number as usize)?)));
            prop_assert!(known.eq(found));
        }
    }
}
