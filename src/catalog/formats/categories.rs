//! Category paths from the many ways in which feeds write them.

use super::clean::{cut, plain};
use super::value::Value;

/// Deeper levels are left out.
const LEVELS_MAX: usize = 8;
/// Further paths are left out.
const PATHS_MAX: usize = 16;
const NAME_BYTES_MAX: usize = 256;

/// Collects the paths of one product.
#[derive(Debug, Default)]
pub(super) struct Paths {
    paths: Vec<Vec<String>>,
    /// Single names from columns such as `department` and `subcategory`, widest first.
    names: Vec<String>,
}

impl Paths {
    /// Adds what one column says: a path as text, a list that is a path, a list of paths, objects with names, or levels `lvl0`, `lvl1`.
    pub(super) fn add(&mut self, value: &Value<'_>) {
        match value {
            Value::Text(text) if text.trim_start().starts_with('[') => match serde_json::from_str::<Value<'_>>(text) {
                Ok(list) => self.add(&list),
                Err(_) => self.add_text(text),
            },
            Value::Text(text) => self.add_text(text),
            Value::List(values) => self.add_list(values),
            Value::Object(levels) => {
                if let Some(name) = name_of(value) {
                    self.add_text(&name);
                } else if let Some((_, deepest)) = levels.iter().rev().find(|(_, level)| !level.is_blank()) {
                    self.add(deepest);
                }
            }
            Value::Whole(_) | Value::Fraction(_) => self.names.extend(value.text().map(|text| text.into_owned())),
            Value::Null | Value::Flag(_) => {}
        }
    }

    fn add_text(&mut self, text: &str) {
        for part in text.split('|').filter(|part| !part.trim().is_empty()) {
            let mut levels = levels_of(part);
            match levels.len() {
                0 => {}
                1 => self.names.append(&mut levels),
                _ => self.push(levels),
            }
        }
    }

    fn add_list(&mut self, values: &[Value<'_>]) {
        let is_path = |value: &Value<'_>| matches!(value, Value::Text(text) if text.contains('>'));
        if values.iter().any(|value| matches!(value, Value::List(_)) || is_path(value)) {
            values.iter().for_each(|value| self.add(value));
            return;
        }
        let names = values.iter().filter_map(|value| name_of(value).or_else(|| value.text().map(|text| text.into_owned())));
        let levels: Vec<String> = names.filter_map(|name| level(&name)).collect();
        self.push(levels);
    }

    fn push(&mut self, mut levels: Vec<String>) {
        levels.truncate(LEVELS_MAX);
        if !levels.is_empty() && self.paths.len() < PATHS_MAX && !self.paths.contains(&levels) {
            self.paths.push(levels);
        }
    }

    /// All paths; single names that no path holds make up one more. A path that goes on to the product itself (`Shoes > Sandals > AW Sandals, red`)
    /// ends before it: what has one product is no category.
    pub(super) fn into_paths(mut self, title: &str) -> Vec<Vec<String>> {
        let mut rest: Vec<String> = Vec::new();
        for name in std::mem::take(&mut self.names) {
            if !rest.contains(&name) && !self.paths.iter().any(|path| path.contains(&name)) {
                rest.push(name);
            }
        }
        self.push(rest);
        for path in self.paths.iter_mut().filter(|path| path.len() > 1) {
            path.pop_if(|last| last == title);
        }
        self.paths
    }
}

fn name_of(value: &Value<'_>) -> Option<String> {
    value.member(&["name", "title", "label"]).and_then(Value::text).map(|name| name.into_owned())
}

/// `A > B`, `A >> B`, `A/B` and `A,B` with blanks on both sides of the mark, `A:B` never: colons stand in names.
fn levels_of(path: &str) -> Vec<String> {
    let by_angle = path.split('>').filter_map(level);
    if path.contains('>') { by_angle.collect() } else { path.split(" / ").flat_map(|part| part.split(" , ")).filter_map(level).collect() }
}

fn level(name: &str) -> Option<String> {
    let name = plain(name);
    let name = cut(name.trim_matches(|letter: char| letter.is_whitespace() || letter == '/'), NAME_BYTES_MAX);
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_in_every_shape() {
        let check = |json: &str, expected: &[&[&str]]| {
            let mut paths = Paths::default();
            paths.add(&serde_json::from_str::<Value<'_>>(json).expect("JSON"));
            assert_eq!(paths.into_paths(""), expected, "{json}");
        };
        check(r#""A > B>C""#, &[&["A", "B", "C"]]);
        check(r#""A > B|A > D""#, &[&["A", "B"], &["A", "D"]]);
        check(r#""Furniture / Beds / Bunk beds""#, &[&["Furniture", "Beds", "Bunk beds"]]);
        check(r#"" Cooking , Reference""#, &[&["Cooking", "Reference"]]);
        check(r#""Sofas, chairs / Stools""#, &[&["Sofas, chairs", "Stools"]]);
        check(r#""TV &amp; Home""#, &[&["TV & Home"]]);
        check(r#"["Cell Phones", "Prepaid"]"#, &[&["Cell Phones", "Prepaid"]]);
        check(r#"["A > B", "A > C"]"#, &[&["A", "B"], &["A", "C"]]);
        check(r#"[["A", "B"], ["C"]]"#, &[&["A", "B"], &["C"]]);
        check(r#"[{"id": 1, "name": "A"}, {"id": 2, "name": "B"}]"#, &[&["A", "B"]]);
        check(r#"{"lvl0": "A", "lvl1": "A > B", "lvl2": null}"#, &[&["A", "B"]]);
        check(r#""[\"Clothing >> Shorts >> Cycling\"]""#, &[&["Clothing", "Shorts", "Cycling"]]);
    }

    #[test]
    fn a_path_ends_before_the_product_itself() {
        let check = |path: &str, expected: &[&str]| {
            let mut paths = Paths::default();
            paths.add(&Value::Text(path.into()));
            assert_eq!(paths.into_paths("AW Bellies"), [expected], "{path}");
        };
        check("Footwear >> Ballerinas >> AW Bellies", &["Footwear", "Ballerinas"]);
        check("AW Bellies", &["AW Bellies"]);
    }

    #[test]
    fn columns_of_levels_make_one_path() {
        let mut paths = Paths::default();
        for name in ["Garden", "Tools", "Spades", "Tools"] {
            paths.add(&Value::Text(name.into()));
        }
        assert_eq!(paths.into_paths("Spade"), [["Garden", "Tools", "Spades"]]);
    }
}
