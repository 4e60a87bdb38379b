//! The text part of a generation, opened for reading: one tantivy segment on mapped files.

use super::failed;
use super::matching::{Doc, Postings};
use super::schema::{Fields, ORDINAL, fields};
use super::standing::Found;
use crate::id::Ordinal;
use crate::search::SearchError;
use std::path::Path;
use std::sync::Arc;
use tantivy::postings::{BlockSegmentPostings, TermInfo};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Index, InvertedIndexReader, SegmentReader};

/// One immutable segment.
pub(super) struct Segment {
    text: Arc<InvertedIndexReader>,
    identifiers: Arc<InvertedIndexReader>,
    /// The product behind each document, rising: read once, since a fast field costs more for each match than scoring it does.
    ordinals: Vec<Ordinal>,
    found: Found,
}

impl Segment {
    /// Opens the index in `folder`.
    ///
    /// # Errors
    /// When files are missing or damaged, or it is not one segment in ordinal order.
    pub(super) fn open(folder: &Path) -> Result<Self, SearchError> {
        let segments = Index::open_in_dir(folder).and_then(|index| index.searchable_segments()).map_err(failed("text"))?;
        let [segment] = segments.as_slice() else {
            return Err(failed("text")(format!("{} segments where one was expected", segments.len())));
        };
        let reader = SegmentReader::open(segment).map_err(failed("text"))?;
        let Fields { text, identifier, .. } = fields();
        let inverted = |field: Field| reader.inverted_index(field).map_err(failed("text"));
        Ok(Self { text: inverted(text)?, identifiers: inverted(identifier)?, ordinals: read_ordinals(&reader)?, found: Found::default() })
    }

    /// How many documents it has.
    pub(super) fn docs_count(&self) -> u64 {
        self.ordinals.len() as u64
    }

    /// What words found here before.
    pub(super) fn found(&self) -> &Found {
        &self.found
    }

    /// The product of a document.
    #[inline]
    pub(super) fn ordinal(&self, doc: Doc) -> Ordinal {
        self.ordinals[doc as usize]
    }

    /// The document of a product.
    pub(super) fn doc_of(&self, ordinal: Ordinal) -> Option<Doc> {
        self.ordinals.binary_search(&ordinal).ok().map(|doc| doc as Doc)
    }

    /// Where the postings of a term are, if it occurs.
    pub(super) fn find(&self, term: &str) -> Result<Option<TermInfo>, SearchError> {
        self.text.terms().get(term.as_bytes()).map_err(failed("text"))
    }

    /// The postings of a term.
    pub(super) fn postings(&self, found: &TermInfo) -> Result<SegmentCursor, SearchError> {
        let blocks = self.text.read_block_postings_from_terminfo(found, IndexRecordOption::WithFreqs).map_err(failed("text"))?;
        Ok(SegmentCursor(blocks))
    }

    /// Every term with the number of products that hold it, in order.
    pub(super) fn for_each_term(&self, mut visit: impl FnMut(&str, u32)) -> Result<(), SearchError> {
        let mut terms = self.text.terms().stream().map_err(failed("text"))?;
        while terms.advance() {
            let term = str::from_utf8(terms.key()).map_err(failed("text"))?;
            visit(term, terms.value().doc_freq);
        }
        Ok(())
    }

    /// Documents with an identifier that starts with `prefix` (or is exactly it), at most `docs_max`.
    pub(super) fn identified(&self, prefix: &str, exactly: bool, docs_max: usize) -> Result<Vec<Doc>, SearchError> {
        let mut docs = Vec::new();
        let mut terms = self.identifiers.terms().range().ge(prefix.as_bytes()).into_stream().map_err(failed("text"))?;
        while docs.len() < docs_max && terms.advance() {
            let term = terms.key();
            if !term.starts_with(prefix.as_bytes()) || (exactly && term.len() > prefix.len()) {
                break;
            }
            let blocks = self.identifiers.read_block_postings_from_terminfo(terms.value(), IndexRecordOption::Basic);
            let mut blocks = blocks.map_err(failed("text"))?;
            while !blocks.docs().is_empty() && docs.len() < docs_max {
                docs.extend(blocks.docs().iter().take(docs_max - docs.len()));
                blocks.advance();
            }
        }
        Ok(docs)
    }
}

fn read_ordinals(reader: &SegmentReader) -> Result<Vec<Ordinal>, SearchError> {
    let column = reader.fast_fields().u64(ORDINAL).map_err(failed("text"))?.first_or_default_col(u64::MAX);
    let ordinals: Option<Vec<Ordinal>> = (0..reader.max_doc()).map(|doc| u32::try_from(column.get_val(doc)).ok().map(Ordinal)).collect();
    let rising = |ordinals: &Vec<Ordinal>| ordinals.is_sorted_by(|a, b| a < b);
    ordinals.filter(rising).ok_or_else(|| failed("text")("documents are not in ordinal order"))
}

/// Reads the postings of a term in tantivy's blocks of 128.
pub(super) struct SegmentCursor(BlockSegmentPostings);

impl Postings for SegmentCursor {
    #[inline]
    fn block(&self) -> (&[Doc], &[u32]) {
        (self.0.docs(), self.0.freqs())
    }

    fn next_block(&mut self) {
        self.0.advance();
    }

    fn seek_block(&mut self, target: Doc) {
        self.0.seek(target);
    }

    fn len(&self) -> u64 {
        u64::from(self.0.doc_freq())
    }
}
