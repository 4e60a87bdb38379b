//! What the signal fold promises:
//!
//! 1. the same entries give the same rows, bit for bit, however streams interleave and wherever a checkpoint was taken between;
//! 2. a sale moves velocity and prior at once, a canceled order takes back exactly what it gave;
//! 3. an order imported twice counts once;
//! 4. numbers from outside never lead to anything infinite or out of bounds.
//!
//! What purchases promise stands in `purchases_tests.rs`.

use super::*;
use crate::event::activity::{HistoryLine, ShopperDigest};
use crate::event::{ActivityEvent, Document, Origin, Stream};
use crate::id::{Offset, OrderId, ProductId, SessionId, ShopperId};
use crate::signal::{PRIOR_MAX, PRIOR_MIN, Sellable, SignalRow};
use crate::stdx::clock::Timestamp;
use proptest::prelude::*;

const DAY_MS: i64 = 86_400_000;

pub(in crate::signal) fn fold() -> SignalFold {
    SignalFold::new(None, Options::default()).expect("a fold")
}

fn behaved(behaviour: Behaviour, product: u32, happened_at: i64) -> ActivityEvent {
    let product = Ordinal(product);
    ActivityEvent::Behaved { behaviour, product, quantity: 1, origin: Origin::default(), happened_at: Timestamp(happened_at) }
}

fn imported(reference: &str, lines: &[(u32, i64)], happened_at: i64) -> ActivityEvent {
    let line = |&(product, quantity): &(u32, i64)| HistoryLine { product: Ordinal(product), sku: None, quantity, unit_price: None };
    ActivityEvent::OrderImported {
        reference: reference.to_owned(),
        origin: Origin::default(),
        lines: lines.iter().map(line).collect(),
        happened_at: Timestamp(happened_at),
    }
}

pub(in crate::signal) fn placed(order: &str, lines: &[(u32, i64)]) -> TradeEvent {
    let lines: Vec<serde_json::Value> = lines.iter().map(line_json).collect();
    serde_json::from_value(serde_json::json!({"order_placed": {
        "order": order, "checkout": "c", "buyer": {}, "address": {}, "lines": lines, "totals": totals_json(), "payment": "p",
        "reservation": "r", "units": []
    }}))
    .expect("an order")
}

fn canceled(order: &str, lines: &[(u32, i64)]) -> TradeEvent {
    let lines: Vec<serde_json::Value> = lines.iter().map(line_json).collect();
    serde_json::from_value(serde_json::json!({"order_canceled": {"order": order, "lines": lines, "reason": "changed their mind"}}))
        .expect("a cancellation")
}

fn line_json(&(product, quantity): &(u32, i64)) -> serde_json::Value {
    let unit_price = serde_json::json!({"amount_minor": 100, "currency": "EUR"});
    serde_json::json!({"id": "l", "sku": "s", "product": product, "title": "T", "quantity": quantity, "unit_price": unit_price})
}

fn totals_json() -> serde_json::Value {
    let none = serde_json::json!({"amount_minor": 0, "currency": "EUR"});
    serde_json::json!({"subtotal": none, "discount": none, "shipping": none, "tax": none, "total": none})
}

fn put(product: u32, document: &str) -> CatalogEvent {
    let document = Document(Arc::from(document.as_bytes()));
    CatalogEvent::ProductPut { ordinal: Ordinal(product), id: ProductId::new("p").expect("an id"), document }
}

fn recorded(offset: u64, at: i64, events: Events) -> Recorded {
    Recorded { offset: Offset(offset), at: Timestamp(at), events }
}

/// Folds each as an entry of its own, with the offsets that follow.
pub(in crate::signal) fn fold_all(fold: &mut SignalFold, at: i64, entries: impl IntoIterator<Item = Events>) {
    for events in entries {
        let mut entry = recorded(0, at, events);
        entry.offset = fold.progress().of(entry.stream());
        fold.apply(&entry);
    }
    fold.publish();
}

pub(in crate::signal) fn rows(fold: &mut SignalFold) -> Vec<SignalRow> {
    fold.refresh(usize::MAX);
    (0..fold.products_count()).map(|index| fold.table().row(Ordinal(index as u32))).collect()
}

