//! A segment of the journal as a failing disk may give it back: it opens to records that were written, or says what is damaged. Never to others.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shopkeeper::event::Stream;
use shopkeeper::id::Offset;
use shopkeeper::journal::disk::RealDisk;
use shopkeeper::journal::{DataLock, Durability, Journal, Options, SegmentJournal};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

const SEGMENTS: Options = Options { segment_bytes: 16 << 10 };
const RECORDS: u8 = 40;

/// The name of the segment under test, and its bytes as they were written.
static WRITTEN: LazyLock<(PathBuf, Vec<u8>)> = LazyLock::new(|| {
    let shop = tempfile::tempdir().expect("a folder");
    journal(shop.path(), |journal| {
        for number in 0..RECORDS {
            journal.append(Offset(number.into()), &[record(number)], Durability::Synced).expect("appends");
        }
    })
    .expect("makes a stream");
    let file = std::fs::read_dir(shop.path().join("trade")).expect("a stream").next().expect("a segment").expect("is listed");
    (PathBuf::from(file.file_name()), std::fs::read(file.path()).expect("reads"))
});

fn record(number: u8) -> Vec<u8> {
    vec![number; 3 + usize::from(number) * 4]
}

/// Opens the journal in `shop` and does something with it; nothing when it does not open.
fn journal(shop: &Path, act: impl FnOnce(&mut SegmentJournal)) -> Option<()> {
    let lock = DataLock::take(shop, Arc::new(RealDisk)).ok()?;
    let mut journal = SegmentJournal::open(Stream::Trade, SEGMENTS, &lock).ok()?;
    act(&mut journal);
    Some(())
}

// Bytes that are changed, and where the file is cut.
fuzz_target!(|input: (Vec<(u16, u8)>, Option<u16>)| {
    let (changes, cut) = input;
    let (name, mut bytes) = (*WRITTEN).clone();
    for (at, byte) in changes {
        let at = usize::from(at) % bytes.len();
        bytes[at] ^= byte;
    }
    bytes.truncate(cut.map_or(usize::MAX, usize::from));
    let shop = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(shop.path().join("trade")).expect("makes the stream's folder");
    std::fs::write(shop.path().join("trade").join(name), bytes).expect("writes");
    journal(shop.path(), |journal| {
        let mut next = 0;
        let read = journal.read(Offset(0), &mut |offset, payload| {
            assert_eq!((offset.0, payload), (u64::from(next), record(next).as_slice()), "what opens is what was written");
            next += 1;
            ControlFlow::Continue(())
        });
        if read.is_ok() {
            journal.append(Offset(next.into()), &[record(next)], Durability::Synced).expect("goes on");
        }
    });
});
