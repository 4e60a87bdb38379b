//! Opening a file: gzip or plain, how far it is read, and what it looks like inside.

use super::encoding::{Encoding, Transcoded};
use super::{plain, woocommerce};
use crate::catalog::CatalogError;
use crate::catalog::tables::PRODUCT_COLUMNS;
use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How much of a file is looked at to recognise it.
const SAMPLE_BYTES: u64 = 1 << 18;
const READ_BUFFER_BYTES: usize = 1 << 17;
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const PARQUET_MAGIC: &[u8] = b"PAR1";
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Marks between the fields of a table, the likeliest first.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// How the rows of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// To be recognised by content.
    #[default]
    Auto,
    /// One JSON object a line.
    Jsonl,
    /// One JSON array of objects, or objects one after another over several lines.
    Json,
    /// A table with a header; the mark between fields is recognised.
    Csv,
    /// A table with a header and tabs between fields.
    Tsv,
    /// A feed as Google Merchant Center takes it: RSS 2.0, Atom, or a table.
    Google,
    /// Shopify's product export.
    Shopify,
    /// Apache Parquet.
    Parquet,
}

/// Whose export a file is, where rows of several lines make up one product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Preset {
    /// [`Format::Google`].
    Google,
    /// [`Format::Shopify`].
    Shopify,
    /// WooCommerce's product export, recognised by its columns.
    WooCommerce,
    /// Anybody's table in which a column says which rows belong together.
    Plain,
}

/// A way of writing products in several rows each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Our own tables; `is_defused`: texts carry a mark that keeps spreadsheets from running them.
    Ours {
        is_defused: bool,
    },
    Theirs(Preset),
}

/// What is found inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Lines,
    Xml,
    /// `within_array`: rows begin after the first `[`.
    Elements {
        within_array: bool,
    },
    Table {
        delimiter: u8,
        has_backslashes: bool,
    },
    Columnar,
}

/// How far a file has been read, for progress bars; may be asked from another thread.
#[derive(Debug, Clone)]
pub struct Meter {
    read: Arc<AtomicU64>,
    total: u64,
    is_broken: Arc<AtomicBool>,
    encoding: Option<Encoding>,
}

impl Meter {
    /// In which encoding the file is read, where that is not UTF-8.
    #[must_use]
    pub fn encoding(&self) -> Option<&'static str> {
        self.encoding.map(Encoding::name)
    }

    /// Bytes of the file read so far (compressed bytes of a compressed file).
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Length of the file in bytes.
    #[must_use]
    pub fn bytes_total(&self) -> u64 {
        self.total
    }

    /// Whether the file could not be read to its end.
    #[must_use]
    pub fn broke_off(&self) -> bool {
        self.is_broken.load(Ordering::Relaxed)
    }

    pub(super) fn break_off(&self) {
        self.is_broken.store(true, Ordering::Relaxed);
    }

    /// Tells how far a file has been read that is not read from its first byte to its last.
    pub(super) fn show_share(&self, done: u64, whole: u64) {
        let bytes = u128::from(self.total) * u128::from(done) / u128::from(whole.max(1));
        self.read.store(u64::try_from(bytes).unwrap_or(self.total), Ordering::Relaxed);
    }
}