#[test]
fn a_sale_moves_velocity_and_prior_at_once_and_a_canceled_order_takes_it_back() {
    let mut fold = fold();
    let table = fold.table();
    fold_all(&mut fold, DAY_MS, [Events::Trade(vec![placed("o1", &[(3, 2)])])]);
    let before = table.row(Ordinal(3));
    assert!(before.velocity_per_day > 0.0 && before.prior > 1.0, "{before:?}");
    fold_all(&mut fold, 5 * DAY_MS, [Events::Trade(vec![placed("o2", &[(3, 4), (4, 1)])])]);
    let more = table.row(Ordinal(3)).velocity_per_day;
    fold_all(&mut fold, 9 * DAY_MS, [Events::Trade(vec![canceled("o2", &[(3, 4), (4, 1)]), canceled("o2", &[(3, 4), (4, 1)])])]);
    let after = table.row(Ordinal(3)).velocity_per_day;
    assert!(more > after && after > 0.0);
    assert!(table.row(Ordinal(4)).velocity_per_day < 1e-6);
}

/// Whatever was bought once counted as selling for good, so that a shop in which much is canceled took its usual product for a slow one.
#[test]
fn what_was_canceled_came_back_or_is_long_ago_is_no_product_that_sells() {
    let mut fold = fold();
    let order = |number: u32| placed(&format!("o{number}"), &[(number, 1)]);
    fold_all(&mut fold, DAY_MS, (0..9).map(|number| Events::Trade(vec![order(number)])));
    let usual = rows(&mut fold)[0];
    assert_eq!((fold.state.counts.sold, fold.state.counts.seen), (9, 9));
    fold_all(&mut fold, DAY_MS, (1..9).map(|number| Events::Trade(vec![canceled(&format!("o{number}"), &[(number, 1)])])));
    assert_eq!((fold.state.counts.sold, fold.state.counts.seen), (1, 1));
    assert!((rows(&mut fold)[0].prior - usual.prior).abs() < 1e-3, "it sells as the mean product does");
    let back = imported("back", &[(0, -1)], DAY_MS);
    fold_all(
        &mut fold,
        DAY_MS,
        [Events::Activity(vec![imported("there", &[(10, 1)], DAY_MS), back, imported("away", &[(10, -1)], DAY_MS)])],
    );
    assert_eq!(fold.state.counts.sold, 1, "what came back sold nothing");
    fold_all(&mut fold, 400 * DAY_MS, [Events::Activity(vec![behaved(Behaviour::Purchase, 11, 400 * DAY_MS)])]);
    fold.refresh(usize::MAX);
    assert_eq!((fold.state.counts.sold, fold.state.counts.seen), (1, 1), "what sold a year ago");
}

#[test]
fn an_order_that_is_not_remembered_takes_back_at_most_what_there_is() {
    let mut fold = fold();
    fold_all(&mut fold, DAY_MS, [Events::Trade(vec![placed("o1", &[(0, 2)]), canceled("forgotten", &[(0, 900)])])]);
    assert_eq!(fold.table().row(Ordinal(0)).velocity_per_day, 0.0);
    fold_all(&mut fold, DAY_MS, [Events::Trade(vec![placed("o2", &[(0, 1)])])]);
    assert!(fold.table().row(Ordinal(0)).velocity_per_day > 0.0);
}

#[test]
fn an_order_imported_twice_counts_once_and_returns_take_back() {
    let (mut once, mut twice) = (fold(), fold());
    let order = || Events::Activity(vec![imported("563412", &[(0, 6), (1, 2)], DAY_MS)]);
    fold_all(&mut once, 2 * DAY_MS, [order()]);
    fold_all(&mut twice, 2 * DAY_MS, [order(), order()]);
    assert_eq!(rows(&mut once), rows(&mut twice));
    fold_all(&mut once, 2 * DAY_MS, [Events::Activity(vec![imported("C563412", &[(0, -6)], DAY_MS)])]);
    assert_eq!(once.table().row(Ordinal(0)).velocity_per_day, 0.0);
    assert!(once.table().row(Ordinal(1)).velocity_per_day > 0.0);
}

