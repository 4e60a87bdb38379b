//! Facets: which of our fields the attributes mean, and the counts in their shape. Levels of the category tree (`categories.lvl0`, `.lvl1`)
//! are one facet of ours, told apart by how deep a path is.

use super::filters::field_of;
use crate::http::native::facets::FacetObject;
use crate::search::facet::countable;
use crate::search::facet::spec::VALUES_MAX;
use crate::search::filter::Scope;
use crate::search::{FacetCounts, FacetValue};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Values of one facet when the request does not say.
const VALUES_DEFAULT: usize = 100;
/// All fields: those that cover the hits best, as many as the engine chooses.
const ALL: &str = "*";
const ALL_OF_OURS: &str = "*(24)";

/// The facets of one search.
#[derive(Debug, Default)]
pub(super) struct Facets {
    wanted: Vec<Wanted>,
    has_all: bool,
    values_max: usize,
    is_alphabetical: bool,
}

/// One attribute of theirs.
#[derive(Debug, Clone, PartialEq)]
struct Wanted {
    attribute: String,
    field: String,
    level: Option<usize>,
}

impl Facets {
    /// The facets that are asked for. What no product has is left out, as their own servers do.
    pub(super) fn of(names: Vec<String>, values_max: Option<usize>, is_alphabetical: bool, scope: Scope<'_>) -> Self {
        let has_all = names.iter().any(|name| name == ALL);
        let mut wanted: Vec<Wanted> = Vec::new();
        for attribute in names {
            let (field, level) = field_of(&attribute);
            let one = Wanted { field: field.to_owned(), level, attribute: attribute.clone() };
            if attribute != ALL && countable(field, scope).is_some() && !wanted.contains(&one) {
                wanted.push(one);
            }
        }
        Self { wanted, has_all, values_max: values_max.unwrap_or(VALUES_DEFAULT).clamp(1, VALUES_MAX), is_alphabetical }
    }

    /// As the engine takes them: each field once, counted among the hits.
    pub(super) fn texts(&self, scope: Scope<'_>) -> Vec<String> {
        let mut texts: Vec<String> = Vec::new();
        for one in &self.wanted {
            // Paths of one level stand among those of all levels.
            let limit = if one.level.is_some() { VALUES_MAX } else { self.values_max };
            let text = FacetObject {
                field: one.field.clone(),
                limit: Some(limit as u64),
                stats: countable(&one.field, scope).is_some_and(|known| known.has_numbers),
                conjunctive: true,
                ..FacetObject::default()
            };
            let text = text.text();
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        texts.extend(self.has_all.then(|| ALL_OF_OURS.to_owned()));
        texts
    }

    /// Counts by attribute and value, and what numbers come to by attribute.
    pub(super) fn counted(&self, counts: &[Arc<FacetCounts>]) -> (Map<String, Value>, Map<String, Value>) {
        let (mut facets, mut stats) = (Map::new(), Map::new());
        let mut add = |attribute: &str, level: Option<usize>, counted: &FacetCounts| {
            facets.insert(attribute.to_owned(), Value::Object(self.values(level, counted)));
            if let Some(found) = counted.stats {
                stats.insert(attribute.to_owned(), json!({"min": found.min, "max": found.max, "avg": found.avg, "sum": found.sum}));
            }
        };
        for one in &self.wanted {
            counts
                .iter()
                .find(|counted| counted.field == one.field)
                .into_iter()
                .for_each(|counted| add(&one.attribute, one.level, counted));
        }
        let others = counts.iter().filter(|counted| self.has_all && !self.wanted.iter().any(|one| one.field == counted.field));
        others.for_each(|counted| add(&counted.field, None, counted));
        (facets, stats)
    }

    fn values(&self, level: Option<usize>, counted: &FacetCounts) -> Map<String, Value> {
        // Ranges of numbers are ours alone; sliders live on the stats.
        let is_single = |value: &FacetValue<'_>| value.from.is_none() || value.from == value.to;
        let is_on_level = |value: &FacetValue<'_>| level.is_none_or(|level| value.value.matches(" > ").count() == level);
        let shown = counted.values.iter().filter(|value| value.count > 0).filter(is_single).filter(is_on_level);
        let mut shown: Vec<FacetValue<'_>> = shown.take(self.values_max).collect();
        if self.is_alphabetical {
            shown.sort_by(|a, b| a.value.cmp(b.value));
        }
        shown.into_iter().map(|value| (value.value.to_owned(), json!(value.count))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(value: &str, count: u64) -> FacetValue<'_> {
        FacetValue { value, count, ..FacetValue::default() }
    }

    #[test]
    fn levels_of_the_category_tree_are_told_apart() {
        let wanted = |level| Wanted { attribute: format!("categories.lvl{level}"), field: "category".to_owned(), level: Some(level) };
        let facets = Facets { wanted: vec![wanted(0), wanted(1)], values_max: 10, ..Facets::default() };
        let values = [value("A", 5), value("A > B", 3), value("C", 2), value("A > D", 0)].into_iter().collect();
        let counts = [Arc::new(FacetCounts { field: "category".to_owned(), values, ..FacetCounts::default() })];
        let (counted, stats) = facets.counted(&counts);
        assert_eq!(Value::Object(counted), json!({"categories.lvl0": {"A": 5, "C": 2}, "categories.lvl1": {"A > B": 3}}));
        assert!(stats.is_empty());
    }

    #[test]
    fn ranges_are_left_to_the_stats() {
        let wanted = vec![Wanted { attribute: "price".to_owned(), field: "price".to_owned(), level: None }];
        let facets = Facets { wanted, values_max: 10, ..Facets::default() };
        let range = FacetValue { from: Some(1.0), to: Some(2.0), ..value("1..2", 5) };
        let single = FacetValue { from: Some(4.0), to: Some(4.0), ..value("4", 2) };
        let stats = Some(crate::search::FacetStats { min: 1.0, max: 4.0, sum: 12.0, avg: 2.4, count: 5 });
        let counts = [Arc::new(FacetCounts {
            field: "price".to_owned(),
            values: [range, single].into_iter().collect(),
            stats,
            ..FacetCounts::default()
        })];
        let (counted, stats) = facets.counted(&counts);
        assert_eq!(Value::Object(counted), json!({"price": {"4": 2}}));
        assert_eq!(Value::Object(stats), json!({"price": {"min": 1.0, "max": 4.0, "avg": 2.4, "sum": 12.0}}));
    }
}
