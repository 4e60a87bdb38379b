//! Columns on disk: names, values and rows in one mapped file. Sets and dense columns are not written: they follow from the rows, and
//! entering rows in order is as fast as reading sets back, so the file cannot contradict itself.
//!
//! Sections: 0 counts; 1 all texts, one after another (field names, marketplaces, values); 2 where each text ends; 3 field of each value;
//! 4 its hash; 5 rows as words; 6 numbers; 7 prices. A row is its number of variants (0 = no product) and then, for the product and each variant,
//! counted lists of values and of numeric fields, and for each variant a counted list of marketplaces. Numbers and prices stand in their
//! own sections in the same order. The layout is drawn in `docs/FORMATS.md`.

use super::Columns;
use super::dictionary::{Dictionary, FieldId, TermId};
use super::numbers::MarketId;
use super::row::{Facts, Keyword, Number, Row, VariantRow};
use crate::id::{MarketplaceId, Ordinal};
use crate::search::SearchError;
use crate::stdx::mapped::{MappedFile, as_bytes, write_sections};
use std::path::Path;

const KIND: [u8; 4] = *b"COLS";

#[derive(Default)]
struct Writer {
    texts: String,
    text_ends: Vec<u64>,
    words: Vec<u32>,
    numbers: Vec<f64>,
    prices: Vec<i64>,
}

impl Writer {
    fn text(&mut self, text: &str) {
        self.texts.push_str(text);
        self.text_ends.push(self.texts.len() as u64);
    }

    fn facts(&mut self, facts: &Facts) {
        self.words.push(facts.keywords.len() as u32);
        self.words.extend(facts.keywords.iter().map(|keyword| keyword.term.0));
        self.words.push(facts.numbers.len() as u32);
        self.words.extend(facts.numbers.iter().map(|number| number.field.0));
        self.numbers.extend(facts.numbers.iter().map(|number| number.value));
    }

    fn row(&mut self, row: Option<&Row>) {
        self.words.push(row.map_or(0, |row| row.variants.len() as u32));
        let Some(row) = row else { return };
        self.facts(&row.shared);
        for variant in &row.variants {
            self.facts(&variant.own);
            self.words.push(variant.offers.len() as u32);
            self.words.extend(variant.offers.iter().map(|(market, _)| market.0));
            self.prices.extend(variant.offers.iter().map(|(_, price)| *price));
        }
    }
}

/// Reads sections front to back; every read is checked, so a damaged file is an error and never a panic.
struct Reader<'a> {
    words: std::slice::Iter<'a, u32>,
    numbers: std::slice::Iter<'a, f64>,
    prices: std::slice::Iter<'a, i64>,
    term_fields: &'a [u32],
    fields_count: u32,
    markets_count: u32,
}

impl Reader<'_> {
    fn word(&mut self) -> Result<u32, SearchError> {
        self.words.next().copied().ok_or_else(damaged)
    }

    /// A list's length, checked against what is left to read.
    fn count(&mut self) -> Result<usize, SearchError> {
        let count = self.word()? as usize;
        if count <= self.words.len() { Ok(count) } else { Err(damaged()) }
    }

    fn word_below(&mut self, limit: u32) -> Result<u32, SearchError> {
        self.word().and_then(|word| if word < limit { Ok(word) } else { Err(damaged()) })
    }

    fn facts(&mut self) -> Result<Facts, SearchError> {
        let keywords_count = self.count()?;
        let terms_count = self.term_fields.len() as u32;
        let mut keywords = Vec::with_capacity(keywords_count);
        for _ in 0..keywords_count {
            let term = self.word_below(terms_count)?;
            keywords.push(Keyword { field: FieldId(self.term_fields[term as usize]), term: TermId(term) });
        }
        let numbers_count = self.count()?;
        let mut numbers = Vec::with_capacity(numbers_count);
        for _ in 0..numbers_count {
            let field = FieldId(self.word_below(self.fields_count)?);
            numbers.push(Number { field, value: *self.numbers.next().ok_or_else(damaged)? });
        }
        Ok(Facts { keywords: keywords.into(), numbers: numbers.into() })
    }

    fn variant(&mut self) -> Result<VariantRow, SearchError> {
        let own = self.facts()?;
        let offers_count = self.count()?;
        let mut offers = Vec::with_capacity(offers_count);
        for _ in 0..offers_count {
            let market = MarketId(self.word_below(self.markets_count + 1)?);
            offers.push((market, *self.prices.next().ok_or_else(damaged)?));
        }
        Ok(VariantRow { own, offers: offers.into() })
    }

    fn row(&mut self) -> Result<Option<Row>, SearchError> {
        let variants_count = self.count()?;
        if variants_count == 0 {
            return Ok(None);
        }
        let shared = self.facts()?;
        let variants: Vec<VariantRow> = (0..variants_count).map(|_| self.variant()).collect::<Result<_, _>>()?;
        Ok(Some(Row { shared, variants: variants.into() }))
    }
}

fn damaged() -> SearchError {
    SearchError::Index("columns: the rows are not what was written".to_owned())
}

