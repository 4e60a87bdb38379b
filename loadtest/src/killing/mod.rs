//! `loadtest kill-and-recover`: runs the server itself, lets shoppers buy, kills it without warning, starts it again, and counts.
//!
//! What is claimed: an order that was answered is there after any kill, is there once, and a write whose answer was lost with the process can be
//! repeated under its key. Each shopper therefore goes on, after a kill, with the very request that got no answer; in the end the units gone must be the orders answered.

mod shopper;

use crate::client::{Client, Failure, escaped};
use crate::objective::{Verdict, told};
use crate::scenario::{Scenario, ScenarioError, fault, require};
use crate::server::{Server, ServerError};
use crate::verify::{Check, levels};
use serde::{Deserialize, Serialize};
use serde_json::json;
use shopper::Shopper;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The one product that is sold.
const PRODUCT: &str = "kill-pen";
const SKU: &str = "kill-pen-1";
/// More than any run sells.
const UNITS: i64 = 50_000_000;
const TIMEOUT: Duration = Duration::from_secs(10);
/// Orders that are asked for again in the end, spread evenly over the whole run.
const ASKED_AGAIN_MAX: usize = 20_000;
/// Payments that were with the provider come to rest within this.
const REST_MAX: Duration = Duration::from_secs(30);

/// What is run where no scenario is named, wherever the program stands.
const SCENARIO: &str = include_str!("../../scenarios/kill-and-recover.toml");
const KILLS_MAX: u32 = 100_000;
const SHOPPERS_MAX: u32 = 4_096;
const LIFE_MAX_MS: f64 = 600_000.0;

/// How often the server is killed, and by how many shoppers it is loaded meanwhile.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kills {
    pub(crate) count: u32,
    pub(crate) shoppers: u32,
    /// Shortest and longest life of a server under load.
    life_ms: [f64; 2],
}

impl Kills {
    pub(crate) fn check(self) -> Result<(), ScenarioError> {
        require("kills.count", (1..=KILLS_MAX).contains(&self.count), format!("must be between 1 and {KILLS_MAX}"))?;
        require("kills.shoppers", (1..=SHOPPERS_MAX).contains(&self.shoppers), format!("must be between 1 and {SHOPPERS_MAX}"))?;
        let [shortest, longest] = self.life_ms;
        let lives = shortest >= 1.0 && shortest <= longest && longest <= LIFE_MAX_MS;
        require("kills.life_ms", lives, format!("must be the shortest life, from 1, and the longest, to {LIFE_MAX_MS} milliseconds"))
    }

    /// As many short lives as long ones: evenly drawn from the logarithm.
    fn life(self, random: &mut fastrand::Rng) -> Duration {
        let [shortest, longest] = self.life_ms.map(f64::ln);
        Duration::from_secs_f64((shortest + random.f64() * (longest - shortest)).exp() / 1_000.0)
    }
}

/// How the server is killed.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A scenario with `[kills]`; without one the kill-and-recover.toml that this program was built with.
    scenario: Option<PathBuf>,
    /// The server's program.
    #[arg(long, default_value = "target/release/shopkeeper")]
    server: PathBuf,
    /// The shop directory, made if need be; one that can be thrown away.
    #[arg(long)]
    shop: PathBuf,
    /// How often it is killed, instead of as often as the scenario says.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(KILLS_MAX)))]
    kills: Option<u32>,
    /// Shoppers who buy at the same time, instead of the scenario's.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(SHOPPERS_MAX)))]
    shoppers: Option<u32>,
    /// The same seed kills after the same times; the scenario's when none is given.
    #[arg(long)]
    seed: Option<u64>,
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The scenario with what the command line says otherwise.
fn asked(arguments: &Arguments) -> Result<(Scenario, Kills), ScenarioError> {
    let mut scenario = match &arguments.scenario {
        Some(path) => Scenario::load(path)?,
        None => Scenario::parse(SCENARIO)?,
    };
    let kills = scenario.kills.ok_or_else(|| fault("kills", "this scenario does not say how often the server is killed"))?;
    let Kills { count, shoppers, life_ms } = kills;
    let kills = Kills { count: arguments.kills.unwrap_or(count), shoppers: arguments.shoppers.unwrap_or(shoppers), life_ms };
    scenario.seed = arguments.seed.unwrap_or(scenario.seed);
    Ok((scenario, kills))
}

