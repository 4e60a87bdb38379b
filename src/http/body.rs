//! Request bodies: bounded, timed, and read into types with the field at fault named.

use super::edge::TooSlow;
use super::error::{Kind, Problem};
use super::limits::JSON_BYTES_MAX;
use crate::stdx::objects::Strict;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use http_body_util::BodyExt;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_path_to_error::{Path, Segment};

/// What a body says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// One JSON value.
    Json,
    /// One JSON value a line.
    Lines,
}

impl Media {
    /// Reads `Content-Type`.
    ///
    /// # Errors
    /// When it is missing, or neither JSON nor NDJSON.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let text = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/json" | "application/merge-patch+json" => Ok(Self::Json),
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Ok(Self::Lines),
            _ => Err(Problem::of_field(Kind::UnsupportedMediaType, "content-type", "send application/json (or application/x-ndjson)")),
        }
    }
}

/// A JSON body as bytes: what an idempotency key is bound to, and what [`parse`] reads.
#[derive(Debug)]
pub(super) struct JsonBytes(pub(super) Bytes);

impl<S: Send + Sync> FromRequest<S> for JsonBytes {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (head, body) = request.into_parts();
        if Media::of(&head.headers)? != Media::Json {
            return Err(Problem::of_field(Kind::UnsupportedMediaType, "content-type", "send application/json"));
        }
        read(&head.headers, body, JSON_BYTES_MAX).await.map(Self)
    }
}

/// A JSON body as a `T`.
#[derive(Debug)]
pub(super) struct Json<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let JsonBytes(bytes) = JsonBytes::from_request(request, state).await?;
        parse(&bytes).map(Self)
    }
}

/// Reads a whole body of at most `bytes_max` bytes.
///
/// # Errors
/// When it is longer, breaks off, or comes too slowly.
pub(super) async fn read(headers: &HeaderMap, body: Body, bytes_max: usize) -> Result<Bytes, Problem> {
    let mut pieces = Pieces::new(headers, body, bytes_max)?;
    let Some(first) = pieces.next().await? else { return Ok(Bytes::new()) };
    let Some(second) = pieces.next().await? else { return Ok(first) };
    let mut whole = [first, second].concat();
    while let Some(piece) = pieces.next().await? {
        whole.extend_from_slice(&piece);
    }
    Ok(Bytes::from(whole))
}

/// A body in the pieces in which it arrives.
pub(super) struct Pieces {
    body: Body,
    bytes_left: usize,
    bytes_max: usize,
}

impl Pieces {
    /// Starts reading a body of at most `bytes_max` bytes.
    ///
    /// # Errors
    /// When it is encoded, or its stated length is larger already.
    pub(super) fn new(headers: &HeaderMap, body: Body, bytes_max: usize) -> Result<Self, Problem> {
        check_encoding(headers)?;
        let stated = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<u64>().ok());
        if stated.is_some_and(|stated| stated > bytes_max as u64) {
            return Err(too_large(bytes_max));
        }
        Ok(Self { body, bytes_left: bytes_max, bytes_max })
    }

    /// The next piece; none at the end.
    ///
    /// # Errors
    /// When the limit is passed, the body breaks off, or comes too slowly.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        loop {
            let Some(frame) = self.body.frame().await else { return Ok(None) };
            let frame = frame.map_err(broken_off)?;
            // Trailers are of no use here.
            let Ok(data) = frame.into_data() else { continue };
            self.bytes_left = self.bytes_left.checked_sub(data.len()).ok_or_else(|| too_large(self.bytes_max))?;
            return Ok(Some(data));
        }
    }
}

/// A small encoded body may be a very large one, and nothing here is so large that it has to be encoded.
fn check_encoding(headers: &HeaderMap) -> Result<(), Problem> {
    let is_plain =
        |value: &HeaderValue| value.as_bytes().split(|byte| *byte == b',').all(|one| one.trim_ascii().eq_ignore_ascii_case(b"identity"));
    if headers.get_all(CONTENT_ENCODING).iter().all(is_plain) {
        return Ok(());
    }
    Err(Problem::of_field(Kind::UnsupportedMediaType, CONTENT_ENCODING.as_str(), "send the body as it is, without compression"))
}

fn broken_off(error: axum::Error) -> Problem {
    let cause = error.into_inner();
    let detail = cause.downcast_ref::<TooSlow>().map_or_else(|| "the body broke off".to_owned(), TooSlow::to_string);
    Problem::new(Kind::TooSlow, detail)
}

fn too_large(bytes_max: usize) -> Problem {
    Problem::new(Kind::BodyTooLarge, format!("at most {bytes_max} bytes"))
}

