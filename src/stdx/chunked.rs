//! A growing array whose clones share memory: one writer keeps changing it, readers keep the clones they were given.
//!
//! Elements live in chunks of [`CHUNK_LEN`], unless the type says otherwise; a write copies the one chunk it falls into, and only when a clone still
//! holds that chunk. Where elements are pointers that are written here and there, a chunk of a thousand costs a thousand reference counts for one write:
//! those want shorter chunks, and pay with longer clones.
//! Reading costs two dependent loads, so columns kept this way can be scanned at nearly the speed of a plain slice. Chunks that were
//! never written are one shared blank, so a column with values in few places stays small.

use std::sync::Arc;

/// Elements in one chunk of the usual length.
pub const CHUNK_LEN: usize = 1024;

/// An array of `T` in shared chunks of `LEN`. Cloning costs one pointer a chunk.
#[derive(Debug, Clone)]
pub struct Chunked<T, const LEN: usize = CHUNK_LEN> {
    chunks: Vec<Arc<[T]>>,
    len: usize,
    filler: T,
    blank: Arc<[T]>,
}

impl<T: Clone, const LEN: usize> Chunked<T, LEN> {
    /// An empty array; elements that are skipped over when it grows hold `filler`.
    pub fn new(filler: T) -> Self {
        let blank = vec![filler.clone(); LEN].into();
        Self { chunks: Vec::new(), len: 0, filler, blank }
    }

    /// An array of these elements.
    pub fn from_elements(elements: impl IntoIterator<Item = T>, filler: T) -> Self {
        let mut array = Self::new(filler);
        for element in elements {
            let index = array.len;
            *array.at_mut(index) = element;
        }
        array
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The element at `index`, or the filler beyond the end.
    #[inline]
    pub fn at(&self, index: usize) -> &T {
        match self.chunks.get(index / LEN) {
            Some(chunk) => &chunk[index % LEN],
            None => &self.filler,
        }
    }

    /// The element at `index` for writing; the array grows to hold it.
    pub fn at_mut(&mut self, index: usize) -> &mut T {
        self.grow_to(index + 1);
        &mut Arc::make_mut(&mut self.chunks[index / LEN])[index % LEN]
    }

    /// The elements from `number` times `LEN` on, `LEN` of them; none beyond the last chunk.
    #[inline]
    pub fn chunk(&self, number: usize) -> Option<&[T]> {
        self.chunks.get(number).map(|chunk| &**chunk)
    }

    /// A chunk as it is beyond the last.
    #[inline]
    pub fn blank(&self) -> &[T] {
        &self.blank
    }

    /// The number of each chunk that was ever written, and its elements.
    pub fn written(&self) -> impl Iterator<Item = (usize, &[T])> {
        self.chunks.iter().enumerate().filter(|(_, chunk)| !Arc::ptr_eq(chunk, &self.blank)).map(|(number, chunk)| (number, &**chunk))
    }

    /// Writes a chunk from its first element on, as many as there are and as it has room for; the array grows to hold them.
    pub fn fill_chunk(&mut self, number: usize, elements: impl ExactSizeIterator<Item = T>) {
        let count = elements.len().min(LEN);
        if count > 0 {
            let _ = self.at_mut(number * LEN + count - 1);
            Arc::make_mut(&mut self.chunks[number]).iter_mut().zip(elements).for_each(|(place, element)| *place = element);
        }
    }

    /// Makes the array at least so long.
    pub fn grow_to(&mut self, len: usize) {
        self.len = self.len.max(len);
        while self.chunks.len() * LEN < len {
            self.chunks.push(Arc::clone(&self.blank));
        }
    }

    /// Copies elements from the first on into `to`; what lies beyond the end stays as it is there.
    pub fn copy_to(&self, to: &mut [T])
    where
        T: Copy,
    {
        let count = to.len().min(self.len);
        for (part, chunk) in to[..count].chunks_mut(LEN).zip(&self.chunks) {
            part.copy_from_slice(&chunk[..part.len()]);
        }
    }

    /// All elements in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flat_map(|chunk| chunk.iter()).take(self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_does_not_see_later_writes() {
        let mut array: Chunked<i32> = Chunked::new(0);
        *array.at_mut(5_000) = 7;
        let clone = array.clone();
        *array.at_mut(5_000) = 8;
        *array.at_mut(9_000) = 9;
        assert_eq!((*clone.at(5_000), clone.len(), *clone.at(9_000)), (7, 5_001, 0));
        assert_eq!((*array.at(5_000), array.len(), *array.at(9_000)), (8, 9_001, 9));
    }

    #[test]
    fn chunks_that_were_written_make_the_same_array_again() {
        let mut array: Chunked<i32, 4> = Chunked::new(0);
        *array.at_mut(5) = 7;
        *array.at_mut(17) = 8;
        array.grow_to(25);
        let mut again: Chunked<i32, 4> = Chunked::new(0);
        let chunks: Vec<(usize, Vec<i32>)> = array.written().map(|(number, chunk)| (number, chunk.to_vec())).collect();
        assert_eq!(chunks, [(1, vec![0, 7, 0, 0]), (4, vec![0, 8, 0, 0])]);
        chunks.into_iter().for_each(|(number, chunk)| again.fill_chunk(number, chunk.into_iter()));
        again.grow_to(array.len());
        assert_eq!((again.len(), again.iter().copied().collect::<Vec<_>>()), (25, array.iter().copied().collect()));
        again.fill_chunk(9, [1].into_iter());
        assert_eq!((again.len(), *again.at(36), *again.at(37)), (37, 1, 0));
    }

    #[test]
    fn iteration_stops_at_the_length() {
        let array: Chunked<i32, 7> = Chunked::from_elements(0..2_500, 0);
        assert_eq!(array.iter().copied().sum::<i32>(), 2_500 * 2_499 / 2);
        assert_eq!(array.iter().count(), 2_500);
        let mut copied = vec![-1; 3_000];
        array.copy_to(&mut copied);
        assert_eq!((copied[2_499], copied[2_500]), (2_499, -1));
    }
}
