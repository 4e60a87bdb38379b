//! Attributes from columns that mean nothing else.

use super::clean::{cut, parts, plain};
use super::value::Value;
use crate::catalog::product::{ATTRIBUTES_MAX, TEXT_BYTES_MAX};
use crate::catalog::{AttributeValue, Attributes};
use std::collections::btree_map::Entry;

/// Taken off names when no map says otherwise: feeds mark the type of an attribute so.
const PREFIXES: [&str; 5] = ["attr_t_", "attr_n_", "attr_b_", "attr_", "attribute_"];
const NAME_BYTES_MAX: usize = 128;
const TEXTS_MAX: usize = 100;
/// A longer beginning of `name: value` is a sentence.
const PAIR_NAME_BYTES_MAX: usize = 64;
/// An object within an object within an attribute: enough for every feed seen, and a bound.
const DEPTH_MAX: usize = 2;

/// Collects the attributes of one product or variant.
#[derive(Debug)]
pub(super) struct Collector<'a> {
    prefixes: &'a [String],
    /// Whether texts may be numbers and flags, because the file has no other way to write them.
    infers: bool,
    pub(super) found: Attributes,
    pub(super) omitted_count: u64,
}

impl<'a> Collector<'a> {
    pub(super) fn new(prefixes: &'a [String], infers: bool) -> Self {
        Self { prefixes, infers, found: Attributes::new(), omitted_count: 0 }
    }

    /// Adds a column under its own name.
    pub(super) fn add(&mut self, name: &str, value: &Value<'_>) {
        self.add_at(name, value, 0);
    }

    /// Adds columns under their own names, and pairs of columns (`Attribute 1 name`, `Attribute 1 value(s)`) under the name that the row gives them.
    pub(super) fn add_columns(&mut self, columns: &[(&str, &Value<'_>)]) {
        let pairs = Pairs::of(columns);
        for (name, value) in columns {
            match pairs.part_of(name) {
                Part::Alone => self.add(name, value),
                Part::Value(name) => self.add_several(&name, value),
                Part::Rest => {}
            }
        }
    }

    /// Adds a text that may be several, apart by commas or strokes; `\\,` is a comma.
    fn add_several(&mut self, name: &str, value: &Value<'_>) {
        for text in value.text().iter().flat_map(|text| parts(text, &[',', '|'])) {
            self.insert(name, AttributeValue::Text(cut(&plain(&text), TEXT_BYTES_MAX).to_owned()));
        }
    }

    /// Adds the members of a column that holds attributes, as an object, a list of name and value, or `name: value | name: value`.
    pub(super) fn add_members(&mut self, name: &str, value: &Value<'_>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| self.add_at(name, value, 1)),
            // What has no name among those that have one is left out.
            Value::List(values) if values.iter().any(|value| named(value).is_some()) => {
                values.iter().filter_map(named).for_each(|(name, value)| self.add_at(&name, value, 1));
            }
            Value::Text(text) if text.trim_start().starts_with('{') => {
                // Ruby writes `=>` where JSON has a colon.
                let json = text.replace("\"=>", "\":").replace("\":nil", "\":null");
                match serde_json::from_str::<Value<'_>>(&json) {
                    Ok(members @ Value::Object(_)) => self.add_members(name, &members),
                    Ok(_) | Err(_) => self.add(name, value),
                }
            }
            Value::Text(text) if are_pairs(text) => {
                let pairs = text.split('|').filter_map(|pair| pair.split_once(':'));
                pairs.for_each(|(name, value)| self.insert(name, self.scalar_text(value)));
            }
            _ => self.add(name, value),
        }
    }

    fn add_at(&mut self, name: &str, value: &Value<'_>, depth: usize) {
        if value.is_blank() {
            return;
        }
        match value {
            Value::Null => {}
            Value::Flag(flag) => self.insert(name, AttributeValue::Flag(*flag)),
            Value::Whole(number) => self.insert(name, AttributeValue::Number(*number as f64)),
            Value::Fraction(number) => self.insert(name, AttributeValue::Number(*number)),
            Value::Text(text) => self.insert(name, self.scalar_text(text)),
            Value::List(values) if values.iter().any(|value| named(value).is_some()) => self.add_members(name, value),
            Value::List(values) => {
                let texts = values.iter().filter_map(Value::text).take(TEXTS_MAX);
                let texts: Vec<String> = texts.map(|text| cut(&plain(&text), TEXT_BYTES_MAX).to_owned()).collect();
                if !texts.is_empty() {
                    self.insert(name, AttributeValue::Texts(texts));
                }
            }
            Value::Object(_) if depth >= DEPTH_MAX => self.omitted_count += 1,
            Value::Object(members) => {
                members.iter().for_each(|(member, value)| self.add_at(&format!("{name}.{member}"), value, depth + 1));
            }
        }
    }

