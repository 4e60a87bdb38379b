//! Building a generation: one pass over the catalogue, on all cores, into a folder that becomes a generation by being renamed.
//!
//! Documents are parsed and cut into terms by a pool of threads, a chunk at a time; one thread takes the chunks in order and writes, and hands
//! the products on to one that makes columns of them. So the segment holds products in ordinal order, every per-product column is read forwards by
//! a query, and the result does not depend on how fast which thread was.

use super::failed;
use super::generation::{COLUMNS, COMPLETIONS, INFIXES, STAMPS, Stamps, TEXT, TITLES, VECTORS, VOCABULARY};
use super::identifier::identifiers;
use super::impact::{AverageLengths, TermImpact, term_impacts};
use super::infixes;
use super::manifest::{Canary, FORMAT, FileFacts, GenerationId, Manifest, folder_of, next_id, unfinished_folder_of};
use super::schema::Writer;
use super::segment::Segment;
use super::titles;
use super::vectors::vector_of;
use super::wording::wording_of;
use super::written::written_words;
use crate::catalog::{CatalogSnapshot, Product};
use crate::event::Progress;
use crate::id::Ordinal;
use crate::model::ann;
use crate::model::embedding::Embeddings;
use crate::search::completions::{Collector, Phrase, Recurring, Typed};
use crate::search::vocabulary::{Counted, Vocabulary, WordCounts};
use crate::search::{Columns, SearchError};
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::{blake3_of, hex};
use crate::stdx::mapped::sync_folder_of;
use crate::stdx::quick::QuickMap;
use crate::text::{self, Language};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::panic::resume_unwind;
use std::path::Path;

/// Products that are parsed together.
const CHUNK_PRODUCTS: usize = 1_024;
/// Chunks that wait for the writer, and for the columns.
const CHUNKS_WAITING_MAX: usize = 4;
/// Products that average lengths are measured on and values are learnt from, at even distances.
const SAMPLE_PRODUCTS: usize = 2_000;
/// Queries that must work before a generation is used.
const CANARIES_COUNT: usize = 16;
/// Words of a title that make a canary query.
const CANARY_WORDS_MAX: usize = 6;

/// Builds a generation from the catalogue and returns its manifest. It is not in use until it is promoted. `progress` is how far into the
/// journal `catalog` reaches; stems in `languages` stand beside the terms; `report` is told products done and products in all.
///
/// # Errors
/// When files cannot be written; what was written is deleted by a later [`super::prune`].
pub fn build_generation(
    index_folder: &Path,
    catalog: &CatalogSnapshot,
    progress: Progress,
    embeddings: Option<&Embeddings>,
    languages: &[Language],
    created_at: Timestamp,
    report: &dyn Fn(u64, u64),
) -> Result<Manifest, SearchError> {
    fs::create_dir_all(index_folder).map_err(failed("index"))?;
    let id = next_id(index_folder);
    let folder = unfinished_folder_of(index_folder, id);
    fs::create_dir_all(folder.join(TEXT)).map_err(failed("index"))?;
    let live: Vec<Ordinal> = catalog.live().collect();
    let sample = sample_of(catalog, &live);
    let average_lengths = AverageLengths::of(sample.iter());
    let mut builder = Builder::new(&folder, live.len())?;
    let columns = std::thread::scope(|scope| {
        let (send, chunks) = crossbeam::channel::bounded(CHUNKS_WAITING_MAX);
        let live = &live;
        scope.spawn(move || {
            // The writer hangs up when it fails.
            live.chunks(CHUNK_PRODUCTS)
                .map(|chunk| prepare(catalog, chunk, Making { averages: &average_lengths, embeddings, languages }))
                .all(|chunk| send.send(chunk).is_ok())
        });
        let (hand_on, products) = crossbeam::channel::bounded(CHUNKS_WAITING_MAX);
        let columns = scope.spawn(move || columns_of(&sample, products.into_iter().flatten()));
        for chunk in chunks {
            let added: Vec<(Ordinal, Product)> = chunk.into_iter().map(|prepared| builder.add(prepared)).collect::<Result<_, _>>()?;
            // Who does not take them any more has panicked, which joining says.
            if hand_on.send(added).is_err() {
                break;
            }
            report(builder.products_count, live.len() as u64);
        }
        drop(hand_on);
        Ok::<_, SearchError>(columns.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })?;
    let mut manifest = builder.finish(
        &folder,
        &columns,
        Manifest {
            format: FORMAT,
            id,
            created_at,
            progress,
            products_count: 0,
            terms_count: 0,
            vectors_count: 0,
            embeddings: embeddings.map(|embeddings| hex(&embeddings.digest())),
            languages: languages.to_vec(),
            average_lengths,
            canaries: Vec::new(),
            files: BTreeMap::new(),
        },
    )?;
    seal(index_folder, &mut manifest)?;
    Ok(manifest)
}

fn sample_of(catalog: &CatalogSnapshot, live: &[Ordinal]) -> Vec<Product> {
    let step = (live.len() / SAMPLE_PRODUCTS).max(1);
    live.par_iter().step_by(step).filter_map(|&ordinal| catalog.product(ordinal)).collect()
}

/// A product, parsed and cut.
struct Prepared {
    ordinal: Ordinal,
    stamp: u64,
    wording: u64,
    impacts: Vec<TermImpact>,
    identifiers: Vec<String>,
    title_terms: Vec<String>,
    title_pairs: Vec<Phrase>,
    title_words: Vec<u32>,
    typed: Typed,
    written: Vec<String>,
    vector: Option<Vec<f32>>,
    product: Product,
}

/// What products are cut and measured with.
#[derive(Clone, Copy)]
struct Making<'a> {
    averages: &'a AverageLengths,
    embeddings: Option<&'a Embeddings>,
    languages: &'a [Language],
}

