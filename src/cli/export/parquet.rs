//! Parquet files of flat columns: only what an export needs of the format (apache/parquet-format 2.9), so that no library of a hundred modules
//! comes along for it.
//!
//! ```text
//! PAR1 │ row group: one page for each column, gzip │ ... │ footer: schema, places, counts │ u32 footer bytes │ PAR1
//! ```
//!
//! Every column is required, plainly encoded, and has one page in each row group. Headers and footer are in Thrift's compact protocol:
//! a field is its distance from the one before and its type in one byte, numbers are zigzag varints, 0 ends a struct.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{self, Write};

const MAGIC: &[u8; 4] = b"PAR1";
const CREATED_BY: &str = concat!("shopkeeper ", env!("CARGO_PKG_VERSION"));

// Numbers of the format's own enumerations.
const INT32: i64 = 1;
const FLOAT: i64 = 4;
const BYTE_ARRAY: i64 = 6;
const PLAIN: i64 = 0;
const RLE: i64 = 3;
const GZIP: i64 = 2;
const UTF8: i64 = 0;

/// The values of one column in one row group.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Column {
    /// Texts.
    Texts(Vec<String>),
    /// 32-bit numbers.
    Numbers(Vec<i32>),
    /// 32-bit floats.
    Floats(Vec<f32>),
}

impl Column {
    fn len(&self) -> usize {
        match self {
            Self::Texts(values) => values.len(),
            Self::Numbers(values) => values.len(),
            Self::Floats(values) => values.len(),
        }
    }

    fn kind(&self) -> i64 {
        match self {
            Self::Texts(_) => BYTE_ARRAY,
            Self::Numbers(_) => INT32,
            Self::Floats(_) => FLOAT,
        }
    }

    fn plain(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self {
            Self::Texts(values) => values.iter().for_each(|value| {
                bytes.extend_from_slice(&(value.len() as u32).to_le_bytes());
                bytes.extend_from_slice(value.as_bytes());
            }),
            Self::Numbers(values) => values.iter().for_each(|value| bytes.extend_from_slice(&value.to_le_bytes())),
            Self::Floats(values) => values.iter().for_each(|value| bytes.extend_from_slice(&value.to_le_bytes())),
        }
        bytes
    }
}

/// Where the page of a column stands.
#[derive(Debug)]
struct Chunk {
    kind: i64,
    offset: u64,
    /// Header and data, and what they come to when unpacked.
    bytes: u64,
    unpacked_bytes: u64,
}

#[derive(Debug)]
struct Group {
    rows: usize,
    chunks: Vec<Chunk>,
}

/// A file that is being written.
#[derive(Debug)]
pub(super) struct ParquetFile<W: Write> {
    out: W,
    at: u64,
    names: &'static [&'static str],
    groups: Vec<Group>,
}

impl<W: Write> ParquetFile<W> {
    /// A file with these columns.
    pub(super) fn create(mut out: W, names: &'static [&'static str]) -> io::Result<Self> {
        out.write_all(MAGIC)?;
        Ok(Self { out, at: MAGIC.len() as u64, names, groups: Vec::new() })
    }

    /// Writes a row group: one column for each name, all of the same length and in every group of the same kind.
    pub(super) fn write_group(&mut self, columns: &[Column]) -> io::Result<()> {
        let rows = columns.first().map_or(0, Column::len);
        assert!(columns.len() == self.names.len() && columns.iter().all(|column| column.len() == rows), "a column for each name");
        let chunks = columns.iter().map(|column| self.write_chunk(column)).collect::<io::Result<Vec<Chunk>>>()?;
        self.groups.push(Group { rows, chunks });
        Ok(())
    }

    fn write_chunk(&mut self, column: &Column) -> io::Result<Chunk> {
        let plain = column.plain();
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(&plain)?;
        let packed = packer.finish()?;
        let mut header = Thrift::default();
        header.number(1, 0);
        header.number(2, plain.len() as i64);
        header.number(3, packed.len() as i64);
        header.structure(5, |page| {
            page.number(1, column.len() as i64);
            [(2, PLAIN), (3, RLE), (4, RLE)].into_iter().for_each(|(field, encoding)| page.number(field, encoding));
        });
        let header = header.ended();
        self.out.write_all(&header)?;
        self.out.write_all(&packed)?;
        let offset = self.at;
        self.at += (header.len() + packed.len()) as u64;
        let bytes = self.at - offset;
        Ok(Chunk { kind: column.kind(), offset, bytes, unpacked_bytes: (header.len() + plain.len()) as u64 })
    }

    /// Writes the footer and gives the writer back.
    pub(super) fn finish(mut self) -> io::Result<W> {
        let footer = self.footer();
        self.out.write_all(&footer)?;
        self.out.write_all(&(footer.len() as u32).to_le_bytes())?;
        self.out.write_all(MAGIC)?;
        Ok(self.out)
    }

    fn footer(&self) -> Vec<u8> {
        let rows: usize = self.groups.iter().map(|group| group.rows).sum();
        let kinds: Vec<i64> = self.groups.first().map_or_else(Vec::new, |group| group.chunks.iter().map(|chunk| chunk.kind).collect());
        let mut file = Thrift::default();
        file.number(1, 1);
        file.structures(2, self.names.len() + 1, |index, element| match index.checked_sub(1) {
            None => {
                element.text(4, "recommendations");
                element.number(5, self.names.len() as i64);
            }
            Some(column) => {
                // A file without rows has no kinds, and texts are as good as anything.
                let kind = kinds.get(column).copied().unwrap_or(BYTE_ARRAY);
                element.number(1, kind);
                element.number(3, 0);
                element.text(4, self.names[column]);
                if kind == BYTE_ARRAY {
                    element.number(6, UTF8);
                }
            }
        });
        file.long(3, rows as i64);
        file.structures(4, self.groups.len(), |index, group| self.describe(&self.groups[index], group));
        file.text(6, CREATED_BY);
        file.ended()
    }

    fn describe(&self, group: &Group, out: &mut Thrift) {
        out.structures(1, group.chunks.len(), |index, chunk_out| {
            let chunk = &group.chunks[index];
            chunk_out.long(2, chunk.offset as i64);
            chunk_out.structure(3, |column| {
                column.number(1, chunk.kind);
                column.numbers(2, &[PLAIN, RLE]);
                column.texts(3, &[self.names[index]]);
                column.number(4, GZIP);
                column.long(5, group.rows as i64);
                column.long(6, chunk.unpacked_bytes as i64);
                column.long(7, chunk.bytes as i64);
                column.long(9, chunk.offset as i64);
            });
        });
        out.long(2, group.chunks.iter().map(|chunk| chunk.unpacked_bytes as i64).sum());
        out.long(3, group.rows as i64);
    }
}

