//! The commerce page: one request for everything that a page of a shop shows, and a look whether its facets tell the truth.

use crate::client::Failure;
use crate::scenario::Action;
use crate::truth::{self, Named, hold, read};
use crate::visit::Visit;
use hyper::Method;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Value, json};

/// One page in so many is looked at more closely: a facet's count is compared with the total of the search that it promises.
const CHECKED_EVERY: u32 = 64;
/// What a page counts may change between two requests; it does not change this often in a row.
const TRIES_MAX: usize = 5;

/// A page, with as much of its facets as is looked at: the generator has the same cores as the server.
#[derive(Deserialize)]
struct Page<F> {
    total: u64,
    hits: Vec<Named>,
    facets: Vec<F>,
}

#[derive(Deserialize)]
struct Facet {
    field: String,
    values: Vec<Counted>,
}

#[derive(Deserialize)]
struct Counted {
    value: String,
    count: u64,
}

impl Visit<'_> {
    /// One page, now and then checked.
    pub(crate) async fn page(&mut self, action: &Action) -> Result<(), Failure> {
        let filter = self.random.choice(&action.filters).cloned().unwrap_or_default();
        let query = self.shop.query(&mut self.random).to_owned();
        let page: Page<IgnoredAny> = self.ask(action, &query, &filter, &action.facets).await?;
        let groups = page.facets.len();
        truth::page(page.total, action.limit, page.hits.iter().map(|hit| hit.id.as_str()))?;
        hold(groups == action.facets.len(), || format!("{groups} facets where {} were asked for", action.facets.len()))?;
        if self.random.u32(..CHECKED_EVERY) == 0 { self.checked(action, &query, &filter).await } else { Ok(()) }
    }

    /// Chooses what a facet offers and sees that there are as many as it says.
    async fn checked(&mut self, action: &Action, query: &str, filter: &str) -> Result<(), Failure> {
        let mut told = String::new();
        for _ in 0..TRIES_MAX {
            let page: Page<Facet> = self.ask(action, query, filter, &action.facets).await?;
            // A plain value of a text field; ranges and levels of a tree are chosen in other words.
            let plain = |facet: &&Facet| action.facets.contains(&facet.field) && !facet.values.is_empty();
            let Some(facet) = page.facets.iter().find(plain) else { return Ok(()) };
            let Some(offered) = self.random.choice(&facet.values) else { return Ok(()) };
            let value = Value::from(offered.value.as_str());
            let chosen = if filter.is_empty() { String::new() } else { format!("({filter}) AND ") };
            let narrowed: Page<IgnoredAny> = self.ask(action, query, &format!("{chosen}{} = {value}", facet.field), &[]).await?;
            if narrowed.total == offered.count {
                return Ok(());
            }
            told = format!("{} = {value} offers {} and gives {}", facet.field, offered.count, narrowed.total);
        }
        Err(Failure::BadAnswer(told))
    }

    async fn ask<F: DeserializeOwned>(&self, action: &Action, query: &str, filter: &str, facets: &[String]) -> Result<Page<F>, Failure> {
        let mut body = json!({"q": query, "limit": action.limit, "facets": facets});
        for (name, value) in [("filter", Some(filter)), ("mode", action.mode.as_deref()), ("sort", action.sort.as_deref())] {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                body[name] = Value::from(value);
            }
        }
        read(&self.client.write(Method::POST, "/v1/search", &body, None).await?)
    }
}
