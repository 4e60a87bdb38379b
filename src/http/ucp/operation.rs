//! Every operation of the protocol: what it is called, what it needs, and which function does it.

use super::call::{Call, Outcome};
use super::capability::{CART, CATALOG_LOOKUP, CATALOG_SEARCH, CHECKOUT, ORDER};
use super::refusal::{self, Refusal, Transport};
use super::{carts, catalog, checkouts, orders};
use crate::http::context::Context;
use crate::http::error::Problem;
use axum::http::Method;

/// An operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    SearchCatalog,
    LookupCatalog,
    GetProduct,
    CreateCart,
    GetCart,
    UpdateCart,
    CancelCart,
    CreateCheckout,
    GetCheckout,
    UpdateCheckout,
    CompleteCheckout,
    CancelCheckout,
    GetOrder,
}

/// What an operation does to the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing.
    Reads,
    /// It changes something; a tool call may leave its name to us.
    Writes,
    /// It changes something that cannot be taken back, so even a tool call has to name itself.
    Commits,
}

/// What is particular to an operation.
pub(super) struct Row {
    /// Its name, which is also that of its tool.
    pub(super) name: &'static str,
    /// What it does, for whoever chooses a tool.
    pub(super) about: &'static str,
    /// The capability that it is part of.
    pub(super) capability: &'static str,
    /// Whether it is about something that exists already.
    pub(super) has_id: bool,
    /// What a tool call calls its content, and the schema of that; none when it takes none.
    pub(super) content: Option<(&'static str, &'static str)>,
    pub(super) effect: Effect,
}

impl Operation {
    pub(super) const ALL: [Self; 13] = [
        Self::SearchCatalog,
        Self::LookupCatalog,
        Self::GetProduct,
        Self::CreateCart,
        Self::GetCart,
        Self::UpdateCart,
        Self::CancelCart,
        Self::CreateCheckout,
        Self::GetCheckout,
        Self::UpdateCheckout,
        Self::CompleteCheckout,
        Self::CancelCheckout,
        Self::GetOrder,
    ];

    pub(super) fn row(self) -> Row {
        use Effect::{Commits, Reads, Writes};
        let row = |name, about, capability, has_id, content, effect| Row { name, about, capability, has_id, content, effect };
        match self {
            Self::SearchCatalog => {
                let about = "Search the shop for products by words, categories and price.";
                row("search_catalog", about, CATALOG_SEARCH, false, Some(("catalog", "UcpSearchRequest")), Reads)
            }
            Self::LookupCatalog => {
                let about = "Look products and variants up by their ids.";
                row("lookup_catalog", about, CATALOG_LOOKUP, false, Some(("catalog", "UcpLookupRequest")), Reads)
            }
            Self::GetProduct => {
                let about = "Everything about one product: what can be chosen, what it costs, what is in stock.";
                row("get_product", about, CATALOG_LOOKUP, false, Some(("catalog", "UcpProductRequest")), Reads)
            }
            Self::CreateCart => row("create_cart", "Open a cart.", CART, false, Some(("cart", "UcpCartRequest")), Writes),
            Self::GetCart => row("get_cart", "A cart and what it comes to.", CART, true, None, Reads),
            Self::UpdateCart => row(
                "update_cart",
                "Replace the lines of a cart, and its discount codes.",
                CART,
                true,
                Some(("cart", "UcpCartRequest")),
                Writes,
            ),
            Self::CancelCart => row("cancel_cart", "Drop a cart; it is answered as it was.", CART, true, None, Commits),
            Self::CreateCheckout => {
                let about = "Open a checkout session over a cart or over lines.";
                row("create_checkout", about, CHECKOUT, false, Some(("checkout", "UcpCheckoutRequest")), Writes)
            }
            Self::GetCheckout => row("get_checkout", "A checkout session and what is still missing.", CHECKOUT, true, None, Reads),
            Self::UpdateCheckout => {
                let about = "Replace lines, buyer, destination, delivery option and discount codes of a checkout session.";
                row("update_checkout", about, CHECKOUT, true, Some(("checkout", "UcpCheckoutRequest")), Writes)
            }
            Self::CompleteCheckout => {
                let about = "Pay: reserve stock, authorise the payment, place the order.";
                row("complete_checkout", about, CHECKOUT, true, Some(("checkout", "UcpCompleteRequest")), Commits)
            }
            Self::CancelCheckout => row("cancel_checkout", "Cancel a checkout session.", CHECKOUT, true, None, Commits),
            Self::GetOrder => row("get_order", "An order: its lines, what has left, what came back.", ORDER, true, None, Reads),
        }
    }
}

