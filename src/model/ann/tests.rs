//! What nearest neighbours must hold:
//!
//! 1. recall@10 against exact search is at least 0.95 on clustered data, whatever share of products a filter accepts;
//! 2. every answer satisfies the filter, and `k` are answered whenever `k` are accepted;
//! 3. the order is by similarity, then ordinal, and the same every time, and so is the file;
//! 4. a scan misses nothing, and what lies above a floor is exactly what does;
//! 5. damage that leads elsewhere is refused, other damage makes other vectors; no vectors, an odd query and equal vectors are fine.

use super::*;
use crate::id::Ordinal;
use crate::model::vector::{dot, normalise};
use crate::stdx::mapped::MappedFile;
use roaring::RoaringBitmap;
use std::collections::BTreeMap;
use std::path::Path;

const DIMS: usize = 32;
const IN_CELLS: Options = Options { cells_from: 0 };
const PLANS: [Plan; 3] = [Plan::ScanAll, Plan::ScanThese, Plan::Cells];

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

fn neighbours_of(vectors: &[(Ordinal, Vec<f32>)], folder: &Path) -> Neighbours {
    let path = folder.join("vectors.bin");
    build(vectors, &path, IN_CELLS).expect("builds");
    Neighbours::open(&path).expect("opens")
}

fn exact(vectors: &[(Ordinal, Vec<f32>)], query: &[f32], k: usize, accept: &dyn Fn(Ordinal) -> bool) -> Vec<Ordinal> {
    let mut all: Vec<(f32, Ordinal)> =
        vectors.iter().filter(|(ordinal, _)| accept(*ordinal)).map(|(ordinal, vector)| (dot(vector, query), *ordinal)).collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    all.into_iter().take(k).map(|(_, ordinal)| ordinal).collect()
}

#[test]
fn recall_is_high_whatever_share_a_filter_accepts_and_in_every_way() {
    let folder = tempfile::tempdir().expect("a folder");
    let vectors = clustered(3_000, 1);
    let neighbours = neighbours_of(&vectors, folder.path());
    for share in [1, 2, 10, 100, 1_000] {
        let accept = move |ordinal: Ordinal| (ordinal.0 / 3 * 7_919).is_multiple_of(share);
        let accepted: RoaringBitmap = vectors.iter().map(|(ordinal, _)| *ordinal).filter(|o| accept(*o)).map(|o| o.0).collect();
        let refused: RoaringBitmap = vectors.iter().map(|(ordinal, _)| *ordinal).filter(|o| !accept(*o)).map(|o| o.0).collect();
        for plan in PLANS {
            for among in [Among::Only(&accepted), Among::Except(&refused)] {
                let (mut found, mut wanted) = (0, 0);
                for (_, query) in vectors.iter().step_by(61) {
                    let answers = neighbours.nearest_by(plan, query, 10, among);
                    assert!(answers.iter().all(|(ordinal, _)| accept(*ordinal)), "an answer breaks the filter");
                    assert!(answers.is_sorted_by(|a, b| (b.1, a.0) <= (a.1, b.0)), "answers are out of order");
                    let best = exact(&vectors, query, 10, &accept);
                    assert_eq!(answers.len(), best.len());
                    wanted += best.len();
                    found += best.iter().filter(|ordinal| answers.iter().any(|answer| answer.0 == **ordinal)).count();
                }
                let recall = f64::from(found as u32) / f64::from(wanted as u32);
                let least = if matches!(plan, Plan::ScanAll | Plan::ScanThese) { 1.0 } else { 0.95 };
                assert!(recall >= least, "recall {recall:.3} by {plan:?} where one in {share} is accepted");
            }
        }
    }
}

#[test]
fn a_filter_that_refuses_everything_near_still_gets_its_answers() {
    let folder = tempfile::tempdir().expect("a folder");
    let vectors = clustered(1_000, 2);
    let neighbours = neighbours_of(&vectors, folder.path());
    let query = &vectors[0].1;
    let far = |ordinal: Ordinal| dot(query, &vectors[ordinal.index() / 3].1) < 0.2;
    let accepted: RoaringBitmap = vectors.iter().map(|(ordinal, _)| *ordinal).filter(|o| far(*o)).map(|o| o.0).collect();
    for plan in PLANS {
        let answers = neighbours.nearest_by(plan, query, 25, Among::Only(&accepted));
        assert_eq!(answers.iter().map(|answer| answer.0).collect::<Vec<_>>(), exact(&vectors, query, 25, &far), "{plan:?}");
    }
}

#[test]
fn everything_above_a_floor_is_found_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let vectors = clustered(2_000, 7);
    let neighbours = neighbours_of(&vectors, folder.path());
    for (floor, (_, query)) in [-1.0, 0.1, 0.5, 0.8, 0.95].into_iter().zip(vectors.iter().step_by(301)) {
        let mut found = BTreeMap::new();
        neighbours.above(query, floor, |ordinal, similarity| assert!(found.insert(ordinal, similarity).is_none()));
        let expected: BTreeMap<Ordinal, f32> =
            vectors.iter().map(|(ordinal, vector)| (*ordinal, dot(vector, query))).filter(|(_, cosine)| *cosine >= floor).collect();
        assert!(found.keys().eq(expected.keys()), "floor {floor}: {} where {} were expected", found.len(), expected.len());
        assert!(found.values().zip(expected.values()).all(|(found, expected)| (found - expected).abs() < 1e-6));
    }
}

