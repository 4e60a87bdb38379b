//! What every answer promises:
//!
//! 1. never a product of the request, never one that it shuts out, never one twice, never one that is not eligible;
//! 2. if `n` other products are eligible, `min(n, limit)` are answered, whatever the kind;
//! 3. without variety, pins and exploration scores fall, and every reason is true;
//! 4. pins stand where they were put, explored places have a propensity, and the same seed gives the same page.

use super::testing::{Goods, answer, products, reasons, request};
use super::*;
use crate::event::{Behaviour, Events, Origin, Projection, Recorded};
use crate::id::{Offset, Ordinal, ShopperId};
use crate::recommend::fold::tests::{behaved, fold_all, fold_with, imported, placed, shopper};
use crate::recommend::reason::Reason;
use crate::recommend::request::{Avoid, Kind, LIMIT_MAX, Pin};
use crate::recommend::{Gate, Options, RecommendFold, Relationship};
use crate::stdx::clock::Timestamp;
use proptest::prelude::*;

fn done(fold: &mut RecommendFold, who: &str, behaviour: Behaviour, products: &[u32]) {
    let origin = shopper(who);
    fold_all(fold, products.iter().map(|&product| Events::Activity(vec![behaved(behaviour, product, &origin, 0)])));
}

fn view_all(fold: &mut RecommendFold, who: &str, products: &[u32]) {
    done(fold, who, Behaviour::View, products);
}

fn ann(kind: Kind, limit: usize) -> Request {
    Request { shopper: Some(ShopperId::new("ann").expect("an id")), ..request(kind, &[], limit) }
}

#[test]
fn bought_together_needs_two_orders_and_counts_them() {
    let mut fold = fold_with(Options::default());
    fold_all(&mut fold, [Events::Activity(vec![placed("a", "x", &[0, 1]), placed("b", "y", &[2, 3])])]);
    let ask = request(Kind::BoughtTogether, &[0], 1);
    assert_eq!(reasons(&answer(&fold, &ask, &Goods::plain(4)))[0].1, "popular");
    let nothing = Request { fill: false, ..ask.clone() };
    assert!(answer(&fold, &nothing, &Goods::plain(4)).is_empty(), "one order is nobody's business");
    fold_all(&mut fold, [Events::Activity(vec![imported("b", &[1, 0], Origin::default(), 0)])]);
    assert_eq!(reasons(&answer(&fold, &ask, &Goods::plain(4))), [(1, "tied", 2)]);
    assert_eq!(answer(&fold, &nothing, &Goods::plain(4)).len(), 1);
}

#[test]
fn a_page_goes_on_with_what_was_viewed_then_what_is_alike_then_what_is_left() {
    let mut fold = fold_with(Options::default());
    fold_all(&mut fold, ["a", "b"].map(|order| Events::Activity(vec![placed(order, order, &[0, 1])])));
    fold_all(&mut fold, [Events::Activity(vec![placed("c", "c", &[5])])]);
    ["u", "v", "w"].iter().for_each(|who| view_all(&mut fold, who, &[0, 2]));
    let goods = Goods {
        near: &|product| if product == 0 { vec![(0, 1.0), (3, 0.9), (1, 0.8)] } else { vec![] },
        eligible: &|product| product != 5,
        ..Goods::plain(6)
    };
    let page = answer(&fold, &request(Kind::BoughtTogether, &[0], 10), &goods);
    assert_eq!(reasons(&page), [(1, "tied", 2), (2, "tied", 3), (3, "similar", 0), (4, "popular", 0)]);
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
    assert_eq!(products(&answer(&fold, &request(Kind::AlsoViewed, &[0, 1], 1), &Goods::plain(4))), [3]);
}

#[test]
fn for_you_follows_the_history_and_comes_back_to_it_only_at_the_end() {
    let mut fold = fold_with(Options::default());
    ["t", "u", "v"].iter().for_each(|who| view_all(&mut fold, who, &[0, 1, 2]));
    view_all(&mut fold, "ann", &[9, 0]);
    let goods = Goods { eligible: &|product| product < 3 || product == 9, ..Goods::plain(10) };
    let page = answer(&fold, &ann(Kind::ForYou, 20), &goods);
    assert_eq!(reasons(&page)[..2], [(1, "tied", 3), (2, "tied", 3)]);
    let mut last = products(&page[2..]);
    last.sort_unstable();
    assert_eq!(last, [0, 9]);
    let unseen = Request { avoid: Avoid::Seen, ..ann(Kind::ForYou, 20) };
    assert_eq!(products(&answer(&fold, &unseen, &goods)), [1, 2]);
}

