//! Sales before a SKU's release.

use super::{forgotten, named, product_of};
use crate::http::answer::{Answer, ok};
use crate::http::asked::{Asked, Nothing};
use crate::http::context::{Context, Shared};
use crate::http::native::inventory::levels;
use crate::http::path::Path;
use crate::http::versions::tagged;
use crate::id::{LocationId, Sku};
use crate::inventory::StockRow;
use crate::stdx::clock::Timestamp;
use crate::trade::{Snapshot, StockAction};
use axum::extract::{Request, State};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PreorderBody {
    release_at_ms: i64,
    caps: Vec<CapBody>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CapBody {
    location: LocationId,
    units: i64,
}

fn shown(context: &Context, row: Arc<StockRow>) -> Answer {
    let answer = ok(&levels(&row, context.shop.readers().catalog().id_of(row.product)));
    tagged(answer, &Snapshot::Stock(row))
}

pub(super) async fn put(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let sku: Sku = named("SKU", &id)?;
    let asked = Asked::<PreorderBody>::read("preorder.put", &id, request).await?;
    let done = asked.snapshot(&context, |PreorderBody { release_at_ms, caps }| {
        let product = product_of(&context, "sku", &sku)?;
        let caps = caps.into_iter().map(|CapBody { location, units }| (location, units)).collect();
        Ok(StockAction::OpenPreorder { sku: sku.clone(), product, release_at: Timestamp(release_at_ms), caps })
    });
    match done.await? {
        Snapshot::Stock(row) => shown(&context, row),
        _ => Err(forgotten()),
    }
}

pub(super) async fn release(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let sku: Sku = named("SKU", &id)?;
    let asked = Asked::<Nothing>::read("preorder.release", &id, request).await?;
    match asked.snapshot(&context, |_| Ok(StockAction::ReleasePreorder { sku })).await? {
        Snapshot::Stock(row) => shown(&context, row),
        _ => Err(forgotten()),
    }
}
