//! A whole search beside raw tantivy on the same index: `cargo bench --bench beside -- CATALOGUE QUERIES`, both of
//! `loadtest generate --products N --queries QUERIES > CATALOGUE`, or a catalogue and a file of one query a line of your own.
//!
//! tantivy opens the very segment of the generation that the search reads, and finds the ten best products that hold all words, by BM25: alone,
//! and with the exact number of all that do, as a search of the shop tells it. Ours is everything that a search does but HTTP: the query read
//! and corrected, every match scored with live stock and demand, the second phase, variety, the exact total. Compared are queries of which
//! both find the same number of products (ours corrects words, and goes on with fewer of them); how many others there are is told. One thread, processor time; the first round is of
//! queries that were never asked, the others of queries that come again.

#[path = "clocks/processor.rs"]
mod processor;

use processor::processor_ns;
use shopkeeper::catalog::formats::{ImportOptions, products};
use shopkeeper::catalog::{CatalogStore, Change};
use shopkeeper::event::{Events, Projection, Recorded};
use shopkeeper::id::{Offset, Ordinal};
use shopkeeper::search::index::{Indexer, Options, build_generation, promote};
use shopkeeper::search::{Mode, Moment, Request, search};
use shopkeeper::signal::{self, SignalFold};
use shopkeeper::stdx::clock::Timestamp;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{BooleanQuery, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{Index, Searcher, Term};

/// As in the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const LIMIT: usize = 10;
const QUERIES_MAX: usize = 2_000;
/// How often all are measured after the first round, and each for how long: the system tells a thread's time only every few milliseconds.
const TURNS: u32 = 3;
const TIMED: Duration = Duration::from_millis(400);
/// Matches from which on a query is one of the next group.
const GROUPS: [u64; 4] = [0, 100, 1_000, 10_000];

/// One query, asked of both.
struct Asked {
    request: Request,
    boolean: BooleanQuery,
}

/// What a round over some queries took, in microseconds of processor time a query.
#[derive(Default)]
struct Taken {
    ours_first: f64,
    ours_again: f64,
    best: f64,
    best_and_count: f64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [catalogue, queries] = arguments.as_slice() else {
        println!("beside: needs CATALOGUE and QUERIES, skipped");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let (moment, searcher) = shop(Path::new(catalogue), folder.path());
    let text = searcher.schema().get_field("text").expect("is there");
    let lines = std::fs::read_to_string(queries).expect("is read");
    let asked: Vec<Asked> = lines
        .lines()
        .take(QUERIES_MAX)
        .map(|line| {
            let q = line.rsplit('\t').next().unwrap_or_default().to_owned();
            let of = |word: String| -> Box<dyn Query> {
                Box::new(TermQuery::new(Term::from_field_text(text, &word), IndexRecordOption::WithFreqs))
            };
            let words = shopkeeper::text::terms(&q);
            let boolean = BooleanQuery::intersection(words.into_iter().map(of).collect());
            Asked { request: Request { q, limit: LIMIT, mode: Mode::Text, ..Request::default() }, boolean }
        })
        .collect();
    compare(&moment, &searcher, asked);
}

/// The catalogue in a generation of its own, every seventh product sold out.
fn shop(catalogue: &Path, folder: &Path) -> (Moment, Searcher) {
    let mut store = CatalogStore::new();
    let mut fold = SignalFold::new(None, signal::Options::default()).expect("memory");
    let rows = products(catalogue, &ImportOptions::default()).expect("a catalogue");
    for (number, product) in (0..).zip(rows.filter_map(|row| Some(row.ok()?.value))) {
        let Ok(Change::Event(event)) = store.decide_put(product) else { continue };
        let recorded = Recorded { offset: Offset(number), at: Timestamp(0), events: Events::Catalog(vec![event]) };
        store.apply(&recorded);
        fold.apply(&recorded);
    }
    let catalog = store.working().clone();
    catalog.live().for_each(|ordinal: Ordinal| fold.set_available(ordinal, i64::from(ordinal.0 % 7)));
    fold.publish();
    let progress = catalog.progress();
    let manifest = build_generation(folder, &catalog, progress, None, &[], Timestamp(0), &|_, _| {}).expect("builds");
    promote(folder, manifest.id).expect("is whole");
    let (_, index) = Indexer::open(folder, &catalog, progress, Options::default()).expect("opens");
    let raw = Index::open_in_dir(folder.join(manifest.id.to_string()).join("text")).expect("is tantivy's");
    let searcher = raw.reader().expect("opens").searcher();
    println!("{} products, {} terms", manifest.products_count, manifest.terms_count);
    let (settings, demand) = Default::default();
    (Moment { index: index.snapshot(), signals: fold.table(), catalog: Arc::new(catalog), settings, demand }, searcher)
}

fn compare(moment: &Moment, searcher: &Searcher, asked: Vec<Asked>) {
    let ours = |asked: &Asked| search(moment, &asked.request).expect("answers").total;
    let best = |asked: &Asked| searcher.search(&asked.boolean, &TopDocs::with_limit(LIMIT).order_by_score()).expect("answers").len() as u64;
    let best_and_count =
        |asked: &Asked| searcher.search(&asked.boolean, &(TopDocs::with_limit(LIMIT).order_by_score(), Count)).expect("answers").1 as u64;
    let mut groups: [Vec<Asked>; GROUPS.len()] = Default::default();
    for asked in asked {
        let count = best_and_count(&asked);
        groups[GROUPS.iter().rposition(|from| count >= *from).unwrap_or(0)].push(asked);
    }
    println!(
        "matches     queries  left out | µs of processor time: tantivy's best, and the count | ours first, again | again : best, and the count"
    );
    for (from, mut group) in GROUPS.iter().zip(groups).filter(|(_, group)| !group.is_empty()) {
        let all = group.len();
        let (totals, first) = timed(|| group.iter().map(ours).collect::<Vec<_>>());
        let mut totals = totals.into_iter();
        group.retain(|asked| totals.next() == Some(best_and_count(asked)));
        let mut taken = Taken { ours_first: first / all as f64, ..Taken::default() };
        // In turns, so that a noisy machine is noisy to all.
        for _ in 0..TURNS {
            taken.best += each(&group, &best) / f64::from(TURNS);
            taken.best_and_count += each(&group, &best_and_count) / f64::from(TURNS);
            taken.ours_again += each(&group, &ours) / f64::from(TURNS);
        }
        println!(
            "{from:>6} on   {:7} {:9} | {:41.1} {:13.1} | {:10.1} {:6.1} | {:12.2} {:14.2}",
            group.len(),
            all - group.len(),
            taken.best,
            taken.best_and_count,
            taken.ours_first,
            taken.ours_again,
            taken.ours_again / taken.best,
            taken.ours_again / taken.best_and_count
        );
    }
}

/// Microseconds that a query takes on average, asked round after round for as long as it takes to tell.
fn each(group: &[Asked], ask: &dyn Fn(&Asked) -> u64) -> f64 {
    let (begun, mut rounds) = (Instant::now(), 0);
    let ((), taken) = timed(|| {
        while begun.elapsed() < TIMED {
            black_box(group.iter().map(ask).sum::<u64>());
            rounds += 1;
        }
    });
    taken / f64::from(rounds) / group.len() as f64
}

/// What it gives, and the microseconds of processor time that it took.
fn timed<T>(run: impl FnOnce() -> T) -> (T, f64) {
    let before = processor_ns();
    let given = run();
    (given, (processor_ns() - before) as f64 / 1e3)
}
