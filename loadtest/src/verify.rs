//! What must be true after the load: every order that was confirmed is kept, and no unit was sold twice.

use crate::client::{Client, Failure, escaped};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Orders that are asked for again after a run, spread evenly over it.
const ASKED_AGAIN_MAX: usize = 2_000;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Check {
    /// In words, with the numbers.
    pub(crate) what: String,
    pub(crate) holds: bool,
}

/// Few units of one SKU that everybody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FlashSale {
    /// Units that are put on sale before the run.
    pub(crate) units: i64,
}

/// A flash sale that was opened.
#[derive(Debug)]
pub(crate) struct Sale {
    pub(crate) sku: String,
    units: i64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Levels {
    available: i64,
    pub(crate) locations: Vec<Level>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Level {
    pub(crate) location: String,
    on_hand: i64,
    pub(crate) reserved: i64,
    pub(crate) allocated: i64,
    pub(crate) safety_stock: i64,
}

/// What became of the orders that were tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tried {
    /// Confirmed.
    pub(crate) placed: u64,
    /// Nobody knows: the answer did not come.
    pub(crate) unknown: u64,
}

impl Sale {
    /// Puts exactly `units` of a SKU on sale, at the first of its locations.
    pub(crate) async fn open(client: &Client, sku: &str, sale: FlashSale) -> Result<Self, Failure> {
        let levels = levels(client, sku).await?;
        let first = levels.locations.first().map_or("main", |level| level.location.as_str()).to_owned();
        for level in &levels.locations {
            let units = if level.location == first { sale.units } else { 0 };
            set(client, sku, &level.location, level.reserved + level.allocated + level.safety_stock + units).await?;
        }
        if levels.locations.is_empty() {
            set(client, sku, &first, sale.units).await?;
        }
        let available = self::levels(client, sku).await?.available;
        if available == sale.units {
            Ok(Self { sku: sku.to_owned(), units: sale.units })
        } else {
            Err(Failure::BadAnswer(format!("{available} units of {sku} on sale where {} were put there", sale.units)))
        }
    }

    /// Counts again.
    pub(crate) async fn close(&self, client: &Client, tried: Tried) -> Vec<Check> {
        match levels(client, &self.sku).await {
            Ok(levels) => checks(&self.sku, self.units, &levels, tried),
            Err(failure) => vec![Check { what: format!("stock of {} cannot be read: {failure}", self.sku), holds: false }],
        }
    }
}

fn checks(sku: &str, units: i64, levels: &Levels, tried: Tried) -> Vec<Check> {
    let sold = units - levels.available;
    let placed = i64::try_from(tried.placed).unwrap_or(i64::MAX);
    let unknown = i64::try_from(tried.unknown).unwrap_or(i64::MAX);
    let negative = levels.locations.iter().any(|level| level.on_hand < 0 || level.reserved < 0 || level.allocated < 0);
    vec![
        Check { what: format!("{sku}: {placed} orders confirmed of {units} units on sale"), holds: placed <= units },
        Check {
            what: format!("{sku}: {sold} units gone for {placed} confirmed and {unknown} unknown orders"),
            holds: (placed..=placed.saturating_add(unknown)).contains(&sold),
        },
        Check { what: format!("{sku}: no bucket is negative"), holds: !negative },
    ]
}

/// The buckets of a SKU.
pub(crate) async fn levels(client: &Client, sku: &str) -> Result<Levels, Failure> {
    let bytes = client.get(&format!("/v1/inventory?sku={}", escaped(sku))).await?;
    serde_json::from_slice(&bytes).map_err(|error| Failure::BadAnswer(error.to_string()))
}

async fn set(client: &Client, sku: &str, location: &str, on_hand: i64) -> Result<(), Failure> {
    let body = json!({"sku": sku, "location": location, "set": on_hand});
    let key = format!("load-{:x}", fastrand::u128(..));
    client.write(hyper::Method::POST, "/v1/inventory", &body, Some(&key)).await.map(|_| ())
}

/// Asks for confirmed orders again.
pub(crate) async fn orders_kept(client: &Client, orders: &[String]) -> Option<Check> {
    let step = orders.len().div_ceil(ASKED_AGAIN_MAX).max(1);
    let asked: Vec<&String> = orders.iter().step_by(step).collect();
    let mut lost = Vec::new();
    for order in &asked {
        if client.get(&format!("/v1/orders/{}", escaped(order))).await.is_err() {
            lost.push(order.as_str());
        }
    }
    let example = lost.first().map(|order| format!(", {order} among them")).unwrap_or_default();
    let what = format!("{} of {} confirmed orders asked for again, {} lost{example}", asked.len(), orders.len(), lost.len());
    (!asked.is_empty()).then_some(Check { what, holds: lost.is_empty() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_sold_twice_or_lost_is_found() {
        let check = |available: i64, placed: u64, unknown: u64, holds: [bool; 3]| {
            let level = Level { location: "main".to_owned(), on_hand: available, reserved: 0, allocated: 0, safety_stock: 0 };
            let levels = Levels { available, locations: vec![level] };
            let found = checks("lamp", 10, &levels, Tried { placed, unknown });
            assert_eq!(found.iter().map(|check| check.holds).collect::<Vec<_>>(), holds, "{available} {placed} {unknown}");
        };
        check(0, 10, 0, [true, true, true]);
        check(3, 7, 0, [true, true, true]);
        check(2, 7, 1, [true, true, true]);
        check(0, 11, 0, [false, false, true]);
        check(-1, 11, 0, [false, true, false]);
        check(2, 7, 0, [true, false, true]);
        check(4, 7, 0, [true, false, true]);
    }
}
