//! Learning from what a shop holds: embeddings from its catalogue.

use crate::catalog::CatalogSnapshot;
use crate::id::Ordinal;
use crate::learn::{self, LearnError};
use crate::model::embedding::Embeddings;
use crate::search::index::embedding_terms;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// Products parsed at once.
const CHUNK_PRODUCTS: usize = 4_096;

/// Where a shop's embeddings lie.
#[must_use]
pub fn embeddings_file(models: &Path) -> PathBuf {
    models.join("embeddings.bin")
}

/// Learns embeddings from the catalogue and writes them to `models/embeddings.bin`. They are used from the next generation on.
///
/// # Errors
/// When the catalogue has too little text to learn from, or the file cannot be written.
pub fn train_embeddings(catalog: &CatalogSnapshot, models: &Path, report: &dyn Fn(u64, u64)) -> Result<Embeddings, LearnError> {
    let live: Vec<Ordinal> = catalog.live().collect();
    let documents = live.chunks(CHUNK_PRODUCTS).flat_map(|chunk| {
        let terms_of = |&ordinal: &Ordinal| catalog.product(ordinal).map(|product| embedding_terms(&product));
        chunk.par_iter().filter_map(terms_of).collect::<Vec<_>>()
    });
    let trained = learn::embeddings::train(documents, &learn::embeddings::Options::default(), report)?;
    let file = embeddings_file(models);
    trained.save(&file)?;
    Ok(Embeddings::open(&file)?)
}
