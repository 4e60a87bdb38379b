//! Carts.

use super::call::{Call, Outcome};
use super::capability::{CART, DISCOUNT};
use super::discounts::{self, Discounts, claiming, try_codes};
use super::lines::{Market, claims_of_caller, currency_of, field_of, lines_of, problem_of};
use super::party::Party;
use super::requests::{CartBody, Heard};
use super::shapes::{self, BuyerShape, LineItem, Message, Total, Ucp};
use crate::cart::Cart;
use crate::event::trade::{Buyer, Line};
use crate::http::context::Context;
use crate::http::error::{Kind, Problem};
use crate::http::keys::{Key, keyed};
use crate::id::CartId;
use crate::money::Currency;
use crate::pipeline::TradeAnswer;
use crate::pricing::Basket;
use crate::trade::{Action, Snapshot, State as Trade};
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
struct CartShape<'a> {
    ucp: Ucp,
    id: &'a CartId,
    line_items: Vec<LineItem<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    buyer: Option<BuyerShape<'a>>,
    currency: Currency,
    totals: Vec<Total>,
    #[serde(skip_serializing_if = "Option::is_none")]
    discounts: Option<Discounts<'a>>,
    messages: Vec<Message>,
    continue_url: String,
}

/// Shows a cart; `heard` is what the request said that is answered and not kept.
fn show(context: &Context, trade: &Trade, cart: &Arc<Cart>, party: &Party, heard: Heard) -> Result<Outcome, Problem> {
    let shown = context.people().cart(cart);
    let now = trade.time();
    let totals = trade.cart_totals(cart, now).map_err(|error| Problem::invalid(field_of(&error.field), error.source.to_string()))?;
    let basket = Basket { buyer: Some(&cart.buyer), claims: Some(&cart.claims), ..Basket::of(&cart.lines, cart.currency, now) };
    let is_discounted = party.active.has(DISCOUNT);
    let refused = if is_discounted { discounts::refused(trade.pricing(), &basket, &totals) } else { Vec::new() };
    let shape = CartShape {
        ucp: Ucp::of(&party.active, CART),
        id: &shown.id,
        line_items: shapes::line_items(&shown.lines, &totals),
        buyer: shapes::buyer(&shown.buyer),
        currency: shown.currency,
        totals: shapes::totals(&totals),
        discounts: is_discounted.then(|| discounts::discounts(&shown.claims, &shown.lines, &totals)),
        messages: refused.into_iter().chain(heard.messages()).collect(),
        continue_url: format!("{}/cart", context.public_url),
    };
    Ok(Outcome::ok(&shape)?.versioned(&Snapshot::Cart(Arc::clone(cart))))
}

/// A cart's name out of a request: one that cannot be a name is not the name of anything.
pub(super) fn cart_id(text: &str) -> Result<CartId, Problem> {
    CartId::new(text).map_err(|_| Problem::unknown("cart", text))
}

pub(super) async fn create(context: &Context, call: &Call) -> Result<Outcome, Problem> {
    let key = keyed(&call.headers, "cart.create", "", &call.body)?;
    let (mut body, passed_over) = call.understood::<CartBody>()?;
    let heard = body.heard().without(passed_over);
    let done = match context.repeated(&key).await? {
        Some(done) => done,
        None => {
            let (action, lines) = opening(context, call, body)?;
            write(context, &key, action, &lines).await?
        }
    };
    let cart = answer(&done, &key)?;
    let location = format!("/ucp/v1/carts/{}", cart.id);
    Ok(show(context, &done.state, &cart, &call.party, heard)?.created(location))
}

fn opening(context: &Context, call: &Call, body: CartBody) -> Result<(Action, Vec<Line>), Problem> {
    if body.id.is_some() {
        return Err(Problem::of_field(Kind::UnknownField, "id", "the shop names new carts itself"));
    }
    let known = claims_of_caller(None)?;
    let market = Market::of(&known, None);
    let lines = lines_of(&context.shop.readers().catalog(), body.line_items, &[], market)?;
    if lines.is_empty() {
        return Err(Problem::invalid("line_items", "a new cart holds at least one line"));
    }
    let claims = body.discounts.map_or(Ok(None), |discounts| discounts.claims(&known))?;
    try_codes(context, call, &known, claims.as_ref())?;
    let claims = claims.or(Some(known).filter(|known| known.marketplace.is_some()));
    let cart = CartId::new(&context.shop.new_name("cart")).map_err(|error| Problem::internal(&error))?;
    let buyer = body.buyer.unwrap_or_default().over(&Buyer::default(), &call.party);
    let currency = currency_of(&lines, Currency::USD);
    Ok((claiming(Action::OpenCart { cart, buyer, currency, lines: lines.clone() }, claims), lines))
}

pub(super) fn get(context: &Context, call: &Call) -> Result<Outcome, Problem> {
    let id = cart_id(&call.id)?;
    let trade = context.shop.readers().trade();
    let cart = trade.cart(&id).ok_or_else(|| Problem::unknown("cart", id.as_str()))?;
    show(context, &trade, cart, &call.party, Heard::default())
}

pub(super) async fn update(context: &Context, call: &Call) -> Result<Outcome, Problem> {
    let id = cart_id(&call.id)?;
    let key = keyed(&call.headers, "cart.update", id.as_str(), &call.body)?;
    let (mut body, passed_over) = call.understood::<CartBody>()?;
    let heard = body.heard().without(passed_over);
    if let Some(done) = context.repeated(&key).await? {
        return show(context, &done.state, &answer(&done, &key)?, &call.party, heard);
    }
    if body.id.is_some_and(|named| named != id.as_str()) {
        return Err(Problem::invalid("id", format!("this is the cart {id}")));
    }
    let trade = context.shop.readers().trade();
    let known = trade.cart(&id).ok_or_else(|| Problem::unknown("cart", id.as_str()))?;
    let lines = lines_of(&context.shop.readers().catalog(), body.line_items, &known.lines, Market::of(&known.claims, known.currency))?;
    let claims = body.discounts.map_or(Ok(None), |discounts| discounts.claims(&known.claims))?;
    try_codes(context, call, &known.claims, claims.as_ref())?;
    let buyer = body.buyer.map(|buyer| buyer.over(&known.buyer, &call.party));
    let action = claiming(Action::SetCartLines { cart: id, buyer, lines: lines.clone() }, claims);
    let done = write(context, &key, action, &lines).await?;
    show(context, &done.state, &answer(&done, &key)?, &call.party, heard)
}

/// Drops a cart and answers it as it was.
pub(super) async fn cancel(context: &Context, call: &Call) -> Result<Outcome, Problem> {
    let id = cart_id(&call.id)?;
    let key = keyed(&call.headers, "cart.cancel", id.as_str(), &call.body)?;
    let done = context.once(&key, || Ok(Action::CloseCart { cart: id })).await?;
    show(context, &done.state, &answer(&done, &key)?, &call.party, Heard::default())
}

/// The cart as it was right after the write under this key, however often that is repeated.
fn answer(answer: &TradeAnswer, key: &Key) -> Result<Arc<Cart>, Problem> {
    match answer.snapshot_under(&key.name) {
        Snapshot::Cart(cart) => Ok(cart),
        _ => Err(Problem::new(Kind::UnknownId, "the cart has gone")),
    }
}

async fn write(context: &Context, key: &Key, action: Action, lines: &[Line]) -> Result<TradeAnswer, Problem> {
    context.trade_or(key.command(action)?, |rejection| problem_of(rejection, lines)).await
}
