//! Sourcing: which locations give which units of an order.
//!
//! A plan costs what its parcels, its handling and its lateness cost, a penalty for every parcel beyond the first, and what it takes out of a
//! location's last days of cover or promises before it is there. Whole numbers only, and every tie has an order, so the same stock gives the
//! same plan on every machine.
//!
//! `choose` looks for the best single site first: most orders need no more, and a bound proves it. Otherwise it drops sites that cannot be
//! part of anything better, makes a good plan, and, while there are few enough branches, proves or betters it by branch and bound. A plan says
//! how far from the best it can be at most.

mod build;
mod exact;
mod greedy;
mod problem;

pub use build::{Asked, Stocked, Terms};
pub use problem::{COST_MINOR_MAX, Need, Offer, Problem, Site, SiteCost, Way};

use super::carrier::Load;
use greedy::{Draft, used};
use problem::PARTS;

/// Needs up to which the exact search is tried.
const EXACT_NEEDS_MAX: usize = 8;
/// Plans beside the chosen one that are remembered.
const ALTERNATIVES_MAX: usize = 3;
/// Sites that are compared with every other to see whether they make it superfluous.
const CHAMPIONS_MAX: usize = 8;

/// How much looking a choice is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Branches that the exact search may look at.
    pub nodes_max: usize,
}

impl Effort {
    /// In the one writer: well below a millisecond.
    pub const WRITER: Self = Self { nodes_max: 4_096 };
    /// For somebody who asks why.
    pub const PREVIEW: Self = Self { nodes_max: 200_000 };
}

/// Another plan, and what it would have cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// The sites it uses.
    pub sites: Vec<usize>,
    /// What it costs, in minor units.
    pub total_minor: i64,
}

/// A chosen plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The sites it uses, each with the units of every need and what that costs.
    pub parts: Vec<(usize, Vec<i64>, SiteCost)>,
    /// What the parcels beyond the first cost, in minor units.
    pub split_minor: i64,
    /// All of it, in minor units.
    pub total_minor: i64,
    /// No plan costs less than this, in minor units; the same as the total when the plan is the best.
    pub bound_minor: i64,
    /// The best single site, if one can give everything.
    pub single: Option<Alternative>,
    /// The best other plans that were looked at, cheapest first.
    pub others: Vec<Alternative>,
}

/// Other plans that were looked at, cheapest first, each set of sites once.
#[derive(Default)]
struct Runners(Vec<Alternative>);

impl Runners {
    fn note(&mut self, problem: &Problem<'_>, draft: &Draft) {
        let sites = used(problem, &draft.taken);
        self.note_sites(sites, draft.parts / PARTS);
    }

    fn note_sites(&mut self, sites: Vec<usize>, total_minor: i64) {
        // One more than is shown, for the chosen plan is among them.
        let is_worse = |known: &Alternative| known.total_minor <= total_minor;
        if self.0.len() > ALTERNATIVES_MAX && self.0.iter().all(is_worse) {
            return;
        }
        match self.0.iter_mut().find(|known| known.sites == sites) {
            Some(known) => known.total_minor = known.total_minor.min(total_minor),
            None => self.0.push(Alternative { sites, total_minor }),
        }
        self.0.sort_by(|left, right| (left.total_minor, &left.sites).cmp(&(right.total_minor, &right.sites)));
        self.0.truncate(ALTERNATIVES_MAX + 1);
    }
}

/// The need that all sites together cannot give, and how many units they can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lacking {
    /// Its place.
    pub need: usize,
    /// Units there are.
    pub available: i64,
}

/// Chooses sites for every need.
///
/// # Errors
/// The first need of which there is too little.
pub fn choose(problem: &Problem<'_>, effort: Effort) -> Result<Plan, Lacking> {
    let width = problem.needs.len();
    for need in 0..width {
        let available = (0..problem.sites.len()).map(|site| problem.offer(site, need).total()).fold(0, i64::saturating_add);
        if available < problem.needs[need].quantity {
            return Err(Lacking { need, available });
        }
    }
    let mut runners = Runners::default();
    let single = single(problem, &mut runners);
    let fewest = fewest(problem);
    let least = least(problem, fewest);
    let chosen = match single {
        Some((site, parts)) if least.split >= parts => (Draft { taken: alone(problem, site), parts }, single.map_or(0, |(_, parts)| parts)),
        _ => many(problem, effort, single, least, &mut runners),
    };
    Ok(described(problem, chosen.0, chosen.1, single, runners))
}

