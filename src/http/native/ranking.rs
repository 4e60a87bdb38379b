//! `GET /v1/ranking`: the weights in force.

use crate::http::answer::{Answer, ok};
use crate::http::context::Shared;
use crate::search::ranking::WINDOW;
use crate::search::ranking::features::FEATURES;
use axum::extract::State;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct RankingAnswer {
    /// Products that the second phase looks at.
    window: usize,
    /// What full similarity in meaning adds to a text score, as a share of it.
    similarity: f32,
    /// What each better product of the same brand takes from a score.
    variety: f32,
    /// Shares of the first phase's score that features add.
    features: BTreeMap<&'static str, f32>,
}

pub(in crate::http) async fn get(State(context): Shared) -> Answer {
    let weights = context.moment()?.index.weights.clone();
    let weighted = FEATURES.iter().zip(weights.features).filter(|(feature, _)| feature.weight.is_some());
    ok(&RankingAnswer {
        window: WINDOW,
        similarity: weights.similarity,
        variety: weights.variety,
        features: weighted.map(|(feature, weight)| (feature.name, weight)).collect(),
    })
}