#[test]
fn history_has_velocity_relative_to_its_own_end_and_catalogue_times_do_not_age_it() {
    let mut fold = fold();
    let year_2011 = 15_000 * DAY_MS;
    let sales = (0..60).map(|day| Events::Activity(vec![imported(&format!("{day}"), &[(0, 10)], year_2011 + day * DAY_MS)]));
    fold_all(&mut fold, 20_000 * DAY_MS, sales);
    fold_all(&mut fold, 20_001 * DAY_MS, [Events::Catalog(vec![put(0, "{}")])]);
    let row = fold.table().row(Ordinal(0));
    assert!((row.velocity_per_day - 10.0).abs() < 1.5, "{row:?}");
}

#[test]
fn a_moment_in_the_future_does_not_age_the_shop() {
    let mut fold = fold();
    fold_all(&mut fold, DAY_MS, [Events::Trade(vec![placed("o", &[(0, 5)])])]);
    let before = fold.table().row(Ordinal(0)).velocity_per_day;
    fold_all(&mut fold, DAY_MS, [Events::Activity(vec![behaved(Behaviour::View, 1, i64::MAX)])]);
    assert_eq!(rows(&mut fold)[0].velocity_per_day, before);
}

/// One event of 1970 made a shop of a week look half a century old: its rates were read as far too low, and everything as trending.
#[test]
fn an_event_that_weighs_nothing_any_more_does_not_make_a_young_shop_old() {
    let year_2026 = 20_454 * DAY_MS;
    let week = || (0..7).flat_map(move |day| (0..4).map(move |product| behaved(Behaviour::Purchase, product, year_2026 + day * DAY_MS)));
    let told = |events: Vec<ActivityEvent>| {
        let mut fold = fold();
        fold_all(&mut fold, year_2026 + 9 * DAY_MS, events.into_iter().map(|event| Events::Activity(vec![event])));
        rows(&mut fold)[..4].to_vec()
    };
    let expected = told(week().collect());
    assert!((expected[0].velocity_per_day - 1.0).abs() < 0.3, "{:?}", expected[0]);
    for odd in [0, year_2026 - 301 * DAY_MS] {
        let last = told(week().chain([behaved(Behaviour::View, 9, odd)]).collect());
        let first = told([behaved(Behaviour::View, 9, odd)].into_iter().chain(week()).collect());
        for row in [last[0], first[0]] {
            assert!(
                (row.velocity_per_day - expected[0].velocity_per_day).abs() < 1e-3 && (row.trend - expected[0].trend).abs() < 0.05,
                "{row:?}"
            );
        }
    }
}

#[test]
fn entries_below_the_progress_are_ignored() {
    let mut fold = fold();
    let entry = recorded(0, DAY_MS, Events::Trade(vec![placed("o", &[(0, 1)])]));
    fold.apply(&entry);
    let other = recorded(0, DAY_MS, Events::Trade(vec![placed("another", &[(0, 1)])]));
    fold.apply(&other);
    fold.publish();
    assert_eq!((fold.progress().of(Stream::Trade), fold.state.counts.sold), (Offset(1), 1));
    assert!((fold.state.shop[0].units_long - 1.0).abs() < 1e-9);
}

#[test]
fn availability_and_price_are_visible_and_sold_out_sinks() {
    let mut fold = fold();
    let offer = r#"{"variants":[{"offers":[{"price":{"amount_minor":1999}}]}]}"#;
    fold_all(&mut fold, 0, [Events::Catalog(vec![put(2, offer)])]);
    fold.set_available(Ordinal(2), 3);
    let row = fold.table().row(Ordinal(2));
    assert_eq!((row.price_minor, row.available_units, fold.table().is_available(Ordinal(2))), (1_999, 3, true));
    fold.set_available(Ordinal(2), 0);
    assert!(!fold.table().is_available(Ordinal(2)) && fold.table().prior(Ordinal(2)) < row.prior);
}

