//! Every place of the interface that takes bytes, as `/openapi.json` describes it: bodies, each parameter of a query, queries as a whole, and what
//! stands in an address. What is added to the interface is here by itself.

use crate::scenarios::Played;
use serde_json::Value;
use std::collections::BTreeMap;

/// Where the bytes go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The body, of this media type.
    Body(String),
    /// The value of a parameter.
    Param(String),
    /// All that stands behind the question mark.
    Query,
    /// The part of the address with this number.
    Part(usize),
}

/// One place of one operation.
#[derive(Debug, Clone)]
pub struct Entrance {
    pub method: String,
    pub template: String,
    /// The address under which a scenario last got it done, so that it is about something; else the template with a name of nothing.
    pub address: String,
    pub place: Place,
}

/// Waits on purpose.
const LEFT_OUT: &str = "wait_ms";

/// All places, in the order of the description.
///
/// # Panics
/// When the description has no paths.
#[must_use]
pub fn all(description: &Value, played: &[Played]) -> Vec<Entrance> {
    let operations: Vec<(&str, &str, &Value)> = description["paths"].as_object().expect("paths").iter().flat_map(in_path).collect();
    let addresses = addresses(&operations, played);
    let mut entrances = Vec::new();
    for (method, template, operation) in &operations {
        let method = method.to_uppercase();
        let address = addresses.get(&(method.clone(), (*template).to_owned())).cloned();
        let address =
            address.unwrap_or_else(|| parts(template).map(|part| if is_name(part) { "a" } else { part }).collect::<Vec<_>>().join("/"));
        let here = |place| Entrance { method: method.clone(), template: (*template).to_owned(), address: address.clone(), place };
        entrances.extend(places(template, operation).into_iter().map(here));
    }
    entrances
}

fn in_path<'a>((template, methods): (&'a String, &'a Value)) -> Vec<(&'a str, &'a str, &'a Value)> {
    let methods = methods.as_object().into_iter().flatten();
    methods.map(|(method, operation)| (method.as_str(), template.as_str(), operation)).collect()
}

fn places(template: &str, operation: &Value) -> Vec<Place> {
    let bodies = operation["requestBody"]["content"].as_object().into_iter().flatten().map(|(media, _)| Place::Body(media.clone()));
    let in_query = operation["parameters"].as_array().into_iter().flatten().filter(|param| param["in"] == "query");
    let params: Vec<String> =
        in_query.filter_map(|param| param["name"].as_str()).filter(|name| *name != LEFT_OUT).map(str::to_owned).collect();
    let query = (!params.is_empty()).then_some(Place::Query);
    let names = parts(template).enumerate().filter(|(_, part)| is_name(part)).map(|(number, _)| Place::Part(number));
    bodies.chain(query).chain(names).chain(params.into_iter().map(Place::Param)).collect()
}

fn parts(address: &str) -> impl Iterator<Item = &str> {
    address.split('/')
}

fn is_name(part: &str) -> bool {
    part.starts_with('{')
}

/// For each operation the address under which it was last done.
fn addresses(operations: &[(&str, &str, &Value)], played: &[Played]) -> BTreeMap<(String, String), String> {
    let done = played.iter().filter(|played| played.status < 300);
    let found = done.filter_map(|played| {
        let template = template_of(operations.iter().map(|(method, template, _)| (*method, *template)), &played.method, &played.path)?;
        Some(((played.method.clone(), template.to_owned()), played.path.clone()))
    });
    found.collect()
}

/// The template that an address is of; of several the one that says most of it.
fn template_of<'a>(templates: impl Iterator<Item = (&'a str, &'a str)>, method: &str, path: &str) -> Option<&'a str> {
    let fits = |template: &str| {
        parts(template).count() == parts(path).count()
            && parts(template).zip(parts(path)).all(|(part, given)| is_name(part) || part == given)
    };
    let of_method = templates.filter(|(known, _)| known.eq_ignore_ascii_case(method)).map(|(_, template)| template);
    of_method.filter(|template| fits(template)).min_by_key(|template| parts(template).filter(|part| is_name(part)).count())
}

/// The number of the entrance through which a request of a scenario goes, and the bytes that it brings there.
#[must_use]
pub fn place_of<'a>(entrances: &[Entrance], played: &'a Played) -> Option<(usize, &'a [u8])> {
    let template = template_of(entrances.iter().map(|one| (one.method.as_str(), one.template.as_str())), &played.method, &played.path)?;
    let media = played.headers.iter().find(|(name, _)| name == "content-type").map_or("application/json", |(_, value)| value.as_str());
    let (place, bytes) = match (played.body.is_empty(), played.query.is_empty()) {
        (false, _) => (Place::Body(media.to_owned()), played.body.as_slice()),
        (true, false) => (Place::Query, played.query.as_bytes()),
        (true, true) => return None,
    };
    let is_it = |one: &Entrance| one.method == played.method && one.template == template && one.place == place;
    Some((entrances.iter().position(is_it)?, bytes))
}

impl Entrance {
    /// Method, target, media type and body of a request that brings these bytes in.
    #[must_use]
    pub fn request<'a>(&self, bytes: &'a [u8]) -> (String, &str, &'a [u8]) {
        let address = &self.address;
        match &self.place {
            Place::Body(media) => (address.clone(), media, bytes),
            Place::Param(name) => (format!("{address}?{name}={}", escaped(bytes, b"")), "application/json", b""),
            Place::Query => (format!("{address}?{}", escaped(bytes, b"&=%+")), "application/json", b""),
            Place::Part(place) => {
                let escaped = escaped(bytes, b"%");
                let filled = parts(address).enumerate().map(|(number, part)| if number == *place { escaped.as_str() } else { part });
                (filled.collect::<Vec<_>>().join("/"), "application/json", b"")
            }
        }
    }
}

/// Every byte but letters, digits and those that are `left` percent-encoded.
#[must_use]
pub fn escaped(bytes: &[u8], left: &[u8]) -> String {
    let escape = |&byte: &u8| match byte {
        _ if byte.is_ascii_alphanumeric() || left.contains(&byte) => char::from(byte).to_string(),
        _ => format!("%{byte:02x}"),
    };
    bytes.iter().map(escape).collect()
}
