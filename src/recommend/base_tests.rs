//! What the exact tables promise:
//!
//! 1. counted from the logs they say what the live tables say, as long as no row is full, also after somebody was erased;
//! 2. what happens while they are counted, and what is taken out afterwards, is in what readers see from the swap on;
//! 3. live rows, which are bounded, hold the same best partners for products of the head and the middle.

use super::*;
use crate::event::Behaviour;
use crate::event::Events;
use crate::recommend::fold::tests::{
    LAST, all_ties, any_activity, assert_same_ties, behaved, bytes, erased, fold_at, fold_events, placed, shopper,
};
use crate::recommend::{Gate, Options, RecommendFold, Tie};
use proptest::prelude::*;

fn spread(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed ^ (mixed >> 27)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_rebuild_says_what_the_live_tables_say(
        before in prop::collection::vec(any_activity(false), 1..80), meanwhile in prop::collection::vec(any_activity(false), 0..40),
        after in prop::collection::vec(any_activity(false), 0..40), who in 0_u32..9
    ) {
        let mut live = fold_events(before.iter().cloned());
        let mut rebuilt = fold_events(before);
        let logs = rebuilt.begin_rebuild();
        let base = Base::counted(&logs, &Options::default());
        let entries = |events: &[crate::event::ActivityEvent]| events.iter().cloned().map(|event| Events::Activity(vec![event])).collect::<Vec<_>>();
        fold_at(&mut live, LAST, entries(&meanwhile));
        fold_at(&mut rebuilt, LAST, entries(&meanwhile));
        prop_assert!(rebuilt.swap_base(base.clone()));
        prop_assert!(!rebuilt.swap_base(base), "a base is swapped in once");
        // Somebody else is active last in every relation, so that both are as old.
        let last = [behaved(Behaviour::View, 3_000, &shopper("last"), LAST), placed("last", "last", &[3_000])];
        for fold in [&mut live, &mut rebuilt] {
            fold_at(fold, LAST, entries(&after));
            fold_at(fold, LAST, entries(&[erased(&who.to_string())]));
            fold_at(fold, LAST, entries(&last));
        }
        assert_same_ties(&live, &rebuilt);
    }
}

#[test]
fn a_base_survives_a_checkpoint() {
    let views = |who: &str| [1, 2, 3].map(|product| behaved(Behaviour::View, product, &shopper(who), 0));
    let mut fold = fold_events(views("ann").into_iter().chain(views("bob")));
    let base = Base::counted(&fold.begin_rebuild(), &Options::default());
    assert!(fold.swap_base(base));
    fold_at(&mut fold, LAST, [Events::Activity(vec![erased("bob")])]);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("recommend");
    fold.save(&path).expect("saves");
    let signals = crate::signal::SignalFold::new(None, crate::signal::Options::default()).expect("a fold").table();
    let mut loaded = RecommendFold::load(&path, Options::default(), signals).expect("loads");
    fold_at(&mut loaded, LAST, []);
    assert_same_ties(&fold, &loaded);
    assert!(bytes(&mut fold) == bytes(&mut loaded) && all_ties(&loaded).iter().all(|(_, _, tie)| tie.support == 1));
}

