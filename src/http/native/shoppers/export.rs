//! `GET /v1/shoppers/{id}/export`: everything that is held of a person, their texts opened.
//!
//! Things are shown as their own routes show them, with what those leave out because the house knows it anyway. Tokens are never among it: they let
//! their holder spend money.

use super::shopper_id;
use crate::cart::Cart;
use crate::catalog::CatalogSnapshot;
use crate::event::ActivityEvent;
use crate::event::trade::{Address, Buyer, Claims, Delivery, OneClick, Totals, Verdict};
use crate::http::access::OfPeople;
use crate::http::answer::{Answer, marked, moment, ok};
use crate::http::blocking::blocking;
use crate::http::context::{Context, Shared};
use crate::http::error::Problem;
use crate::http::native::after_sale::{ReturnView, return_view};
use crate::http::native::bought::{LineView, lines};
use crate::http::native::carts::{CartView, ProfileView, cart_view, profile_view};
use crate::http::native::orders::{OrderView, order_view};
use crate::http::native::payments::PaymentView;
use crate::http::native::pricing::{AccountView, account_view};
use crate::http::path::Path;
use crate::id::{CheckoutId, CustomerGroupId, ProductId, ShopperId};
use crate::order::{Checkout, Order};
use crate::pipeline::{Behaviour, Unavailable, behaviour_of};
use crate::stdx::clock::Timestamp;
use crate::trade::{Held, State as Trade};
use axum::extract::State;
use serde::Serialize;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Exports under way at once: each reads the whole activity journal.
const EXPORTS_MAX: usize = 2;

static EXPORTING: Semaphore = Semaphore::const_new(EXPORTS_MAX);

#[derive(Serialize)]
struct Export<'a> {
    shopper_id: &'a ShopperId,
    exported_at: String,
    carts: Vec<HeldCart<'a>>,
    checkout_sessions: Vec<HeldSession<'a>>,
    orders: Vec<HeldOrder<'a>>,
    payments: Vec<PaymentView<'a>>,
    returns: Vec<ReturnView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    one_click: Option<ProfileView<'a>>,
    groups: &'a [CustomerGroupId],
    credits: Vec<AccountView<'a>>,
    behaviour: Vec<HeldBehaviour<'a>>,
    /// Whether older behaviour is left out.
    behaviour_is_cut: bool,
}

#[derive(Serialize)]
struct HeldCart<'a> {
    #[serde(flatten)]
    cart: CartView<'a>,
    claims: &'a Claims,
}

#[derive(Serialize)]
struct HeldSession<'a> {
    id: &'a CheckoutId,
    status: &'static str,
    buyer: &'a Buyer,
    address: Option<&'a Address>,
    lines: Vec<LineView<'a>>,
    totals: &'a Totals,
    claims: &'a Claims,
    delivery: Option<&'a Delivery>,
    verdict: Option<&'a Verdict>,
    updated_at: String,
}

#[derive(Serialize)]
struct HeldOrder<'a> {
    #[serde(flatten)]
    order: OrderView<'a>,
    claims: &'a Claims,
    delivery: Option<&'a Delivery>,
    verdict: Option<&'a Verdict>,
}

#[derive(Serialize)]
struct HeldBehaviour<'a> {
    at: String,
    #[serde(flatten)]
    event: &'a ActivityEvent,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<ProductId>,
}

pub(super) async fn get(State(context): Shared, Path(id): Path) -> Answer {
    let shopper = shopper_id(&id)?;
    let _permit = EXPORTING.try_acquire().map_err(|_| Problem::from(Unavailable::Busy))?;
    let (asked, of) = (Arc::clone(&context), shopper.clone());
    let gathered = blocking(move || gather(&asked, &of)).await?;
    let (trade, held, behaviour) = gathered?;
    if is_nothing(&held) && behaviour.events.is_empty() {
        return Err(Problem::unknown("shopper", shopper.as_str()));
    }
    let catalog = context.shop.readers().catalog();
    let answer = ok(&Export {
        shopper_id: &shopper,
        exported_at: moment(context.shop.now()),
        carts: held.carts.iter().map(|held| cart(&trade, &catalog, held)).collect::<Result<_, Problem>>()?,
        checkout_sessions: held.sessions.iter().map(|held| session(held, &catalog)).collect(),
        orders: held.orders.iter().map(|held| order(held, &catalog)).collect(),
        payments: held.payments.iter().map(|paid| PaymentView::with_retries(paid, trade.payments_book()).without_reference()).collect(),
        returns: held.returns.iter().map(|back| return_view(&context, back)).collect(),
        one_click: held.one_click.as_ref().map(|profile| profile_view(&shopper, profile)),
        groups: &held.groups,
        credits: held.credits.iter().map(|account| account_view(account, None)).collect(),
        behaviour: behaviour.events.iter().map(|(at, event)| behaved(*at, event, &catalog)).collect(),
        behaviour_is_cut: behaviour.is_cut,
    })?;
    Ok(marked(answer, OfPeople))
}

