//! `POST /v1/relations`: the relations between products, counted anew while everything goes on.

use crate::http::answer::{Answer, ok};
use crate::http::context::{Shared, answered, reply};
use axum::extract::State;

/// Answers when the exact tables are in place.
pub(in crate::http) async fn rebuild(State(context): Shared) -> Answer {
    let (reply, answer) = reply();
    context.shop.rebuild_relations(reply);
    ok(&answered(answer).await??)
}
