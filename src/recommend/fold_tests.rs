//! What the recommendation fold promises:
//!
//! 1. the same entries give the same tables, bit for bit, however streams interleave and wherever a checkpoint was taken between;
//! 2. a canceled order and a returned product take back exactly what they gave, an order told twice counts once;
//! 3. a shopper counts once for a pair, however often they look;
//! 4. a shopper who is erased has never been there.

use super::*;
use crate::event::Origin;
use crate::event::activity::{HistoryLine, ShopperDigest};
use crate::event::{Behaviour, Stream};
use crate::id::{Offset, OrderId, SessionId, ShopperId};
use crate::recommend::RecommendError;
use crate::recommend::relationship::{Gate, Relationship, Tie};
use crate::recommend::row::Row;
use crate::signal;
use crate::stdx::clock::Timestamp;
use Relationship::{AlsoBought, AlsoViewed, BoughtTogether, ViewedThenBought};
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
    let line = |&product: &u32| HistoryLine { product: Ordinal(product), sku: None, quantity: 1, unit_price: None };
    let lines = products.iter().map(line).collect();
    ActivityEvent::OrderImported { reference: reference.to_owned(), origin, lines, happened_at: Timestamp(happened_at) }
}

pub(crate) fn placed(order: &str, who: &str, products: &[u32]) -> ActivityEvent {
    let line = |&product: &u32| HistoryLine { product: Ordinal(product), sku: None, quantity: 1, unit_price: None };
    ActivityEvent::OrderNoted { order: name_of(order), origin: shopper(who), lines: products.iter().map(line).collect(), kept: None }
}

fn canceled(order: &str) -> ActivityEvent {
    ActivityEvent::CancellationNoted { order: name_of(order) }
}

fn name_of(order: &str) -> OrderId {
    OrderId::new(order).expect("an id")
}

pub(crate) fn erased(name: &str) -> ActivityEvent {
    ActivityEvent::ShopperErased { shopper: ShopperDigest::of(&ShopperId::new(name).expect("an id")) }
}

/// Folds each as an entry of its own, with the offsets that follow.
pub(crate) fn fold_all(fold: &mut RecommendFold, entries: impl IntoIterator<Item = Events>) {
    fold_at(fold, 4_000_000_000_000, entries);
}

pub(crate) fn fold_at(fold: &mut RecommendFold, at: i64, entries: impl IntoIterator<Item = Events>) {
    for events in entries {
        let mut entry = Recorded { offset: Offset(0), at: Timestamp(at), events };
        entry.offset = fold.progress().of(entry.stream());
        fold.apply(&entry);
    }
    fold.publish();
}

pub(crate) fn fold_events(events: impl IntoIterator<Item = ActivityEvent>) -> RecommendFold {
    let mut fold = fold_with(Options::default());
    fold_at(&mut fold, LAST, events.into_iter().map(|event| Events::Activity(vec![event])));
    fold
}

/// The last moment that the events of [`any_activity`] happen at, after 300 days: five half-lives, so that taking something of today away
/// leaves an error of at most 2^-18 of something that old.
pub(crate) const LAST: i64 = 300 * 86_400_000;

fn row(fold: &RecommendFold, relationship: Relationship, product: u32) -> Row {
    fold.state.tables.relations[relationship as usize].rows.reader().row(Ordinal(product)).unwrap_or_default()
}

fn supports(fold: &RecommendFold, relationship: Relationship, product: u32) -> Vec<(u32, i32)> {
    let mut supports: Vec<(u32, i32)> =
        row(fold, relationship, product).partners.iter().map(|partner| (partner.product.0, partner.support)).collect();
    supports.sort_unstable();
    supports
}

/// All ties of all relationships, in the order of products.
pub(crate) fn all_ties(fold: &RecommendFold) -> Vec<(Relationship, u32, Tie)> {
    let snapshot = &fold.reader().take();
    let asked =
        Relationship::ALL.into_iter().flat_map(|relationship| (0..snapshot.products_end).map(move |product| (relationship, product)));
    let mut ties = Vec::new();
    for (relationship, product) in asked {
        let mut found = snapshot.ties(relationship, Ordinal(product), Gate::OPEN);
        found.sort_by_key(|tie| tie.product);
        ties.extend(found.into_iter().map(|tie| (relationship, product, tie)));
    }
    ties
}

