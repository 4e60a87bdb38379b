//! Carts as `/v1` shows them.

use crate::cart::Cart;
use crate::catalog::CatalogSnapshot;
use crate::event::trade::{Buyer, CartKind, Totals};
use crate::http::answer::moment;
use crate::http::error::Problem;
use crate::http::native::bought::{LineView, lines};
use crate::id::{CartId, CheckoutId};
use crate::money::Currency;
use crate::trade::State;
use serde::Serialize;

#[derive(Serialize)]
pub(in crate::http) struct CartView<'a> {
    id: &'a CartId,
    kind: CartKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    buyer: &'a Buyer,
    currency: Currency,
    lines: Vec<LineView<'a>>,
    saved: Vec<LineView<'a>>,
    totals: Totals,
    #[serde(skip_serializing_if = "Option::is_none")]
    checkout_id: Option<&'a CheckoutId>,
    updated_at: String,
}

#[derive(Serialize)]
pub(super) struct CartsView<'a> {
    carts: Vec<CartView<'a>>,
}

/// A cart, and what its lines come to.
///
/// # Errors
/// When a sum does not fit.
pub(in crate::http) fn cart<'a>(trade: &State, catalog: &CatalogSnapshot, cart: &'a Cart) -> Result<CartView<'a>, Problem> {
    let totals = trade.cart_totals(cart, trade.time()).map_err(|error| Problem::invalid(error.field, error.source.to_string()))?;
    Ok(CartView {
        id: &cart.id,
        kind: cart.kind,
        name: cart.name.as_deref(),
        buyer: &cart.buyer,
        currency: cart.currency,
        lines: lines(&cart.lines, catalog),
        saved: lines(&cart.saved, catalog),
        totals,
        checkout_id: cart.checkout.as_ref(),
        updated_at: moment(cart.updated_at),
    })
}

/// Several carts.
///
/// # Errors
/// When a sum does not fit.
pub(super) fn carts<'a>(trade: &State, catalog: &CatalogSnapshot, carts: &'a [Cart]) -> Result<CartsView<'a>, Problem> {
    let carts = carts.iter().map(|known| cart(trade, catalog, known)).collect::<Result<_, _>>()?;
    Ok(CartsView { carts })
}
