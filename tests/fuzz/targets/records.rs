//! Entries of the journal: bytes are an entry or refused, and an entry that was read comes back as it was written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shopkeeper::event::codec::{decode_entry, encode};
use shopkeeper::event::{AccessEvent, ActivityEvent, CatalogEvent, TradeEvent};

macro_rules! check {
    ($($event:ty),*) => {
        |bytes: &[u8]| {
            $(if let Ok(entry) = decode_entry::<$event>(bytes) {
                let written = encode(&entry).expect("what was read can be written");
                assert_eq!(decode_entry::<$event>(&written).expect("and read again"), entry);
            })*
        }
    };
}

fuzz_target!(|bytes: &[u8]| check!(TradeEvent, CatalogEvent, ActivityEvent, AccessEvent)(bytes));
