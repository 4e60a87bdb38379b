//! Opening the index of a shop: the generation in use, what was put since, and the thread that goes on from there.

use super::folders::Folders;
use super::indexer::{self, IndexWorker};
use super::learnt;
use super::own_builds::OwnBuilds;
use super::replay::{Opening, PipelineError, Restored, replay};
use super::weights::WeightsFile;
use crate::catalog::CatalogSnapshot;
use crate::event::Stream;
use crate::id::Offset;
use crate::journal::Journal;
use crate::search::index::{self, Indexer, Manifest, SearchIndex, Standing};
use std::sync::Arc;

/// Takes the generation in use, or builds one when there is none or too much has changed since, and catches up.
pub(super) fn open_index(
    folders: &Folders,
    opening: &Opening,
    restored: &Restored,
    standing: Standing,
) -> Result<(IndexWorker, Arc<SearchIndex>), PipelineError> {
    let catalog = restored.store.reader();
    let snapshot = catalog.take();
    let behind = |from: Offset| restored.journals.catalog.end().0.saturating_sub(from.0);
    let current = index::current(&folders.index).and_then(|id| Manifest::read(&folders.index, id).ok());
    let build = match &current {
        Some(manifest) => {
            let speaks_them = manifest.languages == opening.options.languages.stemmed();
            !speaks_them || behind(manifest.progress.catalog) > opening.options.rebuild_when_changed
        }
        None => snapshot.products_count() > 0,
    };
    let standing = match build {
        true => {
            drop(standing);
            build_and_promote(folders, opening, &snapshot)?;
            Standing::open(&folders.index)
        }
        false => standing,
    };
    let options = index_options(folders, opening);
    let (mut indexer, search) = Indexer::open_on(standing, &folders.index, &snapshot, snapshot.progress(), options)?;
    let from = indexer.progress().catalog;
    replay(&restored.journals.catalog, Stream::Catalog, from, &mut |recorded, _| indexer.apply(recorded))?;
    let mut weights = WeightsFile::under(&folders.models);
    if let Some(weights) = weights.changed() {
        indexer.set_weights(weights);
    }
    indexer.commit();
    let worker = IndexWorker {
        indexer,
        weights,
        tastes: learnt::tastes(&folders.models),
        forecasts: learnt::forecasts(&folders.models),
        folder: folders.index.clone(),
        models: folders.models.clone(),
        catalog,
        clock: opening.clock.clone(),
        options: opening.options.clone(),
        builds: OwnBuilds::default(),
    };
    Ok((worker, search))
}

fn build_and_promote(folders: &Folders, opening: &Opening, snapshot: &CatalogSnapshot) -> Result<(), PipelineError> {
    tracing::info!(products = snapshot.products_count(), "building an index generation");
    let manifest = indexer::build_generation(&folders.index, &folders.models, snapshot, &opening.options.languages, opening.clock.now())?;
    index::promote(&folders.index, manifest.id)?;
    Ok(())
}

fn index_options(folders: &Folders, opening: &Opening) -> index::Options {
    let embeddings = indexer::open_embeddings(&folders.models).map(Arc::new);
    index::Options { embeddings, languages: Arc::clone(&opening.options.languages) }
}
