//! The description of the routes by which the shop exchanges files with other systems.

use crate::http::openapi::table::{Body, Param, Route, flag, number, route, text};

const FORMAT: Param = text("format", "ndjson (default), csv, or parquet.");

const PRODUCTS: &[Param] =
    &[FORMAT, text("after", "The id of the last product that arrived, to go on behind it; from the first when left out.")];
const ORDERS: &[Param] = &[
    FORMAT,
    text("since", "Placed at this time or later (RFC 3339)."),
    text("until", "Placed before this time."),
    text("after", "The number of the last order that arrived, to go on behind it."),
    flag("personal", "Whether buyers and addresses are told, which needs shoppers:read; false when left out."),
];
const EVENTS: &[Param] = &[
    FORMAT,
    text("since", "Happened at this time or later (RFC 3339)."),
    text("until", "Happened before this time."),
    text("after", "The offset of the last event that arrived, to go on behind it."),
    flag("personal", "Whether shoppers, visits and the words of searches are told, which needs shoppers:read; false when left out."),
];
const RECOMMENDATIONS: &[Param] = &[
    text(
        "kind",
        "for_you, buy_again, next_order and like_shoppers are made for every shopper, which needs shoppers:read; similar, also_bought and the like for every product; required.",
    ),
    FORMAT,
    number("limit", "Products in each answer, 1 to 100; 20 when left out."),
    text("filter", "A filter that every product passes."),
    text("marketplace", "Whose offers and prices hold."),
    flag("fill", "Whether what is more general than the kind may fill a list up; true when left out."),
];

pub(super) const ROUTES: &[Route] = &[
    route("get", "/v1/export/products", "Files", "All products as of now, as a file that the importer takes back unchanged.", "file")
        .params(PRODUCTS),
    route("get", "/v1/export/orders", "Files", "Orders as of now, the oldest first; in tables a row for each line.", "file").params(ORDERS),
    route("get", "/v1/export/events", "Files", "What shoppers did, in the order of the journal; and what was drawn for explored places of recommendations, with the probability of each draw (`explore`).", "file").params(EVENTS),
    route("get", "/v1/export/recommendations", "Files", "Recommendations for all shoppers, or for all products, as of now.", "file")
        .params(RECOMMENDATIONS),
    route("get", "/v1/feeds", "Files", "The files that the shop polls, and how each is.", "Feeds"),
    route("get", "/v1/feeds/{id}", "Files", "One of them, by its name.", "Feed"),
    route("post", "/v1/feeds/{id}/run", "Files", "Look at a feed now, without waiting for what comes of it.", "Feed")
        .body(Body::Optional("FeedRun"))
        .status("202")
        .keyable(),
];

pub(super) const SCHEMAS: &str = include_str!("exchange.json");
