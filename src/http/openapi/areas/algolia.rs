//! The description of the routes that Algolia's search clients call.

use crate::http::openapi::table::{Body, Route, route, text};

const TAG: &str = "Drop-in search clients";

pub(super) const ROUTES: &[Route] = &[
    route("post", "/1/indexes/{index}/queries", TAG, "Several searches at once; the index stands in each.", "AlgoliaResults")
        .body(Body::Json("AlgoliaQueries")),
    route("post", "/1/indexes/{index}/query", TAG, "One search; the ending of the index's name chooses the order.", "AlgoliaResult")
        .body(Body::Json("AlgoliaParams")),
    route("post", "/1/indexes/{index}/facets/{facet}/query", TAG, "Search among the values of a facet.", "AlgoliaFacetHits")
        .body(Body::Json("AlgoliaParams")),
    route("post", "/1/indexes/{index}/objects", TAG, "Several products by their names.", "AlgoliaResults")
        .body(Body::Json("AlgoliaObjects")),
    route("get", "/1/indexes/{index}/{object}", TAG, "One product by its name.", "AlgoliaObject")
        .params(&[text("attributesToRetrieve", "Only these attributes, separated by commas.")]),
    route("post", "/1/events", TAG, "Tell what shoppers did.", "AlgoliaDone").body(Body::Json("AlgoliaEvents")).keyable(),
];

pub(super) const SCHEMAS: &str = include_str!("algolia.json");
