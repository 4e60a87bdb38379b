//! Which cells are nearest to a question: all centres are compared as bytes, or their graph is walked where that takes less.

use super::codes::Asked;
use super::file::{Rows, VectorFile};
use super::walk::Scratch;
use std::cmp::Reverse;

/// Comparing a question with one centre when all are, for each 64 elements, and finding one cell by a walk: of 2,500 cells all are compared, of
/// 8,000 either takes as long.
pub(super) const CENTRE_COST: f64 = 4.0;
const WALK_COST: f64 = 900.0;

/// Cells, nearest first. The first of them are found by a walk or by comparing all centres, whichever takes less; what comes behind them,
/// by comparing all.
pub(super) fn nearest_cells<'a>(file: &'a VectorFile, asked: &'a Asked<'_>, first: usize) -> impl Iterator<Item = u32> + use<'a> {
    let centres = file.centres();
    let (near, rest) = if first as f64 * WALK_COST < centres.count() as f64 * CENTRE_COST {
        (walk(file, asked, &centres, first), None)
    } else {
        let mut near = compared(asked, &centres);
        let rest = split_off_nearest(&mut near, first);
        (near.into_iter().map(cell_of).collect(), Some(rest))
    };
    // Those of a walk come once more.
    let rest = std::iter::once_with(move || {
        let mut rest = rest.unwrap_or_else(|| compared(asked, &file.centres()));
        rest.sort_unstable_by_key(|cell| Reverse(*cell));
        rest.into_iter().map(cell_of)
    });
    near.into_iter().chain(rest.flatten())
}

/// The nearest cells by a walk, nearest first.
fn walk(file: &VectorFile, asked: &Asked<'_>, centres: &Rows<'_>, count: usize) -> Vec<u32> {
    Scratch::with(|scratch| {
        file.routes().walk(|cell| asked.nearness(centres, cell), count, scratch);
        scratch.drain_descending().into_iter().map(|(_, cell)| cell).collect()
    })
}

/// All cells as whole numbers in the order of similarity, then of cells downwards: they are sorted without a guess gone wrong.
fn compared(asked: &Asked<'_>, centres: &Rows<'_>) -> Vec<u64> {
    let nearness = asked.nearness_of_rows(centres);
    nearness.iter().zip(0_u32..).map(|(near, cell)| u64::from(ordered(*near)) << 32 | u64::from(!cell)).collect()
}

fn cell_of(compared: u64) -> u32 {
    !(compared as u32)
}

/// Leaves the `first` nearest, nearest first, and answers the others.
fn split_off_nearest(cells: &mut Vec<u64>, first: usize) -> Vec<u64> {
    let mut rest = Vec::new();
    if first < cells.len() {
        cells.select_nth_unstable_by_key(first, |cell| Reverse(*cell));
        rest = cells.split_off(first);
    }
    cells.sort_unstable_by_key(|cell| Reverse(*cell));
    rest
}

/// A number that is greater where the other one is.
#[inline]
fn ordered(number: f32) -> u32 {
    let bits = number.to_bits();
    if bits >> 31 == 0 { bits | 1 << 31 } else { !bits }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Ordinal;
    use crate::model::ann::{Options, build};
    use crate::model::vector::normalise;
    use proptest::prelude::*;

    #[test]
    fn a_walk_finds_the_cells_that_comparing_all_finds() {
        let mut random = fastrand::Rng::with_seed(3);
        let mut vectors = |count: u32| -> Vec<(Ordinal, Vec<f32>)> {
            (0..count).map(|number| (Ordinal(number), (0..16).map(|_| random.f32() - 0.5).collect())).collect()
        };
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("vectors.bin");
        build(&vectors(4_000), &path, Options { cells_from: 0 }).expect("builds");
        let file = VectorFile::open(&path).expect("opens");
        let centres = file.centres();
        let (mut same, questions) = (0, vectors(50));
        for (_, mut question) in questions.clone() {
            assert!(normalise(&mut question));
            let asked = Asked::new(&*question);
            let walked = walk(&file, &asked, &centres, 20);
            let mut nearest = compared(&asked, &centres);
            let rest = split_off_nearest(&mut nearest, 20);
            assert!(nearest.is_sorted_by_key(|cell| Reverse(*cell)) && rest.iter().all(|cell| *cell < nearest[19]));
            same += walked.iter().filter(|cell| nearest.iter().any(|near| cell_of(*near) == **cell)).count();
        }
        assert!(same >= 20 * questions.len() * 95 / 100, "{same} of {}", 20 * questions.len());
    }

    proptest! {
        #[test]
        fn numbers_are_ordered_as_they_are(a in any::<f32>(), b in any::<f32>()) {
            prop_assert_eq!(ordered(a).cmp(&ordered(b)), a.total_cmp(&b));
        }
    }
}
