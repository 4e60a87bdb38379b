//! Available to promise: when so many units of a SKU will be there for somebody who orders now.
//!
//! Place by place: units on hand that are promised to nobody, less safety stock, and what is expected until a date. A place at which more is
//! promised than is there needs its own arrivals first, and never takes those of another. What is overdue is not promised: nobody knows when
//! it comes. Before a SKU's release nothing of it is promised for an earlier date. A place that sends nothing promises nothing.

use super::{Arrival, LocationStock, StockRow};
use crate::id::LocationId;
use crate::stdx::clock::Timestamp;
use std::collections::BTreeMap;

/// How many units there are from a date on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promised {
    /// From when on.
    pub at: Timestamp,
    /// Units that could be promised for then, those of earlier dates included.
    pub units: i64,
}

/// What could be promised of a SKU at `location`, or anywhere, from now on: in order of time, each step with more units than the one before.
#[must_use]
pub fn promises(row: &StockRow, arrivals: &[Arrival], location: Option<&LocationId>, now: Timestamp) -> Vec<Promised> {
    let is_open = |place: &LocationId| row.at(place).is_none_or(|buckets| !buckets.is_closed);
    let is_asked = |place: &LocationId| location.is_none_or(|asked| asked == place) && is_open(place);
    let places = row.locations.iter().filter(|stock| is_asked(&stock.location));
    let mut free: BTreeMap<&LocationId, i64> =
        places.clone().map(|stock| (&stock.location, stock.buckets.available() - stock.buckets.safety_stock)).collect();
    let mut steps: Vec<(Timestamp, &LocationId, i64)> = arrivals
        .iter()
        .filter(|arrival| is_asked(&arrival.location) && arrival.at > now)
        .map(|arrival| (arrival.at, &arrival.location, arrival.units))
        .collect();
    steps.extend(places.filter_map(|stock| dated_backorders(stock, arrivals, now)));
    steps.sort_unstable();
    let units = |free: &BTreeMap<&LocationId, i64>| free.values().map(|units| (*units).max(0)).sum::<i64>();
    let not_before = row.release_at.unwrap_or(now).max(now);
    let mut promised = vec![Promised { at: not_before, units: units(&free) }];
    for (at, place, more) in steps {
        *free.entry(place).or_default() += more;
        promised.push(Promised { at: at.max(not_before), units: units(&free) });
    }
    steps_up(promised)
}

/// Units that a place may promise beyond what is there, when somebody has said when they come and no purchase or transfer says otherwise.
fn dated_backorders<'a>(stock: &'a LocationStock, arrivals: &[Arrival], now: Timestamp) -> Option<(Timestamp, &'a LocationId, i64)> {
    let at = stock.terms.as_ref()?.backorder_expected_at?;
    let is_alone = !arrivals.iter().any(|arrival| arrival.location == stock.location);
    (at > now && is_alone && stock.buckets.allowance() > 0).then_some((at, &stock.location, stock.buckets.allowance()))
}

/// One step per date, and none that promises no more than the one before.
fn steps_up(promised: Vec<Promised>) -> Vec<Promised> {
    let mut steps: Vec<Promised> = Vec::with_capacity(promised.len());
    for step in promised {
        match steps.last_mut() {
            Some(last) if last.units >= step.units => {}
            Some(last) if last.at == step.at => last.units = step.units,
            _ if step.units == 0 => {}
            _ => steps.push(step),
        }
    }
    steps
}

/// The first date for which `quantity` units could be promised.
#[must_use]
pub fn promised_at(promised: &[Promised], quantity: i64) -> Option<Timestamp> {
    promised.iter().find(|step| step.units >= quantity).map(|step| step.at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::trade::StockTerms;
    use crate::id::{Ordinal, PurchaseOrderId, Sku};
    use crate::inventory::{Buckets, Source};

    const NOW: Timestamp = Timestamp(100);

    fn location(name: &str) -> LocationId {
        LocationId::new(name).expect("an id")
    }

    /// `stock` reads `location:on_hand/allocated/safety/cap[@backorder_date] ...`, `arrivals` reads `location:units@date ...`, the answer
    /// `units@date ...`.
    fn promised(stock: &str, arrivals: &str, asked: Option<&str>, release_at: Option<i64>) -> String {
        let number = |text: &str| text.parse::<i64>().expect("a number");
        let mut row = StockRow::new(Sku::new("a").expect("an id"), Ordinal(0));
        row.release_at = release_at.map(Timestamp);
        for place in stock.split_whitespace() {
            let (name, rest) = place.split_once(':').expect("location:units");
            let (units, date) = rest.split_once('@').map_or((rest, None), |(units, date)| (units, Some(Timestamp(number(date)))));
            let units: Vec<i64> = units.split('/').map(number).collect();
            let stock = row.at_mut(&location(name), false);
            stock.buckets =
                Buckets { on_hand: units[0], allocated: units[1], safety_stock: units[2], backorder_cap: units[3], ..Buckets::default() };
            stock.terms = date.map(|date| Box::new(StockTerms { backorder_expected_at: Some(date), ..StockTerms::default() }));
        }
        let arrival = |text: &str| {
            let (name, rest) = text.split_once(':').expect("location:units@date");
            let (units, at) = rest.split_once('@').expect("units@date");
            let source = Source::Purchase(PurchaseOrderId::new("p").expect("an id"));
            Arrival { at: Timestamp(number(at)), location: location(name), source, units: number(units) }
        };
        let arrivals: Vec<Arrival> = arrivals.split_whitespace().map(arrival).collect();
        let steps = promises(&row, &arrivals, asked.map(location).as_ref(), NOW);
        steps.iter().map(|step| format!("{}@{}", step.units, step.at.0)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_there_is_promised_now_and_what_comes_when_it_comes() {
        assert_eq!(promised("n:5/2/1/0", "", None, None), "2@100");
        assert_eq!(promised("n:5/2/0/0", "n:4@200 n:1@300", None, None), "3@100 7@200 8@300");
        assert_eq!(promised("n:0/0/0/9", "", None, None), "", "an undated backorder is no promise");
        assert_eq!(promised("n:0/0/0/9@250", "", None, None), "9@250");
        assert_eq!(promised("n:0/0/0/9@250", "n:4@200", None, None), "4@200", "a purchase says more than a guess");
        assert_eq!(promised("n:1/0/0/0", "n:4@90", None, None), "1@100", "nobody knows when something overdue comes");
        assert_eq!(promised("n:1/0/0/0", "n:4@200 n:3@200", None, None), "1@100 8@200");
    }

    #[test]
    fn what_is_owed_to_others_is_served_first_and_at_its_own_place() {
        assert_eq!(promised("n:2/6/0/4", "n:3@200 n:5@300", None, None), "4@300");
        assert_eq!(promised("n:2/6/0/4 s:3/0/0/0", "n:5@200", None, None), "3@100 4@200", "the south owes nothing to the north");
        assert_eq!(promised("n:2/6/0/4 s:3/0/0/0", "n:5@200", Some("n"), None), "1@200");
    }

    #[test]
    fn nothing_is_promised_before_the_release() {
        assert_eq!(promised("n:5/0/0/0", "n:4@200 n:4@400", None, Some(300)), "9@300 13@400");
        assert_eq!(promised("n:5/0/0/0", "", None, Some(50)), "5@100");
    }
}
