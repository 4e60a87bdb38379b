//! Every route × every scope, and every sort of credentials that is none.

use super::{Credentials, admin_key, ask, key, server};
use crate::http::server::TestServer;
use serde_json::{Value, json};
use shopkeeper::access::{Scope, ScopeSet};
use std::time::{Duration, Instant};

/// One method of one address, with what its description says that it needs.
struct Described {
    request: String,
    needs: String,
}

fn described(server: &TestServer) -> Vec<Described> {
    let document = server.get("/openapi.json").json();
    let paths = document["paths"].as_object().expect("paths").clone();
    let mut all = Vec::new();
    for (path, methods) in paths {
        let address: String =
            path.split('/').map(|part| if part.starts_with('{') { "nothing" } else { part }).collect::<Vec<_>>().join("/");
        for (method, operation) in methods.as_object().expect("methods") {
            let needs = operation["x-scope"].as_str().expect("a need").to_owned();
            all.push(Described { request: format!("{} {address}", method.to_uppercase()), needs });
        }
    }
    all
}

fn is_allowed(holds: ScopeSet, needs: &str) -> bool {
    let scopes = needs.parse::<ScopeSet>().ok();
    needs == "none" || scopes.is_some_and(|needed| needed.iter().all(|scope| holds.allows(scope)))
}

fn check(server: &TestServer, headers: &[(&str, &str)], holds: ScopeSet, rows: &[Described], what: &str, broken: &mut Vec<String>) {
    for Described { request, needs } in rows {
        let answer = server.send(request, headers, b"");
        let expected = is_allowed(holds, needs);
        let kind = answer.json()["type"].as_str().unwrap_or_default().to_owned();
        let is_refused = matches!((answer.status, kind.as_str()), (401, "/docs#unauthenticated") | (403, "/docs#forbidden"));
        // The way in says 401 to whoever is not logged in.
        let is_login = request.ends_with("/console/api/session");
        if expected == is_refused && !is_login {
            broken.push(format!("{what}: {request} needs {needs}, answered {} {kind}", answer.status));
        }
    }
}

#[test]
fn every_route_lets_exactly_those_in_who_hold_its_scope() {
    let server = server();
    let admin = admin_key(&server);
    let rows = described(&server);
    assert!(rows.len() > 200 && rows.iter().all(|row| row.needs != "denied"));
    // What takes long or needs somebody is asked for once, by the key that holds everything.
    let is_cheap = |row: &Described| !["POST /v1/generations", "POST /v1/relations"].contains(&row.request.as_str());
    let cheap: Vec<Described> = rows.into_iter().filter(is_cheap).collect();
    let mut broken = Vec::new();
    for scope in Scope::all() {
        let (_, credentials) = key(&server, Some(&admin), &json!({ "name": scope.to_string(), "scopes": [scope.to_string()] }));
        check(&server, &credentials.headers(), [scope].into_iter().collect(), &cheap, &scope.to_string(), &mut broken);
    }
    assert!(broken.is_empty(), "{} of them:\n{}", broken.len(), broken.join("\n"));
}

