//! Administrative writes under names that their callers gave them: what was done under one is not done again, and a secret is shown once.

use super::{Credentials, admin_key, server};
use crate::http::client::Answer;
use crate::http::server::TestServer;
use serde_json::{Value, json};
use std::path::Path;

const PASSWORD: &str = "correct horse battery";

/// Asks under a name.
fn under(server: &TestServer, by: &Credentials, name: &str, request: &str, body: &Value) -> Answer {
    let mut headers = by.headers();
    headers.extend([("content-type", "application/json"), ("idempotency-key", name)]);
    let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    server.send(request, &headers, &bytes)
}

fn text(answer: &Answer, field: &str) -> String {
    answer.json()[field].as_str().unwrap_or_default().to_owned()
}

fn may_search(server: &TestServer, secret: &str) -> bool {
    server.send("GET /v1/search?q=lamp", &[("authorization", &format!("Bearer {secret}"))], b"").status == 200
}

/// Whether a text stands in any file below a folder.
fn stands_in(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).any(|path| match path.is_dir() {
        true => stands_in(&path, text),
        false => std::fs::read(&path).expect("a file").windows(text.len()).any(|bytes| bytes == text.as_bytes()),
    })
}

#[test]
fn a_key_is_made_and_rotated_once_for_a_name_and_its_secret_is_shown_once() {
    let server = server();
    let admin = admin_key(&server);
    let body = json!({ "name": "till", "preset": "search-only" });
    let made = under(&server, &admin, "n1", "POST /v1/keys", &body);
    let (id, secret) = (text(&made, "id"), text(&made, "secret"));
    assert_eq!((made.status, may_search(&server, &secret)), (201, true));
    let again = under(&server, &admin, "n1", "POST /v1/keys", &body);
    assert_eq!((again.status, text(&again, "id"), again.json().get("secret")), (201, id.clone(), None));
    let other = under(&server, &admin, "n1", "POST /v1/keys", &json!({ "name": "desk", "preset": "search-only" }));
    assert_eq!((other.status, text(&other, "field").as_str()), (422, "idempotency-key"));
    let all = server.send("GET /v1/keys", &admin.headers(), b"").json();
    assert_eq!(all["keys"].as_array().map(Vec::len), Some(2));

    let rotate = format!("POST /v1/keys/{id}/rotate");
    let rotated = under(&server, &admin, "n2", &rotate, &json!({ "overlap_s": 0 }));
    let newer = text(&rotated, "secret");
    let again = under(&server, &admin, "n2", &rotate, &json!({ "overlap_s": 0 }));
    assert_eq!((again.status, text(&again, "id"), again.json().get("secret")), (200, id.clone(), None));
    assert_eq!((may_search(&server, &secret), may_search(&server, &newer)), (false, true), "it was rotated once");

    let revoke = format!("DELETE /v1/keys/{id}");
    let statuses = ["n3", "n3", "n4"].map(|name| under(&server, &admin, name, &revoke, &Value::Null).status);
    assert_eq!((statuses, may_search(&server, &newer)), ([204, 204, 409], false));
    for secret in [&secret, &newer] {
        assert!(!stands_in(server.folder(), secret), "a secret is kept");
    }
}

#[test]
fn administrators_are_made_changed_and_removed_once_for_a_name() {
    let server = server();
    let admin = admin_key(&server);
    let body = json!({ "name": "ann", "password": PASSWORD });
    let made = ["a1", "a1"].map(|name| under(&server, &admin, name, "POST /v1/admins", &body));
    assert_eq!((made[0].status, made[0].json()), (201, made[1].json()));
    assert_eq!(under(&server, &admin, "a2", "POST /v1/admins", &body).status, 409, "there is one already");
    let other = under(&server, &admin, "a1", "POST /v1/admins", &json!({ "name": "ann", "password": "another long password" }));
    assert_eq!((other.status, text(&other, "field").as_str()), (422, "idempotency-key"));

    let change =
        |name: &str, password: &str| under(&server, &admin, name, "PUT /v1/admins/ann/password", &json!({ "password": password })).status;
    assert_eq!((change("a3", "the first new password"), change("a4", "the second new password")), (204, 204));
    assert_eq!(change("a3", "the first new password"), 204);
    let log_in = |password: &str| {
        let body = json!({ "name": "ann", "password": password }).to_string();
        server.send("POST /console/api/session", &[("content-type", "application/json")], body.as_bytes()).status
    };
    assert_eq!((log_in("the second new password"), log_in("the first new password")), (201, 401), "the repetition changed nothing");

    let removed = ["a5", "a5", "a6"].map(|name| under(&server, &admin, name, "DELETE /v1/admins/ann", &Value::Null).status);
    assert_eq!(removed, [204, 204, 404]);
    assert!(!stands_in(server.folder(), PASSWORD), "a password is kept");
}

#[test]
fn a_name_that_is_none_is_refused_before_anything_is_done() {
    let server = server();
    let admin = admin_key(&server);
    let long = "k".repeat(200);
    for name in ["", long.as_str()] {
        let refused = under(&server, &admin, name, "POST /v1/keys", &json!({ "name": "till", "preset": "search-only" }));
        assert_eq!((refused.status, text(&refused, "field").as_str()), (400, "idempotency-key"));
    }
    let all = server.send("GET /v1/keys", &admin.headers(), b"").json();
    assert_eq!(all["keys"].as_array().map(Vec::len), Some(1));
}
