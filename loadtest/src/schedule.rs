//! When shoppers arrive: a Poisson process, drawn before anything is known about how fast the server answers.
//!
//! Real arrivals do not wait for other people's answers. A generator whose requests wait for answers sends less exactly when the server is slow and so leaves out the
//! worst moments (coordinated omission). Here each arrival has its moment from the start, and latency counts from that moment.

use std::time::{Duration, Instant};

/// The arrivals of one stage, as time since its start.
///
/// The rate rises (or falls) linearly from `from` to `to` during the ramp. Arrivals come by thinning (Lewis and Shedler 1979): candidates at the highest
/// rate, each kept with the chance of the rate at its moment.
#[derive(Debug)]
pub(crate) struct Arrivals {
    random: fastrand::Rng,
    from: f64,
    to: f64,
    ramp_s: f64,
    duration_s: f64,
    at_s: f64,
}

impl Arrivals {
    /// Rates in arrivals a second.
    pub(crate) fn new(from: f64, to: f64, ramp_s: f64, duration_s: f64, random: fastrand::Rng) -> Self {
        assert!(from >= 0.0 && to >= 0.0 && ramp_s >= 0.0 && duration_s.is_finite(), "the scenario was checked");
        Self { random, from, to, ramp_s: ramp_s.min(duration_s), duration_s, at_s: 0.0 }
    }

    fn rate_at(&self, at_s: f64) -> f64 {
        if at_s >= self.ramp_s { self.to } else { self.from + (self.to - self.from) * at_s / self.ramp_s }
    }
}

impl Iterator for Arrivals {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let highest = if self.at_s < self.ramp_s { self.from.max(self.to) } else { self.to };
        if highest == 0.0 {
            return None;
        }
        loop {
            // An exponential gap; 1 - u is never 0.
            self.at_s += -(1.0 - self.random.f64()).ln() / highest;
            if self.at_s >= self.duration_s {
                return None;
            }
            if self.random.f64() * highest <= self.rate_at(self.at_s) {
                return Some(Duration::from_secs_f64(self.at_s));
            }
        }
    }
}

/// Sleeps in pieces, so that an interrupted run ends soon.
pub(crate) fn sleep_until(moment: Instant, is_over: impl Fn() -> bool) {
    const PIECE: Duration = Duration::from_millis(100);
    while !is_over() {
        let left = moment.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        std::thread::sleep(left.min(PIECE));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrivals(from: f64, to: f64, ramp_s: f64, duration_s: f64) -> Vec<f64> {
        Arrivals::new(from, to, ramp_s, duration_s, fastrand::Rng::with_seed(11)).map(|at| at.as_secs_f64()).collect()
    }

    #[test]
    fn a_steady_stage_has_its_rate_and_gaps_of_a_poisson_process() {
        let at = arrivals(200.0, 200.0, 0.0, 500.0);
        assert!((at.len() as f64 / 100_000.0 - 1.0).abs() < 0.02, "{} arrivals", at.len());
        assert!(at.is_sorted());
        let gaps: Vec<f64> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
        // Exponential gaps: the standard deviation is the mean, and a share of 1/e is longer than the mean.
        assert!((variance.sqrt() / mean - 1.0).abs() < 0.03);
        let longer = gaps.iter().filter(|&&gap| gap > mean).count() as f64 / gaps.len() as f64;
        assert!((longer - (-1.0_f64).exp()).abs() < 0.01);
    }

    #[test]
    fn a_ramp_rises_in_a_straight_line() {
        let at = arrivals(0.0, 400.0, 100.0, 200.0);
        let between = |from: f64, to: f64| at.iter().filter(|&&at| at >= from && at < to).count() as f64;
        assert!((between(0.0, 50.0) / 5_000.0 - 1.0).abs() < 0.05);
        assert!((between(50.0, 100.0) / 15_000.0 - 1.0).abs() < 0.05);
        assert!((between(100.0, 200.0) / 40_000.0 - 1.0).abs() < 0.03);
    }

    #[test]
    fn a_stage_without_arrivals_ends() {
        assert!(arrivals(0.0, 0.0, 0.0, 10.0).is_empty());
    }
}