/// Reads JSON into a `T`.
///
/// # Errors
/// When the bytes are not UTF-8 or not JSON (with the position), nest too deeply, or a field is unknown, missing or of another type
/// (with the field).
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Problem::new(Kind::MalformedText, format!("byte {} of the body is not UTF-8", error.valid_up_to())))?;
    if text.trim().is_empty() {
        return Err(Problem::new(Kind::MalformedJson, "the body is empty"));
    }
    // Every body here is an object, also one that is read as whatever it is.
    if text.trim_start().starts_with('[') {
        return Err(Problem::invalid("", "the body must be a JSON object"));
    }
    let mut source = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(Strict(&mut source)).map_err(|error| problem_in::<T>(text, &error))?;
    source.end().map_err(|error| Problem::new(Kind::MalformedJson, error.to_string()))?;
    Ok(value)
}

/// Reads a `T` from JSON that has been read already.
///
/// # Errors
/// When a field is unknown, missing or of another type (with the field).
pub(super) fn of_value<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(Strict(value)).map_err(|error| problem_of(&error))
}

/// What the library tells as if it were no JSON though it is: something else than the text of a closed list, and a number beyond any.
const NOT_SYNTAX: [(&str, &str); 2] =
    [("expected value", "must be one of the texts that are known here"), ("number out of range", "number out of range")];

fn problem_in<T: DeserializeOwned>(text: &str, error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let told = error.inner().to_string();
    match NOT_SYNTAX.into_iter().find(|(start, _)| told.starts_with(start)) {
        Some((_, detail)) if serde_json::from_str::<IgnoredAny>(text).is_ok() => {
            let known = known_texts::<T>(text, error.path()).filter(|_| told.starts_with(NOT_SYNTAX[0].0));
            Problem::invalid(path_of(error), known.map_or_else(|| detail.to_owned(), |known| format!("must be one of {known}")))
        }
        _ => problem_of(error),
    }
}

/// The closed list that a value is of: the library tells it of a text that is not in it, so it is asked with an empty one in the value's place.
fn known_texts<T: DeserializeOwned>(text: &str, path: &Path) -> Option<String> {
    let mut body: serde_json::Value = serde_json::from_str(text).ok()?;
    let place = path.iter().try_fold(&mut body, |place, segment| match segment {
        Segment::Seq { index } => place.get_mut(*index),
        Segment::Map { key } => place.get_mut(key),
        Segment::Enum { variant } => place.get_mut(variant),
        Segment::Unknown => None,
    });
    *place? = serde_json::Value::String(String::new());
    let told = T::deserialize(Strict(body)).err()?.to_string();
    let (_, known) = told.strip_prefix("unknown variant ``")?.split_once("expected ")?;
    Some(known.trim_start_matches("one of ").replace('`', "").replace(" or ", ", "))
}

fn path_of(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    Some(error.path().to_string()).filter(|path| path != ".").unwrap_or_default()
}

fn problem_of(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let text = error.inner().to_string();
    if !error.inner().is_data() {
        return Problem::new(Kind::MalformedJson, text);
    }
    let detail = text.rsplit_once(" at line ").map_or(text.as_str(), |(detail, _)| detail);
    let path = path_of(error);
    let named = |start: &str| detail.strip_prefix(start).and_then(|rest| rest.split('`').next());
    let inside = |name: &str| match path.as_str() {
        "" => name.to_owned(),
        path if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        path => format!("{path}.{name}"),
    };
    if let Some(name) = named("unknown field `") {
        Problem::of_field(Kind::UnknownField, inside(name), detail)
    } else if let Some(name) = named("missing field `") {
        Problem::of_field(Kind::MissingField, inside(name), detail)
    } else if let Some(name) = named("duplicate field `") {
        Problem::invalid(inside(name), detail)
    } else {
        Problem::invalid(path, in_plain_words(detail))
    }
}

/// What the library says of a value of a wrong type, for people who do not write Rust: `invalid type: string "5", expected usize` becomes `must be
/// a whole number, and is a text`. The text itself is not repeated: it may be long, or somebody's own.
pub(super) fn in_plain_words(detail: &str) -> String {
    let told = detail.strip_prefix("invalid type: ").or_else(|| detail.strip_prefix("invalid value: "));
    let Some((found, expected)) = told.and_then(|told| told.rsplit_once(", expected ")) else { return detail.to_owned() };
    let is_out_of_range = detail.starts_with("invalid value: integer");
    format!("must be {}, and is {}", wanted(expected, is_out_of_range), found_in(found))
}

fn wanted(expected: &str, is_out_of_range: bool) -> String {
    let range = |min: i128, max: i128| format!("a whole number from {min} to {max}");
    let whole = |min: i128, max: i128| if is_out_of_range { range(min, max) } else { "a whole number".to_owned() };
    match expected {
        "u8" => whole(0, u8::MAX.into()),
        "u16" => whole(0, u16::MAX.into()),
        "u32" => whole(0, u32::MAX.into()),
        "u64" | "usize" => whole(0, u64::MAX.into()),
        "i32" => whole(i32::MIN.into(), i32::MAX.into()),
        "i64" => whole(i64::MIN.into(), i64::MAX.into()),
        "f32" | "f64" => "a number".to_owned(),
        "a string" | "a borrowed string" | "string or map" => "a text".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "an object".to_owned(),
        expected if expected.starts_with("struct ") => "an object".to_owned(),
        expected => expected.to_owned(),
    }
}

