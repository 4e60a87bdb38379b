//! `/openapi.json`: the interface described in OpenAPI 3.1, made from one table of routes and one file of schemas.
//!
//! A test walks the table against the router, so that nothing is described that does not answer, and the router against the table.

mod areas;
mod deprecation;
mod table;
mod writes;

pub(super) use deprecation::{Deprecations, tell as tell_deprecation};

use super::access::told;
use super::admission::{PATIENCE, PATIENCE_MS_MAX, is_admitted};
use super::answer;
use super::error::Kind;
use super::rate::is_limited;
use crate::recommend;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use serde_json::{Map, Value, json};
use std::sync::OnceLock;
use table::{Body, Param, ROUTES, Route};

const SCHEMAS: &str = include_str!("schemas.json");
const NDJSON: &str = "application/x-ndjson";

/// The description and its revision, made once.
static DOCUMENT: OnceLock<(Vec<u8>, String)> = OnceLock::new();

/// The description.
pub(super) async fn get(headers: HeaderMap) -> Response {
    let (bytes, revision) = DOCUMENT.get_or_init(|| {
        let bytes = serde_json::to_vec(&document()).unwrap_or_default();
        let revision = answer::revision(&bytes);
        (bytes, revision)
    });
    answer::document(&headers, revision, bytes.as_slice())
}

fn document() -> Value {
    let schemas = schemas();
    let mut paths: Map<String, Value> = Map::new();
    for route in routes() {
        let path = paths.entry(route.path).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(methods) = path {
            methods.insert(route.method.to_owned(), operation(route));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Shopkeeper",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Search, recommendations, carts, orders and stock. Errors are problem documents (RFC 9457).",
        },
        "servers": [{ "url": "/" }],
        "tags": tags(),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "key": { "type": "http", "scheme": "bearer", "description": "An access key, once the first one was made." } },
        },
        "x-problems": problems(),
    })
}

/// The headers of the routes on their way out.
pub(super) fn deprecations() -> Deprecations {
    Deprecations::of(routes())
}

/// Every route of the interface.
fn routes() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().chain(areas::ROUTES.iter().copied().flatten())
}

/// Method and path of every route, for tests that no list of addresses names what there is not.
#[cfg(test)]
pub(super) fn addresses() -> impl Iterator<Item = (&'static str, &'static str)> {
    routes().map(|route| (route.method, route.path))
}

/// Every schema by name.
fn schemas() -> Map<String, Value> {
    let parts = std::iter::once(SCHEMAS).chain(areas::SCHEMAS.iter().copied());
    parts.flat_map(|part| serde_json::from_str::<Map<String, Value>>(part).unwrap_or_default()).collect()
}

/// The groups of routes, in the order in which they are to be read.
fn tags() -> Vec<Value> {
    let mut names: Vec<&str> = Vec::new();
    routes().for_each(|route| {
        if !names.contains(&route.tag) {
            names.push(route.tag);
        }
    });
    names.into_iter().map(|name| json!({ "name": name })).collect()
}

/// The kinds of problems, for the documentation page: their `type` points there.
fn problems() -> Vec<Value> {
    let rows = Kind::ALL.iter().map(|kind| kind.row());
    rows.map(|(status, slug, title)| json!({ "slug": slug, "status": status, "title": title })).collect()
}

fn operation(route: &Route) -> Value {
    let needed = told(route.method, route.path).unwrap_or_else(|| "denied".to_owned());
    let mut operation = json!({
        "operationId": operation_id(route),
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": parameters(route),
        "responses": responses(route),
        "x-scope": needed,
        "security": if needed == "none" { json!([]) } else { json!([{ "key": [] }]) },
    });
    if let (Some(body), Value::Object(fields)) = (body(route.body), &mut operation) {
        fields.insert("requestBody".to_owned(), body);
    }
    if route.deprecation.is_some() {
        operation["deprecated"] = json!(true);
    }
    operation
}

/// What programs call an operation: its method and the words of its address, as in `get_products_by_id`.
fn operation_id(route: &Route) -> String {
    let words = route.path.split('/').filter(|part| !part.is_empty() && *part != "v1").map(|part| match part.strip_prefix('{') {
        Some(name) => format!("by_{}", name.trim_end_matches('}')),
        None if part == "1" => "algolia".to_owned(),
        None => part.trim_start_matches('.').replace(['-', '.'], "_"),
    });
    std::iter::once(route.method.to_owned()).chain(words).collect::<Vec<String>>().join("_")
}

fn method_of(route: &Route) -> Method {
    Method::from_bytes(route.method.to_uppercase().as_bytes()).unwrap_or_default()
}

