//! Popularity: the chance of rank `k` falls as `1 / k^exponent` (Zipf's law), as it does for products and queries of real shops.

/// Draws ranks from `0` to `len - 1`.
#[derive(Debug, Clone)]
pub(crate) struct Zipf {
    /// Chance of a rank up to and including each one; the last is 1.
    cumulative: Vec<f64>,
}

impl Zipf {
    /// Exponent 0 makes all ranks alike; 1 is typical.
    pub(crate) fn new(len: usize, exponent: f64) -> Self {
        assert!(len > 0, "there must be something to draw from");
        let mut sum = 0.0;
        let weights = (1..=len).map(|rank| (rank as f64).powf(-exponent));
        let mut cumulative: Vec<f64> = weights
            .map(|weight| {
                sum += weight;
                sum
            })
            .collect();
        cumulative.iter_mut().for_each(|value| *value /= sum);
        Self { cumulative }
    }

    /// One rank.
    pub(crate) fn draw(&self, random: &mut fastrand::Rng) -> usize {
        let point = random.f64();
        self.cumulative.partition_point(|&value| value <= point).min(self.cumulative.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(len: usize, exponent: f64, draws: usize) -> Vec<usize> {
        let (zipf, mut random) = (Zipf::new(len, exponent), fastrand::Rng::with_seed(5));
        let mut counts = vec![0; len];
        (0..draws).for_each(|_| counts[zipf.draw(&mut random)] += 1);
        counts
    }

    #[test]
    fn rank_frequencies_follow_the_law() {
        let counts = counts(1_000, 1.0, 500_000);
        for rank in [2, 5, 10, 50] {
            let ratio = counts[0] as f64 / counts[rank - 1] as f64;
            assert!((ratio / rank as f64 - 1.0).abs() < 0.1, "rank {rank}: {ratio}");
        }
    }

    #[test]
    fn exponent_zero_is_uniform_and_one_choice_is_always_taken() {
        assert!(counts(10, 0.0, 100_000).iter().all(|count| (9_400..10_600).contains(count)));
        assert_eq!(counts(1, 1.0, 10), [10]);
    }
}
