//! What is held back of the training part, to learn a blend on: as much as the given split keeps for its test part, in the way in which it was
//! parted, as far as sizes and times tell, and how often products are in it. Which products anybody has in the test part is never looked at.

use super::drawn::may_be_drawn;
use super::split::{Case, SEQUENCE_LEN_MIN, kept};
use crate::learn::formats::History;
use std::collections::{BTreeSet, HashMap};

/// What [`hold_back`] takes from a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldBack {
    /// Some products, drawn at random: for sets, and for splits drawn at random.
    Some,
    /// Products that stand side by side. What people turn to next is seldom a random sample of what they turned to before: it comes in runs,
    /// which a random draw leaves halves of on both sides. Where a file is in no order this is [`HeldBack::Some`].
    Run,
    /// The first or the last products of every other shopper, and products at random of the others: where nothing tells how the test part was
    /// drawn, so that a blend does well either way. The future has a past on one side only, whichever way a file is sorted.
    Either,
    /// The newest products of every shopper.
    Newest,
    /// What came after one moment, the same for all: for histories with times.
    After,
    /// The last product: for sequences.
    Last,
}

/// How products are held back, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// Which.
    pub what: HeldBack,
    /// One in so many of a history, at least one.
    pub one_in: usize,
}

/// One in five, as in most splits of the field.
const ONE_IN: usize = 5;
/// Bounds on what a split says.
const ONE_IN_RANGE: std::ops::RangeInclusive<usize> = 2..=20;
/// Whoever has so many products would lose two or more of them to a part of all.
const LONG_HISTORY: usize = 14;
/// Shoppers who say the same before it is believed, and how many of a hundred may say otherwise.
const TELLING_SHOPPERS_MIN: usize = 20;
const OTHERS_PER_HUNDRED: usize = 5;

impl Holding {
    /// The usual number of products.
    #[must_use]
    pub fn of(what: HeldBack) -> Self {
        Self { what, one_in: ONE_IN }
    }

    /// As a split was made, told by how many products of each shopper are in either part, when they were turned to, and how often each product is in
    /// either part of all.
    #[must_use]
    pub fn as_split(train: &[History], test: &[History]) -> Self {
        let known: HashMap<&str, &History> = train.iter().map(|history| (history.shopper.as_str(), history)).collect();
        let parted: Vec<(&History, &History)> = test
            .iter()
            .filter_map(|later| Some((*known.get(later.shopper.as_str())?, later)))
            .filter(|(told, _)| !told.products.is_empty())
            .collect();
        let count = |side: fn(&(&History, &History)) -> usize| parted.iter().map(side).sum::<usize>();
        let (told, wanted) = (count(|(told, _)| told.products.len()), count(|(_, wanted)| wanted.products.len()));
        let one_in = match wanted {
            0 => ONE_IN,
            _ => ((told + wanted) as f64 / wanted as f64).round() as usize,
        };
        let one_in = one_in.clamp(*ONE_IN_RANGE.start(), *ONE_IN_RANGE.end());
        let what = if parted.iter().all(|(told, wanted)| is_timed(told) && is_timed(wanted)) && !parted.is_empty() {
            by_times(&parted)
        } else if leaves_one_out(&parted) {
            HeldBack::Last
        } else if may_be_drawn(&parted) {
            HeldBack::Some
        } else {
            HeldBack::Either
        };
        Self { what, one_in }
    }
}

fn is_timed(history: &History) -> bool {
    !history.products.is_empty() && history.times.len() == history.products.len()
}

fn most(said: impl Iterator<Item = bool>) -> bool {
    let (others, all) = said.fold((0, 0), |(others, all), says| (others + usize::from(!says), all + 1));
    all > 0 && others * 100 <= all * OTHERS_PER_HUNDRED
}

fn by_times(parted: &[(&History, &History)]) -> HeldBack {
    let newest = |history: &History| history.times.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let oldest = |history: &History| history.times.iter().copied().fold(f64::INFINITY, f64::min);
    let moment = parted.iter().map(|(_, wanted)| oldest(wanted)).fold(f64::INFINITY, f64::min);
    if most(parted.iter().flat_map(|(told, _)| &told.times).map(|time| *time <= moment)) {
        HeldBack::After
    } else if !most(parted.iter().map(|(told, wanted)| newest(told) <= oldest(wanted))) {
        HeldBack::Some
    } else if leaves_one_out(parted) {
        HeldBack::Last
    } else {
        HeldBack::Newest
    }
}

/// Whether one product is wanted of everybody, of those too who have many.
fn leaves_one_out(parted: &[(&History, &History)]) -> bool {
    let long: Vec<_> = parted.iter().filter(|(told, _)| told.products.len() >= LONG_HISTORY).collect();
    long.len() >= TELLING_SHOPPERS_MIN && most(long.iter().map(|(_, wanted)| wanted.products.len() == 1))
}

