//! The description of the routes about experiments on search.

use crate::http::openapi::table::{Body, Param, Route, number, route, text};

const TAG: &str = "Experiments";
const PAGED: &[Param] = &[number("limit", "1 to 200; 50 when left out."), text("cursor", "next_cursor of the page before.")];

pub(super) const ROUTES: &[Route] = &[
    route("get", "/v1/experiments", TAG, "Experiments in the order of their names.", "Settings").params(PAGED),
    route("get", "/v1/experiments/{id}", TAG, "An experiment; ETag is its revision.", "Experiment"),
    route("put", "/v1/experiments/{id}", TAG, "Put an experiment that has not been started; X-Actor says who does.", "SettingWritten")
        .body(Body::Json("Experiment"))
        .keyable()
        .conditional(),
    route("delete", "/v1/experiments/{id}", TAG, "Remove an experiment that does not run; its history stays.", "")
        .status("204")
        .keyable()
        .conditional(),
    route("post", "/v1/experiments/{id}/start", TAG, "Start an experiment: from then on nothing of it changes.", "Experiment")
        .keyable()
        .conditional(),
    route(
        "post",
        "/v1/experiments/{id}/stop",
        TAG,
        "Stop an experiment: everybody is answered as usual, and the report stays.",
        "Experiment",
    )
    .keyable()
    .conditional(),
    route("get", "/v1/experiments/{id}/report", TAG, "What each arm came to, and how far it is from the control.", "ExperimentReport"),
    route("get", "/v1/experiments/{id}/history", TAG, "Who changed an experiment, when, and to what.", "SettingHistory"),
];

pub(super) const SCHEMAS: &str = include_str!("experiments.json");
