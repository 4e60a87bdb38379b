//! A facet in the body of a search: its text as in a query string, or an object with the same options by name.

use crate::search::filter::syntax::quoted;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use std::fmt;

/// One facet as asked for.
#[derive(Debug, Clone)]
pub(in crate::http) enum FacetAsked {
    /// As [`crate::search::facet::spec`] reads it.
    Text(String),
    /// The same by name.
    Object(FacetObject),
}

impl<'de> Deserialize<'de> for FacetAsked {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Asking;
        impl<'de> Visitor<'de> for Asking {
            type Value = FacetAsked;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a facet as a text such as price:histogram(20), or an object with a field and options")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<FacetAsked, E> {
                Ok(FacetAsked::Text(text.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FacetAsked, A::Error> {
                FacetObject::deserialize(MapAccessDeserializer::new(map)).map(FacetAsked::Object)
            }
        }
        input.deserialize_any(Asking)
    }
}

/// Options of a facet by name.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct FacetObject {
    pub(in crate::http) field: String,
    pub(in crate::http) ranges: Option<Vec<String>>,
    pub(in crate::http) histogram: Option<u64>,
    pub(in crate::http) interval: Option<serde_json::Number>,
    pub(in crate::http) search: Option<String>,
    pub(in crate::http) limit: Option<u64>,
    pub(in crate::http) order: Option<String>,
    pub(in crate::http) tree: Option<Levels>,
    #[serde(default)]
    pub(in crate::http) stats: bool,
    #[serde(default)]
    pub(in crate::http) impact: bool,
    #[serde(default)]
    pub(in crate::http) conjunctive: bool,
}

/// Whether a tree is wanted, or how many levels of it.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(untagged)]
pub(in crate::http) enum Levels {
    Wanted(bool),
    Count(u64),
}

impl FacetAsked {
    /// As the search reads it.
    pub(in crate::http) fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Object(object) => object.text(),
        }
    }
}

impl FacetObject {
    pub(in crate::http) fn text(&self) -> String {
        let option = |name: &str, value: Option<String>| value.map(|value| format!(":{name}({value})")).unwrap_or_default();
        let flag = |name: &str, wanted: bool| if wanted { format!(":{name}") } else { String::new() };
        let tree = match &self.tree {
            None | Some(Levels::Wanted(false)) => String::new(),
            Some(Levels::Wanted(true)) => ":tree".to_owned(),
            Some(Levels::Count(levels)) => format!(":tree({levels})"),
        };
        [
            if matches!(self.field.as_str(), "*" | "auto") { self.field.clone() } else { quoted(&self.field) },
            self.ranges.as_ref().map(|ranges| format!("[{}]", ranges.join(","))).unwrap_or_default(),
            option("histogram", self.histogram.map(|count| count.to_string())),
            option("interval", self.interval.as_ref().map(ToString::to_string)),
            option("search", self.search.as_deref().map(quoted)),
            option("limit", self.limit.map(|limit| limit.to_string())),
            option("order", self.order.clone()),
            tree,
            flag("stats", self.stats),
            flag("impact", self.impact),
            flag("conjunctive", self.conjunctive),
        ]
        .concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_say_what_texts_say() {
        let check = |value: serde_json::Value, expected: &str| {
            let asked: FacetAsked = serde_json::from_value(value).expect(expected);
            assert_eq!(asked.into_text(), expected);
        };
        check(json!("price[0..50]"), "price[0..50]");
        check(json!({"field": "brand"}), "\"brand\"");
        check(json!({"field": "*"}), "*");
        check(json!({"field": "price", "ranges": ["..50", "50.."], "stats": true}), "\"price\"[..50,50..]:stats");
        check(json!({"field": "price", "histogram": 20, "impact": true}), "\"price\":histogram(20):impact");
        check(json!({"field": "price", "interval": 2.5}), "\"price\":interval(2.5)");
        let search = json!({"field": "a \"b\"", "search": "so)n", "limit": 5, "order": "alphabetical"});
        check(search, "\"a \\\"b\\\"\":search(\"so)n\"):limit(5):order(alphabetical)");
        check(json!({"field": "category", "tree": true}), "\"category\":tree");
        check(json!({"field": "category", "tree": 2}), "\"category\":tree(2)");
        let refused = |value: serde_json::Value| serde_json::from_value::<FacetAsked>(value).expect_err("is refused").to_string();
        assert!(refused(json!({"field": "price", "buckets": 3})).contains("`buckets`"));
        assert!(refused(json!({"limit": 3})).contains("`field`"));
        assert!(refused(json!(7)).contains("price:histogram(20)"));
    }
}
