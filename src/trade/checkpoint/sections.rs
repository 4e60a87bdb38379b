//! Where the sections of a state go, one after another: into a file, a digest, or memory. Rows are written one at a time, so that a checkpoint of
//! millions needs no memory of its own.

use super::CheckpointError;
use crate::stdx::digest::{Digest, Hasher};
use crate::stdx::mapped::SectionWriter;

/// After so many bytes of rows it is told how far they were read.
const TOLD_EVERY_BYTES: usize = 16 << 20;

/// Takes the sections of a state in order.
pub(super) trait Sections {
    /// Begins the next section.
    fn begin(&mut self) -> Result<(), CheckpointError>;
    /// Appends to it.
    fn put(&mut self, bytes: &[u8]) -> Result<(), CheckpointError>;

    /// Appends one row of a section of rows: a key, none or of a fixed length, the length of its bytes as `u32`, and its bytes.
    fn put_row(&mut self, key: &[u8], bytes: &[u8]) -> Result<(), CheckpointError> {
        let length = u32::try_from(bytes.len()).map_err(|_| CheckpointError::Rows)?;
        self.put(key)?;
        self.put(&length.to_le_bytes())?;
        self.put(bytes)
    }
}

impl Sections for SectionWriter {
    fn begin(&mut self) -> Result<(), CheckpointError> {
        Ok(self.start_section()?)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), CheckpointError> {
        Ok(self.write(bytes)?)
    }
}

impl Sections for Vec<Vec<u8>> {
    fn begin(&mut self) -> Result<(), CheckpointError> {
        self.push(Vec::new());
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), CheckpointError> {
        if let Some(section) = self.last_mut() {
            section.extend_from_slice(bytes);
        }
        Ok(())
    }
}

/// The state's hash: BLAKE3 over the sections, each followed by its length as `u64`, so that no two lists of sections are the same bytes.
#[derive(Default)]
pub(super) struct Hashed {
    hasher: Hasher,
    length: u64,
}

impl Hashed {
    pub(super) fn finish(mut self) -> Digest {
        self.end();
        self.hasher.finish()
    }

    fn end(&mut self) {
        self.hasher.update(&self.length.to_le_bytes());
        self.length = 0;
    }
}

impl Sections for Hashed {
    fn begin(&mut self) -> Result<(), CheckpointError> {
        self.end();
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), CheckpointError> {
        self.hasher.update(bytes);
        self.length += bytes.len() as u64;
        Ok(())
    }
}

/// The rows of a section, each with a key of `KEY` bytes.
pub(super) struct Rows<'a, const KEY: usize>(&'a [u8]);

impl<'a, const KEY: usize> Rows<'a, KEY> {
    pub(super) fn of(section: &'a [u8]) -> Self {
        Self(section)
    }

    /// The bytes of the rows alone; `passed` is told now and then up to where the section was read.
    pub(super) fn telling(mut self, passed: impl Fn(usize)) -> impl Iterator<Item = Result<&'a [u8], CheckpointError>> {
        let (whole, mut told) = (self.0.len(), 0);
        std::iter::from_fn(move || {
            let read = whole - self.0.len();
            if read - told >= TOLD_EVERY_BYTES {
                passed(read);
                told = read;
            }
            self.next().map(|row| row.map(|(_, bytes)| bytes))
        })
    }

    fn take(&mut self) -> Option<([u8; KEY], &'a [u8])> {
        let (key, rest) = self.0.split_first_chunk::<KEY>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (bytes, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        self.0 = rest;
        Some((*key, bytes))
    }
}

impl<'a, const KEY: usize> Iterator for Rows<'a, KEY> {
    type Item = Result<([u8; KEY], &'a [u8]), CheckpointError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let row = self.take().ok_or(CheckpointError::Rows);
        if row.is_err() {
            self.0 = &[];
        }
        Some(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_and_a_torn_one_is_an_error() {
        let mut sections: Vec<Vec<u8>> = Vec::new();
        sections.begin().expect("begins");
        sections.put_row(&[1, 2], b"one").expect("writes");
        sections.put_row(&[3, 4], b"").expect("writes");
        let rows = |bytes: &[u8]| Rows::<2>::of(bytes).map(|row| row.map(|(key, bytes)| (key, bytes.to_vec())).ok()).collect::<Vec<_>>();
        assert_eq!(rows(&sections[0]), [Some(([1, 2], b"one".to_vec())), Some(([3, 4], Vec::new()))]);
        assert_eq!(rows(&[]), []);
        for end in 1..sections[0].len() {
            assert_eq!(rows(&sections[0][..end]).iter().filter(|row| row.is_none()).count(), usize::from(end != 9), "cut at {end}");
        }
    }

    #[test]
    fn it_is_told_how_far_long_sections_were_read_and_rows_are_the_same() {
        let mut sections: Vec<Vec<u8>> = Vec::new();
        sections.begin().expect("begins");
        let long = vec![7; TOLD_EVERY_BYTES / 2];
        (0..5).for_each(|_| sections.put_row(&[], &long).expect("writes"));
        let told = std::cell::RefCell::new(Vec::new());
        let rows = Rows::<0>::of(&sections[0]).telling(|end| told.borrow_mut().push(end));
        assert_eq!(rows.filter_map(Result::ok).filter(|row| *row == long).count(), 5);
        let row = long.len() + 4;
        assert_eq!(*told.borrow(), [2 * row, 4 * row]);
    }

    #[test]
    fn where_a_section_ends_is_part_of_the_hash() {
        let hash = |sections: &[&[u8]]| {
            let mut hashed = Hashed::default();
            for section in sections {
                hashed.begin().expect("begins");
                hashed.put(section).expect("writes");
            }
            hashed.finish()
        };
        assert_ne!(hash(&[b"ab", b"c"]), hash(&[b"a", b"bc"]));
        assert_ne!(hash(&[b"", b"a"]), hash(&[b"a", b""]));
        assert_eq!(hash(&[b"a", b"b"]), hash(&[b"a", b"b"]));
    }
}