/// A struct in Thrift's compact protocol.
#[derive(Debug, Default)]
struct Thrift {
    bytes: Vec<u8>,
    last_field: i16,
}

const I32: u8 = 5;
const I64: u8 = 6;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

impl Thrift {
    /// Fields come in ascending order, at most 15 apart.
    fn field(&mut self, field: i16, kind: u8) {
        let step = field - self.last_field;
        debug_assert!((1..=15).contains(&step), "fields ascend");
        self.bytes.push((step as u8) << 4 | kind);
        self.last_field = field;
    }

    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    fn zigzag(&mut self, number: i64) {
        self.varint(((number << 1) ^ (number >> 63)) as u64);
    }

    fn number(&mut self, field: i16, number: i64) {
        self.field(field, I32);
        self.zigzag(number);
    }

    fn long(&mut self, field: i16, number: i64) {
        self.field(field, I64);
        self.zigzag(number);
    }

    fn raw_text(&mut self, text: &str) {
        self.varint(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn text(&mut self, field: i16, text: &str) {
        self.field(field, BINARY);
        self.raw_text(text);
    }

    fn list(&mut self, field: i16, len: usize, kind: u8) {
        self.field(field, LIST);
        if len < 15 {
            self.bytes.push((len as u8) << 4 | kind);
        } else {
            self.bytes.push(0xF0 | kind);
            self.varint(len as u64);
        }
    }

    fn numbers(&mut self, field: i16, numbers: &[i64]) {
        self.list(field, numbers.len(), I32);
        numbers.iter().for_each(|number| self.zigzag(*number));
    }

    fn texts(&mut self, field: i16, texts: &[&str]) {
        self.list(field, texts.len(), BINARY);
        texts.iter().for_each(|text| self.raw_text(text));
    }

    fn structure(&mut self, field: i16, fill: impl FnOnce(&mut Self)) {
        self.field(field, STRUCT);
        self.inner(fill);
    }

    fn structures(&mut self, field: i16, len: usize, fill: impl Fn(usize, &mut Self)) {
        self.list(field, len, STRUCT);
        (0..len).for_each(|index| self.inner(|inner| fill(index, inner)));
    }

    fn inner(&mut self, fill: impl FnOnce(&mut Self)) {
        let mut inner = Self::default();
        fill(&mut inner);
        self.bytes.extend(inner.ended());
    }

    fn ended(mut self) -> Vec<u8> {
        self.bytes.push(0);
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn numbers_and_fields_are_written_as_the_protocol_says() {
        let mut thrift = Thrift::default();
        thrift.number(1, 1);
        thrift.number(3, -150);
        thrift.text(4, "ab");
        thrift.numbers(5, &[0, 3]);
        thrift.structure(6, |inner| inner.long(2, 1));
        assert_eq!(thrift.ended(), [0x15, 2, 0x25, 0xAB, 0x02, 0x18, 2, b'a', b'b', 0x19, 0x25, 0, 6, 0x1C, 0x26, 2, 0, 0]);
    }

    #[test]
    fn a_file_begins_and_ends_with_its_mark_and_its_pages_unpack_to_the_values() {
        let mut file = ParquetFile::create(Vec::new(), &["name", "rank"]).expect("begins");
        file.write_group(&[Column::Texts(vec!["a".to_owned(), "bc".to_owned()]), Column::Numbers(vec![1, 2])]).expect("writes");
        let offset = file.groups[0].chunks[1].offset as usize;
        let bytes = file.finish().expect("ends");
        assert_eq!((&bytes[..4], &bytes[bytes.len() - 4..]), (&MAGIC[..], &MAGIC[..]));
        let footer_len = u32::from_le_bytes(bytes[bytes.len() - 8..][..4].try_into().expect("four bytes")) as usize;
        assert!(String::from_utf8_lossy(&bytes[bytes.len() - 8 - footer_len..]).contains("rank"));
        let packed = bytes[offset..].windows(2).position(|two| two == [0x1F, 0x8B]).expect("gzip") + offset;
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&bytes[packed..]).read_to_end(&mut plain).expect("unpacks");
        assert_eq!(plain, [1, 0, 0, 0, 2, 0, 0, 0]);
    }
}
