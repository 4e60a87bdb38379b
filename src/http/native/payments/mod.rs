//! `/v1`: payments after they were authorised: captures, refunds, disputes, what providers report.

mod disputes;
mod reconciliation;
mod view;
mod webhooks;

use crate::http::answer::{Answer, ok};
use crate::http::asked::{Asked, Done, Nothing};
use crate::http::context::{Context, Shared};
use crate::http::error::Problem;
use crate::http::native::orders::order_id;
use crate::http::path::Path;
use crate::http::versions::tagged;
use crate::id::PaymentId;
use crate::money::Money;
use crate::payment::Payment;
use crate::trade::{PaymentAction, Snapshot};
use axum::Router;
use axum::extract::{Request, State};
use axum::routing::{get, post};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub(in crate::http) use view::PaymentView;

/// The routes of the area.
pub(in crate::http) fn routes() -> Router<Arc<Context>> {
    Router::new()
        .route("/v1/orders/{id}/payments", get(of_order))
        .route("/v1/payments/reconciliation", get(reconciliation::get))
        .route("/v1/payments/webhooks/{provider}", post(webhooks::post))
        .route("/v1/payments/{id}", get(one))
        .route("/v1/payments/{id}/capture", post(capture))
        .route("/v1/payments/{id}/refund", post(refund))
        .route("/v1/payments/{id}/void", post(void))
        .route("/v1/payments/{id}/refresh", post(refresh))
        .route("/v1/payments/{id}/fees", post(fee))
        .route("/v1/disputes", get(disputes::list))
        .route("/v1/disputes/{id}", get(disputes::get))
        .route("/v1/disputes/{id}/evidence", post(disputes::evidence))
}

#[derive(Serialize)]
struct PaymentsView<'a> {
    payments: Vec<PaymentView<'a>>,
}

/// A payment's name out of an address: one that cannot be a name is not the name of anything.
fn payment_id(text: &str) -> Result<PaymentId, Problem> {
    PaymentId::new(text).map_err(|_| Problem::unknown("payment", text))
}

async fn one(State(context): Shared, Path(id): Path) -> Answer {
    let id = payment_id(&id)?;
    let trade = context.shop.readers().trade();
    let payment = trade.payment(&id).ok_or_else(|| Problem::unknown("payment", id.as_str()))?;
    let view = ok(&PaymentView::with_retries(&payment, trade.payments_book()));
    tagged(view, &Snapshot::Payment(Arc::clone(&payment)))
}

async fn of_order(State(context): Shared, Path(id): Path) -> Answer {
    let id = order_id(&id)?;
    let trade = context.shop.readers().trade();
    let order = &trade.order(&id).ok_or_else(|| Problem::unknown("order", id.as_str()))?;
    let payments: Vec<_> = order.payments.iter().filter_map(|id| trade.payment(id)).collect();
    let views = payments.iter().map(|payment| PaymentView::with_retries(payment, trade.payments_book()));
    ok(&PaymentsView { payments: views.collect() })
}

/// How much; all that there is when it is left out.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AmountBody {
    amount: Option<Money>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FeeBody {
    amount: Money,
}

async fn capture(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let payment = payment_id(&id)?;
    act(&context, "payment.capture", &id, request, |AmountBody { amount }| PaymentAction::Capture { payment, amount }).await
}

async fn refund(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let payment = payment_id(&id)?;
    act(&context, "payment.refund", &id, request, |AmountBody { amount }| PaymentAction::Refund { payment, amount }).await
}

async fn void(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let payment = payment_id(&id)?;
    act(&context, "payment.void", &id, request, |Nothing {}| PaymentAction::Void { payment }).await
}

async fn fee(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let payment = payment_id(&id)?;
    act(&context, "payment.fee", &id, request, |FeeBody { amount }| PaymentAction::TellFee { payment, amount }).await
}

/// Looks up at the provider now how a payment stands, as when its shopper comes back from acting elsewhere. It writes nothing by itself, so it
/// needs no key; what comes of it is seen in the payment a moment later.
async fn refresh(State(context): Shared, Path(id): Path) -> Answer {
    let id = payment_id(&id)?;
    let trade = context.shop.readers().trade();
    let payment = &trade.payment(&id).ok_or_else(|| Problem::unknown("payment", id.as_str()))?;
    context.shop.look_at_payment(id);
    shown(payment)
}

/// A payment with the entity tag that a later write can be made conditional on.
fn shown(payment: &Arc<Payment>) -> Answer {
    tagged(ok(&PaymentView::of(payment)), &Snapshot::Payment(Arc::clone(payment)))
}

/// The payment as it was right after the write under this key, however often that is repeated.
fn answered(done: &Done) -> Option<Arc<Payment>> {
    match done.snapshot() {
        Snapshot::Payment(payment) => Some(payment),
        _ => None,
    }
}

async fn act<T: DeserializeOwned>(
    context: &Context,
    operation: &str,
    id: &str,
    request: Request,
    action: impl FnOnce(T) -> PaymentAction,
) -> Answer {
    let done = Asked::read(operation, id, request).await?.done(context, |body| Ok(action(body))).await?;
    shown(&answered(&done).ok_or_else(|| Problem::unknown("payment", id))?)
}
