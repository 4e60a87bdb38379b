//! Orders with one click: what is kept for them, and the click.

use super::changes_of;
use super::lines::{LineBody, lines_of};
use crate::event::trade::{Address, Buyer, OneClick};
use crate::http::access::Caller;
use crate::http::answer::{Answer, created, ok};
use crate::http::asked::{Asked, Nothing};
use crate::http::context::{Context, Shared};
use crate::http::error::{Kind, Problem};
use crate::http::keys::Key;
use crate::http::path::Path;
use crate::http::ucp::lines::{Market, claims_of_caller};
use crate::http::versions::tagged_with;
use crate::id::{CheckoutId, OrderId, PaymentId, ReservationId, ShopperId};
use crate::money::{Currency, Money};
use crate::pipeline::TradeAnswer;
use crate::trade::{CartAction, Rejection, Snapshot, Terms, Version};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};

/// What is kept of a shopper. The token itself is shown to nobody.
#[derive(Serialize)]
pub(in crate::http) struct ProfileView<'a> {
    shopper_id: &'a ShopperId,
    provider: &'a str,
    buyer: &'a Buyer,
    address: &'a Address,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<&'a str>,
}

fn shopper_id(text: &str) -> Result<ShopperId, Problem> {
    let shopper = ShopperId::new(text).map_err(|_| Problem::unknown("shopper", text))?;
    Ok(Caller::current().shopper_named("shopper_id", Some(shopper.clone()))?.unwrap_or(shopper))
}

fn shown(context: &Context, shopper: &ShopperId) -> Answer {
    let trade = context.shop.readers().trade();
    let profile = trade.one_click_of(shopper).ok_or_else(|| Problem::unknown("stored way to pay of", shopper.as_str()))?;
    let (buyer, address) = (context.people().buyer(&profile.buyer), context.people().address(&profile.address));
    let opened = OneClick { buyer, address, ..OneClick::clone(profile) };
    tagged_with(ok(&view(shopper, &opened)), Version::of_setting(&**profile))
}

/// What is kept, its texts opened.
pub(in crate::http) fn view<'a>(shopper: &'a ShopperId, profile: &'a OneClick) -> ProfileView<'a> {
    let OneClick { provider, token: _, buyer, address, delivery } = profile;
    ProfileView { shopper_id: shopper, provider, buyer, address, delivery: delivery.as_deref() }
}

pub(super) async fn get(State(context): Shared, Path(id): Path) -> Answer {
    shown(&context, &shopper_id(&id)?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileBody {
    provider: Option<String>,
    /// The provider's token for the stored instrument; never a card number.
    token: String,
    buyer: Buyer,
    address: Address,
    delivery: Option<String>,
}

pub(super) async fn put(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let shopper = shopper_id(&id)?;
    let Asked { body, key } = Asked::<ProfileBody>::read("v1.one-click.put", &id, request).await?;
    let ProfileBody { provider, token, buyer, address, delivery } = body;
    let provider = context.provider(provider)?;
    let profile = OneClick { provider, token, buyer, address, delivery };
    context.once(&key, || Ok(CartAction::SetOneClick { shopper: shopper.clone(), profile: Box::new(profile) })).await?;
    shown(&context, &shopper)
}

pub(super) async fn delete(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let shopper = shopper_id(&id)?;
    let Asked { body: Nothing {}, key } = Asked::read("v1.one-click.delete", &id, request).await?;
    context.once(&key, || Ok(CartAction::RemoveOneClick { shopper })).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OrderBody {
    shopper_id: ShopperId,
    lines: Vec<LineBody>,
    /// What the shopper was shown; anything else is told instead of paid.
    expected_total: Option<Money>,
    delivery: Option<String>,
}

#[derive(Serialize)]
struct OrderedView {
    checkout_id: CheckoutId,
    status: &'static str,
    total: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_id: Option<OrderId>,
}

pub(super) async fn order(State(context): Shared, request: Request) -> Answer {
    let Asked { body, key } = Asked::<OrderBody>::read("v1.one-click.order", "", request).await?;
    let done = match context.repeated(&key).await? {
        Some(done) => done,
        None => {
            let command = key.command(action(&context, body)?)?;
            context.complete_checkout(command, refused).await?
        }
    };
    answered(&done, &key)
}

/// What is refused because it would cost something else says what.
fn refused(rejection: Rejection) -> Problem {
    match rejection {
        Rejection::CartChanged { changes } => changes_of(&changes, None),
        // What is kept of the shopper stands in no field of the request.
        Rejection::Invalid { field, reason } if field.starts_with("address") || field.starts_with("buyer") => {
            Problem::invalid("shopper_id", format!("the {field} that is kept: {reason}"))
        }
        other => Problem::from(other),
    }
}

fn action(context: &Context, body: OrderBody) -> Result<CartAction, Problem> {
    let OrderBody { shopper_id: shopper, lines, expected_total, delivery } = body;
    if let Some(profile) = context.shop.readers().trade().one_click_of(&shopper) {
        // One that was set up when it was kept may be gone: nobody would ever answer for the payment.
        let gone = |_| Problem::invalid("shopper_id", format!("pays by {}, which is not set up here any more", profile.provider));
        context.provider(Some(profile.provider.clone())).map_err(gone)?;
    }
    let claims = claims_of_caller(None)?;
    let lines = lines_of(&context.shop.readers().catalog(), lines, Market::of(&claims, None))?;
    if lines.is_empty() {
        return Err(Problem::invalid("lines", "there is nothing to buy"));
    }
    let name = |prefix| context.shop.new_name(prefix);
    let fault = |error: crate::id::IdError| Problem::internal(&error);
    Ok(CartAction::OrderWithOneClick {
        shopper,
        checkout: CheckoutId::new(&name("checkout")).map_err(fault)?,
        payment: PaymentId::new(&name("payment")).map_err(fault)?,
        reservation: ReservationId::new(&name("reservation")).map_err(fault)?,
        currency: lines.first().map_or(Currency::USD, |line| line.unit_price.currency),
        lines,
        claims,
        // The lines have the prices of this moment already.
        terms: Terms { expected_total, offers: Vec::new(), delivery },
    })
}

fn answered(done: &TradeAnswer, key: &Key) -> Answer {
    let session = match done.snapshot_under(&key.name) {
        Snapshot::Checkout(session) => session,
        _ => return Err(Problem::new(Kind::UnknownId, "the checkout session has gone")),
    };
    if !session.trail.changes.is_empty() {
        return Err(changes_of(&session.trail.changes, Some(&session.id)));
    }
    let view = OrderedView {
        checkout_id: session.id.clone(),
        status: session.status.name(),
        total: session.totals.total,
        order_id: session.order.clone(),
    };
    match &session.order {
        Some(order) => created(&format!("/v1/orders/{order}"), &view),
        None => ok(&view),
    }
}