fn prepare(catalog: &CatalogSnapshot, chunk: &[Ordinal], making: Making<'_>) -> Vec<Prepared> {
    let Making { averages, embeddings, languages } = making;
    let prepare = |&ordinal: &Ordinal| {
        let document = catalog.document(ordinal)?;
        let product = Product::from_document(&document).ok()?;
        let title_terms = text::terms(&product.title);
        Some(Prepared {
            ordinal,
            stamp: Stamps::of(&document),
            wording: wording_of(&product),
            impacts: term_impacts(&product, averages, languages),
            identifiers: identifiers(&product),
            title_pairs: title_terms.windows(2).map(|pair| Phrase::of(pair.join(" "))).collect(),
            title_terms,
            typed: Typed::of(&product),
            title_words: titles::words_of(&product),
            written: written_words(&product),
            vector: embeddings.and_then(|embeddings| vector_of(embeddings, &product)),
            product,
        })
    };
    chunk.par_iter().filter_map(prepare).collect()
}

fn columns_of(sample: &[Product], products: impl Iterator<Item = (Ordinal, Product)>) -> Columns {
    let mut columns = Columns::new();
    columns.learn(sample);
    products.for_each(|(ordinal, product)| columns.put(ordinal, &product));
    columns
}

/// The parts of a generation but the columns, while they grow.
struct Builder {
    writer: Writer,
    completions: Collector,
    titles: titles::Collector,
    infixes: infixes::Collector,
    title_words: QuickMap<String, u64>,
    title_pairs: Recurring,
    written: QuickMap<String, u64>,
    stamps: Vec<u64>,
    wordings: Vec<u64>,
    vectors: Vec<(Ordinal, Vec<f32>)>,
    canaries: Vec<Canary>,
    canary_step: u64,
    products_count: u64,
}

impl Builder {
    fn new(folder: &Path, products_expected: usize) -> Result<Self, SearchError> {
        Ok(Self {
            writer: Writer::create(&folder.join(TEXT))?,
            completions: Collector::default(),
            titles: titles::Collector::default(),
            infixes: infixes::Collector::default(),
            title_words: QuickMap::default(),
            title_pairs: Recurring::default(),
            written: QuickMap::default(),
            stamps: Vec::new(),
            wordings: Vec::new(),
            vectors: Vec::new(),
            canaries: Vec::new(),
            canary_step: (products_expected / CANARIES_COUNT).max(1) as u64,
            products_count: 0,
        })
    }

