//! Looks at stock while the load runs: no bucket may be below zero at any moment, not only in the end.

use crate::client::Client;
use crate::shop::Shop;
use crate::verify::{Check, levels};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// One look in so long: far too few to be a load.
const INTERVAL: Duration = Duration::from_millis(250);

/// What was seen of the shop's stock.
#[derive(Debug, Default)]
pub(crate) struct Stock {
    looked: AtomicU64,
    negative: Mutex<Option<String>>,
}

impl Stock {
    /// Looks at what is bought, the popular products most often, until the task is aborted.
    pub(crate) async fn watch(&self, client: &Client, shop: &Shop, wanted: Option<&str>, mut random: fastrand::Rng) {
        loop {
            tokio::time::sleep(INTERVAL).await;
            let Some(sku) = wanted.or_else(|| shop.sku(&mut random)) else { return };
            // A server that is too busy to say has not said anything wrong.
            let Ok(levels) = levels(client, sku).await else { continue };
            self.looked.fetch_add(1, Ordering::Relaxed);
            if levels.is_negative() {
                let mut negative = self.negative.lock().unwrap_or_else(PoisonError::into_inner);
                negative.get_or_insert_with(|| format!("{sku}: {levels:?}"));
            }
        }
    }

    /// Nothing when stock was never looked at.
    pub(crate) fn check(&self) -> Option<Check> {
        let looked = self.looked.load(Ordering::Relaxed);
        let negative = self.negative.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let found = negative.as_ref().map_or("never below zero".to_owned(), |first| format!("below zero: {first}"));
        let what = format!("stock was looked at {looked} times while the load ran, {found}");
        (looked > 0).then_some(Check { what, holds: negative.is_none() })
    }
}
