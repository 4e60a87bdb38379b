//! The parameters of one search by name, however the client wrote them: as JSON beside the index's name, as an object in `params`, or as a
//! query string in `params` whose values may be JSON themselves.

use super::fault::{invalid, unknown};
use crate::http::error::Problem;
use crate::http::params::decoded;
use crate::stdx::percent::encoded;
use serde_json::{Map, Value};

/// Parameters that [`super::asked`], [`super::answered`] and [`super::facets`] look at.
const SERVED: &[&str] = &[
    "analytics",
    "attributesToHighlight",
    "attributesToRetrieve",
    "attributesToSnippet",
    "clickAnalytics",
    "enablePersonalization",
    "facetFilters",
    "facetQuery",
    "facets",
    "filters",
    "getRankingInfo",
    "highlightPostTag",
    "highlightPreTag",
    "hitsPerPage",
    "length",
    "maxFacetHits",
    "maxValuesPerFacet",
    "numericFilters",
    "offset",
    "page",
    "query",
    "queryType",
    "ruleContexts",
    "snippetEllipsisText",
    "sortFacetValuesBy",
    "typoTolerance",
    "userToken",
];
/// Parameters that change nothing here: what they tune is the engine's own affair, or concerns features that a search can do without.
const IGNORED: &[&str] = &[
    "advancedSyntax",
    "advancedSyntaxFeatures",
    "allowTyposOnNumericTokens",
    "alternativesAsExact",
    "analyticsTags",
    "attributeCriteriaComputedByMinProximity",
    "decompoundQuery",
    "disableExactOnAttributes",
    "disableTypoToleranceOnAttributes",
    "distinct",
    "enableABTest",
    "enableReRanking",
    "enableRules",
    "exactOnSingleWordQuery",
    "explain",
    "extensions",
    "facetingAfterDistinct",
    "ignorePlurals",
    "keepDiacriticsOnCharacters",
    "minProximity",
    "minWordSizefor1Typo",
    "minWordSizefor2Typos",
    "mode",
    "naturalLanguages",
    "optionalFilters",
    "optionalWords",
    "percentileComputation",
    "personalizationImpact",
    "queryLanguages",
    "ranking",
    "reRankingApplyFilter",
    "relevancyStrictness",
    "removeStopWords",
    "removeWordsIfNoResults",
    "renderingContent",
    "replaceSynonymsInHighlight",
    "responseFields",
    "restrictHighlightAndSnippetArrays",
    "sumOrFiltersScores",
    "synonyms",
];
/// Parameters that say which products are found and that nothing here answers: left unheard they would make the answer wrong.
const NOT_SERVED: &[&str] = &[
    "aroundLatLng",
    "aroundLatLngViaIP",
    "aroundPrecision",
    "aroundRadius",
    "insideBoundingBox",
    "insidePolygon",
    "minimumAroundRadius",
    "restrictSearchableAttributes",
    "similarQuery",
    "tagFilters",
];
/// Conditions in one filter parameter; the engine's own bound on the whole is lower.
const GROUPS_MAX: usize = 256;

/// Parameters by name.
#[derive(Debug, Default)]
pub(super) struct Given(Map<String, Value>);

