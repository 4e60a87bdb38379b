//! Pins the choice of locations: 1. small choices are the best there are, against trying everything; 2. a bound is never above the best; 3. good
//! plans are near the best; 4. one site before two, few sites before many, the preferred one among equals; 5. every part of the cost moves the
//! choice; 6. a shortage is told.

use super::super::carrier::Lane;
use super::*;
use crate::event::trade::fulfilment::{RateBasis, RateFacts, SourcingPolicy};
use crate::id::LocationId;
use fastrand::Rng;
use proptest::prelude::*;

fn named(count: usize) -> Vec<LocationId> {
    (0..count).map(|place| LocationId::new(&format!("l{place:03}")).expect("an id")).collect()
}

fn flat(late_minor: i64) -> Vec<Way<'static>> {
    vec![Way { service: (0, 0), lane: None, late_minor }]
}

fn site(location: &LocationId) -> Site<'_> {
    Site { location, order_cost_minor: 0, unit_cost_minor: 0, ways: flat(0) }
}

fn need(quantity: i64) -> Need {
    Need { quantity, one: Load { weight_g: 400, value_minor: 1_000, units: 1 } }
}

fn plenty(units: i64) -> Offer {
    Offer { now: units, spare: units, later: 0 }
}

/// The cheapest plan there is, found by trying every one; none when there is none.
fn by_trying_everything(problem: &Problem<'_>) -> Option<i64> {
    fn give(problem: &Problem<'_>, taken: &mut Vec<i64>, need: usize, site: usize, missing: i64, best: &mut Option<i64>) {
        let width = problem.needs.len();
        if need == width {
            let parts = problem.plan_parts(taken);
            *best = Some(best.map_or(parts, |least| least.min(parts)));
        } else if missing == 0 {
            give(problem, taken, need + 1, 0, problem.needs.get(need + 1).map_or(0, |need| need.quantity), best);
        } else if site < problem.sites.len() {
            for units in 0..=problem.offer(site, need).total().min(missing) {
                taken[site * width + need] = units;
                give(problem, taken, need, site + 1, missing - units, best);
            }
            taken[site * width + need] = 0;
        }
    }
    let (mut best, mut taken) = (None, vec![0; problem.offers.len()]);
    give(problem, &mut taken, 0, 0, problem.needs.first().map_or(0, |need| need.quantity), &mut best);
    best
}

/// Tables of rates, good for many problems.
fn tables() -> Vec<Vec<RateFacts>> {
    let table =
        |steps: &[(i64, i64)]| steps.iter().map(|&(up_to, cost_minor)| RateFacts { up_to, cost_minor, prices: Vec::new() }).collect();
    vec![
        table(&[(1_000, 300), (5_000, 500)]),
        table(&[(500, 200), (1_000, 390), (2_000, 750), (4_000, 1_500)]),
        table(&[(30_000, 450)]),
        table(&[(1, 100), (3, 260), (10, 300)]),
    ]
}

fn random<'a>(rng: &mut Rng, names: &'a [LocationId], tables: &'a [Vec<RateFacts>], needs_count: usize, units_max: i64) -> Problem<'a> {
    let needs: Vec<Need> = (0..needs_count)
        .map(|_| Need {
            quantity: rng.i64(1..=units_max),
            one: Load { weight_g: rng.i64(100..2_000), value_minor: rng.i64(100..5_000), units: 1 },
        })
        .collect();
    let way = |rng: &mut Rng, service: usize| {
        let table = rng.usize(0..tables.len());
        let basis = if table == 3 { RateBasis::Units } else { RateBasis::Weight };
        let lane = Lane { transit_days: (1, 2), basis, rates: &tables[table], free_from: &[] };
        Way { service: (0, service), lane: Some(lane), late_minor: if rng.bool() { 0 } else { rng.i64(0..3) * 200 } }
    };
    let sites = names.iter().map(|location| {
        let ways = if rng.u32(0..4) == 0 { flat(0) } else { (0..rng.usize(1..3)).map(|service| way(rng, service)).collect() };
        Site { location, order_cost_minor: rng.i64(0..4) * 60, unit_cost_minor: rng.i64(0..4) * 15, ways }
    });
    let sites: Vec<Site<'a>> = sites.collect();
    let offers = (0..names.len() * needs_count).map(|_| {
        let now = if rng.u32(0..3) == 0 { 0 } else { rng.i64(0..=units_max + 1) };
        Offer { now, spare: rng.i64(0..=now), later: if rng.u32(0..6) == 0 { rng.i64(0..3) } else { 0 } }
    });
    let offers = offers.collect();
    Problem { needs, sites, offers, policy: SourcingPolicy::default() }
}

