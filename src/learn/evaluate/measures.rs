//! Measures of one ranked list. All take the list as the grade (or relevance) of each place, best place first.

/// Gain of a grade: `2^grade − 1` (Burges et al., ICML 2005); grades below zero gain nothing.
fn gain(grade: f64) -> f64 {
    grade.max(0.0).exp2() - 1.0
}

fn discounted(grades: impl Iterator<Item = f64>, k: usize) -> f64 {
    grades.take(k).zip(2_u32..).map(|(grade, place)| gain(grade) / f64::from(place).log2()).sum()
}

/// Normalised discounted cumulative gain of the first `k` places (Järvelin & Kekäläinen, TOIS 20(4), 2002): gain `2^g − 1`, discount
/// `log2(1 + place)`, divided by the best that `judged` (the grades of everything judged for this query) allows. None when nothing judged
/// has a gain.
#[must_use]
pub fn ndcg(ranked: &[f64], judged: &[f64], k: usize) -> Option<f64> {
    let mut ideal = judged.to_vec();
    ideal.sort_unstable_by(|a, b| b.total_cmp(a));
    let best = discounted(ideal.into_iter(), k);
    (best > 0.0).then(|| discounted(ranked.iter().copied(), k) / best)
}

/// [`ndcg`] where everything wanted gains the same: `wanted_count` products are wanted, and `is_wanted` says it of each place. None when
/// nothing is wanted.
#[must_use]
pub fn binary_ndcg(is_wanted: &[bool], wanted_count: usize, k: usize) -> Option<f64> {
    let sum = |places: &mut dyn Iterator<Item = u32>| places.map(|place| 1.0 / f64::from(place).log2()).sum::<f64>();
    let gained = sum(&mut is_wanted.iter().take(k).zip(2_u32..).filter(|(wanted, _)| **wanted).map(|(_, place)| place));
    (wanted_count > 0 && k > 0).then(|| gained / sum(&mut (2..2 + wanted_count.min(k) as u32)))
}

/// Share of the first `k` places that were judged at all. None when the list is empty.
#[must_use]
pub fn judged(is_judged: &[bool], k: usize) -> Option<f64> {
    let places = is_judged.len().min(k);
    (places > 0).then(|| count(is_judged, k) / places as f64)
}

/// Share of the `relevant_count` relevant products that stand in the first `k` places. None when there are none.
#[must_use]
pub fn recall(is_relevant: &[bool], relevant_count: usize, k: usize) -> Option<f64> {
    (relevant_count > 0).then(|| count(is_relevant, k) / relevant_count as f64)
}

/// One when a relevant product stands in the first `k` places, else zero.
#[must_use]
pub fn hit_rate(is_relevant: &[bool], k: usize) -> f64 {
    f64::from(u8::from(is_relevant.iter().take(k).any(|&relevant| relevant)))
}

/// One over the first place, of the first `k`, with a relevant product; else zero.
#[must_use]
pub fn reciprocal_rank(is_relevant: &[bool], k: usize) -> f64 {
    is_relevant.iter().take(k).position(|&relevant| relevant).map_or(0.0, |index| 1.0 / (index + 1) as f64)
}

/// Mean of the precision at each relevant place, over all `relevant_count` relevant products. None when there are none.
#[must_use]
pub fn average_precision(is_relevant: &[bool], relevant_count: usize) -> Option<f64> {
    let mut found = 0.0;
    let mut sum = 0.0;
    for (index, _) in is_relevant.iter().enumerate().filter(|(_, relevant)| **relevant) {
        found += 1.0;
        sum += found / (index + 1) as f64;
    }
    (relevant_count > 0).then(|| sum / relevant_count as f64)
}

fn count(places: &[bool], k: usize) -> f64 {
    places.iter().take(k).filter(|&&place| place).count() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: [bool; 5] = [false, true, false, true, true];

    fn close(value: Option<f64>, expected: f64) {
        let value = value.expect("counts");
        assert!((value - expected).abs() < 1e-9, "{value} where {expected} was expected");
    }

    #[test]
    fn ndcg_matches_a_computation_by_hand() {
        // DCG: 7/log2(2) + 0 + 3/log2(4) = 8.5; ideal: 7/1 + 3/log2(3) + 1/2 = 7 + 1.892789 + 0.5.
        close(ndcg(&[3.0, 0.0, 2.0], &[0.0, 1.0, 2.0, 3.0], 3), 8.5 / (7.0 + 3.0 / 3.0_f64.log2() + 0.5));
        close(ndcg(&[3.0, 2.0, 1.0], &[1.0, 2.0, 3.0], 10), 1.0);
        close(ndcg(&[0.0, 1.0], &[1.0], 1), 0.0);
        close(ndcg(&[], &[1.0], 10), 0.0);
        assert_eq!(ndcg(&[0.0], &[0.0, -1.0], 10), None);
    }

    #[test]
    fn ndcg_of_what_is_wanted_or_not_is_ndcg_of_ones_and_zeroes() {
        let grades: Vec<f64> = LIST.iter().map(|&wanted| f64::from(u8::from(wanted))).collect();
        for k in 1..7 {
            close(binary_ndcg(&LIST, 4, k), ndcg(&grades, &[1.0; 4], k).expect("counts"));
        }
        assert_eq!((binary_ndcg(&LIST, 0, 5), binary_ndcg(&[], 3, 5)), (None, Some(0.0)));
    }

    #[test]
    fn counting_measures_match_a_computation_by_hand() {
        close(recall(&LIST, 6, 4), 2.0 / 6.0);
        assert_eq!(recall(&LIST, 0, 4), None);
        close(judged(&LIST, 2), 0.5);
        close(judged(&LIST[..2], 10), 0.5);
        assert_eq!(judged(&[], 10), None);
        assert_eq!((hit_rate(&LIST, 1), hit_rate(&LIST, 2)), (0.0, 1.0));
        assert_eq!((reciprocal_rank(&LIST, 20), reciprocal_rank(&LIST, 1)), (0.5, 0.0));
        // Precision 1/2, 2/4, 3/5 at the three relevant places; four are relevant in all.
        close(average_precision(&LIST, 4), (0.5 + 0.5 + 0.6) / 4.0);
        assert_eq!(average_precision(&LIST, 0), None);
    }
}
