//! Learning from what a shop sold how much of everything will be wanted.

use super::aside::aside;
use crate::event::{ActivityEvent, Events, Stream};
use crate::learn::LearnError;
use crate::learn::forecast::{Backtest, BacktestOptions, Class, Family, ForeseeOptions, Foreseen, Quantiles, Series, backtest, foresee};
use crate::model::forecasts::{ForecastRow, Forecasts};
use crate::pipeline::{BehaviourBounds, FeedError, Readers, read_behaviour};
use crate::stdx::clock::Timestamp;
use crate::trade::wanted::{AllDemand, FromImported, Imported, Wanted, WeeklyDemand};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::path::Path;

/// Weeks that are foreseen: what is ordered far away takes as long as that.
pub const WEEKS_AHEAD: usize = 26;
/// Longest lead time that methods are chosen for.
pub const LEAD_WEEKS_MAX: usize = WEEKS_AHEAD - 1;
/// Weeks in a season.
const SEASON_WEEKS: usize = 52;
/// Weeks held out to judge by, at most; and no more than a fourth of those that there are.
const HELD_OUT_MAX: usize = 12;
const HELD_OUT_SHARE: usize = 4;

/// How many SKUs at locations a class of demand has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassCount {
    /// Its name.
    pub class: String,
    /// How many.
    pub count: usize,
}

/// What learning from demand came to, for people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForecastsLearnt {
    /// SKUs at locations that have a forecast.
    pub rows: usize,
    /// Whether some were passed over because there are more than are followed.
    pub left_out: bool,
    /// Weeks of the longest series.
    pub weeks: usize,
    /// When the first week that is foreseen begins.
    pub from: String,
    /// How many there are of each class.
    pub classes: Vec<ClassCount>,
    /// What of it orders of other systems told.
    pub imported: FromImported,
    /// Methods on the last weeks, foreseen from those before; none when there are too few.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backtest: Option<Backtest>,
}

/// Learns from all that the journal tells of orders, stock and imported orders before `now`, and writes `models/forecasts.bin`; `lead_weeks` is how long what is
/// ordered takes as a rule. A running server takes the file up by itself.
///
/// # Errors
/// When nothing was for sale for a week, here or by imported orders, or the journal cannot be read or the file written.
pub fn train_forecasts(readers: &Readers, models: &Path, now: Timestamp, lead_weeks: usize) -> Result<ForecastsLearnt, LearnError> {
    let demand = demand(readers, models, now)?;
    let series = series(&demand.series);
    let weeks = series.iter().map(|series| series.demand.len()).max().unwrap_or(0);
    if weeks == 0 {
        return Err(LearnError::TooLittle("nothing was for sale for a whole week yet, and no imported orders tell of one".to_owned()));
    }
    let lead_weeks = lead_weeks.min(LEAD_WEEKS_MAX);
    let options = ForeseeOptions { covered: lead_weeks + 1, ahead: WEEKS_AHEAD, season: SEASON_WEEKS };
    let foreseen = foresee(&series, options);
    let rows: Vec<ForecastRow> =
        demand.series.into_iter().zip(&foreseen).filter_map(|(demand, foreseen)| Some(row(demand, foreseen.as_ref()?))).collect();
    Forecasts::save(models, demand.until, &rows)?;
    let count = |class: Class| foreseen.iter().flatten().filter(|foreseen| foreseen.class == class).count();
    let classes = Class::ALL.map(|class| ClassCount { class: class.name().to_owned(), count: count(class) });
    Ok(ForecastsLearnt {
        rows: rows.len(),
        left_out: demand.left_out,
        weeks,
        from: demand.until.to_rfc3339(),
        classes: classes.into_iter().filter(|class| class.count > 0).collect(),
        imported: demand.imported,
        backtest: judged(&series, weeks, lead_weeks),
    })
}

/// The same beside a shop that is open: on half of the processors, so that it goes on selling on the others.
///
/// # Errors
/// As [`train_forecasts`], and when there are no threads to be had.
pub fn train_forecasts_aside(readers: &Readers, models: &Path, now: Timestamp, lead_weeks: usize) -> Result<ForecastsLearnt, LearnError> {
    let training = || train_forecasts(readers, models, now, lead_weeks);
    aside("forecasts", training).map_err(|source| LearnError::Io { path: models.to_path_buf(), source })?
}

