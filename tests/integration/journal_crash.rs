//! The journal on a disk that fails. Every case is seeded; a failure prints its seed.
//!
//! 1. Everything acknowledged as synced comes back after a crash at any operation, in order, and nothing that was never appended appears.
//! 2. The same after a kill that leaves the kernel's cache, and after both in turn.
//! 3. A synced append is one write and one sync, once its segment exists.
//! 4. A failed sync stops the journal for good; what it had acknowledged survives the next opening and crash, and what opening then shows is durable.
//! 5. Without space the journal stops or refuses, nothing acknowledged is lost, and it can be opened again.
//! 6. A flipped bit or a lost sector in acknowledged records is refused at opening or named by `verify`, with file and position; a torn tail is cut and reported.
//! 7. A missing, cut or exchanged segment is refused or named.
//! 8. Two processes cannot have one data folder; each opening has a greater epoch.
//! 9. Readers that follow a writer see a prefix of what it appended, at all times.

use shopkeeper::event::Stream;
use shopkeeper::id::Offset;
use shopkeeper::journal::disk::{Disk, RealDisk};
use shopkeeper::journal::sim::SimDisk;
use shopkeeper::journal::{AppendError, DataLock, Durability, Journal, JournalError, LockError, Options, SegmentJournal, verify};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const DATA: &str = "shop/data";
const SMALL: Options = Options { segment_bytes: 8_192 };

fn folder() -> PathBuf {
    Path::new(DATA).join("trade")
}

fn open(disk: &SimDisk) -> Result<SegmentJournal, JournalError> {
    let lock = DataLock::take(Path::new(DATA), Arc::new(disk.clone()))?;
    SegmentJournal::open(Stream::Trade, SMALL, &lock)
}

fn read_all(journal: &dyn Journal) -> Vec<Vec<u8>> {
    let mut seen = Vec::new();
    let end = journal.read(Offset(0), &mut |_, payload| {
        seen.push(payload.to_vec());
        ControlFlow::Continue(())
    });
    assert_eq!(end.expect("reads"), journal.end());
    seen
}

/// What must be true of one stream, whatever the disk does.
struct Model {
    disk: SimDisk,
    random: fastrand::Rng,
    seed: u64,
    /// Every record that may come back, in order.
    appended: Vec<Vec<u8>>,
    /// How many of them were acknowledged as durable.
    acknowledged: usize,
    made: u64,
    /// Whether some records are full of zeroes, which a missing sector looks like.
    zeroes: bool,
    /// Whether each record fills a sector, so that a crash loses whole records out of the middle of a batch.
    one_sector_each: bool,
}

impl Model {
    fn new(seed: u64) -> Self {
        let (disk, random) = (SimDisk::new(seed), fastrand::Rng::with_seed(!seed));
        Self { disk, random, seed, appended: Vec::new(), acknowledged: 0, made: 0, zeroes: true, one_sector_each: seed % 2 == 1 }
    }

    /// Records that are never the same twice, small or many sectors long, some full of zeroes.
    fn batch(&mut self) -> Vec<Vec<u8>> {
        let count = self.random.usize(1..6);
        (0..count)
            .map(|_| {
                self.made += 1;
                let len = match self.one_sector_each {
                    true => 512 - 24,
                    false if self.random.bool() => self.random.usize(8..60),
                    false => self.random.usize(8..3_000),
                };
                let mut record = self.made.to_le_bytes().to_vec();
                let filler = if self.zeroes && self.random.u8(..8) == 0 { 0 } else { self.random.u8(1..) };
                record.resize(len, filler);
                record
            })
            .collect()
    }

    /// Opens and checks properties 1 and 2; the stream found is what may come back from now on, and all of it is durable.
    fn open(&mut self) -> Result<SegmentJournal, JournalError> {
        let journal = open(&self.disk)?;
        let found = read_all(&journal);
        let seed = self.seed;
        assert!(found.len() >= self.acknowledged, "seed {seed}: {} of {} acknowledged records came back", found.len(), self.acknowledged);
        assert!(
            found.len() <= self.appended.len() && found == self.appended[..found.len()],
            "seed {seed}: not a prefix of what was appended"
        );
        self.appended = found;
        self.acknowledged = self.appended.len();
        Ok(journal)
    }

