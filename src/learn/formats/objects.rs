//! A JSON object a line: an interaction, a shopper with a list of products or of interactions, or the lists of many shoppers by their names.

use super::form::{By, Columns};
use super::heading::{letters, named};
use super::rows::{Row, one};
use serde_json::{Map, Value};

type Object = Map<String, Value>;

/// What an object holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Objects {
    /// One interaction.
    Interactions(Keys),
    /// A shopper and, under this key, what they turned to: products, or objects with these keys beside those of the shopper's own.
    Shoppers { list: String, keys: Option<Keys>, shopper: String },
    /// Products under the name of each shopper.
    Lists,
}

/// What the things are called in an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Keys {
    pub(super) names: Vec<String>,
    pub(super) columns: Columns,
}

impl Keys {
    fn of(names: Vec<String>, by: By) -> Option<Self> {
        let bare: Vec<String> = names.iter().map(|name| letters(name)).collect();
        let columns = named(&bare, by)?;
        Some(Self { names, columns })
    }

    fn row(&self, values: &[&Object], each: &mut dyn FnMut(Row<'_>) -> Result<(), String>) -> Result<(), String> {
        let value = |name: &String| values.iter().find_map(|object| object.get(name)).map_or(String::new(), said);
        let fields: Vec<String> = self.names.iter().map(value).collect();
        one(&self.columns, |place| fields.get(place).map(String::as_str).ok_or_else(String::new), each)
    }
}

impl Objects {
    /// What the first line says.
    pub(super) fn of(first: &str, by: By) -> Result<Self, String> {
        let object = parsed(first)?;
        let names: Vec<String> = object.keys().cloned().collect();
        if let Some(keys) = Keys::of(names.clone(), by) {
            return Ok(Self::Interactions(keys));
        }
        if !object.is_empty() && object.values().all(|value| value.as_array().is_some_and(|list| list.iter().all(is_name))) {
            return Ok(Self::Lists);
        }
        let refused = || format!("expected the keys of a shopper and a product, found: {}", shown(&names));
        let lists = || object.iter().filter_map(|(name, value)| Some((name, value.as_array()?)));
        let (Some((list, elements)), 1) = (lists().next(), lists().count()) else { return Err(refused()) };
        // Whatever the list's elements are called, what stands beside it must name a shopper.
        let beside: Vec<String> = names.iter().filter(|name| *name != list).cloned().collect();
        let shopper = Keys::of([beside.clone(), vec![PRODUCT.to_owned()]].concat(), by).ok_or_else(refused)?;
        let shopper = shopper.names[shopper.columns.shopper].clone();
        let keys = match elements.first() {
            Some(Value::Object(element)) => Some(Keys::of([beside, element.keys().cloned().collect()].concat(), by).ok_or_else(refused)?),
            _ => None,
        };
        Ok(Self::Shoppers { list: list.clone(), keys, shopper })
    }

    /// Calls `each` with all that a line holds.
    pub(super) fn rows(&self, line: &str, each: &mut dyn FnMut(Row<'_>) -> Result<(), String>) -> Result<(), String> {
        let object = parsed(line)?;
        match self {
            Self::Interactions(keys) => keys.row(&[&object], each),
            Self::Lists => object.iter().try_for_each(|(shopper, list)| named_list(shopper, list, each)),
            Self::Shoppers { list, keys: None, shopper } => {
                named_list(&object.get(shopper).map_or(String::new(), said), object.get(list).unwrap_or(&Value::Null), each)
            }
            Self::Shoppers { list, keys: Some(keys), .. } => {
                let elements = object.get(list).and_then(Value::as_array).ok_or_else(|| format!("{list} is no list"))?;
                let element = |element: &Value| keys.row(&[element.as_object().ok_or("an element is no object")?, &object], each);
                elements.iter().try_for_each(element)
            }
        }
    }
}

/// Stands for a product where only the shopper is looked for.
const PRODUCT: &str = "product";
/// Keys that a refusal names.
const SHOWN_MAX: usize = 12;

fn shown(names: &[String]) -> String {
    let more = if names.len() > SHOWN_MAX { ", ..." } else { "" };
    names[..names.len().min(SHOWN_MAX)].join(", ") + more
}

fn parsed(line: &str) -> Result<Object, String> {
    serde_json::from_str(line).map_err(|error| format!("expected one JSON object a line: {error}"))
}

fn is_name(value: &Value) -> bool {
    value.is_string() || value.is_number()
}

fn said(value: &Value) -> String {
    value.as_str().map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned)
}

fn named_list(shopper: &str, list: &Value, each: &mut dyn FnMut(Row<'_>) -> Result<(), String>) -> Result<(), String> {
    let list =
        list.as_array().filter(|list| list.iter().all(is_name)).ok_or_else(|| format!("what {shopper} has is no list of products"))?;
    let products: Vec<String> = list.iter().map(said).collect();
    each(Row::List(shopper, &products.iter().map(String::as_str).collect::<Vec<_>>()))
}
