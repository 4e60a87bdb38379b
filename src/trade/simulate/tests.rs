//! The simulation itself, tested.
//!
//! 1. the same seed gives the same run, another seed another;
//! 2. a run sees everything that can happen;
//! 3. a perfect world has no faults in it;
//! 4. every planted bug is found.

use super::*;

#[test]
fn the_same_seed_gives_the_same_run() {
    let first = run(7, 300);
    assert_eq!(first, run(7, 300));
    assert_ne!(first.state_hash, run(8, 300).state_hash);
    assert_eq!(first.broken, Vec::<String>::new(), "{first}");
}

#[test]
fn a_run_sees_everything_that_can_happen() {
    let report = run(1, 2_000);
    assert_eq!(report.broken, Vec::<String>::new(), "{report}");
    for (what, count) in [
        ("orders", report.orders),
        ("refusals", report.refusals),
        ("repeats", report.repeats),
        ("failed appends", report.failed_appends),
        ("crashes", report.crashes),
        ("entries kept that were in doubt", report.doubts_kept),
        ("entries lost that were in doubt", report.doubts_lost),
        ("damage refused", report.damage_refused),
        ("authorisations given back", report.given_back),
        ("expired reservations", report.expired),
    ] {
        assert!(count > 0, "no {what} in {report}");
    }
}

#[test]
fn a_perfect_world_has_no_faults_in_it() {
    let report = run_plan(Plan { seed: 5, steps: 300, faults: Faults::NONE, planted: None });
    assert_eq!(report.broken, Vec::<String>::new(), "{report}");
    let faults =
        [report.failed_appends, report.repeats, report.doubts_kept + report.doubts_lost, report.damage_refused + report.damage_cut];
    assert_eq!((faults, report.crashes), ([0; 4], 1), "only the end is a start: {report}");
}

/// Seeds tried for each bug, and how long each run is.
const SEEDS_MAX: u64 = 48;
const STEPS: u64 = 1_200;

#[test]
fn every_planted_bug_is_found() {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let table = std::sync::Mutex::new(std::collections::BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(&planted) = Planted::ALL.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                    let runs = (0..SEEDS_MAX).map(|seed| run_plan(Plan { seed, steps: STEPS, planted: Some(planted), ..Plan::default() }));
                    let found = runs.into_iter().find(|report| !report.broken.is_empty());
                    table.lock().expect("nobody panicked").insert(planted, found);
                }
            });
        }
    });
    let table = table.into_inner().expect("nobody panicked");
    for (planted, found) in &table {
        match found {
            Some(report) => println!("| `{planted}` | {} | {} | {} |", planted.says(), report.seed, report.steps),
            None => println!("| `{planted}` | {} | not found | |", planted.says()),
        }
    }
    let missed: Vec<&Planted> = table.iter().filter(|(_, found)| found.is_none()).map(|(planted, _)| planted).collect();
    assert_eq!((missed, table.len()), (Vec::new(), Planted::ALL.len()));
}

#[test]
fn every_planted_bug_stands_in_the_table_of_the_manual() {
    let manual = include_str!("../../../docs/SIMULATION.md");
    for planted in Planted::ALL {
        let row = format!("| `{planted}` | {} |", planted.says());
        assert!(manual.contains(&row), "docs/SIMULATION.md lacks: {row}");
    }
}
