//! Product documents that are written again and again, each time a little different.

use crate::client::{Client, Failure, escaped};
use crate::shop::Shop;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Documents learned from the server.
const DOCUMENTS_MAX: usize = 500;

/// Documents as the server had them.
#[derive(Debug)]
pub(super) struct Documents(Vec<Value>);

impl Documents {
    /// Reads products of the shop, the popular ones among them.
    pub(super) async fn learn(client: &Client, shop: &Shop, seed: u64) -> Result<Self, Failure> {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut documents = BTreeMap::new();
        for _ in 0..DOCUMENTS_MAX {
            let id = shop.product(&mut random);
            if !documents.contains_key(id) {
                let bytes = client.get(&format!("/v1/products/{}", escaped(id))).await?;
                let document = serde_json::from_slice(&bytes).map_err(|error| Failure::BadAnswer(error.to_string()))?;
                documents.insert(id.to_owned(), document);
            }
        }
        Ok(Self(documents.into_values().collect()))
    }

    /// So many of them, one a line, with new ratings: a change that is read, indexed and ranked by, and takes no product out of any answer.
    pub(super) fn changed(&self, count: usize, random: &mut fastrand::Rng) -> String {
        (0..count).fold(String::new(), |mut lines, _| {
            if let Some(document) = random.choice(&self.0) {
                let mut document = document.clone();
                document["rating"] = json!({"average": f64::from(random.u32(20..=50)) / 10.0, "count": random.u32(1..1_000)});
                let _ = writeln!(lines, "{document}");
            }
            lines
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_document_keeps_everything_but_its_rating() {
        let documents = Documents(vec![json!({"id": "a", "title": "Lamp", "rating": {"average": 1.0, "count": 1}})]);
        let lines = documents.changed(3, &mut fastrand::Rng::with_seed(1));
        assert_eq!(lines.lines().count(), 3);
        for line in lines.lines() {
            let changed: Value = serde_json::from_str(line).expect("is JSON");
            assert_eq!((&changed["id"], &changed["title"]), (&json!("a"), &json!("Lamp")));
            assert!(changed["rating"]["average"].as_f64().is_some_and(|average| average >= 2.0));
        }
    }
}
