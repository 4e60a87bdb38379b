//! Events as others are told of them.
//!
//! The names are those of the events themselves in `snake_case`, which never change their meaning; an area's own events carry its name
//! before a dot. Three things are put into words that mean something outside: moments are RFC 3339, the dense number of a product is the
//! shop's name for it, and documents are themselves. What is nobody else's is left out: payment tokens, idempotency keys, and, unless the
//! listener may know them, the fields that say who somebody is.

use crate::catalog::CatalogSnapshot;
use crate::event::sealed;
use crate::event::{CatalogEvent, Events, Recorded, TradeEvent};
use crate::id::Ordinal;
use crate::pipeline::{ERASED, People};
use serde_json::{Map, Value, json};

/// Longest name of a kind.
pub const KIND_BYTES_MAX: usize = 64;

/// Areas of the trade engine whose events are a vocabulary of their own.
pub(super) const AREAS: &[&str] = &["pricing", "cart", "stock", "fulfilment", "payment", "after_sale", "shopper"];
/// Events that are bookkeeping between the shop and one caller.
pub(super) const PRIVATE_KINDS: &[&str] = &["key_used", "shopper.keyed"];
/// Fields that let their holder spend money, or finish a payment that somebody began.
pub(super) const SECRET_FIELDS: &[&str] = &["token", "instrument_token", "client_secret", "url"];
/// Objects that say who somebody is, and what of them may be told to everybody.
const PERSONAL_OBJECTS: &[(&str, &[&str])] = &[("buyer", &["shopper", "session"]), ("address", &["country"])];
/// How the names of moments end.
const MOMENT_ENDS: &[&str] = &["_at", "_by", "_until"];
/// Texts that people write about themselves or others.
const PERSONAL_FIELDS: &[&str] = &["email", "phone", "gift_message", "note", "recipient", "text"];

/// Who listens.
#[derive(Clone, Copy, Default)]
pub struct Audience<'a> {
    /// What opens texts for those who may know who somebody is.
    people: Option<&'a People>,
}

impl<'a> Audience<'a> {
    /// Those who are told what happened, and not to whom.
    #[must_use]
    pub fn anybody() -> Self {
        Self::default()
    }

    /// Those who may know to whom.
    #[must_use]
    pub fn trusted(people: &'a People) -> Self {
        Self { people: Some(people) }
    }

    /// A text as the listener may read it; none when they may not.
    fn text(&self, field: &str, text: String) -> Option<String> {
        if !sealed::is_marked(&text) {
            return Some(text);
        }
        self.people.map(|people| people.opened(field, &text).unwrap_or_else(|| ERASED.to_owned()))
    }
}

/// The events of an entry that are told: index, kind and fields.
pub(super) fn events_of<'a>(
    recorded: &'a Recorded,
    catalog: &'a CatalogSnapshot,
    audience: &'a Audience<'a>,
) -> impl Iterator<Item = (u32, String, Value)> + 'a {
    let told: Vec<Option<(String, Value)>> = match &recorded.events {
        Events::Trade(events) => events.iter().map(|event| trade(event, catalog, audience)).collect(),
        Events::Catalog(events) => events.iter().map(product).collect(),
        Events::Activity(_) => Vec::new(),
    };
    (0_u32..).zip(told).filter_map(|(index, told)| told.map(|(kind, data)| (index, kind, data)))
}

fn trade(event: &TradeEvent, catalog: &CatalogSnapshot, audience: &Audience<'_>) -> Option<(String, Value)> {
    let (kind, data) = named(serde_json::to_value(event).ok()?)?;
    if PRIVATE_KINDS.contains(&kind.as_str()) {
        return None;
    }
    Some((kind, worded(data, catalog, audience)))
}

/// An event's name and fields, out of the one-field object that it is written as.
fn named(event: Value) -> Option<(String, Value)> {
    match event {
        Value::String(kind) => Some((kind, json!({}))),
        Value::Object(fields) => {
            let (kind, data) = fields.into_iter().next()?;
            if AREAS.contains(&kind.as_str()) {
                return named(data).map(|(inner, data)| (format!("{kind}.{inner}"), data));
            }
            Some((kind, data))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}

/// What is told of an event of the catalogue; none of what only its caller has to know.
fn product(event: &CatalogEvent) -> Option<(String, Value)> {
    let document = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap_or_default();
    Some(match event {
        CatalogEvent::ProductPut { ordinal: _, id, document: bytes } => {
            ("product_put".to_owned(), json!({ "product_id": id, "document": document(&bytes.0) }))
        }
        CatalogEvent::ProductRemoved { ordinal: _, id } => ("product_removed".to_owned(), json!({ "product_id": id })),
        CatalogEvent::SettingPut { kind, id, document: bytes, actor } => {
            let document = document(&bytes.0);
            ("setting_put".to_owned(), json!({ "kind": kind, "setting_id": id, "document": document, "actor": actor }))
        }
        CatalogEvent::SettingRemoved { kind, id, actor } => {
            ("setting_removed".to_owned(), json!({ "kind": kind, "setting_id": id, "actor": actor }))
        }
        CatalogEvent::KeyUsed { .. } => return None,
    })
}

/// The fields in words that mean something outside, without what the listener may not know.
fn worded(value: Value, catalog: &CatalogSnapshot, audience: &Audience<'_>) -> Value {
    match value {
        Value::Object(fields) => {
            let told = fields.into_iter().filter_map(|(name, value)| field(name, value, catalog, audience));
            Value::Object(told.collect::<Map<_, _>>())
        }
        Value::Array(values) => values.into_iter().map(|value| worded(value, catalog, audience)).collect(),
        // A sealed text that stands in a list says of no field what it is, so nobody opens it.
        Value::String(text) if sealed::is_marked(&text) => Value::Null,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

fn field(name: String, value: Value, catalog: &CatalogSnapshot, audience: &Audience<'_>) -> Option<(String, Value)> {
    if SECRET_FIELDS.contains(&name.as_str()) {
        return None;
    }
    if audience.people.is_none() && PERSONAL_FIELDS.contains(&name.as_str()) {
        return None;
    }
    match (name.as_str(), value) {
        ("product", Value::Number(ordinal)) => {
            let ordinal = ordinal.as_u64().and_then(|ordinal| u32::try_from(ordinal).ok()).map(Ordinal);
            Some(("product_id".to_owned(), json!(ordinal.and_then(|ordinal| catalog.id_of(ordinal)))))
        }
        (ends, Value::Number(at)) if MOMENT_ENDS.iter().any(|end| ends.ends_with(end)) => {
            let at = at.as_i64().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
            Some((name, json!(at.map(|at| at.to_string()))))
        }
        (object, Value::Object(mut fields)) => {
            let told = PERSONAL_OBJECTS.iter().find(|(personal, _)| *personal == object);
            if let Some((_, told)) = told.filter(|_| audience.people.is_none()) {
                fields.retain(|field, _| told.contains(&field.as_str()));
            }
            Some((name, worded(Value::Object(fields), catalog, audience)))
        }
        (field, Value::String(text)) => audience.text(field, text).map(|text| (name, Value::String(text))),
        (_, value) => Some((name, worded(value, catalog, audience))),
    }
}
