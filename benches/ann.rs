//! What neighbours cost and how many of them are the true ones, for every share of products that a filter accepts.
//!
//! `cargo bench --bench ann -- FOLDER` with the folder that holds `homedepot/` and `bestbuy/` (default `../shared/data`). Two sets of vectors: the
//! products of both shops, embedded with embeddings learned from them, and strongly clustered ones, drawn around 1,000 kinds of product.
//! Each is asked with filters that accept products at random, and with filters that go with the query or against it: products most similar
//! to a place near the query, and products far from it. Printed for each: the plan that is chosen, its recall@10 against an exact
//! comparison, and how many queries a second each plan answers on one thread. Last, what it takes to find everything above a cut.
//!
//! `-- FOLDER --write TO` instead writes the products' vectors and a thousand queries, for `loadtest/peers/vectors.py`, and says how many queries a
//! second of processor time are answered here, and how well, beside raw `hnsw_rs` on the same vectors.

#[path = "clocks/processor.rs"]
mod processor;

use hnsw_rs::prelude::{DistL2, Hnsw};
use processor::processor_ns;
use roaring::RoaringBitmap;
use shopkeeper::catalog::Product;
use shopkeeper::catalog::formats::{ImportOptions, products};
use shopkeeper::id::Ordinal;
use shopkeeper::learn::embeddings::{self, train};
use shopkeeper::model::ann::{Among, Neighbours, Options, Plan, build};
use shopkeeper::model::vector::{dot, normalise};
use shopkeeper::search::index::embedding_terms;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const CLUSTERED: usize = 100_000;
const CLUSTERED_DIMS: usize = 64;
const QUERIES: usize = 60;
/// Queries for others, who are asked for the nearest of all.
const PEERS_QUERIES: usize = 1_000;
const K: usize = 10;
/// Per cent of the products that a filter accepts.
const SHARES: [f64; 9] = [0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0];
const PLANS: [Plan; 3] = [Plan::ScanAll, Plan::ScanThese, Plan::Cells];
/// How long a plan is timed.
const TIMED: Duration = Duration::from_millis(150);

type Vectors = Vec<(Ordinal, Vec<f32>)>;

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let write = arguments
        .iter()
        .position(|argument| argument == "--write")
        .map(|at| PathBuf::from(arguments.drain(at..).nth(1).expect("a folder")));
    let data = arguments.first().map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    if let Some(folder) = write {
        let (vectors, queries) = shops(&data, PEERS_QUERIES);
        return beside_peers(&vectors, &queries, &folder);
    }
    if data.join("homedepot").is_dir() {
        let (vectors, queries) = shops(&data, QUERIES);
        measure("products of two shops", &vectors, &queries);
    } else {
        println!("{}: not there, skipped", data.display());
    }
    let (vectors, queries) = clustered();
    measure("strongly clustered", &vectors, &queries);
}

fn measure(name: &str, vectors: &Vectors, queries: &[Vec<f32>]) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("vectors.bin");
    let started = Instant::now();
    build(vectors, &path, Options { cells_from: 0 }).expect("builds");
    let neighbours = Neighbours::open(&path).expect("opens");
    println!(
        "\n{name}: {} vectors of {} elements, cut into cells in {:.1} s",
        neighbours.len(),
        neighbours.dims(),
        started.elapsed().as_secs_f64()
    );
    println!("filter       accepts | chosen       recall@{K} of it, of cells |   queries/s of it  scan all  scan these     cells");
    for kind in ["random", "towards", "away"] {
        for share in SHARES {
            row(kind, share, &neighbours, vectors, queries);
        }
    }
    above(&neighbours, vectors, queries);
}

/// Writes what others are asked, and says what is reached here on the same: the nearest ten of all, on one thread.
fn beside_peers(vectors: &Vectors, queries: &[Vec<f32>], folder: &Path) {
    std::fs::create_dir_all(folder).expect("a folder");
    write_fvecs(&folder.join("products.fvecs"), vectors.iter().map(|(_, vector)| vector));
    write_fvecs(&folder.join("queries.fvecs"), queries.iter());
    let file = tempfile::tempdir().expect("a folder");
    let path = file.path().join("vectors.bin");
    let started = Instant::now();
    build(vectors, &path, Options { cells_from: 0 }).expect("builds");
    let built = started.elapsed().as_secs_f64();
    let neighbours = Neighbours::open(&path).expect("opens");
    let everything: RoaringBitmap = vectors.iter().map(|(ordinal, _)| ordinal.0).collect();
    let plan = neighbours.plan(K, Among::All);
    let asked = PEERS_QUERIES / 5;
    let recall = recall(plan, &neighbours, vectors, &queries[..asked.min(queries.len())], &vec![everything; asked]);
    let (began, turns) = (processor_ns(), 5);
    for query in (0..turns).flat_map(|_| queries) {
        std::hint::black_box(neighbours.nearest_by(plan, query, K, Among::All));
    }
    let per_second = (turns * queries.len()) as f64 * 1e9 / (processor_ns() - began) as f64;
    println!("{} vectors of {} elements, built in {built:.1} s on all cores", neighbours.len(), neighbours.dims());
    println!("{plan:?}: recall@{K} {recall:.3}, {per_second:.0} queries a second of processor time");
    beside_hnsw_rs(vectors, queries);
}

