//! Quotas of channels, and through which channel a checkout session buys.

use super::{forgotten, named};
use crate::http::answer::{Answer, ok};
use crate::http::asked::Asked;
use crate::http::context::Shared;
use crate::http::error::{Kind, Problem};
use crate::http::params::Params;
use crate::http::path::Path;
use crate::http::versions::tagged;
use crate::id::{ChannelId, CheckoutId, Sku};
use crate::inventory::Quota;
use crate::trade::{Snapshot, StockAction};
use axum::extract::{RawQuery, Request, State};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Serialize)]
struct QuotaView {
    sku: Sku,
    channel: ChannelId,
    units: Option<i64>,
    held: i64,
    sold: i64,
    left: i64,
}

#[derive(Serialize)]
struct QuotasView {
    quotas: Vec<QuotaView>,
    shared: i64,
}

fn view(sku: &Sku, quota: &Quota) -> QuotaView {
    let Quota { channel, granted, held, sold } = quota.clone();
    QuotaView { sku: sku.clone(), channel, units: granted, held, sold, left: quota.left() }
}

/// The quotas of a SKU, and what everybody else shares.
pub(super) async fn list(State(context): Shared, RawQuery(query): RawQuery) -> Answer {
    let mut params = Params::parse(query.as_deref())?;
    let sku: Option<Sku> = params.parsed("sku")?;
    params.finish()?;
    let sku = sku.ok_or_else(|| Problem::of_field(Kind::MissingField, "sku", "which stock-keeping unit"))?;
    let trade = context.shop.readers().trade();
    let row = trade.stock().row(&sku).ok_or_else(|| Problem::unknown("SKU", sku.as_str()).in_field("sku"))?;
    let quotas = trade.stock().quotas(&sku).iter().map(|quota| view(&sku, quota)).collect();
    ok(&QuotasView { quotas, shared: row.shared() })
}

/// `units` is the whole quota, sold units included; none takes it away.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuotaBody {
    sku: Sku,
    channel: ChannelId,
    units: Option<i64>,
}

pub(super) async fn put(State(context): Shared, request: Request) -> Answer {
    let asked = Asked::<QuotaBody>::read("quota", "", request).await?;
    let (sku, channel) = (asked.body.sku.clone(), asked.body.channel.clone());
    let done = asked.snapshot(&context, |QuotaBody { sku, channel, units }| {
        Ok(match units {
            Some(units) => StockAction::SetQuota { sku, channel, units },
            None => StockAction::ClearQuota { sku, channel },
        })
    });
    match done.await? {
        Snapshot::Quota(quota) => tagged(ok(&view(&sku, &quota)), &Snapshot::Quota(Arc::clone(&quota))),
        _ => ok(&view(&sku, &Quota { channel, granted: None, held: 0, sold: 0 })),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChannelBody {
    channel: Option<ChannelId>,
}

#[derive(Serialize)]
struct ChannelView {
    checkout_id: CheckoutId,
    channel: Option<ChannelId>,
}

pub(super) async fn choose(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let checkout: CheckoutId = named("checkout session", &id)?;
    let asked = Asked::<ChannelBody>::read("checkout.channel", &id, request).await?;
    let channel = asked.body.channel.clone();
    let done = asked.snapshot(&context, |ChannelBody { channel }| Ok(StockAction::ChooseChannel { checkout: checkout.clone(), channel }));
    match done.await? {
        Snapshot::Checkout(session) => {
            let answer = ok(&ChannelView { checkout_id: session.id.clone(), channel });
            tagged(answer, &Snapshot::Checkout(session))
        }
        _ => Err(forgotten()),
    }
}
