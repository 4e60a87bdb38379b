//! What of the shop a caller reaches: carts, sessions and orders that are theirs, products that their key shows.
//!
//! It is looked at in two places that nobody gets past: names in addresses before the handler runs, and commands on their way to the trade
//! writer. What is not reached is answered as what does not exist.

use super::caller::Caller;
use super::table::Need;
use crate::catalog::document_in;
use crate::event::trade::{Buyer, Line};
use crate::http::context::Context;
use crate::http::error::{Kind, Problem};
use crate::id::{CartId, CheckoutId, OrderId, Ordinal, ProductId, ShopperId, Sku};
use crate::search::{self, Moment, Onlooker};
use crate::trade::{Action, CartAction, PricingAction, State};
use std::borrow::Cow;

/// Checks the names in an address that shoppers use. One that names nothing is let through: the route says so itself, or repeats what it answered
/// before.
pub(super) fn check_named(
    context: &Context,
    caller: &Caller,
    needed: Need,
    route: &str,
    named: &[(String, String)],
) -> Result<(), Problem> {
    let is_for_shoppers = matches!(needed, Need::Scope(scope) if scope.is_for_shoppers());
    let (true, Some((_, id))) = (caller.is_bound() && is_for_shoppers, named.first()) else { return Ok(()) };
    let trade = context.shop.readers().trade();
    match route.trim_start_matches("/ucp").trim_start_matches("/v1/").split('/').next().unwrap_or_default() {
        "carts" if route.ends_with("/merge") => Ok(()),
        "carts" => CartId::new(id).map_or(Ok(()), |id| check_cart(caller, &trade, &id)),
        "checkout-sessions" => CheckoutId::new(id).map_or(Ok(()), |id| check_checkout(caller, &trade, &id)),
        "orders" => OrderId::new(id).map_or(Ok(()), |id| check_order(caller, &trade, &id)),
        "shoppers" => ShopperId::new(id).map_or(Ok(()), |id| check_shopper(caller, id)),
        "products" => check_product(context, caller, id),
        "inventory" => check_sku(context, caller, id),
        _ => Ok(()),
    }
}

fn check_cart(caller: &Caller, trade: &State, id: &CartId) -> Result<(), Problem> {
    let is_theirs = trade.cart(id).is_none_or(|cart| caller.owns(&cart.buyer));
    is_theirs.then_some(()).ok_or_else(|| Problem::unknown("cart", id.as_str()))
}

fn check_checkout(caller: &Caller, trade: &State, id: &CheckoutId) -> Result<(), Problem> {
    let is_theirs = trade.checkout(id).is_none_or(|session| caller.owns(&session.buyer));
    is_theirs.then_some(()).ok_or_else(|| Problem::unknown("checkout session", id.as_str()))
}

fn check_order(caller: &Caller, trade: &State, id: &OrderId) -> Result<(), Problem> {
    let is_theirs = trade.order(id).is_none_or(|order| caller.owns(&order.buyer));
    is_theirs.then_some(()).ok_or_else(|| Problem::unknown("order", id.as_str()))
}

fn check_shopper(caller: &Caller, id: ShopperId) -> Result<(), Problem> {
    match caller.shopper() {
        Some(own) if caller.shopper_named("shopper_id", Some(id.clone()))?.as_ref() == Some(own) => Ok(()),
        _ => Err(Problem::unknown("shopper", id.as_str())),
    }
}

fn check_product(context: &Context, caller: &Caller, id: &str) -> Result<(), Problem> {
    let ordinal = ProductId::new(id).ok().and_then(|id| context.shop.readers().catalog().ordinal_of(&id));
    let is_shown = ordinal.map_or(Ok(true), |ordinal| caller.shows(context, ordinal))?;
    is_shown.then_some(()).ok_or_else(|| Problem::unknown("product", id))
}

fn check_sku(context: &Context, caller: &Caller, sku: &str) -> Result<(), Problem> {
    let ordinal = Sku::new(sku).ok().and_then(|sku| context.shop.readers().catalog().ordinal_of_sku(&sku));
    let is_shown = ordinal.map_or(Ok(true), |ordinal| caller.shows(context, ordinal))?;
    is_shown.then_some(()).ok_or_else(|| Problem::unknown("SKU", sku))
}

impl Caller {
    /// Whether the caller's key shows a product, as it is now.
    pub(in crate::http) fn shows(&self, context: &Context, product: Ordinal) -> Result<bool, Problem> {
        if !self.is_narrowed() {
            return Ok(true);
        }
        self.shows_at(&context.moment()?, context, product)
    }

    /// The same at a moment.
    pub(in crate::http) fn shows_at(&self, moment: &Moment, context: &Context, product: Ordinal) -> Result<bool, Problem> {
        let marketplace = self.only_marketplace();
        // The document is asked, which knows at once: columns follow it, and know no marketplace without offers of its own.
        let is_elsewhere = |only| moment.catalog.offered(product).is_some_and(|offered| !offered.is_offered_in(only));
        if marketplace.is_some_and(is_elsewhere) {
            return Ok(false);
        }
        let Some(filter) = self.filter() else { return Ok(true) };
        let onlooker = Onlooker { marketplace, now: context.shop.now() };
        Ok(search::passes(moment, filter, onlooker, product)?)
    }

    /// Whether there are products that the caller's key does not show.
    fn is_narrowed(&self) -> bool {
        self.filter().is_some() || self.only_marketplace().is_some()
    }

