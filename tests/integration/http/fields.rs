//! What a problem calls a field is what the caller calls it: every field that a scenario expects in a problem is a parameter or a property of the
//! request by `docs/openapi.json`, a header, or something that this request sent.

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

const HEADERS: &[&str] = &[
    "idempotency-key",
    "if-match",
    "if-none-match",
    "content-type",
    "content-encoding",
    "x-actor",
    "x-request-timeout-ms",
    "ucp-agent",
    "request-id",
    "accept",
];
/// Names of things in an address that are called `{id}` there, and what an order's own state is called.
const IN_ADDRESSES: &[&str] = &["shopper_id", "kind", "order", "payment", "edit"];

/// What is completed is a session, and what is wrong may stand in that.
const IN_SESSIONS: (&str, &str) = ("/complete", "line_items[0].quantity");

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).expect("is there")).expect("is JSON")
}

/// The names of all properties of a schema, however deep.
fn properties(api: &Value, schema: &Value, seen: &mut BTreeSet<String>, names: &mut BTreeSet<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let pointer = name.trim_start_matches('#').to_owned();
        if seen.insert(pointer.clone()) {
            properties(api, api.pointer(&pointer).expect("is described"), seen, names);
        }
        return;
    }
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        names.insert(name.clone());
        properties(api, inner, seen, names);
    }
    let inside = ["items", "additionalProperties"].iter().map(|name| &schema[*name]);
    let choices = ["allOf", "anyOf", "oneOf"].iter().filter_map(|name| schema[*name].as_array()).flatten();
    inside.chain(choices).filter(|inner| inner.is_object()).for_each(|inner| properties(api, inner, seen, names));
}

/// All keys of what was sent, however deep.
fn keys(sent: &Value, names: &mut BTreeSet<String>) {
    match sent {
        Value::Object(fields) => fields.iter().for_each(|(name, inner)| {
            names.insert(name.clone());
            keys(inner, names);
        }),
        Value::Array(items) => items.iter().for_each(|inner| keys(inner, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len() && template.iter().zip(&path).all(|(wanted, found)| wanted.starts_with('{') || wanted == found)
}

/// The names that a step's request may be told of; none when it goes to no operation.
fn names_of(api: &Value, step: &Value) -> Option<BTreeSet<String>> {
    let (method, address) = step["request"].as_str()?.split_once(' ')?;
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let mut fitting: Vec<_> = api["paths"].as_object()?.iter().filter(|(template, _)| fits(template, path)).collect();
    fitting.sort_by_key(|(template, _)| template.matches('{').count());
    let operations = fitting.first()?.1;
    let operation = operations.get(method.to_lowercase())?;
    let mut names: BTreeSet<String> = HEADERS.iter().chain(IN_ADDRESSES).map(|name| (*name).to_owned()).collect();
    let parameters = [operation, operations].into_iter().filter_map(|at| at["parameters"].as_array()).flatten();
    names.extend(parameters.filter_map(|parameter| parameter["name"].as_str().map(str::to_owned)));
    for content in operation["requestBody"]["content"].as_object().into_iter().flat_map(|all| all.values()) {
        properties(api, &content["schema"], &mut BTreeSet::new(), &mut names);
    }
    names.extend(query.split('&').filter_map(|pair| pair.split('=').next().map(str::to_owned)));
    keys(&step["body"], &mut names);
    let text = step["text"].as_str().unwrap_or_default();
    names.extend(text.split('"').map(str::to_owned));
    Some(names)
}

/// The steps of a path without the numbers of places.
fn parts(field: &str) -> impl Iterator<Item = &str> {
    field.split('.').map(|part| part.split('[').next().unwrap_or_default())
}

#[test]
fn a_problem_calls_a_field_what_the_caller_calls_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let api = json(&root.join("docs/openapi.json"));
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for entry in std::fs::read_dir(root.join("tests/scenarios")).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        for step in json(&path).as_array().expect("is a list") {
            let Some(field) = step["at"]["/field"].as_str().or(step["field"].as_str()) else { continue };
            let Some(names) = names_of(&api, step) else { continue };
            checked += 1;
            if step["request"].as_str().is_some_and(|request| request.ends_with(IN_SESSIONS.0)) && field == IN_SESSIONS.1 {
                continue;
            }
            if !parts(field).all(|part| names.contains(part)) {
                wrong.push(format!("{}: {} is told of `{field}`", path.display(), step["request"]));
            }
        }
    }
    assert!(checked >= 200, "{checked} fields were looked at");
    assert!(wrong.is_empty(), "{} of {checked}:\n{}", wrong.len(), wrong.join("\n"));
}
