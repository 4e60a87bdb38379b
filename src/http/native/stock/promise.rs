//! Available to promise: when so many units of a SKU will be there.

use super::named;
use crate::access::{Resource, Scope, Verb};
use crate::http::access::Caller;
use crate::http::answer::{Answer, ok};
use crate::http::context::Shared;
use crate::http::error::Problem;
use crate::http::params::Params;
use crate::http::path::Path;
use crate::id::{ChannelId, LocationId, Sku};
use crate::inventory::UNITS_MAX;
use axum::extract::{RawQuery, State};
use serde::Serialize;

/// Dates in one answer; the first ones.
const STEPS_MAX: usize = 100;

#[derive(Serialize)]
struct PromiseView {
    sku: Sku,
    quantity: i64,
    /// Units that can be ordered now, by whoever buys through the channel; some of them may still have to come.
    available: i64,
    /// Whether so many can be ordered now.
    can_be_ordered: bool,
    /// When so many will be there; null when nobody knows.
    promised_at_ms: Option<i64>,
    /// How many could be promised from when on; of a bundle nothing is told here.
    steps: Vec<Step>,
}

#[derive(Serialize)]
struct Step {
    at_ms: i64,
    units: i64,
}

pub(super) async fn get(State(context): Shared, Path(id): Path, RawQuery(query): RawQuery) -> Answer {
    let sku: Sku = named("SKU", &id)?;
    let mut params = Params::parse(query.as_deref())?;
    let quantity: i64 = params.parsed("quantity")?.unwrap_or(1);
    let location: Option<LocationId> = params.parsed("location")?;
    let channel: Option<ChannelId> = params.parsed("channel")?;
    params.finish()?;
    if channel.is_some() {
        // What was put aside for a channel is the house's business, which chooses the channel that a session buys through, too.
        Caller::current().check_any(&[Scope::new(Resource::Inventory, Verb::Read)], "channel")?;
    }
    if !(1..=UNITS_MAX).contains(&quantity) {
        return Err(Problem::invalid("quantity", format!("must be between 1 and {UNITS_MAX}")));
    }
    let trade = context.shop.readers().trade();
    let now = context.shop.now();
    let is_bundle = trade.stock().bundle(&sku).is_some();
    if !is_bundle && trade.stock().row(&sku).is_none() && context.shop.readers().catalog().ordinal_of_sku(&sku).is_none() {
        return Err(Problem::unknown("SKU", sku.as_str()));
    }
    let available = match (&location, is_bundle) {
        (Some(location), false) => trade.buckets(&sku, location).sellable(),
        (None, false) => trade.stock().available_through(&sku, channel.as_ref()),
        (_, true) => trade.available_units(&sku),
    };
    let steps = trade.promises(&sku, location.as_ref(), now).into_iter().take(STEPS_MAX);
    ok(&PromiseView {
        quantity,
        available,
        can_be_ordered: quantity <= available,
        promised_at_ms: trade.promised_at(&sku, quantity, location.as_ref(), now).map(|at| at.0),
        steps: steps.map(|step| Step { at_ms: step.at.0, units: step.units }).collect(),
        sku,
    })
}
