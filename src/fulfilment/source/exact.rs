//! The best plan for certain, when there are few enough to look through: branch and bound.
//!
//! Needs are served one after another, the ones that fewest sites offer first; for each need sites are tried in order, giving as much as they
//! can, then less. A branch is left when what it costs so far, and the least that the rest can cost, is no less than the best plan known. The
//! rest costs at least the cheapest unit of each need, and the cheapest unopened site when the opened ones cannot give it all.

use super::greedy::Draft;
use super::problem::Problem;
use crate::fulfilment::carrier::Load;

pub(super) struct Search<'p, 'a> {
    problem: &'p Problem<'a>,
    /// Needs in the order in which they are served.
    order: Vec<usize>,
    /// For each place of the order: the sites that offer something, and how many units they and all after them offer.
    sites: Vec<Vec<(usize, i64)>>,
    /// The least that all needs from a place on cost, in parts.
    rest: Vec<i64>,
    /// The least that one unit costs, for each place.
    unit: Vec<i64>,
    /// What opening a site costs at the least, in parts.
    entry: Vec<i64>,
    taken: Vec<i64>,
    loads: Vec<Load>,
    opened: Vec<usize>,
    best: Draft,
    nodes_left: usize,
}

/// The best plan over the sites `allowed`, at least as good as `known`, and whether nothing better can be. Looks at no more than `nodes_max`
/// branches.
pub(super) fn search(problem: &Problem<'_>, allowed: &[usize], known: Draft, nodes_max: usize) -> (Draft, bool) {
    let width = problem.needs.len();
    let offering = |need: usize| {
        let mut sites: Vec<(usize, i64)> = allowed.iter().map(|site| (*site, problem.offer(*site, need).total())).collect();
        sites.retain(|(_, units)| *units > 0);
        sites.sort_by_key(|(site, _)| problem.entry_parts(*site));
        sites.iter_mut().rev().fold(0i64, |after, (_, units)| {
            *units = units.saturating_add(after);
            *units
        });
        sites
    };
    let mut order: Vec<(usize, Vec<(usize, i64)>)> = (0..width).map(|need| (need, offering(need))).collect();
    order.sort_by_key(|(need, sites)| (sites.len(), *need));
    let (order, sites): (Vec<usize>, Vec<_>) = order.into_iter().unzip();
    let least = |need: usize| allowed.iter().map(|site| problem.unit_parts_min(*site, need)).min().unwrap_or(0);
    let unit: Vec<i64> = order.iter().map(|need| least(*need)).collect();
    let mut rest = vec![0i64; width + 1];
    for place in (0..width).rev() {
        rest[place] = rest[place + 1].saturating_add(unit[place].saturating_mul(problem.needs[order[place]].quantity)).saturating_add(1);
    }
    let entry = (0..problem.sites.len()).map(|site| problem.entry_parts(site)).collect();
    let mut search = Search {
        problem,
        order,
        sites,
        rest,
        unit,
        entry,
        taken: vec![0; problem.sites.len() * width],
        loads: vec![Load::default(); problem.sites.len()],
        opened: Vec::new(),
        best: known,
        nodes_left: nodes_max,
    };
    let quantity = search.order.first().map_or(0, |need| problem.needs[*need].quantity);
    search.serve(0, 0, quantity, 0);
    let is_exact = search.nodes_left > 0;
    (search.best, is_exact)
}

impl Search<'_, '_> {
    /// Serves what is `missing` of the need at `place` from its sites from `first` on, and then every need after it. `parts` is what the plan
    /// costs so far.
    fn serve(&mut self, place: usize, first: usize, missing: i64, parts: i64) {
        if place == self.order.len() {
            if parts < self.best.parts {
                self.best = Draft { taken: self.taken.clone(), parts };
            }
            return;
        }
        if missing == 0 {
            let quantity = self.order.get(place + 1).map_or(0, |need| self.problem.needs[*need].quantity);
            return self.serve(place + 1, 0, quantity, parts);
        }
        for at in first..self.sites[place].len() {
            let (site, from_here) = self.sites[place][at];
            if from_here < missing {
                return;
            }
            let after = self.sites[place].get(at + 1).map_or(0, |(_, units)| *units);
            let most = (from_here - after).min(missing);
            let fewest = (missing - after).max(1);
            for units in (fewest..=most).rev() {
                if self.nodes_left == 0 {
                    return;
                }
                self.nodes_left -= 1;
                self.give(place, at, site, units, missing, parts);
            }
        }
    }

    /// One branch: `site` gives `units` of the need at `place`.
    fn give(&mut self, place: usize, at: usize, site: usize, units: i64, missing: i64, parts: i64) {
        let need = self.order[place];
        let (before, is_opened) = (self.loads[site], self.loads[site].units > 0);
        let load = before.plus(self.problem.needs[need].one, units);
        let mut added = self.problem.units_parts(site, need, units).saturating_add(self.problem.parcel_parts(site, load));
        if is_opened {
            added -= self.problem.parcel_parts(site, before);
        } else {
            added = added.saturating_add(self.problem.sites[site].order_cost_minor.saturating_mul(super::problem::PARTS));
            added = added.saturating_add(if self.opened.is_empty() { 0 } else { self.problem.split_parts() });
        }
        let parts = parts.saturating_add(added);
        self.loads[site] = load;
        if !is_opened {
            self.opened.push(site);
        }
        if parts.saturating_add(self.least_rest(place, at + 1, missing - units)) < self.best.parts {
            let row = site * self.problem.needs.len() + need;
            self.taken[row] = units;
            self.serve(place, at + 1, missing - units, parts);
            self.taken[row] = 0;
        }
        if !is_opened {
            self.opened.pop();
        }
        self.loads[site] = before;
    }

    /// The least that the rest costs: `missing` units of the need at `place` from its sites from `first` on, and every need after it.
    fn least_rest(&self, place: usize, first: usize, missing: i64) -> i64 {
        let units = self.unit[place].saturating_mul(missing).saturating_add(self.rest[place + 1]);
        let offers = |need: usize| self.opened.iter().map(|site| self.problem.offer(*site, need).total()).sum::<i64>();
        let later = self.order[place + 1..].iter().any(|need| offers(*need) < self.problem.needs[*need].quantity);
        let is_short = later
            || missing > 0 && {
                let from_here = self.sites[place][first..].iter().filter(|(site, _)| self.opened.contains(site));
                from_here.map(|(site, _)| self.problem.offer(*site, self.order[place]).total()).sum::<i64>() < missing
            };
        if !is_short {
            return units;
        }
        let closed = self.entry.iter().enumerate().filter(|(site, _)| !self.opened.contains(site)).map(|(_, parts)| *parts);
        units.saturating_add(closed.min().unwrap_or(0)).saturating_add(self.problem.split_parts())
    }
}
