//! What remembered visits cost: an answer from 200,000 visits, one step of a visit folded, and one folded and published.

use criterion::{Criterion, criterion_group, criterion_main};
use shopkeeper::event::{ActivityEvent, Behaviour, Events, Origin, Projection, Recorded};
use shopkeeper::id::{Offset, Ordinal, SessionId};
use shopkeeper::recommend::{Options, RecommendFold};
use shopkeeper::signal::{self, SignalFold};
use shopkeeper::stdx::clock::Timestamp;
use std::time::Instant;

const PRODUCTS: u64 = 50_000;
const GROUPS: u64 = 500;
const VISITS: u64 = 200_000;
/// Steps of the longest visit; the shortest has one.
const STEPS_MAX: u64 = 9;
const ANSWERS: u64 = 20_000;

/// A spread number, the same in every run (splitmix64).
fn spread(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// The product of a step: a visit stays in one group of 100, the first of a group far more often looked at than the last; groups differ too.
fn product(visit: u64, step: u64) -> Ordinal {
    let uniform = |number: u64| (spread(number) % 1_000_000) as f64 / 1_000_000.0;
    let group = (uniform(visit).powi(2) * GROUPS as f64) as u64;
    let place = (uniform(visit * 64 + step + 1).powi(3) * (PRODUCTS / GROUPS) as f64) as u64;
    Ordinal((group * (PRODUCTS / GROUPS) + place) as u32)
}

fn step(visit: u64, step: u64, offset: u64) -> Recorded {
    let at = Timestamp(1_700_000_000_000 + offset.cast_signed() * 1_000);
    let origin = Origin { session: SessionId::new(&format!("visit-{visit}")).ok(), ..Origin::default() };
    let event = ActivityEvent::Behaved { behaviour: Behaviour::View, product: product(visit, step), quantity: 1, origin, happened_at: at };
    Recorded { offset: Offset(offset), at, events: Events::Activity(vec![event]) }
}

fn steps_of(visit: u64) -> u64 {
    1 + spread(visit ^ 0xFEED) % STEPS_MAX
}

fn resident_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    pages.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4_096
}

fn percentiles(mut micros: Vec<f64>) -> String {
    micros.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| micros[((micros.len() - 1) as f64 * share) as usize];
    format!("p50 {:.0} µs, p90 {:.0} µs, p99 {:.0} µs", at(0.5), at(0.9), at(0.99))
}

fn visits(criterion: &mut Criterion) {
    let signals = SignalFold::new(None, signal::Options::default()).expect("a fold").table();
    let before = resident_bytes();
    let mut fold = RecommendFold::new(Options::default(), signals);
    let mut offset = 0;
    for visit in 0..VISITS {
        for number in 0..steps_of(visit) {
            fold.apply(&step(visit, number, offset));
            offset += 1;
        }
    }
    fold.publish();
    println!("{offset} steps of {VISITS} visits; memory of all tables: {} MB", (resident_bytes() - before) / 1_000_000);
    let snapshot = fold.reader().take();
    let asking = |number: u64| -> Vec<Ordinal> { (0..1 + spread(number) % STEPS_MAX).map(|step| product(VISITS + number, step)).collect() };
    let micros = (0..ANSWERS).map(|number| {
        let steps = asking(number);
        let started = Instant::now();
        let foresight = snapshot.foresee(&steps, 21, |product| product.0 % 10 != 0);
        std::hint::black_box(foresight);
        started.elapsed().as_secs_f64() * 1e6
    });
    println!("foresee: {}", percentiles(micros.collect()));
    let mut number = 0;
    criterion.bench_function("visits/foresee", |bencher| {
        bencher.iter(|| {
            number += 1;
            snapshot.foresee(&asking(number), 21, |product| product.0 % 10 != 0)
        });
    });
    let mut next = |fold: &mut RecommendFold| {
        offset += 1;
        fold.apply(&step(VISITS + offset / 5, offset % 5, offset));
    };
    criterion.bench_function("visits/fold_one_step_in_all_tables", |bencher| bencher.iter(|| next(&mut fold)));
    criterion.bench_function("visits/fold_one_step_and_publish", |bencher| {
        bencher.iter(|| {
            next(&mut fold);
            fold.publish();
        });
    });
}

criterion_group!(benches, visits);
criterion_main!(benches);
