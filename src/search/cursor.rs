//! Cursors: a [`Place`] as an opaque text that only the same request can go on from. Nothing is kept for it on the server, so it outlives
//! a restart and holds on any replica.
//!
//! Bytes, as base64url: version (1), digest of what defines the list (8), whether there is a floor (1), the floor's key (44, if there is
//! one), what was shown ([`rice`]), CRC-32C of all that (4).

use super::SearchError;
use super::place::{GROUPS_MAX, PRODUCTS_MAX, Place};
use super::request::{Mode, Request};
use super::sort::{Key, SORTS_MAX};
use crate::id::Ordinal;
use crate::stdx::digest::{blake3, crc32c};
use crate::stdx::{base64, rice};
use std::cmp::Reverse;

const VERSION: u8 = 2;
const HEAD_BYTES: usize = 1 + 8 + 1;
const KEY_BYTES: usize = 8 * (SORTS_MAX + 1) + 4;
const CHECKSUM_BYTES: usize = 4;

const _: () = assert!(GROUPS_MAX <= PRODUCTS_MAX);

/// The cursor of what follows this place.
#[must_use]
pub fn write(request: &Request, place: &Place) -> String {
    let mut bytes = vec![VERSION];
    bytes.extend(digest(request));
    bytes.push(u8::from(place.floor.is_some()));
    if let Some(floor) = place.floor {
        floor.criteria.iter().for_each(|part| bytes.extend(part.to_le_bytes()));
        bytes.extend(floor.relevance.to_le_bytes());
        bytes.extend(floor.ordinal.0.0.to_le_bytes());
    }
    bytes.extend(rice::encode(&place.shown));
    bytes.extend(crc32c(&bytes).to_le_bytes());
    base64::encode(&bytes)
}

/// The place that the request's cursor names; the start when it has no cursor.
///
/// # Errors
/// A text that is no cursor of this release, or one of another request.
pub fn read(request: &Request) -> Result<Place, SearchError> {
    let Some(text) = request.cursor.as_deref() else { return Ok(Place::default()) };
    let refused = |reason: &str| SearchError::Invalid { field: "cursor", reason: reason.to_owned() };
    let strange = || refused("not a cursor that this shop gave");
    let bytes = base64::decode(text).ok_or_else(strange)?;
    let (body, checksum) = bytes.split_at_checked(bytes.len().saturating_sub(CHECKSUM_BYTES)).ok_or_else(strange)?;
    let (head, rest) = body.split_at_checked(HEAD_BYTES).ok_or_else(strange)?;
    if head[0] != VERSION || head[9] > 1 || crc32c(body).to_le_bytes() != checksum {
        return Err(strange());
    }
    if head[1..9] != digest(request) {
        return Err(refused("belongs to another request: all but limit, facets, fields and explain must stay the same"));
    }
    let key_bytes = usize::from(head[9]) * KEY_BYTES;
    let (key, shown) = rest.split_at_checked(key_bytes).ok_or_else(strange)?;
    let shown = rice::decode(shown, PRODUCTS_MAX).ok_or_else(strange)?;
    Ok(Place { shown, floor: key_of(key) })
}

fn key_of(bytes: &[u8]) -> Option<Key> {
    let long = |at: usize| bytes.get(at * 8..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
    let mut criteria = [0; SORTS_MAX];
    for (at, part) in criteria.iter_mut().enumerate() {
        *part = long(at)?;
    }
    let ordinal = u32::from_le_bytes(*bytes.get(8 * (SORTS_MAX + 1)..)?.first_chunk()?);
    Some(Key { criteria, relevance: long(SORTS_MAX)?, ordinal: Reverse(Ordinal(ordinal)) })
}

/// What defines the list that a cursor is a place in. Page size, facets and explain do not.
fn digest(request: &Request) -> [u8; 8] {
    let mode = match request.mode {
        Mode::Hybrid => "hybrid",
        Mode::Text => "text",
        Mode::Vector => "vector",
    };
    let ignored = request.ignored_intents.iter().map(|kind| format!("{kind:?}")).collect::<Vec<_>>().join(",");
    let mut parts: Vec<&str> = vec![
        &request.q,
        request.filter.as_deref().unwrap_or_default(),
        mode,
        request.marketplace.as_ref().map_or("", |marketplace| marketplace.as_str()),
        request.within.as_deref().unwrap_or_default(),
        if request.as_typed { "as typed" } else { "" },
        if request.prefix { "prefix" } else { "" },
    ];
    parts.push(&ignored);
    parts.push(request.group_by.as_ref().map_or("", |group| group.field.as_str()));
    for id in &request.like {
        parts.extend(["like", id.as_str()]);
    }
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
    use proptest::prelude::*;

    fn request() -> Request {
        Request { q: "red shoe".to_owned(), filter: Some("price < 5".to_owned()), ..Request::default() }
    }

    fn key(ordinal: u32) -> Key {
        Key { criteria: [1, u64::MAX, 0, 7], relevance: 99, ordinal: Reverse(Ordinal(ordinal)) }
    }

    #[test]
    fn a_cursor_is_read_back_by_the_same_request_only() {
        for place in [Place { shown: vec![0, 5, 4_000_000_000], floor: None }, Place { shown: vec![9], floor: Some(key(4_000_000_000)) }] {
            let cursor = Some(write(&request(), &place));
            assert_eq!(read(&Request { cursor: cursor.clone(), limit: 3, explain: true, ..request() }), Ok(place));
            assert_eq!(read(&request()), Ok(Place::default()));
            for other in [
                Request { q: "red".to_owned(), ..request() },
                Request { as_typed: true, ..request() },
                Request { filter: None, ..request() },
                Request { within: Some("brand = Acme".to_owned()), ..request() },
                Request { mode: Mode::Text, ..request() },
            ] {
                let error = read(&Request { cursor: cursor.clone(), ..other }).expect_err("refused");
                assert!(error.to_string().starts_with("cursor: belongs to another request"), "{error}");
            }
        }
    }

    #[test]
    fn a_full_cursor_fits_an_address() {
        let spread = |count: usize, range: u64| {
            let numbers = (0..count as u64).map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % range);
            let mut shown: Vec<u64> = numbers.collect();
            shown.sort_unstable();
            shown.dedup();
            write(&request(), &Place { shown, floor: Some(key(1)) }).len()
        };
        assert!(spread(PRODUCTS_MAX, 1_000_000) < 7_000);
        assert!(spread(GROUPS_MAX, 1 << 48) < 7_000);
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        let cursor = write(&request(), &Place { shown: vec![1, 2, 3], floor: None });
        let mut flipped = cursor.clone().into_bytes();
        flipped[20] = if flipped[20] == b'A' { b'B' } else { b'A' };
        let flipped = String::from_utf8(flipped).expect("ascii");
        for text in ["", "zz", "é", &cursor[1..], &cursor[4..], &flipped] {
            let error = read(&Request { cursor: Some(text.to_owned()), ..request() }).expect_err(text);
            assert_eq!(error.to_string(), "cursor: not a cursor that this shop gave");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_cursor_or_refused(text in "[A-Za-z0-9_-]{0,80}") {
            let _ = read(&Request { cursor: Some(text), ..request() });
        }
    }
}
