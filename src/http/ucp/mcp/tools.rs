//! The tools: one for each operation, with the schema of what it takes.

use crate::http::openapi;
use crate::http::ucp::operation::{Effect, Operation, Row};
use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde_json::{Map, Value, json};
use std::sync::{Arc, OnceLock};

static TOOLS: OnceLock<Vec<Tool>> = OnceLock::new();

/// All tools, made once.
pub(super) fn all() -> &'static [Tool] {
    TOOLS.get_or_init(|| Operation::ALL.into_iter().map(|operation| tool(&operation.row())).collect())
}

fn tool(row: &Row) -> Tool {
    let reads = row.effect == Effect::Reads;
    let annotations = ToolAnnotations::new().read_only(reads).destructive(row.effect == Effect::Commits).idempotent(true).open_world(false);
    Tool::new(row.name, row.about, Arc::new(input(row))).with_raw_output_schema(Arc::new(output())).with_annotations(annotations)
}

fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// The arguments: who calls, what it is about, and what to do it with.
fn input(row: &Row) -> JsonObject {
    let mut properties = Map::new();
    let mut required = vec!["meta"];
    properties.insert("meta".to_owned(), meta(row.effect));
    if row.has_id {
        properties.insert("id".to_owned(), json!({ "type": "string", "description": "The id of what it is about." }));
        required.push("id");
    }
    let mut definitions = Map::new();
    if let Some((argument, schema)) = row.content {
        properties.insert(argument.to_owned(), json!({ "$ref": format!("#/$defs/{schema}") }));
        required.push(argument);
        definitions = openapi::definitions(schema);
    }
    object(json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false, "$defs": definitions }))
}

fn meta(effect: Effect) -> Value {
    let key = json!({ "type": "string", "description": "Names the write: repeating it has one effect and one answer. A UUID will do." });
    let agent = json!({
        "type": "object",
        "properties": { "profile": { "type": "string", "format": "uri", "description": "The address of the platform's profile." } },
        "required": ["profile"],
    });
    let required = if effect == Effect::Commits { json!(["ucp-agent", "idempotency-key"]) } else { json!(["ucp-agent"]) };
    json!({ "type": "object", "properties": { "ucp-agent": agent, "idempotency-key": key }, "required": required })
}

/// What every answer has: what it says about the protocol, of which the status tells whether there is anything else.
fn output() -> JsonObject {
    object(json!({
        "type": "object",
        "properties": {
            "ucp": {
                "type": "object",
                "properties": { "version": { "type": "string" }, "status": { "enum": ["success", "error"] } },
                "required": ["version", "status"],
            },
            "messages": { "type": "array", "items": { "type": "object" } },
        },
        "required": ["ucp"],
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_a_tool_whose_schema_stands_by_itself() {
        let names: Vec<&str> = all().iter().map(|tool| tool.name.as_ref()).collect();
        assert_eq!(names.len(), Operation::ALL.len());
        for tool in all() {
            let schema = Value::Object(tool.input_schema.as_ref().clone());
            let text = schema.to_string();
            for name in text.split("#/$defs/").skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(schema["$defs"].get(name).is_some(), "{}: there is no {name}", tool.name);
            }
            assert!(!text.contains("#/components"), "{}", tool.name);
            assert_eq!(schema["required"][0], "meta", "{}", tool.name);
        }
    }
}
