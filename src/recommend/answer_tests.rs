//! What every answer promises:
//!
//! 1. never a product of the request, never one twice, never one that is not eligible;
//! 2. if `n` other products are eligible, `min(n, limit)` are answered;
//! 3. scores fall, and every reason is true.

use super::*;
use crate::event::{Behaviour, Events, Origin};
use crate::id::ShopperId;
use crate::recommend::fold::tests::{behaved, fold_all, fold_with, imported, placed, shopper};
use crate::recommend::{Options, RecommendFold};
use proptest::prelude::*;

fn request(kind: Kind, products: &[u32], limit: usize) -> Request {
    Request { kind, products: products.iter().copied().map(Ordinal).collect(), shopper: None, session: None, limit }
}

fn nothing_alike(_: Ordinal, _: usize) -> Vec<(Ordinal, f32)> {
    Vec::new()
}

fn answer(fold: &RecommendFold, request: &Request, eligible: &dyn Fn(Ordinal) -> bool) -> Vec<Recommendation> {
    recommend(&fold.reader().take(), fold.signals(), request, eligible, &nothing_alike)
}

fn reasons(answer: &[Recommendation]) -> Vec<(u32, Reason)> {
    answer.iter().map(|recommendation| (recommendation.product.0, recommendation.reason.clone())).collect()
}

fn view_all(fold: &mut RecommendFold, who: &str, products: &[u32]) {
    let origin = shopper(who);
    fold_all(fold, products.iter().map(|&product| Events::Activity(vec![behaved(Behaviour::View, product, &origin, 0)])));
}

#[test]
fn bought_together_needs_two_orders_and_counts_them() {
    let mut fold = fold_with(Options::default());
    fold_all(&mut fold, [Events::Activity(vec![placed("a", "x", &[0, 1]), placed("b", "y", &[2, 3])])]);
    let ask = request(Kind::BoughtTogether, &[0], 1);
    assert_eq!(answer(&fold, &ask, &|_| true)[0].reason, Reason::Popular);
    fold_all(&mut fold, [Events::Activity(vec![imported("b", &[1, 0], Origin::default(), 0)])]);
    let because = Reason::BoughtTogetherWith { product: Ordinal(0), orders_count: 2 };
    assert_eq!(reasons(&answer(&fold, &ask, &|_| true)), [(1, because)]);
}

#[test]
fn a_page_goes_on_with_what_was_viewed_then_what_is_alike_then_what_is_left() {
    let mut fold = fold_with(Options::default());
    fold_all(&mut fold, ["a", "b"].map(|order| Events::Activity(vec![placed(order, order, &[0, 1])])));
    fold_all(&mut fold, [Events::Activity(vec![placed("c", "c", &[5])])]);
    for who in ["u", "v", "w"] {
        view_all(&mut fold, who, &[0, 2]);
    }
    let alike = |product: Ordinal, _: usize| vec![(product, 1.0), (Ordinal(3), 0.9), (Ordinal(1), 0.8)];
    let snapshot = fold.reader().take();
    let page = recommend(&snapshot, fold.signals(), &request(Kind::BoughtTogether, &[0], 10), &|product| product.0 != 5, &alike);
    let product = Ordinal(0);
    let expected = [
        (1, Reason::BoughtTogetherWith { product, orders_count: 2 }),
        (2, Reason::ViewedWith { product, shoppers_count: 3 }),
        (3, Reason::SimilarTo { product }),
        (4, Reason::Popular),
    ];
    assert_eq!(reasons(&page), expected);
    assert!(page.is_sorted_by(|a, b| a.score > b.score));
}

#[test]
fn several_products_together_prefer_what_goes_with_all_of_them() {
    let mut fold = fold_with(Options::default());
    for who in ["t", "u", "v"] {
        view_all(&mut fold, &format!("{who}1"), &[0, 2]);
        view_all(&mut fold, &format!("{who}2"), &[0, 3]);
        view_all(&mut fold, &format!("{who}3"), &[1, 3]);
    }
    assert_eq!(answer(&fold, &request(Kind::AlsoViewed, &[0, 1], 1), &|_| true)[0].product, Ordinal(3));
}