struct Metered {
    file: File,
    read: Arc<AtomicU64>,
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// An opened file, unpacked, before its first row.
pub(super) struct Source {
    pub(super) reader: Box<dyn BufRead + Send>,
    pub(super) layout: Layout,
    pub(super) meter: Meter,
    pub(super) dialect: Option<Dialect>,
}

/// Opens a file and recognises what it holds.
pub(super) fn open(path: &Path, format: Format, told: Option<Encoding>) -> Result<Source, CatalogError> {
    let io_error = |source| CatalogError::Source { path: path.to_owned(), source };
    let file = File::open(path).map_err(io_error)?;
    let total = file.metadata().map_err(io_error)?.len();
    let mut meter = Meter { read: Arc::default(), total, is_broken: Arc::default(), encoding: None };
    let metered = Metered { file, read: Arc::clone(&meter.read) };
    let mut packed = BufReader::with_capacity(READ_BUFFER_BYTES, metered);
    let is_gzip = packed.fill_buf().map_err(io_error)?.starts_with(&GZIP_MAGIC);
    let mut plain: Box<dyn Read + Send> = if is_gzip { Box::new(MultiGzDecoder::new(packed)) } else { Box::new(packed) };
    let mut sample = sample_of(&mut plain).map_err(io_error)?;
    if !sample.starts_with(PARQUET_MAGIC)
        && workbook(&sample).is_none()
        && let Some(encoding) =
            told.map_or_else(|| Encoding::of(&sample), |told| Ok(Some(told))).map_err(|reason| io_error(io::Error::other(reason)))?
        && !encoding.is_utf_8()
    {
        meter.encoding = Some(encoding);
        plain = Box::new(Transcoded::new(Cursor::new(sample).chain(plain), encoding));
        sample = sample_of(&mut plain).map_err(io_error)?;
    }
    if sample.starts_with(BYTE_ORDER_MARK) {
        sample.drain(..BYTE_ORDER_MARK.len());
    }
    if let Some(kind) = workbook(&sample) {
        return Err(io_error(io::Error::other(format!("is {kind}: save its sheet as CSV UTF-8, or unpack it"))));
    }
    if sample.starts_with(PARQUET_MAGIC) {
        let packed = || io_error(io::Error::other("a Parquet file is packed already: unpack the gzip file around it"));
        return if is_gzip { Err(packed()) } else { Ok(columnar(meter)) };
    }
    if format == Format::Parquet {
        return Err(io_error(io::Error::other("is not a Parquet file")));
    }
    let layout = layout_of(&sample, format);
    let dialect = dialect_of(&header_of(&sample), layout, format);
    let reader = Box::new(BufReader::with_capacity(READ_BUFFER_BYTES, Cursor::new(sample).chain(plain)));
    Ok(Source { reader, layout, meter, dialect })
}

/// What a file is that spreadsheets keep and no text, by its first bytes.
fn workbook(sample: &[u8]) -> Option<&'static str> {
    match sample {
        [b'P', b'K', 3, 4, ..] => Some("an Excel workbook or another zip archive"),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Some("an old Excel workbook"),
        _ => None,
    }
}

/// The beginning of a file.
fn sample_of(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut sample = Vec::new();
    reader.take(SAMPLE_BYTES).read_to_end(&mut sample)?;
    Ok(sample)
}

/// A Parquet file is not read from its first byte on, but from its end: what reads it opens it once more.
fn columnar(meter: Meter) -> Source {
    meter.show_share(0, 1);
    Source { reader: Box::new(io::empty()), layout: Layout::Columnar, meter, dialect: None }
}

fn layout_of(sample: &[u8], format: Format) -> Layout {
    match format {
        Format::Jsonl => Layout::Lines,
        Format::Json => elements(sample),
        Format::Csv => table(sample, delimiter_of(sample)),
        Format::Tsv => table(sample, b'\t'),
        Format::Shopify => table(sample, b','),
        Format::Google if first_letter(sample) != Some(b'<') => table(sample, delimiter_of(sample)),
        Format::Auto | Format::Google | Format::Parquet => match first_letter(sample) {
            Some(b'[') => elements(sample),
            Some(b'{') if first_line_is_whole(sample) => Layout::Lines,
            Some(b'{') => elements(sample),
            Some(b'<') => Layout::Xml,
            Some(_) | None => table(sample, delimiter_of(sample)),
        },
    }
}

/// The names in the first line of a table.
fn header_of(sample: &[u8]) -> Vec<String> {
    let header = String::from_utf8_lossy(sample.split(|&byte| byte == b'\n').next().unwrap_or_default()).into_owned();
    header.split([',', '\t', ';', '|']).map(|name| name.trim().trim_matches('"').to_owned()).collect()
}