/// A hundred candidates of each source were ranked and the filter asked afterwards: eight of nineteen that passed were answered.
#[test]
fn for_you_finds_what_passes_a_filter_however_many_stand_before_it() {
    let mut fold = fold_with(Options::default());
    for block in 0..11_u32 {
        let others: Vec<u32> = (0..9).map(|place| 100 + block * 9 + place).collect();
        for who in 0..3 {
            view_all(&mut fold, &format!("{block}-{who}"), &[&[block][..], &others].concat());
        }
    }
    // One row is longer than what counts of it, and what passes is seen with its product least often.
    (0..3).for_each(|who| view_all(&mut fold, &format!("x{who}"), &[20, 300]));
    (301..330).for_each(|product| (0..5).for_each(|who| view_all(&mut fold, &format!("{product}-{who}"), &[20, product])));
    view_all(&mut fold, "ann", &[&(0..11).collect::<Vec<u32>>()[..], &[20]].concat());
    let passes = |product: u32| product == 300 || (100..199).contains(&product) && product.is_multiple_of(5);
    let goods = Goods { eligible: &passes, ..Goods::plain(400) };
    let page = answer(&fold, &Request { fill: false, ..ann(Kind::ForYou, 99) }, &goods);
    let mut found = products(&page);
    found.sort_unstable();
    assert_eq!(found, (100..199).filter(|product| product % 5 == 0).chain([300]).collect::<Vec<_>>());
}

#[test]
fn what_was_bought_is_bought_again_in_a_visit_whose_visitor_is_known() {
    use crate::id::SessionId;
    let mut fold = fold_with(Options::default());
    done(&mut fold, "ann", Behaviour::Purchase, &[2, 3]);
    let session = || SessionId::new("v").ok();
    let known = Origin { session: session(), ..shopper("ann") };
    fold_all(&mut fold, [Events::Activity(vec![behaved(Behaviour::View, 4, &known, 0)])]);
    let ask = Request { session: session(), fill: false, ..request(Kind::BuyAgain, &[], 9) };
    let mut found = products(&answer(&fold, &ask, &Goods::plain(5)));
    found.sort_unstable();
    assert_eq!(found, [2, 3]);
}

#[test]
fn where_a_single_person_went_in_however_many_visits_is_told_to_nobody() {
    const DAY_MS: i64 = 86_400_000;
    let mut fold = fold_with(Options::default());
    for day in 0..3 {
        let visit = [0, 1].map(|product| behaved(Behaviour::View, product, &shopper("u"), day * DAY_MS));
        fold_all(&mut fold, visit.map(|view| Events::Activity(vec![view])));
    }
    fold_all(&mut fold, [Events::Activity(vec![behaved(Behaviour::View, 0, &shopper("ann"), 4 * DAY_MS)])]);
    let ask = Request { fill: false, ..ann(Kind::ForYou, 9) };
    let told = |fold: &RecommendFold| products(&answer(fold, &ask, &Goods::plain(3))).contains(&1);
    assert!(!told(&fold));
    fold_all(&mut fold, [0, 1].map(|product| Events::Activity(vec![behaved(Behaviour::View, product, &shopper("v"), 4 * DAY_MS)])));
    assert!(told(&fold), "two people went there");
}

#[test]
fn what_was_bought_is_avoided_when_asked_and_bought_again_when_asked() {
    let mut fold = fold_with(Options::default());
    view_all(&mut fold, "ann", &[0, 1]);
    done(&mut fold, "ann", Behaviour::Purchase, &[2, 3]);
    let avoiding = Request { avoid: Avoid::Bought, ..ann(Kind::Popular, 9) };
    assert_eq!(products(&answer(&fold, &avoiding, &Goods::plain(5))), [0, 1, 4]);
    let again = Request { fill: false, ..ann(Kind::BuyAgain, 9) };
    let mut bought = products(&answer(&fold, &again, &Goods::plain(5)));
    bought.sort_unstable();
    assert_eq!(bought, [2, 3]);
}

