//! `/v1`: carts and lists of shoppers, line by line; quantity rules; how sessions are delivered, judged and bought with one click.

mod lines;
mod one_click;
mod rules;
mod sessions;
mod view;

use crate::cart::Cart;
use crate::event::trade::{Buyer, CartKind};
use crate::http::access::Caller;
use crate::http::answer::{Answer, created, ok};
use crate::http::asked::{Asked, Nothing};
use crate::http::body::{self, JsonBytes};
use crate::http::context::{Context, Shared};
use crate::http::error::{Kind, Problem};
use crate::http::keys::{Key, keyed};
use crate::http::native::marketplaces::known;
use crate::http::params::Params;
use crate::http::path::Path;
use crate::http::ucp::discounts::claiming;
use crate::http::ucp::lines::{Market, claims_of_caller};
use crate::http::versions::tagged;
use crate::id::{CartId, MarketplaceId, ShopperId};
use crate::money::Currency;
use crate::pipeline::TradeAnswer;
use crate::trade::{Action, CartAction, Snapshot, State as Trade};
use axum::Router;
use axum::extract::{RawQuery, Request, State};
use axum::http::HeaderMap;
use axum::routing::{get, post};
use serde::Deserialize;
use std::sync::Arc;

pub(in crate::http) use one_click::{ProfileView, view as profile_view};
pub(in crate::http) use sessions::{changes_of, offers_of};
pub(in crate::http) use view::{CartView, cart as cart_view};

/// The routes of the area.
pub(in crate::http) fn routes() -> Router<Arc<Context>> {
    Router::new()
        .route("/v1/carts", get(list).post(create))
        .route("/v1/carts/{id}", get(one).patch(describe).delete(close))
        .route("/v1/carts/{id}/lines", post(lines::add))
        .route("/v1/carts/{id}/lines/{line}", axum::routing::patch(lines::change).delete(lines::remove))
        .route("/v1/carts/{id}/lines/{line}/move", post(lines::move_line))
        .route("/v1/carts/{id}/merge", post(lines::merge))
        .route("/v1/quantity-rules", get(rules::list))
        .route("/v1/quantity-rules/skus/{sku}", get(rules::get_sku).put(rules::put_sku).delete(rules::delete_sku))
        .route("/v1/quantity-rules/products/{id}", get(rules::get_product).put(rules::put_product).delete(rules::delete_product))
        .route("/v1/checkout-sessions/{id}/shipping-options", get(sessions::options).put(sessions::choose))
        .route("/v1/checkout-sessions/{id}/keep", post(sessions::keep))
        .route("/v1/checkout-sessions/{id}/fraud-decision", post(sessions::judge))
        .route("/v1/orders/{id}/fraud-decision", post(sessions::judge_order))
        .route("/v1/orders/one-click", post(one_click::order))
        .route("/v1/shoppers/{id}/one-click", get(one_click::get).put(one_click::put).delete(one_click::delete))
}

/// A cart's name out of an address: one that cannot be a name is not the name of anything.
fn cart_id(text: &str) -> Result<CartId, Problem> {
    CartId::new(text).map_err(|_| Problem::unknown("cart", text))
}

/// Does something to a cart and answers the cart as it was right after that, however often the write is repeated.
async fn write(context: &Context, key: &Key, action: impl FnOnce() -> Result<CartAction, Problem>) -> Answer {
    let done = context.once(key, action).await?;
    shown(context, &done.state, &answer(&done, key)?)
}

/// A cart, with the entity tag that a later write can be made conditional on.
fn shown(context: &Context, trade: &Trade, cart: &Arc<Cart>) -> Answer {
    let catalog = context.shop.readers().catalog();
    tagged(ok(&view::cart(trade, &catalog, &context.people().cart(cart))?), &Snapshot::Cart(Arc::clone(cart)))
}

fn answer(done: &TradeAnswer, key: &Key) -> Result<Arc<Cart>, Problem> {
    match done.snapshot_under(&key.name) {
        Snapshot::Cart(cart) => Ok(cart),
        _ => Err(Problem::new(Kind::UnknownId, "the cart has gone")),
    }
}

