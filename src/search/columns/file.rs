//! Columns on disk: one mapped file. Rows and values are looked at where they lie in it; sets and dense columns, which are read for every
//! match, are copied into memory when the file is opened. The layout is drawn in `docs/FORMATS.md`.
//!
//! What is copied is compared with its checksum first. What stays in the file is not read for that; a byte that changed there gives another
//! fact or none, and `shopkeeper verify` finds it.

use super::dictionary::{Dictionary, FieldId, TermId};
use super::numbers::Prices;
use super::rows::Rows;
use super::terms::Terms;
use super::{Columns, packing, postings};
use crate::id::{MarketplaceId, Ordinal};
use crate::search::SearchError;
use crate::stdx::mapped::{MappedFile, SectionWriter, as_bytes};
use crate::stdx::packed::{PackedReader, PackedWriter};
use std::path::Path;
use std::sync::Arc;

const KIND: [u8; 4] = *b"COLS";

/// Fields, marketplaces, values, ordinals.
const COUNTS: usize = 0;
/// Names of fields, then of marketplaces, one after another.
const NAMES: usize = 1;
const NAME_ENDS: usize = 2;
/// Values one after another, where each ends, its field, its hash and its place; the table that finds them.
pub(super) const TERM_TEXTS: usize = 3;
pub(super) const TERM_ENDS: usize = 4;
pub(super) const TERM_FIELDS: usize = 5;
pub(super) const TERM_HASHES: usize = 6;
pub(super) const TERM_PLACES: usize = 7;
pub(super) const TERM_SLOTS: usize = 8;
/// Rows one after another, and where each ends; those of ordinals without a product are empty.
pub(super) const ROW_WORDS: usize = 9;
pub(super) const ROW_ENDS: usize = 10;
/// Sets of products: all, those with several variants, those of each value.
const SETS: usize = 11;
/// Fields, then prices.
const DENSE: usize = 12;
const SECTIONS_COUNT: usize = 13;

/// Sections that are read as a whole when the file is opened.
const READ: [usize; 6] = [COUNTS, NAMES, NAME_ENDS, TERM_FIELDS, SETS, DENSE];