#[test]
fn a_new_product_stands_near_what_it_is_like_until_it_has_ties_of_its_own() {
    let mut fold = fold_with(Options::default());
    for number in 0..4 {
        view_all(&mut fold, &format!("s{number}"), &[0, 1]);
    }
    // 7 is new and like 1, which is viewed with 0.
    let goods = Goods {
        near: &|product| {
            if product == 1 {
                vec![(7, 0.9)]
            } else if product == 7 {
                vec![(1, 0.9)]
            } else {
                vec![]
            }
        },
        ..Goods::plain(8)
    };
    let page = answer(&fold, &request(Kind::AlsoViewed, &[0], 2), &goods);
    assert_eq!(reasons(&page), [(1, "tied", 4), (7, "inherits", 4)]);
    let page = answer(&fold, &request(Kind::AlsoViewed, &[7], 1), &goods);
    assert_eq!(reasons(&page), [(0, "inherits", 4)], "asked about, it borrows the row");
    for number in 0..30 {
        view_all(&mut fold, &format!("n{number}"), &[7, 2]);
    }
    let page = answer(&fold, &Request { fill: false, ..request(Kind::AlsoViewed, &[0], 9) }, &goods);
    assert_eq!(reasons(&page), [(1, "tied", 4)], "it has a row of its own now, in which 0 is not");
}

#[test]
fn a_complement_is_of_another_sort_and_a_substitute_of_the_same() {
    let mut fold = fold_with(Options::default());
    // 0 and 1 are cameras, 10 is a card, 11 a bag. Cards go into the orders of cameras; cameras are compared.
    for number in 0..4 {
        let name = format!("o{number}");
        fold_all(&mut fold, [Events::Activity(vec![placed(&name, &name, &[0, 10]), placed(&format!("x{number}"), "x", &[2, 12])])]);
        view_all(&mut fold, &format!("v{number}"), &[0, 1]);
        view_all(&mut fold, &format!("w{number}"), &[3, 4]);
    }
    let goods = Goods { category: &|product| Some(product / 10), ..Goods::plain(20) };
    let own = |kind| Request { fill: false, ..request(kind, &[0], 1) };
    assert_eq!(reasons(&answer(&fold, &own(Kind::Complement), &goods)), [(10, "complements", 4)]);
    assert_eq!(reasons(&answer(&fold, &own(Kind::Substitute), &goods)), [(1, "substitutes", 4)]);
    let cold = Request { fill: false, ..request(Kind::Complement, &[5], 1) };
    assert!(answer(&fold, &cold, &goods).is_empty());
    let like_a_camera = Goods {
        near: &|product| if product == 5 { vec![(0, 0.8)] } else { vec![] },
        category: &|product| Some(product / 10),
        ..Goods::plain(20)
    };
    assert_eq!(reasons(&answer(&fold, &cold, &like_a_camera))[0].1, "category", "what goes with cameras goes with what is like one");
}

/// It was told as looked at by those who had bought it without looking.
#[test]
fn a_substitute_is_explained_by_what_makes_it_one() {
    let mut fold = fold_with(Options::default());
    for who in ["t", "u", "v"] {
        view_all(&mut fold, who, &[0, 2]);
        done(&mut fold, who, Behaviour::Purchase, &[1]);
        for other in 0..3 {
            view_all(&mut fold, &format!("{who}{other}"), &[3, 4]);
            done(&mut fold, &format!("{who}{other}"), Behaviour::Purchase, &[5]);
        }
    }
    let page =
        answer(&fold, &Request { fill: false, ..request(Kind::Substitute, &[0], 9) }, &Goods { category: &|_| Some(1), ..Goods::plain(6) });
    let tied = |product: u32| page.iter().find(|one| one.product.0 == product).map(|one| one.reason);
    assert!(matches!(tied(1), Some(Reason::Substitutes { tied: Relationship::ViewedThenBought, .. })), "{page:?}");
    assert!(matches!(tied(2), Some(Reason::Substitutes { tied: Relationship::AlsoViewed, .. })), "{page:?}");
}

#[test]
fn variety_brings_another_category_up() {
    let fold = fold_with(Options::default());
    let near = |_| vec![(1, 0.9), (2, 0.8), (3, 0.7), (11, 0.5)];
    let goods = Goods { near: &near, category: &|product| Some(product / 10), ..Goods::plain(20) };
    let page = |diversity| products(&answer(&fold, &Request { diversity, ..request(Kind::Similar, &[0], 3) }, &goods));
    assert_eq!(page(0.0), [1, 2, 3]);
    assert_eq!(page(0.5)[..2], [1, 11]);
}

