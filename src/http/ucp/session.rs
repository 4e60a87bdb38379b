//! A checkout session as UCP answers show it.

use super::capability::{CHECKOUT, DISCOUNT, FULFILLMENT};
use super::discounts::{self, Discounts};
use super::lines::{self, field_of};
use super::party::Party;
use super::refusal::path_of;
use super::shapes::{self, BuyerShape, Destination, LineItem, Message, Severity, Total, Ucp, part};
use crate::event::trade::{Change, Delivery};
use crate::http::answer::moment;
use crate::http::context::Context;
use crate::id::{CheckoutId, LineId};
use crate::money::Currency;
use crate::order::{Checkout, CheckoutFailure, CheckoutStatus};
use crate::pricing::Basket;
use serde::Serialize;
use std::borrow::Cow;

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
    links: Vec<Link<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fulfillment: Option<Fulfillment<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    discounts: Option<Discounts<'a>>,
    /// Where the buyer can go on by themselves; where they have to, when the session requires escalation. None once it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    continue_url: Option<String>,
    /// When it ends by itself while it waits for its buyer.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<Confirmation>,
}

#[derive(Serialize)]
struct Link<'a> {
    r#type: &'a str,
    url: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
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

/// How the goods of a session can travel.
pub(super) enum Travel {
    /// In one of these ways; none is known in a shop without carriers, nor without a destination.
    Ways(Vec<Delivery>),
    /// No carrier takes them where they are to go.
    Nowhere,
}

/// The address of an order's page.
pub(super) fn permalink(public_url: &str, order: &str) -> String {
    format!("{public_url}/orders/{order}")
}

impl SessionShape<'_> {
    /// Says something more.
    pub(super) fn tell(&mut self, messages: impl Iterator<Item = Message>) {
        self.messages.extend(messages);
    }
}

/// Shows a session, and how its goods can travel: while they cannot, it is not complete.
pub(super) fn shape<'a>(checkout: &'a Checkout, travel: &'a Travel, context: &'a Context, party: &Party) -> SessionShape<'a> {
    let public_url = &context.public_url;
    let confirmation =
        |order: &crate::id::OrderId| Confirmation { id: order.to_string(), permalink_url: permalink(public_url, order.as_str()) };
    let is_over = matches!(checkout.status, CheckoutStatus::Completed | CheckoutStatus::Canceled);
    let is_discounted = party.active.has(DISCOUNT);
    let refused = if is_discounted && !is_over { refused(checkout, context) } else { Vec::new() };
    let ttl_ms = context.shop.readers().trade().options().checkout_ttl_ms;
    SessionShape {
        ucp: Ucp::of(&party.active, CHECKOUT).with_handlers(context.shop.providers()),
        id: &checkout.id,
        line_items: shapes::line_items(&checkout.lines, &checkout.totals),
        buyer: shapes::buyer(&checkout.buyer),
        status: if matches!(travel, Travel::Nowhere) { CheckoutStatus::Incomplete.name() } else { checkout.status.name() },
        currency: checkout.totals.total.currency,
        totals: shapes::totals(&checkout.totals),
        messages: undeliverable(travel, party).into_iter().chain(messages(checkout, party)).chain(refused).collect(),
        links: links(context),
        fulfillment: fulfillment(checkout, travel).filter(|_| party.active.has(FULFILLMENT)),
        discounts: is_discounted.then(|| discounts::discounts(&checkout.claims, &checkout.lines, &checkout.totals)),
        continue_url: (!is_over).then(|| continue_url(checkout, context)),
        expires_at: checkout.status.waits_for_shopper().then(|| moment(checkout.updated_at.plus_ms(ttl_ms))),
        order: checkout.order.as_ref().map(confirmation),
    }
}

