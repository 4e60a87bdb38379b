//! `shopkeeper evaluate baskets`: the live recommendation tables, fed order by order as a shop would feed them, foresee each next order.
//!
//! What is measured is what a shop answers: the requests go through the function that `GET /v1/recommend/{kind}` calls. A file of baskets tells
//! nothing of products but who bought them, so all may be bought, none is like another, and no tastes were learnt.

use crate::cli::output::{CliError, Output};
use crate::event::activity::HistoryLine;
use crate::event::{ActivityEvent, Events, Origin, Projection, Recorded};
use crate::id::{Offset, Ordinal, ShopperId};
use crate::learn::evaluate::{self, Report};
use crate::learn::formats::{self, Baskets, Names};
use crate::recommend::{self, Assortment, Kind, RecommendFold, RecommendSnapshot, Request};
use crate::signal::{self, SignalFold, SignalTable};
use crate::stdx::clock::Timestamp;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// The files know the order of baskets but not their times: each shopper's are taken to be a week apart.
const APART_MS: i64 = 7 * 86_400_000;

/// Kinds that are asked for a shopper and may foresee an order, the one that is meant to first.
const ASKED: [Kind; 3] = [Kind::NextOrder, Kind::BuyAgain, Kind::ForYou];

#[derive(clap::Args)]
pub(in crate::cli) struct Arguments {
    /// Baskets known of each shopper.
    #[arg(long)]
    history: PathBuf,
    /// The next basket of some of them; when not given, the last basket of each is foreseen from those before.
    #[arg(long)]
    future: Option<PathBuf>,
}

/// What each kind reached. The figures of the first stand at the top level too.
#[derive(Serialize)]
struct Measured {
    #[serde(flatten)]
    first: Report,
    answers: Vec<AnswersMeasured>,
    lines_left_out: usize,
}

#[derive(Serialize)]
struct AnswersMeasured {
    kind: &'static str,
    #[serde(flatten)]
    report: Report,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<(), CliError> {
    let started = Instant::now();
    let mut products = Names::default();
    let known = formats::read_baskets(&arguments.history, &mut products)?;
    let mut lines_left_out = known.lines_left_out;
    let (history, future) = match &arguments.future {
        Some(future) => {
            let future = formats::read_baskets(future, &mut products)?;
            lines_left_out += future.lines_left_out;
            (known.shoppers, future.shoppers)
        }
        None => formats::last_baskets_apart(known.shoppers),
    };
    let shop = Shop::lived_through(&history, products.len() as u32)?;
    let answers = ASKED.map(|kind| AnswersMeasured {
        kind: kind.name(),
        report: evaluate::evaluate_baskets(&future, |shopper, count| shop.answered(kind, shopper, count)),
    });
    let first = answers[0].report.clone();
    super::told(Measured { first, answers: answers.into(), lines_left_out }, |measured| measured.first.cases_count, told, started, output)
}

fn told(measured: &Measured) -> String {
    let line = |AnswersMeasured { kind, report }: &AnswersMeasured| format!("{kind}, as GET /v1/recommend/{kind} answers: {report}\n");
    let lines: String = measured.answers.iter().map(line).collect();
    format!("{lines}{} lines with quantity <= 0 were left out", measured.lines_left_out)
}

/// A shop that has taken the orders of a file, and knows nothing else.
struct Shop {
    tables: Arc<RecommendSnapshot>,
    signals: Arc<SignalTable>,
    products: Unknown,
}

impl Shop {
    fn lived_through(history: &[Baskets], products_count: u32) -> Result<Self, CliError> {
        let mut signals = SignalFold::new(None, signal::Options::default())?;
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
            let recorded = Recorded { offset: Offset(offset), at, events: Events::Activity(vec![event]) };
            signals.apply(&recorded);
            fold.apply(&recorded);
        }
        signals.publish();
        fold.publish();
        Ok(Self { tables: fold.reader().take(), signals: signals.table(), products: Unknown(products_count) })
    }

    /// A page of a kind, by the code that answers a request.
    fn answered(&self, kind: Kind, shopper: &str, count: usize) -> Vec<u32> {
        let request = Request { shopper: named(shopper).shopper, ..Request::of(kind, count) };
        let page = recommend::recommend(&self.tables, &self.signals, &request, &self.products);
        page.iter().map(|answered| answered.product.0).collect()
    }
}

/// So many products of which nothing is known; all may be bought.
struct Unknown(u32);

impl Assortment for Unknown {
    fn is_eligible(&self, product: Ordinal) -> bool {
        self.exists(product)
    }

    fn exists(&self, product: Ordinal) -> bool {
        product.0 < self.0
    }

    fn each_passing(&self, visit: &mut dyn FnMut(Ordinal)) {
        (0..self.0).for_each(|product| visit(Ordinal(product)));
    }
}

fn named(shopper: &str) -> Origin {
    Origin { shopper: ShopperId::new(shopper).ok(), ..Origin::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table was measured that no route answered: it named what a single other shopper bought, and a shop does not.
    #[test]
    fn what_is_measured_is_what_a_shop_answers() {
        let shopper = |name: &str, baskets: &[&[u32]]| Baskets {
            shopper: name.to_owned(),
            baskets: baskets.iter().map(|basket| basket.to_vec()).collect(),
        };
        let history = [shopper("ann", &[&[0, 1], &[1], &[1, 2]]), shopper("bob", &[&[3], &[4]]), shopper("cyd", &[&[3]])];
        let shop = Shop::lived_through(&history, 5).expect("is fed");
        assert_eq!(shop.answered(Kind::BuyAgain, "ann", 1), [1], "bought in every order");
        assert_eq!(shop.answered(Kind::BuyAgain, "ann", 9).len(), 5, "a page is filled");
        assert_eq!(shop.answered(Kind::ForYou, "ann", 2).iter().filter(|product| **product < 3).count(), 0, "what is known stands last");
        assert_eq!(shop.answered(Kind::NextOrder, "ann", 1), [1]);
        assert_eq!(shop.answered(Kind::NextOrder, "cyd", 1), [3], "what only bob bought after it is his business");
    }
}
