//! A journal cut or flipped at every position of its last 64 KiB, and a checkpoint flipped at every byte.
//!
//! 1. Cut anywhere in the segment that takes appends, the journal opens to exactly the records that are whole before the cut; an older segment that lacks
//!    a record is refused with the place.
//! 2. A bit flipped anywhere is refused with the place, or cut as a torn last write and reported, or carried nothing. Every record that comes back is the
//!    one that was written.
//! 3. A checkpoint that is cut, or in which a bit is flipped, is refused, or carried nothing there: its state has the hash that was saved.
//!
//! The files are written by the real writer on the machine's own disk, then opened at each position on a simulated one, which syncs in no time.

use shopkeeper::event::trade::{Buyer, StockReason};
use shopkeeper::event::{Entry, Progress, Stream, TradeEvent, codec};
use shopkeeper::id::{CartId, LocationId, Offset, Ordinal, Sku};
use shopkeeper::journal::disk::{Disk, RealDisk};
use shopkeeper::journal::sim::SimDisk;
use shopkeeper::journal::{DataLock, Durability, Journal, JournalError, Options, SegmentJournal};
use shopkeeper::money::Currency;
use shopkeeper::stdx::clock::Timestamp;
use shopkeeper::trade::{self, State};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const DATA: &str = "shop/data";
const LAST_BYTES: usize = 64 << 10;
/// So that the last 64 KiB hold the segment that takes appends, nearly full, and the end of the one before.
const SEGMENTS: Options = Options { segment_bytes: 48 << 10 };
const RECORDS: usize = 420;

fn folder() -> PathBuf {
    Path::new(DATA).join("trade")
}

/// What a shop writes: deliveries and carts, one entry each.
fn entry(number: usize) -> Entry<TradeEvent> {
    let (sku, location) = (Sku::new(&format!("sku-{}", number % 7)).expect("an id"), LocationId::new("east").expect("an id"));
    let moved = TradeEvent::StockMoved { sku, product: Ordinal(0), location, on_hand_delta: 3, reason: StockReason::Received };
    let buyer = Buyer { name: Some("Ada King".repeat(number % 13)), ..Buyer::default() };
    let cart = CartId::new(&format!("cart-{number}")).expect("an id");
    Entry {
        at: Timestamp(1_700_000_000_000 + number as i64),
        events: vec![moved, TradeEvent::CartOpened { cart, buyer, currency: Currency::EUR }],
    }
}

/// A journal on the real disk: its records, its segment files, and where its last append began.
struct Written {
    records: Vec<Vec<u8>>,
    files: BTreeMap<PathBuf, Vec<u8>>,
    last_append: usize,
}

fn written() -> Written {
    let shop = tempfile::tempdir().expect("a folder");
    let lock = DataLock::take(shop.path(), Arc::new(RealDisk)).expect("is free");
    let mut journal = SegmentJournal::open(Stream::Trade, SEGMENTS, &lock).expect("opens");
    let records: Vec<Vec<u8>> = (0..RECORDS).map(|number| codec::encode(&entry(number)).expect("encodes")).collect();
    let mut last_append = 0;
    for batch in records.chunks(9) {
        last_append = journal.end().0 as usize;
        journal.append(journal.end(), batch, Durability::Synced).expect("appends");
    }
    let real = shop.path().join("trade");
    let names = RealDisk.list(&real).expect("lists");
    let files = names.iter().map(|name| (folder().join(name), std::fs::read(real.join(name)).expect("reads"))).collect();
    Written { records, files, last_append }
}

impl Written {
    fn on_a_simulated_disk(&self) -> SimDisk {
        let disk = SimDisk::new(1);
        for (path, bytes) in &self.files {
            let file = disk.create(path).expect("creates");
            file.write_at(bytes, 0).expect("writes");
            file.sync().expect("syncs");
        }
        disk.sync_folder(&folder()).expect("syncs");
        disk
    }

    /// Every written position of the last 64 KiB of the stream, newest file last.
    fn last_positions(&self) -> Vec<(&Path, usize)> {
        let written = |bytes: &Vec<u8>| bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        let all = self.files.iter().flat_map(|(path, bytes)| (0..written(bytes)).map(|at| (path.as_path(), at)));
        let all: Vec<_> = all.collect();
        all[all.len() - LAST_BYTES..].to_vec()
    }
}

fn open(disk: &SimDisk) -> Result<(SegmentJournal, Vec<Vec<u8>>), JournalError> {
    let lock = DataLock::take(Path::new(DATA), Arc::new(disk.clone()))?;
    let journal = SegmentJournal::open(Stream::Trade, SEGMENTS, &lock)?;
    let mut records = Vec::new();
    journal.read(Offset(0), &mut |_, payload| {
        records.push(payload.to_vec());
        ControlFlow::Continue(())
    })?;
    Ok((journal, records))
}

