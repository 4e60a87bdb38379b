//! A checkout session as UCP answers show it.

use super::lines::field_of;
use super::shapes::{self, BuyerShape, CHECKOUT, Destination, FULFILLMENT, LineItem, Message, Total, Ucp};
use crate::event::trade::{Change, Delivery};
use crate::http::answer::moment;
use crate::http::context::Context;
use crate::id::{CheckoutId, LineId};
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
    options: Vec<Choice<'a>>,
    selected_option_id: &'a str,
}

#[derive(Serialize)]
struct Choice<'a> {
    id: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    earliest_fulfillment_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_fulfillment_time: Option<String>,
    totals: [Total; 1],
}

/// The address of an order's page.
pub(super) fn permalink(public_url: &str, order: &str) -> String {
    format!("{public_url}/orders/{order}")
}

/// Shows a session, and the ways in which its goods can travel.
pub(super) fn shape<'a>(checkout: &'a Checkout, options: &'a [Delivery], context: &Context) -> SessionShape<'a> {
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
        fulfillment: fulfillment(checkout, options),
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

fn fulfillment<'a>(checkout: &'a Checkout, options: &'a [Delivery]) -> Option<Fulfillment<'a>> {
    let address = checkout.address.as_ref()?;
    let ids = || checkout.lines.iter().map(|line| line.id.as_str()).collect();
    let selected = checkout.delivery.as_deref();
    let (options, selected_option_id) = match (options, selected) {
        ([], None) => (vec![standard(checkout)], OPTION),
        ([], Some(only)) => (vec![choice(only)], only.option.as_str()),
        (offered, selected) => (offered.iter().map(choice).collect(), selected.map_or("", |delivery| delivery.option.as_str())),
    };
    let group = Group { id: GROUP, line_item_ids: ids(), options, selected_option_id };
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

fn choice(delivery: &Delivery) -> Choice<'_> {
    Choice {
        id: &delivery.option,
        title: &delivery.title,
        carrier: delivery.carrier.as_ref().map(|carrier| carrier.as_str()),
        earliest_fulfillment_time: delivery.promised_from.map(moment),
        latest_fulfillment_time: delivery.promised_until.map(moment),
        totals: [Total { r#type: "total", amount: delivery.cost.amount_minor }],
    }
}

/// The flat rate of a shop without carriers.
fn standard(checkout: &Checkout) -> Choice<'_> {
    let totals = [Total { r#type: "total", amount: checkout.totals.shipping.amount_minor }];
    let (earliest_fulfillment_time, latest_fulfillment_time) = (None, None);
    Choice { id: OPTION, title: "Standard delivery", carrier: None, earliest_fulfillment_time, latest_fulfillment_time, totals }
}

/// What is not as the buyer was shown it: completing the session again accepts it.
fn changed(checkout: &Checkout) -> impl Iterator<Item = Message> + '_ {
    let place = |line: &LineId| checkout.lines.iter().position(|known| known.id == *line);
    checkout.trail.changes.iter().map(move |change| {
        let (path, content) = match change {
            Change::Price { line, was, now } => {
                (place(line).map(|at| format!("$.line_items[{at}].item.price")), format!("The price was {was} and is {now}."))
            }
            Change::Gone { sku, .. } => (Some("$.line_items".to_owned()), format!("{sku} is not sold any more.")),
            Change::Delivery { .. } => {
                (Some("$.fulfillment".to_owned()), "The delivery that was chosen is not offered as it was.".to_owned())
            }
            Change::Promise { .. } => (Some("$.fulfillment".to_owned()), "The goods would arrive later than promised.".to_owned()),
            Change::Total { was, now } => (Some("$.totals".to_owned()), format!("{was} was to be paid, it is {now} now.")),
        };
        Message { r#type: "error", code: "cart_changed", path, content, severity: Some("recoverable") }
    })
}

/// What is still missing, what changed, and why the last attempt failed.
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
    missing.chain(changed(checkout)).chain(failed).chain(escalated).collect()
}
