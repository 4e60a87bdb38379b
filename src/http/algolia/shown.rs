//! A product as their pages read it: one flat object with `objectID`, prices as numbers of the main unit, and categories as levels.

use crate::catalog::{AttributeValue, Offer, Product};
use crate::id::MarketplaceId;
use crate::money::Money;
use serde_json::{Map, Value, json};

/// The attributes of a product with one of its variants.
pub(super) fn object(product: &Product, variant: usize, marketplace: Option<&MarketplaceId>, is_available: bool) -> Map<String, Value> {
    let chosen = product.variants.get(variant).or_else(|| product.variants.first());
    let offer = chosen.and_then(|chosen| Offer::choose(&chosen.offers, marketplace));
    let own = chosen.map(|chosen| &chosen.attributes).into_iter().flatten();
    let attributes: Map<String, Value> = product.attributes.iter().chain(own).map(|(name, value)| (name.clone(), scalar(value))).collect();
    let fields = [
        ("objectID", json!(product.id)),
        ("title", json!(product.title)),
        ("name", json!(product.title)),
        ("brand", json!(product.brand)),
        ("description", json!(product.description)),
        ("categories", levels(&product.categories)),
        ("price", offer.map_or(Value::Null, |offer| amount(&offer.price))),
        ("list_price", offer.and_then(|offer| offer.list_price).map_or(Value::Null, |price| amount(&price))),
        ("currency", json!(offer.map(|offer| offer.price.currency))),
        ("image", json!(product.images.first())),
        ("images", json!(product.images)),
        ("url", json!(product.url)),
        ("rating", product.rating.map_or(Value::Null, |rating| digits(&rating.average.to_string()))),
        ("rating_count", json!(product.rating.map(|rating| rating.count))),
        ("available", json!(is_available)),
        ("sku", json!(chosen.map(|chosen| &chosen.sku))),
        ("variants_count", json!(product.variants.len())),
        ("attributes", Value::Object(attributes)),
    ];
    fields.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.to_owned(), value)).collect()
}

fn scalar(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::Flag(flag) => json!(flag),
        AttributeValue::Number(number) => json!(number),
        AttributeValue::Text(text) => json!(text),
        AttributeValue::Texts(texts) => json!(texts),
    }
}

fn amount(money: &Money) -> Value {
    digits(&money.decimal())
}

/// A JSON number with exactly these digits.
fn digits(decimal: &str) -> Value {
    serde_json::from_str(decimal).unwrap_or_default()
}

/// `{"lvl0": ["A"], "lvl1": ["A > B"]}`: every path that the product lies on, by depth.
fn levels(paths: &[Vec<String>]) -> Value {
    let depth_max = paths.iter().map(Vec::len).max().unwrap_or(0);
    let level = |depth: usize| {
        let mut on_level: Vec<String> = paths.iter().filter(|path| path.len() > depth).map(|path| path[..=depth].join(" > ")).collect();
        on_level.dedup();
        (format!("lvl{depth}"), json!(on_level))
    };
    Value::Object((0..depth_max).map(level).collect())
}

/// What is left of an object when only some attributes are wanted: all (`*`), these, those within others (`attributes.colour`), or not these
/// (`-description`). The identifier always stays.
pub(super) fn retrieved(object: &Map<String, Value>, wanted: Option<&[String]>) -> Map<String, Value> {
    let Some(wanted) = wanted else { return object.clone() };
    let unwanted: Vec<&str> = wanted.iter().filter_map(|name| name.strip_prefix('-')).collect();
    let named: Vec<&str> = wanted.iter().map(String::as_str).filter(|name| !name.starts_with('-')).collect();
    let is_all = named.contains(&"*") || (named.is_empty() && !unwanted.is_empty());
    let mut kept = Map::new();
    for (name, value) in object {
        if name == "objectID" || (is_all || named.contains(&name.as_str())) && !unwanted.contains(&name.as_str()) {
            kept.insert(name.clone(), value.clone());
        } else if let Value::Object(members) = value {
            let is_wanted = |member: &str| named.iter().any(|path| path.split_once('.') == Some((name, member)));
            let members: Map<String, Value> =
                members.iter().filter(|(member, _)| is_wanted(member)).map(|(member, value)| (member.clone(), value.clone())).collect();
            if !members.is_empty() {
                kept.insert(name.clone(), Value::Object(members));
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lamp() -> Map<String, Value> {
        let product = json!({
            "id": "lamp", "title": "Desk lamp", "categories": [["A", "B"], ["A", "C"]], "attributes": {"watts": 5.0, "colour": "grey"},
            "rating": {"average": 3.9, "count": 3},
            "variants": [
                {"sku": "L-1", "attributes": {"colour": "red"}, "offers": [{"price": {"amount_minor": 1999, "currency": "EUR"}}]},
                {"sku": "L-2", "attributes": {"colour": "blue"}, "offers": [{"price": {"amount_minor": 2110, "currency": "EUR"}}]}],
        });
        object(&serde_json::from_value(product).expect("a product"), 1, None, true)
    }

    #[test]
    fn a_product_becomes_one_flat_object_with_its_variant() {
        let expected = json!({
            "objectID": "lamp", "title": "Desk lamp", "name": "Desk lamp", "categories": {"lvl0": ["A"], "lvl1": ["A > B", "A > C"]},
            "price": 21.10, "currency": "EUR", "images": [], "rating": 3.9, "rating_count": 3, "available": true, "sku": "L-2",
            "variants_count": 2, "attributes": {"watts": 5.0, "colour": "blue"},
        });
        assert_eq!(Value::Object(lamp()), expected);
    }

    #[test]
    fn only_wanted_attributes_stay() {
        let check = |wanted: &[&str], expected: &[&str]| {
            let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
            let names = retrieved(&lamp(), Some(&wanted)).into_iter().map(|(name, _)| name).collect::<Vec<String>>();
            assert_eq!(names.iter().map(String::as_str).collect::<std::collections::BTreeSet<_>>(), expected.iter().copied().collect());
        };
        check(&[], &["objectID"]);
        check(&["name", "price"], &["objectID", "name", "price"]);
        check(&["attributes.colour"], &["objectID", "attributes"]);
        assert_eq!(retrieved(&lamp(), Some(&["attributes.colour".to_owned()]))["attributes"], json!({"colour": "blue"}));
        let all: Vec<String> = lamp().into_iter().map(|(name, _)| name).collect();
        check(&["*"], &all.iter().map(String::as_str).collect::<Vec<_>>());
        let but: Vec<&str> = all.iter().map(String::as_str).filter(|name| *name != "images").collect();
        check(&["*", "-images"], &but);
        check(&["-images"], &but);
    }
}
