//! What the recommendation fold promises:
//!
//! 1. the same entries give the same tables, bit for bit, however streams interleave and wherever a checkpoint was taken between;
//! 2. a canceled order takes back exactly what it gave, an order imported twice counts once;
//! 3. a shopper counts once for a pair, however often they look;
//! 4. what a shopper did can be forgotten.

use super::*;
use crate::event::Stream;
use crate::id::Offset;
use crate::recommend::RecommendError;
use crate::recommend::row::Row;
use crate::signal;
use proptest::prelude::*;

fn signals() -> Arc<SignalTable> {
    signal::SignalFold::new(None, signal::Options::default()).expect("a fold").table()
}

pub(crate) fn fold_with(options: Options) -> RecommendFold {
    RecommendFold::new(options, signals())
}

pub(crate) fn shopper(name: &str) -> Origin {
    Origin { shopper: Some(ShopperId::new(name).expect("an id")), ..Origin::default() }
}

pub(crate) fn behaved(behaviour: Behaviour, product: u32, origin: &Origin, happened_at: i64) -> ActivityEvent {
    let happened_at = Timestamp(happened_at);
    ActivityEvent::Behaved { behaviour, product: Ordinal(product), quantity: 1, origin: origin.clone(), happened_at }
}

pub(crate) fn imported(reference: &str, products: &[u32], origin: Origin, happened_at: i64) -> ActivityEvent {
    let line = |&product: &u32| HistoryLine { product: Ordinal(product), quantity: 1, unit_price: None };
    let lines = products.iter().map(line).collect();
    ActivityEvent::OrderImported { reference: reference.to_owned(), origin, lines, happened_at: Timestamp(happened_at) }
}

pub(crate) fn placed(order: &str, shopper: &str, products: &[u32]) -> TradeEvent {
    let none = serde_json::json!({"amount_minor": 0, "currency": "EUR"});
    let totals = serde_json::json!({"subtotal": none, "discount": none, "shipping": none, "tax": none, "total": none});
    let order = serde_json::json!({
        "order": order, "checkout": "c", "buyer": {"shopper": shopper}, "address": {}, "lines": lines(products), "totals": totals,
        "payment": "p", "reservation": "r", "units": []
    });
    serde_json::from_value(serde_json::json!({ "order_placed": order })).expect("an order")
}

fn canceled(order: &str, products: &[u32]) -> TradeEvent {
    let canceled = serde_json::json!({"order": order, "lines": lines(products), "reason": "changed their mind"});
    serde_json::from_value(serde_json::json!({ "order_canceled": canceled })).expect("a cancellation")
}

fn lines(products: &[u32]) -> Vec<serde_json::Value> {
    let price = serde_json::json!({"amount_minor": 100, "currency": "EUR"});
    let line =
        |product: &u32| serde_json::json!({"id": "l", "sku": "s", "product": product, "title": "T", "quantity": 1, "unit_price": price});
    products.iter().map(line).collect()
}

/// Folds each as an entry of its own, with the offsets that follow, an hour apart.
pub(crate) fn fold_all(fold: &mut RecommendFold, entries: impl IntoIterator<Item = Events>) {
    for events in entries {
        let mut entry = Recorded { offset: Offset(0), at: Timestamp(4_000_000_000_000), events };
        entry.offset = fold.progress().of(entry.stream());
        fold.apply(&entry);
    }
    fold.publish();
}

fn row(relation: &Relation, product: u32) -> Row {
    relation.rows.at(product as usize).as_deref().cloned().unwrap_or_default()
}

fn counts(row: &Row) -> Vec<(u32, u32)> {
    let mut counts: Vec<(u32, u32)> = row.partners.iter().map(|partner| (partner.product.0, partner.count)).collect();
    counts.sort_unstable();
    counts
}

