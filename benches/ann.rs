//! What neighbours cost: building the graph of 50,000 vectors once, opening it, and asking it with and without filters. Recall@10 is printed
//! beside the times; `RAYON_NUM_THREADS=1` shows the build on one thread.

use criterion::{Criterion, criterion_group, criterion_main};
use shopkeeper::id::Ordinal;
use shopkeeper::model::ann::{Graph, GraphOptions, build_graph};
use shopkeeper::model::vector::{dot, normalise};
use std::time::Instant;

const PRODUCTS: usize = 50_000;
const DIMS: usize = 64;
const QUERIES: usize = 500;
const K: usize = 10;

type Vectors = Vec<(Ordinal, Vec<f32>)>;

fn around(centre: &[f32], spread: f32, random: &mut fastrand::Rng) -> Vec<f32> {
    let mut normal = || (0..12).map(|_| random.f32()).sum::<f32>() - 6.0;
    let mut vector: Vec<f32> = centre.iter().map(|element| element + spread * normal()).collect();
    normalise(&mut vector);
    vector
}

/// Products around 1,000 kinds around 15 departments, and queries around kinds.
fn catalogue() -> (Vectors, Vec<Vec<f32>>) {
    let mut random = fastrand::Rng::with_seed(4);
    let departments: Vec<Vec<f32>> = (0..15).map(|_| around(&[0.0; DIMS], 1.0, &mut random)).collect();
    let kinds: Vec<Vec<f32>> = (0..PRODUCTS / 50).map(|kind| around(&departments[kind % 15], 0.1, &mut random)).collect();
    let products = (0..PRODUCTS).map(|index| (Ordinal(index as u32), around(&kinds[index % kinds.len()], 0.04, &mut random))).collect();
    let queries = (0..QUERIES).map(|index| around(&kinds[index * 7 % kinds.len()], 0.05, &mut random)).collect();
    (products, queries)
}

fn exact(products: &Vectors, query: &[f32], accept: &dyn Fn(Ordinal) -> bool) -> Vec<Ordinal> {
    let mut all: Vec<(f32, Ordinal)> =
        products.iter().filter(|(ordinal, _)| accept(*ordinal)).map(|(ordinal, vector)| (dot(vector, query), *ordinal)).collect();
    all.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    all.into_iter().take(K).map(|(_, ordinal)| ordinal).collect()
}

fn recall(graph: &Graph, products: &Vectors, queries: &[Vec<f32>], accept: &dyn Fn(Ordinal) -> bool, count: u64) -> f64 {
    let found: usize = queries
        .iter()
        .map(|query| {
            let best = exact(products, query, accept);
            graph.nearest(query, K, Some(accept), Some(count)).iter().filter(|(ordinal, _)| best.contains(ordinal)).count()
        })
        .sum();
    found as f64 / (queries.len() * K) as f64
}

fn neighbours(criterion: &mut Criterion) {
    let (products, queries) = catalogue();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("graph.bin");
    let started = Instant::now();
    build_graph(&products, &path, GraphOptions::default()).expect("builds");
    println!("ann/build {PRODUCTS} x {DIMS}: {:.2} s", started.elapsed().as_secs_f64());
    let graph = Graph::open(&path).expect("opens");

    let mut group = criterion.benchmark_group("ann");
    group.bench_function("open", |bencher| bencher.iter(|| Graph::open(&path).expect("opens").len()));
    for share in [1, 2, 10, 100] {
        let accept = move |ordinal: Ordinal| (ordinal.0.wrapping_mul(0x9E37_79B1) >> 8).is_multiple_of(share);
        let count = PRODUCTS as u64 / u64::from(share);
        println!("ann/recall@{K} where one in {share} is accepted: {:.4}", recall(&graph, &products, &queries, &accept, count));
        let filter: Option<&dyn Fn(Ordinal) -> bool> = if share == 1 { None } else { Some(&accept) };
        let mut next = queries.iter().cycle();
        group.bench_function(format!("nearest, one in {share} accepted"), |bencher| {
            bencher.iter(|| graph.nearest(next.next().expect("cycles"), K, filter, Some(count)));
        });
    }
    group.finish();
}

criterion_group! { name = benches; config = Criterion::default().sample_size(20); targets = neighbours }
criterion_main!(benches);
