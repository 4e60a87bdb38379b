//! `/ucp/v1/checkout-sessions`.

use super::carts::cart_id;
use super::lines::{currency_of, lines_of, problem_of};
use super::requests::{CheckoutBody, Chosen, CompleteBody, FulfillmentBody};
use super::session;
use crate::event::trade::{Buyer, Delivery, Line, Subject};
use crate::http::answer::{Answer, created, ok};
use crate::http::asked::Asked;
use crate::http::body::{self, JsonBytes};
use crate::http::context::{Context, Shared};
use crate::http::error::{Kind, Problem};
use crate::http::keys::{Key, keyed};
use crate::http::native::carts::{changes_of, offers_of};
use crate::http::path::Path;
use crate::http::versions::{only_if, tagged};
use crate::id::{CheckoutId, IdError, PaymentId, ReservationId};
use crate::money::{Currency, Money};
use crate::order::Checkout;
use crate::pipeline::TradeAnswer;
use crate::trade::{Action, Command, Part, Snapshot, Terms};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use std::sync::Arc;

fn checkout_id(text: &str) -> Result<CheckoutId, Problem> {
    CheckoutId::new(text).map_err(|_| Problem::unknown("checkout session", text))
}

/// The session as it was right after the write under this key, however often that is repeated.
fn answer(done: &TradeAnswer, key: &Key) -> Result<Arc<Checkout>, Problem> {
    match done.snapshot_under(&key.0) {
        Snapshot::Checkout(checkout) => Ok(checkout),
        Snapshot::Order(order) => Ok(Arc::new(order.session())),
        _ => Err(Problem::new(Kind::UnknownId, "the checkout session has gone")),
    }
}

/// The ways in which the goods of a session that is not over can travel.
fn options(context: &Context, checkout: &Checkout) -> Vec<Delivery> {
    if !checkout.status.waits_for_shopper() {
        return Vec::new();
    }
    context.shop.readers().trade().delivery_options(checkout, context.shop.now())
}

fn respond(context: &Context, done: &TradeAnswer, key: &Key) -> Answer {
    let checkout = answer(done, key)?;
    let shown = context.people().session(&checkout);
    tagged(ok(&session::shape(&shown, &options(context, &checkout), context)), &Snapshot::Checkout(Arc::clone(&checkout)))
}

fn respond_created(context: &Context, done: &TradeAnswer, key: &Key) -> Answer {
    let checkout = answer(done, key)?;
    let shown = context.people().session(&checkout);
    let answer =
        created(&format!("/ucp/v1/checkout-sessions/{}", checkout.id), &session::shape(&shown, &options(context, &checkout), context));
    tagged(answer, &Snapshot::Checkout(Arc::clone(&checkout)))
}

async fn write(context: &Context, key: &Key, action: Action, lines: &[Line]) -> Result<TradeAnswer, Problem> {
    let command = Command { key: Some(key.clone()), action };
    context.trade_or(command, |rejection| problem_of(rejection, lines)).await
}

pub(in crate::http) async fn create(State(context): Shared, headers: HeaderMap, JsonBytes(bytes): JsonBytes) -> Answer {
    let key = keyed(&headers, "checkout.create", "", &bytes)?;
    let body: CheckoutBody = body::parse(&bytes)?;
    if let Some(done) = context.repeated(&key).await? {
        return respond_created(&context, &done, &key);
    }
    if body.id.is_some() {
        return Err(Problem::of_field(Kind::UnknownField, "id", "the shop names new sessions itself"));
    }
    let checkout = CheckoutId::new(&context.shop.new_name("checkout")).map_err(|error| Problem::internal(&error))?;
    let (action, lines) = opening(&context, checkout, body)?;
    respond_created(&context, &write(&context, &key, action, &lines).await?, &key)
}

/// Opens a session over a cart, or over lines of its own.
fn opening(context: &Context, checkout: CheckoutId, body: CheckoutBody) -> Result<(Action, Vec<Line>), Problem> {
    let delivery = body.fulfillment.as_ref().and_then(FulfillmentBody::option);
    let address = body.fulfillment.map_or(Ok(None), |fulfillment| fulfillment.address())?;
    let trade = context.shop.readers().trade();
    let (cart, before, lines) = match body.cart_id {
        Some(id) => {
            let id = cart_id(&id).map_err(|problem| problem.in_field("cart_id"))?;
            let cart = trade.cart(&id).ok_or_else(|| Problem::unknown("cart", id.as_str()).in_field("cart_id"))?;
            (Some(id), Buyer::clone(&cart.buyer), cart.lines.to_vec())
        }
        None => (None, Buyer::default(), lines_of(&context.shop.readers().catalog(), body.line_items, &[])?),
    };
    if lines.is_empty() {
        let field = if cart.is_some() { "cart_id" } else { "line_items" };
        return Err(Problem::invalid(field, "there is nothing to buy"));
    }
    let buyer = body.buyer.unwrap_or_default().over(&before);
    let currency = currency_of(&lines, Currency::USD);
    // A cart's prices may be of yesterday; the session then says what changed.
    let offers = offers_of(&context.shop.readers().catalog(), &lines);
    let terms = Terms { expected_total: None, offers, delivery };
    Ok((Action::OpenCheckout { checkout, cart, buyer, address, currency, lines: lines.clone(), terms }, lines))
}