#[test]
fn refreshing_lets_an_untouched_product_cool_down() {
    let mut fold = fold();
    fold_all(&mut fold, DAY_MS, [Events::Trade(vec![placed("o", &[(0, 5)])])]);
    let hot = fold.table().row(Ordinal(0)).velocity_per_day;
    fold_all(&mut fold, 30 * DAY_MS, [Events::Activity(vec![behaved(Behaviour::View, 5, 30 * DAY_MS)])]);
    assert!(fold.table().row(Ordinal(0)).velocity_per_day < hot / 5.0, "six products fit into one publish");
}

#[test]
fn a_folder_that_is_missing_shows_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(SignalFold::new(Some(&folder.path().join("nowhere/signals")), Options::default()).is_err());
    assert!(SignalFold::new(Some(&folder.path().join("signals")), Options::default()).is_ok());
}

#[test]
fn a_checkpoint_of_other_half_lives_or_with_damage_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("signals");
    let mut whole = fold();
    fold_all(&mut whole, DAY_MS, [Events::Trade(vec![placed("o", &[(0, 5)])])]);
    whole.save(&path).expect("saves");
    let other = Options { half_life_short_ms: 7, ..Options::default() };
    assert!(matches!(SignalFold::load(&path, None, other), Err(SignalError::OtherOptions)));
    let mut bytes = std::fs::read(&path).expect("reads");
    bytes[200] ^= 1; // The first section starts at 192.
    std::fs::write(&path, bytes).expect("writes");
    assert!(matches!(SignalFold::load(&path, None, Options::default()), Err(SignalError::Mapped(_))));
}

/// The same of somebody: in a visit where the number is odd.
fn by(who: Option<u32>, mut event: ActivityEvent) -> ActivityEvent {
    let name = who.unwrap_or_default().to_string();
    let (shopper, session) = (ShopperId::new(&name).ok().filter(|_| who.is_some()), SessionId::new(&name).ok());
    let session = session.filter(|_| who.is_some_and(|who| who % 2 == 1));
    match &mut event {
        ActivityEvent::Behaved { origin, .. } | ActivityEvent::OrderImported { origin, .. } | ActivityEvent::OrderNoted { origin, .. } => {
            *origin = Origin { shopper, session, ..Origin::default() };
        }
        _ => {}
    }
    event
}

pub(in crate::signal) fn noted(order: &str, lines: &[(u32, i64)]) -> ActivityEvent {
    let line = |&(product, quantity): &(u32, i64)| HistoryLine { product: Ordinal(product), sku: None, quantity, unit_price: None };
    let order = OrderId::new(order).expect("an id");
    ActivityEvent::OrderNoted { order, origin: Origin::default(), lines: lines.iter().map(line).collect(), kept: None }
}

