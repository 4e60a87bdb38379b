//! `/v1/payments/reconciliation`: the providers' books beside the shop's ledger.

use crate::app::{Compared, PAYMENTS_COMPARED_MAX};
use crate::http::answer::{Answer, ok};
use crate::http::blocking::blocking;
use crate::http::context::Shared;
use crate::http::native::search::limit_of;
use crate::http::params::Params;
use crate::id::{OrderId, PaymentId};
use axum::extract::{RawQuery, State};
use serde::Serialize;
use std::sync::Arc;

/// Orders whose payments are compared when the request does not say.
const LIMIT_DEFAULT: usize = 20;

#[derive(Serialize)]
struct Report<'a> {
    compared: usize,
    differences: Vec<Difference<'a>>,
    unanswered: Vec<&'a PaymentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct Difference<'a> {
    payment_id: &'a PaymentId,
    order_id: Option<&'a OrderId>,
    provider: &'a str,
    captured_minor: i64,
    captured_at_provider_minor: i64,
    refunded_minor: i64,
    refunded_at_provider_minor: i64,
}

/// Asks providers about the payments of the newest orders, or of those before the cursor. It may take seconds: each payment is a question.
pub(super) async fn get(State(context): Shared, RawQuery(query): RawQuery) -> Answer {
    let mut params = Params::parse(query.as_deref())?;
    let limit = limit_of(params.parsed("limit")?, LIMIT_DEFAULT, PAYMENTS_COMPARED_MAX)?;
    let before: Option<u64> = params.place("cursor")?;
    params.finish()?;
    let shop = Arc::clone(&context.shop);
    let compared = blocking(move || shop.reconciled(before, limit)).await?;
    ok(&report(&compared, limit))
}

fn report(compared: &Compared, limit: usize) -> Report<'_> {
    let differs = compared.payments.iter().filter_map(|(payment, sums)| {
        let sums = (*sums)?;
        let (captured_minor, refunded_minor) = (payment.captured.amount_minor, payment.refunded.amount_minor);
        let is_same = (captured_minor, refunded_minor) == (sums.captured_minor, sums.refunded_minor);
        (!is_same).then(|| Difference {
            payment_id: &payment.id,
            order_id: payment.order.as_ref(),
            provider: &payment.provider,
            captured_minor,
            captured_at_provider_minor: sums.captured_minor,
            refunded_minor,
            refunded_at_provider_minor: sums.refunded_minor,
        })
    });
    let unanswered = compared.payments.iter().filter(|(_, sums)| sums.is_none()).map(|(payment, _)| &payment.id);
    let next_cursor = compared.last_number.filter(|last| compared.orders_count == limit && *last > 0).map(|last| last.to_string());
    Report {
        compared: compared.payments.iter().filter(|(_, sums)| sums.is_some()).count(),
        differences: differs.collect(),
        unanswered: unanswered.collect(),
        next_cursor,
    }
}
