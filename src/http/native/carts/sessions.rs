//! Checkout sessions beyond UCP: how the goods travel, stock that is held longer, and what a service that looks for fraud has decided.

use crate::catalog::CatalogSnapshot;
use crate::event::trade::{Change, Decision, Delivery, Line, Verdict};
use crate::http::answer::{Answer, moment, ok};
use crate::http::asked::{Asked, Nothing};
use crate::http::context::{Context, Shared};
use crate::http::error::{Changes, Kind, Problem};
use crate::http::keys::Key;
use crate::http::native::orders::{order_answer, order_id};
use crate::http::path::Path;
use crate::http::ucp::lines::{Market, priced};
use crate::http::versions::tagged;
use crate::id::CheckoutId;
use crate::money::Money;
use crate::order::Checkout;
use crate::trade::{CartAction, Offer, Snapshot};
use axum::extract::{Request, State};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// What the catalogue asks for each line today.
pub(in crate::http) fn offers_of(catalog: &CatalogSnapshot, lines: &[Line], market: Market<'_>) -> Vec<Offer> {
    let price = |line: &Line| priced(catalog, &line.sku, market).ok().map(|(_, _, price)| price);
    let offer = |line: &Line| Offer { sku: line.sku.clone(), unit_price: price(line) };
    lines.iter().map(offer).collect()
}

/// The problem that tells a buyer what changed, instead of asking for their money.
pub(in crate::http) fn changes_of(changes: &[Change], checkout: Option<&CheckoutId>) -> Problem {
    let rows = Value::Array(changes.iter().map(row).collect());
    let detail = match checkout {
        Some(_) => "the session stands at today's terms now; completing it again accepts them",
        None => "nothing was changed; ask again with the total of today",
    };
    let checkout_id = checkout.map(ToString::to_string);
    Problem::new(Kind::CartChanged, detail).with_changes(Changes { checkout_id, changes: rows })
}

fn row(change: &Change) -> Value {
    let at = |at: &Option<crate::stdx::clock::Timestamp>| at.map(moment);
    match change {
        Change::Price { line, was, now } => json!({"kind": "price", "line_id": line, "was": was, "now": now}),
        Change::Gone { line, sku } => json!({"kind": "gone", "line_id": line, "sku": sku}),
        Change::Delivery { was, now } => json!({"kind": "delivery", "was": was, "now": now}),
        Change::Promise { was, now } => json!({"kind": "promise", "was": at(was), "now": at(now)}),
        Change::Total { was, now } => json!({"kind": "total", "was": was, "now": now}),
        Change::LeftToPay { was, now } => json!({"kind": "left_to_pay", "was": was, "now": now}),
    }
}

fn checkout_id(text: &str) -> Result<CheckoutId, Problem> {
    CheckoutId::new(text).map_err(|_| Problem::unknown("checkout session", text))
}

#[derive(Serialize)]
struct OptionView<'a> {
    id: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<&'a str>,
    cost: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    promised_from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    promised_until: Option<String>,
    is_selected: bool,
}

#[derive(Serialize)]
struct OptionsView<'a> {
    options: Vec<OptionView<'a>>,
}

fn view<'a>(delivery: &'a Delivery, selected: Option<&Delivery>) -> OptionView<'a> {
    OptionView {
        id: &delivery.option,
        title: &delivery.title,
        carrier: delivery.carrier.as_ref().map(|carrier| carrier.as_str()),
        cost: delivery.cost,
        promised_from: delivery.promised_from.map(moment),
        promised_until: delivery.promised_until.map(moment),
        is_selected: selected.is_some_and(|selected| selected.option == delivery.option),
    }
}

/// With the session's entity tag, which whoever chooses can name.
fn listed(context: &Context, session: &Arc<Checkout>) -> Answer {
    let trade = context.shop.readers().trade();
    let options = trade.delivery_options(session, context.shop.now());
    let answer = ok(&OptionsView { options: options.iter().map(|option| view(option, session.delivery.as_deref())).collect() });
    tagged(answer, &Snapshot::Checkout(Arc::clone(session)))
}

/// The ways in which the goods can travel, with what they cost and when they would be there.
pub(super) async fn options(State(context): Shared, Path(id): Path) -> Answer {
    let id = checkout_id(&id)?;
    let trade = context.shop.readers().trade();
    let session = &trade.checkout(&id).ok_or_else(|| Problem::unknown("checkout session", id.as_str()))?;
    listed(&context, session)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChooseBody {
    option: String,
}

pub(super) async fn choose(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let checkout = checkout_id(&id)?;
    let Asked { body: ChooseBody { option }, key } = Asked::read("v1.session.delivery", &id, request).await?;
    let session = write(&context, &key, CartAction::ChooseDelivery { checkout, option }).await?;
    listed(&context, &session)
}

/// Does something to a session and answers it as it was right after that.
async fn write(context: &Context, key: &Key, action: CartAction) -> Result<Arc<Checkout>, Problem> {
    let done = context.once(key, || Ok(action)).await?;
    match done.snapshot_under(&key.name) {
        Snapshot::Checkout(session) => Ok(session),
        _ => Err(Problem::new(Kind::UnknownId, "the checkout session has gone")),
    }
}

#[derive(Serialize)]
struct HeldView {
    id: CheckoutId,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reserved_until: Option<String>,
}

/// The shopper is still there: their stock is held longer, up to a cap.
pub(super) async fn keep(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let checkout = checkout_id(&id)?;
    let Asked { body: Nothing {}, key } = Asked::read("v1.session.keep", &id, request).await?;
    let session = write(&context, &key, CartAction::KeepSession { checkout }).await?;
    let trade = context.shop.readers().trade();
    let live = session.reservation.as_ref().and_then(|id| trade.stock().reservation(id));
    let answer =
        ok(&HeldView { id: session.id.clone(), status: session.status.name(), reserved_until: live.map(|live| moment(live.expires_at)) });
    tagged(answer, &Snapshot::Checkout(session))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VerdictBody {
    decision: Decision,
    by: String,
    #[serde(default)]
    score: u32,
    #[serde(default)]
    reasons: Vec<String>,
}

impl VerdictBody {
    fn verdict(self) -> Verdict {
        Verdict { decision: self.decision, score: self.score, reasons: self.reasons, by: self.by }
    }
}

#[derive(Serialize)]
struct JudgedView {
    id: CheckoutId,
    status: &'static str,
    verdict: Option<Arc<Verdict>>,
}

/// A service outside has looked at a session.
pub(super) async fn judge(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let checkout = checkout_id(&id)?;
    let Asked { body, key } = Asked::<VerdictBody>::read("v1.session.judge", &id, request).await?;
    let session = write(&context, &key, CartAction::JudgeCheckout { checkout, verdict: body.verdict() }).await?;
    let answer = ok(&JudgedView { id: session.id.clone(), status: session.status.name(), verdict: session.trail.verdict.clone() });
    tagged(answer, &Snapshot::Checkout(session))
}

/// Somebody has looked at an order that waits for it.
pub(super) async fn judge_order(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let order = order_id(&id)?;
    let Asked { body, key } = Asked::<VerdictBody>::read("v1.order.judge", &id, request).await?;
    let done = context.once(&key, || Ok(CartAction::JudgeOrder { order: order.clone(), verdict: body.verdict() })).await?;
    order_answer(&context, &done, &key, &order)
}
