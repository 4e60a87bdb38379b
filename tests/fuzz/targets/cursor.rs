//! Cursors of pages, and the numbers inside them. Behind their checksum, which no guess passes, cursors are made of any bytes as well.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shopkeeper::search::place::Place;
use shopkeeper::search::{Request, cursor};
use shopkeeper::stdx::digest::crc32c;
use shopkeeper::stdx::{base64, rice};
use std::sync::LazyLock;

/// More numbers than a cursor of the server may hold.
const NUMBERS_MAX: usize = 4_096;
/// Version, and digest of what defines the list.
const HEAD_BYTES: usize = 9;

/// How every cursor of the plainest request begins.
static HEAD: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let cursor = cursor::write(&Request::default(), &Place::default());
    base64::decode(&cursor).expect("a cursor")[..HEAD_BYTES].to_vec()
});

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes).into_owned();
    for cursor in [text, base64::encode(bytes), sealed(bytes)] {
        let request = Request { cursor: Some(cursor), ..Request::default() };
        if let Ok(place) = cursor::read(&request) {
            let again = Request { cursor: Some(cursor::write(&request, &place)), ..Request::default() };
            assert_eq!(cursor::read(&again), Ok(place), "what was read comes back as it was written");
        }
    }
    if let Some(numbers) = rice::decode(bytes, NUMBERS_MAX) {
        assert!(numbers.len() <= NUMBERS_MAX);
        assert_eq!(rice::decode(&rice::encode(&numbers), NUMBERS_MAX), Some(numbers), "what was read comes back as it was written");
    }
});

/// A cursor of these bytes that says of itself that it is whole.
fn sealed(bytes: &[u8]) -> String {
    let mut whole = [HEAD.as_slice(), bytes].concat();
    whole.extend(crc32c(&whole).to_le_bytes());
    base64::encode(&whole)
}
