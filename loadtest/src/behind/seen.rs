//! The probe: takes the stock of one product away and gives it back, and looks how soon a search says so.

use crate::client::{Client, Failure, escaped};
use crate::verify::levels;
use hyper::Method;
use serde::Deserialize;
use serde_json::json;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

/// Units that are there or not.
const UNITS: i64 = 5;
/// A change that is not seen within so many searches is a bad answer.
const SEARCHES_MAX: usize = 1_000;

/// A product whose stock is the probe's alone.
#[derive(Debug)]
pub(super) struct Probe {
    sku: String,
    location: &'static str,
    is_available: AtomicBool,
    changes: AtomicU64,
    name: u64,
}

#[derive(Deserialize)]
struct Found {
    hits: Vec<Hit>,
}

#[derive(Deserialize)]
struct Hit {
    product: Card,
}

#[derive(Deserialize)]
struct Card {
    sku: Option<String>,
    available: bool,
}

impl Probe {
    /// Moves the stock of a SKU that nobody else buys or writes to one place.
    pub(super) async fn prepare(client: &Client, sku: String, location: &'static str) -> Result<Self, Failure> {
        let (is_available, changes) = (AtomicBool::new(true), AtomicU64::new(0));
        let probe = Self { sku, location, is_available, changes, name: fastrand::u64(..) };
        for level in levels(client, &probe.sku).await?.locations {
            probe.set(client, &level.location, level.reserved + level.allocated + level.safety_stock).await?;
        }
        probe.set(client, location, UNITS).await?;
        probe.is_shown_as(client, true).await?;
        Ok(probe)
    }

    /// Makes the product available if it is not, and the other way round; when that was answered.
    pub(super) async fn change(&self, client: &Client) -> Result<Instant, Failure> {
        let is_available = !self.is_available.fetch_xor(true, Ordering::Relaxed);
        self.set(client, self.location, if is_available { UNITS } else { 0 }).await?;
        Ok(Instant::now())
    }

    /// Searches until the last change is seen.
    pub(super) async fn seen(&self, client: &Client) -> Result<(), Failure> {
        self.is_shown_as(client, self.is_available.load(Ordering::Relaxed)).await
    }

    async fn is_shown_as(&self, client: &Client, is_available: bool) -> Result<(), Failure> {
        let path = format!("/v1/search?q={}&limit=5", escaped(&self.sku));
        for _ in 0..SEARCHES_MAX {
            let bytes = client.get(&path).await?;
            let found: Found = serde_json::from_slice(&bytes).map_err(|error| Failure::BadAnswer(error.to_string()))?;
            let mut cards = found.hits.iter().map(|hit| &hit.product);
            if cards.any(|card| card.sku.as_ref() == Some(&self.sku) && card.available == is_available) {
                return Ok(());
            }
        }
        Err(Failure::BadAnswer(format!("the stock of {} is not seen after {SEARCHES_MAX} searches", self.sku)))
    }

    async fn set(&self, client: &Client, location: &str, on_hand: i64) -> Result<(), Failure> {
        let body = json!({"sku": self.sku, "location": location, "set": on_hand});
        let key = format!("probe-{:x}-{}", self.name, self.changes.fetch_add(1, Ordering::Relaxed));
        client.write(Method::POST, "/v1/inventory", &body, Some(&key)).await.map(|_| ())
    }
}
