//! `POST /v1/tastes`: tastes learnt anew from what shoppers did, while everything goes on.

use super::learning::{alone, asked};
use crate::app::{TastesLearnt, train_tastes_aside};
use crate::http::answer::Answer;
use crate::http::blocking::blocking;
use crate::http::context::{Context, Shared};
use crate::http::error::{Kind, Problem};
use crate::http::named::work_once;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longest time in which better knobs are looked for: what follows has to end within the patience of a request, too.
const BUDGET_S_MAX: u64 = 600;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LearnBody {
    #[serde(default = "usual_budget_s")]
    budget_s: u64,
    #[serde(default = "usual_seed")]
    seed: u64,
}

fn usual_budget_s() -> u64 {
    300
}

fn usual_seed() -> u64 {
    1
}

/// Answers when the tastes are in place; the server takes the files up as it takes up those of `shopkeeper train relations`.
pub(in crate::http) async fn learn(State(context): Shared, headers: HeaderMap, body: Body) -> Answer {
    let (bytes, asked): (_, LearnBody) = asked(&headers, body).await?;
    if asked.budget_s > BUDGET_S_MAX {
        return Err(Problem::of_field(Kind::InvalidField, "budget_s", format!("must not be above {BUDGET_S_MAX}")));
    }
    let work = learnt(Arc::clone(&context), asked);
    work_once(context, &headers, ("tastes.learn", "", &bytes), StatusCode::OK, work).await
}

async fn learnt(context: Arc<Context>, asked: LearnBody) -> Result<TastesLearnt, Problem> {
    blocking(move || learn_alone(&context, &asked)).await?
}

fn learn_alone(context: &Context, asked: &LearnBody) -> Result<TastesLearnt, Problem> {
    alone(&context.learning, || {
        let until = Instant::now() + Duration::from_secs(asked.budget_s);
        let may_go_on = || Instant::now() < until && context.shop.is_ready();
        let trained = train_tastes_aside(&context.shop.readers().recommend(), &context.shop.folders().models, &may_go_on, asked.seed);
        trained.map(|(tuned, taste)| TastesLearnt::of(&tuned, &taste))
    })
}
