//! The shape of a product inside tantivy, and how its terms get there.
//!
//! One document for each product, in ordinal order, with three fields: `text` holds every term once with its impact as the term frequency,
//! `identifier` the folded identifiers, `ordinal` the product's number. tantivy counts frequencies itself, so the tokenizer of `text` says
//! each term as many times as its impact is high; impacts are small for that reason.

use super::failed;
use super::impact::TermImpact;
use crate::search::SearchError;
use std::path::Path;
use tantivy::schema::{Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager};
use tantivy::{Index, SingleSegmentIndexWriter, TantivyDocument};

/// Name of the tokenizer of field `text`.
const IMPACTS: &str = "impacts";
/// Name of the tokenizer of field `identifier`.
const IDENTIFIERS: &str = "identifiers";
/// What the writer may hold in memory before tantivy thinks of a bigger hash table; it never splits the segment.
const WRITER_BYTES: usize = 64 << 20;
/// Separates entries of an encoded field; no term holds it, since terms are letters and digits.
const ENTRY_END: char = '\n';
/// Separates a term from its impact.
const IMPACT_MARK: char = '\t';

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
    let indexed = |tokenizer, record| {
        let indexing = TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(record).set_fieldnorms(false);
        TextOptions::default().set_indexing_options(indexing)
    };
    let fields = Fields {
        text: builder.add_text_field("text", indexed(IMPACTS, IndexRecordOption::WithFreqs)),
        identifier: builder.add_text_field("identifier", indexed(IDENTIFIERS, IndexRecordOption::Basic)),
        ordinal: builder.add_u64_field(ORDINAL, NumericOptions::default().set_fast()),
    };
    (builder.build(), fields)
}

/// The fields of every generation.
pub(super) fn fields() -> Fields {
    schema().1
}

/// A product, ready to be written.
pub(super) struct Encoded {
    pub(super) ordinal: u32,
    pub(super) text: String,
    pub(super) identifiers: String,
}

impl Encoded {
    pub(super) fn new(ordinal: u32, impacts: &[TermImpact], identifiers: &[String]) -> Self {
        let mut text = String::with_capacity(impacts.len() * 12);
        for TermImpact { term, impact, .. } in impacts {
            text.push_str(term);
            text.push(IMPACT_MARK);
            text.push_str(&impact.to_string());
            text.push(ENTRY_END);
        }
        Self { ordinal, text, identifiers: identifiers.join("\n") }
    }
}

/// Writes one segment, documents in the order in which they are added.
pub(super) struct Writer {
    inner: SingleSegmentIndexWriter,
    fields: Fields,
}

impl Writer {
    /// Starts an index in an empty folder.
    pub(super) fn create(folder: &Path) -> Result<Self, SearchError> {
        let tokenizers = TokenizerManager::default();
        tokenizers.register(IMPACTS, TextAnalyzer::from(Entries::default()));
        tokenizers.register(IDENTIFIERS, TextAnalyzer::from(Entries::default()));
        let (schema, fields) = schema();
        let folder = tantivy::directory::MmapDirectory::open(folder).map_err(failed("text"))?;
        let inner = Index::builder().schema(schema).tokenizers(tokenizers).single_segment_index_writer(folder, WRITER_BYTES);
        Ok(Self { inner: inner.map_err(failed("text"))?, fields })
    }

    pub(super) fn add(&mut self, encoded: Encoded) -> Result<(), SearchError> {
        let mut document = TantivyDocument::default();
        document.add_text(self.fields.text, encoded.text);
        document.add_text(self.fields.identifier, encoded.identifiers);
        document.add_u64(self.fields.ordinal, u64::from(encoded.ordinal));
        self.inner.add_document(document).map_err(failed("text"))
    }

    pub(super) fn finish(self) -> Result<(), SearchError> {
        self.inner.finalize().map(drop).map_err(failed("text"))
    }
}

/// Cuts a field that [`Encoded`] wrote: one entry a line, said as often as the number behind its mark, or once.
#[derive(Debug, Clone, Default)]
struct Entries {
    token: Token,
}

impl Tokenizer for Entries {
    type TokenStream<'a> = EntryStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> EntryStream<'a> {
        self.token.reset();
        // Positions are not recorded; the one that `reset` sets is out of range.
        self.token.position = 0;
        EntryStream { token: &mut self.token, rest: text, repeats_left: 0 }
    }
}

struct EntryStream<'a> {
    token: &'a mut Token,
    rest: &'a str,
    repeats_left: u32,
}

impl TokenStream for EntryStream<'_> {
    fn advance(&mut self) -> bool {
        if self.repeats_left > 0 {
            self.repeats_left -= 1;
            return true;
        }
        if self.rest.is_empty() {
            return false;
        }
        let (entry, rest) = self.rest.split_once(ENTRY_END).unwrap_or((self.rest, ""));
        let (term, impact) = entry.split_once(IMPACT_MARK).unwrap_or((entry, "1"));
        self.token.text.clear();
        self.token.text.push_str(term);
        self.repeats_left = impact.parse::<u32>().unwrap_or(1).saturating_sub(1);
        self.rest = rest;
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_said_as_often_as_its_impact() {
        let impacts = [("desk", 2), ("lamp", 3)].map(|(term, impact)| TermImpact { term: term.to_owned(), impact, in_title: true });
        let encoded = Encoded::new(0, &impacts, &["l 1".to_owned(), "x".to_owned()]);
        let check = |text: &str, expected: &[&str]| {
            let mut entries = Entries::default();
            let mut stream = entries.token_stream(text);
            let mut said = Vec::new();
            stream.process(&mut |token| said.push(token.text.clone()));
            assert_eq!(said, expected);
        };
        check(&encoded.text, &["desk", "desk", "lamp", "lamp", "lamp"]);
        check(&encoded.identifiers, &["l 1", "x"]);
        check("", &[]);
    }
}
