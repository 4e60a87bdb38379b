//! Returns, exchanges and claims.

use super::{NewLineBody, new_lines};
use crate::event::trade::after_sale::{ClaimFault, Inspected, Remedy, ReturnKind, ReturnLine, ReturnReason};
use crate::http::answer::{Answer, created, moment, ok};
use crate::http::asked::{Asked, Done, Nothing};
use crate::http::context::{Context, Shared};
use crate::http::error::Problem;
use crate::http::limits::ORDERS_PAGE_MAX;
use crate::http::native::orders::order_id;
use crate::http::native::search::limit_of;
use crate::http::params::Params;
use crate::http::path::Path;
use crate::http::versions::tagged;
use crate::id::{EditId, LineId, LocationId, OrderId, ReturnId};
use crate::money::Money;
use crate::order::{Return, ReturnStatus};
use crate::pipeline::ERASED;
use crate::trade::{AfterSaleAction, Snapshot};
use axum::extract::{RawQuery, Request, State};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Returns on a page when the request does not say.
const LIMIT_DEFAULT: usize = 20;

#[derive(Serialize)]
pub(in crate::http) struct ReturnView<'a> {
    id: &'a ReturnId,
    order_id: &'a OrderId,
    kind: &'a ReturnKind,
    status: &'static str,
    lines: &'a [ReturnLine],
    found: &'a [Inspected],
    note: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    declined_because: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<&'a LocationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credited: Option<Money>,
    requested_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct ReturnsView<'a> {
    returns: Vec<ReturnView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Returns of an order, and how many units of each line may still be asked back.
#[derive(Serialize)]
struct OfOrderView<'a> {
    returns: Vec<ReturnView<'a>>,
    returnable: Vec<Returnable>,
}

#[derive(Serialize)]
struct Returnable {
    line_id: LineId,
    quantity: i64,
}

/// A return, its note opened.
pub(in crate::http) fn view<'a>(context: &Context, back: &'a Return) -> ReturnView<'a> {
    ReturnView {
        id: &back.id,
        order_id: &back.order,
        kind: &back.kind,
        status: back.status.name(),
        lines: &back.lines,
        found: &back.found,
        note: context.people().opened("note", &back.note).unwrap_or_else(|| ERASED.to_owned()),
        declined_because: back.declined_because.as_deref(),
        tracking: back.tracking.as_deref(),
        location: back.location.as_ref(),
        credited: back.credited,
        requested_at: moment(back.requested_at),
        updated_at: moment(back.updated_at),
    }
}

/// A return with the entity tag that a later write can be made conditional on.
fn shown(context: &Context, back: &Arc<Return>) -> Answer {
    tagged(ok(&view(context, back)), &Snapshot::Return(Arc::clone(back)))
}

fn return_id(text: &str) -> Result<ReturnId, Problem> {
    ReturnId::new(text).map_err(|_| Problem::unknown("return", text))
}

/// Newest names first: names are given in the order of time. The cursor is the name of the last one shown.
pub(super) async fn list(State(context): Shared, RawQuery(query): RawQuery) -> Answer {
    let mut params = Params::parse(query.as_deref())?;
    let limit = limit_of(params.parsed("limit")?, LIMIT_DEFAULT, ORDERS_PAGE_MAX)?;
    let before: Option<ReturnId> = params.place("cursor")?;
    let status = params.one_of("status", ReturnStatus::ALL.map(|status| (status.name(), status)))?;
    params.finish()?;
    let trade = context.shop.readers().trade();
    let page: Vec<Arc<Return>> = trade.returns(before.as_ref(), status, limit);
    let next_cursor = page.last().filter(|_| page.len() == limit).map(|last| last.id.to_string());
    ok(&ReturnsView { returns: page.iter().map(|back| view(&context, back)).collect(), next_cursor })
}

pub(super) async fn get(State(context): Shared, Path(id): Path) -> Answer {
    let trade = context.shop.readers().trade();
    shown(&context, trade.returned(&return_id(&id)?).ok_or_else(|| Problem::unknown("return", &id))?)
}

pub(super) async fn of_order(State(context): Shared, Path(id): Path) -> Answer {
    let trade = context.shop.readers().trade();
    let order = &trade.order(&order_id(&id)?).ok_or_else(|| Problem::unknown("order", &id))?;
    let returns = order.after_sale.returns.iter().filter_map(|id| trade.returned(id)).map(|back| view(&context, back)).collect();
    let returnable = trade.returnable(order).into_iter().map(|(line_id, quantity)| Returnable { line_id, quantity }).collect();
    ok(&OfOrderView { returns, returnable })
}

/// What is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestBody {
    #[serde(default)]
    kind: KindBody,
    lines: Vec<LineBody>,
    #[serde(default)]
    note: String,
    /// Of an exchange: what is wanted instead.
    #[serde(default)]
    replacement: Vec<NewLineBody>,
    /// Of a claim: what went wrong.
    #[serde(default)]
    fault: Option<ClaimFault>,
    /// Of a claim: how it should be made good.
    #[serde(default)]
    remedy: Option<Remedy>,
    /// Of a claim: whether the goods are sent back.
    #[serde(default)]
    goods_come_back: bool,
}

