//! The index, built beside the one in use and promoted, over and over.

use crate::client::{Client, Failure};
use serde::Deserialize;
use std::time::Duration;

/// A build of a million products takes minutes.
const PATIENCE: Duration = Duration::from_mins(15);

#[derive(Deserialize)]
struct Built {
    id: String,
}

/// Builds one generation and makes it the live one.
pub(super) async fn rebuild(client: &Client) -> Result<(), Failure> {
    let client = client.with_patience(PATIENCE);
    let bytes = client.post("/v1/generations").await?;
    let built: Built = serde_json::from_slice(&bytes).map_err(|error| Failure::BadAnswer(error.to_string()))?;
    client.post(&format!("/v1/generations/{}/promote", built.id)).await.map(|_| ())
}
