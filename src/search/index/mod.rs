//! The index: everything that turns words into products, built in batches, changed live, published as snapshots.
//!
//! ```text
//!  catalog snapshot ──build──► generation (immutable files) ──open──┐
//!                                                                   ├──► working state ──commit──► snapshot for readers
//!  catalog entries ───apply──► overlay (memory) ────────────────────┘
//! ```
//!
//! A *generation* is built beside the one in use and promoted when it has proved itself; products that changed since it was built live in an
//! *overlay* and hide what the generation says about them. One writer, the [`Indexer`], owns the working state; readers take snapshots.
//! This folder is the only place that knows tantivy.
//!
//! Read in this order: `impact` (what a product's words are worth), `matching` (posting lists to scores), `segment` and `overlay` (the two
//! parts), `text_index` (both as one), `generation` and `build` (files), `indexer` (the writer).

mod alternatives;
mod build;
mod changes;
mod embedding_terms;
mod generation;
mod identifier;
mod impact;
mod indexer;
mod infixes;
mod inverter;
mod manifest;
mod matching;
mod overlay;
mod phrase;
mod schema;
mod segment;
mod sought;
mod staging;
mod standing;
mod telling;
mod text_index;
mod thing_words;
mod things;
mod titles;
mod vectors;
mod wording;
mod written;

pub use build::build_generation;
pub use changes::{Changes, Facts};
pub use embedding_terms::embedding_terms;
pub use generation::{Standing, verify_generation};
pub use identifier::GTIN_DIGITS_MIN;
pub use impact::AverageLengths;
pub use indexer::{Indexer, Options, SearchIndex, SearchSnapshot};
pub use manifest::{Canary, FileFacts, GenerationId, Manifest, current, list_generations, previous, promote, prune, rollback};
pub(super) use overlay::{LiveEndings, LiveTerms};
pub use sought::Sought;
pub use telling::Telling;
pub use text_index::{COMPLETIONS_MAX, GROUPS_MAX, IDENTIFIED_MAX, TermGroup, TextIndex, TextMatch, TextQuery};
pub use thing_words::ThingWords;
pub(super) use things::{companions_begin, is_a_quality, is_never_the_thing, is_whom};
pub use titles::{Titles, word_number};
pub use vectors::Vectors;

use super::SearchError;

/// An error of the index that names the part at fault.
fn failed<E: std::fmt::Display>(part: &str) -> impl Fn(E) -> SearchError {
    move |error| SearchError::Index(format!("{part}: {error}"))
}

#[cfg(test)]
mod blocks;
#[cfg(test)]
mod staging_tests;
#[cfg(test)]
mod tests;
