//! The MCP binding, over the wire: what an agent's client sends, without a library of its own.

use super::platform::{destination, id_of, message, payment};
use super::schemas::Schemas;
use crate::http::client::Answer;
use crate::http::server::TestServer;
use serde_json::{Value, json};
use std::cell::Cell;

const PROFILE: &str = "https://agent.example/.well-known/ucp";

struct Agent {
    server: TestServer,
    schemas: Option<Schemas>,
    asked: Cell<u64>,
}

impl Agent {
    fn start() -> Self {
        Self::of(TestServer::start())
    }

    fn of(server: TestServer) -> Self {
        Self { server, schemas: Schemas::read(), asked: Cell::new(0) }
    }

    fn post(&self, body: &[u8]) -> Answer {
        let headers = [
            ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"),
            ("mcp-protocol-version", "2025-06-18"),
        ];
        self.server.send("POST /ucp/mcp", &headers, body)
    }

    fn message(&self, method: &str, params: &Value) -> Answer {
        self.asked.set(self.asked.get() + 1);
        let message = json!({ "jsonrpc": "2.0", "id": self.asked.get(), "method": method, "params": params });
        let answer = self.post(message.to_string().as_bytes());
        assert_eq!(answer.header("content-type"), "application/json", "{method}: {}", answer.status);
        assert_eq!(answer.json()["id"], json!(self.asked.get()), "{}", answer.json());
        answer
    }

    fn request(&self, method: &str, params: &Value) -> Value {
        let answer = self.message(method, params);
        assert_eq!(answer.status, 200, "{method}: {}", answer.json());
        answer.json()["result"].clone()
    }

    /// Calls a tool and checks that both forms of its answer say the same, and have the shape of the published schemas.
    fn call(&self, tool: &str, shape: &str, mut arguments: Value) -> Value {
        if arguments["meta"].is_null() {
            arguments["meta"] = meta(Some(&format!("key-{}", self.asked.get())));
        }
        let result = self.request("tools/call", &json!({ "name": tool, "arguments": arguments }));
        let (structured, text) = (&result["structuredContent"], result["content"][0]["text"].as_str().unwrap_or_default());
        assert_eq!(*structured, serde_json::from_str::<Value>(text).unwrap_or_default(), "{tool}: {result}");
        self.schemas.iter().for_each(|schemas| schemas.check(shape, structured));
        structured.clone()
    }

    fn fault(&self, params: Value) -> (u16, i64, String) {
        let answer = self.message("tools/call", &params);
        let error = answer.json()["error"].clone();
        (answer.status, error["code"].as_i64().unwrap_or(0), error["data"]["code"].as_str().unwrap_or_default().to_owned())
    }
}

fn meta(key: Option<&str>) -> Value {
    match key {
        Some(key) => json!({ "ucp-agent": { "profile": PROFILE }, "idempotency-key": key }),
        None => json!({ "ucp-agent": { "profile": PROFILE } }),
    }
}

