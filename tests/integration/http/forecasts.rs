//! Forecasts of demand through HTTP:
//!
//! 1. what is forecast is told within moments of the file's being written, by SKU and place, with the terms that follow and why;
//! 2. proposals to order say it beside the terms that people set, and nothing changes by itself;
//! 3. odd questions are refused by name, and a shop that sold nothing yet learns nothing.

use super::server::TestServer;
use serde_json::{Value, json};
use shopkeeper::id::{LocationId, Sku};
use shopkeeper::model::forecasts::{ForecastRow, Forecasts};
use shopkeeper::stdx::clock::Timestamp;
use std::time::{Duration, Instant};

const SKU: &str = "KET-1";

/// In each week at most 2, 4, 5 or 6 units, where goods take 20 days.
fn forecasts() -> Vec<ForecastRow> {
    let sums = (1..=26).map(|weeks| [2, 4, 5, 6].map(|units| units * weeks)).collect();
    let (sku, location) = (Sku::new(SKU).expect("an id"), LocationId::new("east").expect("an id"));
    let (class, method, lead_days) = ("intermittent", "kin", Some(20));
    let (weeks_known, units_wanted, weeks_imported, units_imported) = (40, 79, 30, 50);
    vec![ForecastRow { sku, location, class, method, weeks_known, units_wanted, weeks_imported, units_imported, lead_days, sums }]
}

fn post(server: &TestServer, path: &str, key: &str, body: &Value) -> (u16, Value) {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    let answer = server.send(&format!("POST {path}"), &headers, body.to_string().as_bytes());
    (answer.status, answer.json())
}

/// The first place, once there is one.
fn foreseen(server: &TestServer, query: &str) -> Value {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let answer = server.get(&format!("/v1/inventory/forecast?sku={SKU}{query}")).json();
        if answer["places"][0].is_object() {
            return answer["places"][0].clone();
        }
        assert!(Instant::now() < deadline, "{answer}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn stocked() -> TestServer {
    let server = TestServer::start();
    let level = json!({"sku": SKU, "location": "east", "set": 9});
    assert_eq!(post(&server, "/v1/inventory", "level", &level).0, 200);
    server
}

#[test]
fn what_is_forecast_is_told_with_the_terms_that_follow_and_changes_nothing() {
    let server = stocked();
    assert_eq!(server.get(&format!("/v1/inventory/forecast?sku={SKU}")).json(), json!({"sku": SKU, "places": []}));
    let from = Timestamp::of_rfc3339("2026-03-02T00:00:00Z").expect("a moment");
    Forecasts::save(&server.folder().join("models"), from, &forecasts()).expect("saves");
    let place = foreseen(&server, "");
    // 20 days and 7 are four weeks.
    let forecast = &place["forecast"];
    assert_eq!((&place["location"], &place["reorder_point"]), (&json!("east"), &Value::Null), "{place}");
    assert_eq!(forecast["demand"], json!({"p50": 8, "p90": 16, "p95": 20, "p99": 24}), "{forecast}");
    let told = ["weeks", "reorder_point", "reorder_to", "lead_from", "service"].map(|field| forecast[field].clone());
    assert_eq!(told, [json!(4), json!(20), json!(22), json!("received"), json!(0.95)]);
    assert!(forecast["from"].as_str().is_some_and(|from| from.starts_with("2026-03-02")), "{forecast}");
    let reason = forecast["reason"].as_str().expect("a reason");
    assert!(
        reason.starts_with("in 95 of 100 cases no more than 20 are wanted in 4 weeks")
            && reason.contains(
                "79 were wanted in 40 weeks in which they were there, 50 of them in orders of other systems, which alone tell of 30"
            ),
        "{reason}"
    );
    assert_eq!((&forecast["units_imported"], &forecast["weeks_imported"]), (&json!(50), &json!(30)));
    let asked = foreseen(&server, "&lead_days=7&review_days=14&service=0.99");
    assert_eq!((&asked["forecast"]["reorder_point"], &asked["forecast"]["reorder_to"]), (&json!(18), &json!(22)), "{asked}");
    assert_eq!((&asked["forecast"]["lead_from"], &asked["forecast"]["weeks"]), (&json!("asked"), &json!(3)));
    // A person takes the advice.
    let terms = json!({"sku": SKU, "location": "east", "reorder_point": 20, "reorder_to": 22});
    assert_eq!(post(&server, "/v1/inventory", "terms", &terms).0, 200);
    let proposal = &server.get("/v1/purchase-orders/proposals").json()["proposals"][0];
    assert_eq!((&proposal["quantity"], &proposal["forecast"]["reorder_point"]), (&json!(13), &json!(20)), "{proposal}");
    assert_eq!(foreseen(&server, "")["reorder_to"], 22);
}

#[test]
fn odd_questions_are_refused_by_name() {
    let server = stocked();
    let check = |query: &str, status: u16, field: &str| {
        let answer = server.get(&format!("/v1/inventory/forecast{query}"));
        assert_eq!((answer.status, answer.json()["field"].as_str()), (status, Some(field)), "{query}");
    };
    check("", 400, "sku");
    check("?sku=NOBODYS", 404, "sku");
    check("?sku=KET-1&lead_days=731", 400, "lead_days");
    check("?sku=KET-1&lead_days=-1", 400, "lead_days");
    check("?sku=KET-1&review_days=soon", 400, "review_days");
    check("?sku=KET-1&service=0.97", 400, "service");
    check("?sku=KET-1&location=east", 400, "location");
    let (status, problem) = post(&server, "/v1/forecasts", "learn", &json!({"lead_weeks": 26}));
    assert_eq!((status, &problem["field"]), (400, &json!("lead_weeks")));
    let (status, problem) = post(&server, "/v1/forecasts", "learn too early", &json!({}));
    assert!(status == 409 && problem["detail"].as_str().is_some_and(|detail| detail.contains("a whole week")), "{problem}");
}