/// The same ties with the same counts; scores may differ by the rounding of sums in another order.
pub(crate) fn assert_same_ties(one: &RecommendFold, other: &RecommendFold) {
    let (one_ties, other_ties) = (all_ties(one), all_ties(other));
    let counts = |ties: &[(Relationship, u32, Tie)]| -> Vec<_> {
        ties.iter()
            .map(|(relationship, product, tie)| (*relationship, *product, tie.product, tie.support, tie.after, tie.z, tie.lift))
            .collect()
    };
    assert_eq!(counts(&one_ties), counts(&other_ties));
    for ((_, _, tie), (_, _, same)) in one_ties.iter().zip(&other_ties) {
        assert!((tie.score - same.score).abs() <= 1e-3 * same.score.abs(), "{tie:?} {same:?}");
    }
    let shown = |fold: &RecommendFold, relationship, product| {
        let gate = Gate { support_min: 2, ..Gate::OPEN };
        let mut ties = fold.reader().take().ties(relationship, Ordinal(product), gate);
        ties.sort_by_key(|tie| tie.product);
        ties.iter().map(|tie| tie.product).collect::<Vec<_>>()
    };
    for (relationship, product) in
        Relationship::ALL.into_iter().flat_map(|relationship| (0..100).map(move |product| (relationship, product)))
    {
        let reach = |fold: &RecommendFold| fold.reader().take().reach(relationship, Ordinal(product));
        assert_eq!(reach(one), reach(other), "{relationship:?} {product}");
        assert_eq!(shown(one, relationship, product), shown(other, relationship, product), "{relationship:?} {product}");
    }
}

#[test]
fn a_canceled_order_takes_back_exactly_what_it_gave() {
    let mut fold = fold_events([placed("o1", "s", &[1, 2])]);
    let before = fold_events([placed("o1", "s", &[1, 2])]);
    fold_at(&mut fold, LAST, [Events::Activity(vec![placed("o2", "s", &[1, 2, 3])])]);
    assert_eq!(supports(&fold, BoughtTogether, 1), [(2, 2), (3, 1)]);
    assert_eq!(supports(&fold, AlsoBought, 1), [(2, 1), (3, 1)], "the same shopper is one");
    let twice = || Events::Activity(vec![canceled("o2"), canceled("never")]);
    fold_at(&mut fold, LAST, [twice(), twice()]);
    assert_same_ties(&fold, &before);
}

#[test]
fn orders_of_nobody_are_tied_and_taken_back_too() {
    let nobody = |order: &str, products: &[u32]| {
        let line = |&product: &u32| HistoryLine { product: Ordinal(product), sku: None, quantity: 1, unit_price: None };
        ActivityEvent::OrderNoted {
            order: name_of(order),
            origin: Origin::default(),
            lines: products.iter().map(line).collect(),
            kept: None,
        }
    };
    let fold = fold_events([nobody("o1", &[1, 2]), nobody("o2", &[1, 2]), nobody("o3", &[1, 2]), canceled("o2")]);
    assert_eq!(supports(&fold, BoughtTogether, 1), [(2, 2)]);
    assert_eq!(fold.reader().take().reach(AlsoBought, Ordinal(1)), 2);
}

#[test]
fn an_order_imported_twice_counts_once_and_a_return_takes_its_product_back() {
    let order = || imported("563412", &[4, 5, 6, 4], shopper("ann"), 1_000);
    let mut fold = fold_events([order(), order()]);
    assert_eq!(supports(&fold, BoughtTogether, 4), [(5, 1), (6, 1)]);
    let back = HistoryLine { product: Ordinal(5), sku: None, quantity: -1, unit_price: None };
    let returned = ActivityEvent::OrderImported {
        reference: "C563412".to_owned(),
        origin: shopper("ann"),
        lines: vec![back],
        happened_at: Timestamp(2_000),
    };
    fold_at(&mut fold, LAST, [Events::Activity(vec![returned])]);
    let kept = fold_events([imported("563412", &[4, 6], shopper("ann"), 1_000)]);
    assert_eq!(supports(&fold, BoughtTogether, 4), [(6, 1)]);
    assert_same_ties(&fold, &kept);
}

#[test]
fn a_shopper_counts_once_for_a_pair_and_forward_weighs_more() {
    let ann = shopper("ann");
    let mut fold = fold_events([1, 2, 1, 2, 1].map(|product| behaved(Behaviour::View, product, &ann, 0)));
    assert_eq!((supports(&fold, AlsoViewed, 1), supports(&fold, AlsoViewed, 2)), (vec![(2, 1)], vec![(1, 1)]));
    let weight = |fold: &RecommendFold, product| row(fold, AlsoViewed, product).partners[0].weight;
    assert!(weight(&fold, 1) > 3.0 * weight(&fold, 2));
    let viewed_only = weight(&fold, 1);
    fold_at(&mut fold, LAST, [Events::Activity(vec![behaved(Behaviour::AddToCart, 2, &ann, 0)])]);
    assert!(weight(&fold, 1) > 1.9 * viewed_only, "a cart adds to it");
    assert_eq!(supports(&fold, AlsoViewed, 1), [(2, 1)]);
    let tie = fold.reader().take().ties(AlsoViewed, Ordinal(1), Gate::OPEN)[0];
    assert_eq!((tie.support, tie.after), (1, 1.0));
}

