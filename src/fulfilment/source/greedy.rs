//! A good plan quickly: sites are opened one after another by what they cost per unit that they give, then improved by closing, opening and
//! exchanging sites while that saves something.

use super::problem::{PARTS, Problem};
use crate::fulfilment::carrier::Load;

/// Plans that one improvement may try: the choice is made by the one writer, and an order of hundreds of lines over hundreds of sites has more
/// neighbours than are worth trying.
const TRIES_MAX: usize = 600;
/// Sites outside a plan that are tried in it: those that cost least to open.
const OUTSIDE_MAX: usize = 24;

/// Units per site and need, as a row per site, and what that costs in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) taken: Vec<i64>,
    pub(super) parts: i64,
}

/// Opens sites out of `allowed` until everything is given; none when they cannot give it.
pub(super) fn open(problem: &Problem<'_>, allowed: &[usize]) -> Option<Draft> {
    let width = problem.needs.len();
    let mut missing: Vec<i64> = problem.needs.iter().map(|need| need.quantity).collect();
    let mut taken = vec![0; problem.sites.len() * width];
    let mut closed: Vec<usize> = allowed.to_vec();
    let mut opened_any = false;
    while missing.iter().any(|units| *units > 0) {
        let place = best(problem, &closed, &missing, opened_any)?;
        let site = closed.remove(place);
        for (need, missing) in missing.iter_mut().enumerate() {
            let units = problem.offer(site, need).total().min(*missing);
            taken[site * width + need] = units;
            *missing -= units;
        }
        opened_any = true;
    }
    settle(problem, &mut taken);
    let parts = problem.plan_parts(&taken);
    Some(Draft { taken, parts })
}

/// The place of the site that gives what is missing at the least per unit; of equals the one that gives most, then the first.
fn best(problem: &Problem<'_>, closed: &[usize], missing: &[i64], opened_any: bool) -> Option<usize> {
    let mut found: Option<(usize, i64, i64)> = None;
    for (place, site) in closed.iter().enumerate() {
        let (parts, units) = whole(problem, *site, missing, opened_any);
        if units == 0 {
            continue;
        }
        let is_better = found.is_none_or(|(_, least, most)| {
            let (ours, theirs) = (i128::from(parts) * i128::from(most), i128::from(least) * i128::from(units));
            ours < theirs || (ours == theirs && units > most)
        });
        if is_better {
            found = Some((place, parts, units));
        }
    }
    found.map(|(place, ..)| place)
}

/// What a site costs that gives all it can of what is missing, in parts, and how many units that is.
fn whole(problem: &Problem<'_>, site: usize, missing: &[i64], is_split: bool) -> (i64, i64) {
    let (mut load, mut count) = (Load::default(), 0i64);
    let mut parts = problem.sites[site].order_cost_minor.saturating_mul(PARTS);
    for (need, missing) in missing.iter().enumerate() {
        let units = problem.offer(site, need).total().min(*missing);
        if units > 0 {
            load = load.plus(problem.needs[need].one, units);
            parts = parts.saturating_add(problem.units_parts(site, need, units));
            count += units;
        }
    }
    parts = parts.saturating_add(problem.parcel_parts(site, load));
    (if is_split { parts.saturating_add(problem.split_parts()) } else { parts }, count)
}

/// Moves whole rows between the sites of a plan while that saves something.
fn settle(problem: &Problem<'_>, taken: &mut [i64]) {
    let width = problem.needs.len();
    let used: Vec<usize> = used(problem, taken);
    if used.len() < 2 || used.len() * used.len() * width > TRIES_MAX {
        return;
    }
    let mut parts = problem.plan_parts(taken);
    for need in 0..width {
        for (from, to) in used.iter().flat_map(|from| used.iter().map(move |to| (*from, *to))).filter(|(from, to)| from != to) {
            let (mine, theirs) = (from * width + need, to * width + need);
            let units = taken[mine].min(problem.offer(to, need).total() - taken[theirs]);
            if units <= 0 {
                continue;
            }
            taken[mine] -= units;
            taken[theirs] += units;
            let moved = problem.plan_parts(taken);
            if moved < parts {
                parts = moved;
            } else {
                taken[mine] += units;
                taken[theirs] -= units;
            }
        }
    }
}

/// The sites that a plan uses.
pub(super) fn used(problem: &Problem<'_>, taken: &[i64]) -> Vec<usize> {
    let rows = taken.chunks(problem.needs.len().max(1)).enumerate();
    rows.filter(|(_, row)| row.iter().any(|units| *units > 0)).map(|(site, _)| site).collect()
}

/// Closes, opens and exchanges sites while that saves something. Every plan that was tried is shown to `seen`.
pub(super) fn improve(problem: &Problem<'_>, allowed: &[usize], mut draft: Draft, mut seen: impl FnMut(&Draft)) -> Draft {
    let mut outside: Vec<usize> = allowed.to_vec();
    outside.sort_by_key(|site| problem.entry_parts(*site));
    outside.truncate(OUTSIDE_MAX);
    let mut tries = 0;
    loop {
        let inside = used(problem, &draft.taken);
        let without = inside.iter().map(|closed| inside.iter().copied().filter(|site| site != closed).collect::<Vec<_>>());
        let fresh: Vec<usize> = outside.iter().copied().filter(|site| !inside.contains(site)).collect();
        let with = fresh.iter().map(|opened| inside.iter().copied().chain([*opened]).collect::<Vec<_>>());
        let exchanged = fresh.iter().flat_map(|opened| {
            let others = inside.iter().map(|closed| inside.iter().copied().filter(|site| site != closed).chain([*opened]).collect());
            others.collect::<Vec<Vec<usize>>>()
        });
        let mut better = None;
        for mut sites in without.chain(with).chain(exchanged) {
            if tries == TRIES_MAX {
                break;
            }
            tries += 1;
            sites.sort_unstable();
            if let Some(tried) = open(problem, &sites) {
                seen(&tried);
                if tried.parts < draft.parts {
                    better = Some(tried);
                    break;
                }
            }
        }
        match better {
            Some(better) => draft = better,
            None => return draft,
        }
    }
}
