//! What it costs to write things down: events as journal records, and back; answers of searches as JSON.
//!
//! `cargo bench --bench codec`

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shopkeeper::catalog::Product;
use shopkeeper::event::codec::{from_bytes, to_compact_bytes};
use shopkeeper::event::{ActivityEvent, Behaviour, Origin};
use shopkeeper::id::{Ordinal, QueryId, SessionId};
use shopkeeper::stdx::clock::Timestamp;
use std::hint::black_box;

fn event(number: u32) -> ActivityEvent {
    let query = QueryId::new(&format!("query_{number:032x}")).ok();
    let session = SessionId::new(&format!("visit-{number}")).ok();
    let origin = Origin { query, session, rank: Some(number % 40), ..Origin::default() };
    ActivityEvent::Behaved {
        behaviour: Behaviour::Click,
        product: Ordinal(number),
        quantity: 1,
        origin,
        happened_at: Timestamp(i64::from(number)),
    }
}

fn document(number: u32) -> Vec<u8> {
    let text = format!(
        r#"{{"id":"p{number}","title":"Red lamp number {number}","brand":"Acme","description":"A lamp that is red, and stands on a table or hangs from a ceiling.","categories":[["Home","Lamps"]],"attributes":{{"material":"steel"}},"variants":[{{"sku":"s{number}","attributes":{{"colour":"red"}},"offers":[{{"price":{{"amount_minor":1999,"currency":"EUR"}}}}]}}]}}"#
    );
    text.into_bytes()
}

fn codec(criterion: &mut Criterion) {
    let events: Vec<ActivityEvent> = (0..1_000).map(event).collect();
    let records: Vec<Vec<u8>> = events.iter().map(|event| to_compact_bytes(event).expect("encodes")).collect();
    let mut group = criterion.benchmark_group("codec");
    group.throughput(Throughput::Elements(events.len() as u64));
    group.bench_function("events to records", |bencher| {
        bencher.iter(|| events.iter().map(|event| to_compact_bytes(event).expect("encodes").len()).sum::<usize>());
    });
    group.bench_function("records to events", |bencher| {
        bencher.iter(|| records.iter().for_each(|record| drop(black_box(from_bytes::<ActivityEvent>(record).expect("decodes")))));
    });
    let documents: Vec<Vec<u8>> = (0..1_000).map(document).collect();
    group.bench_function("JSON to products", |bencher| {
        bencher.iter(|| documents.iter().for_each(|document| drop(black_box(Product::from_document(document).expect("a product")))));
    });
    let values: Vec<serde_json::Value> = documents.iter().map(|document| serde_json::from_slice(document).expect("is JSON")).collect();
    group.bench_function("products to JSON", |bencher| {
        bencher.iter(|| values.iter().map(|value| serde_json::to_vec(value).expect("is JSON").len()).sum::<usize>());
    });
    group.finish();
}

criterion_group!(benches, codec);
criterion_main!(benches);