/// In which dialect products are written: an XML feed is Google's, and a table is told by columns that no other has together.
pub(super) fn dialect_of(columns: &[String], layout: Layout, format: Format) -> Option<Dialect> {
    let bare = |known: &String| known.trim_start_matches("g:").replace(' ', "_");
    let has = |names: &[&str]| names.iter().all(|name| columns.iter().any(|known| bare(known).eq_ignore_ascii_case(name)));
    let is_woocommerce = || {
        let english: Vec<String> = columns.iter().map(|known| woocommerce::in_english(known).replace(' ', "_")).collect();
        woocommerce::COLUMNS.iter().all(|name| english.iter().any(|known| known.eq_ignore_ascii_case(name)))
    };
    let is_ours = || PRODUCT_COLUMNS.iter().all(|column| columns.iter().any(|known| known == column.name));
    let theirs = match format {
        Format::Google => Some(Preset::Google),
        Format::Shopify => Some(Preset::Shopify),
        Format::Auto | Format::Parquet if layout == Layout::Xml => Some(Preset::Google),
        Format::Auto | Format::Csv | Format::Parquet if is_ours() => {
            return Some(Dialect::Ours { is_defused: layout != Layout::Columnar });
        }
        Format::Auto | Format::Parquet if has(&["handle", "title", "variant_price"]) => Some(Preset::Shopify),
        Format::Auto | Format::Csv | Format::Parquet if is_woocommerce() => Some(Preset::WooCommerce),
        Format::Auto | Format::Parquet if has(&["id", "title", "image_link", "availability"]) => Some(Preset::Google),
        Format::Auto | Format::Csv | Format::Tsv | Format::Parquet
            if matches!(layout, Layout::Table { .. } | Layout::Columnar) && columns.iter().any(|column| plain::groups(column)) =>
        {
            Some(Preset::Plain)
        }
        Format::Auto | Format::Jsonl | Format::Json | Format::Csv | Format::Tsv | Format::Parquet => None,
    };
    theirs.map(Dialect::Theirs)
}

fn first_letter(sample: &[u8]) -> Option<u8> {
    sample.iter().copied().find(|byte| !byte.is_ascii_whitespace())
}

/// Whether the first line that is not empty is one object of its own. A single line that wraps an array of objects is not.
fn first_line_is_whole(sample: &[u8]) -> bool {
    let mut lines = sample.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    match lines.next() {
        Some(_) => first.ends_with(b"}"),
        // One line, perhaps longer than the sample.
        None => !is_wrapper(first),
    }
}

/// Whether an object's first member that is not a scalar is an array of objects, as in `{"total": 2, "products": [{`, and not one
/// that a row of ours has.
fn is_wrapper(object: &[u8]) -> bool {
    let Some(at) = opens_within(object) else { return false };
    let (before, array) = object.split_at(at);
    let of_a_row = [&b"\"variants\""[..], b"\"lines\"", b"\"items\"", b"\"categories\""];
    let name = before.trim_ascii_end().strip_suffix(b":").unwrap_or(before).trim_ascii_end();
    let says = |key: &[u8]| before.windows(key.len()).any(|part| part == key);
    // What a product has is its own, whatever it is called, but for a list of products.
    let is_a_row = !name.ends_with(b"\"products\"") && says(b"\"id\"") && (says(b"\"title\"") || says(b"\"name\""));
    // Answers of interfaces begin with their items; an order says first whose these are.
    let is_first = before.trim_ascii_start().strip_prefix(b"{").is_some_and(|members| members.trim_ascii_start().starts_with(b"\"items\""));
    let is_of_a_row = is_a_row || !is_first && of_a_row.iter().any(|known| name.ends_with(known));
    array.starts_with(b"[") && first_letter(&array[1..]) == Some(b'{') && !is_of_a_row
}

/// Where an object holds its first array or object, outside its texts.
fn opens_within(object: &[u8]) -> Option<usize> {
    let (mut is_text, mut is_escaped) = (false, false);
    for (at, byte) in object.iter().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_text,
            b'"' => is_text = !is_text,
            b'[' | b'{' if !is_text => return Some(at),
            _ => {}
        }
    }
    None
}

fn elements(sample: &[u8]) -> Layout {
    let object_first = first_letter(sample) == Some(b'{');
    let trimmed = sample.trim_ascii_start();
    Layout::Elements { within_array: !object_first || is_wrapper(trimmed) }
}

/// The mark that the header line holds most of.
fn delimiter_of(sample: &[u8]) -> u8 {
    let header = sample.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let count = |mark: u8| header.iter().filter(|&&byte| byte == mark).count();
    DELIMITERS.into_iter().rev().max_by_key(|&mark| count(mark)).unwrap_or(b',')
}