    /// Appends and syncs until the disk fails or `steps` are done.
    fn work(&mut self, journal: &mut SegmentJournal, steps: usize) {
        for _ in 0..steps {
            let batch = self.batch();
            let durability = if self.random.u8(..3) == 0 { Durability::Buffered } else { Durability::Synced };
            self.appended.extend(batch.iter().cloned());
            match journal.append(journal.end(), &batch, durability) {
                Ok(end) => assert_eq!(end.0 as usize, self.appended.len(), "seed {}", self.seed),
                Err(_) => return,
            }
            if durability == Durability::Synced || (self.random.bool() && journal.sync().is_ok()) {
                self.acknowledged = self.appended.len();
            }
        }
    }
}

#[test]
fn acknowledged_records_survive_a_crash_at_any_operation() {
    for seed in 0..300 {
        let mut model = Model::new(seed);
        for _ in 0..6 {
            let operations = model.random.u64(..60);
            model.disk.power_off_after(operations);
            if let Ok(mut journal) = model.open() {
                let steps_max = if model.random.bool() { 4 } else { 20 };
                let steps = model.random.usize(..steps_max);
                model.work(&mut journal, steps);
            }
            model.disk.crash();
        }
        let journal = model.open().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        drop(journal);
        let report = verify(&folder(), &model.disk).expect("reads");
        assert_eq!((report.broken, report.end.0 as usize), (vec![], model.appended.len()), "seed {seed}");
    }
}

