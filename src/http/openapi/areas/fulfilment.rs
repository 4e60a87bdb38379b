//! The description of the routes about fulfilment orders, waves, shipments on their way, promises kept.

use crate::http::openapi::table::{Body, Route, number, route, text};

const FACTS: &str = "Locations and carriers";
const WORK: &str = "Fulfilment";

pub(super) const ROUTES: &[Route] = &[
    route("get", "/v1/locations", FACTS, "Locations of which something was told.", "Locations"),
    route("get", "/v1/locations/{id}", FACTS, "What was told of a location.", "Location"),
    route("put", "/v1/locations/{id}", FACTS, "Tell all about a location; what is left out takes its usual value.", "Location")
        .body(Body::Json("Location"))
        .keyed(),
    route("get", "/v1/carriers", FACTS, "The shop's carriers.", "Carriers"),
    route("get", "/v1/carriers/{id}", FACTS, "A carrier: its services, zones and rates.", "Carrier"),
    route("put", "/v1/carriers/{id}", FACTS, "Tell all about a carrier.", "Carrier").body(Body::Json("Carrier")).keyed(),
    route("delete", "/v1/carriers/{id}", FACTS, "Work with a carrier no more.", "").status("204").keyed(),
    route("put", "/v1/places/{country}", FACTS, "Tell where the addresses of a country are, by postal prefix.", "")
        .body(Body::Json("Places"))
        .status("204")
        .keyed(),
    route("post", "/v1/weights", FACTS, "Tell what units weigh.", "").body(Body::Json("Weights")).status("204").keyed(),
    route("get", "/v1/sourcing/policy", FACTS, "What the choice of locations goes by.", "SourcingPolicy"),
    route("put", "/v1/sourcing/policy", FACTS, "Replace what the choice of locations goes by.", "SourcingPolicy")
        .body(Body::Json("SourcingPolicy"))
        .keyed(),
    route("post", "/v1/sourcing/preview", WORK, "From where lines would be served, why, and when they would arrive.", "Sourcing")
        .body(Body::Json("SourcingPreview")),
    route(
        "get",
        "/v1/orders/{id}/progress",
        WORK,
        "Where an order stands, as its buyer may see it: no names, no addresses.",
        "OrderProgress",
    ),
    route("get", "/v1/orders/{id}/sourcing", WORK, "From where an order is served, and why.", "Sourcing"),
    route("get", "/v1/orders/{id}/fulfilment-orders", WORK, "What locations have to do for an order.", "FulfilmentOrders"),
    route("get", "/v1/fulfilment-orders", WORK, "What a location has to do, the most urgent first.", "FulfilmentOrders").params(&[
        text("location", "Which location; required."),
        text("status", "planned, released, picking, packed, shipped, in_transit, delivered, lost, resourced or canceled; required."),
        number("limit", "1 to 500; 50 when left out."),
        text("cursor", "next_cursor of the page before."),
    ]),
    route("get", "/v1/fulfilment-orders/{id}", WORK, "A fulfilment order.", "FulfilmentOrder"),
    route("post", "/v1/fulfilment-orders/{id}/release", WORK, "Tell the location to begin.", "FulfilmentOrder").keyed(),
    route(
        "post",
        "/v1/fulfilment-orders/{id}/pick",
        WORK,
        "What was picked, and what was not there: that comes from elsewhere.",
        "FulfilmentOrder",
    )
    .body(Body::Json("FulfilmentPick"))
    .keyed(),
    route("post", "/v1/fulfilment-orders/{id}/pack", WORK, "How picked units were packed.", "FulfilmentOrder")
        .body(Body::Optional("FulfilmentPack"))
        .keyed(),
    route("post", "/v1/fulfilment-orders/{id}/ship", WORK, "What is packed has left.", "FulfilmentOrder")
        .body(Body::Optional("FulfilmentShip"))
        .keyed(),
    route(
        "post",
        "/v1/fulfilment-orders/{id}/cancel",
        WORK,
        "The location will not do the rest: it comes from elsewhere.",
        "FulfilmentOrder",
    )
    .body(Body::Optional("FulfilmentCancel"))
    .keyed(),
    route("get", "/v1/waves", WORK, "Waves, the newest first.", "Waves")
        .params(&[text("location", "Only those of one location."), number("limit", "1 to 200; 20 when left out.")]),
    route("post", "/v1/waves", WORK, "Tell a location to begin with its most urgent planned work.", "Wave")
        .body(Body::Json("WaveRequest"))
        .status("201")
        .keyed(),
    route("get", "/v1/waves/{id}", WORK, "A wave, and what is still to be picked for it.", "Wave"),
    route("get", "/v1/manifests", WORK, "Manifests, the newest first.", "Manifests")
        .params(&[text("location", "Only those of one location."), number("limit", "1 to 200; 20 when left out.")]),
    route("post", "/v1/manifests", WORK, "Close the list of what a carrier was given.", "Manifest")
        .body(Body::Json("ManifestRequest"))
        .status("201")
        .keyed(),
    route("get", "/v1/manifests/{id}", WORK, "A manifest.", "Manifest"),
    route("get", "/v1/shipments/{id}/tracking", WORK, "What a carrier told about a shipment.", "Tracking")
        .params(&[text("order_id", "Of which order; required.")]),
    route("post", "/v1/shipments/{id}/tracking", WORK, "Tell what a carrier told; each thing counts once, in any order.", "Tracking")
        .body(Body::Json("TrackingEvent"))
        .keyed(),
    route("get", "/v1/promises", WORK, "How many promises were kept and missed, and why.", "Promises"),
];

pub(super) const SCHEMAS: &str = include_str!("fulfilment.json");
