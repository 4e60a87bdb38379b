//! What must be true after the load: every order that was confirmed is kept, and no unit was sold twice.

use crate::client::{Client, Failure, escaped};
use crate::gauges;
use crate::truth::{hold, read};
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

impl Check {
    /// For a terminal.
    pub(crate) fn line(&self) -> String {
        format!("{} {}\n", if self.holds { "holds " } else { "BROKEN" }, self.what)
    }
}

/// An order that was confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) id: String,
    /// What was paid.
    pub(crate) total_minor: i64,
}

#[derive(Deserialize)]
struct Kept {
    id: String,
    totals: KeptTotals,
}

#[derive(Deserialize)]
struct KeptTotals {
    total: KeptTotal,
}

#[derive(Deserialize)]
struct KeptTotal {
    amount_minor: i64,
}

impl Placed {
    /// That the shop has it, and that it is the order that was confirmed.
    pub(crate) async fn is_kept(&self, client: &Client) -> Result<(), Failure> {
        let bytes = client.get(&format!("/v1/orders/{}", escaped(&self.id))).await;
        let bytes = bytes.map_err(|failure| Failure::BadAnswer(format!("order {} was confirmed, and then: {failure}", self.id)))?;
        let Kept { id, totals } = read(&bytes)?;
        let total_minor = totals.total.amount_minor;
        let is_same = id == self.id && total_minor == self.total_minor;
        hold(is_same, || format!("order {} of {} is kept as {id} of {total_minor}", self.id, self.total_minor))
    }
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
    pub(crate) available: i64,
    pub(crate) locations: Vec<Level>,
}

impl Levels {
    /// Whether any bucket is below zero.
    pub(crate) fn is_negative(&self) -> bool {
        self.locations.iter().any(|level| level.on_hand < 0 || level.reserved < 0 || level.allocated < 0)
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Level {
    pub(crate) location: String,
    pub(crate) on_hand: i64,
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
    /// Told that there is nothing left.
    pub(crate) sold_out: u64,
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
    let negative = levels.is_negative();
    vec![
        Check { what: format!("{sku}: {placed} orders confirmed of {units} units on sale"), holds: placed <= units },
        Check {
            what: format!("{sku}: {sold} units gone for {placed} confirmed and {unknown} unknown orders"),
            holds: (placed..=placed.saturating_add(unknown)).contains(&sold),
        },
        Check { what: format!("{sku}: no bucket is negative"), holds: !negative },
        Check {
            what: format!("{sku}: {} shoppers were told that it is sold out, and {} units are left", tried.sold_out, levels.available),
            holds: tried.sold_out == 0 || levels.available <= unknown,
        },
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
pub(crate) async fn orders_kept(client: &Client, orders: &[Placed]) -> Option<Check> {
    let step = orders.len().div_ceil(ASKED_AGAIN_MAX).max(1);
    let asked: Vec<&Placed> = orders.iter().step_by(step).collect();
    let mut lost = Vec::new();
    for order in &asked {
        lost.extend(order.is_kept(client).await.err());
    }
    let example = lost.first().map(|failure| format!(", the first: {failure}")).unwrap_or_default();
    let what = format!("{} of {} confirmed orders asked for again, {} lost or changed{example}", asked.len(), orders.len(), lost.len());
    (!asked.is_empty()).then_some(Check { what, holds: lost.is_empty() })
}

/// Orders that the shop holds, by its own count.
pub(crate) async fn orders_count(client: &Client) -> Option<u64> {
    let bytes = client.get("/metrics").await.ok()?;
    gauges::sum_of(&String::from_utf8_lossy(&bytes), "shopkeeper_orders").map(|count| count as u64)
}

/// Orders placed are orders kept: the shop has as many more as were confirmed, but for those whose answer never came. Nobody else may order meanwhile.
pub(crate) fn orders_counted(before: u64, after: u64, tried: Tried) -> Check {
    let more = after.saturating_sub(before);
    let Tried { placed, unknown, .. } = tried;
    let what = format!("the shop counts {more} orders more, for {placed} confirmed and {unknown} unknown ones");
    Check { what, holds: (placed..=placed.saturating_add(unknown)).contains(&more) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_sold_twice_or_lost_is_found() {
        let check = |available: i64, placed: u64, unknown: u64, sold_out: u64, holds: [bool; 4]| {
            let level = Level { location: "main".to_owned(), on_hand: available, reserved: 0, allocated: 0, safety_stock: 0 };
            let levels = Levels { available, locations: vec![level] };
            let found = checks("lamp", 10, &levels, Tried { placed, unknown, sold_out });
            assert_eq!(found.iter().map(|check| check.holds).collect::<Vec<_>>(), holds, "{available} {placed} {unknown} {sold_out}");
        };
        check(0, 10, 0, 5, [true, true, true, true]);
        check(3, 7, 0, 0, [true, true, true, true]);
        check(3, 7, 0, 1, [true, true, true, false]);
        check(2, 7, 1, 0, [true, true, true, true]);
        check(0, 11, 0, 0, [false, false, true, true]);
        check(-1, 11, 0, 0, [false, true, false, true]);
        check(2, 7, 0, 0, [true, false, true, true]);
        check(4, 7, 0, 0, [true, false, true, true]);
    }

    #[test]
    fn orders_placed_are_orders_kept() {
        let holds = |more: u64, placed, unknown| orders_counted(100, 100 + more, Tried { placed, unknown, sold_out: 0 }).holds;
        assert!(holds(7, 7, 0) && holds(7, 6, 1) && holds(6, 6, 1));
        assert!(!holds(6, 7, 0) && !holds(8, 7, 0) && !holds(9, 7, 1), "lost, doubled, doubled beyond what is unknown");
    }
}
