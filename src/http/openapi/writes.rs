//! What writes have in common: a key under which repeating one has one effect, and versions over which alone one is done.

use super::table::Route;
use serde_json::{Value, json};

/// Schemas of what has a version: an answer that shows one carries it as its entity tag.
const VERSIONED: &[&str] = &[
    "Bundle",
    "Carrier",
    "Cart",
    "Claimed",
    "Count",
    "Coupon",
    "CreditAccount",
    "Dispute",
    "Experiment",
    "FulfilmentOrder",
    "Levels",
    "Location",
    "Manifest",
    "OneClickProfile",
    "Order",
    "Payment",
    "PriceList",
    "ProductShown",
    "Promotion",
    "PurchaseOrder",
    "QuantityRule",
    "Quota",
    "Return",
    "Rule",
    "SessionChannel",
    "SessionHeld",
    "SessionJudged",
    "SettingWritten",
    "ShippingOptions",
    "ShopperGroups",
    "SourcingPolicy",
    "StockWritten",
    "Synonym",
    "TaxZone",
    "Transfer",
    "UcpCart",
    "UcpCheckout",
    "Wave",
    "Webhook",
    "Written",
];

/// Whether answers of that schema carry an entity tag.
pub(super) fn is_versioned(schema: &str) -> bool {
    VERSIONED.binary_search(&schema).is_ok()
}

/// The header of what has a version.
pub(super) fn etag() -> Value {
    let about = "The version of what is shown, as If-Match takes it; left out where nothing is left of it.";
    json!({ "description": about, "schema": { "type": "string" } })
}

/// The headers that a write takes.
pub(super) fn headers(route: &Route) -> impl Iterator<Item = Value> {
    let about = "Names the write: repeating it has one effect and one answer.";
    let schema = json!({ "type": "string", "minLength": 1, "maxLength": 128 });
    let key = json!({ "name": "Idempotency-Key", "in": "header", "required": route.keyed, "description": about, "schema": schema });
    let about = "Entity tags, separated by commas: the write is done only while what it is about has one of them (`*`: while it exists), and is a 412 without effect otherwise.";
    let if_match = json!({ "name": "If-Match", "in": "header", "required": false, "description": about, "schema": { "type": "string" } });
    let is_named = route.keyed || route.keyable;
    let is_conditional = route.keyed || route.conditional;
    is_named.then_some(key).into_iter().chain(is_conditional.then_some(if_match))
}

#[cfg(test)]
mod tests {
    use super::super::{document, routes};
    use super::*;

    #[test]
    fn every_versioned_schema_is_an_answer_of_some_route() {
        assert!(VERSIONED.is_sorted(), "they are searched in order");
        let is_answered = |name: &&str| routes().any(|route| route.answer.1 == *name);
        VERSIONED.iter().for_each(|name| assert!(is_answered(name), "{name} is the answer of no route"));
    }

    #[test]
    fn writes_say_that_they_take_keys_and_versions() {
        let document = document();
        let of = |path: &str, method: &str| document["paths"][path][method].clone();
        let named = |operation: &Value, name: &str| {
            let all = operation["parameters"].as_array().cloned().unwrap_or_default();
            all.into_iter().find(|one| one["name"] == name).map(|one| one["required"].clone())
        };
        let cart = of("/v1/carts/{id}/lines", "post");
        assert_eq!((named(&cart, "Idempotency-Key"), named(&cart, "If-Match")), (Some(json!(true)), Some(json!(false))));
        assert!(cart["responses"]["200"]["headers"]["ETag"].is_object(), "{cart}");
        let read = of("/v1/carts/{id}", "get");
        assert_eq!((named(&read, "Idempotency-Key"), named(&read, "If-Match")), (None, None));
        assert!(read["responses"]["200"]["headers"]["ETag"].is_object(), "{read}");
        let product = of("/v1/products/{id}", "put");
        assert_eq!((named(&product, "Idempotency-Key"), named(&product, "If-Match")), (Some(json!(false)), Some(json!(false))));
    }
}