impl Operation {
    /// Where the REST binding has it: what may be done by whom is said of addresses.
    pub(super) fn address(self) -> (Method, &'static str) {
        match self {
            Self::SearchCatalog => (Method::POST, "/ucp/v1/catalog/search"),
            Self::LookupCatalog => (Method::POST, "/ucp/v1/catalog/lookup"),
            Self::GetProduct => (Method::POST, "/ucp/v1/catalog/product"),
            Self::CreateCart => (Method::POST, "/ucp/v1/carts"),
            Self::GetCart => (Method::GET, "/ucp/v1/carts/{id}"),
            Self::UpdateCart => (Method::PUT, "/ucp/v1/carts/{id}"),
            Self::CancelCart => (Method::POST, "/ucp/v1/carts/{id}/cancel"),
            Self::CreateCheckout => (Method::POST, "/ucp/v1/checkout-sessions"),
            Self::GetCheckout => (Method::GET, "/ucp/v1/checkout-sessions/{id}"),
            Self::UpdateCheckout => (Method::PUT, "/ucp/v1/checkout-sessions/{id}"),
            Self::CompleteCheckout => (Method::POST, "/ucp/v1/checkout-sessions/{id}/complete"),
            Self::CancelCheckout => (Method::POST, "/ucp/v1/checkout-sessions/{id}/cancel"),
            Self::GetOrder => (Method::GET, "/ucp/v1/orders/{id}"),
        }
    }
}

/// Does an operation.
///
/// # Errors
/// When it cannot be done.
pub(super) async fn perform(context: &Context, operation: Operation, call: &Call) -> Result<Outcome, Problem> {
    match operation {
        Operation::SearchCatalog => {
            let _turn = context.turn(&call.ticket).await?;
            catalog::search(context, call)
        }
        Operation::LookupCatalog => catalog::lookup(context, call),
        Operation::GetProduct => catalog::product(context, call),
        Operation::CreateCart => carts::create(context, call).await,
        Operation::GetCart => carts::get(context, call),
        Operation::UpdateCart => carts::update(context, call).await,
        Operation::CancelCart => carts::cancel(context, call).await,
        Operation::CreateCheckout => checkouts::create(context, call).await,
        Operation::GetCheckout => checkouts::get(context, call),
        Operation::UpdateCheckout => checkouts::update(context, call).await,
        Operation::CompleteCheckout => checkouts::complete(context, call).await,
        Operation::CancelCheckout => checkouts::cancel(context, call).await,
        Operation::GetOrder => orders::get(context, call),
    }
}

/// Does an operation for a platform, and tells it in the protocol's own way when it cannot be done.
///
/// # Errors
/// When it could not be read or asked at all.
pub(super) async fn perform_for(context: &Context, operation: Operation, call: &Call) -> Result<Outcome, Transport> {
    let capability = operation.row().capability;
    if !call.party.active.has(capability) {
        return told(context, operation, call, Refusal::capability(capability));
    }
    match perform(context, operation, call).await {
        Ok(outcome) => Ok(outcome),
        Err(problem) => not_done(context, operation, call, problem),
    }
}

/// What a platform is told of something that was not done. Where there is a session, that is shown with the reason.
///
/// # Errors
/// When the reason is one that has a status.
pub(super) fn not_done(context: &Context, operation: Operation, call: &Call, problem: Problem) -> Result<Outcome, Transport> {
    let is_about_session = matches!(operation, Operation::UpdateCheckout | Operation::CompleteCheckout | Operation::CancelCheckout);
    if let Some(session) = is_about_session.then(|| checkouts::unchanged(context, call, &problem)).flatten() {
        return Ok(session);
    }
    match (operation, Refusal::from(problem)) {
        // Answers about many products have no form for having none to show, but for a bad request.
        (Operation::SearchCatalog | Operation::LookupCatalog, Refusal::Outcome(message)) => Err(Transport::unread(*message)),
        (_, refusal) => told(context, operation, call, refusal),
    }
}

fn told(context: &Context, operation: Operation, call: &Call, refusal: Refusal) -> Result<Outcome, Transport> {
    match refusal {
        Refusal::Transport(transport) => Err(transport),
        Refusal::Outcome(message) => {
            let answer = refusal::error_response(&call.party.active, operation.row().capability, &message, &context.public_url);
            Outcome::ok(&answer).map_err(|_| Transport::internal())
        }
    }
}
