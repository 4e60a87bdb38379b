//! `DELETE /v1/shoppers/{id}`: a shopper is forgotten.

use super::events::refuse_card_number;
use crate::event::ActivityEvent;
use crate::event::activity::ShopperDigest;
use crate::http::answer::Answer;
use crate::http::context::Shared;
use crate::http::error::Problem;
use crate::http::path::Path;
use crate::id::ShopperId;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;

/// Answers once the erasure is durable; one who was never heard of is as good as forgotten.
pub(in crate::http) async fn delete(State(context): Shared, Path(id): Path) -> Answer {
    let shopper = ShopperId::new(&id).map_err(|error| Problem::invalid("shopper_id", error.to_string()))?;
    refuse_card_number("shopper_id", Some(shopper.as_str()))?;
    context.activity(vec![ActivityEvent::ShopperErased { shopper: ShopperDigest::of(&shopper) }]).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
