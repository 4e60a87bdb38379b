//! What is chosen, and how it is judged:
//!
//! 1. the figures are those of a computation by hand;
//! 2. what is held out is not looked at while anything is chosen;
//! 3. a season that all things share is found, where one series alone does not tell it;
//! 4. things that sell seldom learn from each other;
//! 5. a class of few series is forecast as all together;
//! 6. histories that are too short to try anything on are not forecast as if nothing were wanted;
//! 7. everything that was ever on sale has a forecast, over one period and over many;
//! 8. the same input gives the same figures.

use super::*;

fn options(families: &[Family], season: usize) -> BacktestOptions {
    BacktestOptions { horizon: 6, lead: 1, season, families: families.to_vec(), judged: families.to_vec() }
}

fn figures<'a>(backtest: &'a Backtest, method: &str) -> &'a MethodFigures {
    backtest.methods.iter().find(|figures| figures.method == method).expect("is compared")
}

fn pinball_sum(backtest: &Backtest, method: &str) -> f64 {
    figures(backtest, method).pinball.iter().sum()
}

/// `count` series of `periods`, drawn period by period.
fn drawn(count: usize, periods: usize, mut draw: impl FnMut(&mut fastrand::Rng, usize, usize) -> f64) -> Vec<Series> {
    let mut random = fastrand::Rng::with_seed(7);
    let mut one = |number: usize| Series {
        name: number.to_string(),
        demand: (0..periods).map(|period| Some(draw(&mut random, number, period))).collect(),
    };
    (0..count).map(&mut one).collect()
}

/// One unit with this probability.
fn seldom(random: &mut fastrand::Rng, probability: f64) -> f64 {
    f64::from(u8::from(random.f64() < probability))
}

#[test]
fn figures_are_those_of_a_computation_by_hand() {
    let series = [Series { name: "a".to_owned(), demand: known(&[2.0, 4.0, 2.0, 4.0, 3.0, 5.0]) }];
    let options = BacktestOptions {
        horizon: 2,
        lead: 0,
        season: 0,
        families: vec![Family::Zero, Family::Naive],
        judged: vec![Family::Zero, Family::Naive],
    };
    let judged = backtest(&series, &options);
    assert_eq!((judged.series_count, judged.cases_count), (1, 2));
    let is_near = |found: f64, wanted: f64| (found - wanted).abs() < 1e-9;
    let zero = figures(&judged, "zero");
    assert!(is_near(zero.bias, -1.0) && is_near(zero.rmse, 17.0_f64.sqrt()), "{zero:?}");
    // Mean error 4, where periods differ from the one before by 2.
    assert!(is_near(zero.mase, 2.0) && zero.pinball.iter().zip(LEVELS).all(|(loss, level)| is_near(*loss, 4.0 * level)), "{zero:?}");
    assert_eq!((zero.coverage, zero.fill, zero.stock), ([0.0; 4], [0.0; 4], [0.0; 4]));
    let naive = figures(&judged, "naive");
    assert!(is_near(naive.bias, 0.0) && is_near(naive.rmse, 1.0) && is_near(naive.mase, 0.5), "{naive:?}");
    assert!(naive.coverage[3] > 0.9 && naive.fill[3] > 0.9 && naive.stock[3] > naive.stock[0], "{naive:?}");
}

#[test]
fn series_without_anything_to_learn_from_or_to_judge_by_are_passed_over() {
    let (late, gone) = (known(&[1.0; 7]), [known(&[1.0; 7]), vec![None; 6]].concat());
    let named = |demand: Vec<Option<f64>>| Series { name: String::new(), demand };
    let judged = backtest(&[named(late), named(gone), named(vec![None; 9])], &options(&[Family::Naive], 0));
    assert_eq!((judged.series_count, judged.cases_count), (0, 0));
    assert!(judged.classes.is_empty());
}

#[test]
fn what_is_held_out_is_not_looked_at() {
    let series = drawn(60, 30, |random, _, _| seldom(random, 0.3) * 3.0);
    let mut changed = series.clone();
    changed.iter_mut().flat_map(|series| &mut series.demand[24..]).for_each(|period| *period = Some(99.0));
    let options = options(&Family::ALL, 4);
    assert_eq!(backtest(&series, &options).classes, backtest(&changed, &options).classes);
    changed.iter_mut().flat_map(|series| &mut series.demand[16..24]).for_each(|period| *period = Some(99.0));
    assert_ne!(backtest(&series, &options).classes, backtest(&changed, &options).classes);
}