pub(in crate::http) async fn get(State(context): Shared, Path(id): Path) -> Answer {
    let id = checkout_id(&id)?;
    let trade = context.shop.readers().trade();
    let checkout = trade.checkout(&id).ok_or_else(|| Problem::unknown("checkout session", id.as_str()))?;
    let shown = context.people().session(checkout);
    tagged(ok(&session::shape(&shown, &options(&context, checkout), &context)), &Snapshot::Checkout(Arc::clone(checkout)))
}

pub(in crate::http) async fn update(State(context): Shared, Path(id): Path, headers: HeaderMap, JsonBytes(bytes): JsonBytes) -> Answer {
    let id = checkout_id(&id)?;
    let key = keyed(&headers, "checkout.update", id.as_str(), &bytes)?;
    let body: CheckoutBody = body::parse(&bytes)?;
    if let Some(done) = context.repeated(&key).await? {
        return respond(&context, &done, &key);
    }
    let subject = Subject::Checkout(id.clone());
    let (action, lines) = updating(&context, id, body)?;
    let action = only_if(&headers, subject, action)?;
    respond(&context, &write(&context, &key, action, &lines).await?, &key)
}

/// Replaces the lines; buyer and address stay as they were when nothing is said about them.
fn updating(context: &Context, id: CheckoutId, body: CheckoutBody) -> Result<(Action, Vec<Line>), Problem> {
    if body.id.is_some_and(|named| named != id.as_str()) {
        return Err(Problem::invalid("id", format!("the address says {id}")));
    }
    if body.cart_id.is_some() {
        return Err(Problem::of_field(Kind::UnknownField, "cart_id", "a session takes a cart's lines when it is opened"));
    }
    let trade = context.shop.readers().trade();
    let before = trade.checkout(&id).ok_or_else(|| Problem::unknown("checkout session", id.as_str()))?;
    let lines = lines_of(&context.shop.readers().catalog(), body.line_items, &before.lines)?;
    if lines.is_empty() {
        return Err(Problem::invalid("line_items", "there is nothing to buy"));
    }
    let delivery = body.fulfillment.as_ref().and_then(FulfillmentBody::option);
    let address = match body.fulfillment {
        Some(fulfillment) => fulfillment.address()?,
        None => before.address.as_deref().cloned(),
    };
    let buyer = body.buyer.unwrap_or_default().over(&before.buyer);
    Ok((
        Action::UpdateCheckout { checkout: id, buyer, address, lines: lines.clone(), terms: Terms { delivery, ..Terms::default() } },
        lines,
    ))
}

pub(in crate::http) async fn complete(State(context): Shared, Path(id): Path, headers: HeaderMap, JsonBytes(bytes): JsonBytes) -> Answer {
    let id = checkout_id(&id)?;
    let key = keyed(&headers, "checkout.complete", id.as_str(), &bytes)?;
    let body: CompleteBody = body::parse(&bytes)?;
    let handlers: Vec<&str> = context.shop.providers().iter().map(|provider| provider.name()).collect();
    let chosen = body.payment.chosen(&handlers)?;
    let known = context.shop.readers().trade().checkout(&id).cloned();
    let currency = known.as_ref().map(|checkout| checkout.totals.total.currency);
    let lines = known.map(|checkout| Arc::clone(&checkout.lines));
    let terms = Terms {
        expected_total: body.expected_total.zip(currency).map(|(total, currency)| Money::new(total, currency)),
        offers: offers_of(&context.shop.readers().catalog(), lines.as_deref().unwrap_or_default()),
        delivery: None,
    };
    let subject = Subject::Checkout(id.clone());
    let action = only_if(&headers, subject, completing(&context, id, chosen, terms)?)?;
    let command = Command { key: Some(key.clone()), action };
    let done = context.complete_checkout(command, |rejection| problem_of(rejection, lines.as_deref().unwrap_or_default())).await?;
    let session = answer(&done, &key)?;
    match &*session.trail.changes {
        [] => respond(&context, &done, &key),
        changes => Err(changes_of(changes, Some(&session.id))),
    }
}

/// The first instrument pays what the others leave.
fn completing(context: &Context, checkout: CheckoutId, chosen: Vec<Chosen>, terms: Terms) -> Result<Action, Problem> {
    let wrong = |error: IdError| Problem::internal(&error);
    let new_payment = || PaymentId::new(&context.shop.new_name("payment")).map_err(wrong);
    let trade = context.shop.readers().trade();
    let currency = trade.checkout(&checkout).map_or(Currency::USD, |checkout| checkout.totals.total.currency);
    let mut chosen = chosen.into_iter();
    let first = chosen.next().ok_or_else(|| Problem::of_field(Kind::MissingField, "payment.instruments", "pay with an instrument"))?;
    let part = |Chosen { handler, token, amount_minor }| {
        let amount = Money::new(amount_minor.unwrap_or_default(), currency);
        Ok(Part { payment: new_payment()?, provider: handler, token, amount })
    };
    let parts = chosen.map(part).collect::<Result<_, Problem>>()?;
    let reservation = ReservationId::new(&context.shop.new_name("reservation")).map_err(wrong)?;
    let (provider, token) = (first.handler, first.token);
    Ok(Action::CompleteCheckout { checkout, payment: new_payment()?, reservation, provider, token, parts, terms })
}

pub(in crate::http) async fn cancel(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let id = checkout_id(&id)?;
    let asked = Asked::raw("checkout.cancel", id.as_str(), request).await?;
    let done = asked.done_if(&context, |_| Ok(Action::CancelCheckout { checkout: id })).await?;
    respond(&context, &done.answer, &done.key)
}