#[test]
fn without_a_good_key_only_what_is_open_answers() {
    let server = server();
    let rows = described(&server);
    let admin = admin_key(&server);
    let (ended, short) = {
        let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_millis(1_500);
        key(&server, Some(&admin), &json!({ "name": "short", "preset": "admin", "expires_at": soon.to_string() }))
    };
    let (revoked_id, revoked) = key(&server, Some(&admin), &json!({ "name": "revoked", "preset": "admin" }));
    assert_eq!(admin.ask(&server, &format!("DELETE /v1/keys/{revoked_id}"), &Value::Null).status, 204);
    let (rotated_id, rotated) = key(&server, Some(&admin), &json!({ "name": "rotated", "preset": "admin" }));
    let renewed = admin.ask(&server, &format!("POST /v1/keys/{rotated_id}/rotate"), &json!({ "overlap_s": 0 }));
    let renewed = Credentials { bearer: format!("Bearer {}", renewed.json()["secret"].as_str().unwrap_or_default()), token: None };
    assert_eq!(renewed.ask(&server, "GET /v1/keys", &Value::Null).status, 200);
    let deadline = Instant::now() + Duration::from_secs(20);
    while short.ask(&server, "GET /v1/keys", &Value::Null).status != 401 {
        assert!(Instant::now() < deadline, "{ended} does not end");
    }
    let slip = admin.bearer.replace("sk_", "sk-");
    let none = ScopeSet::default();
    let mut broken = Vec::new();
    check(&server, &[], none, &rows, "no key", &mut broken);
    check(&server, &[("authorization", &slip)], none, &rows, "a slip", &mut broken);
    check(&server, &[("authorization", "Basic YTpi")], none, &rows, "another scheme", &mut broken);
    for (credentials, what) in [(&short, "an ended key"), (&revoked, "a revoked key"), (&rotated, "a rotated key")] {
        check(&server, &credentials.headers(), none, &rows, what, &mut broken);
    }
    assert!(broken.is_empty(), "{} of them:\n{}", broken.len(), broken.join("\n"));
}

#[test]
fn what_nobody_thought_of_is_told_only_to_those_who_may_ask() {
    let server = server();
    let admin = admin_key(&server);
    for request in ["GET /v1/nothing", "POST /", "DELETE /v1", "GET /v1/keys/x/y/z"] {
        let status = server.send(request, &[], b"").status;
        assert!(matches!(status, 401 | 404 | 405), "{request}: {status}");
    }
    assert_eq!(server.get("/v1/nothing").status, 401);
    let answer = admin.ask(&server, "GET /v1/nothing", &Value::Null);
    assert_eq!((answer.status, answer.json()["type"].as_str()), (404, Some("/docs#unknown-route")));
    assert_eq!(server.get("/v1/nothing").header("www-authenticate"), "Bearer realm=\"shopkeeper\"");
}

#[test]
fn keys_are_shown_once_renewed_and_listed_without_their_secrets() {
    let server = server();
    assert_eq!(server.get("/v1/keys").status, 200, "while there is none, nobody needs one");
    let admin = admin_key(&server);
    let (id, page) = key(&server, Some(&admin), &json!({ "name": "page", "preset": "search-only", "origins": ["https://shop.example"] }));
    assert_eq!(page.ask(&server, "GET /v1/search?q=lamp", &Value::Null).status, 200);
    let renewed = admin.ask(&server, &format!("POST /v1/keys/{id}/rotate"), &json!({}));
    assert!(renewed.json()["old_secret_until"].is_string());
    assert_eq!(page.ask(&server, "GET /v1/search?q=lamp", &Value::Null).status, 200, "the old secret is good for a day");
    let listed = admin.ask(&server, "GET /v1/keys", &Value::Null).json();
    let row = listed["keys"].as_array().and_then(|keys| keys.iter().find(|key| key["id"] == *id)).expect("is listed").clone();
    assert!(row["used_at"].is_string() && row["secret"].is_null(), "{row}");
    assert!(!listed.to_string().contains(page.bearer.rsplit('_').next().expect("a secret")));
    let bad = |body: Value, field: &str| {
        let answer = ask(&server, "POST /v1/keys", &admin.headers(), &body);
        assert_eq!((answer.status, answer.json()["field"].as_str()), (400, Some(field)), "{body}: {}", answer.json());
    };
    bad(json!({ "name": "x" }), "scopes");
    bad(json!({ "name": "x", "preset": "all" }), "preset");
    bad(json!({ "name": "x", "scopes": ["search"] }), "scopes");
    bad(json!({ "name": "", "preset": "admin" }), "name");
    bad(json!({ "name": "x", "preset": "admin", "filter": "brand = \"Halden\"" }), "scopes");
    bad(json!({ "name": "x", "preset": "search-only", "filter": "brand = " }), "filter");
    bad(json!({ "name": "x", "preset": "search-only", "origins": ["shop.example"] }), "origins");
    bad(json!({ "name": "x", "preset": "search-only", "expires_at": "soon" }), "expires_at");
    bad(json!({ "name": "x", "preset": "search-only", "expires_at": "2001-01-01T00:00:00Z" }), "expires_at");
    bad(json!({ "name": "x", "preset": "search-only", "colour": "red" }), "colour");
}

