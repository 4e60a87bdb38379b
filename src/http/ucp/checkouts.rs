//! Checkout sessions.

use super::call::{Call, Outcome};
use super::carts::cart_id;
use super::discounts::{claiming, try_codes};
use super::lines::{Market, claims_of_caller, currency_of, lines_of, problem_of};
use super::refusal::{is_outcome, message_of};
use super::requests::{CheckoutBody, Chosen, CompleteBody, FulfillmentBody, Heard};
use super::session::{self, Travel};
use super::shapes::{Message, Severity};
use crate::event::trade::{Buyer, Claims, Line};
use crate::http::access::Caller;
use crate::http::context::Context;
use crate::http::error::{Kind, Problem};
use crate::http::keys::{Key, keyed};
use crate::http::native::carts::{changes_of, offers_of};
use crate::id::{CheckoutId, IdError, PaymentId, ReservationId};
use crate::money::{Currency, Money};
use crate::order::Checkout;
use crate::pipeline::TradeAnswer;
use crate::trade::{Action, Part, Rejection, Snapshot, Terms};
use std::sync::Arc;

/// A session's name out of a request: one that cannot be a name is not the name of anything.
fn checkout_id(text: &str) -> Result<CheckoutId, Problem> {
    CheckoutId::new(text).map_err(|_| Problem::unknown("checkout session", text))
}

/// The session as it was right after the write under this key, however often that is repeated.
fn answer(done: &TradeAnswer, key: &Key) -> Result<Arc<Checkout>, Problem> {
    match done.snapshot_under(&key.name) {
        Snapshot::Checkout(checkout) => Ok(checkout),
        Snapshot::Order(order) => Ok(Arc::new(order.session())),
        _ => Err(Problem::new(Kind::UnknownId, "the checkout session has gone")),
    }
}

/// How the goods of a session that is not over can travel.
fn travel(context: &Context, checkout: &Checkout) -> Travel {
    if !checkout.status.waits_for_shopper() {
        return Travel::Ways(Vec::new());
    }
    let (trade, now) = (context.shop.readers().trade(), context.shop.now());
    let ways = trade.delivery_options(checkout, now);
    if ways.is_empty() && trade.is_undeliverable(checkout, now) { Travel::Nowhere } else { Travel::Ways(ways) }
}

/// Shows a session, with what else is to be told.
fn show(context: &Context, call: &Call, checkout: &Arc<Checkout>, told: impl Iterator<Item = Message>) -> Result<Outcome, Problem> {
    let shown = context.people().session(checkout);
    let travel = travel(context, checkout);
    let mut shape = session::shape(&shown, &travel, context, &call.party);
    shape.tell(told);
    Ok(Outcome::ok(&shape)?.versioned(&Snapshot::Checkout(Arc::clone(checkout))))
}

async fn write(context: &Context, key: &Key, action: Action, lines: &[Line]) -> Result<TradeAnswer, Problem> {
    context.trade_or(key.command(action)?, |rejection| problem_of(rejection, lines)).await
}

pub(super) async fn create(context: &Context, call: &Call) -> Result<Outcome, Problem> {
    let key = keyed(&call.headers, "checkout.create", "", &call.body)?;
    let (mut body, passed_over) = call.understood::<CheckoutBody>()?;
    let heard = body.heard().without(passed_over);
    let done = match context.repeated(&key).await? {
        Some(done) => done,
        None => {
            if let Some(open) = open_over(context, call, &body) {
                return show(context, call, &open, heard.messages());
            }
            let (action, lines) = opening(context, call, body)?;
            write(context, &key, action, &lines).await?
        }
    };
    let checkout = answer(&done, &key)?;
    let location = format!("/ucp/v1/checkout-sessions/{}", checkout.id);
    Ok(show(context, call, &checkout, heard.messages())?.created(location))
}

/// The session that is open over the same cart with the same lines: the protocol wants a platform to be given that one again.
fn open_over(context: &Context, call: &Call, body: &CheckoutBody) -> Option<Arc<Checkout>> {
    call.party.agent.as_ref()?;
    let trade = context.shop.readers().trade();
    let cart = trade.cart(&cart_id(body.cart_id.as_deref()?).ok()?)?;
    let open = &trade.checkout(cart.checkout.as_ref()?)?;
    let bought = |lines: &[Line]| lines.iter().map(|line| (line.sku.clone(), line.quantity)).collect::<Vec<_>>();
    let is_same = bought(&open.lines) == bought(&cart.lines) && open.claims == cart.claims;
    let is_theirs = Caller::current().reaches(&open.buyer) && Caller::current().reaches(&cart.buyer);
    (open.status.waits_for_shopper() && is_same && is_theirs).then(|| Arc::clone(open))
}