/// Why there was no run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KillingError {
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error("the shop cannot be filled: {0}")]
    Fill(Failure),
}

/// What came of it.
#[derive(Debug, Serialize)]
pub(crate) struct Killed {
    scenario: String,
    kills: u32,
    shoppers: u32,
    /// Orders that were answered.
    orders: usize,
    /// Requests that were repeated under their keys because the answer was lost with the process.
    repeated: u64,
    elapsed_s: f64,
    /// From the start of the program to the first answer that it is ready, over all restarts.
    recovery_ms: Recovery,
    pub(crate) objective: Vec<Verdict>,
    pub(crate) checks: Vec<Check>,
    pub(crate) met: bool,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Recovery {
    p50: f64,
    p99: f64,
    max: f64,
}

impl Recovery {
    fn of(mut times_ms: Vec<f64>) -> Self {
        times_ms.sort_by(f64::total_cmp);
        let at = |quantile: f64| times_ms.get(((times_ms.len() as f64 * quantile) as usize).min(times_ms.len().saturating_sub(1)));
        let [p50, p99, max] = [0.5, 0.99, 1.0].map(|quantile| at(quantile).copied().unwrap_or(0.0));
        Self { p50, p99, max }
    }
}

/// Kills and counts.
pub(crate) async fn run(arguments: &Arguments) -> Result<Killed, KillingError> {
    let began = Instant::now();
    let (scenario, kills) = asked(arguments)?;
    let mut random = fastrand::Rng::with_seed(scenario.seed);
    let run = random.u64(..) ^ fastrand::u64(..);
    let mut shoppers: Vec<Shopper> = (0..kills.shoppers).map(|number| Shopper::new(run, number)).collect();
    let (mut recoveries, mut troubles, mut gone_before) = (Vec::new(), Vec::new(), 0);
    let bar = indicatif::ProgressBar::new(u64::from(kills.count)).with_message("kills");
    for round in 0..kills.count {
        let (server, client) = start(arguments, kills, &mut recoveries, round > 0).await?;
        if round == 0 {
            fill(&client).await.map_err(KillingError::Fill)?;
            gone_before = held_and_gone(&client).await.map_err(KillingError::Fill)?.1;
        }
        let shopping: Vec<_> = shoppers.drain(..).map(|shopper| tokio::spawn(shopper.buy_until_gone(client.clone()))).collect();
        tokio::time::sleep(kills.life(&mut random)).await;
        server.kill();
        for shopper in shopping {
            match shopper.await {
                Ok(shopper) => shoppers.push(shopper),
                Err(error) => troubles.push(format!("a shopper was lost: {error}")),
            }
        }
        troubles.extend(shoppers.iter_mut().filter_map(Shopper::take_trouble));
        bar.inc(1);
    }
    bar.finish_and_clear();
    let (server, client) = start(arguments, kills, &mut recoveries, true).await?;
    for shopper in &mut shoppers {
        shopper.finish(&client).await;
        troubles.extend(shopper.take_trouble());
    }
    let checks = checks(&client, &shoppers, &troubles, gone_before).await;
    server.kill();
    let recovery_ms = Recovery::of(recoveries);
    let objective = scenario.objective.judge_recovery(recovery_ms.p99);
    let met = checks.iter().all(|check| check.holds) && objective.iter().all(|verdict| verdict.met);
    Ok(Killed {
        scenario: scenario.name,
        kills: kills.count,
        shoppers: kills.shoppers,
        orders: orders_of(&shoppers).len(),
        repeated: shoppers.iter().map(|shopper| shopper.repeated).sum(),
        elapsed_s: began.elapsed().as_secs_f64(),
        recovery_ms,
        objective,
        checks,
        met,
    })
}

async fn start(
    arguments: &Arguments,
    kills: Kills,
    recoveries: &mut Vec<f64>,
    is_recovery: bool,
) -> Result<(Server, Client), KillingError> {
    let began = Instant::now();
    let server = Server::start(&arguments.server, &arguments.shop).await?;
    let client = server.ready(&arguments.shop, TIMEOUT, kills.shoppers as usize).await?;
    if is_recovery {
        recoveries.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    Ok((server, client))
}

async fn fill(client: &Client) -> Result<(), Failure> {
    let price = json!({"amount_minor": 500, "currency": "USD"});
    let product = json!({"id": PRODUCT, "title": "A pen that outlives its shop", "variants": [{"sku": SKU, "offers": [{"price": price}]}]});
    client.write(hyper::Method::POST, "/v1/products", &product, None).await?;
    let stock = json!({"sku": SKU, "location": "east", "set": UNITS, "reason": "received"});
    client.write(hyper::Method::POST, "/v1/inventory", &stock, Some(&format!("fill-{:x}", fastrand::u64(..)))).await.map(|_| ())
}

fn orders_of(shoppers: &[Shopper]) -> Vec<&String> {
    shoppers.iter().flat_map(|shopper| &shopper.orders).collect()
}

async fn checks(client: &Client, shoppers: &[Shopper], troubles: &[String], gone_before: i64) -> Vec<Check> {
    let mut orders = orders_of(shoppers);
    let answered = orders.len();
    orders.sort_unstable();
    orders.dedup();
    let (distinct, step) = (orders.len(), orders.len().div_ceil(ASKED_AGAIN_MAX).max(1));
    let (mut asked, mut lost) = (0, 0);
    for order in orders.into_iter().step_by(step) {
        asked += 1;
        lost += u64::from(client.get(&format!("/v1/orders/{}", escaped(order))).await.is_err());
    }
    let trouble = troubles.first().map(|first| format!(", the first: {first}")).unwrap_or_default();
    vec![
        Check { what: format!("{asked} of {answered} answered orders asked for again, {lost} lost"), holds: lost == 0 && answered > 0 },
        Check { what: format!("{answered} orders answered, {distinct} different ones"), holds: answered == distinct },
        Check { what: format!("{} shoppers met something that must not be{trouble}", troubles.len()), holds: troubles.is_empty() },
        units_gone(client, answered, gone_before).await,
    ]
}

/// Units assigned to orders are the orders answered: no unit was lost, none sold twice, and nothing is held any more.
async fn units_gone(client: &Client, answered: usize, gone_before: i64) -> Check {
    let began = Instant::now();
    loop {
        let (held, gone) = held_and_gone(client).await.unwrap_or((-1, -1));
        let gone = gone - gone_before;
        let holds = held == 0 && usize::try_from(gone).is_ok_and(|gone| gone == answered);
        if holds || began.elapsed() > REST_MAX {
            return Check { what: format!("{gone} units gone and {held} still held for {answered} orders of one unit"), holds };
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn held_and_gone(client: &Client) -> Result<(i64, i64), Failure> {
    let found = levels(client, SKU).await?;
    Ok(found.locations.iter().fold((0, 0), |(held, gone), level| (held + level.reserved, gone + level.allocated)))
}

impl Killed {
    /// For people.
    pub(crate) fn text(&self) -> String {
        let Self { scenario, kills, shoppers, orders, repeated, elapsed_s, recovery_ms: Recovery { p50, p99, max }, .. } = self;
        let mut text = format!(
            "{scenario}: {kills} kills in {elapsed_s:.0} s with {shoppers} shoppers: {orders} orders answered, {repeated} requests repeated\n\
             ready again after p50 {p50:.0} ms, p99 {p99:.0} ms, max {max:.0} ms\n"
        );
        told(&self.objective).chain(self.checks.iter().map(Check::line)).for_each(|line| text.push_str(&line));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lives_are_drawn_between_the_shortest_and_the_longest() {
        let mut random = fastrand::Rng::with_seed(1);
        let kills = Scenario::parse(SCENARIO).expect("is good").kills.expect("says how often");
        let lives: Vec<f64> = (0..1_000).map(|_| kills.life(&mut random).as_secs_f64() * 1_000.0).collect();
        assert!(lives.iter().all(|life| (10.0..=5_000.0).contains(life)));
        assert!(lives.iter().filter(|life| **life < 224.0).count().abs_diff(500) < 60, "half are below the geometric mean");
    }

    #[test]
    fn recovery_is_told_by_its_middle_and_its_worst() {
        let Recovery { p50, p99, max } = Recovery::of((1..=100).rev().map(f64::from).collect());
        assert_eq!((p50, p99, max), (51.0, 100.0, 100.0));
        assert_eq!(Recovery::of(Vec::new()).max, 0.0);
    }
}
