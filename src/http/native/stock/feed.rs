//! Stock feeds: many levels in one request, one line each, every line whole or not at all.
//!
//! Lines are asked for together and become durable together; what each was refused for is told by its line. Without an idempotency key a line
//! with `expected` cannot be done twice, and one that sets a number can be repeated. Under one each line has a key of its own, so that a repetition of the
//! same body does nothing again to what was sold meanwhile, wherever the first one broke off; lines that were refused are tried again.

use crate::event::trade::StockReason;
use crate::http::answer::{Answer, ok};
use crate::http::body;
use crate::http::context::{Context, answered, reply};
use crate::http::error::Problem;
use crate::http::native::lines::{Batch, Batches, Reject, Tally};
use crate::id::{LocationId, Sku};
use crate::pipeline::{TradeAnswer, TradeError};
use crate::trade::{Action, Command, Rejection, StockChange};
use axum::body::Body;
use axum::http::HeaderMap;
use serde::Deserialize;
use tokio::sync::oneshot::Receiver;

/// What the keys of feeds are bound to, beside the lines.
const MANY: &str = "inventory.post.lines";

/// One line: the units on hand of a SKU at a location; with `expected` only while that is the number.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LevelLine {
    sku: Sku,
    location: LocationId,
    set: i64,
    expected: Option<i64>,
    reason: Option<StockReason>,
}

/// A line, and where its answer arrives, or why it is not even asked for.
type Pending = (u64, Result<Receiver<Result<TradeAnswer, TradeError>>, Problem>);

/// Takes a feed and answers how many lines were taken and why others were not.
pub(in crate::http) async fn feed(context: &Context, headers: &HeaderMap, body: Body) -> Answer {
    let mut tally = Tally::new(&["taken"]);
    let mut batches = Batches::keyed(headers, body, MANY, |line: &[u8]| body::parse::<LevelLine>(line))?;
    while let Some(Batch { numbers, values: lines, key }) = batches.next(&mut tally).await? {
        let catalog = context.shop.readers().catalog();
        let mut pending: Vec<Pending> = Vec::with_capacity(lines.len());
        for (number, line) in numbers.into_iter().zip(lines) {
            let Some(product) = catalog.ordinal_of_sku(&line.sku) else {
                pending.push((number, Err(Problem::invalid("sku", format!("there is no SKU {}", line.sku)))));
                continue;
            };
            let change = match line.expected {
                Some(expected) => StockChange::CompareAndSet { expected, on_hand: line.set },
                None => StockChange::To(line.set),
            };
            let reason = line.reason.unwrap_or(StockReason::Counted);
            let LevelLine { sku, location, .. } = line;
            let action = Action::MoveStock { sku, product, location, change, reason };
            let command = match &key {
                Some(key) => key.clone().of_part(number)?.command(action)?,
                None => Command { key: None, action },
            };
            let (reply, answer) = reply();
            context.shop.trade(command, reply);
            pending.push((number, Ok(answer)));
        }
        settle(pending, &mut tally).await.map_err(|problem| tally.after(&problem))?;
    }
    ok(&tally)
}

/// Waits until a batch is durable.
async fn settle(pending: Vec<Pending>, tally: &mut Tally) -> Result<(), Problem> {
    for (line, answer) in pending {
        let problem = match answer {
            Err(problem) => problem,
            Ok(answer) => match answered(answer).await? {
                Ok(_) => {
                    tally.count("taken");
                    continue;
                }
                Err(TradeError::Unavailable(unavailable)) => return Err(unavailable.into()),
                Err(TradeError::Rejected(rejection @ Rejection::KeyReused)) => return Err(rejection.into()),
                Err(TradeError::Rejected(rejection)) => Problem::from(rejection),
            },
        };
        // The trade engine speaks of the bucket, the line of what it is to hold.
        let field = problem.field().map(|field| if field == "on_hand" { "set" } else { field }.to_owned());
        tally.reject(Reject { line, field, reason: problem.detail().to_owned() });
    }
    Ok(())
}
