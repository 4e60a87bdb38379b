//! Arrays of plain numbers one after another, each behind its length, in one section of a mapped file: for what is read once, in order, and
//! has too many parts for sections of their own.
//!
//! An array is its number of elements in eight bytes, the elements, and zeros up to the next multiple of eight bytes.

use super::mapped::{MappedError, SectionWriter};
use bytemuck::{AnyBitPattern, NoUninit};

/// Numbers, and arrays of numbers, that are bytes without gaps.
pub trait Plain: NoUninit + AnyBitPattern {}

impl<T: NoUninit + AnyBitPattern> Plain for T {}

/// Every array starts at a multiple of this within its section, and sections start at multiples of more.
const ALIGNMENT: usize = 8;

/// Writes arrays into a section of their own.
#[derive(Debug)]
pub struct PackedWriter<'a> {
    out: &'a mut SectionWriter,
}

impl<'a> PackedWriter<'a> {
    /// Begins the next section of the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn start(out: &'a mut SectionWriter) -> Result<Self, MappedError> {
        out.start_section()?;
        Ok(Self { out })
    }

    /// Appends an array.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn array<T: Plain>(&mut self, numbers: &[T]) -> Result<(), MappedError> {
        let bytes: &[u8] = bytemuck::cast_slice(numbers);
        self.out.write(&(numbers.len() as u64).to_le_bytes())?;
        self.out.write(bytes)?;
        self.out.write(&[0; ALIGNMENT][..padding(bytes.len())])
    }
}

/// Reads what [`PackedWriter`] wrote, in the same order.
#[derive(Debug)]
pub struct PackedReader<'a> {
    rest: &'a [u8],
}

impl<'a> PackedReader<'a> {
    /// Of the bytes of such a section.
    #[must_use]
    pub fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next array; none when there is no such array any more.
    pub fn array<T: Plain>(&mut self) -> Option<&'a [T]> {
        let (len, rest) = self.rest.split_first_chunk::<8>()?;
        let bytes_count = usize::try_from(u64::from_le_bytes(*len)).ok()?.checked_mul(size_of::<T>())?;
        let (bytes, rest) = rest.split_at_checked(bytes_count)?;
        (_, self.rest) = rest.split_at_checked(padding(bytes_count))?;
        bytemuck::try_cast_slice(bytes).ok()
    }

    /// The next array as the one number it has.
    pub fn one<T: Plain>(&mut self) -> Option<T> {
        match self.array()? {
            [number] => Some(*number),
            _ => None,
        }
    }

    /// Whether everything was read.
    #[must_use]
    pub fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }
}

fn padding(bytes_count: usize) -> usize {
    bytes_count.next_multiple_of(ALIGNMENT) - bytes_count
}

#[cfg(test)]
mod tests {
    use super::super::mapped::MappedFile;
    use super::*;

    #[test]
    fn arrays_come_back_in_order_and_what_is_cut_short_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.bin");
        let mut out = SectionWriter::create(&path, *b"test", 1).expect("a file");
        let mut packed = PackedWriter::start(&mut out).expect("starts");
        packed.array(&[7_u8, 8, 9]).expect("writes");
        packed.array::<u32>(&[]).expect("writes");
        packed.array(&[[1.5_f64, -2.0]]).expect("writes");
        packed.array(&[11_u64]).expect("writes");
        out.finish().expect("finishes");
        let file = MappedFile::open(&path, *b"test").expect("opens");
        let bytes = file.bytes(0).expect("a section");
        let mut read = PackedReader::of(bytes);
        assert_eq!(read.array::<u8>(), Some(&[7, 8, 9][..]));
        assert_eq!(read.array::<u32>(), Some(&[][..]));
        assert_eq!(read.array::<[f64; 2]>(), Some(&[[1.5, -2.0]][..]));
        assert!(!read.is_at_end());
        assert_eq!((read.one::<u64>(), read.is_at_end(), read.one::<u64>()), (Some(11), true, None));
        assert_eq!(PackedReader::of(&bytes[..10]).array::<u8>(), None);
    }
}
