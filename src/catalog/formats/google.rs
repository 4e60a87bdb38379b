//! Rows of a Google Merchant Center feed (product data specification), XML or table, in the words of our own columns.

use super::Reject;
use super::grouped::Part;
use super::records::RawRow;
use super::value::Value;
use std::borrow::Cow;

/// What says how an offer is advertised, delivered and taxed, or is true of a moment that the feed does not live to see.
const LEFT_OUT: &[&str] = &[
    "ads_redirect",
    "availability",
    "availability_date",
    "cost_of_goods_sold",
    "display_ads_id",
    "excluded_destination",
    "expiration_date",
    "identifier_exists",
    "included_destination",
    "installment",
    "loyalty_points",
    "max_handling_time",
    "min_handling_time",
    "mobile_link",
    "pause",
    "promotion_id",
    "pubDate",
    "sale_price_effective_date",
    "shipping",
    "shipping_label",
    "shopping_ads_excluded_country",
    "tax",
    "tax_category",
    "updated",
];

/// One row: an item, which is a form of its group when it names one.
pub(super) fn part<'r>(row: &'r RawRow<'_>) -> Result<Part<'r>, Reject> {
    let get = |name: &str| row.fields.iter().find(|(known, value)| named(known, name) && !value.is_blank()).map(|(_, value)| value);
    let group = get("item_group_id").and_then(Value::identifier).map(Cow::into_owned);
    let has_own_categories = get("product_type").is_some();
    // A sale of some days is not a price for good.
    let is_sale_lasting = get("sale_price_effective_date").is_none();
    let sale_price = get("sale_price").filter(|_| is_sale_lasting);
    let mut fields: Vec<(Cow<'r, str>, Value<'r>)> = vec![("image".into(), Value::List(images(row)))];
    for (name, value) in row.fields {
        let name = name.trim().trim_start_matches("g:");
        match name.replace(' ', "_").to_ascii_lowercase().as_str() {
            "price" => fields.push((if sale_price.is_some() { "list_price" } else { "price" }.into(), value.clone())),
            "sale_price" => fields.extend(sale_price.map(|price| ("price".into(), price.clone()))),
            "link" => fields.push(("url".into(), value.clone())),
            "google_product_category" if has_own_categories || is_number(value) => {}
            "google_product_category" | "product_type" => fields.push(("category".into(), value.clone())),
            "product_detail" => fields.extend(details(value)),
            "id" | "title" | "description" | "brand" | "gtin" | "mpn" => fields.push((name.to_ascii_lowercase().into(), value.clone())),
            "image_link" | "additional_image_link" | "item_group_id" => {}
            known if LEFT_OUT.contains(&known) => {}
            // Marked as an attribute, lest its name be taken for one of our columns.
            other => fields.push((format!("attr_{other}").into(), value.clone())),
        }
    }
    if get("id").is_none() {
        return Err(row.reject("id", "is missing"));
    }
    Ok(Part { line: row.line, group, fields, is_form: true })
}

fn named(column: &str, name: &str) -> bool {
    let column = column.trim().trim_start_matches("g:");
    column.len() == name.len() && column.replace(' ', "_").eq_ignore_ascii_case(name)
}

fn is_number(value: &Value<'_>) -> bool {
    value.text().is_some_and(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The main picture, then the others: repeated, or with commas between.
fn images<'r>(row: &'r RawRow<'_>) -> Vec<Value<'r>> {
    let of = |name: &'static str| row.fields.iter().filter(move |(known, _)| named(known, name)).map(|(_, value)| value);
    let each = |value: &'r Value<'_>| match value {
        Value::List(values) => values.clone(),
        single => vec![single.clone()],
    };
    of("image_link").chain(of("additional_image_link")).flat_map(each).filter(|value| !value.is_blank()).collect()
}

/// `product_detail`: elements with a name and a value, or `section:name:value` in a table, several with commas between.
fn details<'r>(value: &Value<'r>) -> Vec<(Cow<'static, str>, Value<'r>)> {
    let attribute =
        |name: &str, value: &str| (Cow::Owned(format!("attr_{}", name.trim())), Value::Text(Cow::Owned(value.trim().to_owned())));
    match value {
        Value::List(values) => values.iter().flat_map(details).collect(),
        Value::Object(_) => {
            let member = |name| value.member(&[name]).and_then(Value::text);
            member("attribute_name").zip(member("attribute_value")).map(|(name, value)| attribute(&name, &value)).into_iter().collect()
        }
        Value::Text(text) => text
            .split(',')
            .filter_map(|detail| {
                let mut parts = detail.splitn(3, ':');
                let (_, name, value) = (parts.next()?, parts.next()?, parts.next()?);
                Some(attribute(name, value))
            })
            .collect(),
        Value::Null | Value::Flag(_) | Value::Whole(_) | Value::Fraction(_) => Vec::new(),
    }
}