/// Opens a session over a cart, or over lines of its own.
fn opening(context: &Context, call: &Call, body: CheckoutBody) -> Result<(Action, Vec<Line>), Problem> {
    if body.id.is_some() {
        return Err(Problem::of_field(Kind::UnknownField, "id", "the shop names new sessions itself"));
    }
    let checkout = CheckoutId::new(&context.shop.new_name("checkout")).map_err(|error| Problem::internal(&error))?;
    let delivery = body.fulfillment.as_ref().and_then(FulfillmentBody::option);
    let address = body.fulfillment.map_or(Ok(None), |fulfillment| fulfillment.address(None))?;
    let trade = context.shop.readers().trade();
    let (cart, before, lines, claims) = match body.cart_id {
        Some(id) => {
            let id = cart_id(&id).map_err(|problem| problem.in_field("cart_id"))?;
            let cart = trade.cart(&id).ok_or_else(|| Problem::unknown("cart", id.as_str()).in_field("cart_id"))?;
            (Some(id), Buyer::clone(&cart.buyer), cart.lines.to_vec(), Claims::clone(&cart.claims))
        }
        None => {
            let claims = claims_of_caller(None)?;
            let market = Market::of(&claims, None);
            let lines = lines_of(&context.shop.readers().catalog(), body.line_items, &[], market)?;
            (None, Buyer::default(), lines, claims)
        }
    };
    if lines.is_empty() {
        let field = if cart.is_some() { "cart_id" } else { "line_items" };
        return Err(Problem::invalid(field, "there is nothing to buy"));
    }
    let known = claims;
    let claims = body.discounts.map_or(Ok(None), |discounts| discounts.claims(&known))?;
    try_codes(context, call, &known, claims.as_ref())?;
    let claims = claims.or_else(|| Some(known.clone()).filter(|known| cart.is_none() && known.marketplace.is_some()));
    let said = body.buyer.unwrap_or_default();
    let buyer = said.under(&before, &call.party);
    let currency = currency_of(&lines, Currency::USD);
    // A cart's prices may be of yesterday; the session then says what changed.
    let market = Market::of(claims.as_ref().unwrap_or(&known), currency);
    let offers = offers_of(&context.shop.readers().catalog(), &lines, market);
    let terms = Terms { expected_total: None, offers, delivery };
    let action = Action::OpenCheckout { checkout, cart, buyer, address, currency, lines: lines.clone(), terms };
    Ok((claiming(action, claims), lines))
}

pub(super) fn get(context: &Context, call: &Call) -> Result<Outcome, Problem> {
    let id = checkout_id(&call.id)?;
    let trade = context.shop.readers().trade();
    let checkout = &trade.checkout(&id).ok_or_else(|| Problem::unknown("checkout session", id.as_str()))?;
    show(context, call, checkout, std::iter::empty())
}

pub(super) async fn update(context: &Context, call: &Call) -> Result<Outcome, Problem> {
    let id = checkout_id(&call.id)?;
    let key = keyed(&call.headers, "checkout.update", id.as_str(), &call.body)?;
    let (mut body, passed_over) = call.understood::<CheckoutBody>()?;
    let heard = body.heard().without(passed_over);
    let done = match context.repeated(&key).await? {
        Some(done) => done,
        None => {
            let (action, lines) = updating(context, call, &id, body)?;
            write(context, &key, action, &lines).await?
        }
    };
    show(context, call, &answer(&done, &key)?, heard.messages())
}

/// Replaces the lines; buyer, address and codes stay as they were when nothing is said about them.
fn updating(context: &Context, call: &Call, id: &CheckoutId, body: CheckoutBody) -> Result<(Action, Vec<Line>), Problem> {
    if body.id.is_some_and(|named| named != id.as_str()) {
        return Err(Problem::invalid("id", format!("this is the session {id}")));
    }
    if body.cart_id.is_some() {
        return Err(Problem::of_field(Kind::UnknownField, "cart_id", "a session takes a cart's lines when it is opened"));
    }
    let trade = context.shop.readers().trade();
    let before = &trade.checkout(id).ok_or_else(|| Problem::unknown("checkout session", id.as_str()))?;
    let lines = lines_of(
        &context.shop.readers().catalog(),
        body.line_items,
        &before.lines,
        Market::of(&before.claims, before.totals.total.currency),
    )?;
    if lines.is_empty() {
        return Err(Problem::invalid("line_items", "there is nothing to buy"));
    }
    let delivery = body.fulfillment.as_ref().and_then(FulfillmentBody::option);
    let address = match body.fulfillment {
        Some(fulfillment) => fulfillment.address(before.address.as_deref())?,
        None => before.address.as_deref().cloned(),
    };
    let claims = body.discounts.map_or(Ok(None), |discounts| discounts.claims(&before.claims))?;
    try_codes(context, call, &before.claims, claims.as_ref())?;
    let buyer = body.buyer.unwrap_or_default().over(&before.buyer, &call.party);
    let terms = Terms { delivery, ..Terms::default() };
    let action = Action::UpdateCheckout { checkout: id.clone(), buyer, address, lines: lines.clone(), terms };
    Ok((claiming(action, claims), lines))
}