fn found_in(found: &str) -> String {
    let number = ["integer `", "floating point `"].into_iter().find_map(|kind| found.strip_prefix(kind));
    match found {
        "null" | "unit value" => "null".to_owned(),
        "sequence" => "a list".to_owned(),
        "map" => "an object".to_owned(),
        found if found.starts_with("string") => "a text".to_owned(),
        found if found.starts_with("boolean") => "true or false".to_owned(),
        found => number.map_or(found, |number| number.trim_end_matches('`')).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Order {
        #[serde(rename = "lines")]
        _lines: Vec<Line>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Line {
        #[serde(rename = "sku")]
        _sku: crate::id::Sku,
        #[serde(rename = "units")]
        _units: u32,
        #[serde(rename = "wrapping", default)]
        _wrapping: Option<Wrapping>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Wrapping {
        Gift,
        Plain,
    }

    #[test]
    fn the_field_at_fault_is_named_with_its_path() {
        let check = |json: &str, field: Option<&str>, status: u16| {
            let problem = parse::<Order>(json.as_bytes()).expect_err(json);
            assert_eq!((problem.field(), problem.status().as_u16()), (field, status), "{json}: {problem:?}");
        };
        check(r#"{"lines":[{"sku":"a","units":-1}]}"#, Some("lines[0].units"), 400);
        check(r#"{"lines":[{"sku":"a","units":1.5}]}"#, Some("lines[0].units"), 400);
        check(r#"{"lines":[{"sku":"a","units":99999999999}]}"#, Some("lines[0].units"), 400);
        check(r#"{"lines":[{"sku":"","units":1}]}"#, Some("lines[0].sku"), 400);
        check(r#"{"lines":[{"sku":"a","units":1,"colour":"red"}]}"#, Some("lines[0].colour"), 400);
        check(r#"{"lines":[{"sku":"a"}]}"#, Some("lines[0].units"), 400);
        check(r#"{"lines":[],"lines":[]}"#, Some("lines"), 400);
        check(r#"{"lines":{}}"#, Some("lines"), 400);
        check(r#"{"lines":[["a",1,"gift"]]}"#, Some("lines[0]"), 400);
        check(r#"{"lines":[{"sku":"a","units":1e400}]}"#, Some("lines[0].units"), 400);
        for wrapping in ["1", "true", "{}", "[]", "\"gifts\""] {
            check(&format!(r#"{{"lines":[{{"sku":"a","units":1,"wrapping":{wrapping}}}]}}"#), Some("lines[0].wrapping"), 400);
        }
        for wrapping in ["1", "{}"] {
            let json = format!(r#"{{"lines":[{{"sku":"a","units":1,"wrapping":{wrapping}}}]}}"#);
            assert_eq!(parse::<Order>(json.as_bytes()).expect_err("is refused").detail(), "must be one of gift, plain");
        }
        check(r#"{"lines":[{"sku":"a","units":1,"wrapping":}]}"#, None, 400);
        check(r#"{"rows":[]}"#, Some("rows"), 400);
        check("[]", None, 400);
        check("{", None, 400);
        check("", None, 400);
        check(r#"{"lines":[]} x"#, None, 400);
        let deep = format!("{{\"lines\":{}", "[".repeat(100_000));
        assert_eq!(parse::<serde_json::Value>(deep.as_bytes()).expect_err("is refused").field(), None);
    }

    #[test]
    fn a_value_of_a_wrong_type_is_told_in_plain_words_and_texts_are_not_repeated() {
        let check = |json: &str, detail: &str| {
            assert_eq!(parse::<Order>(json.as_bytes()).expect_err(json).detail(), detail, "{json}");
        };
        check(r#"{"lines":[{"sku":"a","units":"5, expected 4111111111111111"}]}"#, "must be a whole number, and is a text");
        check(r#"{"lines":[{"sku":"a","units":1.5}]}"#, "must be a whole number, and is 1.5");
        check(r#"{"lines":[{"sku":"a","units":-1}]}"#, "must be a whole number from 0 to 4294967295, and is -1");
        check(r#"{"lines":[{"sku":"a","units":null}]}"#, "must be a whole number, and is null");
        check(r#"{"lines":[7]}"#, "must be an object, and is 7");
        check(r#"{"lines":[["a",1,"gift"]]}"#, "must be an object, and is a list");
        check(r#"{"lines":{}}"#, "must be a list, and is an object");
        check(r#"{"lines":true}"#, "must be a list, and is true or false");
        check("7", "must be an object, and is 7");
    }

    #[test]
    fn malformed_json_says_where() {
        let problem = parse::<Order>(b"{\n  \"lines\": nope}").expect_err("is refused");
        assert!(problem.detail().contains("line 2 column"), "{problem:?}");
        let problem = parse::<Order>(b"{\"lines\": \"\xff\"}").expect_err("is refused");
        assert!(problem.detail().contains("byte 11"), "{problem:?}");
    }
}
