//! `POST /v1/relations`: the relations between products, counted anew while everything goes on.

use crate::http::answer::Answer;
use crate::http::context::{Context, Shared, answered, reply};
use crate::http::error::Problem;
use crate::http::named::work_once;
use crate::pipeline::Rebuilt;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use std::sync::Arc;

/// Answers when the exact tables are in place.
pub(in crate::http) async fn rebuild(State(context): Shared, headers: HeaderMap) -> Answer {
    let work = count(Arc::clone(&context));
    work_once(context, &headers, ("relations.rebuild", "", b""), StatusCode::OK, work).await
}

async fn count(context: Arc<Context>) -> Result<Rebuilt, Problem> {
    let (reply, answer) = reply();
    context.shop.rebuild_relations(reply);
    Ok(answered(answer).await??)
}