#[test]
fn a_season_that_all_things_share_is_found() {
    let series = drawn(40, 54, |random, number, period| {
        let usual = 5.0 + number as f64 / 4.0 + 4.0 * random.f64();
        (if period % 12 < 2 { 4.0 * usual } else { usual }).round()
    });
    let judged = backtest(&series, &options(&[Family::Ses, Family::Seasonal, Family::Profile], 12));
    assert_eq!(judged.classes.iter().map(|class| class.chosen.family).collect::<Vec<_>>(), [Family::Profile], "{judged:?}");
    assert!(pinball_sum(&judged, "profile") * 1.5 < pinball_sum(&judged, "ses"), "{judged:?}");
    assert!(pinball_sum(&judged, "profile") < pinball_sum(&judged, "seasonal"), "{judged:?}");
    assert!((pinball_sum(&judged, "chosen") - pinball_sum(&judged, "profile")).abs() < 1e-9);
}

#[test]
fn things_that_sell_seldom_learn_from_each_other() {
    let series = drawn(150, 24, |random, _, _| seldom(random, 0.06) * (1.0 + seldom(random, 0.4)));
    let judged = backtest(&series, &options(&[Family::Ses, Family::Sba, Family::Kin], 0));
    assert!(pinball_sum(&judged, "kin") * 1.05 < pinball_sum(&judged, "ses"), "{judged:?}");
    assert!(pinball_sum(&judged, "chosen") * 1.05 < pinball_sum(&judged, "sba"), "{judged:?}");
    // Of things that never sold, some will.
    let coverage = figures(&judged, "chosen").coverage;
    assert!(coverage[3] > 0.97 && figures(&judged, "sba").coverage[3] < coverage[3], "{judged:?}");
}

#[test]
fn a_class_of_few_series_is_forecast_as_all_together() {
    let mut series = drawn(40, 30, |random, _, period| if period % 2 == 0 { 9.0 + seldom(random, 0.5) } else { 3.0 });
    let many = backtest(&series, &options(&[Family::Naive, Family::Seasonal], 2));
    assert_eq!(many.classes.iter().map(|class| class.chosen.family).collect::<Vec<_>>(), [Family::Seasonal]);
    series.push(Series { name: "lumpy".to_owned(), demand: known(&[&[0.0, 0.0, 1.0, 0.0, 0.0, 9.0][..]; 5].concat()) });
    let judged = backtest(&series, &options(&[Family::Naive, Family::Seasonal], 2));
    let of_few = judged.classes.iter().find(|class| class.class == Class::Lumpy).expect("is there");
    assert_eq!((of_few.series_count, of_few.chosen.family), (1, Family::Seasonal));
}

#[test]
fn histories_that_are_too_short_are_not_forecast_as_if_nothing_were_wanted() {
    let series = drawn(30, 9, |random, _, _| 4.0 + seldom(random, 0.5));
    let judged = backtest(&series, &options(&Family::ALL, 0));
    assert_eq!(judged.classes.iter().map(|class| class.chosen.family).collect::<Vec<_>>(), [Family::Kin], "{judged:?}");
    assert!(figures(&judged, "chosen").coverage[3] > 0.9, "{judged:?}");
}

#[test]
fn everything_that_was_ever_on_sale_has_a_forecast() {
    let mut series = drawn(60, 40, |random, number, _| seldom(random, if number < 40 { 0.02 } else { 0.3 }));
    series.push(Series { name: "never".to_owned(), demand: vec![None; 40] });
    series.push(Series { name: "late".to_owned(), demand: [vec![None; 38], known(&[2.0, 4.0])].concat() });
    let foreseen = foresee(&series, ForeseeOptions { covered: 3, ahead: 9, season: 0 });
    assert_eq!(foreseen.len(), series.len());
    assert!(foreseen[60].is_none());
    let late = foreseen[61].as_ref().expect("is known");
    assert_eq!((late.class, late.known, late.sums.len()), (Class::Smooth, 2, 9));
    assert!((late.wanted - 6.0).abs() < 1e-9 && late.sums[8].0[3] > late.sums[0].0[3], "{late:?}");
    // What never sold is not sure never to.
    let unsold = foreseen.iter().flatten().find(|foreseen| foreseen.class == Class::Unsold).expect("is known");
    assert!(unsold.known == 40 && unsold.sums[8].0[3] > 0.0, "{unsold:?}");
}

#[test]
fn the_same_input_gives_the_same_figures() {
    let series = drawn(30, 30, |random, number, _| seldom(random, 0.3) * number as f64);
    let options = options(&Family::ALL, 4);
    assert_eq!(backtest(&series, &options), backtest(&series, &options));
}

#[test]
fn a_higher_level_is_never_lower() {
    let history = known(&[0.0, 3.0, 0.0, 0.0, 7.0, 1.0]);
    let plan = Plan { method: Method::Smoothing { alpha: 0.3 }, spreads: [3.0, 3.0, 0.1, 0.1] };
    let sums = sums_ahead(plan, History::of(&history), &Crowd::default(), 8);
    assert!(sums.iter().all(|Quantiles(sums)| sums.is_sorted()), "{sums:?}");
    assert!(sums.windows(2).all(|pair| pair[0].0[3] <= pair[1].0[3]), "{sums:?}");
}
