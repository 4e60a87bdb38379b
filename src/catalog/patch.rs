//! Partial updates of a product document: a JSON merge patch, RFC 7396.

use super::{Product, ProductError};
use crate::stdx::objects::Strict;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The product that `patch` makes of a canonical document.
///
/// # Errors
/// When the outcome is not a product: the member of the patch at fault is named.
pub(super) fn patched(document: &[u8], patch: &Value) -> Result<Product, ProductError> {
    let Value::Object(members) = patch else {
        return Err(ProductError::new("", "a patch is a JSON object"));
    };
    let before: Value = serde_json::from_slice(document).map_err(|error| ProductError::new("", error.to_string()))?;
    let mut after = before.clone();
    merge(&mut after, patch);
    if after.get("id") != before.get("id") {
        return Err(ProductError::new("id", "must not change"));
    }
    serde_path_to_error::deserialize(Strict(after)).map_err(|error| {
        let path = error.path().to_string();
        // What is missing or unknown lies beside every path.
        let field = if path == "." { member_at_fault(&before, members) } else { path };
        ProductError::new(field, error.inner().to_string())
    })
}

/// RFC 7396, section 2. Patches come from a parser that bounds their depth.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(members) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(fields) = target else { return };
    for (name, member) in members {
        if member.is_null() {
            fields.remove(name);
        } else {
            merge(fields.entry(name.clone()).or_insert(Value::Null), member);
        }
    }
}

/// The first member that does not fit the product even when it comes alone.
fn member_at_fault(before: &Value, members: &Map<String, Value>) -> String {
    let breaks = |name: &str, member: &Value| {
        let mut alone = before.clone();
        merge(&mut alone, &Value::Object(Map::from_iter([(name.to_owned(), member.clone())])));
        Product::deserialize(Strict(alone)).is_err()
    };
    members.iter().find(|(name, member)| breaks(name, member)).map(|(name, _)| name.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const LAMP: &str =
        r#"{"id":"lamp","title":"Desk lamp","brand":"Halden","attributes":{"watt":5.0,"colour":"red"},"variants":[{"sku":"L-1"}]}"#;

    #[test]
    fn a_patch_sets_replaces_and_takes_away() {
        let patch = json!({"title": "Lamp", "brand": null, "attributes": {"colour": null, "material": "oak"}});
        let lamp = patched(LAMP.as_bytes(), &patch).expect("fits");
        let document = lamp.to_document().expect("encodes");
        let expected = r#"{"id":"lamp","title":"Lamp","attributes":{"material":"oak","watt":5.0},"variants":[{"sku":"L-1"}]}"#;
        assert_eq!(std::str::from_utf8(&document.0), Ok(expected));
    }

    #[test]
    fn the_member_at_fault_is_named() {
        let check =
            |patch: Value, field: &str| assert_eq!(patched(LAMP.as_bytes(), &patch).expect_err("is refused").field, field, "{patch}");
        check(json!({"title": "x", "colour": "red"}), "colour");
        check(json!({"title": null}), "title");
        check(json!({"id": "other"}), "id");
        check(json!({"variants": null}), "variants");
        check(json!({"variants": [{}]}), "variants[0]");
        check(json!({"variants": [["L-1"]]}), "variants[0]");
        check(json!({"rating": [4.5, 3]}), "rating");
        check(json!({"variants": [{"sku": "L-1", "offers": [{"price": [1, "EUR"]}]}]}), "variants[0].offers[0].price");
        check(
            json!({"variants": [{"sku": "L-1", "offers": [{"price": {"amount_minor": 1.5, "currency": "EUR"}}]}]}),
            "variants[0].offers[0].price.amount_minor",
        );
        check(json!([1]), "");
    }

    #[test]
    fn the_examples_of_the_standard_hold() {
        // RFC 7396, appendix A.
        let check = |mut target: Value, patch: Value, expected: Value| {
            merge(&mut target, &patch);
            assert_eq!(target, expected);
        };
        check(json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"}));
        check(json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"}));
        check(json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"}));
        check(json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}}));
        check(json!({"a": "foo"}), json!(["c"]), json!(["c"]));
        check(json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1}));
        check(json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}}));
    }
}