fn unreadable(error: impl std::fmt::Display) -> SearchError {
    SearchError::Index(format!("columns: {error}"))
}

impl Columns {
    /// Writes everything to one file.
    ///
    /// # Errors
    /// When the file cannot be written; what stood there before is then untouched.
    pub fn save(&self, path: &Path) -> Result<(), SearchError> {
        let mut out = Writer::default();
        let (fields_count, terms_count) = (self.dictionary.fields_count(), self.dictionary.terms_count());
        (0..fields_count).for_each(|field| out.text(&self.dictionary.field(FieldId(field as u32)).name));
        self.prices.names().iter().for_each(|name| out.text(name.as_str()));
        (0..terms_count).for_each(|term| out.text(self.dictionary.text(TermId(term as u32))));
        let term_fields: Vec<u32> = (0..terms_count).map(|term| self.dictionary.field_of(TermId(term as u32)).0).collect();
        let term_hashes: Vec<u32> = (0..terms_count).map(|term| self.dictionary.hash(TermId(term as u32))).collect();
        self.rows.iter().for_each(|row| out.row(row.as_deref()));
        let counts = [fields_count as u64, self.prices.names().len() as u64, terms_count as u64, self.rows.len() as u64];
        let sections = [
            as_bytes(&counts),
            out.texts.as_bytes(),
            as_bytes(&out.text_ends),
            as_bytes(&term_fields),
            as_bytes(&term_hashes),
            as_bytes(&out.words),
            as_bytes(&out.numbers),
            as_bytes(&out.prices),
        ];
        write_sections(path, KIND, &sections).map_err(unreadable)
    }

    /// Reads what [`Columns::save`] wrote.
    ///
    /// # Errors
    /// When the file cannot be read or is damaged.
    pub fn load(path: &Path) -> Result<Self, SearchError> {
        let file = MappedFile::open(path, KIND).map_err(unreadable)?;
        file.verify().map_err(unreadable)?;
        let &[fields_count, markets_count, terms_count, rows_count] = file.slice::<u64>(0).map_err(unreadable)? else {
            return Err(damaged());
        };
        let texts = std::str::from_utf8(file.bytes(1).map_err(unreadable)?).map_err(unreadable)?;
        let text_ends = file.slice::<u64>(2).map_err(unreadable)?;
        let term_fields = file.slice::<u32>(3).map_err(unreadable)?;
        let term_hashes = file.slice::<u32>(4).map_err(unreadable)?;
        if text_ends.len() as u64 != fields_count + markets_count + terms_count
            || [term_fields.len() as u64, term_hashes.len() as u64] != [terms_count; 2]
        {
            return Err(damaged());
        }
        let texts = split(texts, text_ends)?;
        let (names, values) = texts.split_at((fields_count + markets_count) as usize);
        let mut columns = Self::new();
        columns.read_names(names, fields_count as usize)?;
        columns.dictionary.read_values(values, term_fields, term_hashes)?;
        let mut reader = Reader {
            words: file.slice::<u32>(5).map_err(unreadable)?.iter(),
            numbers: file.slice::<f64>(6).map_err(unreadable)?.iter(),
            prices: file.slice::<i64>(7).map_err(unreadable)?.iter(),
            term_fields,
            fields_count: fields_count as u32,
            markets_count: markets_count as u32,
        };
        for ordinal in 0..u32::try_from(rows_count).map_err(unreadable)? {
            if let Some(row) = reader.row()? {
                columns.link_sparse(Ordinal(ordinal), row);
            }
        }
        columns.enter_all_dense();
        Ok(columns)
    }

    fn read_names(&mut self, names: &[&str], fields_count: usize) -> Result<(), SearchError> {
        let (fields, markets) = names.split_at(fields_count);
        for name in fields.iter().skip(FieldId::BUILT_IN.len()) {
            self.dictionary.intern_attribute(name.strip_prefix("attributes.").ok_or_else(damaged)?);
        }
        for name in markets {
            let name = MarketplaceId::new(name).map_err(unreadable)?;
            self.prices.market_or_new(Some(&name));
        }
        if self.dictionary.fields_count() == fields_count && self.prices.names().len() == markets.len() { Ok(()) } else { Err(damaged()) }
    }
}

impl Dictionary {
    fn read_values(&mut self, values: &[&str], term_fields: &[u32], term_hashes: &[u32]) -> Result<(), SearchError> {
        if term_fields.iter().any(|&field| field as usize >= self.fields_count()) {
            return Err(damaged());
        }
        for ((value, &field), &hash) in values.iter().zip(term_fields).zip(term_hashes) {
            self.restore(FieldId(field), hash, value);
        }
        Ok(())
    }
}

fn split<'a>(texts: &'a str, ends: &[u64]) -> Result<Vec<&'a str>, SearchError> {
    let mut start = 0;
    ends.iter()
        .map(|&end| {
            let end = usize::try_from(end).map_err(unreadable)?;
            let text = texts.get(start..end).ok_or_else(damaged)?;
            start = end;
            Ok(text)
        })
        .collect()
}
