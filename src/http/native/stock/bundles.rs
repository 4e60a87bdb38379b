//! Bundles: SKUs that take others from stock.

use super::{LIMIT_DEFAULT, LIMIT_MAX, forgotten, named, product_of};
use crate::event::trade::Component;
use crate::http::answer::{Answer, ok};
use crate::http::asked::{Asked, Nothing};
use crate::http::context::Shared;
use crate::http::error::Problem;
use crate::http::native::search::limit_of;
use crate::http::params::Params;
use crate::http::path::Path;
use crate::http::versions::tagged;
use crate::id::Sku;
use crate::inventory::Bundle;
use crate::trade::{Snapshot, StockAction};
use axum::extract::{RawQuery, Request, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Serialize)]
struct BundleView<'a> {
    sku: &'a Sku,
    components: &'a [Component],
    available: i64,
}

#[derive(Serialize)]
struct BundlesView<'a> {
    bundles: Vec<BundleView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<&'a Sku>,
}

fn view(bundle: &Bundle) -> BundleView<'_> {
    BundleView { sku: &bundle.sku, components: &bundle.components, available: bundle.available }
}

fn shown(bundle: &Arc<Bundle>) -> Answer {
    tagged(ok(&view(bundle)), &Snapshot::Bundle(Arc::clone(bundle)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BundleBody {
    components: Vec<ComponentBody>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ComponentBody {
    sku: Sku,
    quantity: i64,
}

pub(super) async fn put(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let sku: Sku = named("SKU", &id)?;
    let asked = Asked::<BundleBody>::read("bundle.put", &id, request).await?;
    let done = asked.snapshot(&context, |BundleBody { components }| {
        let product = product_of(&context, "sku", &sku)?;
        for (row, part) in components.iter().enumerate() {
            product_of(&context, format!("components[{row}].sku"), &part.sku)?;
        }
        let components = components.into_iter().map(|ComponentBody { sku, quantity }| Component { sku, quantity }).collect();
        Ok(StockAction::SetBundle { sku: sku.clone(), product, components })
    });
    match done.await? {
        Snapshot::Bundle(bundle) => shown(&bundle),
        _ => Err(forgotten()),
    }
}

pub(super) async fn delete(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let sku: Sku = named("bundle", &id)?;
    let asked = Asked::<Nothing>::read("bundle.delete", &id, request).await?;
    asked.snapshot(&context, |_| Ok(StockAction::RemoveBundle { sku })).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(super) async fn get(State(context): Shared, Path(id): Path) -> Answer {
    let trade = context.shop.readers().trade();
    shown(trade.stock().bundle(&named("bundle", &id)?).ok_or_else(|| Problem::unknown("bundle", &id))?)
}

pub(super) async fn list(State(context): Shared, RawQuery(query): RawQuery) -> Answer {
    let mut params = Params::parse(query.as_deref())?;
    let limit = limit_of(params.parsed("limit")?, LIMIT_DEFAULT, LIMIT_MAX)?;
    let after: Option<Sku> = params.place("cursor")?;
    params.finish()?;
    let trade = context.shop.readers().trade();
    let rows = trade.stock().bundles().into_iter().filter(|bundle| after.as_ref().is_none_or(|after| bundle.sku > *after));
    let page: Vec<&Bundle> = rows.take(limit + 1).collect();
    let next_cursor = page.get(limit).and_then(|_| page.get(limit - 1)).map(|last| &last.sku);
    ok(&BundlesView { bundles: page.iter().take(limit).map(|bundle| view(bundle)).collect(), next_cursor })
}
