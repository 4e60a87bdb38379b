//! Who may do what, on a real server with real keys.
//!
//! Properties pinned here:
//! 1. every route × every scope: allowed exactly when the description says so; without a key, with a wrong, ended or revoked one: 401;
//! 2. what nobody thought of is denied: unknown addresses are 404 only for those who have shown who they are;
//! 3. shoppers, guests, browsers and tenants reach their own carts, sessions and orders, and of all others not even that they exist;
//! 4. a tenant's key shows the products of its filter, through every door;
//! 5. tools are used by whoever may ask at the addresses that do the same, and reach no further;
//! 6. pages of origins that a key does not name may not use it;
//! 7. administrators log in with name, password and code, change nothing without their token, and what they do is written down;
//! 8. what was done under a name that its caller gave it is not done again, and a secret is shown once;
//! 9. who somebody is is told to those only who may know it, also where a route that needs something else can tell it.

mod console;
mod matrix;
mod named;
mod objects;
mod people;
mod tenants;
mod tools;

use super::client::Answer;
use super::server::TestServer;
use serde_json::{Value, json};

/// A server that lets browsers on the shop page in without a key.
fn server() -> TestServer {
    TestServer::start_with(|folder| {
        std::fs::write(folder.join("shopkeeper.toml"), "[access]\nstorefront = true\n").expect("writes");
    })
}

/// Asks with these headers; a body is JSON.
fn ask(server: &TestServer, request: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    let mut headers = headers.to_vec();
    let key = format!("key-{request}-{body}").replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
    let key = &key[..key.len().min(100)];
    headers.extend([("content-type", "application/json"), ("idempotency-key", key)]);
    let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    server.send(request, &headers, &bytes)
}

/// The credentials of a key.
#[derive(Clone)]
struct Credentials {
    bearer: String,
    token: Option<String>,
}

impl Credentials {
    fn headers(&self) -> Vec<(&str, &str)> {
        let token = self.token.iter().map(|token| ("x-shopper-token", token.as_str()));
        std::iter::once(("authorization", self.bearer.as_str())).chain(token).collect()
    }

    fn ask(&self, server: &TestServer, request: &str, body: &Value) -> Answer {
        ask(server, request, &self.headers(), body)
    }

    /// The same, acting as a shopper.
    fn acting_as(&self, server: &TestServer, admin: &Credentials, shopper: &str, key: Option<&str>) -> Self {
        let body = json!({ "ttl_s": 60, "key_id": key });
        let made = admin.ask(server, &format!("POST /v1/shoppers/{shopper}/tokens"), &body);
        assert_eq!(made.status, 201, "{}", made.json());
        Self { token: made.json()["token"].as_str().map(str::to_owned), ..self.clone() }
    }
}

/// Makes a key under `by`, or as whoever may while there is none; answers its id and its credentials.
fn key(server: &TestServer, by: Option<&Credentials>, body: &Value) -> (String, Credentials) {
    let headers = by.map(Credentials::headers).unwrap_or_default();
    let made = ask(server, "POST /v1/keys", &headers, body);
    assert_eq!(made.status, 201, "{body}: {}", made.json());
    let text = |name: &str| made.json()[name].as_str().unwrap_or_default().to_owned();
    (text("id"), Credentials { bearer: format!("Bearer {}", text("secret")), token: None })
}

fn admin_key(server: &TestServer) -> Credentials {
    key(server, None, &json!({ "name": "all", "preset": "admin" })).1
}
