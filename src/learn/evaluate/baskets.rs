//! The next basket of each shopper against what was foreseen from the baskets before.
//!
//! Products bought before may be answered and are wanted like others: half of what people buy they buy again.

use super::{Means, Report, distinct, measures};
use crate::learn::formats::Baskets;
use std::collections::BTreeSet;

const K: usize = 10;

/// `recall@10`, `ndcg@10` and `hr@10`, each with its 95 % interval, of the first basket of each shopper of `future`, from `next_order`: a shopper's name to products, best
/// first, at most as many as asked for. The ideal of NDCG is a list of ten, however large the basket is; `ndcg_of_all@10` divides by the
/// ideal of the whole basket, as the field's own script does, and so cannot reach 1 for large baskets.
pub fn evaluate_baskets(future: &[Baskets], mut next_order: impl FnMut(&str, usize) -> Vec<u32>) -> Report {
    let mut means = Means::default();
    let mut cases_count = 0;
    for shopper in future {
        let Some(basket) = shopper.baskets.first() else { continue };
        cases_count += 1;
        let wanted: BTreeSet<u32> = basket.iter().copied().collect();
        let mut answers = distinct(next_order(&shopper.shopper, K));
        answers.truncate(K);
        let is_wanted: Vec<bool> = answers.iter().map(|product| wanted.contains(product)).collect();
        means.add("recall@10", measures::recall(&is_wanted, wanted.len(), K));
        let grades: Vec<f64> = is_wanted.iter().map(|&is_wanted| f64::from(u8::from(is_wanted))).collect();
        means.add("ndcg@10", measures::ndcg(&grades, &vec![1.0; wanted.len()], K));
        means.add("ndcg_of_all@10", measures::ndcg(&grades, &vec![1.0; wanted.len()], wanted.len().max(K)));
        means.add("hr@10", Some(measures::hit_rate(&is_wanted, K)));
    }
    means.into_report_with_intervals(cases_count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_basket_of_the_future_is_expected_whether_known_or_not() {
        let shopper = |name: &str, baskets: &[&[u32]]| Baskets {
            shopper: name.to_owned(),
            baskets: baskets.iter().map(|basket| basket.to_vec()).collect(),
        };
        let large: Vec<u32> = (0..20).collect();
        let future = [shopper("a", &[&[1, 2], &[9]]), shopper("b", &[]), shopper("c", &[&large])];
        let report = evaluate_baskets(&future, |name, k| if name == "a" { vec![9, 2, 2] } else { (0..k as u32).collect() });
        let check = |name: &str, of_a: f64, of_c: f64| {
            let value = report.value(name).expect("is measured");
            assert!((value - (of_a + of_c) / 2.0).abs() < 1e-12, "{name}: {value}");
        };
        let discount = |place: u32| 1.0 / f64::from(place + 1).log2();
        let ideal = |count: u32| (1..=count).map(discount).sum::<f64>();
        assert_eq!(report.cases_count, 2);
        check("recall@10", 0.5, 0.5);
        check("ndcg@10", discount(2) / ideal(2), 1.0);
        check("ndcg_of_all@10", discount(2) / ideal(2), ideal(10) / ideal(20));
        check("hr@10", 1.0, 1.0);
    }
}
