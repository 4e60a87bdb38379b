//! The product document: what is sold, in which forms, and on which terms.
//!
//! The canonical bytes of a document are its JSON with sorted attributes and without empty fields, so equal products have equal bytes.

use super::offer::{self, Offer};
use crate::event::Document;
use crate::id::{MarketplaceId, ProductId, Sku};
use serde::de::value::SeqAccessDeserializer;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// Most variants in one product.
pub const VARIANTS_MAX: usize = 1_000;
/// Most attributes on one product or variant.
pub const ATTRIBUTES_MAX: usize = 500;
/// Most bytes in one text of a document.
pub const TEXT_BYTES_MAX: usize = 65_536;
/// Most bytes in a title.
pub const TITLE_BYTES_MAX: usize = 1_024;
/// Most bytes in a whole document.
pub const DOCUMENT_BYTES_MAX: usize = 1_048_576;

/// Named properties of a product or variant, sorted by name.
pub type Attributes = BTreeMap<String, AttributeValue>;

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum AttributeValue {
    /// Yes or no.
    Flag(bool),
    /// A number, in the unit that the attribute's name says.
    Number(f64),
    /// One text.
    Text(String),
    /// Several texts.
    Texts(Vec<String>),
}

/// By hand: the derived way writes an error message for each kind that a value is not, and documents are full of values.
impl<'de> Deserialize<'de> for AttributeValue {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AttributeVisitor)
    }
}

struct AttributeVisitor;

