//! `/v1/generations`: the built indexes, and building, promoting and rolling back in the running shop.

use crate::http::answer::{Answer, json, ok};
use crate::http::context::{Context, Shared, answered, reply};
use crate::http::error::{Kind, Problem};
use crate::http::path::Path;
use crate::pipeline::IndexCommand;
use crate::search::index::{self, GenerationId, Manifest};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

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
pub(in crate::http) async fn build(State(context): Shared) -> Answer {
    json(StatusCode::CREATED, &order(&context, IndexCommand::Build).await?)
}

pub(in crate::http) async fn promote(State(context): Shared, Path(id): Path) -> Answer {
    let unknown = || Problem::unknown("generation", &id);
    let generation: GenerationId = id.parse().map_err(|_| unknown())?;
    if !built(&context).iter().any(|manifest| manifest.id == generation) {
        return Err(unknown());
    }
    ok(&order(&context, IndexCommand::Promote(generation)).await?)
}

pub(in crate::http) async fn rollback(State(context): Shared) -> Answer {
    if index::previous(&context.shop.folders().index).is_none() {
        return Err(Problem::new(Kind::WrongStatus, "there is no generation to go back to"));
    }
    ok(&order(&context, IndexCommand::Rollback).await?)
}

async fn order(context: &Context, command: IndexCommand) -> Result<Manifest, Problem> {
    let (reply, answer) = reply();
    context.shop.index(command, reply);
    Ok(answered(answer).await??)
}
