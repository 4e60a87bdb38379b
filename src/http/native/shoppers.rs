//! `/v1/shoppers/{id}`: everything that is held of a person, and forgetting them; and forgetting a guest by an order of theirs.

mod export;
mod tokens;

use super::orders;
use crate::event::ActivityEvent;
use crate::event::activity::ShopperDigest;
use crate::http::answer::Answer;
use crate::http::context::{Context, Shared};
use crate::http::error::Problem;
use crate::http::named::work_until_done;
use crate::http::path::Path;
use crate::http::visitor::refuse_card_number;
use crate::id::{OrderId, ShopperId};
use crate::trade::{Action, Command, ShopperAction};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::{Router, routing};
use std::sync::Arc;

/// The routes of the area.
pub(in crate::http) fn routes() -> Router<Arc<Context>> {
    Router::new()
        .route("/v1/shoppers/{id}", routing::delete(delete))
        .route("/v1/shoppers/{id}/export", routing::get(export::get))
        .route("/v1/shoppers/{id}/tokens", routing::post(tokens::post))
        .route("/v1/orders/{id}/buyer", routing::delete(delete_guest))
}

fn shopper_id(text: &str) -> Result<ShopperId, Problem> {
    let shopper = ShopperId::new(text).map_err(|error| Problem::invalid("shopper_id", error.to_string()))?;
    refuse_card_number("shopper_id", Some(shopper.as_str()))?;
    Ok(shopper)
}

/// Answers once the keys of everything that says who the shopper is are destroyed, and the erasure is durable in both journals; one who was
/// never heard of is as good as forgotten. Under a key a repetition does not forget who came back since.
async fn delete(State(context): Shared, Path(id): Path, headers: HeaderMap) -> Answer {
    let work = erase(Arc::clone(&context), shopper_id(&id)?);
    work_until_done(context, &headers, ("shopper.erase", &id, b""), StatusCode::NO_CONTENT, work).await
}

async fn erase(context: Arc<Context>, shopper: ShopperId) -> Result<(), Problem> {
    let digest = ShopperDigest::of(&shopper);
    context.trade(Command { key: None, action: Action::Shopper(ShopperAction::Erase { shopper }) }).await?;
    context.activity(vec![ActivityEvent::ShopperErased { shopper: digest }]).await
}

/// Forgets whoever placed an order as a guest. The order stays, with its products and amounts.
async fn delete_guest(State(context): Shared, Path(id): Path, headers: HeaderMap) -> Answer {
    let work = erase_guest(Arc::clone(&context), orders::order_id(&id)?);
    work_until_done(context, &headers, ("guest.erase", &id, b""), StatusCode::NO_CONTENT, work).await
}

async fn erase_guest(context: Arc<Context>, order: OrderId) -> Result<(), Problem> {
    context.trade(Command { key: None, action: Action::Shopper(ShopperAction::EraseGuest { order }) }).await.map(|_| ())
}
