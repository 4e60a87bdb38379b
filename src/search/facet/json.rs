//! Facets as JSON, written straight to bytes: a page has a thousand values, of which nearly none has a letter that JSON writes otherwise.

use super::counts::{FacetCounts, FacetValue};
use super::tree::{FacetNode, FacetTree};
use crate::search::columns::{PATH_JOINT, last_part};
use serde::Serialize;
use std::borrow::Borrow;

/// Bytes that a value takes beside its text, about.
const VALUE_BYTES: usize = 24;
/// The same of a node, with its path.
const NODE_BYTES: usize = 96;

/// Adds the list of these facets, with the fields that `FacetCounts` has in the API's description.
pub fn write<F: Borrow<FacetCounts>>(facets: &[F], out: &mut Vec<u8>) {
    out.reserve(bytes_of(facets));
    list(out, facets.iter().map(Borrow::borrow), facet);
}

/// Bytes that they take, about.
pub fn bytes_of<F: Borrow<FacetCounts>>(facets: &[F]) -> usize {
    facets.iter().map(|facet| room_of(facet.borrow())).sum()
}

fn room_of(facet: &FacetCounts) -> usize {
    let nodes_count = facet.tree.as_ref().map_or(0, FacetTree::len);
    facet.values.weight() + facet.values.len() * VALUE_BYTES + nodes_count * NODE_BYTES
}

