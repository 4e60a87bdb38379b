//! Counts of what lies at a location.

use super::{Page, forgotten, name_or_new, named, paged};
use crate::http::answer::{Answer, created, moment, ok};
use crate::http::asked::{Asked, Nothing};
use crate::http::context::Shared;
use crate::http::error::Problem;
use crate::http::params::Params;
use crate::http::path::Path;
use crate::http::versions::tagged;
use crate::id::{CountId, LocationId, Sku};
use crate::inventory::{CountLine, CountStatus, StockCount};
use crate::trade::{CountedUnits, Snapshot, StockAction};
use axum::extract::{RawQuery, Request, State};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Serialize)]
struct CountView<'a> {
    id: &'a CountId,
    location: &'a LocationId,
    status: &'static str,
    lines: &'a [CountLine],
    opened_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct CountsView<'a> {
    counts: Vec<CountView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

fn view(count: &StockCount) -> CountView<'_> {
    CountView {
        id: &count.id,
        location: &count.location,
        status: count.status.name(),
        lines: &count.lines,
        opened_at: moment(count.opened_at),
        updated_at: moment(count.updated_at),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenBody {
    id: Option<CountId>,
    location: LocationId,
    skus: Vec<Sku>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordBody {
    counted: Vec<CountedBody>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CountedBody {
    sku: Sku,
    counted: i64,
    expected: Option<i64>,
}

fn answered(snapshot: &Snapshot) -> Answer {
    match snapshot {
        Snapshot::Count(count) => tagged(ok(&view(count)), snapshot),
        _ => Err(forgotten()),
    }
}

pub(super) async fn open(State(context): Shared, request: Request) -> Answer {
    let asked = Asked::<OpenBody>::read("count.open", "", request).await?;
    let done = asked.snapshot(&context, |OpenBody { id, location, skus }| {
        Ok(StockAction::OpenCount { count: name_or_new(id, "cnt")?, location, skus })
    });
    match done.await? {
        Snapshot::Count(count) => {
            let answer = created(&format!("/v1/counts/{}", count.id), &view(&count));
            tagged(answer, &Snapshot::Count(count))
        }
        _ => Err(forgotten()),
    }
}

pub(super) async fn record(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let count: CountId = named("count", &id)?;
    let asked = Asked::<RecordBody>::read("count.record", &id, request).await?;
    let row = |CountedBody { sku, counted, expected }| CountedUnits { sku, counted, expected };
    let done = asked.snapshot(&context, |RecordBody { counted }| {
        Ok(StockAction::RecordCount { count, counted: counted.into_iter().map(row).collect() })
    });
    answered(&done.await?)
}

pub(super) async fn cancel(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let count: CountId = named("count", &id)?;
    let asked = Asked::<Nothing>::read("count.cancel", &id, request).await?;
    answered(&asked.snapshot(&context, |_| Ok(StockAction::CancelCount { count })).await?)
}

pub(super) async fn get(State(context): Shared, Path(id): Path) -> Answer {
    let trade = context.shop.readers().trade();
    let count = trade.count(&named("count", &id)?).ok_or_else(|| Problem::unknown("count", &id))?;
    answered(&Snapshot::Count(Arc::clone(count)))
}

pub(super) async fn list(State(context): Shared, RawQuery(query): RawQuery) -> Answer {
    let mut params = Params::parse(query.as_deref())?;
    let page: Page<CountId> = Page::of(&mut params)?;
    let status = params.one_of("status", CountStatus::ALL.map(|status| (status.name(), status)))?;
    params.finish()?;
    let is_asked = |count: &StockCount| status.is_none_or(|status| count.status == status);
    let trade = context.shop.readers().trade();
    let (found, next_cursor) = paged(trade.counts(page.after.as_ref()), page.limit, |count| count.id.clone(), is_asked);
    ok(&CountsView { counts: found.iter().map(|count| view(count)).collect(), next_cursor })
}
