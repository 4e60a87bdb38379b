//! Which numbers a name may belong to, by 32 bits of its digest: a growing set whose clones share memory.
//!
//! Digests lie anywhere. In a tree of millions each finds a leaf of its own, so a writer whose readers hold the tree as it was copies a whole way from root
//! to leaf for each. So only what is young stands in a tree, which is small enough to stay in the cache. When it is full it becomes a sorted run, which never
//! changes; runs that are not much longer than what comes after them are merged with it. So there are few runs, and each number is written a few times.

use imbl::OrdSet;
use std::sync::Arc;

/// Numbers in the tree before they become a run.
const YOUNG_MAX: usize = 2_048;
/// How many times as long as the next a run is at least.
const RATIO: usize = 8;
/// Numbers in one part of a run, on average: two lines of the cache.
const PART: usize = 16;
/// Most parts of a run, as a power of two.
const PARTS_BITS_MAX: u32 = 24;
/// One in so many numbers of the runs may have been taken out before all of them are written anew.
const GONE_ONE_IN: usize = 16;

/// Numbers by hints. Nothing is found that was not added; whoever looks compares with what has the number.
#[derive(Clone, Default)]
pub struct Hints {
    young: OrdSet<u64>,
    /// The longest first.
    runs: Vec<Arc<Run>>,
    /// What was taken out and still stands in a run.
    gone: OrdSet<u64>,
}

/// Sorted rows, and where those begin that start with the same bits.
struct Run {
    rows: Box<[u64]>,
    starts: Box<[u32]>,
    shift: u32,
}

/// A hint in the upper half, a number in the lower.
fn row(hint: u32, number: u32) -> u64 {
    u64::from(hint) << u32::BITS | u64::from(number)
}

impl Hints {
    /// How many numbers were added and not taken out.
    #[must_use]
    pub fn len(&self) -> usize {
        self.young.len() + self.settled() - self.gone.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn settled(&self) -> usize {
        self.runs.iter().map(|run| run.rows.len()).sum()
    }

    /// Adds a number that is not there yet.
    pub fn insert(&mut self, hint: u32, number: u32) {
        let row = row(hint, number);
        if self.gone.remove(&row).is_none() {
            self.young.insert(row);
        }
        if self.young.len() > YOUNG_MAX {
            self.settle(RATIO);
        }
    }

    /// Takes a number out that is there.
    pub fn remove(&mut self, hint: u32, number: u32) {
        let row = row(hint, number);
        if self.young.remove(&row).is_none() {
            self.gone.insert(row);
        }
        if self.gone.len() > YOUNG_MAX.max(self.settled() / GONE_ONE_IN) {
            self.settle(usize::MAX);
        }
    }

    /// The numbers of a hint.
    pub fn of(&self, hint: u32) -> impl Iterator<Item = u32> {
        let young = self.young.range(row(hint, 0)..=row(hint, u32::MAX));
        let settled = self.runs.iter().flat_map(move |run| run.of_hint(hint));
        young.chain(settled).filter(|row| self.gone.is_empty() || !self.gone.contains(*row)).map(|row| *row as u32)
    }

    /// Whether a number stands there under a hint.
    #[must_use]
    pub fn has(&self, hint: u32, number: u32) -> bool {
        self.of(hint).any(|found| found == number)
    }

    /// Makes a run of what is young and of all runs that are not `ratio` times as long as what is behind them.
    fn settle(&mut self, ratio: usize) {
        let mut rows: Vec<u64> = std::mem::take(&mut self.young).into_iter().collect();
        while let Some(run) = self.runs.pop_if(|run| run.rows.len() / ratio < rows.len().max(1)) {
            rows.extend_from_slice(&run.rows);
            // Two sorted halves, which this finds and merges.
            rows.sort();
        }
        if self.runs.is_empty() {
            let gone = std::mem::take(&mut self.gone);
            let mut gone = gone.iter().peekable();
            rows.retain(|row| {
                while gone.next_if(|next| *next < row).is_some() {}
                gone.next_if_eq(&row).is_none()
            });
        }
        self.runs.push(Arc::new(Run::of(rows)));
    }
}

/// What there is already lies in one run, which is made at once.
impl FromIterator<(u32, u32)> for Hints {
    fn from_iter<I: IntoIterator<Item = (u32, u32)>>(numbers: I) -> Self {
        let mut rows: Vec<u64> = numbers.into_iter().map(|(hint, number)| row(hint, number)).collect();
        rows.sort_unstable();
        Self { runs: vec![Arc::new(Run::of(rows))], ..Self::default() }
    }
}

impl Run {
    fn of(rows: Vec<u64>) -> Self {
        let bits = (rows.len() / PART).max(2).ilog2().min(PARTS_BITS_MAX);
        let shift = u64::BITS - bits;
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        for (place, row) in (0..).zip(&rows) {
            starts.resize(starts.len().max((row >> shift) as usize + 1), place);
        }
        let len = u32::try_from(rows.len()).unwrap_or_else(|_| panic!("numbers of 32 bits are fewer than four billion"));
        starts.resize((1 << bits) + 1, len);
        Self { rows: rows.into(), starts: starts.into(), shift }
    }