/// Raw `hnsw_rs`, with more and more effort: of vectors of one length the nearest by distance are the most similar.
fn beside_hnsw_rs(vectors: &Vectors, queries: &[Vec<f32>]) {
    let started = Instant::now();
    let graph = Hnsw::<f32, DistL2>::new(16, vectors.len(), 16, 200, DistL2 {});
    let all: Vec<(&Vec<f32>, usize)> = vectors.iter().enumerate().map(|(place, (_, vector))| (vector, place)).collect();
    graph.parallel_insert(&all);
    println!("hnsw_rs: built in {:.1} s on all cores", started.elapsed().as_secs_f64());
    let asked = &queries[..(PEERS_QUERIES / 5).min(queries.len())];
    let floors: Vec<f32> = asked
        .iter()
        .map(|query| {
            let mut near: Vec<f32> = vectors.iter().map(|(_, vector)| dot(vector, query)).collect();
            near.select_nth_unstable_by(K - 1, |a, b| b.total_cmp(a));
            near[K - 1] - 1e-6
        })
        .collect();
    for effort in [10, 16, 32, 64, 128, 256] {
        let is_near = |query: &[f32], floor: f32, id: usize| dot(&vectors[id].1, query) >= floor;
        let found: usize = asked
            .iter()
            .zip(&floors)
            .map(|(query, floor)| graph.search(query, K, effort).iter().filter(|near| is_near(query, *floor, near.d_id)).count())
            .sum();
        let began = processor_ns();
        for query in queries {
            std::hint::black_box(graph.search(query, K, effort));
        }
        let per_second = queries.len() as f64 * 1e9 / (processor_ns() - began) as f64;
        println!(
            "hnsw_rs, effort {effort}: recall@{K} {:.3}, {per_second:.0} queries a second of processor time",
            found as f64 / (K * asked.len()) as f64
        );
    }
}

/// Each vector as the number of its elements and then these, as most collections of vectors are written.
fn write_fvecs<'v>(path: &Path, vectors: impl Iterator<Item = &'v Vec<f32>>) {
    let mut bytes = Vec::new();
    for vector in vectors {
        bytes.extend_from_slice(&(vector.len() as u32).to_le_bytes());
        vector.iter().for_each(|element| bytes.extend_from_slice(&element.to_le_bytes()));
    }
    std::fs::write(path, bytes).expect("is written");
}

fn row(kind: &str, share: f64, neighbours: &Neighbours, vectors: &Vectors, queries: &[Vec<f32>]) {
    let filters: Vec<RoaringBitmap> = queries.iter().enumerate().map(|(at, query)| filter(kind, share, vectors, query, at)).collect();
    let chosen = neighbours.plan(K, Among::Only(&filters[0]));
    let recalls: Vec<f64> = [chosen, Plan::Cells].map(|plan| recall(plan, neighbours, vectors, queries, &filters)).into();
    let speeds: Vec<f64> = std::iter::once(chosen).chain(PLANS).map(|plan| speed(plan, neighbours, queries, &filters)).collect();
    println!(
        "{kind:8} {share:8.1} %  | {:12} {:9.3} {:9.3}         | {:14.0} {:11.0} {:11.0} {:9.0}",
        format!("{chosen:?}"),
        recalls[0],
        recalls[1],
        speeds[0],
        speeds[1],
        speeds[2],
        speeds[3]
    );
}

/// Accepts a share of the products: any of them, or those most or least similar to a place near the query.
fn filter(kind: &str, share: f64, vectors: &Vectors, query: &[f32], seed: usize) -> RoaringBitmap {
    let count = ((vectors.len() as f64 * share / 100.0) as usize).max(1);
    let mut random = fastrand::Rng::with_seed(seed as u64);
    let place = around(query, 0.05, &mut random);
    let mut keyed: Vec<(f32, u32)> = vectors
        .iter()
        .map(|(ordinal, vector)| match kind {
            "towards" => (-dot(&place, vector), ordinal.0),
            "away" => (dot(&place, vector), ordinal.0),
            _ => (random.f32(), ordinal.0),
        })
        .collect();
    keyed.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    keyed.into_iter().take(count).map(|(_, ordinal)| ordinal).collect()
}

