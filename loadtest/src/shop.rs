//! What there is to ask for, learned from the running server: product ids, SKUs that can be bought, and queries made of titles.

use crate::client::{Client, Failure, escaped};
use crate::scenario::Popularity;
use crate::zipf::Zipf;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Products learned with one request.
const PAGE: usize = 200;

/// A page of `GET /v1/search`, as far as it is looked at.
#[derive(Debug, Deserialize)]
struct Page {
    hits: Vec<Hit>,
    next_cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Hit {
    id: String,
    product: Card,
}

#[derive(Debug, Deserialize)]
struct Card {
    title: String,
    #[serde(default)]
    available: bool,
    sku: Option<String>,
    #[serde(default = "one")]
    variants_count: usize,
}

fn one() -> usize {
    1
}

/// Lines of a file of queries that are read; more would not be asked in any run.
const QUERIES_MAX: usize = 200_000;
/// Longer lines are no queries.
const QUERY_BYTES_MAX: usize = 512;

/// A shop as its visitors know it.
#[derive(Debug, Clone)]
pub(crate) struct Shop {
    products: Vec<String>,
    skus: Vec<String>,
    /// Of these, the only ones of their products.
    lone: BTreeSet<String>,
    queries: Vec<String>,
    by_product: Zipf,
    by_sku: Zipf,
    by_query: Zipf,
    /// How unevenly products are bought.
    bought: f64,
}

/// Why nothing can be asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShopError {
    #[error("the server's products cannot be listed: {0}\nis the server running? start it with: cargo run --release -- serve --demo")]
    Listing(Failure),
    #[error("the load cannot be prepared: {0}")]
    Prepare(#[from] Failure),
    #[error("the shop has no products")]
    Empty,
    #[error("nothing in the shop can be bought")]
    NothingToSell,
    #[error("queries_file {}: {reason}", path.display())]
    Queries { path: PathBuf, reason: String },
}

impl Shop {
    /// Pages through a search for everything.
    pub(crate) async fn learn(client: &Client, popularity: &Popularity, seed: u64) -> Result<Self, ShopError> {
        let mut hits = Vec::new();
        let mut cursor: Option<String> = None;
        while hits.len() < popularity.products_max {
            let limit = PAGE.min(popularity.products_max - hits.len());
            let after = cursor.map(|cursor| format!("&cursor={}", escaped(&cursor))).unwrap_or_default();
            let bytes = client.get(&format!("/v1/search?q=&limit={limit}{after}")).await.map_err(ShopError::Listing)?;
            let page: Page = serde_json::from_slice(&bytes).map_err(|error| Failure::BadAnswer(error.to_string()))?;
            let is_last = page.hits.is_empty();
            hits.extend(page.hits);
            cursor = page.next_cursor;
            if is_last || cursor.is_none() {
                break;
            }
        }
        Self::of(hits, popularity, seed)
    }

    fn of(mut hits: Vec<Hit>, popularity: &Popularity, seed: u64) -> Result<Self, ShopError> {
        if hits.is_empty() {
            return Err(ShopError::Empty);
        }
        let mut random = fastrand::Rng::with_seed(seed);
        let mut queries: Vec<String> =
            hits.iter().map(|hit| query_of(&hit.product.title, &mut random)).filter(|query| !query.is_empty()).collect();
        queries.sort_unstable();
        queries.dedup();
        random.shuffle(&mut queries);
        if queries.is_empty() {
            queries.push("a".to_owned());
        }
        random.shuffle(&mut hits);
        let sold = || hits.iter().map(|hit| &hit.product).filter(|card| card.available);
        let skus: Vec<String> = sold().filter_map(|card| card.sku.clone()).collect();
        let lone = sold().filter(|card| card.variants_count == 1).filter_map(|card| card.sku.clone()).collect();
        let products: Vec<String> = hits.into_iter().map(|hit| hit.id).collect();
        Ok(Self {
            by_product: Zipf::new(products.len(), popularity.products),
            by_sku: Zipf::new(skus.len().max(1), popularity.bought),
            by_query: Zipf::new(queries.len(), popularity.queries),
            bought: popularity.bought,
            products,
            skus,
            lone,
            queries,
        })
    }

    /// Asks these queries from now on, the first ones most often.
    pub(crate) fn ask(mut self, queries: Vec<String>, popularity: &Popularity) -> Self {
        assert!(!queries.is_empty(), "a file without queries was refused");
        self.by_query = Zipf::new(queries.len(), popularity.queries);
        self.queries = queries;
        self
    }

    pub(crate) fn product(&self, random: &mut fastrand::Rng) -> &str {
        &self.products[self.by_product.draw(random)]
    }

    /// A SKU that could be bought when the shop was learned; none when nothing could.
    pub(crate) fn sku(&self, random: &mut fastrand::Rng) -> Option<&str> {
        self.skus.get(self.by_sku.draw(random)).map(String::as_str)
    }

    /// The SKU that is bought most.
    pub(crate) fn first_sku(&self) -> Option<&str> {
        self.skus.first().map(String::as_str)
    }

    /// Takes one that is hardly bought out of the shop, for somebody's own; nobody of the load buys or writes it from then on. It is the only one of its
    /// product where there is such a one: a product with others is still available when it is gone.
    pub(crate) fn set_aside(&mut self) -> Option<String> {
        let place = self.skus.iter().rposition(|sku| self.lone.contains(sku)).or(self.skus.len().checked_sub(1))?;
        let sku = self.skus.remove(place);
        self.by_sku = Zipf::new(self.skus.len().max(1), self.bought);
        Some(sku)
    }