#[test]
fn an_agent_searches_fills_a_cart_pays_and_reads_its_order() {
    let agent = Agent::start();
    let client = json!({ "name": "test", "version": "1" });
    let hello = agent.request("initialize", &json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client }));
    assert_eq!((&hello["serverInfo"]["name"], hello["capabilities"]["tools"].is_object()), (&json!("shopkeeper"), true), "{hello}");
    assert_eq!(agent.post(br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#).status, 202);
    let tools = agent.request("tools/list", &json!({}));
    let names: Vec<&str> = tools["tools"].as_array().expect("tools").iter().filter_map(|tool| tool["name"].as_str()).collect();
    for name in ["search_catalog", "lookup_catalog", "get_product", "create_cart", "update_checkout", "complete_checkout", "get_order"] {
        assert!(names.contains(&name), "{names:?}");
    }

    let found = agent.call("search_catalog", "search", json!({ "catalog": { "query": "brass lamp" } }));
    let sku = found["products"][0]["variants"][0]["id"].clone();
    assert_eq!(sku, "DL-BRASS");
    agent.call("lookup_catalog", "lookup", json!({ "catalog": { "ids": [sku] } }));
    agent.call("get_product", "product", json!({ "catalog": { "id": "mug" } }));
    let lines = json!([{ "item": { "id": sku }, "quantity": 2 }]);
    let cart = agent.call("create_cart", "cart", json!({ "meta": meta(None), "cart": { "line_items": lines } }));
    let cart = agent.call("get_cart", "cart", json!({ "id": id_of(&cart) }));
    let session = agent.call("create_checkout", "checkout", json!({ "checkout": { "cart_id": id_of(&cart), "line_items": [] } }));
    let buyer = json!({ "email": "ada@example.org", "first_name": "Ada", "last_name": "King" });
    let fulfillment = json!({ "methods": [{ "type": "shipping", "destinations": [destination()] }] });
    let content = json!({ "line_items": lines, "buyer": buyer, "fulfillment": fulfillment });
    let session = agent.call("update_checkout", "checkout", json!({ "id": id_of(&session), "checkout": content }));
    assert_eq!(session["status"], "ready_for_complete");
    let pay = json!({ "meta": meta(Some("pay")), "id": id_of(&session), "checkout": { "payment": payment("tok_success") } });
    let done = agent.call("complete_checkout", "checkout", pay.clone());
    assert_eq!((&done["status"], agent.call("complete_checkout", "checkout", pay)), (&json!("completed"), done.clone()), "once");
    let order = agent.call("get_order", "order", json!({ "id": done["order"]["id"] }));
    assert_eq!((&order["checkout_id"], &order["line_items"][0]["quantity"]["total"]), (&session["id"], &json!(2)));
    let own = agent.server.get(&format!("/ucp/v1/checkout-sessions/{}", id_of(&session))).json();
    assert_eq!((&own["line_items"], &own["totals"]), (&done["line_items"], &done["totals"]), "both bindings show the same");
}

#[test]
fn what_cannot_be_done_is_a_result_and_what_cannot_be_read_is_an_error() {
    let agent = Agent::start();
    let missing = agent.call("get_cart", "cart", json!({ "id": "nothing" }));
    assert_eq!((&missing["ucp"]["status"], &missing["messages"][0]["code"]), (&json!("error"), &json!("not_found")));
    let unsold = json!({ "checkout": { "line_items": [{ "item": { "id": "nothing" }, "quantity": 1 }] } });
    assert_eq!(message(&agent.call("create_checkout", "checkout", unsold), "item_unavailable")["severity"], "unrecoverable");
    let check = |arguments: Value, expected: (u16, i64, &str)| {
        let found = agent.fault(json!({ "name": "update_cart", "arguments": arguments }));
        assert_eq!((found.0, found.1, found.2.as_str()), expected, "{arguments}");
    };
    let cart = json!({ "line_items": [] });
    check(json!({ "id": "c", "cart": cart }), (400, -32_001, "invalid_profile_url"));
    check(
        json!({ "meta": { "ucp-agent": { "profile": "http://x.example" } }, "id": "c", "cart": cart }),
        (400, -32_001, "invalid_profile_url"),
    );
    let other = json!({ "ucp-agent": { "profile": PROFILE, "version": "2001-01-01" } });
    check(json!({ "meta": other, "id": "c", "cart": cart }), (422, -32_001, "version_unsupported"));
    check(json!({ "meta": meta(None), "cart": cart }), (400, -32_602, "missing"));
    check(json!({ "meta": meta(None), "id": 7, "cart": cart }), (400, -32_602, "invalid"));
    check(json!({ "meta": meta(None), "id": "c" }), (400, -32_602, "missing"));
    check(json!({ "meta": meta(None), "id": "c", "cart": [] }), (400, -32_602, "invalid"));
    check(json!({ "meta": meta(None), "id": "c", "cart": cart, "colour": "red" }), (400, -32_602, "unknown_field"));
    check(json!({ "meta": meta(Some("\u{1}")), "id": "c", "cart": cart }), (400, -32_602, "invalid"));
    let paid = agent.fault(json!({ "name": "cancel_cart", "arguments": { "meta": meta(None), "id": "c" } }));
    assert_eq!(paid, (400, -32_602, "missing_header".to_owned()), "what cannot be taken back names itself");
    assert_eq!(agent.message("tools/call", &json!({ "name": "nothing", "arguments": {} })).json()["error"]["code"], -32_602);
}

/// The door takes every message for looking: what a tool does beyond that uses up what a request to its own address would.
#[test]
fn a_tool_that_sells_or_tries_codes_is_held_to_the_allowance_of_that() {
    let rates = "guess = { per_s = 0.001, burst = 2 }\ncart = { per_s = 0.001, burst = 4 }\ncheckout = { per_s = 0.001, burst = 1 }\n";
    let agent = Agent::of(TestServer::start_configured(&format!("[http]\nlimit_loopback = true\n[http.rate]\n{rates}")));
    let cart = |codes: Value| json!({ "line_items": [{ "item": { "id": "BL-1" }, "quantity": 1 }], "discounts": { "codes": codes } });
    let open = |codes: Value| json!({ "name": "create_cart", "arguments": { "meta": meta(None), "cart": cart(codes) } });
    let opened = agent.call("create_cart", "cart", json!({ "cart": cart(json!(["NOPE-1", "NOPE-2"])) }));
    assert_eq!(agent.fault(open(json!(["NOPE-3"]))), (429, -32_000, "too_many_requests".to_owned()), "no more codes");
    let over = json!({ "checkout": { "cart_id": id_of(&opened), "line_items": [] } });
    assert_eq!(agent.call("create_checkout", "checkout", over.clone())["status"], "incomplete");
    let again = json!({ "name": "create_checkout", "arguments": { "meta": meta(None), "checkout": over["checkout"] } });
    assert_eq!(agent.fault(again).0, 429, "one session is what there is");
    assert_eq!((0..2).map(|_| agent.call("create_cart", "cart", json!({ "cart": cart(json!([])) }))).count(), 2, "carts are apart");
    let refused = agent.message("tools/call", &open(json!([])));
    assert!(refused.json()["error"]["data"]["retry_after"].as_u64().is_some_and(|seconds| seconds > 100), "{}", refused.json());
    agent.call("search_catalog", "search", json!({ "catalog": { "query": "brass lamp" } }));
}

#[test]
fn what_is_no_message_is_refused_as_the_protocol_says_and_what_is_no_request_as_everywhere() {
    let agent = Agent::start();
    let check = |headers: &[(&str, &str)], body: &[u8], status: u16| {
        let answer = agent.server.send("POST /ucp/mcp", headers, body);
        assert_eq!(answer.status, status, "{headers:?} {}", answer.json());
        assert!(answer.json().is_object(), "{headers:?}: {}", String::from_utf8_lossy(&answer.body));
    };
    let (json, both) = (("content-type", "application/json"), ("accept", "application/json, text/event-stream"));
    let ping = br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    check(&[json, both], ping, 200);
    check(&[json], ping, 406);
    check(&[both], ping, 415);
    check(&[json, both], b"{", 400);
    check(&[json, both], b"\xff\xfe", 400);
    check(&[json, both], b"[]", 400);
    check(&[json, both], "[".repeat(100_000).as_bytes(), 400);
    check(&[json, both], &vec![b' '; (1 << 20) + 1], 413);
    check(&[json, both, ("mcp-protocol-version", "1999-01-01")], ping, 400);
    let refused = |body: &str, code: i64, id: Value| {
        let answer = agent.server.send("POST /ucp/mcp", &[json, both], body.as_bytes());
        let told = answer.json();
        assert_eq!((answer.status, answer.header("content-type")), (400, "application/json"), "{body}: {told}");
        assert_eq!((&told["jsonrpc"], &told["error"]["code"], &told["id"]), (&json!("2.0"), &json!(code), &id), "{body}: {told}");
        assert!(told["error"]["message"].as_str().is_some_and(|words| !words.is_empty()), "{body}: {told}");
    };
    for body in ["{}", "[]", "5", r#"{"id":7}"#, r#"{"jsonrpc":"1.0","id":7,"method":"ping"}"#] {
        refused(body, -32_600, if body.contains('7') { json!(7) } else { Value::Null });
    }
    for body in ["", "{", "ping"] {
        refused(body, -32_700, Value::Null);
    }
    assert_eq!(agent.server.send("GET /ucp/mcp", &[both], b"").status, 405);
    assert_eq!(agent.server.get("/healthz").status, 200);
}
