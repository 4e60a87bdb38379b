//! Rows of Shopify's product export in the words of our own columns: a handle's first row tells of the product, each row with a price or an
//! option of one variant, and rows with a picture alone of nothing else.

use super::Reject;
use super::grouped::Part;
use super::records::RawRow;
use super::value::Value;
use std::borrow::Cow;

const OPTIONS: [(&str, &str); 3] =
    [("Option1 Name", "Option1 Value"), ("Option2 Name", "Option2 Value"), ("Option3 Name", "Option3 Value")];
/// The option of a product that has none.
const NO_OPTION: (&str, &str) = ("Title", "Default Title");
/// Columns of theirs that are columns of ours under another name.
const COLUMNS: &[(&str, &str)] = &[
    ("Body (HTML)", "description"),
    ("Vendor", "brand"),
    ("Product Category", "category"),
    ("Type", "category_2"),
    ("Custom Product Type", "category_2"),
    ("Variant Price", "price"),
    ("Variant Compare At Price", "list_price"),
    ("Variant Barcode", "gtin"),
];

/// What a handle's first row says for those that follow.
#[derive(Debug, Default)]
pub(super) struct Carried {
    handle: String,
    title: String,
    options: [String; 3],
    forms_count: usize,
    is_left_out: bool,
}

impl Carried {
    /// One row; none when its product is left out and was told of.
    pub(super) fn part<'r>(&mut self, row: &'r RawRow<'_>) -> Result<Option<Part<'r>>, Reject> {
        let get = |name: &str| row.fields.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.text());
        let handle = get("Handle").ok_or_else(|| row.reject("Handle", "is missing"))?;
        if *handle != self.handle {
            *self = Self { handle: handle.into_owned(), title: get("Title").unwrap_or_default().into_owned(), ..Self::default() };
            let status = get("Status").filter(|status| !status.eq_ignore_ascii_case("active"));
            if let Some(status) = status {
                self.is_left_out = true;
                return Err(row.reject("Status", format!("is {status}: only active products are sold")));
            }
        }
        if self.is_left_out {
            return Ok(None);
        }
        let mut fields: Vec<(Cow<'r, str>, Value<'r>)> =
            vec![("id".into(), text(self.handle.clone())), ("title".into(), text(self.title.clone())), ("image".into(), images(row))];
        for (theirs, ours) in COLUMNS {
            fields.extend(get(theirs).map(|value| (ours.trim_end_matches("_2").into(), text(value.into_owned()))));
        }
        fields.extend(get("Tags").map(|tags| ("attr_tags".into(), list(&tags))));
        let options = self.options(row);
        let is_form = !options.is_empty() || get("Variant Price").is_some() || get("Variant SKU").is_some();
        fields.extend(options);
        if is_form {
            self.forms_count += 1;
            let sku = get("Variant SKU").map(|sku| sku.trim_start_matches('\'').to_owned()).filter(|sku| !sku.is_empty());
            fields.push(("sku".into(), text(sku.unwrap_or_else(|| format!("{}-{}", self.handle, self.forms_count)))));
        }
        Ok(Some(Part { line: row.line, group: Some(self.handle.clone()), fields, is_form }))
    }

    /// The options of a row as attributes; their names stand in the first row of a handle only.
    fn options<'r>(&mut self, row: &'r RawRow<'_>) -> Vec<(Cow<'r, str>, Value<'r>)> {
        let get = |name: &str| row.fields.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.text());
        let mut found = Vec::new();
        for (known, (name, value)) in self.options.iter_mut().zip(OPTIONS) {
            if let Some(name) = get(name) {
                *known = name.into_owned();
            }
            if let Some(value) = get(value).filter(|value| !known.is_empty() && (known.as_str(), &**value) != NO_OPTION) {
                found.push((format!("attr_{}", known.to_lowercase()).into(), text(value.into_owned())));
            }
        }
        found
    }
}

fn text<'r>(text: String) -> Value<'r> {
    Value::Text(Cow::Owned(text))
}

fn list<'r>(texts: &str) -> Value<'r> {
    Value::List(texts.split(',').map(str::trim).filter(|part| !part.is_empty()).map(|part| text(part.to_owned())).collect())
}

fn images<'r>(row: &'r RawRow<'_>) -> Value<'r> {
    let of =
        |name: &'static str| row.fields.iter().find(|(known, value)| known == name && !value.is_blank()).map(|(_, value)| value.clone());
    Value::List(of("Image Src").into_iter().chain(of("Variant Image")).collect())
}