impl Given {
    /// The parameters of a request without those that name index and kind.
    ///
    /// # Errors
    /// A parameter that there is not, or that nothing here answers.
    pub(super) fn of(mut request: Map<String, Value>) -> Result<Self, Problem> {
        let mut given = match request.remove("params") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(params)) => params,
            Some(Value::String(params)) => pairs(&params)?,
            Some(_) => return Err(invalid("params", "must be a query string or an object")),
        };
        given.extend(request);
        given.retain(|_, value| !value.is_null());
        for (name, value) in &given {
            if NOT_SERVED.contains(&name.as_str()) && !is_nothing(value) {
                return Err(invalid(name, "is not answered here"));
            }
            if ![SERVED, IGNORED, NOT_SERVED].iter().any(|names| names.contains(&name.as_str())) {
                return Err(unknown(name));
            }
        }
        Ok(Self(given))
    }

    /// A text.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Problem> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(invalid(name, "must be a text")),
        }
    }

    /// A whole number from 0.
    pub(super) fn whole(&self, name: &str) -> Result<Option<usize>, Problem> {
        let wrong = || invalid(name, "must be a whole number from 0");
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Number(number)) => number.as_u64().and_then(|number| usize::try_from(number).ok()).ok_or_else(wrong).map(Some),
            Some(Value::String(text)) => text.parse().map_err(|_| wrong()).map(Some),
            Some(_) => Err(wrong()),
        }
    }

    /// Yes or no.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Problem> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(Value::String(text)) if text == "true" => Ok(Some(true)),
            Some(Value::String(text)) if text == "false" => Ok(Some(false)),
            Some(_) => Err(invalid(name, "must be true or false")),
        }
    }

    /// Whether a parameter that is a flag or one of several words says no.
    pub(super) fn is_off(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| *value == Value::Bool(false) || value == "false")
    }

    /// Texts: a list, a list as JSON in a text, or a text with commas.
    pub(super) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, Problem> {
        let Some(value) = self.list(name)? else { return Ok(None) };
        let text = |value: Value| match value {
            Value::String(text) => Ok(text),
            _ => Err(invalid(name, "must be a list of texts")),
        };
        value.into_iter().map(text).collect::<Result<_, _>>().map(Some)
    }

    /// Conditions: all of the outer list, of which any of an inner one.
    pub(super) fn groups(&self, name: &str) -> Result<Vec<Vec<String>>, Problem> {
        let wrong = || invalid(name, "must be a list of conditions and of lists of them");
        let text = |value: Value| match value {
            Value::String(text) => Ok(text),
            _ => Err(wrong()),
        };
        let group = |value: Value| match value {
            Value::Array(values) => values.into_iter().map(text).collect::<Result<Vec<_>, _>>(),
            single => Ok(vec![text(single)?]),
        };
        let values = self.list(name)?.unwrap_or_default();
        if values.len() > GROUPS_MAX {
            return Err(invalid(name, format!("at most {GROUPS_MAX} conditions")));
        }
        values.into_iter().map(group).filter(|group| group.as_ref().is_ok_and(|group| !group.is_empty()) || group.is_err()).collect()
    }

    fn list(&self, name: &str) -> Result<Option<Vec<Value>>, Problem> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Array(values)) => Ok(Some(values.clone())),
            Some(Value::String(text)) if text.trim_start().starts_with('[') => {
                serde_json::from_str(text).map(Some).map_err(|error| invalid(name, format!("not JSON: {error}")))
            }
            Some(Value::String(text)) => Ok(Some(
                text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(|part| Value::String(part.to_owned())).collect(),
            )),
            Some(_) => Err(invalid(name, "must be a list")),
        }
    }

    /// All of them as a query string, as answers repeat them.
    pub(super) fn told(&self) -> String {
        let pair = |(name, value): (&String, &Value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("{}={}", encoded(name), encoded(&text))
        };
        self.0.iter().map(pair).collect::<Vec<_>>().join("&")
    }
}

/// Whether a value says nothing, as in `tagFilters=""`, which old clients always send.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty() || text == "[]",
        Value::Array(values) => values.iter().all(is_nothing),
        Value::Bool(true) | Value::Number(_) | Value::Object(_) => false,
    }
}

fn pairs(query: &str) -> Result<Map<String, Value>, Problem> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let read = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Ok((decoded(name, "params")?, Value::String(decoded(value, "params")?)))
    };
    pairs.map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn given(value: Value) -> Result<Given, Problem> {
        let Value::Object(request) = value else { panic!("an object") };
        Given::of(request)
    }

    #[test]
    fn parameters_are_the_same_however_they_are_written() {
        let flat = json!({"query": "red lamp", "page": 2, "facets": ["brand", "price"], "analytics": false, "facetFilters": [["a:b", "a:c"], "d:e"]});
        let nested = json!({"params": flat.clone()});
        let string = json!({"params": "query=red%20lamp&page=2&facets=%5B%22brand%22%2C%22price%22%5D&analytics=false&facetFilters=%5B%5B%22a%3Ab%22%2C%22a%3Ac%22%5D%2C%22d%3Ae%22%5D&tagFilters="});
        for value in [flat, nested, string] {
            let given = given(value).expect("reads");
            assert_eq!(given.text("query"), Ok(Some("red lamp")));
            assert_eq!(given.whole("page"), Ok(Some(2)));
            assert_eq!(given.flag("analytics"), Ok(Some(false)));
            assert_eq!(given.texts("facets"), Ok(Some(vec!["brand".to_owned(), "price".to_owned()])));
            assert_eq!(given.groups("facetFilters"), Ok(vec![vec!["a:b".to_owned(), "a:c".to_owned()], vec!["d:e".to_owned()]]));
        }
    }

    #[test]
    fn what_is_not_a_parameter_is_refused_by_name() {
        let check = |value: Value, field: &str| assert_eq!(given(value).expect_err(field).field(), Some(field));
        check(json!({"hitPerPage": 5}), "hitPerPage");
        check(json!({"aroundLatLng": "1,2"}), "aroundLatLng");
        check(json!({"params": 5}), "params");
        check(json!({"params": "query=%f"}), "params");
        assert!(given(json!({"tagFilters": [], "optionalWords": "a", "distinct": true})).is_ok());
    }

    #[test]
    fn values_of_another_kind_are_refused_by_name() {
        let given =
            given(json!({"page": -1, "query": 5, "analytics": "maybe", "facets": {}, "facetFilters": [[["a"]]], "hitsPerPage": 1.5}))
                .expect("reads");
        let fields = [
            given.whole("page").err(),
            given.text("query").err(),
            given.flag("analytics").err(),
            given.texts("facets").err(),
            given.groups("facetFilters").err(),
            given.whole("hitsPerPage").err(),
        ];
        let names: Vec<_> = fields.iter().map(|problem| problem.as_ref().and_then(Problem::field).unwrap_or_default()).collect();
        assert_eq!(names, ["page", "query", "analytics", "facets", "facetFilters", "hitsPerPage"]);
    }
}
