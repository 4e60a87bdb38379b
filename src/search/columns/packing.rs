//! How the parts of columns lie in a file: arrays of plain numbers, read in the order in which they were written. Reading gives none where
//! the bytes are not what was written.

use crate::stdx::chunked::{CHUNK_LEN, Chunked};
use crate::stdx::mapped::MappedError;
use crate::stdx::packed::{PackedReader, PackedWriter, Plain};
use roaring::RoaringBitmap;
use std::ops::Range;
use std::sync::Arc;

pub(super) type Written = Result<(), MappedError>;

/// Writes a column: its length, the numbers of the chunks that were ever written, and those.
pub(super) fn put_column<T: Clone, P: Plain>(out: &mut PackedWriter<'_>, column: &Chunked<T>, plain: impl Fn(&T) -> P) -> Written {
    out.array(&[column.len() as u64])?;
    out.array(&column.written().map(|(number, _)| number as u64).collect::<Vec<u64>>())?;
    column.written().try_for_each(|(_, chunk)| out.array(&chunk.iter().map(&plain).collect::<Vec<P>>()))
}

pub(super) fn column<T: Clone, P: Plain>(from: &mut PackedReader<'_>, filler: T, of: impl Fn(P) -> T) -> Option<Chunked<T>> {
    let len = usize::try_from(from.one::<u64>()?).ok()?;
    let mut column = Chunked::new(filler);
    for number in from.array::<u64>()? {
        let number = usize::try_from(*number).ok().filter(|number| *number < len.div_ceil(CHUNK_LEN))?;
        let chunk: &[P; CHUNK_LEN] = from.array()?.try_into().ok()?;
        column.fill_chunk(number, chunk[..CHUNK_LEN.min(len - number * CHUNK_LEN)].iter().map(|plain| of(*plain)));
    }
    column.grow_to(len);
    Some(column)
}

pub(super) fn put_products(out: &mut PackedWriter<'_>, products: &RoaringBitmap) -> Written {
    let mut bytes = Vec::with_capacity(products.serialized_size());
    // Writing into memory does not fail; what is missing would be found when it is read.
    let _ = products.serialize_into(&mut bytes);
    out.array(&bytes)
}

pub(super) fn products(from: &mut PackedReader<'_>) -> Option<Arc<RoaringBitmap>> {
    RoaringBitmap::deserialize_from(from.array::<u8>()?).ok().map(Arc::new)
}

/// Where the run of this number lies, of runs that stand one after another and end there.
#[inline]
pub(super) fn run(ends: &[u64], number: usize) -> Option<Range<usize>> {
    let end = *ends.get(number)? as usize;
    Some(number.checked_sub(1).map_or(0, |before| ends[before] as usize)..end)
}

/// Lists one after another, as where each ends and what they have.
#[derive(Default)]
pub(super) struct Lists<T> {
    ends: Vec<u32>,
    elements: Vec<T>,
}

impl<T: Plain> Lists<T> {
    pub(super) fn add(&mut self, list: &[T]) {
        self.elements.extend(list);
        self.ends.push(self.elements.len() as u32);
    }

    pub(super) fn put(&self, out: &mut PackedWriter<'_>) -> Written {
        out.array(&self.ends)?;
        out.array(&self.elements)
    }
}

/// Reads [`Lists`].
pub(super) fn lists<'a, T: Plain>(from: &mut PackedReader<'a>) -> Option<Vec<&'a [T]>> {
    let (ends, elements) = (from.array::<u32>()?, from.array::<T>()?);
    let mut start = 0;
    let mut next = |end: &u32| {
        let list = elements.get(start..*end as usize)?;
        start = *end as usize;
        Some(list)
    };
    ends.iter().map(&mut next).collect()
}
