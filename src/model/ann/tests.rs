//! What a nearest-neighbour graph must hold:
//!
//! 1. recall@10 against exact search is at least 0.95 on clustered data, whatever share of products a filter accepts;
//! 2. every answer satisfies the filter, and `k` are answered whenever `k` are accepted;
//! 3. the order is by similarity, then ordinal, and the same every time, and so is the file;
//! 4. a damaged file is refused; an empty graph, an odd query and equal vectors are fine.

use super::graph::EF_MIN;
use super::*;
use crate::id::Ordinal;
use crate::model::vector::{dot, normalise};
use std::path::Path;

const DIMS: usize = 32;

fn gaussian(random: &mut fastrand::Rng) -> f32 {
    (0..12).map(|_| random.f32()).sum::<f32>() - 6.0
}

/// Points around centres that are themselves in groups, as products are around kinds of product and kinds around departments.
fn clustered(count: usize, seed: u64) -> Vec<(Ordinal, Vec<f32>)> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut around = |centre: &[f32], spread: f32| {
        let mut vector: Vec<f32> = centre.iter().map(|element| element + spread * gaussian(&mut random)).collect();
        normalise(&mut vector);
        vector
    };
    let departments: Vec<Vec<f32>> = (0..12).map(|_| around(&[0.0; DIMS], 1.0)).collect();
    let kinds: Vec<Vec<f32>> = (0..count / 40).map(|kind| around(&departments[kind % departments.len()], 0.12)).collect();
    (0..count).map(|index| (Ordinal(index as u32 * 3), around(&kinds[index % kinds.len()], 0.04))).collect()
}

fn graph_of(vectors: &[(Ordinal, Vec<f32>)], folder: &Path) -> Graph {
    let path = folder.join("graph.bin");
    build_graph(vectors, &path, GraphOptions::default()).expect("builds");
    Graph::open(&path).expect("opens")
}

fn exact(vectors: &[(Ordinal, Vec<f32>)], query: &[f32], k: usize, accept: &dyn Fn(Ordinal) -> bool) -> Vec<Ordinal> {
    let mut all: Vec<(f32, Ordinal)> =
        vectors.iter().filter(|(ordinal, _)| accept(*ordinal)).map(|(ordinal, vector)| (dot(vector, query), *ordinal)).collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    all.into_iter().take(k).map(|(_, ordinal)| ordinal).collect()
}

#[test]
fn recall_is_high_whatever_share_a_filter_accepts() {
    let folder = tempfile::tempdir().expect("a folder");
    let vectors = clustered(3_000, 1);
    let graph = graph_of(&vectors, folder.path());
    for share in [1, 2, 10, 100] {
        let accept = move |ordinal: Ordinal| (ordinal.0 / 3 * 7_919).is_multiple_of(share);
        let filter: Option<&dyn Fn(Ordinal) -> bool> = if share == 1 { None } else { Some(&accept) };
        for count in [None, Some(3_000 / u64::from(share))] {
            let (mut found, mut wanted, mut walks) = (0, 0, 0);
            for (_, query) in vectors.iter().step_by(61) {
                // So few vectors are scanned unless told otherwise; what a walk gives up on is left to the scan.
                let walked = count.and_then(|_| graph.walk(query, 10, EF_MIN, filter));
                walks += usize::from(walked.is_some());
                let answers = walked.unwrap_or_else(|| graph.nearest(query, 10, filter, count));
                assert!(answers.iter().all(|(ordinal, _)| accept(*ordinal)), "an answer breaks the filter");
                assert!(answers.is_sorted_by(|a, b| (b.1, a.0) <= (a.1, b.0)), "answers are out of order");
                let best = exact(&vectors, query, 10, &accept);
                assert_eq!(answers.len(), best.len());
                wanted += best.len();
                found += best.iter().filter(|ordinal| answers.iter().any(|answer| answer.0 == **ordinal)).count();
            }
            let recall = f64::from(found as u32) / f64::from(wanted as u32);
            assert!(walks > 0 || count.is_none() || share > 10, "nothing was walked where one in {share} is accepted");
            assert!(recall >= 0.95, "recall {recall:.3} where one in {share} is accepted");
        }
    }
}