/// Parameters of which an empty one is none; others have to say something if they are there.
const MAY_BE_EMPTY: [&str; 15] = [
    "q",
    "filter",
    "facets",
    "sort",
    "group_by",
    "mode",
    "spelling",
    "fields",
    "segments",
    "ignore_intents",
    "avoid",
    "pin",
    "format",
    "cursor",
    "after",
];

/// What may stand in an address: a name, or one of those that there are.
fn path_schema(path: &str, name: &str) -> Value {
    match (path, name) {
        ("/v1/recommend/{kind}", "kind") => json!({ "type": "string", "enum": recommend::Kind::ALL.map(|(_, name)| name) }),
        _ => json!({ "type": "string" }),
    }
}

fn parameters(route: &Route) -> Vec<Value> {
    let in_path = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let in_path = in_path.map(|name| json!({ "name": name, "in": "path", "required": true, "schema": path_schema(route.path, name) }));
    let in_query = route.params.iter().map(|Param { name, kind, about }| {
        // What cannot be left out says so to people, and here to programs.
        let is_required = about.ends_with("required.");
        let mut schema = json!({ "type": kind });
        if *kind == "string" && !MAY_BE_EMPTY.contains(name) {
            schema["minLength"] = json!(1);
        }
        json!({ "name": name, "in": "query", "required": is_required, "description": about, "schema": schema })
    });
    let about = "Who asks: `profile=\"https://…\"`. Whoever names a profile is answered in the protocol's own way.";
    let agent = json!({ "name": "UCP-Agent", "in": "header", "required": false, "description": about, "schema": { "type": "string" } });
    let about =
        "How long the answer is waited for, in milliseconds: what would not be seen in time is not begun, or answers with what there is.";
    let schema = json!({ "type": "integer", "minimum": 1, "maximum": PATIENCE_MS_MAX });
    let patience = json!({ "name": PATIENCE, "in": "header", "required": false, "description": about, "schema": schema });
    let patience = is_admitted(&method_of(route), route.path).then_some(patience);
    in_path.chain(in_query).chain(writes::headers(route)).chain(route.is_ucp.then_some(agent)).chain(patience).collect()
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn body(body: Body) -> Option<Value> {
    let content = match body {
        Body::None => return None,
        Body::Json(name) | Body::Optional(name) => json!({ "application/json": { "schema": reference(name) } }),
        Body::JsonOrLines(name) => json!({ "application/json": { "schema": reference(name) }, NDJSON: lines(name) }),
        Body::Lines(name) => json!({ NDJSON: lines(name) }),
    };
    Some(json!({ "required": !matches!(body, Body::Optional(_)), "content": content }))
}

/// Many of a schema; as bytes, which programs send as they are.
fn lines(name: &str) -> Value {
    json!({ "schema": { "type": "string", "format": "binary", "description": format!("One {name} a line.") } })
}

/// An answer that is a file in one of several layouts; as bytes, which programs keep as they come.
fn file() -> Value {
    let bytes = json!({ "schema": { "type": "string", "format": "binary" } });
    json!({
        "description": "The file, streamed; an answer that breaks off is not whole.",
        "content": { "application/x-ndjson": bytes, "text/csv": bytes, "application/vnd.apache.parquet": bytes },
    })
}

fn responses(route: &Route) -> Value {
    let (status, schema) = route.answer;
    let shown = |schema: Value| json!({ "description": "", "content": { "application/json": { "schema": schema } } });
    let answer = match schema {
        "" => json!({ "description": "Done; no body." }),
        "text" => json!({ "description": "Text.", "content": { "text/plain": { "schema": { "type": "string" } } } }),
        "file" => file(),
        name if route.is_ucp => shown(json!({ "anyOf": [reference(name), reference("UcpErrorAnswer")] })),
        name => shown(reference(name)),
    };
    let mut content = json!({ "application/problem+json": { "schema": reference("Problem") } });
    if route.is_ucp {
        content["application/json"] = json!({ "schema": { "anyOf": [reference("UcpFault"), reference("McpMessage")] } });
    }
    if route.path.starts_with("/1/") {
        // Clients of that interface read its own form of an error.
        content["application/json"] = json!({ "schema": reference("AlgoliaDone") });
    }
    let problem = json!({ "description": "Why it was not done.", "content": content });
    let mut responses = json!({ status: answer, "4XX": problem.clone(), "5XX": problem.clone() });
    for (status, about) in put_off(route) {
        responses[status] = json!({ "description": about, "headers": { "Retry-After": retry_after() }, "content": problem["content"] });
    }
    if let Some(deprecation) = route.deprecation {
        responses[status]["headers"] = deprecation.described();
    }
    if writes::is_versioned(schema) {
        responses[status]["headers"]["ETag"] = writes::etag();
    }
    if route.method == "put" && ["Written", "SettingWritten"].contains(&schema) || schema == "ProductsPut" {
        // Where there was nothing of that name.
        responses["201"] = responses[status].clone();
    }
    if schema == "McpMessage" {
        responses["202"] = json!({ "description": "A notification was heard; no body." });
    }
    if route.is_ucp && status != "200" {
        // What a platform asks for and cannot be made is told with a 200.
        responses["200"] = responses[status].clone();
    }
    responses
}

/// Statuses with which a request is asked to come again later, and why.
fn put_off(route: &Route) -> Vec<(&'static str, &'static str)> {
    let method = method_of(route);
    let too_often = is_limited(&method, route.path).then_some(("429", "Asked more often than is allowed."));
    let too_much = is_admitted(&method, route.path).then_some(("503", "More is asked of the shop than it can do, or it takes no writes."));
    too_often.into_iter().chain(too_much).collect()
}

fn retry_after() -> Value {
    json!({ "description": "Seconds after which it is worth asking again.", "schema": { "type": "integer", "minimum": 0 } })
}

/// A schema with all that it refers to, by name, each referring to its neighbours below `$defs`: for those who read it without this document.
pub(super) fn definitions(name: &str) -> Map<String, Value> {
    let (all, mut found, mut wanted) = (schemas(), Map::new(), vec![name.to_owned()]);
    while let Some(name) = wanted.pop() {
        let Some(schema) = all.get(&name).filter(|_| !found.contains_key(&name)) else { continue };
        let text = schema.to_string();
        wanted.extend(text.split("#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next().map(str::to_owned)));
        let schema = serde_json::from_str(&text.replace("#/components/schemas/", "#/$defs/")).unwrap_or_default();
        found.insert(name, schema);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_that_is_named_exists() {
        let text = document().to_string();
        let parts = std::iter::once(SCHEMAS).chain(areas::SCHEMAS.iter().copied());
        let count: usize = parts.map(|part| serde_json::from_str::<Map<String, Value>>(part).expect("schemas are JSON").len()).sum();
        let schemas = schemas();
        assert_eq!(schemas.len(), count, "a schema is described twice");
        let names = text.split("#/components/schemas/").skip(1).map(|rest| rest.split('"').next().unwrap_or_default());
        names.for_each(|name| assert!(schemas.get(name).is_some(), "there is no schema {name}"));
    }

    #[test]
    fn every_operation_has_a_name_of_its_own_that_programs_can_use() {
        let mut ids: Vec<String> = routes().map(operation_id).collect();
        assert!(ids.iter().all(|id| id.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')));
        let named = |id: &str| ids.iter().any(|known| known == id);
        assert!(named("get_search") && named("get_products_by_id") && named("post_ucp_carts") && named("get_well_known_ucp"));
        assert!(named("post_algolia_indexes_by_index_query"), "{ids:?}");
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count, "two operations have one name");
    }

    #[test]
    fn answers_that_ask_to_come_again_stand_where_they_can_come() {
        let document = document();
        let of = |path: &str, method: &str| document["paths"][path][method].clone();
        let waits = |operation: &Value| ["429", "503"].map(|status| operation["responses"][status]["headers"]["Retry-After"].is_object());
        let is_patient =
            |operation: &Value| operation["parameters"].as_array().is_some_and(|all| all.iter().any(|one| one["name"] == PATIENCE));
        let search = of("/v1/search", "get");
        assert_eq!((waits(&search), is_patient(&search)), ([true, true], true));
        let health = of("/healthz", "get");
        assert_eq!((waits(&health), is_patient(&health)), ([false, false], false));
    }

    #[test]
    fn every_route_stands_in_the_table_of_scopes() {
        let denied: Vec<_> = routes().filter(|route| told(route.method, route.path).is_none()).map(|route| route.path).collect();
        assert!(denied.is_empty(), "give these a row in http/access/table.rs, or nobody gets there: {denied:?}");
    }

    #[test]
    fn the_table_names_exactly_the_routers_api_routes() {
        let router = include_str!("../router.rs");
        let routers = std::iter::once(router).chain(areas::ROUTERS.iter().copied());
        let address = |rest: &'static str| rest.trim_start().strip_prefix('"')?.split('"').next();
        let routed: Vec<&str> = routers.flat_map(|router| router.split(".route(").skip(1).filter_map(address)).collect();
        let is_page = |path: &&str| {
            matches!(
                *path,
                "/" | "/search"
                    | "/p/{id}"
                    | "/cart"
                    | "/checkout"
                    | "/orders/{id}"
                    | "/console"
                    | "/console/{*view}"
                    | "/docs"
                    | "/assets/{name}"
            )
        };
        let described = |path: &&str| routes().any(|route| route.path == *path);
        routed.iter().filter(|path| !is_page(path)).for_each(|path| assert!(described(path), "{path} is not described"));
        routes().for_each(|route| assert!(routed.contains(&route.path), "{} is not routed", route.path));
    }
}
