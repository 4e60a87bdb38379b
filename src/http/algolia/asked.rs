//! One search of theirs as one of ours.

use super::facets::Facets;
use super::fault::{Fault, invalid};
use super::filters;
use super::given::Given;
use crate::http::error::Problem;
use crate::http::native::experiments;
use crate::http::native::search::{Manner, segments_of};
use crate::http::visitor::Visitor;
use crate::id::SessionId;
use crate::search::experiment::Stated;
use crate::search::fields::FieldRef;
use crate::search::filter::Scope;
use crate::search::request::HITS_MAX;
use crate::search::{Request, Sort};
use crate::stdx::clock::{Deadline, Timestamp};

/// Hits on a page when the request does not say.
const HITS_DEFAULT: usize = 20;
/// Most bytes in the name of an index.
const INDEX_BYTES_MAX: usize = 256;

/// A search of theirs, read.
pub(super) struct Asked {
    pub(super) index: String,
    pub(super) given: Given,
    pub(super) request: Request,
    pub(super) manner: Manner,
    pub(super) facets: Facets,
    /// The page asked for, from 0.
    pub(super) page: usize,
    pub(super) hits_per_page: usize,
    /// Whether hits were asked for that lie behind the last that paging reaches.
    pub(super) is_beyond: bool,
}

impl Asked {
    /// Reads a search.
    ///
    /// # Errors
    /// The parameter at fault, or an index whose name asks for an order that there is not.
    pub(super) fn of(index: String, given: Given, scope: Scope<'_>, now: Timestamp, deadline: Deadline) -> Result<Self, Fault> {
        let sort = order_of(&index, scope)?;
        let (page, hits_per_page, offset) = window(&given)?;
        let is_beyond = hits_per_page > 0 && offset >= HITS_MAX;
        let limit = hits_per_page.min(HITS_MAX.saturating_sub(offset));
        let session = given.text("userToken")?.filter(|token| !token.is_empty());
        let session = session.map(|token| SessionId::new(token).map_err(|error| invalid("userToken", error.to_string()))).transpose()?;
        let Visitor { shopper, session } = Visitor::checked(None, session).map_err(|problem| problem.in_field("userToken"))?;
        let is_alphabetical = given.text("sortFacetValuesBy")?.is_some_and(|order| order == "alpha");
        let facets = Facets::of(given.texts("facets")?.unwrap_or_default(), given.whole("maxValuesPerFacet")?, is_alphabetical, scope);
        let (personalize, as_typed) = (given.flag("enablePersonalization")?, given.is_off("typoTolerance"));
        let stated = Stated { personalization: personalize.is_some(), spelling: as_typed, ..Stated::default() };
        let manner = Manner {
            personalize: personalize.unwrap_or(true),
            experiments: experiments::Asked { stated, arm: None },
            told: given.flag("analytics")?.unwrap_or(true) && offset == 0 && limit > 0,
        };
        let filter =
            filters::filter(&given.groups("facetFilters")?, &given.groups("numericFilters")?, given.text("filters")?.unwrap_or_default())?;
        let segments = given.texts("ruleContexts")?.unwrap_or_default();
        let request = Request {
            q: given.text("query")?.unwrap_or_default().to_owned(),
            filter,
            facets: facets.texts(scope),
            sort,
            limit,
            offset: if limit == 0 { 0 } else { offset },
            as_typed,
            prefix: given.text("queryType")? != Some("prefixNone"),
            explain: given.flag("getRankingInfo")?.unwrap_or(false),
            segments: segments_of(segments).map_err(|problem| problem.in_field("ruleContexts"))?,
            shopper,
            session,
            now,
            deadline,
            ..Request::default()
        };
        Ok(Self { index, given, request, manner, facets, page, hits_per_page, is_beyond })
    }
}

/// Page, hits on a page, and hits before it. `offset` and `length` go before `page` and `hitsPerPage`, as theirs do.
fn window(given: &Given) -> Result<(usize, usize, usize), Problem> {
    let bounded = |name: &str, number: usize| {
        if number <= HITS_MAX { Ok(number) } else { Err(invalid(name, format!("must be at most {HITS_MAX}"))) }
    };
    if let (Some(offset), Some(length)) = (given.whole("offset")?, given.whole("length")?) {
        let length = bounded("length", length)?;
        return Ok((offset / length.max(1), length, offset));
    }
    let hits_per_page = bounded("hitsPerPage", given.whole("hitsPerPage")?.unwrap_or(HITS_DEFAULT))?;
    let page = given.whole("page")?.unwrap_or(0);
    Ok((page, hits_per_page, page.saturating_mul(hits_per_page)))
}

/// The order that the ending of an index's name asks for: `products_price_asc`, `products_attributes.size_desc`, `products_newest`.
fn order_of(index: &str, scope: Scope<'_>) -> Result<Vec<Sort>, Fault> {
    if index.is_empty() || index.len() > INDEX_BYTES_MAX {
        return Err(invalid("indexName", format!("must have 1 to {INDEX_BYTES_MAX} bytes")).into());
    }
    if index.ends_with("_newest") {
        return Ok(vec![Sort { field: "newest".to_owned(), descending: true }]);
    }
    let ending = index.strip_suffix("_asc").map(|name| (name, false)).or_else(|| Some((index.strip_suffix("_desc")?, true)));
    let Some((name, descending)) = ending else { return Ok(Vec::new()) };
    let fields = name.match_indices('_').map(|(at, _)| &name[at + 1..]);
    let field = fields.into_iter().find(|field| FieldRef::named(field, scope.columns, scope.market).is_some());
    let field = field.ok_or_else(|| Fault::no_index(index, "its ending names no field to order by"))?;
    Ok(vec![Sort { field: field.to_owned(), descending }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn given(value: Value) -> Given {
        let Value::Object(request) = value else { panic!("an object") };
        Given::of(request).expect("reads")
    }

    #[test]
    fn pages_and_offsets_say_where_hits_begin() {
        let check = |value: Value, expected: (usize, usize, usize)| assert_eq!(window(&given(value)), Ok(expected));
        check(json!({}), (0, 20, 0));
        check(json!({"page": 3, "hitsPerPage": 8}), (3, 8, 24));
        check(json!({"page": 3, "hitsPerPage": 0}), (3, 0, 0));
        check(json!({"page": usize::MAX, "hitsPerPage": 1_000}), (usize::MAX, 1_000, usize::MAX));
        check(json!({"offset": 25, "length": 10, "page": 7}), (2, 10, 25));
        assert_eq!(window(&given(json!({"hitsPerPage": 1_001}))).expect_err("too many").field(), Some("hitsPerPage"));
    }
}
