//! The engine's answer in their shape.

use super::asked::Asked;
use super::highlights::Marker;
use super::shown::{object, retrieved};
use crate::http::answer::took_us;
use crate::http::error::Problem;
use crate::id::QueryId;
use crate::search::request::HITS_MAX;
use crate::search::{self, Hit, Moment};
use serde_json::{Map, Value, json};
use std::time::Instant;

/// The result of one search.
pub(super) fn result(
    asked: &Asked,
    found: search::Answer,
    query_id: &QueryId,
    moment: &Moment,
    started: Instant,
) -> Result<Value, Problem> {
    let Asked { given, facets, .. } = asked;
    let hits = Shower::of(asked, &found, moment)?.hits(&found.hits);
    let is_whole = !found.is_degraded();
    let reachable = found.total.min(HITS_MAX as u64);
    let pages = if asked.hits_per_page == 0 { 0 } else { reachable.div_ceil(asked.hits_per_page as u64) };
    let took_ms = took_us(started) / 1_000;
    let (counted, stats) = facets.counted(&found.facets);
    let mut result = json!({
        "index": asked.index,
        "query": asked.request.q,
        "params": given.told(),
        "hits": hits,
        "nbHits": found.total,
        "page": asked.page,
        "nbPages": pages,
        "hitsPerPage": asked.hits_per_page,
        "exhaustive": {"nbHits": is_whole, "facetsCount": is_whole, "facetValues": is_whole, "typo": true},
        "exhaustiveNbHits": is_whole,
        "exhaustiveFacetsCount": is_whole,
        "exhaustiveTypo": true,
        "processingTimeMS": took_ms,
        "serverTimeMS": took_ms,
        "renderingContent": rendering(&found),
    });
    if let Value::Object(result) = &mut result {
        let mut add = |name: &str, value: Value| drop(result.insert(name.to_owned(), value));
        if !counted.is_empty() {
            add("facets", Value::Object(counted));
            add("facets_stats", Value::Object(stats));
        }
        if given.flag("clickAnalytics")?.unwrap_or(false) {
            add("queryID", json!(query_id));
        }
        if let Some(read) = &found.read {
            add("queryAfterRemoval", json!(read));
        }
        if !found.merchandised.banners.is_empty() {
            add("userData", json!(found.merchandised.banners));
        }
        if asked.is_beyond {
            add("message", json!(format!("you can only fetch the {HITS_MAX} hits for this query")));
        }
    }
    Ok(result)
}

/// What rules say about the page.
fn rendering(found: &search::Answer) -> Value {
    found.merchandised.redirect.as_ref().map_or_else(|| json!({}), |redirect| json!({"redirect": {"url": redirect.url}}))
}

/// Shows hits the way one search wants them.
struct Shower<'a> {
    asked: &'a Asked,
    moment: &'a Moment,
    marker: Marker,
    retrieved: Option<Vec<String>>,
    highlighted: Option<Vec<String>>,
    snippets: Vec<String>,
}

impl<'a> Shower<'a> {
    fn of(asked: &'a Asked, found: &search::Answer, moment: &'a Moment) -> Result<Self, Problem> {
        let given = &asked.given;
        let tags = [given.text("highlightPreTag")?, given.text("highlightPostTag")?, given.text("snippetEllipsisText")?];
        Ok(Self {
            asked,
            moment,
            marker: Marker::new(&found.words, tags),
            retrieved: given.texts("attributesToRetrieve")?,
            highlighted: given.texts("attributesToHighlight")?,
            snippets: given.texts("attributesToSnippet")?.unwrap_or_default(),
        })
    }

    fn hits(&self, hits: &[Hit]) -> Vec<Value> {
        hits.iter().filter_map(|hit| self.hit(hit).map(Value::Object)).collect()
    }

    /// None when the product has gone meanwhile.
    fn hit(&self, hit: &Hit) -> Option<Map<String, Value>> {
        let product = self.moment.catalog.product(hit.ordinal)?;
        let is_available = self.moment.signals.sells(hit.ordinal, hit.variant);
        let whole = object(&product, hit.variant, self.asked.request.marketplace.as_ref(), is_available);
        let mut shown = retrieved(&whole, self.retrieved.as_deref());
        shown.insert("_highlightResult".to_owned(), self.marker.highlighted(&whole, self.highlighted.as_deref()));
        if !self.snippets.is_empty() {
            shown.insert("_snippetResult".to_owned(), self.marker.snippets(&whole, &self.snippets));
        }
        if let Some(explain) = &hit.explain {
            shown.insert("_rankingInfo".to_owned(), json!({"userScore": hit.score, "filters": 0, "nbTypos": 0, "explain": explain}));
        }
        Some(shown)
    }
}
