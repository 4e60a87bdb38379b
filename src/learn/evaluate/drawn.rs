//! Whether a test part may be a random draw, told by how often each product is in either part.
//!
//! Of a draw at random every product gets its share, give or take what chance allows. Where the test part is what came later, products that
//! came into fashion are in it too often and those that went out of it too seldom. So one question is asked of the test part, about all of
//! its shoppers together, and answered by yes or no; which products any of them had in it plays no part in what is learnt.

use crate::learn::formats::History;

/// Times that a product must occur in both parts together, and products that must do so, before they tell anything.
const OCCURRENCES_MIN: u32 = 20;
const PRODUCTS_MIN: usize = 100;
/// How far, as a mean square of standard deviations, shares may lie from what was to be expected. Of draws at random it is about 1 (seven sets: 0.9 to
/// 1.2), of what came later more (Gowalla: 2.7).
const DEVIATION_MAX: f64 = 1.6;

/// What is known of one product.
#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    occurrences: u32,
    wanted: u32,
    /// How often it would be wanted, and the variance of that, if every shopper's part were drawn at random.
    expected: f64,
    variance: f64,
}

/// Whether the second part of each shopper, as a whole, looks like a random draw from both. False where too little is known.
pub(super) fn may_be_drawn(parted: &[(&History, &History)]) -> bool {
    let all = || parted.iter().flat_map(|(told, wanted)| told.products.iter().chain(&wanted.products));
    let mut products = vec![Counted::default(); all().max().map_or(0, |last| *last as usize + 1)];
    for (told, wanted) in parted {
        let share = wanted.products.len() as f64 / (told.products.len() + wanted.products.len()) as f64;
        let each = told.products.iter().map(|product| (product, 0)).chain(wanted.products.iter().map(|product| (product, 1)));
        for (product, is_wanted) in each {
            let counted = &mut products[*product as usize];
            counted.occurrences += 1;
            counted.wanted += is_wanted;
            counted.expected += share;
            counted.variance += share * (1.0 - share);
        }
    }
    let telling = products.iter().filter(|counted| counted.occurrences >= OCCURRENCES_MIN && counted.variance > 0.0);
    let deviations: Vec<f64> = telling.map(|counted| (f64::from(counted.wanted) - counted.expected).powi(2) / counted.variance).collect();
    deviations.len() >= PRODUCTS_MIN && deviations.iter().sum::<f64>() <= DEVIATION_MAX * deviations.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shoppers of 25 products each. What is in fashion moves on: at each place of a history other products are.
    fn shoppers(count: u32, moves_on: bool) -> Vec<Vec<u32>> {
        let mut random = fastrand::Rng::with_seed(5);
        let mut product = |place: u32| {
            let popular = (random.f64() * random.f64() * 300.0) as u32;
            if moves_on { popular + 10 * place } else { popular }
        };
        (0..count).map(|_| (0..25).map(&mut product).collect()).collect()
    }

    fn is_drawn(histories: &[Vec<u32>], is_wanted: impl Fn(usize, usize) -> bool) -> bool {
        let part = |wanted: bool| -> Vec<History> {
            let of = |(shopper, history): (usize, &Vec<u32>)| History {
                products: (0..history.len()).filter(|place| is_wanted(shopper, *place) == wanted).map(|place| history[place]).collect(),
                ..History::default()
            };
            histories.iter().enumerate().map(of).collect()
        };
        let (told, wanted) = (part(false), part(true));
        may_be_drawn(&told.iter().zip(&wanted).collect::<Vec<_>>())
    }

    #[test]
    fn what_came_later_is_told_from_a_random_draw_where_fashion_moves_on() {
        let at_random = |shopper: usize, place: usize| (shopper * 7 + place * 11 + shopper * place).is_multiple_of(5);
        let newest = |_: usize, place: usize| place >= 20;
        assert!(is_drawn(&shoppers(400, true), at_random));
        assert!(!is_drawn(&shoppers(400, true), newest));
        assert!(is_drawn(&shoppers(400, false), newest), "nothing tells, and it makes no difference");
        assert!(!is_drawn(&shoppers(20, false), at_random), "too few to say");
    }
}