#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum KindBody {
    #[default]
    Return,
    Exchange,
    Claim,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LineBody {
    line_id: LineId,
    quantity: i64,
    #[serde(default)]
    reason: Option<ReturnReason>,
}

impl RequestBody {
    fn kind(&mut self, context: &Context, order: &OrderId) -> Result<ReturnKind, Problem> {
        let belongs = |field: &str, kind: &str| Problem::invalid(field, format!("belongs to {kind}"));
        if self.kind != KindBody::Exchange && !self.replacement.is_empty() {
            return Err(belongs("replacement", "an exchange"));
        }
        if self.kind != KindBody::Claim && (self.fault.is_some() || self.remedy.is_some() || self.goods_come_back) {
            return Err(belongs("fault, remedy and goods_come_back", "a claim"));
        }
        let missing = |field| Problem::of_field(crate::http::error::Kind::MissingField, field, "a claim has to say it");
        Ok(match self.kind {
            KindBody::Return => ReturnKind::Return,
            KindBody::Exchange => {
                ReturnKind::Exchange { replacement: new_lines(context, order, "replacement", std::mem::take(&mut self.replacement))? }
            }
            KindBody::Claim => ReturnKind::Claim {
                fault: self.fault.ok_or_else(|| missing("fault"))?,
                remedy: self.remedy.ok_or_else(|| missing("remedy"))?,
                goods_come_back: self.goods_come_back,
            },
        })
    }
}

pub(super) async fn request(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let order = order_id(&id)?;
    let asked = Asked::<RequestBody>::read("return.request", &id, request).await?;
    let done = asked
        .done(&context, |mut body: RequestBody| {
            let kind = body.kind(&context, &order)?;
            let id = ReturnId::new(&context.shop.new_name("return")).map_err(|error| Problem::internal(&error))?;
            let line = |LineBody { line_id, quantity, reason }| ReturnLine {
                line: line_id,
                quantity,
                reason: reason.unwrap_or(ReturnReason::Other),
            };
            let lines = body.lines.into_iter().map(line).collect();
            Ok(AfterSaleAction::RequestReturn { id, order, kind, lines, note: body.note })
        })
        .await?;
    let back = answered(&done)?;
    tagged(created(&format!("/v1/returns/{}", back.id), &view(&context, &back)), &Snapshot::Return(back))
}

/// The return as it was right after the write under this key.
fn answered(done: &Done) -> Result<Arc<Return>, Problem> {
    match done.snapshot() {
        Snapshot::Return(back) => Ok(back),
        _ => Err(Problem::new(crate::http::error::Kind::UnknownId, "the return has gone")),
    }
}

/// Does one thing to a return, and answers the return as it then is.
async fn act<T: DeserializeOwned>(
    context: &Context,
    operation: &str,
    id: &str,
    request: Request,
    action: impl FnOnce(ReturnId, T) -> Result<AfterSaleAction, Problem>,
) -> Answer {
    let back = return_id(id)?;
    let done = Asked::<T>::read(operation, id, request).await?.done(context, |body| action(back, body)).await?;
    shown(context, &answered(&done)?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeclineBody {
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SendBody {
    #[serde(default)]
    tracking: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReceiveBody {
    location: LocationId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InspectBody {
    found: Vec<Inspected>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefundBody {
    #[serde(default)]
    fee: Option<Money>,
    #[serde(default)]
    with_shipping: bool,
}

pub(super) async fn approve(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    act(&context, "return.approve", &id, request, |id, Nothing {}| Ok(AfterSaleAction::ApproveReturn { id })).await
}

pub(super) async fn decline(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    act(&context, "return.decline", &id, request, |id, DeclineBody { reason }| Ok(AfterSaleAction::DeclineReturn { id, reason })).await
}

pub(super) async fn send(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    act(&context, "return.send", &id, request, |id, SendBody { tracking }| Ok(AfterSaleAction::SendReturn { id, tracking })).await
}

pub(super) async fn receive(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    act(&context, "return.receive", &id, request, |id, ReceiveBody { location }| Ok(AfterSaleAction::ReceiveReturn { id, location })).await
}

pub(super) async fn inspect(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    act(&context, "return.inspect", &id, request, |id, InspectBody { found }| Ok(AfterSaleAction::InspectReturn { id, found })).await
}

pub(super) async fn refund(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let action = |id, RefundBody { fee, with_shipping }| Ok(AfterSaleAction::RefundReturn { id, fee, with_shipping });
    act(&context, "return.refund", &id, request, action).await
}

pub(super) async fn replace(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let name = context.shop.new_name("edit");
    let action = |id, Nothing {}| {
        let edit = EditId::new(&name).map_err(|error| Problem::internal(&error))?;
        Ok(AfterSaleAction::ReplaceReturn { id, edit })
    };
    act(&context, "return.replace", &id, request, action).await
}

pub(super) async fn close(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    act(&context, "return.close", &id, request, |id, Nothing {}| Ok(AfterSaleAction::CloseReturn { id })).await
}

pub(super) async fn cancel(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    act(&context, "return.cancel", &id, request, |id, Nothing {}| Ok(AfterSaleAction::CancelReturn { id })).await
}
