//! Every type of change and what its fields mean, read from the very source that defines them: what is said here cannot fall behind.
//!
//! The events of the trade stream are enums whose variants and fields carry a comment each (the compiler asks for it). This reads that plain
//! form, one variant or field a line, and nothing more general.

use super::shape::{AREAS, PRIVATE_KINDS, SECRET_FIELDS};
use crate::event::Stream;
use serde::Serialize;
use std::collections::BTreeSet;

/// A named part of a shape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldDoc {
    /// Its name.
    pub name: String,
    /// Its type, in the words of the source: `Vec<Line>` is an array of the shape `Line`.
    pub r#type: String,
    /// What it means.
    pub about: String,
}

/// A type of change, or a shape that fields have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShapeDoc {
    /// `order_placed`, or `Line`.
    pub name: String,
    /// The stream that a type of change is told in; none for a shape.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<&'static str>,
    /// What it means.
    pub about: String,
    /// Its fields, in the order of the source; for a shape that is one of several words, those words.
    pub fields: Vec<FieldDoc>,
}

/// All types and shapes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Vocabulary {
    /// Types of changes.
    pub types: Vec<ShapeDoc>,
    /// Shapes that their fields have.
    pub shapes: Vec<ShapeDoc>,
}

impl Vocabulary {
    /// What changes of these streams can be asked for by: their types, and the areas that types belong to.
    #[must_use]
    pub fn kinds(&self, streams: &[Stream]) -> BTreeSet<&str> {
        let is_told = |shape: &&ShapeDoc| streams.iter().any(|stream| shape.stream == Some(stream.name()));
        let names = self.types.iter().filter(is_told).map(|shape| shape.name.as_str());
        names.flat_map(|name| [Some(name), name.split_once('.').map(|(area, _)| area)]).flatten().collect()
    }
}

/// The area whose events a source file (its path under `src/event/trade`) defines, as their names begin; none for what belongs to no area.
fn area_of(path: &str) -> Option<&'static str> {
    let stem = path.split('/').next().unwrap_or_default().trim_end_matches(".rs");
    AREAS.iter().copied().find(|area| *area == stem || stem.strip_suffix('s') == Some(area))
}