fn damaged() -> SearchError {
    SearchError::Index("columns: the file is not what was written".to_owned())
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
        let mut out = SectionWriter::create(path, KIND, SECTIONS_COUNT).map_err(unreadable)?;
        self.write(&mut out).map_err(unreadable)?;
        out.finish().map_err(unreadable)
    }

    fn write(&self, out: &mut SectionWriter) -> packing::Written {
        let (dictionary, markets) = (&self.dictionary, self.prices.names());
        let terms = || (0..dictionary.terms_count() as u32).map(TermId);
        let counts = [dictionary.fields_count(), markets.len(), dictionary.terms_count(), self.rows.len()];
        out.section(as_bytes(&counts.map(|count| count as u64)))?;
        let fields = (0..dictionary.fields_count() as u32).map(|field| dictionary.field(FieldId(field)));
        let names: Vec<&str> = fields.clone().map(|field| &*field.name).chain(markets.iter().map(MarketplaceId::as_str)).collect();
        out.section(names.concat().as_bytes())?;
        out.section(as_bytes(&ends(names.iter().map(|name| name.len()))))?;
        out.start_section()?;
        terms().try_for_each(|term| out.write(dictionary.text(term).as_bytes()))?;
        out.section(as_bytes(&ends(terms().map(|term| dictionary.text(term).len()))))?;
        out.section(as_bytes(&terms().map(|term| dictionary.field_of(term).0).collect::<Vec<u32>>()))?;
        out.section(as_bytes(&terms().map(|term| dictionary.terms.hash(term)).collect::<Vec<u32>>()))?;
        out.section(as_bytes(&terms().map(|term| dictionary.place(term)).collect::<Vec<u32>>()))?;
        out.section(as_bytes(&dictionary.terms.slots_of_all()))?;
        out.start_section()?;
        let rows = || (0..self.rows.len() as u32).map(|ordinal| self.rows.words(Ordinal(ordinal)));
        rows().try_for_each(|words| out.write(as_bytes(words)))?;
        out.section(as_bytes(&ends(rows().map(<[u32]>::len))))?;
        let mut sets = PackedWriter::start(out)?;
        packing::put_products(&mut sets, &self.live)?;
        packing::put_products(&mut sets, &self.multi)?;
        postings::pack(&dictionary.postings, &mut sets)?;
        let mut dense = PackedWriter::start(out)?;
        fields.clone().try_for_each(|field| field.pack(&mut dense))?;
        self.prices.pack(&mut dense)
    }

    /// Opens what [`Columns::save`] wrote.
    ///
    /// # Errors
    /// When the file cannot be read or is damaged.
    pub fn load(path: &Path) -> Result<Self, SearchError> {
        let file = Arc::new(MappedFile::open(path, KIND).map_err(unreadable)?);
        READ.iter().try_for_each(|section| file.verify_section(*section)).map_err(unreadable)?;
        let &[fields_count, markets_count, terms_count, rows_count] = file.slice::<u64>(COUNTS).map_err(unreadable)? else {
            return Err(damaged());
        };
        let names = std::str::from_utf8(file.bytes(NAMES).map_err(unreadable)?).map_err(unreadable)?;
        let names = split(names, file.slice::<u64>(NAME_ENDS).map_err(unreadable)?)?;
        let lens = [names.len() as u64, file.len_of::<u32>(TERM_FIELDS), file.len_of::<u64>(ROW_ENDS)];
        let term_lens = [TERM_HASHES, TERM_PLACES].map(|section| file.len_of::<u32>(section));
        if lens != [fields_count + markets_count, terms_count, rows_count]
            || term_lens != [terms_count; 2]
            || file.len_of::<u64>(TERM_ENDS) != terms_count
            || !file.len_of::<u32>(TERM_SLOTS).is_power_of_two()
        {
            return Err(damaged());
        }
        let (fields, markets) = names.split_at(fields_count as usize);
        let section = |section: usize| file.bytes(section).map(PackedReader::of).map_err(unreadable);
        let (mut sets, mut dense) = (section(SETS)?, section(DENSE)?);
        let read_sets = || Some((packing::products(&mut sets)?, packing::products(&mut sets)?, postings::unpack(&mut sets)?));
        let read_dense = || {
            let mut dictionary = Dictionary::with_values(fields, &file)?;
            (0..fields.len() as u32).try_for_each(|field| dictionary.field_mut(FieldId(field)).unpack(&mut dense))?;
            let markets = markets.iter().map(|name| MarketplaceId::new(name).ok()).collect::<Option<_>>()?;
            Some((dictionary, Prices::unpack(markets, &mut dense)?))
        };
        let (sets, dense) = rayon::join(read_sets, read_dense);
        let ((live, multi, postings), (mut dictionary, prices)) = (sets.ok_or_else(damaged)?, dense.ok_or_else(damaged)?);
        [SETS, DENSE].iter().for_each(|section| file.release_section(*section, usize::MAX));
        dictionary.postings = postings;
        let rows = Rows::of_file(&file).map_err(unreadable)?;
        Ok(Self { rows, dictionary, prices, live, multi })
    }
}

impl Dictionary {
    /// The fields of these names, with the values of a file, without products.
    fn with_values(names: &[&str], file: &Arc<MappedFile>) -> Option<Self> {
        let mut dictionary = Self::new();
        dictionary.terms = Terms::of_file(file).ok()?;
        for name in names.iter().skip(FieldId::BUILT_IN.len()) {
            dictionary.intern_attribute(name.strip_prefix("attributes.")?);
        }
        let mut terms: Vec<Vec<TermId>> = vec![Vec::new(); names.len()];
        for (field, number) in file.slice::<u32>(TERM_FIELDS).ok()?.iter().zip(0..) {
            let terms = terms.get_mut(*field as usize)?;
            if FieldId(*field).keeps_values() {
                terms.push(TermId(number));
            }
        }
        for (terms, field) in terms.into_iter().zip(0..) {
            dictionary.field_mut(FieldId(field)).terms = Arc::new(terms);
        }
        let nodes = Arc::clone(&dictionary.field(FieldId::CATEGORY).terms);
        let parents = nodes.iter().map(|node| dictionary.node_above(dictionary.text(*node))).collect();
        dictionary.field_mut(FieldId::CATEGORY).parents = Arc::new(parents);
        Some(dictionary).filter(|dictionary| dictionary.fields_count() == names.len())
    }
}

/// Where each of several runs ends that stand one after another.
fn ends(lens: impl Iterator<Item = usize>) -> Vec<u64> {
    let mut end = 0;
    let mut next = |len: usize| {
        end += len as u64;
        end
    };
    lens.map(&mut next).collect()
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