#[test]
fn a_filter_that_refuses_everything_near_still_gets_its_answers() {
    let folder = tempfile::tempdir().expect("a folder");
    let vectors = clustered(1_000, 2);
    let graph = graph_of(&vectors, folder.path());
    let query = &vectors[0].1;
    let far = |ordinal: Ordinal| dot(query, &vectors[ordinal.index() / 3].1) < 0.2;
    assert!(graph.walk(query, 25, EF_MIN, Some(&far)).is_none(), "the walk should have given up");
    let answers = graph.nearest(query, 25, Some(&far), Some(1_000));
    assert_eq!(answers.iter().map(|answer| answer.0).collect::<Vec<_>>(), exact(&vectors, query, 25, &far));
}

#[test]
fn the_same_vectors_make_the_same_file_and_the_same_answers() {
    let folder = tempfile::tempdir().expect("a folder");
    let vectors = clustered(1_500, 3);
    let mut reversed = vectors.clone();
    reversed.reverse();
    let (first, second) = (folder.path().join("a"), folder.path().join("b"));
    build_graph(&vectors, &first, GraphOptions::default()).expect("builds");
    build_graph(&reversed, &second, GraphOptions::default()).expect("builds");
    assert!(std::fs::read(&first).expect("reads") == std::fs::read(&second).expect("reads"));
}

#[test]
fn equal_vectors_are_all_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut vectors = clustered(1_000, 4);
    let same = vectors[0].1.clone();
    vectors.iter_mut().take(1_000).step_by(20).for_each(|(_, vector)| vector.clone_from(&same));
    let graph = graph_of(&vectors, folder.path());
    let answers = graph.nearest(&same, 50, None, None);
    assert_eq!(answers.iter().map(|answer| answer.0.0).collect::<Vec<_>>(), (0..3_000).step_by(60).collect::<Vec<_>>());
    assert_eq!(graph.len(), 1_000);
    assert_eq!(graph.vector(Ordinal(60)), graph.vector(Ordinal(0)));
    assert_eq!(graph.vector(Ordinal(1)), None);
}

#[test]
fn small_and_odd_input_is_fine() {
    let folder = tempfile::tempdir().expect("a folder");
    let empty = graph_of(&[], folder.path());
    assert!(empty.is_empty() && empty.nearest(&[1.0], 3, None, None).is_empty());
    let one = graph_of(&[(Ordinal(7), vec![3.0, 4.0]), (Ordinal(8), vec![0.0, 0.0])], folder.path());
    assert_eq!((one.len(), one.vector(Ordinal(7)), one.vector(Ordinal(8))), (1, Some(&[0.6, 0.8][..]), None));
    assert_eq!(one.nearest(&[3.0, 4.0], 5, None, None), [(Ordinal(7), 1.0)]);
    assert!(one.nearest(&[1.0, 0.0, 0.0], 5, None, None).is_empty());
    assert!(one.nearest(&[f32::NAN, 0.0], 5, None, None).is_empty());
    assert!(one.nearest(&[1.0, 0.0], 0, None, None).is_empty());
    let path = folder.path().join("refused");
    for options in [GraphOptions { links: 1, ..GraphOptions::default() }, GraphOptions { links: 300, ..GraphOptions::default() }] {
        assert!(build_graph(&[(Ordinal(1), vec![1.0])], &path, options).is_err(), "{options:?}");
    }
    assert!(build_graph(&[(Ordinal(1), vec![1.0]), (Ordinal(2), vec![1.0, 2.0])], &path, GraphOptions::default()).is_err());
    assert!(build_graph(&[(Ordinal(1), vec![1.0]), (Ordinal(1), vec![1.0])], &path, GraphOptions::default()).is_err());
}

#[test]
fn a_damaged_file_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("graph.bin");
    build_graph(&clustered(100, 5), &path, GraphOptions::default()).expect("builds");
    let whole = std::fs::read(&path).expect("reads");
    let answers = |graph: &Graph| graph.nearest(&[1.0; DIMS], 5, None, None);
    let expected = answers(&Graph::open(&path).expect("opens"));
    for at in (0..whole.len()).step_by(997) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        std::fs::write(&path, &damaged).expect("writes");
        if let Ok(graph) = Graph::open(&path) {
            assert_eq!(answers(&graph), expected, "padding at {at}");
        }
    }
    for cut in [0, 100, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&path, &whole[..cut]).expect("writes");
        assert!(Graph::open(&path).is_err(), "cut at {cut}");
    }
}