    /// A product's document as the caller's key shows it: what other marketplaces ask for it is none of its business.
    pub(in crate::http) fn shown_document<'a>(&self, document: &'a [u8]) -> Result<Cow<'a, [u8]>, Problem> {
        let Some(only) = self.only_marketplace() else { return Ok(Cow::Borrowed(document)) };
        let shown = document_in(document, only).map_err(|error| Problem::internal(&error))?;
        Ok(Cow::Owned(shown.0.to_vec()))
    }

    /// Whether the caller reaches a cart, session or order of this buyer.
    pub(in crate::http) fn reaches(&self, buyer: &Buyer) -> bool {
        self.owns(buyer)
    }

    /// Binds a command to the caller: what it opens is theirs, and what it names has to be.
    ///
    /// # Errors
    /// When it names something that is not, or is none of those that somebody who only shops may give.
    pub(in crate::http) fn bind(&self, context: &Context, action: &mut Action) -> Result<(), Problem> {
        if !self.is_bound() {
            return Ok(());
        }
        let trade = context.shop.readers().trade();
        match action {
            Action::OpenCart { buyer, lines, .. } => {
                self.claim(buyer)?;
                self.check_lines(context, lines)
            }
            Action::SetCartLines { cart, buyer, lines } => {
                check_cart(self, &trade, cart)?;
                buyer.iter_mut().try_for_each(|buyer| self.claim(buyer))?;
                self.check_lines(context, lines)
            }
            Action::CloseCart { cart } => check_cart(self, &trade, cart),
            Action::OpenCheckout { cart, buyer, lines, .. } => {
                cart.iter().try_for_each(|cart| check_cart(self, &trade, cart).map_err(|problem| problem.in_field("cart_id")))?;
                self.claim(buyer)?;
                self.check_lines(context, lines)
            }
            Action::UpdateCheckout { checkout, buyer, lines, .. } => {
                check_checkout(self, &trade, checkout)?;
                self.claim(buyer)?;
                self.check_lines(context, lines)
            }
            Action::CompleteCheckout { checkout, .. } | Action::CancelCheckout { checkout } => check_checkout(self, &trade, checkout),
            Action::Pricing(PricingAction::SetCartClaims { cart, .. }) => check_cart(self, &trade, cart),
            Action::Pricing(PricingAction::SetCheckoutClaims { checkout, .. }) => check_checkout(self, &trade, checkout),
            Action::OnlyIf { action, .. } | Action::Pricing(PricingAction::Claiming { action, .. }) => self.bind(context, action),
            Action::Cart(action) => self.bind_cart_action(context, &trade, action),
            Action::PassTime => Ok(()),
            // The scope of the route lets it in: a key for stock alone reaches no cart, and all of the stock.
            _ => self.check_house(),
        }
    }

    fn check_house(&self) -> Result<(), Problem> {
        (!self.only_shops()).then_some(()).ok_or_else(|| Problem::new(Kind::Forbidden, "this is for the house"))
    }

    fn bind_cart_action(&self, context: &Context, trade: &State, action: &mut CartAction) -> Result<(), Problem> {
        match action {
            CartAction::AddLine { cart, line, .. } => {
                check_cart(self, trade, cart)?;
                self.check_lines(context, std::slice::from_ref(line))
            }
            CartAction::Describe { cart, .. } | CartAction::ChangeLine { cart, .. } | CartAction::MoveLine { cart, .. } => {
                check_cart(self, trade, cart)
            }
            CartAction::Merge { guest, shopper, into, .. } => {
                self.bind_shopper(shopper)?;
                into.iter().try_for_each(|into| check_cart(self, trade, into).map_err(|problem| problem.in_field("into")))?;
                let is_free = trade.cart(guest).is_none_or(|cart| self.may_take_over(&cart.buyer));
                is_free.then_some(()).ok_or_else(|| Problem::unknown("cart", guest.as_str()))
            }
            CartAction::ChooseDelivery { checkout, .. } | CartAction::KeepSession { checkout } => check_checkout(self, trade, checkout),
            CartAction::SetOneClick { shopper, profile } => {
                self.bind_shopper(shopper)?;
                self.claim(&mut profile.buyer)
            }
            CartAction::RemoveOneClick { shopper } => self.bind_shopper(shopper),
            CartAction::OrderWithOneClick { shopper, lines, .. } => {
                self.bind_shopper(shopper)?;
                self.check_lines(context, lines)
            }
            CartAction::SetQuantityRule { .. }
            | CartAction::RemoveQuantityRule { .. }
            | CartAction::JudgeCheckout { .. }
            | CartAction::JudgeOrder { .. } => self.check_house(),
        }
    }

    fn bind_shopper(&self, shopper: &mut ShopperId) -> Result<(), Problem> {
        if let Some(own) = self.shopper_named("shopper_id", Some(shopper.clone()))? {
            *shopper = own;
        }
        Ok(())
    }

    fn check_lines(&self, context: &Context, lines: &[Line]) -> Result<(), Problem> {
        if !self.is_narrowed() {
            return Ok(());
        }
        let moment = context.moment()?;
        for line in lines {
            if !self.shows_at(&moment, context, line.product)? {
                return Err(Problem::invalid("line_items", format!("there is no SKU {}", line.sku)));
            }
        }
        Ok(())
    }
}