    fn scalar_text(&self, text: &str) -> AttributeValue {
        let text = plain(text);
        let inferred = if self.infers { inferred(&text) } else { None };
        inferred.unwrap_or_else(|| AttributeValue::Text(cut(&text, TEXT_BYTES_MAX).to_owned()))
    }

    fn insert(&mut self, name: &str, value: AttributeValue) {
        let name = name.trim();
        let own = self.prefixes.iter().map(String::as_str);
        let stripped = own.chain(PREFIXES).find_map(|prefix| name.strip_prefix(prefix)).filter(|rest| !rest.is_empty());
        let name = cut(stripped.unwrap_or(name), NAME_BYTES_MAX);
        if name.is_empty() {
            return;
        }
        if self.found.len() >= ATTRIBUTES_MAX && !self.found.contains_key(name) {
            self.omitted_count += 1;
            return;
        }
        match self.found.entry(name.to_owned()) {
            Entry::Vacant(free) => {
                free.insert(value);
            }
            Entry::Occupied(mut known) => joined(known.get_mut(), value),
        }
    }
}

/// What a column is in an export that keeps the names of attributes in columns of their own.
enum Part {
    Alone,
    /// The value of the attribute of this name.
    Value(String),
    /// The name, or a setting of the other system.
    Rest,
}

/// Attributes whose name and value stand in a column each, by what the columns' names begin with.
struct Pairs(Vec<(String, String)>);

