//! A checkout session as UCP answers show it.

use super::lines::field_of;
use super::shapes::{self, BuyerShape, CHECKOUT, Destination, FULFILLMENT, LineItem, Message, Total, Ucp};
use crate::http::context::Context;
use crate::id::CheckoutId;
use crate::money::Currency;
use crate::order::{Checkout, CheckoutFailure, CheckoutStatus};
use serde::Serialize;

const METHOD: &str = "method_1";
const DESTINATION: &str = "destination_1";
const GROUP: &str = "group_1";
const OPTION: &str = "standard";

/// A checkout session.
#[derive(Serialize)]
pub(super) struct SessionShape<'a> {
    ucp: Ucp,
    id: &'a CheckoutId,
    line_items: Vec<LineItem<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    buyer: Option<BuyerShape<'a>>,
    status: &'static str,
    currency: Currency,
    totals: Vec<Total>,
    messages: Vec<Message>,
    links: [Link; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    fulfillment: Option<Fulfillment<'a>>,
    /// Where the buyer has to go, when the session requires escalation.
    #[serde(skip_serializing_if = "Option::is_none")]
    continue_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<Confirmation>,
}

#[derive(Serialize)]
struct Link {
    r#type: &'static str,
    url: String,
}

#[derive(Serialize)]
struct Confirmation {
    id: String,
    permalink_url: String,
}

#[derive(Serialize)]
struct Fulfillment<'a> {
    methods: [Method<'a>; 1],
}

#[derive(Serialize)]
struct Method<'a> {
    id: &'static str,
    r#type: &'static str,
    line_item_ids: Vec<&'a str>,
    destinations: [Destination<'a>; 1],
    selected_destination_id: &'static str,
    groups: [Group<'a>; 1],
}

#[derive(Serialize)]
struct Group<'a> {
    id: &'static str,
    line_item_ids: Vec<&'a str>,
    options: [Choice; 1],
    selected_option_id: &'static str,
}

#[derive(Serialize)]
struct Choice {
    id: &'static str,
    title: &'static str,
    totals: [Total; 1],
}

/// The address of an order's page.
pub(super) fn permalink(public_url: &str, order: &str) -> String {
    format!("{public_url}/orders/{order}")
}

/// Shows a session.
pub(super) fn shape<'a>(checkout: &'a Checkout, context: &Context) -> SessionShape<'a> {
    let public_url = &context.public_url;
    let confirmation =
        |order: &crate::id::OrderId| Confirmation { id: order.to_string(), permalink_url: permalink(public_url, order.as_str()) };
    SessionShape {
        ucp: Ucp::of(&[CHECKOUT, FULFILLMENT]).with_handlers(context.shop.providers()),
        id: &checkout.id,
        line_items: shapes::line_items(&checkout.lines),
        buyer: shapes::buyer(&checkout.buyer),
        status: checkout.status.name(),
        currency: checkout.totals.total.currency,
        totals: shapes::totals(&checkout.totals),
        messages: messages(checkout),
        links: [Link { r#type: "faq", url: format!("{public_url}/docs") }],
        fulfillment: fulfillment(checkout),
        continue_url: (checkout.status == CheckoutStatus::RequiresEscalation).then(|| continue_url(checkout, context)),
        order: checkout.order.as_ref().map(confirmation),
    }
}

/// Where the provider wants the buyer to go, or the session's own page when that is not known any more.
fn continue_url(checkout: &Checkout, context: &Context) -> String {
    let trade = context.shop.readers().trade();
    let actions = checkout.payments.iter().filter_map(|id| trade.payment(id)?.action.as_ref().map(|action| action.url.clone()));
    actions.into_iter().next().unwrap_or_else(|| format!("{}/checkout", context.public_url))
}

fn fulfillment(checkout: &Checkout) -> Option<Fulfillment<'_>> {
    let address = checkout.address.as_ref()?;
    let ids = || checkout.lines.iter().map(|line| line.id.as_str()).collect();
    let cost = Total { r#type: "total", amount: checkout.totals.shipping.amount_minor };
    let group = Group {
        id: GROUP,
        line_item_ids: ids(),
        options: [Choice { id: OPTION, title: "Standard delivery", totals: [cost] }],
        selected_option_id: OPTION,
    };
    let method = Method {
        id: METHOD,
        r#type: "shipping",
        line_item_ids: ids(),
        destinations: [shapes::destination(Some(DESTINATION), address)],
        selected_destination_id: DESTINATION,
        groups: [group],
    };
    Some(Fulfillment { methods: [method] })
}

/// What is still missing, and why the last attempt failed.
fn messages(checkout: &Checkout) -> Vec<Message> {
    let error =
        |code, path: Option<String>, content: String, severity| Message { r#type: "error", code, path, content, severity: Some(severity) };
    let failure = match checkout.failure {
        _ if checkout.status != CheckoutStatus::ReadyForComplete => None,
        None => None,
        Some(CheckoutFailure::PaymentDeclined) => {
            Some(("payment_declined", "The payment was declined. Try another way to pay.", "requires_buyer_input"))
        }
        Some(CheckoutFailure::PaymentFailed) => {
            Some(("payment_failed", "The payment could not be made. Nothing was charged; try again.", "recoverable"))
        }
        Some(CheckoutFailure::ActionNotTaken) => {
            Some(("action_not_taken", "The payment was not confirmed in time. Nothing was charged; try again.", "recoverable"))
        }
        Some(CheckoutFailure::StockGone) => {
            Some(("out_of_stock", "Something was sold meanwhile. The payment is given back.", "recoverable"))
        }
    };
    let failed = failure.map(|(code, content, severity)| error(code, None, content.to_owned(), severity));
    let escalated = (checkout.status == CheckoutStatus::RequiresEscalation).then(|| {
        let content = "The payment has to be confirmed where continue_url leads.".to_owned();
        error("requires_action", Some("$.continue_url".to_owned()), content, "requires_buyer_review")
    });
    let missing = if checkout.status == CheckoutStatus::Incomplete { checkout.missing() } else { Vec::new() };
    let missing = missing.into_iter().map(|field| {
        let field = field_of(field);
        error("missing", Some(format!("$.{field}")), format!("{field} is missing"), "recoverable")
    });
    missing.chain(failed).chain(escalated).collect()
}
