//! `/v1/disputes`: what shoppers' banks say against payments, and what the shop says to it.

use super::answered;
use super::view::DisputeView;
use crate::http::answer::{Answer, ok};
use crate::http::asked::Asked;
use crate::http::context::Shared;
use crate::http::error::Problem;
use crate::http::limits::ORDERS_PAGE_MAX;
use crate::http::native::search::limit_of;
use crate::http::params::Params;
use crate::http::path::Path;
use crate::http::versions::tagged;
use crate::id::DisputeId;
use crate::trade::{PaymentAction, Snapshot};
use axum::extract::{RawQuery, Request, State};
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use std::sync::Arc;

/// Disputes on a page when the request does not say.
const LIMIT_DEFAULT: usize = 20;

#[derive(Serialize)]
struct DisputesView<'a> {
    disputes: Vec<DisputeView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<&'a DisputeId>,
}

fn dispute_id(text: &str) -> Result<DisputeId, Problem> {
    DisputeId::new(text).map_err(|_| Problem::unknown("dispute", text))
}

/// In the order of their names; the cursor is the name of the last one shown.
pub(super) async fn list(State(context): Shared, RawQuery(query): RawQuery) -> Answer {
    let mut params = Params::parse(query.as_deref())?;
    let limit = limit_of(params.parsed("limit")?, LIMIT_DEFAULT, ORDERS_PAGE_MAX)?;
    let after: Option<DisputeId> = params.place("cursor")?;
    params.finish()?;
    let trade = context.shop.readers().trade();
    let from = after.map_or(Bound::Unbounded, Bound::Excluded);
    let names: Vec<&DisputeId> = trade.payments_book().disputes.range((from, Bound::Unbounded)).map(|(id, _)| id).take(limit).collect();
    let found: Vec<_> = names.iter().filter_map(|id| trade.dispute(id)).collect();
    let disputes = found.iter().map(|(payment, dispute)| DisputeView::of(payment, dispute));
    let next_cursor = names.last().copied().filter(|_| names.len() == limit);
    ok(&DisputesView { disputes: disputes.collect(), next_cursor })
}

pub(super) async fn get(State(context): Shared, Path(id): Path) -> Answer {
    let id = dispute_id(&id)?;
    let trade = context.shop.readers().trade();
    let (payment, dispute) = &trade.dispute(&id).ok_or_else(|| Problem::unknown("dispute", id.as_str()))?;
    tagged(ok(&DisputeView::of(payment, dispute)), &Snapshot::Payment(Arc::clone(payment)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EvidenceBody {
    text: String,
}

pub(super) async fn evidence(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let dispute = dispute_id(&id)?;
    let asked = Asked::read("dispute.evidence", &id, request).await?;
    let evidence = |EvidenceBody { text }| Ok(PaymentAction::GiveEvidence { dispute: dispute.clone(), text });
    let payment = answered(&asked.done(&context, evidence).await?).ok_or_else(|| Problem::unknown("dispute", &id))?;
    let found = payment.disputes.iter().find(|known| known.id == dispute).ok_or_else(|| Problem::unknown("dispute", &id))?;
    tagged(ok(&DisputeView::of(&payment, found)), &Snapshot::Payment(Arc::clone(&payment)))
}
