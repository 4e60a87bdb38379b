//! `/.well-known/ucp`: what this shop can do, for platforms that find it.

use super::capability::{self, VERSION};
use super::shapes::{Entity, Handler, payment_handlers};
use crate::connect::webhooks::PublicKey;
use crate::http::answer::{Answer, ok, with};
use crate::http::context::Shared;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use serde::Serialize;
use std::collections::BTreeMap;

/// The protocol wants a profile to be kept for a minute at least; what this one says changes with a restart.
const CACHED: &str = "public, max-age=300";

#[derive(Serialize)]
struct Profile<'a> {
    ucp: Business,
    /// What checks that a platform was told of an order by this shop.
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_keys: Option<[Key<'a>; 1]>,
}

/// A public key as a JSON Web Key (RFC 7517).
#[derive(Serialize)]
struct Key<'a> {
    kid: &'a str,
    kty: &'static str,
    crv: &'static str,
    x: &'a str,
    y: &'a str,
    r#use: &'static str,
    alg: &'static str,
}

fn key(PublicKey { id, x, y }: &PublicKey) -> Key<'_> {
    Key { kid: id, kty: "EC", crv: "P-256", x, y, r#use: "sig", alg: "ES256" }
}

#[derive(Serialize)]
struct Business {
    version: &'static str,
    services: BTreeMap<&'static str, [Service; 2]>,
    capabilities: BTreeMap<&'static str, [Entity; 1]>,
    payment_handlers: BTreeMap<String, [Handler; 1]>,
}

#[derive(Serialize)]
struct Service {
    version: &'static str,
    spec: String,
    schema: String,
    transport: &'static str,
    endpoint: String,
}

fn service(transport: &'static str, schema: &str, endpoint: String) -> Service {
    Service {
        version: VERSION,
        spec: format!("https://ucp.dev/{VERSION}/specification/overview"),
        schema: format!("https://ucp.dev/{VERSION}/services/shopping/{schema}"),
        transport,
        endpoint,
    }
}

pub(super) async fn get(State(context): Shared) -> Answer {
    let url = &context.public_url;
    let services =
        [service("rest", "rest.openapi.json", format!("{url}/ucp/v1")), service("mcp", "mcp.openrpc.json", format!("{url}/ucp/mcp"))];
    let profile = Profile {
        ucp: Business {
            version: VERSION,
            services: BTreeMap::from([("dev.ucp.shopping", services)]),
            capabilities: capability::ALL.iter().map(|capability| (capability.name, [Entity::described(capability)])).collect(),
            payment_handlers: payment_handlers(context.shop.providers()),
        },
        signing_keys: context.shop.webhooks().map(|desk| [key(desk.public_key())]),
    };
    Ok(with(ok(&profile)?, CACHE_CONTROL, CACHED))
}
