//! The candidates of held-back shoppers with what every method says of them: trying a blend is then a matter of milliseconds.

use super::recipe::{Learnt, ordinals};
use crate::id::Ordinal;
use crate::learn::evaluate::{Case, measures};
use crate::model::relations::Scores;
use crate::stdx::topk::{Score, TopK};
use rayon::prelude::*;
use std::cmp::Reverse;

/// Candidates that each table names for a shopper: a blend raises hardly anything from further below.
const CANDIDATES_PER_TABLE: usize = 200;

/// One shopper's candidates.
#[derive(Debug)]
pub(super) struct Pool {
    is_wanted: Vec<bool>,
    wanted_count: usize,
    /// One list a method, one score a candidate.
    scores: Vec<Vec<f32>>,
    /// The first of them are named by tables, the others by factors alone.
    by_tables: usize,
}

/// Who names candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// Tables, as they do when shoppers ask.
    ByTables,
    /// Factors too: each product's nearest by them stand in the table then.
    ByAll,
}

/// One pool a case; each method's scores are divided by its loudness.
pub(super) fn pools(cases: &[Case], methods: &[(f32, &Learnt)], recency: f32) -> Vec<Pool> {
    let rooms = || methods.iter().map(|_| Scores::default()).collect::<Vec<_>>();
    let histories: Vec<&[u32]> = cases.iter().map(|case| case.history.as_slice()).collect();
    let factors = methods.iter().find(|(_, method)| method.may_name());
    let named = factors.map_or_else(Vec::new, |(_, factors)| factors.best_of_all(&histories, recency, CANDIDATES_PER_TABLE));
    let of = |rooms: &mut Vec<Scores>, (number, case): (usize, &Case)| {
        pool(case, methods, named.get(number).map_or(&[], Vec::as_slice), recency, rooms)
    };
    cases.par_iter().enumerate().map_init(rooms, |rooms, case| of(rooms, case)).collect()
}

fn pool(case: &Case, methods: &[(f32, &Learnt)], named: &[u32], recency: f32, rooms: &mut [Scores]) -> Pool {
    let history = ordinals(&case.history);
    let is_new = |product: Ordinal| !history.contains(&product);
    let mut candidates: Vec<Ordinal> = Vec::new();
    for ((_, method), room) in methods.iter().zip(rooms.iter_mut()) {
        if let Learnt::Table(table) = method {
            table.gather(&history, recency, room);
            candidates.extend(room.best(CANDIDATES_PER_TABLE, is_new).into_iter().map(|(product, _)| product));
        }
    }
    candidates.sort_unstable();
    candidates.dedup();
    let by_tables = candidates.len();
    let others: Vec<Ordinal> =
        named.iter().map(|product| Ordinal(*product)).filter(|product| candidates.binary_search(product).is_err()).collect();
    candidates.extend(others);
    let said = |((loudness, method), room): (&(f32, &Learnt), &mut Scores)| {
        let scores: Vec<f32> = match method {
            Learnt::Table(_) => candidates.iter().map(|&product| room.get(product) / loudness).collect(),
            Learnt::Factors(factors) => {
                let folded = factors.fold(&history);
                candidates.iter().map(|&product| factors.score_folded(&folded, product) / loudness).collect()
            }
        };
        room.clear();
        scores
    };
    let scores = methods.iter().zip(rooms).map(said).collect();
    let is_wanted = candidates.iter().map(|product| case.wanted.contains(&product.0)).collect();
    Pool { is_wanted, wanted_count: case.wanted.len(), scores, by_tables }
}

/// Mean `ndcg@k` of a blend.
pub(super) fn quality(pools: &[Pool], shares: &[f32], k: usize, named: Named) -> f64 {
    let each: Vec<f64> = pools.par_iter().with_min_len(32).map(|pool| pool.quality(shares, k, named)).collect();
    each.iter().sum::<f64>() / each.len().max(1) as f64
}