/// What is learnt from, and what should be foreseen from it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Draw {
    /// The histories without what is held back.
    pub rest: Vec<History>,
    /// Some of the shoppers, told their rest and asked for what was held back.
    pub cases: Vec<Case>,
}

/// More draws than these are not made of few shoppers: each is learnt from anew.
const DRAWS_MAX: usize = 4;

/// Holds products back for validation, drawn by seed. One draw where shoppers are many; where fewer than half of `cases_max` can be asked,
/// more of them, so that what is chosen is not chosen by the luck of one.
#[must_use]
pub fn hold_back(histories: &[History], holding: Holding, cases_max: usize, seed: u64) -> Vec<Draw> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut draws = vec![draw(histories, holding, cases_max, &mut random)];
    // Every further draw of what is newest would be the same.
    let draws_max = match holding.what {
        HeldBack::Some | HeldBack::Run | HeldBack::Either => DRAWS_MAX,
        HeldBack::Newest | HeldBack::After | HeldBack::Last => 1,
    };
    while draws.len() < draws_max && draws.iter().map(|draw| draw.cases.len()).sum::<usize>() * 2 < cases_max {
        draws.push(draw(histories, holding, cases_max, &mut random));
    }
    draws
}

/// Every shopper's products are held back, not only those of the at most `cases_max` who are asked: when a shop recommends, nobody's future
/// is known, and what one shopper turns to next must not be learnt from what others turned to at the same time. Methods that remember
/// single pairs look better than they are where it is. Shoppers of fewer than [`SEQUENCE_LEN_MIN`] products keep theirs, unless they are parted
/// by a moment.
fn draw(histories: &[History], holding: Holding, cases_max: usize, random: &mut fastrand::Rng) -> Draw {
    let moment = (holding.what == HeldBack::After).then(|| moment(histories, holding.one_in)).flatten();
    let len_min = if moment.is_some() { 1 } else { SEQUENCE_LEN_MIN };
    let is_asked = |history: &History| match moment {
        Some(moment) => history.times.iter().any(|time| *time < moment) && history.times.iter().any(|time| *time >= moment),
        None => history.products.len() >= len_min,
    };
    let mut asked: Vec<usize> = (0..histories.len()).filter(|&index| is_asked(&histories[index])).collect();
    random.shuffle(&mut asked);
    asked.truncate(cases_max);
    let asked: BTreeSet<usize> = asked.into_iter().collect();
    let mut drawn = Draw::default();
    for (index, history) in histories.iter().enumerate() {
        if history.products.len() < len_min {
            drawn.rest.push(history.clone());
            continue;
        }
        let held = match moment {
            Some(moment) => (0..history.products.len()).filter(|&place| history.times[place] >= moment).collect(),
            None => held_places(history.products.len(), holding, index, random),
        };
        let rest = kept(history, |place, _| !held.contains(&place));
        if asked.contains(&index) {
            let wanted: Vec<u32> = held.iter().map(|&place| history.products[place]).collect();
            drawn.cases.extend(Case::of(rest.products.clone(), &wanted));
        }
        drawn.rest.push(rest);
    }
    drawn
}

/// The moment after which one in so many of all products were turned to; none where a history has no times.
fn moment(histories: &[History], one_in: usize) -> Option<f64> {
    let mut times: Vec<f64> = histories.iter().flat_map(|history| history.times.iter().copied()).collect();
    if times.is_empty() || histories.iter().any(|history| history.times.len() != history.products.len()) {
        return None;
    }
    let place = times.len() - (times.len() / one_in).max(1);
    Some(*times.select_nth_unstable_by(place, f64::total_cmp).1)
}

fn held_places(len: usize, Holding { what, one_in }: Holding, index: usize, random: &mut fastrand::Rng) -> BTreeSet<usize> {
    let count = (len / one_in).max(1);
    let start = match what {
        HeldBack::Last => return BTreeSet::from([len - 1]),
        HeldBack::Newest | HeldBack::After => Some(len - count),
        HeldBack::Run => Some(random.usize(0..=len - count)),
        HeldBack::Either if index.is_multiple_of(2) => Some(if random.bool() { 0 } else { len - count }),
        HeldBack::Some | HeldBack::Either => None,
    };
    if let Some(start) = start {
        return (start..start + count).collect();
    }
    let mut places: Vec<usize> = (0..len).collect();
    random.shuffle(&mut places);
    places.into_iter().take(count).collect()
}

#[cfg(test)]
#[path = "held_back_tests.rs"]
mod tests;