fn facet(out: &mut Vec<u8>, facet: &FacetCounts) {
    let FacetCounts { field, values, range, stats, interval, tree } = facet;
    raw(out, r#"{"field":"#);
    text(out, field);
    raw(out, r#","values":"#);
    list(out, values.iter(), |out, one| {
        out.push(b'{');
        value(out, &one);
        out.push(b'}');
    });
    optional(out, r#","range":"#, range.as_ref());
    optional(out, r#","stats":"#, stats.as_ref());
    optional(out, r#","interval":"#, interval.as_ref());
    if let Some(tree) = tree {
        raw(out, r#","tree":"#);
        nodes(out, tree.roots(), &mut Vec::new());
    }
    out.push(b'}');
}

fn value(out: &mut Vec<u8>, value: &FacetValue<'_>) {
    raw(out, r#""value":"#);
    text(out, value.value);
    told(out, value);
}

/// What is known of a value beside itself.
fn told(out: &mut Vec<u8>, FacetValue { count, selected, impact, from, to, .. }: &FacetValue<'_>) {
    raw(out, r#","count":"#);
    json(out, count);
    if *selected {
        raw(out, r#","selected":true"#);
    }
    optional(out, r#","impact":"#, impact.as_ref());
    optional(out, r#","from":"#, from.as_ref());
    optional(out, r#","to":"#, to.as_ref());
}

/// Nodes side by side, below the one of this path, which is escaped.
fn nodes<'t>(out: &mut Vec<u8>, nodes: impl Iterator<Item = FacetNode<'t>>, path: &mut Vec<u8>) {
    list(out, nodes, |out, node| {
        let above = path.len();
        let (way, name) = match node.told.value {
            root if above == 0 => root.split_at(root.len() - last_part(root).len()),
            name => (PATH_JOINT, name),
        };
        escaped(path, way);
        let name_at = path.len();
        escaped(path, name);
        below(out, node, path, name_at);
        path.truncate(above);
    });
}

/// A node, whose name begins there in its path, and what is below it; as deep as a category's path, which is bounded.
fn below(out: &mut Vec<u8>, node: FacetNode<'_>, path: &mut Vec<u8>, name_at: usize) {
    raw(out, r#"{"name":""#);
    out.extend_from_slice(&path[name_at..]);
    raw(out, r#"","value":""#);
    out.extend_from_slice(path);
    out.push(b'"');
    told(out, &node.told);
    raw(out, r#","children":"#);
    // Behind a pointer, or the type of what is below would be made of itself.
    let children: &mut dyn Iterator<Item = FacetNode<'_>> = &mut node.children();
    nodes(out, children, path);
    out.push(b'}');
}

fn list<T>(out: &mut Vec<u8>, items: impl Iterator<Item = T>, mut write: impl FnMut(&mut Vec<u8>, T)) {
    out.push(b'[');
    for (number, item) in items.enumerate() {
        if number > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

fn raw(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    escaped(out, text);
    out.push(b'"');
}

/// A text with what JSON writes otherwise escaped.
fn escaped(out: &mut Vec<u8>, text: &str) {
    let is_escaped = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    // Looked at to the end, which takes many bytes at once.
    if !text.bytes().fold(false, |found, byte| found | is_escaped(byte)) {
        return raw(out, text);
    }
    let mut quoted = Vec::new();
    json(&mut quoted, text);
    out.extend_from_slice(quoted.get(1..quoted.len() - 1).unwrap_or_default());
}

fn optional<T: Serialize + ?Sized>(out: &mut Vec<u8>, name: &str, value: Option<&T>) {
    if let Some(value) = value {
        raw(out, name);
        json(out, value);
    }
}

/// Numbers and texts, which memory always takes.
fn json<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    let start = out.len();
    if serde_json::to_writer(&mut *out, value).is_err() {
        out.truncate(start);
        raw(out, "null");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Ordinal;
    use crate::search::FacetStats;
    use crate::search::columns::Columns;
    use crate::search::facet::{Counted, count};
    use crate::search::filter::Filter;
    use crate::search::testing::scope;
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use std::sync::Arc;

    fn written(facets: &[FacetCounts]) -> Value {
        let mut bytes = Vec::new();
        write(facets, &mut bytes);
        serde_json::from_slice(&bytes).expect("JSON")
    }

    #[test]
    fn facets_have_the_fields_that_are_known_of_them() {
        let plain = FacetCounts { field: "brand".to_owned(), ..FacetCounts::default() };
        let range = FacetValue { value: "10..", count: 2, selected: true, impact: Some(0), from: Some(10.0), to: Some(12.5) };
        let numbers = FacetCounts {
            field: "price".to_owned(),
            values: [FacetValue { value: "7", count: 3, ..FacetValue::default() }, range].into_iter().collect(),
            range: Some((7.0, 12.5)),
            stats: Some(FacetStats { min: 7.0, max: 12.5, sum: 46.0, avg: 9.2, count: 5 }),
            interval: Some(2.5),
            tree: None,
        };
        let expected = json!([
            {"field": "brand", "values": []},
            {
                "field": "price",
                "values": [{"value": "7", "count": 3}, {"value": "10..", "count": 2, "selected": true, "impact": 0, "from": 10.0, "to": 12.5}],
                "range": [7.0, 12.5], "stats": {"min": 7.0, "max": 12.5, "sum": 46.0, "avg": 9.2, "count": 5}, "interval": 2.5,
            },
        ]);
        assert_eq!(written(&[plain, numbers]), expected);
        assert_eq!(written(&[]), json!([]));
    }

    /// The names and values of the nodes, each node followed by what is below it.
    fn told(nodes: &Value) -> Vec<(String, String)> {
        let text = |node: &Value, name: &str| node[name].as_str().expect("a text").to_owned();
        let below = |node: &Value| [vec![(text(node, "name"), text(node, "value"))], told(&node["children"])].concat();
        nodes.as_array().expect("a list").iter().flat_map(below).collect()
    }

    #[test]
    fn a_node_has_its_name_and_its_path_whatever_letters_they_have() {
        let mut columns = Columns::new();
        let paths = [&["Säge \"30\"", "a\\b", "tab\there"][..], &["Säge \"30\"", "plain"], &["Other"]];
        for (number, path) in (0..).zip(paths) {
            let product =
                json!({"id": format!("p{number}"), "title": "p", "categories": [path], "variants": [{"sku": format!("s{number}")}]});
            columns.put(Ordinal(number), &serde_json::from_value(product).expect("a product"));
        }
        let filter = Filter::default();
        let counted = Counted { scope: scope(&columns), candidates: columns.live(), matches: columns.live(), filter: &filter };
        let facets: Vec<FacetCounts> =
            count(&["category:tree".to_owned()], counted).expect("counts").into_iter().map(Arc::unwrap_or_clone).collect();
        let mut expected: Vec<(String, String)> = Vec::new();
        for path in [&paths[0][..1], &paths[0][..2], paths[0], paths[1], paths[2]] {
            expected.push((path[path.len() - 1].to_owned(), path.join(PATH_JOINT)));
        }
        assert_eq!(told(&written(&facets)[0]["tree"]), expected);
    }

    proptest! {
        #[test]
        fn texts_are_read_as_they_were_written(texts in prop::collection::vec("[a-c\"\\\\\u{0}-\u{1f}\u{7f}-\u{82}ü日😀/]{0,12}", 0..6)) {
            let values = texts.iter().map(|text| FacetValue { value: text, ..FacetValue::default() });
            let facet = FacetCounts { field: texts.concat(), values: values.collect(), ..FacetCounts::default() };
            let read = written(&[facet]);
            prop_assert_eq!(&read[0]["field"], &json!(texts.concat()));
            let values: Vec<&str> = read[0]["values"].as_array().expect("a list").iter().filter_map(|value| value["value"].as_str()).collect();
            prop_assert_eq!(values, texts);
        }
    }
}
