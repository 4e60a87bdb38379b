//! The REST binding: requests to calls, outcomes to answers.

use super::agent::Agent;
use super::call::{Call, Outcome};
use super::discovery;
use super::operation::{Effect, Operation, perform, perform_for};
use super::party::Party;
use super::refusal::{self, Refusal};
use crate::http::admission::Ticket;
use crate::http::answer::{json_bytes, with};
use crate::http::body::{self, JsonBytes};
use crate::http::context::{Context, Shared};
use crate::http::error::Problem;
use crate::http::limits::JSON_BYTES_MAX;
use crate::http::path::Path;
use crate::http::rate::Asking;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::header::{ETAG, LOCATION};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use std::sync::Arc;

/// The routes of the binding.
pub(in crate::http) fn routes() -> Router<Arc<Context>> {
    use Operation as O;
    Router::new()
        .route("/.well-known/ucp", get(discovery::get))
        .route("/ucp/v1/catalog/search", post(|shop: Shared, request: Request| serve(shop, O::SearchCatalog, None, request)))
        .route("/ucp/v1/catalog/lookup", post(|shop: Shared, request: Request| serve(shop, O::LookupCatalog, None, request)))
        .route("/ucp/v1/catalog/product", post(|shop: Shared, request: Request| serve(shop, O::GetProduct, None, request)))
        .route("/ucp/v1/carts", post(|shop: Shared, request: Request| serve(shop, O::CreateCart, None, request)))
        .route(
            "/ucp/v1/carts/{id}",
            get(|shop: Shared, id: Path, request: Request| serve(shop, O::GetCart, Some(id), request))
                .put(|shop: Shared, id: Path, request: Request| serve(shop, O::UpdateCart, Some(id), request)),
        )
        .route("/ucp/v1/carts/{id}/cancel", post(|shop: Shared, id: Path, request: Request| serve(shop, O::CancelCart, Some(id), request)))
        .route("/ucp/v1/checkout-sessions", post(|shop: Shared, request: Request| serve(shop, O::CreateCheckout, None, request)))
        .route(
            "/ucp/v1/checkout-sessions/{id}",
            get(|shop: Shared, id: Path, request: Request| serve(shop, O::GetCheckout, Some(id), request))
                .put(|shop: Shared, id: Path, request: Request| serve(shop, O::UpdateCheckout, Some(id), request)),
        )
        .route(
            "/ucp/v1/checkout-sessions/{id}/complete",
            post(|shop: Shared, id: Path, request: Request| serve(shop, O::CompleteCheckout, Some(id), request)),
        )
        .route(
            "/ucp/v1/checkout-sessions/{id}/cancel",
            post(|shop: Shared, id: Path, request: Request| serve(shop, O::CancelCheckout, Some(id), request)),
        )
        .route("/ucp/v1/orders/{id}", get(|shop: Shared, id: Path, request: Request| serve(shop, O::GetOrder, Some(id), request)))
}

async fn serve(State(context): Shared, operation: Operation, id: Option<Path>, request: Request) -> Response {
    let id = id.map(|Path(id)| id).unwrap_or_default();
    let agent = match Agent::of_headers(request.headers()) {
        Ok(agent) => agent,
        Err(refusal) => return refused(&context, refusal),
    };
    let Some(agent) = agent else {
        let answer = match read(operation, Party::own(), id, request).await {
            Ok(call) => perform(&context, operation, &call).await,
            Err(problem) => Err(problem),
        };
        return answer.map_or_else(IntoResponse::into_response, IntoResponse::into_response);
    };
    let party = match Party::of(&context, agent).await {
        Ok(party) => party,
        Err(refusal) => return refused(&context, refusal),
    };
    match read(operation, party, id, request).await {
        Ok(call) => match perform_for(&context, operation, &call).await {
            Ok(outcome) => outcome.into_response(),
            Err(transport) => refusal::respond(&transport, &context.public_url),
        },
        Err(problem) => refused(&context, problem.into()),
    }
}

/// What could not be read. What would be an outcome of an operation is a bad request when there was none.
fn refused(context: &Context, refusal: Refusal) -> Response {
    match refusal {
        Refusal::Transport(transport) => refusal::respond(&transport, &context.public_url),
        Refusal::Outcome(message) => refusal::respond(&refusal::Transport::unread(*message), &context.public_url),
    }
}

async fn read(operation: Operation, party: Party, id: String, request: Request) -> Result<Call, Problem> {
    let row = operation.row();
    let headers = request.headers().clone();
    let (ticket, asking) = (Ticket::of(request.extensions()), Asking::of(request.extensions()));
    let body = match (row.content, row.effect) {
        (Some(_), _) => JsonBytes::from_request(request, &()).await?.0,
        (None, Effect::Reads) => Bytes::new(),
        (None, Effect::Writes | Effect::Commits) => body::read(&headers, request.into_body(), JSON_BYTES_MAX).await?,
    };
    Ok(Call { party, id, headers, body, ticket, asking })
}

impl IntoResponse for Outcome {
    fn into_response(self) -> Response {
        let mut response = json_bytes(self.status, self.body);
        if let Some(location) = &self.location {
            response = with(response, LOCATION, location);
        }
        match self.version {
            Some(version) => with(response, ETAG, &format!("\"{version}\"")),
            None => response,
        }
    }
}
