//! Lines of carts, one at a time, and carts that become one when a guest signs in.

use super::{cart_id, write};
use crate::cart::MergePolicy;
use crate::catalog::CatalogSnapshot;
use crate::event::trade::{CartPart, Line};
use crate::http::answer::Answer;
use crate::http::asked::{Asked, Nothing};
use crate::http::context::Shared;
use crate::http::error::Problem;
use crate::http::limits::{CART_LINES_MAX, LINE_QUANTITY_MAX};
use crate::http::path::{Path, Paths};
use crate::http::ucp::lines::{Market, check_currency, priced};
use crate::http::visitor::refuse_card_number;
use crate::id::{CartId, LineId, ShopperId, Sku};
use crate::money::Currency;
use crate::trade::CartAction;
use axum::extract::{Request, State};
use serde::Deserialize;

/// A line as clients ask for it: its name and price are the catalogue's.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LineBody {
    sku: Sku,
    quantity: i64,
}

impl LineBody {
    fn line(self, catalog: &CatalogSnapshot, market: Market<'_>, number: usize) -> Result<Line, (&'static str, String)> {
        if !(1..=LINE_QUANTITY_MAX).contains(&self.quantity) {
            return Err(("quantity", format!("must be between 1 and {LINE_QUANTITY_MAX}")));
        }
        let (product, title, unit_price) = priced(catalog, &self.sku, market).map_err(|reason| ("sku", reason))?;
        let id = LineId::new(&format!("line_{number}")).map_err(|error| ("sku", error.to_string()))?;
        Ok(Line { id, sku: self.sku, product, title, quantity: self.quantity, unit_price, components: Vec::new() })
    }
}

fn in_currency(line: Line, currency: Currency) -> Result<Line, (&'static str, String)> {
    check_currency(line.unit_price, currency, "the cart is").map(|()| line).map_err(|reason| ("sku", reason))
}

/// Lines at the prices of today, all in the currency of the market, or else in that of the first.
///
/// # Errors
/// Names the first line at fault.
pub(super) fn lines_of(catalog: &CatalogSnapshot, bodies: Vec<LineBody>, market: Market<'_>) -> Result<Vec<Line>, Problem> {
    if bodies.len() > CART_LINES_MAX {
        return Err(Problem::invalid("lines", format!("must not be more than {CART_LINES_MAX}")));
    }
    let mut currency = market.currency;
    let line = |(index, body): (usize, LineBody)| {
        let line = body.line(catalog, market, index + 1);
        let line = line.and_then(|line| {
            let currency = *currency.get_or_insert(line.unit_price.currency);
            in_currency(line, currency)
        });
        line.map_err(|(field, reason)| Problem::invalid(format!("lines[{index}].{field}"), reason))
    };
    bodies.into_iter().enumerate().map(line).collect()
}

/// The two parts by their names in bodies.
fn part(saved: bool) -> CartPart {
    if saved { CartPart::Saved } else { CartPart::Lines }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AddBody {
    sku: Sku,
    quantity: i64,
    /// Whether it is kept for later rather than bought.
    #[serde(default)]
    saved: bool,
}

pub(super) async fn add(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let cart = cart_id(&id)?;
    let Asked { body: AddBody { sku, quantity, saved }, key } = Asked::read("v1.cart.line.add", &id, request).await?;
    write(&context, &key, || {
        let trade = context.shop.readers().trade();
        let known = trade.cart(&cart).ok_or_else(|| Problem::unknown("cart", cart.as_str()))?;
        let line = LineBody { sku, quantity }.line(&context.shop.readers().catalog(), Market::of(&known.claims, known.currency), 1);
        // What is kept for later is not paid with the rest.
        let line = line.and_then(|line| if saved { Ok(line) } else { in_currency(line, known.currency) });
        let line = line.map_err(|(field, reason)| Problem::invalid(field, reason))?;
        Ok(CartAction::AddLine { cart, part: part(saved), line })
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeBody {
    quantity: i64,
    #[serde(default)]
    saved: bool,
}

fn line_id(text: &str) -> Result<LineId, Problem> {
    LineId::new(text).map_err(|_| Problem::unknown("line", text))
}

pub(super) async fn change(State(context): Shared, Paths(id, line): Paths, request: Request) -> Answer {
    let (cart, named) = (cart_id(&id)?, line_id(&line)?);
    let subject = format!("{id}\n{line}");
    let Asked { body: ChangeBody { quantity, saved }, key } = Asked::read("v1.cart.line.change", &subject, request).await?;
    write(&context, &key, || {
        if !(0..=LINE_QUANTITY_MAX).contains(&quantity) {
            return Err(Problem::invalid("quantity", format!("must be between 0 and {LINE_QUANTITY_MAX}")));
        }
        Ok(CartAction::ChangeLine { cart, part: part(saved), line: named, quantity })
    })
    .await
}

/// Takes a line out of whichever part it stands in.
pub(super) async fn remove(State(context): Shared, Paths(id, line): Paths, request: Request) -> Answer {
    let (cart, named) = (cart_id(&id)?, line_id(&line)?);
    let Asked { body: Nothing {}, key } = Asked::read("v1.cart.line.remove", &format!("{id}\n{line}"), request).await?;
    write(&context, &key, || {
        let trade = context.shop.readers().trade();
        let is_bought = trade.cart(&cart).is_some_and(|cart| cart.lines.iter().any(|line| line.id == named));
        Ok(CartAction::ChangeLine { cart, part: part(!is_bought), line: named, quantity: 0 })
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MoveBody {
    /// Whether the line is to be kept for later; otherwise it is brought back.
    saved: bool,
}

pub(super) async fn move_line(State(context): Shared, Paths(id, line): Paths, request: Request) -> Answer {
    let (cart, named) = (cart_id(&id)?, line_id(&line)?);
    let Asked { body: MoveBody { saved }, key } = Asked::read("v1.cart.line.move", &format!("{id}\n{line}"), request).await?;
    write(&context, &key, || Ok(CartAction::MoveLine { cart, from: part(!saved), line: named })).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MergeBody {
    shopper_id: ShopperId,
    /// The cart to merge into; the shopper's last one when left out.
    into: Option<CartId>,
    #[serde(default)]
    policy: MergePolicy,
}

/// A guest signed in. Whoever holds the unguessable name of the guest's cart owns it.
pub(super) async fn merge(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let guest = cart_id(&id)?;
    let Asked { body: MergeBody { shopper_id, into, policy }, key } = Asked::read("v1.cart.merge", &id, request).await?;
    refuse_card_number("shopper_id", Some(shopper_id.as_str()))?;
    write(&context, &key, || Ok(CartAction::Merge { guest, shopper: shopper_id, into, policy })).await
}
