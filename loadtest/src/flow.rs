//! A whole visit: search, click by rank, look, be recommended something, perhaps buy. With time to think in between.

use crate::action::Step;
use crate::client::{Failure, escaped};
use crate::scenario::Action;
use crate::truth::{self, all_taken};
use crate::visit::{Recommended, Visit, recommended};
use hyper::Method;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use std::time::Duration;

/// Searches in one visit, at most; half of the visitors search again after each.
const SEARCHES_MAX: usize = 3;
/// Of a hundred visitors who see results, so many click on none of them.
const CLICKS_NOTHING: f64 = 0.3;
/// Of those who looked at a product that can be bought, so many put it into a cart, and of those so many order.
const CARTS: f64 = 0.12;
const ORDERS: f64 = 0.4;
/// Thinking beyond so many times the mean is somebody who left the room; the run does not wait for them.
const THOUGHT_MAX: f64 = 4.0;

/// A page of results.
#[derive(Deserialize)]
struct Results {
    query_id: String,
    total: u64,
    hits: Vec<Hit>,
    #[serde(default)]
    degraded: bool,
}

#[derive(Deserialize)]
struct Hit {
    id: String,
    product: Card,
}

#[derive(Deserialize)]
struct Card {
    #[serde(default)]
    available: bool,
    sku: Option<String>,
}

/// Which of `count` results is clicked, from 0: the chance falls with one over the rank, as eyes do; none for some.
fn clicked(count: usize, random: &mut fastrand::Rng) -> Option<usize> {
    if count == 0 || random.f64() < CLICKS_NOTHING {
        return None;
    }
    let sum: f64 = (1..=count).map(|rank| 1.0 / rank as f64).sum();
    let mut left = random.f64() * sum;
    let passed = |index: &usize| {
        left -= 1.0 / (index + 1) as f64;
        left > 0.0
    };
    Some((0..count).take_while(passed).count().min(count - 1))
}

/// A pause: exponential around the mean, cut at [`THOUGHT_MAX`] means.
pub(crate) fn thought(mean_s: f64, random: &mut fastrand::Rng) -> Duration {
    let drawn = -(1.0 - random.f64()).max(f64::MIN_POSITIVE).ln();
    Duration::from_secs_f64(mean_s * drawn.min(THOUGHT_MAX))
}

impl Visit<'_> {
    /// One visit. Its time is that of its requests: thinking is not the shop's.
    pub(crate) async fn session(&mut self, action: &Action) -> Result<(), Failure> {
        for _ in 0..SEARCHES_MAX {
            let results = self.find(action).await?;
            self.think(action).await;
            if let Some(place) = clicked(results.hits.len(), &mut self.random) {
                self.look(&results, place).await?;
                self.think(action).await;
                self.related(&results.hits[place].id, action).await?;
                self.perhaps_buy(&results.hits[place].product, action).await?;
            }
            if self.random.bool() {
                break;
            }
        }
        Ok(())
    }

    async fn find(&mut self, action: &Action) -> Result<Results, Failure> {
        let mut body =
            json!({"q": self.shop.query(&mut self.random), "limit": action.limit, "facets": action.facets, "session_id": self.name});
        if let Some(filter) = self.random.choice(&action.filters).filter(|filter| !filter.is_empty()) {
            body["filter"] = json!(filter);
        }
        let results: Results = self.step(Step::Find, Method::POST, "/v1/search", body).await?;
        if !results.degraded {
            truth::page(results.total, action.limit, results.hits.iter().map(|hit| hit.id.as_str()))?;
        }
        Ok(results)
    }

    /// Opens a result and tells the shop that it was clicked.
    async fn look(&mut self, results: &Results, place: usize) -> Result<(), Failure> {
        let id = &results.hits[place].id;
        let _: IgnoredAny = self.step(Step::Look, Method::GET, &format!("/v1/products/{}", escaped(id)), Value::Null).await?;
        let click = json!({"type": "click", "product_id": id, "session_id": self.name, "query_id": results.query_id, "rank": place + 1});
        all_taken(&self.client.write(Method::POST, "/v1/events", &click, None).await?, 1)
    }

    async fn related(&mut self, id: &str, action: &Action) -> Result<(), Failure> {
        let relation = action.relation(&mut self.random);
        let limit = action.limit.min(100);
        let path = format!("/v1/recommend/{relation}?product_id={}&session_id={}&limit={limit}", escaped(id), escaped(&self.name));
        let answer: Recommended = self.step(Step::Related, Method::GET, &path, Value::Null).await?;
        recommended(&answer, limit, id)
    }

    async fn perhaps_buy(&mut self, product: &Card, action: &Action) -> Result<(), Failure> {
        let Some(sku) = product.sku.as_deref().filter(|_| product.available && self.random.f64() < CARTS) else { return Ok(()) };
        let cart = self.open_cart(&[sku]).await?;
        self.think(action).await;
        if self.random.f64() >= ORDERS {
            return Ok(());
        }
        // Somebody else may have taken the last one meanwhile: that is a proper end of a visit.
        match self.check_out(&cart).await {
            Err(Failure::SoldOut) => Ok(()),
            done => done,
        }
    }

    async fn think(&mut self, action: &Action) {
        let pause = thought(action.think_s, &mut self.random);
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
            self.thought += pause;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_result_is_clicked_most_and_some_click_nothing() {
        let mut random = fastrand::Rng::with_seed(3);
        let mut counts = [0_u32; 10];
        let nothing = (0..20_000)
            .filter(|_| match clicked(10, &mut random) {
                Some(place) => {
                    counts[place] += 1;
                    false
                }
                None => true,
            })
            .count();
        assert!((5_600..6_400).contains(&nothing), "{nothing}");
        assert!(counts.windows(2).take(5).all(|pair| pair[0] > pair[1]) && counts[9] > 0, "{counts:?}");
        // One over the rank: the second is clicked half as often as the first.
        assert!((0.45..0.55).contains(&(f64::from(counts[1]) / f64::from(counts[0]))), "{counts:?}");
        assert_eq!((clicked(0, &mut random), thought(0.0, &mut random)), (None, Duration::ZERO));
    }

    #[test]
    fn pauses_have_their_mean_and_an_end() {
        let mut random = fastrand::Rng::with_seed(5);
        let pauses: Vec<f64> = (0..20_000).map(|_| thought(2.0, &mut random).as_secs_f64()).collect();
        let mean = pauses.iter().sum::<f64>() / pauses.len() as f64;
        assert!((1.85..2.05).contains(&mean), "{mean}");
        assert!(pauses.iter().all(|pause| *pause <= 2.0 * THOUGHT_MAX));
    }
}
