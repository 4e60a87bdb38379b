//! The shape of a product inside tantivy, and how its terms get there.
//!
//! One document for each product, in ordinal order, with three fields: `text` holds every term once with its impact as the term frequency,
//! `identifier` the folded identifiers, `ordinal` the product's number. tantivy counts frequencies itself, so a term with an impact of ten
//! would have to be told it ten times. Instead its writer makes a segment without terms, and the posting lists, turned round by `inverter`,
//! go through its serializer into the same files.

use super::failed;
use super::impact::TermImpact;
use super::inverter::Inverter;
use crate::search::SearchError;
use std::path::Path;
use tantivy::index::SegmentComponent;
use tantivy::postings::InvertedIndexSerializer;
use tantivy::schema::{Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions};
use tantivy::{Directory, Index, Segment, SingleSegmentIndexWriter, TantivyDocument};

/// What the writer may hold in memory before tantivy thinks of a bigger hash table; it never splits the segment.
const WRITER_BYTES: usize = 64 << 20;
/// tantivy wants a tokenizer for a field of text; nothing is cut by this one.
const TOKENIZER: &str = "raw";

/// The fields of a document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    pub(super) text: Field,
    pub(super) identifier: Field,
    ordinal: Field,
}

/// Name of the fast field that holds the ordinal.
pub(super) const ORDINAL: &str = "ordinal";

fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let indexed = |record| {
        let indexing = TextFieldIndexing::default().set_tokenizer(TOKENIZER).set_index_option(record).set_fieldnorms(false);
        TextOptions::default().set_indexing_options(indexing)
    };
    let fields = Fields {
        text: builder.add_text_field("text", indexed(IndexRecordOption::WithFreqs)),
        identifier: builder.add_text_field("identifier", indexed(IndexRecordOption::Basic)),
        ordinal: builder.add_u64_field(ORDINAL, NumericOptions::default().set_fast()),
    };
    (builder.build(), fields)
}

/// The fields of every generation.
pub(super) fn fields() -> Fields {
    schema().1
}

/// Writes one segment, documents in the order in which they are added.
pub(super) struct Writer {
    documents: SingleSegmentIndexWriter,
    fields: Fields,
    text: Inverter,
    identifiers: Inverter,
}

impl Writer {
    /// Starts an index in an empty folder.
    pub(super) fn create(folder: &Path) -> Result<Self, SearchError> {
        let (schema, fields) = schema();
        let folder = tantivy::directory::MmapDirectory::open(folder).map_err(failed("text"))?;
        let documents = Index::builder().schema(schema).single_segment_index_writer(folder, WRITER_BYTES).map_err(failed("text"))?;
        Ok(Self { documents, fields, text: Inverter::default(), identifiers: Inverter::default() })
    }

    /// Adds a product; its terms and its identifiers each once.
    pub(super) fn add(&mut self, ordinal: u32, impacts: &[TermImpact], identifiers: &[String]) -> Result<(), SearchError> {
        let mut document = TantivyDocument::default();
        document.add_u64(self.fields.ordinal, u64::from(ordinal));
        self.documents.add_document(document).map_err(failed("text"))?;
        self.text.add(impacts.iter().map(|TermImpact { term, impact, .. }| (term.as_str(), *impact as u8)));
        self.identifiers.add(identifiers.iter().map(|identifier| (identifier.as_str(), 1)));
        Ok(())
    }

    pub(super) fn finish(self) -> Result<(), SearchError> {
        let Self { documents, fields, text, identifiers } = self;
        let index = documents.finalize().map_err(failed("text"))?;
        let segments = index.searchable_segments().map_err(failed("text"))?;
        let [segment] = segments.as_slice() else { return Err(failed("text")("one segment was expected")) };
        let mut serializer = without_terms(segment)?;
        let field = serializer.new_field(fields.text, text.weight(), None).map_err(failed("text"))?;
        text.write(field, true).map_err(failed("text"))?;
        let field = serializer.new_field(fields.identifier, identifiers.weight(), None).map_err(failed("text"))?;
        identifiers.write(field, false).map_err(failed("text"))?;
        serializer.close().map_err(failed("text"))
    }
}

/// Takes the empty posting lists out of a segment and makes room for others.
fn without_terms(segment: &Segment) -> Result<InvertedIndexSerializer, SearchError> {
    for component in [SegmentComponent::Terms, SegmentComponent::Postings, SegmentComponent::Positions] {
        segment.index().directory().delete(&segment.relative_path(component)).map_err(failed("text"))?;
    }
    InvertedIndexSerializer::open(segment).map_err(failed("text"))
}
