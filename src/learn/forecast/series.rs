//! A series of demand, and which kind of demand it is.

use serde::{Deserialize, Serialize};

/// Demand of one thing, period by period, the oldest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// What it is the demand of.
    pub name: String,
    /// Units wanted in each period. None where nobody could have bought (not on sale yet, or sold out all the time): that is unknown, not zero.
    pub demand: Vec<Option<f64>>,
}

/// Mean periods from one demand to the next from which on demand is intermittent, and squared coefficient of variation of its sizes from which
/// on it is erratic (A. Syntetos, J. Boylan and J. Croston, "On the categorization of demand patterns", JORS 56(5), 2005).
const INTERVAL_MIN: f64 = 1.32;
const VARIATION_MIN: f64 = 0.49;

/// Kinds of demand, which are forecast in ways of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Often, and much the same.
    Smooth,
    /// Often, now little and now much.
    Erratic,
    /// Seldom, and much the same.
    Intermittent,
    /// Seldom, now little and now much.
    Lumpy,
    /// Never yet.
    Unsold,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Smooth, Self::Erratic, Self::Intermittent, Self::Lumpy, Self::Unsold];

    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Smooth => "smooth",
            Self::Erratic => "erratic",
            Self::Intermittent => "intermittent",
            Self::Lumpy => "lumpy",
            Self::Unsold => "unsold",
        }
    }

    /// The class of a history.
    #[must_use]
    pub fn of(history: &[Option<f64>]) -> Self {
        let known = history.iter().flatten().count() as f64;
        let sizes: Vec<f64> = history.iter().flatten().copied().filter(|size| *size > 0.0).collect();
        if sizes.is_empty() {
            return Self::Unsold;
        }
        let count = sizes.len() as f64;
        let mean = sizes.iter().sum::<f64>() / count;
        let variance = sizes.iter().map(|size| (size - mean).powi(2)).sum::<f64>() / count;
        match (known / count >= INTERVAL_MIN, variance / (mean * mean) >= VARIATION_MIN) {
            (false, false) => Self::Smooth,
            (false, true) => Self::Erratic,
            (true, false) => Self::Intermittent,
            (true, true) => Self::Lumpy,
        }
    }
}

/// Demand from when a thing was first on sale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct History<'a> {
    /// Which period of the shop's time the first is; seasons are told by it.
    pub start: usize,
    /// Units wanted in each period; none where nobody knows.
    pub demand: &'a [Option<f64>],
    /// The class that it is forecast as.
    pub class: Class,
}

impl<'a> History<'a> {
    /// The part of a series in which its thing was on sale.
    #[must_use]
    pub fn of(demand: &'a [Option<f64>]) -> Self {
        let start = demand.iter().position(Option::is_some).unwrap_or(demand.len());
        Self { start, demand: &demand[start..], class: Class::of(&demand[start..]) }
    }

    /// The first `periods` of it, as the same class.
    #[must_use]
    pub fn until(self, periods: usize) -> Self {
        Self { demand: &self.demand[..periods], ..self }
    }

    /// What of it lies before a period of the shop's time, as the same class.
    #[must_use]
    pub fn before(self, period: usize) -> Self {
        self.until(period.saturating_sub(self.start).min(self.len()))
    }

    /// How many periods it has.
    #[must_use]
    pub fn len(self) -> usize {
        self.demand.len()
    }

    /// Whether the thing was never on sale.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.demand.is_empty()
    }
}

/// The mean of some numbers; none of none.
pub(super) fn mean(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = numbers.fold((0.0, 0.0), |(sum, count), number| (sum + number, count + 1.0));
    (count > 0.0).then(|| sum / count)
}

#[cfg(test)]
mod tests {
    use super::super::known;
    use super::*;

    #[test]
    fn demand_is_told_by_how_often_it_comes_and_how_much_it_differs() {
        let check = |demand: &[f64], class| assert_eq!(Class::of(&known(demand)), class, "{demand:?}");
        check(&[4.0, 5.0, 6.0, 5.0], Class::Smooth);
        // Sizes 1, 1, 1, 9: mean 3, variance 12, 12 / 9 = 1.33.
        check(&[1.0, 1.0, 1.0, 9.0], Class::Erratic);
        // Three in four periods are 4 / 3 = 1.33 apart, four in five 1.25.
        check(&[2.0, 0.0, 2.0, 2.0], Class::Intermittent);
        check(&[2.0, 0.0, 2.0, 2.0, 2.0], Class::Smooth);
        // Ten in thirteen are 1.3 apart.
        check(&[&[2.0; 10][..], &[0.0; 3]].concat(), Class::Smooth);
        check(&[1.0, 0.0, 0.0, 1.0, 1.0, 9.0], Class::Lumpy);
        check(&[0.0, 0.0], Class::Unsold);
        check(&[], Class::Unsold);
    }

    #[test]
    fn periods_that_nobody_knows_are_no_periods_without_demand() {
        let half = [Some(2.0), None, Some(2.0), None, Some(3.0)];
        assert_eq!(Class::of(&half), Class::Smooth);
        assert_eq!(Class::of(&known(&[2.0, 0.0, 2.0, 0.0, 3.0])), Class::Intermittent);
        let series = [None, None, Some(1.0), None];
        assert_eq!(History::of(&series), History { start: 2, demand: &series[2..], class: Class::Smooth });
        assert_eq!(History::of(&series).before(3).demand, [Some(1.0)]);
        assert_eq!(History::of(&series).before(1).demand, []);
        assert!(History::of(&series[..2]).is_empty());
    }
}