#[test]
fn a_canceled_order_takes_back_exactly_what_it_gave() {
    let mut fold = fold_with(Options::default());
    fold_all(&mut fold, [Events::Trade(vec![placed("o1", "s", &[1, 2])])]);
    let before = row(&fold.state.working.together[0], 1);
    fold_all(&mut fold, [Events::Trade(vec![placed("o2", "s", &[1, 2, 3])])]);
    assert_eq!(counts(&row(&fold.state.working.together[0], 1)), [(2, 2), (3, 1)]);
    let twice = || Events::Trade(vec![canceled("o2", &[1, 2, 3]), canceled("never", &[1, 2])]);
    fold_all(&mut fold, [twice(), twice()]);
    let after = row(&fold.state.working.together[0], 1);
    assert_eq!(counts(&after), [(2, 1)]);
    assert!((after.partners[0].weight - before.partners[0].weight).abs() < 1e-5 && (after.degree - before.degree).abs() < 1e-5);
}

#[test]
fn an_order_imported_twice_counts_once() {
    let mut fold = fold_with(Options::default());
    let order = || Events::Activity(vec![imported("563412", &[4, 5, 4], Origin::default(), 1_000)]);
    fold_all(&mut fold, [order(), order()]);
    assert_eq!(counts(&row(&fold.state.working.together[1], 4)), [(5, 1)]);
}

#[test]
fn a_shopper_counts_once_for_a_pair_and_forward_weighs_more() {
    let mut fold = fold_with(Options::default());
    let ann = shopper("ann");
    let steps = [1, 2, 1, 2, 1].map(|product| Events::Activity(vec![behaved(Behaviour::View, product, &ann, 0)]));
    fold_all(&mut fold, steps);
    let (one, two) = (row(&fold.state.working.viewed, 1), row(&fold.state.working.viewed, 2));
    assert_eq!((counts(&one), counts(&two)), (vec![(2, 1)], vec![(1, 1)]));
    assert!(one.partners[0].weight > 3.0 * two.partners[0].weight);
    let viewed_only = one.partners[0].weight;
    fold_all(&mut fold, [Events::Activity(vec![behaved(Behaviour::Purchase, 2, &ann, 0)])]);
    assert!(row(&fold.state.working.viewed, 1).partners[0].weight > 2.0 * viewed_only, "buying adds to it");
    assert_eq!(counts(&row(&fold.state.working.viewed, 1)), [(2, 1)]);
}

#[test]
fn impressions_and_behaviour_of_nobody_pair_nothing() {
    let mut fold = fold_with(Options::default());
    let ann = shopper("ann");
    let events = vec![
        behaved(Behaviour::Impression, 1, &ann, 0),
        behaved(Behaviour::Impression, 2, &ann, 0),
        behaved(Behaviour::View, 3, &Origin::default(), 0),
        behaved(Behaviour::View, u32::MAX, &ann, 0),
    ];
    fold_all(&mut fold, [Events::Activity(events)]);
    assert_eq!((fold.state.working.products_end, fold.state.working.histories_count(), fold.state.working.viewed.rows.len()), (4, 0, 0));
}

#[test]
fn a_wholesale_order_is_bounded() {
    let mut fold = fold_with(Options::default());
    let products: Vec<u32> = (0..5_000).collect();
    fold_all(&mut fold, [Events::Activity(vec![imported("w", &products, shopper("w"), 0)])]);
    assert_eq!(fold.state.working.products_end, ORDER_PRODUCTS_MAX as u32);
}

#[test]
fn a_forgotten_shopper_has_no_history_and_everybody_else_keeps_theirs() {
    let mut fold = fold_with(Options::default());
    let view = |name: &str| Events::Activity(vec![behaved(Behaviour::View, 1, &shopper(name), 0)]);
    fold_all(&mut fold, [view("ann"), view("bob"), Events::Trade(vec![placed("o", "ann", &[2])])]);
    let (ann, bob) = (ShopperId::new("ann").expect("an id"), ShopperId::new("bob").expect("an id"));
    let reader = fold.reader();
    assert_eq!(reader.take().history(Some(&ann), None), [Ordinal(2), Ordinal(1)]);
    fold.erase(Some(&ann), None);
    fold.publish();
    let snapshot = reader.take();
    assert!(snapshot.history(Some(&ann), None).is_empty() && snapshot.history(Some(&bob), None) == [Ordinal(1)]);
}

