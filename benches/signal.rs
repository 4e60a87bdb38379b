//! What one event costs the signal and demand folds, what a publish costs, and what reading priors and factors costs a search.

use criterion::{Criterion, criterion_group, criterion_main};
use shopkeeper::event::{ActivityEvent, Behaviour, Events, Origin, Projection, Recorded};
use shopkeeper::id::{Offset, Ordinal, QueryId, SessionId};
use shopkeeper::signal::demand::{self, DemandFold};
use shopkeeper::signal::{Options, SignalFold};
use shopkeeper::stdx::clock::Timestamp;
use std::hint::black_box;

const PRODUCTS: u32 = 50_000;

/// Spreads numbers over the catalogue, the same in every run.
fn scattered(number: u64) -> u32 {
    (number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33) as u32 % PRODUCTS
}

fn view(number: u64) -> Recorded {
    let at = Timestamp(1_700_000_000_000 + number.cast_signed() * 50);
    let behaviour = if number.is_multiple_of(20) { Behaviour::Purchase } else { Behaviour::View };
    let product = Ordinal(scattered(number));
    let event = ActivityEvent::Behaved { behaviour, product, quantity: 1, origin: Origin::default(), happened_at: at };
    Recorded { offset: Offset(number), at, events: Events::Activity(vec![event]) }
}

fn full_fold() -> SignalFold {
    let mut fold = SignalFold::new(None, Options::default()).expect("a fold");
    (0..200_000).for_each(|number| fold.apply(&view(number)));
    fold.publish();
    fold.refresh(usize::MAX);
    fold
}

fn signals(criterion: &mut Criterion) {
    let mut fold = full_fold();
    let table = fold.table();
    let mut number = 200_000;
    let entries: Vec<Recorded> = (0..4_096).map(view).collect();
    criterion.bench_function("signal/fold_one_event", |bencher| {
        let mut entry = entries[0].clone();
        bencher.iter(|| {
            number += 1;
            entry.clone_from(&entries[number as usize % entries.len()]);
            entry.offset = Offset(number);
            fold.apply(&entry);
        });
    });
    fold.publish();
    criterion.bench_function("signal/fold_one_event_and_publish", |bencher| {
        let mut entry = entries[0].clone();
        bencher.iter(|| {
            number += 1;
            entry.clone_from(&entries[number as usize % entries.len()]);
            entry.offset = Offset(number);
            fold.apply(&entry);
            fold.publish();
        });
    });
    criterion.bench_function("signal/set_available", |bencher| {
        bencher.iter(|| {
            number += 1;
            fold.set_available(Ordinal(scattered(number)), black_box(7));
        });
    });
    criterion.bench_function("signal/refresh_50000", |bencher| bencher.iter(|| fold.refresh(usize::MAX)));
    criterion.bench_function("signal/read_18000_priors", |bencher| {
        bencher.iter(|| (0..18_000_u32).map(|place| table.prior(black_box(Ordinal(place * 2)))).sum::<f32>());
    });
}

/// Visits as a shop sees them: a search, ten products shown, two clicks, one in ten into a cart and bought.
fn visit_event(number: u64) -> ActivityEvent {
    let (visit, step) = (number / 14, number % 14);
    let happened_at = Timestamp(1_700_000_000_000 + number.cast_signed() * 50);
    let session = SessionId::new(&format!("visit-{visit}")).ok();
    let query = QueryId::new(&format!("query-{visit}")).expect("an id");
    let product = Ordinal(scattered(visit % 5_000 * 16 + step));
    let behaved = |behaviour, product, rank| ActivityEvent::Behaved {
        behaviour,
        product,
        quantity: 1,
        origin: Origin { session: session.clone(), query: Some(query.clone()), rank, ..Origin::default() },
        happened_at,
    };
    let chosen = |step: u64| Ordinal(scattered(visit % 5_000 * 16 + step));
    match step {
        0 => ActivityEvent::Searched {
            query: query.clone(),
            text: format!("thing number {}", visit % 5_000),
            written: None,
            matches_count: 9,
            is_unfinished: false,
            origin: Origin { session: session.clone(), ..Origin::default() },
            happened_at: Some(happened_at),
        },
        1..=10 => behaved(Behaviour::Impression, product, Some(step as u32)),
        11 => behaved(Behaviour::Click, chosen(1 + visit % 3), Some(1 + (visit % 3) as u32)),
        12 => behaved(Behaviour::Click, chosen(4 + visit % 5), Some(4 + (visit % 5) as u32)),
        _ if visit.is_multiple_of(10) => behaved(Behaviour::Purchase, chosen(1), None),
        _ => behaved(Behaviour::View, chosen(1), None),
    }
}

fn demands(criterion: &mut Criterion) {
    let entry = |number: u64, event: ActivityEvent| Recorded {
        offset: Offset(number),
        at: Timestamp(1_700_000_000_000 + number.cast_signed() * 50),
        events: Events::Activity(vec![event]),
    };
    let mut fold = DemandFold::new(demand::Options::default());
    (0..400_000).for_each(|number| fold.apply(&entry(number, visit_event(number))));
    fold.publish();
    let mut next = 400_000;
    let mut told = || {
        next += 1;
        entry(next, visit_event(next))
    };
    criterion.bench_function("demand/fold_one_event", |bencher| {
        bencher.iter_batched(&mut told, |entry| fold.apply(&entry), criterion::BatchSize::SmallInput);
    });
    fold.publish();
    criterion.bench_function("demand/fold_ten_events_and_publish", |bencher| {
        bencher.iter_batched(
            || (0..10).map(|_| told()).collect::<Vec<_>>(),
            |entries| {
                entries.iter().for_each(|entry| fold.apply(entry));
                fold.publish();
            },
            criterion::BatchSize::SmallInput,
        );
    });
    let snapshot = fold.reader().take();
    criterion.bench_function("demand/look_up_a_query_and_200_products", |bencher| {
        bencher.iter(|| {
            let demand = snapshot.of(black_box("thing number 77"));
            (0..200_u32).map(|product| demand.factor(Ordinal(product)) * demand.category_affinity(Ordinal(product))).sum::<f32>()
        });
    });
    criterion.bench_function("demand/complete_among_5000", |bencher| bencher.iter(|| snapshot.complete(black_box("t"), 8)));
}

criterion_group!(benches, signals, demands);
criterion_main!(benches);
