//! The protocol's published schemas, read from a folder: no reference leads to a network.
//!
//! They are not part of the project: they are looked for in the folder that `SHOPKEEPER_UCP_SCHEMAS` names, else as `ucp/2026-04-08` in
//! `SHOPKEEPER_TEST_DATA`, else in `../shared/ucp/2026-04-08`.

use jsonschema::{Retrieve, Uri, Validator};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};

/// Where the files stand in for each other.
const BASE: &str = "https://schemas.test/";
const SERVICE: &str = "services/shopping/rest.openapi.json#/components/schemas";

/// Every shape that an operation's answer may have, ready to check.
pub(super) struct Schemas(BTreeMap<&'static str, Validator>);

struct Folder(PathBuf);

impl Retrieve for Folder {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
        let path = uri.as_str().strip_prefix(BASE).ok_or_else(|| format!("{uri} leads elsewhere"))?;
        let mut schema: Value = serde_json::from_slice(&std::fs::read(self.0.join(path))?)?;
        // Files refer to each other by where they lie; the names that they give themselves do not all agree with that.
        if let Some(fields) = schema.as_object_mut() {
            fields.remove("$id");
        }
        Ok(schema)
    }
}

fn folder() -> Option<PathBuf> {
    let named = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let data = named("SHOPKEEPER_TEST_DATA").map(|data| data.join("ucp/2026-04-08"));
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/ucp/2026-04-08");
    let folder = named("SHOPKEEPER_UCP_SCHEMAS").or(data).unwrap_or_else(beside);
    if folder.join("schemas/ucp.json").is_file() {
        return Some(folder);
    }
    println!("skipped: {} is not there", folder.display());
    None
}

fn reference(path: &str) -> Value {
    json!({ "$ref": format!("{BASE}{path}") })
}

/// The answer of an operation; when it carries what was asked for, with everything that extensions add to it.
fn extended(answer: &str, extensions: &[&str]) -> Value {
    // The answer itself stands first: a list of schemas may not be empty.
    let extensions: Vec<Value> = std::iter::once(json!(true)).chain(extensions.iter().map(|path| reference(path))).collect();
    let is_success = json!({ "properties": { "ucp": { "properties": { "status": { "const": "success" } }, "required": ["status"] } } });
    json!({ "allOf": [reference(&format!("{SERVICE}/{answer}"))], "if": is_success, "then": { "allOf": extensions } })
}

impl Schemas {
    /// All shapes; none when the files are not there.
    pub(super) fn read() -> Option<Self> {
        let folder = folder()?;
        let discount = "schemas/shopping/discount.json#/$defs";
        let checkout = [
            "schemas/shopping/fulfillment.json#/$defs/dev.ucp.shopping.checkout",
            &format!("{discount}/dev.ucp.shopping.checkout"),
            "schemas/shopping/buyer_consent.json#/$defs/dev.ucp.shopping.checkout",
        ];
        let shapes = [
            ("profile", reference("discovery/profile_schema.json#/$defs/business_profile")),
            ("search", extended("catalog_search_response", &[])),
            ("lookup", extended("catalog_lookup_response", &[])),
            ("product", extended("catalog_get_product_response", &[])),
            ("cart", extended("cart_response", &[&format!("{discount}/dev.ucp.shopping.cart")])),
            ("checkout", extended("checkout_response", &checkout)),
            ("order", extended("order_response", &[])),
            ("error", reference("schemas/shopping/types/error_response.json")),
        ];
        let compiled = |(name, schema): (&'static str, Value)| {
            let options = jsonschema::options().should_validate_formats(true).with_retriever(Folder(folder.clone()));
            (name, options.build(&schema).unwrap_or_else(|error| panic!("{name}: {error}")))
        };
        Some(Self(shapes.into_iter().map(compiled).collect()))
    }

    /// Fails when an answer has not the shape called `name`.
    pub(super) fn check(&self, name: &str, answer: &Value) {
        let schema = self.0.get(name).unwrap_or_else(|| panic!("there is no shape {name}"));
        let wrong: Vec<String> = schema.iter_errors(answer).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(wrong.is_empty(), "{name}:\n{}\n{answer:#}", wrong.join("\n"));
    }
}

#[test]
fn the_schemas_themselves_refuse_what_is_not_so() {
    let Some(schemas) = Schemas::read() else { return };
    let is_refused = |name: &str, answer: Value| !schemas.0[name].is_valid(&answer);
    let ucp = json!({ "version": "2026-04-08", "status": "success" });
    assert!(is_refused("search", json!({ "ucp": ucp, "products": [{ "id": "x" }] })));
    assert!(is_refused("cart", json!({ "ucp": ucp, "id": "c", "line_items": [], "currency": "USD", "totals": [] })));
    assert!(is_refused("error", json!({ "ucp": ucp, "messages": [{ "type": "info", "content": "x" }] })));
    let total = |kind: &str, amount: i64| json!({ "type": kind, "amount": amount });
    let cart = |discounts: Value| json!({ "ucp": ucp, "id": "c", "line_items": [], "currency": "USD", "totals": [total("subtotal", 1), total("total", 1)], "discounts": discounts });
    schemas.check("cart", &cart(json!({ "codes": [] })));
    assert!(is_refused("cart", cart(json!({ "applied": [{ "title": "x", "amount": -1 }] }))), "extensions are looked at");
}