/// Reads the stream of trade from its beginning, then the orders that were imported.
fn demand(readers: &Readers, models: &Path, now: Timestamp) -> Result<AllDemand, LearnError> {
    let failed = |error: FeedError| LearnError::Io { path: models.to_owned(), source: std::io::Error::other(error) };
    let (start, _) = readers.feed().bounds(Stream::Trade).map_err(failed)?;
    let mut wanted = Wanted::new(readers.trade().options().clone());
    let read = readers.feed().read(Stream::Trade, start, &mut |recorded, _| {
        if let Events::Trade(events) = &recorded.events {
            wanted.apply(recorded.offset, recorded.at, events);
        }
        ControlFlow::Continue(())
    });
    read.map_err(failed)?;
    let imported = imported(readers, &wanted, now).map_err(failed)?;
    let catalog = readers.catalog();
    Ok(wanted.with(&imported, &|product| catalog.skus_of(product)))
}

/// Each once: the stream has an order of a name once, and those that were placed here count there.
fn imported(readers: &Readers, wanted: &Wanted, now: Timestamp) -> Result<Imported, FeedError> {
    let mut imported = Imported::before(now);
    let BehaviourBounds { start, end, .. } = BehaviourBounds::of(readers.feed(), false)?;
    read_behaviour(readers.feed(), start, end, &mut |_, at, events| {
        for event in &events {
            match event {
                ActivityEvent::OrderImported { reference, .. } if wanted.has_order(reference) => imported.pass_over(),
                // Nothing can have happened after it was taken, whatever another clock says.
                ActivityEvent::OrderImported { lines, happened_at, .. } => imported.apply(lines, at.min(*happened_at)),
                _ => {}
            }
        }
        ControlFlow::Continue(())
    })?;
    Ok(imported)
}

/// The same weeks stand at the same places.
fn series(demand: &[WeeklyDemand]) -> Vec<Series> {
    let weeks = demand.iter().map(|demand| demand.weeks.len()).max().unwrap_or(0);
    let one = |demand: &WeeklyDemand| {
        let before = std::iter::repeat_n(None, weeks - demand.weeks.len());
        let name = format!("{} at {}", demand.sku, demand.location);
        Series { name, demand: before.chain(demand.weeks.iter().map(|units| units.map(f64::from))).collect() }
    };
    demand.iter().map(one).collect()
}

fn row(demand: WeeklyDemand, foreseen: &Foreseen) -> ForecastRow {
    // What a thing of which nothing was ever wanted may want is told from what others did, so one unit of each of thousands would be kept for the
    // few that will sell. Nobody buys so: nothing is foreseen of it until somebody wants one, and then it is of another class.
    let is_unsold = foreseen.class == Class::Unsold;
    // Units are whole, and half a unit more is one.
    let whole = |Quantiles(units): &Quantiles| units.map(|units| if is_unsold { 0 } else { units.ceil() as u32 });
    ForecastRow {
        sku: demand.sku,
        location: demand.location,
        class: foreseen.class.name(),
        method: if is_unsold { Family::Zero.name() } else { foreseen.plan.method.name() },
        weeks_known: foreseen.known as u32,
        units_wanted: foreseen.wanted as u32,
        weeks_imported: demand.weeks_imported,
        units_imported: demand.units_imported,
        lead_days: demand.lead_days,
        sums: foreseen.sums.iter().map(whole).collect(),
    }
}

