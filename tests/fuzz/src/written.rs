//! What a shop has written by the time that it was stopped: the entries of its journal, and its checkpoints.

use shopkeeper::event::Stream;
use shopkeeper::id::Offset;
use shopkeeper::journal::disk::RealDisk;
use shopkeeper::journal::{DataLock, Journal, Options, SegmentJournal};
use shopkeeper::pipeline::Folders;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

/// The journal of keys and administrators, which is none of the three streams.
const ACCESS: &str = "access";

/// The bytes of every entry, with the name of its stream.
///
/// # Panics
/// When the journal does not open.
#[must_use]
pub fn entries(shop: &Path) -> Vec<(&'static str, Vec<u8>)> {
    let lock = DataLock::take(&Folders::of(shop).journal(), Arc::new(RealDisk)).expect("nobody holds it");
    let streams = Stream::ALL.iter().map(|stream| stream.name()).chain([ACCESS]);
    let mut found = Vec::new();
    for stream in streams {
        let journal = SegmentJournal::open_named(stream, Options::default(), &lock).expect("opens");
        let read = journal.read(Offset(0), &mut |_, bytes| {
            found.push((stream, bytes.to_vec()));
            ControlFlow::Continue(())
        });
        read.expect("reads");
    }
    found
}

/// Every checkpoint by its name.
///
/// # Panics
/// When one cannot be read.
#[must_use]
pub fn checkpoints(shop: &Path) -> Vec<(String, Vec<u8>)> {
    let files = std::fs::read_dir(Folders::of(shop).checkpoints()).expect("a folder").map(|file| file.expect("a file").path());
    let mut found: Vec<(String, Vec<u8>)> = files
        .filter_map(|path| Some((path.file_name()?.to_str()?.to_owned(), std::fs::read(&path).ok()?)))
        .filter(|(name, _)| name.ends_with(".bin"))
        .collect();
    found.sort();
    found
}