#[test]
fn the_visit_of_a_known_shopper_has_a_history_too() {
    let mut fold = fold_with(Options::default());
    let session = SessionId::new("v").expect("an id");
    let origin = Origin { session: Some(session.clone()), ..shopper("ann") };
    let steps = [1, 2].map(|product| behaved(Behaviour::View, product, &origin, i64::from(product)));
    fold_all(&mut fold, [Events::Activity(steps.to_vec())]);
    assert_eq!(fold.state.working.history(None, Some(&session)), [Ordinal(2), Ordinal(1)]);
    assert_eq!(counts(&row(&fold.state.working.viewed, 1)), [(2, 1)]);
}

#[test]
fn a_checkpoint_of_other_half_lives_or_with_damage_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("recommend");
    let mut fold = fold_with(Options::default());
    fold_all(&mut fold, [Events::Trade(vec![placed("o1", "s", &[1, 2])])]);
    fold.save(&path).expect("saves");
    let other = Options { views_half_life_ms: 7, ..Options::default() };
    assert!(matches!(RecommendFold::load(&path, other, signals()), Err(RecommendError::OtherOptions)));
    let mut bytes = std::fs::read(&path).expect("reads");
    bytes[400] ^= 1; // The first section starts at 320.
    std::fs::write(&path, bytes).expect("writes");
    assert!(matches!(RecommendFold::load(&path, Options::default(), signals()), Err(RecommendError::Mapped(_))));
}

fn any_event() -> impl Strategy<Value = Events> {
    let behaviour = prop::sample::select(vec![Behaviour::Impression, Behaviour::View, Behaviour::AddToCart, Behaviour::Purchase]);
    let time = prop_oneof![8 => 0..900 * 86_400_000_i64, 1 => any::<i64>()];
    let product = prop_oneof![9 => 0_u32..90, 1 => 1_000_u32..90_000];
    let products = prop::collection::vec(product.clone(), 1..6);
    let order = 0_u32..60;
    prop_oneof![
        8 => (behaviour, product, 0_u32..9, time.clone()).prop_map(|(what, product, who, at)| {
            Events::Activity(vec![behaved(what, product, &shopper(&who.to_string()), at)])
        }),
        2 => (order.clone(), products.clone(), time).prop_map(|(name, products, at)| {
            Events::Activity(vec![imported(&name.to_string(), &products, shopper("0"), at)])
        }),
        2 => (order.clone(), products.clone()).prop_map(|(name, products)| Events::Trade(vec![placed(&name.to_string(), "1", &products)])),
        1 => (order, products).prop_map(|(name, products)| Events::Trade(vec![canceled(&name.to_string(), &products)])),
    ]
}

/// Numbers the entries per stream; the times of the pipeline rise by a day.
fn journal(entries: Vec<Events>) -> Vec<Recorded> {
    let mut progress = Progress::default();
    let number = |(index, events): (usize, Events)| {
        let mut entry = Recorded { offset: Offset(0), at: Timestamp((index as i64 + 1) * 86_400_000), events };
        entry.offset = progress.of(entry.stream());
        progress.advance(entry.stream(), entry.offset.plus(1));
        entry
    };
    entries.into_iter().enumerate().map(number).collect()
}

/// Everything of the state, as the bytes of a checkpoint.
fn bytes(fold: &RecommendFold) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("recommend");
    fold.save(&path).expect("saves");
    std::fs::read(path).expect("reads")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn replay_gives_the_tables_of_the_live_run_bit_for_bit(
        entries in prop::collection::vec(any_event(), 1..200), cut in 0_usize..200, publish_every in 1_usize..9
    ) {
        let options = Options { rings_max: 4, orders_remembered_max: 16, ..Options::default() };
        let entries = journal(entries);
        let mut live = fold_with(options.clone());
        for (index, entry) in entries.iter().enumerate() {
            live.apply(entry);
            if index % publish_every == 0 {
                live.publish();
            }
        }
        let mut before = fold_with(options.clone());
        entries.iter().take(cut).for_each(|entry| before.apply(entry));
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("recommend");
        before.save(&path).expect("saves");
        let mut after = RecommendFold::load(&path, options, signals()).expect("loads");
        // Stream by stream, as start-up replays them, and from the very beginning: the first part must be ignored.
        for stream in Stream::ALL {
            entries.iter().filter(|entry| entry.stream() == stream).for_each(|entry| after.apply(entry));
        }
        prop_assert!(bytes(&live) == bytes(&after));
    }
}