impl Pairs {
    fn of(columns: &[(&str, &Value<'_>)]) -> Self {
        let numbered = columns.iter().filter_map(|(name, value)| Some((head_of(name, &["name"])?, value.text()?.into_owned())));
        let has_value = |head: &String| columns.iter().any(|(name, _)| head_of(name, &VALUES).as_ref() == Some(head));
        Self(numbered.filter(|(head, _)| has_value(head)).collect())
    }

    fn part_of(&self, column: &str) -> Part {
        if self.0.is_empty() {
            return Part::Alone;
        }
        let value_of = head_of(column, &VALUES);
        if let Some((_, name)) = self.0.iter().find(|(head, _)| value_of.as_ref() == Some(head)) {
            return Part::Value(name.clone());
        }
        let other = head_of(column, &["name", "visible", "global", "default"]);
        if other.is_some_and(|other| self.0.iter().any(|(head, _)| *head == other)) { Part::Rest } else { Part::Alone }
    }
}

/// How the columns of values end.
const VALUES: [&str; 3] = ["value(s)", "values", "value"];

/// What stands before one of these words, when it ends in a number: `attribute 1` of `Attribute 1 value(s)`.
fn head_of(column: &str, ends: &[&str]) -> Option<String> {
    let column = column.to_ascii_lowercase();
    let head = ends.iter().find_map(|end| column.strip_suffix(end))?.trim_end_matches([' ', '_', '-']);
    head.ends_with(|letter: char| letter.is_ascii_digit()).then(|| head.to_owned())
}

/// Adds a further text to what an attribute holds already; a second number or flag is left out.
fn joined(known: &mut AttributeValue, further: AttributeValue) {
    let AttributeValue::Text(further) = further else { return };
    match known {
        AttributeValue::Text(first) if *first != further => *known = AttributeValue::Texts(vec![std::mem::take(first), further]),
        AttributeValue::Texts(texts) if texts.len() < TEXTS_MAX && !texts.contains(&further) => texts.push(further),
        AttributeValue::Text(_) | AttributeValue::Texts(_) | AttributeValue::Number(_) | AttributeValue::Flag(_) => {}
    }
}

/// Whether a text says attributes as `name: value | name: value`; a stroke inside a value may make a piece without a name, a sentence makes none. A single
/// pair has blanks on both sides of its colon and a name of one word: `capacityquarts : 7`.
pub(super) fn are_pairs(text: &str) -> bool {
    let pieces = || text.split('|').filter(|piece| !piece.trim().is_empty());
    let is_pair = |piece: &&str| piece.split_once(':').is_some_and(|(name, _)| (1..=PAIR_NAME_BYTES_MAX).contains(&name.trim().len()));
    let (pieces_count, pairs_count) = (pieces().count(), pieces().filter(is_pair).count());
    let is_single = |(name, _): (&str, &str)| (1..=PAIR_NAME_BYTES_MAX).contains(&name.len()) && !name.contains(char::is_whitespace);
    match pieces_count {
        0 => false,
        1 => text.trim().split_once(" : ").is_some_and(is_single),
        _ => pairs_count * 4 >= pieces_count * 3,
    }
}

/// A name and a value, as lists of attributes hold them.
fn named<'v, 'a>(value: &'v Value<'a>) -> Option<(String, &'v Value<'a>)> {
    let name = value.member(&["name", "key", "attribute"]).and_then(Value::text)?;
    Some((name.into_owned(), value.member(&["value", "values"])?))
}

/// A number or flag that a text can only be; codes with leading zeroes stay texts.
fn inferred(text: &str) -> Option<AttributeValue> {
    match text {
        "true" | "True" | "TRUE" => return Some(AttributeValue::Flag(true)),
        "false" | "False" | "FALSE" => return Some(AttributeValue::Flag(false)),
        _ => {}
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_code = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    let is_plain = digits.len() <= 15 && digits.starts_with(|digit: char| digit.is_ascii_digit()) && !is_code;
    let number = text.parse().ok().filter(|_| is_plain && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
    number.map(AttributeValue::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(json: &str, infers: bool) -> String {
        let value: Value<'_> = serde_json::from_str(json).expect("JSON");
        let prefixes = ["x_".to_owned()];
        let mut collector = Collector::new(&prefixes, infers);
        collector.add_members("", &value);
        serde_json::to_string(&collector.found).expect("encodes")
    }

    #[test]
    fn attributes_keep_their_types() {
        let check = |json: &str, infers: bool, expected: &str| assert_eq!(collect(json, infers), expected, "{json}");
        check(
            r#"{"attr_n_watt": 5, "attr_b_wifi": false, "x_colour": "red &amp; blue"}"#,
            false,
            r#"{"colour":"red & blue","watt":5.0,"wifi":false}"#,
        );
        check(r#"{"a": "5", "b": ["x", 1, ""], "c": null, "d": {"e": 1, "f": {"g": 2}}}"#, false, r#"{"a":"5","b":["x","1"],"d.e":1.0}"#);
        check(
            r#"{"a": "5", "b": "007", "c": "1.5", "d": "True", "e": "1e9", "f": "-3"}"#,
            true,
            r#"{"a":5.0,"b":"007","c":1.5,"d":true,"e":"1e9","f":-3.0}"#,
        );
        check(r#"[{"name": "Weight", "value": "5 kg"}, {"key": "Depth", "value": 3}]"#, false, r#"{"Depth":3.0,"Weight":"5 kg"}"#);
        check(r#""overallwidth:64.7|dsmaterial : wood""#, true, r#"{"dsmaterial":"wood","overallwidth":64.7}"#);
        check(r#""color : brown|color : black|color : brown|seats:2|seats:3""#, true, r#"{"color":["brown","black"],"seats":2.0}"#);
        check(
            r#""{\"spec\"=>[{\"key\"=>\"Fabric\", \"value\"=>\"Lycra\"}, {\"value\"=>\"3 shorts\"}, {\"key\"=>\"Lining\", \"value\"=>nil}]}""#,
            true,
            r#"{"Fabric":"Lycra"}"#,
        );
    }

    #[test]
    fn names_and_values_in_columns_of_their_own_are_attributes() {
        let row = [
            ("Attribute 1 name", "Region"),
            ("Attribute 1 value(s)", "Istria"),
            ("Attribute 1 visible", "1"),
            ("Attribute 2 name", "Size"),
            ("Attribute 2 value(s)", "S, M, 1\\,5 L"),
            ("Attribute 3 name", ""),
            ("Attribute 3 value(s)", ""),
            ("Weight (kg)", "1.3"),
        ];
        let values = row.map(|(name, value)| (name, Value::Text(value.into())));
        let columns: Vec<(&str, &Value<'_>)> = values.iter().map(|(name, value)| (*name, value)).collect();
        let mut collector = Collector::new(&[], true);
        collector.add_columns(&columns);
        let found = serde_json::to_string(&collector.found).expect("encodes");
        assert_eq!(found, r#"{"Region":"Istria","Size":["S","M","1,5 L"],"Weight (kg)":1.3}"#);
    }

    #[test]
    fn sentences_are_no_pairs() {
        let check = |text: &str, expected: bool| assert_eq!(are_pairs(text), expected, "{text}");
        check("overallwidth:64.7|dsmaterial : wood", true);
        check("finish: matte|care: wipe|with a stroke | inside: yes", true);
        check("Note: soft | durable | made to last", false);
        check("Care: wipe with a damp cloth", false);
        check("the first of two things that a lamp in your living room should never be found without: light|and", false);
    }

    #[test]
    fn attributes_beyond_the_most_are_counted() {
        let members: Vec<String> = (0..ATTRIBUTES_MAX + 7).map(|index| format!("\"a{index:04}\":1")).collect();
        let json = format!("{{{}}}", members.join(","));
        let value: Value<'_> = serde_json::from_str(&json).expect("JSON");
        let mut collector = Collector::new(&[], false);
        collector.add_members("", &value);
        assert_eq!((collector.found.len(), collector.omitted_count), (ATTRIBUTES_MAX, 7));
        assert!(collector.found.contains_key("a0000"));
    }
}
