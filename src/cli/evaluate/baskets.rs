//! `shopkeeper evaluate baskets`: the live recommendation tables, fed order by order as a shop would feed them, foresee each next order.

use crate::cli::output::CliError;
use crate::event::activity::HistoryLine;
use crate::event::{ActivityEvent, Events, Origin, Projection, Recorded};
use crate::id::{Offset, Ordinal, ShopperId};
use crate::learn::evaluate::{self, Report};
use crate::learn::formats::{self, Baskets, Names};
use crate::recommend::{self, RecommendFold, RecommendSnapshot};
use crate::signal::{self, SignalFold};
use crate::stdx::clock::Timestamp;
use std::path::Path;
use std::sync::Arc;

/// The files know the order of baskets but not their times: each shopper's are taken to be a week apart.
const APART_MS: i64 = 7 * 86_400_000;

pub(super) fn run(history: &Path, future: Option<&Path>) -> Result<Report, CliError> {
    let mut products = Names::default();
    let known = formats::read_baskets(history, &mut products)?;
    let (history, future) = match future {
        Some(future) => (known, formats::read_baskets(future, &mut products)?),
        None => formats::last_baskets_apart(known),
    };
    let tables = lived_through(&history)?;
    Ok(evaluate::evaluate_baskets(&future, |shopper, count| next_order(&tables, shopper, count)))
}

/// What the next order may hold, from the same code that answers a shopper.
fn next_order(tables: &RecommendSnapshot, shopper: &str, count: usize) -> Vec<u32> {
    let Some(shopper) = named(shopper).shopper else { return Vec::new() };
    tables.next_order(&shopper, count, |_| true).iter().map(|wanted| wanted.product.0).collect()
}

/// The tables of a shop that has taken these orders.
fn lived_through(history: &[Baskets]) -> Result<Arc<RecommendSnapshot>, CliError> {
    let signals = SignalFold::new(None, signal::Options::default())?;
    let mut fold = RecommendFold::new(recommend::Options::default(), signals.table());
    let mut orders: Vec<(usize, &Baskets)> =
        history.iter().flat_map(|shopper| (0..shopper.baskets.len()).map(move |number| (number, shopper))).collect();
    // As in a shop, where everybody's first orders come before everybody's later ones. Stable: shoppers keep their order.
    orders.sort_by_key(|(number, _)| *number);
    for (offset, (number, shopper)) in (0..).zip(orders) {
        let line = |product: &u32| HistoryLine { product: Ordinal(*product), sku: None, quantity: 1, unit_price: None };
        let at = Timestamp(number as i64 * APART_MS);
        let event = ActivityEvent::OrderImported {
            reference: format!("{}/{number}", shopper.shopper),
            origin: named(&shopper.shopper),
            lines: shopper.baskets[number].iter().map(line).collect(),
            happened_at: at,
        };
        fold.apply(&Recorded { offset: Offset(offset), at, events: Events::Activity(vec![event]) });
    }
    fold.publish();
    Ok(fold.reader().take())
}

fn named(shopper: &str) -> Origin {
    Origin { shopper: ShopperId::new(shopper).ok(), ..Origin::default() }
}
