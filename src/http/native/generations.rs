//! `/v1/generations`: the built indexes, and building, promoting and rolling back in the running shop.

use crate::http::answer::{Answer, ok};
use crate::http::context::{Context, Shared, answered, reply};
use crate::http::error::{Kind, Problem};
use crate::http::named::work_once;
use crate::http::path::Path;
use crate::pipeline::IndexCommand;
use crate::search::index::{self, GenerationId, Manifest};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
struct Generations {
    #[serde(skip_serializing_if = "Option::is_none")]
    live: Option<GenerationId>,
    generations: Vec<Manifest>,
}

fn built(context: &Context) -> Vec<Manifest> {
    index::list_generations(&context.shop.folders().index)
}

pub(in crate::http) async fn list(State(context): Shared) -> Answer {
    let live = context.shop.readers().moment().and_then(|moment| moment.index.generation);
    ok(&Generations { live, generations: built(&context) })
}

/// Builds a new generation beside the live one; it answers when that is done.
pub(in crate::http) async fn build(State(context): Shared, headers: HeaderMap) -> Answer {
    let work = order(Arc::clone(&context), IndexCommand::Build);
    work_once(context, &headers, ("generation.build", "", b""), StatusCode::CREATED, work).await
}

pub(in crate::http) async fn promote(State(context): Shared, Path(id): Path, headers: HeaderMap) -> Answer {
    let unknown = || Problem::unknown("generation", &id);
    let generation: GenerationId = id.parse().map_err(|_| unknown())?;
    if !built(&context).iter().any(|manifest| manifest.id == generation) {
        return Err(unknown());
    }
    let work = order(Arc::clone(&context), IndexCommand::Promote(generation));
    work_once(context, &headers, ("generation.promote", &id, b""), StatusCode::OK, work).await
}

pub(in crate::http) async fn rollback(State(context): Shared, headers: HeaderMap) -> Answer {
    let work = roll_back(Arc::clone(&context));
    work_once(context, &headers, ("generation.rollback", "", b""), StatusCode::OK, work).await
}

async fn roll_back(context: Arc<Context>) -> Result<Manifest, Problem> {
    if index::previous(&context.shop.folders().index).is_none() {
        return Err(Problem::new(Kind::WrongStatus, "there is no generation to go back to"));
    }
    order(context, IndexCommand::Rollback).await
}

async fn order(context: Arc<Context>, command: IndexCommand) -> Result<Manifest, Problem> {
    let (reply, answer) = reply();
    context.shop.index(command, reply);
    Ok(answered(answer).await??)
}