#[test]
fn kills_failed_syncs_and_crashes_in_any_order_lose_nothing_acknowledged() {
    for seed in 1_000..1_200 {
        let mut model = Model::new(seed);
        for _ in 0..8 {
            if model.random.bool() {
                let syncs = model.random.u64(..12);
                model.disk.fail_sync_after(syncs);
            }
            if let Ok(mut journal) = model.open() {
                let steps = model.random.usize(..12);
                model.work(&mut journal, steps);
            }
            if model.random.bool() { model.disk.kill() } else { model.disk.crash() }
        }
        model.disk.crash();
        model.open().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
}

#[test]
fn a_synced_append_is_one_write_and_one_sync() {
    let disk = SimDisk::new(7);
    let mut journal = open(&disk).expect("opens");
    journal.append(Offset(0), &[vec![1; 10]], Durability::Synced).expect("appends");
    let before = (disk.writes_count(), disk.syncs_count());
    let batch = vec![vec![2; 50]; 40];
    journal.append(Offset(1), &batch, Durability::Synced).expect("appends");
    assert_eq!((disk.writes_count(), disk.syncs_count()), (before.0 + 1, before.1 + 1));
    journal.append(Offset(41), &[vec![3; 10]], Durability::Buffered).expect("appends");
    assert_eq!((disk.writes_count(), disk.syncs_count()), (before.0 + 2, before.1 + 1));
}

#[test]
fn a_failed_sync_stops_the_journal_for_good() {
    let disk = SimDisk::new(8);
    let mut journal = open(&disk).expect("opens");
    journal.append(Offset(0), &[vec![1; 10]], Durability::Synced).expect("appends");
    disk.fail_sync_after(0);
    assert!(matches!(journal.append(Offset(1), &[vec![2; 10]], Durability::Synced), Err(AppendError::Stopped(_))));
    let syncs_count = disk.syncs_count();
    for _ in 0..3 {
        assert!(matches!(journal.append(journal.end(), &[vec![3; 10]], Durability::Synced), Err(AppendError::Stopped(_))));
        assert!(matches!(journal.sync(), Err(AppendError::Stopped(_))));
    }
    assert_eq!(disk.syncs_count(), syncs_count, "never retried");
    assert_eq!(journal.reader().durable_end(), Offset(1));
    // The kernel still shows the second record although no disk holds it: opening makes it durable before showing it.
    disk.kill();
    assert_eq!(read_all(&open(&disk).expect("opens")), [vec![1; 10], vec![2; 10]]);
    disk.crash();
    assert_eq!(read_all(&open(&disk).expect("opens")), [vec![1; 10], vec![2; 10]]);
}

#[test]
fn a_full_disk_loses_nothing_acknowledged() {
    for seed in 2_000..2_100 {
        let mut model = Model::new(seed);
        let mut journal = model.open().expect("opens");
        let space = model.random.u64(..40_000);
        model.disk.limit_space(Some(space));
        model.work(&mut journal, 60);
        let refused = journal.append(journal.end(), &[vec![1; 40_000]], Durability::Synced).expect_err("there is no space");
        assert!(matches!(refused, AppendError::Stopped(_) | AppendError::Io { .. }), "{refused}");
        model.disk.limit_space(None);
        model.appended.push(vec![1; 40_000]);
        drop(journal);
        model.disk.crash();
        let mut journal = model.open().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        model.work(&mut journal, 3);
        assert!(model.acknowledged <= journal.reader().durable_end().0 as usize, "seed {seed}");
    }
}

/// A stream of several segments with distinct records, cleanly closed.
fn filled(seed: u64) -> (SimDisk, Vec<PathBuf>, usize) {
    let mut model = Model { zeroes: false, ..Model::new(seed) };
    let mut journal = model.open().expect("opens");
    while model.disk.list(&folder()).expect("lists").len() < 4 || model.appended.len() < 20 {
        model.work(&mut journal, 1);
    }
    journal.sync().expect("syncs");
    let paths = model.disk.list(&folder()).expect("lists").iter().map(|name| folder().join(name)).collect();
    drop(journal);
    (model.disk, paths, model.appended.len())
}

#[test]
fn a_flipped_bit_is_refused_or_named_with_its_place() {
    for seed in 3_000..3_150 {
        let (disk, paths, count) = filled(seed);
        let mut random = fastrand::Rng::with_seed(seed);
        let path = &paths[random.usize(..paths.len())];
        let is_last = path == &paths[paths.len() - 1];
        let written = disk.bytes_of(path).expect("is there").iter().rposition(|&byte| byte != 0).expect("is not empty");
        let at = random.u64(..=written as u64);
        disk.flip_bit(path, at, random.u8(..8)).expect("is there");
        let report = verify(&folder(), &disk).expect("reads");
        // Padding and the header's unused bytes carry nothing, but the chain covers the whole header.
        let named = report.broken.iter().any(|broken| broken.path == *path || is_last) || report.tail.is_some();
        let whole = report.records_count as usize == count;
        assert!(named || whole, "seed {seed}: byte {at} of {}: {report:?}", path.display());
        if let Ok(journal) = open(&disk) {
            // Only a record that nothing stands behind can be taken for a torn write, and that is reported.
            let cut = count - journal.end().0 as usize;
            assert!(cut == 0 || (cut == 1 && is_last && journal.recovery().cut.is_some()), "seed {seed}: {cut} records cut");
        }
    }
}

#[test]
fn an_acknowledged_sector_that_the_disk_lost_is_not_taken_for_a_torn_write() {
    let disk = SimDisk::new(5);
    let mut journal = open(&disk).expect("opens");
    for offset in 0..4 {
        journal.append(Offset(offset), &[vec![7; 512 - 24]], Durability::Synced).expect("appends");
    }
    drop(journal);
    disk.lose_sector(&folder().join("00000000000000000000.seg"), 2).expect("is there");
    assert!(matches!(open(&disk), Err(JournalError::Damaged { offset: Offset(1), .. })));
    assert_eq!(verify(&folder(), &disk).expect("reads").broken.len(), 1);
}

#[test]
fn damage_names_file_place_and_offset() {
    let disk = SimDisk::new(5);
    let mut journal = open(&disk).expect("opens");
    for offset in 0..4 {
        journal.append(Offset(offset), &[vec![7; 100]], Durability::Synced).expect("appends");
    }
    drop(journal);
    let path = folder().join("00000000000000000000.seg");
    // Each record takes 24 + 100 + 4 bytes after the header's 512.
    disk.flip_bit(&path, 512 + 128 + 50, 0).expect("is there");
    match open(&disk) {
        Err(JournalError::Damaged { path: named, at, offset, .. }) => assert_eq!((named, at, offset), (path, 512 + 128, Offset(1))),
        other => panic!("{:?}", other.map(|journal| journal.end())),
    }
}

#[test]
fn a_torn_tail_is_cut_and_reported() {
    let disk = SimDisk::new(6);
    let mut journal = open(&disk).expect("opens");
    journal.append(Offset(0), &[vec![7; 100], vec![8; 100]], Durability::Synced).expect("appends");
    drop(journal);
    let path = folder().join("00000000000000000000.seg");
    disk.flip_bit(&path, 512 + 128 + 100, 0).expect("is there");
    let journal = open(&disk).expect("opens");
    let cut = journal.recovery().cut.clone().expect("is reported");
    assert_eq!((cut.path, cut.at, cut.bytes, journal.end()), (path, 512 + 128, 124, Offset(1)));
    assert_eq!(read_all(&journal), [vec![7; 100]]);
}

#[test]
fn a_missing_or_exchanged_segment_is_refused_or_named() {
    let (disk, paths, _) = filled(11);
    disk.remove(&paths[1]).expect("removes");
    assert!(!verify(&folder(), &disk).expect("reads").broken.is_empty());
    let journal = open(&disk).expect("only the last segments are looked at");
    assert!(matches!(journal.read(Offset(0), &mut |_, _| ControlFlow::Continue(())), Err(JournalError::Damaged { .. })));
    drop(journal);
    let before_last = &paths[paths.len() - 2];
    disk.rename(&paths[0], before_last).expect("renames");
    assert!(matches!(open(&disk), Err(JournalError::Damaged { .. })));
}

#[test]
fn one_process_at_a_time_and_a_greater_epoch_each_time() {
    let disk = SimDisk::new(9);
    let mut last = 0;
    for round in 0..5 {
        let lock = DataLock::take(Path::new(DATA), Arc::new(disk.clone())).expect("is free");
        assert!(lock.epoch() > last);
        last = lock.epoch();
        let refused = DataLock::take(Path::new(DATA), Arc::new(disk.clone()));
        assert!(matches!(refused, Err(LockError::Taken { .. })));
        if round % 2 == 0 { disk.crash() } else { drop(lock) }
    }
}

#[test]
fn a_lost_epoch_file_does_not_bring_an_old_epoch_back() {
    let disk = SimDisk::new(10);
    for _ in 0..3 {
        drop(DataLock::take(Path::new(DATA), Arc::new(disk.clone())).expect("is free"));
    }
    open(&disk).expect("opens").append(Offset(0), &[vec![1]], Durability::Synced).expect("appends");
    disk.remove(&Path::new(DATA).join("EPOCH")).expect("removes");
    let lock = DataLock::take(Path::new(DATA), Arc::new(disk.clone())).expect("is free");
    assert_eq!(lock.epoch(), 1);
    SegmentJournal::open(Stream::Trade, SMALL, &lock).expect("opens");
    assert_eq!(lock.epoch(), 5);
}

#[test]
fn readers_that_follow_a_writer_see_a_prefix_at_all_times() {
    let folder = tempfile::tempdir().expect("a folder");
    let lock = DataLock::take(folder.path(), Arc::new(RealDisk)).expect("is free");
    let mut journal = SegmentJournal::open(Stream::Activity, SMALL, &lock).expect("opens");
    let reader = journal.reader();
    let total = 3_000_u64;
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut next = Offset(0);
            while next < Offset(total) {
                next = reader
                    .read(next, &mut |offset, payload| {
                        assert_eq!(payload[..8], offset.0.to_le_bytes());
                        ControlFlow::Continue(())
                    })
                    .expect("reads");
                std::thread::yield_now();
            }
        });
        let mut random = fastrand::Rng::with_seed(3);
        while journal.end() < Offset(total) {
            let count = random.u64(1..40).min(total - journal.end().0);
            let batch: Vec<Vec<u8>> = (0..count).map(|index| (journal.end().0 + index).to_le_bytes().repeat(random.usize(1..20))).collect();
            let durability = if random.bool() { Durability::Synced } else { Durability::Buffered };
            journal.append(journal.end(), &batch, durability).expect("appends");
        }
        journal.sync().expect("syncs");
    });
}
