//! Filters as shoppers' pages send them: whatever is written, it is read or refused with a place inside the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shopkeeper::search::filter::syntax;

fuzz_target!(|text: &str| {
    if let Err(fault) = syntax::parse(text) {
        assert!(fault.at <= text.len(), "a fault at {} of {}", fault.at, text.len());
    }
});