    /// Takes a product into every part but the columns, and gives it back for those.
    fn add(&mut self, prepared: Prepared) -> Result<(Ordinal, Product), SearchError> {
        let Prepared {
            ordinal,
            stamp,
            wording,
            impacts,
            identifiers,
            mut title_terms,
            title_pairs,
            title_words,
            typed,
            written,
            vector,
            product,
        } = prepared;
        self.writer.add(ordinal.0, &impacts, &identifiers)?;
        self.completions.add(typed, &product);
        self.titles.add(ordinal, &title_words);
        self.infixes.add(ordinal, &identifiers);
        for (stamps, stamp) in [(&mut self.stamps, stamp), (&mut self.wordings, wording)] {
            stamps.resize(ordinal.index() + 1, 0);
            stamps[ordinal.index()] = stamp;
        }
        self.vectors.extend(vector.map(|vector| (ordinal, vector)));
        title_pairs.into_iter().for_each(|pair| self.title_pairs.add(pair, 1, true));
        if self.products_count.is_multiple_of(self.canary_step) && !title_terms.is_empty() {
            self.canaries.push(Canary { terms: title_terms.iter().take(CANARY_WORDS_MAX).cloned().collect(), product: ordinal });
        }
        title_terms.sort_unstable();
        title_terms.dedup();
        for term in title_terms {
            *self.title_words.entry(term).or_default() += 1;
        }
        for word in written {
            *self.written.entry(word).or_default() += 1;
        }
        self.products_count += 1;
        Ok((ordinal, product))
    }

    /// Writes every part and fills in what the manifest says about them. Vectors are sorted while the other parts are written.
    fn finish(mut self, folder: &Path, columns: &Columns, manifest: Manifest) -> Result<Manifest, SearchError> {
        let (vectors, canaries, products_count) =
            (std::mem::take(&mut self.vectors), std::mem::take(&mut self.canaries), self.products_count);
        let sort_vectors = || match vectors.is_empty() {
            true => Ok(()),
            false => ann::build(&vectors, &folder.join(VECTORS), ann::Options::default()).map_err(failed(VECTORS)),
        };
        let (sorted, terms_count) = rayon::join(sort_vectors, || self.write(folder, columns, &manifest.languages));
        sorted?;
        Ok(Manifest {
            products_count,
            terms_count: terms_count?,
            vectors_count: vectors.len() as u64,
            embeddings: manifest.embeddings.filter(|_| !vectors.is_empty()),
            canaries,
            ..manifest
        })
    }

    /// Writes every part but the vectors, and says how many terms there are.
    fn write(self, folder: &Path, columns: &Columns, languages: &[Language]) -> Result<u64, SearchError> {
        self.writer.finish()?;
        let segment = Segment::open(&folder.join(TEXT))?;
        let mut words = BTreeMap::new();
        segment.for_each_term(|term, products| {
            let titles = self.title_words.get(term).copied().unwrap_or(0);
            words.insert(term.to_owned(), WordCounts { products: u64::from(products), titles });
        })?;
        let written = self.written.into_iter().collect();
        let counted = Counted { words: &words, pairs: &self.title_pairs.into_counts(), written: &written };
        Vocabulary::write(&folder.join(VOCABULARY), counted, languages)?;
        self.completions.write(&folder.join(COMPLETIONS))?;
        columns.save(&folder.join(COLUMNS))?;
        self.titles.write(&folder.join(TITLES))?;
        self.infixes.write(&folder.join(INFIXES))?;
        Stamps::write(&folder.join(STAMPS), &self.stamps, &self.wordings)?;
        Ok(words.len() as u64)
    }
}

/// Makes every file durable and known by its digest, then gives the folder its name.
fn seal(index_folder: &Path, manifest: &mut Manifest) -> Result<(), SearchError> {
    let folder = unfinished_folder_of(index_folder, manifest.id);
    for inner in [folder.join(TEXT), folder.clone()] {
        for entry in fs::read_dir(&inner).map_err(failed("index"))? {
            let path = entry.map_err(failed("index"))?.path();
            let name = path.strip_prefix(&folder).map_err(failed("index"))?.to_string_lossy().into_owned();
            // tantivy's lock files and list of files are no part of what readers open.
            if path.is_file() && !name.contains("/.") {
                manifest.files.insert(name, facts_of(&path).map_err(failed("index"))?);
            }
        }
        File::open(&inner).and_then(|folder| folder.sync_all()).map_err(failed("index"))?;
    }
    manifest.write(&folder)?;
    let name = folder_of(index_folder, manifest.id);
    fs::rename(&folder, &name).and_then(|()| sync_folder_of(&name)).map_err(failed("index"))
}

fn facts_of(path: &Path) -> std::io::Result<FileFacts> {
    let file = File::open(path)?;
    file.sync_all()?;
    Ok(FileFacts { bytes: file.metadata()?.len(), blake3: hex(&blake3_of(file)?) })
}

impl GenerationId {
    /// Whether a generation of this number has been built under `index_folder`.
    #[must_use]
    pub fn exists(self, index_folder: &Path) -> bool {
        folder_of(index_folder, self).is_dir()
    }
}