#[test]
fn few_vectors_have_no_cells_and_all_are_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("vectors.bin");
    let vectors = clustered(400, 8);
    build(&vectors, &path, Options::default()).expect("builds");
    let neighbours = Neighbours::open(&path).expect("opens");
    assert_eq!(neighbours.plan(10, Among::All), Plan::ScanAll);
    let answers = neighbours.nearest(&vectors[3].1, 10, Among::All);
    assert_eq!(answers.iter().map(|answer| answer.0).collect::<Vec<_>>(), exact(&vectors, &vectors[3].1, 10, &|_| true));
}

#[test]
fn the_same_vectors_make_the_same_file_and_the_same_answers() {
    let folder = tempfile::tempdir().expect("a folder");
    let vectors = clustered(1_500, 3);
    let mut reversed = vectors.clone();
    reversed.reverse();
    let (first, second) = (folder.path().join("a"), folder.path().join("b"));
    build(&vectors, &first, IN_CELLS).expect("builds");
    build(&reversed, &second, IN_CELLS).expect("builds");
    assert!(std::fs::read(&first).expect("reads") == std::fs::read(&second).expect("reads"));
}

#[test]
fn equal_vectors_are_all_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut vectors = clustered(1_000, 4);
    let same = vectors[0].1.clone();
    vectors.iter_mut().take(1_000).step_by(20).for_each(|(_, vector)| vector.clone_from(&same));
    let neighbours = neighbours_of(&vectors, folder.path());
    let answers = neighbours.nearest(&same, 50, Among::All);
    assert_eq!(answers.iter().map(|answer| answer.0.0).collect::<Vec<_>>(), (0..3_000).step_by(60).collect::<Vec<_>>());
    assert_eq!(neighbours.len(), 1_000);
    assert_eq!(neighbours.vector(Ordinal(60)), neighbours.vector(Ordinal(0)));
    assert_eq!(neighbours.vector(Ordinal(1)), None);
}

#[test]
fn small_and_odd_input_is_fine() {
    let folder = tempfile::tempdir().expect("a folder");
    let empty = neighbours_of(&[], folder.path());
    assert!(empty.is_empty() && empty.nearest(&[1.0], 3, Among::All).is_empty());
    let one = neighbours_of(&[(Ordinal(7), vec![3.0, 4.0]), (Ordinal(8), vec![0.0, 0.0])], folder.path());
    assert_eq!((one.len(), one.vector(Ordinal(7)), one.vector(Ordinal(8))), (1, Some(&[0.6, 0.8][..]), None));
    assert_eq!(one.nearest(&[3.0, 4.0], 5, Among::All), [(Ordinal(7), 1.0)]);
    assert!(one.nearest(&[1.0, 0.0, 0.0], 5, Among::All).is_empty());
    assert!(one.nearest(&[f32::NAN, 0.0], 5, Among::All).is_empty());
    assert!(one.nearest(&[1.0, 0.0], 0, Among::All).is_empty());
    let path = folder.path().join("refused");
    assert!(build(&[(Ordinal(1), vec![1.0]), (Ordinal(2), vec![1.0, 2.0])], &path, Options::default()).is_err());
    assert!(build(&[(Ordinal(1), vec![1.0]), (Ordinal(1), vec![1.0])], &path, Options::default()).is_err());
}

#[test]
fn damage_is_refused_or_makes_vectors_other_vectors() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("vectors.bin");
    build(&clustered(100, 5), &path, IN_CELLS).expect("builds");
    let whole = std::fs::read(&path).expect("reads");
    let answers = |neighbours: &Neighbours| neighbours.nearest(&[1.0; DIMS], 5, Among::All);
    let expected = answers(&Neighbours::open(&path).expect("opens"));
    for at in (0..whole.len()).step_by(997) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        std::fs::write(&path, &damaged).expect("writes");
        let Ok(neighbours) = Neighbours::open(&path) else { continue };
        let found = answers(&neighbours);
        let file = MappedFile::open(&path, file::KIND).expect("opens");
        if file::LEFT_UNREAD.iter().all(|section| file.verify_section(*section).is_ok()) {
            assert_eq!(found, expected, "padding at {at}");
        }
        assert!(found.len() <= expected.len());
    }
    for cut in [0, 100, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&path, &whole[..cut]).expect("writes");
        assert!(Neighbours::open(&path).is_err(), "cut at {cut}");
    }
}

#[test]
fn cells_read_a_part_and_yet_find_what_a_scan_finds() {
    let folder = tempfile::tempdir().expect("a folder");
    let vectors = clustered(30_000, 9);
    let neighbours = neighbours_of(&vectors, folder.path());
    assert_eq!(neighbours.plan(10, Among::All), Plan::Cells, "what is read is a part");
    let found = vectors.iter().step_by(301).map(|(_, query)| {
        let best = neighbours.nearest_by(Plan::ScanAll, query, 10, Among::All);
        neighbours.nearest(query, 10, Among::All).iter().filter(|near| best.contains(near)).count()
    });
    let found: Vec<usize> = found.collect();
    let recall = found.iter().sum::<usize>() as f64 / (10 * found.len()) as f64;
    assert!(recall >= 0.98, "recall {recall:.3}");
}
