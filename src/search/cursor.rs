//! Cursors: where a page ended, as an opaque text that only the same request can go on from.
//!
//! Bytes, in hexadecimal: version (1), digest of what defines the list (8), key of the last hit (44), CRC-32C of all that (4).

use super::SearchError;
use super::request::{Mode, Request};
use super::sort::{Key, SORTS_MAX};
use crate::id::Ordinal;
use crate::stdx::digest::{blake3, crc32c};
use std::cmp::Reverse;

const VERSION: u8 = 1;
const KEY_BYTES: usize = 8 * (SORTS_MAX + 1) + 4;
const BODY_BYTES: usize = 1 + 8 + KEY_BYTES;

/// The cursor of the page after the hit with this key.
#[must_use]
pub fn write(request: &Request, last: Key) -> String {
    let mut bytes = vec![VERSION];
    bytes.extend(digest(request));
    last.criteria.iter().for_each(|part| bytes.extend(part.to_le_bytes()));
    bytes.extend(last.relevance.to_le_bytes());
    bytes.extend(last.ordinal.0.0.to_le_bytes());
    bytes.extend(crc32c(&bytes).to_le_bytes());
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The key that the request's cursor names; none when it has no cursor.
///
/// # Errors
/// A text that is no cursor of this release, or one of another request.
pub fn read(request: &Request) -> Result<Option<Key>, SearchError> {
    let Some(text) = request.cursor.as_deref() else { return Ok(None) };
    let refused = |reason: &str| SearchError::Invalid { field: "cursor", reason: reason.to_owned() };
    let bytes = from_hex(text).ok_or_else(|| refused("not a cursor that this shop gave"))?;
    let (body, checksum) = bytes.split_at(BODY_BYTES);
    if body[0] != VERSION || crc32c(body).to_le_bytes() != checksum {
        return Err(refused("not a cursor that this shop gave"));
    }
    if body[1..9] != digest(request) {
        return Err(refused("belongs to another request: all but limit, facets, fields and explain must stay the same"));
    }
    let long = |at: usize| body[9 + at * 8..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let ordinal = body[BODY_BYTES - 4..].first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
    Ok(Some(Key { criteria: std::array::from_fn(long), relevance: long(SORTS_MAX), ordinal: Reverse(Ordinal(ordinal)) }))
}

fn from_hex(text: &str) -> Option<[u8; BODY_BYTES + 4]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * (BODY_BYTES + 4) {
        return None;
    }
    let mut bytes = [0; BODY_BYTES + 4];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8);
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

/// What defines the list that a cursor is a place in. Page size, facets and explain do not.
fn digest(request: &Request) -> [u8; 8] {
    let mode = match request.mode {
        Mode::Hybrid => "hybrid",
        Mode::Text => "text",
        Mode::Vector => "vector",
    };
    let mut parts: Vec<&str> = vec![
        &request.q,
        request.filter.as_deref().unwrap_or_default(),
        mode,
        request.marketplace.as_ref().map_or("", |marketplace| marketplace.as_str()),
        if request.as_typed { "as typed" } else { "" },
        if request.prefix { "prefix" } else { "" },
    ];
    for sort in &request.sort {
        parts.extend([sort.field.as_str(), if sort.descending { "desc" } else { "asc" }]);
    }
    if !request.segments.is_empty() {
        parts.push("segments");
        parts.extend(request.segments.iter().map(String::as_str));
    }
    let lengths: Vec<[u8; 8]> = parts.iter().map(|part| (part.len() as u64).to_le_bytes()).collect();
    let pieces: Vec<&[u8]> = lengths.iter().zip(&parts).flat_map(|(length, part)| [&length[..], part.as_bytes()]).collect();
    let digest = blake3(&pieces);
    std::array::from_fn(|index| digest[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        Request { q: "red shoe".to_owned(), filter: Some("price < 5".to_owned()), ..Request::default() }
    }

    #[test]
    fn a_cursor_is_read_back_by_the_same_request_only() {
        let key = Key { criteria: [1, u64::MAX, 0, 7], relevance: 99, ordinal: Reverse(Ordinal(4_000_000_000)) };
        let cursor = Some(write(&request(), key));
        assert_eq!(read(&Request { cursor: cursor.clone(), limit: 3, explain: true, ..request() }), Ok(Some(key)));
        assert_eq!(read(&request()), Ok(None));
        for other in [
            Request { q: "red".to_owned(), ..request() },
            Request { as_typed: true, ..request() },
            Request { filter: None, ..request() },
            Request { mode: Mode::Text, ..request() },
        ] {
            let error = read(&Request { cursor: cursor.clone(), ..other }).expect_err("refused");
            assert!(error.to_string().starts_with("cursor: belongs to another request"), "{error}");
        }
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        let cursor = write(&request(), Key { criteria: [0; SORTS_MAX], relevance: 1, ordinal: Reverse(Ordinal(1)) });
        let mut flipped = cursor.clone().into_bytes();
        flipped[20] = if flipped[20] == b'0' { b'1' } else { b'0' };
        let flipped = String::from_utf8(flipped).expect("ascii");
        for text in ["", "zz", "é", &cursor[2..], &flipped] {
            let error = read(&Request { cursor: Some(text.to_owned()), ..request() }).expect_err(text);
            assert_eq!(error.to_string(), "cursor: not a cursor that this shop gave");
        }
    }
}