impl<'de> Visitor<'de> for AttributeVisitor {
    type Value = AttributeValue;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a text, a list of texts, a number, true or false")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<AttributeValue, E> {
        Ok(AttributeValue::Flag(flag))
    }

    fn visit_f64<E>(self, number: f64) -> Result<AttributeValue, E> {
        Ok(AttributeValue::Number(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<AttributeValue, E> {
        Ok(AttributeValue::Number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<AttributeValue, E> {
        Ok(AttributeValue::Number(number as f64))
    }

    fn visit_str<E>(self, text: &str) -> Result<AttributeValue, E> {
        Ok(AttributeValue::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<AttributeValue, E> {
        Ok(AttributeValue::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<AttributeValue, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(AttributeValue::Texts)
    }
}

/// What shoppers think of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rating {
    /// Mean of the stars, 0 to 5.
    pub average: f32,
    /// How many shoppers rated it.
    pub count: u32,
}

/// One buyable form of a product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Its stock-keeping unit, unique within the shop.
    pub sku: Sku,
    /// What distinguishes it, for people ("Red, 42").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Global trade item numbers (GTIN, EAN, UPC), as printed, right or not: catalogues are full of wrong ones, and people search for what is printed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gtins: Vec<String>,
    /// The manufacturer's part number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mpn: Option<String>,
    /// Properties of this form only, such as colour and size.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
    /// Price and terms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<Offer>,
}

impl Variant {
    /// The offer that holds in `marketplace`: its own, else the general one.
    #[must_use]
    pub fn offer(&self, marketplace: Option<&MarketplaceId>) -> Option<&Offer> {
        Offer::choose(&self.offers, marketplace)
    }

    /// Those of its numbers that are global trade item numbers: 8, 12, 13 or 14 digits of which the last checks the others (GS1 General
    /// Specifications, section 7.9). Others take them for what the thing is, so wrong ones are not told.
    pub fn trade_numbers(&self) -> impl Iterator<Item = &str> {
        self.gtins.iter().map(String::as_str).filter(|gtin| is_trade_number(gtin))
    }
}

/// Each digit counts three times or once in turn, from the right, and the sum is a multiple of ten.
fn is_trade_number(gtin: &str) -> bool {
    let is_long_enough = matches!(gtin.len(), 8 | 12..=14) && gtin.bytes().all(|digit| digit.is_ascii_digit());
    let weighted = gtin.bytes().rev().zip([1_u32, 3].into_iter().cycle());
    is_long_enough && weighted.map(|(digit, weight)| u32::from(digit - b'0') * weight).sum::<u32>() % 10 == 0
}

/// What is sold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// The shop's name for it.
    pub id: ProductId,
    /// What it is called.
    pub title: String,
    /// Who makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// What there is to say about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Paths from the root of the category tree, widest first: `["Electronics", "Cameras"]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Vec<String>>,
    /// Properties that all variants share.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
    /// Addresses of pictures, the main one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<String>,
    /// Its page elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What shoppers think of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<Rating>,
    /// Popularity that the feed states, on its own scale; used until the shop has seen behaviour of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub popularity: Option<f32>,
    /// Its buyable forms; at least one.
    pub variants: Vec<Variant>,
}

/// Why a product document is refused: which field, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct ProductError {
    /// Path of the field, as in `variants[2].sku`.
    pub field: String,
    /// What is wrong.
    pub reason: String,
}

impl ProductError {
    /// A reason to refuse the field.
    pub fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }
}

impl Product {
    /// Checks everything that the types do not.
    ///
    /// # Errors
    /// The first field at fault.
    pub fn check(&self) -> Result<(), ProductError> {
        check_text("title", &self.title, TITLE_BYTES_MAX)?;
        if self.title.trim().is_empty() {
            return Err(ProductError::new("title", "must not be empty"));
        }
        check_text("brand", self.brand.as_deref().unwrap_or_default(), TITLE_BYTES_MAX)?;
        check_text("description", self.description.as_deref().unwrap_or_default(), TEXT_BYTES_MAX)?;
        check_attributes("attributes", &self.attributes)?;
        self.check_categories()?;
        check_link("url", self.url.as_deref().unwrap_or_default())?;
        for (place, image) in self.images.iter().enumerate() {
            check_link(&format!("images[{place}]"), image)?;
        }
        if let Some(rating) = self.rating
            && !(0.0..=5.0).contains(&rating.average)
        {
            return Err(ProductError::new("rating.average", "must be between 0 and 5"));
        }
        if self.popularity.is_some_and(|popularity| !popularity.is_finite() || popularity < 0.0) {
            return Err(ProductError::new("popularity", "must be a number from 0"));
        }
        self.check_variants()
    }

    fn check_variants(&self) -> Result<(), ProductError> {
        if self.variants.is_empty() || self.variants.len() > VARIANTS_MAX {
            return Err(ProductError::new("variants", format!("must be between 1 and {VARIANTS_MAX}")));
        }
        let mut seen = BTreeSet::new();
        for (index, variant) in self.variants.iter().enumerate() {
            if !seen.insert(&variant.sku) {
                return Err(ProductError::new(format!("variants[{index}].sku"), "stands twice in this product"));
            }
            check_attributes(&format!("variants[{index}].attributes"), &variant.attributes)?;
            let in_variant = |error: ProductError| ProductError::new(format!("variants[{index}].{}", error.field), error.reason);
            offer::check(&variant.offers).map_err(in_variant)?;
        }
        Ok(())
    }

    fn check_categories(&self) -> Result<(), ProductError> {
        for (place, path) in self.categories.iter().enumerate() {
            if path.is_empty() {
                return Err(ProductError::new(format!("categories[{place}]"), "must name at least one category"));
            }
            if let Some(depth) = path.iter().position(|name| name.trim().is_empty()) {
                return Err(ProductError::new(format!("categories[{place}][{depth}]"), "must not be empty"));
            }
        }
        Ok(())
    }

    /// The canonical bytes.
    ///
    /// # Errors
    /// When the document is longer than [`DOCUMENT_BYTES_MAX`] or holds a number that JSON cannot.
    pub fn to_document(&self) -> Result<Document, ProductError> {
        let bytes = serde_json::to_vec(self).map_err(|error| ProductError::new("", error.to_string()))?;
        if bytes.len() > DOCUMENT_BYTES_MAX {
            return Err(ProductError::new("", format!("the document is longer than {DOCUMENT_BYTES_MAX} bytes")));
        }
        Ok(Document(Arc::from(bytes)))
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// When they are not a product.
    pub fn from_document(document: &[u8]) -> Result<Self, ProductError> {
        serde_json::from_slice(document).map_err(|error| ProductError::new("", error.to_string()))
    }
}

/// A link is put into pages by whoever shows the product: one that runs as a program is none. Paths and addresses without a scheme are told apart by
/// nobody here.
fn check_link(field: &str, link: &str) -> Result<(), ProductError> {
    check_text(field, link, TEXT_BYTES_MAX)?;
    // Browsers pass over blanks and control characters in schemes.
    let start: String = link.chars().filter(|letter| !letter.is_whitespace() && !letter.is_control()).take(11).collect();
    let start = start.to_ascii_lowercase();
    match ["javascript:", "vbscript:", "data:"].into_iter().find(|scheme| start.starts_with(scheme)) {
        Some(scheme) => Err(ProductError::new(field, format!("must be an address or a path, and begins with {scheme}"))),
        None => Ok(()),
    }
}

fn check_text(field: &str, text: &str, bytes_max: usize) -> Result<(), ProductError> {
    if text.len() > bytes_max {
        return Err(ProductError::new(field, format!("must not be longer than {bytes_max} bytes")));
    }
    Ok(())
}

fn check_attributes(field: &str, attributes: &Attributes) -> Result<(), ProductError> {
    if attributes.len() > ATTRIBUTES_MAX {
        return Err(ProductError::new(field, format!("must not be more than {ATTRIBUTES_MAX}")));
    }
    for (name, value) in attributes {
        let path = || format!("{field}.{name}");
        if name.is_empty() || name.len() > 128 {
            return Err(ProductError::new(path(), "a name has between 1 and 128 bytes"));
        }
        match value {
            AttributeValue::Flag(_) => {}
            AttributeValue::Number(number) if number.is_finite() => {}
            AttributeValue::Number(_) => return Err(ProductError::new(path(), "must be a finite number")),
            AttributeValue::Text(text) => check_text(&path(), text, TEXT_BYTES_MAX)?,
            AttributeValue::Texts(texts) => texts.iter().try_for_each(|text| check_text(&path(), text, TEXT_BYTES_MAX))?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAMP: &str =
        r#"{"id":"lamp","title":"Desk lamp","variants":[{"sku":"L-1","offers":[{"price":{"amount_minor":1999,"currency":"EUR"}}]}]}"#;

    fn lamp() -> Product {
        Product::from_document(LAMP.as_bytes()).expect("a product")
    }

    #[test]
    fn a_document_is_canonical() {
        assert_eq!(&*lamp().to_document().expect("encodes").0, LAMP.as_bytes());
    }

    #[test]
    fn attributes_are_texts_numbers_and_flags_and_nothing_else() {
        let read = |json: &str| serde_json::from_str::<AttributeValue>(json).map_err(|error| error.to_string());
        let number = |number| Ok(AttributeValue::Number(number));
        assert_eq!(read(r#""oa\"k""#), Ok(AttributeValue::Text("oa\"k".to_owned())));
        assert_eq!(read(r#"["oak","ash"]"#), Ok(AttributeValue::Texts(vec!["oak".to_owned(), "ash".to_owned()])));
        assert_eq!((read("3"), read("-3"), read("0.5")), (number(3.0), number(-3.0), number(0.5)));
        assert_eq!(read("true"), Ok(AttributeValue::Flag(true)));
        for wrong in ["null", "{}", "[1]", "[[]]"] {
            assert!(read(wrong).is_err_and(|error| error.contains("expected a")), "{wrong}: {:?}", read(wrong));
        }
    }

    #[test]
    fn the_field_at_fault_is_named() {
        let check = |change: &dyn Fn(&mut Product), field: &str| {
            let mut product = lamp();
            change(&mut product);
            assert_eq!(product.check().expect_err("is refused").field, field);
        };
        check(&|product| product.title = " ".to_owned(), "title");
        check(&|product| product.variants.clear(), "variants");
        check(&|product| product.url = Some(" Java\tScript:alert(1)".to_owned()), "url");
        check(&|product| product.images = vec!["https://shop.example/a.png".to_owned(), "data:text/html,x".to_owned()], "images[1]");
        check(&|product| product.variants.push(product.variants[0].clone()), "variants[1].sku");
        check(&|product| product.variants[0].offers[0].price.amount_minor = -1, "variants[0].offers[0].price");
        check(&|product| product.categories = vec![vec!["a".to_owned()], Vec::new()], "categories[1]");
        check(&|product| product.categories = vec![vec!["a".to_owned(), " ".to_owned()]], "categories[0][1]");
        check(&|product| product.rating = Some(Rating { average: 7.0, count: 1 }), "rating.average");
        check(&|product| drop(product.attributes.insert("w".to_owned(), AttributeValue::Number(f64::NAN))), "attributes.w");
        assert_eq!(lamp().check(), Ok(()));
    }

    #[test]
    fn trade_numbers_have_a_right_check_digit() {
        let check = |gtin: &str, expected: bool| assert_eq!(is_trade_number(gtin), expected, "{gtin}");
        for right in ["4006381333931", "96385074", "036000291452", "00012345600012"] {
            check(right, true);
        }
        for wrong in ["", "123", "4006381333932", "400638133393", "4006381-333931", "080442957X", "40063813339310"] {
            check(wrong, false);
        }
    }
}
