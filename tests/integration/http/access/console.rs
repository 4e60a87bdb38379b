//! Administrators: logging in, being told from other sites' pages, and being written down.

use super::{Credentials, admin_key, ask, key, server};
use crate::http::client::Answer;
use crate::http::server::TestServer;
use serde_json::{Value, json};
use shopkeeper::stdx::crypto::hmac_sha1;

const PASSWORD: &str = "correct horse battery";
const SESSION: &str = "/console/api/session";

fn make_admin(server: &TestServer, by: &Credentials, name: &str) {
    let made = by.ask(server, "POST /v1/admins", &json!({ "name": name, "password": PASSWORD }));
    assert_eq!(made.status, 201, "{}", made.json());
}

fn log_in(server: &TestServer, name: &str, password: &str, code: Option<&str>) -> Answer {
    ask(server, &format!("POST {SESSION}"), &[], &json!({ "name": name, "password": password, "code": code }))
}

/// The cookie and the token of a login.
fn session(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, 201, "{}", answer.json());
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("HttpOnly; SameSite=Strict"), "{cookie}");
    let text = answer.json()["csrf_token"].as_str().unwrap_or_default().to_owned();
    (cookie.split(';').next().unwrap_or_default().to_owned(), text)
}

/// What an authenticator app shows at this time.
fn code_of(secret: &str, step: i64) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String =
        secret.bytes().filter_map(|letter| letters.iter().position(|known| *known == letter)).map(|value| format!("{value:05b}")).collect();
    let bytes: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).expect("bits"), 2).expect("a byte"))
        .collect();
    let digest = hmac_sha1(&bytes, &step.to_be_bytes());
    let at = usize::from(digest[19] & 15);
    let number = u32::from_be_bytes([digest[at] & 0x7f, digest[at + 1], digest[at + 2], digest[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

#[test]
fn an_administrator_logs_in_works_and_logs_out() {
    let server = server();
    let operator = admin_key(&server);
    make_admin(&server, &operator, "ann");
    let (cookie, token) = session(&log_in(&server, "ann", PASSWORD, None));
    let with = |request: &str, token: &str, body: &Value| ask(&server, request, &[("cookie", &cookie), ("x-csrf-token", token)], body);
    let status = |request: &str, token: &str, body: &Value| with(request, token, body).status;
    assert_eq!(with(&format!("GET {SESSION}"), "", &Value::Null).json()["admin"], "ann");
    assert_eq!(status("GET /v1/orders", "", &Value::Null), 200, "a session carries every scope");
    let rule = json!({ "when": {}, "then": { "hide": ["mug"] } });
    assert_eq!(status("PUT /v1/synonyms/s1", "", &rule), 403, "another site's page does not know the token");
    assert_eq!(status("PUT /v1/synonyms/s1", "guessed", &rule), 403);
    let synonym = json!({ "words": ["mug", "beaker"] });
    let put = with("PUT /v1/synonyms/s1", &token, &synonym);
    assert!(put.status < 300 || put.status == 400, "{}", put.json());
    assert_eq!(status(&format!("DELETE {SESSION}"), "", &Value::Null), 403);
    assert_eq!(status(&format!("DELETE {SESSION}"), &token, &Value::Null), 204);
    assert_eq!(status(&format!("GET {SESSION}"), &token, &Value::Null), 401);
    assert_eq!(status("GET /v1/orders", &token, &Value::Null), 401);
    let (cookie, _) = session(&log_in(&server, "ann", PASSWORD, None));
    assert_eq!(operator.ask(&server, "PUT /v1/admins/ann/password", &json!({ "password": "another long password" })).status, 204);
    assert_eq!(ask(&server, "GET /v1/orders", &[("cookie", &cookie)], &Value::Null).status, 401, "sessions end with their password");
    assert_eq!(log_in(&server, "ann", PASSWORD, None).status, 401);
}

#[test]
fn whoever_has_enrolled_shows_a_code_and_none_twice() {
    let server = server();
    make_admin(&server, &admin_key(&server), "ann");
    let (cookie, token) = session(&log_in(&server, "ann", PASSWORD, None));
    let headers = [("cookie", cookie.as_str()), ("x-csrf-token", token.as_str())];
    let totp = |method: &str, body: &Value| ask(&server, &format!("{method} {SESSION}/totp"), &headers, body);
    assert_eq!(ask(&server, &format!("POST {SESSION}/totp"), &headers[..1], &Value::Null).status, 403);
    // Codes of the steps around it are taken too, so that a slow machine does not matter.
    let step = jiff::Timestamp::now().as_second() / 30;
    let offer = totp("POST", &Value::Null).json();
    let secret = offer["secret"].as_str().expect("a secret").to_owned();
    assert_eq!(totp("PUT", &json!({ "offer": offer["offer"], "code": "000000" })).json()["field"], "code");
    assert_eq!(totp("PUT", &json!({ "offer": "x", "code": code_of(&secret, step) })).json()["field"], "offer");
    let confirm = json!({ "offer": offer["offer"], "code": code_of(&secret, step) });
    let under = |key: &str, method: &str, body: &Value| {
        let headers = [&headers[..], &[("idempotency-key", key)]].concat();
        ask(&server, &format!("{method} {SESSION}/totp"), &headers, body).status
    };
    assert_eq!([under("c1", "PUT", &confirm), under("c1", "PUT", &confirm), under("c2", "PUT", &confirm)], [204, 204, 400]);
    assert_eq!(under("c1", "DELETE", &json!({ "code": code_of(&secret, step) })), 422);
    assert_eq!(log_in(&server, "ann", PASSWORD, None).status, 401);
    assert_eq!(log_in(&server, "ann", PASSWORD, Some(&code_of(&secret, step))).status, 401, "it was shown before");
    session(&log_in(&server, "ann", PASSWORD, Some(&code_of(&secret, step + 1))));
    assert_eq!(log_in(&server, "ann", "wrong horse battery", Some(&code_of(&secret, step + 1))).status, 401);
    let shown = json!({ "code": code_of(&secret, step + 1) });
    assert_eq!(under("d1", "DELETE", &shown), 400, "it was shown before");
}

/// Whoever found a session open could put an authenticator app of their own in the place of the one that was enrolled, and keep its owner out.
#[test]
fn an_app_is_replaced_by_whoever_shows_a_code_of_it() {
    let server = server();
    make_admin(&server, &admin_key(&server), "ann");
    let (cookie, token) = session(&log_in(&server, "ann", PASSWORD, None));
    let headers = [("cookie", cookie.as_str()), ("x-csrf-token", token.as_str())];
    let totp = |method: &str, body: &Value| ask(&server, &format!("{method} {SESSION}/totp"), &headers, body);
    let offered = || {
        let offer = totp("POST", &Value::Null).json();
        (offer["offer"].clone(), offer["secret"].as_str().expect("a secret").to_owned())
    };
    let step = jiff::Timestamp::now().as_second() / 30;
    let (offer, first) = offered();
    assert_eq!(totp("PUT", &json!({ "offer": offer, "code": code_of(&first, step) })).status, 204);
    let (offer, second) = offered();
    let replace = |current: Option<&str>| {
        let answer = totp("PUT", &json!({ "offer": offer, "code": code_of(&second, step + 1), "current_code": current }));
        (answer.status, if answer.status == 204 { Value::Null } else { answer.json()["field"].clone() })
    };
    assert_eq!(replace(None), (400, json!("current_code")));
    assert_eq!(replace(Some("guess")), (400, json!("current_code")));
    assert_eq!(replace(Some(&code_of(&second, step + 1))), (400, json!("current_code")), "the new app is not the old one");
    assert_eq!(replace(Some(&code_of(&first, step))), (400, json!("current_code")), "it was shown before");
    assert_eq!(replace(Some(&code_of(&first, step + 1))), (204, Value::Null), "both show codes of the same moment");
}

/// In a session that was left open a code of six digits could be tried until it was the right one, and the app was taken away.
#[test]
fn codes_are_not_guessed_in_a_session_that_was_left_open() {
    let server = server();
    make_admin(&server, &admin_key(&server), "ann");
    let (cookie, token) = session(&log_in(&server, "ann", PASSWORD, None));
    let headers = [("cookie", cookie.as_str()), ("x-csrf-token", token.as_str())];
    let totp = |method: &str, body: &Value| ask(&server, &format!("{method} {SESSION}/totp"), &headers, body);
    let offer = totp("POST", &Value::Null).json();
    let secret = offer["secret"].as_str().expect("a secret").to_owned();
    let step = jiff::Timestamp::now().as_second() / 30;
    assert_eq!(totp("PUT", &json!({ "offer": offer["offer"], "code": code_of(&secret, step) })).status, 204);
    // No code at all, so that none is right by chance.
    let guesses: Vec<Answer> = (0..11).map(|guess| totp("DELETE", &json!({ "code": format!("guess {guess}") }))).collect();
    let statuses: Vec<u16> = guesses.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [&[400; 10][..], &[429]].concat());
    assert!(guesses[10].header("retry-after").parse::<u64>().is_ok_and(|wait_s| (1..=900).contains(&wait_s)));
    assert_eq!(totp("DELETE", &json!({ "code": code_of(&secret, step + 1) })).status, 429, "also with the right code");
    session(&log_in(&server, "ann", PASSWORD, Some(&code_of(&secret, step + 1))));
}

#[test]
fn attempts_are_counted_for_names_that_exist_and_for_those_that_do_not() {
    let server = server();
    make_admin(&server, &admin_key(&server), "ann");
    for name in ["ann", "nobody"] {
        let answers: Vec<Answer> = (0..11).map(|_| log_in(&server, name, "wrong horse battery", None)).collect();
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, [&[401; 10][..], &[429]].concat(), "{name}");
        assert!(answers[10].header("retry-after").parse::<u64>().is_ok_and(|wait_s| (1..=900).contains(&wait_s)));
    }
    assert_eq!(log_in(&server, "ann", PASSWORD, None).status, 429, "also with the right password");
}

#[test]
fn what_administrators_do_is_written_down_and_what_shoppers_do_is_not() {
    let server = server();
    let operator = admin_key(&server);
    let (page_id, page) = key(&server, Some(&operator), &json!({ "name": "page", "preset": "storefront" }));
    let lines = json!({ "line_items": [{ "item": { "id": "KET-1" }, "quantity": 1 }] });
    assert_eq!(page.ask(&server, "POST /ucp/v1/carts", &lines).status, 201);
    assert_eq!(page.ask(&server, "DELETE /v1/products/kettle", &Value::Null).status, 403);
    assert_eq!(operator.ask(&server, "DELETE /v1/products/soap", &Value::Null).status, 204);
    assert_eq!(operator.ask(&server, "DELETE /v1/shoppers/secret-name", &Value::Null).status, 204);
    assert_eq!(operator.ask(&server, &format!("DELETE /v1/keys/{page_id}"), &Value::Null).status, 204);
    let rule = json!({ "when": { "query": { "contains": ["lamp"] } }, "then": { "pin": ["desk-lamp"] } });
    assert_eq!(operator.ask(&server, "PUT /v1/rules/spring", &rule).status, 201);
    assert_eq!(operator.ask(&server, "PUT /v1/synonyms/seats", &json!({ "words": ["couch", "sofa"] })).status, 201);
    assert_eq!(operator.ask(&server, "DELETE /v1/rules/spring", &Value::Null).status, 204);
    let stocked = json!({ "sku": "KET-1", "location": "main", "adjust": 3 });
    assert_eq!(operator.ask(&server, "POST /v1/inventory", &stocked).status, 200);
    let amount = json!({ "amount_minor": 500, "currency": "USD" });
    assert_eq!(operator.ask(&server, "POST /v1/credits", &json!({ "shopper_id": "secret-name", "amount": amount })).status, 200);
    assert_eq!(operator.ask(&server, "POST /v1/gift-cards", &json!({ "amount": amount })).status, 201);
    assert_eq!(operator.ask(&server, "GET /v1/shoppers/secret-name/export", &Value::Null).status, 200);
    assert_eq!(operator.ask(&server, "GET /v1/export/orders?personal=true", &Value::Null).status, 200);
    assert_eq!(operator.ask(&server, "GET /v1/export/orders", &Value::Null).status, 200);
    for told in ["", "?personal=true", "?personal=true&after=end"] {
        assert_eq!(operator.ask(&server, &format!("GET /v1/changes{told}"), &Value::Null).status, 200);
    }
    let audit = operator.ask(&server, "GET /v1/audit", &Value::Null).json();
    let deeds = audit["deeds"].as_array().expect("deeds").clone();
    let told: Vec<String> = deeds.iter().map(|deed| format!("{} {}", deed["what"].as_str().unwrap_or_default(), deed["status"])).collect();
    for expected in [
        "key created null",
        "POST /v1/keys 201",
        "DELETE /v1/products/{id} 204",
        "DELETE /v1/shoppers/{id} 204",
        "key revoked null",
        "DELETE /v1/keys/{id} 204",
        "PUT /v1/rules/{id} 201",
        "PUT /v1/synonyms/{id} 201",
        "DELETE /v1/rules/{id} 204",
    ] {
        assert!(told.iter().any(|line| line == expected), "{expected}: {told:?}");
    }
    assert!(!told.iter().any(|line| line.contains("carts")), "{told:?}");
    let text = audit.to_string();
    assert!(!text.contains("secret-name") && !text.contains("sk_"), "{text}");
    let row = deeds.iter().find(|deed| deed["what"] == "DELETE /v1/products/{id}").expect("is there");
    assert!(row["by"].as_str().is_some_and(|by| by.starts_with("key:")) && row["object"] == "soap", "{row}");
    let rows = |what: &str| deeds.iter().filter(|deed| deed["what"] == what).collect::<Vec<_>>();
    let object = |what: &str| rows(what).first().unwrap_or_else(|| panic!("{what}: {told:?}"))["object"].clone();
    assert_eq!(object("POST /v1/inventory"), "KET-1 at main");
    // Who got credit is told as the same digest that their export and their erasure are told by.
    let digest = object("DELETE /v1/shoppers/{id}");
    assert!(digest.as_str().is_some_and(|digest| digest.len() == 16));
    assert_eq!([object("POST /v1/credits"), object("GET /v1/shoppers/{id}/export")], [digest.clone(), digest]);
    assert!(object("POST /v1/gift-cards").is_string());
    assert_eq!(rows("GET /v1/export/orders").len(), 1, "names nobody unless it is asked to");
    assert_eq!(rows("GET /v1/changes").len(), 1, "nor does a page without names or without changes");
    let next = audit["next"].as_u64().expect("a place");
    let rest = operator.ask(&server, &format!("GET /v1/audit?after={next}"), &Value::Null).json();
    assert_eq!((rest["deeds"].as_array().map(Vec::len), rest["has_more"].as_bool()), (Some(0), Some(false)));
    assert_eq!(operator.ask(&server, "GET /v1/audit?after=99999999", &Value::Null).json()["field"], "after");
}
