//! What one event costs the signal fold, what a publish costs, and what reading priors costs a search.

use criterion::{Criterion, criterion_group, criterion_main};
use shopkeeper::event::{ActivityEvent, Behaviour, Events, Origin, Projection, Recorded};
use shopkeeper::id::{Offset, Ordinal};
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

criterion_group!(benches, signals);
criterion_main!(benches);
