//! `POST /v1/forecasts`: how much will be wanted of everything, learnt anew from what was sold, while everything goes on.

use super::learning::{alone, asked};
use crate::app::{ForecastsLearnt, LEAD_WEEKS_MAX, train_forecasts_aside};
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LearnBody {
    #[serde(default = "usual_lead_weeks")]
    lead_weeks: usize,
}

fn usual_lead_weeks() -> usize {
    2
}

/// Answers when the forecasts are written; the server takes the file up as it takes up that of `shopkeeper train forecast`.
pub(in crate::http) async fn learn(State(context): Shared, headers: HeaderMap, body: Body) -> Answer {
    let (bytes, asked): (_, LearnBody) = asked(&headers, body).await?;
    if asked.lead_weeks > LEAD_WEEKS_MAX {
        return Err(Problem::of_field(Kind::InvalidField, "lead_weeks", format!("must not be above {LEAD_WEEKS_MAX}")));
    }
    let work = learnt(Arc::clone(&context), asked.lead_weeks);
    work_once(context, &headers, ("forecasts.learn", "", &bytes), StatusCode::OK, work).await
}

async fn learnt(context: Arc<Context>, lead_weeks: usize) -> Result<ForecastsLearnt, Problem> {
    blocking(move || learn_alone(&context, lead_weeks)).await?
}

fn learn_alone(context: &Context, lead_weeks: usize) -> Result<ForecastsLearnt, Problem> {
    alone(&context.learning, || {
        let shop = &context.shop;
        train_forecasts_aside(shop.readers(), &shop.folders().models, shop.now(), lead_weeks)
    })
}
