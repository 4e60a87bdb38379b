//! `/v1/shoppers/{id}`: everything that is held of a person, and forgetting them; and forgetting a guest by an order of theirs.

mod tokens;

use super::orders::{self, OrderView};
use crate::cart::Cart;
use crate::event::ActivityEvent;
use crate::event::activity::ShopperDigest;
use crate::event::trade::{Address, Buyer, Line, Totals};
use crate::http::answer::{Answer, moment, ok};
use crate::http::blocking::blocking;
use crate::http::context::{Context, Shared};
use crate::http::error::Problem;
use crate::http::path::Path;
use crate::http::visitor::refuse_card_number;
use crate::id::{CartId, CheckoutId, OrderId, PaymentId, ShopperId};
use crate::money::Money;
use crate::order::{Checkout, Order};
use crate::payment::Payment;
use crate::pipeline::{Behaviour, behaviour_of};
use crate::trade::{Action, Command, Held, ShopperAction};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::{Router, routing};
use serde::Serialize;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Exports under way at once: each reads the whole activity journal.
const EXPORTS_MAX: usize = 2;

static EXPORTING: Semaphore = Semaphore::const_new(EXPORTS_MAX);

/// The routes of the area.
pub(in crate::http) fn routes() -> Router<Arc<Context>> {
    Router::new()
        .route("/v1/shoppers/{id}", routing::delete(delete))
        .route("/v1/shoppers/{id}/export", routing::get(export))
        .route("/v1/shoppers/{id}/tokens", routing::post(tokens::post))
        .route("/v1/orders/{id}/buyer", routing::delete(delete_guest))
}

fn shopper_id(text: &str) -> Result<ShopperId, Problem> {
    let shopper = ShopperId::new(text).map_err(|error| Problem::invalid("shopper_id", error.to_string()))?;
    refuse_card_number("shopper_id", Some(shopper.as_str()))?;
    Ok(shopper)
}

/// Answers once the keys of everything that says who the shopper is are destroyed, and the erasure is durable in both journals; one who was
/// never heard of is as good as forgotten.
async fn delete(State(context): Shared, Path(id): Path) -> Answer {
    let shopper = shopper_id(&id)?;
    let digest = ShopperDigest::of(&shopper);
    context.trade(Command { key: None, action: Action::Shopper(ShopperAction::Erase { shopper }) }).await?;
    context.activity(vec![ActivityEvent::ShopperErased { shopper: digest }]).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Forgets whoever placed an order as a guest. The order stays, with its products and amounts.
async fn delete_guest(State(context): Shared, Path(id): Path) -> Answer {
    let order = orders::order_id(&id)?;
    context.trade(Command { key: None, action: Action::Shopper(ShopperAction::EraseGuest { order }) }).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Serialize)]
struct Export<'a> {
    shopper_id: &'a ShopperId,
    exported_at: String,
    carts: Vec<CartView<'a>>,
    checkout_sessions: Vec<SessionView<'a>>,
    orders: Vec<OrderView<'a>>,
    payments: Vec<PaymentView<'a>>,
    behaviour: Vec<BehaviourView<'a>>,
    /// Whether older behaviour is left out.
    behaviour_is_cut: bool,
}

#[derive(Serialize)]
struct CartView<'a> {
    id: &'a CartId,
    buyer: &'a Buyer,
    lines: &'a [Line],
    updated_at: String,
}

#[derive(Serialize)]
struct SessionView<'a> {
    id: &'a CheckoutId,
    status: &'static str,
    buyer: &'a Buyer,
    address: Option<&'a Address>,
    lines: &'a [Line],
    totals: &'a Totals,
    updated_at: String,
}

/// Without the token: it would let its holder spend money.
#[derive(Serialize)]
struct PaymentView<'a> {
    id: &'a PaymentId,
    order_id: Option<&'a OrderId>,
    provider: &'a str,
    amount: Money,
    status: &'static str,
}

#[derive(Serialize)]
struct BehaviourView<'a> {
    at: String,
    #[serde(flatten)]
    event: &'a ActivityEvent,
}

/// What is held of one person, its texts opened.
struct Opened {
    carts: Vec<Cart>,
    sessions: Vec<Checkout>,
    orders: Vec<Order>,
    payments: Vec<Arc<Payment>>,
    behaviour: Behaviour,
}

async fn export(State(context): Shared, Path(id): Path) -> Answer {
    let shopper = shopper_id(&id)?;
    let _permit = EXPORTING.try_acquire().map_err(|_| Problem::from(crate::pipeline::Unavailable::Busy))?;
    let (asked, of) = (Arc::clone(&context), shopper.clone());
    let opened = blocking(move || gather(&asked, &of)).await??;
    let Opened { carts, sessions, orders, payments, behaviour } = &opened;
    if carts.is_empty() && sessions.is_empty() && orders.is_empty() && behaviour.events.is_empty() {
        return Err(Problem::unknown("shopper", shopper.as_str()));
    }
    ok(&Export {
        shopper_id: &shopper,
        exported_at: moment(context.shop.now()),
        carts: carts.iter().map(cart).collect(),
        checkout_sessions: sessions.iter().map(session).collect(),
        orders: orders.iter().map(orders::order_view).collect(),
        payments: payments.iter().map(|paid| payment(paid)).collect(),
        behaviour: behaviour.events.iter().map(|(at, event)| BehaviourView { at: moment(*at), event }).collect(),
        behaviour_is_cut: behaviour.is_cut,
    })
}

/// Reads and opens; of what was erased nothing says any more whose it was, so it is not among it.
fn gather(context: &Context, shopper: &ShopperId) -> Result<Opened, Problem> {
    let readers = context.shop.readers();
    let (people, Held { carts, sessions, orders, payments }) = (context.people(), readers.trade().held_of(shopper));
    let is_theirs = |buyer: &Buyer| buyer.shopper.as_ref() == Some(shopper);
    let behaviour = behaviour_of(readers.feed(), shopper).map_err(|error| Problem::internal(&error))?;
    let orders: Vec<Order> = orders.iter().map(|order| people.order(order)).filter(|order| is_theirs(&order.buyer)).collect();
    let sessions: Vec<Checkout> =
        sessions.iter().map(|session| people.session(session)).filter(|session| is_theirs(&session.buyer)).collect();
    let is_known = |paid: &Arc<Payment>| {
        orders.iter().any(|order| order.payments.contains(&paid.id)) || sessions.iter().any(|session| session.payments.contains(&paid.id))
    };
    let payments = payments.into_iter().filter(is_known).collect();
    let carts = carts.iter().map(|cart| people.cart(cart)).filter(|cart| is_theirs(&cart.buyer)).collect();
    Ok(Opened { carts, sessions, orders, payments, behaviour })
}

fn cart(Cart { id, buyer, lines, updated_at, .. }: &Cart) -> CartView<'_> {
    CartView { id, buyer, lines, updated_at: moment(*updated_at) }
}

fn session(session: &Checkout) -> SessionView<'_> {
    let Checkout { id, status, buyer, address, lines, totals, updated_at, .. } = session;
    SessionView { id, status: status.name(), buyer, address: address.as_deref(), lines, totals, updated_at: moment(*updated_at) }
}

fn payment(paid: &Payment) -> PaymentView<'_> {
    PaymentView { id: &paid.id, order_id: paid.order.as_ref(), provider: &paid.provider, amount: paid.amount, status: paid.status.name() }
}