/// What is held, opened. Of what was erased nothing says any more whose it was, so it is not among it.
fn gather(context: &Context, shopper: &ShopperId) -> Result<(Arc<Trade>, Held, Behaviour), Problem> {
    let readers = context.shop.readers();
    let (people, trade) = (context.people(), readers.trade());
    let behaviour = behaviour_of(readers.feed(), shopper).map_err(|error| Problem::internal(&error))?;
    let is_theirs = |buyer: &Buyer| buyer.shopper.as_ref() == Some(shopper);
    let mut held = trade.held_of(shopper);
    held.carts = held.carts.iter().map(|cart| Arc::new(people.cart(cart))).filter(|cart| is_theirs(&cart.buyer)).collect();
    held.sessions = held.sessions.iter().map(|session| Arc::new(people.session(session))).filter(|it| is_theirs(&it.buyer)).collect();
    held.orders = held.orders.iter().map(|order| Arc::new(people.order(order))).filter(|order| is_theirs(&order.buyer)).collect();
    let (orders, sessions) = (&held.orders, &held.sessions);
    held.payments.retain(|paid| {
        orders.iter().any(|order| order.payments.contains(&paid.id)) || sessions.iter().any(|session| session.payments.contains(&paid.id))
    });
    held.returns.retain(|back| orders.iter().any(|order| order.id == back.order));
    held.one_click = held.one_click.map(|profile| {
        let (buyer, address) = (people.buyer(&profile.buyer), people.address(&profile.address));
        Arc::new(OneClick { buyer, address, ..OneClick::clone(&profile) })
    });
    Ok((trade, held, behaviour))
}

fn is_nothing(held: &Held) -> bool {
    let Held { carts, sessions, orders, payments, returns, one_click, groups, credits } = held;
    let is_in_no_trade = carts.is_empty() && sessions.is_empty() && orders.is_empty() && payments.is_empty() && returns.is_empty();
    is_in_no_trade && one_click.is_none() && groups.is_empty() && credits.is_empty()
}

fn cart<'a>(trade: &Trade, catalog: &CatalogSnapshot, cart: &'a Cart) -> Result<HeldCart<'a>, Problem> {
    Ok(HeldCart { cart: cart_view(trade, catalog, cart)?, claims: &cart.claims })
}

fn session<'a>(session: &'a Arc<Checkout>, catalog: &CatalogSnapshot) -> HeldSession<'a> {
    HeldSession {
        id: &session.id,
        status: session.status.name(),
        buyer: &session.buyer,
        address: session.address.as_deref(),
        lines: lines(&session.lines, catalog),
        totals: &session.totals,
        claims: &session.claims,
        delivery: session.delivery.as_deref(),
        verdict: session.trail.verdict.as_deref(),
        updated_at: moment(session.updated_at),
    }
}

fn order<'a>(order: &'a Arc<Order>, catalog: &CatalogSnapshot) -> HeldOrder<'a> {
    let (claims, delivery, verdict) = (&*order.claims, order.delivery.as_deref(), order.verdict.as_deref());
    HeldOrder { order: order_view(order, catalog), claims, delivery, verdict }
}

fn behaved<'a>(at: Timestamp, event: &'a ActivityEvent, catalog: &CatalogSnapshot) -> HeldBehaviour<'a> {
    let product_id = if let ActivityEvent::Behaved { product, .. } = event { catalog.id_of(*product) } else { None };
    HeldBehaviour { at: moment(at), event, product_id }
}