#[test]
fn pages_of_other_origins_use_a_key_only_when_it_names_them() {
    let server = server();
    let admin = admin_key(&server);
    let (_, page) = key(&server, Some(&admin), &json!({ "name": "page", "preset": "search-only", "origins": ["https://shop.example"] }));
    let from = |credentials: &Credentials, origin: &str| {
        let headers: Vec<(&str, &str)> = credentials.headers().into_iter().chain([("origin", origin)]).collect();
        let answer = server.send("GET /v1/search?q=lamp", &headers, b"");
        (answer.status, answer.header("access-control-allow-origin").to_owned())
    };
    assert_eq!(from(&page, "https://shop.example"), (200, "https://shop.example".to_owned()));
    assert_eq!(from(&page, "https://evil.example"), (403, String::new()));
    assert_eq!(from(&admin, "https://shop.example"), (403, String::new()), "a key for servers is for no page");
    let own = format!("http://{}", server.address);
    assert_eq!(from(&admin, &own).0, 200);
    let preflight = |origin: &str| {
        let headers = [("origin", origin), ("access-control-request-method", "POST")];
        let answer = server.send("OPTIONS /v1/search", &headers, b"");
        (answer.status, answer.header("access-control-allow-origin").to_owned())
    };
    assert_eq!(preflight("https://shop.example"), (204, "https://shop.example".to_owned()));
    assert_eq!(preflight("https://evil.example"), (204, String::new()));
}

#[test]
fn an_arm_is_shown_on_demand_only_to_those_who_may_read_experiments() {
    let server = server();
    let admin = admin_key(&server);
    let arms = json!({ "arms": [{ "name": "control", "share": 1 }, { "name": "words", "share": 1, "overrides": { "mode": "text" } }] });
    assert_eq!(admin.ask(&server, "PUT /v1/experiments/words", &arms).status, 201);
    let (_, page) = key(&server, Some(&admin), &json!({ "name": "page", "preset": "search-only" }));
    let (_, merchant) = key(&server, Some(&admin), &json!({ "name": "merchant", "scopes": ["search:read", "rules:read"] }));
    let forced = "GET /v1/search?q=lamp&arm=words:words";
    let refused = page.ask(&server, forced, &Value::Null);
    assert_eq!((refused.status, refused.json()["field"].as_str()), (403, Some("arm")));
    for allowed in [&merchant, &admin] {
        assert_eq!(allowed.ask(&server, forced, &Value::Null).json()["experiments"][0]["arm"], "words");
    }
    assert_eq!(merchant.ask(&server, "POST /v1/experiments/words/start", &Value::Null).status, 403);
    assert_eq!(merchant.ask(&server, "GET /v1/experiments/words/report", &Value::Null).status, 403, "revenue is for those who may see it");
}

/// A part of a page needs what its own address needs.
#[test]
fn a_page_in_one_request_shows_each_part_to_those_who_may_ask_for_it() {
    let server = server();
    let admin = admin_key(&server);
    let (_, searching) = key(&server, Some(&admin), &json!({ "name": "page", "scopes": ["search:read"] }));
    let page = json!({ "searches": [{ "q": "lamp" }], "suggest": { "q": "la" }, "recommend": { "carousels": [{ "kind": "trending" }] } });
    let statuses = |who: &Credentials| {
        let answer = who.ask(&server, "POST /v1/multi-search", &page).json();
        ["/results/0/status", "/suggestions/status", "/recommendations/status"].map(|part| answer.pointer(part).and_then(Value::as_u64))
    };
    assert_eq!(statuses(&admin), [Some(200); 3]);
    assert_eq!(statuses(&searching), [Some(200), Some(200), Some(403)]);
}
