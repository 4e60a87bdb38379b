//! Checkpoints as a failing disk may give them back: one opens to what was written, or is refused; the journal then makes it anew. And checkpoints whose
//! checksums say that they are whole though their sections are not what they should be: whatever they come to, nothing falls over.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shopkeeper::catalog::CatalogStore;
use shopkeeper::recommend::RecommendFold;
use shopkeeper::signal::demand::DemandFold;
use shopkeeper::signal::experiments::ExperimentsFold;
use shopkeeper::signal::{SignalFold, SignalTable};
use shopkeeper::stdx::digest::Digest;
use shopkeeper::stdx::mapped::{MappedFile, write_sections};
use shopkeeper::trade::State;
use shopkeeper_fuzz::{Door, checkpoints, play};
use std::path::Path;
use std::sync::{Arc, LazyLock};

/// Opens a checkpoint; the digest of what it holds, where that has one.
type Open = fn(&Path) -> Option<Option<Digest>>;

const KINDS: [(&str, Open); 6] = [
    ("catalog.bin", |path| CatalogStore::load(path).ok().map(|_| None)),
    ("trade.bin", |path| State::load(path, shopkeeper::trade::Options::default()).ok().map(|(state, _)| Some(state.hash()))),
    ("signal.bin", |path| SignalFold::load(path, None, shopkeeper::signal::Options::default()).ok().map(|_| None)),
    ("recommend.bin", |path| RecommendFold::load(path, shopkeeper::recommend::Options::default(), SIGNALS.clone()).ok().map(|_| None)),
    ("demand.bin", |path| {
        DemandFold::load(path, shopkeeper::signal::demand::Options::default()).ok().map(|fold| Some(fold.checkpoint().digest()))
    }),
    ("experiments.bin", |path| {
        ExperimentsFold::load(path, shopkeeper::signal::experiments::Options::default()).ok().map(|fold| Some(fold.checkpoint().digest()))
    }),
];

static SIGNALS: LazyLock<Arc<SignalTable>> =
    LazyLock::new(|| SignalFold::new(None, shopkeeper::signal::Options::default()).expect("fits").table());

/// Each kind as it was written, and the digest of what it holds.
static WRITTEN: LazyLock<Vec<(Vec<u8>, Option<Digest>)>> = LazyLock::new(|| {
    let mut door = Door::open();
    play(&mut door);
    let shop = door.close();
    let found = checkpoints(shop.path());
    let of_kind = |(name, open): &(&str, Open)| {
        let (_, bytes) = found.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("there is no {name}"));
        let file = shop.path().join("data/checkpoints").join(name);
        (bytes.clone(), open(&file).unwrap_or_else(|| panic!("{name} opens")))
    };
    KINDS.iter().map(of_kind).collect()
});

// Which kind, whether its checksums are made right again, what is changed in which section, and where the file is cut.
fuzz_target!(init: LazyLock::force(&WRITTEN), |input: (u8, bool, Vec<(u8, u16, u8)>, Option<u16>)| {
    let (kind, is_sealed, changes, cut) = input;
    let kind = usize::from(kind) % KINDS.len();
    let (bytes, digest) = &WRITTEN[kind];
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(KINDS[kind].0);
    if is_sealed {
        seal(&path, bytes, &changes, cut);
    } else {
        std::fs::write(&path, damaged(bytes, &changes, cut)).expect("writes");
    }
    let opened = KINDS[kind].1(&path);
    assert!(is_sealed || opened.is_none_or(|opened| opened == *digest), "what opens is what was written");
});

fn change(bytes: &mut [u8], at: u16, by: u8) {
    if !bytes.is_empty() {
        let at = usize::from(at) % bytes.len();
        bytes[at] ^= by;
    }
}

fn damaged(bytes: &[u8], changes: &[(u8, u16, u8)], cut: Option<u16>) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    // Anywhere in the file, however long it is.
    let pieces = bytes.len() / usize::from(u16::MAX) + 1;
    for &(piece, at, by) in changes {
        let start = usize::from(piece) % pieces * usize::from(u16::MAX);
        change(&mut bytes[start..], at, by);
    }
    bytes.truncate(cut.map_or(usize::MAX, usize::from));
    bytes
}

/// Writes the same sections, some of them changed and the last of those cut, as if they had been meant so.
fn seal(path: &Path, bytes: &[u8], changes: &[(u8, u16, u8)], cut: Option<u16>) {
    let kind = bytes[8..12].try_into().expect("four bytes");
    std::fs::write(path, bytes).expect("writes");
    let file = MappedFile::open(path, kind).expect("opens");
    let mut sections: Vec<Vec<u8>> = (0..file.sections_count()).map(|section| file.bytes(section).expect("is there").to_vec()).collect();
    drop(file);
    let count = sections.len();
    for &(section, at, by) in changes {
        change(&mut sections[usize::from(section) % count], at, by);
    }
    if let (Some((section, _, _)), Some(cut)) = (changes.last(), cut) {
        sections[usize::from(*section) % count].truncate(cut.into());
    }
    let sections: Vec<&[u8]> = sections.iter().map(Vec::as_slice).collect();
    write_sections(path, kind, &sections).expect("writes");
}