fn check_plan(problem: &Problem<'_>, plan: &Plan) {
    for (need, asked) in problem.needs.iter().enumerate() {
        let given: i64 = plan.parts.iter().map(|(_, units, _)| units[need]).sum();
        assert_eq!(given, asked.quantity, "need {need}");
        for (site, units, _) in &plan.parts {
            assert!(units[need] >= 0 && units[need] <= problem.offer(*site, need).total(), "need {need} at {site}");
        }
    }
    assert!(plan.bound_minor <= plan.total_minor);
    assert!(plan.others.iter().all(|other| other.sites != plan.parts.iter().map(|(site, ..)| *site).collect::<Vec<_>>()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_small_choice_is_the_best_there_is(seed in any::<u64>()) {
        let (mut rng, names, tables) = (Rng::with_seed(seed), named(5), tables());
        let (sites, needs) = (rng.usize(1..=5), rng.usize(1..=3));
        let problem = random(&mut rng, &names[..sites], &tables, needs, 3);
        match (choose(&problem, Effort::PREVIEW), by_trying_everything(&problem)) {
            (Ok(plan), Some(best)) => {
                check_plan(&problem, &plan);
                prop_assert_eq!(plan.total_minor, best / PARTS);
                prop_assert_eq!(plan.bound_minor, plan.total_minor);
            }
            (Err(lacking), None) => prop_assert!(lacking.available < problem.needs[lacking.need].quantity),
            (found, best) => prop_assert!(false, "{:?} where the best is {:?}", found, best),
        }
    }

    #[test]
    fn a_large_choice_gives_everything_and_says_how_far_from_the_best_it_can_be(seed in any::<u64>()) {
        let (mut rng, names, tables) = (Rng::with_seed(seed), named(40), tables());
        let problem = random(&mut rng, &names, &tables, 12, 6);
        if let Ok(plan) = choose(&problem, Effort::WRITER) {
            check_plan(&problem, &plan);
        }
    }
}

#[test]
fn the_quick_plan_is_near_the_best() {
    let (mut rng, names, tables) = (Rng::with_seed(11), named(20), tables());
    let (mut best, mut quick, mut exact_count, mut count) = (0, 0, 0, 0);
    for _ in 0..60 {
        let problem = random(&mut rng, &names, &tables, 4, 3);
        let Ok(plan) = choose(&problem, Effort::PREVIEW) else { continue };
        let Ok(short) = choose(&problem, Effort { nodes_max: 1 }) else { panic!("there is a plan") };
        assert!(short.total_minor >= plan.total_minor && short.bound_minor <= plan.total_minor);
        (best, quick, count) = (best + plan.total_minor, quick + short.total_minor, count + 1);
        exact_count += i32::from(plan.bound_minor == plan.total_minor);
    }
    assert!(count > 40 && exact_count == count, "{exact_count} of {count} are proven");
    assert!(quick * 100 <= best * 105, "quick plans cost {quick}, the best {best}");
}

/// `stock` reads `site:need=units ...`, needs are numbered; the answer is written like `stock`.
fn chosen(stock: &str, quantities: &[i64], change: impl Fn(&mut Problem<'_>)) -> String {
    let parsed: Vec<(usize, usize, i64)> = stock
        .split_whitespace()
        .map(|row| {
            let (site, rest) = row.split_once(':').expect("site:need=units");
            let (need, units) = rest.split_once('=').expect("need=units");
            (site.parse().expect("a number"), need.parse().expect("a number"), units.parse().expect("a number"))
        })
        .collect();
    let names = named(parsed.iter().map(|(site, ..)| site + 1).max().unwrap_or(0));
    let mut offers = vec![Offer::default(); names.len() * quantities.len()];
    parsed.iter().for_each(|(site, need, units)| offers[site * quantities.len() + need] = plenty(*units));
    let needs = quantities.iter().map(|units| need(*units)).collect();
    let mut problem = Problem { needs, sites: names.iter().map(site).collect(), offers, policy: SourcingPolicy::default() };
    change(&mut problem);
    match choose(&problem, Effort::WRITER) {
        Ok(plan) => {
            let rows = plan.parts.iter().flat_map(|(site, units, _)| {
                let given = units.iter().enumerate().filter(|(_, units)| **units > 0);
                given.map(|(need, units)| format!("{site}:{need}={units}")).collect::<Vec<_>>()
            });
            rows.collect::<Vec<_>>().join(" ")
        }
        Err(Lacking { need, available }) => format!("{need}: {available} available"),
    }
}

#[test]
fn one_site_is_better_than_two_and_few_are_better_than_many() {
    let check = |stock: &str, quantities: &[i64], expected: &str| assert_eq!(chosen(stock, quantities, |_| ()), expected, "{stock}");
    check("0:0=5 0:1=1 1:0=9 1:1=9", &[5, 2], "1:0=5 1:1=2");
    check("0:0=3 1:0=3", &[3], "0:0=3");
    check("0:0=2 1:0=4 2:0=3", &[7], "1:0=4 2:0=3");
    check("0:0=1 0:1=1 1:0=2 1:2=1", &[2, 1, 1], "0:1=1 1:0=2 1:2=1");
    check("0:0=1 1:1=1", &[1, 1], "0:0=1 1:1=1");
    check("0:0=1 1:0=1", &[3], "0: 2 available");
    check("0:0=1 0:1=0", &[1, 1], "1: 0 available");
    check("", &[], "");
}

#[test]
fn every_part_of_the_cost_moves_the_choice() {
    let check = |change: &dyn Fn(&mut Problem<'_>), expected: &str| assert_eq!(chosen("0:0=9 1:0=9", &[2], change), expected);
    check(&|_| (), "0:0=2");
    check(&|problem| problem.sites[0].order_cost_minor = 1, "1:0=2");
    check(&|problem| problem.sites[0].unit_cost_minor = 1, "1:0=2");
    check(&|problem| problem.sites[0].ways = flat(1), "1:0=2");
    check(&|problem| problem.offers[0] = Offer { now: 9, spare: 1, later: 0 }, "1:0=2");
    check(&|problem| problem.offers[0] = Offer { now: 1, spare: 1, later: 8 }, "1:0=2");
    let dear = |problem: &mut Problem<'_>| (problem.sites[0].unit_cost_minor, problem.policy.split_minor) = (300, 0);
    assert_eq!(chosen("0:0=9 1:0=1", &[2], dear), "0:0=2", "a second parcel costs more than the unit saves");
    let dearer = |problem: &mut Problem<'_>| (problem.sites[0].unit_cost_minor, problem.policy.split_minor) = (500, 0);
    assert_eq!(chosen("0:0=9 1:0=1", &[2], dearer), "0:0=1 1:0=1");
}

#[test]
fn the_alternatives_are_told_with_their_costs() {
    let names = named(3);
    let mut sites: Vec<Site<'_>> = names.iter().map(site).collect();
    sites[0].order_cost_minor = 100;
    sites[1].order_cost_minor = 50;
    let offers = vec![plenty(9); 3];
    let problem = Problem { needs: vec![need(1)], sites, offers, policy: SourcingPolicy::default() };
    let plan = choose(&problem, Effort::WRITER).expect("a plan");
    assert_eq!((plan.parts[0].0, plan.total_minor, plan.bound_minor), (2, 499, 499));
    assert_eq!(plan.single, Some(Alternative { sites: vec![2], total_minor: 499 }));
    let others: Vec<(Vec<usize>, i64)> = plan.others.into_iter().map(|other| (other.sites, other.total_minor)).collect();
    assert_eq!(others, [(vec![1], 549), (vec![0], 599)]);
}