/// The cheapest site that can give everything, and what it costs in parts. Notes all that can.
fn single(problem: &Problem<'_>, runners: &mut Runners) -> Option<(usize, i64)> {
    let width = problem.needs.len();
    let quantities: Vec<i64> = problem.needs.iter().map(|need| need.quantity).collect();
    let mut found: Option<(usize, i64)> = None;
    for site in 0..problem.sites.len() {
        if (0..width).all(|need| problem.offer(site, need).total() >= quantities[need]) {
            let parts = problem.site_cost(site, &quantities).total_minor().saturating_mul(PARTS).saturating_add(width as i64);
            runners.note_sites(vec![site], parts / PARTS);
            if found.is_none_or(|(_, least)| parts < least) {
                found = Some((site, parts));
            }
        }
    }
    found
}

fn alone(problem: &Problem<'_>, site: usize) -> Vec<i64> {
    let width = problem.needs.len();
    let mut taken = vec![0; problem.sites.len() * width];
    for (need, units) in taken[site * width..(site + 1) * width].iter_mut().enumerate() {
        *units = problem.needs[need].quantity;
    }
    taken
}

/// What plans cost at the least, in parts.
#[derive(Debug, Clone, Copy)]
struct Least {
    /// Any plan.
    any: i64,
    /// A plan of at least two sites.
    split: i64,
    /// All units, beyond parcels.
    units: i64,
    /// The cheapest site to open.
    entry: i64,
}

/// The fewest sites that can give everything, as far as counting units can tell.
fn fewest(problem: &Problem<'_>) -> usize {
    let all: i64 = problem.needs.iter().map(|need| need.quantity).sum();
    let gives =
        |site| -> i64 { (0..problem.needs.len()).map(|need| problem.offer(site, need).total().min(problem.needs[need].quantity)).sum() };
    let mut most: Vec<i64> = (0..problem.sites.len()).map(gives).collect();
    most.sort_unstable_by(|left, right| right.cmp(left));
    let mut given = 0;
    most.iter()
        .take_while(|units| {
            let is_short = given < all;
            given += **units;
            is_short
        })
        .count()
}

fn least(problem: &Problem<'_>, fewest: usize) -> Least {
    let mut entries: Vec<i64> = (0..problem.sites.len()).map(|site| problem.entry_parts(site)).collect();
    entries.sort_unstable();
    let opening = |count: usize| {
        let parcels = entries.iter().take(count).fold(0i64, |sum, parts| sum.saturating_add(*parts));
        parcels.saturating_add(problem.split_parts().saturating_mul(count.saturating_sub(1) as i64))
    };
    let unit = |need: usize| {
        let offering = (0..problem.sites.len()).filter(|site| problem.offer(*site, need).total() > 0);
        offering.map(|site| problem.unit_parts_min(site, need)).min().unwrap_or(0)
    };
    let units = (0..problem.needs.len())
        .map(|need| unit(need).saturating_mul(problem.needs[need].quantity).saturating_add(1))
        .fold(0, i64::saturating_add);
    let [any, split] = [fewest, fewest.max(2)].map(|count| opening(count).saturating_add(units));
    Least { any, split, units, entry: entries.first().copied().unwrap_or(0) }
}

/// A plan of several sites, if one is better than the best single one, and what no plan is below, in parts.
fn many(problem: &Problem<'_>, effort: Effort, single: Option<(usize, i64)>, least: Least, runners: &mut Runners) -> (Draft, i64) {
    let mut allowed: Vec<usize> = (0..problem.sites.len()).collect();
    if let Some((best, parts)) = single {
        // Whatever else a plan with this site has, it opens one more and takes all units.
        let with = |site: usize| {
            let opened = problem.entry_parts(site).saturating_add(least.entry).saturating_add(problem.split_parts());
            opened.saturating_add(least.units)
        };
        allowed.retain(|site| *site == best || with(*site) < parts);
    }
    drop_superfluous(problem, &mut allowed);
    let known = single.map(|(site, parts)| Draft { taken: alone(problem, site), parts });
    let opened = greedy::open(problem, &allowed);
    opened.iter().for_each(|draft| runners.note(problem, draft));
    let opened = opened.map(|draft| greedy::improve(problem, &allowed, draft, |tried| runners.note(problem, tried)));
    let better = known.into_iter().chain(opened).min_by_key(|draft| draft.parts);
    let better = better.unwrap_or_else(|| Draft { taken: vec![0; problem.offers.len()], parts: 0 });
    if problem.needs.len() > EXACT_NEEDS_MAX {
        return (better, least.any);
    }
    let (best, is_exact) = exact::search(problem, &allowed, better, effort.nodes_max);
    runners.note(problem, &best);
    let bound = if is_exact { best.parts } else { least.any };
    (best, bound)
}