#[test]
fn pins_stand_where_they_were_put_and_are_eligible_unless_they_insist() {
    let fold = fold_with(Options::default());
    let goods = Goods { eligible: &|product| product != 5, ..Goods::plain(9) };
    let pin = |slot, product, always| Pin { slot, product: Ordinal(product), always };
    let page = |pins| products(&answer(&fold, &Request { pins, ..request(Kind::Popular, &[], 4) }, &goods));
    assert_eq!(page(vec![pin(2, 7, false), pin(4, 3, false)]), [0, 7, 1, 3]);
    assert_eq!(page(vec![pin(1, 5, false)]), [0, 1, 2, 3]);
    assert_eq!(page(vec![pin(1, 5, true)]), [5, 0, 1, 2]);
    assert_eq!(page(vec![pin(1, 99, true)]), [0, 1, 2, 3], "there is no such product");
}

#[test]
fn exploration_is_drawn_with_the_probabilities_that_it_tells() {
    let fold = fold_with(Options::default());
    let draw = |seed| answer(&fold, &Request { explored: vec![2, 4], seed, ..request(Kind::Popular, &[], 4) }, &Goods::plain(12));
    let mut counts = [0_u32; 12];
    for seed in 0..4_000 {
        let page = draw(seed);
        assert_eq!(products(&page)[0], 0);
        let explored = page[1];
        assert_eq!((explored.reason, page.len()), (Reason::Explore, 4));
        assert!(page[0].propensity.is_none() && page[3].propensity.is_some());
        // Ten products are left and nothing is known of any.
        assert!((explored.propensity.expect("it was drawn") - 0.1).abs() < 1e-6);
        counts[explored.product.0 as usize] += 1;
    }
    assert_eq!(counts[..2], [0, 0]);
    assert!(counts[2..].iter().all(|count| (320..480).contains(count)), "{counts:?}");
    assert_eq!(draw(7), draw(7));
}

#[test]
fn what_is_in_demand_now_trends_although_the_lists_were_made_before() {
    use crate::signal::SignalFold;
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
    let page = answer(&fold, &request(Kind::Trending, &[], 5), &Goods::plain(10));
    assert!(matches!(page[0].reason, Reason::Trending { deviations } if deviations > 1.0));
    assert_eq!((page[0].product, page.len(), page[1].reason), (Ordinal(7), 5, Reason::Popular));
}

#[test]
fn an_audience_is_ranked_by_what_shoppers_did_and_nobody_unnamed_is_in_it() {
    let mut fold = fold_with(Options::default());
    ["t", "u", "v"].iter().for_each(|who| view_all(&mut fold, who, &[0, 1]));
    view_all(&mut fold, "ann", &[0]);
    view_all(&mut fold, "ben", &[8, 0, 9, 6, 5]);
    view_all(&mut fold, "cleo", &[4]);
    done(&mut fold, "dora", Behaviour::Purchase, &[1]);
    let names = ["cleo", "ben", "ann", "dora", "nobody"].map(|name| ShopperId::new(name).expect("an id"));
    let goods = Goods { near: &|product| if product == 1 { vec![(4, 0.9)] } else { vec![] }, ..Goods::plain(10) };
    let found = audience(&fold.reader().take(), fold.signals(), &goods, Ordinal(1), (&names, Avoid::Bought));
    assert_eq!(found.reached.iter().map(|reached| reached.place).collect::<Vec<_>>(), [2, 1, 0]);
    assert_eq!((found.unknown_count, found.avoided_count), (1, 1));
    assert!(matches!(found.reached[2].reason, Reason::SimilarTo { product: Ordinal(4), .. }));
}

/// The strongest relation alone counted, whatever the others said.
#[test]
fn who_is_tied_in_several_ways_is_reached_before_who_is_tied_in_one() {
    let mut fold = fold_with(Options::default());
    for who in 0..4 {
        view_all(&mut fold, &format!("v{who}"), &[0, 9]);
        view_all(&mut fold, &format!("w{who}"), &[1, 9]);
        fold_all(&mut fold, [Events::Activity(vec![placed(&format!("o{who}"), &format!("o{who}"), &[1, 9])])]);
    }
    view_all(&mut fold, "ann", &[0]);
    view_all(&mut fold, "ben", &[1]);
    let names = ["ann", "ben"].map(|name| ShopperId::new(name).expect("an id"));
    let found = audience(&fold.reader().take(), fold.signals(), &Goods::plain(10), Ordinal(9), (&names, Avoid::Nothing));
    let by_place = |place: usize| found.reached.iter().find(|reached| reached.place == place).expect("is reached");
    let sum = |from: u32| -> f32 {
        let snapshot = fold.reader().take();
        let of = |tied| {
            let gate = Gate { support_min: 1, ..snapshot.gate(tied) };
            snapshot.ties(tied, Ordinal(from), gate).into_iter().find(|tie| tie.product == Ordinal(9)).map(|tie| tie.score)
        };
        Relationship::ALL.into_iter().filter_map(of).sum()
    };
    assert!(sum(1) > sum(0));
    for (place, from) in [(0, 0), (1, 1)] {
        let expected = 1.0 + sum(from) / (1.0 + sum(from));
        assert!((by_place(place).score - expected).abs() < 1e-5, "{} where {expected} was expected", by_place(place).score);
    }
}

