//! What would have been sold and what would have lain there: periods lived through again, with stock ordered up to a level.

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Replayed {
    /// Units wanted.
    pub wanted: f64,
    /// Units of those that were there.
    pub filled: f64,
    /// Units left at the end of each period, summed.
    pub held: f64,
}

impl Replayed {
    /// Adds what came of another series.
    pub fn add(&mut self, other: Self) {
        self.wanted += other.wanted;
        self.filled += other.filled;
        self.held += other.held;
    }
}

/// Lives through `demand`. At the beginning of each period goods arrive that were ordered `lead` periods before, and as much is ordered as is
/// missing up to the period's level; then people buy, and who finds nothing goes elsewhere. In the beginning as much is there as the first
/// level says. In a period that nobody knows nothing is wanted.
#[must_use]
pub fn replay(levels: &[f64], demand: &[Option<f64>], lead: usize) -> Replayed {
    let mut replayed = Replayed::default();
    let mut there = levels.first().copied().unwrap_or(0.0);
    let mut ordered = vec![0.0; demand.len() + lead];
    let mut to_come = 0.0;
    for (at, (level, wanted)) in levels.iter().zip(demand).enumerate() {
        let missing = (level - there - to_come).max(0.0);
        ordered[at + lead] += missing;
        to_come += missing - ordered[at];
        there += ordered[at];
        let wanted = wanted.unwrap_or(0.0);
        let filled = wanted.min(there);
        there -= filled;
        replayed.add(Replayed { wanted, filled, held: there });
    }
    replayed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ordered_comes_after_its_lead_time() {
        // Lead 2, up to 5. Period 0: 5 there, 4 bought, 1 left. 1: 4 ordered; 2 wanted, 1 there. 2: 1 ordered; nothing there, 1 wanted.
        // 3: the 4 arrive; 3 bought.
        let demand = [4.0, 2.0, 1.0, 3.0].map(Some);
        let replayed = replay(&[5.0; 4], &demand, 2);
        assert_eq!(replayed, Replayed { wanted: 10.0, filled: 4.0 + 1.0 + 0.0 + 3.0, held: 1.0 + 0.0 + 0.0 + 1.0 });
    }

    #[test]
    fn what_is_ordered_without_a_lead_time_is_there_at_once_and_nothing_is_sent_back() {
        let demand = [Some(2.0), None, Some(9.0)];
        let replayed = replay(&[3.0, 1.0, 4.0], &demand, 0);
        // 3 there, 1 left; nothing wanted; up to 4.
        assert_eq!(replayed, Replayed { wanted: 11.0, filled: 6.0, held: 1.0 + 1.0 + 0.0 });
        assert_eq!(replay(&[], &[], 3), Replayed::default());
    }
}
