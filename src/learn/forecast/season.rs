//! What all things together do over a season: weeks in which everything sells, and weeks in which nothing does.
//!
//! One series of two years says little about its own weeks; a thousand of them say what Christmas is.

use super::series::{History, mean};

/// How much each period of a season sells, where 1 is usual.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Profile {
    factors: Vec<f64>,
}

/// A season that sells nothing would be divided by.
const FACTOR_MIN: f64 = 0.1;
const FACTOR_MAX: f64 = 10.0;

impl Profile {
    /// Of the first `until` periods of the shop's time; none without a whole season.
    #[must_use]
    pub fn of(histories: &[History<'_>], season: usize, until: usize) -> Option<Self> {
        if season < 2 || until < season {
            return None;
        }
        let (mut sums, mut counts) = (vec![0.0; until], vec![0.0; until]);
        for history in histories {
            let known = history.before(until).demand;
            let mean = mean(known.iter().flatten().copied()).unwrap_or(0.0);
            for (at, value) in (history.start..).zip(known).filter_map(|(at, value)| Some((at, (*value)?))) {
                if mean > 0.0 {
                    // Each counts the same, however much it sells.
                    sums[at] += value / mean;
                    counts[at] += 1.0;
                }
            }
        }
        let (mut of_season, mut seen) = (vec![0.0; season], vec![0.0; season]);
        for (at, (sum, count)) in sums.iter().zip(&counts).enumerate().filter(|(_, (_, count))| **count > 0.0) {
            of_season[at % season] += sum / count;
            seen[at % season] += 1.0;
        }
        let factors: Vec<f64> = of_season.iter().zip(&seen).map(|(sum, count)| if *count > 0.0 { sum / count } else { 1.0 }).collect();
        let usual = factors.iter().sum::<f64>() / season as f64;
        (usual > 0.0).then(|| Self { factors: factors.iter().map(|factor| (factor / usual).clamp(FACTOR_MIN, FACTOR_MAX)).collect() })
    }

    /// Whether a season is known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.factors.is_empty()
    }

    /// That of a period of the shop's time, as strong as asked for.
    #[must_use]
    pub fn factor(&self, period: usize, strength: f64) -> f64 {
        if self.factors.is_empty() { 1.0 } else { self.factors[period % self.factors.len()].powf(strength) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::known;
    use super::*;

    #[test]
    fn all_things_together_say_what_a_season_is() {
        // Both sell three times as much in every second period, one of them ten times as much as the other; the third begins late.
        let (large, small, late) =
            (known(&[10.0, 30.0, 10.0, 30.0]), known(&[1.0, 3.0, 1.0, 3.0]), [None, Some(3.0), Some(1.0), Some(3.0)]);
        let histories = [&large[..], &small, &late].map(History::of);
        let profile = Profile::of(&histories, 2, 4).expect("is known");
        let is_near = |found: f64, wanted: f64| (found - wanted).abs() < 0.03;
        assert!(is_near(profile.factor(0, 1.0), 0.5) && is_near(profile.factor(3, 1.0), 1.5), "{profile:?}");
        assert!(is_near(profile.factor(5, 0.5), 1.5_f64.sqrt()), "{profile:?}");
        assert_eq!(Profile::of(&histories, 2, 1), None, "not a whole season");
        assert_eq!(Profile::of(&histories, 1, 4), None, "no season");
        assert_eq!(Profile::default().factor(7, 1.0), 1.0);
    }

    #[test]
    fn what_comes_later_is_not_looked_at() {
        let demand = known(&[1.0, 3.0, 1.0, 3.0, 900.0, 0.0]);
        let whole = Profile::of(&[History::of(&demand)], 2, 4);
        assert_eq!(whole, Profile::of(&[History::of(&demand).until(4)], 2, 4));
    }
}