#[test]
fn for_you_follows_the_history_and_comes_back_to_it_only_at_the_end() {
    let mut fold = fold_with(Options::default());
    for who in ["t", "u", "v"] {
        view_all(&mut fold, who, &[0, 1, 2]);
    }
    view_all(&mut fold, "ann", &[9, 0]);
    let ask = Request { shopper: Some(ShopperId::new("ann").expect("an id")), ..request(Kind::ForYou, &[], 20) };
    let page = answer(&fold, &ask, &|product| product.0 < 3 || product.0 == 9);
    let because = Reason::ViewedWith { product: Ordinal(0), shoppers_count: 3 };
    assert_eq!(reasons(&page)[..2], [(1, because.clone()), (2, because)]);
    let mut last: Vec<u32> = page[2..].iter().map(|known| known.product.0).collect();
    last.sort_unstable();
    assert_eq!(last, [0, 9]);
}

#[test]
fn what_is_in_demand_now_trends_although_the_lists_were_made_before() {
    use crate::event::{Projection, Recorded};
    use crate::id::Offset;
    use crate::signal::SignalFold;
    use crate::stdx::clock::Timestamp;
    let mut signals = SignalFold::new(None, crate::signal::Options::default()).expect("a fold");
    let mut fold = RecommendFold::new(Options::default(), signals.table());
    let day_ms = 86_400_000;
    let usual = (0..60).flat_map(|day| (0..10).map(move |product| (product, day)));
    let rush = (0..40).map(|_| (7, 60));
    for (offset, (product, day)) in usual.chain(rush).enumerate() {
        let at = Timestamp(day * day_ms);
        let events = Events::Activity(vec![behaved(Behaviour::Purchase, product, &Origin::default(), at.0)]);
        let entry = Recorded { offset: Offset(offset as u64), at, events };
        signals.apply(&entry);
        fold.apply(&entry);
    }
    (0..10).for_each(|product| signals.set_available(Ordinal(product), 5));
    signals.publish();
    fold.publish();
    let page = answer(&fold, &request(Kind::Trending, &[], 5), &|_| true);
    assert_eq!((page[0].product, &page[0].reason, page.len()), (Ordinal(7), &Reason::Trending, 5));
    assert_eq!(page[1].reason, Reason::Popular);
}

fn any_fold() -> impl Strategy<Value = RecommendFold> {
    let views = prop::collection::vec((0_u32..5, 0_u32..40), 0..80);
    let orders = prop::collection::vec(prop::collection::vec(0_u32..40, 1..5), 0..12);
    (views, orders).prop_map(|(views, orders)| {
        let mut fold = fold_with(Options { support_min: 1, ..Options::default() });
        let view = |(who, product): (u32, u32)| behaved(Behaviour::View, product, &shopper(&who.to_string()), 0);
        fold_all(&mut fold, [Events::Activity(views.into_iter().map(view).collect())]);
        let orders = orders.iter().enumerate().map(|(number, products)| placed(&number.to_string(), &number.to_string(), products));
        fold_all(&mut fold, [Events::Activity(orders.collect())]);
        fold
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn as_many_as_are_eligible_and_nothing_else(
        fold in any_fold(), kind in 0_usize..5, about in prop::collection::vec(0_u32..50, 0..4), limit in 0_usize..130, refused in 1_u32..6,
        near in prop::collection::vec((0_u32..60, -1.0_f32..1.0), 0..10)
    ) {
        let kind = [Kind::Similar, Kind::BoughtTogether, Kind::AlsoViewed, Kind::Trending, Kind::ForYou][kind];
        let ask = Request { shopper: Some(ShopperId::new("1").expect("an id")), ..request(kind, &about, limit) };
        let snapshot = fold.reader().take();
        let eligible = |product: Ordinal| product.0 < snapshot.products_end && product.0.is_multiple_of(refused);
        let alike = |_: Ordinal, _: usize| near.iter().map(|&(product, close)| (Ordinal(product), close)).collect();
        let page = recommend(&snapshot, fold.signals(), &ask, &eligible, &alike);
        let there_are = (0..snapshot.products_end).filter(|&product| eligible(Ordinal(product)) && !about.contains(&product)).count();
        prop_assert_eq!(page.len(), there_are.min(limit).min(LIMIT_MAX));
        let mut products: Vec<Ordinal> = page.iter().map(|recommendation| recommendation.product).collect();
        prop_assert!(products.iter().all(|product| eligible(*product) && !about.contains(&product.0)));
        products.sort_unstable();
        products.dedup();
        prop_assert_eq!(products.len(), page.len());
        prop_assert!(page.is_sorted_by(|a, b| a.score >= b.score) && page.iter().all(|recommendation| recommendation.score.is_finite()));
    }
}
