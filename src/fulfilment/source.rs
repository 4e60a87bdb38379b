//! Sourcing: which location gives which units of an order.
//!
//! One location that can give everything is best; otherwise the fewest splits, found greedily: again and again the location that covers most
//! of what is still missing. Ties go to the name that sorts first, so the same stock always gives the same answer.

use crate::event::trade::Units;
use crate::id::{LocationId, Sku};
use std::collections::BTreeMap;

/// Not enough can be promised.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sku}: {requested} asked for, {available} available")]
pub struct Shortage {
    /// The first SKU, in order of name, of which there is too little.
    pub sku: Sku,
    /// Units asked for, summed over all lines.
    pub requested: i64,
    /// Units that may be promised, summed over all locations.
    pub available: i64,
}

/// Units that a location may promise, for each SKU of the demand in order; zero where it has none.
type Offers<'a> = BTreeMap<&'a LocationId, Vec<i64>>;

/// Chooses locations for a demand that is summed per SKU. `sellable` lists each location of a SKU once, with the units it may promise.
/// The answer has one row per SKU and location, in order of SKU, then location.
///
/// # Errors
/// When all locations together cannot promise enough of a SKU.
pub fn source<'a, I>(demand: &BTreeMap<Sku, i64>, sellable: impl Fn(&Sku) -> I) -> Result<Vec<Units>, Shortage>
where
    I: Iterator<Item = (&'a LocationId, i64)>,
{
    let mut offers = Offers::new();
    for (place, (sku, &requested)) in demand.iter().enumerate() {
        let mut available = 0;
        for (location, units) in sellable(sku).filter(|(_, units)| *units > 0) {
            offers.entry(location).or_insert_with(|| vec![0; demand.len()])[place] = units;
            available += units;
        }
        if available < requested {
            return Err(Shortage { sku: sku.clone(), requested, available });
        }
    }
    let mut missing: Vec<i64> = demand.values().copied().collect();
    let mut chosen = Vec::with_capacity(demand.len());
    while missing.iter().any(|units| *units > 0) {
        let Some((location, offered)) = best(&offers, &missing) else { break };
        for ((sku, missing), offered) in demand.keys().zip(&mut missing).zip(offered) {
            let quantity = offered.min(*missing);
            if quantity > 0 {
                chosen.push(Units { sku: sku.clone(), location: location.clone(), quantity });
                *missing -= quantity;
            }
        }
        offers.remove(location);
    }
    chosen.sort_unstable();
    Ok(chosen)
}

/// The location that covers most of what is missing; of equals the first by name.
fn best<'a>(offers: &Offers<'a>, missing: &[i64]) -> Option<(&'a LocationId, Vec<i64>)> {
    let coverage = |offered: &[i64]| offered.iter().zip(missing).map(|(offered, missing)| offered.min(missing)).sum::<i64>();
    let mut found: Option<(&LocationId, &Vec<i64>, i64)> = None;
    for (location, offered) in offers {
        let covered = coverage(offered);
        if covered > 0 && found.is_none_or(|(_, _, most)| covered > most) {
            found = Some((location, offered, covered));
        }
    }
    found.map(|(location, offered, _)| (location, offered.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `stock` reads `location:sku=units ...`, `demand` reads `sku=units ...`, the answer is written like `stock`.
    fn sourced(stock: &str, demand: &str) -> String {
        let pair = |text: &str| {
            let (sku, units) = text.split_once('=').expect("sku=units");
            (Sku::new(sku).expect("an id"), units.parse::<i64>().expect("a number"))
        };
        let stock: Vec<(LocationId, Sku, i64)> = stock
            .split_whitespace()
            .map(|row| {
                let (location, rest) = row.split_once(':').expect("location:sku=units");
                let (sku, units) = pair(rest);
                (LocationId::new(location).expect("an id"), sku, units)
            })
            .collect();
        let demand: BTreeMap<Sku, i64> = demand.split_whitespace().map(pair).collect();
        let sellable = |asked: &Sku| {
            let asked = asked.clone();
            stock.iter().filter(move |(_, sku, _)| *sku == asked).map(|(location, _, units)| (location, *units))
        };
        match source(&demand, sellable) {
            Ok(units) => units.iter().map(|row| format!("{}:{}={}", row.location, row.sku, row.quantity)).collect::<Vec<_>>().join(" "),
            Err(shortage) => shortage.to_string(),
        }
    }

    #[test]
    fn one_location_is_better_than_two() {
        assert_eq!(sourced("n:a=5 n:b=1 s:a=9 s:b=9", "a=5 b=2"), "s:a=5 s:b=2");
        assert_eq!(sourced("n:a=3 s:a=3", "a=3"), "n:a=3", "of equals the first by name");
        assert_eq!(sourced("s:a=3 n:a=3", "a=3"), "n:a=3", "however they are listed");
    }

    #[test]
    fn splits_are_few() {
        assert_eq!(sourced("e:a=2 n:a=4 s:a=3", "a=7"), "n:a=4 s:a=3");
        assert_eq!(sourced("n:a=1 n:b=1 s:a=2 s:c=1", "a=2 b=1 c=1"), "s:a=2 n:b=1 s:c=1");
        assert_eq!(sourced("n:a=1 s:b=1", "a=1 b=1"), "n:a=1 s:b=1");
    }

    #[test]
    fn a_shortage_names_the_sku_and_what_there_is() {
        assert_eq!(sourced("n:a=1 s:a=1", "a=3"), "a: 3 asked for, 2 available");
        assert_eq!(sourced("n:a=1 n:b=0", "a=1 b=1"), "b: 1 asked for, 0 available");
        assert_eq!(sourced("", ""), "");
    }
}