pub(super) async fn complete(context: &Context, call: &Call) -> Result<Outcome, Problem> {
    let id = checkout_id(&call.id)?;
    let key = keyed(&call.headers, "checkout.complete", id.as_str(), &call.body)?;
    let (body, passed_over) = call.understood::<CompleteBody>()?;
    let handlers = context.provider_names();
    body.payment.check_tokens()?;
    let known = context.shop.readers().trade().checkout(&id);
    // When nothing is due nobody is asked: what instruments there are does not matter then. Whether that is so is decided with everything else.
    let (chosen, unfit) = match body.payment.chosen(&handlers) {
        Err(unfit) if known.as_deref().is_some_and(may_be_paid) => (Vec::new(), Some(unfit)),
        chosen => (chosen?, None),
    };
    let currency = known.as_ref().map(|checkout| checkout.totals.total.currency);
    let market = known.as_ref().map(|checkout| Market::of(&checkout.claims, checkout.totals.total.currency)).unwrap_or_default();
    let lines = known.as_ref().map(|checkout| Arc::clone(&checkout.lines));
    let terms = Terms {
        expected_total: body.expected_total.zip(currency).map(|(total, currency)| Money::new(total, currency)),
        offers: offers_of(&context.shop.readers().catalog(), lines.as_deref().unwrap_or_default(), market),
        delivery: None,
    };
    let places: Vec<usize> = chosen.iter().map(|chosen| chosen.place).collect();
    let command = key.command(completing(context, id, chosen, terms)?)?;
    let refused = |rejection| match (rejection, unfit) {
        (Rejection::Invalid { field, .. }, Some(unfit)) if field == "payment.provider" => unfit,
        (rejection, _) => as_sent(problem_of(rejection, lines.as_deref().unwrap_or_default()), &places),
    };
    let done = context.complete_checkout(command, refused).await?;
    let session = answer(&done, &key)?;
    match &*session.trail.changes {
        // A platform reads what changed in the session's messages.
        changes if !changes.is_empty() && call.party.agent.is_none() => Err(changes_of(changes, Some(&session.id))),
        _ => show(context, call, &session, Heard::default().without(passed_over).messages()),
    }
}

/// The problem of an instrument, by its place among those that were sent rather than among those that pay.
fn as_sent(problem: Problem, places: &[usize]) -> Problem {
    let part = |field: &str| {
        let (place, name) = field.strip_prefix("payment.instruments[")?.split_once(']')?;
        Some(format!("payment.instruments[{}]{name}", places.get(place.parse::<usize>().ok()?)?))
    };
    match problem.field().and_then(part) {
        Some(field) => problem.in_field(field),
        None => problem,
    }
}

/// Whether a session may be paid without any instrument: it costs nothing, or claims gift cards or store credit.
fn may_be_paid(session: &Checkout) -> bool {
    session.totals.total.amount_minor == 0 || !session.claims.accounts.is_empty()
}

/// The first instrument pays what the others leave. Without any there has to be nothing to pay.
fn completing(context: &Context, checkout: CheckoutId, chosen: Vec<Chosen>, terms: Terms) -> Result<Action, Problem> {
    let wrong = |error: IdError| Problem::internal(&error);
    let new_payment = || PaymentId::new(&context.shop.new_name("payment")).map_err(wrong);
    let trade = context.shop.readers().trade();
    let currency = trade.checkout(&checkout).map_or(Currency::USD, |checkout| checkout.totals.total.currency);
    let mut chosen = chosen.into_iter();
    let (provider, token) = chosen.next().map_or_else(Default::default, |first| (first.handler, first.token));
    let part = |Chosen { handler, token, amount_minor, place: _ }| {
        let amount = Money::new(amount_minor.unwrap_or_default(), currency);
        Ok(Part { payment: new_payment()?, provider: handler, token, amount })
    };
    let parts = chosen.map(part).collect::<Result<_, Problem>>()?;
    let reservation = ReservationId::new(&context.shop.new_name("reservation")).map_err(wrong)?;
    Ok(Action::CompleteCheckout { checkout, payment: new_payment()?, reservation, provider, token, parts, terms })
}

pub(super) async fn cancel(context: &Context, call: &Call) -> Result<Outcome, Problem> {
    let id = checkout_id(&call.id)?;
    let key = keyed(&call.headers, "checkout.cancel", id.as_str(), &call.body)?;
    let done = context.once(&key, || Ok(Action::CancelCheckout { checkout: id })).await?;
    show(context, call, &answer(&done, &key)?, std::iter::empty())
}

/// The session that something could not be done with, as it is, and why: a platform goes on from there. None when there is no session.
pub(super) fn unchanged(context: &Context, call: &Call, problem: &Problem) -> Option<Outcome> {
    if !is_outcome(problem.kind()) {
        return None;
    }
    let trade = context.shop.readers().trade();
    let checkout = &trade.checkout(&checkout_id(&call.id).ok()?).filter(|checkout| Caller::current().reaches(&checkout.buyer))?;
    show(context, call, checkout, std::iter::once(message_of(problem, Severity::Recoverable))).ok()
}
