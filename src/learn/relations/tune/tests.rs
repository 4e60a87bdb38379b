//! What tuning finds where it is known what there is to be found.

use super::*;
use crate::id::Ordinal;
use crate::learn::evaluate::{HeldBack, Holding, hold_back};
use crate::learn::formats::History;
use crate::model::factors::Factors;
use crate::model::relations::{Relations, Scores};

/// Shoppers who go through the products in order, each from a place of their own, with steps of one or two.
fn in_order(shoppers: usize) -> Vec<History> {
    let mut random = fastrand::Rng::with_seed(11);
    let mut walk = || {
        let start = random.u32(0..60);
        (0..6).scan(start, |at, _| Some(std::mem::replace(at, (*at + random.u32(1..3)) % 60))).collect()
    };
    (0..shoppers).map(|_| History { products: walk(), ..History::default() }).collect()
}

/// The blend was worse than factors alone where these knew best and tables did not name what they knew.
#[test]
fn factors_name_candidates_where_tables_do_not_know_them() {
    // Everybody had 0 and wants 2; a table knows only that 1 goes with 0, factors that 2 goes with it far better.
    let table = || {
        let rows = [vec![(Ordinal(1), 0.1)], vec![(Ordinal(0), 0.1)], vec![], vec![]];
        Learnt::Table(Relations::from_rows(rows).expect("is consistent"))
    };
    let factors = || {
        let (vectors, ones) = (vec![1.0, 0.1, 0.9, -1.0], vec![1.0; 4]);
        Learnt::Factors(Factors::from_parts(1, vectors, ones.clone(), ones).expect("is consistent"))
    };
    let rest = vec![History { products: vec![0, 1], ..History::default() }; 60];
    let draws = [Draw { rest: rest.clone(), cases: vec![Case { history: vec![0], wanted: vec![2] }; 60] }];
    let tuning = Tuning { k: 1, knobs: false, may_go_on: &|| true, begins: &|_| {}, report: &|_| {}, support_min: 1, seed: 1 };
    let (walk, low_rank) = (Voice::Table(Kind::WALK), Voice::Factors(LowRank { dims: 1 }));
    let blend = |learnt: [Learnt; 2]| {
        let search = Search { draws: &draws, products_count: 4, tuning: &tuning, recency: 0.0, trials: Vec::new() };
        search.blend(
            &[walk, low_rank]
                .into_iter()
                .zip(learnt)
                .map(|(voice, learnt)| Method { tilted: Tilted::upright(voice), learnt: vec![learnt], ndcg: 0.0 })
                .collect::<Vec<_>>(),
        )
    };
    let found = blend([table(), factors()]);
    assert_eq!((found.named, found.ndcg), (Named::ByAll, 1.0));
    assert_eq!(blend([table(), table()]).named, Named::ByTables, "tables name what they know already");
    for (factors_name, first) in [(true, 2), (false, 1)] {
        let parts = [walk, low_rank].map(|voice| Part { method: Tilted::upright(voice), share: 1.0 }).to_vec();
        let recipe = Recipe { recency: 0.0, parts, factors_name, support_min: 1, seed: 1 };
        let taste = recipe.put_together([Ok(table()), Ok(factors())], &rest, 4).expect("are put together");
        let next = taste.next(&[Ordinal(0)], 1, &mut Scores::default(), |product| product != Ordinal(0));
        assert_eq!(next[0].0, Ordinal(first));
    }
}

/// What everybody comes to was held back as much as what few know: Amazon's clothes 0.0333 where 0.0371 was to be had.
#[test]
fn methods_lean_to_what_many_had_as_far_as_it_pays() {
    // Who had 0 is told 1, which one had, before 2, which a hundred had.
    let table = || {
        let rows = [vec![(Ordinal(1), 0.5), (Ordinal(2), 0.45)], vec![(Ordinal(2), 0.1)], vec![(Ordinal(1), 0.1)]];
        Learnt::Table(Relations::from_rows(rows).expect("is consistent"))
    };
    let history = |products: &[u32]| History { products: products.to_vec(), ..History::default() };
    let rest: Vec<History> = std::iter::repeat_n(history(&[0, 2, 2]), 100).chain([history(&[0, 1])]).collect();
    let tuning = Tuning { k: 1, knobs: false, may_go_on: &|| true, begins: &|_| {}, report: &|_| {}, support_min: 1, seed: 1 };
    for (wanted, tilt, first) in [(2, TILT_STEP, 2), (1, 0.0, 1)] {
        let draws = [Draw { rest: rest.clone(), cases: vec![Case { history: vec![0], wanted: vec![wanted] }; 60] }];
        let mut search = Search { draws: &draws, products_count: 3, tuning: &tuning, recency: 0.0, trials: Vec::new() };
        let learnt = vec![table()];
        let ndcg = search.quality(&learnt, 0.0);
        let mut methods = [Method { tilted: Tilted::upright(Voice::Table(Kind::RIDGE)), learnt, ndcg }];
        search.choose_tilts(&mut methods).expect("are tried");
        let [method] = methods;
        assert_eq!((method.tilted.tilt, method.ndcg), (tilt, 1.0), "each step has to gain");
        assert_eq!(method.learnt[0].best(&[Ordinal(0)], 0.0, 1, &mut Scores::default())[0].0, Ordinal(first));
        assert_eq!(holders(&rest, 3)[1..], [1, 100], "twice by one is once");
    }
}

