//! Cursors of pages, and the numbers inside them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shopkeeper::search::{Request, cursor};
use shopkeeper::stdx::{base64, rice};

/// More numbers than a cursor of the server may hold.
const NUMBERS_MAX: usize = 4_096;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes).into_owned();
    for cursor in [text, base64::encode(bytes)] {
        let request = Request { cursor: Some(cursor), ..Request::default() };
        let _ = cursor::read(&request);
    }
    if let Some(numbers) = rice::decode(bytes, NUMBERS_MAX) {
        assert!(numbers.len() <= NUMBERS_MAX);
        assert_eq!(rice::decode(&rice::encode(&numbers), NUMBERS_MAX), Some(numbers), "what was read comes back as it was written");
    }
});