    /// The rows of a hint.
    fn of_hint(&self, hint: u32) -> &[u64] {
        let (first, last) = (row(hint, 0), row(hint, u32::MAX));
        let part = (first >> self.shift) as usize;
        let rows = &self.rows[self.starts[part] as usize..self.starts[part + 1] as usize];
        let rows = &rows[rows.partition_point(|row| *row < first)..];
        &rows[..rows.partition_point(|row| *row <= last)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[derive(Debug, Clone)]
    enum Step {
        Insert(u32),
        Remove(usize),
        /// Made anew of what it holds.
        Again,
        Many(u32),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            4 => any::<u32>().prop_map(Step::Insert),
            3 => any::<usize>().prop_map(Step::Remove),
            1 => Just(Step::Again),
            1 => (0_u32..6_000).prop_map(Step::Many),
        ];
        proptest::collection::vec(step, 0..40)
    }

    /// Even hints, and some that are alike.
    fn hint_of(number: u32) -> u32 {
        (number / 2).wrapping_mul(2_654_435_761)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn hints_are_a_set_whatever_is_young_settled_or_gone(steps in steps()) {
            let (mut hints, mut expected, mut next) = (Hints::default(), BTreeSet::new(), 0);
            for step in steps {
                let before = (hints.clone(), expected.clone());
                match step {
                    Step::Insert(number) if !expected.contains(&number) => {
                        expected.insert(number);
                        hints.insert(hint_of(number), number);
                    }
                    Step::Insert(_) => {}
                    Step::Remove(place) => if let Some(number) = expected.iter().nth(place % expected.len().max(1)).copied() {
                        expected.remove(&number);
                        hints.remove(hint_of(number), number);
                    },
                    Step::Again => hints = expected.iter().map(|number| (hint_of(*number), *number)).collect(),
                    Step::Many(count) => {
                        (next..next + count).filter(|number| expected.insert(*number)).for_each(|number| hints.insert(hint_of(number), number));
                        next += count;
                    }
                }
                prop_assert_eq!((hints.len(), hints.is_empty()), (expected.len(), expected.is_empty()));
                prop_assert_eq!(before.0.len(), before.1.len(), "a clone does not see later changes");
            }
            let of = |number: &u32| hints.of(hint_of(*number)).collect::<BTreeSet<u32>>();
            for number in expected.iter().step_by(expected.len() / 500 + 1) {
                let alike: BTreeSet<u32> = [number & !1, number | 1].into_iter().filter(|other| expected.contains(other)).collect();
                prop_assert_eq!(of(number), alike);
                prop_assert!(hints.has(hint_of(*number), *number) && !hints.has(hint_of(*number), number.wrapping_add(2)));
            }
        }
    }

    #[test]
    fn runs_are_few_and_what_is_gone_leaves_them() {
        let mut hints = Hints::default();
        (0..300_000).for_each(|number| hints.insert(hint_of(number), number));
        assert!(hints.runs.len() <= 4, "{}", hints.runs.len());
        assert!(hints.runs.iter().all(|run| run.rows.is_sorted()));
        (0..290_000).for_each(|number| hints.remove(hint_of(number), number));
        assert_eq!(hints.len(), 10_000);
        assert!(hints.settled() < 20_000 && hints.gone.len() <= YOUNG_MAX, "{} {}", hints.settled(), hints.gone.len());
    }
}