/// What tables and factors say is multiplied alike.
#[test]
fn a_method_that_leans_multiplies_by_a_power_of_how_many_had_it() {
    let rows = [vec![(Ordinal(1), 0.5), (Ordinal(2), 0.4)], vec![], vec![]];
    let table = Learnt::Table(Relations::from_rows(rows).expect("is consistent"));
    let factors = Learnt::Factors(Factors::from_parts(1, vec![1.0, 0.5, 0.4], vec![1.0; 3], vec![1.0; 3]).expect("is consistent"));
    for learnt in [table, factors] {
        let best = learnt.tilted(0.5, &[7, 1, 4]).expect("is tilted").best(&[Ordinal(0)], 0.0, 2, &mut Scores::default());
        let (products, scores): (Vec<u32>, Vec<f32>) = best.into_iter().map(|(product, score)| (product.0, score)).unzip();
        assert_eq!(products, [2, 1]);
        assert!((scores[0] / scores[1] - 1.6).abs() < 1e-5, "{scores:?}");
    }
}

fn tuned(histories: &[History], what: HeldBack, knobs: bool, trials_max: usize) -> Tuned {
    let draws = hold_back(histories, Holding::of(what), 200, 1);
    let trials = std::cell::Cell::new(0);
    let tuning = Tuning {
        k: 5,
        knobs,
        may_go_on: &|| trials.get() < trials_max,
        begins: &|_| {},
        report: &|_| trials.set(trials.get() + 1),
        support_min: 1,
        seed: 1,
    };
    tune(&draws, 60, &tuning).expect("tunes")
}

#[test]
fn where_order_tells_something_it_is_heard() {
    let found = tuned(&in_order(400), HeldBack::Last, false, 0);
    let loudest = found.recipe.parts.iter().max_by(|a, b| a.share.total_cmp(&b.share)).expect("has parts");
    assert_eq!(loudest.method.voice.name(), "order");
    assert!(found.recipe.recency > 0.0 && found.ndcg.is_some_and(|ndcg| ndcg > 0.6), "{found:?}");
    let taste = found.recipe.train(&in_order(400), 60).expect("trains");
    let next = taste.next(&[Ordinal(7), Ordinal(8), Ordinal(9)], 2, &mut Scores::default(), |product| !(7..10).contains(&product.0));
    assert_eq!(next.iter().map(|(product, _)| product.0).collect::<std::collections::BTreeSet<_>>(), [10, 11].into());
}

#[test]
fn knobs_are_turned_for_the_better_until_the_budget_ends_and_always_the_same() {
    let histories = in_order(300);
    let still = tuned(&histories, HeldBack::Some, false, 0);
    let turned = tuned(&histories, HeldBack::Some, true, 60);
    assert!(turned.ndcg >= still.ndcg.map(|ndcg| ndcg - 0.01), "{:?} after {:?}", turned.ndcg, still.ndcg);
    assert!(turned.trials.len() > still.trials.len() && turned.trials.len() <= 61, "{}", turned.trials.len());
    assert_eq!(tuned(&histories, HeldBack::Some, true, 60), turned);
}

/// Half of what `train relations` took was spent on twice as many neighbours where half as many did as well.
#[test]
fn where_fewer_neighbours_are_as_good_more_are_not_tried() {
    let draws = hold_back(&in_order(300), Holding::of(HeldBack::Last), 200, 1);
    let tuning = Tuning { k: 5, knobs: true, may_go_on: &|| true, begins: &|_| {}, report: &|_| {}, support_min: 1, seed: 1 };
    let mut search = Search { draws: &draws, products_count: 60, tuning: &tuning, recency: 0.0, trials: Vec::new() };
    let mut method = search.method(Voice::Table(Kind::RIDGE), None).expect("learns");
    search.turn(&mut method, 3).expect("learns");
    let neighbourhoods: Vec<usize> = search
        .trials
        .iter()
        .filter_map(|trial| if let Voice::Table(Kind::Ridge(ridge)) = trial.voice { Some(ridge.neighbourhood) } else { None })
        .collect();
    assert_eq!(neighbourhoods, [150, 75], "sixty products have no more than 59 neighbours");
}

#[test]
fn too_few_shoppers_get_the_usual_blend() {
    let found = tuned(&in_order(20), HeldBack::Last, true, 99);
    assert_eq!((found.ndcg, found.recipe), (None, Recipe::usual(60, 1, 1)));
}