/// Name, type and meaning of a field.
type CatalogField = (&'static str, &'static str, &'static str);

/// Of the catalog stream: its events are told in other words than they are written.
const CATALOG: &[(&str, &str, &[CatalogField])] = &[
    (
        "product_put",
        "A product is new or has changed; the whole document replaces the former one.",
        &[("product_id", "String", "The shop's name for it."), ("document", "Object", "The whole document.")],
    ),
    ("product_removed", "A product is no longer sold.", &[("product_id", "String", "The shop's name for it.")]),
    (
        "setting_put",
        "A merchandising rule or a synonym is new or has changed.",
        &[
            ("kind", "String", "rule or synonym."),
            ("setting_id", "String", "The shop's name for it."),
            ("document", "Object", "The whole document."),
            ("actor", "String", "Who did it."),
        ],
    ),
    (
        "setting_removed",
        "A merchandising rule or a synonym no longer holds.",
        &[("kind", "String", "rule or synonym."), ("setting_id", "String", "The shop's name for it."), ("actor", "String", "Who did it.")],
    ),
];

/// All types and shapes that source files define: their paths under `src/event/trade`, and their texts.
#[must_use]
pub fn vocabulary_of(sources: &[(String, String)]) -> Vocabulary {
    let (mut types, mut shapes) = (Vec::new(), Vec::new());
    for (path, text) in sources {
        let area = area_of(path);
        for item in items_of(text) {
            if !item.name.ends_with("Event") {
                shapes.push(item.into_shape());
                continue;
            }
            let events = item.parts.into_iter().map(|part| event(area.unwrap_or_default(), part));
            // A variant that only leads into an area is no type of its own.
            types.extend(events.filter(|event| !AREAS.contains(&event.name.as_str()) && !PRIVATE_KINDS.contains(&event.name.as_str())));
        }
    }
    types.extend(CATALOG.iter().map(|(name, about, fields)| ShapeDoc {
        name: (*name).to_owned(),
        stream: Some(Stream::Catalog.name()),
        about: (*about).to_owned(),
        fields: fields.iter().map(|(name, r#type, about)| field((*name).to_owned(), (*r#type).to_owned(), (*about).to_owned())).collect(),
    }));
    Vocabulary { types, shapes }
}

fn field(name: String, r#type: String, about: String) -> FieldDoc {
    FieldDoc { name, r#type, about }
}

/// A variant of an enum or a field of a struct.
struct Part {
    name: String,
    /// The type of a struct's field; empty for a variant.
    r#type: String,
    about: String,
    fields: Vec<FieldDoc>,
}

/// A public struct or enum.
struct Item {
    name: String,
    about: String,
    parts: Vec<Part>,
}

impl Item {
    fn into_shape(self) -> ShapeDoc {
        let told = |part: Part| {
            let name = if part.r#type.is_empty() { snake(&part.name) } else { part.name };
            field(name, part.r#type, part.about)
        };
        ShapeDoc { name: self.name, stream: None, about: self.about, fields: self.parts.into_iter().map(told).collect() }
    }
}

fn event(area: &str, part: Part) -> ShapeDoc {
    let name = snake(&part.name);
    let name = if area.is_empty() { name } else { format!("{area}.{name}") };
    ShapeDoc { name, stream: Some(Stream::Trade.name()), about: part.about, fields: part.fields.into_iter().filter_map(told).collect() }
}

/// A field as the feed tells it: dense numbers of products become names, moments are texts, secrets are left out.
fn told(FieldDoc { name, r#type, about }: FieldDoc) -> Option<FieldDoc> {
    if SECRET_FIELDS.contains(&name.as_str()) {
        return None;
    }
    let (name, r#type) = match (name.as_str(), r#type.as_str()) {
        ("product", "Ordinal") => ("product_id".to_owned(), "ProductId".to_owned()),
        _ => (name, r#type),
    };
    Some(field(name, r#type, about))
}

/// `OrderPlaced` as `order_placed`, the way events are written.
fn snake(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    for (at, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && at > 0 {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

/// Public structs and enums of a source file before its tests, by indentation: items at 0, variants and fields at 4, fields of variants at 8.
fn items_of(source: &str) -> Vec<Item> {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let (mut items, mut about): (Vec<Item>, Vec<&str>) = (Vec::new(), Vec::new());
    let mut is_open = false;
    for line in source.lines() {
        let indent = line.len() - line.trim_start().len();
        let text = line.trim();
        if let Some(comment) = text.strip_prefix("///") {
            about.push(comment.trim());
            continue;
        }
        if text.starts_with("#[") {
            continue;
        }
        let said = std::mem::take(&mut about).join(" ");
        match (indent, items.last_mut()) {
            (0, _) => {
                let name = ["pub struct ", "pub enum "].iter().find_map(|start| text.strip_prefix(start));
                is_open = name.is_some() && text.ends_with('{');
                let name = name.map(|rest| rest.split([' ', '<', '(', ';']).next().unwrap_or_default().to_owned());
                items.extend(name.map(|name| Item { name, about: said, parts: Vec::new() }));
            }
            (4, Some(item)) if is_open => item.parts.extend(part_of(text, said)),
            (8, Some(item)) if is_open => {
                if let (Some(part), Some((name, r#type))) = (item.parts.last_mut(), named_type(text)) {
                    part.fields.push(field(name, r#type, said));
                }
            }
            _ => {}
        }
    }
    items
}

fn part_of(text: &str, about: String) -> Option<Part> {
    if let Some((name, r#type)) = named_type(text) {
        return Some(Part { name, r#type, about, fields: Vec::new() });
    }
    let name: String = text.chars().take_while(|letter| letter.is_ascii_alphanumeric()).collect();
    let is_variant = name.starts_with(|letter: char| letter.is_ascii_uppercase());
    is_variant.then(|| Part { name, r#type: String::new(), about, fields: Vec::new() })
}

/// `pub name: Type,` or `name: Type,`.
fn named_type(text: &str) -> Option<(String, String)> {
    let (name, r#type) = text.strip_prefix("pub ").unwrap_or(text).split_once(": ")?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    is_name.then(|| (name.to_owned(), r#type.trim_end_matches(',').to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "/// All.\n#[serde(rename_all = \"snake_case\")]\npub enum StockEvent {\n    /// It came,\n    /// at last.\n    GoodsCame {\n        /// What.\n        product: Ordinal,\n        /// Pay.\n        #[serde(default)]\n        token: String,\n    },\n    /// Alone.\n    Closed,\n}\n\n/// A part.\npub struct Part {\n    /// How many.\n    pub quantity: i64,\n}\n";

    #[test]
    fn variants_are_types_and_their_fields_are_named_as_they_are_told() {
        let told = vocabulary_of(&[("stock/mod.rs".to_owned(), SOURCE.to_owned())]);
        let names: Vec<&str> = told.types.iter().map(|shape| shape.name.as_str()).collect();
        assert_eq!(names, ["stock.goods_came", "stock.closed", "product_put", "product_removed", "setting_put", "setting_removed"]);
        assert_eq!(told.types[0].about, "It came, at last.");
        assert_eq!(told.types[0].fields, [field("product_id".to_owned(), "ProductId".to_owned(), "What.".to_owned())]);
        assert_eq!((told.shapes[0].name.as_str(), told.shapes[0].fields[0].r#type.as_str()), ("Part", "i64"));
    }

    #[test]
    fn a_stream_is_asked_by_its_types_and_their_areas() {
        let told = vocabulary_of(&[("stock/mod.rs".to_owned(), SOURCE.to_owned())]);
        let check = |streams: &[Stream], kinds: &[&str]| assert_eq!(told.kinds(streams).into_iter().collect::<Vec<_>>(), kinds);
        check(&[Stream::Trade], &["stock", "stock.closed", "stock.goods_came"]);
        check(&[Stream::Catalog], &["product_put", "product_removed", "setting_put", "setting_removed"]);
        assert_eq!(told.kinds(&[Stream::Trade, Stream::Catalog]).len(), 7);
    }

    #[test]
    fn files_belong_to_areas_also_when_they_have_become_folders() {
        let check = |path: &str, area: Option<&str>| assert_eq!(area_of(path), area, "{path}");
        check("mod.rs", None);
        check("parts.rs", None);
        check("carts.rs", Some("cart"));
        check("fulfilment/facts.rs", Some("fulfilment"));
        check("payments/mod.rs", Some("payment"));
        check("after_sale.rs", Some("after_sale"));
    }
}