/// What the buyer has to be able to read: what the operator says, or else the shop's own pages.
fn links(context: &Context) -> Vec<Link<'_>> {
    let told = &context.shop.ucp().links;
    if told.is_empty() {
        return vec![Link { r#type: "faq", url: Cow::Owned(format!("{}/docs", context.public_url)), title: None }];
    }
    told.iter().map(|link| Link { r#type: &link.kind, url: Cow::Borrowed(&link.url), title: link.title.as_deref() }).collect()
}

/// Codes that give nothing, as of the session's last change, so that a repeated write answers the same.
fn refused(checkout: &Checkout, context: &Context) -> Vec<Message> {
    let trade = context.shop.readers().trade();
    let basket = Basket {
        buyer: Some(&checkout.buyer),
        address: checkout.address.as_deref(),
        claims: Some(&checkout.claims),
        ..Basket::of(&checkout.lines, checkout.totals.total.currency, checkout.updated_at)
    };
    discounts::refused(trade.pricing(), &basket, &checkout.totals)
}

/// Where the provider wants the buyer to go, or else the page on which a session is gone on with.
fn continue_url(checkout: &Checkout, context: &Context) -> String {
    let trade = context.shop.readers().trade();
    let waits = checkout.status == CheckoutStatus::RequiresEscalation;
    let payments = checkout.payments.iter().filter(|_| waits);
    let mut actions = payments.filter_map(|id| trade.payment(id)?.action.as_ref().map(|action| action.url.clone()));
    actions.next().unwrap_or_else(|| format!("{}/checkout", context.public_url))
}

fn fulfillment<'a>(checkout: &'a Checkout, travel: &'a Travel) -> Option<Fulfillment<'a>> {
    let address = checkout.address.as_ref()?;
    let ids = || checkout.lines.iter().map(|line| line.id.as_str()).collect();
    let selected = checkout.delivery.as_deref();
    let offered = match travel {
        Travel::Ways(offered) => Some(offered.as_slice()),
        Travel::Nowhere => None,
    };
    let (options, selected_option_id) = match (offered, selected) {
        (None, _) => (Vec::new(), ""),
        (Some([]), None) => (vec![standard(checkout)], OPTION),
        (Some([]), Some(only)) => (vec![choice(only)], only.option.as_str()),
        (Some(offered), selected) => (offered.iter().map(choice).collect(), selected.map_or("", |delivery| delivery.option.as_str())),
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
        totals: [part("total", delivery.cost.amount_minor)],
    }
}

/// The flat rate of a shop without carriers.
fn standard(checkout: &Checkout) -> Choice<'_> {
    let totals = [part("total", checkout.totals.shipping.amount_minor)];
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
            Change::LeftToPay { was, now } => {
                let content = format!("Gift cards and store credit pay less than they did: {was} was left to pay, it is {now} now.");
                (Some("$.totals".to_owned()), content)
            }
        };
        Message::error("cart_changed", path, content, Severity::Recoverable)
    })
}

/// Why the last attempt failed, and that the buyer may try again with something else.
fn failed(checkout: &Checkout) -> Option<Message> {
    let failure = checkout.failure.filter(|_| checkout.status == CheckoutStatus::ReadyForComplete)?;
    let (code, content) = match failure {
        CheckoutFailure::PaymentDeclined => ("payment_declined", "The payment was declined. Try another way to pay."),
        CheckoutFailure::PaymentFailed => ("payment_failed", "The payment could not be made. Nothing was charged; try again."),
        CheckoutFailure::ActionNotTaken => ("action_not_taken", "The payment was not confirmed in time. Nothing was charged; try again."),
        CheckoutFailure::StockGone => ("out_of_stock", "Something was sold meanwhile. The payment is given back."),
    };
    Some(Message::error(code, None, content.to_owned(), Severity::Recoverable))
}

/// That the goods have to go somewhere else, where no carrier takes them.
fn undeliverable(travel: &Travel, party: &Party) -> Option<Message> {
    let content = || "No carrier takes this order to its address.".to_owned();
    let severity = if party.active.has(FULFILLMENT) { Severity::Recoverable } else { Severity::RequiresBuyerInput };
    let told = || Message::error("address_undeliverable", Some(path_of(lines::DESTINATION)), content(), severity);
    matches!(travel, Travel::Nowhere).then(told)
}

/// What is still missing, what changed, and why the last attempt failed. Where the goods go cannot be told without the extension for it.
fn messages(checkout: &Checkout, party: &Party) -> Vec<Message> {
    let escalated = (checkout.status == CheckoutStatus::RequiresEscalation).then(|| {
        let content = "The payment has to be confirmed where continue_url leads.".to_owned();
        Message::error("requires_action", Some(path_of("continue_url")), content, Severity::RequiresBuyerReview)
    });
    let missing = if checkout.status == CheckoutStatus::Incomplete { checkout.missing() } else { Vec::new() };
    let missing = missing.into_iter().map(|field| {
        let can_be_told = !field.starts_with("address.") || party.active.has(FULFILLMENT);
        let severity = if can_be_told { Severity::Recoverable } else { Severity::RequiresBuyerInput };
        let field = field_of(field);
        Message::error("missing", Some(path_of(&field)), format!("{field} is missing"), severity)
    });
    missing.chain(changed(checkout)).chain(failed(checkout)).chain(escalated).collect()
}