impl Pool {
    fn quality(&self, shares: &[f32], k: usize, named: Named) -> f64 {
        let mut sums = vec![0.0_f32; if named == Named::ByAll { self.is_wanted.len() } else { self.by_tables }];
        for (scores, share) in self.scores.iter().zip(shares).filter(|(_, share)| **share != 0.0) {
            sums.iter_mut().zip(scores).for_each(|(sum, score)| *sum += share * score);
        }
        let mut top = TopK::new(k);
        for (index, sum) in sums.into_iter().enumerate() {
            let place = (Score(sum), Reverse(index));
            if top.floor().is_none_or(|floor| place > *floor) {
                top.push(place);
            }
        }
        let relevant: Vec<bool> = top.into_descending().into_iter().map(|(_, Reverse(index))| self.is_wanted[index]).collect();
        measures::binary_ndcg(&relevant, self.wanted_count, k).unwrap_or(0.0)
    }
}

/// Shares tried for a voice that joins, relative to the best one's 1.
const JOINING: [f32; 5] = [0.1, 0.25, 0.5, 1.0, 2.0];
/// Factors tried for a voice that is in the blend already.
const ADJUSTING: [f32; 5] = [0.0, 0.5, 0.8, 1.25, 2.0];
/// Rounds over all voices; the third seldom changes anything.
const ROUNDS: usize = 5;
/// A change of a share has to gain this much.
const GAIN_MIN: f64 = 1e-5;
/// A voice that joins has to gain this share, so that none is heard for luck alone: every further one makes the blend follow the draw more.
const JOINING_GAIN_MIN: f64 = 0.002;

/// Shares of the methods by coordinate ascent from the best one alone, and the quality they reach.
pub(super) fn best_shares(pools: &[Pool], methods_count: usize, k: usize, named: Named) -> (Vec<f32>, f64) {
    let alone = |method: usize| (0..methods_count).map(|other| f32::from(u8::from(other == method))).collect::<Vec<_>>();
    let mut best = (Vec::new(), f64::NEG_INFINITY);
    for method in 0..methods_count {
        let quality = quality(pools, &alone(method), k, named);
        if quality > best.1 {
            best = (alone(method), quality);
        }
    }
    for _ in 0..ROUNDS {
        let before = best.1;
        for method in 0..methods_count {
            let share = best.0[method];
            let gain_min = if share > 0.0 { GAIN_MIN } else { best.1 * JOINING_GAIN_MIN };
            let tried: Vec<f32> = if share > 0.0 { ADJUSTING.map(|factor| share * factor).to_vec() } else { JOINING.to_vec() };
            for share in tried {
                let mut shares = best.0.clone();
                shares[method] = share;
                let quality = if shares.iter().any(|share| *share > 0.0) { quality(pools, &shares, k, named) } else { 0.0 };
                if quality > best.1 + gain_min {
                    best = (shares, quality);
                }
            }
        }
        if best.1 <= before {
            break;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voices_that_err_apart_are_blended_and_noise_is_left_out() {
        let mut random = fastrand::Rng::with_seed(2);
        // Two methods see half of what is wanted each, a third sees nothing.
        let pools: Vec<Pool> = (0..300)
            .map(|_| {
                let is_wanted: Vec<bool> = (0..40).map(|index| index < 4).collect();
                let mut seen = |from: usize| (0..40).map(|index| random.f32() + f32::from(u8::from(index / 2 == from)) * 0.6).collect();
                let scores = vec![seen(0), seen(1), seen(9)];
                Pool { is_wanted, wanted_count: 4, scores, by_tables: 40 }
            })
            .collect();
        let (shares, found) = best_shares(&pools, 3, 10, Named::ByTables);
        let alone = |shares: [f32; 3]| quality(&pools, &shares, 10, Named::ByTables);
        assert!(found > alone([1.0, 0.0, 0.0]) && found > alone([0.0, 1.0, 0.0]));
        assert!(shares[0] > 0.0 && shares[1] > 0.0 && shares[2] < 0.3, "{shares:?}");
    }
}