    pub(crate) fn query(&self, random: &mut fastrand::Rng) -> &str {
        &self.queries[self.by_query.draw(random)]
    }

    /// How much was learned: products, SKUs, queries.
    pub(crate) fn sizes(&self) -> (usize, usize, usize) {
        (self.products.len(), self.skus.len(), self.queries.len())
    }
}

/// Reads a file of queries, before the server is asked for anything.
pub(crate) fn queries_of(path: &Path) -> Result<Vec<String>, ShopError> {
    let fault = |reason: String| ShopError::Queries { path: path.to_owned(), reason };
    let text = std::fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
    let queries = text.lines().filter_map(|line| line.rsplit('\t').next()).map(str::trim);
    let queries: Vec<String> =
        queries.filter(|query| (1..=QUERY_BYTES_MAX).contains(&query.len())).take(QUERIES_MAX).map(str::to_owned).collect();
    if queries.is_empty() { Err(fault("holds no query".to_owned())) } else { Ok(queries) }
}

/// One to three neighbouring words of a title, as somebody would type them.
pub(crate) fn query_of(title: &str, random: &mut fastrand::Rng) -> String {
    let letters = |letter: char| if letter.is_alphanumeric() { letter } else { ' ' };
    let text: String = title.to_lowercase().chars().map(letters).collect();
    let words: Vec<&str> = text.split_whitespace().filter(|word| word.chars().count() > 1).collect();
    if words.is_empty() {
        return String::new();
    }
    let count = random.usize(1..=3).min(words.len());
    let start = random.usize(0..=words.len() - count);
    words[start..start + count].join(" ")
}

/// The first letters of a query, as far as somebody has typed it.
pub(crate) fn prefix_of(query: &str, random: &mut fastrand::Rng) -> String {
    let letters = query.chars().count();
    query.chars().take(random.usize(1..=letters.max(1))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_words_of_titles() {
        let mut random = fastrand::Rng::with_seed(2);
        for _ in 0..50 {
            let query = query_of("Acme Röst-Kaffee, 2 x 500g", &mut random);
            assert!(!query.is_empty() && query.split(' ').all(|word| ["acme", "röst", "kaffee", "500g"].contains(&word)), "{query}");
            let prefix = prefix_of(&query, &mut random);
            assert!(!prefix.is_empty() && query.starts_with(&prefix));
        }
        assert_eq!(query_of("--", &mut random), "");
    }

    #[test]
    fn queries_come_from_a_file_when_there_is_one() {
        let hit = r#"{"id":"a","product":{"title":"Red lamp","available":true}}"#;
        let shop = || Shop::of(vec![serde_json::from_str(hit).expect("a hit")], &Popularity::default(), 1).expect("has products");
        let path = std::env::temp_dir().join(format!("loadtest-{:x}.tsv", fastrand::u64(..)));
        std::fs::write(&path, "7\tdesk lamp\n\nchair \n").expect("writes");
        let asked = shop().ask(queries_of(&path).expect("reads"), &Popularity::default());
        let mut random = fastrand::Rng::with_seed(1);
        assert!((0..20).all(|_| ["desk lamp", "chair"].contains(&asked.query(&mut random))));
        std::fs::write(&path, "\n").expect("writes");
        assert!(matches!(queries_of(&path), Err(ShopError::Queries { .. })));
        std::fs::remove_file(&path).expect("removes");
        assert!(queries_of(&path).expect_err("is gone").to_string().starts_with("queries_file "), "the field is named");
    }

    #[test]
    fn what_is_set_aside_is_bought_by_nobody() {
        let hit = |id: &str, variants: usize| {
            let json =
                format!(r#"{{"id":"{id}","product":{{"title":"Lamp","available":true,"sku":"{id}-1","variants_count":{variants}}}}}"#);
            serde_json::from_str(&json).expect("a hit")
        };
        let mut shop = Shop::of(vec![hit("a", 3), hit("b", 1), hit("c", 2)], &Popularity::default(), 1).expect("has products");
        let mut random = fastrand::Rng::with_seed(1);
        let aside = shop.set_aside().expect("there is one");
        assert_eq!(aside, "b-1", "the others' products have more variants");
        assert!((0..50).all(|_| shop.sku(&mut random).is_some_and(|sku| sku != aside)));
        assert!(shop.set_aside().is_some() && shop.set_aside().is_some() && shop.set_aside().is_none() && shop.sku(&mut random).is_none());
    }

    #[test]
    fn only_what_is_available_is_bought() {
        let page = r#"{"hits":[{"id":"a","product":{"title":"Red lamp","available":true,"sku":"a-1"}},{"id":"b","product":{"title":"Blue lamp","available":false,"sku":"b-1"}}]}"#;
        let page: Page = serde_json::from_str(page).expect("a page");
        let shop = Shop::of(page.hits, &Popularity::default(), 1).expect("has products");
        let mut random = fastrand::Rng::with_seed(1);
        assert_eq!((shop.sizes().0, shop.sizes().1), (2, 1));
        assert!((0..20).all(|_| shop.sku(&mut random) == Some("a-1")));
        assert!(matches!(Shop::of(Vec::new(), &Popularity::default(), 1), Err(ShopError::Empty)));
    }
}