/// The carts and lists of one shopper, those touched last first.
async fn list(State(context): Shared, RawQuery(query): RawQuery) -> Answer {
    let mut params = Params::parse(query.as_deref())?;
    let shopper: Option<ShopperId> = params.parsed("shopper_id")?;
    params.finish()?;
    let shopper = Caller::current().shopper_named("shopper_id", shopper)?;
    let shopper = shopper.ok_or_else(|| Problem::of_field(Kind::MissingField, "shopper_id", "whose carts"))?;
    let trade = context.shop.readers().trade();
    let carts: Vec<_> = trade.carts_of(&shopper).iter().map(|cart| context.people().cart(cart)).collect();
    ok(&view::carts(&trade, &context.shop.readers().catalog(), &carts)?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateBody {
    #[serde(default)]
    buyer: Buyer,
    #[serde(default)]
    lines: Vec<lines::LineBody>,
    currency: Option<Currency>,
    /// Whose prices hold; that of the caller's key unless told.
    marketplace: Option<MarketplaceId>,
}

async fn create(State(context): Shared, headers: HeaderMap, JsonBytes(bytes): JsonBytes) -> Answer {
    let key = keyed(&headers, "v1.cart.create", "", &bytes)?;
    let CreateBody { buyer, lines, currency, marketplace } = body::parse(&bytes)?;
    let done = match context.repeated(&key).await? {
        Some(done) => done,
        None => {
            let cart = CartId::new(&context.shop.new_name("cart")).map_err(|error| Problem::internal(&error))?;
            let claims = claims_of_caller(marketplace)?;
            // Who names none is sold to while the index is not open, too.
            if claims.marketplace.is_some() {
                known(&context, &context.moment()?, claims.marketplace.as_ref())?;
            }
            let market = Market::of(&claims, currency);
            let lines = lines::lines_of(&context.shop.readers().catalog(), lines, market)?;
            let currency = currency.or(lines.first().map(|line| line.unit_price.currency)).unwrap_or(Currency::USD);
            let action = Action::OpenCart { cart, buyer, currency, lines };
            let action = claiming(action, Some(claims).filter(|claims| claims.marketplace.is_some()));
            context.trade(key.command(action)?).await?
        }
    };
    let cart = answer(&done, &key)?;
    let (catalog, opened) = (context.shop.readers().catalog(), context.people().cart(&cart));
    let created = created(&format!("/v1/carts/{}", cart.id), &view::cart(&done.state, &catalog, &opened)?);
    tagged(created, &Snapshot::Cart(cart))
}

async fn one(State(context): Shared, Path(id): Path) -> Answer {
    let id = cart_id(&id)?;
    let trade = context.shop.readers().trade();
    let cart = trade.cart(&id).ok_or_else(|| Problem::unknown("cart", id.as_str()))?;
    shown(&context, &trade, cart)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DescribeBody {
    /// Empty takes the name away.
    name: Option<String>,
    kind: Option<CartKind>,
}

/// What is not said stays as it was.
async fn describe(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let cart = cart_id(&id)?;
    let Asked { body: DescribeBody { name, kind }, key } = Asked::read("v1.cart.describe", &id, request).await?;
    write(&context, &key, || {
        let trade = context.shop.readers().trade();
        let known = trade.cart(&cart).ok_or_else(|| Problem::unknown("cart", cart.as_str()))?;
        let name = name.or_else(|| known.name.clone()).filter(|name| !name.is_empty());
        Ok(CartAction::Describe { cart: cart.clone(), name, kind: kind.unwrap_or(known.kind) })
    })
    .await
}

/// Drops a cart and answers it as it was.
async fn close(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let cart = cart_id(&id)?;
    let Asked { body: Nothing {}, key } = Asked::read("v1.cart.close", &id, request).await?;
    let done = context.once(&key, || Ok(Action::CloseCart { cart })).await?;
    shown(&context, &done.state, &answer(&done, &key)?)
}
