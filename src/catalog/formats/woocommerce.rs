//! Rows of WooCommerce's product export in the words of our own columns: a variable product has a row of its own and one for each variation, which
//! names it by its SKU or, where it has none, by its number (`id:17`).

use super::Reject;
use super::clean::parts;
use super::grouped::Part;
use super::records::RawRow;
use super::value::Value;
use std::borrow::Cow;
use std::collections::HashMap;

/// Columns that the export has and no other file has together.
pub(super) const COLUMNS: [&str; 5] = ["type", "sku", "name", "published", "regular_price"];
/// Columns of theirs that are columns of ours under another name.
const OURS: [(&str, &str); 12] = [
    ("Name", "title"),
    ("Short description", "shortdescription"),
    ("Description", "description"),
    ("Brands", "brand"),
    ("Brand", "brand"),
    ("GTIN, UPC, EAN, or ISBN", "gtin"),
    ("External URL", "url"),
    ("Weight (kg)", "attr_weight (kg)"),
    ("Length (cm)", "attr_length (cm)"),
    ("Width (cm)", "attr_width (cm)"),
    ("Height (cm)", "attr_height (cm)"),
    ("Weight (lbs)", "attr_weight (lbs)"),
];
/// Variable products whose numbers are remembered for their variations.
const NUMBERED_MAX: usize = 1_000_000;

/// What rows before said of the products that later ones belong to.
#[derive(Debug, Default)]
pub(super) struct Numbered {
    groups: HashMap<String, String>,
}

impl Numbered {
    /// One row; none when its product is left out.
    pub(super) fn part<'r>(&mut self, row: &'r RawRow<'_>) -> Result<Part<'r>, Reject> {
        let get = |name: &str| row.fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).and_then(|(_, value)| value.text());
        if let Some(published) = get("Published").filter(|published| &**published != "1" && !published.eq_ignore_ascii_case("true")) {
            return Err(row.reject("Published", format!("is {published}: only published products are sold")));
        }
        let kind = get("Type").unwrap_or_default().to_lowercase();
        let (number, sku) = (get("ID"), get("SKU"));
        let own = sku.as_deref().map(str::to_owned).or_else(|| number.as_deref().map(|number| format!("woo-{number}")));
        let own = own.ok_or_else(|| row.reject("SKU", "is missing, and there is no ID"))?;
        let group = match kind.starts_with("variation") {
            true => {
                let parent = get("Parent").ok_or_else(|| row.reject("Parent", "is missing: of what is it a variation?"))?;
                Some(self.group_of(&parent))
            }
            false if kind.starts_with("variable") => {
                if let Some(number) = number.filter(|_| self.groups.len() < NUMBERED_MAX) {
                    self.groups.insert(number.into_owned(), own.clone());
                }
                Some(own.clone())
            }
            false => None,
        };
        let mut fields: Vec<(Cow<'r, str>, Value<'r>)> = vec![("id".into(), text(own.clone())), ("sku".into(), text(own))];
        for (theirs, ours) in OURS {
            fields.extend(get(theirs).map(|value| (ours.into(), text(value.into_owned()))));
        }
        // A sale of some days is not a price for good.
        let sale = get("Sale price").filter(|_| get("Date sale price ends").is_none());
        let regular = get("Regular price").map(|price| text(price.into_owned()));
        fields.extend(regular.map(|price| (if sale.is_some() { "list_price" } else { "price" }.into(), price)));
        fields.extend(sale.map(|price| ("price".into(), text(price.into_owned()))));
        // Each a path of its own: two names are two categories and not the levels of one.
        let paths = |paths: Cow<'_, str>| Value::List(list(&paths).into_iter().map(|path| Value::List(vec![path])).collect());
        fields.extend(get("Categories").map(|all| ("category".into(), paths(all))));
        fields.extend(get("Images").map(|images| ("images".into(), Value::List(list(&images)))));
        fields.extend(get("Tags").map(|tags| ("attr_tags".into(), Value::List(list(&tags)))));
        let is_attribute = |name: &str| name.get(..10).is_some_and(|start| start.eq_ignore_ascii_case("attribute "));
        let attributes = row.fields.iter().filter(|(name, value)| is_attribute(name) && !value.is_blank());
        fields.extend(attributes.map(|(name, value)| (Cow::Borrowed(&**name), value.clone())));
        Ok(Part { line: row.line, group, fields, is_form: !kind.starts_with("variable") })
    }

    /// The name of the product that a variation names by its SKU or number.
    fn group_of(&self, parent: &str) -> String {
        let Some(number) = parent.strip_prefix("id:") else { return parent.to_owned() };
        self.groups.get(number).cloned().unwrap_or_else(|| format!("woo-{number}"))
    }
}

fn text<'r>(text: String) -> Value<'r> {
    Value::Text(Cow::Owned(text))
}

fn list<'r>(texts: &str) -> Vec<Value<'r>> {
    parts(texts, &[',']).into_iter().map(text).collect()
}
