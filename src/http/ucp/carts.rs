//! `/ucp/v1/carts`.

use super::lines::{currency_of, lines_of, problem_of};
use super::requests::CartBody;
use super::shapes::{self, BuyerShape, CART, LineItem, Total, Ucp};
use crate::cart::Cart;
use crate::event::trade::{Buyer, Line, Subject};
use crate::http::answer::{Answer, created, ok};
use crate::http::asked::Asked;
use crate::http::body::{self, JsonBytes};
use crate::http::context::{Context, Shared};
use crate::http::error::{Kind, Problem};
use crate::http::keys::{Key, keyed};
use crate::http::path::Path;
use crate::http::versions::{only_if, tagged, tagged_now};
use crate::id::CartId;
use crate::money::Currency;
use crate::pipeline::TradeAnswer;
use crate::trade::{Action, Command, Snapshot, State as Trade};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
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
}

fn shape<'a>(trade: &Trade, cart: &'a Cart) -> Result<CartShape<'a>, Problem> {
    let totals = trade
        .cart_totals(cart, trade.time())
        .map_err(|error| Problem::invalid(super::lines::field_of(&error.field), error.source.to_string()))?;
    Ok(CartShape {
        ucp: Ucp::of(&[CART]),
        id: &cart.id,
        line_items: shapes::line_items(&cart.lines),
        buyer: shapes::buyer(&cart.buyer),
        currency: cart.currency,
        totals: shapes::totals(&totals),
    })
}

/// A cart's name out of an address: one that cannot be a name is not the name of anything.
pub(super) fn cart_id(text: &str) -> Result<CartId, Problem> {
    CartId::new(text).map_err(|_| Problem::unknown("cart", text))
}

pub(in crate::http) async fn create(State(context): Shared, headers: HeaderMap, JsonBytes(bytes): JsonBytes) -> Answer {
    let key = keyed(&headers, "cart.create", "", &bytes)?;
    let body: CartBody = body::parse(&bytes)?;
    if let Some(done) = context.repeated(&key).await? {
        return respond_created(&context, &done, &key);
    }
    if body.id.is_some() {
        return Err(Problem::of_field(Kind::UnknownField, "id", "the shop names new carts itself"));
    }
    let lines = lines_of(&context.shop.readers().catalog(), body.line_items, &[])?;
    if lines.is_empty() {
        return Err(Problem::invalid("line_items", "a new cart holds at least one line"));
    }
    let cart = CartId::new(&context.shop.new_name("cart")).map_err(|error| Problem::internal(&error))?;
    let buyer = body.buyer.unwrap_or_default().over(&Buyer::default());
    let currency = currency_of(&lines, Currency::USD);
    let action = Action::OpenCart { cart, buyer, currency, lines: lines.clone() };
    respond_created(&context, &write(&context, &key, action, &lines).await?, &key)
}

pub(in crate::http) async fn get(State(context): Shared, Path(id): Path) -> Answer {
    let id = cart_id(&id)?;
    let trade = context.shop.readers().trade();
    let cart = trade.cart(&id).ok_or_else(|| Problem::unknown("cart", id.as_str()))?;
    tagged_now(ok(&shape(&trade, &context.people().cart(cart))?), &trade, &Subject::Cart(id.clone()))
}

pub(in crate::http) async fn update(State(context): Shared, Path(id): Path, headers: HeaderMap, JsonBytes(bytes): JsonBytes) -> Answer {
    let id = cart_id(&id)?;
    let key = keyed(&headers, "cart.update", id.as_str(), &bytes)?;
    let body: CartBody = body::parse(&bytes)?;
    if let Some(done) = context.repeated(&key).await? {
        return respond(&context, &done, &key);
    }
    if body.id.is_some_and(|named| named != id.as_str()) {
        return Err(Problem::invalid("id", format!("the address says {id}")));
    }
    let trade = context.shop.readers().trade();
    let known = trade.cart(&id).ok_or_else(|| Problem::unknown("cart", id.as_str()))?;
    let lines = lines_of(&context.shop.readers().catalog(), body.line_items, &known.lines)?;
    let subject = Subject::Cart(id.clone());
    let action = only_if(&headers, subject, Action::SetCartLines { cart: id, lines: lines.clone() })?;
    respond(&context, &write(&context, &key, action, &lines).await?, &key)
}

/// Drops a cart and answers it as it was.
pub(in crate::http) async fn cancel(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let id = cart_id(&id)?;
    let asked = Asked::raw("cart.cancel", id.as_str(), request).await?;
    let done = asked.done(&context, |_| Ok(Action::CloseCart { cart: id })).await?;
    respond(&context, &done.answer, &done.key)
}

/// The cart as it was right after the write under this key, however often that is repeated.
fn answer(answer: &TradeAnswer, key: &Key) -> Result<Arc<Cart>, Problem> {
    match answer.snapshot_under(&key.0) {
        Snapshot::Cart(cart) => Ok(cart),
        _ => Err(Problem::new(Kind::UnknownId, "the cart has gone")),
    }
}

fn respond_created(context: &Context, done: &TradeAnswer, key: &Key) -> Answer {
    let cart = answer(done, key)?;
    let answer = created(&format!("/ucp/v1/carts/{}", cart.id), &shape(&done.state, &context.people().cart(&cart))?);
    tagged(answer, &Snapshot::Cart(Arc::clone(&cart)))
}

fn respond(context: &Context, done: &TradeAnswer, key: &Key) -> Answer {
    let cart = answer(done, key)?;
    tagged(ok(&shape(&done.state, &context.people().cart(&cart))?), &Snapshot::Cart(Arc::clone(&cart)))
}

async fn write(context: &Context, key: &Key, action: Action, lines: &[Line]) -> Result<TradeAnswer, Problem> {
    let command = Command { key: Some(key.clone()), action };
    context.trade_or(command, |rejection| problem_of(rejection, lines)).await
}
