//! Rows of WooCommerce's product export in the words of our own columns: a variable product has a row of its own and one for each variation, which
//! names it by its SKU or, where it has none, by its number (`id:17`). The export names its columns in the language of the shop; `woocommerce.txt` says them in
//! others than English.

use super::Reject;
use super::clean::parts;
use super::grouped::Part;
use super::records::RawRow;
use super::value::Value;
use crate::text::fold;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

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
/// Words for an attribute in the names of columns, and for its name and its values.
const ATTRIBUTE: [&str; 8] = ["attribut", "attribuut", "atributo", "attributo", "atrybut", "egenskap", "vlastnost", "атрибут"];
const NAME: [&str; 10] = ["name", "nom", "nombre", "nome", "naam", "nazwa", "navn", "namn", "nazev", "название"];
const VALUES: [&str; 9] = ["wert", "valeur", "valor", "valore", "waarde", "wartosc", "verdi", "hodnota", "значени"];
/// Names of columns that are remembered in English; a file has fewer.
const NAMES_MAX: usize = 4_096;

static ABROAD: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let lines = include_str!("woocommerce.txt").lines().filter_map(|line| line.split_once(':'));
    let of_line = |(english, names): (&'static str, &'static str)| names.split(',').map(move |name| (fold(name.trim()), english));
    lines.flat_map(of_line).collect()
});

/// The name of a column in English, as far as it is one of those that matter.
pub(super) fn in_english(name: &str) -> Cow<'_, str> {
    let bare = fold(name.trim_matches('\u{feff}')).replace(',', "");
    if let Some(english) = ABROAD.get(bare.trim()) {
        return Cow::Borrowed(english);
    }
    let number: String = bare.chars().filter(char::is_ascii_digit).collect();
    let words = || bare.split(|letter: char| !letter.is_alphanumeric());
    let has = |known: &[&str]| words().any(|word| known.contains(&word));
    let begins = |known: &[&str]| words().any(|word| known.iter().any(|known| word.starts_with(known)));
    match number.is_empty() || !begins(&ATTRIBUTE) || bare.starts_with("attribute ") {
        true => Cow::Borrowed(name),
        false if begins(&VALUES) => Cow::Owned(format!("Attribute {number} value(s)")),
        false if has(&NAME) => Cow::Owned(format!("Attribute {number} name")),
        // Whether it is shown and whether it is one of the shop's.
        false => Cow::Owned(format!("Attribute {number} visible")),
    }
}

/// Variable products whose numbers are remembered for their variations.
const NUMBERED_MAX: usize = 1_000_000;

/// What rows before said of the products that later ones belong to.
#[derive(Debug, Default)]
pub(super) struct Numbered {
    groups: HashMap<String, String>,
    /// The names of columns in English.
    names: HashMap<String, String>,
}

impl Numbered {
    /// One row; none when its product is left out.
    pub(super) fn part<'r>(&mut self, row: &'r RawRow<'_>) -> Result<Part<'r>, Reject> {
        let names: Vec<String> = row.fields.iter().map(|(name, _)| self.name_of(name)).collect();
        let fields = || names.iter().zip(row.fields.iter().map(|(_, value)| value));
        let get = |name: &str| fields().find(|(known, _)| known.eq_ignore_ascii_case(name)).and_then(|(_, value)| value.text());
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
        let mut told: Vec<(Cow<'r, str>, Value<'r>)> = vec![("id".into(), text(own.clone())), ("sku".into(), text(own))];
        for (theirs, ours) in OURS {
            told.extend(get(theirs).map(|value| (ours.into(), text(value.into_owned()))));
        }
        // A sale of some days is not a price for good.
        let sale = get("Sale price").filter(|_| get("Date sale price ends").is_none());
        let regular = get("Regular price").map(|price| text(price.into_owned()));
        told.extend(regular.map(|price| (if sale.is_some() { "list_price" } else { "price" }.into(), price)));
        told.extend(sale.map(|price| ("price".into(), text(price.into_owned()))));
        // Each a path of its own: two names are two categories and not the levels of one.
        let paths = |paths: Cow<'_, str>| Value::List(list(&paths).into_iter().map(|path| Value::List(vec![path])).collect());
        told.extend(get("Categories").map(|all| ("category".into(), paths(all))));
        told.extend(get("Images").map(|images| ("images".into(), Value::List(list(&images)))));
        told.extend(get("Tags").map(|tags| ("attr_tags".into(), Value::List(list(&tags)))));
        let is_attribute = |name: &str| name.get(..10).is_some_and(|start| start.eq_ignore_ascii_case("attribute "));
        let attributes = fields().filter(|(name, value)| is_attribute(name) && !value.is_blank());
        told.extend(attributes.map(|(name, value)| (Cow::Owned(name.clone()), value.clone())));
        Ok(Part { line: row.line, group, fields: told, is_form: !kind.starts_with("variable") })
    }

    /// The name of a column in English.
    fn name_of(&mut self, name: &str) -> String {
        if let Some(known) = self.names.get(name) {
            return known.clone();
        }
        let english = in_english(name).into_owned();
        if self.names.len() < NAMES_MAX {
            self.names.insert(name.to_owned(), english.clone());
        }
        english
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_in_the_language_of_the_shop() {
        let check = |name: &str, english: &str| assert_eq!(in_english(name), english, "{name}");
        check("Regulärer Preis", "Regular price");
        check("Datum, an dem Angebotspreis endet", "Date sale price ends");
        check("Übergeordnetes Produkt", "Parent");
        check("Étiquettes", "Tags");
        check("Precio rebajado", "Sale price");
        check("Länge (cm)", "Length (cm)");
        check("Attribut 1 Name", "Attribute 1 name");
        check("Attribut 2 Wert(e)", "Attribute 2 value(s)");
        check("Valeur(s) de l’attribut 12", "Attribute 12 value(s)");
        check("Nombre del atributo 1", "Attribute 1 name");
        check("Attribut 1 Sichtbar", "Attribute 1 visible");
        check("Attribute 1 value(s)", "Attribute 1 value(s)");
        check("Farbe", "Farbe");
        check("\u{feff}ID", "\u{feff}ID");
    }
}