fn any_event() -> impl Strategy<Value = Events> {
    let behaviour =
        prop::sample::select(vec![Behaviour::Impression, Behaviour::Click, Behaviour::View, Behaviour::AddToCart, Behaviour::Purchase]);
    let time = prop_oneof![8 => 0..90 * DAY_MS, 1 => any::<i64>()];
    let quantity = prop_oneof![8 => -3_i64..50, 1 => any::<i64>()];
    let lines = prop::collection::vec((0_u32..12, quantity), 1..4);
    let who = prop::option::of(0_u32..3);
    prop_oneof![
        (behaviour, 0_u32..12, time.clone(), who.clone()).prop_map(|(what, product, at, who)| {
            let event = behaved(what, product, at);
            Events::Activity(vec![by(who, event)])
        }),
        (0_u32..40, lines.clone(), time, who.clone()).prop_map(|(name, lines, at, who)| {
            let event = imported(&name.to_string(), &lines, at);
            Events::Activity(vec![by(who, event)])
        }),
        (0_u32..40, lines.clone(), who).prop_map(|(name, lines, who)| Events::Activity(vec![by(who, noted(&name.to_string(), &lines))])),
        (0_u32..3).prop_map(|who| {
            let who = ShopperId::new(&who.to_string()).expect("an id");
            Events::Activity(vec![ActivityEvent::ShopperErased { shopper: ShopperDigest::of(&who) }])
        }),
        (0_u32..40, lines.clone()).prop_map(|(name, lines)| Events::Trade(vec![placed(&name.to_string(), &lines)])),
        (0_u32..40, lines).prop_map(|(name, lines)| Events::Trade(vec![canceled(&name.to_string(), &lines)])),
        (0_u32..12, 0_u32..9, 0_u32..2_000).prop_map(|(product, stars, count)| {
            let document = format!(r#"{{"rating":{{"average":{stars},"count":{count}}},"popularity":{count}.5,"variants":[]}}"#);
            Events::Catalog(vec![put(product, &document)])
        }),
    ]
}

/// Numbers the entries per stream; the times of the pipeline rise by an hour.
fn journal(entries: Vec<Events>) -> Vec<Recorded> {
    let mut progress = Progress::default();
    let number = |(index, events): (usize, Events)| {
        let mut entry = recorded(0, (index as i64) * 3_600_000 + DAY_MS, events);
        entry.offset = progress.of(entry.stream());
        progress.advance(entry.stream(), entry.offset.plus(1));
        entry
    };
    entries.into_iter().enumerate().map(number).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn replay_gives_the_rows_of_the_live_run_bit_for_bit(
        entries in prop::collection::vec(any_event(), 1..60), cut in 0_usize..60, publish_every in 1_usize..9
    ) {
        let entries = journal(entries);
        let mut live = fold();
        for (index, entry) in entries.iter().enumerate() {
            live.apply(entry);
            if index % publish_every == 0 {
                live.publish();
            }
        }
        live.publish();
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("signals");
        let mut before = fold();
        entries.iter().take(cut).for_each(|entry| before.apply(entry));
        before.save(&path).expect("saves");
        let mut after = SignalFold::load(&path, None, Options::default()).expect("loads");
        // Stream by stream, as start-up replays them, and from the very beginning: the first part must be ignored.
        for stream in Stream::ALL {
            entries.iter().filter(|entry| entry.stream() == stream).for_each(|entry| after.apply(entry));
        }
        after.publish();
        prop_assert_eq!(rows(&mut live), rows(&mut after));
        for row in rows(&mut live) {
            prop_assert!((PRIOR_MIN..=PRIOR_MAX).contains(&row.prior), "{:?}", row);
            prop_assert!(row.velocity_per_day.is_finite() && row.velocity_per_day >= 0.0 && row.trend.is_finite());
        }
    }
}

#[test]
fn what_was_told_of_skus_is_in_a_checkpoint() {
    let mut fold = fold();
    let variants = |skus: &[&str]| {
        let variants: Vec<serde_json::Value> = skus.iter().map(|sku| serde_json::json!({"sku": sku})).collect();
        serde_json::json!({"variants": variants}).to_string()
    };
    fold_all(&mut fold, 0, [Events::Catalog(vec![put(2, &variants(&["a", "b", "c"])), put(3, &variants(&["d"]))])]);
    let tell = |fold: &mut SignalFold, product, skus: &[(&str, bool)]| {
        let skus = skus.iter().map(|(sku, sells)| (SkuMark::of(sku), *sells)).collect();
        fold.set_sellable(&Sellable { product: Ordinal(product), units: 5, skus });
    };
    tell(&mut fold, 2, &[("a", true), ("b", false)]);
    tell(&mut fold, 3, &[("d", true)]);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("signal");
    fold.save(&path).expect("saves");
    let mut again = SignalFold::load(&path, None, Options::default()).expect("loads");
    let sells = |fold: &SignalFold, product: u32| [0, 1, 2].map(|variant| fold.table().sells(Ordinal(product), variant));
    assert_eq!((sells(&fold, 2), sells(&again, 2)), ([true, false, false], [true, false, false]));
    // The document turns them round and the other gets a second variant: what was told before the checkpoint holds.
    for fold in [&mut fold, &mut again] {
        fold_all(fold, 1, [Events::Catalog(vec![put(2, &variants(&["c", "b", "a"])), put(3, &variants(&["e", "d"]))])]);
        assert_eq!((sells(fold, 2), sells(fold, 3)), ([false, false, true], [false, true, true]));
        assert_eq!((fold.table().first_sold(Ordinal(2)), fold.table().first_sold(Ordinal(3))), (2, 1));
    }
    assert_eq!(fold.state.skus, again.state.skus);
}