fn recall(plan: Plan, neighbours: &Neighbours, vectors: &Vectors, queries: &[Vec<f32>], filters: &[RoaringBitmap]) -> f64 {
    let (mut found, mut wanted) = (0, 0);
    for (query, accepted) in queries.iter().zip(filters) {
        let mut all: Vec<(f32, Ordinal)> = vectors
            .iter()
            .filter(|(ordinal, _)| accepted.contains(ordinal.0))
            .map(|(ordinal, vector)| (dot(vector, query), *ordinal))
            .collect();
        all.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        all.truncate(K);
        // Products with the same words are equally near: any of them will do.
        let floor = all.last().map_or(0.0, |(similarity, _)| similarity - 1e-6);
        let answers: HashSet<Ordinal> = neighbours
            .nearest_by(plan, query, K, Among::Only(accepted))
            .into_iter()
            .filter(|(_, near)| *near >= floor)
            .map(|near| near.0)
            .collect();
        wanted += all.len();
        found += answers.len().min(all.len());
    }
    f64::from(found as u32) / f64::from(wanted as u32)
}

fn speed(plan: Plan, neighbours: &Neighbours, queries: &[Vec<f32>], filters: &[RoaringBitmap]) -> f64 {
    let (started, mut asked) = (Instant::now(), 0_u32);
    for (query, accepted) in queries.iter().zip(filters).cycle() {
        std::hint::black_box(neighbours.nearest_by(plan, query, K, Among::Only(accepted)));
        asked += 1;
        if started.elapsed() > TIMED {
            break;
        }
    }
    f64::from(asked) / started.elapsed().as_secs_f64()
}

/// What `mode=vector` does: every product above a cut that a few hundred reach.
fn above(neighbours: &Neighbours, vectors: &Vectors, queries: &[Vec<f32>]) {
    let mut found = 0_usize;
    let floors: Vec<f32> = queries
        .iter()
        .map(|query| {
            let mut all: Vec<f32> = vectors.iter().map(|(_, vector)| dot(vector, query)).collect();
            all.sort_unstable_by(|a, b| b.total_cmp(a));
            all[all.len() / 200]
        })
        .collect();
    let started = Instant::now();
    for (query, floor) in queries.iter().zip(&floors) {
        neighbours.above(query, *floor, |_, _| found += 1);
    }
    let each = started.elapsed().as_secs_f64() * 1e3 / queries.len() as f64;
    println!("everything above a cut: {each:.3} ms for {} products, {} found", vectors.len(), found / queries.len());
}

fn around(centre: &[f32], spread: f32, random: &mut fastrand::Rng) -> Vec<f32> {
    let mut normal = || (0..12).map(|_| random.f32()).sum::<f32>() - 6.0;
    let mut vector: Vec<f32> = centre.iter().map(|element| element + spread * normal()).collect();
    normalise(&mut vector);
    vector
}

/// Products around 1,000 kinds around 15 departments, and queries around kinds.
fn clustered() -> (Vectors, Vec<Vec<f32>>) {
    let mut random = fastrand::Rng::with_seed(4);
    let departments: Vec<Vec<f32>> = (0..15).map(|_| around(&[0.0; CLUSTERED_DIMS], 1.0, &mut random)).collect();
    let kinds: Vec<Vec<f32>> = (0..1_000).map(|kind| around(&departments[kind % 15], 0.1, &mut random)).collect();
    let products = (0..CLUSTERED).map(|index| (Ordinal(index as u32), around(&kinds[index % kinds.len()], 0.04, &mut random))).collect();
    let queries = (0..QUERIES).map(|index| around(&kinds[index * 7 % kinds.len()], 0.05, &mut random)).collect();
    (products, queries)
}

/// The products of two shops in embeddings learned from them, and titles cut to two words as queries.
fn shops(data: &Path, queries_count: usize) -> (Vectors, Vec<Vec<f32>>) {
    let mut all: Vec<Product> = Vec::new();
    for file in ["homedepot/products.csv.gz", "bestbuy/products.csv.gz"] {
        let rows = products(&data.join(file), &ImportOptions::default()).expect("a catalogue");
        all.extend(rows.filter_map(|row| Some(row.ok()?.value)));
    }
    let embeddings = train(all.iter().map(embedding_terms), &embeddings::Options::default(), &|_, _| {}).expect("trains");
    let vectors = all.iter().zip(0..).filter_map(|(product, ordinal)| {
        let terms = embedding_terms(product);
        Some((Ordinal(ordinal), embeddings.embed_weighted(terms.iter().map(|(term, weight)| (term.as_str(), *weight)))?))
    });
    let queries = all.iter().step_by(all.len() / queries_count).filter_map(|product| {
        let terms = shopkeeper::text::terms(&product.title);
        embeddings.embed_terms(terms.iter().rev().take(2).map(String::as_str))
    });
    (vectors.collect(), queries.collect())
}
