//! Who asks too much:
//!
//! 1. an allowance that is used up answers 429 and says when to come back, and health is told all the same;
//! 2. wrong codes use up an allowance of their own, through whichever door they come, and nothing else stops;
//! 3. how long somebody waits is read from the request, and nonsense is refused;
//! 4. when every turn is taken, what waits too long is refused, and selling goes on.

use super::client::Answer;
use super::server::TestServer;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const JSON: (&str, &str) = ("content-type", "application/json");

fn configured(text: &'static str) -> TestServer {
    TestServer::start_empty(|folder| std::fs::write(folder.join("shopkeeper.toml"), text).expect("writes"))
}

#[test]
fn who_asks_too_often_is_told_when_to_come_back() {
    let server = configured("[http]\nlimit_loopback = true\n[http.rate]\nbrowse = { per_s = 0.01, burst = 3 }\n");
    let answers: Vec<Answer> = (0..4).map(|_| server.get("/v1/search?q=lamp")).collect();
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 200, 429]);
    assert_eq!(answers[0].header("ratelimit-policy"), "\"browse\";q=3");
    assert!(answers[0].header("ratelimit").starts_with("\"browse\";r=2;t="), "{}", answers[0].header("ratelimit"));
    let refused = &answers[3];
    assert!(refused.header("retry-after").parse::<u64>().is_ok_and(|seconds| (1..=100).contains(&seconds)));
    assert_eq!((refused.header("content-type"), refused.json()["status"].as_u64()), ("application/problem+json", Some(429)));
    assert_eq!([server.get("/healthz").status, server.get("/v1/stats").status], [200, 200], "other allowances are whole");
}

#[test]
fn this_machine_is_not_limited_unless_it_is_asked_for() {
    let server = configured("[http.rate]\nbrowse = { per_s = 0.01, burst = 1 }\n");
    assert!((0..5).all(|_| server.get("/v1/search?q=lamp").status == 200));
}

#[test]
fn codes_are_not_guessed_for_long() {
    let server = TestServer::start_configured("[http]\nlimit_loopback = true\n[http.rate]\nguess = { per_s = 0.001, burst = 4 }\n");
    let line = br#"{"lines":[{"sku":"BL-1","quantity":1}]}"#;
    let created = server.send("POST /v1/carts", &[JSON, ("idempotency-key", "cart")], line);
    assert_eq!(created.status, 201, "{}", created.json());
    let cart = created.json()["id"].as_str().expect("an id").to_owned();
    let claim = |number: u32, body: &str| {
        let key = format!("claim-{number}");
        server.send(&format!("PUT /v1/carts/{cart}/claims"), &[JSON, ("idempotency-key", &key)], body.as_bytes())
    };
    let three = claim(1, r#"{"coupons":["NOPE-1","NOPE-2","NOPE-3"]}"#);
    assert_eq!((three.status, three.json()["refused"].as_array().map(Vec::len)), (200, Some(3)), "{}", three.json());
    assert_eq!(claim(2, r#"{"gift_cards":["AAAA-BBBB-CCCC-DDDD"]}"#).status, 400);
    let stopped = claim(3, r#"{"coupons":["NOPE-4"]}"#);
    assert_eq!(stopped.status, 429, "{}", stopped.json());
    assert!(stopped.json()["detail"].as_str().is_some_and(|detail| detail.contains("wrong guesses")));
    assert!(stopped.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 100), "{}", stopped.header("retry-after"));
    assert_eq!(claim(4, r#"{"coupons":["NOPE-1"]}"#).status, 200, "what was tried before is no new guess");
    let over_ucp = |number: u32, code: &str| {
        let key = format!("ucp-{number}");
        let body = format!(r#"{{"line_items":[{{"item":{{"id":"BL-1"}},"quantity":1}}],"discounts":{{"codes":[{code}]}}}}"#);
        server.send(&format!("PUT /ucp/v1/carts/{cart}"), &[JSON, ("idempotency-key", &key)], body.as_bytes())
    };
    assert_eq!([over_ucp(1, r#""NOPE-5""#).status, over_ucp(2, "").status], [429, 200], "another door is no way around");
    assert_eq!(server.send("POST /v1/carts", &[JSON, ("idempotency-key", "other")], line).status, 201, "buying goes on");
}

#[test]
fn how_long_somebody_waits_is_said_in_milliseconds() {
    let server = configured("");
    let ask = |waits: &str| server.send("GET /v1/search?q=lamp", &[("x-request-timeout-ms", waits)], b"");
    assert_eq!(ask("5000").status, 200);
    for bad in ["0", "-1", "soon", "1e3", "99999999999999999999"] {
        let answer = ask(bad);
        assert_eq!((answer.status, answer.json()["field"].as_str()), (400, Some("x-request-timeout-ms")), "{bad}");
    }
}

/// One turn, nobody may wait for long, and many search at once: some are refused, all are answered, and carts are made meanwhile.
#[test]
fn under_overload_searches_are_refused_and_selling_goes_on() {
    let server = TestServer::start_configured("[http.work]\nthreads = 1\nqueue_target_ms = 1\nqueue_ms = 2\n");
    let (refused, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let answer = server.get("/v1/search?q=lamp&facets=brand,category&limit=50");
                    match answer.status {
                        200 => {}
                        503 => {
                            assert_eq!(answer.header("retry-after"), "1");
                            refused.fetch_add(1, Ordering::Relaxed);
                        }
                        status => panic!("{status}: {}", answer.json()),
                    }
                }
            });
        }
        let began = Instant::now();
        let mut sold = 0;
        while sold < 5 || refused.load(Ordering::Relaxed) == 0 {
            let key = format!("cart-{sold}");
            let line = br#"{"lines":[{"sku":"BL-1","quantity":1}]}"#;
            let status = server.send("POST /v1/carts", &[JSON, ("idempotency-key", &key)], line).status;
            let is_late = began.elapsed() > Duration::from_secs(60);
            if status != 201 || is_late {
                is_over.store(true, Ordering::Relaxed);
                assert_eq!((status, is_late), (201, false), "selling goes on while searches are refused");
            }
            sold += 1;
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert_eq!(server.get("/v1/search?q=lamp").status, 200, "and then all is well");
}