/// In a row that was full, what an erased shopper had been counted for in the base was there again.
#[test]
fn who_is_erased_stays_erased_in_a_full_row_beside_a_base() {
    let views = |who: &str, products: [u32; 2], at: i64| products.map(|product| behaved(Behaviour::View, product, &shopper(who), at));
    let mut fold = fold_events(views("ann", [1, 2], 0).into_iter().chain(views("bob", [1, 2], 0)));
    let base = Base::counted(&fold.begin_rebuild(), &Options::default());
    assert!(fold.swap_base(base));
    let mut stranger = 0;
    let mut strangers_come = |fold: &mut RecommendFold| {
        for _ in 0..200 {
            stranger += 1;
            let events = views(&format!("stranger {stranger}"), [1, 1_000 + stranger], LAST - 1_000);
            fold_at(fold, LAST, events.map(|event| Events::Activity(vec![event])));
        }
    };
    let support = |fold: &RecommendFold| {
        let ties = fold.reader().take().ties(Relationship::AlsoViewed, Ordinal(1), Gate::OPEN);
        ties.iter().find(|tie| tie.product == Ordinal(2)).map(|tie| tie.support)
    };
    strangers_come(&mut fold);
    assert_eq!(support(&fold), Some(2));
    fold_at(&mut fold, LAST, [Events::Activity(vec![erased("ann")])]);
    assert_eq!(support(&fold), Some(1));
    strangers_come(&mut fold);
    assert_eq!(support(&fold), Some(1), "it does not come back");
    fold_at(&mut fold, LAST, [Events::Activity(vec![erased("bob")])]);
    strangers_come(&mut fold);
    assert_eq!(support(&fold), None);
}

/// The best of a product, by score.
fn best(fold: &RecommendFold, product: u32, count: usize) -> Vec<Ordinal> {
    let mut ties: Vec<Tie> = fold.reader().take().ties(Relationship::AlsoViewed, Ordinal(product), Gate { support_min: 2, ..Gate::OPEN });
    ties.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.product.cmp(&b.product)));
    ties.truncate(count);
    ties.iter().map(|tie| tie.product).collect()
}

/// Shoppers look around in one of many clusters, by Zipf's law within and among them, and now and then anywhere.
#[test]
fn live_rows_hold_the_best_partners_of_the_exact_ones() {
    const PRODUCTS: u64 = 4_000;
    const CLUSTER: u64 = 50;
    let zipf = |uniform: u64, len: u64| (((len + 1) as f64).powf((uniform % 100_000) as f64 / 100_000.0) as u64 - 1).min(len - 1);
    let event = |number: u64| {
        let who = number / 8;
        let cluster = zipf(spread(who), PRODUCTS / CLUSTER);
        let luck = spread(number ^ 0xFEED);
        let product = if luck.is_multiple_of(5) {
            spread(zipf(luck >> 8, PRODUCTS)) % PRODUCTS
        } else {
            cluster * CLUSTER + zipf(luck >> 8, CLUSTER)
        };
        behaved(Behaviour::View, product as u32, &shopper(&who.to_string()), (number * 1_000).cast_signed())
    };
    let mut fold = fold_events((0..160_000).map(event));
    let snapshot = fold.reader().take();
    let mut products: Vec<(u32, u32)> =
        (0..PRODUCTS as u32).map(|product| (snapshot.reach(Relationship::AlsoViewed, Ordinal(product)), product)).collect();
    products.sort_unstable_by(|a, b| b.cmp(a));
    // Head and middle: what the first half of all looks goes to, and the next third.
    let looks: u64 = products.iter().map(|(reach, _)| u64::from(*reach)).sum();
    let mut so_far = 0;
    let common: Vec<u32> = products
        .iter()
        .take_while(|(reach, _)| {
            so_far += u64::from(*reach);
            so_far * 6 < looks * 5
        })
        .map(|(_, product)| *product)
        .collect();
    let live: Vec<Vec<Ordinal>> = common.iter().map(|product| best(&fold, *product, 20)).collect();
    let base = Base::counted(&fold.begin_rebuild(), &Options::default());
    assert!(fold.swap_base(base));
    fold_at(&mut fold, LAST, []);
    let (mut shared, mut all) = (0, 0);
    for (product, live) in common.iter().zip(&live) {
        let exact = best(&fold, *product, 20);
        shared += exact.iter().filter(|product| live.contains(product)).count();
        all += exact.len();
    }
    let overlap = shared as f64 / all as f64;
    assert!(common.len() > 300 && all > 5_000, "{} {all}", common.len());
    assert!(overlap >= 0.95, "{overlap}");
}