#[test]
fn what_was_looked_at_leads_to_what_was_bought_and_so_many_people_can_be_told() {
    let mut events = Vec::new();
    for who in ["ann", "bob", "cy"] {
        events.extend([1, 2].map(|product| behaved(Behaviour::View, product, &shopper(who), 0)));
        events.push(behaved(Behaviour::Purchase, 2, &shopper(who), 1));
    }
    events.push(behaved(Behaviour::View, 1, &shopper("dee"), 0));
    events.extend((0..30).map(|number| behaved(Behaviour::Purchase, 9, &shopper(&number.to_string()), 0)));
    let fold = fold_events(events);
    let snapshot = &fold.reader().take();
    let tie = snapshot.ties(ViewedThenBought, Ordinal(1), snapshot.gate(ViewedThenBought))[0];
    assert_eq!((tie.product, tie.support, snapshot.reach(ViewedThenBought, Ordinal(1))), (Ordinal(2), 3, 4), "3 of 4 people");
    assert_eq!(snapshot.ties(ViewedThenBought, Ordinal(2), Gate::OPEN), [], "there is no way back");
}

#[test]
fn impressions_and_behaviour_of_nobody_pair_nothing() {
    let ann = shopper("ann");
    let fold = fold_events([
        behaved(Behaviour::Impression, 1, &ann, 0),
        behaved(Behaviour::Impression, 2, &ann, 0),
        behaved(Behaviour::View, 3, &Origin::default(), 0),
        behaved(Behaviour::View, u32::MAX, &ann, 0),
    ]);
    assert_eq!((fold.state.products_end, fold.reader().take().histories_count(), all_ties(&fold).len()), (4, 0, 0));
}

#[test]
fn a_wholesale_order_and_a_million_event_shopper_are_bounded() {
    let products: Vec<u32> = (0..5_000).collect();
    let mut fold = fold_events([imported("w", &products, shopper("w"), 0)]);
    assert_eq!(fold.state.products_end, crate::recommend::logs::ORDER_PRODUCTS_MAX as u32);
    let step = |number: u32| {
        let behaviour = if number.is_multiple_of(7) { Behaviour::Purchase } else { Behaviour::View };
        behaved(behaviour, number % 3_000, &shopper("robot"), i64::from(number))
    };
    fold_at(&mut fold, LAST, [Events::Activity((0..10_000).map(step).collect())]);
    let robot = ShopperId::new("robot").expect("an id");
    let steps = fold.reader().take().steps(Some(&robot), None);
    assert!(steps.len() <= crate::recommend::LOOKS_MAX + crate::recommend::PURCHASES_MAX);
    fold_at(&mut fold, LAST, [Events::Activity(vec![erased("robot"), erased("w")])]);
    assert_eq!(all_ties(&fold), [], "the tables were what the logs said");
}

#[test]
fn an_erased_shopper_has_no_history_and_everybody_else_keeps_theirs() {
    let view = |name: &str| behaved(Behaviour::View, 1, &shopper(name), 0);
    let mut fold = fold_events([view("ann"), view("bob"), placed("o", "ann", &[2])]);
    let (ann, bob) = (ShopperId::new("ann").expect("an id"), ShopperId::new("bob").expect("an id"));
    let reader = fold.reader();
    assert_eq!(reader.take().history(Some(&ann), None), [Ordinal(2), Ordinal(1)]);
    fold_at(&mut fold, LAST, [Events::Activity(vec![erased("ann")])]);
    let snapshot = reader.take();
    assert!(snapshot.history(Some(&ann), None).is_empty() && snapshot.history(Some(&bob), None) == [Ordinal(1)]);
}

#[test]
fn a_visit_of_a_known_shopper_answers_with_the_shoppers_history_and_goes_with_them() {
    let session = SessionId::new("v").expect("an id");
    let visit = Origin { session: Some(session.clone()), ..Origin::default() };
    let known = Origin { session: Some(session.clone()), ..shopper("ann") };
    let before = behaved(Behaviour::View, 7, &visit, 0);
    let mut fold = fold_events([before, behaved(Behaviour::View, 1, &known, 1_000), behaved(Behaviour::View, 2, &known, 2_000)]);
    assert_eq!(fold.reader().take().history(None, Some(&session)), [Ordinal(2), Ordinal(1), Ordinal(7)]);
    assert_eq!(supports(&fold, AlsoViewed, 1), [(2, 1), (7, 1)], "what was looked at before is the shopper's, too");
    fold_at(&mut fold, LAST, [Events::Activity(vec![erased("ann")])]);
    assert_eq!((fold.reader().take().history(None, Some(&session)), fold.reader().take().histories_count()), (vec![], 0));
}

