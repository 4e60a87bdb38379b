//! How often a product is clicked merely because of where it stands, learned from the shop's own clicks.
//!
//! `rate(r) = (clicks at r + 50 · p(r)) / (shown at r + 50)` with `p(r) = 0.3 · r^-0.7` until the shop knows better. Clicks over the clicks
//! expected at the ranks where a product stood ("clicks over expected clicks") measure it without its position: V. Zhang and R. Jones,
//! "Comparing click logs and editorial labels for training query rewriting", WWW 2007 workshop on query log analysis; O. Chapelle and Y. Zhang,
//! "A dynamic Bayesian network click model for web search ranking", WWW 2009. What was shown is what impressions tell; a shop that
//! sends none is taken to have shown every rank in each search that found something.

use crate::signal::decay::{DAY_MS, HalfLife, NEVER};
use crate::stdx::clock::Timestamp;
use crate::stdx::words::{WordReader, WordWriter};

/// Ranks that have a rate of their own; those beyond share the last.
pub(super) const RANKS_MAX: usize = 64;
/// Where a product is taken to have stood when nobody says.
const RANK_UNKNOWN: u32 = 8;
/// Impressions that the prior is worth.
const PRIOR_SHOWN: f64 = 50.0;
/// The prior's rate at the first rank, and how it falls.
const PRIOR_FIRST: f64 = 0.3;
const PRIOR_FALL: f64 = 0.7;
/// Half-life of what is learned, in days: habits and layouts change over months.
const HALF_LIFE_DAYS: i64 = 90;
/// The curve is aged in steps of this; nobody sees an hour of a half-life of months.
const STEP_MS: i64 = 3_600_000;

/// Clicks and impressions by rank.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    at: Timestamp,
    clicks: [f64; RANKS_MAX],
    shown: [f64; RANKS_MAX],
}

impl Default for Curve {
    fn default() -> Self {
        Self { at: NEVER, clicks: [0.0; RANKS_MAX], shown: [0.0; RANKS_MAX] }
    }
}

fn place(rank: Option<u32>) -> usize {
    rank.unwrap_or(RANK_UNKNOWN).clamp(1, RANKS_MAX as u32) as usize - 1
}

impl Curve {
    /// Ages the sums to what is newer than they are; gives what something of `at` weighs in them.
    fn weight_at(&mut self, at: Timestamp) -> f64 {
        let half_life = HalfLife::from_ms(HALF_LIFE_DAYS * DAY_MS as i64);
        if self.at == NEVER {
            self.at = at;
        } else if at.since_ms(self.at) >= STEP_MS {
            let left = half_life.left_after(at.since_ms(self.at));
            self.clicks.iter_mut().chain(&mut self.shown).for_each(|sum| *sum *= left);
            self.at = at;
        }
        half_life.weight_of(self.at.0.saturating_sub(at.0))
    }

    pub(super) fn click(&mut self, rank: u32, at: Timestamp) {
        let weight = self.weight_at(at);
        self.clicks[place(Some(rank))] += weight;
    }

    pub(super) fn show(&mut self, rank: u32, at: Timestamp) {
        let weight = self.weight_at(at);
        self.shown[place(Some(rank))] += weight;
    }

    /// Clicks that an average product gets when it is shown at `rank` once; `found` are the shop's searches that found something.
    pub(super) fn rate(&self, rank: Option<u32>, found: f64) -> f64 {
        let place = place(rank);
        let prior = PRIOR_FIRST * ((place + 1) as f64).powf(-PRIOR_FALL);
        // Fewer impressions than clicks: this shop does not tell them, or only some.
        let is_told = self.shown.iter().sum::<f64>() >= self.clicks.iter().sum::<f64>();
        let shown = if is_told { self.shown[place] } else { found };
        ((self.clicks[place] + PRIOR_SHOWN * prior) / (shown.max(self.clicks[place]) + PRIOR_SHOWN)).min(1.0)
    }

    pub(super) fn write(&self, out: &mut WordWriter) {
        out.time(self.at);
        self.clicks.iter().chain(&self.shown).for_each(|sum| out.float(*sum));
    }

    pub(super) fn read(from: &mut WordReader<'_>) -> Option<Self> {
        let mut curve = Self { at: from.time()?, ..Self::default() };
        for sum in curve.clicks.iter_mut().chain(&mut curve.shown) {
            *sum = from.float()?;
        }
        Some(curve)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_the_priors_until_the_shop_knows_better() {
        let mut curve = Curve::default();
        assert!((curve.rate(Some(1), 0.0) - 0.3).abs() < 1e-9 && curve.rate(Some(9), 0.0) < curve.rate(Some(3), 0.0));
        assert_eq!(curve.rate(Some(RANKS_MAX as u32), 0.0), curve.rate(Some(9_999), 0.0));
        for search in 0..10_000 {
            curve.show(1, Timestamp(search));
            curve.show(2, Timestamp(search));
            if search % 2 == 0 {
                curve.click(1, Timestamp(search));
            }
        }
        assert!((curve.rate(Some(1), 0.0) - 0.5).abs() < 0.01 && curve.rate(Some(2), 0.0) < 0.01);
    }

    /// Clicks of two years ago that were imported last counted like those of today.
    #[test]
    fn old_clicks_weigh_the_same_whenever_they_are_told() {
        const YEAR_MS: i64 = 365 * DAY_MS as i64;
        let told = |moments: [i64; 4]| {
            let mut curve = Curve::default();
            for moment in moments {
                let rank = if moment < YEAR_MS { 1 } else { 2 };
                (0..1_000).for_each(|_| curve.show(rank, Timestamp(moment)));
                (0..500).for_each(|_| curve.click(rank, Timestamp(moment)));
            }
            [1, 2].map(|rank| curve.rate(Some(rank), 0.0))
        };
        let oldest_first = told([0, 1_800_000, 2 * YEAR_MS, 2 * YEAR_MS + 1_800_000]);
        let newest_first = told([2 * YEAR_MS + 1_800_000, 2 * YEAR_MS, 1_800_000, 0]);
        // Sums stand at the last whole step: half an hour of ninety days apart.
        assert!(oldest_first.iter().zip(newest_first).all(|(one, other)| (one - other).abs() < 1e-4), "{oldest_first:?} {newest_first:?}");
        assert!(newest_first[0] < 0.33, "eight half-lives: {}", newest_first[0]);
    }

    #[test]
    fn a_shop_that_tells_no_impressions_has_shown_every_rank_in_each_search() {
        let mut curve = Curve::default();
        (0..1_000).for_each(|click| curve.click(2, Timestamp(click)));
        assert!((curve.rate(Some(2), 10_000.0) - 0.1).abs() < 0.01);
    }
}
