//! A change as the body of a webhook.

use crate::connect::changes::Change;
use crate::stdx::clock::Timestamp;
use hyper::body::Bytes;
use serde::Serialize;

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'a str,
    timestamp: String,
    data: &'a serde_json::Value,
}

/// `{"type": "order_placed", "timestamp": "2026-01-31T12:00:00Z", "data": {...}}`: `data` as in the feed of changes, without the fields that
/// say who somebody is.
pub(super) fn body(change: &Change) -> Bytes {
    of(&change.kind, change.at, &change.data)
}

/// A message that says nothing but that messages arrive.
pub(super) fn test(at: Timestamp) -> Bytes {
    of("webhook.test", at, &serde_json::json!({}))
}

fn of(kind: &str, at: Timestamp, data: &serde_json::Value) -> Bytes {
    let timestamp = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::MAX).to_string();
    Bytes::from(serde_json::to_vec(&Body { r#type: kind, timestamp, data }).unwrap_or_default())
}