#[test]
fn a_checkpoint_of_other_half_lives_or_with_damage_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("recommend");
    let mut fold = fold_with(Options::default());
    fold_at(&mut fold, LAST, [Events::Activity(vec![placed("o1", "s", &[1, 2])])]);
    fold.save(&path).expect("saves");
    let other = Options { views_half_life_ms: 7, ..Options::default() };
    assert!(matches!(RecommendFold::load(&path, other, signals()), Err(RecommendError::OtherOptions)));
    let mut bytes = std::fs::read(&path).expect("reads");
    bytes[400] ^= 1; // The first section starts at 320.
    std::fs::write(&path, bytes).expect("writes");
    assert!(matches!(RecommendFold::load(&path, Options::default(), signals()), Err(RecommendError::Mapped(_))));
}

/// Times of 300 days and before 1970, and with `is_any` up to a century ahead: what lies so far back then weighs nothing beside it.
pub(crate) fn any_activity(is_any: bool) -> impl Strategy<Value = ActivityEvent> {
    let behaviour = prop::sample::select(vec![Behaviour::Impression, Behaviour::View, Behaviour::AddToCart, Behaviour::Purchase]);
    let time = prop_oneof![8 => 0..LAST, 1 => any::<i64>()].prop_map(move |at| if is_any { at } else { at.min(LAST) });
    let product = prop_oneof![9 => 0_u32..90, 1 => 1_000_u32..2_000];
    let products = prop::collection::vec(product.clone(), 1..6);
    // Names of their own, so that the journal without somebody differs in nothing else.
    let order = 0_u32..9;
    prop_oneof![
        16 => (behaviour, product, 0_u32..9, time.clone())
            .prop_map(|(what, product, who, at)| behaved(what, product, &shopper(&who.to_string()), at)),
        4 => (order.clone(), products.clone(), time, 0_u32..9)
            .prop_map(|(name, products, at, who)| imported(&format!("{who}-{name}"), &products, shopper(&who.to_string()), at)),
        4 => (order.clone(), products, 0_u32..9)
            .prop_map(|(name, products, who)| placed(&format!("{who}-{name}"), &who.to_string(), &products)),
        2 => (order, 0_u32..9).prop_map(|(name, who)| canceled(&format!("{who}-{name}"))),
        1 => (0_u32..9).prop_map(|who| erased(&who.to_string())),
    ]
}

fn any_event() -> impl Strategy<Value = Events> {
    prop_oneof![
        9 => any_activity(true).prop_map(|event| Events::Activity(vec![event])),
        1 => (0_u32..200).prop_map(|product| Events::Catalog(vec![put(product)])),
    ]
}

fn put(product: u32) -> CatalogEvent {
    let id = crate::id::ProductId::new(&format!("p{product}")).expect("an id");
    CatalogEvent::ProductPut { ordinal: Ordinal(product), id, document: crate::event::Document(Arc::from(&b"{}"[..])) }
}

/// Whether the event is that shopper's.
fn is_of(event: &ActivityEvent, name: &str) -> bool {
    let of = |origin: &Origin| origin.shopper.as_ref().is_some_and(|shopper| shopper.as_str() == name);
    match event {
        ActivityEvent::Behaved { origin, .. } | ActivityEvent::OrderImported { origin, .. } | ActivityEvent::OrderNoted { origin, .. } => {
            of(origin)
        }
        ActivityEvent::ImportProgressed { .. }
        | ActivityEvent::Searched { .. }
        | ActivityEvent::CancellationNoted { .. }
        | ActivityEvent::Recommended { .. }
        | ActivityEvent::Exposed { .. }
        | ActivityEvent::KeyUsed { .. }
        | ActivityEvent::ShopperErased { .. } => false,
    }
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
pub(crate) fn bytes(fold: &mut RecommendFold) -> Vec<u8> {
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
        prop_assert!(bytes(&mut live) == bytes(&mut after));
    }

    #[test]
    fn an_erased_shopper_has_never_been_there(
        events in prop::collection::vec(any_activity(false), 1..150), who in 0_u32..9
    ) {
        let who = who.to_string();
        // Somebody else is active last, so that both are as old.
        let last = placed("last", "last", &[3_000]);
        let last = [last, behaved(Behaviour::View, 3_000, &shopper("last"), LAST)];
        let with = fold_events(events.iter().cloned().chain(last.clone()).chain([erased(&who)]));
        let without = fold_events(events.into_iter().filter(|event| !is_of(event, &who)).chain(last));
        assert_same_ties(&with, &without);
    }
}