/// Damages an image of the journal at every position, on all cores.
fn at_every_position(damage: impl Fn(&SimDisk, &Path, usize) + Sync, judge: impl Fn(&Written, &SimDisk, &Path, usize) + Sync) {
    let written = written();
    let (disk, positions, next) = (written.on_a_simulated_disk(), written.last_positions(), AtomicUsize::new(0));
    assert!(positions[0].0 != positions[LAST_BYTES - 1].0, "the end of an older segment is among them");
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(&(path, at)) = positions.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let image = disk.image();
                    damage(&image, path, at);
                    judge(&written, &image, path, at);
                }
            });
        }
    });
}

#[test]
fn cut_at_every_position_it_opens_to_the_last_whole_record() {
    let cut = |disk: &SimDisk, path: &Path, at: usize| {
        let file = disk.open(path).expect("opens");
        file.set_len(at as u64).expect("cuts");
        file.sync().expect("syncs");
    };
    at_every_position(cut, |written, image, path, at| {
        let is_last = written.files.keys().next_back().is_some_and(|last| last == path);
        match open(image) {
            Ok((journal, found)) => {
                let is_all = found.len() == written.records.len();
                assert!(is_last || is_all, "byte {at} of {}: an older segment without its end was taken for whole", path.display());
                let is_first_part = found.len() <= written.records.len() && found == written.records[..found.len()];
                assert!(is_first_part, "byte {at} of {}: a record that nobody wrote", path.display());
                let next_whole = written
                    .records
                    .get(found.len())
                    .filter(|_| is_last)
                    .is_some_and(|record| at >= end_of(written, path, found.len(), record));
                assert!(!next_whole, "byte {at}: record {} is whole, and was dropped", found.len());
                assert_eq!(journal.end().0 as usize, found.len(), "byte {at}");
            }
            Err(JournalError::Damaged { path: named, .. }) => {
                let is_header = at < 512;
                assert!((!is_last || is_header) && named == path, "byte {at} of {}: refused, naming {}", path.display(), named.display());
            }
            Err(error) => panic!("byte {at} of {}: {error}", path.display()),
        }
    });
}

/// Where in the segment `path` the record at `offset` ends, found by its bytes.
fn end_of(written: &Written, path: &Path, offset: usize, record: &[u8]) -> usize {
    let first: usize = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok()).expect("an offset");
    let frames = written.records[first..offset].iter().map(|record| (24 + record.len()).next_multiple_of(8)).sum::<usize>();
    512 + frames + 24 + record.len()
}

#[test]
fn flipped_at_every_position_nothing_wrong_is_served() {
    let flip = |disk: &SimDisk, path: &Path, at: usize| disk.flip_bit(path, at as u64, (at % 8) as u8).expect("is there");
    at_every_position(flip, |written, image, path, at| match open(image) {
        Ok((journal, found)) => {
            let is_first_part = found.len() <= written.records.len() && found == written.records[..found.len()];
            assert!(is_first_part, "byte {at} of {}: a record that nobody wrote", path.display());
            let is_cut = journal.recovery().cut.is_some() && found.len() >= written.last_append;
            assert!(found.len() == written.records.len() || is_cut, "byte {at} of {}: {} records and no word", path.display(), found.len());
        }
        Err(JournalError::Damaged { path: named, .. }) => {
            assert!(named.starts_with(folder()), "byte {at} of {}: names {}", path.display(), named.display());
        }
        Err(error) => panic!("byte {at} of {}: {error}", path.display()),
    });
}

#[test]
fn a_checkpoint_that_is_cut_or_flipped_anywhere_is_refused() {
    let shop = tempfile::tempdir().expect("a folder");
    let (good, bad) = (shop.path().join("trade.bin"), shop.path().join("bad.bin"));
    let mut state = State::new(trade::Options::default());
    for entry in (0..24).map(entry) {
        entry.events.iter().for_each(|event| trade::fold(&mut state, event, entry.at));
    }
    state.save(&good, Progress::default()).expect("saves");
    let bytes = std::fs::read(&good).expect("reads");
    let check = |bytes: &[u8], what: &str| {
        std::fs::write(&bad, bytes).expect("writes");
        if let Ok((loaded, progress)) = State::load(&bad, trade::Options::default()) {
            assert_eq!((loaded.hash(), progress), (state.hash(), Progress::default()), "{what}");
        }
    };
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        check(&flipped, &format!("byte {at} flipped"));
        check(&bytes[..at], &format!("cut at byte {at}"));
    }
}