fn any_fold() -> impl Strategy<Value = RecommendFold> {
    let views = prop::collection::vec((0_u32..5, 0_u32..40, prop::bool::ANY), 0..80);
    let orders = prop::collection::vec(prop::collection::vec(0_u32..40, 1..5), 0..12);
    (views, orders).prop_map(|(views, orders)| {
        let mut fold = fold_with(Options { support_min: 1, ..Options::default() });
        let did = |(who, product, buys): (u32, u32, bool)| {
            let behaviour = if buys { Behaviour::Purchase } else { Behaviour::View };
            behaved(behaviour, product, &shopper(&who.to_string()), 0)
        };
        fold_all(&mut fold, [Events::Activity(views.into_iter().map(did).collect())]);
        let orders = orders.iter().enumerate().map(|(number, products)| placed(&number.to_string(), &number.to_string(), products));
        fold_all(&mut fold, [Events::Activity(orders.collect())]);
        fold
    })
}

fn any_request() -> impl Strategy<Value = Request> {
    let lists = (prop::collection::vec(0_u32..50, 0..4), prop::collection::vec(0_u32..50, 0..6));
    let slots = (prop::collection::vec((0_usize..12, 0_u32..60), 0..3), prop::collection::vec(0_usize..12, 0..4));
    (0..Kind::ALL.len(), lists, slots, 0_usize..130, 0.0_f32..1.0, any::<u64>()).prop_map(
        |(kind, (about, excluded), (pins, explored), limit, diversity, seed)| Request {
            shopper: Some(ShopperId::new("1").expect("an id")),
            excluded: excluded.into_iter().map(Ordinal).collect(),
            diversity: if diversity < 0.4 { 0.0 } else { diversity },
            pins: pins.into_iter().map(|(slot, product)| Pin { slot, product: Ordinal(product), always: false }).collect(),
            explored,
            seed,
            ..request(Kind::ALL[kind].0, &about, limit)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn as_many_as_are_eligible_and_nothing_else(
        fold in any_fold(), ask in any_request(), refused in 1_u32..6, near in prop::collection::vec((0_u32..60, -1.0_f32..1.0), 0..10)
    ) {
        let eligible = |product: u32| product.is_multiple_of(refused);
        let near = |_| near.clone();
        let goods = Goods { eligible: &eligible, near: &near, category: &|product| (product % 7 > 0).then_some(product % 7), ..Goods::plain(60) };
        let page = answer(&fold, &ask, &goods);
        let may_stand = |product: u32| eligible(product) && !ask.products.contains(&Ordinal(product)) && !ask.excluded.contains(&Ordinal(product));
        let there_are = (0..60).filter(|&product| may_stand(product)).count();
        prop_assert_eq!(page.len(), there_are.min(ask.limit).min(LIMIT_MAX));
        let mut found = products(&page);
        prop_assert!(found.iter().all(|product| may_stand(*product)));
        if ask.diversity == 0.0 && ask.pins.is_empty() && ask.explored.is_empty() {
            prop_assert!(page.is_sorted_by(|a, b| a.score >= b.score));
        }
        for (place, one) in page.iter().enumerate() {
            prop_assert!(one.score.is_finite());
            prop_assert_eq!(one.propensity.is_some(), one.reason == Reason::Explore);
            if one.reason == Reason::Pinned {
                // A product may be asked for at several places, some of which do not exist.
                let is_in_place = ask.pins.iter().any(|pin| pin.product == one.product && pin.slot == place + 1);
                prop_assert!(is_in_place || place + 1 == page.len() || ask.pins.iter().any(|other| other.slot > place + 1));
            }
        }
        found.sort_unstable();
        found.dedup();
        prop_assert_eq!(found.len(), page.len());
    }
}