/// Drops sites instead of which another can always be used: it gives all that they give, from its spare units, and costs no more whatever else
/// it gives. Of equals the first stays.
fn drop_superfluous(problem: &Problem<'_>, allowed: &mut Vec<usize>) {
    let width = problem.needs.len();
    let all = problem.needs.iter().fold(Load::default(), |sum, need| sum.plus(need.one, need.quantity));
    let gives_all = |site: usize, need: usize| problem.offer(site, need).spare >= problem.needs[need].quantity;
    let mut champions: Vec<usize> = allowed.iter().copied().filter(|site| (0..width).any(|need| gives_all(*site, need))).collect();
    let breadth = |site: usize| (0..width).filter(|need| gives_all(site, *need)).count();
    champions.sort_by_key(|site| (std::cmp::Reverse(breadth(*site)), problem.entry_parts(*site)));
    champions.truncate(CHAMPIONS_MAX);
    let is_superfluous = |site: usize, champion: usize| {
        let (mine, theirs) = (&problem.sites[site], &problem.sites[champion]);
        let is_first = (theirs.order_cost_minor, theirs.unit_cost_minor, champion) < (mine.order_cost_minor, mine.unit_cost_minor, site);
        is_first
            && theirs.order_cost_minor <= mine.order_cost_minor
            && theirs.unit_cost_minor <= mine.unit_cost_minor
            && is_no_dearer(&theirs.ways, &mine.ways, all)
            && (0..width).all(|need| problem.offer(site, need).total() == 0 || gives_all(champion, need))
    };
    let dropped: Vec<usize> = allowed
        .iter()
        .copied()
        .filter(|site| champions.iter().any(|champion| champion != site && is_superfluous(*site, *champion)))
        .collect();
    allowed.retain(|site| !dropped.contains(site));
}

/// Whether `better` never costs more than `ways`, and two loads within `all` never more together than apart.
fn is_no_dearer(better: &[Way<'_>], ways: &[Way<'_>], all: Load) -> bool {
    let first = |way: &Way<'_>| way.lane.map_or(0, |lane| lane.cost_minor(Load::default()));
    let least = better.iter().map(first).min().unwrap_or(0);
    // In one parcel, at most the first step beyond that of the cheapest other way: no two parcels cost less than that.
    let is_joined = |way: &Way<'_>| {
        way.lane
            .is_none_or(|lane| lane.is_one_parcel(all) && lane.rates.iter().all(|step| step.cost_minor <= first(way).saturating_add(least)))
    };
    let is_like = |(better, way): (&Way<'_>, &Way<'_>)| {
        let is_same_table = match (better.lane, way.lane) {
            (None, None) => true,
            (Some(better), Some(way)) => better.basis == way.basis && better.rates == way.rates,
            (None, Some(_)) | (Some(_), None) => false,
        };
        better.service == way.service && is_same_table && better.late_minor <= way.late_minor
    };
    better.len() == ways.len() && better.iter().zip(ways).all(is_like) && better.iter().all(is_joined)
}

fn described(problem: &Problem<'_>, chosen: Draft, bound: i64, single: Option<(usize, i64)>, runners: Runners) -> Plan {
    let width = problem.needs.len();
    let sites = used(problem, &chosen.taken);
    let row = |site: usize| chosen.taken[site * width..(site + 1) * width].to_vec();
    let parts: Vec<(usize, Vec<i64>, SiteCost)> =
        sites.iter().map(|site| (*site, row(*site), problem.site_cost(*site, &row(*site)))).collect();
    let split_minor = problem.policy.split_minor.saturating_mul(sites.len().saturating_sub(1) as i64);
    let total_minor = parts.iter().map(|(_, _, cost)| cost.total_minor()).fold(split_minor, i64::saturating_add);
    let others = runners.0.into_iter().filter(|other| other.sites != sites).take(ALTERNATIVES_MAX).collect();
    let single = single.map(|(site, parts)| Alternative { sites: vec![site], total_minor: parts / PARTS });
    let bound_minor = (bound / PARTS).min(total_minor);
    Plan { parts, split_minor, total_minor, bound_minor, single, others }
}

#[cfg(test)]
mod tests;
