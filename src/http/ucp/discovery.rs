//! `/.well-known/ucp`: what this shop can do, for platforms that find it.

use super::shapes::{
    CART, CATALOG_LOOKUP, CATALOG_SEARCH, CHECKOUT, Entity, FULFILLMENT, Handler, ORDER, VERSION, capabilities, payment_handlers,
};
use crate::http::answer::{Answer, ok};
use crate::http::context::Shared;
use axum::extract::State;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Profile {
    ucp: Business,
}

#[derive(Serialize)]
struct Business {
    version: &'static str,
    services: BTreeMap<&'static str, [Service; 1]>,
    capabilities: BTreeMap<&'static str, [Entity; 1]>,
    payment_handlers: BTreeMap<String, [Handler; 1]>,
}

#[derive(Serialize)]
struct Service {
    version: &'static str,
    transport: &'static str,
    endpoint: String,
}

pub(in crate::http) async fn get(State(context): Shared) -> Answer {
    let service = Service { version: VERSION, transport: "rest", endpoint: format!("{}/ucp/v1", context.public_url) };
    ok(&Profile {
        ucp: Business {
            version: VERSION,
            services: BTreeMap::from([("dev.ucp.shopping", [service])]),
            capabilities: capabilities(&[CART, CATALOG_LOOKUP, CATALOG_SEARCH, CHECKOUT, FULFILLMENT, ORDER]),
            payment_handlers: payment_handlers(context.shop.providers()),
        },
    })
}
