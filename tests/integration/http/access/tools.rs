//! Tools are used by whoever may ask at the addresses that do the same, and reach no further.

use super::{Credentials, admin_key, ask, key, server};
use crate::http::server::TestServer;
use serde_json::{Value, json};

/// Calls a tool; the status, and the tool's answer or else the error.
fn call(server: &TestServer, by: &Credentials, tool: &str, mut arguments: Value) -> (u16, Value) {
    let meta = json!({ "ucp-agent": { "profile": "https://agent.example/ucp" }, "idempotency-key": format!("{tool}-{arguments}") });
    arguments["meta"] = meta;
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": tool, "arguments": arguments } });
    let mut headers = by.headers();
    headers.push(("accept", "application/json, text/event-stream"));
    let answer = ask(server, "POST /ucp/mcp", &headers, &message);
    let told = answer.json();
    let result = &told["result"]["structuredContent"];
    (answer.status, if result.is_null() { told["error"].clone() } else { result.clone() })
}

fn session() -> Value {
    json!({ "checkout": { "line_items": [{ "item": { "id": "KET-1" }, "quantity": 1 }] } })
}

#[test]
fn a_tool_needs_what_its_address_needs() {
    let server = server();
    let admin = admin_key(&server);
    let (_, till) = key(&server, Some(&admin), &json!({ "name": "till", "scopes": ["checkout:write"] }));
    let (_, finder) = key(&server, Some(&admin), &json!({ "name": "finder", "preset": "search-only" }));
    let search = || json!({ "catalog": { "query": "lamp" } });
    let (status, error) = call(&server, &till, "search_catalog", search());
    assert_eq!((status, &error["code"], &error["data"]["code"]), (403, &json!(-32_000), &json!("forbidden")), "{error}");
    assert_eq!(call(&server, &till, "create_checkout", session()).0, 200);
    assert_eq!(call(&server, &finder, "search_catalog", search()).0, 403, "the binding itself is for those who buy");
    assert_eq!(call(&server, &admin, "search_catalog", search()).1["ucp"]["status"], "success");
}

#[test]
fn what_is_somebody_elses_is_as_good_as_unknown() {
    let server = server();
    let admin = admin_key(&server);
    let (_, shop) = key(&server, Some(&admin), &json!({ "name": "shop", "preset": "storefront" }));
    let [ann, ben] = ["ann", "ben"].map(|name| shop.acting_as(&server, &admin, name, None));
    let (status, made) = call(&server, &ann, "create_checkout", session());
    assert_eq!((status, &made["ucp"]["status"]), (200, &json!("success")), "{made}");
    let named = json!({ "id": made["id"] });
    assert_eq!(call(&server, &ann, "get_checkout", named.clone()).1["id"], made["id"]);
    for tool in ["get_checkout", "cancel_checkout"] {
        let (status, refused) = call(&server, &ben, tool, named.clone());
        assert_eq!((status, &refused["messages"][0]["code"], refused.get("id")), (200, &json!("not_found"), None), "{tool}: {refused}");
    }
    assert_eq!(call(&server, &ann, "get_checkout", named).1["status"], "incomplete");
}

#[test]
fn a_tenants_tools_show_what_its_key_shows() {
    let server = server();
    let admin = admin_key(&server);
    let (_, birk) = key(&server, Some(&admin), &json!({ "name": "birk", "preset": "storefront", "filter": "brand = \"Birk\"" }));
    let (_, found) = call(&server, &birk, "search_catalog", json!({ "catalog": { "query": "lamp" } }));
    assert!(found["products"].as_array().is_some_and(|products| products.iter().all(|product| product["id"] == "bed-lamp")), "{found}");
    assert_eq!(call(&server, &birk, "get_product", json!({ "catalog": { "id": "desk-lamp" } })).1["messages"][0]["code"], "not_found");
    assert_eq!(call(&server, &birk, "get_product", json!({ "catalog": { "id": "KET-1" } })).1["product"]["id"], "kettle");
}
