//! What a durable append costs by batch size, on the disk of the temporary folder, and how fast a stream is read back.

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use shopkeeper::event::Stream;
use shopkeeper::id::Offset;
use shopkeeper::journal::disk::RealDisk;
use shopkeeper::journal::{DataLock, Durability, Journal, Options, SegmentJournal};
use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

/// About an order's entry.
const RECORD_BYTES: usize = 200;

fn open(folder: &Path) -> SegmentJournal {
    let lock = DataLock::take(folder, Arc::new(RealDisk)).expect("is free");
    SegmentJournal::open(Stream::Trade, Options::default(), &lock).expect("opens")
}

fn append(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut journal = open(folder.path());
    for durability in [Durability::Synced, Durability::Buffered] {
        let mut group = criterion.benchmark_group(format!("append {durability:?}").to_lowercase());
        for count in [1, 64, 1_024] {
            let batch = vec![vec![7; RECORD_BYTES]; count];
            group.throughput(Throughput::Elements(count as u64));
            group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
                bencher.iter(|| journal.append(journal.end(), &batch, durability).expect("appends"));
            });
        }
        group.finish();
    }
}

/// A stream of one segment that is nearly full: the longest that opening has to scan.
fn filled(folder: &Path) -> SegmentJournal {
    let mut journal = open(folder);
    let batch = vec![vec![7; RECORD_BYTES]; 1_024];
    while journal.end() < Offset(280 * 1_024) {
        journal.append(journal.end(), &batch, Durability::Buffered).expect("appends");
    }
    journal.sync().expect("syncs");
    journal
}

fn scan(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = filled(folder.path());
    let mut group = criterion.benchmark_group("read back");
    group.sample_size(10).throughput(Throughput::Elements(journal.end().0));
    group.bench_function("read", |bencher| {
        bencher.iter(|| {
            let mut bytes = 0;
            let end = journal.read(Offset(0), &mut |_, payload| {
                bytes += payload.len();
                ControlFlow::Continue(())
            });
            black_box((end.expect("reads"), bytes))
        });
    });
    drop(journal);
    group.bench_function("open", |bencher| bencher.iter_batched(|| (), |()| open(folder.path()).end(), BatchSize::PerIteration));
    group.finish();
}

criterion_group!(benches, append, scan);
criterion_main!(benches);