/// What is chosen against what was sold last, on weeks that nothing was learnt from.
fn judged(series: &[Series], weeks: usize, lead_weeks: usize) -> Option<Backtest> {
    let horizon = (weeks / HELD_OUT_SHARE).min(HELD_OUT_MAX);
    let options =
        BacktestOptions { horizon, lead: lead_weeks, season: SEASON_WEEKS, families: Family::ALL.to_vec(), judged: vec![Family::Naive] };
    Some(horizon).filter(|horizon| *horizon > lead_weeks).map(|_| backtest(series, &options)).filter(|backtest| backtest.cases_count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{ImportKind, OpenOptions, Rejects, Shop, Watcher, import};
    use crate::catalog::formats::{ImportOptions, Meter};
    use crate::config::Config;
    use crate::event::trade::StockReason;
    use crate::id::{LocationId, Ordinal, ProductId, Sku};
    use crate::stdx::clock::{Clock, ManualClock};
    use crate::trade::wanted::WEEK_MS;
    use crate::trade::{Action, Command, StockChange};
    use std::sync::Arc;

    struct Nobody;

    impl Watcher for Nobody {
        fn is_wanted(&self, _: &Meter) -> bool {
            true
        }

        fn sees(&mut self, _: &ProductId) {}
    }

    fn weekly(weeks: &[Option<u32>]) -> WeeklyDemand {
        let (sku, location) = (Sku::new("a").expect("an id"), LocationId::new("north").expect("an id"));
        WeeklyDemand { sku, location, weeks: weeks.to_vec(), lead_days: None, weeks_imported: 0, units_imported: 0 }
    }

    #[test]
    fn weeks_stand_where_they_were_whenever_a_thing_came() {
        let series = series(&[weekly(&[Some(3), None, Some(1)]), weekly(&[Some(2)])]);
        assert_eq!(series[0].demand, [Some(3.0), None, Some(1.0)]);
        assert_eq!((series[1].demand.as_slice(), series[1].name.as_str()), (&[None, None, Some(2.0)][..], "a at north"));
    }

    #[test]
    fn what_a_shop_sold_becomes_a_file_that_answers() {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(ManualClock::at(Timestamp(1_767_571_200_000)));
        let options = OpenOptions { clock: Arc::clone(&clock) as Arc<dyn Clock>, ..OpenOptions::offline(Config::default()) };
        let shop = Shop::open(folder.path(), options).expect("opens");
        let models = shop.folders().models.clone();
        let moves = |sku: &str, units: i64| {
            let (sku, location) = (Sku::new(sku).expect("an id"), LocationId::new("north").expect("an id"));
            let action =
                Action::MoveStock { sku, product: Ordinal(0), location, change: StockChange::To(units), reason: StockReason::Received };
            let answer = shop.wait(|reply| shop.trade(Command { key: None, action }, reply));
            assert!(answer.expect("answers").is_ok());
        };
        moves("a", 5);
        let early = train_forecasts(shop.readers(), &models, shop.now(), 2);
        assert!(matches!(early, Err(LearnError::TooLittle(_))), "{early:?}");
        clock.advance_ms(10 * WEEK_MS);
        moves("b", 1);
        let learnt = train_forecasts(shop.readers(), &models, shop.now(), 0).expect("learns");
        assert_eq!((learnt.rows, learnt.weeks, learnt.classes.len()), (1, 10, 1), "b has not been there for a week: {learnt:?}");
        assert!(learnt.backtest.is_some_and(|backtest| backtest.cases_count == 2));
        let opened = Forecasts::open(&models).expect("opens").expect("is there");
        let (sku, location) = (Sku::new("a").expect("an id"), LocationId::new("north").expect("an id"));
        let forecast = opened.get(&sku, &location).expect("is there");
        assert_eq!((forecast.class, forecast.method, forecast.weeks_known, forecast.units_wanted), ("unsold", "zero", 10, 0));
        shop.stop();
    }

    /// A shop that moved here brought its orders, and was told that there is nothing to learn from.
    #[test]
    fn a_shop_that_moved_here_has_forecasts_from_the_orders_it_brought() {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(ManualClock::at(Timestamp::of_rfc3339("2026-03-02T10:00:00Z").expect("a moment")));
        let open = || {
            let clock = Arc::clone(&clock) as Arc<dyn Clock>;
            Shop::open(folder.path(), OpenOptions { clock, ..OpenOptions::offline(Config::default()) }).expect("opens")
        };
        // What is imported is durable once the shop is closed.
        let import = |name: &str, kind: ImportKind, text: &str| {
            let file = folder.path().join(name);
            std::fs::write(&file, text).expect("writes");
            let mut rejects = Rejects::new(file.with_extension("rejects"));
            let shop = open();
            let imported = import(&shop, &file, kind, &ImportOptions::default(), &mut rejects, &mut Nobody).expect("is taken");
            assert_eq!(rejects.finish().expect("is written").0, 0, "{name}");
            shop.stop();
            imported.taken
        };
        let products = r#"{"id":"shirt","title":"Shirt","variants":[{"sku":"S-M"},{"sku":"S-L"}]}
            {"id":"cup","title":"Cup","variants":[{"sku":"C-1"}]}
            {"id":"bowl","title":"Bowl","variants":[{"sku":"bowl"}]}"#;
        import("products.ndjson", ImportKind::Products, &products.replace("\n            ", "\n"));
        import("stock.csv", ImportKind::Stock, "sku,location,on_hand\nS-M,north,3\nS-L,north,3\nC-1,north,3\nbowl,north,0\n");
        let order = |week: i64| {
            let day = clock.now().plus_ms(-week * WEEK_MS).to_rfc3339();
            ["S-M,2", "cup,1", "bowl,4"].map(|line| format!("o{week},{day},{line}\n")).concat()
        };
        let orders: String = (1..=20).rev().map(order).collect();
        assert_eq!(
            import("orders.csv", ImportKind::Orders { creates_products: false }, &format!("order_id,date,sku,quantity\n{orders}")),
            20
        );
        let shop = open();
        let models = shop.folders().models.clone();
        let learnt = train_forecasts(shop.readers(), &models, shop.now(), 2).expect("learns");
        assert_eq!(learnt.imported, FromImported { orders: 20, units: 18 * 7, placed_here: 0, unplaced_units: 0 });
        let opened = Forecasts::open(&models).expect("opens").expect("is there");
        let wanted = |sku: &str| {
            let forecast = opened.get(&Sku::new(sku).expect("an id"), &LocationId::new("north").expect("an id"))?;
            Some((forecast.units_wanted, forecast.units_imported, forecast.weeks_known, forecast.weeks_imported))
        };
        // The first of the weeks says that they were on sale, and the last order came in the first half of the last.
        let expected = [Some((36, 36, 18, 18)), None, Some((18, 18, 18, 18)), Some((72, 72, 18, 18))];
        assert_eq!(["S-M", "S-L", "C-1", "bowl"].map(wanted), expected);
        shop.stop();
    }

    /// One unit was foreseen of each of 37,591 things that never sold: a twentieth of their like did.
    #[test]
    fn of_what_never_sold_nothing_is_foreseen() {
        let (sold, never) = (weekly(&[Some(9), Some(0), Some(8), Some(9)]), weekly(&[Some(0); 4]));
        let all: Vec<WeeklyDemand> = std::iter::repeat_n(sold, 9).chain([never]).collect();
        let foreseen = foresee(&series(&all), ForeseeOptions { covered: 3, ahead: WEEKS_AHEAD, season: SEASON_WEEKS });
        let row = |demand: &WeeklyDemand, place: usize| row(demand.clone(), foreseen[place].as_ref().expect("is known"));
        let (sold, never) = (row(&all[0], 0), row(&all[9], 9));
        assert!(sold.sums[2][2] > 9 && sold.method != "zero", "{sold:?}");
        assert!((never.class, never.method, never.weeks_known) == ("unsold", "zero", 4), "{never:?}");
        assert!(never.sums.iter().flatten().all(|units| *units == 0), "{never:?}");
    }

    #[test]
    fn few_weeks_are_learnt_from_and_judge_nothing() {
        let all: Vec<WeeklyDemand> = (0..20).map(|_| weekly(&[Some(2), Some(3), Some(2), Some(4)])).collect();
        let series = series(&all);
        assert!(judged(&series, 4, 2).is_none());
        let foreseen = foresee(&series, ForeseeOptions { covered: 3, ahead: WEEKS_AHEAD, season: SEASON_WEEKS });
        let row = row(weekly(&[Some(2)]), foreseen[0].as_ref().expect("is known"));
        assert_eq!((row.class, row.weeks_known, row.units_wanted, row.sums.len()), ("smooth", 4, 11, WEEKS_AHEAD));
        assert!(row.sums[3][0] >= 8 && row.sums[3][3] > row.sums[3][0], "{row:?}");
    }
}