/// Some exports write `\"` for a quote inside a quoted field, against RFC 4180. There the two bytes could only end a field, so
/// one that is followed by anything but a mark, a line end or another quote tells.
fn table(sample: &[u8], delimiter: u8) -> Layout {
    let is_end = |byte: u8| byte == delimiter || matches!(byte, b'\r' | b'\n' | b'"');
    let has_backslashes = sample.windows(3).any(|bytes| bytes[0] == b'\\' && bytes[1] == b'"' && !is_end(bytes[2]));
    Layout::Table { delimiter, has_backslashes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_recognised_by_content() {
        let check = |sample: &str, expected: Layout| assert_eq!(layout_of(sample.as_bytes(), Format::Auto), expected, "{sample}");
        let comma = |has_backslashes| Layout::Table { delimiter: b',', has_backslashes };
        check("{\"a\":1}\n{\"a\":2}\n", Layout::Lines);
        check("{\"a\":1}", Layout::Lines);
        check("{\"id\":\"a\\\"\",\"title\":\"0[{\",\"variants\":[{}]}", Layout::Lines);
        check("{\"title\":\"[\",\"products\": [{\"a\": 1}]}", Layout::Elements { within_array: true });
        check("{\"id\":1,\"title\":\"a\",\"specs\":[{\"name\":\"b\"}]}", Layout::Lines);
        check("{\"id\":1,\"name\":\"a shop\",\"products\":[{\"id\":2}]}", Layout::Elements { within_array: true });
        check("{\"items\":[{\"id\":1},{\"id\":2}]}", Layout::Elements { within_array: true });
        check("{ \"items\" : [ {\"id\":1}]}", Layout::Elements { within_array: true });
        check("{\"id\":1,\"items\":[{\"sku\":\"a\"}]}", Layout::Lines);
        check("{\"number\":1,\"items\":[{\"sku\":\"a\"}]}", Layout::Lines);
        check("{\"lines\":[{\"sku\":\"a\"}]}", Layout::Lines);
        check("\n [{\"a\":1},\n{\"a\":2}]", Layout::Elements { within_array: true });
        check("{\n \"a\": 1\n}\n{\n \"a\": 2}", Layout::Elements { within_array: false });
        check("{\n \"total\": 2, \"products\": [\n {\"a\": 1}]}", Layout::Elements { within_array: true });
        check("id,name;x\n1,2", comma(false));
        check("SessionId\tItemId\tTime\n", Layout::Table { delimiter: b'\t', has_backslashes: false });
        check("id;name\n1;a,b", Layout::Table { delimiter: b';', has_backslashes: false });
        check("\"id\",\"name\"\n\"1\",\"a 7\\\" screen\"", comma(true));
        check("\"id\",\"path\"\n\"1\",\"C:\\\"\n", comma(false));
        check("", comma(false));
        check(" <?xml version=\"1.0\"?>\n<rss>", Layout::Xml);
    }

    #[test]
    fn exports_are_recognised_by_columns_that_no_other_has() {
        let check = |sample: &str, format: Format, expected: Option<Dialect>| {
            let layout = layout_of(sample.as_bytes(), format);
            assert_eq!(dialect_of(&header_of(sample.as_bytes()), layout, format), expected, "{sample}");
        };
        let (google, shopify) = (Some(Dialect::Theirs(Preset::Google)), Some(Dialect::Theirs(Preset::Shopify)));
        check("Handle,Title,Body (HTML),Variant Price\n", Format::Auto, shopify);
        check("id\ttitle\timage link\tavailability\n", Format::Auto, google);
        check("<feed>", Format::Auto, google);
        check("ID,Type,SKU,Name,Published,Sale price,Regular price\n", Format::Auto, Some(Dialect::Theirs(Preset::WooCommerce)));
        check(
            "ID;Typ;Artikelnummer;Name;Veröffentlicht;Angebotspreis;Regulärer Preis\n",
            Format::Auto,
            Some(Dialect::Theirs(Preset::WooCommerce)),
        );
        check("ID,Type,UGS,Nom,Publié,Tarif régulier\n", Format::Auto, Some(Dialect::Theirs(Preset::WooCommerce)));
        check("handle,title,price\n", Format::Auto, None);
        check("{\"id\": 1}", Format::Auto, None);
        check("id,title\n", Format::Google, google);
        check("<feed>", Format::Csv, None);
        let ours = PRODUCT_COLUMNS.map(|column| column.name).join(",");
        [Format::Auto, Format::Csv].iter().for_each(|format| check(&ours, *format, Some(Dialect::Ours { is_defused: true })));
    }
}
